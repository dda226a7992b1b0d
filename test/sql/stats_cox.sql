-- Proportional hazards: cox_agg and what reads its models.
SET extra_float_digits = 1;
SET search_path = public, sales_intel;

-- The Veterans' Administration lung cancer trial (survival::veteran in R).
CREATE TABLE veteran AS
SELECT i, days, status = 1 AS died, (ARRAY['squamous', 'smallcell', 'adeno', 'large'])[kind] AS celltype, karno, age, trt
FROM unnest(
    '{72,411,228,126,118,10,82,110,314,100,42,8,144,25,11,30,384,4,54,13,123,97,153,59,117,16,151,22,56,21,18,139,20,31,52,287,18,51,122,27,54,7,63,392,10,'
    '8,92,35,117,132,12,162,3,95,177,162,216,553,278,12,260,200,156,182,143,105,103,250,100,999,112,87,231,242,991,111,1,587,389,33,25,357,467,201,1,30,44,'
    '283,15,25,103,21,13,87,2,20,7,24,99,8,99,61,25,95,80,51,29,24,18,83,31,51,90,52,73,8,36,48,7,140,186,84,19,45,80,52,164,19,53,15,43,340,133,111,231,37'
    '8,49}'::integer[],
    '{1,1,1,1,1,1,1,1,1,0,1,1,1,0,1,1,1,1,1,1,0,0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0,1,1,1,1,1,1,1,0,0,1,1'
    ',1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1}'::integer[],
    '{1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,3,3,3,3,3,3,3,3,3,4,4,4,4,4,4,4,4,4,4,4,4,4,4,4,1,1,1,1,1,1'
    ',1,1,1,1,1,1,1,1,1,1,1,1,1,1,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,3,4,4,4,4,4,4,4,4,4,4,4,4}'::integer[],
    '{60,70,60,60,70,20,40,80,50,70,60,40,30,80,70,60,60,40,80,60,40,60,60,30,80,30,50,60,80,40,20,80,30,75,70,60,30,60,80,60,70,50,50,40,40,20,70,40,80,80'
    ',50,80,30,80,50,80,50,70,60,40,80,80,70,90,90,80,80,70,60,90,80,80,50,50,70,70,20,60,90,30,20,70,90,80,50,70,60,90,50,30,70,20,30,60,40,30,20,60,70,80'
    ',85,70,70,70,50,30,40,40,40,99,80,60,60,60,60,50,70,10,40,70,90,80,50,40,40,60,70,30,60,30,60,80,75,60,70,80,30}'::integer[],
    '{69,64,38,63,65,49,69,68,43,70,81,63,63,52,48,61,42,35,63,56,55,67,63,65,46,53,69,68,43,55,42,64,65,65,55,66,60,67,53,62,67,72,48,68,67,61,60,62,38,50'
    ',63,64,43,34,66,62,52,47,63,68,45,41,66,62,60,66,38,53,37,54,60,48,52,70,50,62,65,58,62,64,63,58,64,52,35,63,70,51,40,69,36,71,62,60,44,54,66,49,72,68'
    ',62,71,70,61,71,59,67,60,69,57,39,62,50,43,70,66,61,81,58,63,60,62,42,69,63,45,68,39,66,63,49,64,65,64,67,65,37}'::integer[],
    '{1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2,2,2,2,2,2'
    ',2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2}'::integer[]
) WITH ORDINALITY AS u(days, status, kind, karno, age, trt, i);
CREATE TYPE traits AS (karno integer, age integer, celltype text, trt integer);
CREATE VIEW trial AS SELECT i, days, died, (karno, age, celltype, trt)::traits AS f FROM veteran;
CREATE TABLE fit AS
SELECT 'efron' AS ties, cox_agg(days, died, f) AS m FROM trial
UNION ALL SELECT 'breslow', cox_agg(days, died, f, '{"ties": "breslow"}') FROM trial;

