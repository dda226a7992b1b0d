-- Governed access: the trail ---------------------------------------------

CREATE TABLE access_trail (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    rel regclass NOT NULL,
    table_name text NOT NULL,
    key text,
    new_key text,
    action text NOT NULL,
    principal text,
    session_role text NOT NULL,
    acting_role text NOT NULL,
    project text,
    purpose text,
    before_hash bytea,
    after_hash bytea,
    xid xid8 NOT NULL
) USING heap;
COMMENT ON TABLE access_trail IS
'Who wrote which row of a recorded table, when, for what; written by record_access(), and it only grows';
COMMENT ON COLUMN access_trail.rel IS
'The table; of a partition the whole table';
COMMENT ON COLUMN access_trail.table_name IS
'The table, or the partition, by the name that it had';
COMMENT ON COLUMN access_trail.key IS
'The primary key before the write, after an insert; a row literal, (7,42), if it has several columns; of one past 1,000 bytes its SHA-256';
COMMENT ON COLUMN access_trail.new_key IS
'The primary key after an update that changed it';
COMMENT ON COLUMN access_trail.principal IS
'Whose transaction it was, by token or login; NULL: nobody''s';
COMMENT ON COLUMN access_trail.acting_role IS
'The role that wrote: another than the principal''s in a SECURITY DEFINER function';
COMMENT ON COLUMN access_trail.before_hash IS
'row_hash() of the row as it was';
COMMENT ON COLUMN access_trail.after_hash IS
'row_hash() of the row as it became';

CREATE INDEX access_trail_row ON access_trail (rel, key);

SELECT pg_extension_config_dump('access_trail', '');
SELECT pg_extension_config_dump('access_trail_id_seq', '');

CREATE FUNCTION keep_trail()
RETURNS trigger
AS 'MODULE_PATHNAME', 'sales_intel_access_keep_trail'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1;
COMMENT ON FUNCTION keep_trail() IS
'Trigger function: refuses changes of the trail';

CREATE TRIGGER keep_trail
BEFORE UPDATE OR DELETE OR TRUNCATE ON access_trail
FOR EACH STATEMENT EXECUTE FUNCTION keep_trail();
ALTER TABLE access_trail ENABLE ALWAYS TRIGGER keep_trail;

CREATE FUNCTION purge_access_trail(before timestamptz)
RETURNS bigint
AS 'MODULE_PATHNAME', 'sales_intel_access_purge_trail'
LANGUAGE C
VOLATILE
STRICT
PARALLEL UNSAFE
COST 100000;
COMMENT ON FUNCTION purge_access_trail(timestamptz) IS
'Take entries older than a time from the trail, which its owner may; the purge is an entry itself';

CREATE FUNCTION row_hash("row" record)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_access_row_hash'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION row_hash(record) IS
'The hash of a row as the trail has it, whatever the session''s settings and the order of columns';

CREATE FUNCTION record_access()
RETURNS trigger
AS 'MODULE_PATHNAME', 'sales_intel_access_record'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 10;
COMMENT ON FUNCTION record_access() IS
'Trigger function: writes an entry of the trail; record_writes makes its triggers';

-- As the caller, who needs the right TRIGGER.  Row triggers of a partitioned
-- table are its partitions', too; those of TRUNCATE are not.
CREATE FUNCTION record_writes(rel regclass)
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target record;
    part regclass;
BEGIN
    SELECT c.oid, c.relkind, c.relpersistence, c.relhassubclass, c.relispartition, c.relnamespace::regnamespace::text AS schema,
        EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary) AS has_key
    INTO target
    FROM pg_class AS c
    WHERE c.oid = record_writes.rel;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such table' USING
            ERRCODE = 'undefined_table',
            DETAIL = format('The table is given as %s.', COALESCE(record_writes.rel::text, 'NULL')),
            HINT = 'Pass the table''s name: ''public.deal''.';
    ELSIF target.relkind NOT IN ('r', 'p') OR target.relpersistence = 't' OR target.schema IN ('pg_catalog', 'information_schema', 'sales_intel')
            OR (target.relkind = 'r' AND target.relhassubclass AND EXISTS (SELECT FROM pg_inherits AS h WHERE h.inhparent = target.oid)) THEN
        RAISE EXCEPTION 'writes on "%" cannot be recorded', record_writes.rel USING
            ERRCODE = 'wrong_object_type',
            DETAIL = 'It is a view, a foreign or temporary table, a parent of other tables, or one of the system''s or the extension''s.',
            HINT = 'Ordinary and partitioned tables can be recorded.';
    ELSIF NOT target.has_key THEN
        RAISE EXCEPTION 'writes on "%" cannot be recorded', record_writes.rel USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'It has no primary key, which tells the entries which row was written.',
            HINT = 'Add one: ALTER TABLE ... ADD PRIMARY KEY.';
    END IF;
    PERFORM FROM pg_trigger AS t
    WHERE t.tgrelid = target.oid AND t.tgfoid = 'sales_intel.record_access'::regproc AND t.tgparentid <> 0;
    IF NOT FOUND THEN
        EXECUTE format('CREATE OR REPLACE TRIGGER sales_intel_record AFTER INSERT OR UPDATE OR DELETE ON %s
            FOR EACH ROW EXECUTE FUNCTION sales_intel.record_access()', record_writes.rel);
    END IF;
    FOR part IN SELECT record_writes.rel UNION SELECT t.relid FROM pg_partition_tree(record_writes.rel) AS t LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER sales_intel_record_truncate AFTER TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION sales_intel.record_access()', part);
    END LOOP;
END
$$;
COMMENT ON FUNCTION record_writes(regclass) IS
'Record the writes on a table, and on its partitions, in access_trail from now on';

CREATE FUNCTION stop_recording(rel regclass)
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    trigger record;
    dropped integer := 0;
BEGIN
    FOR trigger IN
            SELECT t.tgrelid::regclass AS rel, t.tgname AS name
            FROM pg_trigger AS t
            WHERE t.tgfoid = 'sales_intel.record_access'::regproc AND t.tgparentid = 0
                AND t.tgrelid IN (SELECT stop_recording.rel UNION SELECT p.relid FROM pg_partition_tree(stop_recording.rel) AS p)
            ORDER BY t.tgrelid, t.tgname LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', trigger.name, trigger.rel);
        dropped := dropped + 1;
    END LOOP;
    IF dropped = 0 THEN
        RAISE EXCEPTION 'writes on "%" are not recorded', stop_recording.rel USING
            ERRCODE = 'undefined_object',
            DETAIL = 'No trigger on it calls record_access(), but for one that a partition has from its parent.',
            HINT = 'Pass the table that record_writes was called with.';
    END IF;
END
$$;
COMMENT ON FUNCTION stop_recording(regclass) IS
'Record the writes on a table no longer; entries stay';
