-- lead_drift: what is counted, the index, roll-up, splits, errors.
SET extra_float_digits = 1;
SET search_path = public, sales_intel;

-- Uniform in [0,1), the same everywhere.
CREATE FUNCTION u(i integer, salt text) RETURNS float8 LANGUAGE SQL IMMUTABLE
RETURN ('x' || substr(md5(i || salt), 1, 8))::bit(32)::bigint / 4294967296.0;
CREATE TABLE lead AS
SELECT i, u(i, 'won') < 0.1 + 0.05 * floor(7 * u(i, 'visits')) + 0.4 * u(i, 'budget') AS won,
    CASE WHEN u(i, 'unknown') > 0.1 THEN floor(7 * u(i, 'visits'))::integer END AS visits, 100 * u(i, 'budget') AS budget,
    (ARRAY[NULL, 'event', 'partner', 'web', 'web', 'web'])[1 + floor(6 * u(i, 'source'))::integer] AS source,
    CASE WHEN u(i, 'no list') > 0.05 THEN ARRAY[floor(3 * u(i, 'one')), 100 * u(i, 'two')] END AS list, u(i, 'known') < 0.5 AS known
FROM generate_series(1, 12000) AS i;
CREATE TABLE model AS
SELECT name, (SELECT lead_model_agg(won, l, options) FROM lead AS l WHERE i <= 6000) AS m
FROM (VALUES ('logistic', '{"algorithm": "logistic", "exclude": ["i", "won"]}'::jsonb),
          ('trees', '{"algorithm": "boosted_trees", "trees": 20, "exclude": ["i", "won"]}'),
          ('no folds', '{"algorithm": "logistic", "folds": 0, "include": ["visits", "source"]}')) AS v(name, options);
CREATE VIEW today AS SELECT * FROM lead WHERE i > 6000;
CREATE VIEW moved AS
SELECT i, visits + 1 AS visits, budget, CASE source WHEN 'event' THEN 'fair' ELSE source END AS source,
    list[1:2] AS list, CASE WHEN i % 10 > 0 THEN known END AS known
FROM today;

-- The same population, and one in which four features have moved.
CREATE TABLE drift AS
SELECT name, (SELECT lead_drift_agg(m, t) FROM today AS t) AS same,
    (SELECT lead_drift_agg(m, t) FROM moved AS t) AS moved
FROM model;
SELECT name, lead_drift_rows(same) AS rows, count(*) AS features, bool_or(drifted) AS drifted, max(psi) < 0.02 AS still
FROM drift, lead_drift_report(same)
GROUP BY name, 2 ORDER BY name;
SELECT feature, round(psi::numeric, 4) AS psi, round(critical_psi::numeric, 4) AS critical,
    round(missing_then::numeric, 4) AS missing_then, round(missing_now::numeric, 4) AS missing_now, drifted
FROM drift, lead_drift_report(moved) WITH ORDINALITY WHERE name = 'logistic' AND feature <> '(score)' ORDER BY ordinality;
SELECT name, min(ordinality) AS place, bool_or(drifted) AS drifted, max(psi) BETWEEN 0.05 AND 0.2 AS moved,
    bool_or(missing_now IS NOT NULL OR missing_then IS NOT NULL) AS missing
FROM drift, lead_drift_report(moved) WITH ORDINALITY WHERE feature = '(score)' GROUP BY name ORDER BY name;
SELECT count(DISTINCT r) AS features
FROM drift, LATERAL (SELECT * FROM lead_drift_report(moved)) AS r WHERE feature <> '(score)';

-- Golden values: counts in plain SQL, half a row in each cell if one is empty;
-- qchisq(c(0.95, 0.99), 7) of R 4.2.2.
WITH value AS (
    SELECT i, source FROM lead WHERE i <= 6000 UNION ALL SELECT i, replace(source, 'fair', '(rare)') FROM moved),
