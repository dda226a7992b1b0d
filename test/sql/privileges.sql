-- What an installation grants, to the last object: a new one is not in the list,
-- so whoever adds it decides, and shows, who may use it.
SET search_path = pg_catalog;
CREATE TEMP VIEW granted AS
WITH member AS (
    SELECT d.classid, d.objid
    FROM pg_depend AS d
    JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
    WHERE d.deptype = 'e' AND e.extname = 'sales_intel'
), object AS (
    SELECT 'function' AS kind, p.proname AS name, CASE WHEN p.prosecdef THEN 'definer' ELSE '' END AS how, p.proowner AS owner,
        COALESCE(p.proacl, acldefault('f', p.proowner)) AS acl
    FROM member AS m
    JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' ELSE 'table' END, c.relname, '', c.relowner,
        COALESCE(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
    FROM member AS m
    JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
    UNION ALL
    SELECT 'column', c.relname || '.' || a.attname, '', c.relowner, a.attacl
    FROM member AS m
    JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND m.objid = c.oid
    JOIN pg_attribute AS a ON a.attrelid = c.oid
    WHERE a.attacl IS NOT NULL
    UNION ALL
    SELECT 'schema', n.nspname, '', n.nspowner, n.nspacl
    FROM pg_namespace AS n
    WHERE n.nspname = 'sales_intel'
    UNION ALL
    SELECT 'type', t.typname, '', t.typowner, COALESCE(t.typacl, acldefault('T', t.typowner))
    FROM member AS m
    JOIN pg_type AS t ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
    WHERE t.typtype IN ('b', 'd') AND t.typelem = 0
)
SELECT o.kind, o.name, o.how, (
    SELECT COALESCE(string_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END || ' ' || lower(a.privilege_type), ', '), 'owner')
    FROM aclexplode(o.acl) AS a
    WHERE a.grantee <> o.owner) AS who
FROM object AS o;

SELECT kind, name, how, count(*), who
FROM granted
GROUP BY kind, name, how, who
ORDER BY kind, who COLLATE "C", name COLLATE "C", how;
