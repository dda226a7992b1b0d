-- funnel, funnel_agg, funnel_mask_agg: one entity through steps.
SET TimeZone = 'UTC';
SET search_path = public, sales_intel;

-- ClickHouse's documented cases, by each of the three ways.  Steps a, b, c.
CREATE TABLE path (user_id integer, at timestamptz, event text);
INSERT INTO path
SELECT u, to_timestamp(i), substr(p, i, 1)
FROM (VALUES (1, 'abc'), (2, 'adbc'), (3, 'aabbcc'), (4, 'aaaabbcc'), (5, 'aabbdcc'), (6, 'ccbbaa'), (7, 'acb'), (8, 'abac'), (9, 'dd')) v(u, p),
    generate_series(1, length(p)) i;
SELECT p.user_id, string_agg(event, '' ORDER BY at) AS path,
    funnel_level(funnel_agg(at, event, '{a,b,c}', '1 day')) AS level,
    funnel_level(funnel_agg(at, event, '{a,b,c}', '1 day', 'strict_order')) AS ordered,
    funnel_level(funnel_agg(at, event, '{a,b,c}', '1 day', 'strict_deduplication, strict_order')) AS both,
    funnel_level(funnel_agg(at, event, '{a,b,c}', '1 day', 'strict_order,allow_reentry')) AS reentry
FROM path p GROUP BY user_id ORDER BY user_id;
-- By way of a sequence, and of a mask: the same values to the byte, but for names.
CREATE TABLE mode AS
SELECT unnest('{default,strict_order,strict_deduplication,strict_increase,strict_once,"strict_order,allow_reentry",
    " strict_increase , strict_once ","strict_order,strict_deduplication,strict_increase,strict_once,allow_reentry"}'::text[]) AS mode;
CREATE TABLE event AS
SELECT x % 300 AS entity, '2024-01-01'::timestamptz + make_interval(mins => x / 300 / 8 * 8) AS at, chr(97 + (i * i % 65521 % 5)::integer) AS event
FROM (SELECT i::bigint, (i::bigint * 48271 % 65537)::integer AS x FROM generate_series(1, 6000) i) s;
SELECT mode, count(*) AS entities, sum(funnel_level(f)) AS levels, count(DISTINCT f::text) > 50 AS various,
    bool_and(f::text = g::text) AS of_sequence, bool_and(funnel_level(f) = funnel_level(m) AND funnel_times(f) = funnel_times(m)) AS of_mask
FROM mode, LATERAL (
    SELECT entity, funnel_agg(at, event, '{d,a,b,a,c}', '90 minutes', mode) AS f,
        funnel(sequence_agg(at, event), '{d,a,b,a,c}', '90 minutes', mode) AS g,
        funnel_mask_agg(at, CASE event WHEN 'd' THEN 1 WHEN 'a' THEN 10 WHEN 'b' THEN 4 WHEN 'c' THEN 16 ELSE 0 END, 5, '90 minutes', mode) AS m
    FROM event GROUP BY entity) e
GROUP BY mode ORDER BY mode COLLATE "C";
SELECT bool_and(funnel_agg::text = d::text) AS default_mode
FROM (SELECT funnel_agg(at, event, '{d,a,b}', '1 hour'), funnel_agg(at, event, '{d,a,b}', '60 minutes', 'default') AS d FROM event GROUP BY entity) e;

-- Against SQL: the last start that each step can go back to.
SELECT count(*) AS entities, bool_and(level = funnel_level(f)) AS same
FROM (SELECT entity, funnel_agg(at, event, '{a,b,c}', '1 hour') AS f,
        CASE WHEN bool_or(event = 'c' AND at <= second + interval '1 hour') THEN 3 WHEN bool_or(event = 'b' AND at <= first + interval '1 hour') THEN 2
            WHEN bool_or(event = 'a') THEN 1 ELSE 0 END AS level
    FROM (SELECT *, max(first) FILTER (WHERE event = 'b' AND at <= first + interval '1 hour') OVER (PARTITION BY entity ORDER BY at) AS second
        FROM (SELECT *, max(at) FILTER (WHERE event = 'a') OVER (PARTITION BY entity ORDER BY at) AS first FROM event) s) s
    GROUP BY entity) e;

-- Undercounts of single scans: ClickHouse issue 52844 (4), Doris PR 68093 (3).
SELECT funnel_level(funnel_agg(to_timestamp(t), e, '{0,1,2,3}', '1 day', 'strict_increase')) AS level
FROM (VALUES (0, '0'), (2, '1'), (2, '2'), (2, '3'), (3, '1'), (3, '2'), (3, '3'), (4, '1'), (4, '2'), (4, '3')) v(t, e);
SELECT funnel_level(funnel_agg(to_timestamp(t), e, '{A,B,C}', '1 day', 'strict_increase')) AS level
FROM (VALUES (0, 'A'), (1, 'B'), (2, 'B'), (2, 'C')) v(t, e);

