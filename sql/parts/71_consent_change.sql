-- Governed access: consent, changes and actions ---------------------------

CREATE FUNCTION tell_of_withdrawal(subject text, events bigint[])
RETURNS void
LANGUAGE plpgsql
VOLATILE
STRICT
PARALLEL UNSAFE
COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    clock timestamptz := statement_timestamp();
    ids text;
BEGIN
    WITH told AS (
        INSERT INTO sales_intel.outbox (kind, subject, payload, created_at, due_at, event)
        SELECT k.kind, subject, jsonb_strip_nulls(jsonb_build_object('scene', e.scene, 'session', e.session)),
            clock, clock + interval '90 seconds', e.id
        FROM sales_intel.consent_event AS e
        CROSS JOIN (VALUES ('rep_alert'), ('marketing_stop')) AS k(kind)
        WHERE e.id = ANY (events)
        ORDER BY e.id, k.kind
        RETURNING outbox.id
    )
    SELECT string_agg(t.id::text, ',' ORDER BY t.id) INTO ids FROM told AS t;
    PERFORM sales_intel.notify_outbox(ids);
END
$$;
COMMENT ON FUNCTION tell_of_withdrawal(text, bigint[]) IS
'Puts into the outbox who must hear of withdrawals within 90 seconds';

-- Who records is the transaction's author, unless the call says who decided.
CREATE FUNCTION append_events(action text, subject text, scenes text[], options jsonb)
RETURNS bigint[]
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    stream text := sales_intel.consent_stream(subject);
    events bigint[] := ARRAY(SELECT nextval('sales_intel.consent_event_id_seq') FROM unnest(scenes));
    span record;
    since timestamptz;
    entry bigint;
BEGIN
    SELECT s.valid_from, s.valid_until INTO span FROM sales_intel.consent_span(options) AS s;
    -- the clock may step back; the order of events does not
    SELECT e.at INTO since
    FROM sales_intel.consent_event AS e
    WHERE e.subject = subject
    ORDER BY e.id DESC
    LIMIT 1;
    entry := sales_intel.ledger_append(stream, 'consent', jsonb_build_object(
        'action', action, 'events', events, 'scenes', scenes, 'subject', sales_intel.ledger_commitment(subject)));
    INSERT INTO sales_intel.consent_event (id, subject, scene, session, action, at, valid_from, valid_until,
        channel, wording, actor, evidence, ledger_entry)
    OVERRIDING SYSTEM VALUE
    SELECT n.id, subject, n.scene, options ->> 'session', action, GREATEST(since, statement_timestamp()),
        span.valid_from, span.valid_until, options ->> 'channel', options ->> 'wording',
        COALESCE(options ->> 'actor', sales_intel.current_author()), NULLIF(options -> 'evidence', 'null'),
        stream || '#' || entry
    FROM unnest(events, scenes) AS n(id, scene);
    RETURN events;
END
$$;
COMMENT ON FUNCTION append_events(text, text, text[], jsonb) IS
'Records one event a scene, and one entry of the ledger';

CREATE FUNCTION change_consent(action text, subject text, scenes text[], options jsonb)
RETURNS bigint[]
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    session text := options ->> 'session';
    distinct_scenes text[] := ARRAY(SELECT DISTINCT g.scene COLLATE "C" FROM unnest(scenes) AS g(scene));
    allowed bigint;
    events bigint[];
BEGIN
    PERFORM sales_intel.check_consent_key('subject', subject);
    PERFORM sales_intel.check_consent_options(options, CASE action
        WHEN 'grant' THEN '{session,valid_from,valid_until,channel,wording,actor,evidence}'::text[]
        ELSE '{session,channel,wording,actor,evidence}'
    END);
    PERFORM sales_intel.consent_bits(distinct_scenes);
    IF options ? 'session' THEN
        PERFORM sales_intel.check_session(session, distinct_scenes);
    END IF;
    PERFORM sales_intel.ledger_lock(sales_intel.consent_stream(subject));
    PERFORM sales_intel.lock_consent(subject);
    allowed := sales_intel.live_consent(subject, session);
    events := sales_intel.append_events(action, subject, distinct_scenes, options);
    IF action = 'ask' THEN
        RETURN events;
    END IF;
    PERFORM sales_intel.settle_consent(subject, session,
        session IS NULL AND EXISTS (SELECT FROM sales_intel.consent_subject AS s WHERE s.subject = subject AND s.minor));
    IF action <> 'grant' THEN
        PERFORM sales_intel.tell_of_withdrawal(subject, (
            SELECT array_agg(e.id)
            FROM unnest(events, distinct_scenes) AS e(id, scene)
            JOIN sales_intel.consent_scene AS s ON s.scene = e.scene
            WHERE (allowed >> s.bit) & 1 = 1));
    END IF;
    RETURN events;
