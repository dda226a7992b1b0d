-- contrast_agg, contrast_patterns: what is counted, tested, refused.
CREATE SCHEMA contrast_test;
SET search_path = contrast_test, public, sales_intel;
SET extra_float_digits = 0;
SET timezone = 'UTC';

-- A sequence from a text: each letter an event, a second apart.
CREATE FUNCTION spell(spelling text) RETURNS event_sequence LANGUAGE sql AS $$
    SELECT sequence_agg('2025-01-01'::timestamptz + i * interval '1 second', letter)
    FROM unnest(string_to_array(spelling, NULL)) WITH ORDINALITY AS t(letter, i)
$$;
CREATE TABLE deal (id integer, s event_sequence, won boolean, rep text);
INSERT INTO deal SELECT i, spell(spelling), won, 'r' || i % 3
FROM (VALUES (1, 'abc', true), (2, 'aab', true), (3, 'ab', true), (4, 'ba', false), (5, 'cba', false), (6, 'b', false), (7, 'ca', false)) v(i, spelling, won);

-- By hand: ab in the three successes only, ba in two failures only.
SELECT pattern, expression, kind, success_with sw, success_without so, failure_with fw, failure_without fo, odds_ratio,
    round(p_value::numeric, 4) p, round(q_value::numeric, 4) q, round(order_p_value::numeric, 4) order_p, max_p, tested
FROM (SELECT contrast_agg(s, won) AS c FROM deal) d, contrast_patterns(c);
SELECT * FROM contrast_summary((SELECT contrast_agg(s, won) FROM deal));
SELECT * FROM contrast_summary((SELECT contrast_agg(s, won, rep, '{"triples": true}') FROM deal));
SELECT pattern, expression, kind, success_with, failure_with, order_p_value
FROM (SELECT contrast_agg(s, won, '{"triples": true}') AS c FROM deal) d, contrast_patterns(c) WHERE kind = 'triple' ORDER BY pattern;
-- least support, as a count and as a share; patterns of less are not tested
SELECT support, count(kind), max(tested) AS tested, min(success_with + failure_with) AS least
FROM (SELECT '2' AS support, contrast_agg(s, won, '{"min_support": 2}') AS c FROM deal
      UNION ALL SELECT '0.4', contrast_agg(s, won, '{"min_support": 0.4}') FROM deal
      UNION ALL SELECT '8', contrast_agg(s, won, '{"min_support": 8}') FROM deal) d LEFT JOIN LATERAL contrast_patterns(c) ON true
GROUP BY support ORDER BY support;

-- Names of any kind come as sequence_match reads them; events of one time are
-- in the order of their names, as they are for it.
CREATE TABLE odd AS
SELECT g AS id, sequence_agg('2025-01-01'::timestamptz + (i / 3) * interval '1 day', event) AS s, g % 2 = 0 AS won
FROM generate_series(1, 60) g, generate_series(1, 9) i,
    LATERAL (SELECT (ARRAY['call back', 'said "no"', 'über', '2nd', '', 'Demo', 'x.y'])[1 + abs(hashint4(g * 100 + i)) % 7] AS event) e
GROUP BY g;
SELECT kind, count(*), bool_and(success_with = yes AND failure_with = no) AS agrees, bool_and(success_with + success_without = 30) AS whole,
    min(expression) FILTER (WHERE pattern = '{"said \"no\"",2nd}') AS example
FROM (SELECT contrast_agg(s, won, '{"triples": true}') AS c FROM odd) d, contrast_patterns(c) p,
    LATERAL (SELECT count(*) FILTER (WHERE won) AS yes, count(*) FILTER (WHERE NOT won) AS no FROM odd WHERE sequence_match(s, p.expression)) m
GROUP BY kind ORDER BY kind;

-- The tests are those of the other functions; order: among those that have both.
CREATE TABLE found AS SELECT p.* FROM (SELECT contrast_agg(s, won) AS c FROM odd) d, contrast_patterns(c, '{"permutations": 200, "seed": 7}') p;
SELECT count(*), max(abs(p_value - fisher_p(t))) < 1e-15 AS p, bool_and(odds_ratio IS NOT DISTINCT FROM odds_ratio(t)) AS ratio,
    bool_and((f.low, f.high) IS NOT DISTINCT FROM (i.low, i.high)) AS interval
FROM (SELECT f.*, contingency(success_with, failure_with, success_without, failure_without) AS t FROM found f) f, odds_ratio_interval(t) i;
SELECT bool_and(abs(q_value - q) < 1e-15) AS bh
FROM (SELECT array_agg(p_value) AS p, array_agg(q_value) AS v FROM found) f, unnest(v, adjust_p_values(p, 'bh')) u(q_value, q);
SELECT bool_and(abs(q_value - q) < 1e-15) AS by
FROM (SELECT array_agg(p_value) AS p, array_agg(q_value) AS v FROM (SELECT contrast_agg(s, won) AS c FROM odd) d, contrast_patterns(c, '{"method": "by"}')) f,
    unnest(v, adjust_p_values(p, 'by')) u(q_value, q);
