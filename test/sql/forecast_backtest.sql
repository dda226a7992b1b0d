/*
 * Forecasts from origins in the past, and intervals from the errors of many
 * series.
 */
SET search_path = public, sales_intel;
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'iso';

-- 40 walks of 100 steps; the last 10 are kept back.
CREATE TABLE walk AS
SELECT series, i AS position, sum(((i * 7919 + series * 104729) * 48271::bigint % 65537) / 65537.0 - 0.5) OVER (PARTITION BY series ORDER BY i) + 50 AS value
FROM generate_series(1, 40) AS series, generate_series(1, 100) AS i;

-- The naive method's errors are known: by hand from the rows themselves.
WITH b AS (SELECT series, backtest_agg(position::bigint, value, 5, 4, '{"method": "naive"}') AS b FROM walk WHERE series <= 3 GROUP BY series),
     e AS (SELECT series, e.* FROM b, backtest_errors(b) AS e)
SELECT count(*) AS rows, min(fold) AS first_fold, max(step) AS last_step, bool_and(e.at IS NULL) AS no_times,
       bool_and(e.actual = w.value AND e.mean = o.value) AS as_by_hand, bool_and(lower <= mean AND mean <= upper) AS ordered
FROM e JOIN walk AS w ON w.series = e.series AND w.position = 100 - 5 * (5 - fold) + step
       JOIN walk AS o ON o.series = e.series AND o.position = 100 - 5 * (5 - fold);

-- The summary is that of the error aggregates over the same rows.
WITH b AS (SELECT rollup(b) AS b FROM (SELECT backtest_agg(position::bigint, value, 5, 4, '{"profile": "fast"}') AS b FROM walk GROUP BY series) AS each)
SELECT round(abs(s.wape - e.wape)::numeric, 12) AS wape, round(abs(s.smape - e.smape)::numeric, 12) AS smape,
       round(abs(s.bias - e.bias)::numeric, 12) AS bias, s.coverage = e.coverage AS coverage, s.folds, e.rows,
       s.coverage BETWEEN 0.75 AND 0.95 AS honest
FROM b, backtest_summary(b) AS s,
     LATERAL (SELECT wape(actual, mean), smape(actual, mean), forecast_bias(actual, mean) AS bias,
                     interval_coverage(actual, lower, upper) AS coverage, count(*) AS rows FROM backtest_errors(b)) AS e;

-- By hand from the rows: two origins of three steps, the mean of the last three before
-- each as baseline, scaled by the steps of what each knew.
CREATE TABLE small AS SELECT ordinality AS position, value FROM unnest('{5,7,4,9,6,12,8,11,10,3}'::float8[]) WITH ORDINALITY AS u(value);
WITH b AS (SELECT backtest_agg(position, value, 3, 2, '{"method": "naive"}') AS b FROM small),
     by_hand AS (
         SELECT s.value, o.value AS naive, (SELECT avg(value) FROM small WHERE position BETWEEN known - 2 AND known) AS baseline,
                (SELECT avg(abs(value - before)) FROM (SELECT position, value, lag(value) OVER (ORDER BY position) AS before FROM small) AS d WHERE position <= known) AS scale
         FROM unnest('{4,7}'::int[]) AS known JOIN small AS s ON s.position BETWEEN known + 1 AND known + 3 JOIN small AS o ON o.position = known)
SELECT round(s.wape::numeric, 10) AS wape, round((100 * h.wape)::numeric, 10) AS by_hand, round(s.baseline_wape::numeric, 10) AS baseline, round((100 * h.baseline)::numeric, 10) AS by_hand,
       round(s.skill::numeric, 10) AS skill, round((1 - h.wape / h.baseline)::numeric, 10) AS by_hand, round(s.mase::numeric, 10) AS mase, round(h.mase::numeric, 10) AS by_hand
FROM b, backtest_summary(b) AS s,
     (SELECT sum(abs(naive - value)) / sum(abs(value)) AS wape, sum(abs(baseline - value)) / sum(abs(value)) AS baseline, avg(abs(naive - value) / scale) AS mase FROM by_hand) AS h;

