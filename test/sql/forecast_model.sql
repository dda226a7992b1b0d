/*
 * Models of series: methods, stand-ins, options, rows in any order, input and
 * output.
 */
SET search_path = public, sales_intel;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'iso';

-- 60 series of 60 months: a trend, a season and noise of their own.
CREATE TABLE sales AS
SELECT series, date '2019-01-01' + i * interval '1 month' AS at,
       (200 + series * i / 10.0 + 40 * sin(i * pi() / 6) + (i * 7919 + series * 104729) % 37)::float8 AS value
FROM generate_series(1, 60) AS series, generate_series(0, 59) AS i;

-- A line goes on: the documented example.
SELECT f.step, f.at::date, f.mean, f.lower, f.upper
FROM (SELECT forecast_agg(date '2024-01-01' + i * interval '1 month', 100 + 10 * i) AS m FROM generate_series(0, 11) AS i) AS s,
     forecast(m, 3) AS f ORDER BY f.step;

-- Every method by name.
SELECT wanted, method, fallback, s.parameters - 'members' <> '{}' AS has_parameters,
       log_likelihood IS NOT NULL AS likelihood, (SELECT bool_and(mean BETWEEN 100 AND 700 AND lower <= mean AND mean <= upper) FROM forecast(m, 24)) AS sane
FROM (SELECT wanted, forecast_agg(at, value, jsonb_build_object('method', wanted)) AS m
      FROM sales, unnest('{auto,median_ensemble,naive,seasonal_naive,mean,moving_average,theta,otm,dotm,ets,ces,ar,arima,croston,tsb}'::text[]) AS wanted
      WHERE series = 7 GROUP BY wanted) AS fit, forecast_summary(m) AS s
ORDER BY wanted;

-- A form, an order, a window.
SELECT option, method, parameters ->> 'form' AS form
FROM (SELECT option, forecast_agg(at, value, option::jsonb) AS m
      FROM sales, unnest(ARRAY['{"ets": "MAdM"}', '{"ets": "AAA", "season": 6}', '{"order": [0, 1, 1, 0, 1, 1]}', '{"order": [2, 1, 0], "season": 1}', '{"method": "moving_average", "window": 12}', '{"season": [12, 24], "profile": "fast"}']) AS option
      WHERE series = 7 GROUP BY option) AS fit, forecast_summary(m)
ORDER BY option;

SELECT option, season, method
FROM (SELECT option, forecast_agg(i::bigint, 50 + i % 24 + i % 7, option::jsonb) AS m
      FROM generate_series(1, 600) AS i, unnest(ARRAY['{"season": [168, 24]}', '{"season": [24, 24]}', '{"season": [1, 24]}', '{"season": 1}']) AS option GROUP BY option) AS fit, forecast_summary(m)
ORDER BY option;

-- The ensemble by name is the ensemble, also where auto would choose otherwise.
SELECT what, wanted, method, jsonb_array_length(parameters -> 'members') AS members
FROM (SELECT what, wanted, forecast_agg(i::bigint, CASE what WHEN 'rare' THEN (i % 5 = 0)::int ELSE 50 + i % 24 END, jsonb_build_object('method', wanted, 'season', season)) AS m
      FROM generate_series(1, 96) AS i, (VALUES ('rare', 1), ('long season', 24)) AS w(what, season), unnest('{auto,median_ensemble}'::text[]) AS wanted
      GROUP BY what, wanted, season) AS fit, forecast_summary(m)
ORDER BY what, wanted;

-- The same model whatever the order of rows and the number of workers.
CREATE TABLE serial AS SELECT series, forecast_agg(at, value, '{"profile": "fast"}')::text AS m FROM sales GROUP BY series;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET cpu_operator_cost = 0;
SET enable_sort = off;
EXPLAIN (COSTS OFF) SELECT series, forecast_agg(at, value, '{"profile": "fast"}')::text AS m FROM sales GROUP BY series;
SELECT count(*) AS agree FROM (SELECT series, forecast_agg(at, value, '{"profile": "fast"}')::text AS m FROM sales GROUP BY series) AS p JOIN serial USING (series, m);
RESET ALL;
SET search_path = public, sales_intel;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'iso';
SELECT count(*) AS agree FROM (SELECT series, forecast_agg(at, value, '{"profile": "fast"}' ORDER BY value)::text AS m FROM sales GROUP BY series) AS p JOIN serial USING (series, m);

