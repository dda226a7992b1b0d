-- two_sample, correlation, adjust_p_values.
SET extra_float_digits = 1;
SET search_path = public, sales_intel;

-- Golden values: 200 rows by a formula; R 4.2.2, t.test and wilcox.test, and
-- with clusters statsmodels 0.13.5, OLS with cov_type = "cluster", use_t = True.
CREATE TABLE sampled AS
SELECT i, i * 37 % 10 < 4 AS won, 'rep ' || i % 8 AS rep,
    (i * i * 31 + i * 17) % 97 / 7.0::float8 + CASE WHEN i * 37 % 10 < 4 THEN 2.5 ELSE 0 END + i * 7 % 13 * 0.25 * (i % 8 - 3) AS value
FROM generate_series(1, 200) i;
CREATE TABLE whole AS SELECT two_sample_agg(value, won) AS t, two_sample_agg(value, won, rep) AS c FROM sampled;
SELECT abs(mean_success / 9.6723214285714292 - 1) < 1e-13 AS mean, abs(mean_failure / 6.9794642857142861 - 1) < 1e-13 AS other,
    abs(low / 1.1334841273862479 - 1) < 1e-11 AS low, abs(high / 4.2522301583280386 - 1) < 1e-11 AS high,
    abs(t_p / 0.00080871869546584555 - 1) < 1e-11 AS t, abs(rank_p / 0.00069492144353489927 - 1) < 1e-11 AS rank,
    abs(effect_size / 0.48262008184759658 - 1) < 1e-12 AS d
FROM whole, two_sample_test(t);
SELECT abs(t_p / 0.012310620962841738 - 1) < 1e-10 AS robust, abs((high - low) / 2 / 0.8046932886542565 / 2.3646242515927844 - 1) < 1e-11 AS error,
    round(rank_p::numeric, 6) AS rank
FROM whole, two_sample_test(c);
SELECT s.*, (two_sample_summary(c)).clusters FROM whole, two_sample_summary(t) s;
SELECT (two_sample_test(t, 0.5)).low > (two_sample_test(t)).low AS narrower,
    two_sample_test(t, 0.95) = two_sample_test(t) AS default_level FROM whole;

-- Small samples without ties are ranked exactly: R, wilcox.test.
SELECT round(rank_p::numeric, 12) AS exact
FROM two_sample_test((SELECT two_sample_agg(x, s)
    FROM (VALUES (1.1, true), (2.2, true), (5.5, true), (7.7, true), (9.1, true), (0.5, false), (1.9, false), (2.1, false),
            (3.3, false), (4.4, false), (0.1, false)) v(x, s)));

-- What a missing side, a single row or no spread leaves.
SELECT k, two_sample_test(two_sample_agg(x, s))
FROM (VALUES (1, 2, true), (1, 4, true), (2, 1, true), (2, 5, false), (2, 6, false), (3, 0.1, true), (3, 0.1, false), (3, 0.1, true),
        (3, 0.1, false), (4, 0.1, true), (4, 0.1, true), (4, 0.1, true), (4, 0.7, false), (4, 0.7, false), (4, 0.7, false)) v(k, x, s) GROUP BY k ORDER BY k;

-- Nor can clusters tell, where a side sits in one, or where they are all alike.
SELECT k, two_sample_test(two_sample_agg(x, s, g))
FROM (SELECT 1, g + i * i * 7 % 11, g = 1, g::text FROM generate_series(1, 2) g, generate_series(1, 30) i
      UNION ALL VALUES (2, 1, false, 'a'), (2, 2, false, 'b'), (2, 3, true, 'a'), (2, 4, true, 'b')) v(k, x, s, g) GROUP BY k ORDER BY k;

-- Correlation: R 4.2.2, cor.test with exact = FALSE, on mtcars (mpg, wt).
CREATE TABLE car AS
SELECT * FROM unnest(ARRAY[21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7,
    32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4]::float8[],
    ARRAY[2.620, 2.875, 2.320, 3.215, 3.440, 3.460, 3.570, 3.190, 3.150, 3.440, 3.440, 4.070, 3.730, 3.780, 5.250, 5.424, 5.345,
    2.200, 1.615, 1.835, 2.465, 3.520, 3.435, 3.840, 3.845, 1.935, 2.140, 1.513, 3.170, 2.770, 3.570, 2.780]::float8[]) AS u(mpg, wt);
SELECT abs(p.r / -0.8676593765172278 - 1) < 1e-13 AS pearson, abs(p.low / -0.93382641328499416 - 1) < 1e-12 AS low,
    abs(p.high / -0.74408719646011279 - 1) < 1e-12 AS high, abs(p.p_value / 1.2939587013505163e-10 - 1) < 1e-10 AS p, p.n,
    abs(s.r / -0.88642203327029789 - 1) < 1e-13 AS spearman, abs(s.p_value / 1.4875948581274329e-11 - 1) < 1e-10 AS spearman_p,
    round(s.low::numeric, 6) AS spearman_low
