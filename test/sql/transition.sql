-- Transitions: counts, probabilities, waits, values, rolling up, errors.
SET search_path = public, sales_intel;
SET timezone = 'UTC';

CREATE TABLE call (deal integer, segment text, won boolean, at timestamptz, event text);
INSERT INTO call
SELECT deal, CASE WHEN deal % 2 = 0 THEN 'education' ELSE 'government' END, won, '2025-01-01'::timestamptz + minutes * interval '1 minute', event
FROM (VALUES (1, true, 0, 'open'), (1, true, 2, 'doubt'), (1, true, 3, 'offer'),
    (2, false, 0, 'open'), (2, false, 4, 'doubt'), (2, false, 5, 'doubt'), (2, false, 9, 'doubt'),
    (3, true, 0, 'open'), (3, true, 30, 'offer'), (4, NULL, 7, 'offer')) v(deal, won, minutes, event);

-- The wait of open to doubt is between 2 and 4 minutes; doubt to doubt is made
-- twice by one deal, which was not won.
SELECT t.* FROM (SELECT transition_agg(s, won::integer) AS m
                 FROM (SELECT won, sequence_agg(at, event) AS s FROM call GROUP BY deal, won) d) a, transitions(m) t;

-- Without a value; keyed by text and by bigint; rows with NULL are skipped.
CREATE TEMP VIEW kinds AS
SELECT (SELECT transition_agg(s) FROM (SELECT sequence_agg(at, event) AS s FROM call GROUP BY deal) d) AS by_sequence,
    (SELECT transition_summary_agg(deal, at, event) FROM call) AS by_bigint,
    (SELECT transition_summary_agg(deal::text, at, event) FROM call) AS by_text,
    (SELECT transition_summary_agg(d, a, e) FROM (SELECT deal, at, event FROM call UNION ALL VALUES (NULL, now(), 'x'), (1, NULL, 'x'), (1, now(), NULL)) v(d, a, e)) AS with_nulls,
    (SELECT rollup(m) FROM (SELECT transition_summary_agg(deal, at, event) AS m FROM call GROUP BY segment) g) AS rolled_up;
SELECT by_sequence::text = by_bigint::text, by_bigint::text = by_text::text, by_bigint::text = with_nulls::text, by_bigint::text = rolled_up::text FROM kinds;
SELECT sum(count) FILTER (WHERE from_event = '(start)') AS starts, sum(count) FILTER (WHERE to_event = '(end)') AS ends,
    sum(count) AS transitions, bool_and(mean_value IS NULL) AS no_values
FROM kinds, transitions(by_bigint);

-- A heat map by segment.
SELECT segment, from_event, to_event, count, round(probability::numeric, 3) AS probability, median_wait
FROM (SELECT segment, transition_summary_agg(deal, at, event) AS m FROM call GROUP BY segment) s, transitions(m)
ORDER BY segment, from_event, to_event;

-- Events of one time are in the order of their names, bytewise.
SELECT t.from_event, t.to_event, count, median_wait
FROM (SELECT transition_summary_agg(1, '2025-01-01'::timestamptz, e) AS m FROM unnest('{b,B,a,(start),ä}'::text[]) e) a, transitions(m) t;

-- The order of rows, groups and workers leave no trace; waits of more
-- different lengths than are kept are cut, alike in all ways.
CREATE TABLE log AS
SELECT i % 97 AS entity, '2025-01-01'::timestamptz + (i::bigint * i * 7919 % 1000003) * interval '1.7 ms' AS at, 'event ' || (i * 31 % 7 % 2)::text AS event
FROM generate_series(1, 30000) i;
ANALYZE log;
CREATE TEMP TABLE expected AS
SELECT transition_summary_agg(entity, at, event)::text AS m FROM log;
SELECT transition_summary_agg(entity, at, event)::text = (SELECT m FROM expected) AS same FROM (SELECT * FROM log ORDER BY at DESC, event) l;
SELECT transition_agg(s)::text = (SELECT m FROM expected) AS same FROM (SELECT sequence_agg(at, event) AS s FROM log GROUP BY entity) l;
SELECT rollup(t)::text = (SELECT m FROM expected) AS same FROM (SELECT transition_summary_agg(entity, at, event) AS t FROM log GROUP BY entity % 5) l;
SET cpu_operator_cost = 0; SET parallel_setup_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT transition_summary_agg(entity, at, event) FROM log;
SELECT transition_summary_agg(entity, at, event)::text = (SELECT m FROM expected) AS same FROM log;
SELECT transition_summary_agg(entity::text, at, event)::text = (SELECT m FROM expected) AS same FROM log;
CREATE TABLE part AS SELECT sequence_agg(at, event) AS s, entity FROM log GROUP BY entity;
CREATE TABLE summary AS SELECT transition_summary_agg(entity, at, event) AS t FROM log GROUP BY entity % 5;
EXPLAIN (COSTS OFF) SELECT transition_agg(s) FROM part;
SELECT transition_agg(s)::text = (SELECT m FROM expected) AS same FROM part;
SELECT rollup(t)::text = (SELECT m FROM expected) AS same FROM summary;
RESET cpu_operator_cost; RESET parallel_setup_cost; RESET min_parallel_table_scan_size; RESET max_parallel_workers_per_gather;
-- Medians of many waits are close; those of few are exact.
SELECT max(abs(extract(epoch FROM t.median_wait) / e.median - 1)) < 1.0 / 128 AS close
FROM (SELECT m::transition_matrix AS m FROM expected) x, transitions(m) t,
    LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY wait) AS median
             FROM (SELECT event, lead(event) OVER w AS next, extract(epoch FROM lead(at) OVER w - at)::float8 AS wait
                   FROM log WINDOW w AS (PARTITION BY entity ORDER BY at, event COLLATE "C")) l
             WHERE event = t.from_event AND next = t.to_event) e;

