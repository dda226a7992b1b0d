-- Feature rows from anywhere, and record types that change under a model.
CREATE SCHEMA lead_rows;
SET search_path = lead_rows, sales_intel;
SET extra_float_digits = 0;

CREATE TABLE lead (
    id integer PRIMARY KEY, gone text, won boolean, n integer, t text, price numeric, wide text
);
INSERT INTO lead
SELECT i, 'x', (i * 7919) % 1009 < 300 + 100 * (i % 5), i % 5,
    CASE WHEN i % 11 > 0 THEN (ARRAY['gold', 'silver', 'bronze'])[1 + i % 3] END, i % 13 / 4.0,
    CASE WHEN i % 2 = 0 THEN repeat(chr(97 + i % 4), 20000) ELSE 'short' END
FROM generate_series(1, 400) i;
ALTER TABLE lead DROP COLUMN gone;
\set options '{"include": ["n", "t", "price", "wide"]}'
-- compressed, and out of line
SELECT bool_or(pg_column_size(wide) < 1000) AS compressed FROM lead WHERE length(wide) > 1000;
CREATE TABLE plain (LIKE lead);
ALTER TABLE plain ALTER wide SET STORAGE EXTERNAL;
INSERT INTO plain SELECT id, won, n, t, price, wide || '' FROM lead;
SELECT pg_relation_size(reltoastrelid) > 0 AS out_of_line FROM pg_class WHERE oid = 'plain'::regclass;

-- Training: a table with a dropped column, a view, a CTE, a subquery, a
-- function, a composite column, a domain over it: one model.
CREATE TYPE features AS (price numeric, t text, wide text, n integer);
CREATE DOMAIN priced AS features CHECK ((VALUE).price >= 0);
CREATE TABLE composite AS
SELECT won, ROW(price, t, wide, n)::features AS f, ROW(price, t, wide, n)::priced AS d FROM lead;
CREATE VIEW seen AS SELECT wide, n, t, price, won FROM lead;
CREATE MATERIALIZED VIEW stored AS SELECT * FROM seen;
CREATE FUNCTION leads() RETURNS SETOF lead LANGUAGE SQL AS 'SELECT * FROM lead';
CREATE TABLE model (source text, m lead_model);
INSERT INTO model
SELECT 'table', lead_model_agg(won, l, :'options') FROM lead l UNION ALL
SELECT 'out of line', lead_model_agg(won, l, :'options') FROM plain l UNION ALL
SELECT 'view', lead_model_agg(won, s, :'options') FROM seen s UNION ALL
SELECT 'materialized view', lead_model_agg(won, s, :'options') FROM stored s UNION ALL
SELECT 'subquery', lead_model_agg(won, s, :'options') FROM (SELECT * FROM seen OFFSET 0) s UNION ALL
SELECT 'lateral', lead_model_agg(won, s) FROM lead l, LATERAL (SELECT l.n, l.t, l.price, l.wide) s UNION ALL
(WITH s AS MATERIALIZED (SELECT * FROM lead) SELECT 'CTE', lead_model_agg(won, s, :'options') FROM s) UNION ALL
SELECT 'function', lead_model_agg(won, f, :'options') FROM leads() f UNION ALL
SELECT 'composite', lead_model_agg(won, f) FROM composite UNION ALL
SELECT 'domain', lead_model_agg(won, d) FROM composite UNION ALL
SELECT 'cast', lead_model_agg(won, ROW(price, t, wide, n)::features) FROM lead UNION ALL
SELECT 'join', lead_model_agg(j.won, j, :'options') FROM (lead l JOIN (SELECT id FROM lead) k USING (id)) j UNION ALL
SELECT 'VALUES', lead_model_agg(won, s) FROM lead l, LATERAL (VALUES (l.n, l.t, l.price, l.wide)) s(n, t, price, wide);
SELECT count(DISTINCT model_hash(m)) AS models, string_agg(source, ', ' ORDER BY source COLLATE "C") AS sources FROM model;

