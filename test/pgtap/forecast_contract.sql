-- The names, arguments and results of forecasting that callers rely on.
BEGIN;
SELECT plan(5);

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

SELECT finish();
ROLLBACK;
