-- Consent views: each column as far as the subject allows its scene, whatever
-- reads them; and fields that freeze.
SET client_min_messages = warning;
SET search_path = public, sales_intel;
CREATE ROLE consent_desk NOLOGIN;
CREATE ROLE consent_ann LOGIN;
CREATE ROLE consent_none LOGIN;
GRANT CREATE ON SCHEMA public TO consent_desk;
SELECT count(*) > 0 AS granted FROM grant_role('table_owner', 'consent_desk');
INSERT INTO principal (principal, login_role) VALUES ('ann', 'consent_ann');
SELECT count(*) FROM (VALUES ('501', '{test_drive,quote_push,event_invitation}'::text[]), ('502', '{test_drive,event_invitation}'), ('503', '{quote_push}'), ('504', '{event_invitation}')) v(s, scenes), grant_consent(s, scenes) g;

SET ROLE consent_desk;
CREATE TABLE customer (id int PRIMARY KEY, name text, phone varchar(20), gone int, income numeric, secret text DEFAULT 'secret', session text);
ALTER TABLE customer DROP gone;
INSERT INTO customer SELECT 500 + i, 'name ' || i, '1380000100' || i, i * 1000 FROM generate_series(1, 5) i;
INSERT INTO customer VALUES (506, 'nobody''s');
UPDATE customer SET session = 's1';
SELECT create_consent_view('customer_card', 'customer', 'id',
    '{"phone": {"scene": "quote_push", "mask": "mask_phone"}, "name": {"scene": "test_drive", "mask": "mask_name"}, "income": "finance_plan", "id": null}',
    '{"row_scene": "event_invitation"}');
SELECT create_consent_view('"Odd ""view"', 'customer', 'id', '{"id": null, "name": "test_drive"}');
GRANT SELECT ON customer_card, "Odd ""view" TO consent_ann, consent_none;
SELECT pg_get_viewdef('customer_card', true);
SELECT relname, reloptions, pg_get_userbyid(relowner) FROM pg_class WHERE relname IN ('customer_card', 'Odd "view') ORDER BY 1;
RESET ROLE;
SELECT view, source, subject_key, columns, options FROM consent_view ORDER BY view::text COLLATE "C";

-- What whoever looks sees; nobody sees nothing
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM customer_card ORDER BY id;
SELECT * FROM "Odd ""view" ORDER BY id;
SELECT * FROM customer;
SELECT secret FROM customer_card;
SET SESSION AUTHORIZATION consent_none;
SELECT * FROM customer_card;
RESET SESSION AUTHORIZATION;
-- On the next statement
SELECT count(*) FROM withdraw_consent('501', '{quote_push}');
SELECT count(*) FROM withdraw_consent('502', '{event_invitation}');
SELECT count(*) FROM grant_consent('504', '{finance_plan}');
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM customer_card ORDER BY id;
RESET SESSION AUTHORIZATION;

-- Plans: by index, parallel
SET ROLE consent_desk;
SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT id, income FROM customer_card WHERE id = 504;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
EXPLAIN (COSTS OFF) SELECT count(income) FROM customer_card;
RESET ROLE;
SET SESSION AUTHORIZATION consent_ann;
SELECT count(income), count(*) FROM customer_card;
RESET SESSION AUTHORIZATION;
RESET min_parallel_table_scan_size;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;

-- Sessions: what was said in a row's session comes first
SET ROLE consent_desk;
SELECT create_consent_view('customer_chat', 'customer', 'id', '{"id": null, "phone": "quote_push"}', '{"session_key": "session"}');
GRANT SELECT ON customer_chat TO consent_ann;
RESET ROLE;
SELECT count(*) FROM grant_consent('501', '{quote_push}', '{"session": "s1"}');
SELECT count(*) FROM withdraw_consent('503', '{quote_push}', '{"session": "s1"}');
SELECT count(*) FROM grant_consent('504', '{quote_push}', '{"session": "s2"}');
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM customer_chat ORDER BY id;
RESET SESSION AUTHORIZATION;