-- Scoring: the same rows from the same places, the same scores.
CREATE TABLE score AS
WITH model AS MATERIALIZED (SELECT m FROM model WHERE source = 'table')
SELECT 'table' AS source, id, lead_margin(m, l) AS margin FROM model, lead l UNION ALL
SELECT 'out of line', id, lead_margin(m, l) FROM model, plain l UNION ALL
SELECT 'subquery', id, lead_margin(m, s) FROM model, (SELECT * FROM lead OFFSET 0) s UNION ALL
SELECT 'lateral', id, lead_margin(m, s) FROM model, lead l, LATERAL (SELECT l.n, l.t, l.price, l.wide) s UNION ALL
SELECT 'CTE', id, lead_margin(m, s) FROM model, (WITH s AS MATERIALIZED (SELECT * FROM lead) SELECT * FROM s) s UNION ALL
SELECT 'function', id, lead_margin(m, f) FROM model, leads() f UNION ALL
SELECT 'cast', id, lead_margin(m, ROW(price, t, wide, n)::features) FROM model, lead UNION ALL
SELECT 'domain', id, lead_margin(m, ROW(price, t, wide, n)::priced) FROM model, lead UNION ALL
SELECT 'VALUES', id, lead_margin(m, s) FROM model, lead l, LATERAL (VALUES (l.n, l.t, l.price, l.wide)) s(n, t, price, wide);
SELECT count(*), count(DISTINCT source) AS sources, count(DISTINCT id) AS leads, count(DISTINCT (id, margin)) AS margins
FROM score;
SELECT count(DISTINCT lead_margin(m, f)) AS margins, bool_and(lead_margin(m, f) = lead_margin(m, d)) AS same
FROM model, composite WHERE source = 'table';

-- One call site, rows of several record types.
SELECT count(*) FILTER (WHERE margin = s.margin2) AS same, count(*)
FROM (SELECT id, lead_margin(m, r) AS margin2
    FROM (SELECT m FROM model WHERE source = 'table') m,
        (SELECT l.id, r FROM lead l, LATERAL (SELECT l.n, l.t, l.price, l.wide) r WHERE l.id % 3 = 0
         UNION ALL
         SELECT l.id, r FROM lead l, LATERAL (SELECT l.wide, now(), l.price::float8, l.t::varchar, l.n::smallint) r WHERE l.id % 3 = 1
         UNION ALL
         SELECT l.id, r FROM lead l, LATERAL (SELECT l.t, l.wide, l.n::numeric, l.price, l.id) r WHERE l.id % 3 = 2) u
    ORDER BY id) s
JOIN score USING (id)
WHERE source = 'table';
-- ... of several models
SELECT count(*), count(DISTINCT margin) AS margins
FROM (SELECT source, lead_margin(m, l) AS margin
    FROM (SELECT source, m FROM model
        UNION ALL
        SELECT 'n', lead_model_agg(won, l, '{"include": ["n"]}') FROM lead l
        UNION ALL
        SELECT 't', lead_model_agg(won, l, '{"include": ["t"]}') FROM lead l) m, lead l
    WHERE id IN (7, 8)) s;

-- A prepared statement outlives changes of the table.
DROP VIEW seen CASCADE;
PREPARE one AS
    SELECT round(lead_margin(m, l)::numeric, 6) AS margin FROM model, lead l WHERE source = 'table' AND id = 7;
PREPARE whole AS
    SELECT round(lead_margin(m, f)::numeric, 6) AS margin
    FROM model, (SELECT * FROM lead OFFSET 0) f WHERE source = 'table' AND id = 7;
SET plan_cache_mode = force_generic_plan;
EXECUTE one;
EXECUTE whole;
ALTER TABLE lead ADD extra date, DROP won, ADD won boolean;
EXECUTE one;
EXECUTE whole;
ALTER TABLE lead ALTER n TYPE numeric, ALTER t TYPE char(30);
EXECUTE one;
EXECUTE whole;
ALTER TABLE lead RENAME n TO visits;
EXECUTE one;
EXECUTE whole;
ALTER TABLE lead RENAME visits TO n;
ALTER TABLE lead ALTER n TYPE text;
EXECUTE one;
EXECUTE whole;
ALTER TABLE lead ALTER n TYPE integer USING n::integer;
EXECUTE one;
EXECUTE whole;
ALTER TABLE lead DROP n;
EXECUTE one;
EXECUTE whole;
RESET plan_cache_mode;

