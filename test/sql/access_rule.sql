-- Rules and protected tables: what they let whom do, what becomes of them,
-- and what wrong calls get.
SET client_min_messages = warning;
SET search_path = public, sales_intel;
CREATE ROLE access_desk NOLOGIN;
CREATE ROLE access_ann LOGIN;
CREATE ROLE access_bob LOGIN;
CREATE ROLE access_nobody LOGIN;
GRANT CREATE ON SCHEMA public TO access_desk;
GRANT EXECUTE ON FUNCTION create_access_rule(regclass, text, text, text[], text), drop_access_rule(regclass, text),
    protect_table(regclass, jsonb), unprotect_table(regclass) TO access_desk, access_ann;
INSERT INTO principal (principal, login_role) VALUES ('ann', 'access_ann'), ('bob', 'access_bob');
INSERT INTO principal_attribute (principal, attribute, value) VALUES ('ann', 'team', '1'), ('ann', 'team', '2'), ('bob', 'team', '3'),
    ('bob', 'barred', 'north'), ('ann', 'barred', 'south'), ('ann', 'limit', '100'), ('bob', 'limit', 'much');

SET ROLE access_desk;
CREATE TABLE deal (id int PRIMARY KEY, owner_id bigint, region text, amount numeric);
INSERT INTO deal VALUES (1, 1, 'north', 10), (2, 2, 'south', 10), (3, 3, 'north', 10), (4, 3, 'east', 10), (5, 1, NULL, 10), (6, NULL, 'east', 10), (7, 2, 'east', 500);
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON deal TO access_ann, access_bob, access_nobody;

-- Rules may come first.
SELECT create_access_rule('deal', 'own team', 'permit', '{update,select,select,insert}', $$owner_id = ANY(attrs_bigint('team'))$$);
SELECT create_access_rule('deal', 'barred region', 'forbid', '{select}', $$region = attr('barred')$$);
SELECT create_access_rule('deal', 'limit', 'forbid', '{insert,update}', $$amount > attr_number('limit')$$);
SELECT create_access_rule('deal', 'scrap', 'permit', '{delete}', $$amount < 1$$);
SET ROLE access_ann;
SELECT count(*) AS before_protection FROM public.deal;
SET ROLE access_desk;
SELECT protect_table('deal');
SELECT protect_table('deal', '{"empty": false, "form": "plain"}') AS again;
SELECT polname, polpermissive, polcmd, polroles = '{0}' AS everybody, pg_get_expr(polqual, polrelid) AS qual,
    pg_get_expr(polqual, polrelid) = pg_get_expr(polwithcheck, polrelid) AS checks_the_same, polqual IS NULL AS insert
FROM pg_policy WHERE polrelid = 'deal'::regclass ORDER BY polname;
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'deal'::regclass;
SELECT count(*) AS owner_without_identity FROM deal;
RESET ROLE;
SELECT rel, name, effect, actions, condition, created_by FROM access_rule ORDER BY name COLLATE "C";
SELECT rel, options, protected_by FROM protected_table;

-- Who sees what; NULL denies, in what permits (6) and in what forbids (5).
SET SESSION AUTHORIZATION access_ann;
SELECT id FROM deal ORDER BY id;
SET SESSION AUTHORIZATION access_bob;
SELECT id FROM deal ORDER BY id;
SET SESSION AUTHORIZATION access_nobody;
SELECT count(*) FROM deal;
INSERT INTO deal VALUES (8, 1, 'east', 1);

-- A row is not moved out of scope, nor one brought in; an error denies.
SET SESSION AUTHORIZATION access_ann;
UPDATE deal SET owner_id = 3;
UPDATE deal SET owner_id = 3 WHERE id = 1;
UPDATE deal SET amount = 101 WHERE id = 1;
UPDATE deal SET owner_id = 2 WHERE id = 1 RETURNING *;
UPDATE deal SET amount = 5 WHERE id IN (3, 7) RETURNING *;
INSERT INTO deal VALUES (8, 3, 'east', 1);
INSERT INTO deal VALUES (8, 2, 'east', 1000);
INSERT INTO deal VALUES (8, 2, 'east', 0.5), (9, 2, 'south', 0.5);
DELETE FROM deal RETURNING *;
SELECT id FROM deal ORDER BY id FOR UPDATE;
SET SESSION AUTHORIZATION access_bob;
INSERT INTO deal VALUES (10, 3, 'east', 1);

-- A permissive policy of somebody else's does not widen it, a restrictive one
-- narrows it; both stay his.
RESET SESSION AUTHORIZATION;
SET ROLE access_desk;
CREATE POLICY wide ON deal USING (true) WITH CHECK (true);
CREATE POLICY wide_bob ON deal TO access_bob USING (true) WITH CHECK (true);
CREATE POLICY narrow ON deal AS RESTRICTIVE FOR SELECT USING (id <> 4);
SET SESSION AUTHORIZATION access_bob;
SELECT count(*) FROM public.deal;
RESET SESSION AUTHORIZATION;
SET ROLE access_desk;
DROP POLICY narrow ON deal;