-- What is computed over a view is of what is shown: the score of a lead whose
-- signals need a scene each; a sequence; a forecast
SET ROLE consent_desk;
CREATE TABLE signal (customer bigint PRIMARY KEY, visit float8, download float8, demo float8);
INSERT INTO signal VALUES (507, 1, 0.5, 1);
SELECT create_consent_view('signal_view', 'signal', 'customer', '{"customer": null, "visit": "test_drive", "download": "quote_push", "demo": "finance_plan"}');
CREATE VIEW lead WITH (security_invoker) AS
SELECT v.customer, round(signal_score(signal_agg(s.value, s.weight, s.age, '7 days'))::numeric, 10) AS score
FROM signal_view v, LATERAL (VALUES (visit, 3, interval '0'), (download, 2, '7 days'), (demo, 5, '14 days')) AS s(value, weight, age)
GROUP BY v.customer;
GRANT SELECT ON lead, signal_view TO consent_ann;
CREATE TABLE visit (id int PRIMARY KEY, customer bigint, at timestamptz, event text, value float8);
INSERT INTO visit SELECT i, 507 + i % 2, timestamptz '2024-01-01 00:00+00' + i * interval '1 day', 'e' || i % 3, i FROM generate_series(1, 40) i;
SELECT create_consent_view('visit_view', 'visit', 'customer', '{"id": null, "customer": null, "at": null, "event": null, "value": null}', '{"row_scene": "test_drive"}');
GRANT SELECT ON visit_view TO consent_ann;
RESET ROLE;
SELECT count(*) FROM grant_consent('507', '{test_drive,quote_push,finance_plan}');
SELECT count(*) FROM grant_consent('508', '{test_drive}');
CREATE TABLE before AS SELECT sequence_agg(at, event) AS s, forecast_agg(at, value, '{"method": "naive"}') AS f FROM visit WHERE customer = 508;
GRANT SELECT ON before TO consent_ann;
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM lead;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM withdraw_consent('507', '{test_drive}');
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM lead;
SELECT sequence_agg(v.at, v.event)::text = min(s::text) AS same_sequence, forecast_agg(v.at, v.value, '{"method": "naive"}')::text = min(f::text) AS same_forecast, count(*) FROM visit_view v, before;
RESET SESSION AUTHORIZATION;

-- A source with a mask: asked by it, and no longer when it is gone
SET ROLE consent_desk;
ALTER TABLE customer ADD consent bigint;
SELECT create_access_rule('customer', 'not the last', 'permit', '{select,update}', 'id < 505');
SELECT protect_table('customer', '{"consent_mask": "consent"}');
SELECT pg_get_viewdef('"Odd ""view"', true);
RESET ROLE;
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM customer_card ORDER BY id;
SELECT * FROM "Odd ""view" ORDER BY id;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM withdraw_consent('502', '{test_drive}');
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM "Odd ""view" ORDER BY id;
RESET SESSION AUTHORIZATION;

-- Fields freeze: with masks, and without
SET ROLE consent_desk;
SELECT drop_consent_view('"Odd ""view"'), drop_consent_view('customer_chat');
SELECT create_consent_view('frozen', 'customer', 'id', '{"id": null, "phone": "quote_push", "name": "test_drive"}', '{"freeze": ["phone"]}');
SELECT create_consent_view('frozen_visit', 'visit', 'customer', '{"event": "test_drive", "value": "quote_push", "id": null}', '{"freeze": true}');
GRANT UPDATE, SELECT ON customer, visit TO consent_ann;
RESET ROLE;
SET SESSION AUTHORIZATION consent_ann;
UPDATE customer SET phone = '1' WHERE id = 503;
UPDATE customer SET phone = '1' WHERE id = 501;
UPDATE customer SET name = 'free', secret = 'free' WHERE id = 501;
UPDATE customer SET id = id WHERE id = 501;
UPDATE customer SET phone = phone, secret = 'as it was' WHERE id = 501;
UPDATE customer SET phone = NULL WHERE id = 502;
UPDATE customer SET id = 540 WHERE id = 504;
UPDATE visit SET event = 'x' WHERE id = 2;
UPDATE visit SET event = 'x' WHERE id = 1;
UPDATE visit SET value = 0 WHERE id = 1;
UPDATE visit SET customer = 507 WHERE id = 1;
UPDATE visit SET at = now() WHERE id = 1;
RESET SESSION AUTHORIZATION;
SELECT rel, "column", scene, since IS NOT NULL AS withdrawn FROM frozen_field WHERE subject = '507' ORDER BY 1, 2;
SELECT rel, "column", scene, since IS NOT NULL AS withdrawn FROM frozen_field WHERE subject = '501' ORDER BY 1, 2;
BEGIN;
SELECT count(*) FROM withdraw_consent('503', '{quote_push}');
UPDATE customer SET phone = '2' WHERE id = 503;
ROLLBACK;
SELECT count(*) FROM grant_consent('507', '{test_drive}');
UPDATE visit SET event = 'x' WHERE id = 2;
SELECT count(*) FROM frozen_field WHERE subject = '507';
-- Consent that ends by itself freezes, too
SELECT count(*) FROM grant_consent('508', '{test_drive}', jsonb_build_object('valid_until', clock_timestamp() + interval '100 ms'));
SELECT pg_sleep(0.2);
UPDATE visit SET event = 'y' WHERE id = 1;
SELECT rel, "column" FROM frozen_field WHERE subject = '508' ORDER BY 1, 2;

