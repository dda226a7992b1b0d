-- The ledger: appending, what a hash is of, verifying, digests, every refusal.
SET search_path = public, sales_intel;
\set SHOW_CONTEXT never
CREATE ROLE regress_ledger_app;
GRANT EXECUTE ON FUNCTION ledger_append(text, text, jsonb) TO regress_ledger_app;

-- Numbers are each stream's own, from 1 on
SELECT ledger_append('a', 'made', '{"n": 1}'), ledger_append('a', 'made', '[]'), ledger_append('b', 'made', '"x"');
SELECT count(*), max(n) FROM (SELECT ledger_append('many', 'k', to_jsonb(i)) AS n FROM generate_series(1, 1000) i) s;
SELECT stream, seq, kind, body, actor = session_user AS by_role, prev_hash = lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER (PARTITION BY stream ORDER BY seq) AS linked
FROM ledger WHERE stream IN ('a', 'b') ORDER BY stream, seq;
SELECT h.stream, h.seq, h.hash = l.hash AS same FROM ledger_head h JOIN ledger l USING (stream, seq) WHERE stream !~ '^(consent/|release$)' ORDER BY stream;
SELECT * FROM ledger_verify('a');
SELECT * FROM ledger_verify() WHERE stream !~ '^(consent/|release$)';
INSERT INTO principal (principal, login_role) VALUES ('Zoë', current_user::regrole);
SELECT ledger_append('a', 'by a principal', 'null');
SELECT actor FROM ledger WHERE stream = 'a' AND seq = 3;
DELETE FROM principal WHERE principal = 'Zoë';

-- What savepoints and rollbacks undo leaves no gap
BEGIN;
SELECT ledger_append('a', 'k', '4');
SAVEPOINT s;
SELECT ledger_append('a', 'k', '5'), ledger_append('new', 'k', '1');
ROLLBACK TO s;
SELECT ledger_append('a', 'k', '"5, again"');
ROLLBACK TO s;
SELECT ledger_append('a', 'k', '5'), ledger_append('a', 'k', '6');
RELEASE s;
SELECT ledger_append('a', 'k', '7'), ledger_append('new', 'k', '1');
COMMIT;
BEGIN;
SELECT ledger_append('a', 'k', '8'), ledger_append('never', 'k', '1');
ROLLBACK;
SELECT stream, ok, entries, first_bad, problem FROM ledger_verify() WHERE stream !~ '^(consent/|release$)';

-- A locked stream without an entry
SELECT ledger_lock('empty');
SELECT * FROM ledger_head WHERE stream = 'empty';
SELECT * FROM ledger_verify('empty');

-- The hash, as SQL computes it
CREATE FUNCTION framed(value bytea) RETURNS bytea IMMUTABLE LANGUAGE SQL RETURN int8send(octet_length(value)) || value;
SELECT count(*), bool_and(hash = sha256(framed('sales_intel ledger entry 1') || framed(convert_to(stream, 'UTF8')) || int8send(seq) || framed(convert_to(kind, 'UTF8'))
    || int8send((extract(epoch FROM at) * 1000000)::bigint) || framed(convert_to(actor, 'UTF8')) || framed(convert_to(body::text, 'UTF8')) || framed(prev_hash))) AS same
FROM ledger WHERE stream !~ '^(consent/|release$)';

-- The hash, as Python's hashlib computes it: struct.pack('>q', ...) of lengths
-- and numbers, and the bytes
INSERT INTO ledger VALUES
    ('golden', 1, 'signed', '{"n": 1.50, "who": "Zoë"}', '2026-01-02 03:04:05.678901+00', 'anna', decode(repeat('00', 32), 'hex'), '\xa04d763594da78e8cf5b0c7d0e0fcbc216064d8e46d18dd80472cc5570d86453'),
    ('golden', 2, 'paid', '[]', '2026-01-02 03:04:06.678901+00', 'bob', '\xa04d763594da78e8cf5b0c7d0e0fcbc216064d8e46d18dd80472cc5570d86453', '\xf8b1a335fe4e7a26615544ded4cf2110f396e46e05649d612f1b24eaae17ee9c');
