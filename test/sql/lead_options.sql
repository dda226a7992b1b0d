-- Options: each accepted as an untyped literal, each wrong value refused.
CREATE SCHEMA lead_options;
SET search_path = lead_options, sales_intel;
CREATE TABLE base AS
SELECT i, i / 4 AS account, (i * 7919) % 1009 < 300 + 100 * (i % 5) AS won, i % 5 AS n, (i * 31 % 101) / 7.0::float8 AS x,
    'c' || i % 20 AS t
FROM generate_series(1, 400) i;
CREATE VIEW lead AS SELECT won, n, x, t, account FROM base;

SELECT lead_model_agg(won, l, '{"exclude": ["won"]}') IS NOT NULL AS exclude FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n", "x"]}') IS NOT NULL AS include FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "algorithm": "auto"}') IS NOT NULL AS algorithm FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "algorithm": "logistic"}') IS NOT NULL AS algorithm FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "folds": 0}') IS NOT NULL AS folds FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "folds": 50}') IS NOT NULL AS folds FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "folds": 2.0}') IS NOT NULL AS folds FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "calibration": "auto"}') IS NOT NULL AS calibration FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "calibration": "none"}') IS NOT NULL AS calibration FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "calibration": "platt"}') IS NOT NULL AS calibration FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "calibration": "isotonic"}') IS NOT NULL AS calibration FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "seed": 2147483647}') IS NOT NULL AS seed FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "l1": 0.5}') IS NOT NULL AS l1 FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "l2": 1e12}') IS NOT NULL AS l2 FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "l1": 1, "l2": 0}') IS NOT NULL AS both FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["t"], "max_levels": 1}') IS NOT NULL AS max_levels FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "force": true}') IS NOT NULL AS force FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "bands": {"A": 0.05, "B": 0.15, "C": 0.8}}') IS NOT NULL AS bands FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n"], "group": "account"}') IS NOT NULL AS "group" FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["t"], "categorical": ["t"]}') IS NOT NULL AS categorical FROM lead l;
SELECT lead_model_agg(won, l, '{"include": ["n", "t"], "algorithm": "boosted_trees", "trees": 5, "depth": 2, "learning_rate": 0.3, "min_leaf": 10, "subsample": 0.5, "max_bins": 16, "early_stop": 2, "monotone": {"n": 1}}') IS NOT NULL AS trees FROM lead l;
SELECT lead_model_agg(won, l, 1 + n, '{"include": ["n"]}') IS NOT NULL AS weight FROM lead l;
SELECT lead_model_agg(won, f) IS NOT NULL AS short FROM base, LATERAL (SELECT n) f;
SELECT lead_model_agg(won, f, NULL) IS NOT NULL AS "null", lead_model_agg(won, f, '{}') IS NOT NULL AS empty
FROM base, LATERAL (SELECT n) f;

-- Wrong ones: SQLSTATE, message, detail.
CREATE PROCEDURE refuse(VARIADIC options text[])
LANGUAGE plpgsql AS $$
DECLARE
    option text;
    detail text;
BEGIN
    FOREACH option IN ARRAY options LOOP
        BEGIN
            EXECUTE format('SELECT lead_model_agg(won, l, %L) FROM lead l', option);
            RAISE WARNING 'no error: %', option;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
            RAISE NOTICE E'%\n  % %: %', option, SQLSTATE, SQLERRM, detail;
        END;
    END LOOP;
END $$;
CALL refuse('[]', '1', '"folds"', 'null', 'true', '[{"folds": 5}]');
CALL refuse('{"fold": 5}', '{"Folds": 5}', '{"": 1}', '{"tree": 100}', '{"n": 1, "folds": 5}');
CALL refuse('{"folds": 1}', '{"folds": -1}', '{"folds": 51}', '{"folds": 2.5}', '{"folds": "5"}', '{"folds": null}',
    '{"folds": [5]}', '{"folds": {"a": 5}}', '{"folds": true}', '{"folds": 1e400}');
