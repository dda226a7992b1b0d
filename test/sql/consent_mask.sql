-- Tables whose rows carry the live mask of their subject: kept by whoever
-- writes, changed with consent, and the same answers as without a mask.
SET client_min_messages = warning;
SET search_path = public, sales_intel;
CREATE ROLE consent_desk NOLOGIN;
CREATE ROLE consent_ann LOGIN;
GRANT CREATE ON SCHEMA public TO consent_desk;
SELECT count(*) > 0 AS granted FROM grant_role('table_owner', 'consent_desk');
INSERT INTO principal (principal, login_role) VALUES ('ann', 'consent_ann');
SELECT count(*) FROM generate_series(1, 40) i, LATERAL grant_consent((7000 + i)::text, CASE WHEN i % 4 = 0 THEN '{quote_push,community}' WHEN i % 4 = 1 THEN '{quote_push}' ELSE '{community}' END::text[]) g WHERE i % 4 < 3;

-- Filled when it is protected
SET ROLE consent_desk;
CREATE TABLE offer (id int PRIMARY KEY, customer bigint, note text DEFAULT '', consent bigint,
    quotable boolean GENERATED ALWAYS AS (consent & 2 <> 0) STORED, CHECK (note <> 'bad'));
CREATE INDEX offer_customer ON offer (customer);
CREATE TABLE twin (id int PRIMARY KEY, customer bigint, note text);
INSERT INTO offer (id, customer) SELECT i, 7000 + i % 50 FROM generate_series(0, 199) i;
INSERT INTO twin SELECT id, customer, note FROM offer;
GRANT SELECT, INSERT, UPDATE, DELETE ON offer, twin TO consent_ann;
SELECT create_access_rule(t, 'quotes', 'permit', '{select,insert,update,delete}', $$consent_allows(customer, 'quote_push')$$) FROM unnest('{offer,twin}'::regclass[]) AS t;
SELECT protect_table('offer', '{"consent_mask": "consent", "subject_key": "customer"}'), protect_table('twin');
RESET ROLE;
SELECT consent, quotable, count(*), min(customer), max(customer) FROM offer GROUP BY 1, 2 ORDER BY 1;
SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'offer'::regclass;
SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 'offer'::regclass AND polname = 'sales_intel_select';

-- Whatever the writer says: insert, load, change of key, of the mask; a key of
-- NULL is about nobody
INSERT INTO offer (id, customer, consent) VALUES (1000, 7004, 0), (1001, 7003, -1), (1002, NULL, 127), (1003, 7999, 127);
COPY offer (id, customer, consent) FROM stdin;
1004	7008	1
1005	7007	64
\.
UPDATE offer SET consent = 127 WHERE id IN (1003, 1004);
UPDATE offer SET customer = 7001 WHERE id = 1005;
UPDATE offer SET customer = 8000, consent = 127 WHERE id = 1001;
INSERT INTO offer (id, customer) VALUES (1000, 7004) ON CONFLICT (id) DO UPDATE SET consent = 1, note = 'again';
MERGE INTO offer AS o USING (VALUES (1000), (1006)) AS n(id) ON n.id = o.id
WHEN MATCHED THEN UPDATE SET consent = 3 WHEN NOT MATCHED THEN INSERT (id, customer, consent) VALUES (n.id, 7006, 0);
SELECT id, customer, consent, quotable FROM offer WHERE id >= 1000 ORDER BY id;
SELECT subject, mask, epoch FROM consent_state WHERE subject IN ('7003', '7007', '7999', '8000') ORDER BY 1;

-- A change of consent is in force in every row, in the same transaction, and
-- fires nothing of anybody's
CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'fired'; RETURN NEW; END $$;
CREATE TRIGGER fired BEFORE UPDATE ON offer FOR EACH ROW EXECUTE FUNCTION fired();
CREATE TRIGGER fired_after AFTER UPDATE ON offer FOR EACH ROW EXECUTE FUNCTION fired();
BEGIN;
SELECT count(*) FROM withdraw_consent('7004', '{quote_push}');
SELECT consent, quotable, count(*) FROM offer WHERE customer = 7004 GROUP BY 1, 2;
ROLLBACK;
SELECT consent, quotable, count(*) FROM offer WHERE customer = 7004 GROUP BY 1, 2;
SELECT count(*) FROM withdraw_consent('7004', '{quote_push}');
SELECT consent, quotable, count(*) FROM offer WHERE customer = 7004 GROUP BY 1, 2;
SELECT count(*) FROM grant_consent('7004', '{quote_push}', '{"valid_until": "2999-01-01"}');
SELECT consent, consent & ~(1::bigint << 63) AS bits, quotable, count(*) FROM offer WHERE customer = 7004 GROUP BY 1, 2, 3;
SELECT consent_changed('07004', 0, false), consent_changed('no number', 0, false), consent_changed('99999999999999999999', 0, false), consent_changed('7005', 2, false);
DROP FUNCTION fired CASCADE;

