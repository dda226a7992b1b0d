-- The lead_model value: text and binary form, damage, and what is read off it.
CREATE SCHEMA lead_io;
SET search_path = lead_io, sales_intel;
SET extra_float_digits = 0;

-- A model written by version 1 of the format, with round numbers: features
-- list[1], list[2], n and category t, calibration by three knots.  What is in
-- it is known, so what comes out is checked by hand.
CREATE TABLE fixed (m lead_model);
INSERT INTO fixed VALUES (
    'lead_model:U0lMTQEAAAADAAAAAQAAAOgDAAAAAAAAkAEAAAAAAAADAAAAAAAAAAUAAAABAAAAAAAAAAAAAAAA'
    'AAAAAAAAAAAA8D8AAAAAAADoPwrXo3A9Cuc/9ihcj8L16D8zMzMzMzPjP5qZmZmZmck/exSuR+F6'
    'hD8AAAAAAADoPwAAAAAAAOA/AAAAAAAA0D8CAAAAAAAAAAAAAAAAAAAAAADwPwMAAAAAAAAAAAAA'
    'wAAAAAAAAAAAAAAAAAAAAEAAAAAAAADAPwAAAAAAAOA/AAAAAAAA7D8EAAAAAAAA8L8AAAAAAAAA'
    'AAAAAAAAAABA+gH6AfoB+gECAAAAAAAAAAAA5j8AAAAAAACwPwAAAAAAAJA/AAAAAAAA4L8AAAAA'
    'AADwvwAAAAAAAOA/BAAAAAQAAABsaXN0AgAAAAEAAAABAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAA'
    'AAAAAAAAAPh/AAAAAAAA8D8AAAAAAADQPwAAAAAAANA/AegHBAAAAGxpc3QCAAAAAgAAAAEAAAAA'
    'AADwP/QDAAAAAAAA4D8AAAAAAADwPwAAAAAAAOA/AAAAAAAAAAAAAAAAAADQvwAAAAAAANA/AwAA'
    'AAAAAOA/AAAAAAAA8D9kyAHIAQEAAABuAAAAAAAAAAABAAAAAAAAEED6AQAAAAAAANA/AAAAAAAA'
    '8L8AAAAAAADgPwAAAAAAAABAAAAAAAAA4D8AAAAAAADQPwMAAAAAAADwPwAAAAAAAAhA+gH6AfoB'
    'AQAAAHQAAAAAAAAAAAIAAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+H/6AQAAAAAAANA/'
    'AAAAAAAAAMAAAAAAAADwPwAAAAACAAAAAQAAAGH0AwAAAAAAAOA/AAAAAAAAAAAAAAAAAAD4fwEA'
    'AABi+gEAAAAAAADQPwAAAAAAAPA/AAAAAAAA4D8BAAAACQAAAAEBAAAAbgcAAABleGFtcGxlinPL'
    'LbuApLs=');
SELECT s.* FROM fixed, lead_model_summary(m) s;
SELECT w.* FROM fixed, lead_model_warnings(m) w;
SELECT c.* FROM fixed, lead_model_coefficients(m) c;
SELECT i.* FROM fixed, lead_model_importance(m) i;
SELECT c.* FROM fixed, lead_model_choice(m) c;
SELECT model_hash(m), length(m::text), octet_length(lead_model_send(m)) FROM fixed;

-- Margin: baseline -0.5, and each effect less its mean (n: -0.25, t: -0.25,
-- list[2]: 0.5).  Score: 0.999 of the line between knots, 0.001 of a logistic.
CREATE TYPE features AS (n float8, t text, list float8[]);
CREATE TABLE lead (row features, margin float8);
INSERT INTO lead VALUES
    ('(2,a,"{1,0}")', -0.5 + 0.25 + 0.25 + 0 - 0.5),
    ('(4,b,"{5,2}")', -0.5 + (1 + 0.25) + (1 + 0.25) + 1 + (-0.5 - 0.5)),
    ('(,,"{NULL,NULL}")', -0.5 + (-1 + 0.25) + (-2 + 0.25) + 0 + (1 - 0.5)),
    ('(,x,)', -0.5 + (-1 + 0.25) + (-2 + 0.25) + 0 + (1 - 0.5)),
    ('(-100,a,"{1,0}")', -0.5 - 51 + 0.25 + 0.25 + 0 - 0.5);