CALL refuse('{"seed": -1}', '{"seed": 2147483648}', '{"max_levels": 0}', '{"max_levels": 1001}');
CALL refuse('{"l1": -0.1}', '{"l2": "1"}', '{"l2": 1e13}', '{"l1": [1]}', '{"l2": null}');
CALL refuse('{"algorithm": "trees"}', '{"algorithm": 1}', '{"algorithm": "Logistic"}', '{"calibration": "sigmoid"}',
    '{"calibration": null}', '{"calibration": "platt", "folds": 0, "exclude": ["won"]}');
CALL refuse('{"trees": 0}', '{"trees": 10001}', '{"depth": 0}', '{"depth": 17}', '{"learning_rate": 0}', '{"learning_rate": 1.01}', '{"min_leaf": 0}',
    '{"subsample": 0}', '{"subsample": 1.5}', '{"max_bins": 1}', '{"max_bins": 256}', '{"early_stop": -1}', '{"early_stop": "no"}');
CALL refuse('{"monotone": 1}', '{"monotone": {"n": 2}}', '{"monotone": {"n": "up"}}', '{"monotone": ["n"]}', '{"monotone": {"n": null}}',
    '{"monotone": {"absent": 1}}', '{"monotone": {"t": 1}, "exclude": ["won"]}', '{"monotone": {"n": 1}, "algorithm": "logistic"}',
    '{"l1": 1, "algorithm": "boosted_trees"}');
CALL refuse('{"force": 1}', '{"force": "yes"}', '{"force": null}');
CALL refuse('{"include": []}', '{"include": "n"}', '{"include": {"n": 1}}', '{"include": [1]}', '{"exclude": [null]}',
    '{"exclude": [["won"]]}', '{"categorical": "t"}', '{"group": ["n"]}', '{"group": null}');
CALL refuse('{"bands": [0.1, 0.2, 0.3]}', '{"bands": {"A": 0.1}}', '{"bands": {"A": 0.1, "B": 0.2, "C": 0.3, "D": 0.4}}',
    '{"bands": {"A": 0.1, "B": 0.2, "c": 0.3}}', '{"bands": {"A": 0.1, "B": 0.2, "C": "0.3"}}',
    '{"bands": {"A": 0.5, "B": 0.5, "C": 0.5}}', '{"bands": {"A": -0.1, "B": 0.2, "C": 0.3}}', '{"bands": 0.1}');
-- columns that are not there, or cannot be what they are named for
CALL refuse('{"include": ["nn"]}', '{"exclude": ["won", "id"]}', '{"categorical": ["N"]}', '{"group": "customer"}',
    '{"exclude": ["won", "n", "x", "t", "account"]}', '{"include": ["n"], "exclude": ["n"]}', '{"include": ["account"], "group": "account"}');
SELECT lead_model_agg(won, f, '{"group": "g"}') FROM base, LATERAL (SELECT n, now() AS g) f;
SELECT lead_model_agg(won, f, '{"group": "g"}') FROM base, LATERAL (SELECT n, ARRAY[1] AS g) f;
-- from one row to the next
SELECT lead_model_agg(won, f, CASE WHEN i > 7 THEN '{"folds": 5}' END::jsonb) FROM base, LATERAL (SELECT n) f;
SELECT lead_model_agg(won, f, CASE WHEN i > 7 THEN '{"folds": 5}' ELSE '{"folds": 6}' END::jsonb) FROM base, LATERAL (SELECT n) f;
SELECT lead_model_agg(won, f, CASE WHEN i > 7 THEN '{"seed": 3, "folds": 5}' ELSE '{"folds": 5, "seed": 3}' END::jsonb) IS NOT NULL
    AS same_but_for_order FROM base, LATERAL (SELECT n) f;
-- without a row there are no options to read
SELECT lead_model_agg(won, l, '{"fold": 5}') IS NULL AS no_rows FROM lead l WHERE false;

-- They do what they say.
CREATE FUNCTION train(options jsonb) RETURNS lead_model
LANGUAGE SQL AS $$
    SELECT lead_model_agg(won, f, '{"algorithm": "logistic"}' || options) FROM lead_options.base, LATERAL (SELECT n, x, t, account) f
$$;
SELECT o AS options, string_agg(feature, ', ' ORDER BY feature COLLATE "C") FILTER (WHERE level IS NULL OR level = 'c0') AS features
FROM (VALUES ('{"exclude": ["t", "account"]}'::jsonb), ('{"include": ["t", "n"]}'), ('{"group": "account"}'),
    ('{"include": ["x", "n"], "exclude": ["x"]}')) v(o), LATERAL lead_model_coefficients(train(o)) GROUP BY o ORDER BY o;
