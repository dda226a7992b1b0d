-- Training of boosted trees: what they find, what the options do, what must
-- not matter.  Scores and reasons: lead_trees_score; real data: lead_shoppers.
CREATE SCHEMA lead_trees;
SET search_path = lead_trees, sales_intel;
SET max_parallel_workers_per_gather = 0;
SET client_min_messages = warning;	-- no progress

-- Noise that trees cannot see through: hashes, not remainders.
CREATE FUNCTION noise(i integer, salt integer) RETURNS float8
LANGUAGE SQL IMMUTABLE AS $$
    SELECT (hashint8extended(i, salt) & 4294967295) / 4294967296.0::float8
$$;
CREATE TABLE lead AS
SELECT i, noise(i, 9) < 1 / (1 + exp(-1.5 * (2 * a - 1) - (2 * b - 1))) AS linear,
    noise(i, 10) < CASE WHEN (a > 0.5) = (b > 0.5) THEN 0.8 ELSE 0.2 END AS crossed, noise(i, 11) < 0.3 AS noisy, f.*
FROM generate_series(1, 4000) i,
    LATERAL (SELECT noise(i, 1) AS a, noise(i, 2) AS b, noise(i, 3) AS c, 'level ' || i % 6 AS d) f;
CREATE FUNCTION train(label text, options jsonb DEFAULT '{}', columns text DEFAULT 'a, b, c, d', rows text DEFAULT 'lead') RETURNS lead_model
LANGUAGE plpgsql AS $$
DECLARE
    result lead_model;
BEGIN
    EXECUTE format('SELECT lead_model_agg(%s, f, %L) FROM %s l, LATERAL (SELECT %s) f', label, options, rows, columns) INTO result;
    RETURN result;
END $$;

-- Auto: coefficients where effects add up, trees where they do not, and never
-- trees for less than a standard error; the choice is on record.
CREATE TABLE chosen AS
SELECT label, train(label) AS m FROM unnest(ARRAY['linear', 'crossed', 'noisy']) label;
SELECT label, algorithm, usable, round(roc_auc::numeric, 1) AS auc, winner, loser,
    difference > std_error AS clearly, round(abs(difference)::numeric, 1) AS difference
FROM chosen, lead_model_summary(m), lead_model_choice(m)
ORDER BY label;
SELECT label, w.code FROM chosen, lead_model_warnings(m) w ORDER BY label, w.code;
-- the winner is the very model that asking for it makes
SELECT label, bool_and(abs((lead_model_choice(m)).winner_auc - (lead_model_summary(other)).roc_auc) < 1e-12) AS quality,
    max(abs(lead_margin(m, l) - lead_margin(other, l))) = 0 AS margins
FROM chosen, LATERAL train(label, jsonb_build_object('algorithm', (lead_model_summary(m)).algorithm)) other,
    (SELECT a, b, c, d FROM lead WHERE i <= 300) l
GROUP BY label
ORDER BY label;
-- without folds there is nothing to choose by
SELECT algorithm, loser FROM train('crossed', '{"folds": 0}') m, lead_model_summary(m), lead_model_choice(m);

-- Importance: shares, largest first; what does nothing has next to none.
SELECT feature, round(importance::numeric, 1) AS importance
FROM chosen, lead_model_importance(m)
WHERE label = 'crossed';
SELECT label, abs(sum(importance) - 1) < 1e-12 AS one FROM chosen, lead_model_importance(m) GROUP BY label ORDER BY label;
SELECT count(*) AS no_coefficients FROM chosen, lead_model_coefficients(m) WHERE label = 'crossed';

-- Out of fold, not in sample: noise, learned by heart, earns nothing.
SELECT roc_auc < 0.6 AS honest, usable, log_loss >= -rate * ln(rate) - (1 - rate) * ln(1 - rate) AS no_better_than_the_rate,
    (SELECT roc_auc(lead_score(m, l), noisy) FROM lead l) > 0.95 AS by_heart
FROM train('noisy', '{"algorithm": "boosted_trees", "early_stop": 0, "min_leaf": 1, "depth": 10}') m, lead_model_summary(m),
    (SELECT avg(noisy::integer)::float8 AS rate FROM lead) r;
-- stopping early leaves scores at the base rate, and says that there is no signal
SELECT bool_or((lead_model_summary(m)).usable) AS usable, max(abs(lead_score(m, l) - 0.3)) < 0.1 AS near_the_rate
FROM train('noisy', '{"algorithm": "boosted_trees"}') m, lead l;

