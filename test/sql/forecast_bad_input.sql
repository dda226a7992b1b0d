/*
 * Bad input of forecasts: an error in all four parts, or the documented stand-in
 * with its reason; never a number that is none.
 */
SET search_path = public, sales_intel;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'iso';

CREATE TABLE odd (series text, position bigint, value float8);
INSERT INTO odd SELECT 'infinite', i, CASE i WHEN 5 THEN 'Infinity' WHEN 6 THEN 'NaN' WHEN 7 THEN '-Infinity' ELSE (i * i)::float8 END FROM generate_series(1, 24) AS i;
INSERT INTO odd SELECT 'one', 1, 42;
INSERT INTO odd SELECT 'two', i, i FROM generate_series(1, 2) AS i;
INSERT INTO odd SELECT 'few', i, i * i FROM generate_series(1, 5) AS i;
INSERT INTO odd SELECT 'zeros', i, 0 FROM generate_series(1, 30) AS i;
INSERT INTO odd SELECT 'constant', i, 7 FROM generate_series(1, 30) AS i;
INSERT INTO odd SELECT 'rare', i, (i % 7 = 0)::int FROM generate_series(1, 40) AS i;
INSERT INTO odd SELECT 'outlier', i, CASE i WHEN 30 THEN 1e12 ELSE 10 + i % 4 END FROM generate_series(1, 40) AS i;
INSERT INTO odd SELECT 'outlier beyond', i, CASE i WHEN 30 THEN 1e300 ELSE 10 + i % 4 END FROM generate_series(1, 40) AS i;
INSERT INTO odd SELECT 'huge', i, 1e298 * (i % 3 - 1) FROM generate_series(1, 30) AS i;
INSERT INTO odd SELECT 'tiny', i, 5e-324 * (i % 3) FROM generate_series(1, 30) AS i;
INSERT INTO odd SELECT 'explosive', i, 2 ^ (20 * i) FROM generate_series(1, 45) AS i;
INSERT INTO odd SELECT 'negative', i, -100 + i % 5 FROM generate_series(1, 30) AS i;

-- Every method on each of them, with a season that fits and one longer than half.
CREATE TABLE model AS
SELECT series, method, season, forecast_agg(position, value, jsonb_build_object('method', method, 'season', season)) AS m
FROM odd, unnest('{auto,median_ensemble,naive,seasonal_naive,mean,moving_average,theta,otm,dotm,ets,ces,ar,arima,croston,tsb,mstl}'::text[]) AS method, unnest('{1,4,100}'::int[]) AS season
GROUP BY series, method, season;
CREATE FUNCTION is_number(x float8) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN x IS NULL OR abs(x) < 'Infinity';
SELECT count(*) AS models, sum((SELECT count(*) FROM forecast(m, 40, 0.95) WHERE NOT (is_number(mean) AND is_number(lower) AND is_number(upper) AND (lower <= mean AND mean <= upper) IS NOT FALSE))) AS forecasts,
       sum((SELECT count(*) FROM forecast_fitted(m) WHERE NOT (is_number(actual) AND is_number(fitted) AND is_number(residual)))) AS fitted,
       sum((SELECT count(*) FROM forecast_summary(m) AS s WHERE s::text ~* 'nan|inf' OR s.method IS NULL OR s.parameters IS NULL)) AS summaries
FROM model;
-- Where a number is not known it is NULL: of one value nobody knows the error; bounds
-- and forecasts beyond the range of float8.
SELECT series, count(*) FILTER (WHERE mean IS NULL) AS means, count(*) FILTER (WHERE lower IS NULL) AS lower, string_agg(DISTINCT method, ', ') FILTER (WHERE lower IS NULL OR upper IS NULL) AS of
FROM model, forecast(m, 8) WHERE season = 1 GROUP BY series HAVING count(*) > count(lower) ORDER BY series;
-- What stands in, and why.
SELECT series, wanted, method, fallback, codes
FROM (SELECT series, t.method AS wanted, s.method, fallback, (SELECT string_agg(code, ' ' ORDER BY code) FROM forecast_warnings(m)) AS codes
      FROM model AS t, forecast_summary(m) AS s WHERE t.method IN ('auto', 'ets', 'seasonal_naive', 'croston') AND t.season = 100) AS q
