-- Each warning: data that provokes it, and data that nearly does but must not.
CREATE SCHEMA lead_warnings;
SET search_path = lead_warnings, sales_intel;

-- 2,000 leads, 40 percent won; u and v are even noise from 0 to 1, x and y are
-- honest signals.
CREATE TABLE lead AS
SELECT i, u, v, u < 0.25 + 0.3 * x AS won, x, y
FROM generate_series(1, 2000) i,
    LATERAL (SELECT (i * 48271::bigint) % 65537 / 65537.0::float8 AS u, (i * 16807::bigint) % 40009 / 40009.0::float8 AS v,
        (i * 7919) % 1009 / 1009.0::float8 AS x, (i * 31) % 101 / 101.0::float8 AS y) r;
SELECT round(avg(won::integer), 2) AS rate, round(roc_auc(x, won)::numeric, 2) AS x, round(roc_auc(y, won)::numeric, 2) AS y,
    round(roc_auc(v, won)::numeric, 2) AS v FROM lead;

-- The codes and features warned about when fitting coefficients to some columns.
CREATE FUNCTION codes(columns text, options jsonb DEFAULT '{}', rows text DEFAULT 'true') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT string_agg(concat_ws('' '', w.code, w.feature), '', '')
        FROM (SELECT lead_model_agg(l.won, f, %L) AS m FROM lead_warnings.lead l, LATERAL (SELECT %s) f WHERE %s) m,
            lead_model_warnings(m) w', '{"algorithm": "logistic"}' || options, columns, rows) INTO result;
    RETURN coalesce(result, 'none');
END $$;
SELECT codes('l.x, l.y'), codes('l.x'), codes('l.x, l.y', '{"l2": 0}'), codes('l.x, l.y', '{"folds": 0}');

-- no_signal: noise alone; not when there is a signal beside it.  Scores then
-- stay close to the base rate.
SELECT codes('l.v'), codes('l.x, l.v'), codes('l.v', '{"folds": 0}') AS not_known_without_folds;
SELECT usable, round(max(abs(score - 0.4))::numeric, 1) AS far, min(score) > 0.3 AND max(score) < 0.5 AS close
FROM (SELECT lead_model_agg(won, f, '{"algorithm": "logistic"}') AS m FROM lead, LATERAL (SELECT v, i % 7 AS day, 'c' || i % 11 AS code) f) m,
    lead_model_summary(m), LATERAL (SELECT lead_score(m, f) AS score FROM lead, LATERAL (SELECT v, i % 7 AS day, 'c' || i % 11 AS code) f) s
GROUP BY usable;

-- The reported quality is out of fold in its calibration too: a map that has
-- fitted noise is worse than always saying the base rate, and that shows.
SELECT o ->> 'calibration' AS calibration, log_loss > -rate * ln(rate) - (1 - rate) * ln(1 - rate) AS log_loss,
    brier_score > rate * (1 - rate) AS brier_score
FROM (VALUES ('{"calibration": "platt"}'::jsonb, 200), ('{"calibration": "isotonic"}', 400)) v(o, n),
    LATERAL (SELECT lead_model_agg(won, f, '{"algorithm": "logistic"}' || o) AS m, avg(won::integer)::float8 AS rate
        FROM lead, LATERAL (SELECT v, i % 7 AS day) f WHERE i <= n) m, lead_model_summary(m);

-- too_few_rows, one_class: 40 of each are enough.
SELECT codes('l.x', '{}', 'i IN (SELECT i FROM lead_warnings.lead WHERE won ORDER BY i LIMIT 39) OR NOT won') AS won_39,
    codes('l.x', '{}', 'i IN (SELECT i FROM lead_warnings.lead WHERE won ORDER BY i LIMIT 40) OR NOT won') AS won_40,
    codes('l.x', '{"force": true}', 'i IN (SELECT i FROM lead_warnings.lead WHERE won ORDER BY i LIMIT 3) OR NOT won') AS forced,
    codes('l.x', '{}', 'NOT won') AS all_lost, codes('l.x', '{"force": true}', 'won') AS all_won;

-- few_positives: under 100 of the rarer outcome, or 10 per coefficient.
SELECT codes('l.x', '{}', 'i IN (SELECT i FROM lead_warnings.lead WHERE won ORDER BY i LIMIT 99) OR NOT won') AS won_99,
    codes('l.x', '{}', 'i IN (SELECT i FROM lead_warnings.lead WHERE won ORDER BY i LIMIT 100) OR NOT won') AS won_100,
    codes('l.x, ''c'' || i % 75 AS c') AS coefficients_75, codes('l.x, ''c'' || i % 85 AS c') AS coefficients_85;

-- leak_suspected: what ranks nearly perfectly, or well and decides a part of
-- the leads; what is filled in only after the outcome.  Not a strong signal.
SELECT codes('CASE WHEN i % 50 = 0 THEN CASE WHEN l.won THEN -1 ELSE 3 END ELSE l.won::integer + 0.9 * l.v END AS late') AS auc_96,
    codes('CASE WHEN i % 6 < 1 THEN 4 * l.v - 1.5 WHEN l.won THEN 0.7 + l.v ELSE l.y END AS strong, l.x') AS auc_85,
    codes('CASE WHEN l.won THEN 0.5 ELSE 0 END + l.v AS decided, l.x') AS decided_tail,
    codes('CASE WHEN NOT l.won AND l.v < 0.9 THEN NULL ELSE l.u END AS filled_in') AS null_tells,
    codes('CASE WHEN NOT l.won AND l.v < 0.3 THEN NULL ELSE l.y END AS half_filled') AS null_hints,
    codes('CASE WHEN l.v < 0.08 THEN ''open'' WHEN l.won THEN ''paid'' ELSE ''none'' END AS state') AS category;
