-- What bad input gets: SQLSTATE, message, detail and hint, and nothing lost.
CREATE SCHEMA lead_errors;
SET search_path = lead_errors, sales_intel;

CREATE TABLE base AS
SELECT i, (i * 7919) % 1009 < 300 + 100 * (i % 5) AS won, i % 5 AS n, (i * 31 % 101) / 7.0::float8 AS x,
    (ARRAY['web', 'fair', 'phone'])[1 + i % 3] AS t
FROM generate_series(1, 400) i;
CREATE TABLE model AS SELECT lead_model_agg(won, f, '{"folds": 0}') AS m
FROM base, LATERAL (SELECT n, x, t, ARRAY[n, i % 7] AS list) f;

-- Run each query and show its error in full.
CREATE PROCEDURE refuse(VARIADIC queries text[])
LANGUAGE plpgsql AS $$
DECLARE
    query text;
    message text;
    detail text;
    hint text;
BEGIN
    FOREACH query IN ARRAY queries LOOP
        BEGIN
            EXECUTE query;
            RAISE WARNING 'no error: %', query;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            RAISE NOTICE E'% %\n  %\n  %', SQLSTATE, message, detail, hint;
        END;
    END LOOP;
END $$;
-- Train on a row of these columns.
CREATE PROCEDURE refuse_columns(VARIADIC columns text[])
LANGUAGE plpgsql AS $$
DECLARE
    queries text[] := ARRAY(SELECT format(
        'SELECT lead_model_agg(b.won, f) FROM base b, LATERAL (SELECT %s) f', c) FROM unnest(columns) c);
BEGIN
    CALL refuse(VARIADIC queries);
END $$;
-- Score a row of these columns.
CREATE PROCEDURE refuse_score(VARIADIC columns text[])
LANGUAGE plpgsql AS $$
DECLARE
    queries text[] := ARRAY(SELECT format(
        'SELECT lead_score(m, f) FROM model, (SELECT %s) f', c) FROM unnest(columns) c);
BEGIN
    CALL refuse(VARIADIC queries);
END $$;

-- Rows without names, without features, with too many of them.
CALL refuse('SELECT lead_model_agg(won, ROW(n, x)) FROM base',
    'SELECT lead_model_agg(won, v) FROM base, LATERAL (VALUES (n, x)) v(f1, f2)',
    'SELECT lead_model_agg(won, ROW()) FROM base');
CALL refuse('SELECT lead_model_agg(won, f) FROM base, LATERAL (SELECT n, x, 2 * n AS n) f');
SELECT lead_model_agg(won, v) IS NOT NULL AS one_name_is_a_name FROM base, LATERAL (VALUES (n, x)) v(f1, x);
DO $$
BEGIN
    EXECUTE (SELECT format('CREATE TABLE wide (won boolean, %s)', string_agg('c' || i || ' integer', ', '))
        FROM generate_series(1, 1599) i);
END $$;
INSERT INTO wide SELECT i % 3 = 0, i FROM generate_series(1, 200) i;
CALL refuse('SELECT lead_model_agg(won, w) FROM wide w',
    'SELECT lead_model_agg(won, w, ''{"exclude": ["won"]}'') FROM wide w');
CALL refuse_columns('array_fill(0, ARRAY[1001]) AS list', 'n, array_fill(0, ARRAY[1000]) AS list',
    'array_fill(0, ARRAY[600]) AS list, array_fill(0, ARRAY[600]) AS list2');
