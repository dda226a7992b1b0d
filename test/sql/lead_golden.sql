-- Coefficients of small models against R.
--
-- Data: infert of R (Trichopoulos et al., Brit. J. of Obst. and Gynaec. 83,
-- 1976): 248 women, the first 83 are cases; one digit a woman, two for age.
--
-- Golden values: R 4.2.2,
--     glm(case ~ age + education + induced + parity + spontaneous, binomial,
--         infert, weights = ..., control = list(epsilon = 1e-15))
-- with education releveled to its commonest level, "6-11yrs".
CREATE SCHEMA lead_golden;
SET search_path = lead_golden, sales_intel;
SET extra_float_digits = 0;

CREATE TABLE woman AS
SELECT n, n <= 83 AS label, substr(age, 2 * n - 1, 2)::integer AS age,
    (ARRAY['0-5yrs', '6-11yrs', '12+ yrs'])[substr(education, n, 1)::integer] AS education,
    substr(induced, n, 1)::integer AS induced, substr(parity, n, 1)::integer AS parity,
    substr(spontaneous, n, 1)::integer AS spontaneous
FROM generate_series(1, 248) n, (SELECT
        '26423934353623322128293731293127302625444035283627403834283032344232'
        '39353634302839354137303728272638243627282936282828273525343126322128'
        '37253225313826313125313435292326423934353623322128293731293127302625'
        '44403528362740383428303234423239353634302839354137303728272638243627'
        '28293628282827352534312632212837253225312631312531343529232642393435'
        '36233221282937312931273026254440352836274038342830323442323935363430'
        '28393541373037282726382436272829362828282735253431263221283725322531'
        '38263131253134352923' AS age,
        '11112222222222222222222222222222222222222222333333333333333333333333'
        '33333333333333311112222222222222222222222222222222222222222333333333'
        '33333333333333333333333333333111122222222222222222222222222222222222'
        '22222333333333333333333333333333333333333333' AS education,
        '61643412122413225131122122234412121213313112112423353122221221122113'
        '31111621211121161643412122413225131122122234412121213313112112423353'
        '12222122112211331111212111211616434121224132251311221222344121212133'
        '13112112423353122221221122113311116212111211' AS parity,
        '11221200001212122020020010001201101001000001010220111000100000001001'
        '01100000010020020202102000100110000000000000101100002011000101211211'
        '11112112100000210100002000000202000001000001011110020000021000200020'
        '00000001211222010210111010102010100110000200' AS induced,
        '20001100100100101111102112222010020212012001002002221122021221120112'
        '20011221101101100010100110101002010000010002100000000200000000100111'
        '00010000000101010001200000011000202010111020020100001200011000000001'
        '00000010000010111000000002000200002101110011' AS spontaneous) AS digits;

CREATE TABLE golden (model text, feature text, level text, coefficient float8, std_error float8);
INSERT INTO golden VALUES
    ('plain', '(intercept)', NULL, -2.1934801193180804, 1.0987534212122956),
    ('plain', 'age', NULL, 0.039582001697708424, 0.031202809060657141),
    ('plain', 'education', '0-5yrs', 1.0442435837274551, 0.7925590697066659),
    ('plain', 'education', '12+ yrs', -0.3589615057488319, 0.3341812109639819),
    ('plain', 'induced', NULL, 1.288757380938963, 0.30146618695632366),
    ('plain', 'parity', NULL, -0.8282773822931131, 0.19649389412338056),
    ('plain', 'spontaneous', NULL, 2.0459050216801464, 0.31016332466013707),
    -- weights = 1 + n % 3
    ('weighted', '(intercept)', NULL, -2.2715938047400757, 0.80058360597097566),
    ('weighted', 'age', NULL, 0.042062846569492315, 0.022379163447614724),
    ('weighted', 'education', '0-5yrs', 0.93833070203597413, 0.55008755023950751),
    ('weighted', 'education', '12+ yrs', -0.30446032704924758, 0.23694262165047794),
    ('weighted', 'induced', NULL, 1.253443223383538, 0.21441940741191409),
    ('weighted', 'parity', NULL, -0.84674601392082016, 0.13826431073516174),
    ('weighted', 'spontaneous', NULL, 2.0608586621537497, 0.21931328446220635),
    -- age missing where n % 7 == 0, filled with its mean beside an indicator;
    -- education missing where n % 5 == 0; the 11 other rows of "0-5yrs" are
    -- split into two levels of fewer than 10 rows each, pooled as (rare)
    ('gaps', '(intercept)', NULL, -2.6504945798451307, 1.1314873804951837),
    ('gaps', 'age', NULL, 0.053452729012092533, 0.032504227316001784),
    ('gaps', 'age', '(missing)', 0.16510405363456987, 0.44091778818964167),
    ('gaps', 'education', '(missing)', -0.16487012253301578, 0.43666799272025125),
    ('gaps', 'education', '(rare)', 1.3268313745585023, 0.85647224538244682),
    ('gaps', 'education', '12+ yrs', -0.28923252221469337, 0.36316138565927508),
    ('gaps', 'induced', NULL, 1.2993694955580599, 0.3022355696672297),
    ('gaps', 'parity', NULL, -0.85485134428849685, 0.19972664915810448),
    ('gaps', 'spontaneous', NULL, 2.0698103885104775, 0.31173802660372196);

