-- Who may do what in governed access: profiles by role, and the rules for
-- functions that could lend rights.
BEGIN;
SET LOCAL search_path = public, sales_intel;
SET LOCAL client_min_messages = warning;
SELECT plan(34 + (SELECT count(*)::integer FROM profile_grant WHERE profile = 'auditor' AND object LIKE 'TABLE%'));

CREATE TEMP VIEW routine AS
SELECT p.oid::regprocedure::text AS name, p.prosecdef, p.proconfig, p.prosrc, l.lanname, COALESCE(p.proacl, acldefault('f', p.proowner)) AS acl
FROM pg_depend d
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
JOIN pg_language l ON l.oid = p.prolang
WHERE d.deptype = 'e' AND e.extname = 'sales_intel';

-- #37: what runs with other rights, or parses names late, fixes what they mean;
-- the temporary schema comes last.
CREATE TEMP VIEW unpinned AS
SELECT name, prosecdef FROM routine
WHERE (prosecdef OR lanname = 'plpgsql')
    AND NOT EXISTS (SELECT FROM unnest(proconfig) AS c WHERE c ~ '^search_path=pg_catalog,.*pg_temp$');
SELECT is_empty('SELECT name FROM unpinned WHERE prosecdef', '#37 every SECURITY DEFINER function pins search_path, pg_temp last');
SELECT set_eq('SELECT name FROM unpinned', ARRAY['train_lead_model(text)', 'train_lead_model(text,text,name)', 'train_lead_model(text,text,name,jsonb)'],
    '#37 and so does every PL/pgSQL function, but for those that run the caller''s query');
CREATE FUNCTION sales_intel.careless() RETURNS integer SECURITY DEFINER SET search_path = pg_temp, pg_catalog LANGUAGE SQL RETURN 1;
ALTER EXTENSION sales_intel ADD FUNCTION sales_intel.careless();
SELECT results_eq('SELECT name FROM unpinned WHERE prosecdef', ARRAY['careless()'], '#37 one with pg_temp first would be found');
ALTER EXTENSION sales_intel DROP FUNCTION sales_intel.careless();

-- PUBLIC: getters that policies call, and what depends on its arguments only
SELECT set_eq($$SELECT name FROM routine, aclexplode(acl) AS a WHERE a.grantee = 0 AND (prosrc LIKE 'sales_intel_access_%' OR name ~ '^(attr|in_current|identity|current)')$$,
    ARRAY['whoami()', 'current_principal()', 'current_project()', 'current_purpose()', 'attr(text)', 'attr_is(text,text)', 'attr_has(text,text)', 'attrs(text)',
        'attr_number(text)', 'attr_bigint(text)', 'attrs_bigint(text)', 'in_current_project(text)', 'in_current_project(bigint)', 'in_current_project(uuid)',
        'identity_deadline()', 'identity_lives(timestamp with time zone)', 'identity_lives_support(internal)',
        'mask_phone(text)', 'mask_email(text)', 'mask_name(text)', 'row_hash(record)', 'seal(bytea,text)', 'seal(bytea,text,text)',
        'among(bigint,bigint[])', 'among(integer,bigint[])', 'among_support(internal)', 'ascending(bigint[])',
        'consent_allows(text,text)', 'consent_allows(bigint,text)', 'consent_allows(uuid,text)',
        'consent_allows(text,text,text)', 'consent_allows(bigint,text,text)', 'consent_allows(uuid,text,text)',
        'consent_live(text,text,text,bytea)', 'consent_live(bigint,text,text,bytea)', 'consent_live(uuid,text,text,bytea)',
        'consent_ticket()'],
    'of governed access PUBLIC executes the getters, the masks, and what depends on arguments only');

-- A role for each profile, with nothing else
CREATE ROLE tap_app; CREATE ROLE tap_bi; CREATE ROLE tap_analyst; CREATE ROLE tap_refresher; CREATE ROLE tap_table_owner;
CREATE ROLE tap_security_admin; CREATE ROLE tap_auditor; CREATE ROLE tap_consent_manager; CREATE ROLE tap_nobody;
SELECT set_eq('SELECT DISTINCT profile FROM profile_grant',
    ARRAY['app', 'bi', 'analyst', 'refresher', 'table_owner', 'security_admin', 'auditor', 'consent_manager'], 'the profiles');