SELECT count(*), max(abs(order_p_value - fisher_p(t))) < 1e-15 AS order_p
FROM (SELECT f.pattern, f.order_p_value, contingency_agg(sequence_match(s, f.expression), won) FILTER (WHERE sequence_count(s, a) > 0 AND sequence_count(s, b) > 0) AS t
      FROM found f, odd, format('"%s"', replace(pattern[1], '"', '""')) a, format('"%s"', replace(pattern[2], '"', '""')) b
      WHERE kind = 'pair' AND pattern[1] <> pattern[2] GROUP BY f.pattern, f.order_p_value) o;
SELECT kind, count(*) FILTER (WHERE order_p_value IS NULL) AS without FROM found GROUP BY kind ORDER BY kind;
SELECT bool_and(max_p >= p_value - 0.05) AS adjusted, min(max_p) >= 1 / 201.0 AS least, count(DISTINCT p_value) >= count(DISTINCT max_p) AS monotone FROM found;
SELECT max(high - low) FILTER (WHERE level) < max(high - low) FILTER (WHERE NOT level) AS narrower
FROM (SELECT true AS level, p.* FROM (SELECT contrast_agg(s, won) AS c FROM odd) d, contrast_patterns(c, '{"level": 0.5}') p UNION ALL SELECT false, * FROM found) l;

-- The outcome among the events: named, or told by itself from 40 of each on.
CREATE TABLE paid AS
SELECT g AS id, CASE WHEN g % 2 = 0 THEN rollup(v.s) ELSE min(o.s::text)::event_sequence END AS s, g % 2 = 0 AS won
FROM generate_series(1, 80) g, LATERAL (SELECT s FROM odd WHERE id = 1 + g % 60) o,
    LATERAL (SELECT o.s UNION ALL SELECT sequence_agg('2026-01-01'::timestamptz, 'paid')) v(s)
GROUP BY g;
SELECT kind, count(*), count(q_value) AS q, count(max_p) AS max_p, max(tested) AS tested, bool_or('paid' = ANY (pattern)) AS paid
FROM (SELECT contrast_agg(s, won) AS c FROM paid) d, contrast_patterns(c, '{"permutations": 20}') GROUP BY kind ORDER BY kind;
SELECT kind, count(*), count(q_value) AS q, max(tested) AS tested
FROM (SELECT contrast_agg(s, won) AS c FROM paid WHERE id > 10) d, contrast_patterns(c, '{"outcome": "paid"}') GROUP BY kind ORDER BY kind;
SELECT kind, count(*) FROM (SELECT contrast_agg(s, won) AS c FROM paid WHERE id > 10) d, contrast_patterns(c, '{"outcome": ["paid", "Demo", "never"]}') GROUP BY kind ORDER BY kind;
SELECT kind, count(*), max(tested) AS tested FROM (SELECT contrast_agg(s, won) AS c FROM paid WHERE id > 10) d, contrast_patterns(c, '{"outcome": "payd", "permutations": 2}') GROUP BY kind ORDER BY kind;
SELECT kind, count(*) FROM (SELECT contrast_agg(s, won) AS c FROM paid WHERE id > 10) d, contrast_patterns(c) GROUP BY kind ORDER BY kind;

-- Nothing to gather is NULL; rows with a NULL are skipped; one class compares nothing.
SELECT contrast_agg(s, won) IS NULL AS none, contrast_agg(s, won, rep, '{}') IS NULL AS clustered, rollup(NULL::contrast) IS NULL AS rolled,
    contrast_summary(contrast_agg(s, won)) IS NULL AS summary FROM deal WHERE id > 99;
SELECT count(*) FROM contrast_patterns(NULL);
SELECT (contrast_summary(contrast_agg(s, won))).sequences, (contrast_summary(contrast_agg(s, won, rep, '{}'))).sequences AS clustered,
    contrast_agg(s, won)::text = (contrast_agg(s, won, NULL))::text AS null_options
FROM (SELECT s, won, rep FROM deal UNION ALL VALUES (NULL::event_sequence, true, 'r1'), (spell('a'), NULL, 'r1'), (spell('a'), true, NULL)) d;
SELECT count(*), min(p_value) AS p, min(q_value) AS q, min(max_p) AS max_p, count(odds_ratio) AS ratios
FROM (SELECT contrast_agg(s, won) AS c FROM deal WHERE won) d, contrast_patterns(c, '{"permutations": 10}');
SELECT count(*), min(p_value) AS p, min(max_p) AS max_p, count(low) AS intervals
FROM (SELECT contrast_agg(s, won, rep, '{}') AS c FROM deal WHERE won) d, contrast_patterns(c, '{"permutations": 10}');

