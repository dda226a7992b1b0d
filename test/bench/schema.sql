/*
 * Where a run of the benchmarks keeps its results, and how it takes them.
 */
CREATE SCHEMA bench;

-- one row a run; the order of the first runs is the order of the report
CREATE TABLE bench.result (
    position   integer GENERATED ALWAYS AS IDENTITY,
    section    text,
    step       text,
    run        integer,
    seconds    float8,
    rows       bigint,  -- NULL where rows per second say nothing
    processor  float8   -- seconds of one, NULL where not taken
);

-- what a section compares, for the report
CREATE TABLE bench.about (section text PRIMARY KEY, words text);

-- versions of what the peers run on
CREATE TABLE bench.peer (
    position   integer GENERATED ALWAYS AS IDENTITY,
    item       text,
    value      text
);

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
