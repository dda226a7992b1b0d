/*
 * Boosted trees inside the database: training in one backend, scoring also
 * with two workers; and what it costs to let the aggregate choose.
 */
SET search_path = bench, sales_intel;
SET client_min_messages = warning;

CREATE TABLE trees (model lead_model);
ALTER TABLE trees ALTER COLUMN model SET STORAGE EXTERNAL;

SELECT string_agg('x' || j, ', ' ORDER BY j) AS columns
FROM generate_series(1, 20) AS j
\gset

\set options '"algorithm": "boosted_trees", "trees": 100, "depth": 6, "l2": 1, "early_stop": 0'
\set subrow 'lead AS t, LATERAL (SELECT ' :columns ') AS f'
\set fit 'SELECT lead_model_agg(t.y, f, ''{' :options ', "folds": 0}'') FROM ' :subrow
\set fit_folds 'SELECT lead_model_agg(t.y, f, ''{' :options '}'') FROM ' :subrow

-- the first fit of a backend loads the library
SELECT lead_model_agg(t.y, f, '{"algorithm": "boosted_trees", "trees": 1, "folds": 0}') IS NOT NULL AS loaded
FROM (SELECT * FROM lead LIMIT 1000) AS t, LATERAL (SELECT :columns) AS f
\gset

\set section 'Trees: train'
INSERT INTO about VALUES (:'section',
'From a table to a model without quality or calibration: 100 trees of depth 6,
learning rate 0.1, no stopping early, leaf penalty 1, about 255 bins (ours fewer
when rows are few), one thread for everyone. A leaf has at least 20 rows, but a
hessian of 0.001 in XGBoost; scikit-learn grows leaf by leaf, to 64 of them.');
CALL measure(:'section', 'sales_intel', ARRAY[:'fit']);

\set section 'Trees: train, with quality and calibration'
INSERT INTO about VALUES (:'section',
'The same, and trees that do without a fifth of the rows, to tell AUC, losses and
an isotonic calibration from rows held out. Both try as many fifths as hold
200,000 rows together: one of a million rows, all five of 200,000 or fewer.');
CALL measure(:'section', 'sales_intel', ARRAY[:'fit_folds']);

\set section 'Leave the choice to the aggregate'
INSERT INTO about VALUES (:'section',
'Default options: quality, calibration, and the choice between a logistic model
and trees. These data are linear, so the logistic model should be kept (see
"Memory of training"). With more than 100,000 rows a short trial of trees may end
the matter; else, or if they are close, all is done for both.');
CALL measure(:'section', 'algorithm logistic',
             ARRAY['SELECT lead_model_agg(t.y, f, ''{"algorithm": "logistic"}'') FROM ' || :'subrow']);
CALL measure(:'section', 'algorithm auto, the default',
             ARRAY['SELECT lead_model_agg(t.y, f) FROM ' || :'subrow']);

INSERT INTO trees :fit;

INSERT INTO quality (source, roc_auc)
SELECT 'sales_intel, trees', roc_auc(lead_margin((SELECT model FROM trees), t), t.y)
FROM holdout AS t
UNION ALL
SELECT 'sales_intel, logistic', roc_auc(lead_margin((SELECT model FROM model), t), t.y)
FROM holdout AS t;

\set write 'CREATE TABLE scored AS SELECT id, lead_score((SELECT model FROM trees), t) AS score FROM lead AS t'
\set sum 'SELECT sum(lead_score((SELECT model FROM trees), t)) FROM lead AS t'
\set scan 'SELECT sum(x20) FROM lead'

\set section 'Trees: score all rows, write the scores back'
INSERT INTO about VALUES (:'section',
'A stored model of 100 trees. The peers copy all rows out, predict with one
thread, and copy the scores into a new table.');
CALL measure(:'section', 'sales_intel', ARRAY[:'write'],
             'DROP TABLE IF EXISTS scored', :rows);

\set section 'Trees: score all rows, sum the scores'
INSERT INTO about VALUES (:'section',
'A plain SELECT in one backend; the peers copy out and predict, no more.');
CALL measure(:'section', 'lead_score(model, table row)', ARRAY[:'sum'],
             rows => :rows);
CALL measure(:'section', 'no score, the last column alone', ARRAY[:'scan'],
             rows => :rows);

SET max_parallel_workers_per_gather = 2;
\set section 'Trees: the same with two parallel workers'
INSERT INTO about VALUES (:'section',
'Rows per second of all processes together. Only reading a model runs in
parallel; training stays in one process, whatever the number of workers.');
CALL measure(:'section', 'lead_score(model, table row)', ARRAY[:'sum'],
             rows => :rows);
CALL measure(:'section', 'no score, the last column alone', ARRAY[:'scan'],
             rows => :rows);
RESET max_parallel_workers_per_gather;

SELECT count(*) AS few FROM lead_few
\gset

\set section 'Trees: reasons for scores'
INSERT INTO about VALUES (:'section',
'Exact TreeSHAP of one row in fifty, one thread: `lead_reasons`, which also names
and sorts the contributions in a text, against contributions alone
(`pred_contribs`) of rows copied out.');
CALL measure(:'section', 'lead_reasons(model, table row)',
             ARRAY['SELECT count(lead_reasons((SELECT model FROM trees), t)) FROM lead_few AS t'],
             rows => :few);