-- Labels of an enum are names too: renamed, they are other levels.
CREATE TYPE tier AS ENUM ('gold', 'silver', 'bronze');
CREATE TABLE graded AS SELECT n, t::text::tier AS t, price, wide FROM plain WHERE id = 7;
SELECT round(lead_margin(m, g)::numeric, 6) AS margin FROM model, graded g WHERE source = 'table';
ALTER TYPE tier RENAME VALUE 'silver' TO 'tin';
SELECT round(lead_margin(m, g)::numeric, 6) AS margin FROM model, graded g WHERE source = 'table';
ALTER TYPE tier ADD VALUE 'silver';
UPDATE graded SET t = 'silver';
SELECT round(lead_margin(m, g)::numeric, 6) AS margin FROM model, graded g WHERE source = 'table';

-- A record type that changes within one call site: a loop in PL/pgSQL.
CREATE TABLE changing (n integer, t text, price numeric, wide text);
INSERT INTO changing SELECT n, t, price, wide FROM plain WHERE id = 7;
CREATE FUNCTION margin_of(r record) RETURNS numeric
LANGUAGE plpgsql AS $$
BEGIN
    RETURN round(lead_margin(m, r)::numeric, 6) FROM lead_rows.model WHERE source = 'table';
END $$;
DO $$
DECLARE
    r record;
BEGIN
    FOR step IN 0..4 LOOP
        CASE step
            WHEN 1 THEN ALTER TABLE lead_rows.changing DROP COLUMN t, ADD COLUMN t text DEFAULT 'gold';
            WHEN 2 THEN ALTER TABLE lead_rows.changing ALTER n TYPE float8;
            WHEN 3 THEN ALTER TABLE lead_rows.changing RENAME price TO cost;
            WHEN 4 THEN ALTER TABLE lead_rows.changing RENAME cost TO price;
            ELSE NULL;
        END CASE;
        BEGIN
            SELECT * INTO r FROM lead_rows.changing;
            RAISE NOTICE 'step %: %', step, lead_rows.margin_of(r);
        EXCEPTION WHEN undefined_column THEN
            RAISE NOTICE 'step %: %', step, SQLERRM;
        END;
    END LOOP;
END $$;

-- ... and a composite type that a function alters while one query runs.
CREATE TYPE altered AS (n integer, t text, price numeric, wide text);
CREATE FUNCTION make(i integer) RETURNS altered
LANGUAGE plpgsql AS $$
DECLARE
    r altered;
BEGIN
    CASE i
        WHEN 3 THEN ALTER TYPE lead_rows.altered DROP ATTRIBUTE t, ADD ATTRIBUTE t text;
        WHEN 5 THEN ALTER TYPE lead_rows.altered DROP ATTRIBUTE n, ADD ATTRIBUTE n numeric;
        WHEN 7 THEN ALTER TYPE lead_rows.altered RENAME ATTRIBUTE n TO visits;
        ELSE NULL;
    END CASE;
    EXECUTE CASE WHEN i < 3 THEN $q$ SELECT 2, 'silver', 1.75, 'short' $q$
        WHEN i < 5 THEN $q$ SELECT 2, 1.75, 'short', 'silver' $q$
        ELSE $q$ SELECT 1.75, 'short', 'silver', 2 $q$ END INTO r;
    RETURN r;
END $$;
SELECT i, round(lead_margin(m, make(i))::numeric, 6) AS margin
FROM model, generate_series(1, 6) i WHERE source = 'table';
SELECT i, round(lead_margin(m, make(i))::numeric, 6) AS margin
FROM model, generate_series(6, 8) i WHERE source = 'table';

SET client_min_messages = warning;
DROP SCHEMA lead_rows CASCADE;
