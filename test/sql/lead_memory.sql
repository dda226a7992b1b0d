-- sales_intel.fit_memory: an error that says how much and what to do, and
-- accounting that forgets nothing and keeps nothing.
CREATE SCHEMA lead_memory;
SET search_path = lead_memory, sales_intel;
CREATE TABLE lead AS
SELECT i, (i * 7919) % 1009 < 500 AS won, i % 10 AS g, i % 5 AS n, (i * 31 % 101) / 7.0::float8 AS x,
    'level ' || i AS key, repeat(md5(i::text), 4) AS long, array_fill(i % 3, ARRAY[50]) AS list
FROM generate_series(1, 3000) i;
CREATE FUNCTION message(query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    detail text;
    hint text;
BEGIN
    EXECUTE query;
    RETURN 'fits';
EXCEPTION WHEN configuration_limit_exceeded THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN split_part(detail, ' needs', 1);
END $$;

SET sales_intel.fit_memory = '1MB';
\set VERBOSITY terse
SELECT lead_model_agg(won, f) FROM lead, LATERAL (SELECT x, list) f;
\set VERBOSITY default
DO $$
DECLARE
    detail text;
    hint text;
    number bigint[];
BEGIN
    PERFORM sales_intel.lead_model_agg(won, f) FROM lead_memory.lead, LATERAL (SELECT x, list) f;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    number := ARRAY(SELECT r[1]::bigint FROM regexp_matches(detail, '(\d+) kB', 'g') r);
    RAISE NOTICE E'% %\n  %\n  %\n  needs + in use = at least: %, limit: %', SQLSTATE, SQLERRM,
        regexp_replace(detail, '\d+ kB', 'N kB', 'g'), hint,
        abs(number[1] + number[2] - number[3]) <= 2 AND number[3] > 1024, number[4];
END $$;

-- What may ask for more: rows, levels, texts, the order of the rows, the solution.
SELECT what, message(query) = 'fits' AS fits
FROM (VALUES ('small', 'SELECT lead_model_agg(won, f) FROM lead, LATERAL (SELECT n) f WHERE i <= 400'),
    ('rows', 'SELECT lead_model_agg(won, f) FROM lead, LATERAL (SELECT list) f'),
    ('levels', 'SELECT lead_model_agg(won, f) FROM lead, LATERAL (SELECT key, long, key AS k2, long AS l2) f'),
    ('order', 'SELECT lead_model_agg(won, f) FROM lead, LATERAL (SELECT n) f, generate_series(1, 7)'),
    ('columns', 'SELECT lead_model_agg(won, f, ''{"folds": 50}'') FROM lead, LATERAL (SELECT list) f WHERE i <= 400'),
    ('groups', 'SELECT g, lead_model_agg(won, f) FROM lead, LATERAL (SELECT list[1:20] AS list) f GROUP BY g')) q(what, query);

-- The setting is a setting of the session, to any role.  (The server's own
-- message differs between its versions.)
\set VERBOSITY sqlstate
SET sales_intel.fit_memory = '512kB';
SET sales_intel.fit_memory = '-1';
\set VERBOSITY default
SET sales_intel.fit_memory = 'much';
SHOW sales_intel.fit_memory;

-- Nothing stays claimed after an error, caught or not, at any point.
DO $$
DECLARE
    refused integer := 0;
    query text;
BEGIN
    FOR k IN 1..100 LOOP
        query := format('SELECT sales_intel.lead_model_agg(won, f, %L) FROM lead_memory.lead,
            LATERAL (SELECT %s) f WHERE i <= %s', CASE WHEN k % 2 = 0 THEN '{"folds": 50}' ELSE '{}' END,
            (ARRAY['list', 'key, long', 'x, list', 'n, key, long, list', 'list AS a, list AS b'])[1 + k % 5], 30 * k);
        refused := refused + (lead_memory.message(query) <> 'fits')::integer;
    END LOOP;
    RAISE NOTICE 'refused most: %', refused BETWEEN 50 AND 99;
END $$;
SELECT message('SELECT lead_model_agg(won, f) FROM lead, LATERAL (SELECT n) f WHERE i <= 400') AS small;
-- nor when rows are bad, when a query is left half-way, or rescanned
SELECT lead_model_agg(won, f) FROM lead, LATERAL (SELECT n, list, CASE WHEN i = 400 THEN 'NaN' ELSE x END AS x) f WHERE i <= 600;
DO $$
BEGIN
    FOR k IN 1..50 LOOP
        BEGIN
            PERFORM lead_model_agg(won, f) FROM lead_memory.lead,
                LATERAL (SELECT n, list, CASE WHEN i = 400 THEN 'NaN' ELSE x END AS x) f WHERE i <= 600;
        EXCEPTION WHEN numeric_value_out_of_range THEN
            NULL;
        END;
    END LOOP;
END $$;
DO $$
BEGIN
    FOR k IN 1..50 LOOP
        EXECUTE format('DECLARE c%s CURSOR FOR SELECT i, lead_model_agg(won, f) OVER (ORDER BY i)
            FROM lead_memory.lead, LATERAL (SELECT list) f WHERE i <= 200', k);
        EXECUTE format('FETCH c%s', k);
        EXECUTE format('CLOSE c%s', k);
    END LOOP;
END $$;
SELECT count((lead_model_summary(m)).rows) AS one_after_another
FROM generate_series(1, 20) k, LATERAL (SELECT lead_model_agg(won, f) AS m FROM lead, LATERAL (SELECT list[1:20] AS list) f WHERE i % 20 = k % 20) m;
SET enable_hashagg = off;
SELECT count((lead_model_summary(m)).rows) AS sorted_groups
FROM (SELECT lead_model_agg(won, f) AS m FROM lead, LATERAL (SELECT list[1:20] AS list) f GROUP BY i % 20) m;
RESET enable_hashagg;
SELECT message('SELECT lead_model_agg(won, f) FROM lead, LATERAL (SELECT n) f WHERE i <= 400') AS small;

-- The same query with more.
RESET sales_intel.fit_memory;
SELECT (lead_model_summary(lead_model_agg(won, f))).rows FROM lead, LATERAL (SELECT x, list) f;
-- and in parallel, each worker counting its own
SET sales_intel.fit_memory = '1MB';
SET cpu_operator_cost = 0;
SET parallel_setup_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT message('SELECT lead_model_agg(won, f) FROM lead, LATERAL (SELECT list) f') <> 'fits' AS refused;
SELECT message('SELECT lead_model_agg(won, f) FROM lead, LATERAL (SELECT n) f WHERE i <= 400') AS small;
RESET sales_intel.fit_memory;
SELECT (lead_model_summary(lead_model_agg(won, f))).rows FROM lead, LATERAL (SELECT x, list) f;

SET client_min_messages = warning;
DROP SCHEMA lead_memory CASCADE;