-- R 4.2.2, survival 3.5.3: coxph(..., ties, control = coxph.control(eps = 1e-14)), celltype with "smallcell" first.
CREATE TABLE r (ties text, feature text, level text, coefficient float8, std_error float8);
INSERT INTO r VALUES
    ('efron', 'karno', NULL, -0.0326854827394536182, 0.0054088496336295111),
    ('efron', 'age', NULL, -0.0089031651311898656, 0.0092242831890087772),
    ('efron', 'celltype', 'squamous', -0.8563403758726678694, 0.2713223635106327691),
    ('efron', 'celltype', 'adeno', 0.3224666534743744206, 0.2689231957430869291),
    ('efron', 'celltype', 'large', -0.4540081791222331797, 0.2631108301894187762),
    ('efron', 'trt', NULL, 0.3030480951245760335, 0.2056559007866494426),
    ('breslow', 'karno', NULL, -0.0324821109527959201, 0.0054052610067449767),
    ('breslow', 'age', NULL, -0.0087205036454525049, 0.0092291878919098843),
    ('breslow', 'celltype', 'squamous', -0.8503661885995431602, 0.2712291242705993644),
    ('breslow', 'celltype', 'adeno', 0.3211549283361006535, 0.2686543492218425588),
    ('breslow', 'celltype', 'large', -0.4499376402806155029, 0.2631693342175174255),
    ('breslow', 'trt', NULL, 0.2976772550382809635, 0.2053599737532764424);
SELECT f.ties, count(*), max(abs(c.coefficient / r.coefficient - 1)) < 1e-10 AS coefficients, max(abs(c.std_error / r.std_error - 1)) < 1e-10 AS errors
FROM fit f, cox_coefficients(m) c JOIN r USING (feature) WHERE r.ties = f.ties AND c.level IS NOT DISTINCT FROM r.level GROUP BY f.ties ORDER BY f.ties;
SELECT feature, level, round(coefficient::numeric, 6) AS coefficient, round(std_error::numeric, 6) AS error, round(z::numeric, 3) AS z,
    round(p_value::numeric, 6) AS p, round(hazard_ratio::numeric, 4) AS ratio, round(low::numeric, 4) AS low, round(high::numeric, 4) AS high
FROM fit, cox_coefficients(m) WHERE ties = 'efron';
SELECT feature, round(low::numeric, 4) AS low FROM fit, cox_coefficients(m, 0.8) WHERE ties = 'efron' AND feature = 'trt';
SELECT s.rows, events, skipped, s.ties, l2, df, abs(concordance - w.c) < 1e-14 AS concordance, abs(log_likelihood - w.l) < 1e-11 AS likelihood,
    abs(null_log_likelihood - w.n) < 1e-11 AS null_likelihood, abs(p_value / w.p - 1) < 1e-10 AS p_value
FROM fit f, cox_summary(m) s
JOIN (VALUES ('efron', 0.73841435711040437, -474.45779018484001, -505.44905491805798, 1.7787778100122126e-11),
        ('breslow', 0.7379600181735575, -475.23810695420201, -505.88395628311599, 2.4587462163887784e-11)) w(ties, c, l, n, p) USING (ties);
-- exp(b (x - colMeans(model.matrix))); survfit(fit, newdata, ctype = 1, stype = 2) at 10, 100 and 300 days.
SELECT f.ties, abs(cox_risk(m, x) / w.risk - 1) < 1e-10 AS risk,
    (SELECT max(abs(cox_survival(m, x, t) / s - 1)) < 1e-10 FROM unnest('{10,100,300}'::float8[], w.s) u(t, s)) AS survival
FROM fit f, (SELECT 60 AS age, 60 AS karno, 'large' AS celltype, 1 AS trt) x,
    (VALUES ('efron', 0.65601771486156679, '{0.95006865542966268,0.54080170840551867,0.14283683545012307}'::float8[]),
        ('breslow', 0.65948186257902386, '{0.94959958409117873,0.53875300910652979,0.14176572653532596}'::float8[])) w(ties, risk, s)
