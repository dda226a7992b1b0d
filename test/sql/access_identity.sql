-- Signed identity: who looks, in one transaction, proved by a token or a login.
SET search_path = public, sales_intel;
SET client_min_messages = warning;
CREATE ROLE access_pool LOGIN;
CREATE ROLE access_ann LOGIN;
CREATE ROLE access_bi LOGIN;
CREATE ROLE access_bob NOLOGIN;
GRANT access_bob TO access_bi;
CREATE ROLE access_stranger NOLOGIN;
GRANT EXECUTE ON FUNCTION begin_identity(text), session_nonce() TO access_pool, access_ann;
GRANT CREATE ON SCHEMA public TO access_stranger;

INSERT INTO principal (principal, login_role, kind, token_only) VALUES
    ('ann', 'access_ann', 'person', false),
    ('bob', 'access_bob', 'person', false),
    ('pool', 'access_pool', 'service', true),
    ('bi', 'access_bi', 'impersonator', false);
INSERT INTO principal (principal, active, valid_during) VALUES
    ('carol', false, '(,)'), ('dave', true, '(,2020-01-01)'), ('eve', true, '(,)');
INSERT INTO principal_attribute (principal, attribute, value, valid_during) VALUES
    ('ann', 'region', 'north', '(,)'), ('ann', 'team', '7', '(,)'), ('ann', 'team', '3', '(,)'),
    ('ann', 'team', '3', '[2020-01-01,)'), ('ann', 'team', '9', '(,2020-01-01)'), ('ann', 'limit', '1500.5', '(,)');
INSERT INTO project (project, valid_during) VALUES ('alpha', '(,)'), ('over', '(,2020-01-01)');
INSERT INTO project_member (project, principal) VALUES ('alpha', 'ann'), ('over', 'ann');
INSERT INTO project_account (project, account) VALUES ('alpha', '17'), ('alpha', 'b7e23ec2-9a5f-4d10-8f53-0a3c5e9b2f11');
INSERT INTO signing_key (kid, secret, valid_during) VALUES
    ('k1', sha256('first'), '(,)'), ('old', sha256('old'), '(,2020-01-01)');

-- A token with changes to its claims; claims that become NULL go away.
CREATE FUNCTION token(claims jsonb DEFAULT '{}', kid text DEFAULT 'k1') RETURNS text
SECURITY DEFINER SET search_path = pg_catalog, sales_intel, pg_temp
RETURN sign_token(kid, jsonb_strip_nulls(jsonb_build_object('sub', 'ann', 'aud', token_audience(),
    'iat', floor(extract(epoch FROM clock_timestamp()))::bigint, 'exp', floor(extract(epoch FROM clock_timestamp()))::bigint + 60,
    'jti', gen_random_uuid()) || claims));
CREATE FUNCTION seconds(int) RETURNS bigint RETURN floor(extract(epoch FROM clock_timestamp()))::bigint + $1;
CREATE FUNCTION attempt(token text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text;
BEGIN
    PERFORM sales_intel.begin_identity(token);
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' | ', state, message, detail);
END $$;
CREATE VIEW me AS SELECT principal, source, project, purpose, expires_at IS NOT NULL AS expires, problem FROM whoami();
GRANT SELECT ON me TO PUBLIC;

-- Nobody, and why
SET SESSION AUTHORIZATION access_pool;
SELECT * FROM whoami();
SELECT current_principal(), attr('region'), attr_is('region', 'north'), attrs('team'), in_current_project('17');

-- A token, as a bind parameter
BEGIN;
PREPARE start(text) AS SELECT begin_identity($1);
EXECUTE start(token('{"prj": "alpha", "pur": "service"}'));
SELECT principal, source, project, purpose, expires_at > now() AND expires_at < now() + interval '61 seconds' AS expires, problem FROM whoami();
SELECT current_principal(), current_project(), current_purpose(), attr('region'), attr_number('limit'), attrs('team'), attrs_bigint('team');
SELECT attr_is('region', 'north'), attr_is('region', 'south'), attr_is('team', '7'), attr_has('team', '7'), attr_has('team', '9'), attr('none'), attrs('none');
SELECT in_current_project(17), in_current_project('18'), in_current_project('b7e23ec2-9a5f-4d10-8f53-0a3c5e9b2f11'::uuid);
-- Only one
SAVEPOINT s;
SELECT begin_identity(token('{"sub": "eve"}'));
ROLLBACK TO s;
SELECT attr('team');
ROLLBACK TO s;
SELECT current_principal();
COMMIT;
SELECT current_principal();

-- It ends with the subtransaction that began it
BEGIN;
SAVEPOINT s;
SELECT begin_identity(token());
RELEASE s;
SELECT current_principal();
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT begin_identity(token());
ROLLBACK TO s;
SELECT current_principal();
SELECT begin_identity(token('{"sub": "eve"}'));
COMMIT;

