-- Governed access: consent, what was allowed and when -------------------

-- The last entry of each scene and session decides; of the standing ones there
-- is a row for every scene.  By the clock of the events, but from now on by all
-- of them: the clock may have stepped back.
CREATE FUNCTION consent_report(subject text, at timestamptz)
RETURNS TABLE (scene text, session text, allowed boolean, since timestamptz, wording text, channel text, actor text, ledger_entry text)
LANGUAGE plpgsql
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    PERFORM sales_intel.check_consent_key('subject', consent_report.subject);
    PERFORM FROM sales_intel.consent_event AS e WHERE e.subject = consent_report.subject LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nothing is known of this subject' USING
            ERRCODE = 'undefined_object',
            DETAIL = 'It has no event of consent.',
            HINT = 'Look at the key: it is the one that grant_consent was called with.';
    END IF;
    IF consent_report.at IS NULL THEN
        RAISE EXCEPTION 'no time is given' USING
            ERRCODE = 'null_value_not_allowed',
            DETAIL = 'What was allowed is asked for at a time.',
            HINT = 'Give a time; now() for what is allowed at present.';
    END IF;
    RETURN QUERY
    WITH told AS (
        SELECT e.*
        FROM sales_intel.consent_event AS e
        WHERE e.subject = consent_report.subject AND e.action NOT IN ('ask', 'subject')
            AND (e.at <= consent_report.at OR consent_report.at >= statement_timestamp())
    ), entry AS (
        SELECT DISTINCT ON (t.scene, t.session) t.*,
            t.action = 'grant' AND t.valid_from <= consent_report.at AND consent_report.at < t.valid_until AS holds,
            CASE
                WHEN t.action = 'grant' AND t.valid_until <= consent_report.at THEN GREATEST(t.at, t.valid_until)
                WHEN t.action = 'grant' AND t.valid_from <= consent_report.at THEN GREATEST(t.at, t.valid_from)
                ELSE t.at
            END AS since
        FROM told AS t
        WHERE t.action <> 'erase'
            AND t.id > COALESCE((SELECT max(x.id) FROM told AS x WHERE x.action = 'erase'), 0)
        ORDER BY t.scene, t.session, t.id DESC
    ), guardian AS (
        SELECT COALESCE(e.holds, false) AS holds, e.since
        FROM sales_intel.consent_subject AS s
        JOIN sales_intel.consent_regime AS r ON r.regime = s.regime AND r.use = 'minor'
        LEFT JOIN entry AS e ON e.scene = r.scene AND e.session IS NULL
        WHERE s.subject = consent_report.subject AND s.minor
    )
    SELECT COALESCE(e.scene, s.scene), e.session, COALESCE(e.holds, false) AND COALESCE(g.holds, true),
        CASE WHEN e.holds THEN GREATEST(e.since, g.since) ELSE e.since END,
        e.wording, e.channel, e.actor, e.ledger_entry
    FROM entry AS e
    FULL JOIN (SELECT s.scene, s.bit, NULL::text AS session FROM sales_intel.consent_scene AS s) AS s
        ON s.scene = e.scene AND e.session IS NULL
    LEFT JOIN guardian AS g ON true
    ORDER BY (SELECT b.bit FROM sales_intel.consent_scene AS b WHERE b.scene = COALESCE(e.scene, s.scene)),
        e.session COLLATE "C" NULLS FIRST;
END
$$;
COMMENT ON FUNCTION consent_report(text, timestamptz) IS
'What a subject allowed at a time, since when, and what proves it: each scene, and each session with an entry of its own';

CREATE FUNCTION consent_as_of(subject text, at timestamptz)
RETURNS TABLE (scene text, session text, allowed boolean)
LANGUAGE SQL
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.scene, r.session, r.allowed
    FROM consent_report(consent_as_of.subject, consent_as_of.at) AS r;
END;
COMMENT ON FUNCTION consent_as_of(text, timestamptz) IS
'What a subject allowed at a time: each scene, and each session with an entry of its own';

