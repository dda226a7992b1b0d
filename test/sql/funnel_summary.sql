-- funnel_summary: many entities through steps, rolled up or in one state.
SET TimeZone = 'UTC';
SET extra_float_digits = 0;
SET search_path = public, sales_intel;

CREATE TABLE event AS
SELECT i, (x % 700)::bigint AS entity, '2024-01-01'::timestamptz + make_interval(mins => x / 7000 * 70) AS at, chr(97 + (i * i % 65521 % 5)::integer) AS event
FROM (SELECT i::bigint, (i::bigint * 48271 % 65537)::integer AS x FROM generate_series(1, 14000) i) s
UNION ALL VALUES (0, NULL, '2024-01-01'::timestamptz, 'a'), (0, 1, NULL, 'a'), (0, 1, '2024-01-01', NULL);
CREATE TABLE summary AS
SELECT rollup(f) AS rolled,
    (SELECT funnel_summary_agg(entity, at, event, '{a,b,c,b}', '6 hours') FROM event) AS by_bigint,
    (SELECT funnel_summary_agg('entity ' || entity, at, event, '{a,b,c,b}', '6 hours') FROM event) AS by_text
FROM (SELECT funnel_agg(at, event, '{a,b,c,b}', '6 hours') AS f FROM event WHERE entity IS NOT NULL GROUP BY entity) e;

-- One state, a group for each entity: the same value to the byte.
SELECT rolled::text = by_bigint::text AS by_bigint, rolled::text = by_text::text AS by_text FROM summary;
SELECT step, name, reached, round(rate::numeric, 6) AS rate, round(low::numeric, 6) AS low, round(high::numeric, 6) AS high,
    round(step_rate::numeric, 6) AS step_rate, median_wait, p90_wait
FROM summary, funnel_report(rolled);

-- Against SQL: levels, and waits by percentile_cont.  Wilson's interval is R's
-- prop.test(450, 660, correct = FALSE).
CREATE TABLE chain AS
SELECT entity, funnel_level(f) AS level, funnel_times(f) AS t
FROM (SELECT entity, funnel_agg(at, event, '{a,b,c,b}', '6 hours') AS f FROM event WHERE entity IS NOT NULL GROUP BY entity) e;
SELECT count(*) AS steps, bool_and(reached = n AND rate = n::float8 / first AND step_rate IS NOT DISTINCT FROM n::float8 / before
        AND median_wait IS NOT DISTINCT FROM m AND p90_wait IS NOT DISTINCT FROM p) AS same
FROM (SELECT step, count(*) AS n, first_value(count(*)) OVER w AS first, lag(count(*)) OVER w AS before,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY t[step] - t[step - 1]) AS m, percentile_cont(0.9) WITHIN GROUP (ORDER BY t[step] - t[step - 1]) AS p
    FROM chain, generate_series(1, level) step GROUP BY step WINDOW w AS (ORDER BY step)) o
JOIN (SELECT r.* FROM summary, funnel_report(by_text) r) r USING (step);
SELECT round(low::numeric, 9) AS low, round(high::numeric, 9) AS high
FROM (SELECT rollup(f) AS s FROM (SELECT funnel_agg(now(), CASE WHEN k = 1 OR i <= 450 THEN k::text END, '{1,2}', '1 day') AS f
        FROM generate_series(1, 660) i, generate_series(1, 2) k GROUP BY i) e) s, funnel_report(s) WHERE step = 2;

-- Every mode; workers; order; keys of any size.
CREATE TABLE mode AS
SELECT unnest('{default,strict_order,strict_deduplication,strict_increase,strict_once,"strict_order,allow_reentry,strict_increase"}'::text[]) AS mode;
SELECT mode, (SELECT array_agg(reached) FROM funnel_report(s)) AS reached, s::text = r::text AS same, s::text = t::text AS ordered
FROM mode, LATERAL (SELECT funnel_summary_agg(entity, at, event, '{d,a,b}', '5 hours', mode) AS s FROM event) s,
    LATERAL (SELECT rollup(f) AS r FROM (SELECT funnel_agg(at, event, '{d,a,b}', '5 hours', mode) AS f FROM event WHERE entity IS NOT NULL GROUP BY entity) e) r,
    LATERAL (SELECT funnel_summary_agg(entity::text, at, event, '{d,a,b}', '5 hours', mode ORDER BY hashtext(i::text)) AS t FROM event) t
ORDER BY mode COLLATE "C";
SELECT reached FROM funnel_report((SELECT funnel_summary_agg(k, now(), 'a', '{a}', '1 day')
    FROM unnest('{0,1,-1,9223372036854775807,-9223372036854775808,1,0}'::bigint[]) k));
SELECT reached FROM funnel_report((SELECT funnel_summary_agg(k, now(), 'a', '{a}', '1 day')
    FROM unnest(ARRAY['', 'a', 'A', repeat('x', 5000), repeat('x', 5001), 'a', '']) k));
