-- Behaviour: funnels ---------------------------------------------------

CREATE TYPE funnel;
COMMENT ON TYPE funnel IS
'How far one entity got in a funnel: text form "funnel:" and base64, portable and checked; read it with funnel_level and funnel_times';

CREATE FUNCTION funnel_in(cstring)
RETURNS funnel
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION funnel_in(cstring) IS 'Text input of funnel';

CREATE FUNCTION funnel_out(funnel)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION funnel_out(funnel) IS 'Text output of funnel';

CREATE FUNCTION funnel_recv(internal)
RETURNS funnel
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION funnel_recv(internal) IS 'Binary input of funnel';

CREATE FUNCTION funnel_send(funnel)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION funnel_send(funnel) IS 'Binary output of funnel';

CREATE TYPE funnel (
    INPUT = funnel_in,
    OUTPUT = funnel_out,
    RECEIVE = funnel_recv,
    SEND = funnel_send,
    STORAGE = external
);

-- Of a sequence

CREATE FUNCTION funnel(s event_sequence, steps text[], within interval)
RETURNS funnel
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_of'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION funnel(event_sequence, text[], interval) IS
'Follows a sequence through steps, each at most so long after the first; a day is 24 hours';

CREATE FUNCTION funnel(s event_sequence, steps text[], within interval, mode text)
RETURNS funnel
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_of'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION funnel(event_sequence, text[], interval, text) IS
'Follows a sequence through steps, each at most so long after the first; a day is 24 hours; modes: default, strict_order, strict_deduplication, strict_increase, strict_once, allow_reentry, joined by commas';

-- Of rows

CREATE FUNCTION funnel_trans(internal, timestamptz, text, text[], interval)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION funnel_trans(internal, timestamptz, text, text[], interval) IS
'Support of funnel_agg: collects an event';

CREATE FUNCTION funnel_trans(internal, timestamptz, text, text[], interval, text)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION funnel_trans(internal, timestamptz, text, text[], interval, text) IS
'Support of funnel_agg: collects an event';

CREATE FUNCTION funnel_mask_trans(internal, timestamptz, bigint, integer, interval)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_mask_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION funnel_mask_trans(internal, timestamptz, bigint, integer, interval) IS
'Support of funnel_mask_agg: collects a row';

CREATE FUNCTION funnel_mask_trans(internal, timestamptz, bigint, integer, interval, text)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_mask_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION funnel_mask_trans(internal, timestamptz, bigint, integer, interval, text) IS
'Support of funnel_mask_agg: collects a row';

CREATE FUNCTION funnel_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION funnel_combine(internal, internal) IS
'Support of funnel_agg and funnel_mask_agg: adds the rows of a worker';

CREATE FUNCTION funnel_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION funnel_serial(internal) IS
'Support of funnel_agg and funnel_mask_agg: packs the rows of a worker';

CREATE FUNCTION funnel_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION funnel_deserial(bytea, internal) IS
'Support of funnel_agg and funnel_mask_agg: unpacks the rows of a worker';

CREATE FUNCTION funnel_final(internal)
RETURNS funnel
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION funnel_final(internal) IS
'Support of funnel_agg and funnel_mask_agg: sorts the rows and follows them through the steps';

