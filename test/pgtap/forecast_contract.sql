-- The names, arguments and results of forecasting that callers rely on.
BEGIN;
SELECT plan(8);

CREATE TEMP TABLE wanted (signature text, result text, kind "char");
INSERT INTO wanted VALUES
    ('wape(actual double precision, predicted double precision)', 'double precision', 'a'),
    ('mape(actual double precision, predicted double precision)', 'double precision', 'a'),
    ('smape(actual double precision, predicted double precision)', 'double precision', 'a'),
    ('forecast_bias(actual double precision, predicted double precision)', 'double precision', 'a'),
    ('mae(actual double precision, predicted double precision)', 'double precision', 'a'),
    ('rmse(actual double precision, predicted double precision)', 'double precision', 'a'),
    ('mase(actual double precision, predicted double precision, scale double precision)', 'double precision', 'a'),
    ('hit_rate(actual double precision, predicted double precision, tolerance double precision)', 'double precision', 'a'),
    ('interval_coverage(actual double precision, lower double precision, upper double precision)', 'double precision', 'a'),
    ('interval_score(actual double precision, lower double precision, upper double precision, level double precision)', 'double precision', 'a'),
    ('percent_error(actual double precision, predicted double precision, denominator text DEFAULT ''actual''::text)', 'double precision', 'f');

SET LOCAL search_path = public, sales_intel;
SELECT bag_eq(
    $$SELECT w.signature, pg_get_function_result(p.oid), p.prokind
      FROM wanted w
      LEFT JOIN pg_proc p ON p.pronamespace = 'sales_intel'::regnamespace
          AND p.proname = split_part(w.signature, '(', 1)
          AND p.proname || '(' || pg_get_function_arguments(p.oid) || ')' = w.signature$$,
    $$SELECT * FROM wanted$$,
    'every function of forecasting is there as documented');

SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p, wanted w
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND p.proname = split_part(w.signature, '(', 1)
        AND (p.proparallel <> 's' OR p.provolatile <> 'i'
             OR obj_description(p.oid, 'pg_proc') NOT LIKE '%denominator%')$$,
    'all of them are immutable and parallel safe, and say of what they are a share');

-- A transition state that is no internal needs no serialising.
SELECT is_empty(
    $$SELECT a.aggfnoid FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid, wanted w
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND p.proname = split_part(w.signature, '(', 1)
        AND (a.aggcombinefn = 0 OR a.aggtranstype = 'internal'::regtype OR a.aggminvtransfn = 0 OR a.aggfinalmodify <> 'r' OR a.aggmfinalmodify <> 'r')$$,
    'every aggregate can be split among workers, and moves as a window');

-- As anybody writes them: integers, numerics, untyped literals.
SELECT results_eq(
    $$SELECT wape(a, p), mape(a, p), smape(a, p), forecast_bias(a, p), mae(a, p), rmse(a, p), mase(a, p, 2), hit_rate(a, p, 10), hit_rate(a, p, '5.5'),
          interval_coverage(a, 90, 100.5), interval_score(a, 90, 100, 0.5)
      FROM (VALUES (100, 110), (100, 90)) v(a, p)$$,
    $$VALUES (10::float8, 10::float8, (100 * (10 / 105.0 + 10 / 95.0) / 2)::float8, 0::float8, 10::float8, 10::float8, 5::float8, 1::float8, 0::float8, 1::float8, 10::float8)$$,
    'calls need no casts');

SELECT results_eq(
    $$SELECT percent_error(100, 110), percent_error('100', 110.0, 'forecast') = 100 / 11.0::float8, percent_error(NULL, 1)$$,
    $$VALUES (10::float8, true, NULL::float8)$$,
    'and those of percent_error none either');

