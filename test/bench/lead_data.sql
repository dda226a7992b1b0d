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
    seconds    float8
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

SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.42) AS seeded \gset

CREATE TABLE bench.lead AS
SELECT id::bigint, random() < 1 / (1 + exp(2 - (:margin))) AS y, x.*
FROM generate_series(1, :rows) AS id,
     LATERAL (SELECT :normals OFFSET 0 * id) AS x;

VACUUM (FREEZE, ANALYZE) bench.lead;

/*
 * Run the queries three times and note each run's seconds, commit included;
 * the clean-up before each run is not timed.
 */
CREATE PROCEDURE bench.measure(
    section    text,
    step       text,
    queries    text[],
    cleanup    text DEFAULT NULL)
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
        INSERT INTO bench.result (section, step, run, seconds)
        VALUES (section, step, run,
                extract(epoch FROM clock_timestamp() - started));
        COMMIT;
    END LOOP;
END
$$;
