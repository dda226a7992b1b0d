/*
 * States of several aggregates in one memory context share names and a waiting
 * room: nobody may notice.
 */
SET search_path = public, sales_intel;
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;

-- 300 entities, 60 events each, mixed; 1,500 names, which are too many to pack
CREATE TABLE log AS
SELECT i % 300 AS entity,
       timestamptz '2024-01-01 00:00+00' + (i * 7919 % 18000) * interval '1 minute' AS at,
       (ARRAY['look', 'try', 'buy', 'leave'])[1 + (i * 31 + i / 300 * 7) % 4] AS event,
       'name ' || i * 13 % 1500 AS name,
       CASE WHEN i % 3 > 0 THEN i * 17 % 5 END AS tiebreak
FROM generate_series(1, 18000) AS i;

/* Each aggregate in a query of its own, and of one entity at a time. */
CREATE TABLE alone AS
SELECT e AS entity,
       (SELECT sequence_agg(at, event)::text FROM log WHERE entity = e) AS all_events,
       (SELECT sequence_agg(at, event)::text FROM log WHERE entity = e AND event <> 'look') AS some_events,
       (SELECT sequence_agg(at, name)::text FROM log WHERE entity = e) AS names,
       (SELECT sequence_agg(at, event, tiebreak)::text FROM log WHERE entity = e) AS tied,
       (SELECT funnel_agg(at, event, '{look,try,buy}', '2 days')::text FROM log WHERE entity = e) AS short,
       (SELECT funnel_agg(at, event, '{look,buy}', '9 days', 'strict_order')::text FROM log WHERE entity = e) AS strict,
       (SELECT funnel_mask_agg(at, 1 << (length(event) - 3), 3, '1 day')::text FROM log WHERE entity = e) AS masked
FROM generate_series(0, 299) AS e;

CREATE VIEW together AS
SELECT entity,
       sequence_agg(at, event)::text AS all_events,
       sequence_agg(at, event) FILTER (WHERE event <> 'look')::text AS some_events,
       sequence_agg(at, name)::text AS names,
       sequence_agg(at, event, tiebreak)::text AS tied,
       funnel_agg(at, event, '{look,try,buy}', '2 days')::text AS short,
       funnel_agg(at, event, '{look,buy}', '9 days', 'strict_order')::text AS strict,
       funnel_mask_agg(at, 1 << (length(event) - 3), 3, '1 day')::text AS masked
FROM log
GROUP BY entity;

-- all in one hash table, and group by group
SELECT count(*) AS agree FROM together AS t JOIN alone AS a USING (entity)
WHERE (t.all_events, t.some_events, t.names, t.tied, t.short, t.strict, t.masked) =
      (a.all_events, a.some_events, a.names, a.tied, a.short, a.strict, a.masked);
SET enable_hashagg = off;
SELECT count(*) AS agree FROM together AS t JOIN alone AS a USING (entity)
WHERE (t.all_events, t.some_events, t.names, t.tied, t.short, t.strict, t.masked) =
      (a.all_events, a.some_events, a.names, a.tied, a.short, a.strict, a.masked);
RESET enable_hashagg;

-- a hash table that spills
SET work_mem = '64kB';
SELECT count(*) AS agree FROM together AS t JOIN alone AS a USING (entity)
WHERE (t.all_events, t.some_events, t.names, t.tied, t.short, t.strict, t.masked) =
      (a.all_events, a.some_events, a.names, a.tied, a.short, a.strict, a.masked);
RESET work_mem;

-- several grouping sets at once, and moving windows whose ends interleave
SELECT count(*) AS agree
FROM (SELECT entity, sequence_agg(at, event)::text AS s,
             funnel_agg(at, event, '{look,try,buy}', '2 days')::text AS f
      FROM log GROUP BY GROUPING SETS ((entity), (event))) AS t
JOIN alone AS a ON a.entity = t.entity AND a.all_events = t.s AND a.short = t.f;

WITH running AS (
    SELECT entity, at, event, row_number() OVER w AS n, sequence_agg(at, event) OVER w AS s,
           funnel_agg(at, event, '{look,try,buy}', '2 days') OVER w AS f
    FROM log WHERE entity < 5
    WINDOW w AS (PARTITION BY entity ORDER BY at, event)
)
SELECT count(*) AS rows, sum((length(s) = n)::int) AS lengths, sum(((events(s))[n] = event)::int) AS lasts,
       sum((funnel_level(f) = funnel_level(funnel(s, '{look,try,buy}', '2 days')))::int) AS levels
FROM running;

-- plans that differ: from group to group they may, in one they may not
SELECT every, count(*) AS entities, sum(funnel_level(f)) AS levels
FROM (SELECT entity, entity % 2 AS every,
             funnel_agg(at, event, CASE entity % 2 WHEN 0 THEN '{look,try}' ELSE '{buy}' END::text[], '1 day') AS f
      FROM log GROUP BY entity) AS mixed
GROUP BY every ORDER BY every;
SELECT funnel_agg(at, event, CASE WHEN tiebreak = 1 THEN '{look}' ELSE '{look,buy}' END::text[], '1 day') FROM log GROUP BY entity % 7;

-- beside aggregates that leave a mark of each group in the shared context
SELECT count(*) AS agree, sum(trained) AS trained
FROM (SELECT entity, sequence_agg(at, event)::text AS s, funnel_agg(at, event, '{look,try,buy}', '2 days')::text AS f,
             (lead_model_agg(event = 'buy', r, '{"algorithm": "logistic", "folds": 0}') IS NOT NULL)::int AS trained
      FROM log, LATERAL (SELECT extract(epoch FROM at)::float8 AS x) AS r GROUP BY entity) AS t
