/*
 * What forecasting takes and how good it is: many series in one query, by one
 * backend and two; accuracy by method; coverage of intervals; quarters of real
 * turnover.  psql variable: every, how many-th of these series is taken.
 */
SET search_path = bench, sales_intel;
SET client_min_messages = warning;
SET work_mem = '256MB';

-- the first call of a backend loads the library
SELECT forecast_agg(i::bigint, i) IS NOT NULL AS loaded FROM generate_series(1, 9) AS i \gset

SELECT count(*) AS kinds, count(*) FILTER (WHERE series % 40 = 0) AS few
FROM (SELECT DISTINCT series FROM sale) AS s
\gset
\set total 'SELECT concat(count(*), '' '', sum(round(mean::numeric, 3))) FROM (SELECT series, forecast_agg(month, value'
\set grouped ' GROUP BY series) AS s, forecast(model, 12)'
\set fast :total ', ''{"profile": "fast"}'') AS model FROM sale' :grouped
\set fast_parted :total ', ''{"profile": "fast"}'') AS model FROM sale_parted' :grouped
\set full_few :total ') AS model FROM sale WHERE series % 40 = 0' :grouped
\set scan 'SELECT count(*) FROM (SELECT series, sum(value) FROM sale GROUP BY series) AS s'

\set section 'Many series in one query'
CALL ask(:'section', 'fast profile, one backend', 'fast', :'fast', :kinds);
SET max_parallel_workers_per_gather = 2;
SET parallel_leader_participation = off;
SET enable_partitionwise_aggregate = on;
CALL ask(:'section', 'fast profile, two workers, partitioned by series', 'fast', :'fast_parted', :kinds);
CREATE TABLE plan (position integer GENERATED ALWAYS AS IDENTITY, line text);
DO $$
DECLARE
    line text;
BEGIN
    FOR line IN EXPLAIN (COSTS OFF)
        SELECT count(*)
        FROM (SELECT series, forecast_agg(month, value, '{"profile": "fast"}') AS model
              FROM sale_parted GROUP BY series) AS s, forecast(model, 12)
    LOOP
        INSERT INTO plan (line) VALUES (line);
    END LOOP;
END
$$;
RESET enable_partitionwise_aggregate;
RESET parallel_leader_participation;
SET max_parallel_workers_per_gather = 0;
-- once more, as the machine's speed changes
CALL ask(:'section', 'fast profile, one backend', 'fast', :'fast', :kinds);
CALL ask(:'section', '`sum(value)` with this GROUP BY, no forecast', 'series', :'scan', :kinds);
CALL ask(:'section', 'full profile, each 40th series, one backend', 'full', :'full_few', :few);

SELECT format('CALL enter(%L, %L, %L)', origin, entrant, options)
FROM (SELECT DISTINCT origin FROM series) AS s, (VALUES
         (0, 'naive', NULL), (1, 'default', '{}'::jsonb), (2, 'fast', '{"profile": "fast"}'), (3, 'dotm', NULL), (4, 'otm', NULL),
         (5, 'theta', NULL), (6, 'ets', NULL), (7, 'arima', NULL), (8, 'ces', NULL), (9, 'ar', NULL),
         (10, 'mstl', NULL)) AS e(place, entrant, given),
     LATERAL (SELECT COALESCE(given, jsonb_build_object('method', entrant)) AS options) AS o
WHERE origin ~ '^(M1|retail)'
ORDER BY origin, place
\gexec
SELECT format('CALL enter(%L, %L, %L)', origin, entrant, options)
FROM (SELECT DISTINCT origin FROM series) AS s
JOIN (VALUES ('M4 weekly', 'default', '{}'), ('M4 weekly', 'default, season 52', '{"season": 52}'),
             ('M4 hourly', 'default', '{}'), ('M4 hourly', 'default, seasons 24 and 168', '{"season": [24, 168]}'))
     AS e(origin, entrant, options) USING (origin)
ORDER BY origin DESC, entrant
\gexec

-- intervals, of a model's own errors and of pooled ones
CREATE TABLE model AS
SELECT origin, series, horizon::integer,
       forecast_agg(t, value, jsonb_build_object('season', season)) AS model
FROM past JOIN series USING (origin, series)
WHERE origin ~ '^(M1|retail)'
GROUP BY origin, series, horizon;

CREATE TABLE range AS
WITH pool AS (SELECT origin, conformal_agg(model) AS pool FROM model GROUP BY origin)
SELECT origin, series, kind, level, step, lower, upper
FROM model JOIN pool USING (origin), (VALUES (0.8::float8), (0.95)) AS l(level), LATERAL (
    SELECT 'own' AS kind, * FROM forecast(model, horizon, level)
    UNION ALL
    SELECT 'pooled', * FROM forecast(model, horizon, level, pool)) AS f;

-- One quarter ahead, from eight origins: of quarters, and of months summed up.
CREATE TABLE turnover AS
SELECT *
FROM (SELECT CASE GROUPING(state, industry) WHEN 0 THEN 'leaf' WHEN 1 THEN 'state'
                 WHEN 2 THEN 'industry' ELSE 'total' END AS level,
             dense_rank() OVER (ORDER BY state DESC, industry DESC) - 1 AS number,
             state, industry, month, sum(turnover) AS turnover
      FROM retail
      WHERE month >= '2006-01-01'
      GROUP BY month, CUBE (state, industry)) AS t
WHERE number % :every = 0;

CREATE TABLE quarter_error AS
SELECT level, state, industry, 'quarters' AS way, fold, actual, mean
FROM (SELECT level, state, industry, backtest_agg(quarter, turnover, 1, 8) AS b
      FROM (SELECT level, state, industry, date_trunc('quarter', month)::date AS quarter, sum(turnover) AS turnover
            FROM turnover GROUP BY 1, 2, 3, 4) AS q
      GROUP BY 1, 2, 3 HAVING max(quarter) = '2018-10-01') AS t, backtest_errors(b)
UNION ALL
SELECT level, state, industry, 'months', fold, sum(actual), sum(mean)
FROM (SELECT level, state, industry, backtest_agg(month, turnover, 3, 8) AS b
      FROM turnover GROUP BY 1, 2, 3 HAVING max(month) = '2018-12-01') AS t, backtest_errors(b)
GROUP BY level, state, industry, fold;

-- whatever the way, the same answer
SELECT 1 / (count(DISTINCT answer) = 1)::integer AS same FROM answer WHERE question = 'fast' \gset
