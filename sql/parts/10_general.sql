-- General --------------------------------------------------------------

CREATE FUNCTION build_info()
RETURNS TABLE(item text, value text)
AS 'MODULE_PATHNAME', 'sales_intel_build_info'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 10
ROWS 7;
COMMENT ON FUNCTION build_info() IS
'Versions of extension and server, and the linear-algebra library in use';

