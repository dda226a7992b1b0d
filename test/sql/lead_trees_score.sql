-- Scores of boosted trees, and what explains them: how values are read, both
-- forms of a call, contributions.  The trees themselves are those of training.
CREATE SCHEMA lead_trees_score;
SET search_path = lead_trees_score, sales_intel;
SET extra_float_digits = 0;
SET max_parallel_workers_per_gather = 0;

CREATE TYPE tier AS ENUM ('silver', 'gold', 'bronze', 'tin');
CREATE TABLE lead (
    id integer, won boolean, x float8, n integer, visits smallint, spend numeric, rate real, big bigint,
    flag boolean, source text, tier tier, code char(6), list float8[], same integer
);
INSERT INTO lead
SELECT i, (i * 7919) % 1009 / 1009.0 < 1 / (1 + exp(0.5 - cos(i * 31 % 77 / 7.0) - (i % 5 - 2) * (i % 4 - 1.5) / 2
        - CASE i % 3 WHEN 0 THEN 1 WHEN 1 THEN -1 ELSE 0 END + (i % 13 = 0)::integer - (i % 17) / 12.0)),
    CASE WHEN i % 11 > 0 THEN (i * 31 % 77) / 7.0 END, CASE WHEN i % 9 > 0 THEN i % 5 END,
    CASE WHEN i % 21 > 0 THEN i % 4 END, i % 37 / 4.0, CASE WHEN i % 10 > 0 THEN i % 23 / 8.0 END, i % 29 * 1000000000::bigint,
    CASE WHEN i % 15 > 0 THEN i % 6 < 2 END,
    CASE WHEN i % 13 = 0 THEN NULL WHEN i % 301 = 1 THEN 'rare ' || i ELSE (ARRAY['web', 'Zoë', 'fair'])[1 + i % 3] END,
    (ARRAY['silver', 'gold', 'bronze'])[1 + i % 7 % 3]::tier, (ARRAY['a', 'b'])[1 + i / 3 % 2],
    CASE WHEN i % 19 > 0 THEN ARRAY[i % 7, CASE WHEN i % 8 > 0 THEN i % 17 / 4.0 END] END, 7
FROM generate_series(1, 2000) i;
\set options '{"algorithm": "boosted_trees", "trees": 40, "depth": 4, "folds": 0, "exclude": ["id", "won"]}'
CREATE TABLE model AS SELECT lead_model_agg(won, l, :'options') AS m FROM lead l;
SELECT s.algorithm, s.rows, s.features FROM model, lead_model_summary(m) s;

-- To the last bit the same: columns, record (kept apart by a function that
-- returns its row), a copy of the model that is no stored value.
CREATE FUNCTION hidden(r lead) RETURNS lead LANGUAGE plpgsql AS 'BEGIN RETURN r; END';
CREATE FUNCTION bits(value float8) RETURNS bytea LANGUAGE SQL IMMUTABLE AS 'SELECT float8send(value)';
CREATE TABLE margin AS SELECT id, lead_margin(m, l) AS margin, lead_score(m, l) AS score FROM model, lead l;
SELECT count(*), count(margin) AS margins, count(DISTINCT margin) > 200 AS differ,
    count(*) FILTER (WHERE bits(margin) IS DISTINCT FROM bits(lead_margin(m, hidden(l)))) AS record_differs,
    count(*) FILTER (WHERE bits(score) IS DISTINCT FROM bits(lead_score(m, hidden(l)))) AS score_differs,
    count(*) FILTER (WHERE bits(margin) IS DISTINCT FROM bits(lead_margin(copy, l))) AS copy_differs
FROM model, (SELECT m::text::lead_model AS copy FROM model) c, lead l JOIN margin USING (id);
-- without folds there is no calibration
SELECT max(abs(score - 1 / (1 + exp(-margin)))) < 1e-15 AS logistic, min(score) > 0 AND max(score) < 1 AS inside,
    avg(score) FILTER (WHERE won) > avg(score) FILTER (WHERE NOT won) + 0.1 AS learned
FROM margin JOIN lead USING (id);

-- One call site, models of both kinds in turn; parallel workers.
CREATE TABLE mixed AS
SELECT 'trees' AS kind, m FROM model
UNION ALL SELECT 'logistic', lead_model_agg(won, l, '{"algorithm": "logistic", "folds": 0, "exclude": ["id", "won"]}') FROM lead l;
CREATE TABLE single AS SELECT id, lead_margin(m, l) AS margin FROM mixed, lead l WHERE kind = 'logistic';
SELECT kind, count(*), count(*) FILTER (WHERE bits(s.margin) IS DISTINCT FROM
        bits(CASE kind WHEN 'trees' THEN t.margin ELSE o.margin END)) AS differ
FROM (SELECT id, kind, lead_margin(m, l) AS margin FROM lead l, mixed ORDER BY id, kind) s
JOIN margin t USING (id) JOIN single o USING (id)
GROUP BY kind
ORDER BY kind;
SET max_parallel_workers_per_gather = 2;
SET parallel_leader_participation = off;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT count(*), count(*) FILTER (WHERE bits(s.margin) IS DISTINCT FROM bits(t.margin)) AS differ
FROM (SELECT id, lead_margin((SELECT m FROM model), l) AS margin FROM lead l OFFSET 0) s JOIN margin t USING (id);
SET max_parallel_workers_per_gather = 0;