-- Recorded, the trail has those changes: each row's hashes meet
SET ROLE consent_desk;
SELECT protect_table('offer', '{"consent_mask": "consent", "subject_key": "customer", "trail": true}');
RESET ROLE;
UPDATE offer SET note = 'one' WHERE id = 5;
SELECT count(*) FROM withdraw_consent('7005', '{quote_push}');
UPDATE offer SET note = 'two' WHERE id = 5;
SELECT action, acting_role, lag(after_hash) OVER (ORDER BY id) = before_hash AS meets, after_hash = (SELECT row_hash(o) FROM offer o WHERE o.id = 5) AS last
FROM access_trail WHERE rel = 'offer'::regclass AND key = '5' ORDER BY id;
SELECT count(*) FROM grant_consent('7005', '{quote_push}');

-- The same answers as without a mask: changes at random, with times that begin
-- and end meanwhile
CREATE VIEW same AS
SELECT array_agg(id ORDER BY id) = (SELECT array_agg(t.id ORDER BY t.id) FROM twin t) AS same, count(*) BETWEEN 1 AND 200 AS some FROM offer WHERE id < 1000;
ALTER VIEW same SET (security_invoker);
GRANT SELECT ON same TO consent_ann;
CREATE PROCEDURE change(seed float8) LANGUAGE plpgsql AS $$
DECLARE
    span jsonb;
BEGIN
    PERFORM setseed(seed);
    FOR i IN 1 .. 60 LOOP
        span := CASE (random() * 4)::int WHEN 0 THEN jsonb_build_object('valid_until', clock_timestamp() + random() * interval '400 ms' + interval '200 ms')
            WHEN 1 THEN jsonb_build_object('valid_from', clock_timestamp() + random() * interval '400 ms' + interval '200 ms') ELSE '{}' END;
        IF random() < 0.6 THEN
            PERFORM grant_consent((7000 + (random() * 49)::int)::text, ARRAY[CASE WHEN random() < 0.8 THEN 'quote_push' ELSE 'community' END], span);
        ELSE
            PERFORM withdraw_consent((7000 + (random() * 49)::int)::text, '{quote_push}');
        END IF;
        COMMIT;
    END LOOP;
END $$;
CALL change(0.1);
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM same;
SELECT pg_sleep(0.3);
SELECT * FROM same;
SELECT pg_sleep(0.4);
SELECT * FROM same;
RESET SESSION AUTHORIZATION;
CALL change(0.2);
SELECT count(*) > 0 AS overdue FROM consent_state WHERE recheck_at < 'infinity';
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM same;
SELECT pg_sleep(0.7);
SELECT * FROM same;
RESET SESSION AUTHORIZATION;
CALL change(0.3);
SELECT recheck_consent() >= 0 AS swept;
SET SESSION AUTHORIZATION consent_ann;
SELECT * FROM same;
RESET SESSION AUTHORIZATION;
SELECT count(*) AS differ FROM offer o LEFT JOIN consent_state s ON s.subject = o.customer::text
WHERE o.consent IS DISTINCT FROM COALESCE(s.mask | CASE WHEN s.recheck_at < 'infinity' THEN 1::bigint << 63 ELSE 0 END, 0);

-- Without an identity: the same error, and no rows
SET SESSION AUTHORIZATION consent_desk;
SELECT count(*) FROM offer;
SELECT count(*) FROM twin;
RESET SESSION AUTHORIZATION;

