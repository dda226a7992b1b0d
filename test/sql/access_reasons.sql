-- Every reason that whoami() and explain_access() give.
SET client_min_messages = warning;
SET search_path = public, sales_intel;
CREATE ROLE reason_desk NOLOGIN;
CREATE ROLE reason_ann LOGIN;
CREATE ROLE reason_none LOGIN;
GRANT CREATE ON SCHEMA public TO reason_desk;
INSERT INTO principal (principal, login_role) VALUES ('ann', 'reason_ann');
INSERT INTO principal (principal) VALUES ('bob');
INSERT INTO project (project) VALUES ('alpha');

-- whoami(): nobody's login, who may no longer or not yet, a stranger's
-- function, and what runs for others
CREATE VIEW me AS SELECT principal, problem FROM whoami();
GRANT SELECT ON me TO PUBLIC;
SELECT principal, replace(problem, current_user, 'ME') AS problem FROM me;
SET SESSION AUTHORIZATION reason_none;
SELECT * FROM me;
SET SESSION AUTHORIZATION reason_ann;
SELECT * FROM me;
RESET SESSION AUTHORIZATION;
UPDATE principal SET active = false WHERE principal = 'ann';
SET SESSION AUTHORIZATION reason_ann;
SELECT * FROM me;
RESET SESSION AUTHORIZATION;
UPDATE principal SET active = true, valid_during = '(,2020-01-01)' WHERE principal = 'ann';
SET SESSION AUTHORIZATION reason_ann;
SELECT * FROM me;
RESET SESSION AUTHORIZATION;
UPDATE principal SET valid_during = '(,)' WHERE principal = 'ann';
CREATE FUNCTION problem() RETURNS text LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT m.problem FROM public.me AS m); END';
CREATE FUNCTION stranger() RETURNS text SECURITY DEFINER RETURN problem();
ALTER FUNCTION stranger() OWNER TO reason_desk;
CREATE FUNCTION restricted(int) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RAISE WARNING ''%'', public.problem(); RETURN $1; END';
SET SESSION AUTHORIZATION reason_ann;
SELECT stranger();
CREATE TEMP TABLE indexed AS SELECT 1 AS id;
CREATE INDEX ON indexed (restricted(id));
DROP TABLE indexed;
RESET SESSION AUTHORIZATION;

-- explain_access(): privileges, principals, projects, tables and policies
SET ROLE reason_desk;
CREATE TABLE deal (id int PRIMARY KEY, account int);
INSERT INTO deal VALUES (1, 1), (2, 2);
GRANT SELECT ON deal TO reason_ann;
RESET ROLE;
SELECT create_access_rule('deal', 'first', 'permit', '{select,delete}', 'account = 1');
SELECT rule, outcome, reason FROM explain_access('ann', 'deal', '2');
SELECT protect_table('deal');
SELECT rule, outcome, reason FROM explain_access('ann', 'deal', '1');
SELECT rule, outcome, reason FROM explain_access('ann', 'deal', '1', '{"action": "delete"}');
SELECT rule, outcome, reason FROM explain_access('ann', 'deal', '3');
SELECT rule, outcome, reason FROM explain_access('bob', 'deal', '2');
SELECT rule, outcome, reason FROM explain_access('bob', 'deal', '1', '{"project": "alpha"}');
UPDATE principal SET active = false WHERE principal = 'bob';
SELECT rule, outcome, reason FROM explain_access('bob', 'deal', '1');
UPDATE principal SET active = true, valid_during = '(,2020-01-01)' WHERE principal = 'bob';
SELECT rule, outcome, reason FROM explain_access('bob', 'deal', '1');
SELECT outcome, reason FROM explain_access('bob', 'deal', '1', '{"at": "2019-06-01"}') WHERE rule = '(decision)';
CREATE POLICY other ON deal AS RESTRICTIVE FOR SELECT USING (account > 1);
SELECT outcome, reason FROM explain_access('ann', 'deal', '1') WHERE rule = '(decision)';
GRANT DELETE ON deal TO reason_ann;
SELECT outcome, reason FROM explain_access('ann', 'deal', '1', '{"action": "delete"}') WHERE rule = '(decision)';
DROP POLICY other ON deal;
ALTER POLICY sales_intel_select ON deal USING (true);
SELECT outcome, reason FROM explain_access('ann', 'deal', '2') WHERE rule = '(decision)';

DROP FUNCTION stranger, restricted, problem;
DROP VIEW me;
DROP TABLE deal;
DELETE FROM principal;
DELETE FROM project;
DROP OWNED BY reason_desk, reason_ann, reason_none;
DROP ROLE reason_desk, reason_ann, reason_none;