INSERT INTO ledger_head VALUES ('golden', 2, '\xf8b1a335fe4e7a26615544ded4cf2110f396e46e05649d612f1b24eaae17ee9c');
SELECT * FROM ledger_verify('golden');

-- Commitments, by hashlib, too; of a subject, one for ever
SELECT seal(decode('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex'), 'anna'),
    seal(decode('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex'), 'anna', '{"a": 1}');
SELECT ledger_commitment('anna') = ledger_commitment('anna') AS same, ledger_commitment('anna') = ledger_commitment('bob') AS other;
SELECT ledger_commitment('anna') = (SELECT seal(salt, 'anna') FROM consent_subject WHERE subject = 'anna') AS salted;
SELECT ledger_commitment('');
SELECT ledger_commitment(repeat('x', 1001));
SELECT ledger_commitment(NULL) IS NULL AS unknown;

-- What is refused
SELECT ledger_append(NULL, 'k', '{}');
SELECT ledger_append('a', NULL, '{}');
SELECT ledger_append('a', 'k', NULL);
SELECT ledger_append('', 'k', '{}');
SELECT ledger_append('a', repeat('k', 256), '{}');
SELECT ledger_append('a', 'k', to_jsonb(repeat('x', 1024 * 1024 - 1)));
SELECT ledger_append('long', 'k', to_jsonb(repeat('x', 1024 * 1024 - 2)));
SELECT ledger_lock(NULL);
SELECT ledger_verify(NULL);
SELECT ledger_verify('none');
UPDATE ledger SET body = '{}';
DELETE FROM ledger;
TRUNCATE ledger;
UPDATE ledger_head SET seq = 0;
DELETE FROM ledger_head;
TRUNCATE ledger_head;
SET session_replication_role = replica;
DELETE FROM ledger;
RESET session_replication_role;
SELECT keep_ledger();
BEGIN READ ONLY;
SELECT ledger_append('a', 'k', '{}');
ROLLBACK;
SET ROLE regress_ledger_app;
SELECT ledger_append('app', 'k', '{}');
SELECT ledger_append('release', 'k', '{}');
SELECT ledger_append('consent/07', 'k', '{}');
SELECT * FROM ledger;
SELECT * FROM ledger_verify('a');
SELECT ledger_lock('a');
RESET ROLE;
CREATE INDEX odd ON ledger ((body ->> 'n'));
SELECT ledger_append('a', 'k', '{}');
DROP INDEX odd;
SELECT ledger_append('a', 'k', '{}');

-- Digests
SELECT jsonb_pretty(jsonb_path_query_first(ledger_digest(), '$.streams.golden')), (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(ledger_digest()) k) AS keys;
SELECT ledger_digest() AS digest \gset
SELECT * FROM ledger_verify_digest(:'digest') WHERE stream !~ '^(consent/|release$)';
SELECT count(ledger_append(s, 'later', '{}')) FROM unnest('{a,b,later}'::text[]) s;
SELECT * FROM ledger_verify_digest(:'digest') WHERE stream IN ('a', 'b', 'later');
SELECT * FROM ledger_verify_digest(NULL);
SELECT * FROM ledger_verify_digest('{"ledger": 1, "streams": []}');
SELECT * FROM ledger_verify_digest('{"ledger": 2, "streams": {}}');
SELECT * FROM ledger_verify_digest('{"ledger": 1, "streams": {"a": {"seq": "1", "hash": ""}}}');
SELECT * FROM ledger_verify_digest('{"ledger": 1, "streams": {"a": {"seq": 1.5, "hash": "a04d763594da78e8cf5b0c7d0e0fcbc216064d8e46d18dd80472cc5570d86453"}}}');

-- Tampered with, as a superuser can: each kind once; ledger_tamper.t has many
ALTER TABLE ledger DISABLE TRIGGER keep_ledger;
ALTER TABLE ledger_head DISABLE TRIGGER keep_ledger;
CREATE FUNCTION rehash(l ledger) RETURNS bytea IMMUTABLE LANGUAGE SQL RETURN sha256(framed('sales_intel ledger entry 1') || framed(convert_to(l.stream, 'UTF8')) || int8send(l.seq)
    || framed(convert_to(l.kind, 'UTF8')) || int8send((extract(epoch FROM l.at) * 1000000)::bigint) || framed(convert_to(l.actor, 'UTF8')) || framed(convert_to(l.body::text, 'UTF8')) || framed(l.prev_hash));
