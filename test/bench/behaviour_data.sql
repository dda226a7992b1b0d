/*
 * Generated events: 100 of each entity within 30 days, 20 kinds named A to T,
 * in order of time, no index.  A, B and C are rare (4.4% together), R, S and T
 * are a half.  psql variable: events.
 */
SET max_parallel_workers_per_gather = 0;
SET work_mem = '1GB';
SELECT setseed(0.44) AS seeded \gset

CREATE TABLE bench.event AS
SELECT entity::bigint,
       '2024-01-01 00:00+00'::timestamptz + seconds * interval '1 second' AS at,
       chr(64 + CASE WHEN u < 0.044 THEN 1 + (u / 0.044 * 3 - 0.5)::int
                     WHEN u < 0.5 THEN 4 + ((u - 0.044) / 0.456 * 14 - 0.5)::int
                     ELSE 18 + ((u - 0.5) * 6 - 0.5)::int END) AS event
FROM (SELECT entity, random() * 30 * 86400 AS seconds, random() AS u
      FROM generate_series(1, :events / 100) AS entity,
           generate_series(1, 100)) AS drawn
ORDER BY at;

-- everything that happened first, as if of one entity
CREATE TABLE bench.long AS
SELECT sales_intel.sequence_agg(at, event) AS s
FROM (SELECT at, event FROM bench.event ORDER BY at LIMIT 1000000) AS first;

-- 3,862 conversations of 60 utterances, 146 behaviours, 127 representatives
CREATE TABLE bench.conversation AS
SELECT id, (id % 127)::text AS representative, random() < 0.36 AS won,
       (SELECT sales_intel.sequence_agg(
                   to_timestamp(i), 'b' || floor(random() * 146 + 0 * id))
        FROM generate_series(1, 60) AS i) AS s
FROM generate_series(1, 3862) AS id;

VACUUM (FREEZE, ANALYZE) bench.event, bench.long, bench.conversation;

-- An exact funnel of three steps in plain SQL: the last start up to each row,
-- then the latest start of a chain of two, then the deepest chain.
CREATE FUNCTION bench.windows(a text, b text, c text)
RETURNS text
LANGUAGE sql
RETURN pg_catalog.format($query$
WITH one AS (
    SELECT entity, at, event, max(at) FILTER (WHERE event = '%1$s') OVER same AS start
    FROM bench.event
    WHERE event IN ('%1$s', '%2$s', '%3$s')
    WINDOW same AS (PARTITION BY entity ORDER BY at)
), two AS (
    SELECT *, max(start) FILTER (WHERE event = '%2$s' AND start >= at - interval '7 days')
              OVER (PARTITION BY entity ORDER BY at) AS start_of_two
    FROM one
), deepest AS (
    SELECT max(CASE WHEN event = '%3$s' AND start_of_two >= at - interval '7 days' THEN 3
                    WHEN event = '%2$s' AND start >= at - interval '7 days' THEN 2
                    WHEN event = '%1$s' THEN 1
                    ELSE 0 END) AS level
    FROM two
    GROUP BY entity
)
SELECT concat(count(*) FILTER (WHERE level >= 1), ' ', count(*) FILTER (WHERE level >= 2), ' ',
              count(*) FILTER (WHERE level >= 3))
FROM deepest$query$, a, b, c);

CREATE TABLE bench.memory (
    position     integer GENERATED ALWAYS AS IDENTITY,
    step         text,
    base         bigint,
    peak         bigint,
    value_bytes  bigint
);
