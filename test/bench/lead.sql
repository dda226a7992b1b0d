/*
 * Logistic models inside the database: training in one backend, scoring also
 * with two workers.
 */
SET search_path = bench, sales_intel;
SET client_min_messages = warning;

CREATE TABLE model (model lead_model);
ALTER TABLE model ALTER COLUMN model SET STORAGE EXTERNAL;

SELECT string_agg('x' || j, ', ' ORDER BY j) AS columns
FROM generate_series(1, 20) AS j
\gset

\set subrow 'lead AS t, LATERAL (SELECT ' :columns ') AS f'
\set fit 'SELECT lead_model_agg(t.y, f, ''{"algorithm": "logistic", "folds": 0}'') FROM ' :subrow
\set fit_folds 'SELECT lead_model_agg(t.y, f, ''{"algorithm": "logistic"}'') FROM ' :subrow
\set fit_row 'SELECT lead_model_agg(t.y, t, ''{"algorithm": "logistic", "folds": 0, "exclude": ["id", "y"]}'') FROM lead AS t'
\set write 'CREATE TABLE scored AS SELECT id, lead_score((SELECT model FROM model), t) AS score FROM lead AS t'
\set cleanup 'TRUNCATE model; DROP TABLE IF EXISTS scored'

-- the first fit of a backend loads the library
SELECT lead_model_agg(t.y, f, '{"algorithm": "logistic", "folds": 0}') IS NOT NULL AS loaded
FROM (SELECT * FROM lead LIMIT 1000) AS t, LATERAL (SELECT :columns) AS f
\gset

\set section 'Train'
CALL measure(:'section', 'sales_intel, columns picked', ARRAY[:'fit']);
CALL measure(:'section', 'sales_intel, whole table row', ARRAY[:'fit_row']);

\set section 'Train, with quality and calibration from 5 folds'
CALL measure(:'section', 'sales_intel', ARRAY[:'fit_folds']);

\set section 'Train, score all rows, write the scores back'
CALL measure(:'section', 'sales_intel',
             ARRAY['INSERT INTO model ' || :'fit', :'write'], :'cleanup');
CALL measure(:'section', 'sales_intel, with 5 folds',
             ARRAY['INSERT INTO model ' || :'fit_folds', :'write'], :'cleanup');

TRUNCATE model;
INSERT INTO model :fit;

\set section 'Score all rows with a stored model, write the scores back'
CALL measure(:'section', 'sales_intel', ARRAY[:'write'],
             'DROP TABLE IF EXISTS scored');

-- at zero everywhere, the margin is the intercept
SELECT string_agg('0::float8 AS x' || j, ', ') AS zeros
FROM generate_series(1, 20) AS j
\gset

INSERT INTO coefficient
SELECT 'sales_intel', 'intercept', lead_margin(model, z)
FROM model, (SELECT :zeros) AS z
UNION ALL
SELECT 'sales_intel', c.feature, c.coefficient
FROM model, lead_model_coefficients(model) AS c
WHERE c.feature ~ '^x[0-9]+$' AND c.level IS NULL;

SELECT 'SELECT sum(1 / (1 + exp(-(' ||
       string_agg(value || CASE name WHEN 'intercept' THEN ''
                                     ELSE ' * ' || name END,
                  ' + ' ORDER BY length(name) DESC, name) ||
       ')))) FROM lead' AS expression
FROM coefficient
WHERE source = 'sales_intel'
\gset

\set by_row 'SELECT sum(lead_score((SELECT model FROM model), t)) FROM lead AS t'
\set by_subrow 'SELECT sum(lead_score((SELECT model FROM model), f)) FROM (SELECT ' :columns ' FROM lead) AS f'
\set scan 'SELECT sum(x20) FROM lead'

-- all three say the same
SELECT abs(((:expression) - (:by_row)) / (:expression)) < 1e-9 AND
       abs(((:expression) - (:by_subrow)) / (:expression)) < 1e-9 AS same
\gset
\if :same
\else
    \warn 'the scores differ from the expression'
    SELECT 1 / 0;
\endif

\set section 'Score all rows, sum the scores'
CALL measure(:'section', 'the same as a plain SQL expression',
             ARRAY[:'expression']);
CALL measure(:'section', 'lead_score(model, table row)', ARRAY[:'by_row']);
CALL measure(:'section', 'lead_score(model, subquery row)',
             ARRAY[:'by_subrow']);
CALL measure(:'section', 'no score, the last column alone', ARRAY[:'scan']);

SET max_parallel_workers_per_gather = 2;
\set section 'The same with two parallel workers'
CALL measure(:'section', 'the same as a plain SQL expression',
             ARRAY[:'expression']);
CALL measure(:'section', 'lead_score(model, table row)', ARRAY[:'by_row']);
CALL measure(:'section', 'lead_score(model, subquery row)',
             ARRAY[:'by_subrow']);
CALL measure(:'section', 'no score, the last column alone', ARRAY[:'scan']);