WHERE w.ties = f.ties ORDER BY 1;
SELECT cox_survival(m, f, 0.5) AS before, cox_survival(m, f, -1) AS ago, cox_survival(m, f, 999) < 0.01 AS at_the_end, cox_survival(m, f, 1000) AS after,
    cox_survival(m, f, 'NaN'::float8) AS never FROM fit, trial WHERE ties = 'efron' AND i = 1;
SELECT count(*) AS steps, min(at_time), max(at_time), bool_and(abs(survival - exp(-cumulative_hazard)) < 1e-15) AS both FROM fit, cox_baseline(m) WHERE ties = 'efron';
SELECT code, feature, level FROM fit, cox_warnings(m);

-- Order, workers and the way rows come leave no trace; columns go by name.
SELECT count(DISTINCT m::text) AS models
FROM generate_series(1, 5) k, LATERAL (SELECT cox_agg(days, died, f ORDER BY i * 7919 % (7 * k)) AS m FROM trial) x;
SELECT cox_agg(days, died, f)::text = (SELECT m::text FROM fit WHERE ties = 'efron') AS same
FROM veteran, LATERAL (SELECT trt::numeric, celltype::varchar, age::float4, karno::bigint) f;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 1;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 2;
SET cpu_operator_cost = 0;	-- shipping rows is said to be dear
ALTER TABLE veteran SET (parallel_workers = 2);
CREATE TYPE gaps AS (a integer[], c text);
CREATE VIEW lists AS SELECT i, days, died, (CASE WHEN i % 9 > 0 THEN ARRAY[karno, CASE WHEN i % 5 > 0 THEN age END] END, CASE WHEN i % 7 > 0 THEN celltype END)::gaps AS f
FROM veteran;
EXPLAIN (COSTS OFF) SELECT cox_agg(days, died, f, '{"l2": 2}') FROM lists;
CREATE TABLE parallel AS SELECT cox_agg(days, died, f, '{"l2": 2}') AS m FROM lists;
RESET max_parallel_workers_per_gather;
RESET parallel_leader_participation;
RESET cpu_operator_cost;
SELECT m::text = (SELECT cox_agg(days, died, f, '{"l2": 2}' ORDER BY days)::text FROM lists) AS same FROM parallel;

-- NULLs: an indicator beside the mean; lists: an element each.  R: coxph on such columns, and with ridge(X, theta = 2, scale = FALSE).
SELECT c.feature, c.level, round(p.coefficient::numeric, 4) AS ridge, abs(p.coefficient - w.ridge) < 1e-6 AS as_r, abs(c.coefficient - w.coefficient) < 1e-10 AS plain,
    abs(c.std_error / w.error - 1) < 1e-10 AS error
FROM (SELECT cox_agg(days, died, f) AS m FROM lists) x, parallel l, cox_coefficients(x.m) WITH ORDINALITY c
JOIN (VALUES (1, -0.0309944796460502742, 0.0054803761995151287, -0.0306113779705833346), (2, -0.1994089511325777275, 0.3621953923757585403, -0.1398680101761295702),
        (3, -0.0047680558989546054, 0.0106483991176499794, -0.0037775319393396844), (4, 0.0851033667295301444, 0.2609986163899642442, 0.0564670882628204376),
        (5, 0.3136798540691404513, 0.2785791533710770818, 0.3294954929338225758), (6, -0.5336937154195102728, 0.2814904238652368162, -0.4374710065360428168),
        (7, 0, NULL, 0), (8, -0.7048140759497782959, 0.2623750509077776294, -0.6042917088287126370),
        (9, -0.2239704482356840998, 0.3185082446682691582, -0.1514953481549068670)) w(ordinality, coefficient, error, ridge) USING (ordinality),
    LATERAL (SELECT p.* FROM cox_coefficients(l.m) p WHERE p.feature = c.feature AND p.level IS NOT DISTINCT FROM c.level) p