-- Plans: parallel, by index
SET SESSION AUTHORIZATION consent_ann;
EXPLAIN (COSTS OFF) SELECT * FROM offer WHERE customer = 7004;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT count(*) FROM offer;
SELECT (SELECT count(*) FROM offer WHERE id < 1000) = (SELECT count(*) FROM twin) AS same;
RESET max_parallel_workers_per_gather;
RESET SESSION AUTHORIZATION;

-- The option scene: rows that are there need the consent, whatever the rules
SET ROLE consent_desk;
CREATE TABLE visit (id int, customer uuid, note text, consent bigint, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (10);
CREATE TABLE visit_2 (consent bigint, note text, customer uuid, id int NOT NULL);
INSERT INTO visit_2 VALUES (0, 'before', '00000000-0000-0000-0000-00000000000A', 10), (64, 'before', '00000000-0000-0000-0000-00000000000B', 11);
CREATE INDEX ON visit (customer);
SELECT create_access_rule('visit', 'all', 'permit', '{select,insert,update,delete}', 'true');
SELECT protect_table('visit', '{"consent_mask": "consent", "subject_key": "customer", "scene": "test_drive"}');
GRANT SELECT, INSERT, UPDATE ON visit, visit_1 TO consent_ann;
RESET ROLE;
SELECT count(*) FROM grant_consent('00000000-0000-0000-0000-00000000000a', '{test_drive}');
SET ROLE consent_desk;
ALTER TABLE visit ATTACH PARTITION visit_2 FOR VALUES FROM (10) TO (20);
CREATE TABLE visit_3 PARTITION OF visit FOR VALUES FROM (20) TO (30);
RESET ROLE;
SET SESSION AUTHORIZATION consent_ann;
INSERT INTO visit VALUES (1, '00000000-0000-0000-0000-00000000000a'), (2, '00000000-0000-0000-0000-00000000000b'), (21, '00000000-0000-0000-0000-00000000000a');
SELECT id, customer, consent FROM visit ORDER BY id;
UPDATE visit SET id = id + 10 WHERE id = 1;
UPDATE visit SET note = 'x';
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM grant_consent('00000000-0000-0000-0000-00000000000b', '{test_drive}');
SELECT count(*) FROM withdraw_consent('00000000-0000-0000-0000-00000000000a', '{test_drive}');
SET SESSION AUTHORIZATION consent_ann;
SELECT id, customer, consent, tableoid::regclass FROM visit ORDER BY id;
SELECT count(*) FROM visit_1;
RESET SESSION AUTHORIZATION;
SELECT id, customer, consent, note, tableoid::regclass FROM visit ORDER BY id;
SELECT tgrelid::regclass, tgenabled FROM pg_trigger WHERE tgname ~ 'mask' AND tgrelid::regclass::text ~ 'visit' ORDER BY 1;

-- What cannot be
SET ROLE consent_desk;
CREATE TABLE plain (a int, b int, c bigint, k numeric, g bigint GENERATED ALWAYS AS (a * 2) STORED, PRIMARY KEY (a, b));
SELECT create_access_rule('plain', 'all', 'permit', '{select}', 'true');
SELECT protect_table('plain', '{"consent_mask": "c"}');
SELECT protect_table('plain', '{"consent_mask": "none", "subject_key": "a"}');
SELECT protect_table('plain', '{"consent_mask": "c", "subject_key": "none"}');
SELECT protect_table('plain', '{"consent_mask": "ctid", "subject_key": "a"}');
SELECT protect_table('plain', '{"consent_mask": "a", "subject_key": "a"}');
SELECT protect_table('plain', '{"consent_mask": "c", "subject_key": "c"}');
SELECT protect_table('plain', '{"consent_mask": "c", "subject_key": "k"}');
SELECT protect_table('plain', '{"consent_mask": "c", "subject_key": "g"}');
SELECT protect_table('plain', '{"consent_mask": "g", "subject_key": "a"}');
SELECT protect_table('plain', '{"consent_mask": "c", "subject_key": "b"}');
SELECT protect_table('plain', '{"subject_key": "a"}');
SELECT protect_table('plain', '{"subject_key": "a", "scene": "none"}');
SELECT protect_table('plain', '{"consent_mask": 1}');
CREATE UNIQUE INDEX plain_c ON plain (c);
SELECT protect_table('plain', '{"consent_mask": "c", "subject_key": "a"}');
DROP INDEX plain_c;
SELECT protect_table('plain', '{"consent_mask": "c", "subject_key": "a"}'), protect_table('plain', '{"consent_mask": "c", "subject_key": "a"}');
ALTER TABLE plain RENAME c TO d;
ALTER TABLE plain RENAME a TO d;
ALTER TABLE plain DROP c;
ALTER TABLE plain ALTER a TYPE numeric;
CREATE TABLE visit_4 (LIKE visit);
ALTER TABLE visit ATTACH PARTITION visit_4 FOR VALUES FROM (40) TO (50);
ALTER TABLE visit DETACH PARTITION visit_4;
SELECT protect_table('plain');
-- Nor is the primary key dropped whose column names the subjects
ALTER TABLE plain DROP CONSTRAINT plain_pkey, ADD PRIMARY KEY (a);
SELECT protect_table('plain', '{"consent_mask": "c"}');
ALTER TABLE plain DROP CONSTRAINT plain_pkey;
SELECT protect_table('plain');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'plain'::regclass;
ALTER TABLE plain DROP c;
-- A trigger by hand tells its maker nothing
CREATE TABLE probe (id int PRIMARY KEY, consent bigint);
CREATE TRIGGER t BEFORE INSERT ON probe FOR EACH ROW EXECUTE FUNCTION keep_consent_mask();
INSERT INTO probe VALUES (4, 0);
DROP TRIGGER t ON probe;
CREATE TRIGGER t AFTER INSERT ON probe FOR EACH ROW EXECUTE FUNCTION keep_consent_mask();
INSERT INTO probe VALUES (4, 0);
DROP TRIGGER t ON probe;
CREATE TRIGGER t BEFORE INSERT ON probe FOR EACH STATEMENT EXECUTE FUNCTION keep_consent_mask();
INSERT INTO probe VALUES (4, 0);
SELECT keep_consent_mask();
SELECT consent_changed('7004', 0, false);
-- No constraint keeps a withdrawal back: neither one that rows are older than,
-- nor one of the mask
RESET ROLE;
SELECT count(*) FROM grant_consent('7001', '{quote_push}');
SET ROLE consent_desk;
ALTER TABLE offer ADD CONSTRAINT stays CHECK (consent <> 0) NOT VALID, ADD CONSTRAINT noted CHECK (note <> '') NOT VALID;
RESET ROLE;
SELECT DISTINCT consent, note FROM offer WHERE customer = 7001;
SELECT count(*) FROM withdraw_consent('7001', '{quote_push,community}');
SELECT DISTINCT consent, quotable, note FROM offer WHERE customer = 7001;
ALTER TABLE offer DROP CONSTRAINT stays, DROP CONSTRAINT noted;
SELECT count(*) FROM grant_consent('7001', '{quote_push}');
-- Rows of an older dump: what is known by now decides, and who is not known
-- allows nothing; masks come first where nobody is known yet
BEGIN;
SET LOCAL row_security = off;
INSERT INTO offer (id, customer, consent) VALUES (2000, 7001, 127), (2001, 999999, 127), (2002, NULL, 127);
SELECT id, consent FROM offer WHERE id >= 2000 ORDER BY id;
SELECT count(*) FROM consent_state WHERE subject = '999999';
DELETE FROM consent_state;
INSERT INTO offer (id, customer, consent) VALUES (2003, 7001, 3);
SELECT id, consent FROM offer WHERE id = 2003;
ROLLBACK;
-- The index is gone: slower, but nothing is missed
DROP INDEX offer_customer;
SELECT count(*) FROM withdraw_consent('7001', '{quote_push,community}');
SELECT DISTINCT consent FROM offer WHERE customer = 7001;

-- A consent mask outside of rules: the ticket must be good
SELECT consent_masked(2, 'quote_push', '\x00');
SELECT consent_masked(NULL, 'quote_push', '\x00') IS NULL AS unknown;

SELECT unprotect_table(t) FROM unnest('{offer,twin,visit}'::regclass[]) AS t;
SELECT count(*) FROM pg_trigger WHERE tgname ~ 'sales_intel' AND tgrelid::regclass::text ~ '^(offer|visit)';
DROP VIEW same;
DROP PROCEDURE change;
DROP OWNED BY consent_desk, consent_ann;
DELETE FROM principal;
DROP ROLE consent_desk, consent_ann;