CREATE TABLE model (name text, model lead_model);
INSERT INTO model
SELECT 'plain', lead_model_agg(label, f, '{"l2": 0, "folds": 0}')
FROM woman, LATERAL (SELECT age, education, induced, parity, spontaneous) f
UNION ALL
SELECT 'weighted', lead_model_agg(label, f, 1 + n % 3, '{"l2": 0, "folds": 0}')
FROM woman, LATERAL (SELECT age, education, induced, parity, spontaneous) f
UNION ALL
SELECT 'gaps', lead_model_agg(label, f, '{"l2": 0, "folds": 0}')
FROM woman, LATERAL (
    SELECT CASE WHEN n % 7 <> 0 THEN age END AS age,
        CASE WHEN n % 5 = 0 THEN NULL
            WHEN education = '0-5yrs' THEN 'up to ' || n % 2
            ELSE education END AS education,
        induced, parity, spontaneous) f;

-- Every golden value is met, and what else is listed has no effect of its own.
SELECT name, count(g.model) AS golden,
    count(*) FILTER (WHERE abs(c.coefficient / g.coefficient - 1) < 1e-6) AS coefficients,
    count(*) FILTER (WHERE abs(c.std_error / g.std_error - 1) < 1e-5) AS std_errors,
    string_agg(concat_ws(' ', c.feature, c.level), ', ' ORDER BY c.feature, c.level COLLATE "C")
        FILTER (WHERE g.model IS NULL) AS others
FROM model m
CROSS JOIN LATERAL lead_model_coefficients(m.model) c
FULL JOIN golden g ON g.model = m.name AND g.feature = c.feature
    AND g.level IS NOT DISTINCT FROM c.level
GROUP BY name
ORDER BY name;

-- A number has one row; a category lists its reference, at zero, too.
SELECT feature, level, round(coefficient::numeric, 4) AS coefficient,
    round(std_error::numeric, 4) AS std_error, round(z::numeric, 3) AS z,
    round(p_value::numeric, 6) AS p_value, round(odds_ratio::numeric, 4) AS odds_ratio
FROM model m, lead_model_coefficients(m.model)
WHERE name = 'plain';

-- Wald p-values, as summary(glm) prints them.
SELECT feature, c.level, abs(c.p_value / g.p_value - 1) < 1e-4 AS p_value
FROM model m
CROSS JOIN LATERAL lead_model_coefficients(m.model) c
JOIN (VALUES ('age', NULL, 2.04605286655568e-01),
        ('education', '12+ yrs', 2.82754441451288e-01),
        ('spontaneous', NULL, 4.21777537927127e-11)) g(feature, level, p_value) USING (feature)
WHERE name = 'plain' AND c.level IS NOT DISTINCT FROM g.level
ORDER BY feature;

-- An unseen level adds what the average row adds: the mean of the effects.
SELECT name, feature, abs(u.coefficient - mean) < 1e-12 AS mean_effect, u.std_error
FROM model m
CROSS JOIN LATERAL lead_model_coefficients(m.model) u
CROSS JOIN LATERAL (SELECT avg(c.coefficient) AS mean
    FROM woman w, lead_model_coefficients(m.model) c
    WHERE c.feature = 'education' AND c.level = w.education) mean
WHERE u.level = '(unseen)' AND name = 'plain';

-- What a maximum must show: the scores of all rows add up to the positives,
-- and so do those of each level and each feature's weighted values.
SELECT abs(sum(score) - 83) < 1e-6 AS positives,
    abs(sum(score * age) - sum(age) FILTER (WHERE label)) < 1e-5 AS age,
    abs(sum(score) FILTER (WHERE education = '0-5yrs') - 4) < 1e-6 AS level,
    count(*)
FROM (SELECT w.*, lead_score(m.model, w) AS score FROM model m, woman w WHERE name = 'plain') s;

-- Margins by hand.
SELECT name, max(abs(margin - (SELECT sum(coefficient * CASE feature
        WHEN '(intercept)' THEN 1
        WHEN 'education' THEN (level = education)::integer
        ELSE (to_jsonb(s) -> feature)::float8 END)
    FROM lead_model_coefficients(model)))) < 1e-9 AS by_hand
