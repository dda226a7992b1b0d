-- Statistics: numbers of two groups, correlations, many tests --------------

CREATE TYPE two_sample;
COMMENT ON TYPE two_sample IS
'A number among successes and among failures: text form "two_sample:" and base64, portable and checked; read it with two_sample_test';

CREATE FUNCTION two_sample_in(cstring)
RETURNS two_sample
AS 'MODULE_PATHNAME', 'sales_intel_stats_two_sample_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION two_sample_in(cstring) IS 'Text input of two_sample';

CREATE FUNCTION two_sample_out(two_sample)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_stats_two_sample_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION two_sample_out(two_sample) IS 'Text output of two_sample';

CREATE FUNCTION two_sample_recv(internal)
RETURNS two_sample
AS 'MODULE_PATHNAME', 'sales_intel_stats_two_sample_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION two_sample_recv(internal) IS 'Binary input of two_sample';

CREATE FUNCTION two_sample_send(two_sample)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_two_sample_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION two_sample_send(two_sample) IS 'Binary output of two_sample';

CREATE TYPE two_sample (
    INPUT = two_sample_in,
    OUTPUT = two_sample_out,
    RECEIVE = two_sample_recv,
    SEND = two_sample_send,
    STORAGE = external
);

CREATE FUNCTION two_sample_trans(internal, value float8, success boolean)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_two_sample_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION two_sample_trans(internal, float8, boolean) IS
'Support of two_sample_agg: adds a row';

CREATE FUNCTION two_sample_trans(internal, value float8, success boolean, cluster text)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_two_sample_cluster_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION two_sample_trans(internal, float8, boolean, text) IS
'Support of two_sample_agg: adds a row';

CREATE FUNCTION two_sample_rollup_trans(internal, two_sample)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_two_sample_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION two_sample_rollup_trans(internal, two_sample) IS
'Support of rollup: adds a value';

CREATE FUNCTION two_sample_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION two_sample_combine(internal, internal) IS
'Support of two_sample_agg and rollup: adds what a worker gathered';

CREATE FUNCTION two_sample_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION two_sample_serial(internal) IS
'Support of two_sample_agg and rollup: packs what a worker gathered';

CREATE FUNCTION two_sample_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION two_sample_deserial(bytea, internal) IS
'Support of two_sample_agg and rollup: unpacks what a worker gathered';

CREATE FUNCTION two_sample_final(internal)
RETURNS two_sample
AS 'MODULE_PATHNAME', 'sales_intel_stats_two_sample_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION two_sample_final(internal) IS
'Support of two_sample_agg and rollup: the value';

