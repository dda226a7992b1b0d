-- Lead scoring from end to end on a real sales campaign.  Run by dev/demo.sh
-- in an empty database that has the extension.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
\pset footer off
\pset null ''
\pset pager off
\pset format wrapped

ALTER DATABASE :"DBNAME" SET search_path = "$user", public, sales_intel;
SET search_path = "$user", public, sales_intel;
CREATE TABLE bank_model (name text PRIMARY KEY, model lead_model NOT NULL);

\echo
\echo '=== The campaign'
\echo 'A bank called 41,188 leads to sell a term deposit, 2008 to 2010 (Moro, Cortez'
\echo 'and Rita 2014).  y tells who bought.  Each lead has 20 columns; a few of them:'
\echo
\ir ../test/data/bank.sql
SELECT lead_id AS lead, age, job, contact, month, pdays, duration,
    euribor3m AS euribor, y
FROM bank_lead
WHERE lead_id IN (1, 18001, 27001, 36001, 39154, 40374)
ORDER BY lead_id;

\echo '=== Training, first without thinking'
\echo 'One aggregate call learns from the table as it is, all but its key.'
\echo
\set ECHO queries
INSERT INTO bank_model
SELECT 'naive', lead_model_agg(y, l, '{"exclude": ["lead_id", "y"]}')
FROM bank_lead AS l;
\set ECHO none
\echo
\echo 'Its AUC looks splendid.  But the model names a column that it distrusts: duration'
\echo 'is the length of the sales call, which nobody knows before having made it.'
\echo
SELECT round(roc_auc::numeric, 3) AS auc, code, feature, message
FROM bank_model, lead_model_summary(model), lead_model_warnings(model)
WHERE name = 'naive' AND code = 'leak_suspected';

\echo '=== Training without the leak'
\echo
SELECT clock_timestamp() AS started
\gset
\set ECHO queries
INSERT INTO bank_model
SELECT 'honest', lead_model_agg(y, l, '{"exclude": ["lead_id", "y", "duration"]}')
FROM bank_lead AS l;
\set ECHO none
SELECT extract(epoch FROM clock_timestamp() - :'started')::numeric(6, 2) AS seconds
\gset
\echo
\echo 'That took' :seconds 'seconds, the quality report below included.'

\echo
\echo '=== How good is it?'
\echo 'All figures are out of fold: each lead was scored and calibrated by a model that'
\echo 'had not seen it, so they hold for further leads of the same kind.  A test on later'
\echo 'leads is in doc/lead-recipes.md.'
\echo
SELECT v.*
FROM bank_model,
    lead_model_summary(model) AS s,
    LATERAL (SELECT s.positives::float8 / s.rows AS p) AS base,
    LATERAL (VALUES
        ('rows', s.rows::text, s.positives || ' of them bought: ' ||
            round(100.0 * s.positives / s.rows, 1) || ' %'),
        ('features', s.features::text, 'columns learned from'),
        ('roc_auc', round(s.roc_auc::numeric, 3)::text,
            round(100 * s.roc_auc) || ' of 100 pairs in right order; chance is 50'),
        ('auc_low', round(s.auc_low::numeric, 3)::text, 'its 95 % interval (DeLong)'),
        ('auc_high', round(s.auc_high::numeric, 3)::text, ''),
        ('log_loss', round(s.log_loss::numeric, 4)::text,
            'less is better; the base rate alone gives ' ||
            round((-p * ln(p) - (1 - p) * ln(1 - p))::numeric, 4)),
        ('brier_score', round(s.brier_score::numeric, 4)::text,
            'less is better; the base rate alone gives ' ||
            round((p * (1 - p))::numeric, 4)),
        ('calibration_error', round(s.calibration_error::numeric, 4)::text,
            'promised against bought, mean of ten bins'),
        ('usable', s.usable::text, 'auc_low above 0.55: no guessing')
    ) AS v(measure, value, meaning)
WHERE name = 'honest';

\echo 'What it warns of: some columns here carry the same information twice, which does'
\echo 'no harm to the scores.'
\echo
SELECT code, feature, message
FROM bank_model, lead_model_warnings(model)
WHERE name = 'honest';