SET ROLE consent_desk;
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE tgname ~ 'freeze' ORDER BY 1;
SELECT unprotect_table('customer');
SELECT pg_get_viewdef('customer_card') ~ 'consent_masked' AS masked, (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'customer'::regclass) AS triggers;
SELECT drop_consent_view('frozen');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'customer'::regclass;
DROP VIEW frozen_visit;
UPDATE visit SET event = 'y' WHERE id = 1;
RESET ROLE;
SELECT view FROM consent_view ORDER BY view::text COLLATE "C";

-- Partitions, a text key
SET ROLE consent_desk;
CREATE TABLE part (id int, who text, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (0) TO (10);
INSERT INTO part SELECT i, 'p' || i, 'note' FROM generate_series(1, 3) i;
SELECT create_consent_view('part_view', 'part', 'who', '{"id": null, "note": {"scene": "quote_push", "mask": "pseudonym", "kind": "note"}}', '{"freeze": ["note"]}');
CREATE TABLE part_2 (note text, who text, id int NOT NULL);
ALTER TABLE part ATTACH PARTITION part_2 FOR VALUES FROM (10) TO (20);
INSERT INTO part VALUES (13, 'p3', 'note'), (14, 'p4', 'note');
GRANT SELECT ON part_view TO consent_ann;
RESET ROLE;
SELECT count(*) FROM grant_consent('p3', '{quote_push}');
SET ROLE consent_desk;
UPDATE part SET note = 'x' WHERE id = 13;
UPDATE part SET note = 'x' WHERE id = 14;
RESET ROLE;
SELECT create_pseudonym_key('note');
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM part_view ORDER BY id;
RESET SESSION AUTHORIZATION;
GRANT EXECUTE ON FUNCTION pseudonym(text, text) TO consent_ann;
SET SESSION AUTHORIZATION consent_ann;
SELECT id, length(note), note IN ('note', 'x') AS clear FROM part_view ORDER BY id;
RESET SESSION AUTHORIZATION;

-- What cannot be
SET ROLE consent_desk;
SELECT create_consent_view('v', 'customer', 'id', NULL);
SELECT create_consent_view(NULL, 'customer', 'id', '{"id": null}');
SELECT create_consent_view('v', 'customer', 'id', '[]');
SELECT create_consent_view('v', 'customer', 'id', '{}');
SELECT create_consent_view('v', 'customer', 'id', '{"id": 1}');
SELECT create_consent_view('v', 'customer', 'id', '{"id": []}');
SELECT create_consent_view('v', 'customer', 'id', '{"id": {}}');
SELECT create_consent_view('v', 'customer', 'id', '{"id": {"scene": null}}');
SELECT create_consent_view('v', 'customer', 'id', '{"id": {"scene": "quote_push", "mask": 1}}');
SELECT create_consent_view('v', 'customer', 'id', '{"id": {"scene": "quote_push", "by": "x"}}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": {"scene": "quote_push", "mask": "mask_name", "kind": "x"}}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": {"scene": "quote_push", "mask": "upper"}}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": {"scene": "quote_push", "mask": "pg_catalog.pg_read_file"}}');
SELECT create_consent_view('v', 'customer', 'id', '{"income": {"scene": "quote_push", "mask": "mask_name"}}');
SELECT create_consent_view('v', 'customer', 'id', '{"none": null}');
SELECT create_consent_view('v', 'customer', 'id', '{"ctid": null}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": "none"}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": "quote_push'') THEN t.secret END --"}');
SELECT create_consent_view('v', 'customer', 'id', '{"name\", t.secret AS \"x": null}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": "quote_push"}', '{"row_scene": "none"}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": "quote_push"}', '{"colour": "red"}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": "quote_push"}', '{"freeze": 1}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": "quote_push", "id": null}', '{"freeze": ["name", "id"]}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": "quote_push"}', '{"freeze": ["secret"]}');
SELECT create_consent_view('v', 'customer', 'id', '{"name": "quote_push"}', '{"session_key": "none"}');
SELECT create_consent_view('v', 'customer', 'none', '{"name": "quote_push"}');
SELECT create_consent_view('v', 'customer', 'income', '{"name": "quote_push"}');
SELECT create_consent_view('customer_card', 'customer', 'id', '{"name": "quote_push"}');
SELECT create_consent_view('customer', 'customer', 'id', '{"name": "quote_push"}');
SELECT create_consent_view('', 'customer', 'id', '{"name": "quote_push"}');
SELECT create_consent_view('v; DROP TABLE customer', 'customer', 'id', '{"name": "quote_push"}');
SELECT create_consent_view('none.v', 'customer', 'id', '{"name": "quote_push"}');
SELECT create_consent_view('pg_temp.v', 'customer', 'id', '{"name": "quote_push"}');
SELECT create_consent_view('pg_catalog.v', 'customer', 'id', '{"name": "quote_push"}');
SELECT create_consent_view('v', 'customer_card', 'id', '{"name": "quote_push"}');
CREATE MATERIALIZED VIEW copy AS SELECT * FROM customer;
SELECT create_consent_view('v', 'copy', 'id', '{"name": "quote_push"}');
SELECT create_consent_view('v', 'part_1', 'id', '{"id": null}');
SELECT create_consent_view('v', 'sales_intel.consent_event', 'subject', '{"id": null}');
SELECT drop_consent_view('none');
SELECT drop_consent_view('lead');
SELECT drop_consent_view(NULL);
SELECT drop_consent_view('customer');
RESET ROLE;
CREATE TABLE mine (id int PRIMARY KEY);
SELECT create_consent_view('v', 'mine', 'id', '{"id": null}');
SET ROLE consent_desk;
SELECT create_consent_view('v', 'mine', 'id', '{"id": null}');
RESET ROLE;
ALTER ROLE consent_desk BYPASSRLS;
SELECT create_consent_view('v', 'customer', 'id', '{"id": null}');
ALTER ROLE consent_desk NOBYPASSRLS;
-- A copy of it is made for nobody
SET ROLE consent_desk;
CREATE MATERIALIZED VIEW copied AS SELECT * FROM customer_card;
UPDATE customer_card SET phone = '1';
-- Altered, it is advised about
ALTER VIEW customer_card RESET (security_barrier);
RESET ROLE;
SELECT * FROM access_advisor() WHERE object ~ 'customer_card|signal_view|part_view';
ALTER VIEW customer_card OWNER TO consent_ann;
ALTER VIEW customer_card SET (security_barrier);
ALTER VIEW part_view OWNER TO postgres;
CREATE MATERIALIZED VIEW copied AS SELECT * FROM signal_view WITH NO DATA;
SELECT * FROM access_advisor() WHERE object ~ 'customer_card|part_view|copied';
CREATE OR REPLACE VIEW signal_view WITH (security_barrier) AS SELECT * FROM signal;
SELECT * FROM access_advisor() WHERE object ~ 'signal_view';
-- So it is about triggers that do not fire, or not always
SET ROLE consent_desk;
CREATE TABLE kept (id int PRIMARY KEY, note text, mask bigint);
SELECT create_access_rule('kept', 'all', 'permit', '{select}', 'true'), protect_table('kept', '{"consent_mask": "mask"}');
SELECT create_consent_view('kept_view', 'kept', 'id', '{"note": "quote_push"}', '{"freeze": true}');
RESET ROLE;
SELECT count(*) FROM access_advisor() WHERE object ~ 'kept';
ALTER TABLE kept ENABLE TRIGGER ALL;
SELECT * FROM access_advisor() WHERE object ~ 'kept';
ALTER TABLE kept DISABLE TRIGGER ALL;
SELECT severity, finding FROM access_advisor() WHERE object ~ 'kept';
DROP TABLE kept CASCADE;
DROP TABLE customer CASCADE;
SELECT count(*) FROM consent_view WHERE source = 0 OR source::text ~ '^[0-9]';

DROP MATERIALIZED VIEW copied;
DROP TABLE mine, before, signal, visit, part CASCADE;
SELECT count(*) FROM consent_view;
DROP OWNED BY consent_desk, consent_ann, consent_none;
DELETE FROM principal;
DROP ROLE consent_desk, consent_ann, consent_none;