ORDER BY series, wanted;
-- sigma of huge values is in their unit, that of relative errors a share.
SELECT t.method, sigma BETWEEN 5e297 AND 2e298 AS in_units, log_likelihood IS NULL AS unlikely
FROM model AS t, forecast_summary(m)
WHERE series = 'huge' AND t.season = 1 AND t.method IN ('naive', 'arima', 'theta', 'median_ensemble') ORDER BY t.method;

-- 100,000 values, and more periods than a series can have.
SELECT option, method, rows, s.season, (SELECT count(*) FROM forecast(m, 3) WHERE abs(mean - 100) < 40 AND lower < mean AND mean < upper) AS sane
FROM (SELECT option, forecast_agg(i::bigint, 100 + 10 * sin(i * pi() / 12) + i * 7919::bigint % 101 / 10.0, option::jsonb) AS m
      FROM generate_series(1, 100000) AS i, unnest(ARRAY['{"profile": "fast"}', '{"method": "theta"}']) AS option
      GROUP BY option) AS fit, forecast_summary(m) AS s
ORDER BY option;
SELECT code, message FROM (SELECT forecast_agg(i * 1000000::bigint + i % 2, i, '{"method": "naive"}') AS m FROM generate_series(1, 40) AS i) AS s, forecast_warnings(m);

-- Times that fit no calendar: each in its day, of which most have none.
SELECT first_at, last_at, s.rows, (SELECT string_agg(code, ' ') FROM forecast_warnings(m)) AS codes, (SELECT count(*) FROM forecast_fitted(m)) AS days, f.at
FROM (SELECT forecast_agg(timestamptz '2025-01-01 00:00:07' + i * i * interval '29 hours 13 minutes', i, '{"method": "naive"}') AS m FROM generate_series(1, 9) AS i) AS fit,
     forecast_summary(m) AS s, forecast(m, 1) AS f;
SELECT code FROM (SELECT forecast_agg(v::timestamptz, 1, '{"method": "naive"}') AS m FROM unnest('{infinity,-infinity,2025-01-01,4713-01-01 BC,294276-12-31}'::text[]) AS v) AS s, forecast_warnings(m);
SELECT (forecast_summary(forecast_agg(v::date, 1, '{"every": "year", "method": "naive"}'))).* FROM unnest('{infinity,-infinity,4713-01-01 BC,0001-01-01 BC}'::text[]) AS v;

-- A method that runs away in a backtest is wrong, not lost.
CREATE TABLE runaway AS SELECT backtest_agg(i::bigint, CASE WHEN i <= 26 THEN 2 ^ (20 * i) ELSE 1 END, 60, 1, '{"method": "mstl"}') AS b FROM generate_series(1, 86) AS i;
SELECT count(*) AS rows, max(abs(mean)) AS largest, bool_and(lower <= mean AND mean <= upper) AS ordered FROM runaway, backtest_errors(b);
SELECT wape > 1e6 AS wrong, s::text ~* 'nan|inf' AS not_numbers FROM runaway, backtest_summary(b) AS s;

