/*
 * Generated leads: 20 standard normal columns and an outcome that follows a
 * logistic truth, about one in five positive.  psql variable: rows.
 */
-- of rows that no model has seen
CREATE TABLE bench.quality (
    position   integer GENERATED ALWAYS AS IDENTITY,
    source     text,
    roc_auc    float8
);

CREATE TABLE bench.memory (
    position     integer GENERATED ALWAYS AS IDENTITY,
    step         text,
    base         bigint,
    peak         bigint,
    model_bytes  bigint,
    algorithm    text
);

CREATE TABLE bench.coefficient (source text, name text, value float8);

INSERT INTO bench.coefficient
SELECT 'truth', 'intercept', -2
UNION ALL
SELECT 'truth', 'x' || j, round(0.5 * cos(j)::numeric, 3)
FROM generate_series(1, 20) AS j;

SELECT string_agg(format(
           'sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS x%s', j),
           ', ' ORDER BY j) AS normals,
       string_agg(format('%s * x%s', value, j), ' + ' ORDER BY j) AS margin
FROM generate_series(1, 20) AS j
JOIN bench.coefficient ON name = 'x' || j
\gset

\set law 'SELECT id::bigint, random() < 1 / (1 + exp(2 - (' :margin '))) AS y, x.* FROM id, LATERAL (SELECT ' :normals ' OFFSET 0 * id) AS x'

SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.42) AS seeded \gset

CREATE TABLE bench.lead AS
WITH id AS (SELECT generate_series(1, :rows) AS id)
:law;

SELECT setseed(0.43) AS seeded \gset

CREATE TABLE bench.holdout AS
WITH id AS (SELECT generate_series(1, 200000) AS id)
:law;

-- TreeSHAP takes its time: one row in fifty
CREATE TABLE bench.lead_few AS
SELECT * FROM bench.lead WHERE id <= :rows / 50;

VACUUM (FREEZE, ANALYZE) bench.lead, bench.holdout, bench.lead_few;
