-- The bank campaign data as a whole: coefficients against R, quality, warnings.
-- test/data/README.md says where the data comes from.
CREATE SCHEMA lead_bank;
SET search_path = lead_bank, sales_intel;
SET extra_float_digits = 0;

CREATE TABLE bank (
    age integer, job text, marital text, education text, "default" text,
    housing text, loan text, contact text, month text, day_of_week text,
    duration integer, campaign integer, pdays integer, previous integer,
    poutcome text, "emp.var.rate" float8, "cons.price.idx" float8,
    "cons.conf.idx" float8, euribor3m float8, "nr.employed" float8, y text
);
\copy bank FROM PROGRAM 'gzip -dc test/data/bank-additional-full.csv.gz' WITH (FORMAT csv, DELIMITER ';', HEADER)
SELECT count(*), count(*) FILTER (WHERE y = 'yes') AS positives FROM bank;

-- Golden values: R 4.2.2, every category releveled to its commonest level,
--     glm(y ~ age + campaign + ..., binomial, b, control = list(epsilon = 1e-14))
-- without duration and default (3 rows, "yes", are separated), and without the
-- column "loan unknown", which equals "housing unknown".
CREATE TABLE golden (feature text, level text, coefficient float8, std_error float8);
INSERT INTO golden VALUES
    ('(intercept)', NULL, -229.211050209, 33.3884276844),
    ('age', NULL, -0.000556938795318, 0.00211393610552),
    ('campaign', NULL, -0.0432344130458, 0.00918563837928),
    ('cons.conf.idx', NULL, 0.0291229872768, 0.00699286362387),
    ('cons.price.idx', NULL, 2.0799742177, 0.220465093887),
    ('contact', 'telephone', -0.737989753725, 0.0671452824588),
    ('day_of_week', 'fri', -0.0799586982104, 0.0557637539557),
    ('day_of_week', 'mon', -0.287981479098, 0.055518521873),
    ('day_of_week', 'tue', -0.0203073998633, 0.0551389908208),
    ('day_of_week', 'wed', 0.0862002660206, 0.0545370875481),
    ('education', 'basic.4y', -0.138585510525, 0.0799738872404),
    ('education', 'basic.6y', -0.0181839575071, 0.0963699756367),
    ('education', 'basic.9y', -0.143922500373, 0.0708411873009),
    ('education', 'high.school', -0.0795052859177, 0.0526231782543),
    ('education', 'illiterate', 0.751442509227, 0.649820088846),
    ('education', 'professional.course', -0.0673239952193, 0.0660308486476),
    ('education', 'unknown', -0.0232933832384, 0.0916599904923),
    ('emp.var.rate', NULL, -1.48467155244, 0.124322175592),
    ('euribor3m', NULL, 0.199215824491, 0.114588008616),
    ('housing', 'no', 0.0303632651052, 0.0360733246247),
    ('housing', 'unknown', -0.0558736774044, 0.118842283667),
    ('job', 'blue-collar', -0.173465047898, 0.0686174826733),
    ('job', 'entrepreneur', -0.0750121535109, 0.107294643626),
    ('job', 'housemaid', -0.0963802096695, 0.128236436294),
    ('job', 'management', -0.061081632462, 0.0752209196686),
    ('job', 'retired', 0.252753563461, 0.0942621947492),
    ('job', 'self-employed', -0.0733365453112, 0.101977824054),
    ('job', 'services', -0.140619783136, 0.0751624119956),
    ('job', 'student', 0.180475758607, 0.100352029572),
    ('job', 'technician', -0.015035107615, 0.0623317909657),
    ('job', 'unemployed', -0.0327704286063, 0.111317705814),
    ('job', 'unknown', -0.202015116113, 0.21069118032),
    ('loan', 'yes', -0.0248583139095, 0.0498769674714),
    ('marital', 'divorced', -0.0349970997644, 0.0600571871896),
    ('marital', 'single', 0.0487941751779, 0.0451502057581),
    ('marital', 'unknown', 0.285583580196, 0.369449821107),
    ('month', 'apr', 0.410898890327, 0.0722454634895),
    ('month', 'aug', 0.878893813778, 0.0831760287251),
    ('month', 'dec', 0.870988916085, 0.177853672158),
    ('month', 'jul', 0.473492838993, 0.0784292237699),
    ('month', 'jun', -0.239121304321, 0.125940011193),
    ('month', 'mar', 1.91426850999, 0.110647537979),
    ('month', 'nov', -0.0215245130075, 0.0911983812042),
    ('month', 'oct', 0.460525138034, 0.117017390347),
    ('month', 'sep', 0.659414287894, 0.135051070407),
    ('nr.employed', NULL, 0.00659202809317, 0.00271813396873),
    ('pdays', NULL, -0.00109089021491, 0.00020029199168),
    ('poutcome', 'failure', -0.446548006168, 0.0863574366226),
    ('poutcome', 'success', 0.325641696482, 0.197001973816),
    ('previous', NULL, -0.0621260891634, 0.0557564714164);

