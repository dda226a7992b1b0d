/*
 * Series from rows: calendars, time zones, gaps, doubles, bounds.
 */
SET search_path = public, sales_intel;
SET client_min_messages = warning;
SET timezone = 'Europe/Berlin';
SET datestyle = 'iso';

-- A made-up value for the i-th period.
CREATE FUNCTION made(i integer) RETURNS float8 LANGUAGE sql IMMUTABLE
RETURN 100 + 2 * i + 30 * sin(i * pi() / 6) + i * 7919 % 11;

-- The last day of a month, and the next ones, whatever their lengths.
SELECT f.step, f.at::date
FROM (SELECT forecast_agg((date '2023-01-01' + i * interval '1 month' - interval '1 day')::date, made(i), '{"profile": "fast"}') AS m
      FROM generate_series(0, 30) AS i) AS s, forecast(m, 8) AS f
ORDER BY f.step;

-- Weeks begin on the day that all rows share; quarters and years keep their day.
SELECT unit, f.step, f.at, extract(isodow FROM f.at) AS weekday
FROM (SELECT unit, forecast_agg(timestamptz '2019-02-15 06:00' + i * ('1 ' || unit)::interval * CASE unit WHEN 'month' THEN 3 ELSE 1 END, made(i)) AS m
      FROM generate_series(0, 19) AS i, unnest('{week,month,year}'::text[]) AS unit
      GROUP BY unit) AS s, forecast(m, 2) AS f
ORDER BY unit, f.step;

-- The clock goes forward on 2025-03-30: that day has 23 hours, and hours go on.
SELECT 'day' AS every, f.at
FROM (SELECT forecast_agg(timestamptz '2025-03-01' + i * interval '1 day', made(i)) AS m
      FROM generate_series(0, 27) AS i) AS s, forecast(m, 4) AS f
UNION ALL
SELECT 'hour', f.at
FROM (SELECT forecast_agg(timestamptz '2025-03-28' + i * interval '1 hour', made(i)) AS m
      FROM generate_series(0, 48) AS i) AS s, forecast(m, 4) AS f
ORDER BY every, at;

-- The time zone belongs to the model, not to who reads it.
CREATE TABLE kept AS
SELECT forecast_agg(timestamptz '2025-01-01 00:00+00' + i * interval '1 month', made(i), '{"time_zone": "UTC"}') AS m
FROM generate_series(0, 11) AS i;
SET timezone = 'America/New_York';
SELECT f.at, f.at AT TIME ZONE 'UTC' AS at_utc FROM kept, forecast(m, 2) AS f ORDER BY f.at;
SET timezone = 'Europe/Berlin';

-- One hundred sales at any time of day become days of one sum each.
SELECT first_at, last_at, rows, (SELECT count(*) FROM forecast_fitted(m)) AS days,
       (SELECT sum(actual) FROM forecast_fitted(m)) AS sum
FROM (SELECT forecast_agg(timestamptz '2025-01-06 08:00' + i * 7919 % 40000 * interval '1 minute', 1.5) AS m
      FROM generate_series(1, 400) AS i) AS s, forecast_summary(m);

-- Gaps and doubles, each way.
CREATE TABLE gaps AS
SELECT i AS position, made(i) AS value FROM generate_series(1, 12) AS i WHERE i NOT IN (4, 5)
UNION ALL SELECT 7, 1;
SELECT (SELECT array_agg(round(actual::numeric, 2)) FROM forecast_fitted(forecast_agg) AS f(at, actual)) AS filled
FROM (SELECT forecast_agg(position::bigint, value) FROM gaps
      UNION ALL SELECT forecast_agg(position::bigint, value, '{"missing": "zero", "duplicates": "mean"}') FROM gaps) AS s;
SELECT w.code, w.message FROM (SELECT forecast_agg(position::bigint, value) AS m FROM gaps) AS s, forecast_warnings(m) AS w;
SELECT forecast_agg(position::bigint, value, '{"missing": "error"}') FROM gaps;
SELECT forecast_agg(position::bigint, value, '{"duplicates": "error"}') FROM gaps;

-- Bounds: all series line up, whatever rows they have.
SELECT series, first_at::date, last_at::date, rows,
       (SELECT array_agg(actual) FROM forecast_fitted(m)) AS values
FROM (SELECT series, forecast_agg(at, value, '{"from": "2024-12-01", "until": "2025-04-01", "missing": "zero", "every": "month"}') AS m
      FROM (VALUES ('a', date '2025-01-10', 1.0), ('a', '2025-02-10', 2), ('b', '2025-02-01', 3), ('b', '2025-02-02', 4), ('b', '2025-07-01', 5)) AS v(series, at, value)
      GROUP BY series) AS s, forecast_summary(m)
ORDER BY series;

-- Days that make months: the last month is not over.
SELECT last_at::date, w.code
FROM (SELECT forecast_agg(d, 1.0, '{"every": "month"}') AS m
      FROM generate_series(date '2024-01-01', date '2025-03-12', interval '1 day') AS d) AS s,
     forecast_summary(m), forecast_warnings(m) AS w;
SELECT last_at::date, (SELECT count(*) FROM forecast_warnings(m)) AS warnings
FROM (SELECT forecast_agg(d::date, (extract(day FROM d) * 3)::float8, '{"every": "month"}') AS m
      FROM generate_series(date '2024-01-01', date '2025-03-31', interval '1 day') AS d) AS s, forecast_summary(m);

-- What cannot be read.
SELECT forecast_agg(now(), 1, '{"time_zone": "Atlantis"}');
SELECT forecast_agg(now(), 1, '{"from": "infinity"}');
SELECT forecast_agg(now(), 1, '{"from": "soon"}');
SELECT forecast_agg(9223372036854775807, 1);
SELECT f.* FROM (SELECT forecast_agg(date '294000-01-01' + 366 * i, 1.0 * i, '{"every": "year"}') AS m FROM generate_series(1, 9) AS i) AS s, forecast(m, 1000) AS f;

DROP TABLE kept, gaps;
DROP FUNCTION made(integer);