SELECT count(ledger_append('t', 'k', to_jsonb(i))), count(ledger_append('u', 'k', to_jsonb(i))) FROM generate_series(1, 9) i;
SELECT ledger_digest() AS digest \gset
CREATE PROCEDURE tampered(how text) LANGUAGE plpgsql AS $$
DECLARE
    found record;
BEGIN
    EXECUTE how;
    SELECT v.entries, v.first_bad, v.problem INTO found FROM ledger_verify('t') v;
    RAISE EXCEPTION '% | % | %', found.entries, found.first_bad, found.problem USING ERRCODE = 'ZZ001';
END $$;
\set VERBOSITY terse
CALL tampered('UPDATE ledger SET body = ''"x"'' WHERE stream = ''t'' AND seq = 4');
CALL tampered('UPDATE ledger SET hash = '''' WHERE stream = ''t'' AND seq = 4');
CALL tampered('ALTER TABLE ledger ALTER kind DROP NOT NULL; UPDATE ledger SET kind = NULL WHERE stream = ''t'' AND seq = 4');
CALL tampered('UPDATE ledger SET body = ''"x"'' WHERE stream = ''t'' AND seq = 4; UPDATE ledger l SET hash = rehash(l) WHERE stream = ''t'' AND seq = 4');
CALL tampered('UPDATE ledger SET body = ''"x"'' WHERE stream = ''t'' AND seq = 9; UPDATE ledger l SET hash = rehash(l) WHERE stream = ''t'' AND seq = 9');
CALL tampered('UPDATE ledger SET prev_hash = hash WHERE stream = ''t'' AND seq = 4; UPDATE ledger l SET hash = rehash(l) WHERE stream = ''t'' AND seq = 4');
CALL tampered('UPDATE ledger SET prev_hash = hash WHERE stream = ''t'' AND seq = 1; UPDATE ledger l SET hash = rehash(l) WHERE stream = ''t'' AND seq = 1');
CALL tampered('DELETE FROM ledger WHERE stream = ''t'' AND seq = 4');
CALL tampered('DELETE FROM ledger WHERE stream = ''t'' AND seq = 4; UPDATE ledger SET seq = -seq WHERE stream = ''t'' AND seq > 4; UPDATE ledger SET seq = -seq - 1 WHERE stream = ''t'' AND seq < 0');
CALL tampered('DELETE FROM ledger WHERE stream = ''t'' AND seq > 7');
CALL tampered('UPDATE ledger SET seq = 0 WHERE stream = ''t'' AND seq = 4; UPDATE ledger SET seq = 4 WHERE stream = ''t'' AND seq = 7; UPDATE ledger SET seq = 7 WHERE stream = ''t'' AND seq = 0');
CALL tampered('UPDATE ledger SET seq = -seq WHERE stream = ''t'' AND seq >= 4; UPDATE ledger SET seq = -seq + 1 WHERE stream = ''t'' AND seq < 0;
    INSERT INTO ledger SELECT stream, 4, kind, ''"x"'', at, actor, hash, '''' FROM ledger WHERE stream = ''t'' AND seq = 3; UPDATE ledger l SET hash = rehash(l) WHERE stream = ''t'' AND seq = 4');