SELECT o -> 'max_levels' AS max_levels, count(*) AS coefficients, string_agg(level, ', ' ORDER BY level COLLATE "C") AS levels
FROM (VALUES ('{"include": ["t"], "max_levels": 2}'::jsonb), ('{"include": ["t"], "max_levels": 20}')) v(o),
    LATERAL lead_model_coefficients(train(o)) GROUP BY o ORDER BY o;
SELECT count(DISTINCT model_hash(train(o))) AS models, count(DISTINCT (SELECT round(sum(coefficient)::numeric, 9) FROM lead_model_coefficients(train(o)))) AS fits
FROM (VALUES ('{"include": ["n", "x"], "l2": 1}'::jsonb), ('{"include": ["n", "x"], "l2": 1, "seed": 2}'),
    ('{"include": ["n", "x"], "l2": 1, "seed": 3}')) v(o);
SELECT o -> 'early_stop' AS early_stop, length(m::text) > 30000 AS all_trees
FROM (VALUES ('{}'::jsonb), ('{"early_stop": true}'), ('{"early_stop": 20}'), ('{"early_stop": false}'), ('{"early_stop": 0}')) v(o),
    LATERAL train('{"algorithm": "boosted_trees", "depth": 3}' || o) m;
-- no folds: no quality, no calibration; grades from the training scores
SELECT o -> 'folds' AS folds, roc_auc IS NULL AS no_auc, log_loss IS NULL AS no_loss, usable,
    abs(lead_score(m, f) - 1 / (1 + exp(-lead_margin(m, f)))) < 1e-15 AS uncalibrated, lead_grade(m, 0.99) AS best, lead_grade(m, 0) AS worst
FROM (VALUES ('{"include": ["n"], "folds": 0}'::jsonb), ('{"include": ["n"]}')) v(o),
    LATERAL train(o) m, LATERAL lead_model_summary(m), (SELECT 2 AS n) f;
SELECT o ->> 'calibration' AS calibration, abs(lead_score(m, f) - 1 / (1 + exp(-lead_margin(m, f)))) < 1e-15 AS uncalibrated,
    lead_score(m, f) BETWEEN 0.01 AND 0.99 AS sensible
FROM (VALUES ('{"include": ["n"], "calibration": "none"}'::jsonb), ('{"include": ["n"], "calibration": "platt"}'),
    ('{"include": ["n"], "calibration": "isotonic"}')) v(o), LATERAL train(o) m, (SELECT 2 AS n) f;
-- shares of grades among the training scores
SELECT o -> 'bands' AS bands, grade, round(count(*) / 400.0 / share) AS as_asked
FROM (VALUES ('{"include": ["x"], "folds": 0, "bands": {"A": 0.05, "B": 0.15, "C": 0.8}}'::jsonb),
    ('{"include": ["x"], "folds": 0}')) v(o), LATERAL train(o) m,
    LATERAL (SELECT lead_grade(m, lead_score(m, b)) AS grade FROM base b) g,
    LATERAL (SELECT coalesce((o -> 'bands' ->> grade)::numeric, CASE grade
        WHEN 'A' THEN 0.1 WHEN 'B' THEN 0.2 WHEN 'C' THEN 0.3 ELSE 0.4 END) AS share) s
GROUP BY o, grade, share ORDER BY o, grade;
-- rows of a group share a fold: what only tells groups apart is worth nothing
SELECT o -> 'group' AS "group", roc_auc > 0.8 AS high, roc_auc < 0.6 AS low
FROM (VALUES ('{"exclude": ["g"]}'::jsonb), ('{"group": "g"}')) v(o),
LATERAL (SELECT lead_model_agg(won, f, '{"algorithm": "logistic"}' || o) AS m FROM (SELECT i % 40 AS g, (i % 40 * 7919) % 101 + i % 7 * 10 < 80 AS won
        FROM generate_series(1, 1200) i) b, LATERAL (SELECT 'a' || b.g AS a, b.g) f) m,
    LATERAL lead_model_summary(m);

SET client_min_messages = warning;
DROP SCHEMA lead_options CASCADE;
