-- Governed access: the gate for money --------------------------------------
--
-- Somebody asks, a person who is somebody else approves.  Each step locks the
-- stream 'release' of the ledger first, so that steps are one after the other:
-- sums are exact, and a freeze is before a decision or after it.  Amounts are in
-- one currency, which release_limit is in, too.

CREATE TABLE release_limit (
    principal text COLLATE "C" NOT NULL,
    per_day numeric NOT NULL CHECK (per_day >= 0 AND per_day < 'Infinity'),
    shipped boolean NOT NULL DEFAULT false CHECK (NOT shipped OR principal = '*'),
    PRIMARY KEY (principal, shipped)
);
COMMENT ON TABLE release_limit IS
'How much a principal may ask for on one day of UTC; of *, everybody without a row';
COMMENT ON COLUMN release_limit.shipped IS
'Came with the extension, and is not dumped; a row of one''s own counts instead';

CREATE TABLE release_level (
    level text COLLATE "C" NOT NULL CHECK (level <> '' AND octet_length(level) <= 255),
    per_day numeric CHECK (per_day >= 0 AND per_day < 'Infinity'),
    frozen boolean NOT NULL DEFAULT false,
    shipped boolean NOT NULL DEFAULT false CHECK (NOT shipped OR level IN ('normal', 'watch', 'critical')),
    PRIMARY KEY (level, shipped)
);
COMMENT ON TABLE release_level IS
'What each level of health lets pass';
COMMENT ON COLUMN release_level.per_day IS
'At most that much a day and principal; NULL: as release_limit says';
COMMENT ON COLUMN release_level.frozen IS
'Nothing is asked for or approved';
COMMENT ON COLUMN release_level.shipped IS
'Came with the extension, and is not dumped; a row of one''s own counts instead';

INSERT INTO release_limit (principal, per_day, shipped) VALUES ('*', 500000, true);
INSERT INTO release_level (level, per_day, frozen, shipped) VALUES
    ('normal', NULL, false, true),
    ('watch', 100000, false, true),
    ('critical', NULL, true, true);

CREATE TABLE release_health (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL CHECK (kind <> ''),
    level text COLLATE "C" NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    entry bigint NOT NULL
);
COMMENT ON TABLE release_health IS
'Which level holds since when for releases of a kind, or of all (*): the last row does; it only grows';
COMMENT ON COLUMN release_health.entry IS
'The entry in the stream ''release'' of the ledger; a row without one cannot let more pass';

CREATE TABLE release (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    amount numeric NOT NULL CHECK (amount > 0 AND amount < 'Infinity'),
    body jsonb,
    requested_by text COLLATE "C" NOT NULL,
    requested_at timestamptz NOT NULL,
    approved_by text COLLATE "C",
    approved_at timestamptz,
    rejected_by text COLLATE "C",
    rejected_at timestamptz,
    comment text,
    state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'approved', 'rejected')),
    request_entry bigint NOT NULL,
    decision_entry bigint
);
COMMENT ON TABLE release IS
'Money that somebody asked for, and who decided; only effective_release is to be paid';
COMMENT ON COLUMN release.body IS
'What it is for; NULL: the subject was erased';
COMMENT ON COLUMN release.request_entry IS
'The entry in the stream ''release'' of the ledger that seals what was asked for';
COMMENT ON COLUMN release.decision_entry IS
'The entry of the approval or rejection';

CREATE INDEX release_requested ON release (requested_by, requested_at);
CREATE INDEX release_open ON release (id) WHERE state = 'requested';