FROM (SELECT correlation_agg(mpg, wt) AS c FROM car) x, correlation_test(c) p, correlation_test(c, 'spearman') s;
SELECT correlation_test(correlation_agg(x, -2 * x)) AS line, correlation_test(correlation_agg(x, 0.1)) AS flat,
    correlation_test(correlation_agg(x, x ^ 3), 'spearman', 0.9) AS curve, correlation_test(correlation_agg(x, x) FILTER (WHERE x < 3)) AS two
FROM generate_series(1, 5) x;

-- Adjusted p-values: R 4.2.2, p.adjust; NULLs stay and do not count.
SELECT m, (SELECT array_agg(round(x::numeric, 6) ORDER BY o) FROM unnest(adjust_p_values(
    '{.022, .009, .387, NULL, .005, .361, .051, .019, .101}', m)) WITH ORDINALITY u(x, o)) AS adjusted
FROM unnest('{bonferroni, holm, bh, by}'::text[]) m;
SELECT adjust_p_values('{}', 'bh'), adjust_p_values('{NULL}', 'holm'), adjust_p_values('{0, 1, 1}', 'by'), adjust_p_values(NULL, 'bh'),
    adjust_p_values('[3:4]={0.01, 0.5}', 'bh');

-- NULLs skip the row; order, workers and groups leave no trace.
SELECT two_sample_summary(two_sample_agg(x, s)), two_sample_agg(x, s, NULL) IS NULL AS no_cluster
FROM (VALUES (1, NULL), (NULL, true), (2, true)) v(x, s);
SELECT (correlation_test(correlation_agg(x, y))).n FROM (VALUES (1, NULL), (NULL, 2), (2, 2)) v(x, y);
SELECT two_sample_agg(1, true) FILTER (WHERE false) IS NULL AS none, correlation_agg(1, NULL) IS NULL AS no_pair,
    rollup(NULL::two_sample) IS NULL AS rolled, rollup(NULL::correlation) IS NULL AS pairs_rolled;
CREATE TABLE serial AS SELECT t, c, (SELECT correlation_agg(value, i) FROM sampled) AS r FROM whole;
SELECT count(DISTINCT t::text) AS t, count(DISTINCT c::text) AS c, count(DISTINCT r::text) AS r
FROM generate_series(1, 5) k,
    LATERAL (SELECT two_sample_agg(value, won ORDER BY i * 7919 % (31 * k)) AS t, two_sample_agg(value, won, rep ORDER BY i * 7919 % (31 * k)) AS c,
        correlation_agg(value, i ORDER BY i * 7919 % (31 * k)) AS r FROM sampled) x;
CREATE TABLE part AS
SELECT two_sample_agg(value, won) AS t, two_sample_agg(value, won, rep) AS c, correlation_agg(value, i) AS r FROM sampled GROUP BY i % 7;
SELECT rollup(p.t)::text = min(s.t::text) AS t, rollup(p.c)::text = min(s.c::text) AS c, rollup(p.r)::text = min(s.r::text) AS r
FROM part p, serial s;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 2;
ALTER TABLE sampled SET (parallel_workers = 2);
EXPLAIN (COSTS OFF) SELECT two_sample_agg(value, won, rep) FROM sampled;
SELECT p.t::text = s.t::text AS t, p.c::text = s.c::text AS c, p.r::text = s.r::text AS r, p.none
FROM serial s, (SELECT two_sample_agg(value, won) AS t, two_sample_agg(value, won, rep) AS c, correlation_agg(value, i) AS r,
                    two_sample_agg(value, won) FILTER (WHERE i < 0) AS none FROM sampled) p;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
SELECT array_agg((two_sample_summary(t)).successes ORDER BY i) AS running
FROM (SELECT i, two_sample_agg(value, won) OVER (ORDER BY i) AS t FROM sampled WHERE i < 12) s;

-- NULL in, NULL out.
SELECT two_sample_test(t), two_sample_summary(t), two_sample_test(s.t, NULL) FROM (SELECT NULL::two_sample AS t) s;
SELECT correlation_test(c), correlation_test(s.c, NULL), correlation_test(s.c, 'pearson', NULL) FROM (SELECT NULL::correlation AS c) s;

-- Errors.
SELECT two_sample_agg('NaN', true);
SELECT two_sample_agg('-Infinity', true, 'a');
SELECT correlation_agg(1, 1e141);
SELECT correlation_agg('NaN', 1);
SELECT rollup(t) FROM (SELECT t FROM whole UNION ALL SELECT c FROM whole) s;
SELECT two_sample_test(t, 1) FROM whole;
SELECT correlation_test(correlation_agg(1, 1), 'kendall');
SELECT correlation_test(correlation_agg(1, 1), 'pearson', 0);
SELECT adjust_p_values('{0.1, 1.5}', 'bh');
SELECT adjust_p_values('{NaN}', 'bh');
SELECT adjust_p_values('{-0.1}', 'holm');
SELECT adjust_p_values('{0.1}', 'fdr');
SELECT adjust_p_values('{{0.1}}', 'bh');
SET sales_intel.fit_memory = '1MB';
SELECT two_sample_agg(i, true) FROM generate_series(1, 100000) i;
SELECT two_sample_agg(1, true, i::text) FROM generate_series(1, 100000) i;
RESET sales_intel.fit_memory;

DROP TABLE sampled, whole, car, serial, part;
