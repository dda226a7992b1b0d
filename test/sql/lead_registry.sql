-- The registry: training by name, versions, promotion, what the views show,
-- and what wrong calls get.
CREATE SCHEMA lead_registry;
SET search_path = lead_registry, sales_intel;

CREATE TABLE lead AS
SELECT i, (i * 7919) % 1009 < 200 + 150 * (i % 5) AS won, i % 5 AS visits, (i * 31 % 101) / 7.0::float8 AS spend,
    (ARRAY['web', 'fair', 'phone'])[1 + i % 3] AS source,
    CASE WHEN (i * 7919) % 1009 < 200 + 150 * (i % 5) THEN 'won' ELSE 'lost' END AS status
FROM generate_series(1, 600) i;

-- Every form, with untyped literals; a version each, none is champion.
SELECT train_lead_model('a', 'SELECT won, visits, spend FROM lead', 'won') AS version;
SELECT train_lead_model('a', 'SELECT * FROM lead', 'won', '{"exclude": ["i", "status"]}') AS version;
SELECT train_lead_model('a') AS version;
SELECT train_lead_model('b', 'SELECT won, visits FROM lead', 'won', '{"seed": 7}') AS version;
SELECT name, version, label, query, options, rows, positives, usable, status, trained_by = current_user AS by_me,
    trained_at <= now() AS at_a_time, model_hash ~ '^[0-9a-f]{64}$' AS hash
FROM lead_model_version ORDER BY name, version;

-- What is read off the model: its figures, its hash; not what an INSERT says.
SELECT bool_and((v.rows, v.positives, v.roc_auc, v.brier_score, v.calibration_error, v.usable)
        = (s.rows, s.positives, s.roc_auc, s.brier_score, s.calibration_error, s.usable)) AS figures,
    bool_and(v.model_hash = model_hash(v.model)) AS hashes
FROM model_version v, lead_model_summary(model) s;
INSERT INTO model_version (name, version, model, label, query, roc_auc) SELECT name, 9, model, label, query, 1 FROM model_version WHERE name = 'b';
UPDATE model_version SET usable = true;

-- The same rows, options and seed: the same model, to the last bit; repeating
-- the last version repeats its options.  The label is no feature.
SELECT count(DISTINCT model_hash) FROM model_version WHERE name = 'a' AND version IN (2, 3);
SELECT model_hash = (SELECT model_hash(lead_model_agg(won, l, '{"exclude": ["i", "status", "won"]}')) FROM lead l) AS as_the_aggregate
FROM model_version WHERE name = 'a' AND version = 3;
SELECT model_hash = (SELECT model_hash(lead_model_agg(won, f)) FROM lead l, LATERAL (SELECT visits, spend) f) AS as_the_aggregate
FROM model_version WHERE name = 'a' AND version = 1;

-- What a query may look like.
CREATE DOMAIN outcome AS boolean;
CREATE FUNCTION features(label name, query text, options jsonb DEFAULT '{}') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v integer := train_lead_model('shape', query, label, options);
BEGIN
    RETURN (SELECT string_agg(feature, ',' ORDER BY feature)
        FROM model_version, lead_model_coefficients(model) WHERE name = 'shape' AND version = v AND feature <> '(intercept)' AND level IS NULL);
END $$;
SELECT features('won', 'SELECT won, visits, spend FROM lead;') AS semicolon,
    features('won', E'SELECT won, visits, spend FROM lead; -- the end\n;') AS comment_after,
    features('won', '/* ; */ SELECT won, visits, spend FROM lead -- ) AS q; SELECT') AS comment,
    features('won', 'WITH l AS (SELECT * FROM lead) (SELECT won, visits, spend FROM l ORDER BY i LIMIT 500)') AS with_limit,
    features('won', 'SELECT won, visits, spend FROM lead WHERE i < 300 UNION ALL SELECT won, visits, spend FROM lead WHERE i >= 300') AS both_parts;
