-- score_quality: the value, its accessors, its roll-up.
SET extra_float_digits = 1;
SET search_path = public, sales_intel;

-- Golden values: 500 rows by a formula, with many ties; scikit-learn 1.2.1
-- (roc_auc_score, average_precision_score, log_loss, brier_score_loss,
-- confusion_matrix), SciPy 1.10.1 (ks_2samp), R's pROC 1.18.0 (ci).
CREATE TABLE formula AS
SELECT i, (i * 7919 % 64 + 0.5::float8) / 64 AS score,
    (i * i * 31 + i * 17) % 100 < 10 + 60 * (i * 7919 % 64 / 64.0) AS label
FROM generate_series(1, 500) i;
CREATE TABLE quality AS
SELECT 'formula' AS name, score_quality_agg(score, label) AS q FROM formula;
SELECT abs(roc_auc(q) - 0.68491221174004191) < 1e-15 AS roc_auc,
    abs((roc_auc_interval(q)).low - 0.63822776345596821) < 1e-14 AS low,
    abs((roc_auc_interval(q, 0.95)).high - 0.73159666002411561) < 1e-14 AS high,
    abs(average_precision(q) - 0.62134220264191442) < 1e-15 AS precision,
    abs(ks(q) - 0.27260220125786161) < 1e-15 AS ks,
    abs(log_loss(q) - 0.70289398032079198) < 1e-15 AS log_loss,
    abs(brier_score(q) - 0.24298486328124999) < 1e-15 AS brier
FROM quality;
SELECT c.tp, c.fp, c.tn, c.fn, c.accuracy, c.base_accuracy FROM quality, confusion(q, 0.5) c;
SELECT rows, positives, round(roc_auc::numeric, 6) AS roc_auc, round(auc_low::numeric, 6) AS low,
    round(auc_high::numeric, 6) AS high, round(average_precision::numeric, 6) AS ap,
    round(ks::numeric, 6) AS ks, round(log_loss::numeric, 6) AS log_loss,
    round(brier_score::numeric, 6) AS brier, round(calibration_error::numeric, 6) AS calibration
FROM quality, score_quality_summary(q);

-- The same as the one-shot aggregates, to the last bit.
SELECT f.roc_auc = roc_auc(q) AS roc_auc, f.log_loss = log_loss(q) AS log_loss, f.brier_score = brier_score(q) AS brier
FROM quality, (SELECT roc_auc(score, label), log_loss(score, label), brier_score(score, label) FROM formula) f;

-- Tables: bins of equal counts, as ntile() makes them where no tie straddles;
-- the intervals are Wilson's at 95%.
SELECT bin, rows, round(mean_score::numeric, 4) AS mean, round(observed::numeric, 4) AS observed,
    round(low::numeric, 4) AS low, round(high::numeric, 4) AS high
FROM quality, calibration_table(q, 4);
SELECT round(calibration_error(q, 4)::numeric, 12) AS error,
    (SELECT round(sum(abs(mean_score - observed) * rows)::numeric / 500, 12) FROM calibration_table(q, 4)) AS by_table
FROM quality;
SELECT calibration_error(q) = calibration_error(q, 10) AS ten, (SELECT count(*) FROM calibration_table(q)) AS ten_rows
FROM quality;
SELECT bin, rows, mean_score, round(observed::numeric, 12) AS observed
FROM (SELECT score_quality_agg(0.25, i % 4 = 0) AS q FROM generate_series(1, 10) i) s, calibration_table(q, 3);
SELECT count(*) AS bins, sum(rows) AS rows FROM quality, calibration_table(q, 100000);
SELECT round(threshold::numeric, 4) AS threshold, round(false_positive_rate::numeric, 4) AS fpr,
    round(true_positive_rate::numeric, 4) AS tpr
FROM quality, roc_curve(q, 6);
SELECT count(*) AS points, bool_and(r.true_positive_rate = o.tpr AND r.false_positive_rate = o.fpr) AS exact
FROM quality, roc_curve(q) r,
    LATERAL (SELECT count(*) FILTER (WHERE label AND score >= threshold)::float8 / 212 AS tpr,
                 count(*) FILTER (WHERE NOT label AND score >= threshold)::float8 / 288 AS fpr
             FROM formula) o;

-- Lift: rows tied at the cut-off count in part.
SELECT lift(q, 0.25) AS top_one, lift(q, 0.5) AS half_of_the_tie, round(lift(q, 0.375)::numeric, 12) AS between,
    lift(q, 1) AS all_rows, lift(q, 1e-300) AS best
FROM (SELECT score_quality_agg(score, label) AS q
      FROM (VALUES (0.9, true), (0.5, true), (0.5, false), (0.1, false)) v(score, label)) s;

-- Scores that are no probabilities rank as well.
SELECT roc_auc(q), average_precision(q), ks(q), (confusion(q, 0)).tp, score_quality_summary(q)
FROM (SELECT score_quality_agg(score, label) AS q
      FROM (VALUES ('-inf'::float8, false), ('-0', false), ('0', true), ('inf', true)) v(score, label)) s;

