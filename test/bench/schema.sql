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

-- what came out, by question; all sources of a question must agree
CREATE TABLE bench.answer (
    position   integer GENERATED ALWAYS AS IDENTITY,
    question   text,
    source     text,
    answer     text
);

-- seconds of a processor that this backend has used: fields 14 and 15, in
-- hundredths, of which the second is the name in parentheses
CREATE FUNCTION bench.processor()
RETURNS float8
LANGUAGE sql
RETURN (SELECT (field[12]::float8 + field[13]::float8) / 100
        FROM string_to_array(
                 regexp_replace(pg_read_file('/proc/self/stat'), '^.*\) ', ''),
                 ' ') AS field);

/*
 * Run a query of one text three times and note each run's seconds and answer;
 * twice will do for one that takes long.
 */
CREATE PROCEDURE bench.ask(
    section   text,
    step      text,
    question  text,
    query     text,
    rows      bigint DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
    found      text;
    begun      timestamptz := clock_timestamp();
    started    timestamptz;
    processor  float8;
BEGIN
    FOR run IN 1..3 LOOP
        EXIT WHEN run = 3 AND clock_timestamp() > begun + interval '15 s';
        processor := bench.processor();
        started := clock_timestamp();
        EXECUTE query INTO found;
        INSERT INTO bench.result (section, step, run, seconds, rows, processor)
        VALUES (section, step, run,
                extract(epoch FROM clock_timestamp() - started), rows,
                bench.processor() - processor);
        INSERT INTO bench.answer (question, source, answer)
        VALUES (question, section || ': ' || step, found);
        COMMIT;
    END LOOP;
END
$$;
