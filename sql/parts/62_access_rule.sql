-- Governed access: rules -------------------------------------------------

CREATE FUNCTION create_access_rule(rel regclass, name text, effect text, actions text[], condition text)
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_create_rule'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION create_access_rule(regclass, text, text, text[], text) IS
'Writes a rule of a table: permit or forbid select, insert, update, delete where a condition over the row holds';

CREATE FUNCTION drop_access_rule(rel regclass, name text)
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_drop_rule'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION drop_access_rule(regclass, text) IS
'Drops a rule of a table';

CREATE FUNCTION protect_table(rel regclass, options jsonb DEFAULT '{}')
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_protect_table'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION protect_table(regclass, jsonb) IS
'Puts a table, its partitions and those to come under its rules; options form, empty, trail';

CREATE FUNCTION unprotect_table(rel regclass)
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_unprotect_table'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION unprotect_table(regclass) IS
'Takes the policies of protect_table away; the rules stay';

-- value = ANY (array), made fast: policies call these where an array is that
-- of whoever looks.

CREATE FUNCTION ascending(numbers bigint[])
RETURNS bigint[]
AS 'MODULE_PATHNAME', 'sales_intel_access_ascending'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION ascending(bigint[]) IS
'The numbers of an array in order, each once; NULLs as one, at the end';

CREATE FUNCTION among_support(internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_access_among_support'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE;
COMMENT ON FUNCTION among_support(internal) IS
'Planner support of among: estimates and index conditions of = ANY';

CREATE FUNCTION among(value bigint, numbers bigint[])
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_among_bigint'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1
SUPPORT among_support;
COMMENT ON FUNCTION among(bigint, bigint[]) IS
'value = ANY (numbers), of numbers that are ascending()';

CREATE FUNCTION among(value integer, numbers bigint[])
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_among_integer'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1
SUPPORT among_support;
COMMENT ON FUNCTION among(integer, bigint[]) IS
'value = ANY (numbers), of numbers that are ascending()';

CREATE FUNCTION among(value text, texts text[])
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_among_text'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1
SUPPORT among_support;
COMMENT ON FUNCTION among(text, text[]) IS
'value = ANY (texts), equal as bytes';

-- What becomes of rules when tables change

CREATE FUNCTION follow_ddl()
RETURNS event_trigger
AS 'MODULE_PATHNAME', 'sales_intel_access_ddl_end'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000;
COMMENT ON FUNCTION follow_ddl() IS
'Event trigger: protects new partitions of protected tables, refuses what would break rules';

CREATE FUNCTION follow_drop()
RETURNS event_trigger
AS 'MODULE_PATHNAME', 'sales_intel_access_sql_drop'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000;
COMMENT ON FUNCTION follow_drop() IS
'Event trigger: drops the rules of dropped tables, keeps what rules need';

CREATE EVENT TRIGGER sales_intel_ddl ON ddl_command_end
    WHEN TAG IN ('CREATE TABLE', 'CREATE FOREIGN TABLE', 'CREATE SCHEMA', 'ALTER TABLE',
        'ALTER FOREIGN TABLE', 'ALTER VIEW', 'CREATE POLICY', 'ALTER POLICY')
    EXECUTE FUNCTION follow_ddl();
ALTER EVENT TRIGGER sales_intel_ddl ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER sales_intel_ddl IS
'New partitions of protected tables; columns that rules need';

CREATE EVENT TRIGGER sales_intel_drop ON sql_drop
    EXECUTE FUNCTION follow_drop();
ALTER EVENT TRIGGER sales_intel_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER sales_intel_drop IS
'Rules of dropped tables; what rules need';
