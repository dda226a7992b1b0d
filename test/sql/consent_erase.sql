-- Erasure: nothing leads from what stays to the customer; models that have
-- learned from them are listed; records keep the extension from being dropped.
CREATE DATABASE regress_consent_erase;
\set database :DBNAME
\c regress_consent_erase
CREATE EXTENSION sales_intel;
SET client_min_messages = warning;
SET search_path = public, sales_intel;

-- A model trained under two scenes on three customers
CREATE TABLE past (customer bigint, won boolean, x float8, scene_b float8);
INSERT INTO past SELECT 700 + i % 3, i % 4 < 2, i % 4 + sin(i), cos(i) FROM generate_series(1, 400) AS i;
SELECT grant_consent(s::text, '{quote_push,finance_plan}', '{"evidence": {"form": "paper"}, "channel": "shop"}')
FROM generate_series(700, 702) AS s \g /dev/null
SELECT train_lead_model('deal', 'SELECT * FROM public.past', 'won',
    '{"algorithm": "logistic", "subject_key": "customer", "scenes": ["quote_push", "finance_plan"]}');
SELECT subject FROM model_subject ORDER BY subject;
SELECT DISTINCT feature FROM model_version, lead_model_coefficients(model) WHERE feature <> '(intercept)' ORDER BY 1;
SELECT count(*) FROM model_exposure;
SELECT withdraw_consent('701', '{finance_plan}') \g /dev/null
SELECT name, version, subject, scene, reason, since = e.at AS "since then"
FROM model_exposure JOIN consent_event AS e USING (subject, scene) WHERE e.action = 'withdraw';
-- Trained again without 701
SELECT train_lead_model('deal', 'SELECT * FROM public.past WHERE customer <> 701', 'won',
    '{"algorithm": "logistic", "subject_key": "customer", "scenes": ["quote_push", "finance_plan"]}');
SELECT version, array_agg(subject ORDER BY subject) FROM model_subject GROUP BY 1 ORDER BY 1;
SELECT version, subject FROM model_exposure;
-- By name alone, with the same options
SELECT train_lead_model('deal');
SELECT version, count(*) FROM model_subject GROUP BY 1 ORDER BY 1;
SELECT train_lead_model('deal', 'SELECT * FROM public.past', 'won', '{"subject_key": "client"}');
SELECT train_lead_model('deal', 'SELECT * FROM public.past', 'won', '{"subject_key": 1}');

-- Erase 702
SELECT queue_action('quote', '702', 'quote_push', '{"to": "c3@example.com"}', now() + interval '1 day') > 0 AS queued;
SELECT grant_consent('702', '{community}', '{"actor": "702"}') \g /dev/null
INSERT INTO release (kind, subject, amount, body, requested_by, requested_at, comment, request_entry)
VALUES ('discount', '702', 1, '{}', 'someone', now(), 'as 702 has asked', 1);
SELECT erase_subject('702') - 'ledger' AS erased;
SELECT subject LIKE 'erased:%' AS token, body, comment FROM release;
SELECT DISTINCT subject LIKE 'erased:________-____-____-____-____________' AS token, evidence FROM consent_event WHERE subject NOT IN ('700', '701');
SELECT consent_as_of('702', now());
SELECT count(*) FROM consent_state WHERE subject = '702';
SELECT subject = '702' AS "702", payload, cancelled_at IS NOT NULL AS cancelled FROM outbox WHERE kind = 'quote';
SELECT version, subject LIKE 'erased:%' AS erased, scene, reason FROM model_exposure ORDER BY 1, 2, 3;
SELECT stream, ok, problem FROM (SELECT DISTINCT stream FROM ledger) AS l, ledger_verify(l.stream) WHERE NOT ok;
-- Everywhere: no row of any table of the extension has it as a value
DO $$
DECLARE
    t regclass;
    found bigint;
BEGIN
    FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'sales_intel'::regnamespace AND relkind = 'r' AND oid <> 'sales_intel.model_version'::regclass LOOP
        EXECUTE format($q$SELECT count(*) FROM %s AS r, jsonb_each_text(to_jsonb(r)) AS c
            WHERE c.value = '702'$q$, t) INTO found;
        IF found > 0 THEN
            RAISE WARNING '% has the subject still', t;
        END IF;
    END LOOP;
END
$$;
-- They come back as somebody new
SELECT grant_consent('702', '{community}') \g /dev/null
SELECT scene, allowed FROM consent_as_of('702', now());
SELECT erase_subject('702') ->> 'events' AS events;
\set SHOW_CONTEXT never
SELECT erase_subject('');
SELECT erase_subject(NULL);

SELECT erase_subject((SELECT 'erased:x' FROM consent_event WHERE subject LIKE 'erased:%' LIMIT 1)) \g /dev/null
\set VERBOSITY default
SELECT scrub_subject('past', '1', 'x', '{}');

-- Dropped it is not
DROP EXTENSION sales_intel;
BEGIN;
SET LOCAL sales_intel.allow_drop = on;
DROP EXTENSION sales_intel CASCADE;
ROLLBACK;
SELECT count(*) > 0 AS kept FROM consent_event;
CREATE ROLE erase_clerk;
SET ROLE erase_clerk;
SET sales_intel.allow_drop = on;
RESET ROLE;
DROP ROLE erase_clerk;
\c :database
DROP DATABASE regress_consent_erase;
