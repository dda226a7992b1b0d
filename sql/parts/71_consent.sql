-- Governed access: consent, what is recorded and what follows from it ----

CREATE FUNCTION consent_replay(subject text, session text, at timestamptz, OUT mask bigint, OUT overrides bigint, OUT recheck_at timestamptz)
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_replay'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION consent_replay(text, text, timestamptz) IS
'What a subject allows at a time, standing or in one session, by all events so far; and when that changes by itself';