-- The same values in other types, other order, with columns beside them.
CREATE DOMAIN source_name AS varchar(20);
SELECT query.n, count(*) FILTER (WHERE bits(margin) IS DISTINCT FROM bits(
        CASE query.n WHEN 1 THEN lead_margin(m, a) WHEN 2 THEN lead_margin(m, b) ELSE lead_margin(m, c) END)) AS differ
FROM generate_series(1, 3) query(n), model, lead l JOIN margin USING (id),
    LATERAL (SELECT l.list::numeric[] AS list, l.tier::text AS tier, l.code::text AS code, l.source::source_name AS source,
        l.flag, l.big::float8 AS big, l.rate::float8 AS rate, l.spend::float8 AS spend, l.visits::integer AS visits,
        l.n::float8 AS n, l.x, l.same::numeric AS same) a,
    LATERAL (SELECT l.same::bigint AS same, l.n::smallint AS n, now() AS at, l.x, l.visits::bigint AS visits, l.spend::real AS spend,
        l.rate::numeric AS rate, l.big::numeric AS big, l.flag::integer AS flag, l.code::varchar AS code,
        l.tier::text::char(20) AS tier, l.source::varchar AS source, l.list::real[] AS list) b,
    LATERAL (SELECT l.n::numeric AS n, l.x, l.visits::float8 AS visits, l.spend, l.rate, l.big, l.flag::integer::float8 AS flag,
        l.source, l.tier, (l.code || '  ')::char(9) AS code, ('[5:6]=' || l.list::text)::float8[] AS list, l.same::real AS same) c
GROUP BY query.n
ORDER BY query.n;

-- Missing: a NULL list is one of NULLs; all may be missing.
CREATE TYPE features AS (
    x float8, n integer, visits smallint, spend numeric, rate real, big bigint, flag boolean, source text, tier text,
    code text, list float8[], same integer
);
\set row 'l.x, l.n, l.visits, l.spend, l.rate, l.big, l.flag'
SELECT count(*), count(*) FILTER (WHERE bits(margin) IS DISTINCT FROM
        bits(lead_margin(m, ROW(:row, l.source, l.tier, l.code, '{NULL,NULL}', 7)::features))) AS differ
FROM model, lead l JOIN margin USING (id)
WHERE list IS NULL;
SELECT lead_margin(m, none) IS NOT NULL AS has_margin, lead_score(m, none) BETWEEN 0 AND 1 AS has_score,
    lead_margin(m, '(,,,,,,,,,,"{NULL,NULL}",)'::features) = lead_margin(m, none) AS same,
    (SELECT count(*) FROM lead_explain(m, none) WHERE value IS NOT NULL) AS values_shown,
    lead_reasons(m, none, 1) ~ '^\S+ missing \([+-]\d+\.\d\d\)$' AS reasons
FROM model, (SELECT '(,,,,,,,,,,,)'::features AS none) r;
-- every one of them counts for some lead: that the value is missing is seen
SELECT string_agg(feature, ', ' ORDER BY feature COLLATE "C") AS missing_counts
FROM (SELECT feature
    FROM model, lead l, lead_explain(m, l) e
    WHERE e.value IS NULL AND feature <> '(baseline)'
    GROUP BY feature
    HAVING max(abs(contribution)) > 0.001) s;

-- Levels that training has not seen, or pooled: with rare ones all the same,
-- and without one still the same for all.
SELECT count(DISTINCT bits(source_margin)) FILTER (WHERE what IN ('rare', 'unseen', 'Web', '')) AS pooled,
    count(DISTINCT bits(source_margin)) AS all_sources,
    count(DISTINCT bits(tier_margin)) FILTER (WHERE what IN ('rare', 'unseen', 'Web', '')) AS unseen_tiers,
    count(tier_margin) AS tiers
FROM (SELECT v.what, lead_margin(m, ROW(:row, level, l.tier, l.code, l.list, 7)::features) AS source_margin,
        lead_margin(m, ROW(:row, l.source, tier_level, l.code, l.list, 7)::features) AS tier_margin
    FROM model, lead l, (VALUES ('rare', 'rare 1', 'x'), ('unseen', 'rare 5', 'tin'), ('Web', 'Web', 'Silver'),
            ('', '', ''), ('web', 'web', 'silver'), ('fair', 'fair', 'gold'), ('NULL', NULL, NULL)) v(what, level, tier_level)
    WHERE id = 2) s;