-- Order of series and rows does not matter; text and back.
SELECT count(DISTINCT md5(b::text)) AS one, bool_and(b::text::backtest::text = b::text) AS same
FROM (SELECT rollup(b ORDER BY series) AS b FROM (SELECT series, backtest_agg(position::bigint, value, 2, 2, '{"method": "theta"}') AS b FROM walk GROUP BY series) AS e
      UNION ALL
      SELECT rollup(b ORDER BY series DESC) FROM (SELECT series, backtest_agg(position::bigint, value, 2, 2, '{"method": "theta"}' ORDER BY value) AS b FROM walk GROUP BY series) AS e) AS r;

-- By time; origins that leave too little are left out, and nothing is NULL.
SELECT fold, step, at::date FROM (SELECT backtest_agg(date '2025-01-31' + i * 7, i, 2, 9) AS b FROM generate_series(0, 9) AS i) AS s, backtest_errors(b) ORDER BY fold, step;
SELECT backtest_agg(i::bigint, i, 4, 4) IS NULL AS nothing FROM generate_series(1, 7) AS i;
SELECT (backtest_summary(NULL)).folds IS NULL AS nothing;

-- Mistakes.
SELECT backtest_agg(1::bigint, 1, 0, 3);
SELECT backtest_agg(1::bigint, 1, 3, 1001);
SELECT backtest_agg(1::bigint, 1, NULL, 3);
SELECT backtest_agg(i::bigint, i, i, 3) FROM generate_series(1, 9) AS i;
SELECT rollup(b) FROM (SELECT backtest_agg(i::bigint, i, 2, 2) AS b FROM generate_series(1, 20) AS i UNION ALL SELECT backtest_agg(date '2025-01-01' + i, i, 2, 2) FROM generate_series(1, 20) AS i) AS s;
SELECT 'backtest:AAAA'::backtest;
SELECT 'conformal:AAAA'::conformal;

-- Pooled errors hold what they promise on steps not seen.
CREATE TABLE fitted AS
SELECT series, forecast_agg(position::bigint, value, '{"method": "naive"}') AS m FROM walk WHERE position <= 90 GROUP BY series;
CREATE TABLE pool AS SELECT conformal_agg(m) AS c FROM fitted;
SELECT level, round(avg((w.value BETWEEN f.lower AND f.upper)::int), 2) AS within, bool_and(f.mean = o.mean) AS same_mean
FROM unnest('{0.5,0.8,0.95}'::float8[]) AS level, fitted, pool, forecast(m, 10, level, c) AS f
JOIN walk AS w ON w.position = 90 + f.step
JOIN LATERAL forecast(m, 10, level) AS o ON o.step = f.step
WHERE w.series = fitted.series
GROUP BY level ORDER BY level;
SELECT c::text::conformal::text = c::text AS same,
       (SELECT rollup(p)::text FROM (SELECT conformal_agg(m) AS p FROM fitted GROUP BY series % 3) AS parts) = c::text AS rolled
FROM pool;
-- The interval reaches to the error of rank ceil((n + 1) level), in units of what was
-- expected: of a random walk, the deviation of its steps times sqrt(step).
WITH known AS (SELECT series, position, value - lag(value) OVER (PARTITION BY series ORDER BY position) AS step FROM walk WHERE position <= 84),
     expected AS (SELECT series, sqrt(avg(step * step)) AS sigma FROM known GROUP BY series),
     error AS (SELECT abs(w.value - o.value) / (sigma * sqrt(w.position - 84)) AS size, w.position - 84 AS step
               FROM walk AS w JOIN walk AS o ON o.series = w.series AND o.position = 84 JOIN expected AS e ON e.series = w.series WHERE w.position BETWEEN 85 AND 90),
     ranked AS (SELECT step, size, row_number() OVER (PARTITION BY step ORDER BY size) AS rank FROM error)
SELECT level, f.step, rank, abs((f.upper - f.mean) / (s.sigma * sqrt(f.step)) - r.size) < 1e-9 AS as_by_hand
FROM unnest('{0.55,0.8,0.95,0.99}'::float8[]) AS level, fitted, pool, forecast_summary(m) AS s, forecast(m, 6, level, c) AS f
JOIN ranked AS r ON r.step = f.step
WHERE series = 5 AND f.step IN (1, 6) AND r.rank = least(ceil(41 * level::numeric), 40) ORDER BY level, f.step;
SELECT conformal_agg(m) IS NULL AS nothing FROM (SELECT forecast_agg(1::bigint, 1) AS m) AS s;
SELECT count(*) AS rows FROM fitted, forecast(m, 3, 0.8, NULL::conformal);

DROP TABLE walk, small, fitted, pool;
