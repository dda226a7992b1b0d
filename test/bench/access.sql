/*
 * Whole tables read under rules: the four ways in turn, round by round, so that
 * the machine's speed is the same for all.
 */
SET search_path = bench, sales_intel;
SET client_min_messages = warning;

CREATE PROCEDURE read(named text, sees text, query text, entrant text)
LANGUAGE plpgsql
AS $$
DECLARE
    target   text := CASE entrant WHEN 'plain policies' THEN 'bench.plain_deal'
                     WHEN 'by hand' THEN 'bench.deal WHERE ' || by_hand(named, sees) ELSE 'bench.deal' END;
    started  timestamptz;
    ms       float8;
    found    text;
BEGIN
    IF entrant IN ('rules', 'plain policies') THEN
        CALL become(sees);
    END IF;
    started := clock_timestamp();
    EXECUTE format(query, target) INTO found;
    ms := extract(epoch FROM clock_timestamp() - started) * 1000;
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
    INSERT INTO reading (rule, sees, query, workers, entrant, ms, answer)
    VALUES (named, sees, query, current_setting('max_parallel_workers_per_gather')::integer, entrant, ms, found);
    COMMIT;
END
$$;

CREATE PROCEDURE read_in_turn(named text, readers text[], rounds integer)
LANGUAGE plpgsql
AS $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT reader, query, entrant
               FROM unnest(readers) AS reader,
                   unnest(ARRAY['SELECT count(*) FROM %s', 'SELECT count(*), sum(amount) FROM %s',
                       'SELECT count(*), sum(s), max(m) FROM (SELECT region, sum(amount) AS s, max(closes) AS m FROM %s GROUP BY region) AS t'
                   ]) AS query,
                   generate_series(1, rounds) AS run,
                   unnest('{no policy,by hand,plain policies,rules}'::text[]) WITH ORDINALITY AS e(entrant, place)
               ORDER BY array_position(readers, reader), query, run, place LOOP
        CALL read(named, one.reader, one.query, one.entrant);
    END LOOP;
END
$$;

-- Of a rep under a rule; of nobody without policy.
CREATE PROCEDURE note_plan(named text, sees text DEFAULT NULL)
LANGUAGE plpgsql
AS $$
DECLARE
    lines  text[] := '{}';
    found  text;
BEGIN
    IF sees IS NOT NULL THEN
        CALL become(sees);
    END IF;
    FOR found IN EXECUTE 'EXPLAIN (COSTS OFF) SELECT count(*), sum(amount) FROM deal' LOOP
        lines := lines || found;
    END LOOP;
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
    INSERT INTO plan (rule, line) SELECT named, unnest(lines);
END
$$;

SELECT format('CALL follow(%L)', rule),
       'SET max_parallel_workers_per_gather = 0',
       format('CALL read_in_turn(%L, %L, 5)', rule, readers),
       'SET max_parallel_workers_per_gather = 2',
       format('CALL read_in_turn(%L, %L, 5)', rule, readers[:1]),
       format('CALL note_plan(%L, %L)', rule, readers[1])
FROM rule WHERE readers <> '{}' ORDER BY position
\gexec

-- the three that obey see the same; every plan is as parallel as without policy
SELECT 1 / (count(*) = 0)::integer AS same
FROM (SELECT FROM reading WHERE entrant <> 'no policy'
      GROUP BY rule, sees, query HAVING count(DISTINCT answer) > 1) AS t \gset
CALL note_plan('no policy');
SELECT 1 / (count(*) = 0)::integer AS parallel
FROM (SELECT FROM plan GROUP BY rule
      HAVING NOT bool_or(line ~ 'Gather') AND (SELECT bool_or(line ~ 'Gather') FROM plan WHERE rule = 'no policy')) AS p \gset