SELECT round(roc_auc(CASE WHEN i % 50 = 0 THEN CASE WHEN won THEN -1 ELSE 3 END ELSE won::integer + 0.9 * v END, won)::numeric, 2) AS late,
    round(roc_auc(CASE WHEN i % 6 < 1 THEN 4 * v - 1.5 WHEN won THEN 0.7 + v ELSE y END, won)::numeric, 2) AS strong FROM lead;

-- constant_feature: also NULL throughout, and a category that is all rare.
SELECT codes('l.x, 7 AS seven, ''x'' AS word, NULL::float8 AS nothing, NULL::text AS silence, NULL::float8[] AS list, ''id'' || i / 2 AS pairs');
SELECT codes('l.x, CASE i WHEN 7 THEN 8 ELSE 7 END AS seven, CASE WHEN i < 12 THEN ''y'' ELSE ''x'' END AS word, CASE WHEN i < 12 THEN 1 END AS nothing');

-- too_many_levels: more than max_levels.
SELECT codes('l.x, ''c'' || i % 40 AS c', '{"max_levels": 40}') AS levels_40,
    codes('l.x, ''c'' || i % 41 AS c', '{"max_levels": 40}') AS levels_41;
SELECT w.code, w.feature, w.message
FROM (SELECT lead_model_agg(won, f, '{"folds": 2, "algorithm": "logistic"}') AS m FROM lead, generate_series(0, 99) k,
        LATERAL (SELECT x, 'customer ' || i * 50 + k / 2 AS customer) f) m, lead_model_warnings(m) w;

-- collinear: sums and multiples of other columns, not what is nearly so.
SELECT codes('l.x, l.y, 3 * l.x - 1 AS x3, l.x + l.y AS sum') AS ridge, codes('l.x, l.y, 3 * l.x - 1 AS x3, l.x + l.y AS sum', '{"l2": 0}') AS exact,
    codes('l.x, l.y, 3 * l.x + l.v / 1000 AS x3', '{"l2": 0}') AS nearly, codes('l.x, (i % 3)::text AS a, i % 3 AS b, i % 3 = 0 AS c', '{"l2": 0}') AS category;
SELECT feature, level, round(coefficient::numeric, 3) AS coefficient, std_error IS NULL AS no_error
FROM (SELECT lead_model_agg(won, f, '{"l2": 0, "folds": 0}') AS m FROM lead, LATERAL (SELECT x, 3 * x - 1 AS x3) f) m, lead_model_coefficients(m);

-- separation: without a ridge a ridge is set and said, coefficients are finite.
SELECT codes('l.won::integer + 0.5 * l.v AS apart, l.x', '{"l2": 0}') AS separated, codes('l.won::integer + 1.1 * l.v AS nearly, l.x', '{"l2": 0}') AS nearly;
SELECT bool_and(abs(coefficient) < 100) AS finite, bool_and(std_error > 0) AS errors
FROM (SELECT lead_model_agg(won, f, '{"l2": 0, "folds": 0}') AS m FROM lead, LATERAL (SELECT won::integer + 0.5 * v AS apart, x) f) m,
    lead_model_coefficients(m);
-- a level without one outcome where five rows of it are to be expected
SELECT codes('l.x, CASE WHEN l.won OR i % 80 > 0 THEN ''a'' ELSE ''b'' END AS level') AS expected_6,
    codes('l.x, CASE WHEN l.won OR i % 100 > 0 THEN ''a'' ELSE ''b'' END AS level') AS expected_4,
    codes('l.x, CASE WHEN NOT l.won AND l.v < 0.1 THEN NULL ELSE l.y END AS gap') AS missing,
    codes('l.x, CASE WHEN NOT l.won AND l.v < 0.1 THEN ''r'' || i WHEN l.y < 0.5 THEN ''a'' ELSE ''b'' END AS rare') AS rare;
SELECT message FROM (SELECT lead_model_agg(won, f, '{"algorithm": "logistic"}') AS m FROM lead, LATERAL (
    SELECT x, CASE WHEN won OR i % 80 > 0 THEN 'a' ELSE 'b' END AS level) f) m, lead_model_warnings(m);

-- looks_like_key: whole numbers or texts, all different.
SELECT codes('l.x, l.i') AS number, codes('l.x, l.i::text || ''-'' AS id') AS text, codes('l.x, l.i * 7919 - 5 AS i') AS spread,
    codes('l.x, l.i * 4294967296 AS i') AS bigint;
SELECT codes('l.x, CASE i WHEN 7 THEN 8 ELSE i END AS i') AS one_twice, codes('l.x, i / 3.0 AS i') AS fractions,
    codes('l.x, CASE WHEN i <> 7 THEN i END AS i') AS one_missing, codes('l.x, CASE i WHEN 7 THEN 8 ELSE i END || ''-'' AS id') AS text_twice;

SET client_min_messages = warning;
DROP SCHEMA lead_warnings CASCADE;
