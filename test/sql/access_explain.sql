-- Explanation of a row that is hidden, by the engine itself; counts of a table
-- that is protected; what whoever is no governor is told.
SET client_min_messages = warning;
SET search_path = public, sales_intel;
CREATE ROLE explained_desk NOLOGIN;
CREATE ROLE explained_ann LOGIN;
GRANT CREATE ON SCHEMA public TO explained_desk;
SELECT grant_role('app', 'explained_ann') \g /dev/null
INSERT INTO principal (principal, login_role) VALUES ('ann', 'explained_ann');
INSERT INTO principal (principal) VALUES ('bob');
INSERT INTO principal_attribute (principal, attribute, value) VALUES ('ann', 'team', '1'), ('bob', 'team', '2');
CREATE TABLE deal (id int PRIMARY KEY, team int, sealed boolean);
INSERT INTO deal VALUES (1, 1, false), (2, 2, false), (3, 1, true), (4, 1, NULL);
ALTER TABLE deal OWNER TO explained_desk;
GRANT SELECT, UPDATE ON deal TO explained_ann;
SELECT create_access_rule('deal', 'own team', 'permit', '{select}', $$team = attr_bigint('team')$$),
    create_access_rule('deal', 'all update', 'permit', '{update}', 'true'),
    create_access_rule('deal', 'sealed', 'forbid', '{select}', 'sealed') \g /dev/null
SELECT * FROM preview_access('ann', 'deal');
SELECT protect_table('deal') \g /dev/null
SELECT * FROM preview_access('ann', 'deal');

SELECT id, rule, outcome, reason
FROM generate_series(1, 5) AS id, explain_access('ann', 'deal', id::text)
WHERE rule <> '(grant)' AND rule <> '(identity)';
SELECT rule, outcome, reason FROM explain_access('ann', 'deal', '1', '{"action": "update"}');
SELECT rule, outcome, reason FROM explain_access('ann', 'deal', '2', '{"action": "update"}');
SELECT id, w.* FROM generate_series(1, 5) AS id, who_could_access('deal', id::text) AS w ORDER BY 1, 2, 3;

-- He is told the same of a hidden row as of none, and nothing of others.
SET SESSION AUTHORIZATION explained_ann;
SELECT rule, outcome, reason FROM explain_access('ann', 'deal', '1');
SELECT rule, outcome, reason FROM explain_access('ann', 'deal', '2');
SELECT rule, outcome, reason FROM explain_access('ann', 'deal', '5');
SELECT rule FROM explain_access('bob', 'deal', '2');
-- Nor of the query, which has the rules in it
SELECT rule FROM explain_access('ann', 'deal', '1 OR 1');
-- As a statement has it that names its row
UPDATE deal SET team = team WHERE id = 2 RETURNING id;
SELECT rule, outcome, reason FROM explain_access('ann', 'deal', '2', '{"action": "update"}');
RESET SESSION AUTHORIZATION;

-- What cannot be asked
CREATE TABLE keyless (id int);
CREATE VIEW seen AS SELECT * FROM deal;
\set VERBOSITY default
SELECT * FROM explain_access('Ann', 'deal', '1');
SELECT * FROM explain_access(NULL, 'deal', '1');
SELECT * FROM explain_access('ann', 'keyless', '1');
SELECT * FROM explain_access('ann', 'seen', '1');
SELECT * FROM explain_access('ann', 'nowhere', '1');
SELECT * FROM explain_access('ann', 'deal', '');
SELECT * FROM explain_access('ann', 'deal', '1', '{"action": "truncate"}');
SELECT * FROM explain_access('ann', 'deal', '1', '{"at": "soon"}');
SELECT * FROM explain_access('ann', 'deal', '1', '{"when": "now"}');
SELECT * FROM preview_access('carol', 'deal');
SELECT * FROM who_could_access('deal', NULL);
SELECT sign_token('none', '{}');

DELETE FROM principal;
DROP TABLE deal, keyless CASCADE;
DROP OWNED BY explained_desk, explained_ann;
DROP ROLE explained_desk, explained_ann;
