-- Governed access: consent, what is recorded and what follows from it ----
--
-- Whatever changes a subject's consent locks first the head of its stream of
-- the ledger, then its row of consent_state; whatever acts by consent locks
-- that row FOR SHARE.  So an action is before a withdrawal or sees it.

CREATE FUNCTION consent_replay(subject text, session text, at timestamptz, OUT mask bigint, OUT overrides bigint, OUT recheck_at timestamptz)
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_replay'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION consent_replay(text, text, timestamptz) IS
'What a subject allows at a time, standing or in one session, by all events so far; and when that changes by itself';

-- What is written stays

CREATE FUNCTION keep_consent()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'rows of "%" are not changed', TG_TABLE_NAME USING
        ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = 'What was decided must stay as it can be proved.',
        HINT = CASE TG_TABLE_NAME
            WHEN 'consent_event' THEN 'A new event overrides an old one: grant_consent, withdraw_consent.'
            ELSE 'Add another scene; one that nobody grants any more allows nothing.'
        END;
END
$$;
COMMENT ON FUNCTION keep_consent() IS
'Trigger function: refuses changes of what masks and proofs are made of';

CREATE TRIGGER keep_consent
BEFORE UPDATE OR DELETE OR TRUNCATE ON consent_event
FOR EACH STATEMENT EXECUTE FUNCTION keep_consent();
ALTER TABLE consent_event ENABLE ALWAYS TRIGGER keep_consent;

CREATE TRIGGER keep_consent
BEFORE UPDATE OF scene, bit OR DELETE OR TRUNCATE ON consent_scene
FOR EACH STATEMENT EXECUTE FUNCTION keep_consent();
ALTER TABLE consent_scene ENABLE ALWAYS TRIGGER keep_consent;

-- What a call may say

CREATE FUNCTION check_consent_key(what text, key text)
RETURNS void
LANGUAGE plpgsql
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 10
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF key <> '' AND octet_length(key) <= 1000 THEN
        RETURN;
    END IF;
    RAISE EXCEPTION 'that is no key of a %', what USING
        ERRCODE = 'invalid_parameter_value',
        DETAIL = format('It is a text of 1 to 1,000 bytes; this one %s.', CASE
            WHEN key IS NULL THEN 'is NULL'
            WHEN key = '' THEN 'is empty'
            ELSE format('has %s', octet_length(key))
        END),
        HINT = CASE what
            WHEN 'subject' THEN 'Give the customer''s key, as text.'
            ELSE 'Give the conversation''s key, as text; without the option, consent stands for all sessions.'
        END;
END
$$;
COMMENT ON FUNCTION check_consent_key(text, text) IS
'An error unless a key can be that of a subject, or of a session';

CREATE FUNCTION consent_bits(scenes text[])
RETURNS bigint
LANGUAGE plpgsql
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    bits bigint;
    known bigint;
    strange text;
BEGIN
    SELECT bit_or(1::bigint << s.bit), count(*)
    INTO bits, known
    FROM sales_intel.consent_scene AS s
    WHERE s.scene = ANY (scenes);
    IF known > 0 AND known = cardinality(scenes) THEN
        RETURN bits;
    END IF;
    IF scenes IS NULL OR cardinality(scenes) = 0 THEN
        RAISE EXCEPTION 'no scene is given' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Consent is about one scene or more.',
            HINT = 'Scenes are the rows of sales_intel.consent_scene.';
    END IF;
    SELECT COALESCE('"' || g.scene || '"', 'NULL')
    INTO strange
    FROM unnest(scenes) AS g(scene)
    WHERE NOT EXISTS (SELECT FROM sales_intel.consent_scene AS s WHERE s.scene = g.scene)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no scene %', strange USING
            ERRCODE = 'undefined_object',
            DETAIL = format('Scenes are %s.', (
                SELECT string_agg(s.scene, ', ' ORDER BY s.bit) FROM sales_intel.consent_scene AS s)),
            HINT = 'Add it to sales_intel.consent_scene, or adopt the regime that asks for it.';
    END IF;
    RETURN bits;
END
$$;
COMMENT ON FUNCTION consent_bits(text[]) IS
'The bits of scenes in a mask; an error names one that does not exist';