CREATE FUNCTION consent_kpis(from_time timestamptz, to_time timestamptz)
RETURNS TABLE (scene text, asked bigint, granted bigint, grant_rate float8, used bigint, usage_rate float8, withdrawals bigint, p50_ms float8, p95_ms float8, max_ms float8)
LANGUAGE plpgsql
STABLE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000000
ROWS 10
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF (consent_kpis.from_time < consent_kpis.to_time) IS NOT TRUE THEN
        RAISE EXCEPTION 'there is no such span of time' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = format('It would be from %s until before %s.',
                COALESCE(consent_kpis.from_time::text, 'NULL'), COALESCE(consent_kpis.to_time::text, 'NULL')),
            HINT = 'Let the first time be before the second; -infinity and infinity are times.';
    END IF;
    RETURN QUERY
    WITH heard AS (
        SELECT e.scene, e.subject, bool_or(e.action = 'grant') AS granted
        FROM sales_intel.consent_event AS e
        WHERE e.at >= consent_kpis.from_time AND e.at < consent_kpis.to_time AND e.action IN ('ask', 'grant', 'refuse')
        GROUP BY e.scene, e.subject
    ), answered AS (
        SELECT h.scene, count(*) AS asked, count(*) FILTER (WHERE h.granted) AS granted,
            count(*) FILTER (WHERE h.granted AND EXISTS (
                SELECT
                FROM sales_intel.consent_use AS u
                WHERE u.subject = h.subject AND u.scene = h.scene
                    AND u.at >= consent_kpis.from_time AND u.at < consent_kpis.to_time)) AS used
        FROM heard AS h
        GROUP BY h.scene
    ), withdrawal AS (
        SELECT e.scene, e.id, (
            SELECT CASE WHEN bool_and(o.acknowledged_at IS NOT NULL)
                THEN extract(epoch FROM max(o.acknowledged_at) - min(o.created_at))::float8 * 1000 END
            FROM sales_intel.outbox AS o
            WHERE o.event = e.id) AS ms
        FROM sales_intel.consent_event AS e
        WHERE e.at >= consent_kpis.from_time AND e.at < consent_kpis.to_time AND e.action = 'withdraw'
    ), withdrawn AS (
        SELECT w.scene, count(*) AS withdrawals,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY w.ms) AS p50,
            percentile_cont(0.95) WITHIN GROUP (ORDER BY w.ms) AS p95, max(w.ms) AS most
        FROM withdrawal AS w
        GROUP BY w.scene
    )
    SELECT s.scene, COALESCE(a.asked, 0), COALESCE(a.granted, 0), a.granted::float8 / NULLIF(a.asked, 0),
        COALESCE(a.used, 0), a.used::float8 / NULLIF(a.granted, 0), COALESCE(w.withdrawals, 0), w.p50, w.p95, w.most
    FROM sales_intel.consent_scene AS s
    LEFT JOIN answered AS a ON a.scene = s.scene
    LEFT JOIN withdrawn AS w ON w.scene = s.scene
    ORDER BY s.bit;
END
$$;
COMMENT ON FUNCTION consent_kpis(timestamptz, timestamptz) IS
'By scene: subjects asked, that granted, whose grant was used; withdrawals, and ms until all was acknowledged that they asked for';

CREATE VIEW consent_worklist WITH (security_barrier, security_invoker) AS
SELECT 'overdue' AS what, o.due_at AS at, o.subject, o.scene, o.session, o.kind, o.id AS outbox_id
FROM outbox AS o
WHERE o.due_at < now() AND o.acknowledged_at IS NULL AND o.cancelled_at IS NULL
UNION ALL
SELECT 'expiring', e.valid_until, e.subject, e.scene, e.session, NULL, NULL
FROM (
    SELECT s.subject FROM consent_state AS s WHERE s.recheck_at < now() + interval '30 days'
    UNION
    SELECT s.subject FROM consent_session AS s WHERE s.recheck_at < now() + interval '30 days'
) AS s
JOIN consent_event AS e ON e.subject = s.subject
WHERE e.action = 'grant' AND e.valid_until > now() AND e.valid_until < now() + interval '30 days'
    AND NOT EXISTS (
        SELECT
        FROM consent_event AS later
        WHERE later.subject = e.subject AND later.id > e.id AND (later.action = 'erase'
            OR (later.action <> 'ask' AND later.scene = e.scene AND later.session IS NOT DISTINCT FROM e.session)));
COMMENT ON VIEW consent_worklist IS
'What somebody should look at: what the outbox waits for past its time, and grants that end within 30 days';