SELECT features('Won ?', 'SELECT won AS "Won ?", visits AS q, spend AS "$1" FROM lead') AS odd_names,
    features('won', 'SELECT won::outcome, visits, spend FROM lead') AS domain,
    features('won', 'SELECT status = $a$won$a$ AS won, visits, spend FROM lead') AS condition,
    features('column1', $$VALUES (true, 1)$$, '{"force": true}') IS NULL AS one_row,
    features('won', 'SELECT won, visits, spend FROM lead', '{"include": ["won", "visits"]}') AS included,
    features('won', 'SELECT won, visits, spend FROM lead', '{"exclude": ["won", "visits"]}') AS excluded;
SELECT options FROM model_version WHERE name = 'shape' ORDER BY version DESC LIMIT 2;

-- The query means what it means to the caller; what surrounds it does not.
CREATE SCHEMA lead_registry_other;
CREATE TABLE lead_registry_other.lead AS SELECT won, visits FROM lead WHERE i <= 300;
CREATE FUNCTION lead_registry_other.max(integer) RETURNS integer LANGUAGE SQL AS 'SELECT 1 / 0';
CREATE FUNCTION lead_registry_other.plus(integer, integer) RETURNS integer LANGUAGE SQL AS 'SELECT 1 / 0';
CREATE OPERATOR lead_registry_other.+ (LEFTARG = integer, RIGHTARG = integer, FUNCTION = lead_registry_other.plus);
CREATE DOMAIN lead_registry_other.text AS varchar CHECK (VALUE = 'nothing');
SET search_path = lead_registry_other, pg_catalog;
SELECT sales_intel.train_lead_model('path', 'SELECT * FROM lead', 'won') AS version;
SELECT sales_intel.train_lead_model('path') AS version;
SELECT sales_intel.promote_model('path', 2);
SET search_path = lead_registry, sales_intel;
SELECT version, rows, status FROM lead_model_version WHERE name = 'path' ORDER BY version;

-- Models that are not to be trusted are kept, to see why; promotion is refused.
SELECT train_lead_model('c', 'SELECT won, spend FROM lead WHERE won', 'won');
SELECT train_lead_model('c', 'SELECT won, spend FROM lead WHERE i <= 50', 'won');
SELECT train_lead_model('c', 'SELECT i % 2 = 0 AS won, hashint4(i) AS noise FROM lead', 'won');
SELECT train_lead_model('c', 'SELECT won, spend FROM lead', 'won', '{"folds": 0}');
SELECT version, rows, roc_auc IS NULL AS no_auc, usable, status FROM lead_model_version WHERE name = 'c' ORDER BY version;

-- Run each query and show its error in full.
CREATE PROCEDURE refuse(VARIADIC queries text[])
LANGUAGE plpgsql AS $$
DECLARE
    query text;
    message text;
    detail text;
    hint text;
BEGIN
    FOREACH query IN ARRAY queries LOOP
        BEGIN
            EXECUTE query;
            RAISE WARNING 'no error: %', query;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
            RAISE NOTICE E'% %\n  %\n  %', SQLSTATE, message, detail, hint;
        END;
    END LOOP;
END $$;
CALL refuse('SELECT promote_model(''c'', 1)', 'SELECT promote_model(''c'', 2)', 'SELECT promote_model(''c'', 3)', 'SELECT promote_model(''c'', 4)');

-- Promotion, roll-back, and once more; one champion, whoever writes.
CREATE FUNCTION statuses(wanted text) RETURNS text LANGUAGE SQL AS $$
    SELECT string_agg(version || ' ' || status, ', ' ORDER BY version) FROM model_version WHERE name = wanted $$;
SELECT promote_model('a', 1);
SELECT statuses('a');
SELECT promote_model('a', 2);
SELECT statuses('a');
SELECT promote_model('a', 2);
SELECT promote_model('a', 1);
SELECT statuses('a');
SELECT train_lead_model('a'), statuses('a'), statuses('b');
\set VERBOSITY terse
UPDATE model_version SET status = 'champion' WHERE name = 'a' AND version = 2;
UPDATE model_version SET status = 'champion' WHERE name = 'c' AND version = 1;
UPDATE model_version SET status = 'best' WHERE name = 'c';
INSERT INTO model_version (name, version, model, label, query) SELECT 'c', 0, model, label, query FROM model_version WHERE name = 'b';
\set VERBOSITY default
-- a refused promotion leaves the champion
CALL refuse('SELECT promote_model(''a'', 9)');
SELECT statuses('a');

