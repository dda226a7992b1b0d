-- sales_intel: install script, made of the files in sql/parts in order of name.
-- Everything lands in schema sales_intel, which the control file fixes.
\echo Use "CREATE EXTENSION sales_intel" to load this file. \quit

-- The schema is new, or as a dump leaves it: a superuser's, and empty.  What
-- somebody else put there, or may put there, would be taken for ours.
DO $$
BEGIN
    PERFORM
    FROM pg_catalog.pg_namespace AS n
    JOIN pg_catalog.pg_roles AS r ON r.oid OPERATOR(pg_catalog.=) n.nspowner
    WHERE n.nspname OPERATOR(pg_catalog.=) 'sales_intel' AND r.rolsuper
        AND NOT EXISTS (
            SELECT
            FROM pg_catalog.aclexplode(n.nspacl) AS a
            WHERE a.privilege_type OPERATOR(pg_catalog.=) 'CREATE' AND a.grantee OPERATOR(pg_catalog.<>) n.nspowner)
        AND NOT EXISTS (
            SELECT
            FROM pg_catalog.pg_depend AS d
            WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
                AND d.refobjid OPERATOR(pg_catalog.=) n.oid
                AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the schema "sales_intel" is in use' USING
            ERRCODE = 'duplicate_schema',
            DETAIL = 'It holds objects, does not belong to a superuser, or others may create objects in it.',
            HINT = 'Look into it, then drop it: CREATE EXTENSION makes it.';
    END IF;
END
$$;