-- Any change of rules is in force at once, and undone with its transaction.
BEGIN;
SELECT drop_access_rule('deal', 'own team');
RESET ROLE;
SET SESSION AUTHORIZATION access_ann;
SELECT count(*) AS without_permit FROM public.deal;
RESET SESSION AUTHORIZATION;
ROLLBACK;
SET ROLE access_desk;
SELECT create_access_rule('deal', 'small', 'permit', '{select}', 'amount < 5');
SET SESSION AUTHORIZATION access_ann;
SELECT id FROM deal ORDER BY id;
RESET SESSION AUTHORIZATION;
SET ROLE access_desk;
SELECT drop_access_rule('deal', 'small');

-- What rules need cannot go; renamed tables and other columns may.
ALTER TABLE deal RENAME TO offer;
ALTER TABLE offer ADD note text;
ALTER TABLE offer DROP note;
ALTER TABLE offer RENAME COLUMN region TO area;
ALTER TABLE offer DROP COLUMN region;
ALTER TABLE offer DROP COLUMN region CASCADE;
ALTER TABLE offer ALTER COLUMN region TYPE varchar(20);
ALTER TABLE offer RENAME TO deal;
SELECT create_access_rule('deal', 'small', 'permit', '{select}', 'amount < 5') AS rewritten, drop_access_rule('deal', 'small') AS again;
DROP POLICY sales_intel_select ON deal;
BEGIN;
DROP POLICY sales_intel_select ON deal CASCADE;
SELECT count(*) AS policies_of_select FROM pg_policy WHERE polrelid = 'deal'::regclass AND polname ~ 'sales_intel_select';
SELECT protect_table('deal') AS repaired;
SELECT count(*) AS policies_of_select FROM pg_policy WHERE polrelid = 'deal'::regclass AND polname ~ 'sales_intel_select';
ROLLBACK;

-- What the rules need of the extension goes only with what permits.
RESET ROLE;
BEGIN;
DROP EXTENSION sales_intel CASCADE;
SELECT count(*) FILTER (WHERE polname ~ 'sales_intel_(select|insert|update)') AS left_over FROM pg_policy WHERE polrelid = 'deal'::regclass;
ROLLBACK;
-- A restored policy is tied again.
SET ROLE access_desk;
BEGIN;
DROP POLICY sales_intel_select_permissive ON deal;
CREATE POLICY sales_intel_select_permissive ON deal FOR SELECT USING (true);
DROP POLICY sales_intel_select ON deal;
ROLLBACK;

-- A new owner is bound as the old one was.
RESET ROLE;
ALTER TABLE deal OWNER TO access_ann;
SET SESSION AUTHORIZATION access_ann;
SELECT id FROM deal ORDER BY id;
RESET SESSION AUTHORIZATION;
SET ROLE access_desk;
SELECT drop_access_rule('deal', 'limit');
RESET ROLE;
ALTER TABLE deal OWNER TO access_desk;
GRANT SELECT ON deal TO access_ann;

-- Unprotected: other policies stay, and so does row security with them.
SET ROLE access_desk;
SELECT unprotect_table('deal');
SELECT polname FROM pg_policy WHERE polrelid = 'deal'::regclass ORDER BY polname;
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'deal'::regclass;
SELECT protect_table('deal');
DROP POLICY wide ON deal;
DROP POLICY wide_bob ON deal;
SELECT unprotect_table('deal');
SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = 'deal'::regclass;

-- The form for a distributed engine has no subqueries.
SELECT protect_table('deal', '{"form": "citus"}');
SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 'deal'::regclass AND polname = 'sales_intel_select';
SET SESSION AUTHORIZATION access_ann;
SELECT id FROM deal ORDER BY id;
RESET SESSION AUTHORIZATION;

-- Wrong calls leave everything as it was.
SET ROLE access_desk;
SELECT create_access_rule('deal', 'own team', 'permit', '{select}', 'true');
SELECT create_access_rule('deal', 'x', 'allow', '{select}', 'true');
SELECT create_access_rule('deal', 'x', 'Permit', '{select}', 'true');
SELECT create_access_rule('deal', 'x', 'permit', '{select,truncate}', 'true');
SELECT create_access_rule('deal', 'x', 'permit', '{}', 'true');
SELECT create_access_rule('deal', 'x', 'permit', '{NULL}', 'true');
SELECT create_access_rule('deal', '', 'permit', '{select}', 'true');
SELECT create_access_rule('deal', repeat('x', 256), 'permit', '{select}', 'true');
SELECT create_access_rule('deal', 'x', 'permit', NULL, 'true');
SELECT create_access_rule('deal', 'x', 'permit', '{select}', 'amount');
SELECT create_access_rule('deal', 'x', 'permit', '{select}', 'price > 1');
SELECT create_access_rule('deal', 'x', 'permit', '{select}', 'amount > (SELECT 1)');
SELECT create_access_rule('nowhere', 'x', 'permit', '{select}', 'true');
SELECT create_access_rule(4711, 'x', 'permit', '{select}', 'true');
SELECT drop_access_rule('deal', 'x');
SELECT drop_access_rule('deal', NULL);
SELECT protect_table('deal', NULL);
SELECT protect_table('deal', '{"form": "spanner"}');
SELECT protect_table('deal', '{"mask": "mask"}');
SELECT protect_table('deal', '[]');
SELECT protect_table(NULL);
SELECT unprotect_table(NULL);
RESET ROLE;
SELECT name, effect, actions FROM access_rule ORDER BY name COLLATE "C";
SELECT rel, options FROM protected_table;

