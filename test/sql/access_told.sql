-- Who is told what by explain_access, and that nobody's code runs as somebody
-- else while it is found out.
SET client_min_messages = warning;
SET search_path = public, sales_intel;
CREATE ROLE told_desk NOLOGIN;
CREATE ROLE told_mallory NOLOGIN;
CREATE ROLE told_ann LOGIN;
CREATE ROLE told_governor LOGIN;
GRANT CREATE ON SCHEMA public TO told_desk, told_mallory;
GRANT EXECUTE ON FUNCTION create_access_rule(regclass, text, text, text[], text), protect_table(regclass, jsonb) TO told_desk, told_mallory;
GRANT EXECUTE ON FUNCTION explain_access(text, regclass, text), explain_access(text, regclass, text, jsonb) TO told_ann;
SELECT count(*) > 0 AS granted FROM grant_role('security_admin', 'told_governor');
INSERT INTO principal (principal, login_role) VALUES ('ann', 'told_ann');
INSERT INTO principal (principal) VALUES ('bob');

SET ROLE told_desk;
CREATE TABLE deal (id int PRIMARY KEY, owner text, note text);
CREATE TABLE secret (id int PRIMARY KEY);
INSERT INTO deal VALUES (1, 'ann', 'ann''s'), (2, 'bob', 'bob''s');
INSERT INTO secret VALUES (1);
SELECT create_access_rule('deal', 'own', 'permit', '{select,update}', 'owner = current_principal()'),
    create_access_rule('deal', 'audit', 'permit', '{select}', 'current_purpose() = ''audit'''), protect_table('deal');
GRANT SELECT ON deal TO told_ann, told_mallory;
RESET ROLE;

-- Others are told of themselves as they are, and of what they may read
SET SESSION AUTHORIZATION told_ann;
SELECT * FROM explain_access('ann', 'deal', '1');
SELECT * FROM explain_access('ann', 'deal', '2');
SELECT * FROM explain_access('ann', 'deal', '3');
SELECT * FROM explain_access('ann', 'deal', '2', '{"purpose": "audit"}');
SELECT * FROM explain_access('ann', 'deal', '2', '{"project": "alpha"}');
SELECT * FROM explain_access('ann', 'deal', '2', '{"at": "2020-01-01"}');
SELECT * FROM explain_access('bob', 'deal', '2');
BEGIN;
SELECT * FROM explain_access('ann', 'secret', '1');
ROLLBACK;
SELECT * FROM explain_access('ann', 'secret', '2');
RESET SESSION AUTHORIZATION;

-- Mallory's functions do not read as whom a governor asks about
SET ROLE told_mallory;
CREATE TABLE loot (note text);
CREATE FUNCTION spy() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.loot SELECT note FROM public.deal; RETURN true; END';
CREATE VIEW spying AS SELECT spy() AS seen;
CREATE DOMAIN trap AS int CHECK (spy());
CREATE TABLE by_policy (id int PRIMARY KEY);
CREATE TABLE by_view (id int PRIMARY KEY);
CREATE TABLE by_domain (id trap PRIMARY KEY);
INSERT INTO by_policy VALUES (1);
INSERT INTO by_view VALUES (1);
INSERT INTO by_domain VALUES (1);
SELECT create_access_rule(t, 'all', 'permit', '{select}', 'true'), protect_table(t) FROM unnest('{by_policy,by_view,by_domain}'::regclass[]) AS t;
CREATE POLICY spy ON by_policy AS RESTRICTIVE USING (spy());
CREATE POLICY spy ON by_view AS RESTRICTIVE USING ((SELECT seen FROM spying));
RESET ROLE;
SET SESSION AUTHORIZATION told_governor;
SELECT outcome, reason FROM explain_access('bob', 'by_policy', '1') WHERE rule = '(decision)';
SELECT outcome, reason FROM explain_access('bob', 'by_view', '1') WHERE rule = '(decision)';
SELECT outcome, reason FROM explain_access('bob', 'by_domain', '1') WHERE rule = '(decision)';
SELECT * FROM preview_access('bob', 'by_policy');
SELECT * FROM who_could_access('by_domain', '1');
RESET SESSION AUTHORIZATION;
SELECT * FROM loot;

SET client_min_messages = error;
DELETE FROM principal;
DROP OWNED BY told_desk, told_mallory, told_ann, told_governor CASCADE;
DROP ROLE told_desk, told_mallory, told_ann, told_governor;