FROM (SELECT m.*, w.*, lead_margin(m.model, w) AS margin FROM model m, woman w
    WHERE name IN ('plain', 'weighted')) s
GROUP BY name
ORDER BY name;

-- A weight counts like so many equal rows; weight 0 and NULL like none.
CREATE FUNCTION apart(a lead_model, b lead_model) RETURNS float8
LANGUAGE SQL AS $$
    SELECT max(greatest(abs(x.coefficient - y.coefficient), abs(x.std_error - y.std_error)))
        + CASE WHEN count(*) = count(x.feature) AND count(*) = count(y.feature)
            THEN 0 ELSE 'infinity'::float8 END
    FROM lead_model_coefficients(a) x
    FULL JOIN lead_model_coefficients(b) y ON x.feature = y.feature
        AND x.level IS NOT DISTINCT FROM y.level
$$;
SELECT options, apart(weighted, replicated) < 1e-9 AS as_replicated,
    (lead_model_summary(weighted)).rows AS weighted_rows,
    (lead_model_summary(weighted)).skipped,
    (lead_model_summary(replicated)).rows AS replicated_rows
FROM (VALUES ('{"l2": 0, "folds": 0}'::jsonb), ('{"l2": 3, "folds": 0}'),
        ('{"l1": 2, "l2": 1, "folds": 0}')) o(options),
LATERAL (SELECT lead_model_agg(label, f, w, options) FILTER (WHERE k = 1) AS weighted,
        lead_model_agg(label, f, options) FILTER (WHERE k <= w) AS replicated
    FROM (SELECT w.*, CASE n % 4 WHEN 3 THEN NULL ELSE n % 4 END AS w FROM woman w) w,
        generate_series(1, 2) k,
        LATERAL (SELECT age, education, induced, parity, spontaneous) f
    WHERE k <= greatest(w, 1)
) m;

-- Units do not matter: neither without a penalty nor, numbers being
-- standardised, with one.
CREATE TYPE units AS (age float8, education text, induced float8, parity float8);
CREATE VIEW both_units AS
SELECT label, ROW(age, education, induced, parity)::units AS r,
    ROW(age * 1e6 - 4e7, education, -induced / 1e9, parity + 1e6)::units AS s
FROM woman;
SELECT options, max(abs(lead_margin(raw, r) - lead_margin(scaled, s))) < 1e-8 AS same_scores
FROM (VALUES ('{"l2": 0, "folds": 0}'::jsonb), ('{"l2": 5, "folds": 0}'),
        ('{"l1": 2, "folds": 0}')) o(options),
LATERAL (SELECT lead_model_agg(label, r, options) AS raw,
        lead_model_agg(label, s, options) AS scaled
    FROM both_units) m,
both_units
GROUP BY options
ORDER BY options;

-- A stronger ridge shrinks; a strong lasso leaves the intercept alone.
SELECT l2, round(sum(coefficient ^ 2)::numeric, 4) AS size, count(std_error) AS std_errors
FROM (VALUES (0.0), (1), (10), (100), (1e6)) p(l2),
LATERAL (SELECT lead_model_agg(label, f, jsonb_build_object('l2', l2, 'folds', 0)) AS m
    FROM woman, LATERAL (SELECT age, education, induced, parity, spontaneous) f) m,
lead_model_coefficients(m)
WHERE feature IN ('induced', 'spontaneous')
GROUP BY l2
ORDER BY l2;
SELECT feature, level, round(coefficient::numeric, 9) AS coefficient, std_error
FROM (SELECT lead_model_agg(label, f, '{"l1": 1000, "folds": 0}') AS m
    FROM woman, LATERAL (SELECT age, education, spontaneous) f) m, lead_model_coefficients(m);
SELECT round(ln(83 / 165.0), 9) AS base_rate;

-- Other types, and numbers in an array, carry the same model.
SELECT string_agg(concat_ws(' ', b.feature, b.level), ', ' ORDER BY b.n) AS names,
    max(abs(a.coefficient - b.coefficient)) < 1e-12 AS same
FROM (SELECT lead_model_agg(label, f, '{"l2": 0, "folds": 0}') AS other FROM woman, LATERAL (
    SELECT age::numeric, education::char(10), induced::real, ARRAY[parity, spontaneous] AS pair) f) o
CROSS JOIN lead_model_coefficients(other) WITH ORDINALITY AS b(feature, level, coefficient, e, z, p, o, n)
JOIN (SELECT row_number() OVER () AS n, c.coefficient
    FROM model m, lead_model_coefficients(m.model) c WHERE name = 'plain') a USING (n);

SET client_min_messages = warning;
DROP SCHEMA lead_golden CASCADE;