END
$$;
COMMENT ON FUNCTION change_consent(text, text, text[], jsonb) IS
'One question, answer or withdrawal, with all that follows from it, in one transaction';

CREATE FUNCTION ask_consent(subject text, scenes text[], options jsonb DEFAULT '{}')
RETURNS bigint[]
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN sales_intel.change_consent('ask', subject, scenes, options);
END
$$;
COMMENT ON FUNCTION ask_consent(text, text[], jsonb) IS
'Record that a subject was asked about scenes; returns the ids of the events, one a scene';

CREATE FUNCTION grant_consent(subject text, scenes text[], options jsonb DEFAULT '{}')
RETURNS bigint[]
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN sales_intel.change_consent('grant', subject, scenes, options);
END
$$;
COMMENT ON FUNCTION grant_consent(text, text[], jsonb) IS
'Record that a subject allows scenes, from the next statement on; returns the ids of the events, one a scene';

CREATE FUNCTION refuse_consent(subject text, scenes text[], options jsonb DEFAULT '{}')
RETURNS bigint[]
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN sales_intel.change_consent('refuse', subject, scenes, options);
END
$$;
COMMENT ON FUNCTION refuse_consent(text, text[], jsonb) IS
'Record that a subject does not allow scenes; returns the ids of the events, one a scene';

CREATE FUNCTION withdraw_consent(subject text, scenes text[], options jsonb DEFAULT '{}')
RETURNS bigint[]
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN sales_intel.change_consent('withdraw', subject, scenes, options);
END
$$;
COMMENT ON FUNCTION withdraw_consent(text, text[], jsonb) IS
'Record that a subject allows scenes no more: from the next statement on they are not; returns the ids of the events, one a scene';

-- Actions

CREATE FUNCTION explain_missing(subject text, scene text, session text)
RETURNS text
LANGUAGE plpgsql
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    last record;
BEGIN
    SELECT e.action, e.valid_from INTO last
    FROM sales_intel.consent_event AS e
    WHERE e.subject = subject AND e.scene = scene AND e.action <> 'ask' AND (e.session IS NULL OR e.session = session)
    ORDER BY e.session IS NULL, e.id DESC
    LIMIT 1;
    RETURN CASE
        WHEN last.action IS NULL THEN 'The subject was never heard to grant it.'
        WHEN last.action = 'withdraw' THEN 'The subject has withdrawn it.'
        WHEN last.action = 'refuse' THEN 'The subject has refused it.'
        WHEN last.action = 'erase' THEN 'The subject has been erased.'
        WHEN last.valid_from > statement_timestamp() THEN 'What the subject granted has not begun.'
        ELSE 'What the subject granted has ended.'
    END;
END
$$;
COMMENT ON FUNCTION explain_missing(text, text, text) IS
'Why a consent is missing, for an error';

-- Of a minor the guardian's consent comes first; then that of the action, and
-- the separate ones of its uses, by the law of a subject whose law is not known
-- by any.
CREATE FUNCTION consent_needs(subject text, scene text, uses text[])
RETURNS text[]
LANGUAGE plpgsql
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    strange text;
BEGIN
    SELECT COALESCE('"' || u.use || '"', 'NULL') INTO strange
    FROM unnest(uses) AS u(use)
    WHERE NOT EXISTS (SELECT FROM sales_intel.consent_regime AS r WHERE r.use = u.use)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'there is no use %', strange USING
            ERRCODE = 'undefined_object',
            DETAIL = format('Uses are %s.', (
                SELECT string_agg(DISTINCT r.use, ', ') FROM sales_intel.consent_regime AS r)),
            HINT = 'Add it to sales_intel.consent_regime, with the scene of its consent.';
    END IF;
    RETURN ARRAY(
        SELECT r.scene
        FROM sales_intel.consent_subject AS s
        JOIN sales_intel.consent_regime AS r ON r.regime = s.regime
        WHERE s.subject = subject AND s.minor AND r.use = 'minor'
    ) || scene || ARRAY(
        SELECT DISTINCT r.scene
        FROM sales_intel.consent_regime AS r
        WHERE r.use = ANY (uses) AND r.regime = COALESCE((
            SELECT s.regime FROM sales_intel.consent_subject AS s WHERE s.subject = subject), r.regime)
    );
END
$$;
COMMENT ON FUNCTION consent_needs(text, text, text[]) IS
'The scenes that an action needs, with the separate consents that the subject''s regime asks for its uses';

