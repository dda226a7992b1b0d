/*
 * Funnels, transitions and patterns of all events, in one backend and with two
 * workers, without an index and with one.  psql variable: events.
 */
SET search_path = bench, sales_intel;
SET client_min_messages = warning;
SET work_mem = '256MB';

\set reached 'SELECT string_agg(reached::text, '' '' ORDER BY step) FROM (SELECT funnel_summary_agg(entity, at, event, '
\set report ', ''7 days'') AS fs FROM event) AS f, funnel_report(fs)'
\set summary_dense :reached '''{R,S,T}''' :report
\set summary_rare :reached '''{A,B,C}''' :report

\set levels 'SELECT concat(count(*) FILTER (WHERE level >= 1), '' '', count(*) FILTER (WHERE level >= 2), '' '', count(*) FILTER (WHERE level >= 3)) FROM (SELECT funnel_level(funnel_agg(at, event, '
\set grouped ', ''7 days'')) AS level FROM event GROUP BY entity) AS f'
\set each_dense :levels '''{R,S,T}''' :grouped
\set each_rare :levels '''{A,B,C}''' :grouped

SELECT windows('R', 'S', 'T') AS windows_dense, windows('A', 'B', 'C') AS windows_rare
\gset
\set count 'SELECT sum(n)::text FROM (SELECT count(*) AS n FROM event GROUP BY entity) AS e'
\set scan 'SELECT count(*)::text FROM event'

\set total 'SELECT concat(count(*), '' '', sum(n), '' '', max(n)) FROM '
\set transitions :total '(SELECT count AS n FROM (SELECT transition_summary_agg(entity, at, event) AS m FROM event) AS f, transitions(m) AS t WHERE length(t.from_event) = 1 AND length(t.to_event) = 1) AS pair'
\set lead :total '(SELECT count(*) AS n FROM (SELECT event, lead(event) OVER (PARTITION BY entity ORDER BY at) AS next FROM event) AS f WHERE next IS NOT NULL GROUP BY event, next) AS pair'

\set match 'SELECT count(*)::text FROM (SELECT sequence_agg(at, event) AS s FROM event GROUP BY entity) AS e WHERE sequence_match(s, ''A ... B ... C'')'
\set regex 'SELECT count(*)::text FROM (SELECT string_agg(event, '''' ORDER BY at) AS s FROM event GROUP BY entity) AS e WHERE s ~ ''A.*B.*C'''

-- the first call of a backend loads the library
SELECT sequence_agg(now(), 'A') IS NOT NULL AS loaded \gset

\set section 'Funnel, a half of the events are steps'
CALL ask(:'section', '`funnel_summary_agg`', 'dense', :'summary_dense', :events);
CALL ask(:'section', 'plain SQL, window functions', 'dense', :'windows_dense', :events);
CALL ask(:'section', '`SELECT count(*)`, no funnel', 'events', :'scan', :events);

\set section 'Funnel, one event in 23 is a step'
CALL ask(:'section', '`funnel_summary_agg`', 'rare', :'summary_rare', :events);
CALL ask(:'section', 'plain SQL, window functions', 'rare', :'windows_rare', :events);

\set section 'A funnel for each entity: GROUP BY'
CALL ask(:'section', '`count(*)` with this GROUP BY, no funnel', 'events', :'count', :events);
CALL ask(:'section', '`funnel_agg`, a half are steps', 'dense', :'each_dense', :events);
CALL ask(:'section', '`funnel_agg`, one in 23 is', 'rare', :'each_rare', :events);

\set section 'Transitions between all kinds'
CALL ask(:'section', '`transition_summary_agg`', 'transitions', :'transitions', :events);
CALL ask(:'section', 'plain SQL, `lead()`', 'transitions', :'lead', :events);

\set section 'Entities that do A, later B, later C'
CALL ask(:'section', '`sequence_agg` and `sequence_match`', 'pattern', :'match', :events);
CALL ask(:'section', '`string_agg` and a regular expression', 'pattern', :'regex', :events);
SET enable_hashagg = off;
CALL ask(:'section', '`sequence_agg` and `sequence_match`, enable_hashagg off', 'pattern', :'match', :events);
SET enable_hashagg = on;

