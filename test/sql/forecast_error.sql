-- Errors of forecasts: wape, mape, smape, forecast_bias, mae, rmse, mase,
-- hit_rate, interval_coverage, interval_score, percent_error.
SET extra_float_digits = 0;
SET search_path = public, sales_intel;

-- Passengers of 1960 (R's AirPassengers) and those of 1959 as the forecast.
-- R 4.2, forecast 8.20: accuracy() gives mae 47.833333333333336, rmse
-- 50.708316214732804, mape 9.9875329208234849, mase 1.57088122605364; by hand in
-- R wape 10.045502275113755, smape 10.571808257497899, hits 5/12, coverage 10/12,
-- interval scores 79.583333333333343 and 242.08333333333312.
CREATE TABLE air (month int, actual float8, predicted float8, lower float8, upper float8);
INSERT INTO air VALUES (1, 417, 360, 400, 430), (2, 391, 342, 450, 460), (3, 419, 406, 380, 425), (4, 461, 396, 440, 470),
    (5, 472, 420, 455, 480), (6, 535, 472, 520, 545), (7, 622, 548, 600, 640), (8, 606, 559, 590, 600),
    (9, 508, 463, 490, 520), (10, 461, 407, 450, 470), (11, 390, 362, 380, 400), (12, 432, 405, 420, 440);
SELECT wape(actual, predicted), mape(actual, predicted), smape(actual, predicted), forecast_bias(actual, predicted) FROM air;
SELECT mae(actual, predicted), rmse(actual, predicted), mase(actual, predicted, 30.45) FROM air;
SELECT hit_rate(actual, predicted, 10), interval_coverage(actual, lower, upper), interval_score(actual, lower, upper, 0.8),
    interval_score(actual, lower, upper, 0.95) AS score_95
FROM air;

-- One forecast of 1,200 against 780: the same error, of three denominators.
SELECT percent_error(780, 1200) AS of_default, percent_error(780, 1200, 'actual') AS of_actual, percent_error(780, 1200, 'predicted') AS of_predicted,
    percent_error(780, 1200, 'forecast') AS of_forecast, percent_error(780, 1200, 'mean') AS of_mean;
-- The sign is that of predicted - actual, whatever the sign of the values.
SELECT percent_error(100, 80) AS low, percent_error(-100, -80) AS high, forecast_bias(a, p) AS bias, wape(a, p)
FROM (VALUES (-100.0, -80.0), (-50, -60)) v(a, p);
-- As averages of single rows.
SELECT abs(mape(actual, predicted) - avg(abs(percent_error(actual, predicted)))) < 1e-12 AS mape,
    abs(smape(actual, predicted) - avg(abs(percent_error(actual, predicted, 'mean')))) < 1e-12 AS smape,
    hit_rate(actual, predicted, 10) = avg((abs(percent_error(actual, predicted)) <= 10)::int) AS hit_rate
FROM air;

-- An actual value of 0: mape is not defined, never quietly of fewer rows.
SELECT wape(a, p), mape(a, p), mape(a, p) FILTER (WHERE a <> 0) AS mape_of_others, smape(a, p), mae(a, p), hit_rate(a, p, 10)
FROM (VALUES (0, 5), (100, 110), (200, 190)) v(a, p);
-- Zero against zero is no error; nothing is a percentage of zero.
SELECT wape(0, 0), mape(0, 0), smape(0, 0), forecast_bias(0, 0), mae(0, 0), rmse(0, 0), mase(0, 0, 0) AS mase_of_0, mase(0, 0, 1), hit_rate(0, 0, 0);
SELECT percent_error(0, 1) AS of_0, percent_error(0, 0) AS none_of_0, percent_error(1, 0, 'predicted') AS of_predicted_0, percent_error(0, 0, 'mean') AS mean_of_0,
    percent_error(0, -1, 'mean') AS least, percent_error(-1, 1, 'mean') AS most, percent_error(1e-300, 1e100) AS too_large;
SELECT mape(a, p), wape(a, p) FROM (VALUES (1e-300, 1), (1, 2)) v(a, p);

-- The edge of a band is in it, in decimals too; of an actual 0 only 0 is.
SELECT hit_rate(a, p, 10), count(*) FILTER (WHERE abs(p - a) <= 0.1 * a) < count(*) AS plain_misses
FROM (SELECT i * 0.01::float8 AS a, i * 0.011::float8 AS p FROM generate_series(1, 1000) i) v;
SELECT hit_rate(0, 1e-300, 100) AS beside_0, hit_rate(100, 110.0001, 10) AS beyond, interval_coverage(1, 1, 2) AS at_lower, interval_coverage(2, 1, 2) AS at_upper,
    interval_coverage(2, 2, 2) AS point, interval_score(3, 2, 2, 0.5) AS point_score;

-- NULL: the row is skipped; no rows: NULL.
SELECT mae(a, p), mape(a, p), mase(a, p, s), hit_rate(a, p, s), interval_coverage(a, p, s), interval_score(a, p, s, 0.8)
FROM (VALUES (NULL, 1, 3), (1, NULL, 3), (1, 2, NULL), (2, 3, 3)) v(a, p, s);
SELECT wape(NULL, 1), mape(1, NULL), smape(NULL, NULL), forecast_bias(1, NULL), mae(NULL, 1), rmse(NULL, 1), mase(1, 2, NULL), hit_rate(1, 2, NULL),
    interval_coverage(1, NULL, 2), interval_score(1, 0, 2, NULL), percent_error(NULL, 1), percent_error(1, 2, NULL) AS of_null;
SELECT wape(actual, predicted), mape(actual, predicted), smape(actual, predicted), forecast_bias(actual, predicted), mae(actual, predicted), rmse(actual, predicted),
    mase(actual, predicted, 1), hit_rate(actual, predicted, 1), interval_coverage(actual, lower, upper), interval_score(actual, lower, upper, 0.8)
FROM air WHERE false;

-- Any order, any split: the same to the last bit.  Values of three decimals
-- and ratios of them, over many orders of magnitude.
CREATE TABLE sale AS
SELECT i, i % 7 AS region, (i * 7919 % 99991 + 1) / 1000.0::float8 * 10 ^ (i % 5) AS actual,
    (i * 7919 % 99991 + i * 104729 % 20011 - 9000) / 1000.0::float8 * 10 ^ (i % 5) AS predicted
FROM generate_series(1::bigint, 40000) i;
ANALYZE sale;
CREATE VIEW measured AS
SELECT wape(actual, predicted), mape(actual, predicted), smape(actual, predicted), forecast_bias(actual, predicted), mae(actual, predicted), rmse(actual, predicted),
    mase(actual, predicted, 12.5), hit_rate(actual, predicted, 20), interval_coverage(actual, predicted - 5000, predicted + 5000),
    interval_score(actual, predicted - 5000, predicted + 5000, 0.8), mae(actual, predicted) FILTER (WHERE i < 20) AS few, mae(actual, predicted) FILTER (WHERE i < 0) AS none
FROM sale;
CREATE TABLE serial AS SELECT * FROM measured;
SELECT round(wape::numeric, 6) AS wape, round(mape::numeric, 6) AS mape, round(smape::numeric, 6) AS smape, round(forecast_bias::numeric, 6) AS bias,
    round(mae::numeric, 4) AS mae, round(rmse::numeric, 4) AS rmse, hit_rate, interval_coverage
FROM serial;
SELECT count(DISTINCT (w, b, r, s)) AS different
FROM generate_series(1, 5) k,
    LATERAL (SELECT wape(actual, predicted ORDER BY (i * 7919) % (20011 * k)) AS w, forecast_bias(actual, predicted ORDER BY (i * 7919) % (20011 * k)) AS b,
                 rmse(actual, predicted ORDER BY (i * 7919) % (20011 * k)) AS r, interval_score(actual, 0, predicted + 1e9, 0.8 ORDER BY (i * 7919) % (20011 * k)) AS s
             FROM sale) e;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT * FROM measured;
SELECT p = s AS same, p.few IS NOT NULL AS few, p.none FROM serial s, measured p;
SELECT hit_rate(actual, predicted, 20) FILTER (WHERE i = 77) AS one_row FROM sale;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;

-- Settings that differ between parts only: combine tells.
CREATE TABLE part (setting float8, x float8) PARTITION BY LIST (setting);
CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (0.25);
CREATE TABLE part_2 PARTITION OF part FOR VALUES IN (0.5);
INSERT INTO part SELECT setting, x FROM unnest('{0.25, 0.5}'::float8[]) setting, generate_series(1, 3000) x;
ANALYZE part;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
EXPLAIN (COSTS OFF) SELECT mase(x, x, setting) FROM part;
SELECT mase(x, x + 1, setting) FILTER (WHERE setting = 0.5) AS of_half, interval_score(x, x + 1, x + 2, setting) FILTER (WHERE setting = 0.5) FROM part;
\set VERBOSITY terse
SELECT mase(x, x, setting) FROM part;
SELECT hit_rate(x, x, setting) FROM part;
SELECT interval_score(x, x, x, setting) FROM part;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY default
RESET max_parallel_workers_per_gather;
RESET enable_partitionwise_aggregate;

-- One set of sums serves all measures of (actual, predicted) in a SELECT.
CREATE FUNCTION seen(predicted float8) RETURNS float8 STABLE LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE 'row of %', predicted;
    RETURN predicted;
END $$;
SELECT wape(actual, seen(predicted)), mape(actual, seen(predicted)), smape(actual, seen(predicted)), forecast_bias(actual, seen(predicted)),
    mae(actual, seen(predicted)), rmse(actual, seen(predicted))
FROM air WHERE month < 3;
DROP FUNCTION seen(float8);

-- A moving window: every frame as if aggregated alone, to the last bit.  Large
-- values that leave make the window start afresh; NULLs and zeroes come and go.
CREATE TABLE wild AS
SELECT i, CASE WHEN i % 7 = 0 THEN NULL WHEN i % 5 = 0 THEN 0 ELSE (i * 7919 % 1000 - 300) * 10.0 ^ (i * 31 % 61 - 30) END AS actual,
    CASE WHEN i % 11 = 0 THEN NULL ELSE (i * 104729 % 997) * 10.0 ^ (i * 17 % 41 - 20) END AS predicted
FROM generate_series(1, 600) i;
SELECT count(*) AS frames, count(w.smape) AS measured, count(w.mape) AS by_mape,
    bool_and((w.wape, w.mape, w.smape, w.bias, w.mae, w.rmse, w.mase, w.hit_rate, w.coverage, w.score)
             IS NOT DISTINCT FROM (o.wape, o.mape, o.smape, o.bias, o.mae, o.rmse, o.mase, o.hit_rate, o.coverage, o.score)) AS same
FROM (SELECT i, wape(actual, predicted) OVER f AS wape, mape(actual, predicted) OVER f AS mape, smape(actual, predicted) OVER f AS smape,
          forecast_bias(actual, predicted) OVER f AS bias, mae(actual, predicted) OVER f AS mae, rmse(actual, predicted) OVER f AS rmse,
          mase(actual, predicted, 3) OVER f AS mase, hit_rate(actual, predicted, 50) OVER f AS hit_rate,
          interval_coverage(actual, 0, abs(predicted)) OVER f AS coverage, interval_score(actual, 0, abs(predicted), 0.9) OVER f AS score
      FROM wild WINDOW f AS (ORDER BY i ROWS 9 PRECEDING)) w,
    LATERAL (SELECT wape(actual, predicted), mape(actual, predicted), smape(actual, predicted), forecast_bias(actual, predicted) AS bias, mae(actual, predicted),
                 rmse(actual, predicted), mase(actual, predicted, 3), hit_rate(actual, predicted, 50),
                 interval_coverage(actual, 0, abs(predicted)) AS coverage, interval_score(actual, 0, abs(predicted), 0.9) AS score
             FROM wild v WHERE v.i BETWEEN w.i - 9 AND w.i) o;
SELECT month, round((mape(actual, predicted) OVER (ORDER BY month))::numeric, 3) AS running, mae(actual, predicted) OVER (ORDER BY month ROWS 1 PRECEDING) AS of_two
FROM air
ORDER BY month;

-- The inverse makes it fast: 20,000 frames of 10,000 rows.
SET statement_timeout = '20s';
SELECT count(mape) AS frames FROM (SELECT mape(actual, predicted) OVER (ORDER BY i ROWS 9999 PRECEDING) FROM sale WHERE i <= 20000) w;
RESET statement_timeout;

-- Errors: values
SELECT mae('nan', 1);
\echo :LAST_ERROR_SQLSTATE
SELECT wape(1, 'inf');
SELECT rmse(1, -1e141);
SELECT percent_error('-inf', 1);
SELECT percent_error(1, 'nan');
SELECT interval_coverage(1, '-inf', 1);
SELECT interval_score(1, 0, 'inf', 0.8);
SELECT interval_coverage(1, 2, 1);
\echo :LAST_ERROR_SQLSTATE
-- Errors: settings
SELECT percent_error(1, 2, 'Actual');
\echo :LAST_ERROR_SQLSTATE
SELECT mase(1, 2, 'nan');
SELECT mase(1, 2, -1);
\echo :LAST_ERROR_SQLSTATE
SELECT hit_rate(1, 2, 'inf');
SELECT hit_rate(1, 2, -10);
SELECT interval_score(1, 0, 2, 80);
SELECT interval_score(1, 0, 2, 'nan');
SELECT interval_score(actual, lower, upper, CASE month WHEN 7 THEN 0.9 ELSE 0.8 END) FROM air;
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
SELECT mase(actual, predicted, month) FROM air;
SELECT hit_rate(actual, predicted, month) OVER (ORDER BY month ROWS 1 PRECEDING) FROM air;
-- Misuse: support functions are for aggregates, states are their own.
SELECT mae_final('{0}');
CREATE AGGREGATE odd(float8, float8) (SFUNC = forecast_error_trans, STYPE = float8[], INITCOND = '{0,0}');
SELECT odd(1, 2);

DROP AGGREGATE odd(float8, float8);
DROP VIEW measured;
DROP TABLE air, sale, serial, part, wild;
