-- Masks show a hint and no more; pseudonyms follow their definition.
SET search_path = public, sales_intel;
SET client_min_messages = warning;
\set SHOW_CONTEXT never

-- What each kind of value becomes
SELECT v, mask_phone(v) AS phone FROM (VALUES
    ('+86 138 0013 8000'), ('(030) 12-34-56-78'), ('12345678'), ('1234567'), ('+1-800-FLOWERS'), ('１３８００１３８０００'),
    ('110'), ('ann@example.com'), ('x'), (''), ('   '), (E'\t\n')) AS t(v);
SELECT v, mask_email(v) AS email FROM (VALUES
    ('ann.lee@example.com'), ('a@example.com'), ('李@example.com'), ('李雷@例子.中国'), ('ann@bücher.de'), ('ann@host'), ('ann@.com'), ('ann@x.com '),
    ('ann@x.museum'), ('ann@192.168.0.1'), ('"a@b"@x.co.uk'), ('Ann Lee <ann@x.com>'), ('@x.com'), ('ann@'), ('@'), ('@@'), ('ann'), (''), ('  ')) AS t(v);
SELECT v, mask_name(v) AS name FROM (VALUES
    ('Ann Lee'), ('  Ann'), ('王小明'), ('王'), ('A'), ('é'), (E'e\u0301'), (E'e\u0301mile'), (E'e\u0301\u0301\u0301\u0301x'),
    (E'\u3000\u00a0山田'), ('😀 fun'), ('محمد'), ('+49 30 123'), (''), ('    ')) AS t(v);
-- Characters that cannot be seen, or turn the line around, do not come through.
SELECT mask_name(E'\u202eAnn'), mask_name(E'\u200b\ufeffAnn'), mask_name(E'\u0301Ann'), mask_name(E'\u0301') = '', mask_name(E'\u200b\x07') = '',
    mask_email(E'\u202eann@x.de');
SELECT mask_phone(NULL) IS NULL, mask_email(NULL) IS NULL, mask_name(NULL) IS NULL;

-- Length tells nothing
SELECT count(DISTINCT mask_name(repeat('王', n))), count(DISTINCT mask_phone(repeat('1', n))),
    count(DISTINCT mask_email(repeat('a', n) || '@' || repeat('b', n) || '.de'))
FROM generate_series(8, 1000) AS n;
SELECT mask_name(repeat('x', 1000000)), mask_email(repeat('x', 1000000)), mask_phone(repeat('x', 1000000)), mask_phone(repeat('7', 1000000)),
    mask_email(repeat('@', 1000000)), mask_name(repeat(' ', 1000000)) = '', mask_name(repeat(E'\u0301', 1000000)) = '';

-- Chance: never more than one end of the value, and of the value's own
SELECT count(*) AS tried,
    count(*) FILTER (WHERE mask_name(v) !~ '^.?[*]{5}$') AS names,
    count(*) FILTER (WHERE mask_email(v) !~ '^.?[*]{5}@[*]{5}(\.[a-z]{2,4})?$') AS emails,
    count(*) FILTER (WHERE mask_phone(p) !~ '^[*]{5}[0-9]{2}$' OR right(mask_phone(p), 2) <> right(regexp_replace(p, '[^0-9]', '', 'g'), 2)) AS phones
FROM (
    SELECT substr(md5(i::text), 1, 1 + i % 20) || '@' || substr(md5('d' || i), 1, 1 + i % 9) || (ARRAY['.de', '.com', '', '.x'])[1 + i % 4] AS v,
        '+' || (10000000 + i * 7919::bigint) || substr(' -/()', 1 + i % 5, 1) || i % 10 AS p
    FROM generate_series(1, 20000) AS i) AS t;

-- Pseudonyms: no key, one key, not two
SELECT pseudonym('phone', '1');
SELECT create_pseudonym_key('phone'), create_pseudonym_key('account');
SELECT create_pseudonym_key('phone');
SELECT create_pseudonym_key(NULL);
SELECT create_pseudonym_key('');
SELECT create_pseudonym_key(repeat('x', 256));
SELECT kind, octet_length(secret), created_by = CURRENT_USER AS mine FROM pseudonym_key ORDER BY kind;
SELECT count(DISTINCT secret) FROM pseudonym_key;

