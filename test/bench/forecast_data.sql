/*
 * Series whose end is held back, how forecasts of them are entered and scored,
 * and a table of many made-up series.  psql variables: rows of that table;
 * every, how many-th series of a collection is taken.
 */
SET search_path = bench, sales_intel;
SET client_min_messages = warning;
SET work_mem = '256MB';

CREATE TABLE series (
    origin   text,     -- a collection and a frequency: 'M1 monthly'
    series   text,
    number   bigint,
    season   integer,  -- of Naive2 and of the scale, too
    horizon  bigint,
    low      float8,   -- least value of the past
    scale    float8    -- mean error of the past's seasonal naive forecast
);
CREATE TABLE past (origin text, series text, t bigint, value float8)
PARTITION BY LIST (origin);
CREATE TABLE came (origin text, series text, step bigint, actual float8);
CREATE TABLE loaded (series text, t bigint, split text, value float8);

-- what was entered for it, and how long that took
CREATE TABLE forecast (origin text, entrant text, series text, step integer, mean float8);
CREATE TABLE entry (
    position   integer GENERATED ALWAYS AS IDENTITY,
    origin     text,
    entrant    text,
    block      integer,
    series     bigint,
    seconds    float8,
    processor  float8
);

-- ours and R's, in the order of the report
CREATE TABLE race (
    position   integer GENERATED ALWAYS AS IDENTITY,
    method     text,
    entrant    text
);

-- As the M4 competition scores.  Sales below zero do not happen.
CREATE VIEW score AS
SELECT origin, entrant, series, smape(actual, forecast), mae(actual, forecast) / NULLIF(scale, 0) AS mase
FROM forecast AS f
JOIN came USING (origin, series, step)
JOIN series AS s USING (origin, series),
LATERAL (SELECT CASE WHEN low < 0 THEN mean ELSE greatest(mean, 0) END AS forecast) AS cut
GROUP BY origin, entrant, series, scale;

-- One of so many blocks of each stride-th series.
CREATE FUNCTION in_block(number bigint, stride integer, blocks integer, block integer)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN number % stride = 0 AND number / stride % blocks = block;

CREATE PROCEDURE enter(origin text, entrant text, options jsonb,
                       stride integer DEFAULT 1, blocks integer DEFAULT 1, block integer DEFAULT 0)
LANGUAGE plpgsql
AS $$
DECLARE
    every_option  jsonb := (SELECT jsonb_build_object('season', min(s.season)) || options
                            FROM series AS s WHERE s.origin = enter.origin);
    started       timestamptz;
    used          float8;
BEGIN
    DELETE FROM forecast AS f
    USING series AS s
    WHERE (f.origin, f.entrant) = (enter.origin, enter.entrant) AND (s.origin, s.series) = (f.origin, f.series)
        AND in_block(number, stride, blocks, block);
    started := clock_timestamp();
    used := bench.processor();
    INSERT INTO forecast
    SELECT enter.origin, enter.entrant, m.series, step, mean
    FROM (SELECT p.series, horizon, forecast_agg(t, value, every_option) AS model
          FROM past AS p JOIN series AS s USING (origin, series)
          WHERE p.origin = enter.origin AND in_block(number, stride, blocks, block)
          GROUP BY p.series, horizon) AS m, forecast(model, horizon::integer);
    INSERT INTO entry (origin, entrant, block, series, seconds, processor)
    SELECT enter.origin, enter.entrant, block, count(*),
           extract(epoch FROM clock_timestamp() - started), bench.processor() - used
    FROM series AS s WHERE s.origin = enter.origin AND in_block(number, stride, blocks, block);
END
$$;

-- What ships: the last 18 months of retail series are held back.
SET search_path = bench, sales_intel;
\ir ../data/retail.sql
INSERT INTO loaded
SELECT concat_ws(', ', state, industry), row_number() OVER same,
       CASE WHEN month < '2017-07-01' THEN 'train' ELSE 'test' END, turnover
FROM (SELECT *, max(month) OVER (PARTITION BY state, industry) AS last FROM retail) AS r
WHERE month >= '2006-01-01' AND last = '2018-12-01'
WINDOW same AS (PARTITION BY state, industry ORDER BY month);
\set origin 'retail monthly'
\set season 12
\ir forecast_collect.sql

-- 120 months of each series, in order of time: segments of retail turnover,
-- scaled, with noise of up to five percent.
CREATE TABLE point AS
SELECT dense_rank() OVER (ORDER BY state, industry) - 1 AS leaf,
       row_number() OVER (PARTITION BY state, industry ORDER BY month) - 1 AS place, turnover
FROM (SELECT *, count(*) OVER (PARTITION BY state, industry) AS months FROM retail) AS r
WHERE months >= 369;
ANALYZE point;

CREATE TABLE sale AS
SELECT series, (date '2010-01-01' + t * interval '1 month')::date AS month,
       (1 + series) * turnover * (0.95 + 0.1 * (hashint4(i) & 1023) / 1023) AS value
FROM (SELECT i, i % kinds AS series, i / kinds AS t
      FROM (SELECT :rows / 120 + 1 AS kinds) AS k, generate_series(0, :rows - 1) AS i) AS cell
JOIN point ON leaf = series % 148 AND place = series / 148 * 4 + t
ORDER BY t, series;

-- the same rows by hash of the series
CREATE TABLE sale_parted (LIKE sale) PARTITION BY HASH (series);
SELECT format('CREATE TABLE sale_%s PARTITION OF sale_parted FOR VALUES WITH (MODULUS 4, REMAINDER %s)', r, r)
FROM generate_series(0, 3) AS r
\gexec
INSERT INTO sale_parted SELECT * FROM sale;

-- many series of two years, for the memory
CREATE TABLE short AS
SELECT n AS series, month, value
FROM generate_series(1, :rows / 10) AS n JOIN sale ON series = n % (:rows / 120)
WHERE month < '2012-01-01'
ORDER BY month, n;
CREATE INDEX ON short (series, month);
VACUUM (FREEZE, ANALYZE) sale, sale_parted, short;

CREATE TABLE memory (
    position  integer GENERATED ALWAYS AS IDENTITY,
    step      text,
    series    bigint,
    peak      bigint
);