cell AS (SELECT source, count(*) FILTER (WHERE i <= 6000) AS n, count(*) FILTER (WHERE i > 6000) AS m FROM value GROUP BY source),
share AS (
    SELECT (n + 0.5) / (6000 + 0.5 * count(*) OVER ()) AS p, (m + 0.5) / (6000 + 0.5 * count(*) OVER ()) AS q FROM cell)
SELECT name, abs(r.psi - s.psi::float8) < 1e-12 AS psi
FROM (SELECT sum((q - p) * ln(q / p)) AS psi FROM share) AS s, drift, lead_drift_report(moved) AS r
WHERE r.feature = 'source' ORDER BY name;
WITH cell AS (
    SELECT visits, count(*) FILTER (WHERE i <= 6000) AS n, count(*) FILTER (WHERE i > 6000 AND i % 3 > 0) AS m
    FROM lead GROUP BY visits),
share AS (
    SELECT n / sum(n) OVER () AS p, m / sum(m) OVER () AS q, sum(m) OVER () AS rows FROM cell)
SELECT s.rows, abs(r.psi - s.psi::float8) < 1e-12 AS psi,
    abs(r.critical_psi - (1 / 6000.0 + 1 / s.rows)::float8 * 14.067140449340169) < 1e-15 AS critical,
    abs(strict.critical_psi - (1 / 6000.0 + 1 / s.rows)::float8 * 18.475306906582361) < 1e-15 AS strict
FROM (SELECT min(rows) AS rows, sum((q - p) * ln(q / p)) AS psi FROM share) AS s,
    (SELECT lead_drift_agg(m, t) AS d FROM model, today AS t WHERE name = 'logistic' AND i % 3 > 0) AS d,
    lead_drift_report(d, 0.95) AS r, lead_drift_report(d, level => 0.99) AS strict
WHERE r.feature = 'visits' AND strict.feature = 'visits';

-- Values that the model never saw, and one that it saw always.
SELECT feature, round(psi::numeric, 3) AS psi, round(critical_psi::numeric, 3) AS critical, missing_then, missing_now, drifted
FROM (SELECT lead_drift_agg(m, t) AS d
      FROM (SELECT lead_model_agg(won, f) AS m
            FROM lead, LATERAL (SELECT known, NULL::float8 AS never, 5 AS always, NULL::text AS blank) AS f WHERE i <= 6000) AS m,
          (SELECT known, i / 2.0 AS never, 7 AS always, 'x'::text AS blank FROM lead WHERE i <= 3000) AS t) AS s,
    lead_drift_report(d) WHERE feature <> '(score)';

-- Models that were not fitted, NULLs, no rows.
SELECT lead_drift_agg(m, t) IS NULL AS unfitted FROM (SELECT lead_model_agg(true, l) AS m FROM lead AS l) AS s, today AS t;
SELECT source, lead_drift_rows(lead_drift_agg(m, t)) AS rows
FROM (SELECT source, lead_model_agg(i % 3 = 0, l, '{"include": ["visits"]}') AS m
      FROM lead AS l WHERE i <= 6000 AND (source <> 'event' OR i < 100) GROUP BY source) AS s
JOIN today AS t USING (source) GROUP BY source ORDER BY source;
SELECT lead_drift_rows(lead_drift_agg(m, l)) AS rows
FROM generate_series(11996, 12005) AS g LEFT JOIN lead AS l ON l.i = g
LEFT JOIN model ON name = 'logistic' AND g <> 11997;
SELECT lead_drift_agg(m, l) IS NULL AS null_model FROM lead AS l LEFT JOIN model ON false;
SELECT lead_drift_agg(m, l) IS NULL AS no_rows FROM lead AS l, model WHERE false;
SELECT rollup(NULL::lead_drift) IS NULL AS rolled, lead_drift_rows(NULL) IS NULL AS rows;
SELECT count(*) AS none FROM drift, lead_drift_report(CASE WHEN false THEN same END);
SELECT count(*) AS none FROM drift, lead_drift_report(same, NULL);