CREATE FUNCTION check_consent_options(options jsonb, known text[])
RETURNS void
LANGUAGE plpgsql
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wrong record;
BEGIN
    IF options = '{}' THEN
        RETURN;
    END IF;
    IF jsonb_typeof(options) IS DISTINCT FROM 'object' THEN
        RAISE EXCEPTION 'options must be a JSON object' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = format('This is %s.', COALESCE('a JSON ' || jsonb_typeof(options), 'NULL')),
            HINT = 'Leave them out, or give an object such as {"channel": "shop"}.';
    END IF;
    SELECT o.key, jsonb_typeof(o.value) AS type
    INTO wrong
    FROM jsonb_each(options) AS o
    WHERE o.key <> ALL (known)
        OR (o.key <> 'evidence' AND jsonb_typeof(o.value) NOT IN ('string', 'null'))
        OR (o.key <> 'session' AND o.value = '""')
    ORDER BY o.key COLLATE "C"
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    ELSIF wrong.key <> ALL (known) THEN
        RAISE EXCEPTION 'unknown option "%"', wrong.key USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = format('Known options are %s.', array_to_string(known, ', ')),
            HINT = 'Option names are case-sensitive.';
    END IF;
    RAISE EXCEPTION 'option "%" must be a text', wrong.key USING
        ERRCODE = 'invalid_parameter_value',
        DETAIL = format('It is %s.', CASE wrong.type WHEN 'string' THEN 'empty' ELSE 'a JSON ' || wrong.type END),
        HINT = 'Give a JSON string, or leave it out.';
END
$$;
COMMENT ON FUNCTION check_consent_options(jsonb, text[]) IS
'An error unless the options of a call are known ones, and texts';

CREATE FUNCTION consent_time(options jsonb, key text)
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
STRICT
PARALLEL RESTRICTED
COST 100
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (options ->> key)::timestamptz;
EXCEPTION
    WHEN data_exception THEN
        RAISE EXCEPTION 'option "%" is not a time', key USING
            ERRCODE = 'invalid_datetime_format',
            DETAIL = format('It is "%s".', options ->> key),
            HINT = 'Give a time with its zone, such as 2026-12-31T00:00:00Z.';
END
$$;
COMMENT ON FUNCTION consent_time(jsonb, text) IS
'A time among the options of a call';

CREATE FUNCTION consent_span(options jsonb, OUT valid_from timestamptz, OUT valid_until timestamptz)
LANGUAGE plpgsql
STABLE
STRICT
PARALLEL RESTRICTED
COST 100
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    valid_from := '-infinity';
    valid_until := 'infinity';
    IF options ? 'valid_from' THEN
        valid_from := COALESCE(sales_intel.consent_time(options, 'valid_from'), '-infinity');
    END IF;
    IF options ? 'valid_until' THEN
        valid_until := COALESCE(sales_intel.consent_time(options, 'valid_until'), 'infinity');
    END IF;
    IF valid_until <= valid_from THEN
        RAISE EXCEPTION 'a consent cannot end before it begins' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It would hold from %s until %s.', valid_from, valid_until),
            HINT = 'Let valid_until be later than valid_from.';
    END IF;
    IF valid_until <= statement_timestamp() THEN
        RAISE EXCEPTION 'a consent cannot end in the past' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It would hold until %s.', valid_until),
            HINT = 'Let valid_until be in the future, or leave it out.';
    END IF;
END
$$;
COMMENT ON FUNCTION consent_span(jsonb) IS
'From when until when a grant with these options holds';

-- A guardian answers for a child as a whole, so that one look at the standing
-- consent says whether it may be asked at all.
CREATE FUNCTION check_session(session text, scenes text[])
RETURNS void
LANGUAGE plpgsql
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    guardian text;
BEGIN
    PERFORM sales_intel.check_consent_key('session', session);
    SELECT r.scene INTO guardian
    FROM sales_intel.consent_regime AS r
    WHERE r.use = 'minor' AND r.scene = ANY (scenes)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the consent "%" is not given for one session', guardian USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'All other consent of a minor depends on it.',
            HINT = 'Leave the session out.';
    END IF;
END
$$;
COMMENT ON FUNCTION check_session(text, text[]) IS
'An error unless consent to scenes may be for that session';

-- Live state

CREATE FUNCTION consent_stream(subject text)
RETURNS text
LANGUAGE SQL
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5
BEGIN ATOMIC
    SELECT 'consent/' || lpad((hashtextextended(subject COLLATE "C", 0) & 15)::text, 2, '0');
END;
COMMENT ON FUNCTION consent_stream(text) IS
'The stream of the ledger in which a subject''s decisions are';

CREATE FUNCTION live_consent(subject text, session text)
RETURNS bigint
LANGUAGE plpgsql
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    clock timestamptz := statement_timestamp();
    standing record;
    own record;
