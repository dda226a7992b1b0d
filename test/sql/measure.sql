-- Measures of sequences, distances, similarity.
SET search_path = public, sales_intel;
SET timezone = 'UTC';
SET extra_float_digits = 0;

-- The first six people of the mvad data (McVicar and Anyadike-Danes 2002, as
-- shipped with TraMineR), 70 months each.  Entropy and complexity over six
-- states are those of TraMineR: seqient(mvad.seq[1:6,]), seqici(mvad.seq[1:6,]).
-- Turbulence was computed from its definition (seqST) in Python with every
-- subsequence listed, the distances there by textbook recurrences.
CREATE TABLE mvad (id integer, spells text, entropy numeric, complexity numeric, turbulence numeric);
INSERT INTO mvad VALUES
    (1, 'EM/4 TR/2 EM/64', .072410, .045813, 3.076599182654),
    (2, 'FE/36 HE/34', .386625, .074855, 11.176173149107),
    (3, 'TR/24 FE/34 EM/10 JL/2', .612431, .163179, 6.411073443856),
    (4, 'TR/47 EM/14 JL/9', .476115, .117475, 4.807756306208),
    (5, 'FE/25 HE/45', .363752, .072607, 5.517961666356),
    (6, 'JL/1 TR/33 EM/36', .422595, .110676, 4.987055211042);
CREATE TABLE person AS
SELECT id, (SELECT sequence_agg('1993-09-01'::timestamptz + (spell * 1000 + month) * interval '1 hour', split_part(text, '/', 1))
            FROM regexp_split_to_table(spells, ' ') WITH ORDINALITY AS s(text, spell), generate_series(1, split_part(text, '/', 2)::integer) month) AS s,
    entropy, complexity, turbulence
FROM mvad;
SELECT id, length(s), round(sequence_entropy(s, 6)::numeric, 6) - entropy AS entropy, round(sequence_complexity(s, 6)::numeric, 6) - complexity AS complexity,
    round(sequence_turbulence(s)::numeric - turbulence, 10) AS turbulence
FROM person ORDER BY id;
SELECT a.id AS a, b.id AS b, sequence_distance(a.s, b.s, 'lcs') AS lcs, sequence_distance(a.s, b.s, 'om') AS om,
    sequence_distance(b.s, a.s, 'levenshtein') AS levenshtein, sequence_distance(a.s, b.s, 'hamming') AS hamming
FROM person a JOIN person b ON a.id < b.id ORDER BY a, b;

CREATE FUNCTION spell(events text) RETURNS event_sequence LANGUAGE sql AS $$
    SELECT sequence_agg('2025-01-01'::timestamptz + i * interval '1 hour', e) FROM regexp_split_to_table(events, ' ') WITH ORDINALITY AS t(e, i)
$$;

-- Over the events of the sequence itself; the ends of the scale.
SELECT e, sequence_entropy(spell(e)) AS entropy, sequence_entropy(spell(e), 10) AS of_10, sequence_complexity(spell(e)) AS complexity,
    sequence_turbulence(spell(e)) AS turbulence
FROM unnest('{a,a a a,a b,a a b b,a b a b,a b c d}'::text[]) e;

-- Distances: names that only one has, lengths that differ.
SELECT a, b, sequence_distance(spell(a), spell(b), 'lcs') AS lcs, sequence_distance(spell(a), spell(b), 'om') AS om,
    sequence_distance(spell(a), spell(b), 'levenshtein') AS levenshtein,
    CASE WHEN length(spell(a)) = length(spell(b)) THEN sequence_distance(spell(a), spell(b), 'hamming') END AS hamming
FROM (VALUES ('a b c', 'a b c'), ('a b c', 'c b a'), ('a b c', 'x y z'), ('x b z', 'a b c'), ('a', 'a b c d'), ('k i t t e n', 's i t t i n g')) v(a, b);

-- Similarity: the share of the list that is there in its order.
SELECT p, sequence_similarity(spell('greet ask ask offer thank'), p) AS similarity
FROM (VALUES ('{greet,ask,offer}'::text[]), ('{offer,ask}'), ('{greet,discount,offer,thank}'), ('{nothing}'), ('{ask,ask,ask}')) v(p);

SELECT sequence_entropy(NULL) IS NULL, sequence_complexity(NULL) IS NULL, sequence_turbulence(NULL) IS NULL,
    sequence_distance(NULL, NULL, 'lcs') IS NULL, sequence_similarity(NULL, '{a}') IS NULL;

-- Errors.
SELECT sequence_entropy(spell('a b c'), 2);
SELECT sequence_complexity(spell('a b c'), -1);
SELECT sequence_distance(spell('a'), spell('b'), 'dtw');
SELECT sequence_distance(spell('a'), spell('b a'), 'hamming');
SELECT sequence_similarity(spell('a'), '{}');
SELECT sequence_similarity(spell('a'), '{{a},{b}}');
SELECT sequence_similarity(spell('a'), '{a,NULL}');
CREATE TABLE long AS SELECT sequence_agg('2025-01-01'::timestamptz + i * interval '1 hour', 'a') AS s FROM generate_series(1, 100000) i;
SET sales_intel.fit_memory = '1MB';
SELECT sequence_distance(s, s, 'lcs') FROM long;
RESET sales_intel.fit_memory;

DROP FUNCTION spell;
DROP TABLE mvad, person, long;
