-- Lead scoring from end to end on a real sales campaign.  Run by dev/demo.sh
-- in an empty database that has the extension.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SET jit = off;
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
\echo 'One aggregate call learns from a table as it is, all but its key.  Every other'
\echo 'lead will do: the rest is kept, to see how good the models are.'
\echo
\set ECHO queries
CREATE VIEW seen AS SELECT * FROM bank_lead WHERE lead_id % 2 = 1;
CREATE VIEW kept AS SELECT * FROM bank_lead WHERE lead_id % 2 = 0;

INSERT INTO bank_model
SELECT 'naive', lead_model_agg(y, l, '{"exclude": ["lead_id", "y"]}') FROM seen AS l;
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
SELECT 'honest', lead_model_agg(y, l, '{"exclude": ["lead_id", "y", "duration"]}') FROM seen AS l;
\set ECHO none
SELECT extract(epoch FROM clock_timestamp() - :'started')::numeric(6, 1) AS seconds
\gset
\echo
\echo 'That took' :seconds 'seconds.  Coefficients and boosted trees were both tried, and compared'
\echo 'on leads that neither had seen.  Trees must win by more than a standard error:'
\echo
SELECT winner, round(winner_auc::numeric, 4) AS auc, loser, round(loser_auc::numeric, 4) AS auc,
    round(difference::numeric, 4) AS difference, round(std_error::numeric, 4) AS std_error
FROM bank_model, lead_model_choice(model)
WHERE name = 'honest';

\echo '=== How good is it?'
\echo 'The model promises what it reached out of fold, each lead scored by a model that had'
\echo 'not seen it.  Does it keep its word on the leads that were kept?'
\echo
ANALYZE bank_model;
\set ECHO queries
CREATE TABLE bank_score AS
SELECT lead_id, y, lead_score(model, l) AS score,
    lead_grade(model, lead_score(model, l)) AS grade
FROM kept AS l, bank_model
WHERE name = 'honest';

CREATE TABLE bank_quality AS
SELECT score_quality_agg(score, y) AS q FROM bank_score;
\set ECHO none
\echo
SELECT v.*
FROM bank_model,
    lead_model_summary(model) AS promised,
    bank_quality, score_quality_summary(q) AS kept,
    LATERAL (SELECT kept.positives::float8 / kept.rows AS p) AS base,
    LATERAL (VALUES
        ('leads', promised.rows::text, kept.rows::text, ''),
        ('bought', promised.positives::text, kept.positives::text, ''),
        ('roc_auc', round(promised.roc_auc::numeric, 3)::text,
            round(kept.roc_auc::numeric, 3)::text,
            round(100 * kept.roc_auc) || ' of 100 pairs in right order; chance is 50'),
        ('log_loss', round(promised.log_loss::numeric, 4)::text,
            round(kept.log_loss::numeric, 4)::text,
            'less is better; the base rate alone gives ' ||
            round((-p * ln(p) - (1 - p) * ln(1 - p))::numeric, 4)),
        ('brier_score', round(promised.brier_score::numeric, 4)::text,
            round(kept.brier_score::numeric, 4)::text,
            'less is better; the base rate alone gives ' || round((p * (1 - p))::numeric, 4)),
        ('calibration_error', round(promised.calibration_error::numeric, 4)::text,
            round(kept.calibration_error::numeric, 4)::text,
            'score against share bought, mean of ten bins')
    ) AS v(measure, promised, kept, meaning)
WHERE name = 'honest';

SELECT round(auc_low::numeric, 3) AS low, round(auc_high::numeric, 3) AS high,
    (SELECT CASE WHEN roc_auc(q) BETWEEN auc_low AND auc_high THEN 'within' ELSE 'outside of' END
        FROM bank_quality) AS place
FROM bank_model, lead_model_summary(model)
WHERE name = 'honest'
\gset
\echo 'The AUC of the leads kept is' :place 'the interval that was promised,' :low 'to' :high'.'

\echo
\echo '=== Do the probabilities hold?'
\echo 'The same leads in ten bins of equal size by score.  Of those promised 5 % about 5 %'
\echo 'should have bought.  A # is 1.5 %, a | the upper end of the 95 % interval of the share.'
\echo
SELECT bin, rows AS leads, round(100 * mean_score::numeric, 1) AS "promised %",
    round(100 * observed::numeric, 1) AS "bought %",
    repeat('#', round(mean_score / 0.015)::integer) AS promised,
    rpad(repeat('#', round(observed / 0.015)::integer), round(high / 0.015)::integer) || '|' AS bought
FROM bank_quality, calibration_table(q, 10);

\echo '=== Whom to call first?'
\echo 'Grade A is what the best tenth reached out of fold, B the next 20 %, C the next'
\echo '30 %, D the rest.'
\echo
SELECT grade, count(*) AS leads,
    round(min(score)::numeric, 3) AS "from",
    count(*) FILTER (WHERE y) AS buyers,
    round(100.0 * count(*) FILTER (WHERE y) / sum(count(*) FILTER (WHERE y)) OVER (), 1)
        AS "% of all",
    round(100 * avg(y::integer), 1) AS "bought %",
    repeat('#', round(36 * avg(y::integer))::integer) AS conversion
FROM bank_score
GROUP BY grade
ORDER BY grade;

\echo '=== The ten best leads'
\echo 'With the two strongest reasons each, in log-odds against the average lead:'
\echo '+0.69 doubles the odds, -0.69 halves them.'
\echo
SELECT lead_id AS lead, round(score::numeric, 3) AS score, grade, s.y,
    lead_reasons((SELECT model FROM bank_model WHERE name = 'honest'), l, 2) AS reasons
