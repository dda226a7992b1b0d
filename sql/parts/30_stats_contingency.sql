-- Statistics: 2x2 tables ---------------------------------------------------

CREATE TYPE contingency;
COMMENT ON TYPE contingency IS
'Counts of exposure against outcome: text form "contingency:" and base64, portable and checked; read it with contingency_cells';

CREATE FUNCTION contingency_in(cstring)
RETURNS contingency
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION contingency_in(cstring) IS 'Text input of contingency';

CREATE FUNCTION contingency_out(contingency)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION contingency_out(contingency) IS 'Text output of contingency';

CREATE FUNCTION contingency_recv(internal)
RETURNS contingency
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION contingency_recv(internal) IS 'Binary input of contingency';

CREATE FUNCTION contingency_send(contingency)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION contingency_send(contingency) IS
'Binary output of contingency';

CREATE TYPE contingency (
    INPUT = contingency_in,
    OUTPUT = contingency_out,
    RECEIVE = contingency_recv,
    SEND = contingency_send,
    STORAGE = external
);

CREATE FUNCTION contingency(a bigint, b bigint, c bigint, d bigint)
RETURNS contingency
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION contingency(bigint, bigint, bigint, bigint) IS
'A table from its counts: a and b are exposed, with and without the outcome; c and d are not exposed, with and without';

CREATE FUNCTION contingency_trans(internal, exposed boolean, outcome boolean)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION contingency_trans(internal, boolean, boolean) IS
'Support of contingency_agg: adds a row';

CREATE FUNCTION contingency_rollup_trans(internal, contingency)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION contingency_rollup_trans(internal, contingency) IS
'Support of rollup: adds a value';

CREATE FUNCTION contingency_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION contingency_combine(internal, internal) IS
'Support of contingency_agg and rollup: adds what a worker gathered';

CREATE FUNCTION contingency_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION contingency_serial(internal) IS
'Support of contingency_agg and rollup: packs what a worker gathered';

CREATE FUNCTION contingency_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION contingency_deserial(bytea, internal) IS
'Support of contingency_agg and rollup: unpacks what a worker gathered';

CREATE FUNCTION contingency_final(internal)
RETURNS contingency
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION contingency_final(internal) IS
'Support of contingency_agg and rollup: the value';

CREATE AGGREGATE contingency_agg(exposed boolean, outcome boolean)
(
    SFUNC = contingency_trans,
    STYPE = internal,
    SSPACE = 64,
    FINALFUNC = contingency_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = contingency_combine,
    SERIALFUNC = contingency_serial,
    DESERIALFUNC = contingency_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE contingency_agg(boolean, boolean) IS
'Counts rows by exposure (such as a behaviour seen) and outcome (such as a deal won); rows with a NULL are skipped';

CREATE AGGREGATE rollup(part contingency)
(
    SFUNC = contingency_rollup_trans,
    STYPE = internal,
    SSPACE = 64,
    FINALFUNC = contingency_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = contingency_combine,
    SERIALFUNC = contingency_serial,
    DESERIALFUNC = contingency_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(contingency) IS
'The counts of all the rows behind several tables';

-- Accessors

CREATE FUNCTION contingency_cells(
    counts contingency,
    OUT a bigint,
    OUT b bigint,
    OUT c bigint,
    OUT d bigint
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_contingency_cells'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION contingency_cells(contingency) IS
'The counts: a and b are exposed, with and without the outcome; c and d are not exposed, with and without';

CREATE FUNCTION odds_ratio(counts contingency)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_odds_ratio'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION odds_ratio(contingency) IS
'Sample odds ratio a d / (b c): 0 or Infinity with a zero cell, NULL if nothing can be compared';

CREATE FUNCTION odds_ratio_cmle(counts contingency)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_odds_ratio_cmle'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 2000;
COMMENT ON FUNCTION odds_ratio_cmle(contingency) IS
'Conditional maximum-likelihood odds ratio, as of fisher.test in R';

CREATE FUNCTION odds_ratio_interval(
    counts contingency,
    level float8 DEFAULT 0.95,
    OUT low float8,
    OUT high float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_odds_ratio_interval'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION odds_ratio_interval(contingency, float8) IS
'Wald interval of the odds ratio, on its logarithm; a half is added to each cell if one is zero (Haldane)';

CREATE FUNCTION odds_ratio_exact_interval(
    counts contingency,
    level float8 DEFAULT 0.95,
    OUT low float8,
    OUT high float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_odds_ratio_exact_interval'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5000;
COMMENT ON FUNCTION odds_ratio_exact_interval(contingency, float8) IS
'Exact interval of the odds ratio: those that Fisher''s test, on one side, would not reject at half the error';

CREATE FUNCTION fisher_p(counts contingency)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_fisher_p'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 500;
COMMENT ON FUNCTION fisher_p(contingency) IS
'Two-sided p-value of Fisher''s exact test: the tables, margins given, at most as likely as this one';

CREATE FUNCTION chi_square(
    counts contingency,
    yates boolean DEFAULT false,
    OUT statistic float8,
    OUT p_value float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_chi_square'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION chi_square(contingency, boolean) IS
'Pearson''s chi-square test with one degree of freedom, on request with the continuity correction of Yates';

CREATE FUNCTION risk_difference(counts contingency)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_risk_difference'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION risk_difference(contingency) IS
'Share with the outcome among the exposed, less that among the others';

CREATE FUNCTION relative_risk(counts contingency)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_relative_risk'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION relative_risk(contingency) IS
'Share with the outcome among the exposed, over that among the others';

-- A share

CREATE FUNCTION rate_interval(
    followed float8,
    occurrences float8,
    level float8 DEFAULT 0.95,
    OUT low float8,
    OUT high float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_rate_interval'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION rate_interval(float8, float8, float8) IS
'Wilson interval of the share followed / occurrences; NULL without occurrences';
