-- Planner support: lead_score(model, row) becomes lead_score_columns(model,
-- names, columns...) where the columns are known, with the very same result.
CREATE SCHEMA lead_plans;
SET search_path = lead_plans, sales_intel;
SET max_parallel_workers_per_gather = 0;
SET jit = off;

CREATE TABLE lead (id integer, dropped text, won boolean, visits integer, spend float8, source text);
INSERT INTO lead
SELECT i, 'x', (i * 7919) % 1009 < 300 + 100 * (i % 5), CASE WHEN i % 9 > 0 THEN i % 5 END,
    (i * 31 % 77) / 7.0, (ARRAY['web', 'fair', NULL])[1 + i % 3]
FROM generate_series(1, 500) i;
ALTER TABLE lead DROP COLUMN dropped;
INSERT INTO lead VALUES (NULL);
ANALYZE lead;
CREATE TABLE model AS SELECT lead_model_agg(won, l, '{"exclude": ["id", "won"]}') AS m FROM lead l;

-- How a query scores: 'columns', 'record', or both; and the columns taken.
CREATE FUNCTION form(query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    line text;
    found text;
    forms text[] := '{}';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
        FOR found IN SELECT r[1] FROM regexp_matches(line, 'lead_(?:score|margin)(?:_columns)?\(', 'g') r LOOP
            forms := forms || CASE WHEN found ~ 'columns' THEN 'columns' ELSE 'record' END;
        END LOOP;
    END LOOP;
    RETURN array_to_string(ARRAY(SELECT DISTINCT unnest(forms) ORDER BY 1), ' and ');
END $$;

EXPLAIN (VERBOSE, COSTS OFF) SELECT id, lead_score(m, l) FROM model, lead l;
EXPLAIN (VERBOSE, COSTS OFF) SELECT lead_margin(m, f) FROM model, lead l, LATERAL (SELECT source, visits + 1 AS visits, spend) f;

-- The record form, kept apart by a volatile function that returns its row.
CREATE FUNCTION hidden(r lead) RETURNS lead LANGUAGE plpgsql AS 'BEGIN RETURN r; END';
SELECT form('SELECT lead_score(m, hidden(l)) FROM model, lead l');
-- To the last bit: score and margin, with NULLs, and a row of NULLs.
SELECT count(*), count(a) AS scores, count(*) FILTER (WHERE a IS DISTINCT FROM b OR c IS DISTINCT FROM d) AS differences,
    count(a) FILTER (WHERE id IS NULL) AS all_null_row_has_a_score
FROM (SELECT id, float8send(lead_score(m, l)) AS a, float8send(lead_score(m, hidden(l))) AS b,
        float8send(lead_margin(m, l)) AS c, float8send(lead_margin(m, hidden(l))) AS d
    FROM model, lead l) s;
CREATE TABLE expected AS SELECT id, lead_score(m, hidden(l)) AS score FROM model, lead l;

-- Where the columns are known.
CREATE VIEW seen AS SELECT source, id, visits, spend FROM lead;
CREATE VIEW barrier WITH (security_barrier) AS SELECT source, id, visits, spend FROM lead WHERE id > 0;
CREATE TABLE parent (LIKE lead);
CREATE TABLE child (more text) INHERITS (parent);
CREATE TABLE parts (source text, spend float8, id integer, won boolean, visits integer) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (250);
CREATE TABLE parts_2 (visits integer, id integer, spend float8, x text, won boolean, source text);
ALTER TABLE parts_2 DROP COLUMN x;
ALTER TABLE parts ATTACH PARTITION parts_2 DEFAULT;
INSERT INTO parent SELECT * FROM lead WHERE id % 2 = 0;
INSERT INTO child SELECT *, 'more' FROM lead WHERE id % 2 = 1;
INSERT INTO parts SELECT source, spend, id, won, visits FROM lead WHERE id > 0;
CREATE TYPE lead_row AS (spend float8, id integer, source text, visits integer);
CREATE FUNCTION score_sql(m lead_model, l lead) RETURNS float8 LANGUAGE SQL STABLE AS 'SELECT lead_score(m, l)';
CREATE FUNCTION score_plpgsql(l lead) RETURNS float8 LANGUAGE plpgsql STABLE AS
    'BEGIN RETURN lead_score((SELECT m FROM lead_plans.model), l); END';
CREATE FUNCTION leads() RETURNS SETOF lead LANGUAGE SQL STABLE AS 'SELECT * FROM lead_plans.lead';
CREATE FUNCTION leads_plpgsql() RETURNS SETOF lead LANGUAGE plpgsql AS 'BEGIN RETURN QUERY SELECT * FROM lead_plans.lead; END';
CREATE TABLE query (n serial, query text);
INSERT INTO query (query) VALUES
    ('SELECT id, lead_score(m, l) FROM model, lead l'),
    ('SELECT id, lead_score((SELECT m FROM model), lead) FROM lead'),
    ('SELECT id, lead_score(m, l.*) FROM model, lead l'),
    ('SELECT id, lead_score(m, s) FROM model, seen s'),
    ('SELECT id, lead_score(m, s) FROM model, barrier s'),
    ('SELECT id, lead_score(m, p) FROM model, parent p'),
    ('SELECT id, lead_score(m, p) FROM model, ONLY parent p'),
    ('SELECT id, lead_score(m, p) FROM model, parts p'),
    ('SELECT id, lead_score(m, c) FROM model, child c'),
    ('SELECT id, lead_score(m, f) FROM model, lead l, LATERAL (SELECT l.visits, l.spend, l.source) f'),
    ('SELECT id, lead_score(m, f) FROM model, (SELECT * FROM lead OFFSET 0) f'),
    ('SELECT id, lead_score(m, f) FROM model, (SELECT DISTINCT id, source, visits, spend FROM lead) f'),
    ('SELECT id, lead_score(m, f) FROM model, (SELECT * FROM lead WHERE id < 250 UNION ALL SELECT * FROM lead WHERE id >= 250) f'),
    ('SELECT id, lead_score(m, ROW(spend, id, source, visits)::lead_row) FROM model, lead'),
    ('SELECT id, score_sql(m, l) FROM model, lead l'),
    ('SELECT id, lead_score(m, l) FROM model, leads() l'),
    ('SELECT l.id, lead_score(m, l) FROM model, lead l JOIN lead k ON k.id = l.id'),
    ('SELECT l.id, lead_score(m, l) FROM lead l LEFT JOIN lead k ON k.id = l.id - 1, model'),
    ('SELECT l.id, lead_score(m, l) FROM model, lead l WHERE EXISTS (SELECT FROM lead k WHERE k.id = l.id)'),
    ('SELECT l.id, (SELECT lead_score(m, k) FROM lead k WHERE k.id = l.id) FROM model, lead l WHERE id <= 20'),
    ('SELECT id, lead_score(m, l) FROM model, lead l WHERE lead_score(m, l) > 0.4 ORDER BY lead_score(m, l), id'),
    ('SELECT id, max(lead_score(m, l)) FROM model, lead l GROUP BY id'),
    ('SELECT id, first_value(lead_score(m, l)) OVER (PARTITION BY id ORDER BY lead_score(m, l)) FROM model, lead l'),
    -- and where they are not, or the row may be NULL
    ('SELECT l.id, (SELECT lead_score(m, l)) FROM model, lead l'),
    ('SELECT id, lead_score(m, l) FROM model, leads_plpgsql() l'),
    ('WITH f AS MATERIALIZED (SELECT * FROM lead) SELECT id, lead_score(m, f) FROM model, f'),
    ('SELECT id, score_plpgsql(l) FROM model, lead l'),
    ('SELECT l.id, lead_score(m, l) FROM model, lead k LEFT JOIN lead l ON k.id = l.id'),
    ('SELECT l.id, lead_score(m, l) FROM model, lead l RIGHT JOIN lead k ON k.id = l.id'),
    ('SELECT l.id, lead_score(m, l) FROM model, lead k FULL JOIN lead l ON k.id = l.id'),
    ('SELECT l.id, lead_score(m, l) FROM model LEFT JOIN (lead k JOIN lead l ON k.id = l.id) ON true'),
    ('SELECT l.id, lead_score(m, l) FROM model LEFT JOIN (lead k LEFT JOIN lead l ON k.id = l.id) ON true'),
    ('SELECT l.id, lead_score(m, l) FROM model, (lead k LEFT JOIN lead l ON k.id = l.id) JOIN (VALUES (1)) v ON true'),
    ('SELECT l.id, lead_score(m, l) FROM model, (lead k LEFT JOIN lead l ON k.id = l.id) LEFT JOIN lead j ON j.id = k.id + 1'),
    ('SELECT f.id, lead_score(m, f) FROM model, lead k LEFT JOIN LATERAL (SELECT k.id, k.visits, k.spend, k.source) f ON true'),
    ('SELECT v.id, lead_score(m, v) FROM model, lead k LEFT JOIN (SELECT * FROM seen) v ON k.id = v.id');
-- Each must give, for the leads it lists, what the record form gives; the one
-- row of NULLs has a score, but a row that an outer join extends has none.
DO $$
DECLARE
    q record;
    n bigint;
    wrong bigint;
    nulls bigint;
BEGIN
    FOR q IN SELECT * FROM lead_plans.query ORDER BY n LOOP
        EXECUTE format('SELECT count(s.id), count(s.id) FILTER (WHERE s.score IS DISTINCT FROM e.score),
                count(s.score) FILTER (WHERE s.id IS NULL)
            FROM (%s) AS s(id, score) LEFT JOIN lead_plans.expected e ON e.id = s.id', q.query)
            INTO n, wrong, nulls;
        RAISE NOTICE '%: % rows, % wrong, % of NULLs: %', rpad(lead_plans.form(q.query), 7), lpad(n::text, 3), wrong, nulls, q.query;
    END LOOP;
END $$;

-- The null-extended side of an outer join has no score; a row that is there has.
SELECT count(*), count(l.id) AS leads, count(lead_score(m, l)) AS scores, count(lead_margin(m, l)) AS margins
FROM model, generate_series(491, 510) k LEFT JOIN lead l ON l.id = k;
SELECT count(*), count(l.id) AS leads, count(lead_score(m, l)) AS scores
FROM model, lead l FULL JOIN generate_series(491, 510) k ON l.id = k;
SELECT count(*), count(f.id) AS leads, count(lead_score(m, f)) AS scores
FROM model, generate_series(491, 510) k LEFT JOIN LATERAL (SELECT * FROM seen WHERE id = k) f ON true;
SELECT count(*), count(f.id) AS leads, count(lead_score(m, f)) AS scores, form($$
    SELECT lead_score(m, f) FROM lead_plans.model,
        (SELECT l.* FROM generate_series(491, 510) k LEFT JOIN lead_plans.lead l ON l.id = k) f$$)
FROM model, (SELECT l.* FROM generate_series(491, 510) k LEFT JOIN lead l ON l.id = k) f;
SELECT lead_score(m, NULL::lead), lead_score(NULL, l), lead_score(m, NULL::record) FROM model, lead l WHERE id = 7;

-- 96 columns at most: beyond, a function call would have too many arguments.
SELECT string_agg(format('%s AS c%s', i % 7, i), ', ') AS c94 FROM generate_series(1, 94) i
\gset
SELECT n, form(format('SELECT lead_score(m, f) FROM lead_plans.model, lead_plans.lead l, LATERAL (
        SELECT l.visits, l.spend, l.source%s) f', repeat(', 0', n - 3))) AS unnamed
FROM (VALUES (96), (97)) v(n);
SELECT count(*) FILTER (WHERE lead_score(m, f) = score) AS same FROM model, lead l,
    LATERAL (SELECT :c94, l.source, l.spend, l.visits) f, expected e WHERE e.id = l.id;

-- Eleven columns of several types, in sums that must be added up alike.
CREATE TABLE wide AS SELECT won, spend / 3 AS a, visits AS b, source AS c, sqrt(id) AS d, (id % 7)::numeric / 3 AS e,
    id % 2 = 0 AS f, ARRAY[ln(id), id % 5] AS g, (id % 11)::real / 7 AS h, (id % 13)::smallint AS i, id::bigint AS j, 'x' || id % 4 AS k
FROM lead WHERE id > 0;
CREATE FUNCTION hidden(r wide) RETURNS wide LANGUAGE plpgsql AS 'BEGIN RETURN r; END';
SELECT count(*), count(*) FILTER (WHERE lead_margin(m, w) = lead_margin(m, hidden(w))) AS same_margin,
    count(*) FILTER (WHERE lead_score(m, w) = lead_score(m, hidden(w))) AS same_score,
    form('SELECT lead_margin(m, w) = lead_margin(m, lead_plans.hidden(w)) FROM lead_plans.model, lead_plans.wide w')
FROM (SELECT lead_model_agg(won, w, '{"exclude": ["won"]}') AS m FROM wide w) m, wide w;

-- Statements that write, and triggers.
CREATE TABLE scored (id integer PRIMARY KEY, won boolean, visits integer, spend float8, source text, score float8);
INSERT INTO scored SELECT l.*, lead_score(m, l) FROM model, lead l WHERE id <= 100;
UPDATE scored s SET score = -lead_score(m, s) FROM model WHERE s.id <= 50;
INSERT INTO scored SELECT *, 1 FROM lead WHERE id <= 10
ON CONFLICT (id) DO UPDATE SET score = (SELECT lead_score(m, excluded) FROM model) - scored.score
RETURNING id, score - 2 * lead_score((SELECT m FROM model), scored) AS difference;
CREATE FUNCTION rescore() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.score = lead_score((SELECT m FROM lead_plans.model), NEW);
    RETURN NEW;
END $$;
CREATE TRIGGER rescore BEFORE INSERT OR UPDATE ON scored FOR EACH ROW
    WHEN (NEW.id <> 20) EXECUTE FUNCTION rescore();
UPDATE scored SET score = 0 WHERE id <= 50;
DELETE FROM scored s USING model WHERE lead_score(m, s) <> (SELECT score FROM expected e WHERE e.id = s.id);
SELECT count(*), count(*) FILTER (WHERE s.score = e.score) AS same, array_agg(s.id) FILTER (WHERE s.score = 0) AS not_rescored
FROM scored s JOIN expected e USING (id);

-- Prepared, with a generic plan, the model or the key as a parameter.
SET plan_cache_mode = force_generic_plan;
PREPARE by_id(integer) AS SELECT lead_score(m, l) = score AS same FROM model, lead l JOIN expected e USING (id) WHERE id = $1;
EXECUTE by_id(7);
PREPARE by_model(lead_model) AS
    SELECT count(*) FILTER (WHERE lead_score($1, l) = score) AS same FROM lead l JOIN expected e USING (id);
SELECT format('EXECUTE by_model(%L)', m) AS query FROM model
\gset
:query;
:query;
RESET plan_cache_mode;

CREATE FUNCTION filter(query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'Filter' THEN
            RETURN regexp_replace(trim(line), '\(InitPlan 1\)\.col1|\$[0-9]', 'model');
        END IF;
    END LOOP;
END $$;

-- Workers score too.
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;
CREATE TEMP VIEW scores AS SELECT id, lead_score((SELECT m FROM model), l) AS score FROM lead l;
SELECT filter('SELECT * FROM lead l WHERE lead_score((SELECT m FROM model), l) > 2'),
    form('SELECT * FROM scores');
SELECT count(*) FILTER (WHERE s.score = e.score) AS same FROM scores s JOIN expected e USING (id);
SET max_parallel_workers_per_gather = 0;

-- Row security: the owner of a model sees no more than the table shows.
CREATE ROLE regress_lead_analyst;
GRANT USAGE ON SCHEMA lead_plans TO regress_lead_analyst;
GRANT SELECT ON lead, model, expected, barrier TO regress_lead_analyst;
ALTER TABLE lead ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON lead USING (id <= 100 AND source = 'web');
SET ROLE regress_lead_analyst;
SELECT filter('SELECT id FROM lead_plans.lead l WHERE lead_score((SELECT m FROM lead_plans.model), l) > 0.4');
SELECT count(*), count(*) FILTER (WHERE lead_score(m, l) = score) AS same FROM model, lead l JOIN expected e USING (id);
-- its columns need privileges, as the row does
RESET ROLE;
REVOKE SELECT ON lead FROM regress_lead_analyst;
GRANT SELECT (id, visits, spend, source) ON lead TO regress_lead_analyst;
SET ROLE regress_lead_analyst;
SELECT count(lead_score(m, l)) FROM model, lead l;
SELECT count(lead_score(m, f)) FROM model, (SELECT visits, spend, source FROM lead) f;
RESET ROLE;

-- The planner's form called by hand.
SELECT lead_score_columns(m, '{visits,spend,source}', 1, 2.0::float8, 'web'::text)
    = lead_score(m, f) AS same FROM model, (SELECT 1 AS visits, 2.0::float8 AS spend, 'web' AS source) f;
SELECT lead_score_columns(m, '{visits,spend,source}', 1, 2.0::float8) FROM model;
SELECT lead_score_columns(m, '{visits,spend,NULL}', 1, 2.0::float8, 'web'::text) FROM model;
SELECT lead_score_columns(m, '{visits,spend}', 1, 2.0::float8) FROM model;
SELECT lead_score_columns(m, '{visits,spend,source}', 1, 2.0::float8, 3) FROM model;
SELECT lead_margin_columns(m, '{visits,spend,source}', 1, 2.0::float8, now()) FROM model;
SELECT lead_margin_columns(m, '{visits,spend,source}', VARIADIC ARRAY[1, 2, 3]) FROM model;
SELECT lead_margin_columns(m, '{visits,spend,source}', VARIADIC '{1,2}'::text[]) FROM model;
SELECT lead_margin_columns(m, '{{visits,spend,source}}', 1, 2.0::float8, 'web'::text) IS NOT NULL AS flat FROM model;
SELECT lead_margin_columns(m, NULL, 1), lead_margin_columns(NULL, '{a}', 1), lead_margin_columns(m, '{}', 1) FROM model;
SELECT lead_score_columns(m, '{visits,spend,source}', 1, 2.0::float8, 'web') FROM model;

SET client_min_messages = warning;
DROP SCHEMA lead_plans CASCADE;
DROP ROLE regress_lead_analyst;
