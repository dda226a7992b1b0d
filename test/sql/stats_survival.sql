-- survival_curve and log_rank.
SET extra_float_digits = 1;
SET search_path = public, sales_intel;

-- Remission in acute myelogenous leukemia, in weeks (survival::aml in R).
CREATE TABLE aml AS
SELECT i, CASE WHEN i < 12 THEN 'maintained' ELSE 'not' END AS therapy, weeks::float8, status = 1 AS relapsed
FROM unnest('{9,13,13,18,23,28,31,34,45,48,161,5,5,8,8,12,16,23,27,30,33,43,45}'::integer[],
    '{1,1,0,1,1,0,1,1,0,1,0,1,1,1,1,1,0,1,1,1,1,1,1}'::integer[]) WITH ORDINALITY AS u(weeks, status, i);
CREATE TABLE curve AS SELECT survival_agg(weeks, relapsed) AS c FROM aml;

-- R 4.2.2, survival 3.5.3: summary(survfit(Surv(time, status) ~ 1), censored = TRUE).
SELECT at_time, at_risk, events, censored, round(survival::numeric, 9) AS survival, round(low::numeric, 9) AS low,
    round(high::numeric, 9) AS high
FROM curve, survival_table(c);
SELECT max(abs(t.survival / w.survival - 1)) < 1e-13 AS survival, max(abs(t.low / w.low - 1)) < 1e-12 AS low, count(*)
FROM curve, survival_table(c) t
JOIN (VALUES (5, 0.913043478260869512, 0.80485479778295776), (23, 0.546583850931677051, 0.37207808724921121),
        (48, 0.082815734989648032, 0.014834608254847221)) w(at_time, survival, low) USING (at_time);
SELECT survival_median(c) AS median, round(survival_at(c, 17)::numeric, 9) AS at_17, survival_at(c, 4) AS at_4, survival_at(c, -1) AS before,
    survival_at(c, 161) IS NOT NULL AS at_the_end, survival_at(c, 162) AS after, survival_at(c, 'Infinity'::float8) AS ever,
    survival_at(c, 'NaN'::float8) AS never FROM curve;
SELECT therapy, survival_median(survival_agg(weeks, relapsed)) AS median FROM aml GROUP BY therapy ORDER BY therapy;
SELECT at_time, round(low::numeric, 6) AS low FROM curve, survival_table(c, 0.8) WHERE at_time < 9;

-- Everybody gone: 0 for good, without interval; nobody: no median.
SELECT survival_at(c, 99), survival_median(c), (SELECT array_agg(t) FROM survival_table(c) t) AS curve
FROM (SELECT survival_agg(d, true) AS c FROM (VALUES (0), (2)) v(d) UNION ALL SELECT survival_agg(d, false) FROM (VALUES (0), (2)) v(d)) s;

-- Intervals are kept in seconds; a month has 30 days, a year 365.25.
SELECT survival_median(c) = 86400 * 30 AS median, survival_at(c, interval '29 days 23 hours') AS just_before,
    survival_at(c, interval '1 month') AS after, survival_at(c, 2592000) AS same
FROM (SELECT survival_agg(d, e) AS c FROM (VALUES (interval '1 month', true), ('1 year', false), ('1 mon', true), ('2 days', false)) v(d, e)) s;

-- Units are kept: an interval is compared with intervals only.
SELECT survival_at(survival_agg(d, true), interval '5 days') FROM generate_series(1.0, 9) d;
SELECT rollup(c) FROM (SELECT survival_agg(d, true) AS c FROM generate_series(1.0, 9) d UNION ALL SELECT survival_agg(d * interval '1 day', true) FROM generate_series(1, 9) d) s;
SELECT rollup(l) FROM (SELECT log_rank_agg('a', d * interval '1 day', true) AS l FROM generate_series(1, 9) d UNION ALL SELECT log_rank_agg('a', d, true) FROM generate_series(1, 9) d) s;
SELECT survival_median(rollup(c)) FROM (SELECT survival_agg(d * interval '1 s', true) AS c FROM generate_series(1, 9) d GROUP BY d % 2) s;