ORDER BY ordinality;
SELECT (cox_summary(m)).l2, (cox_summary(m)).p_value FROM parallel;
SELECT i, round(cox_risk(m, f)::numeric, 4) AS risk, f FROM parallel, lists WHERE i IN (1, 5, 7, 9) ORDER BY i;
-- A level never seen, and a gap where there was none, count as the average row.
SELECT cox_risk(m, x) = 1 AS average, cox_survival(m, x, 100) = (SELECT min(survival) FROM cox_baseline(m) WHERE at_time <= 100) AS its_survival
FROM fit, (SELECT NULL::float8 AS karno, NULL::float8 AS age, 'other' AS celltype, NULL::integer AS trt) x
WHERE ties = 'efron';

-- Risks far out are 0 or Infinity, never NaN.
SELECT cox_risk(m, low) AS low, cox_risk(m, high) AS high, cox_survival(m, low, 100) AS lasts, cox_survival(m, high, 100) AS goes, cox_survival(m, high, 0.5) AS not_yet
FROM fit, (SELECT 1e140 AS age, 1e140 AS karno, 'large' AS celltype, -1e140 AS trt) low, (SELECT -1e140 AS age, -1e140 AS karno, 'large' AS celltype, 1e140 AS trt) high
WHERE ties = 'efron';

-- Intervals are kept in seconds.
SELECT cox_survival(m, f, interval '100 days') = cox_survival(m, f, 8640000) AS same, abs(cox_survival(m, f, interval '100 days') / (SELECT cox_survival(e.m, f, 100) FROM fit e WHERE ties = 'efron') - 1) < 1e-12 AS as_days
FROM (SELECT cox_agg(days * interval '1 day', died, f) AS m FROM trial) x, trial WHERE i = 7;
SELECT cox_survival(m, f, interval '100 days') FROM fit, trial WHERE ties = 'efron' AND i = 7;

-- Rows that say nothing; no model of nothing.
SELECT s.rows, skipped FROM cox_summary((SELECT cox_agg(CASE WHEN i % 2 = 0 THEN days END, CASE WHEN i % 3 > 0 THEN died END, CASE WHEN i % 5 > 0 THEN f END) FROM trial)) s;
SELECT cox_agg(NULL::float8, true, f) IS NULL AS none, cox_agg(days * interval '1 day', NULL, f, '{}') IS NULL AS no_events FROM trial;
SELECT s.rows, events, concordance, log_likelihood, p_value, (SELECT array_agg(w) FROM cox_warnings(m) w) AS warnings, cox_risk(m, f) AS risk, cox_survival(m, f, 1) AS survival,
    (SELECT count(*) FROM cox_coefficients(m)) AS coefficients, (SELECT count(*) FROM cox_baseline(m)) AS steps
FROM (SELECT cox_agg(days, false, f) AS m FROM trial) x, cox_summary(m) s, trial WHERE i = 1;
SELECT s.*, cox_risk(m, f) FROM (SELECT cox_agg(1, true, f) AS m FROM (SELECT 1 AS a) f) x, (SELECT 2 AS a) f, cox_summary(m) s;
-- A list that no row has is no feature; one of 300 places takes a term each.
SELECT (cox_summary(m)).df, cox_risk(m, q), (SELECT count(*) FROM cox_coefficients(m)) AS terms
FROM (SELECT cox_agg(i, true, f) AS m FROM generate_series(1, 9) i, LATERAL (SELECT NULL::integer[] AS a) f) x, (SELECT 1 AS b) q;
SELECT (cox_summary(m)).l2, (SELECT count(*) FROM cox_coefficients(m)) AS terms, (m::text)::cox_model::text = m::text AS lossless
FROM (SELECT cox_agg(i, true, f) AS m FROM generate_series(1, 5) i, LATERAL (SELECT ARRAY(SELECT (i * j % 11)::float8 FROM generate_series(1, 300) j) AS a) f) x;