SELECT row, margin, lead_margin(m, row) - margin AS difference,
    abs(lead_score(m, row) - 0.001 / (1 + exp(-margin)) - 0.999 * least(greatest(0.5 + margin * 0.1875, 0.125), 0.875)) < 1e-15 AS score,
    lead_grade(m, lead_score(m, row)) AS grade
FROM fixed, lead;
SELECT row, e.feature, e.value, e.contribution FROM fixed, lead, lead_explain(m, row) e WHERE margin IN (2, -2.5);
SELECT lead_reasons(m, row, 4), lead_reasons(m, row), lead_reasons(m, row, 1), lead_reasons(m, row, 0), lead_reasons(m, row, NULL) = lead_reasons(m, row, 99) AS "all"
FROM fixed, lead WHERE margin = 2;

-- Contributions add up to the margin, whatever top; the largest come first.
SELECT top, max(abs(total - margin)) < 1e-9 AS adds_up, min(count) AS rows, bool_and(first = '(baseline)') AS baseline,
    bool_and(last = '(other)') AS other, bool_and(sorted) AS sorted
FROM (SELECT top, lead_margin(m, row) AS margin, sum(contribution) AS total, count(*), min(feature) FILTER (WHERE n = 1) AS first,
        min(feature) FILTER (WHERE n = top + 2) AS last,
        array_agg(n ORDER BY n) FILTER (WHERE feature NOT LIKE '(%') = array_agg(n ORDER BY -abs(contribution), n) FILTER (WHERE feature NOT LIKE '(%') AS sorted
    FROM fixed, lead, (VALUES (0), (1), (3), (4), (NULL), (5)) t(top),
        LATERAL (SELECT e.*, row_number() OVER () AS n FROM lead_explain(m, row, top) e) e
    GROUP BY top, lead_margin(m, row), row) s
GROUP BY top ORDER BY top;
SELECT lead_explain(m, row, -1) FROM fixed, lead;
SELECT lead_reasons(m, row, -1) FROM fixed, lead;

-- Grades start at their bound.
SELECT score, lead_grade(m, score) AS grade
FROM fixed, unnest('{0, 0.2499999999999999, 0.25, 0.4999999999999999, 0.5, 0.7499999999999999, 0.75, 1}'::float8[]) score;
SELECT lead_grade(m, 1.0000000001) FROM fixed;
SELECT lead_grade(m, -1e-300) FROM fixed;
SELECT lead_grade(m, 'NaN') FROM fixed;
SELECT lead_grade(m, NULL), lead_grade(NULL, 0.5) FROM fixed;

