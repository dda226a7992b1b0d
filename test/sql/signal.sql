-- signal_agg, signal_score, signal_decay: signals that fade.
SET extra_float_digits = 1;
SET search_path = public, sales_intel;

-- The worked example: weight 3 value 1 today, weight 2 value 0.5 seven days
-- old, weight 5 value 1 fourteen days old, half-life seven days.
CREATE TABLE signal (name text, value float8, weight float8, age interval);
INSERT INTO signal VALUES ('visit', 1, 3, '0'), ('download', 0.5, 2, '7 days'), ('demo', 1, 5, '14 days');
SELECT name, signal_decay(value, weight, age, '7 days') AS term FROM signal ORDER BY age;
SELECT signal_score(signal_agg(value, weight, age, '7 days')) AS score,
    signal_score(signal_agg(value, weight, age, '7 days') FILTER (WHERE name <> 'visit')) AS withdrawn
FROM signal;

-- A half-life for each signal; months and years as extract(epoch) counts them.
SELECT round(signal_decay(1, 1, age, half_life)::numeric, 12) AS term,
    abs(2 ^ (-extract(epoch FROM age) / extract(epoch FROM half_life))::float8 - signal_decay(1, 1, age, half_life)) < 1e-15 AS by_hand
FROM (VALUES ('1 day'::interval, '1 day'::interval), ('1 day', '12 hours'), ('30 days', '1 month'), ('1 year', '365.25 days'),
    ('25 months', '2 years 3 days -90 minutes'), ('1 month -30 days', '1 microsecond')) v(age, half_life);
SELECT signal_decay(1, 1, '178000000 years', '1 microsecond') AS faded, signal_decay(1, 1, '1 day', '178000000 years') > 0.999 AS stays;

-- Zero: values, weights, faded away.  A bad sign has a negative value.
SELECT signal_score(signal_agg(0, 2, age, '7 days')) AS zero_values, signal_score(signal_agg(1, 0, age, '7 days')) AS no_weight,
    signal_score(signal_agg(-1, 2, '0', '7 days')) AS bad
FROM signal;

-- NULL anywhere: the signal is skipped.  Nothing left: NULL.
SELECT signal_score(signal_agg(value, weight, age, half_life)) AS of_one
FROM (VALUES (NULL, 1, '0'::interval, '1 day'::interval), (1, NULL, '0', '1 day'), (1, 1, NULL, '1 day'), (1, 1, '0', NULL),
    (0.25, 1, '0', '1 day')) v(value, weight, age, half_life);
SELECT signal_agg(NULL, 1, '0', '1 day') IS NULL AS skipped, signal_agg(1, 1, '0', '1 day') FILTER (WHERE false) IS NULL AS no_rows,
    rollup(NULL::signal_summary) IS NULL AS rolled, signal_score(NULL) AS score, signal_decay(1, NULL, '0', '1 day') AS term;

-- Order, workers and parts leave no trace.
CREATE TABLE event AS
SELECT i, i % 11 AS account, (i * 7919 % 1000) / 1000.0 - 0.2 AS value, (i % 997 * 104729 % 97) / 10.0 AS weight,
    make_interval(hours => i * 31 % 5000) AS age, make_interval(days => 1 + i % 30) AS half_life
FROM generate_series(1, 40000) i;
ANALYZE event;
CREATE TABLE serial AS
SELECT signal_agg(value, weight, age, half_life) AS s, signal_agg(value, weight, age, half_life) FILTER (WHERE i < 20) AS few,
    signal_agg(value, weight, age, half_life) FILTER (WHERE i < 0) AS none
FROM event;
SELECT abs(signal_score(s) - d.score) < 1e-12 AS by_hand
FROM serial, (SELECT 100 * sum(signal_decay(value, weight, age, half_life)) / sum(weight) AS score FROM event) d;
SELECT count(DISTINCT signal_score(s)) AS different
FROM generate_series(1, 5) k,
    LATERAL (SELECT signal_agg(value, weight, age, half_life ORDER BY (i * 7919) % (20011 * k)) AS s FROM event) e;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT signal_score(signal_agg(value, weight, age, half_life)) FROM event;
SELECT signal_score(p.s) = signal_score(s.s) AS same, signal_score(p.few) = signal_score(s.few) AS few, p.none
FROM serial s,
    (SELECT signal_agg(value, weight, age, half_life) AS s, signal_agg(value, weight, age, half_life) FILTER (WHERE i < 20) AS few,
         signal_agg(value, weight, age, half_life) FILTER (WHERE i < 0) AS none
     FROM event) p;
CREATE TABLE part AS SELECT account, signal_agg(value, weight, age, half_life) AS s FROM event GROUP BY account;
EXPLAIN (COSTS OFF) SELECT rollup(s) FROM part;
SELECT signal_score(rollup(p.s)) = (SELECT signal_score(s) FROM serial) AS whole FROM part p;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
SELECT count(*) AS accounts, bool_and(signal_score(p.s) = o.score) AS same
FROM part p, LATERAL (SELECT signal_score(signal_agg(value, weight, age, half_life)) AS score FROM event e WHERE e.account = p.account) o;

