-- Values of the statistics: text, binary, damage.
SET search_path = public, sales_intel;
CREATE TABLE row AS
SELECT i % 2 = 0 AS a, i % 3 = 0 AS b, 'g' || i % 4 AS g, sqrt(i) AS x, ln(i) AS y FROM generate_series(1, 40) i;
CREATE TABLE value AS
SELECT contingency_agg(a, b) AS c, contingency_agg(a, b, g) AS cc, stratified_agg(g, a, b) AS sc, two_sample_agg(x, a) AS t,
    two_sample_agg(x, a, g) AS tc, correlation_agg(x, y) AS r, survival_agg(x, b) AS s, log_rank_agg(g, x, b) AS l, cox_agg(x, b, row) AS h
FROM row;

-- A value survives text and binary.
CREATE TABLE copy (LIKE value);
\copy value TO 'results/stats_io.copy'
\copy copy FROM 'results/stats_io.copy'
\copy value TO 'results/stats_io.copy' (FORMAT binary)
\copy copy FROM 'results/stats_io.copy' (FORMAT binary)
SELECT count(*), bool_and(v::text = o::text) AS same FROM value v, copy o;

-- Damage is refused, in text, in binary, as stored.
CREATE TABLE form AS
SELECT t.typname AS type, NULL::bytea AS bytes FROM pg_type t
WHERE typname IN ('contingency', 'clustered_contingency', 'stratified_contingency', 'two_sample', 'correlation', 'survival_curve', 'log_rank', 'cox_model');
DO $$
DECLARE
    r record;
BEGIN
    FOR r IN SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
             WHERE attrelid = 'value'::regclass AND attnum > 0 AND attname <> 'tc' LOOP
        EXECUTE format('UPDATE form SET bytes = (SELECT %I(%I) FROM value) WHERE type = %L', r.typname || '_send', r.attname, r.typname);
    END LOOP;
END $$;
CREATE FUNCTION refused(type text, bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT %L::%I', type || ':' || replace(encode(bytes, 'base64'), E'\n', ''), type);
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT type, refused(type, bytes) AS as_it_is, refused(type, set_byte(bytes, 20, 255 - get_byte(bytes, 20))) AS changed,
    refused(type, substr(bytes, 1, length(bytes) - 1)) = refused(type, '') AND refused(type, bytes || '\x00') = refused(type, '') AS cut
FROM form ORDER BY type;
SELECT a.type, count(*) FILTER (WHERE refused(a.type, b.bytes) = 'accepted') AS of_any_type FROM form a, form b GROUP BY a.type ORDER BY a.type;
\set VERBOSITY sqlstate
UPDATE form SET bytes = set_byte(bytes, 20, 255 - get_byte(bytes, 20));
CREATE TABLE one (b bytea);
INSERT INTO one SELECT bytes FROM form WHERE type = 'contingency';
\copy one TO 'results/stats_io.copy' (FORMAT binary)
CREATE TABLE there (c contingency);
\copy there FROM 'results/stats_io.copy' (FORMAT binary)
\! rm results/stats_io.copy
\set VERBOSITY default
CREATE CAST (bytea AS contingency) WITHOUT FUNCTION;
CREATE CAST (bytea AS clustered_contingency) WITHOUT FUNCTION;
CREATE CAST (bytea AS stratified_contingency) WITHOUT FUNCTION;
CREATE CAST (bytea AS two_sample) WITHOUT FUNCTION;
CREATE CAST (bytea AS correlation) WITHOUT FUNCTION;
CREATE CAST (bytea AS survival_curve) WITHOUT FUNCTION;
CREATE CAST (bytea AS log_rank) WITHOUT FUNCTION;
CREATE CAST (bytea AS cox_model) WITHOUT FUNCTION;
SELECT odds_ratio(bytes::contingency) FROM form WHERE type = 'contingency';
\set VERBOSITY terse
SELECT rollup(bytes::contingency) FROM form WHERE type = 'contingency';
SELECT odds_ratio_p(bytes::clustered_contingency) FROM form WHERE type = 'clustered_contingency';
SELECT rollup(bytes::clustered_contingency) FROM form WHERE type = 'clustered_contingency';
SELECT breslow_day(bytes::stratified_contingency) FROM form WHERE type = 'stratified_contingency';
SELECT two_sample_test(bytes::two_sample) FROM form WHERE type = 'two_sample';
SELECT correlation_test(bytes::correlation) FROM form WHERE type = 'correlation';
SELECT survival_median(bytes::survival_curve) FROM form WHERE type = 'survival_curve';
SELECT rollup(bytes::survival_curve) FROM form WHERE type = 'survival_curve';
SELECT log_rank_test(''::bytea::log_rank);
SELECT cox_summary(bytes::cox_model) FROM form WHERE type = 'cox_model';
SELECT cox_risk(bytes::cox_model, row) FROM form, row WHERE type = 'cox_model';
\set VERBOSITY default

DROP CAST (bytea AS contingency);
DROP CAST (bytea AS clustered_contingency);
DROP CAST (bytea AS stratified_contingency);
DROP CAST (bytea AS two_sample);
DROP CAST (bytea AS correlation);
DROP CAST (bytea AS survival_curve);
DROP CAST (bytea AS log_rank);
DROP CAST (bytea AS cox_model);
DROP FUNCTION refused;
DROP TABLE row, value, copy, form, one, there;