-- A row that is several steps; the last bit.
SELECT funnel_level(funnel_agg(now(), 'x', '{x,x,x}', '1 day')) AS level, funnel_level(funnel_agg(now(), 'x', '{x,x,x}', '1 day', 'strict_once')) AS once,
    funnel_level(funnel_mask_agg(now(), -1, 64, '1 day')) AS all_bits;
SELECT funnel_level(funnel_mask_agg(to_timestamp(i), 1::bigint << i, 64, '1 day')) AS level FROM generate_series(0, 63) i;
SELECT funnel_level(funnel_agg(to_timestamp(i), 'step ' || i, (SELECT array_agg('step ' || k ORDER BY k) FROM generate_series(1, 64) k), '1 day')) AS level
FROM generate_series(1, 64) i;
-- Names that begin alike, empty ones, long ones.
SELECT funnel_level(funnel_agg(to_timestamp(i), e, ARRAY['', 'a', 'ab', 'abcd', 'abcdefgh', 'abcdefghi', 'abcdefghj', repeat('é', 100)], '1 day')) AS level
FROM unnest(ARRAY['', 'b', 'a', 'ab', 'ba', 'abcd', 'abcd' || chr(101), 'abcdefgh', 'abcdefghi', 'abcdefghk', 'abcdefghj', repeat('é', 99), repeat('é', 100)])
    WITH ORDINALITY u(e, i);

-- Times: the deepest chain that starts first.  A day is 24 hours.
SELECT funnel_level(f), funnel_times(f)
FROM (SELECT funnel_agg(at, event, '{a,b}', '1 day') AS f
    FROM (VALUES ('2024-03-30 12:00 Europe/Berlin'::timestamptz, 'a'), ('2024-03-31 13:00 Europe/Berlin', 'b'), ('2024-03-31 13:00:00.000001 Europe/Berlin', 'b'))
        v(at, event)) s;
SELECT funnel_times(funnel_agg(at, event, '{x}', '1 day')) AS none FROM event;
-- All of time, in any order; the middle ages are packed less tightly.
SELECT funnel_times(funnel_agg(t, e, '{a,b,c}', '200000000 days' ORDER BY t)) = funnel_times(funnel_agg(t, e, '{a,b,c}', '200000000 days' ORDER BY t DESC)) AS same,
    funnel_times(funnel_agg(t, e, '{a,b,c}', '200000000 days')) AS times,
    funnel_level(funnel_mask_agg(t, 1 << ascii(e) - 97, 3, '200000000 days')) AS by_mask
FROM (VALUES ('4714-11-24 BC'::timestamptz, 'a'), ('2024-01-01', 'b'), ('294276-12-31 23:59:59.999999', 'c')) v(t, e);

-- Events at once have no order, unless a tie-break says so.
SELECT funnel_level(funnel_agg(now(), e, '{z,b}', '1 s')) AS level, funnel_level(funnel(sequence_agg(now(), e), '{z,b}', '1 s')) AS of_sequence,
    funnel_level(funnel(sequence_agg(now(), e, i), '{z,b}', '1 s')) AS b_first, funnel_level(funnel(sequence_agg(now(), e, -i), '{z,b}', '1 s')) AS z_first,
    funnel_level(funnel(sequence_agg(now(), e, i / 9), '{z,b}', '1 s')) AS still_tied
FROM unnest('{b,c,z}'::text[]) WITH ORDINALITY u(e, i);

-- NULLs are skipped.  Nothing left: NULL; nothing of interest: level 0.
SELECT funnel_level(funnel_agg(a, e, '{x,y}', '1 day')) AS level
FROM (VALUES (to_timestamp(1), 'x'), (to_timestamp(2), NULL), (NULL, 'y')) v(a, e);
SELECT funnel_agg(NULL, 'x', '{x}', '1 day') IS NULL AS skipped, funnel_agg(now(), 'x', '{x}', '1 day') FILTER (WHERE false) IS NULL AS no_rows,
    funnel_mask_agg(now(), NULL, 3, '1 day') IS NULL AS no_mask, funnel_level(funnel_agg(now(), 'z', '{x}', '1 day')) AS nothing,
    funnel(NULL, '{x}', '1 day') IS NULL AS no_sequence, funnel_level(NULL) IS NULL AND funnel_times(NULL) IS NULL AS no_funnel;

-- The order of the rows leaves no trace, nor do workers or windows.
CREATE TABLE serial AS
SELECT mode, funnel_agg(at, event, '{d,a,b,a,c}', '20 minutes', mode) AS f, funnel_agg(at, event, '{d,a}', '20 minutes') AS g,
    funnel_mask_agg(at, 1 << ascii(event) - 97, 5, '3 minutes', mode) AS m, funnel_agg(at, event, '{a}', '1 s') FILTER (WHERE entity < 0) AS none