-- One class, one row of a class, no rows, NULLs.
SELECT roc_auc(q), roc_auc_interval(q), average_precision(q), ks(q), lift(q, 0.5),
    round(log_loss(q)::numeric, 6) AS log_loss, brier_score(q), calibration_error(q), confusion(q, 0.5)
FROM (SELECT label, score_quality_agg(score, label) AS q
      FROM (VALUES (0.5, true), (0.25, true), (0.5, false)) v(score, label) GROUP BY label ORDER BY label DESC) s;
SELECT count(*) AS curve FROM (SELECT score_quality_agg(0.5, true) AS q) s, roc_curve(q);
SELECT roc_auc(q), roc_auc_interval(q)
FROM (SELECT score_quality_agg(score, score > 0.5) AS q FROM (VALUES (0.2), (0.3), (0.9)) v(score)) s;
SELECT score_quality_agg(score, label) IS NULL AS nothing_counted
FROM (VALUES (NULL, true), (0.5, NULL), (NULL, NULL)) v(score, label);
SELECT score_quality_agg(0.5, true) FILTER (WHERE false) IS NULL AS no_rows, rollup(NULL::score_quality) IS NULL AS rolled;
SELECT rows, positives FROM (SELECT score_quality_agg(score, label) AS q
      FROM (VALUES (NULL, true), (0.5, NULL), (0.5, true)) v(score, label)) s, score_quality_summary(q);
SELECT roc_auc(q), roc_auc_interval(q), roc_auc_interval(q, 0.9), average_precision(q), ks(q), lift(q, 0.1),
    log_loss(q), brier_score(q), calibration_error(q, 5), confusion(q, 0.5), score_quality_summary(q)
FROM (SELECT NULL::score_quality AS q) s;
SELECT roc_auc_interval(q, NULL), lift(q, NULL), calibration_error(q, NULL), confusion(q, NULL) FROM quality;
SELECT count(*) AS none FROM (SELECT NULL::score_quality AS q) s, roc_curve(q, 5), calibration_table(q, 5);

-- The order of the rows leaves no trace, nor do workers, groups or partitions.
CREATE TABLE scored AS
SELECT i, i % 7 AS segment, CASE WHEN i % 3 = 0 THEN round(p::numeric, 2)::float8 ELSE p END AS score,
    (i::bigint * 48271) % 65537 / 65537.0 < p AS label
FROM (SELECT i, ((i::bigint * i * 16807) % 999983 + 0.5::float8) / 999983 AS p
      FROM generate_series(1, 60000) i) s;
ANALYZE scored;
CREATE TABLE serial AS
SELECT score_quality_agg(score, label) AS q, score_quality_agg(round(score::numeric, 1)::float8, label) AS ties,
    score_quality_agg(score, label) FILTER (WHERE i < 50) AS few,
    score_quality_agg(score, label) FILTER (WHERE i < 0) AS none
FROM scored;
SELECT pg_column_size(q) < 8 * 60000 AS compact, pg_column_size(ties) < 200 AS more_so FROM serial;
SELECT count(DISTINCT q::text) AS different
FROM generate_series(1, 5) k,
    LATERAL (SELECT score_quality_agg(score, label ORDER BY (i * 7919) % (20011 * k)) AS q FROM scored) s;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SET max_parallel_workers_per_gather = 3;
EXPLAIN (COSTS OFF) SELECT score_quality_agg(score, label) FROM scored;
SELECT s.q::text = p.q::text AS q, s.ties::text = p.ties::text AS ties, s.few::text = p.few::text AS few, p.none
FROM serial s,
    (SELECT score_quality_agg(score, label) AS q, score_quality_agg(round(score::numeric, 1)::float8, label) AS ties,
         score_quality_agg(score, label) FILTER (WHERE i < 50) AS few,
         score_quality_agg(score, label) FILTER (WHERE i < 0) AS none
     FROM scored) p;
CREATE TABLE part AS
SELECT segment, score_quality_agg(score, label) AS q FROM scored GROUP BY segment;
EXPLAIN (COSTS OFF) SELECT rollup(q) FROM part;
SELECT rollup(q)::text = (SELECT q::text FROM serial) AS whole, roc_auc(rollup(q)) = (SELECT roc_auc(q) FROM serial) AS auc
FROM part;
RESET parallel_leader_participation;
RESET max_parallel_workers_per_gather;
RESET parallel_tuple_cost;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
SELECT rollup(q)::text = (SELECT q::text FROM serial) AS many_parts
FROM (SELECT score_quality_agg(score, label) AS q FROM scored GROUP BY i % 3000) s;
SELECT count(*) AS segments, bool_and(p.q::text = o.q::text) AS same
FROM part p, LATERAL (SELECT score_quality_agg(score, label) AS q FROM scored s WHERE s.segment = p.segment) o;
SELECT count(*) AS rows, bool_and(roc_auc(running) IS NOT DISTINCT FROM roc_auc(o.q)
        AND moving::text IS NOT DISTINCT FROM o.moved::text) AS same