-- Monotone, constant, collinear: a model all the same, and it says so.
CREATE TABLE odd AS
SELECT cox_agg(days, died, f) AS m FROM veteran, LATERAL (SELECT karno, 2 * karno - age AS mix, age, 7 AS seven, days > 150 AS late, NULL::text AS gap) f;
SELECT code, feature, level, message FROM odd, cox_warnings(m);
SELECT feature, level, coefficient BETWEEN -10 AND 10 AS finite, std_error IS NULL AS unknown FROM odd, cox_coefficients(m);
SELECT l2, df, p_value FROM odd, cox_summary(m);
SELECT code FROM cox_warnings((SELECT cox_agg(i, true, f) FROM generate_series(1, 50) i, LATERAL (SELECT sin(i) AS a, sin(i + 1) AS b, i % 2 AS c, i % 3 AS d, i % 5 AS e, i % 7 AS g) f)) w;

-- Thin groups, more columns than events: always numbers, and most are told to be monotone.
CREATE TABLE thin AS
SELECT g, cox_agg(1 + i * g % 7, (i + g) % 5 > 0, f) AS m
FROM generate_series(1, 300) g, generate_series(1, 3 + g % 11) i,
    LATERAL (SELECT sin(i * g) AS a, exp(9 * cos(i + g)) AS b, 'l' || i * i % (1 + g % 7) AS c, CASE WHEN (i + g) % 3 > 0 THEN (i * g % 4)::float8 END AS d) f
GROUP BY g;
SELECT count(*) AS models, count(*) FILTER (WHERE (cox_summary(m)).l2 = 1) BETWEEN 100 AND 299 AS many_rescued,
    bool_and((SELECT bool_and(abs(coefficient) < 1e6 AND coalesce(std_error, 1) BETWEEN 1e-6 AND 1e6) FROM cox_coefficients(m))) AS sensible,
    bool_and(((cox_summary(m)).l2 = 1) = EXISTS (SELECT FROM cox_warnings(m) WHERE code = 'monotone')) AS told
FROM thin;

-- Many times: a thousand steps say almost the same.
SELECT count(*) <= 1000 AS steps, max(abs(survival - exact)) < 0.001 AS close
FROM (SELECT cox_agg(i + 0.5, true, f) AS m FROM generate_series(1, 5000) i, LATERAL (SELECT (i * 7919 % 5003)::float8 / 5003 AS x) f) y,
    LATERAL (SELECT t, cox_survival(m, (SELECT r FROM (SELECT 0.5::float8 AS x) r), t + 0.5) AS survival, 1 - t / 5000.0 AS exact FROM generate_series(7, 4990, 13) t LIMIT 900) s;

-- A jump among them, as where many deals are closed at the end of a quarter: no time before it knows of it.
SELECT t, round(cox_survival(m, f, t)::numeric, 3) AS survival
FROM (SELECT cox_agg(d, true, f) AS m FROM (SELECT i::float8 AS d, i % 3 AS x FROM generate_series(1, 3000) i UNION ALL SELECT 1500.5, i % 3 FROM generate_series(1, 3000) i) c, LATERAL (SELECT x) f) y,
    LATERAL (SELECT 1 AS x) f, unnest('{1496, 1500, 1500.49, 1500.5, 1501}'::float8[]) AS t
ORDER BY t;

-- NULL in, NULL out.
SELECT cox_risk(NULL, f), cox_risk(m, NULL::record), cox_survival(m, f, NULL::float8), cox_survival(NULL, f, interval '1 day'), cox_summary(NULL), (SELECT count(*) FROM cox_coefficients(NULL)) AS rows
FROM fit, trial WHERE ties = 'efron' AND i = 1;

-- A running window, and values that travel.
SELECT count(*), count(DISTINCT m::text) AS models, bool_and((m::text)::cox_model::text = m::text) AS lossless, bool_and(cox_model_send(m) IS NOT NULL) AS sent
FROM (SELECT cox_agg(days, died, f) OVER (ORDER BY i ROWS 60 PRECEDING) AS m FROM trial WHERE i <= 80) x;