SELECT pg_extension_config_dump('release_limit', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('release_level', 'WHERE NOT shipped');
SELECT pg_extension_config_dump('release_health', '');
SELECT pg_extension_config_dump('release_health_id_seq', '');
SELECT pg_extension_config_dump('release', '');
SELECT pg_extension_config_dump('release_id_seq', '');

CREATE FUNCTION keep_shipped()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 10
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'shipped rows of "%" are not changed', TG_TABLE_NAME USING
        ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = 'A dump would not keep the change.',
        HINT = 'Insert a row with shipped = false: it counts instead.';
END
$$;
COMMENT ON FUNCTION keep_shipped() IS
'Trigger function: refuses changes of rows that came with the extension';

CREATE TRIGGER keep_shipped BEFORE UPDATE OR DELETE ON release_limit
FOR EACH ROW WHEN (OLD.shipped) EXECUTE FUNCTION keep_shipped();
CREATE TRIGGER keep_shipped_truncate BEFORE TRUNCATE ON release_limit
FOR EACH STATEMENT EXECUTE FUNCTION keep_shipped();
CREATE TRIGGER keep_shipped BEFORE UPDATE OR DELETE ON release_level
FOR EACH ROW WHEN (OLD.shipped) EXECUTE FUNCTION keep_shipped();
CREATE TRIGGER keep_shipped_truncate BEFORE TRUNCATE ON release_level
FOR EACH STATEMENT EXECUTE FUNCTION keep_shipped();

CREATE TRIGGER keep_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON release_health
FOR EACH STATEMENT EXECUTE FUNCTION keep_ledger();
ALTER TABLE release_health ENABLE ALWAYS TRIGGER keep_ledger;
CREATE TRIGGER keep_ledger BEFORE DELETE OR TRUNCATE ON release
FOR EACH STATEMENT EXECUTE FUNCTION keep_ledger();
ALTER TABLE release ENABLE ALWAYS TRIGGER keep_ledger;

CREATE FUNCTION release_author()
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_release_author'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION release_author() IS
'The principal whose transaction it is, whatever role acts in it; NULL: nobody''s';

-- What holds for a kind: the rows since the last one that the ledger has, of the
-- kind and of all kinds.  Others can be put there by whoever owns the table; they
-- may hold back, never let pass.
CREATE FUNCTION release_health_now(kinds text[], OUT frozen boolean, OUT per_day numeric, OUT levels text)
LANGUAGE SQL
STABLE
STRICT
PARALLEL RESTRICTED
COST 1000
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT COALESCE(bool_or(COALESCE(l.frozen, true)), false), min(l.per_day), string_agg(DISTINCT h.level, ', ' ORDER BY h.level)
    FROM release_health AS h
    LEFT JOIN LATERAL (
        SELECT o.frozen, o.per_day FROM release_level AS o WHERE o.level = h.level ORDER BY o.shipped LIMIT 1) AS l ON true
    WHERE h.kind = ANY (kinds)
        AND h.id >= COALESCE((
            SELECT max(o.id)
            FROM release_health AS o
            JOIN ledger AS e ON e.stream = 'release' AND e.seq = o.entry
            WHERE o.kind = h.kind AND e.kind = 'health' AND e.actor = o.set_by
                AND e.body = jsonb_build_object('health', o.id, 'releases', o.kind, 'level', o.level)), 0);
END;
COMMENT ON FUNCTION release_health_now(text[]) IS
'What the health of some kinds of releases lets pass now; a level that is not known freezes';

CREATE FUNCTION check_release(kind text, principal text, at timestamptz, amount numeric, counted text[])
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    health record;
    per_day numeric;
    taken numeric;
BEGIN
    SELECT * INTO health FROM sales_intel.release_health_now(ARRAY['*', check_release.kind]);
    IF health.frozen THEN
        RAISE EXCEPTION 'releases of kind "%" are frozen', check_release.kind USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('The level is %s.', health.levels),
            HINT = 'A person may raise it, and says why: set_release_health().';
    END IF;
    SELECT l.per_day INTO per_day
    FROM sales_intel.release_limit AS l
    WHERE l.principal IN (check_release.principal, '*')
    ORDER BY l.principal = '*', l.shipped
    LIMIT 1;
    per_day := LEAST(per_day, health.per_day);
    SELECT COALESCE(sum(r.amount), 0) INTO taken
    FROM sales_intel.release AS r
    WHERE r.requested_by = check_release.principal AND r.state = ANY (check_release.counted)
        AND r.requested_at >= date_trunc('day', check_release.at, 'UTC')
        AND r.requested_at < date_trunc('day', check_release.at, 'UTC') + interval '24 hours';
    IF (taken + check_release.amount <= per_day) IS NOT TRUE THEN
        RAISE EXCEPTION 'the amount is past the limit of the day' USING
            ERRCODE = 'check_violation',
            DETAIL = format('%s may have %s on a day of UTC; %s are taken, %s are asked for.',
                check_release.principal, per_day, taken, check_release.amount),
            HINT = 'What is rejected counts no more; release_limit and the level of health say how much it is.';
    END IF;
END
$$;
COMMENT ON FUNCTION check_release(text, text, timestamptz, numeric, text[]) IS
'An error if an amount does not pass now, with what a principal has of the same day in some states';

CREATE FUNCTION enter_release(id bigint, kind text, subject text, amount numeric, body jsonb)
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    author text := sales_intel.release_author();
    at timestamptz;
    salt bytea;
BEGIN
    IF kind = '' OR octet_length(kind) > 255 OR kind = '*' OR subject = '' OR octet_length(subject) > 1000
            OR octet_length(body::text) > 1048576 THEN
        RAISE EXCEPTION 'the kind, the subject or the body of a release cannot be that' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = format('They have %s, %s and %s bytes; a kind has 1 to 255 and is not *, a subject 1 to 1000, a body at most 1048576.',
                octet_length(kind), octet_length(subject), octet_length(body::text)),
            HINT = 'Pass a kind such as ''discount'', the customer''s key, and what it is for.';
    ELSIF NOT (amount > 0 AND amount < 'Infinity') THEN
        RAISE EXCEPTION 'an amount of money cannot be %', amount USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'It is above zero and finite.',
            HINT = 'Pass it in the currency of release_limit, whatever the body says.';
    END IF;
    PERFORM sales_intel.ledger_lock('release');
    at := clock_timestamp();
    PERFORM sales_intel.check_release(kind, author, at, amount, '{requested,approved}');
    salt := sales_intel.ledger_salt(subject);
    INSERT INTO sales_intel.release (id, kind, subject, amount, body, requested_by, requested_at, request_entry)
    OVERRIDING SYSTEM VALUE
    VALUES (id, kind, subject, amount, body, author, at, sales_intel.ledger_append('release', 'request',
        jsonb_build_object('release', id, 'kind', kind, 'amount', amount::text,
            'subject', sales_intel.seal(salt, subject), 'content', sales_intel.seal(salt, subject, body::text))));
END
$$;
COMMENT ON FUNCTION enter_release(bigint, text, text, numeric, jsonb) IS
'The inside of request_release';

CREATE FUNCTION decide_release(state text, id bigint, comment text)
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM sales_intel.ledger_lock('release');
    UPDATE sales_intel.release AS r
    SET state = decide_release.state, comment = NULLIF(decide_release.comment, '')
    WHERE r.id = decide_release.id;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no release %', decide_release.id USING
            ERRCODE = 'undefined_object',
            DETAIL = 'Nobody has asked for one of this number.',
            HINT = 'request_release returns the number.';
    END IF;
END
$$;
COMMENT ON FUNCTION decide_release(text, bigint, text) IS
'The inside of approve_release and reject_release: the trigger of release decides';

-- A release is as it was asked for if the ledger says so; a subject that was
-- erased has left its number, kind and amount.
CREATE VIEW intact_release WITH (security_barrier) AS
SELECT r.id, r.kind, r.subject, r.amount, r.body, r.requested_by, r.requested_at, r.approved_by, r.approved_at, r.state,
    r.decision_entry, e.body AS sealed
FROM release AS r
JOIN ledger AS e ON e.stream = 'release' AND e.seq = r.request_entry AND e.kind = 'request' AND e.actor = r.requested_by
LEFT JOIN consent_subject AS s ON s.subject = r.subject
WHERE e.body @> jsonb_build_object('release', r.id, 'kind', r.kind, 'amount', r.amount::text)
    AND CASE WHEN r.body IS NULL THEN r.subject LIKE 'erased:%' ELSE e.body ->> 'content' = seal(s.salt, r.subject, r.body::text) END;
COMMENT ON VIEW intact_release IS
'Releases that are what the ledger says was asked for';

CREATE VIEW effective_release WITH (security_barrier) AS
SELECT r.id, r.kind, r.subject, r.amount, r.body, r.requested_by, r.requested_at, r.approved_by, r.approved_at
FROM intact_release AS r
JOIN ledger AS e ON e.stream = 'release' AND e.seq = r.decision_entry AND e.kind = 'approve' AND e.actor = r.approved_by
WHERE r.state = 'approved' AND e.body = r.sealed AND r.approved_by <> r.requested_by;
COMMENT ON VIEW effective_release IS
'Releases that were approved, as the ledger says, too: what may be paid, for whoever pays';

CREATE VIEW my_release WITH (security_barrier) AS
SELECT r.id, r.kind, r.subject, r.amount, r.body, r.requested_by, r.requested_at, r.approved_by, r.approved_at,
    r.rejected_by, r.rejected_at, r.comment, r.state
FROM release AS r
WHERE r.requested_by = (SELECT current_principal()) OR r.approved_by = (SELECT current_principal()) OR r.rejected_by = (SELECT current_principal())
    OR (r.state = 'requested' AND EXISTS (
        SELECT FROM principal AS p WHERE p.principal = (SELECT current_principal()) AND p.kind = 'person'));
COMMENT ON VIEW my_release IS
'Releases that whoever looks asked for, decided, or may decide';

-- The gate itself: whoever updates the table, by whatever function, this is all
-- that an update can do.
CREATE FUNCTION guard_release()
RETURNS trigger
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    decided CONSTANT text[] := '{state,comment,approved_by,approved_at,rejected_by,rejected_at,decision_entry}';
    author text := sales_intel.release_author();
    remark text := NEW.comment;
    aim text := NEW.state;
    sealed jsonb;
BEGIN
    PERFORM sales_intel.ledger_lock('release');
    IF OLD.state <> 'requested' THEN
        RAISE EXCEPTION 'release % was decided already', OLD.id USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = format('It is %s.', OLD.state),
            HINT = 'Ask for a new one: request_release().';
    ELSIF NEW.state = OLD.state OR to_jsonb(NEW) - decided <> to_jsonb(OLD) - decided THEN
        RAISE EXCEPTION 'release % is not changed', OLD.id USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = 'It is approved or rejected as it was asked for.',
            HINT = 'Reject it, and ask for another.';
    ELSIF author IS NULL THEN
        RAISE EXCEPTION 'a release needs an identity' USING
            ERRCODE = 'invalid_authorization_specification',
            DETAIL = 'Nobody is known to ask for it, or to decide.',
            HINT = 'SELECT * FROM sales_intel.whoami() says why.';
    ELSIF aim = 'approved' AND author = OLD.requested_by THEN
        RAISE EXCEPTION 'nobody approves what he has asked for himself' USING
            ERRCODE = 'insufficient_privilege',
            DETAIL = format('Release %s was requested by "%s".', OLD.id, OLD.requested_by),
            HINT = 'Let another person approve it.';
    ELSIF author <> OLD.requested_by AND NOT sales_intel.is_person(author) THEN
        RAISE EXCEPTION 'a person decides about a release' USING
            ERRCODE = 'insufficient_privilege',
            DETAIL = format('"%s" is no principal of kind person that is active and valid now.', author),
            HINT = 'Let a person approve it; a service may reject what it has asked for.';
    END IF;
    SELECT i.sealed INTO sealed FROM sales_intel.intact_release AS i WHERE i.id = OLD.id;
    IF sealed IS NULL THEN
        RAISE EXCEPTION 'release % is not what was asked for', OLD.id USING
            ERRCODE = 'data_corrupted',
            DETAIL = 'The ledger has sealed something else.',
            HINT = 'Look who changed it; SELECT * FROM sales_intel.ledger_verify(''release'').';
    END IF;
    NEW := OLD;
    NEW.state := aim;
    NEW.comment := remark;
    IF aim = 'approved' THEN
        PERFORM sales_intel.check_release(OLD.kind, OLD.requested_by, OLD.requested_at, OLD.amount, '{approved}');
        NEW.approved_by := author;
        NEW.approved_at := clock_timestamp();
    ELSE
        NEW.rejected_by := author;
        NEW.rejected_at := clock_timestamp();
    END IF;
    NEW.decision_entry := sales_intel.ledger_append('release', CASE aim WHEN 'approved' THEN 'approve' ELSE 'reject' END, sealed);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION guard_release() IS
'Trigger function: the one way from requested to approved or rejected';

CREATE TRIGGER guard_release BEFORE UPDATE ON release
FOR EACH ROW EXECUTE FUNCTION guard_release();
ALTER TABLE release ENABLE ALWAYS TRIGGER guard_release;

CREATE FUNCTION is_person(name text)
RETURNS boolean
LANGUAGE SQL
VOLATILE
STRICT
PARALLEL RESTRICTED
COST 100
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM principal AS p
        WHERE p.principal = name AND p.kind = 'person' AND p.active AND p.valid_during @> clock_timestamp());