-- The final function sorts the state, which changes nothing that a later row
-- could see: READ_ONLY, so that all work as running windows.
CREATE AGGREGATE funnel_agg(at timestamptz, event text, steps text[], within interval)
(
    SFUNC = funnel_trans,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = funnel_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = funnel_combine,
    SERIALFUNC = funnel_serial,
    DESERIALFUNC = funnel_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_agg(timestamptz, text, text[], interval) IS
'How far one entity gets through steps, each at most so long after the first; rows without time or event are skipped, a day is 24 hours';

CREATE AGGREGATE funnel_agg(at timestamptz, event text, steps text[], within interval, mode text)
(
    SFUNC = funnel_trans,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = funnel_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = funnel_combine,
    SERIALFUNC = funnel_serial,
    DESERIALFUNC = funnel_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_agg(timestamptz, text, text[], interval, text) IS
'How far one entity gets through steps, each at most so long after the first; rows without time or event are skipped, a day is 24 hours; modes as of funnel';

CREATE AGGREGATE funnel_mask_agg(at timestamptz, step_mask bigint, step_count integer, within interval)
(
    SFUNC = funnel_mask_trans,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = funnel_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = funnel_combine,
    SERIALFUNC = funnel_serial,
    DESERIALFUNC = funnel_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_mask_agg(timestamptz, bigint, integer, interval) IS
'funnel_agg for arbitrary conditions: bit i of the mask is set when the row satisfies step i + 1, several may be';

CREATE AGGREGATE funnel_mask_agg(at timestamptz, step_mask bigint, step_count integer, within interval, mode text)
(
    SFUNC = funnel_mask_trans,
    STYPE = internal,
    SSPACE = 1024,
    FINALFUNC = funnel_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = funnel_combine,
    SERIALFUNC = funnel_serial,
    DESERIALFUNC = funnel_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_mask_agg(timestamptz, bigint, integer, interval, text) IS
'funnel_agg for arbitrary conditions: bit i of the mask is set when the row satisfies step i + 1, several may be; modes as of funnel';

-- Reading

CREATE FUNCTION funnel_level(f funnel)
RETURNS integer
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_level'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION funnel_level(funnel) IS
'How many steps were reached, from 0';

CREATE FUNCTION funnel_times(f funnel)
RETURNS timestamptz[]
AS 'MODULE_PATHNAME', 'sales_intel_sequence_funnel_times'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION funnel_times(funnel) IS
'The times of the deepest chain of steps, of several the one with the earliest start, then second step, and so on';

-- Summed up over entities

CREATE TYPE funnel_summary;
COMMENT ON TYPE funnel_summary IS
'How far many entities got in a funnel, and how long each step took: text form "funnel_summary:" and base64, portable and checked; read it with funnel_report';

CREATE FUNCTION funnel_summary_in(cstring)
RETURNS funnel_summary
AS 'MODULE_PATHNAME', 'sales_intel_sequence_summary_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION funnel_summary_in(cstring) IS 'Text input of funnel_summary';

CREATE FUNCTION funnel_summary_out(funnel_summary)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_sequence_summary_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION funnel_summary_out(funnel_summary) IS 'Text output of funnel_summary';

CREATE FUNCTION funnel_summary_recv(internal)
RETURNS funnel_summary
AS 'MODULE_PATHNAME', 'sales_intel_sequence_summary_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION funnel_summary_recv(internal) IS 'Binary input of funnel_summary';

CREATE FUNCTION funnel_summary_send(funnel_summary)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_summary_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION funnel_summary_send(funnel_summary) IS 'Binary output of funnel_summary';

CREATE TYPE funnel_summary (
    INPUT = funnel_summary_in,
    OUTPUT = funnel_summary_out,
    RECEIVE = funnel_summary_recv,
    SEND = funnel_summary_send,
    STORAGE = external
);

CREATE FUNCTION funnel_rollup_trans(internal, funnel)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_rollup_funnel_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION funnel_rollup_trans(internal, funnel) IS
'Support of rollup: adds an entity';

CREATE FUNCTION funnel_summary_rollup_trans(internal, funnel_summary)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_rollup_summary_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION funnel_summary_rollup_trans(internal, funnel_summary) IS
'Support of rollup: adds the entities of a summary';

CREATE FUNCTION funnel_summary_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_summary_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION funnel_summary_combine(internal, internal) IS
'Support of rollup: adds the entities of a worker';

CREATE FUNCTION funnel_summary_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_summary_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION funnel_summary_serial(internal) IS
'Support of rollup: packs the entities of a worker';

CREATE FUNCTION funnel_summary_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_summary_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION funnel_summary_deserial(bytea, internal) IS
'Support of rollup: unpacks the entities of a worker';

CREATE FUNCTION funnel_summary_final(internal)
RETURNS funnel_summary
AS 'MODULE_PATHNAME', 'sales_intel_sequence_summary_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION funnel_summary_final(internal) IS
'Support of rollup: packs counts and waits';

CREATE AGGREGATE rollup(f funnel)
(
    SFUNC = funnel_rollup_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = funnel_summary_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = funnel_summary_combine,
    SERIALFUNC = funnel_summary_serial,
    DESERIALFUNC = funnel_summary_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(funnel) IS
'How far the entities behind several funnels of the same steps, window and mode got';

CREATE AGGREGATE rollup(fs funnel_summary)
(
    SFUNC = funnel_summary_rollup_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = funnel_summary_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = funnel_summary_combine,
    SERIALFUNC = funnel_summary_serial,
    DESERIALFUNC = funnel_summary_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(funnel_summary) IS
'The entities behind several summaries together; each entity must be in one of them only';

-- All entities in one state

CREATE FUNCTION funnel_keyed_trans(internal, text, timestamptz, text, text[], interval)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_keyed_text_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION funnel_keyed_trans(internal, text, timestamptz, text, text[], interval) IS
'Support of funnel_summary_agg: collects an event of an entity';

CREATE FUNCTION funnel_keyed_trans(internal, text, timestamptz, text, text[], interval, text)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_keyed_text_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION funnel_keyed_trans(internal, text, timestamptz, text, text[], interval, text) IS
'Support of funnel_summary_agg: collects an event of an entity';

CREATE FUNCTION funnel_keyed_trans(internal, bigint, timestamptz, text, text[], interval)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_keyed_bigint_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION funnel_keyed_trans(internal, bigint, timestamptz, text, text[], interval) IS
'Support of funnel_summary_agg: collects an event of an entity';

CREATE FUNCTION funnel_keyed_trans(internal, bigint, timestamptz, text, text[], interval, text)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_keyed_bigint_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION funnel_keyed_trans(internal, bigint, timestamptz, text, text[], interval, text) IS
'Support of funnel_summary_agg: collects an event of an entity';

CREATE FUNCTION funnel_keyed_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_keyed_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 2000;
COMMENT ON FUNCTION funnel_keyed_combine(internal, internal) IS
'Support of funnel_summary_agg: adds the events of a worker';

CREATE FUNCTION funnel_keyed_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_keyed_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000000000;
COMMENT ON FUNCTION funnel_keyed_serial(internal) IS
'Support of funnel_summary_agg: packs the events of a worker; its cost keeps the planner from shipping rows';

CREATE FUNCTION funnel_keyed_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_keyed_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 2000;
COMMENT ON FUNCTION funnel_keyed_deserial(bytea, internal) IS
'Support of funnel_summary_agg: unpacks the events of a worker';

CREATE FUNCTION funnel_keyed_final(internal)
RETURNS funnel_summary
AS 'MODULE_PATHNAME', 'sales_intel_sequence_keyed_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 2000;
COMMENT ON FUNCTION funnel_keyed_final(internal) IS
'Support of funnel_summary_agg: follows each entity through the steps';

CREATE AGGREGATE funnel_summary_agg(entity text, at timestamptz, event text, steps text[], within interval)
(
    SFUNC = funnel_keyed_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = funnel_keyed_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = funnel_keyed_combine,
    SERIALFUNC = funnel_keyed_serial,
    DESERIALFUNC = funnel_keyed_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_summary_agg(text, timestamptz, text, text[], interval) IS
'How far entities get through steps, as rollup of the funnel_agg of each, without a group for each; rows without entity, time or event are skipped, a day is 24 hours';

CREATE AGGREGATE funnel_summary_agg(entity text, at timestamptz, event text, steps text[], within interval, mode text)
(
    SFUNC = funnel_keyed_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = funnel_keyed_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = funnel_keyed_combine,
    SERIALFUNC = funnel_keyed_serial,
    DESERIALFUNC = funnel_keyed_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_summary_agg(text, timestamptz, text, text[], interval, text) IS
'How far entities get through steps, as rollup of the funnel_agg of each, without a group for each; rows without entity, time or event are skipped, a day is 24 hours; modes as of funnel';

CREATE AGGREGATE funnel_summary_agg(entity bigint, at timestamptz, event text, steps text[], within interval)
(
    SFUNC = funnel_keyed_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = funnel_keyed_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = funnel_keyed_combine,
    SERIALFUNC = funnel_keyed_serial,
    DESERIALFUNC = funnel_keyed_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_summary_agg(bigint, timestamptz, text, text[], interval) IS
'How far entities get through steps, as rollup of the funnel_agg of each, without a group for each; rows without entity, time or event are skipped, a day is 24 hours';

CREATE AGGREGATE funnel_summary_agg(entity bigint, at timestamptz, event text, steps text[], within interval, mode text)
(
    SFUNC = funnel_keyed_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = funnel_keyed_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = funnel_keyed_combine,
    SERIALFUNC = funnel_keyed_serial,
    DESERIALFUNC = funnel_keyed_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE funnel_summary_agg(bigint, timestamptz, text, text[], interval, text) IS
'How far entities get through steps, as rollup of the funnel_agg of each, without a group for each; rows without entity, time or event are skipped, a day is 24 hours; modes as of funnel';

CREATE FUNCTION funnel_report(fs funnel_summary)
RETURNS TABLE(
    step integer,
    name text,
    reached bigint,
    rate float8,
    low float8,
    high float8,
    step_rate float8,
    median_wait interval,
    p90_wait interval
)
AS 'MODULE_PATHNAME', 'sales_intel_sequence_summary_report'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 5;
COMMENT ON FUNCTION funnel_report(funnel_summary) IS
'For each step how many entities reached it, which share of those that entered that is with its 95% Wilson interval, which share of those at the step before, and how long they took from there';
