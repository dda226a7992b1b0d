-- Funnels: what bad input gets.
SET TimeZone = 'UTC';
SET search_path = public, sales_intel;

-- Steps
SELECT funnel_agg(now(), 'a', '{}', '1 day');
\echo :LAST_ERROR_SQLSTATE
SELECT funnel_agg(now(), 'a', (SELECT array_agg(i::text) FROM generate_series(1, 65) i), '1 day');
SELECT funnel_agg(now(), 'a', '{{a,b},{c,d}}', '1 day');
SELECT funnel_agg(now(), 'a', '{a,NULL}', '1 day');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT funnel_agg(now(), 'a', NULL, '1 day');
SELECT funnel_agg(now(), 'a', '{a}', NULL);
SELECT funnel_agg(now(), 'a', '{a}', '1 day', NULL);
SELECT funnel_mask_agg(now(), 1, NULL, '1 day');
SELECT funnel_mask_agg(now(), 1, 0, '1 day');
SELECT funnel_mask_agg(now(), 1, -1, '1 day');
SELECT funnel_mask_agg(now(), 1, 65, '1 day');
SELECT funnel(s, '{}', '1 day') FROM (SELECT sequence_agg(now(), 'a') AS s) q;
SELECT funnel_summary_agg(1, now(), 'a', '{}', '1 day');
\set VERBOSITY default
SELECT funnel_mask_agg(now(), 9, 3, '1 day');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT funnel_mask_agg(now(), -1, 63, '1 day');

-- Windows
SELECT funnel_agg(now(), 'a', '{a}', '-1 day');
SELECT funnel_agg(now(), 'a', '{a}', '0');
SELECT funnel_agg(now(), 'a', '{a}', '1 mon');
SELECT funnel_mask_agg(now(), 1, 1, '1 year -365 days');

-- Modes
\set VERBOSITY default
SELECT funnel_agg(now(), 'a', '{a}', '1 day', 'strict');
\echo :LAST_ERROR_SQLSTATE
SELECT funnel_agg(now(), 'a', '{a}', '1 day', 'allow_reentry');
\set VERBOSITY terse
SELECT funnel_agg(now(), 'a', '{a}', '1 day', '');
SELECT funnel_agg(now(), 'a', '{a}', '1 day', 'strict_once,');
SELECT funnel_mask_agg(now(), 1, 1, '1 day', 'strict_once;strict_order');
SELECT funnel(s, '{a}', '1 day', 'Strict_Order') FROM (SELECT sequence_agg(now(), 'a') AS s) q;

-- Times
SELECT funnel_agg('infinity', 'z', '{a}', '1 day');
SELECT funnel_mask_agg('-infinity', 1, 1, '1 day');
SELECT funnel_summary_agg(1, 'infinity', 'z', '{a}', '1 day');

-- A plan that changes from row to row, or between workers
\set VERBOSITY default
SELECT funnel_agg(now(), 'a', CASE WHEN i < 3 THEN '{a,b}'::text[] ELSE '{a,c}' END, '1 day') FROM generate_series(1, 3) i;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT funnel_agg(now(), 'a', '{a,b}', make_interval(days => i)) FROM generate_series(1, 3) i;
SELECT funnel_agg(now(), 'a', '{a,b}', '1 day', (ARRAY['default', 'strict_once'])[i]) FROM generate_series(1, 2) i;
SELECT funnel_mask_agg(now(), 1, i, '1 day') FROM generate_series(1, 3) i;
SELECT funnel_summary_agg(i, now(), 'a', ARRAY['a', i::text], '1 day') FROM generate_series(1, 3) i;
SELECT funnel_summary_agg(i::text, now(), 'a', ARRAY['a', 'b'], '1 day', (ARRAY['default', 'strict_once'])[i]) FROM generate_series(1, 2) i;
SELECT rollup(f) FROM (SELECT funnel_agg(now(), 'a', ARRAY['a', i::text], '1 day') AS f FROM generate_series(1, 2) i GROUP BY i) s;
SELECT rollup(fs) FROM (SELECT funnel_summary_agg(i, now(), 'a', ARRAY['a', i::text], '1 day') AS fs FROM generate_series(1, 2) i GROUP BY i) s;
CREATE TABLE event AS SELECT i, now() AS at, 'a' AS event, ARRAY['a', (i / 5000)::text] AS steps FROM generate_series(1, 9999) i;
ANALYZE event;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;
SELECT funnel_agg(at, event, steps, '1 day') FROM event;
SELECT funnel_summary_agg(i, at, event, steps, '1 day') FROM event;
\echo :LAST_ERROR_SQLSTATE
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
DROP TABLE event;

