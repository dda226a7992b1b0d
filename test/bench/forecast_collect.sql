/*
 * Takes the loaded rows as a collection of series.  psql variables: origin,
 * season, and every, how many-th series is taken.
 */
SET search_path = bench, sales_intel;

CREATE TABLE :"origin" PARTITION OF past FOR VALUES IN (:'origin');

INSERT INTO series
SELECT :'origin', series, number, :season, horizon, low, scale
FROM (SELECT series, row_number() OVER (ORDER BY series) AS number, count(*) FILTER (WHERE split = 'test') AS horizon,
             min(value) FILTER (WHERE split = 'train') AS low,
             avg(abs(value - before)) FILTER (WHERE split = 'train') AS scale
      FROM (SELECT *, lag(value, :season) OVER (PARTITION BY series ORDER BY t) AS before FROM loaded) AS l
      GROUP BY series) AS s
WHERE number % :every = 0;

INSERT INTO past
SELECT :'origin', series, t, value
FROM loaded JOIN series AS s USING (series)
WHERE split = 'train' AND s.origin = :'origin'
ORDER BY series, t;

INSERT INTO came
SELECT :'origin', series, row_number() OVER (PARTITION BY series ORDER BY t), value
FROM loaded JOIN series AS s USING (series)
WHERE split = 'test' AND s.origin = :'origin';

TRUNCATE loaded;
ANALYZE :"origin", series, came;