-- Nothing depends on the order of rows or columns, on a table's number of
-- rows for each label's hash, on a second model in the query, or on workers.
CREATE TABLE shuffled AS SELECT * FROM lead ORDER BY noise(i, 12);
\set options '{"algorithm": "boosted_trees", "subsample": 0.7, "trees": 20}'
CREATE TABLE hashed AS SELECT model_hash(train('crossed', :'options')) AS hash;
SELECT model_hash(train('crossed', :'options', 'd, c, b, a', 'shuffled')) = hash AS other_order,
    model_hash(train('crossed', '{"trees": 20, "subsample": 0.7, "algorithm": "boosted_trees", "seed": 1}')) = hash AS seed_1,
    model_hash(train('crossed', :'options'::jsonb || '{"seed": 2}')) = hash AS seed_2 FROM hashed;
SELECT bool_and(model_hash(m) = hash) AS window_function
FROM hashed, (SELECT lead_model_agg(crossed, f, :'options') OVER () AS m FROM lead, LATERAL (SELECT a, b, c, d) f LIMIT 2) w;
SET max_parallel_workers_per_gather = 2;
SET cpu_operator_cost = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT lead_model_agg(crossed, f, :'options') FROM lead, LATERAL (SELECT a, b, c, d) f;
SELECT model_hash(lead_model_agg(crossed, f, :'options')) = hash AS workers
FROM lead, LATERAL (SELECT a, b, c, d) f, hashed GROUP BY hash;
SET max_parallel_workers_per_gather = 0;

-- Weights: only proportions matter; weight zero is absence.
CREATE FUNCTION weigh(weight text) RETURNS lead_model
LANGUAGE plpgsql AS $$
DECLARE
    result lead_model;