-- What is refused
CREATE TEMP TABLE refused (n serial, claims jsonb, kid text);
INSERT INTO refused (claims, kid) VALUES
    ('{"sub": "nobody"}', 'k1'), ('{"sub": "carol"}', 'k1'), ('{"sub": "dave"}', 'k1'), ('{"sub": "Ann"}', 'k1'),
    ('{"aud": "1/1"}', 'k1'), ('{"prj": "over"}', 'k1'), ('{"prj": "beta"}', 'k1'), ('{"nonce": "other"}', 'k1'),
    (jsonb_build_object('exp', seconds(-1), 'iat', seconds(-30)), 'k1'),
    (jsonb_build_object('iat', seconds(10), 'exp', seconds(20)), 'k1'),
    (jsonb_build_object('exp', seconds(302)), 'k1'), (jsonb_build_object('exp', seconds(-300)), 'k1'),
    ('{"exp": 253402300799}', 'k1'), ('{"exp": null}', 'k1'), ('{"jti": null}', 'k1'), ('{"iat": 1.5}', 'k1');
SELECT n, attempt(token(claims, kid)) FROM refused ORDER BY n;
SELECT attempt(''), attempt(repeat('x', 1000000)), attempt(NULL);
SELECT attempt(regexp_replace(token(), '.$', '!'));
SELECT current_principal();

-- Once
SELECT token() AS once \gset
BEGIN;
SELECT begin_identity(:'once');
ROLLBACK;
BEGIN;
SELECT begin_identity(:'once');
COMMIT;
SELECT attempt(:'once');
-- for this session
SELECT attempt(token(jsonb_build_object('nonce', session_nonce())));

-- Beyond the transaction
\set SHOW_CONTEXT never
BEGIN;
SELECT begin_identity(token());
DECLARE c CURSOR WITH HOLD FOR SELECT current_principal();
SAVEPOINT s;
FETCH c;
ROLLBACK TO s;
COMMIT;
BEGIN;
SELECT begin_identity(token());
CREATE FUNCTION pg_temp.who() RETURNS text LANGUAGE plpgsql AS 'DECLARE inner_one CURSOR FOR SELECT sales_intel.current_principal(); w text; BEGIN OPEN inner_one; FETCH inner_one INTO w; RETURN w; END';
DECLARE c CURSOR WITH HOLD FOR SELECT pg_temp.who();
COMMIT;
FETCH c;
-- in a procedure's later transactions, too
CREATE FUNCTION pg_temp.who() RETURNS text LANGUAGE plpgsql AS 'DECLARE inner_one CURSOR FOR SELECT sales_intel.current_principal(); w text; BEGIN OPEN inner_one; FETCH inner_one INTO w; RETURN w; END';
DO $$
BEGIN
    COMMIT;
    PERFORM sales_intel.begin_identity(public.token());
    EXECUTE 'DECLARE c CURSOR WITH HOLD FOR SELECT pg_temp.who()';
END $$;
FETCH c;
-- when the transaction fails once the cursor has been read
CREATE TEMP TABLE late (i int);
CREATE FUNCTION pg_temp.fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''too late''; END';
CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.fail();
CREATE FUNCTION pg_temp.who_late() RETURNS text LANGUAGE plpgsql AS 'BEGIN INSERT INTO pg_temp.late VALUES (1); RETURN pg_temp.who(); END';
BEGIN;
SELECT begin_identity(token());
DECLARE c CURSOR WITH HOLD FOR SELECT pg_temp.who_late();
COMMIT;
FETCH c;
-- but cursors of functions may read
BEGIN;
SELECT begin_identity(token());
SELECT pg_temp.who();
COMMIT;
\set SHOW_CONTEXT errors
BEGIN;
SELECT begin_identity(token());
PREPARE TRANSACTION 'identity';
SELECT count(*) FROM pg_prepared_xacts;

-- Expiry: for getters, and for what goes on
BEGIN;
SELECT begin_identity(token(jsonb_build_object('exp', seconds(2))));
DECLARE c CURSOR FOR SELECT i, identity_lives((SELECT identity_deadline())) FROM generate_series(1, 3) AS i;
FETCH 1 FROM c;
\! sleep 2.1
SAVEPOINT s;
FETCH 1 FROM c;
ROLLBACK TO s;
SELECT current_principal();
ROLLBACK TO s;
SELECT principal, problem FROM whoami();
ROLLBACK;

-- Logins
SET SESSION AUTHORIZATION access_ann;
SELECT * FROM me;
SELECT attr('region');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION access_bi;
SELECT * FROM me;
SET ROLE access_bob;
SELECT * FROM me;
RESET ROLE;
-- not who is nobody without a token
RESET SESSION AUTHORIZATION;
UPDATE principal SET token_only = true WHERE principal = 'bob';
SET SESSION AUTHORIZATION access_bi;
SET ROLE access_bob;
SELECT * FROM me;
RESET ROLE;
RESET SESSION AUTHORIZATION;

