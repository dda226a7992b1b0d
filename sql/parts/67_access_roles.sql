-- Governed access: profiles of roles -------------------------------------
--
-- What each profile may do, as plain grants, which dumps keep.  A function's
-- name means all its overloads; names of functions that this version does not
-- have yet mean nothing.  Nothing here lends anybody a right.

CREATE VIEW profile_grant WITH (security_barrier, security_invoker) AS
WITH listed (profile, privilege, kind, names, columns) AS (VALUES
    -- logins of applications, which begin identities with tokens
    ('app', 'EXECUTE', 'FUNCTION', '{begin_identity,token_audience,session_nonce,explain_access,'
        'ask_consent,grant_consent,refuse_consent,withdraw_consent,require_consent,queue_action,acknowledge}'::text[], NULL::text[]),
    ('app', 'EXECUTE', 'FUNCTION', '{ledger_append,request_release,approve_release,reject_release}', NULL),
    ('app', 'SELECT', 'TABLE', '{my_release}', NULL),
    -- logins of BI tools: mapped to principals; what they read is granted view by view
    ('bi', 'SELECT', 'TABLE', '{lead_model_version,lead_model_history}', NULL),
    ('bi', 'SELECT', 'TABLE', '{model_version}', '{name,version,label,query,options,rows,positives,roc_auc,brier_score,calibration_error,'
        'usable,status,trained_by,trained_at,model_hash}'),
    ('bi', 'EXECUTE', 'FUNCTION', '{explain_access}', NULL),
    -- reads models and scores with them
    ('analyst', 'EXECUTE', 'FUNCTION', '{explain_access}', NULL),
    ('analyst', 'SELECT', 'TABLE', '{model_version,lead_model_version,lead_model_history}', NULL),
    -- makes copies in which pseudonyms stand for people
    ('refresher', 'EXECUTE', 'FUNCTION', '{pseudonym}', NULL),
    -- owns tables that are protected or recorded
    ('table_owner', 'EXECUTE', 'FUNCTION', '{create_access_rule,drop_access_rule,protect_table,unprotect_table,'
        'preview_access,record_writes,stop_recording,record_access}', NULL),
    -- says who is who; sees no secret
    ('security_admin', 'SELECT', 'TABLE', '{principal,principal_attribute,project,project_member,project_account,'
        'trusted_definer,access_rule,protected_table}', NULL),
    ('security_admin', 'INSERT', 'TABLE', '{principal,principal_attribute,project,project_member,project_account,trusted_definer}', NULL),
    ('security_admin', 'UPDATE', 'TABLE', '{principal,principal_attribute,project,project_member,project_account,trusted_definer}', NULL),
    ('security_admin', 'DELETE', 'TABLE', '{principal,principal_attribute,project,project_member,project_account,trusted_definer}', NULL),
    ('security_admin', 'SELECT', 'TABLE', '{signing_key}', '{kid,valid_during}'),
    ('security_admin', 'INSERT', 'TABLE', '{signing_key}', NULL),
    ('security_admin', 'UPDATE', 'TABLE', '{signing_key}', '{valid_during}'),
    ('security_admin', 'DELETE', 'TABLE', '{signing_key}', NULL),
    ('security_admin', 'SELECT', 'TABLE', '{pseudonym_key}', '{kind,created_by,created_at}'),
    ('security_admin', 'INSERT', 'TABLE', '{pseudonym_key}', '{kind,secret}'),
    -- how much money passes the gate, and whether any does
    ('security_admin', 'SELECT', 'TABLE', '{release_limit,release_level,release_health}', NULL),
    ('security_admin', 'INSERT', 'TABLE', '{release_limit}', '{principal,per_day}'),
    ('security_admin', 'INSERT', 'TABLE', '{release_level}', '{level,per_day,frozen}'),
    ('security_admin', 'UPDATE', 'TABLE', '{release_limit}', '{principal,per_day}'),
    ('security_admin', 'UPDATE', 'TABLE', '{release_level}', '{level,per_day,frozen}'),
    ('security_admin', 'DELETE', 'TABLE', '{release_limit,release_level}', NULL),
    ('security_admin', 'EXECUTE', 'FUNCTION', '{set_release_health}', NULL),
    ('security_admin', 'EXECUTE', 'FUNCTION', '{sign_token,token_audience,create_pseudonym_key,'
        'explain_access,preview_access,who_could_access,access_advisor,policy_faults,governed_tables,'
        'advice_on_tables,advice_on_rules,advice_on_copies,advice_on_functions,advice_on_roles,advice_on_keys,advice_on_principals,advice_on_records}', NULL),
    -- reads all that is decided and was done; changes nothing, sees no secret
    ('auditor', 'SELECT', 'TABLE', '{principal,principal_attribute,project,project_member,project_account,'
        'trusted_definer,access_rule,protected_table,access_trail,token_use,lead_model_version,lead_model_history}', NULL),
    ('auditor', 'SELECT', 'TABLE', '{model_version}', '{name,version,label,query,options,rows,positives,roc_auc,brier_score,calibration_error,'
        'usable,status,trained_by,trained_at,model_hash}'),
    ('auditor', 'SELECT', 'TABLE', '{signing_key}', '{kid,valid_during}'),
    ('auditor', 'SELECT', 'TABLE', '{pseudonym_key}', '{kind,created_by,created_at}'),
    ('auditor', 'SELECT', 'TABLE', '{ledger,ledger_head,release,effective_release,release_limit,release_level,release_health}', NULL),
    ('auditor', 'EXECUTE', 'FUNCTION', '{ledger_verify,ledger_digest,ledger_verify_digest}', NULL),
    ('auditor', 'SELECT', 'TABLE', '{consent_scene,consent_regime,consent_event,consent_state,consent_session,'
        'consent_use,consent_worklist,outbox}', NULL),
    ('auditor', 'SELECT', 'TABLE', '{consent_subject}', '{subject,regime,minor}'),
    ('auditor', 'EXECUTE', 'FUNCTION', '{consent_report,consent_as_of,consent_kpis}', NULL),
    ('auditor', 'EXECUTE', 'FUNCTION', '{explain_access,preview_access,who_could_access,access_advisor,policy_faults,governed_tables,'
        'advice_on_tables,advice_on_rules,advice_on_copies,advice_on_functions,advice_on_roles,advice_on_keys,advice_on_principals,advice_on_records}', NULL),
    -- answers for what customers were asked and have said; sees no salt
    ('consent_manager', 'EXECUTE', 'FUNCTION', '{ask_consent,grant_consent,refuse_consent,withdraw_consent,acknowledge,'
        'set_subject,adopt_regime,recheck_consent,consent_report,consent_as_of,consent_kpis}', NULL),
    ('consent_manager', 'SELECT', 'TABLE', '{consent_scene,consent_regime,consent_event,consent_state,consent_session,'
        'consent_use,consent_worklist,outbox}', NULL),
    ('consent_manager', 'SELECT', 'TABLE', '{consent_subject}', '{subject,regime,minor}'),
    ('consent_manager', 'INSERT', 'TABLE', '{consent_scene}', '{scene,bit,title,basis,regimes}'),
    ('consent_manager', 'INSERT', 'TABLE', '{consent_regime}', '{regime,use,scene,title,article}')
), named AS (
    SELECT l.*, n.name
    FROM listed AS l, unnest(l.names) AS n(name)
), resolved AS (
    -- where PUBLIC may no longer look into the schema
    SELECT DISTINCT l.profile, 'USAGE' AS privilege, 'SCHEMA sales_intel' AS object,
        pg_catalog.has_schema_privilege('sales_intel', 'USAGE WITH GRANT OPTION') AS grantable
    FROM listed AS l
    UNION ALL
    SELECT n.profile, n.privilege, 'FUNCTION ' || p.oid::pg_catalog.regprocedure,
        pg_catalog.has_function_privilege(p.oid, 'EXECUTE WITH GRANT OPTION')
    FROM named AS n
    JOIN pg_catalog.pg_proc AS p ON n.kind = 'FUNCTION' AND p.proname = n.name
    WHERE EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        JOIN pg_catalog.pg_extension AS e ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid
        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e' AND e.extname = 'sales_intel')
    UNION ALL
    SELECT n.profile, n.privilege || COALESCE(' (' || pg_catalog.array_to_string(n.columns, ', ') || ')', ''),
        'TABLE sales_intel.' || n.name,
        CASE WHEN n.columns IS NULL
            THEN pg_catalog.has_table_privilege('sales_intel.' || n.name, n.privilege || ' WITH GRANT OPTION')
            ELSE (
                SELECT pg_catalog.bool_and(pg_catalog.has_column_privilege('sales_intel.' || n.name, c.name, n.privilege || ' WITH GRANT OPTION'))
                FROM unnest(n.columns) AS c(name))
        END
    FROM named AS n
    WHERE n.kind = 'TABLE'
)
SELECT r.profile, r.privilege, r.object, r.grantable
FROM resolved AS r;
COMMENT ON VIEW profile_grant IS
'What grant_role grants for each profile, and whether you may grant it';