-- A running window, and several in one query.
SELECT transition_agg(s) OVER (ORDER BY deal)::text = (SELECT transition_agg(s)::text FROM (SELECT sequence_agg(at, event) AS s FROM call c WHERE c.deal <= d.deal GROUP BY c.deal) x) AS same
FROM (SELECT deal, sequence_agg(at, event) AS s FROM call GROUP BY deal) d;
SELECT transition_summary_agg(deal, at, event) OVER (ORDER BY at)::text = (SELECT transition_summary_agg(deal, at, event)::text FROM call c WHERE c.at <= d.at) AS same
FROM call d ORDER BY at;

-- Nothing, and NULL.
SELECT transition_agg(s) IS NULL, transition_agg(s, 1) IS NULL FROM (SELECT NULL::event_sequence AS s) x;
SELECT transition_summary_agg(deal, at, event) IS NULL FROM call WHERE false;
SELECT rollup(NULL::transition_matrix) IS NULL, (SELECT count(*) FROM transitions(NULL));

-- Input and output.
CREATE TABLE kept AS SELECT by_bigint AS m FROM kinds;
COPY kept TO STDOUT;
SELECT m::text = (m::text::transition_matrix)::text AS same FROM kept;
SELECT 'transition_matrix:AAAA'::transition_matrix;
SELECT overlay(m::text PLACING 'AAAA' FROM 60)::transition_matrix FROM kept;
SELECT transitions(m) FROM (SELECT NULL::transition_matrix AS m) x;

-- Stored bytes that were damaged; and values that were forged: 2^52
-- transitions, and a sum of 1e300, with the right checksum.
CREATE CAST (bytea AS transition_matrix) WITHOUT FUNCTION;
CREATE TABLE bytes AS SELECT set_byte(transition_matrix_send(m), 20, 77) AS b FROM kept;
SELECT transitions(b::transition_matrix) FROM bytes;
SELECT rollup(b::transition_matrix) FROM bytes;
DROP CAST (bytea AS transition_matrix);
CREATE TABLE forged AS SELECT m::transition_matrix FROM (VALUES
    ('transition_matrix:U0lUTQEAAAABAAAAAgAAAAEAAABhAAGAgICAgICACAABAICAgICAgIAIAPQUKy437Cje'),
    ('transition_matrix:U0lUTQEAAAABAAAAAgAAAAEAAABhAAEBAZx1AIg85Dd+AAAAAAAAAAABAAEBnHUAiDzkN34AAAAAAAAAAIYJDOkneOIB')) v(m);
SELECT t.* FROM forged, transitions(m) t ORDER BY count, from_event;
SELECT rollup(m) FROM forged, generate_series(1, 2) WHERE m::text LIKE '%zkN3%';
SELECT rollup(m) FROM forged, generate_series(1, 2) WHERE m::text NOT LIKE '%zkN3%';

-- Errors.
SELECT transition_agg(s, 'NaN') FROM part;
SELECT transition_agg(s, '-Infinity') FROM part;
SELECT transition_agg(s, 1e200) FROM part;
SELECT transition_summary_agg(entity, 'infinity', event) FROM log;
SET sales_intel.fit_memory = '1MB';
SELECT transition_summary_agg(entity, at, event) FROM log, generate_series(1, 10);
RESET sales_intel.fit_memory;

DROP VIEW kinds;
DROP TABLE call, log, part, summary, kept, bytes, forged;