SELECT (lead_model_summary(lead_model_agg(won, w, '{"exclude": ["won"], "include": ["c1", "c1599"]}'))).features
FROM wide w;
-- too many coefficients: eleven columns of a hundred levels each
SELECT string_agg(format('%s AS c%s', format('''%s-'' || i %% 100', i), i), ', ') AS columns FROM generate_series(1, 11) i
\gset
CREATE TABLE many AS SELECT i % 3 = 0 AS won, f.* FROM generate_series(1, 1000) i, LATERAL (SELECT :columns) f;
CALL refuse('SELECT lead_model_agg(won, m, ''{"exclude": ["won"], "algorithm": "logistic"}'') FROM many m');
SELECT (lead_model_summary(lead_model_agg(won, m, '{"exclude": ["won"], "folds": 2, "trees": 3}'))).algorithm AS auto_grows_trees FROM many m;
SELECT (lead_model_summary(lead_model_agg(won, m, '{"exclude": ["won"], "max_levels": 90, "folds": 0}'))).features FROM many m;

-- The label among the features, under any name.
CALL refuse_columns('b.n, b.won', 'b.n, NOT b.won AS lost', 'b.n, b.won::text AS outcome', 'CASE WHEN b.won THEN 7.5 ELSE -3 END AS amount',
    'n, CASE WHEN b.won THEN ''yes'' END AS only_if_won', 'ARRAY[n, b.won::integer] AS list');

-- Text that is numbers; codes are named, few values are categories.
CALL refuse_columns('n || ''.'' || i % 30 AS price', '(i % 30) || '' '' AS count', '''-'' || i % 30 || '',5'' AS comma');
SELECT column_name, (lead_model_summary(m)).features
FROM (SELECT 'named' AS column_name, lead_model_agg(won, f, '{"categorical": ["code"]}') AS m
        FROM base, LATERAL (SELECT (i % 30)::text AS code) f
    UNION ALL
    SELECT '20 values', lead_model_agg(won, f) FROM base, LATERAL (SELECT (i % 20)::text AS code) f
    UNION ALL
    SELECT 'one word', lead_model_agg(won, f)
    FROM base, LATERAL (SELECT CASE WHEN i = 7 THEN 'n/a' ELSE (i % 30)::text END AS code) f) s;

-- NaN and infinities, in training and scoring, in every type that has them.
CALL refuse_columns('CASE WHEN i = 7 THEN ''NaN'' ELSE x END AS x', '''Infinity''::real AS x', '''-Infinity''::float8 AS x',
    '''NaN''::numeric AS x', '''Infinity''::numeric AS x', '1e141 AS x', '1e400::numeric AS x',
    'ARRAY[1, ''NaN''::float8] AS x', 'ARRAY[1, ''-inf''::real] AS x', 'ARRAY[''NaN''::numeric] AS x');
CALL refuse_score('''NaN''::float8 AS n, 1 AS x, ''web'' AS t, ARRAY[1, 2] AS list', '''NaN''::real AS n, 1 AS x, ''web'' AS t, ARRAY[1, 2] AS list',
    '''NaN''::numeric AS n, 1 AS x, ''web'' AS t, ARRAY[1, 2] AS list', '1 AS n, ''-inf''::float8 AS x, ''web'' AS t, ARRAY[1, 2] AS list',
    '1 AS n, ''inf''::numeric AS x, ''web'' AS t, ARRAY[1, 2] AS list', '1 AS n, 1 AS x, ''web'' AS t, ARRAY[1, ''NaN''::real] AS list');
SELECT lead_explain(m, f) FROM model, (SELECT 1 AS n, 'NaN'::float8 AS x, 'web' AS t, ARRAY[1, 2] AS list) f;
-- also behind the planner's back
CALL refuse('SELECT lead_margin(m, f) FROM model, (SELECT ''NaN''::float8 AS n, 1 AS x, ''web'' AS t, ARRAY[1, 2] AS list FROM generate_series(1, 1) OFFSET 0) f');
-- Arrays of other shapes.
CALL refuse_columns('ARRAY[[1, 2]] AS list', '''{}''::float8[] AS list', 'CASE WHEN i % 2 = 0 THEN ARRAY[1] ELSE ARRAY[1, 2] END AS list');

-- Weights.
CREATE PROCEDURE refuse_weight(VARIADIC weights text[])
LANGUAGE plpgsql AS $$
DECLARE
    queries text[] := ARRAY(SELECT format('SELECT lead_model_agg(won, f, CASE i WHEN 7 THEN %L ELSE 1.0::float8 END, ''{}'')
        FROM base, LATERAL (SELECT x) f', w) FROM unnest(weights) w);
BEGIN
    CALL refuse(VARIADIC queries);
END $$;
CALL refuse_weight('-1', 'NaN', 'Infinity', '1e31', '1e-31');
SELECT lead_model_agg(won, f, CASE WHEN i <= 10 THEN NULL ELSE 0 END, '{}') IS NULL AS nothing_left
FROM base, LATERAL (SELECT x) f;
SELECT usable IS NOT NULL AS fits FROM (SELECT lead_model_agg(won, f, w, '{}') AS m
    FROM base, LATERAL (SELECT x) f, unnest('{1e-30,1e30}'::float8[]) w GROUP BY w) s, lead_model_summary(m);
SELECT rows, skipped FROM (SELECT lead_model_agg(CASE WHEN i > 5 THEN won END, f, CASE WHEN i <= 10 THEN NULL WHEN i <= 30 THEN 0 ELSE 1 END, '{}') AS m
    FROM base, LATERAL (SELECT x) f) s, lead_model_summary(m);

-- Labels and groups without enough of either: no error, and the reason.
CREATE TABLE grouped AS
SELECT g, i, CASE g WHEN 'all won' THEN true WHEN 'all lost' THEN false WHEN 'unknown' THEN NULL
    WHEN 'few' THEN won AND i <= 100 WHEN 'gaps' THEN CASE WHEN i % 4 > 0 THEN won END
    WHEN 'just' THEN i <= 40 WHEN 'not just' THEN i <= 39 ELSE won END AS won, n, x, t
FROM base, unnest('{all won,all lost,unknown,few,gaps,just,not just,good}'::text[]) g;
SELECT g, s.rows, s.positives, s.skipped, s.features, algorithm, usable, roc_auc IS NULL AS no_auc,
    lead_score(m, f) IS NULL AS no_score, lead_margin(m, f) IS NULL AS no_margin, lead_grade(m, 0.5) IS NULL AS no_grade,
    lead_reasons(m, f) IS NULL AS no_reasons, (SELECT count(*) FROM lead_explain(m, f)) AS explained,
    (SELECT count(*) FROM lead_model_coefficients(m)) AS coefficients
FROM (SELECT g, lead_model_agg(won, f) AS m FROM grouped, LATERAL (SELECT n, x, t) f GROUP BY g) m
    LEFT JOIN LATERAL lead_model_summary(m) s ON true, (SELECT 1 AS n, 2 AS x, 'web' AS t) f
ORDER BY g COLLATE "C";
SELECT g, code, message
FROM (SELECT g, lead_model_agg(won, f) AS m FROM grouped, LATERAL (SELECT n, x, t) f GROUP BY g) m, lead_model_warnings(m)
WHERE g IN ('all won', 'all lost', 'few', 'not just')
ORDER BY g COLLATE "C";
SELECT lead_model_agg(won, b) IS NULL AS no_rows FROM base b WHERE false;
SELECT lead_model_agg(won, NULL::base) IS NULL AS no_features FROM base b;
SELECT rows, skipped FROM (SELECT lead_model_agg(won, CASE WHEN i > 50 THEN f END, '{}') AS m FROM base, LATERAL (SELECT x) f) s, lead_model_summary(m);
-- forced
SELECT g, usable, features, lead_score(m, f) IS NULL AS no_score
FROM (SELECT g, lead_model_agg(won, f, '{"force": true}') AS m FROM grouped, LATERAL (SELECT n, x, t) f GROUP BY g) m,
    lead_model_summary(m), (SELECT 1 AS n, 2 AS x, 'web' AS t) f
WHERE g IN ('all won', 'not just')
ORDER BY g COLLATE "C";

-- Rows that do not fit together: in one state, and in two that are merged.
CALL refuse($$SELECT lead_model_agg(won, f) FROM (
        SELECT won, f FROM base, LATERAL (SELECT n, x) f WHERE i <= 200 UNION ALL
        SELECT won, f FROM base, LATERAL (SELECT n, x, t) f WHERE i > 200) s$$,
    $$SELECT lead_model_agg(won, f) FROM (
        SELECT won, f FROM base, LATERAL (SELECT n, x) f WHERE i <= 200 UNION ALL
        SELECT won, f FROM base, LATERAL (SELECT n) f WHERE i > 200) s$$,
    $$SELECT lead_model_agg(won, f) FROM (
        SELECT won, f FROM base, LATERAL (SELECT n, x) f WHERE i <= 200 UNION ALL
        SELECT won, f FROM base, LATERAL (SELECT n, x::text) f WHERE i > 200) s$$);
-- a partition each has its own kind of row, its own options
CREATE TABLE parts (region integer, won boolean, n integer) PARTITION BY LIST (region);
CREATE TABLE parts_0 PARTITION OF parts FOR VALUES IN (0);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
INSERT INTO parts SELECT i % 2, won, n FROM base;
CREATE FUNCTION features(kind text, region integer, n integer) RETURNS record
LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    IF region = 0 OR kind = 'options' THEN
        SELECT n, 1 AS m INTO r;
    ELSE
        CASE kind
            WHEN 'type' THEN SELECT 'n' || n AS n, 1 AS m INTO r;
            WHEN 'array' THEN SELECT ARRAY[n] AS n, 1 AS m INTO r;
            WHEN 'name' THEN SELECT n, 1 AS other INTO r;
            WHEN 'count' THEN SELECT n, 1 AS m, 2 AS k INTO r;
        END CASE;
    END IF;
    RETURN r;
END $$;
CREATE FUNCTION list(region integer, n integer) RETURNS integer[]
LANGUAGE SQL AS 'SELECT CASE region WHEN 0 THEN ARRAY[n] ELSE ARRAY[n, n] END';
SET enable_partitionwise_aggregate = on;
SET enable_hashagg = off;
SET cpu_operator_cost = 0;
DO $$
DECLARE
    queries text[] := ARRAY(SELECT format('SELECT lead_model_agg(n > 1, lead_errors.features(%L, region, n)) FROM parts GROUP BY won', kind)
        FROM unnest('{type,array,name,count}'::text[]) kind);
BEGIN
    CALL lead_errors.refuse(VARIADIC queries);
END $$;
CALL refuse('SELECT lead_model_agg(n > 1, f) FROM parts, LATERAL (SELECT list(region, n)) f GROUP BY won',
    'SELECT lead_model_agg(n > 1, p, jsonb_build_object(''folds'', region * 2)) FROM parts p GROUP BY won');

SET client_min_messages = warning;
DROP SCHEMA lead_errors CASCADE;
