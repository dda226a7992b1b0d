-- Governed access: masks and pseudonyms ---------------------------------

CREATE FUNCTION mask_phone(phone text)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_mask_phone'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1;
COMMENT ON FUNCTION mask_phone(text) IS
'The last two digits of a phone number of eight or more, behind asterisks; of anything else the asterisks only';

CREATE FUNCTION mask_email(email text)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_mask_email'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1;
COMMENT ON FUNCTION mask_email(text) IS
'The first character and the top domain of an e-mail address, the rest asterisks';

CREATE FUNCTION mask_name(name text)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_mask_name'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1;
COMMENT ON FUNCTION mask_name(text) IS
'The first character of a name, the rest asterisks';

-- Not in dumps: a dump with the key would undo every pseudonym in it.
CREATE TABLE pseudonym_key (
    kind text COLLATE "C" PRIMARY KEY CHECK (kind <> '' AND octet_length(kind) <= 255),
    secret bytea NOT NULL CHECK (octet_length(secret) BETWEEN 32 AND 1024),
    created_by name NOT NULL DEFAULT CURRENT_USER,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pseudonym_key IS
'Keys of pseudonyms, one of each kind; never dumped';

CREATE FUNCTION pseudonym(kind text, value text)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_pseudonym'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION pseudonym(text, text) IS
'What stands for a value: equal values of a kind have equal pseudonyms, which only the key of the kind can tell from chance';

-- The random bytes are the server's strong ones: 122 bits of each uuid.
CREATE FUNCTION create_pseudonym_key(kind text)
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Not left to the table: its error would show the row, with the secret.
    IF COALESCE(octet_length(create_pseudonym_key.kind), 0) NOT BETWEEN 1 AND 255 THEN
        RAISE EXCEPTION 'argument "kind" of create_pseudonym_key must have 1 to 255 bytes' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'The kind says what the pseudonyms stand for: phone, account.',
            HINT = 'Pass the kind that pseudonym() will be called with.';
    END IF;
    INSERT INTO sales_intel.pseudonym_key (kind, secret)
    VALUES (create_pseudonym_key.kind, (
        SELECT sha256(string_agg(uuid_send(gen_random_uuid()), ''))
        FROM generate_series(1, 4)))
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is a pseudonym key of kind "%" already', create_pseudonym_key.kind USING
            ERRCODE = 'duplicate_object',
            DETAIL = 'Pseudonyms made with another key would not meet those made so far.',
            HINT = 'Use another kind, or delete the key once no pseudonym of it is needed any more.';
    END IF;
END
$$;
COMMENT ON FUNCTION create_pseudonym_key(text) IS
'Make the random key of a kind of pseudonyms, once';
