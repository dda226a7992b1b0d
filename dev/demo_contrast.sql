-- What winners do differently: real dialogues, where the honest answer is
-- nothing, and generated deals with a planted rule.  Run by dev/demo.sh after
-- demo.sql, in the same database.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SET search_path = "$user", public, sales_intel;
\pset footer off
\pset null ''
\pset pager off
\pset format wrapped

\ir ../test/data/persuasion.sql
\ir ../test/data/deals.sql

\echo
\echo '=== What winners do differently: real dialogues'
\echo 'In 300 dialogues one asks the other to give to a charity; 148 gave (Persuasion for'
\echo 'Good, Wang et al. 2019).  Every behaviour of the persuaders, and every order of two:'
\echo
CREATE TABLE dialogue AS
SELECT dialogue, donation > 0 AS gave, sequence_agg(at, behaviour) AS s
FROM persuasion_dialogue JOIN persuasion_behaviour USING (dialogue)
WHERE role = 'persuader'
GROUP BY dialogue;
\set ECHO queries
SELECT expression, round(odds_ratio::numeric, 1) AS odds, round(p_value::numeric, 4) AS p,
    round(q_value::numeric, 2) AS q, round(max_p::numeric, 2) AS max_p, tested
FROM (SELECT contrast_agg(s, gave) AS c FROM dialogue) AS d,
    contrast_patterns(c, '{"permutations": 10000}')
LIMIT 4;
\set ECHO none
\echo
\echo 'By their p-values a handful of behaviours make donors.  But 690 patterns were tried:'
\echo 'q says how many of such a list would be false, max_p how often chance alone finds'
\echo 'one as good.  The honest answer is: nothing was found.'

\echo
\echo '=== The same question of generated deals'
\echo '3,862 deals of 127 representatives.  Planted: a light validation path within 90 s of'
\echo 'a hesitation multiplies the odds of winning by 4.72, but for government.'
\echo
CREATE TABLE call AS
SELECT id, segment, rep, won, sequence_agg(at, event) AS s
FROM deal JOIN deal_event USING (id)
GROUP BY id, segment, rep, won;
\set ECHO queries
SELECT expression, round(odds_ratio::numeric, 2) AS odds, round(low::numeric, 2) AS low,
    round(high::numeric, 2) AS high, round(q_value::numeric, 4) AS q, round(max_p::numeric, 3) AS max_p, tested
FROM (SELECT contrast_agg(s, won, rep, '{}') AS c FROM call) AS d,
    contrast_patterns(c, '{"permutations": 1000}')
WHERE kind NOT LIKE '%outcome'
LIMIT 4;
\set ECHO none
\echo
\echo 'The first one stands, the others do not.  Its expression is a pattern: with a limit'
\echo 'on time it tells where the rule holds.'
\echo
\set ECHO queries
SELECT stratum, round(odds_ratio::numeric, 2) AS odds, round(low::numeric, 2) AS low,
    round(high::numeric, 2) AS high, verdict
FROM (SELECT stratified_agg(segment, sequence_match(s, 'hesitation ... [<= 90s] light_validation'), won) AS t
    FROM call) AS d, strata(t)
ORDER BY stratum;
\set ECHO none