-- Who began to look before a key was withdrawn sees that it was
INSERT INTO signing_key (kid, secret) VALUES ('stolen', sha256('stolen'));
SELECT token('{}', 'stolen') AS stolen \gset
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM signing_key WHERE kid = 'stolen';
\setenv PGDATABASE :DBNAME
\! psql -XqAtc "DELETE FROM sales_intel.signing_key WHERE kid = 'stolen'"
SELECT count(*) FROM signing_key WHERE kid = 'stolen';
SELECT attempt(:'stolen');
COMMIT;

-- Administrators may add columns of their own
BEGIN;
ALTER TABLE principal ADD note text, ADD phone text, ADD mail text;
UPDATE principal SET note = 'x' WHERE principal = 'ann';
SET LOCAL SESSION AUTHORIZATION access_ann;
SELECT * FROM me;
ROLLBACK;

-- Accounts: by index, and read as a whole; as each statement sees them
RESET SESSION AUTHORIZATION;
INSERT INTO project_account (project, account) SELECT 'alpha', i FROM generate_series(1000, 2998, 2) AS i;
INSERT INTO project_account (project, account, valid_during) SELECT 'alpha', i, '(,2020-01-01)' FROM generate_series(1001, 1999, 2) AS i;
CREATE TABLE account AS SELECT i AS id FROM generate_series(900, 3100) AS i;
GRANT SELECT ON account TO access_ann;
CREATE FUNCTION drop_one() RETURNS int SECURITY DEFINER VOLATILE SET search_path = pg_catalog, sales_intel, pg_temp
LANGUAGE plpgsql AS 'BEGIN DELETE FROM project_account WHERE account = ''1000''; RETURN 1; END';
SET SESSION AUTHORIZATION access_ann;
BEGIN;
SELECT begin_identity(token('{"prj": "alpha"}'));
PREPARE accounts AS SELECT count(*), min(id), max(id) FROM account WHERE in_current_project(id);
EXECUTE accounts;
SELECT drop_one();
EXECUTE accounts;
DO $$
DECLARE seen int := 0;
BEGIN
    FOR i IN 1 .. 100 LOOP
        seen := seen + in_current_project(1002)::int;
    END LOOP;
    ASSERT seen = 100;
END $$;
COMMIT;

-- A stranger's function, and one of a role that is trusted
RESET SESSION AUTHORIZATION;
SET ROLE access_stranger;
CREATE FUNCTION stranger() RETURNS text SECURITY DEFINER RETURN sales_intel.current_principal();
CREATE FUNCTION begin_for_you(text) RETURNS text SECURITY DEFINER RETURN sales_intel.begin_identity($1);
RESET ROLE;
GRANT EXECUTE ON FUNCTION begin_identity(text) TO access_stranger;
SET SESSION AUTHORIZATION access_ann;
SELECT stranger() IS NULL AS nobody, current_principal();
SELECT begin_for_you(token());
RESET SESSION AUTHORIZATION;
INSERT INTO trusted_definer (role) VALUES ('access_stranger');
SET SESSION AUTHORIZATION access_ann;
SELECT stranger();
RESET SESSION AUTHORIZATION;

-- A setting proves nothing
SET SESSION AUTHORIZATION access_pool;
SELECT set_config('sales_intel.principal', 'ann', false);
SELECT set_config('request.jwt.claims', '{"sub": "ann"}', false) IS NULL, current_principal();
SELECT * FROM principal;
SELECT sign_token('k1', '{}');
RESET SESSION AUTHORIZATION;

-- In force from the next transaction on
SET SESSION AUTHORIZATION access_ann;
BEGIN;
SELECT attr('region');
RESET SESSION AUTHORIZATION;
UPDATE principal_attribute SET value = 'south' WHERE attribute = 'region';
SET SESSION AUTHORIZATION access_ann;
SELECT attr('region');
COMMIT;
SELECT attr('region');

-- In a worker there is an error, not an empty answer
SET force_parallel_mode = on;
SELECT attr('region');
CREATE FUNCTION pg_temp.mislabelled() RETURNS text PARALLEL SAFE LANGUAGE plpgsql AS 'BEGIN RETURN sales_intel.attr(''region''); END';
\set SHOW_CONTEXT never
SELECT pg_temp.mislabelled();
\set SHOW_CONTEXT errors
RESET force_parallel_mode;
RESET SESSION AUTHORIZATION;

DROP OWNED BY access_stranger;
DELETE FROM trusted_definer;
DELETE FROM project;
DELETE FROM principal;
DELETE FROM signing_key;
DROP VIEW me;
DROP TABLE account;
DROP FUNCTION token, seconds, attempt, drop_one;
DROP OWNED BY access_pool, access_ann, access_bi, access_bob;
DROP ROLE access_pool, access_ann, access_bi, access_bob, access_stranger;
