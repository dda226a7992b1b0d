-- The names, arguments and result columns that callers rely on.
BEGIN;
SELECT plan(3);

CREATE TEMP TABLE wanted (signature text, result text, kind "char");
INSERT INTO wanted VALUES
    ('sequence_agg(at timestamp with time zone, event text)', 'sales_intel.event_sequence', 'a'),
    ('sequence_agg(at timestamp with time zone, event text, tiebreak bigint)', 'sales_intel.event_sequence', 'a'),
    ('rollup(s sales_intel.event_sequence)', 'sales_intel.event_sequence', 'a'),
    ('length(s sales_intel.event_sequence)', 'bigint', 'f'),
    ('events(s sales_intel.event_sequence)', 'text[]', 'f'),
    ('times(s sales_intel.event_sequence)', 'timestamp with time zone[]', 'f'),
    ('followed_within(s sales_intel.event_sequence, first text, next text, within interval, OUT occurrences bigint, OUT followed bigint)', 'record', 'f'),
    ('funnel(s sales_intel.event_sequence, steps text[], within interval)', 'sales_intel.funnel', 'f'),
    ('funnel(s sales_intel.event_sequence, steps text[], within interval, mode text)', 'sales_intel.funnel', 'f'),
    ('funnel_agg(at timestamp with time zone, event text, steps text[], within interval)', 'sales_intel.funnel', 'a'),
    ('funnel_agg(at timestamp with time zone, event text, steps text[], within interval, mode text)', 'sales_intel.funnel', 'a'),
    ('funnel_mask_agg(at timestamp with time zone, step_mask bigint, step_count integer, within interval)', 'sales_intel.funnel', 'a'),
    ('funnel_mask_agg(at timestamp with time zone, step_mask bigint, step_count integer, within interval, mode text)', 'sales_intel.funnel', 'a'),
    ('funnel_summary_agg(entity text, at timestamp with time zone, event text, steps text[], within interval)', 'sales_intel.funnel_summary', 'a'),
    ('funnel_summary_agg(entity bigint, at timestamp with time zone, event text, steps text[], within interval)', 'sales_intel.funnel_summary', 'a'),
    ('funnel_summary_agg(entity text, at timestamp with time zone, event text, steps text[], within interval, mode text)', 'sales_intel.funnel_summary', 'a'),
    ('funnel_summary_agg(entity bigint, at timestamp with time zone, event text, steps text[], within interval, mode text)', 'sales_intel.funnel_summary', 'a'),
    ('funnel_level(f sales_intel.funnel)', 'integer', 'f'),
    ('funnel_times(f sales_intel.funnel)', 'timestamp with time zone[]', 'f'),
    ('rollup(f sales_intel.funnel)', 'sales_intel.funnel_summary', 'a'),
    ('rollup(fs sales_intel.funnel_summary)', 'sales_intel.funnel_summary', 'a'),
    ('funnel_report(fs sales_intel.funnel_summary)',
        'TABLE(step integer, name text, reached bigint, rate double precision, low double precision, high double precision, '
        'step_rate double precision, median_wait interval, p90_wait interval)', 'f'),
    ('sequence_match(s sales_intel.event_sequence, pattern text)', 'boolean', 'f'),
    ('sequence_match(s sales_intel.event_sequence, pattern text, events text[])', 'boolean', 'f'),
    ('sequence_count(s sales_intel.event_sequence, pattern text)', 'bigint', 'f'),
    ('sequence_count(s sales_intel.event_sequence, pattern text, events text[])', 'bigint', 'f'),
    ('sequence_find(s sales_intel.event_sequence, pattern text)',
        'TABLE(match integer, start_at timestamp with time zone, end_at timestamp with time zone, positions integer[])', 'f'),
    ('sequence_find(s sales_intel.event_sequence, pattern text, events text[])',
        'TABLE(match integer, start_at timestamp with time zone, end_at timestamp with time zone, positions integer[])', 'f'),
    ('transition_agg(s sales_intel.event_sequence)', 'sales_intel.transition_matrix', 'a'),
    ('transition_agg(s sales_intel.event_sequence, value double precision)', 'sales_intel.transition_matrix', 'a'),
    ('transition_summary_agg(entity text, at timestamp with time zone, event text)', 'sales_intel.transition_matrix', 'a'),
    ('transition_summary_agg(entity bigint, at timestamp with time zone, event text)', 'sales_intel.transition_matrix', 'a'),
    ('rollup(m sales_intel.transition_matrix)', 'sales_intel.transition_matrix', 'a'),
    ('transitions(m sales_intel.transition_matrix)',
        'TABLE(from_event text, to_event text, count bigint, probability double precision, median_wait interval, mean_value double precision)', 'f'),
    ('sequence_entropy(s sales_intel.event_sequence)', 'double precision', 'f'),
    ('sequence_entropy(s sales_intel.event_sequence, states integer)', 'double precision', 'f'),
    ('sequence_complexity(s sales_intel.event_sequence)', 'double precision', 'f'),
    ('sequence_complexity(s sales_intel.event_sequence, states integer)', 'double precision', 'f'),
    ('sequence_turbulence(s sales_intel.event_sequence)', 'double precision', 'f'),
    ('sequence_distance(a sales_intel.event_sequence, b sales_intel.event_sequence, method text)', 'double precision', 'f'),
    ('sequence_similarity(s sales_intel.event_sequence, pattern_events text[])', 'double precision', 'f');

SELECT bag_eq(
    $$SELECT w.signature, pg_get_function_result(p.oid), p.prokind
      FROM wanted w
      LEFT JOIN pg_proc p ON p.pronamespace = 'sales_intel'::regnamespace
          AND p.proname = split_part(w.signature, '(', 1)
          AND p.proname || '(' || pg_get_function_arguments(p.oid) || ')' = w.signature$$,
    $$SELECT * FROM wanted$$,
    'every function of behaviour is there as documented');

-- A window is a length of time, so nothing depends on the session's zone.
SELECT is_empty(
    $$SELECT oid::regprocedure FROM pg_proc
      WHERE pronamespace = 'sales_intel'::regnamespace AND proname ~ '^(sequence|funnel|event_sequence|followed|transition)'
          AND (proparallel <> 's' OR provolatile <> 'i')$$,
    'all of them are immutable and parallel safe');

SELECT is_empty(
    $$SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_aggregate a ON a.aggfnoid = p.oid
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND p.proname ~ '^(sequence|funnel|transition)'
          AND (a.aggcombinefn = 0 OR a.aggserialfn = 0 OR a.aggfinalmodify <> 'r')$$,
    'every aggregate can be split and works as a running window');

SELECT finish();
ROLLBACK;