BEGIN
    SELECT s.mask, s.recheck_at INTO standing
    FROM sales_intel.consent_state AS s
    WHERE s.subject = subject;
    IF standing.recheck_at <= clock THEN
        SELECT r.mask, r.recheck_at INTO standing FROM sales_intel.consent_replay(subject, NULL, clock) AS r;
    END IF;
    IF session IS NULL THEN
        RETURN COALESCE(standing.mask, 0);
    END IF;
    SELECT s.mask, s.overrides, s.recheck_at INTO own
    FROM sales_intel.consent_session AS s
    WHERE s.subject = subject AND s.session = session;
    IF own.recheck_at <= clock THEN
        SELECT r.mask, r.overrides, r.recheck_at INTO own FROM sales_intel.consent_replay(subject, session, clock) AS r;
    END IF;
    RETURN (COALESCE(standing.mask, 0) & ~COALESCE(own.overrides, 0)) | COALESCE(own.mask & own.overrides, 0);
END
$$;
COMMENT ON FUNCTION live_consent(text, text) IS
'What a subject allows now, in a session or without one, as bits of scenes';

CREATE FUNCTION lock_consent(subject text)
RETURNS void
LANGUAGE plpgsql
VOLATILE
STRICT
PARALLEL UNSAFE
COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    PERFORM FROM sales_intel.consent_state AS s WHERE s.subject = subject FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO sales_intel.consent_subject (subject) VALUES (subject) ON CONFLICT DO NOTHING;
        INSERT INTO sales_intel.consent_state (subject, mask) VALUES (subject, 0) ON CONFLICT DO NOTHING;
        PERFORM FROM sales_intel.consent_state AS s WHERE s.subject = subject FOR UPDATE;
    END IF;
END
$$;
COMMENT ON FUNCTION lock_consent(text) IS
'Until the transaction ends nobody else changes what a subject allows, or acts by it; makes a new subject known';

CREATE FUNCTION still_allows(subject text, scene text, session text)
RETURNS boolean
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1000
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT scene IS NULL OR EXISTS (
        SELECT
        FROM consent_scene AS c
        WHERE c.scene = still_allows.scene AND (live_consent(subject, session) >> c.bit) & 1 = 1);
END;
COMMENT ON FUNCTION still_allows(text, text, text) IS
'Does a subject allow, now, what an action in the outbox needs? One that needs nothing is allowed';

CREATE FUNCTION cancel_actions(subject text)
RETURNS void
LANGUAGE plpgsql
VOLATILE
STRICT
PARALLEL UNSAFE
COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    UPDATE sales_intel.outbox AS o
    SET cancelled_at = statement_timestamp()
    WHERE o.subject = subject AND o.scene IS NOT NULL AND o.acknowledged_at IS NULL AND o.cancelled_at IS NULL
        AND NOT sales_intel.still_allows(subject, o.scene, o.session);
END
$$;
COMMENT ON FUNCTION cancel_actions(text) IS
'Cancels the queued actions that a subject does not allow any more';

CREATE FUNCTION settle_consent(subject text, session text, every_session boolean)
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    clock timestamptz := statement_timestamp();
    old record;
    new record;
BEGIN
    SELECT s.mask, s.recheck_at INTO old FROM sales_intel.consent_state AS s WHERE s.subject = subject;
    SELECT r.mask, r.recheck_at INTO new FROM sales_intel.consent_replay(subject, NULL, clock) AS r;
    UPDATE sales_intel.consent_state AS s
    SET mask = new.mask, recheck_at = new.recheck_at, epoch = s.epoch + 1
    WHERE s.subject = subject;
    IF session IS NOT NULL THEN
        INSERT INTO sales_intel.consent_session AS s (subject, session, mask, overrides, recheck_at)
        SELECT subject, session, r.mask, r.overrides, r.recheck_at
        FROM sales_intel.consent_replay(subject, session, clock) AS r
        ON CONFLICT ON CONSTRAINT consent_session_pkey DO UPDATE
        SET mask = excluded.mask, overrides = excluded.overrides, recheck_at = excluded.recheck_at;
    END IF;
    IF every_session THEN
        UPDATE sales_intel.consent_session AS s
        SET (mask, overrides, recheck_at) = (
            SELECT r.mask, r.overrides, r.recheck_at FROM sales_intel.consent_replay(subject, s.session, clock) AS r)
        WHERE s.subject = subject;
    END IF;
    PERFORM sales_intel.cancel_actions(subject);
    IF new.mask <> old.mask OR (new.recheck_at < 'infinity') <> (old.recheck_at < 'infinity') THEN
        PERFORM sales_intel.consent_changed(subject, new.mask, new.recheck_at < 'infinity');
    END IF;
END
$$;
COMMENT ON FUNCTION settle_consent(text, text, boolean) IS
'Brings what a locked subject allows up to its events, and does what follows from it';

CREATE FUNCTION notify_outbox(ids text)
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_notify_outbox'
LANGUAGE C
VOLATILE
STRICT
PARALLEL UNSAFE
COST 10;
COMMENT ON FUNCTION notify_outbox(text) IS
'Notifies whoever listens of new rows in the outbox, unless sales_intel.notify_outbox is off';
