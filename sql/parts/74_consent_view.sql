-- Governed access: consent in rows and in views ---------------------------

CREATE FUNCTION keep_consent_mask()
RETURNS trigger
AS 'MODULE_PATHNAME', 'sales_intel_access_keep_consent_mask'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10;
COMMENT ON FUNCTION keep_consent_mask() IS
'Trigger function: gives a row the live mask of its subject; protect_table makes its triggers';

CREATE FUNCTION consent_changed(subject text, mask bigint, bounded boolean)
RETURNS bigint
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_changed'
LANGUAGE C
VOLATILE
STRICT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION consent_changed(text, bigint, boolean) IS
'Gives the rows of a subject, whose state is locked, their new mask; bounded: it will change by itself';

CREATE FUNCTION consent_masked(mask bigint, scene text, ticket bytea)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_masked'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 1;
COMMENT ON FUNCTION consent_masked(bigint, text, bytea) IS
'What policies and consent views ask of a row''s mask; NULL: the events must be asked';

CREATE FUNCTION create_consent_view(name text, source regclass, subject_key name, columns jsonb, options jsonb DEFAULT '{}')
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_create_consent_view'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION create_consent_view(text, regclass, name, jsonb, jsonb) IS
'Makes a view of a table that shows each column as far as the subject allows its scene; options row_scene, session_key, freeze';

CREATE FUNCTION drop_consent_view(name text)
RETURNS void
AS 'MODULE_PATHNAME', 'sales_intel_access_drop_consent_view'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000;
COMMENT ON FUNCTION drop_consent_view(text) IS
'Drops a consent view; what only it froze thaws';

CREATE FUNCTION keep_frozen_fields()
RETURNS trigger
AS 'MODULE_PATHNAME', 'sales_intel_access_keep_frozen_fields'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10;
COMMENT ON FUNCTION keep_frozen_fields() IS
'Trigger function: refuses changes that the subject''s consent does not cover; create_consent_view makes its triggers';

-- By the state, or, where its time has come, by the events.
CREATE VIEW frozen_field WITH (security_barrier, security_invoker) AS
SELECT s.subject, v.source AS rel, c.key AS "column", e.scene, (
        SELECT max(h.at)
        FROM consent_event AS h
        WHERE h.subject = s.subject AND h.scene = e.scene AND h.session IS NULL AND h.action IN ('withdraw', 'refuse', 'erase')) AS since
FROM consent_state AS s
CROSS JOIN LATERAL (
    SELECT CASE WHEN s.recheck_at <= statement_timestamp()
        THEN (SELECT r.mask FROM consent_replay(s.subject, NULL, statement_timestamp()) AS r)
        ELSE s.mask END AS mask) AS m
CROSS JOIN consent_view AS v
CROSS JOIN LATERAL jsonb_each(v.columns) AS c
JOIN consent_scene AS e ON e.scene = COALESCE(c.value ->> 'scene', c.value #>> '{}')
WHERE (v.options -> 'freeze' = 'true' OR v.options -> 'freeze' ? c.key)
    AND m.mask & (1::bigint << e.bit) = 0;
COMMENT ON VIEW frozen_field IS
'Columns that do not change in rows of a subject, since when; of subjects that were ever asked, by standing consent';