CALL tampered('UPDATE ledger SET seq = -seq WHERE stream = ''t'' AND seq >= 4; UPDATE ledger SET seq = -seq + 1 WHERE stream = ''t'' AND seq < 0;
    INSERT INTO ledger SELECT stream, 4, kind, ''"x"'', at, actor, hash, '''' FROM ledger WHERE stream = ''t'' AND seq = 3');
CALL tampered('UPDATE ledger SET seq = -seq WHERE stream = ''t'' AND seq >= 4; UPDATE ledger SET seq = -seq + 1 WHERE stream = ''t'' AND seq < 0;
    INSERT INTO ledger SELECT stream, 4, kind, ''"x"'', at, actor, '''', '''' FROM ledger WHERE stream = ''t'' AND seq = 3; UPDATE ledger l SET hash = rehash(l) WHERE stream = ''t'' AND seq = 4');
CALL tampered('INSERT INTO ledger SELECT stream, 10, kind, body, at, actor, hash, '''' FROM ledger WHERE stream = ''t'' AND seq = 9; UPDATE ledger l SET hash = rehash(l) WHERE stream = ''t'' AND seq = 10');
CALL tampered('INSERT INTO ledger SELECT stream, 0, kind, body, at, actor, hash, hash FROM ledger WHERE stream = ''t'' AND seq = 9');
CALL tampered('UPDATE pg_index SET indisunique = false WHERE indexrelid = ''ledger_pkey''::regclass; INSERT INTO ledger SELECT * FROM ledger WHERE stream = ''t'' AND seq = 4');
CALL tampered('UPDATE ledger_head SET seq = 12 WHERE stream = ''t''');
CALL tampered('UPDATE ledger_head SET hash = '''' WHERE stream = ''t''');
CALL tampered('DELETE FROM ledger_head WHERE stream = ''t''');
CALL tampered('UPDATE ledger_head SET seq = 0 WHERE stream = ''t''; DELETE FROM ledger WHERE stream = ''t''');
CALL tampered('UPDATE ledger_head SET hash = '''' WHERE stream = ''t''; SELECT ledger_append(''t'', ''k'', ''{}'')');
CALL tampered('ALTER TABLE ledger DROP CONSTRAINT ledger_pkey');

-- What a chain alone does not show: the digest does
CREATE PROCEDURE compared(how text, digest jsonb) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE how;
    RAISE EXCEPTION '%', (SELECT string_agg(concat_ws(' ', stream, '|', problem), E'\n' ORDER BY stream) FROM ledger_verify_digest(digest) WHERE NOT ok) USING ERRCODE = 'ZZ001';
END $$;
CREATE PROCEDURE rewrite(a_stream text, from_seq bigint) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN from_seq .. (SELECT max(seq) FROM ledger WHERE stream = a_stream) LOOP
        UPDATE ledger SET prev_hash = COALESCE((SELECT o.hash FROM ledger o WHERE o.stream = a_stream AND o.seq = i - 1), decode(repeat('00', 32), 'hex')) WHERE stream = a_stream AND seq = i;
        UPDATE ledger l SET hash = rehash(l) WHERE stream = a_stream AND seq = i;
    END LOOP;
    UPDATE ledger_head h SET (seq, hash) = (SELECT l.seq, l.hash FROM ledger l WHERE l.stream = a_stream ORDER BY seq DESC LIMIT 1) WHERE stream = a_stream;
END $$;
CALL compared('UPDATE ledger SET body = ''"x"'' WHERE stream = ''t'' AND seq = 4; CALL rewrite(''t'', 4)', :'digest');
CALL compared('DELETE FROM ledger WHERE stream = ''t'' AND seq > 6; CALL rewrite(''t'', 6)', :'digest');
CALL compared('DELETE FROM ledger WHERE stream = ''t''; DELETE FROM ledger_head WHERE stream = ''t''', :'digest');
CALL compared('UPDATE ledger SET stream = ''v'' WHERE stream = ''t''; UPDATE ledger SET stream = ''t'' WHERE stream = ''u''; UPDATE ledger SET stream = ''u'' WHERE stream = ''v'';
    UPDATE ledger_head SET stream = ''v'' WHERE stream = ''t''; UPDATE ledger_head SET stream = ''t'' WHERE stream = ''u''; UPDATE ledger_head SET stream = ''u'' WHERE stream = ''v''', :'digest');
CALL compared('UPDATE ledger SET body = ''"x"'' WHERE stream = ''t'' AND seq = 4', :'digest');
SELECT count(*) FROM ledger_verify() WHERE NOT ok;

ALTER TABLE ledger ENABLE ALWAYS TRIGGER keep_ledger;
ALTER TABLE ledger_head ENABLE ALWAYS TRIGGER keep_ledger;
DROP PROCEDURE tampered, compared, rewrite;
DROP FUNCTION rehash, framed;
DROP OWNED BY regress_ledger_app;
DROP ROLE regress_ledger_app;