-- Each call with its SQLSTATE and message, detail, hint.
CREATE FUNCTION fault(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
    detail text;
    hint text;
BEGIN
    EXECUTE 'SELECT ' || call;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n    ', call, state || ' ' || SQLERRM, detail, hint);
END $$;
CREATE TABLE one AS SELECT m, c FROM (SELECT m FROM model WHERE series = 'rare' AND method = 'naive' AND season = 1) AS s, (SELECT conformal_agg(m) AS c FROM model) AS p;
CREATE TABLE bad (place serial, call text);
INSERT INTO bad (call) VALUES
    ($$forecast(m, 0) FROM one$$),
    ($$forecast(m, -3, 0.9) FROM one$$),
    ($$forecast(m, 1000000) FROM one$$),
    ($$forecast(m, 1000000, 0.8, c) FROM one$$),
    ($$forecast(m, 3, 0) FROM one$$),
    ($$forecast(m, 3, 1) FROM one$$),
    ($$forecast(m, 3, 'NaN') FROM one$$),
    ($$forecast(m, 3, 1, c) FROM one$$),
    ($$backtest_agg(position, value, 0, 3) FROM odd$$),
    ($$backtest_agg(position, value, 1000001, 3) FROM odd$$),
    ($$backtest_agg(position, value, 3, 0) FROM odd$$),
    ($$backtest_agg(position, value, 3, NULL) FROM odd$$),
    ($$backtest_agg(position, value, 3, 3, '{"fold": 1}') FROM odd$$),
    ($$forecast_agg(position, value, '[]') FROM odd$$),
    ($$forecast_agg(position, value, '{"method": null}') FROM odd$$),
    ($$forecast_agg(position, value, '{"season": 0}') FROM odd$$),
    ($$forecast_agg(position, value, '{"season": 10001}') FROM odd$$),
    ($$forecast_agg(position, value, '{"window": 0}') FROM odd$$),
    ($$forecast_agg(position, value, '{"nonnegative": 1}') FROM odd$$),
    ($$forecast_agg(position, value, '{"missing": "drop"}') FROM odd$$),
    ($$forecast_agg(position, value, '{"order": [9, 0, 0]}') FROM odd$$),
    ($$forecast_agg(position, value, '{"method": "theta", "ets": "AAN"}') FROM odd$$),
    ($$forecast_agg(position, value, '{"order": [1, 0, 0], "ets": "AAN"}') FROM odd$$),
    ($$forecast_agg(position, value, '{"every": "month"}') FROM odd$$),
    ($$forecast_agg(current_date, 1, '{"every": "hour"}')$$),
    ($$forecast_agg(current_date, 1, '{"every": "minute"}')$$),
    ($$forecast_agg(now(), 1, '{"time_zone": ""}')$$),
    ($$forecast_agg(current_date, 1, '{"time_zone": "../../etc/passwd"}')$$),
    ($$forecast_agg(now(), 1, '{"from": "soon"}')$$),
    ($$forecast_agg(now(), 1, '{"until": "2025-02-30"}')$$),
    ($$forecast_agg(now(), 1, '{"until": "infinity"}')$$),
    ($$forecast_agg(now(), 1, '{"until": "2025-01-01 Atlantis/Capital"}')$$),
    ($$forecast_agg(now(), 1, '{"until": ["2025-01-01"]}')$$),
    ($$forecast_agg(current_date, 1, '{"from": "2025-02-01", "until": "2025-01-01"}')$$),
    ($$forecast_agg(position, value, '{"from": "first"}') FROM odd$$),
    ($$forecast_agg(position, value, '{"from": 1.5}') FROM odd$$),
    ($$forecast_agg(position, value, '{"until": 9223372036854775808}') FROM odd$$),
    ($$forecast_agg(position, value, '{"from": 7, "until": 7}') FROM odd$$),
    ($$forecast_agg(2000000000000000000, 1)$$),
    ($$forecast_agg(position, value, jsonb_build_object('window', position)) FROM odd WHERE series = 'two'$$),
    ($$forecast_agg(position, value, '{"missing": "error"}') FROM odd WHERE series = 'infinite'$$),
    ($$forecast_agg(position, value, '{"duplicates": "error"}') FROM odd$$);
SELECT fault(call) FROM bad ORDER BY place;

-- Memory: of rows, and of a fit to few rows far apart.
\set VERBOSITY terse
SET sales_intel.fit_memory = '1MB';
SELECT forecast_agg(i::bigint, i) FROM generate_series(1, 100000) AS i;
SET sales_intel.fit_memory = '100MB';
SELECT forecast_agg(i * 1000000::bigint + i % 2, i) FROM generate_series(1, 4) AS i;
RESET sales_intel.fit_memory;
\set VERBOSITY default

DROP TABLE odd, model, runaway, one, bad;
DROP FUNCTION is_number, fault;
