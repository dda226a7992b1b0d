/*
 * Generated leads: 20 standard normal columns and an outcome that follows a
 * logistic truth, about one in five positive.  psql variable: rows.
 */
CREATE SCHEMA bench;

-- one row a run; the order of the first runs is the order of the report
CREATE TABLE bench.result (
    position   integer GENERATED ALWAYS AS IDENTITY,
    section    text,
    step       text,
    run        integer,
    seconds    float8,
    rows       bigint   -- NULL where rows per second say nothing
);

-- what a section compares, for the report
CREATE TABLE bench.about (section text PRIMARY KEY, words text);

-- versions of what the peers run on
CREATE TABLE bench.peer (
    position   integer GENERATED ALWAYS AS IDENTITY,
    item       text,
    value      text
);

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

/*
 * Run the queries three times and note each run's seconds, commit included;
 * the clean-up before each run is not timed.  With a number of rows, rows per
 * second are reported too.
 */
CREATE PROCEDURE bench.measure(
    section    text,
    step       text,
    queries    text[],
    cleanup    text DEFAULT NULL,
    rows       bigint DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
    query    text;
    started  timestamptz;
BEGIN
    FOR run IN 1..3 LOOP
        IF cleanup IS NOT NULL THEN
            EXECUTE cleanup;
            COMMIT;
        END IF;
        started := clock_timestamp();
        FOREACH query IN ARRAY queries LOOP
            EXECUTE query;
        END LOOP;
        COMMIT;
        INSERT INTO bench.result (section, step, run, seconds, rows)
        VALUES (section, step, run,
                extract(epoch FROM clock_timestamp() - started), rows);
        COMMIT;
    END LOOP;
END
$$;
