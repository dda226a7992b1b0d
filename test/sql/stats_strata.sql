-- clustered_contingency and stratified_contingency.
SET extra_float_digits = 1;
SET search_path = public, sales_intel;

-- Admission by sex in six departments at Berkeley, 1973 (UCBAdmissions in R):
-- no effect in common, but one in department A.
CREATE TABLE admission AS
SELECT department, male, admitted
FROM (VALUES ('A', true, 512, 313), ('A', false, 89, 19), ('B', true, 353, 207), ('B', false, 17, 8),
        ('C', true, 120, 205), ('C', false, 202, 391), ('D', true, 138, 279), ('D', false, 131, 244),
        ('E', true, 53, 138), ('E', false, 94, 299), ('F', true, 22, 351), ('F', false, 24, 317)) v(department, male, yes, no),
    LATERAL (SELECT true AS admitted FROM generate_series(1, yes) UNION ALL SELECT false FROM generate_series(1, no)) s;
CREATE TABLE berkeley AS SELECT stratified_agg(department, male, admitted) AS s FROM admission;

-- statsmodels 0.13.5, StratifiedTable; R 4.2.2, mantelhaen.test.
SELECT abs(odds_ratio / 0.90469682825862308 - 1) < 1e-12 AS odds_ratio, abs(low / 0.77190736175935049 - 1) < 1e-12 AS low,
    abs(high / 1.0603297644366556 - 1) < 1e-12 AS high, abs(statistic / 1.4269462285866883 - 1) < 1e-10 AS statistic,
    abs(p_value / 0.23226346281704827 - 1) < 1e-10 AS p
FROM berkeley, mantel_haenszel(s);
SELECT round(statistic::numeric, 7) AS uncorrected, round(p_value::numeric, 7) AS p
FROM berkeley, mantel_haenszel(s, 0.95, false);
SELECT abs(statistic / 18.825513705236514 - 1) < 1e-10 AS statistic, df, abs(p_value / 0.0020713903499175457 - 1) < 1e-10 AS p,
    abs(tarone_statistic / 18.82550125205323 - 1) < 1e-10 AS tarone, abs(tarone_p / 0.0020714013978808676 - 1) < 1e-10 AS tarone_p
FROM berkeley, breslow_day(s);
SELECT stratum, a, b, c, d, round(odds_ratio::numeric, 3) AS odds_ratio, round(low::numeric, 3) AS low,
    round(high::numeric, 3) AS high, round(p_value::numeric, 5) AS p, verdict
FROM berkeley, strata(s);
SELECT stratum, verdict FROM berkeley, strata(s, 0.7) WHERE verdict <> 'no evidence';

-- Verdicts: the common effect may be reversed, or a stratum be too small.
SELECT stratum, round(odds_ratio::numeric, 3) AS odds_ratio, verdict
FROM (SELECT stratified_agg(stratum, e, o) AS s
      FROM (VALUES ('education', 90, 30, 60, 90), ('government', 20, 40, 40, 20), ('small', 4, 0, 0, 4), ('flat', 50, 50, 50, 50),
              ('no others', 7, 9, 0, 0)) v(stratum, a, b, c, d),
          LATERAL (SELECT true AS e, true AS o FROM generate_series(1, a) UNION ALL SELECT true, false FROM generate_series(1, b)
              UNION ALL SELECT false, true FROM generate_series(1, c) UNION ALL SELECT false, false FROM generate_series(1, d)) r) x,
    strata(s);

-- Where strata cancel, neither holds.
SELECT stratum, odds_ratio, verdict, common
FROM (SELECT stratified_agg(s, e, e = (s = 'up') OR i > 40) AS s FROM (VALUES ('up'), ('down')) v(s), (VALUES (true), (false)) w(e), generate_series(1, 60) i) x,
    strata(s), LATERAL (SELECT (mantel_haenszel(s)).odds_ratio AS common) c;

-- Clusters: statsmodels 0.13.5, Logit(outcome, [1, exposed]) with
-- fit(cov_type = "cluster", use_t = True).
CREATE TABLE formula AS
SELECT i, 'rep ' || g AS rep, i * 37 % 11 < 5 AS exposed,
    (i * 53 + g * 17) % 19 < 6 + 4 * (i * 37 % 11 < 5)::integer + g % 5 AS outcome
FROM (SELECT i, (i * i * 7 + i) % 23 AS g FROM generate_series(1, 600) i) s;
CREATE TABLE clustered AS SELECT contingency_agg(exposed, outcome, rep) AS c FROM formula;
SELECT abs(odds_ratio(c) / (166 * 182 / (107 * 145.0)) - 1) < 1e-15 AS odds_ratio,
    abs(i.low / 1.5758591736811896 - 1) < 1e-12 AS low, abs(i.high / 2.4062347141190092 - 1) < 1e-12 AS high,
    abs(odds_ratio_p(c) / 2.4843163953137903e-05 - 1) < 1e-10 AS p,
    odds_ratio_cmle(c) = odds_ratio_cmle(contingency(166, 107, 145, 182)) AS cmle
FROM clustered, odds_ratio_interval(c) i;
SELECT a, b, c.c, d, clusters, round(design_effect::numeric, 6) AS design_effect, effective_a, effective_b, effective_c, effective_d,
    e = odds_ratio_exact_interval(contingency(effective_a, effective_b, effective_c, effective_d)) AS exact
FROM clustered AS x, clustered_cells(x.c) c, odds_ratio_exact_interval(x.c) e;

