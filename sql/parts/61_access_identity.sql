-- Governed access: identity --------------------------------------------

CREATE FUNCTION begin_identity(token text)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_begin_identity'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000;
COMMENT ON FUNCTION begin_identity(text) IS
'Begins the identity that a signed token proves, for the rest of this transaction; returns the principal';

CREATE FUNCTION token_audience()
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_token_audience'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION token_audience() IS
'What the claim aud of a token for this database must be';

CREATE FUNCTION session_nonce()
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_session_nonce'
LANGUAGE C
VOLATILE
STRICT
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION session_nonce() IS
'Random text of this server session: a token with it as claim nonce is good for this session only';

CREATE FUNCTION sign_token(kid text, claims jsonb)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_sign_token'
LANGUAGE C
VOLATILE
STRICT
PARALLEL UNSAFE
COST 1000;
COMMENT ON FUNCTION sign_token(text, jsonb) IS
'A token with these claims, signed with the key of that kid';

CREATE FUNCTION whoami(OUT principal text, OUT source text, OUT project text, OUT purpose text, OUT expires_at timestamptz, OUT problem text)
AS 'MODULE_PATHNAME', 'sales_intel_access_whoami'
LANGUAGE C
STABLE
PARALLEL RESTRICTED
COST 10;
COMMENT ON FUNCTION whoami() IS
'Who looks, by what proof, for which project and purpose, until when; or why nobody does, or no rule binds';

CREATE FUNCTION current_principal()
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_current_principal'
LANGUAGE C
STABLE
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION current_principal() IS
'Who looks; NULL: nobody';

CREATE FUNCTION current_project()
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_current_project'
LANGUAGE C
STABLE
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION current_project() IS
'The project that the token names; NULL: none';

CREATE FUNCTION current_purpose()
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_current_purpose'
LANGUAGE C
STABLE
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION current_purpose() IS
'The purpose that the token names; NULL: none';

CREATE FUNCTION current_author()
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_current_author'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION current_author() IS
'Whose transaction it is, whatever role acts in it: the principal, else the login; for records, not for decisions';

-- Attributes

CREATE FUNCTION attr(name text)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_access_attr'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION attr(text) IS
'The value of an attribute of whoever looks; an error if it has several';

CREATE FUNCTION attr_is(name text, value text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_attr_is'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION attr_is(text, text) IS
'Is that the value, and the only one, of an attribute of whoever looks?';

CREATE FUNCTION attr_has(name text, value text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_attr_has'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION attr_has(text, text) IS
'Is that among the values of an attribute of whoever looks?';

CREATE FUNCTION attrs(name text)
RETURNS text[]
AS 'MODULE_PATHNAME', 'sales_intel_access_attrs'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION attrs(text) IS
'All values of an attribute of whoever looks; empty if there are none';

CREATE FUNCTION attr_number(name text)
RETURNS numeric
LANGUAGE SQL
STABLE
STRICT
PARALLEL RESTRICTED
COST 5
RETURN attr(name)::numeric;
COMMENT ON FUNCTION attr_number(text) IS
'attr() as a number';

CREATE FUNCTION attr_bigint(name text)
RETURNS bigint
LANGUAGE SQL
STABLE
STRICT
PARALLEL RESTRICTED
COST 5
RETURN attr(name)::bigint;
COMMENT ON FUNCTION attr_bigint(text) IS
'attr() as a bigint';

CREATE FUNCTION attrs_bigint(name text)
RETURNS bigint[]
LANGUAGE SQL
STABLE
STRICT
PARALLEL RESTRICTED
COST 5
RETURN attrs(name)::bigint[];
COMMENT ON FUNCTION attrs_bigint(text) IS
'attrs() as bigints';

-- Projects

CREATE FUNCTION in_current_project(account text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_in_current_project'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 10;
COMMENT ON FUNCTION in_current_project(text) IS
'Is the account one of the current project''s, now?';

CREATE FUNCTION in_current_project(account bigint)
RETURNS boolean
LANGUAGE SQL
STABLE
STRICT
PARALLEL RESTRICTED
COST 10
RETURN in_current_project(account::text);
COMMENT ON FUNCTION in_current_project(bigint) IS
'Is the account one of the current project''s, now?';

CREATE FUNCTION in_current_project(account uuid)
RETURNS boolean
LANGUAGE SQL
STABLE
STRICT
PARALLEL RESTRICTED
COST 10
RETURN in_current_project(account::text);
COMMENT ON FUNCTION in_current_project(uuid) IS
'Is the account one of the current project''s, now?';

-- Expiry: policies end in identity_lives((SELECT identity_deadline())) IS NOT
-- FALSE, which runs for each row that is given out, in workers and later
-- fetches, too.

CREATE FUNCTION identity_deadline()
RETURNS timestamptz
AS 'MODULE_PATHNAME', 'sales_intel_access_identity_deadline'
LANGUAGE C
STABLE
PARALLEL RESTRICTED
COST 5;
COMMENT ON FUNCTION identity_deadline() IS
'Until when the identity counts, and which it is; NULL: nobody looks';

CREATE FUNCTION identity_lives_support(internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_access_identity_lives_support'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE;
COMMENT ON FUNCTION identity_lives_support(internal) IS
'Planner support of identity_lives: it takes no row away';

-- VOLATILE, or the planner would ask once only.
CREATE FUNCTION identity_lives(deadline timestamptz)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_identity_lives'
LANGUAGE C
VOLATILE
STRICT
PARALLEL SAFE
COST 1
SUPPORT identity_lives_support;
COMMENT ON FUNCTION identity_lives(timestamptz) IS
'True, or an error once the deadline has passed';