CREATE FUNCTION require_consent(subject text, scene text, session text DEFAULT NULL, uses text[] DEFAULT '{}')
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    allowed bigint;
    needs text[];
    missing text;
BEGIN
    PERFORM sales_intel.check_consent_key('subject', subject);
    PERFORM sales_intel.consent_bits(ARRAY[scene]);
    IF session IS NOT NULL THEN
        PERFORM sales_intel.check_consent_key('session', session);
    END IF;
    PERFORM FROM sales_intel.consent_state AS s WHERE s.subject = subject FOR SHARE;
    needs := sales_intel.consent_needs(subject, scene, uses);
    allowed := sales_intel.live_consent(subject, session);
    SELECT n.scene INTO missing
    FROM unnest(needs) WITH ORDINALITY AS n(scene, place)
    LEFT JOIN sales_intel.consent_scene AS s ON s.scene = n.scene
    WHERE s.bit IS NULL OR (allowed >> s.bit) & 1 = 0
    ORDER BY n.place
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the consent "%" is missing', missing USING
            ERRCODE = 'insufficient_privilege',
            DETAIL = sales_intel.explain_missing(subject, missing, session),
            HINT = 'Ask the customer, and record the answer: grant_consent.';
    END IF;
    INSERT INTO sales_intel.consent_use (subject, scene, at)
    SELECT subject, n.scene, statement_timestamp()
    FROM unnest(needs) AS n(scene);
END
$$;
COMMENT ON FUNCTION require_consent(text, text, text, text[]) IS
'For an action that needs consent: an error names the one that is missing; else none is withdrawn before the transaction ends';

-- The subject's row is written to, so that a withdrawal whose snapshot is older
-- than the action fails, rather than overlook it.
CREATE FUNCTION queue_action(kind text, subject text, scene text, payload jsonb DEFAULT '{}', due_at timestamptz DEFAULT NULL, session text DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    id bigint;
BEGIN
    IF kind IS NULL OR kind = '' THEN
        RAISE EXCEPTION 'the kind of an action is missing' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It is %s.', CASE WHEN kind = '' THEN 'empty' ELSE 'NULL' END),
            HINT = 'Say what is to be done, such as ''send_quote''.';
    END IF;
    UPDATE sales_intel.consent_state AS s SET epoch = s.epoch WHERE s.subject = subject;
    PERFORM sales_intel.require_consent(subject, scene, session);
    INSERT INTO sales_intel.outbox AS o (kind, subject, payload, created_at, due_at, scene, session)
    VALUES (kind, subject, COALESCE(payload, '{}'), statement_timestamp(), due_at, scene, session)
    RETURNING o.id INTO id;
    PERFORM sales_intel.notify_outbox(id::text);
    RETURN id;
END
$$;
COMMENT ON FUNCTION queue_action(text, text, text, jsonb, timestamptz, text) IS
'Put an action that needs a consent into the outbox: it is cancelled when that ends; returns its id';

CREATE FUNCTION acknowledge(outbox_id bigint)
RETURNS boolean
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    state record;
BEGIN
    SELECT o.subject, o.scene, o.session, o.acknowledged_at, o.cancelled_at INTO state
    FROM sales_intel.outbox AS o
    WHERE o.id = acknowledge.outbox_id
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such row in the outbox' USING
            ERRCODE = 'undefined_object',
            DETAIL = format('Its id is given as %s.', COALESCE(acknowledge.outbox_id::text, 'NULL')),
            HINT = 'Ids are those of sales_intel.outbox.';
    ELSIF state.acknowledged_at IS NOT NULL THEN
        RETURN false;
    ELSIF state.cancelled_at IS NOT NULL OR NOT sales_intel.still_allows(state.subject, state.scene, state.session) THEN
        RAISE EXCEPTION 'the action was cancelled' USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'The consent that it needs has ended.',
            HINT = 'Do not act; acknowledge in the transaction that acts, and roll it back.';
    END IF;
    UPDATE sales_intel.outbox AS o SET acknowledged_at = clock_timestamp() WHERE o.id = acknowledge.outbox_id;
    RETURN true;
END
$$;
COMMENT ON FUNCTION acknowledge(bigint) IS
'Say that what a row of the outbox asks for is done; true, the first time';

-- Subjects and regimes

CREATE FUNCTION check_regime(regime text)
RETURNS void
LANGUAGE plpgsql
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 100
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM sales_intel.consent_regime AS r WHERE r.regime = check_regime.regime) THEN
        RETURN;
    END IF;
    RAISE EXCEPTION 'there is no regime %', COALESCE('"' || regime || '"', 'NULL') USING
        ERRCODE = 'undefined_object',
        DETAIL = format('Regimes are %s.', (
            SELECT string_agg(DISTINCT r.regime, ', ') FROM sales_intel.consent_regime AS r)),
        HINT = 'Add the separate consents that it asks for to sales_intel.consent_regime.';
