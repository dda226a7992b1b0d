-- Protected tables with partitions: those that are there, those to come, by
-- whatever way and whoever makes them.
SET client_min_messages = warning;
SET search_path = public, sales_intel;
CREATE ROLE access_desk NOLOGIN;
CREATE ROLE access_junior NOLOGIN;
CREATE ROLE access_ann LOGIN;
GRANT access_desk TO access_junior;
GRANT CREATE ON SCHEMA public TO access_desk, access_junior;
GRANT CREATE ON DATABASE contrib_regression TO access_desk;
GRANT EXECUTE ON FUNCTION create_access_rule(regclass, text, text, text[], text), drop_access_rule(regclass, text),
    protect_table(regclass, jsonb), unprotect_table(regclass) TO access_desk;
INSERT INTO principal (principal, login_role) VALUES ('ann', 'access_ann');
INSERT INTO principal_attribute (principal, attribute, value) VALUES ('ann', 'region', 'north');

SET ROLE access_desk;
CREATE TABLE visit (id int, day date, region text, gone text, PRIMARY KEY (id, day, region)) PARTITION BY RANGE (day);
ALTER TABLE visit DROP gone;
CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
-- Columns in another order
CREATE TABLE visit_2 (region text NOT NULL, day date NOT NULL, id int NOT NULL);
ALTER TABLE visit ATTACH PARTITION visit_2 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE visit_3 PARTITION OF visit FOR VALUES FROM ('2024-03-01') TO ('2024-04-01') PARTITION BY LIST (region);
CREATE TABLE visit_3n PARTITION OF visit_3 FOR VALUES IN ('north');
INSERT INTO visit SELECT i, date '2024-01-01' + i, CASE WHEN i % 2 = 0 THEN 'north' ELSE 'south' END FROM generate_series(0, 59) i;
INSERT INTO visit VALUES (60, '2024-03-02', 'north');
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO access_ann;
SELECT create_access_rule('visit', 'own region', 'permit', '{select,insert,update}', $$region = attr('region')$$);
SELECT protect_table('visit');

