-- What the condition of a rule may be, and what it cannot break out of.
SET client_min_messages = warning;
CREATE ROLE access_owner NOLOGIN;
CREATE ROLE access_trickster NOLOGIN;
CREATE SCHEMA crm;
CREATE SCHEMA trick;
GRANT USAGE ON SCHEMA trick TO access_owner;
GRANT USAGE, CREATE ON SCHEMA crm TO access_owner;
GRANT USAGE, CREATE ON SCHEMA trick TO access_trickster;
GRANT CREATE ON SCHEMA public TO access_owner, access_trickster;
GRANT EXECUTE ON FUNCTION sales_intel.create_access_rule(regclass, text, text, text[], text),
    sales_intel.drop_access_rule(regclass, text), sales_intel.protect_table(regclass, jsonb),
    sales_intel.unprotect_table(regclass) TO access_owner;

-- Strangers' functions, operators and types, some with names of the server's.
SET ROLE access_trickster;
CREATE FUNCTION trick.yes(text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RAISE WARNING ''yes runs as %'', current_user; RETURN true; END';
CREATE FUNCTION public.lower(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT ''north''';
CREATE FUNCTION public.attr(name text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT ''north''';
CREATE FUNCTION trick.same(text, text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = trick.same);
CREATE OPERATOR trick.=== (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_catalog.texteq, NEGATOR = OPERATOR(trick.!==));
CREATE OPERATOR trick.!== (LEFTARG = text, RIGHTARG = text, FUNCTION = trick.same, NEGATOR = OPERATOR(trick.===));
CREATE DOMAIN trick.code AS text CHECK (trick.yes(VALUE));
CREATE TYPE trick.span AS RANGE (SUBTYPE = trick.code);
CREATE TYPE trick.pair AS (a trick.code, b int);
CREATE TYPE trick.mood AS ENUM ('good', 'bad');
CREATE FUNCTION trick.variadic(VARIADIC text[]) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION trick.def(a text, b boolean DEFAULT trick.yes('b')) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT b';
RESET ROLE;
CREATE FUNCTION public.supers(text) RETURNS boolean IMMUTABLE LANGUAGE sql RETURN true;
GRANT USAGE ON TYPE trick.code, trick.span, trick.pair TO access_owner;

SET ROLE access_owner;
CREATE TABLE crm.account (id bigint PRIMARY KEY, owner_id bigint, owner text, region text, amount numeric, due date,
    closes timestamptz, tags text[], note jsonb, kind trick.code, kinds trick.code[], spans trick.span, both_ trick.pair, mood trick.mood,
    "odd ""name; --" text, "select" int);
CREATE FUNCTION crm.of_row(crm.account) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION crm.own(text) RETURNS boolean IMMUTABLE LANGUAGE sql AS 'SELECT true';
GRANT USAGE ON SCHEMA crm TO PUBLIC;

-- The error that a condition gets, or how it is understood; nothing stays.
CREATE FUNCTION crm.attempt(condition text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE state text; message text; detail text; found text;
BEGIN
    PERFORM sales_intel.create_access_rule('crm.account', 'attempt', 'permit', '{select}', condition);
    PERFORM sales_intel.protect_table('crm.account');
    SELECT regexp_replace(pg_get_expr(polqual, polrelid), ' AND \S*identity_lives.*$', '') INTO STRICT found FROM pg_catalog.pg_policy
    WHERE polrelid = 'crm.account'::regclass AND polname = 'sales_intel_select';
    RAISE SQLSTATE 'OKOKO' USING MESSAGE = found;
EXCEPTION
    WHEN SQLSTATE 'OKOKO' THEN RETURN 'ok: ' || SQLERRM;
    WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
        RETURN concat_ws(' | ', state, message, CASE WHEN length(detail) > 0 THEN detail END);
END $$;
CREATE FUNCTION crm.attempts(VARIADIC conditions text[]) RETURNS TABLE (condition text, becomes text) LANGUAGE sql AS
'SELECT c, regexp_replace(crm.attempt(c), ''pg_temp_\d+'', ''pg_temp_N'') FROM unnest(conditions) WITH ORDINALITY AS u(c, i) ORDER BY i';
-- Names are shown in full
SET search_path = pg_catalog;
\pset format unaligned
\pset tuples_only on

-- What is one
SELECT * FROM crm.attempts('true', 'owner_id = 7', 'owner = current_principal()', $$owner_id = ANY(attrs_bigint('team'))$$,
    $$owner_id = ANY (attrs('team')::bigint[])$$, $$owner = ANY(attrs('deputy of')) OR region = attr('region')$$,
    $$amount <= attr_number('limit') * 1.1$$, 'in_current_project(id)', $$attr_is('role', 'auditor')$$, $$attr_has('region', region)$$,
    $$attr(lower(region)) = 'x'$$, 'closes > now()', $$region IN ('north', 'south') AND region NOT LIKE 'x%'$$,
    $$lower(region COLLATE "C") = ANY ('{a,b}')$$, $$tags[1] = attr('tag') OR tags @> ARRAY[attr('tag')]$$,
    $$CASE region WHEN attr('region') THEN true WHEN 'x' THEN attr_is('a', 'b') END$$, $$CASE WHEN attr_is('a', 'b') THEN amount < 5 ELSE false END$$,
    $$coalesce(region, attr('region')) IS DISTINCT FROM nullif(owner, '') $$, $$greatest(amount, 3) BETWEEN 1 AND attr_number('limit')$$,
    $$note ->> 'owner' = current_principal() AND note['a'] = '1'$$, $$(owner_id, id) = (1, 2)$$, $$(owner_id, id) < (1, 2)$$, $$"odd ""name; --" = 'a;b--'$$, $$"select" = 1$$,
    $$account.region = crm.account.owner$$, $$kind = 'x'$$, $$(both_).b = 3$$, $$mood = 'bad'$$, $$make_date(year => 2024, month => 1, day => "select") < due$$,
    $$concat_ws(VARIADIC tags) = 'x'$$, $$region = E'a\\b\'c'$$, $$region = U&'\0041'$$, $$region = $x$it's$x$ -- a comment$$, $$/* (*/ true /*) */$$, $$   owner_id
    = 7   $$, $$owner_id::text = '7'$$, $$due < date '2024-02-03'$$, $$closes < timestamptz '2024-02-03 04:05:06+01'$$, $$NOT (attr_is('a', 'b') AND region = 'x')$$);

-- What is none, or more than one
SELECT * FROM crm.attempts('', ' ', '-- nothing', ';', 'true;', 'true; DROP TABLE crm.account', 'true) OR (true', '(true', 'true)', $$region = 'north$$,
    $$region = 'x' --$$ || E'\n) OR (true', $$region = "north$$, $$true /* $$, '*', 'account.*', 'true, true', 'true AS x', 'true x', 'true FROM crm.account', 'true WHERE true', 'true ORDER BY 1', 'true LIMIT 1',
    'DISTINCT true', 'ALL true', 'true UNION SELECT true', 'true INTO x', 'true FOR UPDATE', 'true GROUP BY 1', 'true HAVING true', 'true WINDOW w AS ()', 'SELECT true', 'WITH x AS (SELECT 1) SELECT true', 'DELETE FROM crm.account', '$1', ':x', 'true USING (true)');

-- Subqueries, in any disguise
SELECT * FROM crm.attempts('(SELECT true)', 'EXISTS (SELECT FROM crm.account)', 'id IN (SELECT 1)', 'id = ANY (SELECT 1)', 'id = ANY (VALUES (1))', 'id = (TABLE pg_class)', 'tags = ARRAY(SELECT 1::text)',
    'CASE WHEN (SELECT true) THEN true END', 'id = coalesce(1, (SELECT 2))', 'row_to_json(account) IS NOT NULL', $$id = length(query_to_xml('SELECT 1', true, true, '')::text)$$, $$id = (SELECT 1 FROM nowhere)$$);

-- What is not of the row, and not constant
SELECT * FROM crm.attempts('random() < 0.5', 'clock_timestamp() > closes', 'owner = current_user', 'owner = session_user', $$owner = current_setting('my.owner')$$, 'due = current_date', 'due < closes', $$closes > now() - interval '1 day'$$,
    $$due::text = '2024-01-01'$$, $$point(1, 2)::text = '(1,2)'$$, $$amount::float8::text = '0.1'$$, $$to_char(amount, '9') = '1'$$, 'pg_backend_pid() = 1', $$nextval('x') = 1$$, $$pg_sleep(1) IS NULL$$, $$set_config('a.b', 'c', false) = 'c'$$, 'count(*) > 1', 'sum(id) > 1', 'row_number() OVER () = 1', 'generate_series(1, 2) = 1',
    'ctid IS NOT NULL', 'tableoid = 1', 'account IS NULL', 'account.of_row', 'of_row(account)', 'crm.of_row(account)', 'crm.of_row(account.*)', 'account = account', 'hash_record(account) = 1', 'account *= account', 'ROW(id) IS NULL', 'both_ = ROW(1, 2)', $$both_ = '(x,1)'$$,
    $$region::trick.code = 'x'$$, $$region = 'x'::trick.code$$, $$kinds = '{x}'$$, $$'{x}'::trick.code[] IS NOT NULL$$, $$spans = '[a,b]'$$, $$spans @> 'x'$$, $$(NULL::trick.pair).b = 1$$,
    'identity_lives(closes)', 'identity_deadline() > closes', $$sales_intel.begin_identity('x') = 'y'$$, 'NULL', 'id', '1', $$'true'$$, $$'maybe'$$, 'nowhere = 1', 'other.id = 1', 'nofunction(id)', $$region === 'x'$$, 'CURRENT OF c', 'DEFAULT', $$xmlexists('//a' PASSING BY REF '<a/>')$$);

-- Strangers' functions, operators and types; the names of the server stay the server's
SET search_path = trick, public, pg_catalog;
SELECT * FROM crm.attempts($$trick.yes(region)$$, $$yes(region)$$, $$crm.own(region)$$, $$public.supers(region)$$, $$lower(region) = attr('region')$$, $$public.lower(region) = 'north'$$, $$region = public.attr('region')$$, $$region OPERATOR(public.=) 'x'$$, $$region OPERATOR(trick.===) 'x'$$, $$NOT (region OPERATOR(trick.===) 'x')$$,
    $$trick.variadic('a', 'b')$$, $$trick.variadic(VARIADIC tags)$$, $$trick.def('a')$$, $$trick.def(b => true, a => 'a')$$, $$region = ANY (ARRAY['x']::trick.code[])$$, $$'a' OPERATOR(trick.===) ANY (tags)$$, $$nullif(region, 'x') IS NULL$$);
CREATE TEMP TABLE t (a int);
CREATE FUNCTION pg_temp.upper(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT ''NORTH''';
CREATE DOMAIN pg_temp.text AS pg_catalog.int4;
CREATE TYPE pg_temp.mood AS ENUM ('good');
SELECT * FROM crm.attempts($$upper(region) = 'NORTH'$$, $$pg_temp.upper(region) = 'NORTH'$$, $$amount::text = '1'$$, $$'good'::pg_temp.mood = 'good'$$);
DROP DOMAIN pg_temp.text;

-- An extension's, by a superuser, are as good as the server's.
RESET ROLE;
CREATE EXTENSION ltree SCHEMA public;
SET ROLE access_owner;
-- But for functions that are text, in which names mean what the session says
RESET ROLE;
CREATE EXTENSION cube SCHEMA public;
CREATE EXTENSION earthdistance SCHEMA public;
CREATE FUNCTION public.pinned(float8) RETURNS float8 IMMUTABLE LANGUAGE plpgsql SET search_path = pg_catalog AS 'BEGIN RETURN $1; END';
ALTER EXTENSION cube ADD FUNCTION public.pinned(float8);
SET ROLE access_owner;
SELECT * FROM crm.attempts('public.sec_to_gc(amount::float8) < 1000', 'public.cube_dim(public.cube(amount::float8)) = 1', 'public.pinned(amount::float8) = 1');
RESET ROLE;
DROP EXTENSION cube CASCADE;
SET ROLE access_owner;
SELECT * FROM crm.attempts($$region::public.ltree OPERATOR(public.<@) attr('region')::public.ltree$$, $$region::ltree <@ 'a'$$);
SELECT sales_intel.create_access_rule('crm.account', 'below', 'permit', '{select}', $$region::public.ltree OPERATOR(public.<@) 'a.b'$$);
SELECT sales_intel.protect_table('crm.account');
RESET ROLE;
DROP EXTENSION ltree CASCADE;
SET ROLE access_owner;
SELECT sales_intel.unprotect_table('crm.account');
SELECT sales_intel.drop_access_rule('crm.account', 'below');
RESET ROLE;
DROP EXTENSION ltree;
SET ROLE access_owner;
SET search_path = pg_catalog;
\pset tuples_only off
\pset format aligned

-- The place in the text, not in the statement
SELECT sales_intel.create_access_rule('crm.account', 'place', 'permit', '{select}', $$region = 'x' AND random() < 0.5$$);
SELECT sales_intel.create_access_rule('crm.account', 'place', 'permit', '{select}', $$region = 'x' AND regoin = 'y'$$);

-- A superuser who writes a rule of somebody's table runs nobody's code with
-- his own rights.
RESET ROLE;
SET client_min_messages = warning;
SET ROLE access_trickster;
CREATE TABLE trick.bait (id int PRIMARY KEY, codes trick.code[]);
RESET ROLE;
SELECT sales_intel.create_access_rule('trick.bait', 'bait', 'permit', '{select}', $$codes = '{x}'$$);

-- Stored text does not follow settings: neither those of the writer nor those
-- of whoever changes another rule.
SET ROLE access_owner;
SET DateStyle = 'SQL, DMY';
SET TimeZone = 'Asia/Tokyo';
SET transform_null_equals = on;
SELECT sales_intel.create_access_rule('crm.account', 'dates', 'permit', '{select}', $$due < '01/02/2024' AND closes < '01/02/2024 00:00' AND region = E'a\\b'$$);
SET DateStyle = 'SQL, MDY';
SET TimeZone = 'UTC';
SET standard_conforming_strings = off;
SELECT sales_intel.protect_table('crm.account');
SELECT sales_intel.create_access_rule('crm.account', 'more', 'permit', '{select}', 'owner = NULL');
RESET DateStyle;
RESET TimeZone;
RESET standard_conforming_strings;
RESET transform_null_equals;
RESET ROLE;
SELECT name, condition FROM sales_intel.access_rule WHERE rel = 'crm.account'::regclass ORDER BY name;
SELECT pg_get_expr(polqual, polrelid) FROM pg_policy WHERE polrelid = 'crm.account'::regclass AND polname = 'sales_intel_select';

SET client_min_messages = error;
DROP OWNED BY access_owner, access_trickster CASCADE;
DROP SCHEMA crm CASCADE;
DROP SCHEMA trick CASCADE;
DROP FUNCTION public.supers(text);
SELECT count(*) AS left_over FROM sales_intel.access_rule;
DROP ROLE access_owner, access_trickster;
