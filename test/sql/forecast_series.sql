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

-- The clock goes back on 2024-10-27: a day of 25 hours, which add up to their days.
SELECT f.at, f.actual AS hours
FROM (SELECT forecast_agg(timestamptz '2024-10-25 00:00+02' + i * interval '1 hour', 1, '{"every": "day", "time_zone": "Europe/Berlin", "until": "2024-10-29"}') AS m
      FROM generate_series(0, 96) AS i) AS s, forecast_fitted(m) AS f
ORDER BY f.at;
SELECT every, f.at, f.at - lag(f.at) OVER (PARTITION BY every ORDER BY f.at) AS later
FROM (SELECT every, forecast_agg(timestamptz '2024-10-21' + i * ('1 ' || every)::interval - CASE every WHEN 'week' THEN interval '9 weeks' ELSE '0' END, made(i)) AS m
      FROM generate_series(0, 9) AS i, unnest('{week,hour}'::text[]) AS every GROUP BY every) AS s, forecast(m, 2) AS f
ORDER BY every, f.at;
SELECT f.at, f.at - lag(f.at) OVER (ORDER BY f.at) AS later
FROM (SELECT forecast_agg(timestamptz '2024-10-20' + i * interval '1 day', made(i)) AS m FROM generate_series(0, 5) AS i) AS s, forecast(m, 4) AS f
ORDER BY f.at;
-- At one minute past midnight it went back to the day before: that day is over all the same.
SELECT f.at AT TIME ZONE 'America/St_Johns' AS at, f.actual
FROM (SELECT forecast_agg(at, value, '{"time_zone": "America/St_Johns", "every": "day"}') AS m
      FROM (VALUES (timestamptz '2010-11-06 12:00+00', 1), ('2010-11-07 02:30:30+00', 2), ('2010-11-07 02:31:30+00', 4)) AS v(at, value)) AS s, forecast_fitted(m) AS f
ORDER BY f.at;

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

-- Bounds are of the series' clock, whatever the session's; a text with a zone is an instant.
SET timezone = 'America/New_York';
SELECT bounds, every, first_at AT TIME ZONE 'Europe/Berlin' AS first_at, last_at AT TIME ZONE 'Europe/Berlin' AS last_at
FROM (SELECT bounds, every, forecast_agg(at, 1, bounds::jsonb || jsonb_build_object('every', every, 'time_zone', 'Europe/Berlin', 'missing', 'zero')) AS m
      FROM (VALUES (timestamptz '2025-03-30 12:00+02'), ('2025-03-31 12:00+02')) AS v(at), unnest('{hour,day,week}'::text[]) AS every,
           unnest(ARRAY['{"from": "2025-03-30", "until": "2025-04-01"}', '{"from": "2025-03-29T23:00:00Z", "until": "2025-03-31 18:00 America/New_York"}', '{"from": "2025-03-30 03:30", "until": 20250401}']) AS bounds
      GROUP BY bounds, every) AS s, forecast_summary(m)
ORDER BY bounds, every;
SELECT count(*) AS days FROM (SELECT forecast_agg(date '2025-01-10', 1, jsonb_build_object('from', timestamptz '2025-01-01 00:00+09', 'until', timestamptz '2025-01-31 15:00+00', 'time_zone', 'Asia/Tokyo')) AS m) AS s, forecast_fitted(m);
SET timezone = 'Europe/Berlin';
-- Whole periods: that of "from" is the first; the last begins before "until".
SELECT bounds, first_at::date, last_at::date, rows
FROM (SELECT bounds, forecast_agg(date '2025-01-15' + i * interval '1 month', 1, bounds::jsonb || '{"every": "month"}') AS m
      FROM generate_series(0, 4) AS i, unnest(ARRAY['{"from": "2025-02-28"}', '{"until": "2025-04-01"}', '{"until": "2025-04-02"}']) AS bounds GROUP BY bounds) AS s, forecast_summary(m)
ORDER BY bounds;
SELECT bounds, (SELECT array_agg(actual) FROM forecast_fitted(m)) AS values, s.rows
FROM (SELECT bounds, forecast_agg(i::bigint, i, bounds::jsonb || '{"missing": "zero"}') AS m FROM generate_series(3, 5) AS i,
           unnest(ARRAY['{"from": 1, "until": 8}', '{"from": "4"}', '{"until": 5e0}', '{"from": -1, "until": "4"}', '{"from": 9, "until": 12}']) AS bounds GROUP BY bounds) AS q, forecast_summary(m) AS s
ORDER BY bounds;

-- Equal times: sums do not depend on how rows came, even where digits are lost.
SELECT count(DISTINCT m::text) AS one
FROM (SELECT k, forecast_agg(position, value, '{"method": "naive"}' ORDER BY i * k % 7) AS m
      FROM generate_series(1, 6) AS k, (VALUES (1, 1::bigint, 1e300), (2, 1, 1e150), (3, 1, 1), (4, 1, -1e300), (5, 1, -1e150), (6, 2, 1)) AS v(i, position, value) GROUP BY k) AS s;

-- Every warning there is.
SELECT w.code, w.message
FROM (SELECT forecast_agg(at, value, '{"time_zone": "UTC", "every": "month", "season": 12}') AS m
      FROM (SELECT timestamptz '2024-01-01 00:00+00' + i * interval '24 hours' AS at, CASE WHEN i = 5 THEN 'NaN'::float8 ELSE 0 END AS value FROM generate_series(0, 500) AS i WHERE i NOT BETWEEN 60 AND 90) AS d
      UNION ALL SELECT forecast_agg(i * 1000000::bigint + i % 2, i, '{"method": "naive"}') FROM generate_series(1, 4) AS i
      UNION ALL SELECT forecast_agg(i::bigint, 'NaN') FROM generate_series(1, 2) AS i
      UNION ALL SELECT forecast_agg(i::bigint, (i % 3 = 0)::int) FROM generate_series(1, 30) AS i
      UNION ALL SELECT forecast_agg(i::bigint, i * i, '{"method": "ets", "ets": "AAA", "season": 4}') FROM generate_series(1, 3) AS i) AS s, forecast_warnings(m) AS w
ORDER BY w.code, w.message;

-- What cannot be read.
SELECT forecast_agg(now(), 1, '{"time_zone": "Atlantis"}');
SELECT forecast_agg(now(), 1, '{"from": "infinity"}');
SELECT forecast_agg(now(), 1, '{"from": "soon"}');
SELECT forecast_agg(9223372036854775807, 1);
SELECT f.* FROM (SELECT forecast_agg(date '294000-01-01' + 366 * i, 1.0 * i, '{"every": "year"}') AS m FROM generate_series(1, 9) AS i) AS s, forecast(m, 1000) AS f;

DROP TABLE kept, gaps;
DROP FUNCTION made(integer);
