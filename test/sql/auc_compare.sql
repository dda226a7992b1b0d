-- auc_compare_agg and auc_compare: two scores of the same rows.
SET extra_float_digits = 1;
SET search_path = public, sales_intel;

-- Golden values: R's pROC 1.18.0, roc.test(a, b, method = "delong", paired = T),
-- on 500 rows by a formula, with many ties, and on the 32 cars of Motor Trend
-- 1974 (Henderson and Velleman, Biometrics 37, 1981).
CREATE TABLE formula AS
SELECT i, a, (i * 6151 % 97 + 40 * label::integer) / 137.0::float8 AS b, label
FROM (SELECT i, i * 7919 % 64 / 64.0::float8 AS a,
          (i * i * 31 + i * 17) % 100 < 10 + 60 * (i * 7919 % 64 / 64.0) AS label
      FROM generate_series(1, 500) i) s;
SELECT abs(auc_a - 0.68491221174004191) < 1e-15 AS auc_a, abs(auc_b - 0.8152761399371069) < 1e-15 AS auc_b,
    abs(low - -0.189327725175435835) < 1e-14 AS low, abs(high - -0.071400131218694152) < 1e-14 AS high,
    abs(p_value - 1.4688186506561892e-05) < 1e-14 AS p_value
FROM auc_compare((SELECT auc_compare_agg(a, b, label) FROM formula));
CREATE TABLE car AS
SELECT n, mpg, weight, n IN (1, 2, 3, 18, 19, 20, 26, 27, 28, 29, 30, 31, 32) AS manual
FROM unnest('{21.0,21.0,22.8,21.4,18.7,18.1,14.3,24.4,22.8,19.2,17.8,16.4,17.3,
    15.2,10.4,10.4,14.7,32.4,30.4,33.9,21.5,15.5,15.2,13.3,19.2,27.3,26.0,30.4,
    15.8,19.7,15.0,21.4}'::float8[], '{2.620,2.875,2.320,3.215,3.440,3.460,3.570,
    3.190,3.150,3.440,3.440,4.070,3.730,3.780,5.250,5.424,5.345,2.200,1.615,1.835,
    2.465,3.520,3.435,3.840,3.845,1.935,2.140,1.513,3.170,2.770,3.570,2.780}'::float8[])
    WITH ORDINALITY AS c(mpg, weight, n);
SELECT round(auc_a::numeric, 6) AS auc_a, round(auc_b::numeric, 6) AS auc_b, round(difference::numeric, 6) AS difference,
    round(low::numeric, 6) AS low, round(high::numeric, 6) AS high, round(p_value::numeric, 6) AS p_value,
    abs(low - -0.1998140004029184125) < 1e-14 AND abs(high - -0.0066637323906037077) < 1e-14
    AND abs(p_value - 0.036152997225409739) < 1e-13 AS as_roc_test
FROM auc_compare((SELECT auc_compare_agg(mpg, -weight, manual) FROM car));

-- Each AUC is that of the score alone, its interval narrower at a lower level.
SELECT c.auc_a = roc_auc(q) AS a, (d.high - d.low) / (c.high - c.low) BETWEEN 0.839 AND 0.840 AS level
FROM (SELECT auc_compare_agg(a, b, label) AS c, score_quality_agg(a, label) AS q FROM formula) s,
    auc_compare(c) c, auc_compare(c, 0.9) d;

-- The same ranking twice; a difference without variance.
SELECT (auc_compare(auc_compare_agg(a, a, label))).* FROM (SELECT round(a * 4) AS a, label FROM formula) s;
SELECT difference, low, high, p_value FROM auc_compare((SELECT auc_compare_agg(a, exp(a), label) FROM formula));
SELECT * FROM auc_compare((SELECT auc_compare_agg(i, 7, i > 4) FROM generate_series(1, 8) i));

-- One class, one row of a class, NULLs, no rows.
SELECT * FROM auc_compare((SELECT auc_compare_agg(a, b, true) FROM formula));
SELECT * FROM auc_compare((SELECT auc_compare_agg(i, -i, i = 5) FROM generate_series(1, 5) i));
SELECT auc_compare_agg(a, b, label) IS NULL AS nothing_counted
FROM (VALUES (1, NULL, true), (NULL, 1, true), (1, 1, NULL)) v(a, b, label);
SELECT auc_compare_agg(a, b, label)::text = (SELECT auc_compare_agg(a, b, label)::text FROM formula) AS skipped
FROM (SELECT a, b, label FROM formula UNION ALL VALUES (NULL, 1, true), (1, NULL, true), (1, 1, NULL)) v;
SELECT auc_compare_agg(a, b, label) FILTER (WHERE false) IS NULL AS no_rows, auc_compare(NULL), auc_compare(NULL, 0.9)
FROM formula;
SELECT auc_compare(auc_compare_agg(a, b, label), NULL) FROM formula;
SELECT auc_a, auc_b
FROM auc_compare((SELECT auc_compare_agg(a, b, label)
    FROM (VALUES ('-inf'::float8, 1, false), ('-0', 2, false), ('0', 'inf'::float8, true), ('inf', '-inf', true)) v(a, b, label)));

