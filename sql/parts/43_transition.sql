-- Behaviour: transitions ----------------------------------------------

CREATE TYPE transition_matrix;
COMMENT ON TYPE transition_matrix IS
'How often events follow one another, and after which wait: text form "transition_matrix:" and base64, portable and checked; read it with transitions';

CREATE FUNCTION transition_matrix_in(cstring)
RETURNS transition_matrix
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION transition_matrix_in(cstring) IS
'Text input of transition_matrix';

CREATE FUNCTION transition_matrix_out(transition_matrix)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION transition_matrix_out(transition_matrix) IS
'Text output of transition_matrix';

CREATE FUNCTION transition_matrix_recv(internal)
RETURNS transition_matrix
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION transition_matrix_recv(internal) IS
'Binary input of transition_matrix';

CREATE FUNCTION transition_matrix_send(transition_matrix)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION transition_matrix_send(transition_matrix) IS
'Binary output of transition_matrix';

CREATE TYPE transition_matrix (
    INPUT = transition_matrix_in,
    OUTPUT = transition_matrix_out,
    RECEIVE = transition_matrix_recv,
    SEND = transition_matrix_send,
    STORAGE = external
);

CREATE FUNCTION transition_trans(internal, s event_sequence)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION transition_trans(internal, event_sequence) IS
'Support of transition_agg: adds a sequence';

CREATE FUNCTION transition_trans(internal, s event_sequence, value float8)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION transition_trans(internal, event_sequence, float8) IS
'Support of transition_agg: adds a sequence with its value';

CREATE FUNCTION transition_rollup_trans(internal, transition_matrix)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION transition_rollup_trans(internal, transition_matrix) IS
'Support of rollup: adds a value';

CREATE FUNCTION transition_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION transition_combine(internal, internal) IS
'Support of transition_agg and rollup: adds the transitions of a worker';

CREATE FUNCTION transition_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION transition_serial(internal) IS
'Support of transition_agg and rollup: packs the transitions of a worker';

CREATE FUNCTION transition_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION transition_deserial(bytea, internal) IS
'Support of transition_agg and rollup: unpacks the transitions of a worker';

CREATE FUNCTION transition_final(internal)
RETURNS transition_matrix
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION transition_final(internal) IS
'Support of transition_agg and rollup: packs the transitions';

CREATE AGGREGATE transition_agg(s event_sequence)
(
    SFUNC = transition_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = transition_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = transition_combine,
    SERIALFUNC = transition_serial,
    DESERIALFUNC = transition_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE transition_agg(event_sequence) IS
'Counts from which event to which sequences go, with start and end, and gathers the waits; NULL is skipped';

CREATE AGGREGATE transition_agg(s event_sequence, value float8)
(
    SFUNC = transition_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = transition_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = transition_combine,
    SERIALFUNC = transition_serial,
    DESERIALFUNC = transition_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE transition_agg(event_sequence, float8) IS
'The same, with the mean of a value over the sequences that make each transition; a sequence whose value is NULL counts without one';

CREATE AGGREGATE rollup(m transition_matrix)
(
    SFUNC = transition_rollup_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = transition_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = transition_combine,
    SERIALFUNC = transition_serial,
    DESERIALFUNC = transition_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(transition_matrix) IS
'The transitions behind several values together, as if they had been aggregated at once';

CREATE FUNCTION transition_keyed_trans(internal, entity text, at timestamptz, event text)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_text_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION transition_keyed_trans(internal, text, timestamptz, text) IS
'Support of transition_summary_agg: adds a row';

CREATE FUNCTION transition_keyed_trans(internal, entity bigint, at timestamptz, event text)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_bigint_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION transition_keyed_trans(internal, bigint, timestamptz, text) IS
'Support of transition_summary_agg: adds a row';

CREATE FUNCTION transition_keyed_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_keyed_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 2000;
COMMENT ON FUNCTION transition_keyed_combine(internal, internal) IS
'Support of transition_summary_agg: adds the events of a worker';

CREATE FUNCTION transition_keyed_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_keyed_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000000000;
COMMENT ON FUNCTION transition_keyed_serial(internal) IS
'Support of transition_summary_agg: packs the events of a worker; its cost keeps the planner from shipping rows';

CREATE FUNCTION transition_keyed_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_keyed_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 2000;
COMMENT ON FUNCTION transition_keyed_deserial(bytea, internal) IS
'Support of transition_summary_agg: unpacks the events of a worker';

CREATE FUNCTION transition_keyed_final(internal)
RETURNS transition_matrix
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_keyed_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 2000;
COMMENT ON FUNCTION transition_keyed_final(internal) IS
'Support of transition_summary_agg: puts each entity in order and packs its transitions';

CREATE AGGREGATE transition_summary_agg(entity text, at timestamptz, event text)
(
    SFUNC = transition_keyed_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = transition_keyed_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = transition_keyed_combine,
    SERIALFUNC = transition_keyed_serial,
    DESERIALFUNC = transition_keyed_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE transition_summary_agg(text, timestamptz, text) IS
'From which event to which entities go, as transition_agg of the sequence_agg of each, without a group for each; rows without entity, time or event are skipped';

CREATE AGGREGATE transition_summary_agg(entity bigint, at timestamptz, event text)
(
    SFUNC = transition_keyed_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = transition_keyed_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = transition_keyed_combine,
    SERIALFUNC = transition_keyed_serial,
    DESERIALFUNC = transition_keyed_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE transition_summary_agg(bigint, timestamptz, text) IS
'From which event to which entities go, as transition_agg of the sequence_agg of each, without a group for each; rows without entity, time or event are skipped';

CREATE FUNCTION transitions(m transition_matrix)
RETURNS TABLE(
    from_event text,
    to_event text,
    count bigint,
    probability float8,
    median_wait interval,
    mean_value float8
)
AS 'MODULE_PATHNAME', 'sales_intel_sequence_transition_table'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 100;
COMMENT ON FUNCTION transitions(transition_matrix) IS
'Each transition, from (start) and to (end) too: how often, with which probability where it begins, after which wait in the median, and the mean value of the sequences that make it';