FROM (SELECT * FROM bank_score ORDER BY score DESC, lead_id LIMIT 10) AS s
    JOIN kept AS l USING (lead_id)
ORDER BY score DESC, lead_id;

SELECT count(*) FILTER (WHERE y) AS bought, round(sum(score)::numeric, 1) AS promised
FROM (SELECT * FROM bank_score ORDER BY score DESC, lead_id LIMIT 10) AS best
\gset
\echo :bought 'of the ten bought; their scores add up to' :promised'.'
\echo
\echo '=== One lead explained'
\echo 'How the best of them gets from the average lead, the baseline, to its score:'
\echo 'exact Shapley values, which add up.'
\echo
SELECT lead_id AS best_lead, round(lead_margin(model, l)::numeric, 2) AS margin,
    round(score::numeric, 3) AS score
FROM bank_score JOIN kept AS l USING (lead_id), bank_model
WHERE name = 'honest'
ORDER BY bank_score.score DESC, lead_id
LIMIT 1
\gset
SELECT feature, value, round(contribution::numeric, 2) AS "adds",
    round(exp(contribution)::numeric, 2) AS "odds times",
    repeat(CASE WHEN contribution > 0 THEN '+' ELSE '-' END,
        round(abs(10 * contribution))::integer) AS effect
FROM bank_model, kept AS l, lead_explain(model, l, 8)
WHERE name = 'honest' AND lead_id = :best_lead;

\echo 'The parts add up to a margin of' :margin 'log-odds, which calibration turns'
\echo 'into a probability of' :score'.'

\echo
\echo '=== What counts in general'
\echo 'How much each feature moves the log-odds, as a share of all; the first eight.'
\echo
SELECT feature, round(100 * importance::numeric, 1) AS "%",
    repeat('#', round(100 * importance)::integer) AS importance
FROM bank_model, lead_model_importance(model) AS i
WHERE name = 'honest'
ORDER BY i.importance DESC
LIMIT 8;

\echo '=== Models with names'
\echo 'Back to August 2008: only the first 20,000 calls have been made.  The registry keeps the'
\echo 'query, so that training again takes the name alone; one version is champion.'
\echo
\set ECHO queries
CREATE TABLE calendar AS SELECT 20000 AS today;
CREATE VIEW closed_lead AS
SELECT l.* FROM bank_lead AS l, calendar WHERE lead_id <= today;

SELECT train_lead_model('bank', 'SELECT * FROM public.closed_lead', 'y',
    '{"exclude": ["lead_id", "duration"]}') AS version;
SELECT promote_model('bank', 1) AS promoted;
SELECT name, version, rows, positives, round(roc_auc::numeric, 3) AS auc, usable, status
FROM lead_model_version;
\set ECHO none

\echo '=== Has the market moved?'
\echo 'Before anyone knows how they end, the last 10,000 leads show whether the champion is'
\echo 'still at home.  By custom a psi over 0.25 is a shift; under critical_psi it is chance.'
\echo
\set ECHO queries
CREATE TABLE bank_drift AS
SELECT lead_drift_agg(active_lead_model('bank'), l) AS drift
FROM bank_lead AS l WHERE lead_id > 31188;
\set ECHO none
\echo
SELECT feature, round(psi::numeric, 3) AS psi, round(critical_psi::numeric, 3) AS critical_psi,
    round(100 * missing_then::numeric) AS "% NULL then",
    round(100 * missing_now::numeric) AS "now", drifted,
    repeat('#', round(4 * psi)::integer) AS drift
FROM bank_drift, lead_drift_report(drift) WITH ORDINALITY
WHERE ordinality <= 9
ORDER BY ordinality;

SELECT count(*) FILTER (WHERE drifted) AS moved, count(*) AS all_of_them
FROM bank_drift, lead_drift_report(drift)
WHERE feature <> '(score)'
\gset
\echo :moved 'of' :all_of_them 'features have moved.  In between lies the crash of 2008: interest rates'
\echo 'fell, and the bank called other people, some of them for the second time.'
\echo
\echo '=== Training again'
\echo 'By its name, on the calls until then.  Is the challenger better than the champion on'
\echo 'the last 10,000, which neither has seen?  A paired test (DeLong) decides.'
\echo
\set ECHO queries
UPDATE calendar SET today = 31188;
SELECT train_lead_model('bank') AS version;

CREATE TABLE challenge AS
SELECT auc_compare_agg(lead_score(v.model, l), lead_score(active_lead_model('bank'), l), y) AS c
FROM bank_lead AS l, model_version AS v
WHERE l.lead_id > 31188 AND v.version = 2;

SELECT round(auc_a::numeric, 3) AS challenger, round(auc_b::numeric, 3) AS champion,
    round(low::numeric, 3) AS low, round(high::numeric, 3) AS high, p_value < 0.001 AS significant
FROM challenge, auc_compare(c);

SELECT promote_model('bank', 2) AS promoted FROM challenge, auc_compare(c) WHERE low > 0;
SELECT version, rows, round(roc_auc::numeric, 3) AS auc, status
FROM lead_model_version ORDER BY version;
\set ECHO none
SELECT round(100 * avg(lead_score(active_lead_model('bank'), l))::numeric) AS promised,
    round(100 * avg(y::integer)) AS bought
FROM bank_lead AS l
WHERE lead_id > 31188
\gset
\echo 'An AUC below 0.5 is worse than chance: the champion of 2008 would have called the wrong'
\echo 'leads first.  The new one ranks better, but promises that' :promised '% buy, where' :bought '% did: train'
\echo 'often, and watch the drift.'
\echo
\echo 'All of it is plain tables: bank_lead, bank_model, bank_score, model_version.'