-- A model of trees: one tree on number n and category t.
CREATE TABLE trees (m lead_model);
INSERT INTO trees VALUES (
    'lead_model:U0lMTQEAAAADAAAAAgAAAOgDAAAAAAAAkAEAAAAAAAADAAAAAAAAAAUAAAABAAAAAAAAAAAAAAAA'
    'AAAAAAAAAAAA8D8AAAAAAADAPwAAAAAAAOg/CtejcD0K5z/2KFyPwvXoPzMzMzMzM+M/mpmZmZmZ'
    'yT97FK5H4XqEPwAAAAAAAOg/AAAAAAAA4D8AAAAAAADQPwAAAAAAAAAAAAAAAAAAAAAAAPA/AAAA'
    'AAIAAAAAAAAAAPQD9AMBAAAAAAAAAAAA5j8AAAAAAACwPwAAAAAAAJA/AAAAAAAA4L8AAAAAAADw'
    'vwAAAAAAAPh/AgAAAAEAAABuAAAAAAAAAAABAAAAAAAACED6AQAAAAAAANA/AAAAAAAAAAAAAAAA'
    'AAD4fwAAAAAAAABAAAAAAAAAAAAAAAAAAAD4fwMAAAAAAADwPwAAAAAAAAhA+gH6AfoBAQAAAHQA'
    'AAAAAAAAAAIAAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+H/6AQAAAAAAANA/AAAAAAAA'
    'AAAAAAAAAAD4f/////8CAAAAAQAAAGH0AwAAAAAAAOA/AAAAAAAAAAAAAAAAAAD4fwEAAABi+gEA'
    'AAAAAADQPwAAAAAAAAAAAAAAAAAA+H8AAAAAAADQPwEAAAAFAAAAAQAAAAUAAAAAAAAAAARAAgEA'
    'DQAAAAAAAADgPwAAAAAAwHJAAAAAAAAAAPA/AAAAAABAf0AAAAAAAAAA+L8AAAAAAABpQAAAAADt'
    '1n29Vr542A==');
SELECT s.algorithm, s.rows, s.features, s.roc_auc, s.usable FROM trees, lead_model_summary(m) s;
SELECT i.* FROM trees, lead_model_importance(m) i;
SELECT c.* FROM trees, lead_model_choice(m) c;
SELECT (SELECT count(*) FROM lead_model_coefficients(m)) AS coefficients, (SELECT count(*) FROM lead_model_warnings(m)) AS warnings,
    m::text::lead_model::text = m::text AS same_text
FROM trees;

-- A margin beyond the largest number, by record and by columns.
CREATE TABLE steep (m lead_model);
INSERT INTO steep VALUES (
    'lead_model:U0lMTQEAAAADAAAAAQAAAOgDAAAAAAAAkAEAAAAAAAADAAAAAAAAAAUAAAABAAAAAAAAAAAAAAAA'
    'AAAAAAAAAAAA8D8AAAAAAADoPwrXo3A9Cuc/9ihcj8L16D8zMzMzMzPjP5qZmZmZmck/exSuR+F6'
    'hD8AAAAAAADoPwAAAAAAAOA/AAAAAAAA0D8AAAAAAAAAAAAAAAAAAAAAAADwPwAAAAAAAAAAAAAA'
    'AAAAAOC/AAAAAAAA8L8AAAAAAADgPwEAAAABAAAAbgAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAA'
    'AAAAAAAAAAAAAAAAAAD4fwAAAAAAAAAAoMjrhfPM4X8AAAAAAADQPwAAAAAAfzX/6AgCaSg=');
SELECT lead_margin(m, f) FROM steep, (SELECT 1 AS n) f;
SELECT lead_margin(m, f) FROM steep, (SELECT 2 AS n) f;
SELECT lead_score(m, f) FROM steep, (SELECT -2.0::float8 AS n FROM generate_series(1, 1) OFFSET 0) f;
SELECT lead_score(m, f) FROM steep, (VALUES (2)) f(n);
-- its algorithm was not chosen, and its feature moves nothing
SELECT c.*, i.* FROM steep, lead_model_choice(m) c, lead_model_importance(m) i;
SELECT lead_model_choice(NULL) IS NULL AS choice, (SELECT count(*) FROM lead_model_importance(NULL)) AS importance;

-- There and back: text, JSON, COPY text, COPY binary; the last bit stays.
CREATE TABLE model (id integer, m lead_model);
CREATE TABLE base AS SELECT i, (i * 7919) % 1009 < 300 + 100 * (i % 5) AS won,
    CASE WHEN i % 9 > 0 THEN i % 5 END AS n, 'c' || i % 12 AS t, ARRAY[sqrt(i), i % 7] AS list FROM generate_series(1, 3000) i;
