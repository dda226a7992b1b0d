/*
 * The tables of doc/benchmarks-access.md, as Markdown.
 */
\pset tuples_only
\pset format unaligned
SET search_path = bench;

CREATE TEMP VIEW read_median AS
SELECT rule, sees, workers, query, min(position) AS position,
       jsonb_object_agg(entrant, ms) AS ms
FROM (SELECT rule, sees, workers, query, entrant, min(position) AS position,
             percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms
      FROM reading GROUP BY rule, sees, workers, query, entrant) AS t
GROUP BY rule, sees, workers, query;

CREATE FUNCTION pg_temp.ratio(entrant text, ms jsonb)
RETURNS numeric
LANGUAGE sql
RETURN round((ms ->> entrant)::numeric / (ms ->> 'no policy')::numeric, 2);

CREATE TEMP VIEW short_median AS
SELECT section, step, entrant, min(position) AS position,
       round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, CASE WHEN min(ms) < 0.1 THEN 4 ELSE 3 END) AS shown
FROM short GROUP BY section, step, entrant;

\echo '## The rules'
\echo
\echo '| | any permit | no forbid |'
\echo '|---|---|---|'
SELECT format('| %s | `%s` | `%s` |', rule, permit, forbid) FROM rule ORDER BY position;

SELECT format(E'\n## %s\n\n', CASE workers WHEN 0 THEN 'All rows, one process' ELSE 'All rows, two workers' END)
       || E'| rule | sees | query | no policy, ms | by hand | plain policies | rules |\n|---|---|---|---:|---:|---:|---:|\n'
       || string_agg(format('| %s | %s | `%s` | %s | %s | %s | %s |', rule, sees,
                            CASE WHEN query ~ 'GROUP BY' THEN 'sum(amount), max(closes) GROUP BY region'
                                ELSE substring(query FROM 'SELECT (.*) FROM') END,
                            round((ms ->> 'no policy')::numeric, 1), pg_temp.ratio('by hand', ms), pg_temp.ratio('plain policies', ms),
                            pg_temp.ratio('rules', ms)), E'\n' ORDER BY position)
FROM read_median GROUP BY workers ORDER BY workers;

\echo
\echo 'A plan with two workers; those of all rules above have a Gather:'
\echo
\echo '```text'
SELECT line FROM plan WHERE rule = 'teams' ORDER BY position;
\echo '```'

SELECT format(E'\n## %s\n\n| | %s |\n|---|%s', section, string_agg(entrant, ' | ' ORDER BY position),
              string_agg('---:|', '')) || E'\n' || (
           SELECT string_agg(line, E'\n' ORDER BY place)
           FROM (SELECT format('| %s | %s |', step, string_agg(shown::text, ' | ' ORDER BY position)) AS line, min(position) AS place
                 FROM short_median AS m WHERE m.section = e.section GROUP BY step) AS l)
FROM (SELECT section, entrant, min(position) AS position FROM short GROUP BY section, entrant) AS e
GROUP BY section ORDER BY min(position);

\echo
SELECT format('Hence verification alone (text, key, HMAC, claims): %s us.  All of begin_identity, with principal and the token''s use: %s us.',
              cost ->> 'refused', cost ->> 'nothing')
FROM (SELECT jsonb_object_agg(substring(step FROM 'refused|nothing'), round(us::numeric, 1)) AS cost
      FROM (SELECT step, 1000 * (percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE entrant = 'with')
                                 - percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE entrant = 'without')) AS us
            FROM short WHERE section = 'Identity, ms' AND step ~ 'refused|nothing' GROUP BY step) AS t) AS c;
