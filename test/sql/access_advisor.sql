-- The advisor: each finding is provoked, printed, and mended, by its own
-- remedy where that is a statement.
SET client_min_messages = warning;
SET search_path = public, sales_intel;
CREATE ROLE advised_desk NOLOGIN;
CREATE ROLE advised_ann LOGIN;
CREATE ROLE advised_pool LOGIN;
CREATE ROLE advised_other LOGIN;
CREATE ROLE advised_bypass BYPASSRLS;
GRANT CREATE ON SCHEMA public TO advised_desk, advised_bypass, advised_other;
GRANT EXECUTE ON FUNCTION create_access_rule(regclass, text, text, text[], text), protect_table(regclass, jsonb) TO advised_desk;
INSERT INTO principal (principal, login_role, kind, token_only) VALUES
    ('ann', 'advised_ann', 'person', false), ('pool', 'advised_pool', 'service', true);
INSERT INTO principal_attribute (principal, attribute, value) VALUES ('ann', 'region', 'north');
INSERT INTO signing_key (kid, valid_during) VALUES ('k1', tstzrange(now(), now() + interval '90 days'));
SELECT octet_length(secret) AS secret_of_its_own FROM signing_key;

SET ROLE advised_desk;
CREATE TABLE deal (id int PRIMARY KEY, region text, amount numeric);
CREATE TABLE event (id int, year int, region text, PRIMARY KEY (year, id)) PARTITION BY LIST (year);
CREATE TABLE event_2025 PARTITION OF event FOR VALUES IN (2025);
SELECT create_access_rule('deal', 'own region', 'permit', '{select,insert,update,delete}', $$region = attr('region')$$);
SELECT create_access_rule('event', 'own region', 'permit', '{select}', $$region = attr('region')$$);
SELECT protect_table('deal'), protect_table('event');
GRANT SELECT ON deal, event TO advised_ann;
RESET ROLE;

-- Roles of others than this test are none of its business.
CREATE VIEW advice AS SELECT * FROM access_advisor() WHERE object NOT LIKE 'role %' OR object ~ '^role (advised|4294967295)';
\pset format unaligned
\pset footer off
\pset fieldsep ' | '
\t
SELECT * FROM advice;
CREATE TABLE known AS SELECT * FROM advice;
CREATE VIEW fresh AS SELECT * FROM advice EXCEPT SELECT * FROM known ORDER BY 1, 2, 3;
CREATE VIEW mend AS SELECT remedy FROM fresh WHERE remedy LIKE '%;' ORDER BY 1;

\echo -- row security
ALTER TABLE deal NO FORCE ROW LEVEL SECURITY;
ALTER TABLE event_2025 DISABLE ROW LEVEL SECURITY;
SELECT * FROM fresh;
SELECT * FROM mend \gexec
SELECT count(*) FROM fresh;

\echo -- policies
ALTER POLICY sales_intel_select ON deal USING (true);
ALTER POLICY sales_intel_insert ON deal TO advised_ann;
ALTER POLICY sales_intel_update ON deal WITH CHECK (region = (SELECT attr('region')) OR amount > 1);
DROP POLICY sales_intel_select ON event_2025 CASCADE;
SELECT * FROM fresh;
SELECT DISTINCT remedy FROM mend \gexec
SELECT count(*) FROM fresh;
CREATE POLICY mine ON deal FOR SELECT USING (region = 'south');
CREATE POLICY too ON deal AS RESTRICTIVE FOR SELECT USING (region <> 'east');
SELECT count(*) AS others_are_theirs FROM fresh;
DROP POLICY mine ON deal;
DROP POLICY too ON deal;

\echo -- the event triggers
ALTER EVENT TRIGGER sales_intel_ddl DISABLE;
SET ROLE advised_desk;
CREATE TABLE event_2026 PARTITION OF event FOR VALUES IN (2026);
RESET ROLE;
CREATE TABLE heir (more int) INHERITS (deal);
SELECT * FROM fresh;
ALTER EVENT TRIGGER sales_intel_ddl ENABLE;
SELECT * FROM mend ORDER BY 1 \gexec
SELECT count(*) FROM fresh;
DROP TABLE heir, event_2026;

\echo -- owners
ALTER TABLE deal OWNER TO advised_bypass;
SELECT * FROM fresh;
ALTER TABLE deal OWNER TO advised_ann;
SELECT * FROM fresh;
ALTER TABLE deal OWNER TO advised_desk;
GRANT SELECT ON deal TO advised_ann;
GRANT advised_desk TO advised_ann;
SELECT * FROM fresh;
SELECT * FROM mend \gexec
SELECT count(*) FROM fresh;

\echo -- privileges
GRANT ALL ON deal TO advised_ann;
GRANT REFERENCES (id) ON event TO PUBLIC;
GRANT TRUNCATE ON event_2025 TO advised_other;
SELECT * FROM fresh;
SELECT * FROM mend \gexec
SELECT count(*) FROM fresh;

