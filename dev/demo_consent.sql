-- Whose data, for what: consent, records, money.  Run by dev/demo.sh after
-- demo_access.sql, in the same database, as superuser.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
\pset footer off
\pset null ''
\pset pager off
\pset format wrapped
SET search_path = crm, sales_intel;

SET seed = 0.4;
CREATE TABLE customer AS
SELECT id, 1 + id % 3 AS rep, (ARRAY['north', 'south', 'east', 'west'])[1 + id % 4] AS region, 'Customer ' || id AS name,
    '+49 170 ' || lpad((id * 7919 % 10000000)::text, 7, '0') AS phone, round((20000 + 30000 * random())::numeric, -2) AS quote,
    date '2026-01-01' + (id % 300) AS next_service
FROM generate_series(1, 10000) AS id;
ALTER TABLE customer ADD PRIMARY KEY (id);
CREATE INDEX ON customer (rep);
ANALYZE customer;
ALTER TABLE customer OWNER TO crm_owner;
GRANT CREATE ON SCHEMA crm TO crm_owner;
SELECT create_access_rule('customer', 'own customers', 'permit', '{select}', $$rep = attr_bigint('rep')$$),
    create_access_rule('customer', 'my regions', 'permit', '{select}', $$region = ANY (attrs('region'))$$), protect_table('customer')
\g /dev/null

\echo
\echo '=== Whose data, for what: 10,000 customers decide about seven scenes each'
\echo
\set ECHO queries
SELECT grant_consent(id::text, ARRAY(SELECT scene FROM consent_scene), '{"channel": "showroom", "wording": "2026-03"}') FROM customer
\g /dev/null

SELECT create_consent_view('customer_card', 'customer', 'id',
    '{"id": null, "rep": null, "name": null, "phone": {"scene": "quote_push", "mask": "mask_phone"}, "quote": "quote_push", "next_service": "after_sales_care"}')
\g /dev/null
GRANT SELECT ON customer_card TO crm_app;

\set ECHO none
SELECT token_for('ann') AS before, token_for('ann') AS after, token_for('dora') AS dora, token_for('otto') AS otto,
    token_for('ann') AS forged, token_for('ann') AS asks, token_for('ann') AS approves, token_for('dora') AS director
\gset
GRANT EXECUTE ON FUNCTION request_release(text, text, numeric, jsonb), approve_release(bigint, text) TO crm_app;
SET SESSION AUTHORIZATION crm_app;
\echo
\echo 'Ann, by the pooled login, sees her customers through the view, and the table not at all:'
\echo
BEGIN;
SELECT begin_identity(:'before') AS who
\gset
\set ECHO queries
SELECT * FROM customer_card WHERE id = 42;
COMMIT;
\set ECHO none
RESET SESSION AUTHORIZATION;
\echo
\echo 'Customer 42 wants no more quotes.  It holds from the next statement on, for everybody:'
\echo
\set ECHO queries
SELECT withdraw_consent('42', '{quote_push}', '{"channel": "phone"}') \g /dev/null
\set ECHO none
SET SESSION AUTHORIZATION crm_app;
BEGIN;
SELECT begin_identity(:'after') AS who
\gset
\set ECHO queries
SELECT * FROM customer_card WHERE id = 42;
COMMIT;
\set ECHO none
CREATE TEMP TABLE looked (who text, customers bigint, quotes bigint);
BEGIN;
SELECT begin_identity(:'dora') AS who
\gset
INSERT INTO looked SELECT 'dora, of two regions', count(*), count(quote) FROM customer_card;
COMMIT;
BEGIN;
SELECT begin_identity(:'otto') AS who
\gset
INSERT INTO looked SELECT 'otto, an outsider', count(*), count(quote) FROM customer_card;
COMMIT;
\echo
\echo 'The director, an outsider, and a token that somebody changed:'
\echo
TABLE looked;
SELECT attempt('SELECT sales_intel.begin_identity($1)', overlay(:'forged' PLACING 'x' FROM 60)) AS "forged token";
RESET SESSION AUTHORIZATION;

\echo 'Other systems are told, and have 90 seconds:'
\echo
\set ECHO queries
SELECT kind, subject, due_at - created_at AS within FROM outbox ORDER BY id;

SELECT scene, allowed, channel, ledger_entry FROM consent_report('42', now()) ORDER BY scene;
\set ECHO none
\echo
\echo 'What happened is chained.  Somebody with a superuser''s rights rewrites it:'
\echo
\set ECHO queries
SELECT split_part(ledger_entry, '#', 1) AS stream FROM consent_report('42', now()) WHERE scene = 'quote_push'
\gset
SELECT ok, entries FROM ledger_verify(:'stream');

ALTER TABLE ledger DISABLE TRIGGER ALL;
UPDATE ledger SET body = body || '{"action": "withdraw"}' WHERE stream = :'stream' AND seq = 17;
ALTER TABLE ledger ENABLE ALWAYS TRIGGER keep_ledger;

SELECT ok, first_bad, problem FROM ledger_verify(:'stream');
\set ECHO none
\echo
\echo 'A discount is money: Ann asks, somebody else approves, and 500,000 a day is the limit.'
\echo
CREATE TABLE told (step serial, what text, result text);
GRANT INSERT ON told TO crm_app;
GRANT USAGE ON SEQUENCE told_step_seq TO crm_app;
SET SESSION AUTHORIZATION crm_app;
BEGIN;
SELECT begin_identity(:'asks') AS who
\gset
SELECT request_release('discount', '42', 480000, '{"quote": 30600}') AS release
\gset
INSERT INTO told (what, result) VALUES ('Ann asks for 480,000', 'accepted'),
    ('and for 20,000.01 more', attempt($$SELECT sales_intel.request_release('discount', '42', 20000.01, '{}')$$, NULL));
COMMIT;
BEGIN;
SELECT begin_identity(:'approves') AS who
\gset
INSERT INTO told (what, result) VALUES ('Ann approves her own', attempt(format($$SELECT sales_intel.approve_release(%s, 'mine')$$, :release), NULL));
COMMIT;
BEGIN;
SELECT begin_identity(:'director') AS who
\gset
INSERT INTO told (what, result) VALUES ('Dora approves it', attempt(format($$SELECT sales_intel.approve_release(%s, 'fine')$$, :release), NULL));
COMMIT;
RESET SESSION AUTHORIZATION;
SELECT what, result FROM told ORDER BY step;

\set ECHO queries
SELECT kind, amount, requested_by, approved_by FROM effective_release;

SELECT rule, effect, outcome, reason FROM explain_access('otto', 'customer', '42');
\set ECHO none
