-- Behaviour: contrast of successes and failures -------------------------

CREATE TYPE contrast;
COMMENT ON TYPE contrast IS
'Sequences with their outcome, reduced to what patterns need: text form "contrast:" and base64, portable and checked; read it with contrast_patterns and contrast_summary';

CREATE FUNCTION contrast_in(cstring)
RETURNS contrast
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION contrast_in(cstring) IS 'Text input of contrast';

CREATE FUNCTION contrast_out(contrast)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION contrast_out(contrast) IS 'Text output of contrast';

CREATE FUNCTION contrast_recv(internal)
RETURNS contrast
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION contrast_recv(internal) IS 'Binary input of contrast';

CREATE FUNCTION contrast_send(contrast)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION contrast_send(contrast) IS 'Binary output of contrast';

CREATE TYPE contrast (
    INPUT = contrast_in,
    OUTPUT = contrast_out,
    RECEIVE = contrast_recv,
    SEND = contrast_send,
    STORAGE = external
);

-- Gathering

CREATE FUNCTION contrast_trans(internal, event_sequence, boolean)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION contrast_trans(internal, event_sequence, boolean) IS
'Support of contrast_agg: adds a sequence with its outcome';

CREATE FUNCTION contrast_trans(internal, event_sequence, boolean, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_options_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION contrast_trans(internal, event_sequence, boolean, jsonb) IS
'Support of contrast_agg: adds a sequence with its outcome, with options';

CREATE FUNCTION contrast_trans(internal, event_sequence, boolean, text, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_cluster_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION contrast_trans(internal, event_sequence, boolean, text, jsonb) IS
'Support of contrast_agg: adds a sequence with its outcome and its cluster, with options';

CREATE FUNCTION contrast_rollup_trans(internal, contrast)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION contrast_rollup_trans(internal, contrast) IS
'Support of rollup: adds the sequences of a contrast';

CREATE FUNCTION contrast_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION contrast_combine(internal, internal) IS
'Support of contrast_agg and rollup: adds the sequences of a worker';

CREATE FUNCTION contrast_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION contrast_serial(internal) IS
'Support of contrast_agg and rollup: packs the sequences of a worker';

CREATE FUNCTION contrast_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION contrast_deserial(bytea, internal) IS
'Support of contrast_agg and rollup: unpacks the sequences of a worker';

CREATE FUNCTION contrast_final(internal)
RETURNS contrast
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION contrast_final(internal) IS
'Support of contrast_agg and rollup: sorts the sequences and packs them';

CREATE AGGREGATE contrast_agg(s event_sequence, success boolean)
(
    SFUNC = contrast_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = contrast_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = contrast_combine,
    SERIALFUNC = contrast_serial,
    DESERIALFUNC = contrast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE contrast_agg(event_sequence, boolean) IS
'Sequences, each with its outcome, to be searched for patterns that separate successes from failures; rows with a NULL are skipped';

CREATE AGGREGATE contrast_agg(s event_sequence, success boolean, options jsonb)
(
    SFUNC = contrast_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = contrast_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = contrast_combine,
    SERIALFUNC = contrast_serial,
    DESERIALFUNC = contrast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE contrast_agg(event_sequence, boolean, jsonb) IS
'The same with options: triples, min_support';

CREATE AGGREGATE contrast_agg(s event_sequence, success boolean, cluster text, options jsonb)
(
    SFUNC = contrast_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = contrast_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = contrast_combine,
    SERIALFUNC = contrast_serial,
    DESERIALFUNC = contrast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE contrast_agg(event_sequence, boolean, text, jsonb) IS
'The same for sequences that come in clusters, such as the calls of one representative; options: triples, min_support';

CREATE AGGREGATE rollup(c contrast)
(
    SFUNC = contrast_rollup_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = contrast_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = contrast_combine,
    SERIALFUNC = contrast_serial,
    DESERIALFUNC = contrast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(contrast) IS
'The sequences of several contrasts, as if they had been aggregated at once; their options must be equal';

-- Reading

CREATE FUNCTION contrast_summary(
    c contrast,
    OUT sequences bigint,
    OUT successes bigint,
    OUT failures bigint,
    OUT events bigint,
    OUT clusters bigint,
    OUT triples boolean
)
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_summary'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION contrast_summary(contrast) IS
'What a contrast holds: sequences, by outcome; different events; clusters, NULL without; whether triples are searched';

CREATE FUNCTION contrast_patterns(c contrast, options jsonb DEFAULT NULL)
RETURNS TABLE(
    pattern text[],
    expression text,
    kind text,
    success_with bigint,
    success_without bigint,
    failure_with bigint,
    failure_without bigint,
    odds_ratio float8,
    low float8,
    high float8,
    p_value float8,
    q_value float8,
    order_p_value float8,
    max_p float8,
    tested bigint
)
AS 'MODULE_PATHNAME', 'sales_intel_sequence_contrast_patterns'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1000000
ROWS 10000;
COMMENT ON FUNCTION contrast_patterns(contrast, jsonb) IS
'Every event, ordered pair and, if gathered for it, triple of a contrast: counts, odds ratio, p-value, false discovery rate among all tested, p-value of the order alone, family-wise p-value by permutation on request; options: outcome, permutations, seed, method, level';
