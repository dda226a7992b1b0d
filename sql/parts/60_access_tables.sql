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

SELECT pg_extension_config_dump('principal', '');
SELECT pg_extension_config_dump('principal_attribute', '');
SELECT pg_extension_config_dump('trusted_definer', '');
SELECT pg_extension_config_dump('project', '');
SELECT pg_extension_config_dump('project_member', '');
SELECT pg_extension_config_dump('project_account', '');
SELECT pg_extension_config_dump('access_rule', '');
SELECT pg_extension_config_dump('protected_table', '');