-- What is true of every member of the tree
CREATE VIEW tree AS
SELECT c.oid::regclass AS member, relrowsecurity AND relforcerowsecurity AS forced, pg_get_userbyid(relowner) AS owner,
    (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
    (SELECT pg_get_expr(polqual, polrelid) FROM pg_policy p WHERE p.polrelid = c.oid AND polname = 'sales_intel_select') AS qual
FROM pg_partition_tree('visit') t JOIN pg_class c ON c.oid = t.relid;
SELECT * FROM tree ORDER BY member::text COLLATE "C";
SET SESSION AUTHORIZATION access_ann;
SELECT count(*), min(region), max(region) FROM visit;
SELECT count(*), min(region), max(region) FROM visit_1;
SELECT count(*), min(region), max(region) FROM visit_2;
SELECT count(*), min(region), max(region) FROM visit_3n;
INSERT INTO visit_2 VALUES ('south', '2024-02-02', 100);
UPDATE visit SET region = 'south' WHERE id = 60;
UPDATE visit SET day = '2024-02-20' WHERE id = 60 RETURNING tableoid::regclass;
RESET SESSION AUTHORIZATION;
SET ROLE access_desk;

-- To come: made in place, in a schema's definition, attached with a past, a
-- whole subtree, by a member of the owner.
CREATE TABLE visit_4 PARTITION OF visit FOR VALUES FROM ('2024-04-01') TO ('2024-05-01');
CREATE SCHEMA access_more CREATE TABLE visit_5 PARTITION OF public.visit FOR VALUES FROM ('2024-05-01') TO ('2024-06-01');
CREATE TABLE visit_6 (LIKE visit);
INSERT INTO visit_6 VALUES (200, '2024-06-01', 'south');
CREATE TABLE visit_7 (LIKE visit) PARTITION BY LIST (region);
CREATE TABLE visit_7s PARTITION OF visit_7 FOR VALUES IN ('south');
ALTER TABLE visit ATTACH PARTITION visit_6 FOR VALUES FROM ('2024-06-01') TO ('2024-07-01');
ALTER TABLE visit ATTACH PARTITION visit_7 FOR VALUES FROM ('2024-07-01') TO ('2024-08-01');
RESET ROLE;
SET ROLE access_junior;
CREATE TABLE visit_8 PARTITION OF visit FOR VALUES FROM ('2024-08-01') TO ('2024-09-01');
CREATE TEMP TABLE visit_9 (id int);
CREATE TABLE public.visit_9 PARTITION OF visit DEFAULT;
RESET ROLE;
DROP TABLE pg_temp.visit_9;
CREATE FOREIGN DATA WRAPPER access_wrapper;
CREATE SERVER access_server FOREIGN DATA WRAPPER access_wrapper;
ALTER TABLE visit DETACH PARTITION visit_9;
DROP TABLE visit_9;
CREATE FOREIGN TABLE visit_9 PARTITION OF visit DEFAULT SERVER access_server;
SELECT member, forced, owner, policies, qual = (SELECT qual FROM tree WHERE member = 'visit'::regclass) AS same FROM tree ORDER BY member::text COLLATE "C";
GRANT SELECT ON visit_6 TO access_ann;
SET SESSION AUTHORIZATION access_ann;
SELECT count(*) AS south FROM visit_6;
RESET SESSION AUTHORIZATION;

-- A change of rules reaches all of them.
SET ROLE access_desk;
SELECT create_access_rule('visit', 'not on Sundays', 'forbid', '{select}', 'extract(dow FROM day) = 0');
RESET ROLE;
SELECT count(DISTINCT qual), bool_and(qual ~ 'dow') FROM tree;
-- The owner of a partition may be another one; the rules are the parent's owner's.
ALTER TABLE visit_4 OWNER TO access_ann;
SET ROLE access_desk;
SELECT drop_access_rule('visit', 'not on Sundays');
RESET ROLE;
SELECT drop_access_rule('visit', 'not on Sundays');
SELECT count(DISTINCT qual), bool_or(qual ~ 'dow') FROM tree;
ALTER TABLE visit_4 OWNER TO access_desk;

-- Detached, it keeps the policies that it has; attached again, it gets those of now.
SET ROLE access_desk;
ALTER TABLE visit DETACH PARTITION visit_1;
SELECT create_access_rule('visit', 'not on Sundays', 'forbid', '{select}', 'extract(dow FROM day) = 0');
SELECT polname, pg_get_expr(polqual, polrelid) ~ 'dow' AS new FROM pg_policy WHERE polrelid = 'visit_1'::regclass AND polname = 'sales_intel_select';
SET SESSION AUTHORIZATION access_ann;
SELECT count(*), min(region), max(region) FROM visit_1;
RESET SESSION AUTHORIZATION;
SET ROLE access_desk;
ALTER TABLE visit ATTACH PARTITION visit_1 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
SELECT polname, pg_get_expr(polqual, polrelid) ~ 'dow' AS new FROM pg_policy WHERE polrelid = 'visit_1'::regclass AND polname = 'sales_intel_select';
ALTER TABLE visit DETACH PARTITION visit_2;
SELECT create_access_rule('visit_2', 'all', 'permit', '{select}', 'true');
SELECT protect_table('visit_2');
SELECT unprotect_table('visit_2'), protect_table('visit_2');

-- A protected table is no partition; a partition has no rules of its own.
ALTER TABLE visit ATTACH PARTITION visit_2 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE open (LIKE visit_2) PARTITION BY RANGE (day);
ALTER TABLE open ATTACH PARTITION visit_2 DEFAULT;
ALTER TABLE open ATTACH PARTITION visit DEFAULT;
SELECT create_access_rule('visit_1', 'mine', 'permit', '{select}', 'true');
SELECT protect_table('visit_1');
SELECT unprotect_table('visit_1');

-- A foreign partition cannot be protected, nor come later.
RESET ROLE;
CREATE FOREIGN TABLE open_1 PARTITION OF open DEFAULT SERVER access_server;
SELECT create_access_rule('open', 'all', 'permit', '{select}', 'true');
SELECT protect_table('open');
DROP FOREIGN TABLE open_1;
ALTER TABLE open ADD PRIMARY KEY (day);
SELECT protect_table('open');
ALTER TABLE open DROP CONSTRAINT open_pkey;
CREATE FOREIGN TABLE open_1 PARTITION OF open DEFAULT SERVER access_server;

-- Gone: a partition by itself, then all.
SET ROLE access_desk;
DROP TABLE visit_7;
SELECT unprotect_table('visit');
SELECT bool_or(forced) AS forced, sum(policies) AS policies FROM tree;
SELECT protect_table('visit');
DROP VIEW tree;
DROP TABLE visit;
RESET ROLE;
SELECT rel, name FROM access_rule ORDER BY rel::text;
SELECT rel FROM protected_table ORDER BY rel::text;

SET client_min_messages = error;
DROP FOREIGN DATA WRAPPER access_wrapper CASCADE;
DROP OWNED BY access_desk, access_junior, access_ann CASCADE;
DROP TABLE IF EXISTS open;
DROP SCHEMA IF EXISTS access_more CASCADE;
SELECT count(*) AS left_over FROM access_rule;
DELETE FROM principal;
DROP ROLE access_desk, access_junior, access_ann;