INSERT INTO model SELECT 1, m FROM fixed UNION ALL SELECT 2, m FROM steep
UNION ALL SELECT 3, lead_model_agg(won, f) FROM base, LATERAL (SELECT n, t, list) f
UNION ALL SELECT 4, lead_model_agg(won, f, '{"l1": 3, "calibration": "isotonic"}') FROM base, LATERAL (SELECT n, t, list) f
UNION ALL SELECT 5, lead_model_agg(true, f) FROM base, LATERAL (SELECT n, t, list) f
UNION ALL SELECT 6, NULL
UNION ALL SELECT 7, lead_model_agg(won, f) FROM base, LATERAL (SELECT n, md5((i % 200)::text) || repeat('x', i % 200 * 10) AS t, list) f;
CREATE TABLE copy (id integer, m lead_model);
\copy model TO 'results/lead_io.copy'
\copy copy FROM 'results/lead_io.copy'
\copy model TO 'results/lead_io.copy' (FORMAT binary)
\copy copy FROM 'results/lead_io.copy' (FORMAT binary)
INSERT INTO copy SELECT id, m::text::lead_model FROM model;
INSERT INTO copy SELECT r.* FROM model, json_populate_record(NULL::copy, row_to_json(model)) r;
SELECT id, count(*), bool_and(model_hash(c.m) = model_hash(m.m)) AS same,
    bool_and((SELECT bool_and(lead_score(c.m, f) IS NOT DISTINCT FROM lead_score(m.m, f) AND lead_margin(c.m, f) IS NOT DISTINCT FROM lead_margin(m.m, f))
        FROM base, LATERAL (SELECT n / 10.0 AS n, t, list) f WHERE i <= 20)) AS same_scores, bool_and(c.m::text = m.m::text) AS same_text
FROM model m JOIN copy c USING (id)
GROUP BY id ORDER BY id;

-- Damage: cut, lengthened, a bit flipped, another type's text.
DO $$
DECLARE
    good text;
    v record;
BEGIN
    SELECT m::text INTO good FROM lead_io.fixed;
    FOR v IN SELECT * FROM (VALUES ('whole', good), ('empty', ''), ('prefix only', 'lead_model:'), ('no prefix', substr(good, 12)),
        ('other prefix', 'lead_Model:' || substr(good, 12)), ('cut', left(good, -4)), ('cut within base64', left(good, -1)),
        ('longer', good || 'AAAA'), ('a letter', overlay(good PLACING 'B' FROM 200)), ('no base64', overlay(good PLACING '*' FROM 200)),
        ('blanks in base64', overlay(good PLACING E'\n' FROM 80 FOR 0)), ('blank before', ' ' || good), ('blank after', good || ' '),
        ('hash', overlay(good PLACING 'AAAA' FROM length(good) - 6)), ('twice', good || good), ('JSON', '{"model": 1}'), ('bytea', '\x534c')) c(what, text) LOOP
        BEGIN
            RAISE NOTICE '%: %', rpad(v.what, 17), CASE WHEN sales_intel.model_hash(v.text::sales_intel.lead_model) = sales_intel.model_hash(good::sales_intel.lead_model)
                THEN 'the same model' ELSE 'ANOTHER MODEL' END;
        EXCEPTION WHEN OTHERS THEN
            RAISE NOTICE '%: % %', rpad(v.what, 17), SQLSTATE, SQLERRM;
        END;
    END LOOP;
