-- contingency: 2x2 tables, their measures, aggregates, errors.
SET extra_float_digits = 1;
SET search_path = public, sales_intel;

-- Golden values.  scipy 1.10.1, contingency.odds_ratio(kind = "sample"): 1.134146
-- (0.4879913 to 2.635883); R 4.2.2, chisq.test and fisher.test, the estimate
-- and the exact limits by mpmath, since R's are right to 1e-4 only.
SELECT round(odds_ratio(c)::numeric, 6) AS odds_ratio, round(i.low::numeric, 7) AS low, round(i.high::numeric, 6) AS high,
    abs(odds_ratio_cmle(c) / 1.1332630069659168 - 1) < 1e-12 AS cmle,
    abs(e.low / 0.43344910939227283 - 1) < 1e-12 AS exact_low,
    abs(e.high / 2.8093045489693588 - 1) < 1e-12 AS exact_high,
    abs(fisher_p(c) / 0.82822566239247634 - 1) < 1e-12 AS fisher
FROM contingency(10, 20, 41, 93) c, odds_ratio_interval(c) i, odds_ratio_exact_interval(c) e;
SELECT abs(p.statistic / 0.085655360193652594 - 1) < 1e-12 AS statistic, abs(p.p_value / 0.76977488433833852 - 1) < 1e-12 AS p,
    abs(y.statistic / 0.0055499010241176578 - 1) < 1e-12 AS yates, abs(y.p_value / 0.94061440476054936 - 1) < 1e-12 AS yates_p,
    round(risk_difference(c)::numeric, 6) AS difference, round(relative_risk(c)::numeric, 6) AS relative
FROM contingency(10, 20, 41, 93) c, chi_square(c) p, chi_square(c, true) y;
SELECT (odds_ratio_interval(c, 0.95)) = (odds_ratio_interval(c)) AS wald,
    (odds_ratio_exact_interval(c, 0.95)) = (odds_ratio_exact_interval(c)) AS exact,
    (odds_ratio_interval(c, 0.5)).low > (odds_ratio_interval(c)).low AS narrower
FROM contingency(10, 20, 41, 93) c;

-- Zero cells, empty margins, no rows at all; a shifted interval by Haldane.
SELECT v.a, v.b, v.c, v.d, odds_ratio(t) AS sample, odds_ratio_cmle(t) AS cmle, round(i.low::numeric, 4) AS low,
    round(i.high::numeric, 4) AS high, round(e.low::numeric, 4) AS exact_low, round(e.high::numeric, 4) AS exact_high,
    round(fisher_p(t)::numeric, 4) AS p, (chi_square(t)).p_value IS NULL AS no_test, relative_risk(t)
FROM (VALUES (0, 5, 7, 4), (6, 0, 2, 9), (0, 3, 0, 4), (3, 4, 0, 0), (5, 0, 0, 5), (0, 0, 0, 0)) v(a, b, c, d),
    contingency(v.a, v.b, v.c, v.d) AS x(t), odds_ratio_interval(t) i, odds_ratio_exact_interval(t) e;

-- Counts of 1e15: nothing overflows, nothing takes long.
SELECT odds_ratio(c), round(odds_ratio_cmle(c)::numeric, 9) AS cmle, round(fisher_p(c)::numeric, 4) AS fisher,
    round((chi_square(c)).p_value::numeric, 4) AS chi_square, round((odds_ratio_exact_interval(c)).high::numeric, 6) AS high
FROM contingency(1000000000000000, 1000000000000000, 1000000000000000, 1000000000000000) c;

-- Rows are counted; a NULL skips the row; order, workers, groups leave no trace.
CREATE TABLE call AS
SELECT i, i % 11 AS segment, i % 3 = 0 AS offered, i % 7 < 3 AS won FROM generate_series(1, 50000) i;
ANALYZE call;
SELECT contingency_cells(contingency_agg(offered, won)) FROM call;
SELECT contingency_cells(contingency_agg(e, o))
FROM (VALUES (true, NULL), (NULL, true), (NULL, NULL), (true, false)) v(e, o);
SELECT contingency_agg(e, o) IS NULL AS none_counted, contingency_agg(true, true) FILTER (WHERE false) IS NULL AS no_rows
FROM (VALUES (true, NULL::boolean)) v(e, o);
CREATE TABLE part AS SELECT segment, contingency_agg(offered, won) AS c FROM call GROUP BY segment;
SELECT rollup(c)::text = (SELECT contingency_agg(offered, won)::text FROM call) AS whole FROM part;
SELECT rollup(c) IS NULL AS nothing FROM (SELECT NULL::contingency AS c) s;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT contingency_agg(offered, won) FROM call;
SELECT contingency_cells(contingency_agg(offered, won)),
    contingency_cells(contingency_agg(offered, won) FILTER (WHERE i < 10)),
    contingency_agg(offered, won) FILTER (WHERE i < 0) IS NULL AS none FROM call;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
SELECT array_agg((contingency_cells(c)).a ORDER BY i) AS running
FROM (SELECT i, contingency_agg(offered, won) OVER (ORDER BY i ROWS 3 PRECEDING) AS c FROM call WHERE i < 12) s;

-- The text form is stable.
SELECT c, contingency_cells(c::text::contingency) FROM contingency(1, 2, 3, 4) c;

-- NULL in, NULL out.
SELECT odds_ratio(c), odds_ratio_cmle(c), odds_ratio_interval(c), odds_ratio_exact_interval(c), fisher_p(c), chi_square(c),
    risk_difference(c), relative_risk(c), contingency_cells(c) FROM (SELECT NULL::contingency AS c) s;
SELECT odds_ratio_interval(c, NULL), odds_ratio_exact_interval(c, NULL), chi_square(c, NULL), contingency(1, 2, NULL, 4)
FROM contingency(1, 2, 3, 4) c;

-- A share.
SELECT round(low::numeric, 6) AS low, round(high::numeric, 6) AS high FROM rate_interval(3, 10);
SELECT rate_interval(0, 10, 0.9) = rate_interval(0, 10) AS level, (rate_interval(0, 10)).low, (rate_interval(10, 10)).high,
    rate_interval(0, 0), rate_interval(NULL, 5), rate_interval(1, 5, NULL);
SELECT rate_interval(sum(f), sum(n)) = rate_interval(3, 10) AS numeric_sums, rate_interval(sum(f::integer), count(*) + 8) = rate_interval(3, 10) AS mixed
FROM (VALUES (1::bigint, 4::bigint), (2, 6)) v(f, n);

-- Errors.
SELECT contingency(1, 2, -3, 4);
SELECT contingency(9007199254740992, 0, 0, 1);
SELECT rollup(c) FROM (SELECT contingency(9007199254740992, 0, 0, 0) UNION ALL SELECT contingency(0, 0, 0, 1)) v(c);
SELECT odds_ratio_interval(contingency(1, 2, 3, 4), 95);
SELECT odds_ratio_exact_interval(contingency(1, 2, 3, 4), 0);
SELECT rate_interval(5, 4);
SELECT rate_interval(-1, 4);
SELECT rate_interval(1.5, 4);
SELECT rate_interval(1, 'Infinity');
SELECT rate_interval('NaN', 4);
SELECT rate_interval(1, 4, 1);
SELECT 'contingency:AAAA'::contingency;

DROP TABLE call, part;
