/*
 * One round of consent.sql, in a session that has asked for nothing: keys are of
 * a column of client's.
 */
CALL bench.allow(:'keys');
VACUUM (ANALYZE) sales_intel.consent_state;
\c -
SET search_path = bench, sales_intel;
SET client_min_messages = warning;
\set live 'consent_live(' :keys ', ''quote_push'', NULL, (SELECT consent_ticket()))'
\set scan 'SELECT count(*) FILTER (WHERE id % 10 < 7), sum(amount) FILTER (WHERE id % 10 < 7) FROM client'
\set allowed 'SELECT count(*), sum(amount) FROM client WHERE ' :live
\set mixed 'SELECT count(*), sum(amount) FROM mixed WHERE ' :live
\set plainly 'SELECT count(*), sum(amount) FROM client WHERE consent_allows(' :keys ', ''quote_push'')'
\set three 'SELECT count(*) FILTER (WHERE ' :live '), count(*) FILTER (WHERE consent_live(' :keys ', ''test_drive'', NULL, (SELECT consent_ticket()))) FROM client WHERE NOT consent_live(' :keys ', ''community'', NULL, (SELECT consent_ticket()))'

CALL read_scan(:'keys', 'a scan', 'SELECT count(*), sum(amount) FROM client', 4);
DELETE FROM reading WHERE position = (SELECT max(position) - 3 FROM reading);
UPDATE reading SET answer = NULL WHERE step = 'a scan';
CALL read_scan(:'keys', 'the first in a session', :'allowed', 1);
CALL read_scan(:'keys', 'then', :'allowed', 3);
CALL read_scan(:'keys', 'then, by consent_allows', :'plainly', 3);
CALL read_scan(:'keys', 'then, customers in no order', :'mixed', 3);
CALL read_scan(:'keys', 'then, three scenes a row', :'three', 3);
UPDATE reading SET answer = NULL WHERE step ~ 'three';

-- 1,000 customers have said something since
INSERT INTO consent_event (subject, scene, action, at, actor)
SELECT subject, 'test_drive', 'grant', now(), 'bench' FROM consent_state TABLESAMPLE SYSTEM (1) LIMIT 1000;
CALL read_scan(:'keys', 'after 1,000 changes', :'allowed', 1);

SELECT :'keys' = 'id' AS bigint \gset
\if :bigint
    CALL read_scan('id', 'a policy with EXISTS', 'SELECT count(*), sum(amount) FROM policed', 1);
    CALL read_scan('id', 'a function for each row', 'SELECT count(*), sum(amount) FROM client WHERE allowed(id, ''quote_push'')', 1);
    \c -
    SET search_path = bench, sales_intel;
    CALL read('id', 'one row under a rule', 'SELECT note FROM ruled WHERE id = 7007', 200);
    CALL read('id', 'a rep''s 1,000 rows under a rule', 'SELECT count(note) FROM ruled', 50);
    \c -
    SET search_path = bench, sales_intel;
    CALL read('id', 'one row, the first in a session', 'SELECT note FROM ruled WHERE id = 7007', 1);
    CALL read('id', 'a rep''s 1,000 rows, the first time', 'SELECT count(note) FROM ruled', 1);
    CALL read('id', 'a rep''s 1,000 rows, the second time', 'SELECT count(note) FROM ruled', 1);
    CALL read('id', 'a rep''s 1,000 rows without a rule, the first time', 'SELECT count(note) FROM client WHERE rep = 7', 1);
    CALL read('id', 'a rep''s 1,000 rows without a rule, the second time', 'SELECT count(note) FROM client WHERE rep = 7', 1);
    UPDATE reading SET answer = NULL WHERE step ~ 'rule|one row|a rep';
\endif
