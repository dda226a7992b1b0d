-- Governed access: the ledger ---------------------------------------------
--
-- Streams of entries, each with the hash of the one before: what must be
-- provable later.  Rows are written by functions in C only, which statements
-- and their triggers do not stop; nobody is granted anything.

CREATE TABLE ledger (
    stream text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    body jsonb NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    prev_hash bytea NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (stream, seq)
) USING heap;
COMMENT ON TABLE ledger IS
'What must be provable: entries in streams, each with the hash of the one before; it only grows';
COMMENT ON COLUMN ledger.seq IS
'The entry''s number in its stream, from 1 on without a gap';
COMMENT ON COLUMN ledger.actor IS
'Whose transaction it was: the principal, or the session''s role if it was nobody''s';
COMMENT ON COLUMN ledger.prev_hash IS
'The hash of the entry before; of the first one, zeros';
COMMENT ON COLUMN ledger.hash IS
'SHA-256 of all the other columns, encoded as doc/ledger.md says';

CREATE TABLE ledger_head (
    stream text COLLATE "C" PRIMARY KEY,
    seq bigint NOT NULL,
    hash bytea NOT NULL
) USING heap WITH (fillfactor = 50);
COMMENT ON TABLE ledger_head IS
'The last entry of each stream; whoever appends locks the row';

SELECT pg_extension_config_dump('ledger', '');
SELECT pg_extension_config_dump('ledger_head', '');

CREATE FUNCTION keep_ledger()
RETURNS trigger
AS 'MODULE_PATHNAME', 'sales_intel_access_keep_ledger'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1;
COMMENT ON FUNCTION keep_ledger() IS
'Trigger function: refuses statements that change a table that only grows';

CREATE TRIGGER keep_ledger
BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
FOR EACH STATEMENT EXECUTE FUNCTION keep_ledger();
ALTER TABLE ledger ENABLE ALWAYS TRIGGER keep_ledger;

CREATE TRIGGER keep_ledger
BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_head
FOR EACH STATEMENT EXECUTE FUNCTION keep_ledger();
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER keep_ledger;

-- Appending

CREATE FUNCTION ledger_append(stream text, kind text, body jsonb)
RETURNS bigint
AS 'MODULE_PATHNAME', 'sales_intel_access_ledger_append'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100;
COMMENT ON FUNCTION ledger_append(text, text, jsonb) IS
'Append an entry to a stream of the ledger; returns its number';

CREATE FUNCTION ledger_lock(stream text)
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_ledger_lock'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100;
COMMENT ON FUNCTION ledger_lock(text) IS
'Lock a stream of the ledger, as appending does, before anything else is locked; makes it if need be';

-- Commitments: the value cannot be told from it without the salt, and when the
-- salt is deleted nobody can prove any more whose it was.

CREATE FUNCTION seal(salt bytea, subject text)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_ledger_seal'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION seal(bytea, text) IS
'A commitment to a subject: SHA-256 in hex of a tag, the salt and the subject';

CREATE FUNCTION seal(salt bytea, subject text, value text)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_ledger_seal'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION seal(bytea, text, text) IS
'A commitment to a value of a subject: SHA-256 in hex of a tag, the salt, the subject and the value';

CREATE FUNCTION ledger_salt(subject text)
RETURNS bytea
LANGUAGE plpgsql
VOLATILE
STRICT
PARALLEL UNSAFE
COST 100
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found bytea;
BEGIN
    IF ledger_salt.subject = '' OR octet_length(ledger_salt.subject) > 1000 THEN
        RAISE EXCEPTION 'a subject has % bytes', octet_length(ledger_salt.subject) USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A subject is a customer''s key as text, of 1 to 1000 bytes.',
            HINT = 'Pass the key of the row that it is about.';
    END IF;
    LOOP
        SELECT s.salt INTO found FROM sales_intel.consent_subject AS s WHERE s.subject = ledger_salt.subject;
        IF found IS NOT NULL THEN
            RETURN found;
        END IF;
        INSERT INTO sales_intel.consent_subject (subject) VALUES (ledger_salt.subject) ON CONFLICT DO NOTHING;
    END LOOP;
END
$$;
COMMENT ON FUNCTION ledger_salt(text) IS
'The salt of a subject''s commitments, made if need be';

CREATE FUNCTION ledger_commitment(subject text)
RETURNS text
LANGUAGE SQL
VOLATILE
STRICT
PARALLEL UNSAFE
COST 100
RETURN seal(ledger_salt(subject), subject);
COMMENT ON FUNCTION ledger_commitment(text) IS
'What stands for a subject in the ledger; its salt is made if need be';

-- Verifying

