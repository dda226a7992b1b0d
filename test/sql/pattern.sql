-- Patterns: what they mean, which matches are found, what is refused.
SET search_path = public, sales_intel;
SET timezone = 'UTC';

-- A sequence from a text: each letter an event, a digit the seconds before it.
CREATE FUNCTION spell(spelling text) RETURNS event_sequence LANGUAGE sql AS $$
    SELECT sequence_agg('2025-01-01'::timestamptz + sum_seconds * interval '1 second', letter, place)
    FROM (SELECT m[2] AS letter, i AS place, sum(COALESCE(NULLIF(m[1], '')::integer, 1)) OVER (ORDER BY i) AS sum_seconds
          FROM regexp_matches(spelling, '([0-9]*)([a-z])', 'g') WITH ORDINALITY AS r(m, i)) t
$$;

CREATE TEMP TABLE example AS SELECT spell('abcabbcxa') AS s;

SELECT pattern, sequence_match(s, pattern) AS match, sequence_count(s, pattern) AS count,
    (SELECT string_agg(positions::text, ' ' ORDER BY match) FROM sequence_find(s, pattern)) AS found
FROM example, unnest(ARRAY['a', 'a b', 'a c', 'a ... c', 'a . c', 'b+', 'b+ c', 'a b* c', 'a b{2} c', 'a b{1,2} c',
    'a b{3,} c', '(a|b) c', 'c (a|x)', 'a (b c|b b)', '!a', '!(a|b)', 'a !c* x', 'x a?', 'x a', '.', '. . .',
    'a ... b ... c', '"a"b', 'a|x', 'nothing', '!nothing', 'c ... (b x | b c)', '... a ...']) WITH ORDINALITY AS p(pattern, i)
ORDER BY i;

-- Time: from the event matched before.  Events at 1, 11, 13, 33, 34 seconds.
CREATE TEMP TABLE timed AS SELECT spell('1a10b2c20b1c') AS s;
SELECT pattern, sequence_count(s, pattern) AS count,
    (SELECT string_agg(positions::text, ' ' ORDER BY match) FROM sequence_find(s, pattern)) AS found
FROM timed, unnest(ARRAY['a [<= 10s] b', 'a [< 10s] b', 'a [> 9999ms] b', 'a ... [> 10s] b', 'a ... [> 10s] [< 33s] c',
    'a ... [>= 0.2min] c', 'a [<= 12 s] ... c', 'a b [<= 2s] c', 'b [<= 2s] c', 'b [= 1s] c', 'a ... b [<= 2s] c',
    'a (... [<= 20s] .)+', '(b [<= 1s] c | b [> 1s] c) ... b', 'a .* [<= 1s] c', 'a ... [<= 1s] c', 'b ... [> 1h] c']) WITH ORDINALITY AS p(pattern, i)
ORDER BY i;

-- Events at the same time without tie-breaks come in the order of their names.
SELECT sequence_match(s, 'a b') AS a_b, sequence_match(s, 'b a') AS b_a,
    sequence_match(s, 'a [> 0s] b') AS later, sequence_match(s, 'a [= 0s] b') AS together
FROM (SELECT sequence_agg('2025-01-01'::timestamptz, e) AS s FROM unnest('{b,a}'::text[]) e) t;

-- Times of a match; names of any kind.
SELECT * FROM timed, LATERAL (SELECT start_at, end_at, positions FROM sequence_find(s, 'b ... c')) f
ORDER BY start_at;
SELECT sequence_match(sequence_agg(at, event), '"first call" [<= 2h] "said ""yes"""')
FROM (VALUES ('2025-01-01 10:00'::timestamptz, 'first call'), ('2025-01-01 11:00', 'said "yes"')) t(at, event);

-- A match in each of many sequences, with patterns of rows.
SELECT pattern, count(*) FILTER (WHERE sequence_match(s, pattern))
FROM (SELECT spell(repeat('a', i % 3) || 'b' || repeat('c', i % 5)) AS s FROM generate_series(1, 30) i) t,
    (VALUES ('a b'), ('a{2} ... c{4}'), ('b c*')) p(pattern)
GROUP BY pattern ORDER BY pattern;

-- NULL.
SELECT sequence_match(NULL, 'a') IS NULL, sequence_count(s, NULL) IS NULL,
    (SELECT count(*) FROM sequence_find(s, NULL)) FROM example;

-- A million events, every way open: each step is one more set of bits.
SELECT sequence_count(s, 'a ... [<= 90s] [> 5s] b ... [> 1h] c ... [<= 2min] a') AS gated,
    sequence_match(s, '(a|b)* (. !c){3} ... [> 11d] x') AS never
FROM (SELECT sequence_agg('2025-01-01'::timestamptz + i * interval '1 second', substr('abc', i % 3 + 1, 1)) AS s
      FROM generate_series(1, 1000000) i) t;

-- What is refused, and where.
\set VERBOSITY terse
CREATE FUNCTION fault(pattern text, events text[] DEFAULT NULL) RETURNS TABLE(state text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
    IF events IS NULL THEN
        PERFORM sequence_match(s, pattern) FROM example;
    ELSE
        PERFORM sequence_match(s, pattern, events) FROM example;
    END IF;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;
\pset format unaligned
SELECT f.* FROM unnest(ARRAY['', 'a & b', 'ä ü &  ä ü ä ü ä ü ä ü', 'a "b', '(a', 'a)', 'a**', 'a{2,1}', '!.', 'a .... b', 'a [5s] b', 'a [<= 5m] b',
    'a [<= 0.5us] b', '[<= 5s] a', 'a [<= 5s]', 'a [< 5s] [> 5s] b', 'a{1000}', repeat('(', 65), '(?1)(?2)']) WITH ORDINALITY AS p(pattern, i), fault(pattern) f
ORDER BY i;
SELECT f.* FROM unnest(ARRAY['(?3)', '(?1', 'a', '(?1)(?t~5)(?2)', '(?t>5)(?1)']) WITH ORDINALITY AS p(pattern, i), fault(pattern, '{a,b}') f
ORDER BY i;
\pset format aligned
\set VERBOSITY default
SELECT sequence_match(s, 'a{513}') FROM example;
SELECT sequence_match(s, '(?1)', ARRAY['a', NULL]) FROM example;
SELECT sequence_match(s, '(?1)', '{{a,b},{c,d}}') FROM example;
SET sales_intel.fit_memory = '1MB';
SELECT count(*) FROM (SELECT sequence_agg('2025-01-01'::timestamptz + i * interval '1 second', 'a') AS s
                      FROM generate_series(1, 20000) i) t, sequence_find(s, 'a{512}');
RESET sales_intel.fit_memory;

DROP FUNCTION spell, fault;
