-- Statistics: 2x2 tables of clusters and of strata -------------------------

CREATE TYPE clustered_contingency;
COMMENT ON TYPE clustered_contingency IS
'Counts of exposure against outcome by cluster: text form "clustered_contingency:" and base64, portable and checked; read it with clustered_cells';

CREATE FUNCTION clustered_contingency_in(cstring)
RETURNS clustered_contingency
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION clustered_contingency_in(cstring) IS
'Text input of clustered_contingency';

CREATE FUNCTION clustered_contingency_out(clustered_contingency)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION clustered_contingency_out(clustered_contingency) IS
'Text output of clustered_contingency';

CREATE FUNCTION clustered_contingency_recv(internal)
RETURNS clustered_contingency
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION clustered_contingency_recv(internal) IS
'Binary input of clustered_contingency';

CREATE FUNCTION clustered_contingency_send(clustered_contingency)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION clustered_contingency_send(clustered_contingency) IS
'Binary output of clustered_contingency';

CREATE TYPE clustered_contingency (
    INPUT = clustered_contingency_in,
    OUTPUT = clustered_contingency_out,
    RECEIVE = clustered_contingency_recv,
    SEND = clustered_contingency_send,
    STORAGE = external
);

CREATE FUNCTION clustered_trans(internal, exposed boolean, outcome boolean, cluster text)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION clustered_trans(internal, boolean, boolean, text) IS
'Support of contingency_agg: adds a row';

CREATE FUNCTION clustered_rollup_trans(internal, clustered_contingency)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION clustered_rollup_trans(internal, clustered_contingency) IS
'Support of rollup: adds a value';

CREATE FUNCTION clustered_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_keyed_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION clustered_combine(internal, internal) IS
'Support of contingency_agg and rollup: adds what a worker gathered';

CREATE FUNCTION clustered_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION clustered_serial(internal) IS
'Support of contingency_agg and rollup: packs what a worker gathered';

CREATE FUNCTION clustered_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION clustered_deserial(bytea, internal) IS
'Support of contingency_agg and rollup: unpacks what a worker gathered';

CREATE FUNCTION clustered_final(internal)
RETURNS clustered_contingency
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION clustered_final(internal) IS
'Support of contingency_agg and rollup: the value';

