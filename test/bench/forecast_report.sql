/*
 * The tables of doc/benchmarks-forecast.md, as Markdown.
 */
\pset tuples_only
\pset format unaligned
SET search_path = bench, sales_intel;

SET client_min_messages = warning;
SET work_mem = '256MB';

SELECT EXISTS (SELECT FROM series WHERE origin ~ '^M4') AS m4 \gset

ANALYZE forecast, range, quarter_error;
CREATE TEMP TABLE scored AS SELECT * FROM score;
CREATE TEMP TABLE owa AS
SELECT COALESCE(origin, split_part(min(origin), ' ', 1) || ' all') AS origin, entrant, count(*) AS series,
       avg(s.smape) AS smape, avg(s.mase) AS mase,
       (avg(s.smape) / avg(n.smape) + avg(s.mase) / avg(n.mase)) / 2 AS owa
FROM scored AS s
JOIN (SELECT origin, series, smape, mase FROM scored WHERE entrant = 'naive2 in R') AS n USING (origin, series)
GROUP BY GROUPING SETS ((origin, entrant), (split_part(origin, ' ', 1), entrant));

SELECT format(E'## Against R, monthly series\n\nHorizon %s. Of `%s`: %s series of %s values in the mean.\n',
              max(horizon), origin, count(*), (SELECT count(*) FROM past AS p WHERE p.origin = s.origin) / count(*))
FROM series AS s
WHERE origin = (SELECT min(origin) FROM race JOIN entry USING (entrant))
GROUP BY origin;
\echo '| | series | ms a series | processor | ratio | sMAPE | MASE | OWA |'
\echo '|---|---:|---:|---:|---:|---:|---:|---:|'
WITH best AS (
    SELECT origin, entrant, block, max(series) AS series, min(seconds) AS seconds, min(processor) AS processor
    FROM entry GROUP BY origin, entrant, block
), total AS (
    SELECT race.position, race.method, origin, entrant, sum(b.series) AS series,
           1000 * sum(seconds) / sum(b.series) AS ms, 1000 * sum(processor) / sum(b.series) AS processor
    FROM race JOIN best AS b USING (entrant) GROUP BY race.position, method, origin, entrant
)
SELECT format('| %s | %s | %s | %s | %s | %s | %s | %s |', entrant, t.series, round(ms::numeric, 2), round(t.processor::numeric, 2),
              round((ms / first_value(ms) OVER (PARTITION BY method ORDER BY position))::numeric, 1),
              round(smape::numeric, 3), round(mase::numeric, 4), round(owa::numeric, 4))
FROM total AS t JOIN owa USING (origin, entrant)
ORDER BY position;

\echo
\echo '## Many series in one query'
\echo
SELECT format(E'A table of %s rows in order of time, %s monthly series; models, intervals and\n12 forecasts of each. No index; the table is hashed by series.\n',
              (SELECT count(*) FROM sale), max(rows))
FROM result WHERE section = 'Many series in one query';
\echo '| | seconds | processor | ratio | series/s |'
\echo '|---|---:|---:|---:|---:|'
SELECT format('| %s | %s | %s | %s | %s |', step, round(min(seconds)::numeric, 2),
              CASE WHEN step !~ 'worker' THEN round(min(processor)::numeric, 2)::text END,
              round((min(seconds) / first_value(min(seconds)) OVER (ORDER BY min(position)))::numeric, 2),
              round(max(rows) / min(seconds)))
FROM result
WHERE section = 'Many series in one query'
GROUP BY step ORDER BY min(position);
\echo
\echo 'The plan of the two workers, with `enable_partitionwise_aggregate` on and'
\echo '`parallel_leader_participation` off:'
\echo
\echo '```text'
SELECT line FROM plan ORDER BY position;
\echo '```'

\echo
\echo '## Memory'
\echo
\echo 'Peak of the backend''s own memory (RssAnon, looked at every 10 ms) beyond what it had'
\echo 'before its first query of the extension; series of 24 months, work_mem 16 MB, MB by number of series.'
\echo
SELECT format(E'| rows grouped by | %s |\n|---|%s', string_agg(series::text, ' | ' ORDER BY series),
              string_agg('---:|', '' ORDER BY series))
FROM (SELECT DISTINCT series FROM memory) AS m;
SELECT format('| %s | %s |', step, string_agg(round(peak / 1e6, 1)::text, ' | ' ORDER BY series))
FROM memory GROUP BY step ORDER BY min(position);