-- As other aggregates: filtered, of distinct rows, in windows, of grouping sets, of nothing.
SELECT forecast_agg(at, value) FILTER (WHERE false) IS NULL AS none, forecast_agg(NULL::date, value) IS NULL AS no_time, forecast_agg(at, NULL) IS NULL AS no_value,
       backtest_agg(at, value, 3, 3) FILTER (WHERE false) IS NULL AS no_backtest, conformal_agg(NULL::forecast_model) IS NULL AS no_pool,
       rollup(NULL::backtest) IS NULL AND rollup(NULL::conformal) IS NULL AS nothing_rolled
FROM sales;
SELECT series IS NULL AS all, count(*) AS groups, sum(s.rows) AS rows
FROM (SELECT series, forecast_agg(at, value, '{"method": "naive"}') AS m FROM sales WHERE series < 4 GROUP BY GROUPING SETS ((series), ())) AS q(series, m), forecast_summary(m) AS s
GROUP BY series IS NULL ORDER BY 1;
SELECT s.rows, same FROM (SELECT forecast_agg(DISTINCT at, value) AS m, forecast_agg(DISTINCT at, value)::text = (SELECT forecast_agg(at, value)::text FROM sales WHERE series = 1) AS same
      FROM (SELECT * FROM sales WHERE series = 1 UNION ALL SELECT * FROM sales WHERE series = 1) AS twice) AS q, forecast_summary(m) AS s;
SELECT q.at::date, mean = value AS naive, s.rows
FROM (SELECT at, value, forecast_agg(at, value, '{"method": "naive"}') OVER (ORDER BY at ROWS 3 PRECEDING) AS m FROM sales WHERE series = 2 LIMIT 5) AS q, forecast(m, 1), forecast_summary(m) AS s
ORDER BY q.at;

-- One bad series among others does not harm them.
CREATE TABLE odd (series text, position bigint, value float8);
INSERT INTO odd SELECT 'empty', 1, NULL;
INSERT INTO odd SELECT 'infinite', i, CASE i WHEN 5 THEN 'Infinity' WHEN 6 THEN 'NaN' ELSE i::float8 END FROM generate_series(1, 12) AS i;
INSERT INTO odd SELECT 'only infinite', 1, '-Infinity';
INSERT INTO odd SELECT 'one', 1, 42;
INSERT INTO odd SELECT 'two', i, i FROM generate_series(1, 2) AS i;
INSERT INTO odd SELECT 'three', i, i * i FROM generate_series(1, 3) AS i;
INSERT INTO odd SELECT 'constant', i, 7 FROM generate_series(1, 20) AS i;
INSERT INTO odd SELECT 'zeros', i, 0 FROM generate_series(1, 20) AS i;
INSERT INTO odd SELECT 'rare', i, CASE WHEN i % 5 = 0 THEN 3 ELSE 0 END FROM generate_series(1, 40) AS i;
INSERT INTO odd SELECT 'outlier', i, CASE i WHEN 30 THEN 1e12 ELSE i END FROM generate_series(1, 40) AS i;
INSERT INTO odd SELECT 'huge', i, 1e298 * i FROM generate_series(1, 20) AS i;
INSERT INTO odd SELECT 'tiny', i, 1e-300 * i FROM generate_series(1, 20) AS i;
INSERT INTO odd SELECT 'season too long', i, i % 7 FROM generate_series(1, 20) AS i;
SELECT series, method, fallback, rows, (SELECT string_agg(code, ', ') FROM forecast_warnings(m)) AS warnings,
       (SELECT array_agg(round(mean::numeric, 2)) FROM forecast(m, 2)) AS next,
       (SELECT bool_and(lower <= mean AND mean <= upper AND upper < 'Infinity' AND lower > '-Infinity') FROM forecast(m, 50)) AS finite
