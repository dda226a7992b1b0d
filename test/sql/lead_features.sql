-- Feature rows: which types are features and how, columns matched by name.
CREATE SCHEMA lead_features;
SET search_path = lead_features, sales_intel;
SET extra_float_digits = 0;
\set plain '{"l2": 0, "folds": 0}'

CREATE TYPE tier AS ENUM ('gold', 'silver', 'bronze');
CREATE DOMAIN amount AS numeric(8, 2) CHECK (VALUE >= 0);
CREATE DOMAIN amount_again AS amount;
CREATE DOMAIN flag AS boolean;
CREATE DOMAIN nickname AS varchar(20);
CREATE DOMAIN tier_domain AS tier;
CREATE DOMAIN pair AS float8[];
CREATE TABLE base AS
SELECT i, (i * 7919) % 1009 < 300 + 100 * (i % 5) AS won, i % 5 AS n,
    (ARRAY['gold', 'silver', 'bronze'])[1 + i % 3] AS t
FROM generate_series(1, 400) i;

-- Every type of number and every type of text carries the same model.
SELECT query, round(slope::numeric, 9) AS slope, levels
FROM (VALUES
        ('n::smallint', 't'), ('n::integer', 't::varchar'), ('n::bigint', 't::char(9)'),
        ('n::real', 't::tier'), ('n::float8', 't::nickname'), ('n::numeric', 't::tier::tier_domain'),
        ('n::amount', '(t || repeat('' '', 3))::char(9)'), ('n::amount_again', 't'),
        ('ARRAY[n]::smallint[]', 't'), ('ARRAY[n]::numeric[]', 't'), ('ARRAY[n]::amount[]', 't'),
        ('ARRAY[n, i]::pair', 't')) q(n, t)
CROSS JOIN LATERAL (SELECT format('SELECT %s AS n, %s AS t', n, t) AS query) q2
CROSS JOIN LATERAL (SELECT query_to_xml(format($$
    SELECT sum(coefficient) FILTER (WHERE feature ~ '^n(\[1\])?$') AS slope,
        string_agg(level, ', ' ORDER BY level COLLATE "C") AS levels
    FROM (SELECT lead_model_agg(won, f, %L) AS m FROM base, LATERAL (%s) f) m,
        lead_model_coefficients(m)$$, :'plain', query), false, false, '') AS x) x,
XMLTABLE('//row' PASSING x COLUMNS slope float8, levels text) r;

-- A boolean is 0 or 1; an array is one feature per element; '' is a level.
SELECT feature, quote_literal(level) AS level, round(coefficient::numeric, 4) AS coefficient
FROM (SELECT lead_model_agg(won, f, :'plain') AS m FROM base, LATERAL (
    SELECT i % 2 = 0 AS flag, (i % 3 = 0)::flag AS flag2, i % 2 AS number, ARRAY[i % 7, NULL, n] AS list,
        CASE i % 4 WHEN 1 THEN '' WHEN 2 THEN ' ' ELSE 'x' END AS text,
        ARRAY[i % 4 = 1, i % 6 = 0] AS flags) f) m,
    lead_model_coefficients(m);
SELECT code, feature, message
FROM (SELECT lead_model_agg(won, f, :'plain') AS m FROM base, LATERAL (
    SELECT i % 2 = 0 AS flag, i % 2 AS number, ARRAY[i % 7, NULL, n] AS list) f) m,
    lead_model_warnings(m)
WHERE code <> 'few_positives';

-- Text is bytes: case, blanks and accents count; blanks at the end of char(n) do not.
SELECT count(*) AS levels
FROM (SELECT lead_model_agg(won, f, :'plain') AS m FROM base, LATERAL (
    SELECT (ARRAY['Zoë', 'Zoe', 'zoe', 'zoe '])[1 + i % 4] AS who) f) m,
    lead_model_coefficients(m)
WHERE level NOT LIKE '(%';

-- Types that are no features: the hint says what to do.
CREATE PROCEDURE refuse(VARIADIC expressions text[])
LANGUAGE plpgsql AS $$
DECLARE
    expression text;
    message text;
    hint text;
BEGIN
    FOREACH expression IN ARRAY expressions LOOP
        BEGIN
            EXECUTE format('SELECT lead_model_agg(won, f) FROM base, LATERAL (SELECT n, %s AS x) f', expression);
            RAISE NOTICE '% is accepted', expression;
        EXCEPTION WHEN datatype_mismatch THEN
            GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
            RAISE NOTICE E'%\n      %', message, hint;
        END;
    END LOOP;
END $$;
CREATE DOMAIN birthday AS date;
CALL refuse('current_date', 'now()', 'localtimestamp', 'NULL::birthday', 'interval ''1 day''',
    'localtime', 'NULL::timetz', 'NULL::uuid', 'NULL::oid', '''{}''::json', '''{}''::jsonb', '''''::bytea',
    'NULL::money', '''{}''::text[]', '''{}''::tier[]', '''{}''::date[]', 'NULL::xml', 'NULL::inet',
    'NULL::int4range', 'NULL::name', 'NULL::"char"', 'NULL::bit(3)', 'NULL::point', 'NULL', 'base',
    'NULL::base[]', 'ROW(1, 2)');