CREATE TEMP TABLE done AS SELECT p.profile, s.statement FROM (SELECT DISTINCT profile FROM profile_grant) AS p, grant_role(p.profile, ('tap_' || p.profile)::regrole) AS s(statement);
SELECT results_eq('SELECT profile, count(*) FROM done GROUP BY profile ORDER BY profile COLLATE "C"',
    'SELECT profile, count(*) FROM profile_grant GROUP BY profile ORDER BY profile COLLATE "C"', 'grant_role returns every grant it makes');
-- Functions that other parts of the extension may bring yet are left out here.
SELECT set_eq($$SELECT profile || ' ' || object FROM profile_grant
    WHERE privilege = 'EXECUTE' AND object !~ '(access_rule|protect_table|explain_access|preview_access|who_could_access|access_advisor|advice_on_\w+|policy_faults|governed_tables|\w*consent\w*|acknowledge|queue_action|adopt_regime|set_subject|ledger_\w+|\w+_release|set_release_health)\('$$,
    ARRAY['app FUNCTION begin_identity(text)', 'app FUNCTION token_audience()', 'app FUNCTION session_nonce()', 'refresher FUNCTION pseudonym(text,text)',
        'table_owner FUNCTION record_writes(regclass)', 'table_owner FUNCTION stop_recording(regclass)', 'table_owner FUNCTION record_access()',
        'security_admin FUNCTION sign_token(text,jsonb)', 'security_admin FUNCTION token_audience()', 'security_admin FUNCTION create_pseudonym_key(text)'],
    'functions by profile');
SELECT set_eq($$SELECT p.profile || ' ' || c.relname
    FROM (SELECT DISTINCT profile FROM profile_grant) p, pg_class c
    WHERE c.relnamespace = 'sales_intel'::regnamespace AND c.relkind IN ('r', 'v') AND has_any_column_privilege('tap_' || p.profile, c.oid, 'INSERT, UPDATE')$$,
    ARRAY['security_admin principal', 'security_admin principal_attribute', 'security_admin project', 'security_admin project_member',
        'security_admin project_account', 'security_admin trusted_definer', 'security_admin signing_key', 'security_admin pseudonym_key', 'consent_manager consent_scene', 'consent_manager consent_regime', 'security_admin release_limit', 'security_admin release_level'],
    'tables written by profile');
SELECT is_empty($$SELECT p.profile, c.table_name, c.column_name
    FROM (SELECT DISTINCT profile FROM profile_grant) p,
        (VALUES ('signing_key', 'secret'), ('pseudonym_key', 'secret')) AS c(table_name, column_name)
    WHERE has_column_privilege('tap_' || p.profile, 'sales_intel.' || c.table_name, c.column_name, 'SELECT')$$,
    'no profile reads a secret');
SELECT is_empty($$SELECT p.profile, c.relname
    FROM (SELECT DISTINCT profile FROM profile_grant) p, pg_class c
    WHERE c.relnamespace = 'sales_intel'::regnamespace AND c.relkind IN ('r', 'v')
        AND (has_table_privilege('tap_' || p.profile, c.oid, 'TRUNCATE, TRIGGER') OR has_any_column_privilege('tap_' || p.profile, c.oid, 'REFERENCES'))$$,
    '#31 no profile truncates, triggers or references');
SELECT is_empty($$SELECT profile, statement FROM done WHERE statement LIKE '%WITH GRANT OPTION%'$$, '#36 no profile passes on what it has');