\echo '=== Scoring'
\echo 'Every lead gets a probability, a grade and its reasons.'
\echo
\set ECHO queries
CREATE TABLE bank_score AS
SELECT lead_id, lead_score(model, l) AS score,
    lead_grade(model, lead_score(model, l)) AS grade,
    lead_reasons(model, l, 2) AS reasons
FROM bank_lead AS l, bank_model
WHERE name = 'honest';
\set ECHO none

\echo
\echo '=== Do the probabilities hold?'
\echo 'Leads in ten groups of equal size by score; of those promised 5 %, about 5 % should'
\echo 'have bought.  Mind that the final model, which scores here, has seen these leads'
\echo '(in-sample); the calibration_error above is the out-of-fold one.'
\echo
WITH binned AS (
    SELECT score, y, ntile(10) OVER (ORDER BY score, lead_id) AS bin
    FROM bank_score JOIN bank_lead USING (lead_id)
)
SELECT bin, count(*) AS leads,
    round(100 * avg(score)::numeric, 1) AS "promised %",
    round(100 * avg(y::integer), 1) AS "bought %",
    repeat('#', round(60 * avg(y::integer))::integer) AS bought
FROM binned
GROUP BY bin
ORDER BY bin;

\echo '=== Whom to call first?'
\echo 'Grade A is the best tenth, B the next 20 %, C the next 30 %, D the rest.'
\echo
SELECT grade, count(*) AS leads,
    round(min(score)::numeric, 3) AS "from",
    count(*) FILTER (WHERE y) AS buyers,
    round(100.0 * count(*) FILTER (WHERE y) / sum(count(*) FILTER (WHERE y)) OVER (), 1)
        AS "% of all",
    round(100 * avg(y::integer), 1) AS "bought %",
    repeat('#', round(36 * avg(y::integer))::integer) AS conversion
FROM bank_score JOIN bank_lead USING (lead_id)
GROUP BY grade
ORDER BY grade;

\echo '=== The ten best leads'
\echo 'With the two strongest reasons each, in log-odds against the average lead:'
\echo '+0.69 doubles the odds, -0.69 halves them.'
\echo
SELECT lead_id AS lead, round(score::numeric, 3) AS score, grade, y, reasons
FROM bank_score JOIN bank_lead USING (lead_id)
ORDER BY score DESC, lead_id
LIMIT 10;

\echo '=== One lead explained'
\echo 'How the best of them gets from the average lead, the baseline, to its score.'
\echo
SELECT lead_id AS best_lead, round(lead_margin(model, l)::numeric, 2) AS margin,
    round(score::numeric, 3) AS score
FROM bank_score JOIN bank_lead AS l USING (lead_id), bank_model
WHERE name = 'honest'
ORDER BY score DESC, lead_id
LIMIT 1
\gset
SELECT feature, value, round(contribution::numeric, 2) AS "adds",
    round(exp(contribution)::numeric, 2) AS "odds times",
    repeat(CASE WHEN contribution > 0 THEN '+' ELSE '-' END,
        round(abs(10 * contribution))::integer) AS effect
FROM bank_model, bank_lead AS l, lead_explain(model, l, 8)
WHERE name = 'honest' AND lead_id = :best_lead;

\echo 'The parts add up to a margin of' :margin 'log-odds, which calibration turns'
\echo 'into a probability of' :score'.'
\echo
\echo '=== What counts in general'
\echo 'The ten effects that stand out most from their error (z).  The odds ratio is per'
\echo 'unit of a number, or against the commonest level of a category.'
\echo
SELECT feature, level, round(coefficient::numeric, 4) AS coefficient,
    round(std_error::numeric, 4) AS std_error, round(z::numeric, 1) AS z,
    round(odds_ratio::numeric, 3) AS odds_ratio
FROM bank_model, lead_model_coefficients(model)
WHERE name = 'honest' AND feature <> '(intercept)' AND z IS NOT NULL
ORDER BY abs(z) DESC
LIMIT 10;

\echo 'All of it is plain tables: bank_lead, bank_model and bank_score.'