-- A moving window: every frame as if aggregated alone, to the last bit.  Large
-- terms that leave make the window start afresh; NULLs come and go.
CREATE TABLE wild AS
SELECT i, CASE WHEN i % 7 = 0 THEN NULL WHEN i % 5 = 0 THEN 0 ELSE (i * 7919 % 1000 - 300) * 10.0 ^ (i * 31 % 61 - 30) END AS value,
    CASE WHEN i % 13 < 3 THEN 0 ELSE (i * 104729 % 97) * 10.0 ^ (i * 17 % 41 - 20) END AS weight
FROM generate_series(1, 600) i;
SELECT count(*) AS frames, count(score) AS scored, bool_and(score IS NOT DISTINCT FROM alone) AS same
FROM (SELECT i, signal_score(signal_agg(value, weight, '1 day', '7 days') OVER (ORDER BY i ROWS 9 PRECEDING)) AS score FROM wild) w,
    LATERAL (SELECT signal_score(signal_agg(value, weight, '1 day', '7 days')) AS alone
             FROM wild v WHERE v.i BETWEEN w.i - 9 AND w.i) o;
SELECT count(*) AS frames, bool_and(score IS NOT DISTINCT FROM alone) AS same
FROM (SELECT i, signal_score(signal_agg(value, weight, age, half_life)
          OVER (ORDER BY i ROWS BETWEEN 20 PRECEDING AND 5 PRECEDING)) AS score FROM event WHERE i <= 300) w,
    LATERAL (SELECT signal_score(signal_agg(value, weight, age, half_life)) AS alone
             FROM event e WHERE e.i BETWEEN w.i - 20 AND w.i - 5) o;
SELECT name, signal_score(signal_agg(value, weight, age, '7 days') OVER (ORDER BY age)) AS running,
    signal_score(signal_agg(value, weight, age, '7 days') OVER (ORDER BY age ROWS 1 PRECEDING)) AS of_two
FROM signal
ORDER BY age;

-- The inverse makes it fast: 20,000 frames of 10,000 rows.
SET statement_timeout = '20s';
SELECT count(score) AS frames
FROM (SELECT signal_score(signal_agg(value, weight, age, half_life) OVER (ORDER BY i ROWS 9999 PRECEDING)) AS score
      FROM event WHERE i <= 20000) w;
RESET statement_timeout;

-- A value survives text and binary.
CREATE TABLE copy (s signal_summary);
INSERT INTO copy SELECT s::text::signal_summary FROM serial;
\copy serial (s) TO 'results/signal.copy'
\copy copy FROM 'results/signal.copy'
\copy serial (s) TO 'results/signal.copy' (FORMAT binary)
\copy copy FROM 'results/signal.copy' (FORMAT binary)
SELECT count(*), bool_and(c.s::text = s.s::text) AS same, max(pg_column_size(c.s)) AS bytes FROM copy c, serial s;

-- Errors
SELECT signal_decay('nan', 1, '0', '1 day');
SELECT signal_agg('inf', 1, '0', '1 day');
SELECT signal_decay(-1e141, 1, '0', '1 day');
SELECT signal_decay(1, 'nan', '0', '1 day');
\echo :LAST_ERROR_SQLSTATE
SELECT signal_decay(1, -1, '0', '1 day');
SELECT signal_decay(1, 1, '-1 second', '1 day');
SELECT signal_decay(1, 1, '0', '0');
SELECT signal_agg(1, 1, '0', '1 month -31 days');
\echo :LAST_ERROR_SQLSTATE
-- An interval may be infinite from server 17 on; before, its input fails.
DO $$
BEGIN
    PERFORM signal_decay(1, 1, 'infinity', '1 day');
EXCEPTION WHEN invalid_datetime_format OR invalid_parameter_value THEN
    RAISE NOTICE 'refused';
END $$;
SELECT 'signal_summary:AAAA'::signal_summary;
CREATE TABLE bytes AS SELECT set_byte(signal_summary_send(s), 20, 77) AS b FROM serial;
\copy bytes TO 'results/signal.copy' (FORMAT binary)
\copy copy FROM 'results/signal.copy' (FORMAT binary)
\! rm results/signal.copy
CREATE CAST (bytea AS signal_summary) WITHOUT FUNCTION;
SELECT signal_score(b::signal_summary) FROM bytes;
\set VERBOSITY terse
SELECT rollup(b::signal_summary) FROM bytes;
\echo :LAST_ERROR_SQLSTATE
DROP CAST (bytea AS signal_summary);
\set VERBOSITY default
\set SHOW_CONTEXT never
DO $$
DECLARE
    s signal_summary;
BEGIN
    SELECT signal_agg(1, 1, '0', '1 day') INTO s;
    FOR i IN 1..60 LOOP
        SELECT rollup(v.s) INTO s FROM (VALUES (s), (s)) v(s);
    END LOOP;
END $$;
\echo :LAST_ERROR_SQLSTATE

DROP TABLE signal, event, serial, part, wild, copy, bytes;