-- The definition, in plain SQL: HMAC by RFC 2104 with SHA-256
CREATE FUNCTION hmac(secret bytea, message bytea) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    key bytea := CASE WHEN length(secret) > 64 THEN sha256(secret) ELSE secret END;
    inner_pad bytea := decode(repeat('36', 64), 'hex');
    outer_pad bytea := decode(repeat('5c', 64), 'hex');
BEGIN
    FOR i IN 0..length(key) - 1 LOOP
        inner_pad := set_byte(inner_pad, i, get_byte(inner_pad, i) # get_byte(key, i));
        outer_pad := set_byte(outer_pad, i, get_byte(outer_pad, i) # get_byte(key, i));
    END LOOP;
    RETURN sha256(outer_pad || sha256(inner_pad || message));
END $$;
CREATE FUNCTION field(t text) RETURNS bytea RETURN int8send(octet_length(t)) || convert_to(t, 'UTF8');
CREATE FUNCTION by_hand(kind text, value text) RETURNS text
RETURN (SELECT translate(rtrim(encode(substr(hmac(k.secret, 'sales_intel/pseudonym/1'::bytea || field(by_hand.kind) || field(by_hand.value)), 1, 16),
    'base64'), '='), '+/', '-_') FROM pseudonym_key AS k WHERE k.kind = by_hand.kind);
INSERT INTO pseudonym_key (kind, secret) VALUES ('long', repeat('secret', 20)::bytea), ('fixed', sha256('fixed'));
SELECT k.kind, count(*), bool_and(pseudonym(k.kind, v) = by_hand(k.kind, v)) AS same
FROM pseudonym_key AS k, (VALUES (''), ('1'), ('王小明'), (repeat('long', 5000)), (E'\x01')) AS t(v)
GROUP BY k.kind ORDER BY k.kind;
SELECT pseudonym('fixed', '+49 30 1234567'), pseudonym('fixed', '');

-- Kinds differ, lengths are told apart, one call site may change kinds
SELECT count(DISTINCT pseudonym(kind, v)) FROM pseudonym_key, (VALUES ('1'), ('12'), ('2')) AS t(v);
SELECT bool_and(pseudonym(kind, i::text) = by_hand(kind, i::text)) FROM generate_series(1, 20) AS i, pseudonym_key;
SELECT count(DISTINCT pseudonym('phone', i::text)), min(length(pseudonym('phone', i::text))), max(length(pseudonym('phone', i::text)))
FROM generate_series(1, 10000) AS i;
SELECT pseudonym(NULL, '1') IS NULL, pseudonym('phone', NULL) IS NULL;
-- #40: what is passed is data
SELECT pseudonym('phone''; DROP TABLE principal; --', '1');

-- The key is read anew in each transaction
PREPARE one AS SELECT pseudonym('fixed', '1') = by_hand('fixed', '1');
EXECUTE one;
UPDATE pseudonym_key SET secret = sha256('another') WHERE kind = 'fixed';
EXECUTE one;
DELETE FROM pseudonym_key WHERE kind = 'fixed';
EXECUTE one;

-- Workers do the same
CREATE TABLE person AS SELECT i, i::text AS phone FROM generate_series(1, 50000) AS i;
CREATE TABLE alone AS SELECT md5(string_agg(pseudonym('phone', phone) || mask_phone(phone), ',' ORDER BY i)) AS sum FROM person;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT pseudonym('phone', phone) FROM person WHERE pseudonym('phone', phone) > '';
SELECT md5(string_agg(p || m, ',' ORDER BY i)) = sum AS same
FROM (SELECT i, pseudonym('phone', phone) AS p, mask_phone(phone) AS m FROM person OFFSET 0) AS t, alone GROUP BY sum;

DROP TABLE person, alone;
DROP FUNCTION by_hand, field, hmac;
DELETE FROM pseudonym_key;
