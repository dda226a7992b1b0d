-- The trail: who wrote which row, and that nobody can make it say otherwise.
SET search_path = public, sales_intel;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
SELECT COALESCE(max(id), 0) AS start FROM access_trail \gset
CREATE ROLE trail_owner NOLOGIN;
CREATE ROLE trail_ann LOGIN;
CREATE ROLE trail_eve LOGIN;
CREATE ROLE trail_pool LOGIN;
CREATE ROLE trail_helper NOLOGIN;
GRANT CREATE ON SCHEMA public TO trail_owner, trail_eve, trail_helper;
GRANT trail_owner TO CURRENT_USER;
SELECT count(*) FROM grant_role('table_owner', 'trail_owner') WHERE grant_role LIKE '%record_%';
SELECT g FROM grant_role('app', 'trail_pool') AS g WHERE g ~ 'identity|token|nonce';
INSERT INTO principal (principal, login_role, token_only) VALUES ('ann', 'trail_ann', false), ('pool', 'trail_pool', true), ('bob', NULL, false);
INSERT INTO project (project) VALUES ('alpha');
INSERT INTO project_member (project, principal) VALUES ('alpha', 'bob');
INSERT INTO signing_key (kid, secret) VALUES ('trail', sha256('trail'));

-- The extension's own tables are recorded from the start.
SELECT rel, key, action, principal, acting_role = CURRENT_USER AS mine FROM access_trail WHERE id > :start ORDER BY id;
CREATE VIEW entry AS
SELECT rel, table_name, key, new_key, action, principal, session_role, acting_role, project, purpose, before_hash IS NOT NULL AS before, after_hash IS NOT NULL AS after
FROM access_trail
WHERE id > (SELECT max(id) FROM access_trail WHERE rel = 'signing_key'::regclass)
ORDER BY id;
GRANT SELECT ON entry TO PUBLIC;