-- Log-rank: survdiff in R; strata whose names come in another order.
SELECT abs(statistic / 3.3963886989776011 - 1) < 1e-12 AS statistic, df, abs(p_value / 0.065339322040505132 - 1) < 1e-12 AS p
FROM log_rank_test((SELECT log_rank_agg(therapy, weeks, relapsed) FROM aml));
SELECT log_rank_test(a) = log_rank_test(b) AS same
FROM (SELECT log_rank_agg(therapy, weeks, relapsed) AS a, log_rank_agg(therapy, weeks * interval '1 second', relapsed) AS b FROM aml) s;
SELECT log_rank_test(log_rank_agg('one', weeks, relapsed)) AS one, log_rank_test(log_rank_agg(therapy, weeks, false)) AS no_events FROM aml;

-- NULLs skip the row; order, workers and groups leave no trace.
SELECT (SELECT sum(events + censored) FROM survival_table(survival_agg(d, e))) AS counted, survival_agg(d, NULL) IS NULL AS none,
    log_rank_agg(NULL, d, e) IS NULL AS no_stratum
FROM (VALUES (1.0::float8, NULL), (NULL, true), (2, true)) v(d, e);
SELECT survival_agg(NULL::interval, true) IS NULL AS interval, log_rank_agg('a', NULL::interval, true) IS NULL AS log_rank,
    rollup(NULL::survival_curve) IS NULL AS rolled, rollup(NULL::log_rank) IS NULL AS log_rank_rolled;
CREATE TABLE serial AS SELECT c, (SELECT log_rank_agg(therapy, weeks, relapsed) FROM aml) AS l FROM curve;
SELECT count(DISTINCT c::text) AS c, count(DISTINCT l::text) AS l
FROM generate_series(1, 5) k,
    LATERAL (SELECT survival_agg(weeks, relapsed ORDER BY i * 7919 % (5 * k)) AS c, log_rank_agg(therapy, weeks, relapsed ORDER BY i * 7919 % (5 * k)) AS l
             FROM aml) x;
CREATE TABLE part AS SELECT survival_agg(weeks, relapsed) AS c, log_rank_agg(therapy, weeks, relapsed) AS l FROM aml GROUP BY i % 4;
SELECT rollup(p.c)::text = min(s.c::text) AS c, rollup(p.l)::text = min(s.l::text) AS l FROM part p, serial s;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 2;
ALTER TABLE aml SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT log_rank_agg(therapy, weeks, relapsed) FROM aml;
SELECT p.c::text = s.c::text AS c, p.l::text = s.l::text AS l
FROM serial s, (SELECT survival_agg(weeks, relapsed) AS c, log_rank_agg(therapy, weeks, relapsed) AS l FROM aml) p;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
SELECT array_agg(survival_median(c) ORDER BY i) AS running
FROM (SELECT i, survival_agg(weeks, relapsed) OVER (ORDER BY i ROWS 2 PRECEDING) AS c FROM aml WHERE i < 8) s;

-- NULL in, NULL out.
SELECT survival_at(c, 1), survival_at(c, interval '1 day'), survival_median(c), (SELECT count(*) FROM survival_table(c)) AS rows,
    log_rank_test(NULL) FROM (SELECT NULL::survival_curve AS c) s;
SELECT survival_at(c, NULL::float8), (SELECT count(*) FROM survival_table(c, NULL)) AS rows FROM curve;

-- Errors.
SELECT survival_agg(-1::float8, true);
SELECT survival_agg('Infinity'::float8, true);
SELECT survival_agg('NaN'::float8, true);
SELECT survival_agg(interval '-1 second', true);
SELECT log_rank_agg('a', -1::float8, true);
SELECT log_rank_agg('a', 1e141::float8, true);
SELECT log_rank_agg('a', interval '1 day -25 hours', true);
SELECT * FROM curve, survival_table(c, 7);
SELECT log_rank_test(log_rank_agg(i::text, i, true)) FROM generate_series(1, 501) i;
-- An interval may be infinite from server 17 on; before, its input fails.
DO $$
BEGIN
    PERFORM survival_agg('infinity'::interval, true);
EXCEPTION WHEN invalid_datetime_format OR numeric_value_out_of_range THEN
    RAISE NOTICE 'refused';
END $$;
SET sales_intel.fit_memory = '1MB';
SELECT survival_agg(i, true) FROM generate_series(1, 100000) i;
RESET sales_intel.fit_memory;

DROP TABLE aml, curve, serial, part;