CREATE AGGREGATE two_sample_agg(value float8, success boolean)
(
    SFUNC = two_sample_trans,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = two_sample_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = two_sample_combine,
    SERIALFUNC = two_sample_serial,
    DESERIALFUNC = two_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE two_sample_agg(float8, boolean) IS
'Gathers a number of successes and of failures, such as the seconds a representative spoke in won and in lost calls; rows with a NULL are skipped';

CREATE AGGREGATE two_sample_agg(value float8, success boolean, cluster text)
(
    SFUNC = two_sample_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = two_sample_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = two_sample_combine,
    SERIALFUNC = two_sample_serial,
    DESERIALFUNC = two_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE two_sample_agg(float8, boolean, text) IS
'Gathers a number of successes and of failures by cluster, such as the representative; rows with a NULL are skipped';

CREATE AGGREGATE rollup(part two_sample)
(
    SFUNC = two_sample_rollup_trans,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = two_sample_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = two_sample_combine,
    SERIALFUNC = two_sample_serial,
    DESERIALFUNC = two_sample_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(two_sample) IS
'All the rows behind several values';

CREATE FUNCTION two_sample_test(
    sample two_sample,
    level float8 DEFAULT 0.95,
    OUT mean_success float8,
    OUT mean_failure float8,
    OUT difference float8,
    OUT low float8,
    OUT high float8,
    OUT t_p float8,
    OUT rank_p float8,
    OUT effect_size float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_two_sample_test'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION two_sample_test(two_sample, float8) IS
'Difference of the means with its interval and p-value by Welch, p-value of the rank test of Wilcoxon, Mann and Whitney, and Cohen''s d; by the sandwich variance over clusters if there are any';

CREATE FUNCTION two_sample_summary(
    sample two_sample,
    OUT successes bigint,
    OUT failures bigint,
    OUT clusters bigint,
    OUT sd_success float8,
    OUT sd_failure float8,
    OUT larger float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_two_sample_summary'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION two_sample_summary(two_sample) IS
'Rows, clusters, standard deviations, and the chance that a success has the larger number, ties counting half';

-- Correlation

CREATE TYPE correlation;
COMMENT ON TYPE correlation IS
'Pairs of numbers: text form "correlation:" and base64, portable and checked; read it with correlation_test';

CREATE FUNCTION correlation_in(cstring)
RETURNS correlation
AS 'MODULE_PATHNAME', 'sales_intel_stats_correlation_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION correlation_in(cstring) IS 'Text input of correlation';

CREATE FUNCTION correlation_out(correlation)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_stats_correlation_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION correlation_out(correlation) IS 'Text output of correlation';

CREATE FUNCTION correlation_recv(internal)
RETURNS correlation
AS 'MODULE_PATHNAME', 'sales_intel_stats_correlation_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION correlation_recv(internal) IS 'Binary input of correlation';

CREATE FUNCTION correlation_send(correlation)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_correlation_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION correlation_send(correlation) IS
'Binary output of correlation';

CREATE TYPE correlation (
    INPUT = correlation_in,
    OUTPUT = correlation_out,
    RECEIVE = correlation_recv,
    SEND = correlation_send,
    STORAGE = external
);

CREATE FUNCTION correlation_trans(internal, x float8, y float8)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_correlation_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION correlation_trans(internal, float8, float8) IS
'Support of correlation_agg: adds a row';

CREATE FUNCTION correlation_rollup_trans(internal, correlation)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_correlation_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION correlation_rollup_trans(internal, correlation) IS
'Support of rollup: adds a value';

CREATE FUNCTION correlation_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION correlation_combine(internal, internal) IS
'Support of correlation_agg and rollup: adds what a worker gathered';

CREATE FUNCTION correlation_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION correlation_serial(internal) IS
'Support of correlation_agg and rollup: packs what a worker gathered';

CREATE FUNCTION correlation_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION correlation_deserial(bytea, internal) IS
'Support of correlation_agg and rollup: unpacks what a worker gathered';

CREATE FUNCTION correlation_final(internal)
RETURNS correlation
AS 'MODULE_PATHNAME', 'sales_intel_stats_correlation_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION correlation_final(internal) IS
'Support of correlation_agg and rollup: the value';

CREATE AGGREGATE correlation_agg(x float8, y float8)
(
    SFUNC = correlation_trans,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = correlation_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = correlation_combine,
    SERIALFUNC = correlation_serial,
    DESERIALFUNC = correlation_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE correlation_agg(float8, float8) IS
'Gathers pairs of numbers; rows with a NULL are skipped';

CREATE AGGREGATE rollup(part correlation)
(
    SFUNC = correlation_rollup_trans,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = correlation_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = correlation_combine,
    SERIALFUNC = correlation_serial,
    DESERIALFUNC = correlation_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(correlation) IS
'All the rows behind several values';

CREATE FUNCTION correlation_test(
    pairs correlation,
    method text DEFAULT 'pearson',
    level float8 DEFAULT 0.95,
    OUT r float8,
    OUT low float8,
    OUT high float8,
    OUT p_value float8,
    OUT n bigint
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_correlation_test'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION correlation_test(correlation, text, float8) IS
'Correlation of Pearson, or of Spearman (of ranks), with its interval and p-value';

-- Many tests

CREATE FUNCTION adjust_p_values(p float8[], method text)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_stats_adjust_p_values'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION adjust_p_values(float8[], text) IS
'p-values adjusted for their number by bonferroni, holm, bh or by, in their places; NULLs stay and do not count';