-- ... unless they are excluded, or not included.
SELECT feature FROM (SELECT lead_model_agg(won, f, '{"exclude": ["d", "u"], "folds": 0}') AS m
    FROM base, LATERAL (SELECT n, current_date AS d, gen_random_uuid() AS u) f) m,
    lead_model_coefficients(m);
SELECT feature FROM (SELECT lead_model_agg(won, f, '{"include": ["n", "i"], "folds": 0}') AS m
    FROM base, LATERAL (SELECT n, i, current_date AS d) f) m, lead_model_coefficients(m);
SELECT feature FROM (SELECT lead_model_agg(won, f, '{"include": ["n", "i"], "exclude": ["i"], "folds": 0}') AS m
    FROM base, LATERAL (SELECT n, i) f) m, lead_model_coefficients(m);
-- a name is taken literally: case, dots, quotes, spaces
SELECT feature FROM (SELECT lead_model_agg(won, f, '{"exclude": ["N", "a b"], "folds": 0}') AS m
    FROM base, LATERAL (SELECT n AS "a.b ""c"" é", i AS "N", i AS "a b", n * n AS n) f) m,
    lead_model_coefficients(m);
SELECT lead_model_agg(b.won, b, '{"exclude": ["Won"]}') FROM base b;

-- Scoring: columns by name, an extra column is ignored, a missing one is named.
CREATE TABLE model AS
SELECT lead_model_agg(won, f, '{"l2": 0, "folds": 0}') AS m
FROM base, LATERAL (SELECT n, t, i % 2 = 0 AS even, ARRAY[n % 2, i] AS list) f;
CREATE FUNCTION points(score float8) RETURNS numeric
LANGUAGE SQL IMMUTABLE AS 'SELECT round(score::numeric, 6)';
\set one 'SELECT 2 AS n, ''gold'' AS t, true AS even, ARRAY[0, 7] AS list'
SELECT points(lead_score(m, f)) FROM model, (:one) f;
SELECT points(lead_score(m, f)) FROM model,
    (SELECT ARRAY[0, 7.0] AS list, now() AS extra, 'gold'::tier AS t, true AS even, 2.0::real AS n) f;
SELECT lead_score(m, f) FROM model, (SELECT n, even, list FROM (:one) o) f;
SELECT lead_score(m, f) FROM model, (SELECT n AS "N", t, even, list FROM (:one) o) f;
SELECT lead_explain(m, f) FROM model, (SELECT n, even, list FROM (:one) o) f;
-- another kind than in training
SELECT lead_score(m, f) FROM model, (SELECT n::text, t, even, list FROM (:one) o) f;
SELECT lead_score(m, f) FROM model, (SELECT n, 1 AS t, even, list FROM (:one) o) f;
SELECT lead_score(m, f) FROM model, (SELECT n, t, even, n AS list FROM (:one) o) f;
SELECT lead_score(m, f) FROM model, (SELECT list AS n, t, even, list FROM (:one) o) f;
SELECT lead_score(m, f) FROM model, (SELECT n, now() AS t, even, list FROM (:one) o) f;
SELECT lead_score(m, f) FROM model, (SELECT n, t, even, ARRAY['a', 'b'] AS list FROM (:one) o) f;
-- an array of another length or shape
SELECT lead_score(m, f) FROM model, (SELECT n, t, even, ARRAY[1, 2, 3] AS list FROM (:one) o) f;
SELECT lead_score(m, f) FROM model, (SELECT n, t, even, '{}'::float8[] AS list FROM (:one) o) f;
SELECT lead_score(m, f) FROM model, (SELECT n, t, even, '{{1,2}}'::float8[] AS list FROM (:one) o) f;
SELECT points(lead_score(m, f)) FROM model, (SELECT n, t, even, '[5:6]={0,7}'::float8[] AS list FROM (:one) o) f;

-- What training has not seen: an unseen level and a first NULL are average.
CREATE TYPE features AS (n integer, t text, even boolean, list integer[]);
SELECT feature, value, points(contribution) AS contribution
FROM model,
    (VALUES ('t', '(2,tin,t,"{0,7}")'::features), ('t', '(2,,t,"{0,7}")'),
        ('n', '(,gold,t,"{0,7}")'), ('even', '(2,gold,,"{0,7}")'),
        ('list[2]', '(2,gold,t,)'), ('list[2]', '(2,gold,t,"{0,NULL}")')) v(what, r),
    LATERAL lead_explain(m, r)
WHERE feature = what;
-- with NULLs in training, a NULL has an effect of its own; with rare levels,
-- an unseen one counts as rare
SELECT what, points(contribution) AS contribution,
    points(coefficient - (SELECT coefficient FROM lead_model_coefficients(m)
        WHERE feature = 't' AND level = '(unseen)')) AS not_the_average
FROM (SELECT lead_model_agg(won, f, '{"l2": 0, "folds": 0}') AS m FROM base, LATERAL (
        SELECT n, CASE WHEN i % 10 = 0 THEN NULL WHEN i % 50 = 3 THEN 'r' || i ELSE t END AS t) f) m,
    (VALUES ('(missing)', '(2,,,)'::features), ('(rare)', '(2,tin,,)'), ('(unseen)', '(2,r3,,)')) v(what, r),
    LATERAL lead_explain(m, r) e,
    LATERAL lead_model_coefficients(m) c
WHERE e.feature = 't' AND c.feature = 't' AND c.level = what;

SET client_min_messages = warning;
DROP SCHEMA lead_features CASCADE;
