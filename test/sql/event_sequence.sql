-- event_sequence: gathering, order, accessors, what follows, errors.
SET TimeZone = 'UTC';
SET search_path = public, sales_intel;

CREATE TABLE call (id bigint, at timestamptz, event text);
INSERT INTO call VALUES (1, '2024-03-01 10:00', 'greet'), (2, '2024-03-01 10:05', 'hesitate'), (4, '2024-03-01 10:05', 'ask'),
    (3, '2024-03-01 10:05', 'offer'), (5, '2024-03-01 11:00', 'greet'), (6, NULL, 'lost'), (7, '2024-03-01 12:00', NULL);

-- Ties bytewise, or by the tie-break; NULLs are skipped.
SELECT length(s), events(s), times(s) FROM (SELECT sequence_agg(at, event) AS s FROM call) c;
SELECT events(sequence_agg(at, event, id)) FROM call;
SELECT events(sequence_agg(at, event, -id)) FROM call;
-- No tie-break comes last, as NULLs do.
SELECT events(sequence_agg(at, event, NULLIF(id, 3))) FROM call;
SELECT events(sequence_agg(at, event, CASE WHEN id = 3 THEN id END)) FROM call;
SELECT events(sequence_agg(now(), e)) FROM unnest('{b,B,a,"",ä,z,ab,a}'::text[]) e;
SELECT sequence_agg(at, event) IS NULL AS skipped, sequence_agg(at, event) FILTER (WHERE false) IS NULL AS no_rows
FROM call WHERE id > 5;
SELECT length(NULL::event_sequence), events(NULL::event_sequence), times(NULL::event_sequence), rollup(NULL::event_sequence) IS NULL AS rolled;
-- Cut off at the outcome.
SELECT events(sequence_agg(at, event) FILTER (WHERE at < '2024-03-01 10:30')) FROM call;
SELECT times(sequence_agg(t, 'x')) FROM (VALUES ('4714-11-24 00:00 BC'::timestamptz), ('294276-12-31 23:59:59.999999'), ('epoch')) v(t);

-- The order of the rows leaves no trace, nor do workers, groups, partitions.
CREATE TABLE log AS
SELECT i, i % 7 AS entity, '2024-01-01'::timestamptz + make_interval(secs => (i * 7919 % 5000)) AS at,
    CASE WHEN i % 10 < 9 THEN chr(97 + (i * 31 % 26)) ELSE 'event ' || i END AS event,
    CASE WHEN i % 3 < 2 THEN i::bigint * 104729 % 11 - 5 END AS tiebreak
FROM generate_series(1, 30000) i;
ANALYZE log;
CREATE TABLE serial AS
SELECT sequence_agg(at, event) AS s, sequence_agg(at, event, tiebreak) AS t, sequence_agg(at, event, tiebreak) FILTER (WHERE i < 5) AS few,
    sequence_agg(at, event) FILTER (WHERE i < 0) AS none
FROM log;
SELECT length(s), events(s) = o.names AS events, times(s) = o.times AS times, events(t) = o.tied AS tied, times(t) = o.times AS tied_times
FROM serial, (SELECT array_agg(event ORDER BY at, event COLLATE "C") AS names, array_agg(at ORDER BY at) AS times,
                  array_agg(event ORDER BY at, tiebreak, event COLLATE "C") AS tied FROM log) o;
SELECT count(DISTINCT s::text) AS different, count(DISTINCT t::text) AS tied
FROM generate_series(1, 5) k, LATERAL (SELECT sequence_agg(at, event ORDER BY (i::bigint * 7919) % (20011 * k)) AS s,
    sequence_agg(at, event, tiebreak ORDER BY (i::bigint * 7919) % (20011 * k)) AS t FROM log) l;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT sequence_agg(at, event, tiebreak) FROM log;
SELECT s.s::text = p.s::text AS s, s.t::text = p.t::text AS t, s.few::text = p.few::text AS few, p.none
FROM serial s, (SELECT sequence_agg(at, event) AS s, sequence_agg(at, event, tiebreak) AS t,
        sequence_agg(at, event, tiebreak) FILTER (WHERE i < 5) AS few, sequence_agg(at, event) FILTER (WHERE i < 0) AS none
    FROM log) p;
CREATE TABLE part AS SELECT i % 100 AS part, sequence_agg(at, event) AS s, sequence_agg(at, event, tiebreak) AS t FROM log GROUP BY 1;
EXPLAIN (COSTS OFF) SELECT rollup(s) FROM part;
SELECT rollup(p.s)::text = (SELECT s::text FROM serial) AS s, rollup(p.t)::text = (SELECT t::text FROM serial) AS t FROM part p;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
SELECT count(*) AS frames, bool_and(running::text = o.s::text AND moving::text = o.m::text) AS same
FROM (SELECT i, sequence_agg(at, event) OVER (ORDER BY i) AS running, sequence_agg(at, event, tiebreak) OVER (ORDER BY i ROWS 9 PRECEDING) AS moving
      FROM log WHERE i <= 200) w,
    LATERAL (SELECT sequence_agg(at, event) AS s, sequence_agg(at, event, tiebreak) FILTER (WHERE l.i >= w.i - 9) AS m FROM log l WHERE l.i <= w.i) o;
