-- The names, arguments and result columns that callers rely on.
BEGIN;
SELECT plan(6);

CREATE TEMP TABLE wanted (signature text, result text, volatility "char", strict boolean);
INSERT INTO wanted VALUES
    ('lead_model_agg(label boolean, features record)', 'sales_intel.lead_model', 'i', false),
    ('lead_model_agg(label boolean, features record, options jsonb)', 'sales_intel.lead_model', 'i', false),
    ('lead_model_agg(label boolean, features record, weight double precision, options jsonb)', 'sales_intel.lead_model', 'i', false),
    ('lead_score(model sales_intel.lead_model, features record)', 'double precision', 's', true),
    ('lead_margin(model sales_intel.lead_model, features record)', 'double precision', 's', true),
    ('lead_grade(model sales_intel.lead_model, score double precision)', 'text', 'i', true),
    ('lead_explain(model sales_intel.lead_model, features record, top integer DEFAULT NULL::integer)',
        'TABLE(feature text, value text, contribution double precision)', 's', false),
    ('lead_reasons(model sales_intel.lead_model, features record, top integer DEFAULT 3)', 'text', 's', false),
    ('lead_model_summary(model sales_intel.lead_model, OUT algorithm text, OUT rows bigint, OUT positives bigint, '
        'OUT skipped bigint, OUT features integer, OUT roc_auc double precision, OUT auc_low double precision, '
        'OUT auc_high double precision, OUT log_loss double precision, OUT brier_score double precision, '
        'OUT calibration_error double precision, OUT usable boolean)', 'record', 'i', false),
    ('lead_model_warnings(model sales_intel.lead_model)', 'TABLE(code text, feature text, message text)', 'i', true),
    ('lead_model_coefficients(model sales_intel.lead_model)',
        'TABLE(feature text, level text, coefficient double precision, std_error double precision, '
        'z double precision, p_value double precision, odds_ratio double precision)', 'i', true),
    ('lead_model_importance(model sales_intel.lead_model)', 'TABLE(feature text, importance double precision)', 'i', true),
    ('lead_model_choice(model sales_intel.lead_model, OUT winner text, OUT loser text, OUT winner_auc double precision, '
        'OUT loser_auc double precision, OUT difference double precision, OUT std_error double precision)', 'record', 'i', false),
    ('lead_drift_agg(model sales_intel.lead_model, features record)', 'sales_intel.lead_drift', 'i', false),
    ('lead_drift_report(drift sales_intel.lead_drift, level double precision DEFAULT 0.95)',
        'TABLE(feature text, psi double precision, critical_psi double precision, '
        'missing_then double precision, missing_now double precision, drifted boolean)', 'i', true),
    ('lead_drift_rows(drift sales_intel.lead_drift)', 'bigint', 'i', true),
    ('model_hash(model sales_intel.lead_model)', 'text', 'i', true);

SELECT bag_eq(
    $$SELECT w.signature, pg_get_function_result(p.oid), p.provolatile, p.proisstrict
      FROM wanted w
      LEFT JOIN pg_proc p ON p.pronamespace = 'sales_intel'::regnamespace
          AND p.proname = split_part(w.signature, '(', 1)
          AND p.proname || '(' || pg_get_function_arguments(p.oid) || ')' = w.signature$$,
    $$SELECT * FROM wanted$$,
    'every function of lead scoring is there as documented');

SELECT is_empty(
    $$SELECT oid::regprocedure FROM pg_proc
      WHERE pronamespace = 'sales_intel'::regnamespace AND proname ~ '^lead_' AND proparallel <> 's'$$,
    'all of them are parallel safe');

-- A call without type names must never be able to mean two things.
SELECT is_empty(
    $$SELECT a.oid::regprocedure, b.oid::regprocedure, k
      FROM pg_proc a
      JOIN pg_proc b ON b.proname = a.proname AND b.pronargs = a.pronargs AND b.oid > a.oid
          AND b.pronamespace = a.pronamespace
      CROSS JOIN generate_series(0, a.pronargs - 1) k
      WHERE a.pronamespace = 'sales_intel'::regnamespace
          AND (a.proargtypes[k] = 'jsonb'::regtype) <> (b.proargtypes[k] = 'jsonb'::regtype)$$,
    'no two forms of a function differ between jsonb and another type');

SELECT results_eq(
    $$SELECT typstorage, typlen, typinput::text, typoutput::text, typreceive::text, typsend::text
      FROM pg_type WHERE oid = 'sales_intel.lead_model'::regtype$$,
    $$VALUES ('e'::"char", -1::smallint, 'sales_intel.lead_model_in', 'sales_intel.lead_model_out',
          'sales_intel.lead_model_recv', 'sales_intel.lead_model_send')$$,
    'lead_model has text and binary forms, and is stored uncompressed');

SELECT is_empty(
    $$SELECT aggfnoid FROM pg_aggregate
      WHERE aggfnoid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'sales_intel'::regnamespace)
          AND (aggcombinefn = 0 OR aggtranstype = 'internal'::regtype AND
              (aggserialfn = 0 OR aggdeserialfn = 0 OR aggtransspace = 0))$$,
    'every aggregate can be split among workers and says how large its state is');

SELECT results_eq(
    $$SELECT DISTINCT prosupport::text FROM pg_proc
      WHERE oid IN ('sales_intel.lead_score'::regproc, 'sales_intel.lead_margin'::regproc)$$,
    $$VALUES ('sales_intel.lead_score_support')$$,
    'scores have planner support');

SELECT * FROM finish();
ROLLBACK;