-- The order of the rows leaves no trace, nor do workers, groups, other columns.
SELECT name, count(DISTINCT d::text) AS different, bool_and(d::text = same::text) AS same
FROM model JOIN drift USING (name), generate_series(1, 3) AS k,
    LATERAL (SELECT lead_drift_agg(m, t ORDER BY (i * 7919) % (2011 * k)) AS d FROM today AS t) AS s
GROUP BY name ORDER BY name;
SELECT name, d::text = same::text AS same FROM model JOIN drift USING (name),
    LATERAL (SELECT lead_drift_agg(m, t) AS d FROM (SELECT 'x' AS extra, known, list, source, budget, visits FROM today) AS t) AS s
ORDER BY name;
CREATE TABLE today_table AS TABLE today;
ANALYZE today_table;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT lead_drift_agg(NULL::lead_model, t) FROM today_table AS t;
SELECT name, (SELECT lead_drift_agg((SELECT m FROM model WHERE name = drift.name), t) FROM today_table AS t)::text = same::text AS workers
FROM drift ORDER BY name;
SELECT d.d::text = same::text AS workers, few.rows, none
FROM drift, (SELECT lead_drift_agg((SELECT m FROM model WHERE name = 'trees'), t) AS d FROM today_table AS t) AS d,
    (SELECT lead_drift_rows(lead_drift_agg((SELECT m FROM model WHERE name = 'trees'), t)) AS rows FROM today_table AS t WHERE i < 6010) AS few,
    (SELECT lead_drift_agg((SELECT m FROM model WHERE name = 'trees'), t) IS NULL AS none FROM today_table AS t WHERE i < 0) AS none
WHERE name = 'trees';
SELECT lead_drift_agg((SELECT lead_model_agg(true, l) FROM lead AS l), t) IS NULL AS unfitted FROM today_table AS t;
CREATE TABLE part AS
SELECT name, i % 40 AS part, lead_drift_agg(m, t) AS d FROM model, today_table AS t GROUP BY name, i % 40;
ANALYZE part;
EXPLAIN (COSTS OFF) SELECT name, rollup(d) FROM part GROUP BY name;
SELECT name, count(*) AS parts, rollup(d)::text = min(same::text) AS whole FROM part JOIN drift USING (name) GROUP BY name ORDER BY name;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
SELECT name, count(*) AS parts, rollup(d)::text = min(same::text) AS whole FROM part JOIN drift USING (name) GROUP BY name ORDER BY name;
SELECT bool_and(running::text = o.d::text) AS running
FROM (SELECT i, lead_drift_agg(m, t) OVER (ORDER BY i) AS running FROM model, today AS t WHERE name = 'trees' AND i <= 6100) AS w,
    LATERAL (SELECT lead_drift_agg(m, t) AS d FROM model, today AS t WHERE name = 'trees' AND i <= w.i) AS o;

-- One model, wherever it is stored; no two.
CREATE TABLE twice AS SELECT k, m FROM model, generate_series(1, 2) AS k WHERE name = 'trees';
INSERT INTO twice SELECT 3, m::text::lead_model FROM twice WHERE k = 1;
SELECT max(pg_column_size(m)) > 2000 AS aside, min(d::text) = max(d::text) AS same, count(*) AS ways
FROM twice, LATERAL (
    SELECT lead_drift_agg(s.m, t) AS d FROM today AS t, twice AS s WHERE s.k = 1 + (i + twice.k) % 3 UNION ALL
    SELECT lead_drift_agg(CASE WHEN i % 2 = 0 THEN s.m ELSE s.m::text::lead_model END, t)
    FROM today AS t, twice AS s WHERE s.k = 1 AND twice.k = 1) AS o;