FROM event, mode WHERE entity < 9 GROUP BY mode;
SELECT count(DISTINCT f::text || m::text) AS different FROM mode, generate_series(1, 5) k, LATERAL (
    SELECT funnel_agg(at, event, '{d,a,b,a,c}', '20 minutes', mode ORDER BY hashtext(event || at || k)) AS f,
        funnel_mask_agg(at, 1 << ascii(event) - 97, 5, '3 minutes', mode ORDER BY hashtext(event || at || k)) AS m FROM event WHERE entity < 9) e;
ANALYZE event;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT funnel_agg(at, event, '{d,a}', '20 minutes'), funnel_mask_agg(at, 1, 1, '1 s') FROM event;
SELECT s.mode, s.f::text = p.f::text AS f, s.g::text = p.g::text AS g, s.m::text = p.m::text AS m, p.none
FROM (SELECT funnel_agg(at, event, '{d,a,b,a,c}', '20 minutes', 'strict_once') AS f, funnel_agg(at, event, '{d,a}', '20 minutes') AS g,
        funnel_mask_agg(at, 1 << ascii(event) - 97, 5, '3 minutes', 'strict_once') AS m,
        funnel_agg(at, event, '{a}', '1 s') FILTER (WHERE entity < 0) AS none
    FROM event WHERE entity < 9) p, serial s
WHERE s.mode = 'strict_once';
SELECT s.f::text = p.f::text AS f, s.m::text = p.m::text AS m
FROM (SELECT funnel_agg(at, event, '{d,a,b,a,c}', '20 minutes', 'strict_order') AS f,
        funnel_mask_agg(at, 1 << ascii(event) - 97, 5, '3 minutes', 'strict_order') AS m FROM event WHERE entity < 9) p, serial s
WHERE s.mode = 'strict_order';
-- Some workers meet times that others do not.
CREATE TABLE age AS SELECT i, CASE WHEN i > 5990 THEN '6000-01-01'::timestamptz ELSE '2024-01-01' END + make_interval(mins => i) AS at, chr(97 + i % 3) AS event
FROM generate_series(1, 6000) i;
ANALYZE age;
EXPLAIN (COSTS OFF) SELECT funnel_agg(at, event, '{a,b,c}', '99999999 days') FROM age;
SELECT s.f::text = p.f::text AS same, s.m::text = p.m::text AS by_mask
FROM (SELECT funnel_agg(at, event, '{c,a,b,c,x}', '99999999 days') AS f, funnel_mask_agg(at, i % 2 + 1, 2, '1 day') AS m FROM age) p,
    (SELECT funnel_agg(at, event, '{c,a,b,c,x}', '99999999 days' ORDER BY i) AS f, funnel_mask_agg(at, i % 2 + 1, 2, '1 day' ORDER BY i) AS m FROM age) s;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
SELECT count(*) AS frames, bool_and(running::text = o.f::text AND moving::text = o.m::text) AS same
FROM (SELECT entity, at, event, row_number() OVER w AS i, funnel_agg(at, event, '{a,b,c}', '1 hour') OVER w AS running,
        funnel_agg(at, event, '{a,b,c}', '1 hour') OVER (ORDER BY entity, at, event ROWS 9 PRECEDING) AS moving
    FROM event WHERE entity < 6 WINDOW w AS (ORDER BY entity, at, event ROWS UNBOUNDED PRECEDING)) w,
    LATERAL (SELECT funnel_agg(at, event, '{a,b,c}', '1 hour') AS f, funnel_agg(at, event, '{a,b,c}', '1 hour') FILTER (WHERE k >= w.i - 9) AS m
        FROM (SELECT *, row_number() OVER (ORDER BY entity, at, event) AS k FROM event WHERE entity < 6) e WHERE k <= w.i) o;

-- The plan may come from a column, as long as it stays the same.
CREATE TABLE plan (steps text[], within interval, mode text);
INSERT INTO plan VALUES ('{a,b,c}', '1 hour', 'strict_once'), ('{a,b,c}', '3600 seconds', ' strict_once'), ('{a,b,c}', '1 hour', 'strict_once,default');
SELECT count(*) AS entities FROM (SELECT entity, funnel_agg(at, event, steps, within, mode) FROM event, plan GROUP BY entity) s;
SELECT count(DISTINCT f::text) AS plans FROM (SELECT within, mode, funnel_agg(at, event, steps, within, mode) AS f FROM event, plan GROUP BY within, mode) s;

-- A value survives text and binary.
CREATE TABLE copy (f funnel);
INSERT INTO copy SELECT f::text::funnel FROM serial;
CREATE TABLE kept AS SELECT f FROM serial;
\copy kept TO 'results/funnel.copy'
\copy copy FROM 'results/funnel.copy'
\copy kept TO 'results/funnel.copy' (FORMAT binary)
\copy copy FROM 'results/funnel.copy' (FORMAT binary)
SELECT count(*), count(DISTINCT f::text) AS different, max(pg_column_size(f)) < 150 AS small FROM copy;
\! rm results/funnel.copy

DROP TABLE path, mode, event, age, serial, plan, copy, kept;
