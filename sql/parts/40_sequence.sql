-- Behaviour: sequences of events -----------------------------------------

CREATE TYPE event_sequence;
COMMENT ON TYPE event_sequence IS
'The events of one entity in order: text form "event_sequence:" and base64, portable and checked; read it with events and times';

CREATE FUNCTION event_sequence_in(cstring)
RETURNS event_sequence
AS 'MODULE_PATHNAME', 'sales_intel_sequence_event_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION event_sequence_in(cstring) IS 'Text input of event_sequence';

CREATE FUNCTION event_sequence_out(event_sequence)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_sequence_event_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION event_sequence_out(event_sequence) IS 'Text output of event_sequence';

CREATE FUNCTION event_sequence_recv(internal)
RETURNS event_sequence
AS 'MODULE_PATHNAME', 'sales_intel_sequence_event_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION event_sequence_recv(internal) IS 'Binary input of event_sequence';

CREATE FUNCTION event_sequence_send(event_sequence)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_event_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION event_sequence_send(event_sequence) IS 'Binary output of event_sequence';

CREATE TYPE event_sequence (
    INPUT = event_sequence_in,
    OUTPUT = event_sequence_out,
    RECEIVE = event_sequence_recv,
    SEND = event_sequence_send,
    STORAGE = external
);

-- Gathering

CREATE FUNCTION sequence_trans(internal, timestamptz, text)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION sequence_trans(internal, timestamptz, text) IS
'Support of sequence_agg: collects an event';

CREATE FUNCTION sequence_trans(internal, timestamptz, text, bigint)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_tiebreak_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION sequence_trans(internal, timestamptz, text, bigint) IS
'Support of sequence_agg: collects an event with its tie-break';

CREATE FUNCTION sequence_rollup_trans(internal, event_sequence)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_rollup_trans(internal, event_sequence) IS
'Support of rollup: adds the events of a sequence';

CREATE FUNCTION sequence_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_combine(internal, internal) IS
'Support of sequence_agg and rollup: adds the events of a worker';

CREATE FUNCTION sequence_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION sequence_serial(internal) IS
'Support of sequence_agg and rollup: packs the events of a worker';

CREATE FUNCTION sequence_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION sequence_deserial(bytea, internal) IS
'Support of sequence_agg and rollup: unpacks the events of a worker';

CREATE FUNCTION sequence_final(internal)
RETURNS event_sequence
AS 'MODULE_PATHNAME', 'sales_intel_sequence_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION sequence_final(internal) IS
'Support of sequence_agg and rollup: sorts the events and packs them';

-- The final function sorts the state, which changes nothing that a later row
-- could see: READ_ONLY, so that all work as running windows.
CREATE AGGREGATE sequence_agg(at timestamptz, event text)
(
    SFUNC = sequence_trans,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = sequence_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = sequence_combine,
    SERIALFUNC = sequence_serial,
    DESERIALFUNC = sequence_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_agg(timestamptz, text) IS
'The events of one entity, ordered by time, those of one time bytewise; rows without time or event are skipped';

CREATE AGGREGATE sequence_agg(at timestamptz, event text, tiebreak bigint)
(
    SFUNC = sequence_trans,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = sequence_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = sequence_combine,
    SERIALFUNC = sequence_serial,
    DESERIALFUNC = sequence_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE sequence_agg(timestamptz, text, bigint) IS
'The events of one entity, ordered by time and tie-break; rows without time or event are skipped';

CREATE AGGREGATE rollup(s event_sequence)
(
    SFUNC = sequence_rollup_trans,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = sequence_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = sequence_combine,
    SERIALFUNC = sequence_serial,
    DESERIALFUNC = sequence_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(event_sequence) IS
'The events of several sequences of one entity, as if they had been aggregated at once';

-- Reading

CREATE FUNCTION length(s event_sequence)
RETURNS bigint
AS 'MODULE_PATHNAME', 'sales_intel_sequence_event_length'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION length(event_sequence) IS
'How many events a sequence has';

CREATE FUNCTION events(s event_sequence)
RETURNS text[]
AS 'MODULE_PATHNAME', 'sales_intel_sequence_event_events'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION events(event_sequence) IS
'The events in order, by name';

CREATE FUNCTION times(s event_sequence)
RETURNS timestamptz[]
AS 'MODULE_PATHNAME', 'sales_intel_sequence_event_times'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION times(event_sequence) IS
'The times of the events, in order';

CREATE FUNCTION followed_within(
    s event_sequence,
    first text,
    next text,
    within interval,
    OUT occurrences bigint,
    OUT followed bigint
)
AS 'MODULE_PATHNAME', 'sales_intel_sequence_event_followed'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION followed_within(event_sequence, text, text, interval) IS
'How often the first event occurs, and how often the next one follows it within a time; a day is 24 hours';
