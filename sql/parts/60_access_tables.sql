-- Governed access: tables ----------------------------------------------
--
-- A principal is who looks.  Keys are compared by bytes (COLLATE "C"): the C
-- code looks them up by index, and two spellings are two keys.  All but
-- secrets and used tokens goes into dumps.

CREATE TABLE principal (
    principal text COLLATE "C" PRIMARY KEY CHECK (principal <> '' AND octet_length(principal) <= 255),
    login_role regrole UNIQUE,
    kind text NOT NULL DEFAULT 'person' CHECK (kind IN ('person', 'service', 'impersonator')),
    active boolean NOT NULL DEFAULT true,
    token_only boolean NOT NULL DEFAULT false,
    valid_during tstzrange NOT NULL DEFAULT '(,)'
);
COMMENT ON TABLE principal IS
'Who may look: people and services, the login that each has, and whether that login alone proves anything';
COMMENT ON COLUMN principal.login_role IS
'The database role that this principal logs in as; NULL: comes with a token only, through another login';
COMMENT ON COLUMN principal.kind IS
'person, service, or impersonator: a login that becomes other principals by SET ROLE';
COMMENT ON COLUMN principal.token_only IS
'The login gives no identity without a token, and each token only once';

CREATE TABLE principal_attribute (
    principal text COLLATE "C" NOT NULL REFERENCES principal ON UPDATE CASCADE ON DELETE CASCADE,
    attribute text COLLATE "C" NOT NULL CHECK (attribute <> ''),
    value text COLLATE "C" NOT NULL,
    valid_during tstzrange NOT NULL DEFAULT '(,)',
    PRIMARY KEY (principal, attribute, value, valid_during)
);
COMMENT ON TABLE principal_attribute IS
'What is true of a principal, and when: team, region, limit; several values of one attribute are several rows';

CREATE TABLE signing_key (
    kid text COLLATE "C" PRIMARY KEY CHECK (kid <> '' AND octet_length(kid) <= 64),
    secret bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
        CHECK (octet_length(secret) BETWEEN 32 AND 1024),
    valid_during tstzrange NOT NULL DEFAULT '(,)'
);
COMMENT ON TABLE signing_key IS
'Keys of tokens, by the kid of their headers; never dumped';
COMMENT ON COLUMN signing_key.secret IS
'32 to 1024 bytes; without one given, 32 of which 244 bits are random';
COMMENT ON COLUMN signing_key.valid_during IS
'When tokens with this key are taken; let ranges of an old and a new key overlap to rotate';

CREATE TABLE token_use (
    jti text COLLATE "C" PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE token_use IS
'Tokens that were used, until they expire; never dumped';

CREATE INDEX token_use_expires_at ON token_use (expires_at);

CREATE TABLE trusted_definer (
    role regrole PRIMARY KEY,
    reason text NOT NULL DEFAULT ''
);
COMMENT ON TABLE trusted_definer IS
'Roles whose SECURITY DEFINER functions may act for the principal who calls them';

CREATE TABLE project (
    project text COLLATE "C" PRIMARY KEY CHECK (project <> '' AND octet_length(project) <= 255),
    kind text NOT NULL DEFAULT 'project',
    valid_during tstzrange NOT NULL DEFAULT '(,)'
);
COMMENT ON TABLE project IS
'What people work on together for a time';

CREATE TABLE project_member (
    project text COLLATE "C" NOT NULL REFERENCES project ON UPDATE CASCADE ON DELETE CASCADE,
    principal text COLLATE "C" NOT NULL REFERENCES principal ON UPDATE CASCADE ON DELETE CASCADE,
    valid_during tstzrange NOT NULL DEFAULT '(,)',
    PRIMARY KEY (project, principal, valid_during)
);
COMMENT ON TABLE project_member IS
'Who works on a project, and when';

CREATE TABLE project_account (
    project text COLLATE "C" NOT NULL REFERENCES project ON UPDATE CASCADE ON DELETE CASCADE,
    account text COLLATE "C" NOT NULL,
    valid_during tstzrange NOT NULL DEFAULT '(,)',
    PRIMARY KEY (project, account, valid_during)
);
COMMENT ON TABLE project_account IS
'The accounts of a project, by their keys as text, and when';

CREATE TABLE access_rule (
    rel regclass NOT NULL,
    name text COLLATE "C" NOT NULL CHECK (name <> ''),
    effect text NOT NULL CHECK (effect IN ('permit', 'forbid')),
    actions text[] NOT NULL CHECK (cardinality(actions) > 0
        AND actions <@ ARRAY['select', 'insert', 'update', 'delete']),
    condition text NOT NULL,
    created_by name NOT NULL DEFAULT CURRENT_USER,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rel, name)
);
COMMENT ON TABLE access_rule IS
'Who may do what with which rows of a table; written by create_access_rule';