SET ROLE trail_owner;
CREATE TABLE deal (id bigint PRIMARY KEY, name text, amount numeric);
CREATE TABLE part (region text, id integer, v float8, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
CREATE TABLE part_n PARTITION OF part FOR VALUES IN ('north', 'a "b"');
GRANT SELECT, INSERT, UPDATE, DELETE ON deal, part TO trail_ann, trail_pool, trail_helper, trail_eve;
SELECT record_writes('deal'), record_writes('part');
CREATE TABLE part_s (v float8, id integer NOT NULL, region text NOT NULL);
ALTER TABLE part ATTACH PARTITION part_s FOR VALUES IN ('south');
RESET ROLE;

-- By login, by token, by nobody
SET SESSION AUTHORIZATION trail_ann;
INSERT INTO deal VALUES (1, 'one', 10), (2, 'two', 20);
UPDATE deal SET amount = 11 WHERE id = 1;
UPDATE deal SET id = 3 WHERE id = 2;
DELETE FROM deal WHERE id = 3;
INSERT INTO deal VALUES (1, 'one', 12) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount;
RESET SESSION AUTHORIZATION;
SELECT sign_token('trail', jsonb_build_object('sub', 'bob', 'aud', token_audience(), 'prj', 'alpha', 'pur', 'service',
    'iat', extract(epoch FROM clock_timestamp())::bigint, 'exp', extract(epoch FROM clock_timestamp())::bigint + 60, 'jti', gen_random_uuid())) AS token \gset
SET SESSION AUTHORIZATION trail_pool;
BEGIN;
INSERT INTO deal VALUES (4, 'before the token', 1);
SELECT begin_identity(:'token');
INSERT INTO deal VALUES (5, 'with it', 1);
COMMIT;
INSERT INTO deal VALUES (6, 'after it', 1);
RESET SESSION AUTHORIZATION;
-- Partitions, wherever the row goes; the key as a row literal
SET SESSION AUTHORIZATION trail_ann;
INSERT INTO part VALUES ('north', 1, 0.1), ('south', 2, 0.2), ('a "b"', 3, NULL);
UPDATE part SET region = 'south' WHERE id = 1;
UPDATE part SET v = 1 WHERE id = 2;
RESET SESSION AUTHORIZATION;
SELECT * FROM entry;

-- Administrators may add columns and indexes of columns, not other ones
BEGIN;
ALTER TABLE access_trail ADD ticket text, ADD remark text;
CREATE INDEX ON access_trail (principal);
INSERT INTO deal VALUES (8, 'eight', 8);
CREATE INDEX odd ON access_trail (lower(principal));
SAVEPOINT s;
INSERT INTO deal VALUES (9, 'nine', 9);
ROLLBACK TO s;
DROP INDEX odd;
CREATE INDEX odd ON access_trail (key) WHERE principal IS NULL;
SELECT purge_access_trail('2000-01-01');
ROLLBACK;

-- What is rolled back is not there.
BEGIN;
SAVEPOINT s;
INSERT INTO deal VALUES (9, 'nine', 9);
ROLLBACK TO s;
COMMIT;
SELECT count(*) FROM entry WHERE key = '9';

-- A SECURITY DEFINER function, and a foreign key: whose transaction, which role
SET ROLE trail_helper;
CREATE FUNCTION raise_amount() RETURNS void SECURITY DEFINER LANGUAGE SQL SET search_path = public, pg_temp BEGIN ATOMIC UPDATE deal SET amount = amount + 1 WHERE id = 4; END;
RESET ROLE;
SET ROLE trail_owner;
CREATE TABLE note (id integer PRIMARY KEY, deal bigint REFERENCES deal ON DELETE CASCADE);
INSERT INTO note VALUES (1, 4);
SELECT record_writes('note');
RESET ROLE;
SET SESSION AUTHORIZATION trail_ann;
SELECT raise_amount();
DELETE FROM deal WHERE id = 4;
RESET SESSION AUTHORIZATION;
SELECT rel, key, action, principal, session_role, acting_role FROM (SELECT * FROM entry OFFSET 14) AS t;

-- TRUNCATE, of the whole and of a part
TRUNCATE part;
TRUNCATE part_n;
SELECT * FROM entry OFFSET 17;

-- The hash: of the row as it was and became, whatever the settings
SELECT t.action, t.after_hash = row_hash(d) AS after
FROM access_trail AS t JOIN deal AS d ON t.key = d.id::text
WHERE t.rel = 'deal'::regclass AND t.id = (SELECT max(id) FROM access_trail WHERE rel = 'deal'::regclass AND key = t.key)
ORDER BY t.key;
SELECT bool_and(later.before_hash = earlier.after_hash) AS chained, count(*)
FROM access_trail AS earlier
JOIN access_trail AS later ON later.rel = earlier.rel AND later.key = earlier.key AND later.id = (
    SELECT min(id) FROM access_trail WHERE rel = earlier.rel AND key = earlier.key AND id > earlier.id)
WHERE earlier.rel = 'deal'::regclass AND earlier.action <> 'delete' AND later.action <> 'insert';
CREATE FUNCTION field(t text) RETURNS bytea RETURN int8send(octet_length(t)) || convert_to(t, 'UTF8');
SELECT row_hash(r) = sha256('sales_intel/row/1'::bytea || field('a') || '\x01'::bytea || field('x') || field('b') || '\x00'::bytea || field('n') || '\x01'::bytea || field('7')) AS by_hand
FROM (SELECT 7 AS n, NULL::int AS b, 'x' AS a) AS r;
CREATE TYPE colour AS ENUM ('red', 'blue');
CREATE TYPE pair AS (at timestamptz, cash money);
CREATE TABLE typed (id integer PRIMARY KEY, at timestamptz, day date, gap interval, f float8, bytes bytea, list timestamptz[], during tstzrange,
    rel regclass, cash money, c colour, p pair, j jsonb, gone integer);
INSERT INTO typed VALUES (1, '2024-05-01 12:00+02', '2024-05-01', '1 day 02:03:04', 0.1::float8 + 0.2, '\x01ff', '{2024-01-01 00:00Z}', '[2024-01-01 00:00Z,)',
    'deal', 12.5, 'red', ROW('2024-01-01 00:00Z', 3.5), '{"a": 1.50}', 1);
ALTER TABLE typed DROP COLUMN gone;
CREATE TABLE hash AS SELECT row_hash(typed) AS h FROM typed;
SELECT row_hash(typed) = h FROM typed, hash;
SET DateStyle = 'German';
SET IntervalStyle = 'sql_standard';
SET TimeZone = 'Asia/Tokyo';
SET extra_float_digits = -3;
SET bytea_output = 'escape';
SET search_path = sales_intel;
SET quote_all_identifiers = on;
SELECT row_hash(typed) = h AS same, at, f FROM public.typed, public.hash;
SHOW DateStyle;
SHOW TimeZone;
SHOW quote_all_identifiers;
RESET ALL;
SET search_path = public, sales_intel;
SET client_min_messages = warning;
-- The order of columns does not count, their names and values do
SELECT row_hash(a) = row_hash(b) AS order_free FROM (SELECT 1 AS x, 2 AS y) AS a, (SELECT 2 AS y, 1 AS x) AS b;
SELECT row_hash(a) = row_hash(b) AS swapped FROM (SELECT 1 AS x, 2 AS y) AS a, (SELECT 1 AS y, 2 AS x) AS b;
SELECT row_hash(a) = row_hash(b) AS null_is_empty FROM (SELECT NULL::text AS x) AS a, (SELECT ''::text AS x) AS b;
SELECT row_hash(a) = row_hash(b) AS shifted FROM (SELECT 'ab' AS x, 'c' AS y) AS a, (SELECT 'a' AS x, 'bc' AS y) AS b;
SELECT count(DISTINCT row_hash(r)) FROM (SELECT i, i % 2 AS n FROM generate_series(1, 1000) AS i) AS r;

-- #61: entries stay, for the owner, too
UPDATE access_trail SET principal = 'eve';
DELETE FROM access_trail WHERE principal = 'ann';
TRUNCATE access_trail;
SET session_replication_role = replica;
DELETE FROM access_trail;
RESET session_replication_role;
INSERT INTO access_trail (at, rel, table_name, action, session_role, acting_role, xid) SELECT '2001-01-01', 'deal', 'public.deal', 'insert', 'x', 'x', '1' FROM generate_series(1, 3);
SELECT purge_access_trail('2002-01-01');
SELECT count(*) FROM access_trail WHERE at < '2002-01-01';
SELECT rel, action, acting_role = CURRENT_USER AS mine FROM access_trail ORDER BY id DESC LIMIT 1;
SELECT purge_access_trail('infinity');
SELECT purge_access_trail(NULL);

-- Who may do what: nothing is anybody's
SET SESSION AUTHORIZATION trail_eve;
SELECT count(*) FROM access_trail;
INSERT INTO access_trail (at, rel, table_name, action, session_role, acting_role, xid) VALUES (now(), 'deal', 'x', 'insert', 'x', 'x', '1');
SELECT nextval('access_trail_id_seq');
SELECT record_writes('deal');
CREATE TEMP TABLE mine (id integer PRIMARY KEY);
CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION record_access();
RESET SESSION AUTHORIZATION;
GRANT EXECUTE ON FUNCTION purge_access_trail(timestamptz) TO trail_eve;
GRANT EXECUTE ON FUNCTION record_access(), record_writes(regclass), stop_recording(regclass), keep_trail() TO trail_eve;
SET SESSION AUTHORIZATION trail_eve;
SELECT purge_access_trail('2002-01-01');
-- #41: trigger functions called from SQL, or by other triggers than they are made for
SELECT record_access();
SELECT keep_trail();
CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION record_access();
INSERT INTO mine VALUES (1);
CREATE TABLE own (id integer PRIMARY KEY, v text);
CREATE TRIGGER t BEFORE INSERT ON own FOR EACH ROW EXECUTE FUNCTION record_access();
INSERT INTO own VALUES (1);
DROP TRIGGER t ON own;
CREATE TRIGGER t AFTER INSERT ON own EXECUTE FUNCTION record_access();
INSERT INTO own VALUES (1);
DROP TRIGGER t ON own;
CREATE CONSTRAINT TRIGGER t AFTER INSERT ON own DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION record_access();
INSERT INTO own VALUES (1);
DROP TRIGGER t ON own;
CREATE VIEW seen AS SELECT * FROM own;
CREATE TRIGGER t INSTEAD OF INSERT ON seen FOR EACH ROW EXECUTE FUNCTION record_access();
INSERT INTO seen VALUES (1);
DROP VIEW seen;
-- What remains: the truth about a table of hers, with arguments or without
CREATE TRIGGER t AFTER INSERT ON own FOR EACH ROW EXECUTE FUNCTION record_access('deal', 'ann');
INSERT INTO own VALUES (1);
-- #36: the right to write a table is not the right to record it, or to stop
SELECT record_writes('deal');
SELECT stop_recording('deal');
ALTER TABLE deal DISABLE TRIGGER sales_intel_record;
-- A setting is no way around
SET row_security = off;
INSERT INTO deal VALUES (77, 'quietly', 7);
RESET row_security;
SET session_replication_role = replica;
RESET SESSION AUTHORIZATION;
SELECT rel, key, action, principal, session_role, acting_role FROM access_trail ORDER BY id DESC LIMIT 2;
-- but in a restore by the trail's owner nothing is written twice
SET row_security = off;
INSERT INTO deal VALUES (78, 'restored', 7);
RESET row_security;
SELECT count(*) FROM access_trail WHERE key = '78';

-- nor does a function lend that.
CREATE FUNCTION lend() RETURNS void SECURITY DEFINER LANGUAGE SQL SET search_path = public, pg_temp BEGIN ATOMIC INSERT INTO deal VALUES (80, 'lent', 7); END;
SET SESSION AUTHORIZATION trail_eve;
SET row_security = off;
SELECT lend();
RESET row_security;
RESET SESSION AUTHORIZATION;
SELECT key, session_role, acting_role = CURRENT_USER AS mine FROM access_trail ORDER BY id DESC LIMIT 1;
DROP FUNCTION lend;

-- With protection, on present and future partitions, and without it
SET ROLE trail_owner;
SELECT create_access_rule('part', 'all', 'permit', '{select,insert,update,delete}', 'true');
SELECT stop_recording('part');
SELECT protect_table('part', '{"trail": true}');
CREATE TABLE part_w PARTITION OF part FOR VALUES IN ('west');
CREATE TABLE part_e (LIKE part);
ALTER TABLE part ATTACH PARTITION part_e FOR VALUES IN ('east');
CREATE VIEW recorded AS
SELECT tgrelid::regclass AS rel, string_agg(tgname, ', ' ORDER BY tgname) AS triggers
FROM pg_trigger WHERE tgfoid = 'record_access'::regproc AND tgrelid::regclass::text LIKE 'part%' GROUP BY 1 ORDER BY 1::text COLLATE "C";
SELECT * FROM recorded ORDER BY rel::text COLLATE "C";
SELECT protect_table('part');
SELECT count(*) FROM recorded;
SELECT protect_table('part', '{"trail": true}');
SELECT count(*) FROM recorded;
SELECT unprotect_table('part');
SELECT count(*) FROM recorded;
SELECT drop_access_rule('part', 'all');
SELECT record_writes('part');
DROP VIEW recorded;
RESET ROLE;
-- Who wrote the rules is in the trail, too.
SELECT rel, key, action, session_role = CURRENT_USER AS mine FROM access_trail WHERE id > :start AND rel IN ('access_rule'::regclass, 'protected_table'::regclass) ORDER BY id;

-- What cannot be recorded
CREATE VIEW v AS SELECT 1 AS id;
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS id;
CREATE TABLE bare (id integer);
CREATE TABLE parent (id integer PRIMARY KEY);
CREATE TABLE child () INHERITS (parent);
CREATE TEMP TABLE passing (id integer PRIMARY KEY);
SELECT record_writes('v');
SELECT record_writes('mv');
SELECT record_writes('bare');
SELECT record_writes('parent');
SELECT record_writes('passing');
SELECT record_writes('pg_class');
SELECT record_writes('access_trail');
SELECT record_writes(NULL);
SELECT record_writes(1);
SELECT record_writes('part_n');
-- A long key by its digest
CREATE TABLE long (a text, b text, PRIMARY KEY (a, b));
SELECT record_writes('long');
INSERT INTO long VALUES (repeat('"', 1200), ''), (repeat('a', 995), ''), (repeat('a', 996), '');
SELECT key = format('(%s,"")', a) AS plain, key = 'sha256:' || encode(sha256(format('(%s,"")', a)::bytea), 'hex') AS digest,
    key = 'sha256:' || encode(sha256(format('("%s","")', repeat(a, 2))::bytea), 'hex') AS quoted
FROM access_trail JOIN long ON after_hash = row_hash(long) WHERE rel = 'long'::regclass ORDER BY id;
-- Names are names.
CREATE TABLE "a""; DROP TABLE deal; --" (id integer PRIMARY KEY);
SELECT record_writes('"a""; DROP TABLE deal; --"');
INSERT INTO "a""; DROP TABLE deal; --" VALUES (1);
SELECT table_name, key FROM access_trail ORDER BY id DESC LIMIT 1;
SELECT stop_recording('"a""; DROP TABLE deal; --"');

-- Stop
SELECT stop_recording('deal');
SELECT stop_recording('deal');
SELECT stop_recording(NULL);
SELECT stop_recording('part_n');
SELECT stop_recording('part');
SELECT count(*) FROM pg_trigger WHERE tgfoid = 'record_access'::regproc AND tgrelid::regclass::text LIKE 'part%';
INSERT INTO deal VALUES (79, 'unseen', 7);
SELECT count(*) FROM access_trail WHERE key = '79';
-- It outlives the table, by name
DROP TABLE note;
SELECT table_name, count(*) FROM access_trail WHERE table_name = 'public.note' GROUP BY 1;

DROP VIEW v, entry;
DROP MATERIALIZED VIEW mv;
DROP FUNCTION raise_amount, field;
DROP TABLE deal, part, typed, hash, own, bare, child, parent, passing, long, "a""; DROP TABLE deal; --";
DROP TYPE pair, colour;
DELETE FROM principal;
DELETE FROM project;
DELETE FROM signing_key;
DROP OWNED BY trail_owner, trail_ann, trail_eve, trail_pool, trail_helper;
DROP ROLE trail_owner, trail_ann, trail_eve, trail_pool, trail_helper;