END
$$;
COMMENT ON FUNCTION check_regime(text) IS
'An error unless there is such a regime';

CREATE FUNCTION adopt_regime(regime text)
RETURNS SETOF text
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 4
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    need record;
    free smallint;
BEGIN
    PERFORM sales_intel.check_regime(regime);
    LOCK TABLE sales_intel.consent_scene IN SHARE ROW EXCLUSIVE MODE;
    UPDATE sales_intel.consent_scene AS s
    SET regimes = s.regimes || regime
    FROM sales_intel.consent_regime AS r
    WHERE r.regime = regime AND s.scene = r.scene AND regime <> ALL (s.regimes);
    FOR need IN
            SELECT DISTINCT ON (r.scene) r.scene, r.title
            FROM sales_intel.consent_regime AS r
            WHERE r.regime = regime AND NOT EXISTS (SELECT FROM sales_intel.consent_scene AS s WHERE s.scene = r.scene)
            ORDER BY r.scene, r.use LOOP
        SELECT min(b) INTO free
        FROM generate_series(0, 61) AS b
        WHERE NOT EXISTS (SELECT FROM sales_intel.consent_scene AS s WHERE s.bit = b);
        IF free IS NULL THEN
            RAISE EXCEPTION 'there is no room for the scene "%"', need.scene USING
                ERRCODE = 'program_limit_exceeded',
                DETAIL = 'All 62 bits of a mask have scenes.',
                HINT = 'Let several uses of sales_intel.consent_regime share a scene that there is.';
        END IF;
        INSERT INTO sales_intel.consent_scene (scene, bit, title, basis, regimes)
        VALUES (need.scene, free, need.title, 'separate consent', ARRAY[regime]);
        RETURN NEXT need.scene;
    END LOOP;
END
$$;
COMMENT ON FUNCTION adopt_regime(text) IS
'Add the scenes of the separate consents that a regime asks for; returns those that were not there';

CREATE FUNCTION set_subject(subject text, regime text, minor boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    entry bigint;
BEGIN
    PERFORM sales_intel.check_consent_key('subject', subject);
    PERFORM sales_intel.check_regime(regime);
    IF minor IS NULL THEN
        RAISE EXCEPTION 'it is not said whether the subject is a minor' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'It is given as NULL.',
            HINT = 'Say true where it is not known: then a guardian must consent.';
    END IF;
    PERFORM sales_intel.ledger_lock(sales_intel.consent_stream(subject));
    PERFORM sales_intel.lock_consent(subject);
    entry := sales_intel.ledger_append(sales_intel.consent_stream(subject), 'subject', jsonb_build_object(
        'regime', regime, 'minor', minor, 'subject', sales_intel.ledger_commitment(subject)));
    UPDATE sales_intel.consent_subject AS s SET regime = regime, minor = minor WHERE s.subject = subject;
    -- no change of the live state is without an event: caches are kept by them
    INSERT INTO sales_intel.consent_event (subject, scene, action, at, actor, evidence, ledger_entry)
    VALUES (subject, '', 'subject', GREATEST(statement_timestamp(), (
        SELECT max(e.at) FROM sales_intel.consent_event AS e WHERE e.subject = subject)),
        sales_intel.current_author(), jsonb_build_object('regime', regime, 'minor', minor),
        sales_intel.consent_stream(subject) || '#' || entry);
    PERFORM sales_intel.settle_consent(subject, NULL, true);
END
$$;
COMMENT ON FUNCTION set_subject(text, text, boolean) IS
'Say under which regime a subject falls, and whether it is a minor, whose guardian must consent';

CREATE FUNCTION recheck_consent(most bigint DEFAULT 1000)
RETURNS bigint
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000000
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    due text;
    done bigint := 0;
BEGIN
    FOR due IN
            SELECT s.subject FROM sales_intel.consent_state AS s WHERE s.recheck_at <= statement_timestamp()
            UNION
            SELECT s.subject FROM sales_intel.consent_session AS s WHERE s.recheck_at <= statement_timestamp()
            ORDER BY 1
            LIMIT recheck_consent.most LOOP
        PERFORM FROM sales_intel.consent_state AS s WHERE s.subject = due FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        PERFORM sales_intel.settle_consent(due, NULL, true);
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;
COMMENT ON FUNCTION recheck_consent(bigint) IS
'Bring the live state of at most so many subjects up to date of whom something has begun or ended by itself; for a scheduler; returns how many';