-- Errors.
SELECT cox_agg(-1::float8, died, f) FROM trial;
SELECT cox_agg(interval '-1 day', died, f) FROM trial;
SELECT cox_agg(days, died, f, '{"tie": "efron"}') FROM trial;
SELECT cox_agg(days, died, f, '{"ties": "exact"}') FROM trial;
SELECT cox_agg(days, died, f, '{"l2": -1}') FROM trial;
SELECT cox_agg(days, died, f, '{"include": ["height"]}') FROM trial;
SELECT cox_agg(days, died, f, '{"exclude": ["karno", "age", "trt", "celltype"]}') FROM trial;
SELECT cox_agg(days, died, f, CASE WHEN i = 1 THEN '{"l2": 1}' ELSE '{"l2": 2}' END::jsonb) FROM trial;
SELECT cox_agg(days, died, ROW(karno, age)) FROM veteran;
SELECT cox_agg(days, died, f) FROM veteran, LATERAL (SELECT karno AS a, age AS a) f;
SELECT cox_agg(days, died, f) FROM veteran, LATERAL (SELECT now() AS at) f;
SELECT cox_agg(days, died, f) FROM veteran, LATERAL (SELECT 'Infinity'::float8 AS karno) f;
SELECT cox_agg(days, died, f) FROM veteran, LATERAL (SELECT array_fill(1, ARRAY[1001]) AS a) f;
SELECT cox_agg(1, true, f) FROM generate_series(1, 1100) i, LATERAL (SELECT i::text AS key) f;
SELECT cox_agg(1, true, f) FROM (SELECT r AS f FROM (SELECT 1 AS a) r UNION ALL SELECT q FROM (SELECT 1 AS a, 2 AS b) q) s;
SELECT cox_agg(1, true, f) FROM generate_series(1, 2) i, LATERAL (SELECT array_fill(1, ARRAY[i]) AS a) f;
SELECT cox_risk(m, f) FROM fit, (SELECT 1 AS karno) f;
SELECT cox_risk(m, f) FROM fit, (SELECT 'x' AS age, 'x' AS celltype, 'x' AS karno, 'x' AS trt) f;
SELECT cox_coefficients(m, 1) FROM fit;
SELECT 'cox_model:AAAA'::cox_model;
-- Partitions whose rows, or options, differ.
CREATE TABLE parts (region integer, kind integer, n integer) PARTITION BY LIST (region);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN (0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
INSERT INTO parts SELECT i % 2, i / 2 % 5, i FROM generate_series(0, 199) i;
CREATE FUNCTION features(region integer, kind integer, n integer) RETURNS record LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    CASE region * (1 + kind)
        WHEN 1 THEN SELECT n::text AS n, ARRAY[1] AS a INTO r;
        WHEN 2 THEN SELECT n, ARRAY[1] AS other INTO r;
        WHEN 3 THEN SELECT n INTO r;
        WHEN 4 THEN SELECT n, ARRAY[1, 2] AS a INTO r;
        ELSE SELECT n, CASE WHEN region = 0 THEN ARRAY[1] END AS a INTO r;
    END CASE;
    RETURN r;
END $$;
CREATE FUNCTION attempt(which integer, options jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT sum((cox_summary(m)).rows) FROM (SELECT cox_agg(n, true, features(region, which, n), CASE region WHEN 0 THEN options ELSE '{}' END) AS m FROM parts GROUP BY kind) x);
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SET enable_partitionwise_aggregate = on;
SET enable_hashagg = off;
SET cpu_operator_cost = 0;
SELECT k, attempt(k, '{}') FROM generate_series(0, 4) k;
SELECT attempt(4, '{"l2": 1}');
SET sales_intel.fit_memory = '1MB';
SELECT cox_agg(i, true, f) FROM generate_series(1, 100000) i, LATERAL (SELECT i AS a) f;
RESET sales_intel.fit_memory;

DROP VIEW trial, lists;
DROP TYPE traits, gaps;
DROP FUNCTION features, attempt;
DROP TABLE veteran, fit, r, parallel, odd, parts, thin;
