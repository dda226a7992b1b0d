-- The names, arguments and result columns of contrasts.
BEGIN;
SELECT plan(4);
SET LOCAL search_path = public, sales_intel;

CREATE TEMP TABLE wanted (signature text, result text, strict boolean);
INSERT INTO wanted VALUES
    ('contrast_agg(s event_sequence, success boolean)', 'contrast', false),
    ('contrast_agg(s event_sequence, success boolean, options jsonb)', 'contrast', false),
    ('contrast_agg(s event_sequence, success boolean, cluster text, options jsonb)', 'contrast', false),
    ('contrast_summary(c contrast, OUT sequences bigint, OUT successes bigint, OUT failures bigint, OUT events bigint, '
        'OUT clusters bigint, OUT triples boolean)', 'record', false),
    ('contrast_patterns(c contrast, options jsonb DEFAULT NULL::jsonb)',
        'TABLE(pattern text[], expression text, kind text, success_with bigint, success_without bigint, failure_with bigint, '
        'failure_without bigint, odds_ratio double precision, low double precision, high double precision, p_value double precision, '
        'q_value double precision, order_p_value double precision, max_p double precision, tested bigint)', false);

SELECT set_eq(
    $$SELECT p.proname || '(' || pg_get_function_arguments(p.oid) || ')', pg_get_function_result(p.oid), p.proisstrict
      FROM pg_proc p
      WHERE p.pronamespace = 'sales_intel'::regnamespace
        AND p.proname IN ('contrast_agg', 'contrast_summary', 'contrast_patterns')$$,
    $$SELECT * FROM wanted$$,
    'every function of contrasts is there as documented');

SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND p.proname LIKE 'contrast%'
        AND (p.proparallel <> 's' OR p.provolatile <> 'i')$$,
    'all of them are immutable and parallel safe');

SELECT is_empty(
    $$SELECT a.aggfnoid FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND a.aggfinalfn = 'sales_intel.contrast_final'::regproc
        AND (a.aggcombinefn = 0 OR a.aggserialfn = 0 OR a.aggdeserialfn = 0 OR a.aggfinalmodify <> 'r')$$,
    'every aggregate can be split among workers and run as a window');

-- As anybody writes them: untyped literals, with and without options.
SELECT results_eq(
    $$SELECT (contrast_summary(contrast_agg(s, won))).sequences, (contrast_summary(contrast_agg(s, won, '{"triples": true}'))).triples,
          (contrast_summary(contrast_agg(s, won, 'x', '{"min_support": 2}'))).clusters,
          (contrast_summary(contrast_agg(s, won, rep, '{}'))).clusters,
          (SELECT count(*) FROM contrast_patterns(contrast_agg(s, won)) WHERE kind = 'pair'),
          (SELECT count(max_p) FROM contrast_patterns(contrast_agg(s, won), '{"permutations": 10, "seed": 2, "method": "by", "level": 0.9, "outcome": "a"}'))
      FROM (SELECT sequence_agg(to_timestamp(i), 'a') AS s, i % 2 = 0 AS won, i::text AS rep FROM generate_series(1, 4) i GROUP BY i) t$$,
    $$VALUES (4::bigint, true, 1::bigint, 4::bigint, 0::bigint, 0::bigint)$$,
    'calls need no casts');

SELECT finish();
ROLLBACK;
