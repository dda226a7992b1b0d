-- Governed access: advice ----------------------------------------------
--
-- What could let somebody past the rules, or keep everybody out, as far as
-- catalogs tell.  Everything is read with the rights of the caller: a governor.

CREATE FUNCTION policy_faults()
RETURNS TABLE (root regclass, rel regclass, policy text, fault text)
AS 'MODULE_PATHNAME', 'sales_intel_access_policy_faults'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10;
COMMENT ON FUNCTION policy_faults() IS
'Policies of protected tables, and of their partitions, that are missing or are not what the rules say';

CREATE FUNCTION governed_tables()
RETURNS TABLE (root regclass, rel regclass, owner oid, unbound boolean)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1000
ROWS 100
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT p.rel, c.oid, c.relowner, r.rolsuper OR r.rolbypassrls
    FROM protected_table AS p
    LEFT JOIN pg_partition_tree(p.rel) AS t ON true
    JOIN pg_class AS c ON c.oid = COALESCE(t.relid, p.rel)
    JOIN pg_roles AS r ON r.oid = c.relowner;
END;
COMMENT ON FUNCTION governed_tables() IS
'Protected tables and their partitions, whose they are, and whether row security does not bind that role';

CREATE FUNCTION advice_on_tables()
RETURNS TABLE (severity text, object text, finding text, remedy text)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT 'error', 'table ' || g.rel, 'Row security is off: nobody is held to the rules.',
        format('SELECT sales_intel.protect_table(%L);', g.root)
    FROM governed_tables() AS g
    JOIN pg_class AS c ON c.oid = g.rel
    WHERE NOT c.relrowsecurity
    UNION ALL
    SELECT 'error', 'table ' || g.rel, 'Row security is not forced: its owner reads past the rules, and so do views and functions of his.',
        format('SELECT sales_intel.protect_table(%L);', g.root)
    FROM governed_tables() AS g
    JOIN pg_class AS c ON c.oid = g.rel
    WHERE c.relrowsecurity AND NOT c.relforcerowsecurity
    UNION ALL
    SELECT 'warning', 'table ' || g.rel, format('Its owner, %s, is a superuser or has BYPASSRLS: views and functions of his show everything.', g.owner::regrole),
        format('ALTER TABLE %s OWNER TO a role without login.', g.rel)
    FROM governed_tables() AS g
    WHERE g.unbound
    UNION ALL
    SELECT 'info', 'table ' || g.rel, format('Its owner, %s, can log in, and may change the rules or end the protection.', g.owner::regrole),
        format('ALTER TABLE %s OWNER TO a role without login.', g.rel)
    FROM governed_tables() AS g
    JOIN pg_roles AS r ON r.oid = g.owner
    WHERE r.rolcanlogin AND NOT g.unbound
    UNION ALL
    SELECT 'error', 'table ' || f.rel, format('Its policy %s is %s: it is not what the rules say.', f.policy, f.fault),
        format('SELECT sales_intel.protect_table(%L);', f.root)
    FROM policy_faults() AS f
    UNION ALL
    SELECT 'error', 'event trigger ' || t.evtname, 'It does not fire: new partitions of protected tables would be open to all.',
        format('ALTER EVENT TRIGGER %I ENABLE; then protect_table once more for partitioned tables.', t.evtname)
    FROM pg_event_trigger AS t
    WHERE t.evtname IN ('sales_intel_ddl', 'sales_intel_drop') AND t.evtenabled NOT IN ('O', 'A')
    UNION ALL
    SELECT DISTINCT 'error', 'table ' || i.inhrelid::regclass, format('It inherits from %s: rows of one are read through the other, past the rules.', i.inhparent::regclass),
        format('ALTER TABLE %s NO INHERIT %s;', i.inhrelid::regclass, i.inhparent::regclass)
    FROM governed_tables() AS g
    JOIN pg_inherits AS i ON g.rel IN (i.inhrelid, i.inhparent)
    JOIN pg_class AS c ON c.oid = i.inhrelid
    WHERE NOT c.relispartition
    UNION ALL
    SELECT DISTINCT CASE a.privilege_type WHEN 'REFERENCES' THEN 'warning' ELSE 'error' END, 'table ' || g.rel,
        CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
            || CASE a.privilege_type
                WHEN 'TRUNCATE' THEN ' may TRUNCATE it, whatever the rules.'
                WHEN 'TRIGGER' THEN ' may put triggers on it, which see the rows that others write.'
                ELSE ' may reference it, and learn by trial which keys there are.' END,
        format('REVOKE %s ON %s FROM %s;', a.privilege_type, g.rel,
            CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
    FROM governed_tables() AS g,
        LATERAL (
            SELECT x.grantee, x.privilege_type
            FROM pg_class AS c, aclexplode(c.relacl) AS x
            WHERE c.oid = g.rel
            UNION ALL
            SELECT x.grantee, x.privilege_type
            FROM pg_attribute AS c, aclexplode(c.attacl) AS x
            WHERE c.attrelid = g.rel) AS a
    WHERE a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER') AND a.grantee <> g.owner
    UNION ALL
    SELECT 'warning', 'table ' || g.rel, format('Its trigger %I runs a function of %s, which sees the rows that others write.', t.tgname, p.proowner::regrole),
        format('DROP TRIGGER %I ON %s; or make the function the table owner''s.', t.tgname, g.rel)
    FROM governed_tables() AS g
    JOIN pg_trigger AS t ON t.tgrelid = g.rel AND NOT t.tgisinternal
    JOIN pg_proc AS p ON p.oid = t.tgfoid
    JOIN pg_roles AS r ON r.oid = p.proowner
    WHERE p.proowner <> g.owner AND NOT r.rolsuper
    UNION ALL
    SELECT 'warning', 'table ' || t.tgrelid::regclass, format('Its trigger %I, of the trail, does not fire: writes are not recorded.', t.tgname),
        format('ALTER TABLE %s ENABLE TRIGGER %I;', t.tgrelid::regclass, t.tgname)
    FROM pg_trigger AS t
    WHERE t.tgfoid = 'record_access'::regproc AND t.tgenabled NOT IN ('O', 'A')
    UNION ALL
    SELECT CASE t.tgenabled WHEN 'O' THEN 'warning' ELSE 'error' END, 'table ' || t.tgrelid::regclass,
        format('Its trigger %I, which keeps what subjects allow, does not fire %s.', t.tgname,
            CASE t.tgenabled WHEN 'O' THEN 'in a session that applies changes of another server' ELSE 'when rows are written' END),
        format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I; and protect_table() again, for what was written meanwhile.', t.tgrelid::regclass, t.tgname)
    FROM pg_trigger AS t
    WHERE t.tgfoid IN (to_regproc('sales_intel.keep_consent_mask'), to_regproc('sales_intel.keep_frozen_fields')) AND t.tgenabled <> 'A'
    UNION ALL
    SELECT DISTINCT 'info', 'table ' || g.rel, format('It is in publication %I: subscribers get every row.', p.pubname),
        'See that the subscriber is governed, too.'
    FROM governed_tables() AS g
    JOIN pg_class AS c ON c.oid = g.rel
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_publication_tables AS p ON p.schemaname = n.nspname AND p.tablename = c.relname;
END;
COMMENT ON FUNCTION advice_on_tables() IS
'Advice on protected tables, their owners, policies, privileges and triggers';

CREATE FUNCTION advice_on_rules()
RETURNS TABLE (severity text, object text, finding text, remedy text)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT 'warning', 'table ' || r.rel, format('It has rules (%s), but is not protected: they are not enforced.', count(*)),
        format('SELECT sales_intel.protect_table(%L);', r.rel)
    FROM access_rule AS r
    WHERE NOT EXISTS (SELECT FROM protected_table AS p WHERE p.rel = r.rel)
    GROUP BY r.rel
    UNION ALL
    SELECT 'info', 'table ' || p.rel, 'No rule permits select: whoever asks, it is empty.',
        format('SELECT sales_intel.create_access_rule(%L, name, ''permit'', ''{select}'', condition);', p.rel)
    FROM protected_table AS p
    JOIN pg_class AS c ON c.oid = p.rel
    WHERE NOT EXISTS (
        SELECT FROM access_rule AS r
        WHERE r.rel = p.rel AND r.effect = 'permit' AND 'select' = ANY (r.actions))
    UNION ALL
    SELECT DISTINCT 'warning', 'table ' || r.rel, format('Its rule "%s" asks for attribute "%s", which nobody has.', r.name, m[1]),
        'Give it to principals in principal_attribute, or correct the name.'
    FROM access_rule AS r, regexp_matches(r.condition, '\mattr\w*\(''((?:[^'']|'''')+)''', 'g') AS m
    WHERE NOT EXISTS (SELECT FROM principal_attribute AS a WHERE a.attribute = replace(m[1], '''''', ''''));
END;
COMMENT ON FUNCTION advice_on_rules() IS
'Advice on rules that do nothing';

CREATE FUNCTION advice_on_copies()
RETURNS TABLE (severity text, object text, finding text, remedy text)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH RECURSIVE reader (root, rel) AS (
        SELECT g.root, w.ev_class
        FROM governed_tables() AS g
        JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = g.rel AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite AS w ON w.oid = d.objid AND w.ev_class <> g.rel
        UNION
        SELECT v.source, v.view
        FROM consent_view AS v
        UNION
        SELECT r.root, w.ev_class
        FROM reader AS r
        JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = r.rel AND d.classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite AS w ON w.oid = d.objid AND w.ev_class <> r.rel
    ), reading AS (
        SELECT c.oid::regclass AS rel, c.relkind, c.relowner::regrole AS owner, o.rolsuper OR o.rolbypassrls AS unbound,
            (SELECT string_agg(DISTINCT r.root::text, ', ') FROM reader AS r WHERE r.rel = c.oid) AS tables,
            EXISTS (SELECT FROM aclexplode(c.relacl) AS a WHERE a.privilege_type = 'SELECT' AND a.grantee <> c.relowner)
                OR EXISTS (
                    SELECT FROM pg_attribute AS t, aclexplode(t.attacl) AS a
                    WHERE t.attrelid = c.oid AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner) AS granted,
            EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS t WHERE t.option_name = 'security_invoker' AND t.option_value::boolean) AS invoker,
            EXISTS (SELECT FROM pg_options_to_table(c.reloptions) AS t WHERE t.option_name = 'security_barrier' AND t.option_value::boolean) AS barrier
        FROM pg_class AS c
        JOIN pg_roles AS o ON o.oid = c.relowner
        WHERE c.oid IN (SELECT r.rel FROM reader AS r) AND c.relkind IN ('v', 'm')
    ), shape AS (
        SELECT c.oid, c.relkind, c.relispartition, c.relpersistence, array_agg(t.attname || ' ' || t.atttypid ORDER BY t.attname) AS columns
        FROM pg_class AS c
        JOIN pg_attribute AS t ON t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped
        WHERE c.relkind IN ('r', 'p', 'f')
        GROUP BY c.oid
    )
    SELECT CASE WHEN v.unbound AND v.granted THEN 'error' ELSE 'warning' END, 'view ' || v.rel,
        CASE WHEN v.unbound THEN format('It reads %s as %s, a superuser or with BYPASSRLS: it shows every row.', v.tables, v.owner)
            ELSE format('It reads %s with the privileges of its owner, %s; were he to have BYPASSRLS, it would show every row.', v.tables, v.owner) END,
        format('ALTER VIEW %s SET (security_invoker = true, security_barrier = true);', v.rel)
    FROM reading AS v
    WHERE v.relkind = 'v' AND NOT v.invoker AND NOT EXISTS (SELECT FROM consent_view AS c WHERE c.view = v.rel)
    UNION ALL
    SELECT 'error', 'view ' || v.rel,
        CASE WHEN v.unbound THEN format('It is a consent view, but of %s, a superuser or with BYPASSRLS: no rule binds it.', v.owner)
            WHEN NOT v.barrier THEN 'It is a consent view, but without security_barrier: functions in a query may see what it hides.'
            ELSE format('It is a consent view of %s, but reads it as %s, who does not own that.', v.tables, v.owner) END,
        CASE WHEN v.unbound OR v.barrier THEN format('ALTER VIEW %s OWNER TO the owner of %s.', v.rel, v.tables)
            ELSE format('ALTER VIEW %s SET (security_barrier = true);', v.rel) END
    FROM reading AS v
    JOIN consent_view AS c ON c.view = v.rel
    JOIN pg_class AS s ON s.oid = c.source
    WHERE v.unbound OR NOT v.barrier OR s.relowner::regrole <> v.owner
    UNION ALL
    SELECT 'error', 'view ' || c.view, 'It is a consent view, but was replaced: it asks nobody''s consent.',
        'drop_consent_view() and create_consent_view().'
    FROM consent_view AS c
    WHERE (c.options ? 'row_scene' OR EXISTS (SELECT FROM jsonb_each(c.columns) AS s WHERE s.value <> 'null'))
        AND NOT EXISTS (
            SELECT
            FROM pg_rewrite AS w
            JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_proc'::regclass
            JOIN pg_proc AS p ON p.oid = d.refobjid AND p.proname = 'consent_live' AND p.pronamespace = 'sales_intel'::regnamespace
            WHERE w.ev_class = c.view)
    UNION ALL
    SELECT 'info', 'view ' || v.rel, format('It reads %s without security_barrier: what its own conditions hide, functions in a query may see.', v.tables),
        format('ALTER VIEW %s SET (security_barrier = true);', v.rel)
    FROM reading AS v
    WHERE v.relkind = 'v' AND v.invoker AND NOT v.barrier
    UNION ALL
    SELECT CASE WHEN v.granted THEN 'error' ELSE 'warning' END, 'materialized view ' || v.rel,
        format('It is a copy of %s, for which there are no rules: ', v.tables)
            || CASE WHEN v.granted THEN 'others may read every row of it.' ELSE 'only its owner may read it.' END,
        CASE WHEN v.granted THEN format('Revoke SELECT on %s, and give a view that asks who looks.', v.rel) ELSE 'Grant it to nobody.' END
    FROM reading AS v
    WHERE v.relkind = 'm'
    UNION ALL
    SELECT 'info', 'table ' || s.oid::regclass, format('It has the columns of %s: a copy, without rules?', string_agg(g.root::text, ', ' ORDER BY g.root::text)),
        'Protect it, or drop it.'
    FROM shape AS s
    JOIN shape AS p ON p.columns = s.columns AND p.oid <> s.oid
    JOIN governed_tables() AS g ON g.rel = p.oid AND g.root = g.rel
    WHERE NOT s.relispartition AND s.relpersistence <> 't'
        AND NOT EXISTS (SELECT FROM governed_tables() AS o WHERE o.rel = s.oid)
    GROUP BY s.oid;
END;
COMMENT ON FUNCTION advice_on_copies() IS
'Advice on views, materialized views and copies of protected tables';

CREATE FUNCTION advice_on_functions()
RETURNS TABLE (severity text, object text, finding text, remedy text)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT 'warning', 'function ' || p.oid::regprocedure,
        format('SECURITY DEFINER, it names %s and acts as %s, a superuser or with BYPASSRLS: it reads past the rules.',
            string_agg(DISTINCT g.root::text, ', '), p.proowner::regrole),
        format('ALTER FUNCTION %s SECURITY INVOKER; or give it to the table''s owner.', p.oid::regprocedure)
    FROM governed_tables() AS g
    JOIN pg_class AS c ON c.oid = g.rel
    JOIN pg_proc AS p ON p.prosecdef
    JOIN pg_roles AS r ON r.oid = p.proowner AND (r.rolsuper OR r.rolbypassrls)
    WHERE (p.prosrc ~ ('\m' || regexp_replace(c.relname, '(\W)', '\\\1', 'g') || '\M')
            OR EXISTS (
                SELECT FROM pg_depend AS d
                WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = g.rel))
        AND NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    GROUP BY p.oid, p.proowner
    UNION ALL
    SELECT CASE WHEN r.oid IS NULL OR r.rolsuper OR r.rolbypassrls THEN 'warning' ELSE 'info' END, 'role ' || t.role,
        CASE WHEN r.oid IS NULL THEN 'It is a trusted definer, but there is no such role.'
            WHEN r.rolsuper OR r.rolbypassrls THEN 'It is a trusted definer, but a superuser or with BYPASSRLS: its functions read past the rules anyway.'
            ELSE format('It is a trusted definer: its SECURITY DEFINER functions (%s) act for whoever calls them%s.',
                (SELECT count(*) FROM pg_proc AS p WHERE p.proowner = t.role AND p.prosecdef),
                CASE WHEN r.rolcanlogin THEN ', and it can log in and make more' ELSE '' END) END,
        CASE WHEN r.oid IS NULL OR r.rolsuper OR r.rolbypassrls THEN format('DELETE FROM sales_intel.trusted_definer WHERE role = %L::regrole;', t.role)
            ELSE 'Read each of them.' END
    FROM trusted_definer AS t
    LEFT JOIN pg_roles AS r ON r.oid = t.role;
END;
COMMENT ON FUNCTION advice_on_functions() IS
'Advice on SECURITY DEFINER functions and trusted definers';

CREATE FUNCTION advice_on_roles()
RETURNS TABLE (severity text, object text, finding text, remedy text)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- Row security binds nobody of these.  The first superuser is as sure to
    -- be there as the server.
    SELECT CASE WHEN r.oid = 10 THEN 'info' ELSE 'warning' END, 'role ' || r.oid::regrole,
        'It can log in and is a superuser: no rule binds it.',
        CASE WHEN r.oid = 10 THEN 'Nobody''s everyday login, nor an application''s.' ELSE format('ALTER ROLE %s NOSUPERUSER;', r.oid::regrole) END
    FROM pg_roles AS r
    WHERE r.rolcanlogin AND r.rolsuper
    UNION ALL
    SELECT 'warning', 'role ' || r.oid::regrole,
        CASE WHEN r.rolbypassrls THEN 'It can log in and has BYPASSRLS: no rule binds it.'
            ELSE format('It can log in and become %s, which has BYPASSRLS or is a superuser.', string_agg(b.oid::regrole::text, ', ')) END,
        CASE WHEN r.rolbypassrls THEN format('For backups only; else ALTER ROLE %s NOBYPASSRLS;', r.oid::regrole)
            ELSE format('REVOKE %s FROM %s;', string_agg(b.oid::regrole::text, ', '), r.oid::regrole) END
    FROM pg_roles AS r
    JOIN pg_roles AS b ON (b.rolbypassrls OR b.rolsuper) AND pg_has_role(r.oid, b.oid, 'MEMBER')
    WHERE r.rolcanlogin AND NOT r.rolsuper
    GROUP BY r.oid, r.rolbypassrls
    UNION ALL
    SELECT 'warning', 'role ' || r.oid::regrole, 'It can log in and replicate: it gets the whole database, whatever the rules.',
        format('For standbys and base backups only; else ALTER ROLE %s NOREPLICATION;', r.oid::regrole)
    FROM pg_roles AS r
    WHERE r.rolcanlogin AND r.rolreplication AND NOT r.rolsuper
    UNION ALL
    SELECT 'warning', 'role ' || r.oid::regrole, format('It can log in and is a member of %s, which reads the server''s files: no rule binds it.', b.rolname),
        format('REVOKE %s FROM %s;', b.oid::regrole, r.oid::regrole)
    FROM pg_roles AS r
    JOIN pg_roles AS b ON b.rolname IN ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')
        AND pg_has_role(r.oid, b.oid, 'MEMBER')
    WHERE r.rolcanlogin AND NOT r.rolsuper
    UNION ALL
    SELECT 'warning', 'role ' || r.oid::regrole, 'It can log in and has CREATEROLE: in this version it may make itself a member of any role but superusers.',
        format('ALTER ROLE %s NOCREATEROLE;', r.oid::regrole)
    FROM pg_roles AS r
    WHERE r.rolcanlogin AND r.rolcreaterole AND NOT r.rolsuper AND current_setting('server_version_num')::integer < 160000
    UNION ALL
    SELECT 'warning', 'role ' || r.oid::regrole, 'It sees the SQL of all sessions, with the values in it.',
        format('Revoke pg_read_all_stats or pg_monitor from %s, or keep it for monitoring.', r.oid::regrole)
    FROM pg_roles AS r
    WHERE r.rolcanlogin AND NOT r.rolsuper AND pg_has_role(r.oid, 'pg_read_all_stats', 'MEMBER')
    UNION ALL
    SELECT 'warning', 'role ' || r.oid::regrole, 'It can log in and may make tokens for anybody: by sign_token, or as it reads the secrets.',
        format('Let another server than the application''s issue tokens, or revoke that from %s.', r.oid::regrole)
    FROM pg_roles AS r
    WHERE r.rolcanlogin AND NOT r.rolsuper
        AND (has_function_privilege(r.oid, 'sales_intel.sign_token(text, jsonb)', 'EXECUTE')
            OR has_column_privilege(r.oid, 'sales_intel.signing_key', 'secret', 'SELECT'))
    UNION ALL
    SELECT 'warning', 'role ' || r.oid::regrole, 'It may begin identities, and tokens count there again and again until they expire: one that was seen can be used.',
        CASE WHEN p.token_only THEN format('DELETE FROM sales_intel.principal_attribute WHERE principal = %L AND attribute = ''token_reuse'';', p.principal)
            ELSE format('UPDATE sales_intel.principal SET token_only = true WHERE principal = %L;', p.principal) END
    FROM pg_roles AS r
    JOIN principal AS p ON p.login_role = r.oid
    WHERE r.rolcanlogin AND NOT r.rolsuper AND has_function_privilege(r.oid, 'sales_intel.begin_identity(text)', 'EXECUTE')
        AND (NOT p.token_only OR EXISTS (
            SELECT FROM principal_attribute AS a
            WHERE a.principal = p.principal AND a.attribute = 'token_reuse' AND a.value = 'true' AND a.valid_during @> now()))
    UNION ALL
    -- What no grant can close, once.
    SELECT 'info', 'database', 'EXPLAIN, and statistics such as pg_class.reltuples, tell everybody how many rows there are, hidden ones too; pg_stats tells values of copies.',
        'Give SQL to nobody from whom counts are secret; see doc/security.md.'
    WHERE EXISTS (SELECT FROM protected_table)
    UNION ALL
    -- What the clients of a pool can do to one another
    SELECT 'info', 'role ' || p.login_role, format('Sessions of it may see the SQL of one another, and end it: EXECUTE is granted on %s.', string_agg(f.name::text, ', ' ORDER BY f.name::text)),
        format('Pass tokens and values as parameters; and REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC; where clients send SQL of their own.',
            string_agg(f.name::text, ', ' ORDER BY f.name::text))
    FROM principal AS p
    JOIN pg_roles AS r ON r.oid = p.login_role
    JOIN unnest('{pg_stat_get_activity(integer),pg_stat_get_backend_activity(integer),pg_cancel_backend(integer),'
        'pg_terminate_backend(integer\,bigint)}'::regprocedure[]) AS f(name) ON has_function_privilege(r.oid, f.name, 'EXECUTE')
    WHERE p.token_only
    GROUP BY p.login_role
    UNION ALL
    SELECT 'info', 'role ' || p.login_role, 'It may make temporary objects: a client can leave a view in the place of a table, which the next one reads.',
        format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC, %s; where clients send SQL of their own.', current_database(), p.login_role)
    FROM principal AS p
    JOIN pg_roles AS r ON r.oid = p.login_role
    WHERE p.token_only AND has_database_privilege(r.oid, current_database(), 'TEMPORARY')
    UNION ALL
    SELECT 'warning', 'role ' || p.login_role, format('It may create objects in schema %s: what one client puts there, others may run.', n.oid::regnamespace),
        format('REVOKE CREATE ON SCHEMA %s FROM PUBLIC, %s;', n.oid::regnamespace, p.login_role)
    FROM principal AS p
    JOIN pg_roles AS r ON r.oid = p.login_role
    JOIN pg_namespace AS n ON has_schema_privilege(r.oid, n.oid, 'CREATE')
    WHERE p.token_only AND n.nspname !~ '^pg_temp|^pg_toast_temp';
END;
COMMENT ON FUNCTION advice_on_roles() IS
'Advice on logins that no rule binds, that see too much, or that could forge';

CREATE FUNCTION advice_on_keys()
RETURNS TABLE (severity text, object text, finding text, remedy text)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT 'error', 'table sales_intel.signing_key', 'No key is valid now: no token is accepted.',
        'INSERT INTO sales_intel.signing_key (kid, valid_during) VALUES (''k1'', tstzrange(now(), now() + interval ''90 days'')); and bring it to the issuer.'
    WHERE EXISTS (SELECT FROM principal AS p WHERE p.active AND (p.token_only OR p.login_role IS NULL))
        AND NOT EXISTS (SELECT FROM signing_key AS k WHERE k.valid_during @> now())
    UNION ALL
    SELECT 'warning', 'key ' || k.kid, format('It is the last one, and ends on %s: no token is accepted then.', to_char(upper(k.valid_during), 'YYYY-MM-DD')),
        'Add the next one, valid from now on, and bring it to the issuer.'
    FROM signing_key AS k
    WHERE k.valid_during @> now() AND upper(k.valid_during) < now() + interval '14 days'
        AND NOT EXISTS (
            SELECT FROM signing_key AS o
            WHERE o.kid <> k.kid AND NOT isempty(o.valid_during)
                AND COALESCE(upper(o.valid_during), 'infinity') > upper(k.valid_during))
    UNION ALL
    SELECT 'warning', 'key ' || k.kid, format('It has been in use since %s.', to_char(lower(k.valid_during), 'YYYY-MM-DD')),
        'Add a new one, and end this one a day after the issuer has changed.'
    FROM signing_key AS k
    WHERE k.valid_during @> now() AND lower(k.valid_during) < now() - interval '1 year'
    UNION ALL
    SELECT 'info', 'key ' || k.kid, 'It has no beginning or no end: nobody will be told to rotate it.',
        format('UPDATE sales_intel.signing_key SET valid_during = tstzrange(now(), now() + interval ''90 days'') WHERE kid = %L;', k.kid)
    FROM signing_key AS k
    WHERE k.valid_during @> now() AND (lower(k.valid_during) IS NULL OR COALESCE(upper(k.valid_during), 'infinity') = 'infinity')
    UNION ALL
    SELECT 'info', 'key ' || k.kid, 'Its time is over.', format('DELETE FROM sales_intel.signing_key WHERE kid = %L;', k.kid)
    FROM signing_key AS k
    WHERE isempty(k.valid_during) OR upper(k.valid_during) <= now();
END;
COMMENT ON FUNCTION advice_on_keys() IS
'Advice on signing keys that are missing, old, or about to end';

CREATE FUNCTION advice_on_principals()
RETURNS TABLE (severity text, object text, finding text, remedy text)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT 'warning', 'principal ' || p.principal, format('Its login, %s, does not exist any more.', p.login_role::oid),
        format('UPDATE sales_intel.principal SET login_role = NULL, active = false WHERE principal = %L;', p.principal)
    FROM principal AS p
    WHERE p.login_role IS NOT NULL AND NOT EXISTS (SELECT FROM pg_roles AS r WHERE r.oid = p.login_role)
    UNION ALL
    SELECT 'error', 'principal ' || p.principal, format('Its login, %s, is a superuser or has BYPASSRLS: no rule binds it.', p.login_role),
        format('ALTER ROLE %s NOSUPERUSER NOBYPASSRLS;', p.login_role)
    FROM principal AS p
    JOIN pg_roles AS r ON r.oid = p.login_role
    WHERE r.rolsuper OR r.rolbypassrls
    UNION ALL
    SELECT DISTINCT 'error', 'principal ' || p.principal, format('Its login, %s, is or can become %s, who owns protected tables and may end the protection.', p.login_role, g.owner::regrole),
        CASE WHEN g.owner = p.login_role THEN format('Give the tables of %s to a role without login.', p.login_role)
            ELSE format('REVOKE %s FROM %s;', g.owner::regrole, p.login_role) END
    FROM principal AS p
    JOIN pg_roles AS r ON r.oid = p.login_role
    JOIN governed_tables() AS g ON pg_has_role(r.oid, g.owner, 'MEMBER')
    WHERE NOT r.rolsuper
    UNION ALL
    SELECT 'info', 'principal ' || p.principal, format('Its login, %s, becomes by SET ROLE whoever it is a member of, in one session one after the other.', p.login_role),
        'For BI tools only, whose users cannot type SQL of their own.'
    FROM principal AS p
    WHERE p.kind = 'impersonator' AND p.login_role IS NOT NULL
    UNION ALL
    SELECT 'info', 'principal ' || p.principal, 'Its time is over.', format('DELETE FROM sales_intel.principal WHERE principal = %L;', p.principal)
    FROM principal AS p
    WHERE isempty(p.valid_during) OR upper(p.valid_during) <= now()
    UNION ALL
    SELECT 'info', 'principal ' || a.principal, format('It has had, and has no more: %s.', string_agg(DISTINCT a.attribute, ', ')),
        'Give what it should have, or delete the rows of principal_attribute.'
    FROM principal_attribute AS a
    WHERE upper(a.valid_during) <= now()
        AND NOT EXISTS (
            SELECT FROM principal_attribute AS o
            WHERE o.principal = a.principal AND o.attribute = a.attribute
                AND COALESCE(upper(o.valid_during), 'infinity') > now())
    GROUP BY a.principal;
END;
COMMENT ON FUNCTION advice_on_principals() IS
'Advice on principals whose logins are gone or not bound by rules, and on attributes that have ended';

CREATE FUNCTION advice_on_records()
RETURNS TABLE (severity text, object text, finding text, remedy text)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000
ROWS 10
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- "ENABLE TRIGGER ALL", as after pg_restore --disable-triggers, makes
    -- plain triggers of those that fire always.
    SELECT 'error', 'table sales_intel.' || k.rel, format('Its trigger %I does not fire always: what was recorded can be changed.', k.trigger),
        format('ALTER TABLE sales_intel.%I ENABLE ALWAYS TRIGGER %I;', k.rel, k.trigger)
    FROM (VALUES ('access_trail', 'keep_trail'), ('ledger', 'keep_ledger'), ('ledger_head', 'keep_ledger'), ('consent_event', 'keep_consent'), ('consent_scene', 'keep_consent'),
        ('release', 'keep_ledger'), ('release', 'guard_release'), ('release_health', 'keep_ledger')) AS k(rel, trigger)
    WHERE NOT EXISTS (
        SELECT FROM pg_trigger AS t
        WHERE t.tgrelid = to_regclass('sales_intel.' || k.rel) AND t.tgname = k.trigger AND t.tgenabled = 'A');
END;
COMMENT ON FUNCTION advice_on_records() IS
'Advice on tables that only grow whose triggers are off';

CREATE FUNCTION access_advisor()
RETURNS TABLE (severity text, object text, finding text, remedy text)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
ROWS 20
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT a.severity, a.object, a.finding, a.remedy
    FROM (
        SELECT * FROM advice_on_tables()
        UNION ALL SELECT * FROM advice_on_rules()
        UNION ALL SELECT * FROM advice_on_copies()
        UNION ALL SELECT * FROM advice_on_functions()
        UNION ALL SELECT * FROM advice_on_roles()
        UNION ALL SELECT * FROM advice_on_keys()
        UNION ALL SELECT * FROM advice_on_principals()
        UNION ALL SELECT * FROM advice_on_records()) AS a
    ORDER BY array_position('{error,warning,info}', a.severity), a.object COLLATE "C", a.finding COLLATE "C";
END;
COMMENT ON FUNCTION access_advisor() IS
'What could let somebody past the rules, or keep everybody out, worst first, with remedies';