SET max_parallel_workers_per_gather = 2;
\set section 'The same with two parallel workers'
CALL ask(:'section', '`funnel_summary_agg`, a half are steps', 'dense', :'summary_dense', :events);
CALL ask(:'section', '`funnel_summary_agg`, one in 23 is', 'rare', :'summary_rare', :events);
CALL ask(:'section', '`count(*)` with GROUP BY', 'events', :'count', :events);
CALL ask(:'section', '`funnel_agg` with GROUP BY, a half are steps', 'dense', :'each_dense', :events);
CALL ask(:'section', '`transition_summary_agg`', 'transitions', :'transitions', :events);
CALL ask(:'section', '`sequence_agg` and `sequence_match`', 'pattern', :'match', :events);
SET max_parallel_workers_per_gather = 0;

\set gated 'SELECT sequence_count(s, ''A ... [<= 90s] B ... [<= 90s] C'')::text FROM long'
\set gated_never 'SELECT sequence_match(s, ''R [<= 90s] S [<= 90s] T [<= 90s] R [<= 90s] S [<= 90s] T ... [<= 0.00001s] A ... [<= 0.00001s] B'')::text FROM long'
\set section 'One sequence of a million events, conditions on time'
CALL ask(:'section', '`sequence_count`, A then B within 90 s then C within 90 s', 'gated', :'gated', 1000000);
CALL ask(:'section', '`sequence_match`, eight events, which never match', 'never', :'gated_never', 1000000);

-- with an index that holds all columns, one backend again
CREATE INDEX covering ON event (entity, at) INCLUDE (event);
VACUUM ANALYZE event;

\set section 'With an index on (entity, at) that includes the event'
INSERT INTO about VALUES (:'section',
'`enable_hashagg` is off for our aggregates and `count(*)`: the planner takes a hash table
for free and would not use the index.');
SET enable_hashagg = off;
CALL ask(:'section', '`count(*)` with GROUP BY', 'events', :'count', :events);
CALL ask(:'section', '`funnel_agg` with GROUP BY, a half are steps', 'dense', :'each_dense', :events);
CALL ask(:'section', '`funnel_agg` with GROUP BY, one in 23 is', 'rare', :'each_rare', :events);
CALL ask(:'section', '`sequence_agg` and `sequence_match`', 'pattern', :'match', :events);
SET enable_hashagg = on;
CALL ask(:'section', 'funnel by window functions, a half are steps', 'dense', :'windows_dense', :events);
CALL ask(:'section', 'transitions by `lead()`', 'transitions', :'lead', :events);
CALL ask(:'section', '`string_agg` and a regular expression', 'pattern', :'regex', :events);
DROP INDEX covering;

\set section 'Contrast of 146 behaviours over 3,862 conversations'
INSERT INTO about VALUES (:'section',
'All behaviours and their 21,316 ordered pairs, 60 utterances a conversation;
`contrast_agg` and `contrast_patterns` together. Clusters are 127 representatives.');
\set tested 'SELECT concat(max(tested), '' '', round(min(q_value)::numeric, 6)) FROM (SELECT contrast_agg('
\set patterns ') AS c FROM conversation) AS f, contrast_patterns(c, '
\set q_values :tested 's, won' :patterns '''{}'')'
\set q_clusters :tested 's, won, representative, ''{}''' :patterns '''{}'')'
\set draws :tested 's, won' :patterns '''{"permutations": 10000}'')'
\set draws_clusters :tested 's, won, representative, ''{}''' :patterns '''{"permutations": 10000}'')'
CALL ask(:'section', 'odds ratios, p- and q-values', 'contrast', :'q_values');
CALL ask(:'section', 'the same by cluster', 'contrast by cluster', :'q_clusters');
CALL ask(:'section', '10,000 permutations', 'contrast', :'draws');
CALL ask(:'section', '10,000 permutations of clusters', 'contrast by cluster', :'draws_clusters');

-- whatever the way, the same answer
SELECT count(*) = 0 AS same
FROM (SELECT question FROM answer
      GROUP BY question HAVING count(DISTINCT answer) > 1) AS torn
\gset
\if :same
\else
    \warn 'the answers differ'
    SELECT question, answer, count(*) FROM answer GROUP BY 1, 2 ORDER BY 1, 2;
    SELECT 1 / 0;
\endif