-- Order, parts and workers leave no trace.
CREATE TABLE call AS
SELECT g AS id, 'rep ' || g % 17 AS rep, abs(hashint4(g)) % 3 = 0 AS won, sequence_agg(to_timestamp(i), 'e' || abs(hashint4(g * 37 + i)) % 11) AS s
FROM generate_series(1, 1500) g, generate_series(1, 6) i GROUP BY g;
ANALYZE call;
CREATE TABLE whole AS SELECT contrast_agg(s, won) AS c, contrast_agg(s, won, rep, '{"triples": true}') AS cc FROM call;
SELECT (SELECT rollup(c)::text FROM (SELECT contrast_agg(s, won) AS c FROM call GROUP BY id % 7) p) = c::text AS rolled,
    (SELECT rollup(c)::text FROM (SELECT contrast_agg(s, won, rep, '{"triples": true}') AS c FROM call GROUP BY rep) p) = cc::text AS by_cluster,
    (SELECT contrast_agg(s, won ORDER BY id * 7919 % 1499)::text FROM call) = c::text AS any_order
FROM whole;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT contrast_agg(s, won, rep, '{"triples": true}') FROM call;
SELECT p.c::text = w.c::text AS same, p.cc::text = w.cc::text AS clustered
FROM whole w, (SELECT contrast_agg(s, won) AS c, contrast_agg(s, won, rep, '{"triples": true}') AS cc FROM call) p;
SET max_parallel_workers_per_gather = 0;
SELECT count(DISTINCT m) AS same, count(DISTINCT o) AS other_seed
FROM whole, generate_series(1, 3) k, LATERAL (SELECT string_agg(max_p::text, ' ' ORDER BY p_value, pattern) AS m FROM contrast_patterns(c, '{"permutations": 50, "seed": 3}')) a,
    LATERAL (SELECT string_agg(max_p::text, ' ' ORDER BY p_value, pattern) AS o FROM contrast_patterns(c, jsonb_build_object('permutations', 50, 'seed', k))) b;
-- a running window
SELECT array_agg((contrast_summary(c)).sequences ORDER BY id) AS running FROM (SELECT id, contrast_agg(s, won) OVER (ORDER BY id) AS c FROM call WHERE id < 6) w;

-- Text and binary forms; what is damaged is refused.
CREATE TABLE kept (c contrast, cc contrast);
\copy whole TO 'results/contrast.copy' (FORMAT binary)
\copy kept FROM 'results/contrast.copy' (FORMAT binary)
\! rm results/contrast.copy
SELECT k.c::text = w.c::text AND k.cc::text = w.cc::text AS binary, w.c::text::contrast::text = w.c::text AS text FROM kept k, whole w;
\set VERBOSITY terse
SELECT 'contrast:AAAA'::contrast;
CREATE CAST (bytea AS contrast) WITHOUT FUNCTION;
SELECT contrast_summary('\x00'::bytea::contrast);
SELECT count(*) FROM contrast_patterns('\x00'::bytea::contrast);
\set VERBOSITY default
DROP CAST (bytea AS contrast);

-- Errors.
SELECT contrast_agg(s, won, '{"tripels": true}') FROM deal;
SELECT contrast_agg(s, won, '{"min_support": 0}') FROM deal;
SELECT contrast_agg(s, won, jsonb_build_object('min_support', id)) FROM deal;
SELECT rollup(c) FROM (SELECT contrast_agg(s, won) AS c FROM deal UNION ALL SELECT contrast_agg(s, won, rep, '{}') FROM deal) p;
SELECT count(*) FROM whole, contrast_patterns(c, '{"permutation": 10}');
SELECT count(*) FROM whole, contrast_patterns(c, '{"outcome": 7}');
SELECT count(*) FROM whole, contrast_patterns(c, '{"outcome": ["a", 7]}');
SELECT count(*) FROM whole, contrast_patterns(c, '{"method": "holm"}');
SELECT count(*) FROM whole, contrast_patterns(c, '{"level": 95}');
SET sales_intel.fit_memory = '1MB';
\set VERBOSITY terse
SELECT count(*) FROM whole, contrast_patterns(c, '{"permutations": 100000}');
-- what permutations take depends on the largest support, not on the number of rows
SET sales_intel.fit_memory = '4MB';
SELECT count(*), max(max_p) AS max_p
FROM (SELECT contrast_agg(s, i % 2 = 0) AS c FROM (SELECT i, sequence_agg(now(), 'e' || i / 2 % 997) AS s FROM generate_series(1, 20000) i GROUP BY i) o) d,
    contrast_patterns(c, '{"permutations": 5}');
RESET sales_intel.fit_memory;
SET client_min_messages = warning;
DROP SCHEMA contrast_test CASCADE;