SELECT lead_drift_agg(m, t) FROM model, today AS t;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT rollup(same) FROM drift;
SELECT lead_drift_agg(CASE WHEN i % 2 = 0 THEN m ELSE (SELECT lead_model_agg(true, l) FROM lead AS l) END, t)
FROM model, today AS t WHERE name = 'trees';
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SELECT lead_drift_agg((SELECT m FROM model WHERE name = CASE WHEN i < 6500 THEN 'trees' ELSE 'logistic' END), t) FROM today_table AS t;
SELECT rollup(d) FROM part;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;

-- A value survives text, binary, storage aside.
CREATE TABLE copy (d lead_drift);
INSERT INTO copy SELECT same::text::lead_drift FROM drift;
CREATE TABLE same AS SELECT same AS d FROM drift;
SELECT count(*) AS same FROM copy JOIN same ON copy.d::text = same.d::text AND lead_drift_send(copy.d) = lead_drift_send(same.d);
TRUNCATE copy;
\copy same TO 'results/lead_drift.copy'
\copy copy FROM 'results/lead_drift.copy'
\copy same TO 'results/lead_drift.copy' (FORMAT binary)
\copy copy FROM 'results/lead_drift.copy' (FORMAT binary)
SELECT count(*) AS same FROM copy JOIN same ON copy.d::text = same.d::text;

-- Rows and levels that will not do.
SELECT lead_drift_agg(m, t) FROM model, (SELECT visits, source FROM today) AS t WHERE name = 'trees';
SELECT lead_drift_agg(m, t) FROM model, (SELECT visits::text, source FROM today) AS t WHERE name = 'no folds';
SELECT lead_drift_agg(m, t) FROM model, (SELECT 'nan'::float8 AS visits, source FROM today) AS t WHERE name = 'no folds';
SELECT lead_drift_agg(m, t) FROM model, (SELECT 1e200::numeric AS visits, source FROM today) AS t WHERE name = 'no folds';
SELECT lead_drift_report(same, 1) FROM drift;
SELECT lead_drift_report(same, 'nan') FROM drift;
\echo :LAST_ERROR_SQLSTATE

-- Damage: in text, in binary, as stored.
\set VERBOSITY default
SELECT 'lead_drift:'::lead_drift;
\set VERBOSITY terse
SELECT overlay(same::text PLACING CASE substr(same::text, 60, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM 60 FOR 1)::lead_drift IS NULL FROM drift;
SELECT replace(m::text, 'lead_model:', 'lead_drift:')::lead_drift IS NULL FROM model;
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE bytes AS SELECT set_byte(lead_drift_send(same), 40, 0) AS b FROM drift;
\copy bytes TO 'results/lead_drift.copy' (FORMAT binary)
\copy copy FROM 'results/lead_drift.copy' (FORMAT binary)
\! rm results/lead_drift.copy
\set VERBOSITY default
CREATE CAST (bytea AS lead_drift) WITHOUT FUNCTION;
SELECT lead_drift_report(b::lead_drift) FROM bytes;
\set VERBOSITY terse
SELECT rollup(b::lead_drift) FROM bytes;
SELECT lead_drift_rows(''::bytea::lead_drift);
\echo :LAST_ERROR_SQLSTATE
DROP CAST (bytea AS lead_drift);

-- A value rolled up with itself again and again: counts, then a limit.
\set VERBOSITY default
\set SHOW_CONTEXT never
DO $$
DECLARE
    d lead_drift := (SELECT same FROM drift WHERE name = 'trees');
BEGIN
    FOR k IN 1..60 LOOP
        SELECT rollup(v.d) INTO d FROM (VALUES (d), (d)) AS v(d);
        IF k IN (20, 39) THEN
            RAISE NOTICE '% rows, budget %', lead_drift_rows(d), (SELECT round(max(psi)::numeric, 6) FROM lead_drift_report(d) WHERE feature = 'budget');
        END IF;
    END LOOP;
END $$;
\echo :LAST_ERROR_SQLSTATE

DROP TABLE lead, model, drift, today_table, part, twice, copy, same, bytes CASCADE;
DROP FUNCTION u;
