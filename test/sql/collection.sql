-- What may be collected: a rule for kind and scene, consent where it is asked
-- for; what may not is dropped and counted, or an error.
CREATE DATABASE regress_collection;
\set database :DBNAME
\c regress_collection
CREATE EXTENSION sales_intel;
SET client_min_messages = warning;
SET search_path = public, sales_intel;
SELECT grant_consent('1', '{quote_push}') \g /dev/null
SELECT grant_consent('2', '{quote_push}', '{"session": "s1"}') \g /dev/null
INSERT INTO collection_rule (kind, scene, allowed) VALUES ('call', 'quote_push', true), ('chat', 'quote_push', false), ('call', 'community', true);

-- By kind and scene alone
CREATE TABLE touch (id int, kind text, scene varchar(40));
CREATE TRIGGER boundary BEFORE INSERT ON touch FOR EACH ROW EXECUTE FUNCTION check_collection();
INSERT INTO touch VALUES (1, 'call', 'quote_push'), (2, 'chat', 'quote_push'), (3, 'mail', 'quote_push'), (4, 'call', 'finance_plan'),
    (5, NULL, 'quote_push'), (6, 'call', NULL), (7, 'call', 'community'), (8, 'mail', 'quote_push');
SELECT * FROM touch ORDER BY id;
SELECT rel, kind, scene, reason, events FROM collection_dropped ORDER BY reason, kind, scene;
SELECT day = (now() AT TIME ZONE 'UTC')::date AS today, sum(events) FROM collection_dropped GROUP BY day;

-- Counts go with what was rolled back
BEGIN;
INSERT INTO touch VALUES (9, 'mail', 'quote_push');
ROLLBACK;
SELECT sum(events) FROM collection_dropped;
-- Rules count at once
DELETE FROM collection_rule WHERE kind = 'call' AND scene = 'community';
INSERT INTO touch VALUES (10, 'call', 'community') RETURNING id;

-- With consent, by COPY, of a session
TRUNCATE collection_drop;
CREATE TABLE event (customer bigint, session text, what text, scene text);
CREATE TRIGGER boundary BEFORE INSERT ON event FOR EACH ROW
    EXECUTE FUNCTION check_collection('{"kind": "what", "subject": "customer", "session": "session"}');
COPY event FROM stdin;
1	\N	call	quote_push
2	\N	call	quote_push
2	s1	call	quote_push
2	s2	call	quote_push
\N	s1	call	quote_push
3	\N	mail	quote_push
\.
SELECT * FROM event ORDER BY customer, session;
SELECT kind, scene, reason, events FROM collection_dropped ORDER BY reason;
SELECT withdraw_consent('1', '{quote_push}') \g /dev/null
INSERT INTO event VALUES (1, NULL, 'call', 'quote_push') RETURNING customer;

-- Refused
CREATE TABLE strict (kind text, scene text, subject uuid);
CREATE TRIGGER boundary BEFORE INSERT ON strict FOR EACH ROW EXECUTE FUNCTION check_collection('{"mode": "error", "subject": "subject"}');
\set SHOW_CONTEXT never
INSERT INTO strict VALUES ('mail', 'quote_push', NULL);
INSERT INTO strict VALUES ('call', 'quote_push', NULL);
INSERT INTO strict VALUES ('call', 'quote_push', '00000000-0000-0000-0000-000000000001');
INSERT INTO strict VALUES (NULL, NULL, NULL);
SELECT grant_consent('00000000-0000-0000-0000-000000000001', '{quote_push}') \g /dev/null
INSERT INTO strict VALUES ('call', 'quote_push', '00000000-0000-0000-0000-000000000001');

-- Triggers that are none

SELECT check_collection();
CREATE TRIGGER late AFTER INSERT ON strict FOR EACH ROW EXECUTE FUNCTION check_collection();
INSERT INTO strict VALUES ('call', 'quote_push', '00000000-0000-0000-0000-000000000001');
DROP TRIGGER late ON strict;
CREATE TABLE odd (kind text, scene box, n numeric);
CREATE TRIGGER boundary BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION check_collection();
INSERT INTO odd VALUES ('call', NULL, NULL);
CREATE OR REPLACE TRIGGER boundary BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION check_collection('{"scene": "none"}');
INSERT INTO odd VALUES ('call', NULL, NULL);
CREATE OR REPLACE TRIGGER boundary BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION check_collection('{"sence": "kind"}');
INSERT INTO odd VALUES ('call', NULL, NULL);
CREATE OR REPLACE TRIGGER boundary BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION check_collection('no json');
INSERT INTO odd VALUES ('call', NULL, NULL);
CREATE OR REPLACE TRIGGER boundary BEFORE INSERT ON odd FOR EACH ROW EXECUTE FUNCTION check_collection('{}', '{}');
INSERT INTO odd VALUES ('call', NULL, NULL);
SELECT count(*) FROM odd;
\c :database
DROP DATABASE regress_collection;
