-- Governed access: consent, tables -----------------------------------------
--
-- A subject is a customer whose data it is, by its key as text.  What happened
-- is in consent_event, which only grows; what holds now, in two narrow tables
-- that functions derive from it.

CREATE TABLE consent_scene (
    scene text COLLATE "C" PRIMARY KEY CHECK (scene <> '' AND octet_length(scene) <= 255),
    bit smallint NOT NULL UNIQUE CHECK (bit BETWEEN 0 AND 61),
    title text NOT NULL,
    basis text NOT NULL DEFAULT 'consent',
    regimes text[] NOT NULL DEFAULT '{GDPR,PIPL}',
    shipped boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE consent_scene IS
'What customers are asked about, each switched alone; rows may be added, and never change their bits';
COMMENT ON COLUMN consent_scene.bit IS
'The scene''s bit in every mask';
COMMENT ON COLUMN consent_scene.basis IS
'Why data may be used: consent, or separate consent for one use that a regime asks for';
COMMENT ON COLUMN consent_scene.shipped IS
'Came with the extension, and is not dumped';

INSERT INTO consent_scene (scene, bit, title, shipped) VALUES
    ('test_drive', 0, 'Book a test drive', true),
    ('quote_push', 1, 'Send quotes', true),
    ('competitor_comparison', 2, 'Compare with competitors', true),
    ('finance_plan', 3, 'Work out a finance plan', true),
    ('after_sales_care', 4, 'Care after the sale', true),
    ('event_invitation', 5, 'Invite to events', true),
    ('community', 6, 'Take part in the community', true);

CREATE TABLE consent_regime (
    regime text COLLATE "C" CHECK (regime <> ''),
    use text COLLATE "C" CHECK (use <> ''),
    scene text COLLATE "C" NOT NULL CHECK (scene <> '' AND octet_length(scene) <= 255),
    title text NOT NULL,
    article text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    PRIMARY KEY (regime, use)
);
COMMENT ON TABLE consent_regime IS
'Which separate consent the law that a subject falls under asks for, by use; of a minor, its guardian''s';
COMMENT ON COLUMN consent_regime.scene IS
'The scene that stands for that consent, once the regime is adopted';
COMMENT ON COLUMN consent_regime.shipped IS
'Came with the extension, and is not dumped';

INSERT INTO consent_regime (regime, use, scene, title, article, shipped) VALUES
    ('GDPR', 'sharing', 'sharing', 'Share with others', 'Article 7(2)', true),
    ('GDPR', 'cross_border', 'cross_border', 'Transfer to another country', 'Article 49(1)(a)', true),
    ('GDPR', 'sensitive', 'sensitive', 'Use sensitive data', 'Article 9(2)(a)', true),
    ('GDPR', 'minor', 'guardian', 'Consent of the holder of parental responsibility', 'Article 8(1)', true),
    ('PIPL', 'sharing', 'sharing', 'Share with others', 'Article 23', true),
    ('PIPL', 'cross_border', 'cross_border', 'Transfer to another country', 'Article 39', true),
    ('PIPL', 'sensitive', 'sensitive', 'Use sensitive data', 'Article 29', true),
    ('PIPL', 'minor', 'guardian', 'Consent of a parent or guardian', 'Article 31', true);

CREATE TABLE consent_subject (
    subject text COLLATE "C" PRIMARY KEY CHECK (subject <> '' AND octet_length(subject) <= 1000),
    regime text COLLATE "C",
    minor boolean NOT NULL DEFAULT false,
    salt bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
    CHECK (regime IS NOT NULL OR NOT minor)
);
COMMENT ON TABLE consent_subject IS
'Under which regime a subject falls, and the salt of the commitments that stand for it in the ledger';

CREATE TABLE consent_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject text COLLATE "C" NOT NULL,
    scene text COLLATE "C" NOT NULL,
    session text COLLATE "C",
    action text NOT NULL CHECK (action IN ('ask', 'grant', 'refuse', 'withdraw', 'subject', 'erase')),
    at timestamptz NOT NULL,
    valid_from timestamptz NOT NULL DEFAULT '-infinity',
    valid_until timestamptz NOT NULL DEFAULT 'infinity',
    channel text,
    wording text,
    actor text NOT NULL,
    evidence jsonb,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    ledger_entry text
);
COMMENT ON TABLE consent_event IS
'Every question, grant, refusal and withdrawal, with its evidence; it only grows';
COMMENT ON COLUMN consent_event.scene IS
'What was asked; empty where the subject itself became another one: its regime, its age';
COMMENT ON COLUMN consent_event.session IS
'The conversation that it is about; NULL: it stands for all';
COMMENT ON COLUMN consent_event.wording IS
'Which version of the text the customer was shown';