-- Models, backtests, pools.
CREATE TEMP TABLE modelled (signature text, result text, kind "char");
INSERT INTO modelled VALUES
('backtest_agg(at bigint, value double precision, horizon integer, folds integer)', 'backtest', 'a'),
    ('backtest_agg(at bigint, value double precision, horizon integer, folds integer, options jsonb)', 'backtest', 'a'),
    ('backtest_agg(at date, value double precision, horizon integer, folds integer)', 'backtest', 'a'),
    ('backtest_agg(at date, value double precision, horizon integer, folds integer, options jsonb)', 'backtest', 'a'),
    ('backtest_agg(at timestamp with time zone, value double precision, horizon integer, folds integer)', 'backtest', 'a'),
    ('backtest_agg(at timestamp with time zone, value double precision, horizon integer, folds integer, options jsonb)', 'backtest', 'a'),
    ('backtest_errors(b backtest)', 'TABLE(fold integer, step integer, at timestamp with time zone, actual double precision, mean double precision, lower double precision, upper double precision)', 'f'),
    ('backtest_summary(b backtest, OUT mase double precision, OUT smape double precision, OUT wape double precision, OUT bias double precision, OUT coverage double precision, OUT baseline_wape double precision, OUT skill double precision, OUT folds bigint)', 'record', 'f'),
    ('conformal_agg(m forecast_model)', 'conformal', 'a'),
    ('forecast(m forecast_model, horizon integer)', 'TABLE(step integer, at timestamp with time zone, mean double precision, lower double precision, upper double precision)', 'f'),
    ('forecast(m forecast_model, horizon integer, level double precision)', 'TABLE(step integer, at timestamp with time zone, mean double precision, lower double precision, upper double precision)', 'f'),
    ('forecast(m forecast_model, horizon integer, level double precision, pool conformal)', 'TABLE(step integer, at timestamp with time zone, mean double precision, lower double precision, upper double precision)', 'f'),
    ('forecast_agg(at bigint, value double precision)', 'forecast_model', 'a'),
    ('forecast_agg(at bigint, value double precision, options jsonb)', 'forecast_model', 'a'),
    ('forecast_agg(at date, value double precision)', 'forecast_model', 'a'),
    ('forecast_agg(at date, value double precision, options jsonb)', 'forecast_model', 'a'),
    ('forecast_agg(at timestamp with time zone, value double precision)', 'forecast_model', 'a'),
    ('forecast_agg(at timestamp with time zone, value double precision, options jsonb)', 'forecast_model', 'a'),
    ('forecast_fitted(m forecast_model)', 'TABLE(at timestamp with time zone, actual double precision, fitted double precision, residual double precision)', 'f'),
    ('forecast_summary(m forecast_model, OUT method text, OUT season integer[], OUT rows bigint, OUT first_at timestamp with time zone, OUT last_at timestamp with time zone, OUT parameters jsonb, OUT log_likelihood double precision, OUT aicc double precision, OUT sigma double precision, OUT mase double precision, OUT fallback boolean)', 'record', 'f'),
    ('forecast_warnings(m forecast_model)', 'TABLE(code text, message text)', 'f'),
    ('rollup(part backtest)', 'backtest', 'a'),
    ('rollup(part conformal)', 'conformal', 'a');
SELECT bag_eq(
    $$SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ')', pg_get_function_result(p.oid), p.prokind
      FROM pg_proc p
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND (p.proname IN (SELECT split_part(signature, '(', 1) FROM modelled WHERE signature NOT LIKE 'rollup(%'))
         OR p.proname = 'rollup' AND pg_get_function_result(p.oid) IN ('backtest', 'conformal')$$,
    $$SELECT * FROM modelled$$,
    'so is every function of models, backtests and pools, and no other of their names');

SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p, modelled m
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND p.proname = split_part(m.signature, '(', 1) AND pg_get_function_result(p.oid) = m.result
        AND (p.proparallel <> 's' OR p.provolatile <> 'i')$$,
    'a model says the same whenever and wherever it is read');

-- Where a day begins is the session's affair, so that gathering and fitting are stable.
SELECT is_empty(
    $$SELECT a.aggfnoid FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_proc t ON t.oid = a.aggtransfn JOIN pg_proc f ON f.oid = a.aggfinalfn
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND pg_get_function_result(p.oid) IN ('forecast_model', 'backtest', 'conformal')
        AND (a.aggcombinefn = 0 OR a.aggserialfn = 0 OR a.aggdeserialfn = 0 OR a.aggtransspace = 0 OR a.aggfinalmodify <> 'r'
             OR t.proparallel <> 's' OR f.proparallel <> 's' OR (p.proname IN ('forecast_agg', 'backtest_agg')) <> (t.provolatile = 's' AND f.provolatile = 's'))$$,
    'their aggregates are split among workers');

SELECT finish();
ROLLBACK;
