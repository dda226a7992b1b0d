-- Forecasts of real turnover, from the leaf to the country.  Run by dev/demo.sh
-- after dev/demo.sql.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
SET jit = off;
\pset footer off
\pset null ''
\pset pager off
\pset format wrapped
SET search_path = "$user", public, sales_intel;
SET timezone = 'UTC';

\echo
\echo '=== Forecasts: what will the next quarter bring?'
\echo 'Australian retail turnover by month, in millions of dollars: 152 series of state'
\echo 'and industry, 1982 to 2018 (Australian Bureau of Statistics).  All of them, and'
\echo 'their sums, in one query: the last two years are kept back.'
\echo
\ir ../test/data/retail.sql
SELECT clock_timestamp() AS started
\gset
\set ECHO queries
CREATE TABLE turnover AS
SELECT CASE GROUPING(state, industry) WHEN 0 THEN 'leaf' WHEN 1 THEN 'state'
           WHEN 2 THEN 'industry' ELSE 'country' END AS level,
       state, industry, month, sum(turnover) AS turnover
FROM retail
WHERE month >= '2006-01-01'
GROUP BY month, CUBE (state, industry);

CREATE TABLE forecast_of AS
SELECT level, state, industry, forecast_agg(month, turnover, '{"profile": "fast"}') AS model
FROM turnover
WHERE month < '2017-01-01'
GROUP BY level, state, industry;
\set ECHO none
SELECT count(*) AS series, extract(epoch FROM clock_timestamp() - :'started')::numeric(6, 1) AS seconds
FROM forecast_of
\gset
\echo
\echo 'That was' :series 'series in' :seconds 'seconds.  The country, month by month: what came (o),'
\echo 'what was forecast (x), and the interval of 80 percent.'
\echo
WITH f AS (
    SELECT f.at::date AS month, t.turnover AS came, f.mean, f.lower, f.upper
    FROM forecast_of AS m, forecast(model, 12) AS f
    JOIN turnover AS t ON t.level = 'country' AND t.month = f.at::date
    WHERE m.level = 'country'
), place AS (
    SELECT *, 48 * (came - low) / (high - low) AS o, 48 * (mean - low) / (high - low) AS x,
        48 * (lower - low) / (high - low) AS a, 48 * (upper - low) / (high - low) AS b
    FROM f, (SELECT min(least(lower, came)) AS low, max(greatest(upper, came)) AS high FROM f) AS r
)
SELECT to_char(month, 'YYYY-MM') AS month, round(came) AS came, round(mean) AS forecast,
    round((100 * (mean / came - 1))::numeric, 1) AS "off, %",
    (SELECT string_agg(CASE WHEN i = round(o) AND i = round(x) THEN '*' WHEN i = round(o) THEN 'o'
                            WHEN i = round(x) THEN 'x' WHEN i BETWEEN a AND b THEN '-' ELSE ' ' END, '' ORDER BY i)
     FROM generate_series(0, 48) AS i) AS chart
FROM place ORDER BY month;

\echo '=== How often within 8.3 percent?'
\echo 'Quarters, forecast one quarter ahead from eight origins, by level.  What holds for'
\echo 'a country does not hold for a leaf: say at which level a promise is made.'
\echo
\set ECHO queries
CREATE TABLE tested AS
SELECT level, state, industry, backtest_agg(quarter, turnover, 1, 8, '{"profile": "fast"}') AS b
FROM (SELECT level, state, industry, date_trunc('quarter', month)::date AS quarter, sum(turnover) AS turnover
      FROM turnover GROUP BY 1, 2, 3, 4) AS q
GROUP BY level, state, industry;

SELECT level, count(*) AS series, round(wape::numeric, 1) AS wape,
    round(baseline_wape::numeric, 1) AS baseline, round(coverage::numeric, 2) AS coverage,
    (SELECT round(100 * hit_rate(e.actual, e.mean, 8.3)::numeric) FROM tested AS t, backtest_errors(t.b) AS e
     WHERE t.level = l.level) AS "within 8.3%"
FROM (SELECT level, rollup(b) AS b, count(*) AS n FROM tested GROUP BY level) AS l, backtest_summary(l.b),
    generate_series(1, l.n)
GROUP BY level, wape, baseline_wape, coverage
ORDER BY wape;
\set ECHO none
\echo
\echo '(baseline: the mean of the last three quarters.)'