-- The statements of a profile, run; one row for each.
CREATE FUNCTION run_grants(give boolean, profile text, role regrole)
RETURNS SETOF text
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 30
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    given record;
    statement text;
BEGIN
    PERFORM FROM pg_roles AS r WHERE r.oid = run_grants.role;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such role' USING
            ERRCODE = 'undefined_object',
            DETAIL = format('The role is given as %s; PUBLIC is none.', COALESCE(run_grants.role::text, 'NULL')),
            HINT = 'Create it first: CREATE ROLE.';
    END IF;
    FOR given IN
            SELECT g.privilege, g.object, g.grantable
            FROM sales_intel.profile_grant AS g
            WHERE g.profile = run_grants.profile
            ORDER BY g.object COLLATE "C", g.privilege COLLATE "C" LOOP
        IF NOT given.grantable THEN
            RAISE EXCEPTION 'profile "%" is not yours to give or take', run_grants.profile USING
                ERRCODE = 'insufficient_privilege',
                DETAIL = format('You may not grant %s ON %s.', given.privilege, given.object),
                HINT = 'Ask the extension''s owner, or to be granted it WITH GRANT OPTION.';
        END IF;
        statement := format(CASE WHEN run_grants.give THEN 'GRANT %s ON %s TO %s' ELSE 'REVOKE %s ON %s FROM %s' END,
            given.privilege, given.object, run_grants.role);
        EXECUTE statement;
        RETURN NEXT statement;
    END LOOP;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no profile "%"', COALESCE(run_grants.profile, 'NULL') USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Profiles are %s.', (
                SELECT string_agg(DISTINCT g.profile COLLATE "C", ', ') FROM sales_intel.profile_grant AS g)),
            HINT = 'SELECT * FROM sales_intel.profile_grant shows what each may do.';
    END IF;
END
$$;
COMMENT ON FUNCTION run_grants(boolean, text, regrole) IS
'Runs the statements of a profile: the one body of grant_role and revoke_role';

CREATE FUNCTION grant_role(profile text, to_role regrole)
RETURNS SETOF text
LANGUAGE SQL
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 30
BEGIN ATOMIC
    SELECT g FROM run_grants(true, profile, to_role) AS g;
END;
COMMENT ON FUNCTION grant_role(text, regrole) IS
'Grant a role what a profile needs, by plain grants, which are returned';

CREATE FUNCTION revoke_role(profile text, from_role regrole)
RETURNS SETOF text
LANGUAGE SQL
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 30
BEGIN ATOMIC
    SELECT g FROM run_grants(false, profile, from_role) AS g;
END;
COMMENT ON FUNCTION revoke_role(text, regrole) IS
'Take from a role what a profile needs, even where another profile needs it too';