JOIN alone AS a ON a.entity = t.entity AND a.all_events = t.s AND a.short = t.f;

-- twelve plans in one query, their steps and modes from a table
CREATE TABLE plan AS
SELECT k, CASE k % 3 WHEN 0 THEN '{look,try,buy}' WHEN 1 THEN '{look,buy}' ELSE '{try,leave}' END::text[] AS steps,
       (ARRAY['default', 'strict_increase', 'strict_once', 'strict_order'])[k / 3 + 1] AS mode
FROM generate_series(0, 11) AS k;
INSERT INTO plan SELECT 12, array_agg('step ' || i), 'default' FROM generate_series(1, 64) AS i;
CREATE TABLE planned AS
SELECT k, entity, funnel_agg(at, event, steps, '2 days', mode) AS f FROM log, plan WHERE entity < 20 GROUP BY k, entity;
SELECT count(*) AS agree
FROM planned JOIN plan USING (k), LATERAL (SELECT sequence_agg(at, event) AS s FROM log WHERE entity = planned.entity) AS o
WHERE f::text = funnel(s, steps, '2 days', mode)::text;
CREATE TABLE plans AS
SELECT (array_agg(mode ORDER BY k))[1] AS m0,
       (array_agg(mode ORDER BY k))[2] AS m1,
       (array_agg(mode ORDER BY k))[3] AS m2,
       (array_agg(mode ORDER BY k))[4] AS m3,
       (array_agg(mode ORDER BY k))[5] AS m4,
       (array_agg(mode ORDER BY k))[6] AS m5,
       (array_agg(mode ORDER BY k))[7] AS m6,
       (array_agg(mode ORDER BY k))[8] AS m7,
       (array_agg(mode ORDER BY k))[9] AS m8,
       (array_agg(mode ORDER BY k))[10] AS m9,
       (array_agg(mode ORDER BY k))[11] AS m10,
       (array_agg(mode ORDER BY k))[12] AS m11,
       (array_agg(mode ORDER BY k))[13] AS m12,
       (SELECT p.steps FROM plan AS p WHERE k = 0) AS s0,
       (SELECT p.steps FROM plan AS p WHERE k = 1) AS s1,
       (SELECT p.steps FROM plan AS p WHERE k = 2) AS s2,
       (SELECT p.steps FROM plan AS p WHERE k = 3) AS s3,
       (SELECT p.steps FROM plan AS p WHERE k = 4) AS s4,
       (SELECT p.steps FROM plan AS p WHERE k = 5) AS s5,
       (SELECT p.steps FROM plan AS p WHERE k = 6) AS s6,
       (SELECT p.steps FROM plan AS p WHERE k = 7) AS s7,
       (SELECT p.steps FROM plan AS p WHERE k = 8) AS s8,
       (SELECT p.steps FROM plan AS p WHERE k = 9) AS s9,
       (SELECT p.steps FROM plan AS p WHERE k = 10) AS s10,
       (SELECT p.steps FROM plan AS p WHERE k = 11) AS s11,
       (SELECT p.steps FROM plan AS p WHERE k = 12) AS s12
FROM plan;
SELECT count(*) AS entities,
       sum((ARRAY(SELECT f::text FROM planned WHERE entity = t.entity ORDER BY k) = ARRAY[f0::text, f1::text, f2::text, f3::text, f4::text, f5::text, f6::text, f7::text, f8::text, f9::text, f10::text, f11::text, f12::text])::int) AS agree
FROM (SELECT entity,
             funnel_agg(at, event, s0, '2 days', m0) AS f0,
             funnel_agg(at, event, s1, '2 days', m1) AS f1,
             funnel_agg(at, event, s2, '2 days', m2) AS f2,
             funnel_agg(at, event, s3, '2 days', m3) AS f3,
             funnel_agg(at, event, s4, '2 days', m4) AS f4,
             funnel_agg(at, event, s5, '2 days', m5) AS f5,
             funnel_agg(at, event, s6, '2 days', m6) AS f6,
             funnel_agg(at, event, s7, '2 days', m7) AS f7,
             funnel_agg(at, event, s8, '2 days', m8) AS f8,
             funnel_agg(at, event, s9, '2 days', m9) AS f9,
             funnel_agg(at, event, s10, '2 days', m10) AS f10,
             funnel_agg(at, event, s11, '2 days', m11) AS f11,
             funnel_agg(at, event, s12, '2 days', m12) AS f12
      FROM log, plans WHERE entity < 20 GROUP BY entity) AS t;
DROP TABLE plan, planned, plans;

-- a time beyond what packs, beside others
SELECT count(*) AS agree
FROM (SELECT entity, sequence_agg(at, event) AS s
      FROM (SELECT entity, at, event FROM log UNION ALL
            SELECT entity, timestamptz '9999-01-01 00:00+00', 'end' FROM alone) AS more
      GROUP BY entity) AS t
JOIN alone AS a USING (entity)
WHERE length(s) = 61 AND (events(s))[61] = 'end' AND (times(s))[61] = timestamptz '9999-01-01 00:00+00'
    AND (events(s))[1:60] = events(a.all_events::event_sequence)
    AND (times(s))[1:60] = times(a.all_events::event_sequence);

DROP VIEW together;
DROP TABLE log, alone;
