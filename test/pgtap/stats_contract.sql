-- The names, arguments and result columns of the statistics.
BEGIN;
SELECT plan(5);

CREATE TEMP TABLE wanted (signature text, result text, strict boolean);
INSERT INTO wanted VALUES
    ('contingency(a bigint, b bigint, c bigint, d bigint)', 'contingency', true),
    ('contingency_agg(exposed boolean, outcome boolean)', 'contingency', false),
    ('contingency_agg(exposed boolean, outcome boolean, cluster text)', 'clustered_contingency', false),
    ('odds_ratio(counts contingency)', 'double precision', true),
    ('odds_ratio(counts clustered_contingency)', 'double precision', true),
    ('odds_ratio_cmle(counts contingency)', 'double precision', true),
    ('odds_ratio_cmle(counts clustered_contingency)', 'double precision', true),
    ('odds_ratio_interval(counts contingency, level double precision DEFAULT 0.95, OUT low double precision, OUT high double precision)', 'record', false),
    ('odds_ratio_interval(counts clustered_contingency, level double precision DEFAULT 0.95, OUT low double precision, OUT high double precision)', 'record', false),
    ('odds_ratio_exact_interval(counts contingency, level double precision DEFAULT 0.95, OUT low double precision, OUT high double precision)', 'record', false),
    ('odds_ratio_exact_interval(counts clustered_contingency, level double precision DEFAULT 0.95, OUT low double precision, OUT high double precision)', 'record', false),
    ('odds_ratio_p(counts clustered_contingency)', 'double precision', true),
    ('fisher_p(counts contingency)', 'double precision', true),
    ('chi_square(counts contingency, yates boolean DEFAULT false, OUT statistic double precision, OUT p_value double precision)', 'record', false),
    ('risk_difference(counts contingency)', 'double precision', true),
    ('relative_risk(counts contingency)', 'double precision', true),
    ('stratified_agg(stratum text, exposed boolean, outcome boolean)', 'stratified_contingency', false),
    ('mantel_haenszel(counts stratified_contingency, level double precision DEFAULT 0.95, correct boolean DEFAULT true, OUT odds_ratio double precision, '
        'OUT low double precision, OUT high double precision, OUT statistic double precision, OUT p_value double precision)', 'record', false),
    ('breslow_day(counts stratified_contingency, OUT statistic double precision, OUT df double precision, OUT p_value double precision, '
        'OUT tarone_statistic double precision, OUT tarone_p double precision)', 'record', false),
    ('strata(counts stratified_contingency, level double precision DEFAULT 0.95)',
        'TABLE(stratum text, a bigint, b bigint, c bigint, d bigint, odds_ratio double precision, low double precision, '
        'high double precision, p_value double precision, verdict text)', true),
    ('two_sample_agg(value double precision, success boolean)', 'two_sample', false),
    ('two_sample_agg(value double precision, success boolean, cluster text)', 'two_sample', false),
    ('two_sample_test(sample two_sample, level double precision DEFAULT 0.95, OUT mean_success double precision, OUT mean_failure double precision, '
        'OUT difference double precision, OUT low double precision, OUT high double precision, OUT t_p double precision, '
        'OUT rank_p double precision, OUT effect_size double precision)', 'record', false),
    ('correlation_agg(x double precision, y double precision)', 'correlation', false),
    ('correlation_test(pairs correlation, method text DEFAULT ''pearson''::text, level double precision DEFAULT 0.95, OUT r double precision, '
        'OUT low double precision, OUT high double precision, OUT p_value double precision, OUT n bigint)', 'record', false),
    ('adjust_p_values(p double precision[], method text)', 'double precision[]', true),
    ('rate_interval(followed double precision, occurrences double precision, level double precision DEFAULT 0.95, OUT low double precision, OUT high double precision)', 'record', false),
    ('survival_agg(duration double precision, event boolean)', 'survival_curve', false),
    ('survival_agg(duration interval, event boolean)', 'survival_curve', false),
    ('survival_at(curve survival_curve, t double precision)', 'double precision', true),
    ('survival_at(curve survival_curve, t interval)', 'double precision', true),
    ('survival_median(curve survival_curve)', 'double precision', true),
    ('survival_table(curve survival_curve, level double precision DEFAULT 0.95)',
        'TABLE(at_time double precision, at_risk bigint, events bigint, censored bigint, survival double precision, low double precision, high double precision)', true),
    ('log_rank_agg(stratum text, duration double precision, event boolean)', 'log_rank', false),
    ('log_rank_agg(stratum text, duration interval, event boolean)', 'log_rank', false),
    ('log_rank_test(durations log_rank, OUT statistic double precision, OUT df double precision, OUT p_value double precision)', 'record', false),
    ('cox_agg(duration double precision, event boolean, features record)', 'cox_model', false),
    ('cox_agg(duration double precision, event boolean, features record, options jsonb)', 'cox_model', false),
    ('cox_agg(duration interval, event boolean, features record)', 'cox_model', false),
    ('cox_agg(duration interval, event boolean, features record, options jsonb)', 'cox_model', false),
    ('cox_coefficients(model cox_model, confidence double precision DEFAULT 0.95)',
        'TABLE(feature text, level text, coefficient double precision, std_error double precision, z double precision, p_value double precision, '
        'hazard_ratio double precision, low double precision, high double precision)', true),
    ('cox_summary(model cox_model, OUT rows bigint, OUT events bigint, OUT skipped bigint, OUT ties text, OUT l2 double precision, OUT df bigint, '
        'OUT concordance double precision, OUT log_likelihood double precision, OUT null_log_likelihood double precision, OUT p_value double precision)', 'record', false),
    ('cox_warnings(model cox_model)', 'TABLE(code text, feature text, level text, message text)', true),
    ('cox_baseline(model cox_model)', 'TABLE(at_time double precision, cumulative_hazard double precision, survival double precision)', true),
    ('cox_risk(model cox_model, features record)', 'double precision', true),
    ('cox_survival(model cox_model, features record, t double precision)', 'double precision', true),
    ('cox_survival(model cox_model, features record, t interval)', 'double precision', true),
    ('rollup(part contingency)', 'contingency', false),
    ('rollup(part clustered_contingency)', 'clustered_contingency', false),
    ('rollup(part stratified_contingency)', 'stratified_contingency', false),
    ('rollup(part two_sample)', 'two_sample', false),
    ('rollup(part correlation)', 'correlation', false),
    ('rollup(part survival_curve)', 'survival_curve', false),
    ('rollup(part log_rank)', 'log_rank', false);