COMMENT ON COLUMN consent_event.ledger_entry IS
'Where the ledger has it: stream#sequence number';

CREATE INDEX consent_event_subject ON consent_event (subject, id);
CREATE INDEX consent_event_xid ON consent_event (xid);
CREATE INDEX consent_event_at ON consent_event (at);

CREATE TABLE consent_state (
    subject text COLLATE "C" PRIMARY KEY,
    mask bigint NOT NULL,
    epoch bigint NOT NULL DEFAULT 0,
    recheck_at timestamptz NOT NULL DEFAULT 'infinity'
) WITH (fillfactor = 80);
COMMENT ON TABLE consent_state IS
'What each subject allows now, as bits of scenes; derived from consent_event';
COMMENT ON COLUMN consent_state.epoch IS
'How often it has changed';
COMMENT ON COLUMN consent_state.recheck_at IS
'From when on the events must be asked: something begins or ends then';

CREATE INDEX consent_state_recheck_at ON consent_state (recheck_at) WHERE recheck_at < 'infinity';

CREATE TABLE consent_session (
    subject text COLLATE "C" NOT NULL,
    session text COLLATE "C" NOT NULL,
    mask bigint NOT NULL,
    overrides bigint NOT NULL,
    recheck_at timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (subject, session)
) WITH (fillfactor = 80);
COMMENT ON TABLE consent_session IS
'What a subject allows in one session: bits of scenes, and of those that have an entry for the session';

CREATE INDEX consent_session_recheck_at ON consent_session (recheck_at) WHERE recheck_at < 'infinity';

CREATE TABLE consent_use (
    subject text COLLATE "C" NOT NULL,
    scene text COLLATE "C" NOT NULL,
    at timestamptz NOT NULL
);
COMMENT ON TABLE consent_use IS
'When an action asked for a consent and had it';

CREATE INDEX consent_use_subject ON consent_use (subject, scene, at);

CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL CHECK (kind <> ''),
    subject text COLLATE "C",
    payload jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    due_at timestamptz,
    acknowledged_at timestamptz,
    cancelled_at timestamptz,
    scene text COLLATE "C",
    session text COLLATE "C",
    event bigint
);
COMMENT ON TABLE outbox IS
'What other systems are to do, and when they said that it is done';
COMMENT ON COLUMN outbox.scene IS
'The consent that the action needs: it is cancelled with that; NULL: none';
COMMENT ON COLUMN outbox.event IS
'The consent_event that asked for it';

CREATE INDEX outbox_open ON outbox (due_at) WHERE due_at IS NOT NULL AND acknowledged_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX outbox_subject ON outbox (subject, scene) WHERE acknowledged_at IS NULL AND cancelled_at IS NULL;
CREATE INDEX outbox_event ON outbox (event) WHERE event IS NOT NULL;

SELECT pg_extension_config_dump('consent_scene', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('consent_regime', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('consent_subject', '');
SELECT pg_extension_config_dump('consent_event', '');
SELECT pg_extension_config_dump('consent_event_id_seq', '');
SELECT pg_extension_config_dump('consent_state', '');
SELECT pg_extension_config_dump('consent_session', '');
SELECT pg_extension_config_dump('consent_use', '');
SELECT pg_extension_config_dump('outbox', '');
SELECT pg_extension_config_dump('outbox_id_seq', '');