-- Not the owner's: nothing
SET ROLE access_ann;
SELECT create_access_rule('deal', 'mine', 'permit', '{select}', 'true');
SELECT drop_access_rule('deal', 'own team');
SELECT protect_table('deal');
SELECT unprotect_table('deal');
SET ROLE access_bob;
SELECT protect_table('deal');
SELECT follow_ddl();
SELECT follow_drop();
INSERT INTO access_rule VALUES ('deal', 'mine', 'permit', '{select}', 'true');

-- What cannot be protected
RESET ROLE;
SET ROLE access_desk;
CREATE TABLE keyless (id int);
SELECT create_access_rule('keyless', 'all', 'permit', '{select}', 'true');
SELECT protect_table('keyless');
CREATE TABLE silent (id int PRIMARY KEY);
SELECT protect_table('silent');
SELECT create_access_rule('silent', 'not one', 'forbid', '{select}', 'id = 1');
SELECT protect_table('silent');
SELECT protect_table('silent', '{"empty": true}') AS empty;
SELECT unprotect_table('silent');
SELECT unprotect_table('silent');
CREATE POLICY sales_intel_delete ON silent USING (true);
SELECT protect_table('silent', '{"empty": true}');
SELECT unprotect_table('silent');
CREATE VIEW a_view AS SELECT 1 AS id;
CREATE MATERIALIZED VIEW a_matview AS SELECT 1 AS id;
CREATE SEQUENCE a_sequence;
CREATE TYPE a_type AS (id int);
CREATE TEMP TABLE a_temp (id int PRIMARY KEY);
CREATE TABLE a_parent (id int PRIMARY KEY);
CREATE TABLE a_child (PRIMARY KEY (id)) INHERITS (a_parent);
RESET ROLE;
CREATE FOREIGN DATA WRAPPER a_wrapper;
CREATE SERVER a_server FOREIGN DATA WRAPPER a_wrapper;
CREATE FOREIGN TABLE a_foreign (id int) SERVER a_server;
SELECT protect_table('a_view');
SELECT protect_table('a_matview');
SELECT protect_table('a_sequence');
SELECT protect_table('a_type');
SELECT protect_table('a_temp');
SELECT protect_table('a_parent');
SELECT protect_table('a_child');
SELECT protect_table('a_foreign');
SELECT protect_table('deal_pkey');
SELECT protect_table('pg_class');
SELECT protect_table('information_schema.sql_parts');
SELECT protect_table('sales_intel.principal');
SELECT create_access_rule('a_view', 'x', 'permit', '{select}', 'true');
SELECT create_access_rule('sales_intel.principal', 'x', 'permit', '{select}', 'true');

-- A protected table does not begin to inherit, from either side.
CREATE TABLE a_son () INHERITS (deal);
CREATE FOREIGN TABLE a_far () INHERITS (deal) SERVER a_server;
CREATE TABLE a_like (LIKE deal);
ALTER TABLE a_like INHERIT deal;
ALTER TABLE deal INHERIT a_like;

-- Rules go with their table, and with its schema; not with a failed drop.
BEGIN;
DROP TABLE deal;
SELECT count(*) FROM access_rule WHERE name IN ('own team', 'barred region');
ROLLBACK;
SELECT count(*) FROM access_rule WHERE name IN ('own team', 'barred region');
CREATE SCHEMA away;
GRANT USAGE ON SCHEMA away TO access_desk;
ALTER TABLE deal SET SCHEMA away;
SELECT create_access_rule('away.deal', 'x', 'permit', '{delete}', 'true') AS elsewhere;
DROP SCHEMA away CASCADE;
SELECT rel, name FROM access_rule ORDER BY name;
SELECT count(*) FROM protected_table;

SET client_min_messages = error;
DROP FOREIGN DATA WRAPPER a_wrapper CASCADE;
DROP TABLE a_like, a_parent, a_child, a_temp;
DROP OWNED BY access_desk, access_ann, access_bob, access_nobody CASCADE;
SELECT count(*) AS left_over FROM access_rule;
DELETE FROM principal;
DROP ROLE access_desk, access_ann, access_bob, access_nobody;
