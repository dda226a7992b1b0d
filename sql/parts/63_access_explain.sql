-- Governed access: explanation -----------------------------------------

CREATE FUNCTION explain_access(principal text, rel regclass, key text, options jsonb)
RETURNS TABLE (rule text, effect text, action text, outcome boolean, reason text)
AS 'MODULE_PATHNAME', 'sales_intel_access_explain'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10;
COMMENT ON FUNCTION explain_access(text, regclass, text, jsonb) IS
'Why a principal may, or may not, do something with the row of a key: privilege, identity, each rule, and the decision last';

CREATE FUNCTION explain_access(principal text, rel regclass, key text)
RETURNS TABLE (rule text, effect text, action text, outcome boolean, reason text)
LANGUAGE SQL
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 10000
ROWS 10
BEGIN ATOMIC
    SELECT e.rule, e.effect, e.action, e.outcome, e.reason
    FROM explain_access(principal, rel, key, '{}') AS e;
END;
COMMENT ON FUNCTION explain_access(text, regclass, text) IS
'Why a principal may, or may not, see the row of a key';

CREATE FUNCTION who_could_access(rel regclass, key text, at timestamptz DEFAULT NULL)
RETURNS TABLE (principal text, action text, rule text)
AS 'MODULE_PATHNAME', 'sales_intel_access_who_could'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
ROWS 100;
COMMENT ON FUNCTION who_could_access(regclass, text, timestamptz) IS
'Which principals the rules permit what with the row of a key, by which rule; with the attributes of a time';

CREATE FUNCTION preview_access(principal text, rel regclass, OUT visible bigint, OUT total bigint)
AS 'MODULE_PATHNAME', 'sales_intel_access_preview'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000;
COMMENT ON FUNCTION preview_access(text, regclass) IS
'How many rows of the table the rules let a principal see, and how many there are; before protection, too';