SET LOCAL search_path = public, sales_intel;
SELECT bag_eq(
    $$SELECT w.signature, pg_get_function_result(p.oid), p.proisstrict
      FROM wanted w
      LEFT JOIN pg_proc p ON p.pronamespace = 'sales_intel'::regnamespace
          AND p.proname = split_part(w.signature, '(', 1)
          AND p.proname || '(' || pg_get_function_arguments(p.oid) || ')' = w.signature$$,
    $$SELECT * FROM wanted$$,
    'every function of the statistics is there as documented');

SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p, wanted w
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND p.proname = split_part(w.signature, '(', 1)
        AND (p.proparallel <> 's' OR p.provolatile <> CASE WHEN p.proname IN ('cox_risk', 'cox_survival') THEN 's' ELSE 'i' END)$$,
    'all of them are parallel safe, and immutable but for those that read the names of columns');

SELECT is_empty(
    $$SELECT a.aggfnoid FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid, wanted w
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND p.proname = split_part(w.signature, '(', 1)
        AND (a.aggcombinefn = 0 OR a.aggserialfn = 0 OR a.aggdeserialfn = 0 OR a.aggfinalmodify <> 'r')$$,
    'every aggregate can be split among workers and run as a window');

-- As anybody writes them: integers, untyped literals, named columns.
SELECT results_eq(
    $$SELECT (odds_ratio_interval(contingency(1, 2, 3, 4), 0.9)).low < 1, (chi_square(contingency(1, 2, 3, 4), true)).p_value > 0.5,
          rate_interval(1, 2, '0.8') = rate_interval(1, 2, 0.8), adjust_p_values('{0.5}', 'holm'),
          (correlation_test(correlation_agg(i, i), 'spearman')).r, survival_at(survival_agg(i, true), 2),
          survival_median(survival_agg(i * interval '1 day', true)), (log_rank_test(log_rank_agg('a', i, true))).df,
          (two_sample_test(two_sample_agg(i, i > 2, 'x'))).difference,
          (mantel_haenszel(stratified_agg('s', i > 2, i > 1))).odds_ratio
      FROM generate_series(1, 4) i$$,
    $$VALUES (true, true, true, '{0.5}'::float8[], 1::float8, 0.5::float8, 216000::float8, NULL::float8, 2::float8, 'Infinity'::float8)$$,
    'calls need no casts');

SELECT results_eq(
    $$SELECT (s).events, round((s).l2), cox_risk(m, f) > 0, cox_survival(m, f, 2) < 1, cox_survival(d, f, '1 second'::interval) < 1
      FROM (SELECT cox_agg(i, i > 2, f, '{"l2": 1, "ties": "breslow"}') AS m, cox_agg(i * interval '1 day', i > 2, f, '{"l2": 1}') AS d
            FROM generate_series(1, 4) i, LATERAL (SELECT i AS x) f) m, LATERAL (SELECT 3 AS x) f, cox_summary(d) AS s$$,
    $$VALUES (2::bigint, 1::float8, true, false, false)$$,
    'and those of cox_agg none either');

SELECT finish();
ROLLBACK;