ANALYZE event;
SET min_parallel_table_scan_size = 0;
SET cpu_operator_cost = 0;
SET parallel_setup_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 3;
CREATE TABLE one AS SELECT funnel_agg(at, event, '{a,b,c,b}', '6 hours') AS f, entity % 9 AS region FROM event WHERE entity IS NOT NULL GROUP BY entity;
EXPLAIN (COSTS OFF) SELECT funnel_summary_agg(entity, at, event, '{a,b,c,b}', '6 hours') FROM event;
EXPLAIN (COSTS OFF) SELECT rollup(f) FROM one;
SELECT by_bigint::text = s::text AS by_bigint, by_text::text = t::text AS by_text, rolled::text = r::text AS rolled, o::text = n::text AS strict_order, none
FROM summary, (SELECT rollup(f) AS r FROM one) r,
    (SELECT funnel_summary_agg(entity, at, event, '{a,b,c,b}', '6 hours') AS s, funnel_summary_agg('entity ' || entity, at, event, '{a,b,c,b}', '6 hours') AS t,
        funnel_summary_agg(entity, at, event, '{a,b}', '6 hours', 'strict_order') AS o, funnel_summary_agg(entity, at, event, '{a}', '1 s') FILTER (WHERE i < 0) AS none
    FROM event) s,
    (SELECT funnel_summary_agg(entity, at, event, '{a,b}', '6 hours', 'strict_order' ORDER BY i) AS n FROM event) o;
SELECT rollup(r)::text = (SELECT rolled::text FROM summary) AS regions FROM (SELECT rollup(f) AS r FROM one GROUP BY region) s;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET cpu_operator_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
SELECT count(*) AS frames, bool_and(w.s::text = o.s::text AND w.r::text = o.r::text) AS same
FROM (SELECT i, funnel_summary_agg(entity, at, event, '{a,b}', '2 days') OVER (ORDER BY i) AS s,
        rollup(funnel_agg) OVER (ORDER BY i ROWS 5 PRECEDING) AS r FROM (SELECT i, entity, at, event, funnel_agg(at, event, '{a,e}', '1 day')
            FROM event WHERE i BETWEEN 1 AND 150 GROUP BY 1, 2, 3, 4) e) w,
    LATERAL (SELECT funnel_summary_agg(entity, at, event, '{a,b}', '2 days') AS s,
        (SELECT rollup(f) FROM (SELECT funnel_agg(at, event, '{a,e}', '1 day') AS f FROM event e WHERE e.i BETWEEN greatest(w.i - 5, 1) AND w.i GROUP BY e.i) f) AS r
        FROM event e WHERE e.i BETWEEN 1 AND w.i) o;

-- Nobody entered; nothing counted; a funnel of masks has no names.
SELECT * FROM funnel_report((SELECT funnel_summary_agg(1, now(), 'z', '{a,b}', '1 day')));
SELECT funnel_summary_agg(NULL::bigint, now(), 'a', '{a}', '1 day') IS NULL AS no_entity, rollup(NULL::funnel) IS NULL AS no_funnel,
    rollup(NULL::funnel_summary) IS NULL AS no_summary, (SELECT count(*) FROM funnel_report(NULL)) AS no_rows;
SELECT step, name, reached, rate, median_wait FROM funnel_report((SELECT rollup(f) FROM (SELECT funnel_mask_agg(to_timestamp(i), i, 2, '1 day') AS f FROM generate_series(1, 2) i) s));

-- Waits: exact up to 262,144 different ones; beyond, right to one in 4,096,
-- and the same however the parts were cut.
CREATE TABLE many AS
SELECT i % 7 AS part, funnel_agg(at, event, '{a,b}', '3000 days') AS f
FROM generate_series(1, 300000) i, LATERAL (VALUES ('2020-01-01'::timestamptz, 'a'),
    ('2020-01-01'::timestamptz + (i::bigint * 7919 % 300007) * interval '8 minutes 1 second', 'b')) v(at, event) GROUP BY i;
SELECT whole::text = parts::text AS same, pg_column_size(whole) < 1500000 AS small, abs(extract(epoch FROM median_wait) / exact - 1) < 1 / 4096.0 AS close
FROM (SELECT rollup(f) AS whole FROM many) w, (SELECT rollup(r) AS parts FROM (SELECT rollup(f) AS r FROM many GROUP BY part) s) p, funnel_report(whole),
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM (funnel_times(f))[2] - (funnel_times(f))[1])) AS exact FROM many) e
WHERE step = 2;

-- Keys, events and clusters that have one hash where its constants are known are
-- as good as others.
CREATE TABLE alike AS SELECT i, 'EDBKlzCVYLpcz1zD' || lpad(to_hex(i), 8, '0') || 'Y`IBeiN{tailtail' AS k FROM generate_series(1, 30000) i;
SELECT reached, (SELECT length(sequence_agg(to_timestamp(i), k)) FROM alike) AS events,
    (SELECT count(*) FROM transitions((SELECT transition_summary_agg(1, to_timestamp(i), k) FROM alike))) AS transitions,
    (SELECT clusters FROM contrast_summary((SELECT contrast_agg(s, i % 2 = 0, k, '{}') FROM alike, (SELECT sequence_agg(now(), 'a') AS s) o))) AS clusters
FROM funnel_report((SELECT funnel_summary_agg(k, now(), 'a', '{a}', '1 day') FROM alike));

-- A value survives text and binary.
CREATE TABLE copy (s funnel_summary);
INSERT INTO copy SELECT rolled::text::funnel_summary FROM summary;
CREATE TABLE kept AS SELECT rolled FROM summary;
\copy kept TO 'results/funnel_summary.copy'
\copy copy FROM 'results/funnel_summary.copy'
\copy kept TO 'results/funnel_summary.copy' (FORMAT binary)
\copy copy FROM 'results/funnel_summary.copy' (FORMAT binary)
SELECT count(*), count(DISTINCT s::text) AS different FROM copy;
\! rm results/funnel_summary.copy

DROP TABLE event, summary, chain, mode, one, many, alike, copy, kept;