-- What each may do, tried
CREATE TEMP TABLE readable AS SELECT privilege, object FROM profile_grant WHERE profile = 'auditor' AND object LIKE 'TABLE%' ORDER BY object;
GRANT SELECT ON readable TO tap_auditor;
SET LOCAL ROLE tap_app;
SELECT throws_ok($$SELECT begin_identity('x')$$, '28000', NULL, 'app: begins identities');
SELECT throws_ok('SELECT * FROM principal', '42501', NULL, 'app: reads no table');
SELECT throws_ok($$SELECT sign_token('k', '{}')$$, '42501', NULL, 'app: signs nothing');
SET LOCAL ROLE tap_bi;
SELECT lives_ok('SELECT * FROM lead_model_version, lead_model_history', 'bi: sees how good models are');
SELECT throws_ok('SELECT model FROM model_version', '42501', NULL, 'bi: but not the models');
SET LOCAL ROLE tap_analyst;
SELECT throws_ok($$SELECT active_lead_model('x')$$, '42704', NULL, 'analyst: asks for models');
SELECT throws_ok($$SELECT pseudonym('x', 'y')$$, '42501', NULL, 'analyst: cannot try pseudonyms');
SET LOCAL ROLE tap_security_admin;
SELECT lives_ok($$INSERT INTO principal (principal, login_role) VALUES ('tap', 'tap_app')$$, 'security_admin: makes principals');
SELECT lives_ok($$INSERT INTO signing_key (kid, secret) VALUES ('tap', sha256('tap'))$$, 'security_admin: brings keys');
SELECT lives_ok($$UPDATE signing_key SET valid_during = '(,2020-01-01)' WHERE kid = 'tap'$$, 'security_admin: ends them');
SELECT throws_ok($$UPDATE signing_key SET secret = sha256('other') WHERE kid = 'tap'$$, '42501', NULL, 'security_admin: but does not change them');
SELECT throws_ok($$SELECT secret FROM signing_key$$, '42501', NULL, 'security_admin: or read them');
SELECT lives_ok($$SELECT create_pseudonym_key('tap')$$, 'security_admin: makes keys of pseudonyms');
SELECT throws_ok('SELECT * FROM access_trail', '42501', NULL, 'security_admin: does not read the trail');
SET LOCAL ROLE tap_auditor;
SELECT is((SELECT string_agg(acting_role || ' ' || action || ' ' || key, ', ' ORDER BY id) FROM access_trail WHERE acting_role = 'tap_security_admin'),
    'tap_security_admin insert tap, tap_security_admin insert tap, tap_security_admin update tap, tap_security_admin insert tap', 'auditor: reads what the security_admin did');
SELECT lives_ok(format('SELECT %s FROM %s', COALESCE(substring(privilege FROM '\((.*)\)'), '*'), substr(object, 7)), 'auditor: reads ' || object)
FROM readable;
SELECT throws_ok('DELETE FROM access_trail', '42501', NULL, 'auditor: changes nothing');
SET LOCAL ROLE tap_refresher;
SELECT is(length(pseudonym('tap', 'y')), 22, 'refresher: makes pseudonyms');
RESET ROLE;

-- Who may give them
GRANT EXECUTE ON FUNCTION grant_role(text, regrole), revoke_role(text, regrole), run_grants(boolean, text, regrole) TO tap_nobody;
GRANT SELECT ON profile_grant TO tap_nobody;
SET LOCAL ROLE tap_nobody;
SELECT throws_ok($$SELECT grant_role('security_admin', 'tap_nobody')$$, '42501', 'profile "security_admin" is not yours to give or take', '#36 nobody gives what he may not');
SELECT throws_ok($$SELECT revoke_role('app', 'tap_app')$$, '42501', 'profile "app" is not yours to give or take', '#36 nor takes it');
RESET ROLE;
SELECT throws_ok($$SELECT grant_role('app; DROP TABLE principal', 'tap_app')$$, '22023', 'there is no profile "app; DROP TABLE principal"', '#40 a profile''s name is data');
SELECT throws_ok($$SELECT grant_role('app', '-')$$, '42704', 'there is no such role', 'nothing is granted to PUBLIC');

-- And back
DROP TABLE readable;
REVOKE ALL ON FUNCTION grant_role(text, regrole), revoke_role(text, regrole), run_grants(boolean, text, regrole) FROM tap_nobody;
REVOKE ALL ON profile_grant FROM tap_nobody;
SELECT is((SELECT count(*) FROM (SELECT DISTINCT profile FROM profile_grant) AS p, revoke_role(p.profile, ('tap_' || p.profile)::regrole)),
    (SELECT count(*) FROM done), 'revoke_role takes as many');
SELECT is_empty($$SELECT p.profile, g.* FROM (SELECT DISTINCT profile FROM profile_grant) AS p, LATERAL (
        SELECT x.oid::regprocedure::text FROM pg_proc x, aclexplode(x.proacl) a WHERE a.grantee = ('tap_' || p.profile)::regrole UNION ALL
        SELECT x.oid::regclass::text FROM pg_class x, aclexplode(x.relacl) a WHERE a.grantee = ('tap_' || p.profile)::regrole UNION ALL
        SELECT x.attrelid::regclass::text FROM pg_attribute x, aclexplode(x.attacl) a WHERE a.grantee = ('tap_' || p.profile)::regrole UNION ALL
        SELECT x.nspname FROM pg_namespace x, aclexplode(x.nspacl) a WHERE a.grantee = ('tap_' || p.profile)::regrole) g$$,
    'and leaves nothing');

SELECT finish();
ROLLBACK;