CREATE TABLE model AS
SELECT lead_model_agg(y = 'yes', b, '{"exclude": ["y", "duration", "default"], "l2": 0, "folds": 0}')
    AS exact
FROM bank b;

SELECT count(g.feature) AS golden,
    count(*) FILTER (WHERE abs(c.coefficient / g.coefficient - 1) < 1e-6) AS coefficients,
    count(*) FILTER (WHERE abs(c.std_error / g.std_error - 1) < 1e-5) AS std_errors
FROM golden g
LEFT JOIN (SELECT c.* FROM model, lead_model_coefficients(exact) c) c
    ON g.feature = c.feature AND g.level IS NOT DISTINCT FROM c.level;

-- What is not golden: references, unseen levels, and the collinear level.
SELECT c.feature, c.level, round(coefficient::numeric, 4) AS coefficient, std_error
FROM model, lead_model_coefficients(exact) c
WHERE NOT EXISTS (SELECT FROM golden g
    WHERE g.feature = c.feature AND g.level IS NOT DISTINCT FROM c.level)
ORDER BY c.feature, c.level COLLATE "C";
SELECT w.* FROM model, lead_model_warnings(exact) w;

-- logLik(glm) / 41188
SELECT round(log_loss(lead_score(exact, b), y = 'yes')::numeric, 9) AS log_loss,
    round(roc_auc(lead_score(exact, b), y = 'yes')::numeric, 6) AS in_sample_auc
FROM model, bank b;

-- Out of fold, with all defaults.
ALTER TABLE model ADD honest lead_model, ADD leaky lead_model;
UPDATE model
SET (honest, leaky) = (SELECT lead_model_agg(y = 'yes', b, '{"exclude": ["y", "duration"], "algorithm": "logistic"}'),
        lead_model_agg(y = 'yes', b, '{"exclude": ["y"], "algorithm": "logistic"}')
    FROM bank b);
SELECT name, algorithm, rows, positives, skipped, features, round(roc_auc::numeric, 2) AS roc_auc,
    round((auc_high - auc_low)::numeric, 3) AS width, round(log_loss::numeric, 2) AS log_loss,
    round(brier_score::numeric, 2) AS brier_score, usable,
    roc_auc >= 0.790 AS auc_bar, calibration_error <= 0.012 AS calibration_bar
FROM model, LATERAL (VALUES ('honest', honest), ('leaky', leaky)) v(name, m),
    LATERAL lead_model_summary(m) s
ORDER BY name;

-- The call's duration is known when its outcome is; the warning names it.
SELECT name, w.code, w.feature, left(message, 58) AS message
FROM model, LATERAL (VALUES ('honest', honest), ('leaky', leaky)) v(name, m),
    LATERAL lead_model_warnings(m) w
ORDER BY name, code, feature;

-- The reported quality is no illusion: a model of every other row does as well
-- on the rows between, within three standard errors of the difference (0.008
-- for the AUC), since which rows are odd depends on the order of the scan.
CREATE TABLE numbered AS SELECT row_number() OVER () AS n, bank.* FROM bank;
SELECT abs(auc - roc_auc) < 0.024 AS auc, abs(loss - log_loss) < 0.01 AS log_loss,
    abs(brier - brier_score) < 0.005 AS brier_score
FROM (SELECT (lead_model_summary(half)).*,
        (SELECT roc_auc(lead_score(half, b), y = 'yes') FROM numbered b WHERE n % 2 = 1) AS auc,
        (SELECT log_loss(lead_score(half, b), y = 'yes') FROM numbered b WHERE n % 2 = 1) AS loss,
        (SELECT brier_score(lead_score(half, b), y = 'yes') FROM numbered b WHERE n % 2 = 1) AS brier
    FROM (SELECT lead_model_agg(y = 'yes', b, '{"exclude": ["y", "duration", "n"], "algorithm": "logistic"}') AS half
        FROM numbered b WHERE n % 2 = 0) h) s;

-- Calibrated in ten bins of equal count.
SELECT max(abs(observed - mean_score)) < 0.03 AS calibrated
FROM (SELECT avg(score) AS mean_score, avg((y = 'yes')::integer) AS observed
    FROM (SELECT y, score, ntile(10) OVER (ORDER BY score) AS bin
        FROM (SELECT y, lead_score(honest, b) AS score FROM model, bank b) s) t
    GROUP BY bin) bins;

-- Three rows, all lost, in one pooled level: without a ridge that level has no
-- finite coefficient, so a ridge is set and said.
SELECT code, feature, message
FROM (SELECT lead_model_agg(y = 'yes', b, '{"include": ["default", "age"], "l2": 0, "folds": 0}') AS m
    FROM bank b) m, lead_model_warnings(m)
WHERE code = 'separation';

-- Grades on out-of-fold scores: about 10, 20, 30, 40 percent.
SELECT lead_grade(honest, lead_score(honest, b)) AS grade,
    round(100.0 * count(*) / 41188) AS percent,
    round(avg((y = 'yes')::integer), 1) AS conversion
FROM model, bank b
GROUP BY grade
ORDER BY grade;

SET client_min_messages = warning;
DROP SCHEMA lead_bank CASCADE;