END $$;
SELECT ''::lead_model;
-- in binary
CREATE TABLE bytes (b bytea);
INSERT INTO bytes SELECT set_byte(lead_model_send(m), 100, 7) FROM fixed;
\copy bytes TO 'results/lead_io.copy' (FORMAT binary)
\copy fixed FROM 'results/lead_io.copy' (FORMAT binary)
UPDATE bytes SET b = '';
\copy bytes TO 'results/lead_io.copy' (FORMAT binary)
\copy fixed FROM 'results/lead_io.copy' (FORMAT binary)
\! rm results/lead_io.copy
-- text inside a model must be text of the database: here a level is byte 0xff
SELECT (
    'lead_model:U0lMTQEAAAADAAAAAQAAAOgDAAAAAAAAkAEAAAAAAAADAAAAAAAAAAUAAAABAAAAAAAAAAAAAAAA'
    'AAAAAAAAAAAA8D8AAAAAAADoPwrXo3A9Cuc/9ihcj8L16D8zMzMzMzPjP5qZmZmZmck/exSuR+F6'
    'hD8AAAAAAADoPwAAAAAAAOA/AAAAAAAA0D8CAAAAAAAAAAAAAAAAAAAAAADwPwMAAAAAAAAAAAAA'
    'wAAAAAAAAAAAAAAAAAAAAEAAAAAAAADAPwAAAAAAAOA/AAAAAAAA7D8EAAAAAAAA8L8AAAAAAAAA'
    'AAAAAAAAAABA+gH6AfoB+gECAAAAAAAAAAAA5j8AAAAAAACwPwAAAAAAAJA/AAAAAAAA4L8AAAAA'
    'AADwvwAAAAAAAOA/BAAAAAQAAABsaXN0AgAAAAEAAAABAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAA'
    'AAAAAAAAAPh/AAAAAAAA8D8AAAAAAADQPwAAAAAAANA/AegHBAAAAGxpc3QCAAAAAgAAAAEAAAAA'
    'AADwP/QDAAAAAAAA4D8AAAAAAADwPwAAAAAAAOA/AAAAAAAAAAAAAAAAAADQvwAAAAAAANA/AwAA'
    'AAAAAOA/AAAAAAAA8D9kyAHIAQEAAABuAAAAAAAAAAABAAAAAAAAEED6AQAAAAAAANA/AAAAAAAA'
    '8L8AAAAAAADgPwAAAAAAAABAAAAAAAAA4D8AAAAAAADQPwMAAAAAAADwPwAAAAAAAAhA+gH6AfoB'
    'AQAAAHQAAAAAAAAAAAIAAAAAAADwPwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+H/6AQAAAAAAANA/'
    'AAAAAAAAAMAAAAAAAADwPwAAAAACAAAAAQAAAGH0AwAAAAAAAOA/AAAAAAAAAAAAAAAAAAD4fwEA'
    'AAD/+gEAAAAAAADQPwAAAAAAAPA/AAAAAAAA4D8BAAAACQAAAAEBAAAAbgcAAABleGFtcGxl2Ztq'
    'MiMtsxY=')::lead_model;
-- in storage, as only a superuser can bring about
CREATE CAST (bytea AS lead_model) WITHOUT FUNCTION;
SELECT lead_score('\x01'::bytea::lead_model, f) FROM (SELECT 1 AS n) f;
SELECT s.usable FROM bytes, lead_model_summary(set_byte(b || '\x00'::bytea, 0, 1)::lead_model) s;
DROP CAST (bytea AS lead_model);

-- Models without a fit, and no model at all.
SELECT id, s.*, lead_score(m, f) AS score, lead_margin(m, f) AS margin, lead_grade(m, 0.5) AS grade, lead_reasons(m, f) AS reasons,
    (SELECT count(*) FROM lead_model_coefficients(m)) AS coefficients, (SELECT count(*) FROM lead_model_importance(m)) AS importance,
    lead_model_choice(m) AS choice, (SELECT count(*) FROM lead_explain(m, f)) AS explained,
    (SELECT count(*) FROM lead_model_warnings(m)) AS warnings, length(model_hash(m)) AS hash
FROM model, LATERAL lead_model_summary(m) s, (SELECT 1 AS n, 'c' AS t, NULL::float8[] AS list) f
WHERE id IN (5, 6) ORDER BY id;
SELECT lead_score(m, NULL::base), lead_reasons(m, NULL::base), (SELECT count(*) FROM lead_explain(m, NULL::base)) AS explained FROM fixed;

SET client_min_messages = warning;
DROP SCHEMA lead_io CASCADE;
