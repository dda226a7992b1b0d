-- Boosted trees on real data, out of fold and by default: sessions of a web
-- shop, and the phone campaign of lead_bank.  Of the shop's fields none is
-- known only afterwards, and none is called a leak.
CREATE SCHEMA lead_shoppers;
SET search_path = lead_shoppers, sales_intel;
SET client_min_messages = warning;
\set ECHO none
\i test/data/shoppers.sql
\i test/data/bank.sql
\set ECHO all
CREATE TABLE model AS
SELECT 'shoppers' AS name, lead_model_agg(revenue, s, '{"exclude": ["revenue", "session_id"]}') AS m FROM shopper s
UNION ALL
SELECT 'bank', lead_model_agg(y, b, '{"exclude": ["y", "lead_id", "duration"]}') FROM bank_lead b
UNION ALL
SELECT 'bank, with duration', lead_model_agg(y, b, '{"exclude": ["y", "lead_id"]}') FROM bank_lead b;

SELECT name, algorithm, rows, positives, features, usable,
    roc_auc >= CASE name WHEN 'shoppers' THEN 0.930 ELSE 0.800 END AS auc_bar, calibration_error <= 0.012 AS calibration_bar,
    round(difference::numeric, 2) AS better_than_logistic_by
FROM model, lead_model_summary(m), lead_model_choice(m)
ORDER BY name;
SELECT name, code, feature FROM model, lead_model_warnings(m) ORDER BY name, code, feature;

-- Reasons add up on every row.
SELECT name, count(*), max(abs(total - margin)) < 1e-9 AS adds_up
FROM (SELECT name, lead_margin(m, s) AS margin, (SELECT sum(contribution) FROM lead_explain(m, s)) AS total
    FROM model, shopper s WHERE name = 'shoppers'
    UNION ALL
    SELECT name, lead_margin(m, b), (SELECT sum(contribution) FROM lead_explain(m, b))
    FROM model, bank_lead b WHERE name = 'bank') r
GROUP BY name
ORDER BY name;
-- a category as its text
SELECT feature, value FROM model, shopper s, lead_explain(m, s) WHERE name = 'shoppers' AND session_id = 1 AND feature IN ('month', 'weekend');

-- The reported quality holds on rows that no model has seen.
SELECT roc_auc - auc BETWEEN -0.02 AND 0.02 AS auc, abs(brier - brier_score) < 0.006 AS brier_score, abs(loss - log_loss) < 0.02 AS log_loss
FROM (SELECT lead_model_agg(revenue, s, '{"exclude": ["revenue", "session_id"]}') FILTER (WHERE session_id % 3 > 0) AS part FROM shopper s) p,
    lead_model_summary(part),
    LATERAL (SELECT roc_auc(score, revenue) AS auc, brier_score(score, revenue) AS brier, log_loss(score, revenue) AS loss
        FROM (SELECT lead_score(part, s) AS score, revenue FROM shopper s WHERE session_id % 3 = 0) t) q;

-- The importance of a feature is the mean size of its contribution.
SELECT max(abs(importance - share)) < 0.02 AS agrees
FROM (SELECT feature, avg(abs(contribution)) / sum(avg(abs(contribution))) OVER () AS share
    FROM model, shopper s, lead_explain(m, s) WHERE name = 'shoppers' AND feature <> '(baseline)' GROUP BY feature) e
JOIN (SELECT i.* FROM model, lead_model_importance(m) i WHERE name = 'shoppers') i USING (feature);

DROP SCHEMA lead_shoppers CASCADE;
