-- The column form of a score is the record form: the same names, the same NULLs,
-- the same rights.
CREATE SCHEMA lead_names;
SET search_path = lead_names, sales_intel;
CREATE TABLE lead AS
SELECT i AS id, (i * 7919) % 1009 < 300 + 80 * (i % 5) AS won, i % 5 AS visits,
    (i * 31) % 97 / 10.0::float8 AS budget
FROM generate_series(1, 1000) AS i;
CREATE TABLE model AS
SELECT lead_model_agg(won, f, '{"folds": 0}') AS m
FROM lead, LATERAL (SELECT visits, budget) AS f;

-- Rows as values keep the record form.
CREATE TABLE truth AS
SELECT (r.row).id, lead_score(m, r.row) AS score
FROM model, (SELECT l AS row FROM lead AS l OFFSET 0) AS r;
CREATE FUNCTION wrong(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE 'SELECT count(*) FROM truth FULL JOIN (' || query ||
        ') AS s USING (id) WHERE truth.score IS DISTINCT FROM s.score' INTO n;
    RETURN n;
END $$;

-- Aliases of columns are no names of the row.
SELECT wrong('SELECT won AS id, lead_score(m, l) AS score FROM model, lead AS l(won, id, budget, visits)') AS aliases;

-- Names swapped after a view was made: the row type counts.
CREATE VIEW scored AS SELECT id, lead_score(m, lead) AS score FROM model, lead;
CREATE FUNCTION scored_atomic() RETURNS TABLE (id integer, score float8)
BEGIN ATOMIC SELECT id, lead_score(m, lead) FROM model, lead; END;
SELECT wrong('TABLE scored') AS "view", wrong('SELECT * FROM scored_atomic()') AS atomic;
ALTER TABLE lead RENAME visits TO other;
ALTER TABLE lead RENAME budget TO visits;
ALTER TABLE lead RENAME other TO budget;
TRUNCATE truth;
INSERT INTO truth
SELECT (r.row).id, lead_score(m, r.row)
FROM model, (SELECT l AS row FROM lead AS l OFFSET 0) AS r;
SELECT wrong('TABLE scored') AS "view", wrong('SELECT * FROM scored_atomic()') AS atomic,
    wrong('SELECT id, lead_score(m, l) AS score FROM model, lead AS l') AS "table";

-- The total of grouping sets is a row that is NULL as a whole.
SELECT count(*) AS rows, count(*) FILTER (WHERE l IS NULL AND score IS NULL) AS total
FROM (SELECT l, lead_score((SELECT m FROM model), l) AS score FROM lead AS l GROUP BY ROLLUP (l)) AS s;

-- Rights are those of the call that was written.
CREATE ROLE lead_names_analyst;
GRANT USAGE ON SCHEMA lead_names TO lead_names_analyst;
GRANT SELECT ON lead, model TO lead_names_analyst;
BEGIN;
REVOKE EXECUTE ON FUNCTION lead_score_columns FROM PUBLIC;
SET LOCAL ROLE lead_names_analyst;
SELECT count(lead_score(m, l)) FROM model, lead AS l;
ROLLBACK;
BEGIN;
REVOKE EXECUTE ON FUNCTION lead_score FROM PUBLIC;
SET LOCAL ROLE lead_names_analyst;
SELECT count(lead_score(m, l)) FROM model, lead AS l;
ROLLBACK;
BEGIN;
CREATE VIEW counted AS SELECT count(lead_score(m, l)) FROM model, lead AS l;
GRANT SELECT ON counted TO lead_names_analyst;
REVOKE USAGE ON SCHEMA sales_intel FROM PUBLIC;
SET LOCAL ROLE lead_names_analyst;
SELECT * FROM counted;
ROLLBACK;
REVOKE ALL ON lead, model FROM lead_names_analyst;
REVOKE ALL ON SCHEMA lead_names FROM lead_names_analyst;
DROP ROLE lead_names_analyst;

-- Names of the column form are constant.
SELECT lead_score_columns(m, names, 1, 2.0::float8)
FROM model, (VALUES ('{visits,budget}'::text[]), ('{budget,visits}')) AS v(names);

-- Weights of unlike size: a clear error or a model, in proportion alone.
SELECT model_hash(lead_model_agg(won, f, 1, '{}')) = model_hash(lead_model_agg(won, f)) AS weight_1
FROM lead, LATERAL (SELECT visits, budget) AS f;
SELECT round(a.coefficient::numeric, 6) = round(b.coefficient::numeric, 6) AS in_proportion
FROM (SELECT lead_model_agg(won, f, 1 + id % 3, '{}') AS one, lead_model_agg(won, f, (1 + id % 3) / 3e20, '{}') AS small
    FROM lead, LATERAL (SELECT visits, budget) AS f) AS m,
    lead_model_coefficients(one) AS a JOIN lead_model_coefficients(small) AS b USING (feature);

-- A forged model whose knots are neighbours among the smallest numbers.
SELECT round(lead_score(
    'lead_model:U0lMTQEAAAADAAAAAQAAAGQAAAAAAAAAMgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACAAAAAAAAAAAAAAAAAAAAAADwPwIAAAADAAAAAAAA'
    'AAUAAAAAAAAAmpmZmZmZyT+amZmZmZnpPwAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA'
    'AAEAAAB4AAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    'AAAAAAAAAAAAAAAAAPh/AAAAAAAiJAsHqCSIyA=='::lead_model, f)::numeric, 4) AS score
FROM (SELECT 1.0::float8 AS x) AS f;

SET client_min_messages = warning;
DROP SCHEMA lead_names CASCADE;
