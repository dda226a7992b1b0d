-- House rules for every object of the extension, present and future: the
-- offenders are listed, so that a failure names them.
BEGIN;
SELECT plan(11);

CREATE TEMP VIEW member AS
SELECT d.classid, d.objid,
    pg_describe_object(d.classid, d.objid, 0) AS name
FROM pg_depend d
JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
WHERE d.deptype = 'e' AND e.extname = 'sales_intel';

CREATE TEMP VIEW routine AS
SELECT m.name, p.*, l.lanname
FROM member m
JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
JOIN pg_language l ON l.oid = p.prolang;

CREATE TEMP VIEW relation AS
SELECT m.name, c.*
FROM member m
JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
WHERE c.relkind IN ('r', 'v', 'm', 'p');

SELECT cmp_ok((SELECT count(*) FROM routine), '>', 0::bigint, 'the extension has members');

SELECT is_empty(
    $$SELECT name FROM routine WHERE obj_description(oid, 'pg_proc') IS NULL$$,
    'every function and aggregate has a comment');

SELECT is_empty(
    $$SELECT name FROM member
      WHERE classid IN ('pg_type'::regclass, 'pg_cast'::regclass,
                        'pg_operator'::regclass, 'pg_opclass'::regclass)
        AND name NOT LIKE 'type %[]'
        AND obj_description(objid, classid::regclass::name) IS NULL
      UNION ALL
      SELECT name FROM relation
      WHERE obj_description(oid, 'pg_class') IS NULL$$,
    'every type, cast, operator, table and view has a comment');

SELECT is_empty(
    $$SELECT m.name
      FROM member m
      JOIN pg_proc p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
      WHERE p.pronamespace <> 'sales_intel'::regnamespace
      UNION ALL
      SELECT m.name
      FROM member m
      JOIN pg_class c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
      WHERE c.relnamespace <> 'sales_intel'::regnamespace$$,
    'everything lives in schema sales_intel');

-- PARALLEL UNSAFE is what one gets by forgetting to say anything; it is right for
-- what writes, or looks as somebody else, as policy_faults does, too.
SELECT is_empty(
    $$SELECT name FROM routine
      WHERE proparallel = 'u' AND provolatile <> 'v' AND lanname IN ('c', 'internal')
        AND proname <> 'policy_faults'$$,
    'every C function and aggregate says how parallel it is');

-- 1 and 1000 are what one gets by forgetting, for C and for sets.
SELECT is_empty(
    $$SELECT name FROM routine WHERE proretset AND prorows = 1000$$,
    'every set-returning function says how many rows it returns');

-- A partial aggregate ships its state: internal states need the pair for it.
SELECT is_empty(
    $$SELECT r.name
      FROM routine r
      JOIN pg_aggregate a ON a.aggfnoid = r.oid
      WHERE a.aggtranstype = 'internal'::regtype
        AND (a.aggtransspace = 0
             OR (a.aggcombinefn <> 0 AND (a.aggserialfn = 0 OR a.aggdeserialfn = 0)))$$,
    'aggregates with internal state declare its size, and combine with serialise and deserialise');

-- A SECURITY DEFINER body that trusts search_path can be taken over.
SELECT is_empty(
    $$SELECT name FROM routine
      WHERE prosecdef
        AND NOT EXISTS (SELECT FROM unnest(proconfig) c WHERE c LIKE 'search_path=%')$$,
    'every SECURITY DEFINER function fixes search_path');

SELECT is_empty(
    $$SELECT name FROM relation
      WHERE relkind = 'v'
        AND NOT (COALESCE(reloptions, '{}') @> '{security_barrier=true}')$$,
    'every view is a security barrier');

-- PUBLIC may call what changes nothing, and read nothing of the extension's;
-- identity_lives looks at the clock.
SELECT is_empty(
    $$SELECT r.name
      FROM routine r, aclexplode(COALESCE(r.proacl, acldefault('f', r.proowner))) a
      WHERE r.provolatile = 'v' AND a.grantee = 0
        AND r.proname <> 'identity_lives'$$,
    'no volatile function is for PUBLIC');

SELECT is_empty(
    $$SELECT r.name
      FROM relation r, aclexplode(r.relacl) a
      WHERE a.grantee = 0$$,
    'no table or view is for PUBLIC');

SELECT finish();
ROLLBACK;