\echo
\echo '## Accuracy by method'
\echo
\echo 'OWA against Naive2. "default" is no option at all, "fast" the profile.'
\echo
CREATE TEMP TABLE shown AS
SELECT o.*, row_number() OVER (ORDER BY place) AS place
FROM owa AS o
JOIN (SELECT entrant, min(position) AS place FROM entry GROUP BY entrant) AS e USING (entrant)
WHERE o.entrant !~ ' in (R|SQL)$' AND (origin ~ '^M1' OR origin = 'retail monthly');
SELECT format(E'| method | %s |\n|---|%s', string_agg(format('%s (%s)', origin, series), ' | ' ORDER BY origin),
              string_agg('---:|', '' ORDER BY origin))
FROM (SELECT origin, series FROM shown WHERE entrant = 'naive') AS o;
SELECT format('| %s | %s |', entrant, string_agg(round(owa::numeric, 4)::text, ' | ' ORDER BY origin))
FROM shown GROUP BY entrant ORDER BY min(place);

\if :m4
\echo
\echo 'Long series: M4, weekly and hourly. Naive2 and the scale are by season 1 of weeks and'
\echo '24 of hours, as in the competition.'
\echo
\echo '| | series | sMAPE | MASE | OWA | ms a series |'
\echo '|---|---:|---:|---:|---:|---:|'
SELECT format('| %s: %s | %s | %s | %s | %s | %s |', origin, entrant, o.series, round(smape::numeric, 3),
              round(mase::numeric, 4), round(owa::numeric, 4), round((1000 * seconds / o.series)::numeric))
FROM owa AS o JOIN entry USING (origin, entrant)
WHERE origin ~ '^M4' AND entrant !~ ' in R$'
ORDER BY position;
\endif

\echo
\echo '## Coverage of intervals'
\echo
\echo 'Share of held-back values within intervals of the default profile; "pooled" are those by'
\echo '`conformal_agg` of all series of that frequency. MSIS is the mean interval score of 95%,'
\echo 'scaled as MASE is.'
\echo
\echo '| | own, 80% | pooled, 80% | own, 95% | pooled, 95% | own, MSIS | pooled, MSIS |'
\echo '|---|---:|---:|---:|---:|---:|---:|'
WITH each AS (
    SELECT r.origin, r.series, kind, level, count(*) AS n, count(*) FILTER (WHERE actual BETWEEN lower AND upper) AS inside,
           interval_score(actual, lower, upper, 0.95) FILTER (WHERE level = 0.95) / NULLIF(scale, 0) AS score
    FROM range AS r JOIN came USING (origin, series, step) JOIN series USING (origin, series)
    GROUP BY r.origin, r.series, kind, level, scale
), found AS (
    SELECT COALESCE(origin, split_part(min(origin), ' ', 1) || ' all') AS origin, kind, level,
           sum(inside) / sum(n) AS share, avg(score) AS msis
    FROM each
    GROUP BY GROUPING SETS ((origin, kind, level), (split_part(origin, ' ', 1), kind, level))
)
SELECT format('| %s | %s |', origin, string_agg(
           CASE WHEN part = 'share' THEN round(share, 4)::text ELSE round(msis::numeric, 2)::text END, ' | '
           ORDER BY part DESC, level, kind))
FROM found, (VALUES ('share'), ('msis')) AS p(part)
WHERE origin <> 'retail all' AND (part = 'share' OR level = 0.95)
GROUP BY origin ORDER BY origin;

\echo
\echo '## Within 8.3 percent?'
\echo
\echo 'Retail turnover since 2006, one quarter ahead from eight origins, each without looking ahead;'
\echo 'default profile, on quarters, and on months of which three are summed.'
\echo
\echo '| level | series | quarters within 8.3% | median error | months: within 8.3% | median error |'
\echo '|---|---:|---:|---:|---:|---:|'
WITH found AS (
    SELECT level, way, count(DISTINCT (state, industry)) AS series, 100 * hit_rate(actual, mean, 8.3) AS hits,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(percent_error(actual, mean))) AS median
    FROM quarter_error GROUP BY level, way
)
SELECT format('| %s | %s | %s |', level, max(series), string_agg(
           format('%s%% | %s%%', round(hits::numeric, 1), round(median::numeric, 1)), ' | ' ORDER BY way DESC))
FROM found GROUP BY level ORDER BY max(series) DESC;