-- What is no number is refused, fast and slow, in both forms.
SELECT lead_score(m, ROW('NaN', 1, 1, 1, 1, 1, true, 'web', 'gold', 'a', '{1,2}', 7)::features) FROM model;
SELECT lead_score(m, hidden(l)) FROM model, (SELECT (jsonb_populate_record(l, '{"x": "-Infinity"}')).* FROM lead l LIMIT 1) l;
SELECT lead_margin(m, ROW(1, 1, 1, 1, 'Infinity', 1, true, 'web', 'gold', 'a', '{1,2}', 7)::features) FROM model;
SELECT lead_margin(m, ROW(1, 1, 1, 1, 1, 1, true, 'web', 'gold', 'a', '{1,NaN}', 7)::features) FROM model;
SELECT lead_explain(m, ROW(1e200, 1, 1, 1, 1, 1, true, 'web', 'gold', 'a', '{1,2}', 7)::features) FROM model;
SELECT lead_margin(m, ROW(1, 1, 1, 1, 1, 1, true, 'web', 'gold', 'a', '{1,2,3}', 7)::features) FROM model;
SELECT lead_margin(m, r) FROM model, (SELECT x, n, visits, spend, rate, big, flag, source, code, list, same FROM lead) r;
SELECT lead_margin(m, r) FROM model, (SELECT x, n, visits, spend, rate, big, flag, 7 AS source, tier, code, list, same FROM lead) r;

-- Baseline and contributions add up to the margin on every row, whatever top;
-- largest first, then by name.
CREATE TABLE reason AS
SELECT id, top, e.*
FROM model, lead l, unnest(ARRAY[0, 3, 13, NULL]) top,
    LATERAL lead_explain(m, l, top) WITH ORDINALITY AS e(feature, value, contribution, place)
WHERE top IS NULL OR id <= 200;
SELECT top, count(*) AS rows, max(abs(total - margin)) < 1e-9 AS adds_up, min(features) AS fewest, max(features) AS most,
    bool_and(first = '(baseline)') AS baseline, bool_and((last = '(other)') = (top < 13)) AS other, bool_and(sorted) AS sorted
FROM (SELECT id, top, sum(contribution) AS total, count(*) - 1 - count(*) FILTER (WHERE feature = '(other)') AS features,
        min(feature) FILTER (WHERE place = 1) AS first, (array_agg(feature ORDER BY place DESC))[1] AS last,
        array_agg(feature ORDER BY place) FILTER (WHERE feature NOT LIKE '(%') = array_agg(feature
            ORDER BY abs(contribution) DESC, feature COLLATE "C") FILTER (WHERE feature NOT LIKE '(%') AS sorted
    FROM reason GROUP BY id, top) s
JOIN margin USING (id)
GROUP BY top
ORDER BY top;
-- the baseline is the mean margin of the training rows; a constant adds nothing
SELECT max(abs(contribution - mean)) < 1e-9 AS mean_margin
FROM reason, (SELECT avg(margin) AS mean FROM margin) s WHERE feature = '(baseline)';
SELECT count(*), count(*) FILTER (WHERE contribution <> 0) AS not_zero FROM reason WHERE feature = 'same' AND top IS NULL;
-- values as their types print them
SELECT feature, value FROM reason WHERE id = 7 AND top IS NULL AND place > 1 ORDER BY feature COLLATE "C";
SELECT count(*), count(*) FILTER (WHERE string_agg IS DISTINCT FROM lead_reasons(m, l)) AS differ
FROM model, lead l JOIN (
    SELECT id, string_agg(feature || CASE WHEN value IS NULL THEN ' missing' ELSE ' = ' || value END ||
        to_char(contribution, ' (SFM9999990.00)'), ', ' ORDER BY place)
    FROM reason WHERE top = 3 AND feature NOT LIKE '(%' GROUP BY id) r USING (id);

-- One feature explains all that the baseline does not.
CREATE TABLE alone AS
SELECT f, lead_model_agg(won, l, (:'options'::jsonb - 'exclude') || jsonb_build_object('include', ARRAY[f])) AS m
FROM lead l, unnest(ARRAY['x', 'source', 'flag']) f GROUP BY f;
SELECT f, count(*), max(abs(contribution - lead_margin(m, l) + baseline)) < 1e-9 AS explains_all, count(DISTINCT contribution) > 1 AS learned
FROM alone, lead l, LATERAL lead_explain(m, l) e,
    LATERAL (SELECT contribution AS baseline FROM lead_explain(m, l) WHERE feature = '(baseline)') b
WHERE e.feature = f
GROUP BY f
ORDER BY f;

-- Trees of one split know no interaction: what a feature adds depends on its
-- own value alone, and is zero on average.
SELECT feature, count(*) - count(DISTINCT value) - (count(*) - count(value) > 0)::integer AS depends_on_others,
    abs(sum(total)) / sum(n) < 1e-9 AS centred
FROM (SELECT feature, value, contribution, count(*) AS n, sum(contribution) AS total
    FROM (SELECT lead_model_agg(won, l, :'options'::jsonb || '{"depth": 1, "trees": 100}') AS m FROM lead l) s,
        lead l, lead_explain(m, l)
    WHERE feature IN ('x', 'n', 'flag', 'tier', 'list[2]')
    GROUP BY feature, value, contribution) s
GROUP BY feature
ORDER BY feature COLLATE "C";

SET client_min_messages = warning;
DROP SCHEMA lead_trees_score CASCADE;
