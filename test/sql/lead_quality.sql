-- roc_auc, log_loss and brier_score.
SET extra_float_digits = 1;
SET search_path = public, sales_intel;

-- Golden values: the 32 cars of Motor Trend 1974 (Henderson and Velleman,
-- Biometrics 37, 1981), miles per gallon as score, manual gearbox as label;
-- scikit-learn 1.2.1: roc_auc_score, log_loss, brier_score_loss.
CREATE TABLE car AS
SELECT n, mpg, n IN (1, 2, 3, 18, 19, 20, 26, 27, 28, 29, 30, 31, 32) AS manual
FROM unnest('{21.0,21.0,22.8,21.4,18.7,18.1,14.3,24.4,22.8,19.2,17.8,16.4,17.3,
    15.2,10.4,10.4,14.7,32.4,30.4,33.9,21.5,15.5,15.2,13.3,19.2,27.3,26.0,30.4,
    15.8,19.7,15.0,21.4}'::float8[]) WITH ORDINALITY AS c(mpg, n);
SELECT abs(roc_auc(mpg, manual) - 0.8299595141700405) < 1e-15 AS roc_auc,
    abs(log_loss(mpg / 40, manual) - 0.5540950377590343) < 1e-15 AS log_loss,
    abs(brier_score(mpg / 40, manual) - 0.1850451171875) < 1e-15 AS brier_score
FROM car;

-- By definition: all pairs, a tie counts half.
SELECT avg(CASE WHEN p.mpg > n.mpg THEN 1 WHEN p.mpg = n.mpg THEN 0.5 ELSE 0 END)::float8
    = (SELECT roc_auc(mpg, manual) FROM car) AS all_pairs
FROM car p, car n
WHERE p.manual AND NOT n.manual;

-- Ties, infinite scores, negative zero.
SELECT roc_auc(1, label) AS constant
FROM (VALUES (true), (false), (true)) v(label);
SELECT roc_auc(score, label) AS three_and_a_half_of_four
FROM (VALUES ('-inf'::float8, false), ('-0', false), ('0', true), ('inf', true)) v(score, label);
SELECT roc_auc(score, score > 0.5) AS perfect, roc_auc(score, score < 0.5) AS reversed
FROM generate_series(0.01, 0.99, 0.02) s(score);

-- No rows, one class, a NULL score or label.
SELECT roc_auc(score, label), log_loss(score, label), brier_score(score, label)
FROM (SELECT 0.5, true WHERE false) v(score, label);
SELECT roc_auc(score, label), log_loss(score, label), brier_score(score, label)
FROM (VALUES (NULL, true), (0.5, NULL), (NULL, NULL)) v(score, label);
SELECT roc_auc(score, label), log_loss(score, label), brier_score(score, label)
FROM (VALUES (0.5, true), (0.5, true)) v(score, label);
SELECT roc_auc(score, label), round(log_loss(score, label)::numeric, 12) AS log_loss,
    brier_score(score, label)
FROM (VALUES (0.25, true), (NULL, false), (0.75, false), (0.5, NULL), (0.75, true)) v(score, label);

-- A certain score: right costs nothing, wrong is infinite.
SELECT log_loss(score, label) AS right
FROM (VALUES (1, true), (0, false)) v(score, label);
SELECT log_loss(score, label) AS wrong, brier_score(score, label)
FROM (VALUES (0, true), (0.5, false), (0, true)) v(score, label);
SELECT log_loss(score, label) AS wrong
FROM (VALUES (1, false), (0.5, false)) v(score, label);

-- The order of the rows does not matter, to the last bit.
CREATE TABLE scored AS
SELECT i, i % 7 AS segment,
    CASE WHEN i % 3 = 0 THEN round(p::numeric, 2)::float8 ELSE p END AS score,
    (i::bigint * 48271) % 65537 / 65537.0 < p AS label
FROM (SELECT i, ((i::bigint * i * 16807) % 999983 + 0.5::float8) / 999983 AS p
      FROM generate_series(1, 60000) i) s;
SELECT count(*) AS rows, count(DISTINCT score) < 45000 AS ties,
    round(roc_auc(score, label)::numeric, 3) AS auc
FROM scored;
ANALYZE scored;
SELECT count(*) AS orders, count(DISTINCT auc) AS auc, count(DISTINCT ll) AS ll,
    count(DISTINCT brier) AS brier
FROM generate_series(1, 5) k,
    LATERAL (SELECT roc_auc(score, label ORDER BY (i * 7919) % (20011 * k)) AS auc,
                 log_loss(score, label ORDER BY (i * 7919) % (20011 * k)) AS ll,
                 brier_score(score, label ORDER BY (i * 7919) % (20011 * k)) AS brier
             FROM scored) r;

-- Nor do workers: a parallel plan gives the serial result exactly, also where
-- some workers see no row.
CREATE TABLE serial AS
SELECT roc_auc(score, label), log_loss(score, label), brier_score(score, label),
    roc_auc(score, label) FILTER (WHERE i < 50) AS few,
    log_loss(score, label) FILTER (WHERE i < 50) AS few_loss,
    roc_auc(score, label) FILTER (WHERE i < 0) AS none,
    log_loss(score, label) FILTER (WHERE i < 0) AS none_loss