FROM (SELECT series, forecast_agg(position, value, CASE series WHEN 'season too long' THEN '{"season": 12}' ELSE '{}' END::jsonb) AS m
      FROM odd WHERE series NOT IN ('huge', 'tiny') GROUP BY series) AS fit, forecast_summary(m)
ORDER BY series;
SELECT series, method, (SELECT array_agg(mean::numeric(10, 2)) FROM (SELECT mean * CASE series WHEN 'huge' THEN 1e-298 ELSE 1e300 END AS mean FROM forecast(m, 2)) AS f) AS next
FROM (SELECT series, forecast_agg(position, value) AS m FROM odd WHERE series IN ('huge', 'tiny') GROUP BY series) AS fit, forecast_summary(m)
ORDER BY series;
SELECT forecast_agg(position, value) IS NULL AS nothing FROM odd WHERE false;
SELECT (forecast_summary(NULL)).method IS NULL AS nothing, (SELECT count(*) FROM forecast(NULL::forecast_model, 3)) AS rows;

-- Never below zero, if so wished.
SELECT min(mean) FILTER (WHERE nonnegative) AS least, min(lower) FILTER (WHERE nonnegative) AS least_lower, min(mean) FILTER (WHERE NOT nonnegative) < 0 AS below
FROM (SELECT nonnegative, forecast_agg(i::bigint, 100 - 9 * i + i % 3, jsonb_build_object('nonnegative', nonnegative)) AS m
      FROM generate_series(1, 11) AS i, (VALUES (true), (false)) AS v(nonnegative) GROUP BY nonnegative) AS fit, forecast(m, 9);

-- Levels and horizons.
SELECT level, bool_and(f.upper - f.lower >= before) AS wider FROM
  (SELECT level, f.step, f.upper, f.lower, lag(f.upper - f.lower, 1, 0::float8) OVER (PARTITION BY f.step ORDER BY level) AS before
   FROM (SELECT forecast_agg(at, value) AS m FROM sales WHERE series = 3) AS s, unnest('{0.5,0.8,0.95,0.999}'::float8[]) AS level, forecast(m, 12, level) AS f) AS f
GROUP BY level ORDER BY level;
SELECT forecast(forecast_agg, 0) FROM (SELECT forecast_agg(1::bigint, 1)) AS s;
SELECT forecast(forecast_agg, 1000000) FROM (SELECT forecast_agg(1::bigint, 1)) AS s;
SELECT forecast(forecast_agg, 3, 0) FROM (SELECT forecast_agg(1::bigint, 1)) AS s;
SELECT forecast(forecast_agg, 3, 1) FROM (SELECT forecast_agg(1::bigint, 1)) AS s;
SELECT forecast(forecast_agg, 3, 'NaN') FROM (SELECT forecast_agg(1::bigint, 1)) AS s;

-- Options that are none.
SELECT forecast_agg(1::bigint, 1, '{"methode": "ets"}');
SELECT forecast_agg(1::bigint, 1, '{"method": "prophet"}');
SELECT forecast_agg(1::bigint, 1, '{"ets": "AAB"}');
SELECT forecast_agg(1::bigint, 1, '{"order": [1, 1]}');
SELECT forecast_agg(1::bigint, 1, '{"order": [1, 3, 1]}');
SELECT forecast_agg(1::bigint, 1, '{"season": [7, 30, 365]}');
SELECT forecast_agg(1::bigint, 1, '{"season": 1.5}');
SELECT forecast_agg(i::bigint, i, ('{"window": ' || i || '}')::jsonb) FROM generate_series(1, 2) AS i;

-- Input and output to the last bit; damage is found.
CREATE TABLE stored AS SELECT series, forecast_agg(at, value) AS m FROM sales WHERE series < 4 GROUP BY series;
SELECT bool_and(m::text::forecast_model::text = m::text) AS same FROM stored;
SELECT 'forecast_model:AAAA'::forecast_model;
SELECT overlay(m::text PLACING 'zzzz' FROM 200)::forecast_model FROM stored WHERE series = 1;

DROP TABLE sales, serial, odd, stored;
