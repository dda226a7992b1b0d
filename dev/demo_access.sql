-- Who sees what: a sales team behind one pooled login.  Run by dev/demo.sh
-- after demo.sql, in the same database, as superuser.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
\pset footer off
\pset null ''
\pset pager off
\pset format wrapped
CREATE SCHEMA crm;
SET search_path = crm, sales_intel;

-- The desk: whose the tables are (nobody logs in as that), and one login for
-- all users of the application.
CREATE ROLE crm_owner NOLOGIN;
CREATE ROLE crm_app LOGIN;
GRANT USAGE ON SCHEMA crm TO crm_app, crm_owner;
GRANT EXECUTE ON FUNCTION begin_identity(text) TO crm_app;
INSERT INTO principal (principal, login_role, kind, token_only) VALUES ('crm_app', 'crm_app', 'service', true);
INSERT INTO principal (principal) VALUES ('ann'), ('bob'), ('cyd'), ('dora'), ('otto');
INSERT INTO principal_attribute (principal, attribute, value) VALUES
    ('ann', 'rep', '1'), ('bob', 'rep', '2'), ('cyd', 'rep', '3'), ('dora', 'region', 'north'), ('dora', 'region', 'east'),
    ('ann', 'limit', '50000'), ('bob', 'limit', '50000'), ('cyd', 'limit', '50000');
INSERT INTO signing_key (kid, valid_during) VALUES ('k1', tstzrange(now(), now() + interval '90 days'));

SET seed = 0.6;
CREATE TABLE deal AS
SELECT id, 1 + id % 3 AS rep, (ARRAY['north', 'south', 'east', 'west'])[ceil(4 * random())] AS region,
    round((1000 / (1 - random()))::numeric) AS amount, id % 500 = 0 AS sealed
FROM generate_series(1, 10000) AS id;
ALTER TABLE deal ADD PRIMARY KEY (id);
CREATE INDEX ON deal (rep);
ANALYZE deal;
ALTER TABLE deal OWNER TO crm_owner;
GRANT SELECT, UPDATE ON deal TO crm_app;

-- What the login server would do, elsewhere; the application has no key.
CREATE FUNCTION token_for(who text, claims jsonb DEFAULT '{}') RETURNS text
RETURN sign_token('k1', jsonb_build_object('sub', who, 'aud', token_audience(), 'jti', gen_random_uuid(),
    'iat', extract(epoch FROM clock_timestamp())::bigint, 'exp', extract(epoch FROM clock_timestamp())::bigint + 60) || claims);
-- The statement, or what it got instead.
CREATE FUNCTION attempt(statement text, given text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text;
BEGIN
    EXECUTE statement USING given;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(': ', SQLERRM, nullif(detail, ''));
END $$;
GRANT EXECUTE ON FUNCTION attempt(text, text) TO crm_app;

\echo
\echo '=== Who sees what: 10,000 deals, one pooled login'
\echo 'Ann, Bob and Cyd are representatives, Dora directs two regions, Otto works elsewhere.'
\echo 'Rules are expressions over a row and over who looks:'
\echo
\set ECHO queries
SELECT create_access_rule('deal', 'own deals', 'permit', '{select,update}', $$rep = attr_bigint('rep')$$),
    create_access_rule('deal', 'my regions', 'permit', '{select}', $$region = ANY (attrs('region'))$$),
    create_access_rule('deal', 'sealed', 'forbid', '{select,update}', 'sealed'),
    create_access_rule('deal', 'my limit', 'forbid', '{update}', $$amount > attr_number('limit')$$)
\g /dev/null
\set ECHO none
\echo
\echo 'Before anything is switched on, what would each of them see?'
\echo
\set ECHO queries
SELECT p.principal, visible, total
FROM principal AS p, preview_access(p.principal, 'deal')
WHERE kind = 'person'
ORDER BY p.principal;

SELECT protect_table('deal') \g /dev/null
\set ECHO none
\echo
\echo 'Now it is on.  The application is one login, and each of its transactions begins with'
\echo 'a token that the login server has signed: good for a minute, for this database, once.'
\echo
CREATE TABLE ticket AS SELECT principal AS who, token_for(principal) AS token FROM principal WHERE kind = 'person';
GRANT SELECT ON ticket TO crm_app;
SELECT token_for('ann') AS ann, token_for('ann') AS changed, token_for('ann') AS writes, token_for('bob', '{"aud": "1/1"}') AS elsewhere
\gset
SET SESSION AUTHORIZATION crm_app;
CREATE TEMP TABLE seen (who text, "of representatives" text, deals bigint, amount numeric);
\echo 'BEGIN;  SELECT begin_identity($1);'
BEGIN;
SELECT begin_identity(:'ann') AS who
\gset
\set ECHO queries
SELECT * FROM deal ORDER BY amount DESC LIMIT 3;
COMMIT;
\set ECHO none
\echo
INSERT INTO seen SELECT '(no token)', NULL, count(*), sum(amount) FROM deal;
DO $$
DECLARE
    each ticket[] := (SELECT array_agg(t ORDER BY who) FROM ticket AS t);
    one ticket;
BEGIN
    FOREACH one IN ARRAY each LOOP
        PERFORM begin_identity(one.token);
        INSERT INTO seen
        SELECT one.who, string_agg(DISTINCT rep::text, ', ' ORDER BY rep::text), count(*), sum(amount) FROM deal;
        COMMIT;
    END LOOP;
END $$;
\echo 'The same for each of them, in transactions of the one login:'
\echo
SELECT * FROM seen ORDER BY who DESC;

\echo 'Tokens that somebody saw, or made:'
\echo
SELECT t.what AS token, attempt('SELECT sales_intel.begin_identity($1)', t.token) AS result
FROM (VALUES ('Ann''s, a second time', :'ann'),
    ('Otto''s, with Ann''s claims', split_part(:'changed', '.', 1) || '.' || split_part(:'changed', '.', 2) || '.' || split_part((SELECT token FROM ticket WHERE who = 'otto'), '.', 3)),
    ('unsigned', 'eyJhbGciOiJub25lIiwia2lkIjoiazEifQ.' || split_part(:'changed', '.', 2) || '.'),
    ('for another database', :'elsewhere')) AS t(what, token);

\echo 'Ann writes:'
\echo
BEGIN;
SELECT begin_identity(:'writes') AS who
\gset
SELECT what AS "what she does", attempt(statement, NULL) AS result
FROM (VALUES ('raises one of her deals', 'UPDATE deal SET amount = 1200 WHERE id = 3'),
    ('gives it to Bob', 'UPDATE deal SET rep = 2 WHERE id = 3'),
    ('raises it past her limit', 'UPDATE deal SET amount = 90000 WHERE id = 3'),
    ('empties the table', 'TRUNCATE deal')) AS w(what, statement);
ROLLBACK;
RESET SESSION AUTHORIZATION;

\echo 'Why does Ann not see deal 1500, and who could see 1501?  The engine itself is asked:'
\echo
\set ECHO queries
SELECT rule, effect, outcome, reason FROM explain_access('ann', 'deal', '1500');

SELECT * FROM who_could_access('deal', '1501');
\set ECHO none
\echo
\echo 'A DBA opens a way around, in good faith, and the advisor tells:'
\echo
\set ECHO queries
CREATE MATERIALIZED VIEW pipeline AS SELECT region, sum(amount) FROM deal GROUP BY region;
CREATE VIEW big_deal AS SELECT * FROM deal WHERE amount > 100000;
GRANT SELECT ON pipeline, big_deal TO crm_app;

SELECT severity, object, finding FROM access_advisor() WHERE severity = 'error';
\set ECHO none