CREATE FUNCTION ledger_verify(stream text, OUT ok boolean, OUT entries bigint, OUT first_bad bigint, OUT problem text)
AS 'MODULE_PATHNAME', 'sales_intel_access_ledger_verify'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 100000;
COMMENT ON FUNCTION ledger_verify(text) IS
'Does a stream of the ledger hold?  How many entries do, which is the first that does not, and why';

CREATE FUNCTION ledger_verify()
RETURNS TABLE (stream text, ok boolean, entries bigint, first_bad bigint, problem text)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1000000
ROWS 100
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    -- each stream by one look into the index
    WITH RECURSIVE written (stream) AS (
        (SELECT l.stream FROM ledger AS l ORDER BY l.stream LIMIT 1)
        UNION ALL
        SELECT (SELECT l.stream FROM ledger AS l WHERE l.stream > w.stream ORDER BY l.stream LIMIT 1)
        FROM written AS w
        WHERE w.stream IS NOT NULL
    )
    SELECT s.stream, v.ok, v.entries, v.first_bad, v.problem
    FROM (
        SELECT w.stream FROM written AS w WHERE w.stream IS NOT NULL
        UNION
        SELECT h.stream FROM ledger_head AS h) AS s,
        ledger_verify(s.stream) AS v
    ORDER BY s.stream;
END;
COMMENT ON FUNCTION ledger_verify() IS
'ledger_verify of each stream';

-- The digest is kept elsewhere, by somebody else: it shows what a superuser has
-- done who computed a whole chain anew.

CREATE FUNCTION ledger_digest()
RETURNS jsonb
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1000
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT jsonb_build_object('ledger', 1, 'at', now(), 'streams', COALESCE(jsonb_object_agg(h.stream,
        jsonb_build_object('seq', h.seq, 'hash', encode(h.hash, 'hex'))), '{}'))
    FROM ledger_head AS h;
END;
COMMENT ON FUNCTION ledger_digest() IS
'The last entry of each stream and its hash, to be kept outside of the database';

CREATE FUNCTION ledger_verify_digest(digest jsonb)
RETURNS TABLE (ok boolean, stream text, problem text)
LANGUAGE plpgsql
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1000000
ROWS 100
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF digest -> 'ledger' IS DISTINCT FROM '1' OR jsonb_typeof(digest -> 'streams') IS DISTINCT FROM 'object'
            OR EXISTS (
                SELECT FROM jsonb_each(CASE jsonb_typeof(digest -> 'streams') WHEN 'object' THEN digest -> 'streams' ELSE '{}' END) AS d
                WHERE jsonb_typeof(d.value -> 'seq') IS DISTINCT FROM 'number' OR d.value ->> 'seq' !~ '^\d{1,18}$'
                    OR (d.value ->> 'hash' ~ '^[0-9a-f]{64}$') IS NOT TRUE) THEN
        RAISE EXCEPTION 'that is no digest of the ledger' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'A digest is an object: ledger is 1, and streams has seq and hash of each stream.',
            HINT = 'Pass what ledger_digest() has returned.';
    END IF;
    RETURN QUERY
    WITH told AS (
        SELECT d.key AS stream, (d.value ->> 'seq')::bigint AS seq, decode(d.value ->> 'hash', 'hex') AS hash
        FROM jsonb_each(digest -> 'streams') AS d
    ), judged AS (
        SELECT COALESCE(t.stream, v.stream) AS stream,
            CASE
                WHEN v.stream IS NULL THEN format('missing: the digest has %s entries of the stream', t.seq)
                WHEN s.stream IS NOT NULL THEN format('swap: it is what was stream "%s"', s.stream)
                WHEN v.problem IS NOT NULL THEN v.problem
                WHEN v.entries < t.seq THEN format('truncate: entries end with %s, the digest has %s', v.entries, t.seq)
                WHEN t.seq > 0 AND l.hash IS DISTINCT FROM t.hash
                    THEN format('rewrite: entry %s is not the one of the digest, and those before may not be', t.seq)
            END AS problem
        FROM told AS t
        FULL JOIN sales_intel.ledger_verify() AS v ON v.stream = t.stream
        LEFT JOIN sales_intel.ledger AS l ON l.stream = t.stream AND l.seq = t.seq
        LEFT JOIN told AS s ON s.stream <> t.stream AND s.seq > 0 AND s.hash IS DISTINCT FROM t.hash
            AND s.hash = (SELECT o.hash FROM sales_intel.ledger AS o WHERE o.stream = t.stream AND o.seq = s.seq)
    )
    SELECT j.problem IS NULL, j.stream, j.problem
    FROM judged AS j
    ORDER BY j.stream COLLATE "C";
END
$$;
COMMENT ON FUNCTION ledger_verify_digest(jsonb) IS
'Does each stream hold, and does it go on from what a digest says?';
