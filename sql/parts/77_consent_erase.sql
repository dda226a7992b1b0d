-- Governed access: erasure, and what models have learned ---------------------

CREATE FUNCTION scrub_subject(rel regclass, subject text, token text, clear text[])
RETURNS bigint
AS 'MODULE_PATHNAME', 'sales_intel_access_scrub_subject'
LANGUAGE C
VOLATILE
STRICT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION scrub_subject(regclass, text, text, text[]) IS
'Support of erase_subject: a token in the place of a subject in a table of the extension that only grows, and NULL in some columns';

-- The token stands for the subject where rows must stay; nothing leads back.
CREATE FUNCTION erase_subject(subject text)
RETURNS jsonb
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    token text := 'erased:' || gen_random_uuid();
    stream text := sales_intel.consent_stream(erase_subject.subject);
    entry bigint;
    erased jsonb;
BEGIN
    IF COALESCE(erase_subject.subject, '') = '' OR erase_subject.subject LIKE 'erased:%' THEN
        RAISE EXCEPTION 'there is no such subject to erase' USING
            ERRCODE = 'invalid_parameter_value',
            DETAIL = format('The subject is given as %s.', COALESCE(quote_literal(erase_subject.subject), 'NULL')),
            HINT = 'Pass the customer''s key as text.';
    END IF;
    PERFORM sales_intel.ledger_lock(stream);
    PERFORM FROM sales_intel.consent_state AS s WHERE s.subject = erase_subject.subject FOR UPDATE;
    PERFORM sales_intel.consent_changed(erase_subject.subject, 0, false);
    entry := sales_intel.ledger_append(stream, 'erase',
        jsonb_build_object('subject', sales_intel.ledger_commitment(erase_subject.subject)));
    INSERT INTO sales_intel.consent_event (subject, scene, action, at, actor)
    SELECT erase_subject.subject, s.scene, 'erase', clock_timestamp(), sales_intel.current_author()
    FROM sales_intel.consent_scene AS s
    ORDER BY s.bit;
    DELETE FROM sales_intel.consent_session AS s WHERE s.subject = erase_subject.subject;
    DELETE FROM sales_intel.consent_state AS s WHERE s.subject = erase_subject.subject;
    DELETE FROM sales_intel.consent_subject AS s WHERE s.subject = erase_subject.subject;
    erased := jsonb_build_object(
        'events', sales_intel.scrub_subject('sales_intel.consent_event', erase_subject.subject, token, '{session,evidence}'),
        'uses', sales_intel.scrub_subject('sales_intel.consent_use', erase_subject.subject, token, '{}'),
        'models', sales_intel.scrub_subject('sales_intel.model_subject', erase_subject.subject, token, '{}'),
        'releases', sales_intel.scrub_subject('sales_intel.release', erase_subject.subject, token, '{body,comment}'),
        'ledger', stream || '#' || entry);
    UPDATE sales_intel.outbox AS o
    SET subject = token, payload = '{}', session = NULL,
        cancelled_at = CASE WHEN o.acknowledged_at IS NULL THEN COALESCE(o.cancelled_at, clock_timestamp()) ELSE o.cancelled_at END
    WHERE o.subject = erase_subject.subject;
    RETURN erased;
END
$$;
COMMENT ON FUNCTION erase_subject(text) IS
'Take a customer out of every table of the extension: what must stay keeps a token that leads to nobody; returns how many rows of each kind';

-- ANALYZE would keep examples of what is in these columns, erased or not.
ALTER TABLE consent_event ALTER subject SET STATISTICS 0, ALTER session SET STATISTICS 0, ALTER evidence SET STATISTICS 0;
ALTER TABLE consent_state ALTER subject SET STATISTICS 0;
ALTER TABLE consent_session ALTER subject SET STATISTICS 0, ALTER session SET STATISTICS 0;
ALTER TABLE consent_subject ALTER subject SET STATISTICS 0;
ALTER TABLE consent_use ALTER subject SET STATISTICS 0;
ALTER TABLE outbox ALTER subject SET STATISTICS 0, ALTER session SET STATISTICS 0, ALTER payload SET STATISTICS 0;
ALTER TABLE model_subject ALTER subject SET STATISTICS 0;
ALTER TABLE release ALTER subject SET STATISTICS 0, ALTER body SET STATISTICS 0;

CREATE VIEW model_exposure
WITH (security_barrier, security_invoker) AS
SELECT m.name, m.version, m.status, t.subject, w.scene, e.action AS reason, e.at AS since
FROM model_version AS m
JOIN model_subject AS t ON t.name = m.name AND t.version = m.version
CROSS JOIN LATERAL jsonb_array_elements_text(CASE jsonb_typeof(m.options -> 'scenes') WHEN 'array' THEN m.options -> 'scenes' ELSE '[]' END) AS w(scene)
CROSS JOIN LATERAL (
    SELECT CASE WHEN c.action = 'grant' THEN 'expire' ELSE c.action END AS action,
        CASE WHEN c.action = 'grant' THEN c.valid_until ELSE c.at END AS at
    FROM consent_event AS c
    WHERE c.subject = t.subject AND c.scene = w.scene AND c.session IS NULL AND c.action <> 'ask'
    ORDER BY c.id DESC
    LIMIT 1
) AS e
WHERE e.action <> 'expire' OR e.at <= statement_timestamp();
COMMENT ON VIEW model_exposure IS
'Models that still contain what a subject no longer allows, and since when: withdrawn, refused, expired or erased';

-- DROP EXTENSION

CREATE FUNCTION keep_records()
RETURNS event_trigger
AS 'MODULE_PATHNAME', 'sales_intel_access_ddl_start'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000;
COMMENT ON FUNCTION keep_records() IS
'Event trigger: refuses to drop the extension while it holds records, unless sales_intel.allow_drop is on';

CREATE EVENT TRIGGER sales_intel_keep_records ON ddl_command_start
    WHEN TAG IN ('DROP EXTENSION')
    EXECUTE FUNCTION keep_records();
ALTER EVENT TRIGGER sales_intel_keep_records ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER sales_intel_keep_records IS
'Records of consent, of the ledger and of releases do not go by the way';