BEGIN
    EXECUTE format('SELECT lead_model_agg(crossed, f, %s, ''{"algorithm": "boosted_trees", "trees": 20, "folds": 0}'')
        FROM lead, LATERAL (SELECT a, b) f', weight) INTO result;
    RETURN result;
END $$;
SELECT max(abs(lead_margin(one, f) - lead_margin(many, f))) < 1e-9 AS proportions,
    max(abs(lead_margin(one, f) - lead_margin(plain, f))) > 0.1 AS they_count,
    max(abs(lead_margin(part, f) - lead_margin(filtered, f))) = 0 AS zero_is_absent
FROM weigh('1 + i % 3') one, weigh('(1 + i % 3) * 3.7e9') many, weigh('1') plain, weigh('(i % 3 > 0)::integer') part,
    train('crossed', '{"algorithm": "boosted_trees", "trees": 20, "folds": 0}', 'a, b', '(SELECT * FROM lead WHERE i % 3 > 0)') filtered,
    (SELECT a, b FROM lead) f;

-- Monotone: never against the direction, though the data would have it; auto
-- then means trees, since a straight line has no direction of its own.
SELECT max((lead_model_summary(free)).algorithm) AS free, max((lead_model_summary(m)).algorithm) AS bound,
    bool_or(free_falls) AS free_falls, bool_or(falls) AS falls
FROM train('noise(l.i, 13) < 0.2 + 0.6 * abs(2 * l.a - 1)') free, train('noise(l.i, 13) < 0.2 + 0.6 * abs(2 * l.a - 1)', '{"monotone": {"a": 1}}') m,
    LATERAL (SELECT lead_margin(m, f) < lag(lead_margin(m, f)) OVER w AS falls, lead_margin(free, f) < lag(lead_margin(free, f)) OVER w AS free_falls
        FROM (SELECT x / 200.0::float8 AS a, 0.5::float8 AS b, 0.5::float8 AS c, 'level 1' AS d FROM generate_series(0, 200) x) f
        WINDOW w AS (ORDER BY a)) s;

-- Missing values go where they belong; a column that is always NULL, and one
-- that is constant, do no harm and are named.
SELECT round(avg(lead_score(m, f))::numeric, 1) AS missing, algorithm
FROM train('coalesce(crossed, true)', '{"algorithm": "boosted_trees"}', 'half, empty, same',
        '(SELECT CASE WHEN i % 2 = 0 THEN noise(i, 5) < 0.9 ELSE noise(i, 5) < 0.2 END AS crossed, CASE WHEN i % 2 = 1 THEN a END AS half,
            NULL::float8 AS empty, 7 AS same FROM lead)') m, lead_model_summary(m),
    (SELECT NULL::float8 AS half, NULL::float8 AS empty, 7 AS same) f
GROUP BY algorithm;
SELECT w.code, w.feature FROM train('crossed', '{"algorithm": "boosted_trees", "trees": 5}', 'a, b, NULL::float8 AS empty, 7 AS same, i AS key') m,
    lead_model_warnings(m) w;

-- Privacy: no trace of a level that fewer than ten rows have.
SELECT position(convert_to('secret', 'UTF8') IN lead_model_send(m)) AS secret, position(convert_to('shared', 'UTF8') IN lead_model_send(m)) > 0 AS shared
FROM train('crossed', '{"algorithm": "boosted_trees", "min_leaf": 1}', 'a, b, CASE WHEN i < 10 THEN ''secret'' WHEN i < 30 THEN ''shared'' ELSE ''other'' END AS word') m;

-- Groups stay together, and few of them still make folds that can be told by;
-- with fewer groups than folds, there are fewer folds.
SELECT groups, count(*) FILTER (WHERE s.algorithm = 'boosted_trees' AND s.roc_auc > 0.7) AS found, bool_and(s.usable) AS usable
FROM unnest(ARRAY[2, 4, 5, 8]) groups, generate_series(1, 5) seed,
    LATERAL (SELECT lead_model_agg(crossed, f, jsonb_build_object('group', 'g', 'seed', seed)) AS m
        FROM lead, LATERAL (SELECT a, b, i % groups AS g) f WHERE i <= 2000) m, LATERAL lead_model_summary(m) s
GROUP BY groups
ORDER BY groups;
-- one group: nothing is held out, so nothing is known of it, and that shows
SELECT s.roc_auc, s.usable, w.code FROM train('crossed', '{"algorithm": "boosted_trees", "group": "g"}', 'a, b, 1 AS g') m,
    lead_model_summary(m) s, lead_model_warnings(m) w;

-- The choice goes by weight: here one lead in twenty weighs nearly all.
SELECT (lead_model_summary(m)).algorithm, abs((lead_model_choice(m)).winner_auc - (lead_model_summary(m)).roc_auc) < 1e-9 AS one_figure
FROM (SELECT lead_model_agg(CASE WHEN i % 20 = 0 THEN crossed ELSE noise(i, 15) < l.a END, f, CASE WHEN i % 20 = 0 THEN 1 ELSE 1e-6 END, '{}') AS m
    FROM (SELECT * FROM lead UNION ALL SELECT i + 4000, linear, noise(i + 4000, 10) < CASE WHEN (c > 0.5) = (b > 0.5) THEN 0.9 ELSE 0.1 END, noisy, c, b, a, d FROM lead) l,
        LATERAL (SELECT a, b) f) s;

-- Trees that draw no row, and rows without a feature.
SELECT lead_score(m::text::lead_model, f) BETWEEN 0 AND 1 AS readable
FROM train('i % 2 = 0', '{"algorithm": "boosted_trees", "folds": 0, "subsample": 0.01, "trees": 50}', 'a', '(SELECT * FROM lead WHERE i <= 80)') m, (SELECT 0.5::float8 AS a) f;
SELECT (lead_model_summary(m)).algorithm, (lead_model_summary(m)).features FROM train('crossed', '{"algorithm": "boosted_trees"}', 'NULL::float8[] AS nothing') m;

-- More levels than bins: the smallest are pooled.
SELECT (lead_model_summary(m)).algorithm, lead_margin(m, few) = lead_margin(m, unseen) AS pooled,
    lead_margin(m, many) > lead_margin(m, unseen) + 1 AS kept
FROM train('noise(i, 14) < CASE WHEN i % 331 < 3 THEN 0.9 ELSE 0.3 END', '{"algorithm": "boosted_trees", "max_levels": 400, "folds": 0}', '''c'' || i % 331 AS code, a',
        '(SELECT i, a FROM lead UNION ALL SELECT i, a FROM lead WHERE i % 331 < 200)') m,
    (SELECT 'c0' AS code, 0.5::float8 AS a) many, (SELECT 'c330' AS code, 0.5::float8 AS a) few, (SELECT 'new' AS code, 0.5::float8 AS a) unseen;

-- One group a segment: a thin one, or one with no win, gets no model and takes
-- nothing from its neighbours.
SELECT g, (lead_model_summary(m)).usable, code, lead_score(m, f) IS NULL AS no_score
FROM (SELECT g, lead_model_agg(crossed AND g <> 'lost', f, '{"algorithm": "boosted_trees"}') AS m
    FROM (SELECT CASE WHEN i <= 60 THEN 'thin' WHEN i % 2 = 0 THEN 'lost' ELSE 'sound' END AS g, * FROM lead) l, LATERAL (SELECT a, b) f GROUP BY g) s
LEFT JOIN LATERAL lead_model_warnings(m) ON true, (SELECT a, b FROM lead LIMIT 1) f
ORDER BY g;

-- A forest that would be too large for a model.
\set VERBOSITY terse
SELECT train('noisy', '{"algorithm": "boosted_trees", "trees": 10000, "depth": 16, "min_leaf": 1, "folds": 0, "learning_rate": 0.001}');

DROP SCHEMA lead_trees CASCADE;