FROM scored;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF)
SELECT roc_auc(score, label), log_loss(score, label), brier_score(score, label)
FROM scored;
CREATE TABLE parallel AS
SELECT roc_auc(score, label), log_loss(score, label), brier_score(score, label),
    roc_auc(score, label) FILTER (WHERE i < 50) AS few,
    log_loss(score, label) FILTER (WHERE i < 50) AS few_loss,
    roc_auc(score, label) FILTER (WHERE i < 0) AS none,
    log_loss(score, label) FILTER (WHERE i < 0) AS none_loss
FROM scored;
SELECT s IS NOT DISTINCT FROM p AS same, s.few IS NOT NULL AS some, s.none, s.none_loss
FROM serial s, parallel p;

-- Groups, hashed and merged from workers, against one at a time.
EXPLAIN (COSTS OFF)
SELECT segment, roc_auc(score, label) FROM scored GROUP BY segment;
SELECT count(*) AS segments, bool_and(g.auc = o.auc AND g.ll = o.ll) AS same
FROM (SELECT segment, roc_auc(score, label) AS auc, log_loss(score, label) AS ll
      FROM scored GROUP BY segment) g,
    LATERAL (SELECT roc_auc(score, label) AS auc, log_loss(score, label) AS ll
             FROM scored s WHERE s.segment = g.segment) o;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;

-- Partitions are aggregated one by one and combined.
CREATE TABLE parted (LIKE scored) PARTITION BY LIST (segment);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES IN (0, 1);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (2, 3, 4, 5, 6);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (7);
INSERT INTO parted SELECT * FROM scored;
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
EXPLAIN (COSTS OFF)
SELECT roc_auc(score, label), log_loss(score, label), brier_score(score, label)
FROM parted;
SELECT (p.auc, p.loss, p.brier) = (s.roc_auc, s.log_loss, s.brier_score) AS same
FROM serial s,
    (SELECT roc_auc(score, label) AS auc, log_loss(score, label) AS loss,
         brier_score(score, label) AS brier
     FROM parted) p;
RESET max_parallel_workers_per_gather;
RESET enable_partitionwise_aggregate;

-- Running windows, several uses of one state, DISTINCT, moving frames.
SELECT n, round(roc_auc(mpg, manual) OVER running::numeric, 6) AS auc,
    round(log_loss(mpg / 40, manual) OVER running::numeric, 6) AS log_loss,
    round(brier_score(mpg / 40, manual) OVER running::numeric, 6) AS brier
FROM car
WINDOW running AS (ORDER BY n)
ORDER BY n
LIMIT 8;
SELECT count(*) AS rows, bool_and(running = one_by_one AND moving IS NOT DISTINCT FROM moved) AS same
FROM (SELECT i, roc_auc(score, label) OVER (ORDER BY i) AS running,
          roc_auc(score, label) OVER (ORDER BY i ROWS 30 PRECEDING) AS moving
      FROM scored WHERE i <= 400) w,
    LATERAL (SELECT roc_auc(score, label) AS one_by_one,
                 roc_auc(score, label) FILTER (WHERE i >= w.i - 30) AS moved
             FROM scored s WHERE s.i <= w.i) o
WHERE i > 10;
SELECT roc_auc(mpg, manual) = roc_auc(mpg, manual) + 0 AS twice,
    roc_auc(mpg, manual) FILTER (WHERE n > 40) AS none,
    round(roc_auc(DISTINCT mpg, manual)::numeric, 6) AS of_distinct
FROM car;

-- Errors
SELECT roc_auc('nan', true);
SELECT log_loss('nan', true);
SELECT brier_score('nan', false);
\echo :LAST_ERROR_SQLSTATE
SELECT log_loss(1.5, true);
SELECT brier_score(-0.1, true);
SELECT brier_score('inf', true);
\echo :LAST_ERROR_SQLSTATE

-- A state that would outgrow the setting is refused, and says what to do.
SET sales_intel.fit_memory = '1MB';
DO $$
DECLARE
    reason text;
    advice text;
BEGIN
    PERFORM roc_auc(score, label) FROM scored;
EXCEPTION WHEN configuration_limit_exceeded THEN
    GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL, advice = PG_EXCEPTION_HINT;
    RAISE NOTICE '%', SQLERRM;
    RAISE NOTICE '%', regexp_replace(reason, '\d+ kB', '# kB', 'g');
    RAISE NOTICE '%', advice;
END $$;
SELECT roc_auc(score, label) IS NOT NULL AS fits FROM scored WHERE i <= 10000;
-- The same in workers and where their rows are merged.
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 3;
\set VERBOSITY terse
SELECT roc_auc(score, label) FROM scored WHERE i <= 40000;
\set VERBOSITY default
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
RESET sales_intel.fit_memory;

-- Support functions belong in an aggregate, with a state of the right shape.
SELECT log_loss_trans('{0,0,0}', 0.5, true);
SELECT brier_score_trans('{0,0,0}', 0.5, true);
SELECT score_loss_combine('{0,0,0}', '{0,0,0}');
SELECT score_loss_final('{0,0,0}');
SELECT log_loss_trans('{0,0}', 0.5, true);
SELECT log_loss_trans('{0,0,NULL}', 0.5, true);
SELECT log_loss_trans('{{0,0,0}}', 0.5, true);

DROP TABLE car, scored, serial, parallel, parted;