CREATE TABLE protected_table (
    rel regclass PRIMARY KEY,
    options jsonb NOT NULL DEFAULT '{}',
    protected_by name NOT NULL DEFAULT CURRENT_USER,
    protected_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE protected_table IS
'Tables whose rows follow the rules; written by protect_table';

CREATE TABLE consent_view (
    view regclass PRIMARY KEY,
    source regclass NOT NULL,
    subject_key name NOT NULL,
    columns jsonb NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    created_by name NOT NULL DEFAULT SESSION_USER,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE consent_view IS
'Views that show columns as far as consent allows; written by create_consent_view';

CREATE INDEX consent_view_source ON consent_view (source);

-- Four foreign keys cascade, but do not check: pg_restore -j brings the tables
-- back in any order.  What is new is checked here, in a restore not at all: the
-- scripts of pg_dump switch row_security off, and run as the owner.
CREATE FUNCTION check_reference()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted text := to_jsonb(NEW) ->> TG_ARGV[0];
    known boolean;
BEGIN
    IF current_setting('row_security') = 'off'
            AND pg_has_role(session_user, (SELECT c.relowner FROM pg_class AS c WHERE c.oid = TG_RELID), 'USAGE') THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT true FROM sales_intel.%1$I AS t WHERE t.%1$I = $1 FOR KEY SHARE', TG_ARGV[0])
    INTO known
    USING wanted;
    IF known IS NULL THEN
        RAISE EXCEPTION 'there is no % "%"', TG_ARGV[0], wanted USING
            ERRCODE = 'foreign_key_violation',
            DETAIL = format('The table %s has no such row.', TG_ARGV[0]),
            HINT = 'Insert it first; names are compared exactly, by case, too.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION check_reference() IS
'Trigger function: is there such a principal, or project?';

CREATE TRIGGER known_principal AFTER INSERT OR UPDATE OF principal ON principal_attribute
FOR EACH ROW EXECUTE FUNCTION check_reference('principal');
CREATE TRIGGER known_principal AFTER INSERT OR UPDATE OF principal ON project_member
FOR EACH ROW EXECUTE FUNCTION check_reference('principal');
CREATE TRIGGER known_project AFTER INSERT OR UPDATE OF project ON project_member
FOR EACH ROW EXECUTE FUNCTION check_reference('project');
CREATE TRIGGER known_project AFTER INSERT OR UPDATE OF project ON project_account
FOR EACH ROW EXECUTE FUNCTION check_reference('project');

DO $$
DECLARE
    check_trigger record;
BEGIN
    FOR check_trigger IN
            SELECT t.tgrelid::pg_catalog.regclass AS rel, t.tgname AS name
            FROM pg_catalog.pg_trigger AS t
            JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) t.tgrelid
            WHERE c.relnamespace OPERATOR(pg_catalog.=) 'sales_intel'::pg_catalog.regnamespace
                AND c.relname OPERATOR(pg_catalog.=) ANY ('{principal_attribute,project_member,project_account}'::pg_catalog.name[])
                AND t.tgisinternal LOOP
        EXECUTE pg_catalog.format('ALTER TABLE %s DISABLE TRIGGER %I', check_trigger.rel, check_trigger.name);
    END LOOP;
END
$$;

SELECT pg_extension_config_dump('principal', '');
SELECT pg_extension_config_dump('principal_attribute', '');
SELECT pg_extension_config_dump('trusted_definer', '');
SELECT pg_extension_config_dump('project', '');
SELECT pg_extension_config_dump('project_member', '');
SELECT pg_extension_config_dump('project_account', '');
SELECT pg_extension_config_dump('access_rule', '');
SELECT pg_extension_config_dump('protected_table', '');
SELECT pg_extension_config_dump('consent_view', '');