\echo -- triggers, publications
CREATE FUNCTION peep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
ALTER FUNCTION peep() OWNER TO advised_other;
CREATE TRIGGER peep AFTER UPDATE ON deal FOR EACH ROW EXECUTE FUNCTION peep();
SET client_min_messages = error;
CREATE PUBLICATION advised FOR TABLE event;
SET client_min_messages = warning;
SELECT * FROM fresh;
DROP TRIGGER peep ON deal;
DROP PUBLICATION advised;
SELECT count(*) FROM fresh;

\echo -- the trail
ALTER TABLE principal DISABLE TRIGGER sales_intel_record;
ALTER TABLE access_trail ENABLE TRIGGER ALL;
SELECT * FROM fresh;
SELECT * FROM mend \gexec
ALTER TABLE access_trail DISABLE TRIGGER keep_trail;
SELECT * FROM fresh;
SELECT * FROM mend \gexec
SELECT count(*) FROM fresh;

\echo -- rules that do nothing
SET ROLE advised_desk;
CREATE TABLE later (id int PRIMARY KEY, region text);
SELECT create_access_rule('later', 'own', 'permit', '{select}', $$region = attr('regoin')$$);
RESET ROLE;
SELECT * FROM fresh;
SELECT protect_table('later');
DELETE FROM access_rule WHERE rel = 'later'::regclass;
SELECT * FROM fresh WHERE object = 'table public.later' AND severity <> 'error';
SET client_min_messages = notice;
DROP TABLE later;
SET client_min_messages = warning;
SELECT count(*) FROM fresh;

\echo -- whom no rule binds
SELECT problem LIKE 'No rule binds the role%' FROM whoami();
SET SESSION AUTHORIZATION advised_ann;
SELECT principal, problem IS NULL AS bound FROM whoami();
RESET SESSION AUTHORIZATION;

\echo -- views
CREATE VIEW open_view AS SELECT * FROM deal;
CREATE VIEW upon_view WITH (security_invoker = on) AS SELECT * FROM open_view WHERE amount > 1;
CREATE VIEW part_view AS SELECT * FROM event_2025;
CREATE VIEW good_view WITH (security_invoker, security_barrier) AS SELECT * FROM deal;
ALTER VIEW part_view OWNER TO advised_desk;
SELECT * FROM fresh;
GRANT SELECT (id) ON open_view TO advised_ann;
SELECT severity, object FROM fresh WHERE object ~ 'open_view';
SELECT * FROM mend \gexec
SELECT count(*) FROM fresh;

\echo -- copies
CREATE MATERIALIZED VIEW stored AS SELECT region, count(*) FROM upon_view GROUP BY region;
CREATE TABLE copy_of_deal AS SELECT amount, id, region FROM deal;
CREATE TEMP TABLE passing AS SELECT * FROM deal;
SELECT * FROM fresh;
GRANT SELECT ON stored TO PUBLIC;
SELECT * FROM fresh WHERE object ~ 'stored';
DROP MATERIALIZED VIEW stored;
DROP TABLE copy_of_deal, passing;
SELECT count(*) FROM fresh;
DROP VIEW open_view, upon_view, part_view, good_view;

\echo -- functions
CREATE FUNCTION all_deals() RETURNS bigint SECURITY DEFINER LANGUAGE SQL AS 'SELECT count(*) FROM deal';
CREATE FUNCTION dealers() RETURNS text SECURITY DEFINER LANGUAGE SQL AS $$SELECT 'dealer'$$;
CREATE FUNCTION bound_deals() RETURNS bigint SECURITY DEFINER LANGUAGE SQL BEGIN ATOMIC SELECT count(*) FROM event; END;
ALTER FUNCTION bound_deals() OWNER TO advised_bypass;
CREATE FUNCTION own_deals() RETURNS bigint SECURITY DEFINER LANGUAGE SQL AS 'SELECT count(*) FROM deal';
ALTER FUNCTION own_deals() OWNER TO advised_desk;
SELECT * FROM fresh;
ALTER FUNCTION all_deals() SECURITY INVOKER;
ALTER FUNCTION bound_deals() OWNER TO advised_desk;
SELECT count(*) FROM fresh;
INSERT INTO trusted_definer (role) VALUES ('advised_desk'), ('advised_bypass'), ('advised_other'), (4294967295);
SELECT * FROM fresh;
SELECT * FROM mend \gexec
SELECT count(*) FROM fresh;
DELETE FROM trusted_definer;
DROP FUNCTION all_deals(), dealers(), bound_deals(), own_deals(), peep();