CREATE AGGREGATE contingency_agg(exposed boolean, outcome boolean, cluster text)
(
    SFUNC = clustered_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = clustered_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = clustered_combine,
    SERIALFUNC = clustered_serial,
    DESERIALFUNC = clustered_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE contingency_agg(boolean, boolean, text) IS
'Counts rows by exposure, outcome and cluster, such as the representative whose calls they are; rows with a NULL are skipped';

CREATE AGGREGATE rollup(part clustered_contingency)
(
    SFUNC = clustered_rollup_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = clustered_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = clustered_combine,
    SERIALFUNC = clustered_serial,
    DESERIALFUNC = clustered_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(clustered_contingency) IS
'The counts of all the rows behind several values; a cluster may appear in more than one';

CREATE FUNCTION clustered_cells(
    counts clustered_contingency,
    OUT a bigint,
    OUT b bigint,
    OUT c bigint,
    OUT d bigint,
    OUT clusters bigint,
    OUT design_effect float8,
    OUT effective_a bigint,
    OUT effective_b bigint,
    OUT effective_c bigint,
    OUT effective_d bigint
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_cells'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION clustered_cells(clustered_contingency) IS
'The counts, the number of clusters, how much more the log odds ratio varies than with independent rows, and the counts of independent rows that would say as much';

CREATE FUNCTION odds_ratio(counts clustered_contingency)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_odds_ratio'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION odds_ratio(clustered_contingency) IS
'Sample odds ratio of all rows';

CREATE FUNCTION odds_ratio_cmle(counts clustered_contingency)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_odds_ratio_cmle'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 2000;
COMMENT ON FUNCTION odds_ratio_cmle(clustered_contingency) IS
'Conditional maximum-likelihood odds ratio of all rows';

CREATE FUNCTION odds_ratio_interval(
    counts clustered_contingency,
    level float8 DEFAULT 0.95,
    OUT low float8,
    OUT high float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_odds_ratio_interval'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION odds_ratio_interval(clustered_contingency, float8) IS
'Interval of the odds ratio by the sandwich variance over clusters and Student''s distribution; NULL with fewer than two clusters or a zero cell';

CREATE FUNCTION odds_ratio_exact_interval(
    counts clustered_contingency,
    level float8 DEFAULT 0.95,
    OUT low float8,
    OUT high float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_odds_ratio_exact_interval'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5000;
COMMENT ON FUNCTION odds_ratio_exact_interval(clustered_contingency, float8) IS
'Exact interval of the effective counts (see clustered_cells), where clusters leave few of them';

CREATE FUNCTION odds_ratio_p(counts clustered_contingency)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_clustered_odds_ratio_p'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION odds_ratio_p(clustered_contingency) IS
'Two-sided p-value of an odds ratio of 1, by the sandwich variance over clusters and Student''s distribution';

-- Strata

CREATE TYPE stratified_contingency;
COMMENT ON TYPE stratified_contingency IS
'Counts of exposure against outcome by stratum: text form "stratified_contingency:" and base64, portable and checked; read it with strata';

CREATE FUNCTION stratified_contingency_in(cstring)
RETURNS stratified_contingency
AS 'MODULE_PATHNAME', 'sales_intel_stats_stratified_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION stratified_contingency_in(cstring) IS
'Text input of stratified_contingency';

CREATE FUNCTION stratified_contingency_out(stratified_contingency)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_stats_stratified_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION stratified_contingency_out(stratified_contingency) IS
'Text output of stratified_contingency';

CREATE FUNCTION stratified_contingency_recv(internal)
RETURNS stratified_contingency
AS 'MODULE_PATHNAME', 'sales_intel_stats_stratified_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION stratified_contingency_recv(internal) IS
'Binary input of stratified_contingency';

CREATE FUNCTION stratified_contingency_send(stratified_contingency)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_stratified_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION stratified_contingency_send(stratified_contingency) IS
'Binary output of stratified_contingency';

CREATE TYPE stratified_contingency (
    INPUT = stratified_contingency_in,
    OUTPUT = stratified_contingency_out,
    RECEIVE = stratified_contingency_recv,
    SEND = stratified_contingency_send,
    STORAGE = external
);

CREATE FUNCTION stratified_trans(internal, stratum text, exposed boolean, outcome boolean)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_stratified_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION stratified_trans(internal, text, boolean, boolean) IS
'Support of stratified_agg: adds a row';

CREATE FUNCTION stratified_rollup_trans(internal, stratified_contingency)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_stratified_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION stratified_rollup_trans(internal, stratified_contingency) IS
'Support of rollup: adds a value';

CREATE FUNCTION stratified_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_keyed_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION stratified_combine(internal, internal) IS
'Support of stratified_agg and rollup: adds what a worker gathered';

CREATE FUNCTION stratified_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_stratified_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION stratified_serial(internal) IS
'Support of stratified_agg and rollup: packs what a worker gathered';

CREATE FUNCTION stratified_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_stratified_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION stratified_deserial(bytea, internal) IS
'Support of stratified_agg and rollup: unpacks what a worker gathered';

CREATE FUNCTION stratified_final(internal)
RETURNS stratified_contingency
AS 'MODULE_PATHNAME', 'sales_intel_stats_stratified_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION stratified_final(internal) IS
'Support of stratified_agg and rollup: the value';

CREATE AGGREGATE stratified_agg(stratum text, exposed boolean, outcome boolean)
(
    SFUNC = stratified_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = stratified_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = stratified_combine,
    SERIALFUNC = stratified_serial,
    DESERIALFUNC = stratified_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE stratified_agg(text, boolean, boolean) IS
'Counts rows by stratum (such as a segment), exposure and outcome; rows with a NULL are skipped';

CREATE AGGREGATE rollup(part stratified_contingency)
(
    SFUNC = stratified_rollup_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = stratified_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = stratified_combine,
    SERIALFUNC = stratified_serial,
    DESERIALFUNC = stratified_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(stratified_contingency) IS
'The counts of all the rows behind several values; a stratum may appear in more than one';

CREATE FUNCTION mantel_haenszel(
    counts stratified_contingency,
    level float8 DEFAULT 0.95,
    correct boolean DEFAULT true,
    OUT odds_ratio float8,
    OUT low float8,
    OUT high float8,
    OUT statistic float8,
    OUT p_value float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_mantel_haenszel'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION mantel_haenszel(stratified_contingency, float8, boolean) IS
'Common odds ratio of Mantel and Haenszel, its interval by Robins, Breslow and Greenland, and the Cochran-Mantel-Haenszel test, unless asked not to with continuity correction';

CREATE FUNCTION breslow_day(
    counts stratified_contingency,
    OUT statistic float8,
    OUT df float8,
    OUT p_value float8,
    OUT tarone_statistic float8,
    OUT tarone_p float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_breslow_day'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION breslow_day(stratified_contingency) IS
'Whether the odds ratio is the same in all strata: the test of Breslow and Day, and with the adjustment of Tarone';

CREATE FUNCTION strata(counts stratified_contingency, level float8 DEFAULT 0.95)
RETURNS TABLE(
    stratum text,
    a bigint,
    b bigint,
    c bigint,
    d bigint,
    odds_ratio float8,
    low float8,
    high float8,
    p_value float8,
    verdict text
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_strata'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000
ROWS 10;
COMMENT ON FUNCTION strata(stratified_contingency, float8) IS
'Each stratum with its odds ratio, Wald interval, Fisher''s p-value, and whether the common effect holds there: holds, reversed, no evidence, too few';