-- A single cluster, or a zero cell, leaves the interval unknown.
SELECT odds_ratio(c), odds_ratio_interval(c), odds_ratio_exact_interval(c), odds_ratio_p(c), clustered_cells(c)
FROM (SELECT contingency_agg(exposed, outcome, 'one') AS c FROM formula
      UNION ALL SELECT contingency_agg(exposed, outcome, rep) FILTER (WHERE exposed OR outcome) FROM formula) s;

-- So does a side that sits in one cluster, and clusters that are all alike; few clusters are few degrees of freedom.
SELECT k, odds_ratio(c), odds_ratio_interval(c), odds_ratio_exact_interval(c), odds_ratio_p(c), clustered_cells(c)
FROM (SELECT k, contingency_agg(g = 'anna', i <= CASE g WHEN 'anna' THEN 11 ELSE 9 END, g) AS c
      FROM (VALUES (1, 'anna'), (1, 'bert'), (2, 'anna'), (2, 'bert'), (2, 'carl')) v(k, g), generate_series(1, 20) i GROUP BY k
      UNION ALL SELECT 3, contingency_agg(i % 2 = 0, i % 5 = 0, g) FROM (VALUES ('anna'), ('bert')) v(g), generate_series(1, 20) i) s
ORDER BY k;
SELECT round(low::numeric, 2) AS low, round(high::numeric, 2) AS high, round(odds_ratio_p(c)::numeric, 3) AS p
FROM (SELECT contingency_agg(g < 2, i <= 9 + g * 7 % 5, g::text) AS c FROM generate_series(0, 19) g, generate_series(1, 20) i) s, odds_ratio_interval(c);

-- NULLs skip the row; order, workers and groups leave no trace.
SELECT clustered_cells(contingency_agg(e, o, k)), (SELECT count(*) FROM strata(stratified_agg(k, e, o))) AS strata
FROM (VALUES (true, NULL, 'a'), (NULL, true, 'a'), (true, true, NULL), (true, false, 'b')) v(e, o, k);
SELECT contingency_agg(e, NULL, 'a') IS NULL AS clusters, stratified_agg(NULL, e, e) IS NULL AS strata FROM (VALUES (true)) v(e);
CREATE TABLE serial AS
SELECT contingency_agg(exposed, outcome, rep) AS c, stratified_agg(rep, exposed, outcome) AS s,
    contingency_agg(exposed, outcome, i::text) AS many FROM formula;
SELECT count(DISTINCT c::text) AS clustered, count(DISTINCT s::text) AS stratified
FROM generate_series(1, 5) k,
    LATERAL (SELECT contingency_agg(exposed, outcome, rep ORDER BY i * 7919 % (211 * k)) AS c,
                 stratified_agg(rep, exposed, outcome ORDER BY i * 7919 % (211 * k)) AS s FROM formula) x;
CREATE TABLE part AS
SELECT contingency_agg(exposed, outcome, rep) AS c, stratified_agg(rep, exposed, outcome) AS s FROM formula GROUP BY i % 10;
SELECT rollup(c)::text = (SELECT c::text FROM serial) AS clustered, rollup(s)::text = (SELECT s::text FROM serial) AS stratified
FROM part;
SELECT rollup(NULL::clustered_contingency) IS NULL AS clustered, rollup(NULL::stratified_contingency) IS NULL AS stratified;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 2;
ALTER TABLE formula SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT contingency_agg(exposed, outcome, rep) FROM formula;
SELECT p.c::text = x.c::text AS clustered, p.s::text = x.s::text AS stratified, p.many::text = x.many::text AS many, p.none
FROM serial x,
    (SELECT contingency_agg(exposed, outcome, rep) AS c, stratified_agg(rep, exposed, outcome) AS s,
         contingency_agg(exposed, outcome, i::text) AS many,
         contingency_agg(exposed, outcome, rep) FILTER (WHERE i < 0) AS none FROM formula) p;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
SELECT array_agg((clustered_cells(c)).clusters ORDER BY i) AS running
FROM (SELECT i, contingency_agg(exposed, outcome, rep) OVER (ORDER BY i) AS c FROM formula WHERE i < 12) s;

-- Text form; NULL in, NULL out.
SELECT c, s, (SELECT count(*) FROM strata(s::text::stratified_contingency)) AS strata
FROM (SELECT contingency_agg(true, false, 'x') AS c, stratified_agg('x', true, false) AS s) v;
SELECT odds_ratio(c), odds_ratio_cmle(c), odds_ratio_interval(c), odds_ratio_exact_interval(c), odds_ratio_p(c), clustered_cells(c),
    odds_ratio_interval(x.known, NULL), odds_ratio_exact_interval(x.known, NULL)
FROM (SELECT NULL::clustered_contingency AS c, contingency_agg(true, true, 'a') AS known) x;
SELECT mantel_haenszel(s), breslow_day(s), (SELECT count(*) FROM strata(s)) AS strata
FROM (SELECT NULL::stratified_contingency AS s) x;
SELECT mantel_haenszel(s, NULL), mantel_haenszel(s, 0.9, NULL) FROM berkeley;

-- Errors.
SELECT mantel_haenszel(s, 2) FROM berkeley;
SELECT odds_ratio_interval(c, 0) FROM clustered;
SELECT * FROM berkeley, strata(s, 1);
SELECT c::text::stratified_contingency FROM (SELECT contingency_agg(true, false, 'x') AS c) v;
SELECT 'clustered_contingency:'::clustered_contingency;
SET sales_intel.fit_memory = '1MB';
SELECT contingency_agg(true, false, i::text) FROM generate_series(1, 100000) i;
RESET sales_intel.fit_memory;

DROP TABLE admission, berkeley, formula, clustered, serial, part;