END;
COMMENT ON FUNCTION is_person(text) IS
'Is that an active and valid principal of kind person?';

CREATE FUNCTION enter_health(kind text, level text, reason text)
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    author text := sales_intel.release_author();
    now record;
    new record;
    id bigint;
BEGIN
    PERFORM sales_intel.ledger_lock('release');
    SELECT * INTO new FROM sales_intel.release_level AS l WHERE l.level = enter_health.level ORDER BY l.shipped LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no level "%"', enter_health.level USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = format('There are %s.', (SELECT string_agg(DISTINCT l.level, ', ' ORDER BY l.level) FROM sales_intel.release_level AS l)),
            HINT = 'Insert it into release_level first.';
    ELSIF enter_health.kind = '' OR octet_length(enter_health.kind) > 255 OR enter_health.reason !~ '\S' THEN
        RAISE EXCEPTION 'a level of health needs a kind and a reason' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = 'Whoever reads the table later wants to know why.',
            HINT = 'Pass the kind of releases, or * for all, and say why.';
    END IF;
    SELECT * INTO now FROM sales_intel.release_health_now(ARRAY[enter_health.kind]);
    IF (now.frozen AND NOT new.frozen OR COALESCE(new.per_day, 'Infinity') > COALESCE(now.per_day, 'Infinity'))
            AND NOT sales_intel.is_person(author) THEN
        RAISE EXCEPTION 'a person raises the level of health' USING
            ERRCODE = 'insufficient_privilege',
            DETAIL = format('"%s" is no principal of kind person that is active and valid now; it may lower the level.', author),
            HINT = 'Let a person look, and say why it is right.';
    END IF;
    id := nextval('sales_intel.release_health_id_seq');
    INSERT INTO sales_intel.release_health (id, kind, level, reason, set_by, set_at, entry)
    OVERRIDING SYSTEM VALUE
    VALUES (id, enter_health.kind, enter_health.level, enter_health.reason, author, clock_timestamp(),
        sales_intel.ledger_append('release', 'health', jsonb_build_object('health', id, 'releases', enter_health.kind, 'level', enter_health.level)));
END
$$;
COMMENT ON FUNCTION enter_health(text, text, text) IS
'The inside of set_release_health';

CREATE FUNCTION request_release(kind text, subject text, amount numeric, body jsonb)
RETURNS bigint
AS 'MODULE_PATHNAME', 'sales_intel_access_request_release'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION request_release(text, text, numeric, jsonb) IS
'Ask for money to be released; returns the number for whoever approves';

CREATE FUNCTION approve_release(id bigint, comment text)
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_approve_release'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION approve_release(bigint, text) IS
'Approve what somebody else has asked for, as a person';

CREATE FUNCTION reject_release(id bigint, comment text)
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_reject_release'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION reject_release(bigint, text) IS
'Reject what was asked for, as a person or as whoever asked';

CREATE FUNCTION set_release_health(kind text, level text, reason text)
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_set_release_health'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION set_release_health(text, text, text) IS
'Set the level of health of a kind of releases, or of all (*); only a person raises it';