-- Order, workers, groups and partitions leave no trace.
CREATE TABLE scored AS
SELECT i, i % 7 AS segment, CASE WHEN i % 3 = 0 THEN round(p::numeric, 2)::float8 ELSE p END AS a,
    (i % 991 * 7) % 61 + 40 * p AS b, (i::bigint * 48271) % 65537 / 65537.0 < p AS label
FROM (SELECT i, ((i::bigint * i * 16807) % 999983 + 0.5::float8) / 999983 AS p FROM generate_series(1, 40000) i) s;
ANALYZE scored;
CREATE TABLE serial AS
SELECT auc_compare_agg(a, b, label) AS c, auc_compare_agg(a, b, label) FILTER (WHERE i < 40) AS few,
    auc_compare_agg(a, b, label) FILTER (WHERE i < 0) AS none
FROM scored;
SELECT count(DISTINCT c::text) AS different
FROM generate_series(1, 5) k,
    LATERAL (SELECT auc_compare_agg(a, b, label ORDER BY (i * 7919) % (20011 * k)) AS c FROM scored) s;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT auc_compare_agg(a, b, label) FROM scored;
SELECT p.c::text = s.c::text AS same, p.few::text = s.few::text AS few, p.none
FROM serial s,
    (SELECT auc_compare_agg(a, b, label) AS c, auc_compare_agg(a, b, label) FILTER (WHERE i < 40) AS few,
         auc_compare_agg(a, b, label) FILTER (WHERE i < 0) AS none
     FROM scored) p;
SELECT count(*) AS segments, bool_and(g.c::text = o.c::text) AS same
FROM (SELECT segment, auc_compare_agg(a, b, label) AS c FROM scored GROUP BY segment) g,
    LATERAL (SELECT auc_compare_agg(a, b, label) AS c FROM scored s WHERE s.segment = g.segment) o;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
SELECT count(*) AS rows, bool_and(running::text = o.c::text AND moving::text = o.m::text) AS same
FROM (SELECT i, auc_compare_agg(a, b, label) OVER (ORDER BY i) AS running,
          auc_compare_agg(a, b, label) OVER (ORDER BY i ROWS 20 PRECEDING) AS moving
      FROM scored WHERE i <= 200) w,
    LATERAL (SELECT auc_compare_agg(a, b, label) AS c, auc_compare_agg(a, b, label) FILTER (WHERE i >= w.i - 20) AS m
             FROM scored s WHERE s.i <= w.i) o;

-- A value survives text and binary.
CREATE TABLE copy (c auc_comparison);
INSERT INTO copy SELECT c::text::auc_comparison FROM serial;
\copy serial (c) TO 'results/auc_compare.copy'
\copy copy FROM 'results/auc_compare.copy'
\copy serial (c) TO 'results/auc_compare.copy' (FORMAT binary)
\copy copy FROM 'results/auc_compare.copy' (FORMAT binary)
SELECT count(*), bool_and(c.c::text = s.c::text) AS same, max(pg_column_size(c.c)) AS bytes FROM copy c, serial s;

-- Errors
SELECT auc_compare_agg('nan', 1, true);
SELECT auc_compare_agg(1, 'nan', true);
\echo :LAST_ERROR_SQLSTATE
SELECT auc_compare(c, 0) FROM serial;
SELECT 'auc_comparison:AAAA'::auc_comparison;
CREATE TABLE bytes AS SELECT set_byte(auc_comparison_send(c), 40, 77) AS b FROM serial;
\copy bytes TO 'results/auc_compare.copy' (FORMAT binary)
\copy copy FROM 'results/auc_compare.copy' (FORMAT binary)
\! rm results/auc_compare.copy
CREATE CAST (bytea AS auc_comparison) WITHOUT FUNCTION;
SELECT auc_compare(b::auc_comparison) FROM bytes;
\echo :LAST_ERROR_SQLSTATE
DROP CAST (bytea AS auc_comparison);
SET sales_intel.fit_memory = '1MB';
\set VERBOSITY terse
SELECT auc_compare_agg(a, b, label) FROM scored;
\echo :LAST_ERROR_SQLSTATE
SELECT auc_compare_agg(a, b, label) IS NOT NULL AS fits FROM scored WHERE i < 10000;
RESET sales_intel.fit_memory;

DROP TABLE formula, car, scored, serial, copy, bytes;