-- Damage: in text, in binary, as stored
\set VERBOSITY default
SELECT 'funnel:AAAA'::funnel;
SELECT 'funnel_summary:AAAA'::funnel_summary;
\set VERBOSITY terse
-- A step whose name no text of this encoding is: byte 255.
SELECT 'funnel:U0lGVQEAAAABAAEFAAAAAAAAAAEAAAD/ADRH1hrDjYXo'::funnel;
SELECT 'funnel_summary:U0lGUwEAAAABAAEFAAAAAAAAAAEAAAD/AIsOcKQzo7u0'::funnel_summary;
\set VERBOSITY default
CREATE TABLE kept AS
SELECT funnel_agg(at, event, '{a,b}', '1 day') AS f, funnel_summary_agg(1, at, event, '{a,b}', '1 day') AS fs
FROM (VALUES (to_timestamp(1), 'a'), (to_timestamp(9), 'b')) v(at, event);
CREATE TABLE bytes AS SELECT set_byte(funnel_send(f), 9, 77) AS f, set_byte(funnel_summary_send(fs), 9, 77) AS fs FROM kept;
CREATE TABLE copy (f funnel);
CREATE TABLE copies (fs funnel_summary);
\copy bytes (f) TO 'results/funnel_errors.copy' (FORMAT binary)
\copy copy FROM 'results/funnel_errors.copy' (FORMAT binary)
\copy bytes (fs) TO 'results/funnel_errors.copy' (FORMAT binary)
\copy copies FROM 'results/funnel_errors.copy' (FORMAT binary)
\! rm results/funnel_errors.copy
CREATE CAST (bytea AS funnel) WITHOUT FUNCTION;
CREATE CAST (bytea AS funnel_summary) WITHOUT FUNCTION;
SELECT funnel_level(f::funnel) FROM bytes;
SELECT * FROM funnel_report((SELECT fs::funnel_summary FROM bytes));
\set VERBOSITY terse
SELECT funnel_times(f::funnel) FROM bytes;
SELECT rollup(f::funnel) FROM bytes;
SELECT rollup(fs::funnel_summary) FROM bytes;
SELECT funnel_level(''::bytea::funnel);
SELECT rollup(''::bytea::funnel_summary);
SELECT funnel_level(funnel_summary_send(fs)::funnel) FROM kept;
\echo :LAST_ERROR_SQLSTATE
DROP CAST (bytea AS funnel);
DROP CAST (bytea AS funnel_summary);

-- Limits
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE TABLE many AS
SELECT funnel_agg(to_timestamp(i::float8 * i * j), chr(96 + j), '{a,b}', '99999 days') AS f FROM generate_series(1, 40000) i, generate_series(1, 2) j GROUP BY i;
SET sales_intel.fit_memory = '1MB';
SELECT funnel_agg(now(), 'a', '{a}', '1 day') FROM generate_series(1, 100000);
\echo :LAST_ERROR_SQLSTATE
SELECT funnel_summary_agg(i, now(), 'a', '{a}', '1 day') FROM generate_series(1, 100000) i;
\set VERBOSITY terse
SELECT funnel_summary_agg(i::text, now(), 'a', '{a}', '1 day') FROM generate_series(1, 100000) i;
SELECT rollup(f) FROM many;
RESET sales_intel.fit_memory;
\set VERBOSITY default
DO $$
DECLARE
    fs funnel_summary;
BEGIN
    SELECT k.fs INTO fs FROM kept k;
    FOR i IN 1..60 LOOP
        SELECT rollup(v.fs) INTO fs FROM (VALUES (fs), (fs)) v(fs);
    END LOOP;
END $$;
\echo :LAST_ERROR_SQLSTATE

DROP TABLE kept, bytes, copy, copies, many;
