/*
 * Drift: today's rows against what a model learned from, in one scan.
 */
SET search_path = bench, sales_intel;
SET client_min_messages = warning;

CREATE TABLE watched (name text, model lead_model);
ALTER TABLE watched ALTER COLUMN model SET STORAGE EXTERNAL;

SELECT string_agg('x' || j, ', ' ORDER BY j) AS columns
FROM generate_series(1, 20) AS j
\gset

\set fit 'FROM lead AS t, LATERAL (SELECT ' :columns ') AS f'

-- with folds, so that there are out-of-fold scores to compare with
INSERT INTO watched
SELECT 'logistic', lead_model_agg(t.y, f, '{"algorithm": "logistic"}') :fit;
INSERT INTO watched
SELECT 'trees', lead_model_agg(t.y, f, '{"algorithm": "boosted_trees", "trees": 100, "depth": 6, "l2": 1, "early_stop": 0}') :fit;

\set logistic 'SELECT count(*) FROM lead_drift_report((SELECT lead_drift_agg((SELECT model FROM watched WHERE name = ''logistic''), t) FROM lead AS t))'
\set trees 'SELECT count(*) FROM lead_drift_report((SELECT lead_drift_agg((SELECT model FROM watched WHERE name = ''trees''), t) FROM lead AS t))'
\set scan 'SELECT sum(x20) FROM lead'

\set section 'Drift report of all rows'
INSERT INTO about VALUES (:'section',
'`lead_drift_report(lead_drift_agg(model, row))`: every row is scored, and score
and 20 features are counted by bins of the training rows, in one scan.');
CALL measure(:'section', 'logistic model', ARRAY[:'logistic'], rows => :rows);
CALL measure(:'section', '100 trees', ARRAY[:'trees'], rows => :rows);
CALL measure(:'section', 'no report, the last column alone', ARRAY[:'scan'],
             rows => :rows);

SET max_parallel_workers_per_gather = 2;
\set section 'Drift report with two parallel workers'
CALL measure(:'section', 'logistic model', ARRAY[:'logistic'], rows => :rows);
CALL measure(:'section', '100 trees', ARRAY[:'trees'], rows => :rows);
CALL measure(:'section', 'no report, the last column alone', ARRAY[:'scan'],
             rows => :rows);