SELECT pg_column_size(s) < 10 * 30000 AS compact FROM (SELECT sequence_agg(at, chr(97 + i % 26)) AS s FROM log) l;

-- A value survives text and binary.
CREATE TABLE copy (s event_sequence);
INSERT INTO copy SELECT t::text::event_sequence FROM serial;
CREATE TABLE kept AS SELECT t AS s FROM serial;
\copy kept TO 'results/event_sequence.copy'
\copy copy FROM 'results/event_sequence.copy'
\copy kept TO 'results/event_sequence.copy' (FORMAT binary)
\copy copy FROM 'results/event_sequence.copy' (FORMAT binary)
SELECT count(*), bool_and(c.s::text = k.s::text) AS same FROM copy c, kept k;

-- What follows within a time; events at once may be taken in any order.
SELECT f, n, w, (followed_within(s, f, n, w::interval)).*
FROM (SELECT sequence_agg(at, event) AS s FROM call) c,
    (VALUES ('greet', 'hesitate', '5 minutes'), ('greet', 'hesitate', '4 minutes 59.999999 seconds'), ('hesitate', 'offer', '1 second'),
        ('offer', 'hesitate', '1 second'), ('greet', 'greet', '1 hour'), ('greet', 'greet', '59 minutes'), ('nothing', 'greet', '1 day'),
        ('greet', 'nothing', '1 day'), ('nothing', 'nothing', '1 day'), ('ask', 'greet', '200000000 days')) v(f, n, w);
SELECT (followed_within(sequence_agg(at, event, id), 'offer', 'hesitate', '1 second')).* FROM call;
SELECT (followed_within(sequence_agg(now(), 'a'), 'a', 'a', '1 day')).* FROM generate_series(1, 4);
SELECT followed_within(s, 'greet', NULL, '1 day'), followed_within(NULL, 'greet', 'ask', '1 day') FROM (SELECT sequence_agg(at, event) AS s FROM call) c;
SELECT count(*) AS pairs, bool_and(occurrences = o.n AND followed = o.f) AS same
FROM part p, unnest('{a,b,c,d,q}'::text[]) x, unnest('{a,b,c,e}'::text[]) y, LATERAL followed_within(p.s, x, y, '10 minutes'),
    LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE EXISTS (
            SELECT FROM log b WHERE b.i % 100 = p.part AND b.event = y AND b.i <> a.i
                AND b.at <= a.at + interval '10 minutes' AND (b.at, CASE WHEN x = y THEN b.i ELSE 0 END) >= (a.at, CASE WHEN x = y THEN a.i ELSE 0 END))) AS f
        FROM log a WHERE a.i % 100 = p.part AND a.event = x) o
WHERE p.part < 20;

-- Errors
SELECT sequence_agg('infinity', 'a');
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT sequence_agg('-infinity', 'a', 1);
\set VERBOSITY default
SELECT followed_within(s, 'a', 'b', '-1 day') FROM copy LIMIT 1;
\echo :LAST_ERROR_SQLSTATE
SELECT followed_within(s, 'a', 'b', '1 month') FROM copy LIMIT 1;
\set VERBOSITY terse
SELECT followed_within(s, 'a', 'b', '0') FROM copy LIMIT 1;
SELECT followed_within(s, 'a', 'b', '1 day -25 hours') FROM copy LIMIT 1;
SELECT followed_within(s, 'a', 'b', '2000000000 days')  IS NULL AS longer_than_time FROM copy LIMIT 1;
\set VERBOSITY default
-- An interval may be infinite from server 17 on; before, its input fails.
DO $$
BEGIN
    PERFORM followed_within(s, 'a', 'b', 'infinity') FROM copy;
EXCEPTION WHEN invalid_datetime_format OR invalid_parameter_value THEN
    RAISE NOTICE 'refused';
END $$;
SELECT 'event_sequence:AAAA'::event_sequence;
\set VERBOSITY terse
-- A name that no text of this encoding is: byte 255.
SELECT 'event_sequence:U0lTRQEAAAABAAAAAQAAAAEAAAD/AAAAAAAAAAAAA/EEa0feiro='::event_sequence;
\set VERBOSITY default
CREATE TABLE bytes AS SELECT set_byte(event_sequence_send(s), 20, 77) AS b FROM kept;
\copy bytes TO 'results/event_sequence.copy' (FORMAT binary)
\copy copy FROM 'results/event_sequence.copy' (FORMAT binary)
\! rm results/event_sequence.copy
CREATE CAST (bytea AS event_sequence) WITHOUT FUNCTION;
SELECT length(b::event_sequence) FROM bytes;
\set VERBOSITY terse
SELECT events(b::event_sequence) FROM bytes;
SELECT times(''::bytea::event_sequence);
SELECT rollup(b::event_sequence) FROM bytes;
SELECT followed_within(b::event_sequence, 'a', 'b', '1 day') FROM bytes;
\echo :LAST_ERROR_SQLSTATE
DROP CAST (bytea AS event_sequence);
\set VERBOSITY default
SET sales_intel.fit_memory = '1MB';
SELECT sequence_agg(at, event) FROM log, generate_series(1, 3);
\echo :LAST_ERROR_SQLSTATE
RESET sales_intel.fit_memory;

DROP TABLE call, log, serial, part, copy, kept, bytes;