FROM (SELECT i, score_quality_agg(score, label) OVER (ORDER BY i) AS running,
          score_quality_agg(score, label) OVER (ORDER BY i ROWS 30 PRECEDING) AS moving
      FROM scored WHERE i <= 300) w,
    LATERAL (SELECT score_quality_agg(score, label) AS q,
                 score_quality_agg(score, label) FILTER (WHERE i >= w.i - 30) AS moved
             FROM scored s WHERE s.i <= w.i) o;

-- A value survives text, binary, storage aside.
CREATE TABLE copy (q score_quality);
INSERT INTO copy SELECT q::text::score_quality FROM serial;
SELECT c.q::text = s.q::text AS text, score_quality_send(c.q) = score_quality_send(s.q) AS bytes FROM copy c, serial s;
TRUNCATE copy;
\copy serial (q) TO 'results/score_quality.copy'
\copy copy FROM 'results/score_quality.copy'
\copy serial (q) TO 'results/score_quality.copy' (FORMAT binary)
\copy copy FROM 'results/score_quality.copy' (FORMAT binary)
SELECT count(*), bool_and(c.q::text = s.q::text) AS same FROM copy c, serial s;

-- Errors: arguments, scores.
SELECT score_quality_agg('nan', true);
\echo :LAST_ERROR_SQLSTATE
SELECT roc_auc_interval(q, 1) FROM quality;
SELECT roc_auc_interval(q, 'nan') FROM quality;
SELECT lift(q, 0) FROM quality;
SELECT lift(q, 1.5) FROM quality;
SELECT roc_curve(q, 1) FROM quality;
SELECT calibration_error(q, 0) FROM quality;
SELECT calibration_table(q, 100001) FROM quality;
SELECT confusion(q, 'nan') FROM quality;
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE margin AS SELECT score_quality_agg(i, i > 2) AS q FROM generate_series(1, 5) i;
SELECT log_loss(q) FROM margin;
\set VERBOSITY terse
SELECT brier_score(q) FROM margin;
SELECT calibration_error(q, 5) FROM margin;
SELECT calibration_table(q, 5) FROM margin;
\echo :LAST_ERROR_SQLSTATE

-- Damage: in text, in binary, as stored.
\set VERBOSITY default
SELECT 'score_quality:'::score_quality;
\set VERBOSITY terse
SELECT t::score_quality
FROM (SELECT overlay(q::text PLACING CASE substr(q::text, 60, 1) WHEN 'A' THEN 'B' ELSE 'A' END FROM 60 FOR 1) AS t FROM quality) s;
SELECT left(q::text, -4)::score_quality FROM quality;
SELECT replace(q::text, 'score_quality:', 'lead_model:')::score_quality FROM quality;
SELECT 'score_quality:*'::score_quality;
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE bytes AS SELECT set_byte(score_quality_send(q), 40, 0) AS b FROM quality;
\copy bytes TO 'results/score_quality.copy' (FORMAT binary)
\set VERBOSITY default
\copy copy FROM 'results/score_quality.copy' (FORMAT binary)
\set VERBOSITY sqlstate
\copy copy FROM 'results/score_quality.copy' (FORMAT binary)
\! rm results/score_quality.copy
\set VERBOSITY default
CREATE CAST (bytea AS score_quality) WITHOUT FUNCTION;
SELECT roc_auc(b::score_quality) FROM bytes;
\set VERBOSITY terse
SELECT rollup(b::score_quality) FROM bytes;
SELECT score_quality_summary(''::bytea::score_quality);
\echo :LAST_ERROR_SQLSTATE
DROP CAST (bytea AS score_quality);

-- A value rolled up with itself again and again: counts, then a limit.
\set VERBOSITY default
\set SHOW_CONTEXT never
DO $$
DECLARE
    q score_quality;
BEGIN
    SELECT score_quality_agg(score, label) INTO q FROM (VALUES (0.25, false), (0.5, true), (0.5, false), (0.75, true)) v(score, label);
    FOR i IN 1..60 LOOP
        SELECT rollup(v.q) INTO q FROM (VALUES (q), (q)) v(q);
        IF i IN (34, 50) THEN
            RAISE NOTICE '% rows, AUC %', (score_quality_summary(q)).rows, roc_auc(q);
        END IF;
    END LOOP;
END $$;
\echo :LAST_ERROR_SQLSTATE
SET sales_intel.fit_memory = '1MB';
\set VERBOSITY terse
SELECT score_quality_agg(score, label) FROM scored;
\echo :LAST_ERROR_SQLSTATE
SELECT roc_auc(score_quality_agg(round(score::numeric, 1)::float8, label)) IS NOT NULL AS ties_fit FROM scored;
RESET sales_intel.fit_memory;

DROP TABLE formula, quality, scored, serial, part, copy, margin, bytes;