\echo -- logins
GRANT advised_bypass TO advised_other;
ALTER ROLE advised_ann BYPASSRLS;
GRANT pg_monitor TO advised_pool;
SELECT * FROM fresh;
ALTER ROLE advised_ann NOBYPASSRLS SUPERUSER;
ALTER ROLE advised_other REPLICATION;
SELECT * FROM fresh WHERE object ~ 'ann|advised_other';
ALTER ROLE advised_ann NOSUPERUSER;
ALTER ROLE advised_other NOREPLICATION;
REVOKE advised_bypass FROM advised_other;
REVOKE pg_monitor FROM advised_pool;
SELECT count(*) FROM fresh;
ALTER ROLE advised_other CREATEROLE;
SELECT count(*) = (current_setting('server_version_num')::int < 160000)::int AS may_become_others FROM fresh WHERE finding ~ 'CREATEROLE';
ALTER ROLE advised_other NOCREATEROLE;
GRANT pg_read_all_data TO advised_ann;
GRANT CREATE ON SCHEMA public TO advised_pool;
SELECT * FROM fresh;
REVOKE pg_read_all_data FROM advised_ann;
SELECT * FROM mend WHERE remedy ~ 'CREATE' \gexec
SELECT count(*) FROM fresh;
GRANT pg_execute_server_program TO advised_other;
GRANT EXECUTE ON FUNCTION begin_identity(text) TO advised_ann, advised_other, advised_pool;
GRANT EXECUTE ON FUNCTION sign_token(text, jsonb) TO advised_other;
GRANT SELECT ON signing_key TO advised_pool;
SELECT * FROM fresh;
REVOKE SELECT ON signing_key FROM advised_pool;
REVOKE EXECUTE ON FUNCTION sign_token(text, jsonb) FROM advised_other;
REVOKE pg_execute_server_program FROM advised_other;
SELECT * FROM mend \gexec
SELECT * FROM fresh;
REVOKE EXECUTE ON FUNCTION begin_identity(text) FROM advised_other;
UPDATE principal SET token_only = principal = 'pool';
REVOKE EXECUTE ON FUNCTION begin_identity(text) FROM advised_ann;
INSERT INTO principal_attribute VALUES ('pool', 'token_reuse', 'true');
SELECT * FROM fresh;
SELECT * FROM mend \gexec
SELECT count(*) FROM fresh;

\echo -- keys
UPDATE signing_key SET valid_during = '[2020-01-01,2020-02-01)';
SELECT * FROM fresh;
SELECT * FROM mend WHERE remedy ~ 'DELETE' \gexec
INSERT INTO signing_key (kid, valid_during) VALUES ('k1', tstzrange(now(), now() + interval '90 days'));
SELECT count(*) FROM fresh;
INSERT INTO signing_key (kid) VALUES ('k2');
SELECT * FROM fresh;
SELECT * FROM mend \gexec
SELECT count(*) FROM fresh;
INSERT INTO signing_key (kid, valid_during) VALUES ('k0', tstzrange('2020-02-03', now() + interval '3 days'));
SELECT * FROM fresh;
DELETE FROM signing_key WHERE kid IN ('k1', 'k2');
SELECT count(*), bool_and(finding ~ 'last one|in use') FROM fresh;
DELETE FROM signing_key;
INSERT INTO signing_key (kid, valid_during) VALUES ('k1', tstzrange(now(), now() + interval '90 days'));

\echo -- principals
CREATE ROLE advised_gone LOGIN;
INSERT INTO principal (principal, login_role) VALUES ('gone', 'advised_gone');
DROP ROLE advised_gone;
SELECT severity, object, regexp_replace(finding, '\d+', 'N'), remedy FROM fresh;
SELECT * FROM mend \gexec
INSERT INTO principal (principal, login_role, kind) VALUES ('bi', 'advised_other', 'impersonator');
INSERT INTO principal (principal, valid_during) VALUES ('former', '(,2020-01-01)');
INSERT INTO principal_attribute VALUES ('ann', 'team', '1', '(,2020-01-01)'), ('ann', 'team', '2', '(,2021-01-01)'),
    ('ann', 'region', 'south', '(,2020-01-01)'), ('bi', 'badge', 'x', '(,2020-01-01)');
SELECT * FROM fresh;
SELECT * FROM mend \gexec
DELETE FROM principal WHERE principal IN ('gone', 'bi');
DELETE FROM principal_attribute WHERE attribute = 'team' OR value = 'south';
SELECT count(*) FROM fresh;

\echo -- for governors only
SET ROLE advised_ann;
SELECT * FROM access_advisor();
RESET ROLE;
SELECT grant_role('auditor', 'advised_bypass') \g /dev/null
SELECT grant_role('security_admin', 'advised_other') \g /dev/null
SELECT count(*) AS all FROM access_advisor() \gset
SET ROLE advised_bypass;
SELECT count(*) = :all AS auditor FROM access_advisor();
RESET ROLE;
SET ROLE advised_other;
SELECT count(*) = :all AS admin FROM access_advisor();
RESET ROLE;

\echo -- in a query that would run parallel
BEGIN;
CREATE TABLE many AS SELECT generate_series(1, 1000) AS i;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SELECT count(*) FROM many, policy_faults();
ROLLBACK;

DROP VIEW mend, fresh, advice;
DROP TABLE known;
DELETE FROM principal;
DELETE FROM signing_key;
DROP OWNED BY advised_desk, advised_ann, advised_pool, advised_other, advised_bypass;
DROP ROLE advised_desk, advised_ann, advised_pool, advised_other, advised_bypass;
