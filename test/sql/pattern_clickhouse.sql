-- Patterns in ClickHouse's spelling give what its own tests and documentation
-- say: tests/queries/0_stateless/00222_sequence_aggregate_function_family.sql,
-- and "Parametric aggregate functions" in its reference.
SET search_path = public, sales_intel;
SET timezone = 'UTC';

CREATE FUNCTION at_second(integer) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$SELECT to_timestamp(1000000000 + $1)$$;

CREATE TEMP TABLE sequence_test AS
SELECT sequence_agg(at_second(time), data::text) AS s
FROM (VALUES (0,0),(1,0),(2,0),(3,0),(4,1),(5,2),(6,0),(7,0),(8,0),(9,0),(10,1),(11,1)) AS t(time, data);

-- What its tests expect of sequenceMatch, sequenceCount, sequenceMatchEvents.
CREATE TEMP TABLE expected (id integer GENERATED ALWAYS AS IDENTITY, pattern text,
    events text[], match boolean, count bigint, times integer[]);
INSERT INTO expected (pattern, events, match, count, times) VALUES
    ('', '{0,1,2,3}', true, 12, '{}'),
    ('.', '{0,1,2,3}', true, 12, '{}'),
    ('.*', '{0,1,2,3}', true, 12, '{}'),
    ('(?1)', '{0,1,2,3}', true, 8, '{0}'),
    ('(?2)', '{0,1,2,3}', true, 3, '{4}'),
    ('(?3)', '{0,1,2,3}', true, 1, '{5}'),
    ('(?4)', '{0,1,2,3}', false, 0, '{}'),
    ('(?1)(?1)', '{0,1,2,3}', true, 4, '{0,1}'),
    ('(?1)(?1)(?1)', '{0,1,2,3}', true, 2, '{0,1,2}'),
    ('(?1)(?1)(?1)(?1)', '{0,1,2,3}', true, 2, '{0,1,2,3}'),
    ('(?1)(?1)(?1)(?1)(?1)', '{0,1,2,3}', false, 0, '{0,1,2,3}'),
    ('(?1)(?1)(?1)(?1)(?2)', '{0,1,2,3}', true, 2, '{0,1,2,3,4}'),
    ('(?1)(?t>10)(?2)', '{0,1,2,3}', true, 1, '{0,11}'),
    ('(?1)(?t>11)(?2)', '{0,1,2,3}', false, 0, '{0}'),
    ('(?1)(?t<11)(?2)', '{0,1,2,3}', true, 2, '{0,4}'),
    ('(?1)(?t<3)(?3)', '{0,1,2,3}', true, 1, '{3,5}'),
    ('(?1)(?t<=2)(?3)', '{0,1,2,3}', true, 1, '{3,5}'),
    ('(?1)(?t<2)(?3)', '{0,1,2,3}', false, 0, '{0}'),
    ('(?2)(?t>=7)(?2)', '{0,1,2,3}', true, 1, '{4,11}'),
    ('(?2)(?t>7)(?2)', '{0,1,2,3}', false, 0, '{4}'),
    ('(?2)(?3)(?1)', '{0,1,2,3}', true, 1, '{4,5,6}'),
    ('(?1)(?t==2)(?2)', '{1,2}', false, 0, '{4}'),
    ('(?1)(?t==1)(?2)', '{1,2}', true, 1, '{4,5}');

SELECT count(*) AS cases,
    count(*) FILTER (WHERE sequence_match(s, pattern, events) = match) AS same_match,
    count(*) FILTER (WHERE sequence_count(s, pattern, events) = count) AS same_count
FROM expected, sequence_test;

-- Events of the first match: the same, but for patterns that do not match,
-- where ClickHouse returns the longest part, and . , which it leaves out.
SELECT pattern, e.times AS clickhouse, ours.times AS ours
FROM expected e, sequence_test,
    LATERAL (SELECT (SELECT array_agg(p - 1 ORDER BY p) FROM unnest(positions) p) AS times
             FROM (SELECT) one LEFT JOIN sequence_find(s, pattern, events) ON match = 1) ours
WHERE ours.times IS DISTINCT FROM e.times
ORDER BY id;

-- Its documentation, sequenceMatch: 1, 0 and 1.
WITH t AS (SELECT sequence_agg(at_second(time), number::text) AS s
           FROM (VALUES (1, 1), (2, 3), (3, 2)) AS t(time, number))
SELECT sequence_match(s, '(?1)(?2)', '{1,2}'), sequence_match(s, '(?1)(?2)', '{1,2,3}'),
    sequence_match(s, '(?1)(?2)', '{1,2,4}')
FROM t;

-- And sequenceCount: 2.
WITH t AS (SELECT sequence_agg(at_second(time), number::text) AS s
           FROM (VALUES (1, 1), (2, 3), (3, 2), (4, 1), (5, 3), (6, 2)) AS t(time, number))
SELECT sequence_count(s, '(?1).*(?2)', '{1,2}') FROM t;

-- A condition behind .* is about the event matched before it: 2 comes five
-- seconds after 1, and ClickHouse, which measures from any event between,
-- finds (?1).*(?t<=3)(?2) here.
WITH t AS (SELECT sequence_agg(at_second(time), number::text) AS s
           FROM (VALUES (0, 1), (3, 3), (5, 2)) AS t(time, number))
SELECT sequence_match(s, '(?1).*(?t<=3)(?2)', '{1,2,3}') AS within_3,
    sequence_match(s, '(?1).*(?t<=5)(?2)', '{1,2,3}') AS within_5,
    sequence_match(s, '(?1)(?t>=5).*(?2)', '{1,2,3}') AS after_5
FROM t;

-- One event may be several of the numbered ones, and those left out have
-- positions all the same.
WITH t AS (SELECT sequence_agg(at_second(i), CASE i % 3 WHEN 0 THEN 'a' WHEN 1 THEN 'b' ELSE 'c' END) AS s
           FROM generate_series(0, 8) i)
SELECT match, start_at, end_at, positions
FROM t, sequence_find(s, '(?1)(?2)', '{c,c}')
ORDER BY match;

DROP FUNCTION at_second;