-- Wrong calls.
CALL refuse('SELECT promote_model(''nobody'', 1)', 'SELECT promote_model(NULL, 1)', 'SELECT promote_model(''a'', NULL)',
    'SELECT train_lead_model(''nobody'')', 'SELECT train_lead_model(NULL)',
    'SELECT train_lead_model(NULL, ''SELECT * FROM lead'', ''won'')', 'SELECT train_lead_model(''a'', NULL, ''won'')',
    'SELECT train_lead_model(''a'', ''SELECT * FROM lead'', NULL)', 'SELECT train_lead_model(''a'', ''SELECT * FROM lead'', ''won'', NULL)');
CREATE PROCEDURE refuse_query(label text, VARIADIC queries text[])
LANGUAGE plpgsql AS $$
DECLARE
    calls text[] := ARRAY(SELECT format('SELECT train_lead_model(%L, %L, %L)', 'a', q, label) FROM unnest(queries) q);
BEGIN
    CALL refuse(VARIADIC calls);
END $$;
CALL refuse_query('won', 'select 1) ; drop table lead; (select 2', 'SELECT won FROM lead) AS q; SELECT (1', 'SELECT won FROM lead /* open',
    'SELECT * FROM lead; SELECT * FROM lead', '', ' ; -- nothing', 'DELETE FROM lead', 'EXPLAIN SELECT 1', 'SELECT won, visits INTO stolen FROM lead',
    'WITH d AS (DELETE FROM lead RETURNING *) SELECT * FROM d', 'SELECT * FROM leads', 'SELECT won, visit FROM lead', 'SELECT * FROM lead WHERE i = $1');
CALL refuse_query('Won', 'SELECT won, visits FROM lead ORDER BY spend');
SELECT string_agg('1 AS column_of_long_name_' || i, ', ') AS columns FROM generate_series(1, 60) i
\gset
SELECT train_lead_model('a', 'SELECT ' || :'columns', 'won');
CALL refuse_query('status', 'SELECT * FROM lead');
CALL refuse_query('won', 'SELECT won, won, visits FROM lead', 'SELECT won FROM lead', 'SELECT * FROM lead WHERE false', 'SELECT NULL::boolean AS won, visits FROM lead');
CALL refuse('SELECT train_lead_model(''a'', ''SELECT * FROM lead'', ''won'', ''[]'')', 'SELECT train_lead_model(''a'', ''SELECT * FROM lead'', ''won'', ''{"exclude": "i"}'')',
    'SELECT train_lead_model(''a'', ''SELECT * FROM lead'', ''won'', ''{"exclude": ["j"]}'')');
SELECT count(*) AS leads FROM lead;
-- where in the query, not in the call
SELECT train_lead_model('a', 'SELECT won, visit FROM lead', 'won');
BEGIN READ ONLY;
SELECT train_lead_model('a');
ROLLBACK;

-- Quality over time.
SELECT name, version, status, days_since_training >= 0 AS days, rows, round(positive_share::numeric, 2) AS positive_share,
    round(roc_auc::numeric, 2) AS roc_auc, round(roc_auc_change::numeric, 2) AS roc_auc_change, round(brier_score_change::numeric, 3) AS brier_change,
    calibration_error_change = calibration_error - lag(calibration_error) OVER (PARTITION BY name ORDER BY version) AS error_change, recipe_changed
FROM lead_model_history WHERE name IN ('a', 'b', 'path') ORDER BY name, version;

DELETE FROM model_version;
SET client_min_messages = warning;
DROP SCHEMA lead_registry, lead_registry_other CASCADE;
