-- Every call of behaviour and statistics, typed as anybody would: literals
-- without casts, integers for numbers.  What comes back, by name and type.
BEGIN;
SET LOCAL search_path = public, sales_intel;

CREATE TABLE call AS
SELECT i, i % 2 = 0 AS won, i % 3 = 0 AS offered, 'rep ' || i % 4 AS rep, 'deal ' || i % 5 AS deal, i % 5 AS deal_id, sqrt(i) AS x, i * interval '1 hour' AS d,
    '2024-01-01'::timestamptz + i * interval '1 minute' AS at, (ARRAY['ask', 'offer', 'close'])[1 + i % 3] AS event
FROM generate_series(1, 40) i;
CREATE TABLE path AS SELECT deal, min(rep) AS rep, bool_or(i = 40) OR deal = 'deal 1' AS won, sequence_agg(at, event) AS s FROM call GROUP BY deal;

-- The columns of a query that has a row.
CREATE FUNCTION columns_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    any_row boolean;
    columns text;
BEGIN
    EXECUTE 'CREATE TEMP VIEW described AS ' || query;
    SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) INTO columns
    FROM pg_attribute WHERE attrelid = 'described'::regclass;
    EXECUTE 'SELECT EXISTS (SELECT FROM described)' INTO any_row;
    DROP VIEW described;
    RETURN CASE WHEN any_row THEN columns ELSE 'no rows' END;
END $$;

CREATE TABLE typed (place serial, query text, columns text);
-- Behaviour
INSERT INTO typed (query, columns) VALUES
    ($$SELECT sequence_agg(at, event) FROM call$$, 'sequence_agg event_sequence'),
    ($$SELECT sequence_agg('2024-01-01', 'ask', 1)$$, 'sequence_agg event_sequence'),
    ($$SELECT rollup(s) FROM path$$, 'rollup event_sequence'),
    ($$SELECT length(s), events(s), times(s) FROM path$$, 'length bigint, events text[], times timestamp with time zone[]'),
    ($$SELECT f.* FROM path, followed_within(s, 'ask', 'offer', '1 hour') f$$, 'occurrences bigint, followed bigint'),
    ($$SELECT * FROM rate_interval(3, 10)$$, 'low double precision, high double precision'),
    ($$SELECT * FROM rate_interval('3', '10', '0.9')$$, 'low double precision, high double precision'),
    ($$SELECT funnel(s, '{ask,offer}', '1 hour') FROM path$$, 'funnel funnel'),
    ($$SELECT funnel(s, '{ask,offer}', '1 hour', 'strict_order,allow_reentry') FROM path$$, 'funnel funnel'),
    ($$SELECT funnel_agg(at, event, '{ask,offer}', '1 hour') FROM call$$, 'funnel_agg funnel'),
    ($$SELECT funnel_agg('2024-01-01', 'ask', '{ask,offer}', '1 hour', 'strict_increase')$$, 'funnel_agg funnel'),
    ($$SELECT funnel_mask_agg(at, won::integer + 2 * offered::integer, 2, '1 hour') FROM call$$, 'funnel_mask_agg funnel'),
    ($$SELECT funnel_mask_agg('2024-01-01', '3', '2', '1 hour', 'strict_once')$$, 'funnel_mask_agg funnel'),
    ($$SELECT funnel_summary_agg(deal, at, event, '{ask,offer}', '1 hour') FROM call$$, 'funnel_summary_agg funnel_summary'),
    ($$SELECT funnel_summary_agg(deal_id, at, event, '{ask,offer}', '1 hour') FROM call$$, 'funnel_summary_agg funnel_summary'),
    ($$SELECT funnel_summary_agg('7', '2024-01-01', 'ask', '{ask,offer}', '1 hour', 'strict_order')$$, 'funnel_summary_agg funnel_summary'),
    ($$SELECT funnel_summary_agg(7, '2024-01-01', 'ask', '{ask,offer}', '1 hour', 'strict_deduplication')$$, 'funnel_summary_agg funnel_summary'),
    ($$SELECT funnel_level(f), funnel_times(f) FROM (SELECT funnel_agg(at, event, '{ask,offer}', '1 hour') AS f FROM call) q$$,
        'funnel_level integer, funnel_times timestamp with time zone[]'),
    ($$SELECT rollup(f) FROM (SELECT funnel_agg(at, event, '{ask,offer}', '1 hour') AS f FROM call GROUP BY deal) q$$, 'rollup funnel_summary'),
    ($$SELECT rollup(f) FROM (SELECT funnel_summary_agg(deal, at, event, '{ask,offer}', '1 hour') AS f FROM call) q$$, 'rollup funnel_summary'),
    ($$SELECT * FROM funnel_report((SELECT funnel_summary_agg(deal, at, event, '{ask,offer}', '1 hour') FROM call))$$,
        'step integer, name text, reached bigint, rate double precision, low double precision, high double precision, step_rate double precision, '
        'median_wait interval, p90_wait interval'),
    ($$SELECT sequence_match(s, 'ask ... [<= 90s] offer'), sequence_count(s, 'ask'), sequence_match(s, '(?1).*(?t<=90)(?2)', '{ask,offer}') AS match,
        sequence_count(s, '(?1)', '{ask}') AS count FROM path$$, 'sequence_match boolean, sequence_count bigint, match boolean, count bigint'),
    ($$SELECT f.* FROM path, sequence_find(s, 'ask') f$$,
        'match integer, start_at timestamp with time zone, end_at timestamp with time zone, positions integer[]'),
    ($$SELECT f.* FROM path, sequence_find(s, '(?1)', '{ask}') f$$,
        'match integer, start_at timestamp with time zone, end_at timestamp with time zone, positions integer[]'),
    ($$SELECT transition_agg(s) FROM path$$, 'transition_agg transition_matrix'),
    ($$SELECT transition_agg(s, won::integer) FROM path$$, 'transition_agg transition_matrix'),
    ($$SELECT transition_agg(s, '2.5') FROM path$$, 'transition_agg transition_matrix'),
    ($$SELECT transition_summary_agg(deal, at, event) FROM call$$, 'transition_summary_agg transition_matrix'),
    ($$SELECT transition_summary_agg(deal_id, at, event) FROM call$$, 'transition_summary_agg transition_matrix'),
    ($$SELECT transition_summary_agg('7', '2024-01-01', 'ask')$$, 'transition_summary_agg transition_matrix'),
    ($$SELECT rollup(m) FROM (SELECT transition_agg(s) AS m FROM path) q$$, 'rollup transition_matrix'),
    ($$SELECT * FROM transitions((SELECT transition_agg(s) FROM path))$$,
        'from_event text, to_event text, count bigint, probability double precision, median_wait interval, mean_value double precision'),
    ($$SELECT sequence_entropy(s), sequence_complexity(s), sequence_turbulence(s) FROM path$$,
        'sequence_entropy double precision, sequence_complexity double precision, sequence_turbulence double precision'),
    ($$SELECT sequence_distance(s, s, 'om'), sequence_similarity(s, '{ask,close}') FROM path$$,
        'sequence_distance double precision, sequence_similarity double precision'),
    ($$SELECT contrast_agg(s, won) FROM path$$, 'contrast_agg contrast'),
    ($$SELECT contrast_agg(s, won, '{"triples": true}') FROM path$$, 'contrast_agg contrast'),
    ($$SELECT contrast_agg(s, won, rep, '{"min_support": 2}') FROM path$$, 'contrast_agg contrast'),
    ($$SELECT contrast_agg(s, 'true', 'rep', '{}') FROM path$$, 'contrast_agg contrast'),
    ($$SELECT rollup(c) FROM (SELECT contrast_agg(s, won) AS c FROM path) q$$, 'rollup contrast'),
    ($$SELECT * FROM contrast_patterns((SELECT contrast_agg(s, won) FROM path), '{"permutations": 5, "outcome": "close"}')$$,
        'pattern text[], expression text, kind text, success_with bigint, success_without bigint, failure_with bigint, failure_without bigint, '
        'odds_ratio double precision, low double precision, high double precision, p_value double precision, q_value double precision, '
        'order_p_value double precision, max_p double precision, tested bigint'),
    ($$SELECT * FROM contrast_summary((SELECT contrast_agg(s, won) FROM path))$$,
        'sequences bigint, successes bigint, failures bigint, events bigint, clusters bigint, triples boolean');
-- Statistics
INSERT INTO typed (query, columns) VALUES
    ($$SELECT contingency_agg(offered, won) FROM call$$, 'contingency_agg contingency'),
    ($$SELECT contingency_agg('yes', 'no')$$, 'contingency_agg contingency'),
    ($$SELECT contingency(1, 2, 3, 4)$$, 'contingency contingency'),
    ($$SELECT contingency('1', '2', '3', '4')$$, 'contingency contingency'),
    ($$SELECT contingency_agg(offered, won, rep) FROM call$$, 'contingency_agg clustered_contingency'),
    ($$SELECT contingency_agg('yes', 'no', 'rep')$$, 'contingency_agg clustered_contingency'),
    ($$SELECT odds_ratio(c), odds_ratio_cmle(c), fisher_p(c), risk_difference(c), relative_risk(c) FROM contingency(1, 2, 3, 4) c$$,
        'odds_ratio double precision, odds_ratio_cmle double precision, fisher_p double precision, risk_difference double precision, '
        'relative_risk double precision'),
    ($$SELECT i.* FROM contingency(1, 2, 3, 4) c, odds_ratio_interval(c) i$$, 'low double precision, high double precision'),
    ($$SELECT i.* FROM contingency(1, 2, 3, 4) c, odds_ratio_interval(c, '0.9') i$$, 'low double precision, high double precision'),
    ($$SELECT i.* FROM contingency(1, 2, 3, 4) c, odds_ratio_exact_interval(c, '0.9') i$$, 'low double precision, high double precision'),
    ($$SELECT t.* FROM contingency(1, 2, 3, 4) c, chi_square(c) t$$, 'statistic double precision, p_value double precision'),
    ($$SELECT t.* FROM contingency(1, 2, 3, 4) c, chi_square(c, 'true') t$$, 'statistic double precision, p_value double precision'),
    ($$SELECT odds_ratio(c), odds_ratio_cmle(c), odds_ratio_p(c) FROM (SELECT contingency_agg(offered, won, rep) AS c FROM call) q$$,
        'odds_ratio double precision, odds_ratio_cmle double precision, odds_ratio_p double precision'),
    ($$SELECT i.* FROM (SELECT contingency_agg(offered, won, rep) AS c FROM call) q, odds_ratio_interval(c, '0.9') i$$,
        'low double precision, high double precision'),
    ($$SELECT i.* FROM (SELECT contingency_agg(offered, won, rep) AS c FROM call) q, odds_ratio_exact_interval(c, '0.9') i$$,
        'low double precision, high double precision'),
    ($$SELECT stratified_agg(rep, offered, won) FROM call$$, 'stratified_agg stratified_contingency'),
    ($$SELECT * FROM mantel_haenszel((SELECT stratified_agg('all', offered, won) FROM call), '0.9', 'false')$$,
        'odds_ratio double precision, low double precision, high double precision, statistic double precision, p_value double precision'),
    ($$SELECT * FROM breslow_day((SELECT stratified_agg(rep, offered, won) FROM call))$$,
        'statistic double precision, df double precision, p_value double precision, tarone_statistic double precision, tarone_p double precision'),
    ($$SELECT * FROM strata((SELECT stratified_agg(rep, offered, won) FROM call), '0.9')$$,
        'stratum text, a bigint, b bigint, c bigint, d bigint, odds_ratio double precision, low double precision, high double precision, '
        'p_value double precision, verdict text'),
    ($$SELECT two_sample_agg(i, won) FROM call$$, 'two_sample_agg two_sample'),
    ($$SELECT two_sample_agg('1.5', won, 'rep') FROM call$$, 'two_sample_agg two_sample'),
    ($$SELECT * FROM two_sample_test((SELECT two_sample_agg(i, won) FROM call), '0.9')$$,
        'mean_success double precision, mean_failure double precision, difference double precision, low double precision, high double precision, '
        't_p double precision, rank_p double precision, effect_size double precision'),
    ($$SELECT correlation_agg(i, '2') FROM call$$, 'correlation_agg correlation'),
    ($$SELECT * FROM correlation_test((SELECT correlation_agg(i, x) FROM call))$$,
        'r double precision, low double precision, high double precision, p_value double precision, n bigint'),
    ($$SELECT * FROM correlation_test((SELECT correlation_agg(i, x) FROM call), 'spearman', '0.9')$$,
        'r double precision, low double precision, high double precision, p_value double precision, n bigint'),
    ($$SELECT adjust_p_values('{0.01, 0.5}', 'holm')$$, 'adjust_p_values double precision[]'),
    ($$SELECT adjust_p_values(ARRAY[0.01, 1], 'by')$$, 'adjust_p_values double precision[]'),
    ($$SELECT survival_agg(i, won) FROM call$$, 'survival_agg survival_curve'),
    ($$SELECT survival_agg(d, 'true') FROM call$$, 'survival_agg survival_curve'),
    ($$SELECT survival_at(c, 2), survival_at(c, interval '1 day') AS day, survival_median(c) FROM (SELECT survival_agg(d, won) AS c FROM call) q$$,
        'survival_at double precision, day double precision, survival_median double precision'),
    ($$SELECT * FROM survival_table((SELECT survival_agg(i, won) FROM call), '0.9')$$,
        'at_time double precision, at_risk bigint, events bigint, censored bigint, survival double precision, low double precision, '
        'high double precision'),
    ($$SELECT log_rank_agg(rep, i, won) FROM call$$, 'log_rank_agg log_rank'),
    ($$SELECT * FROM log_rank_test((SELECT log_rank_agg(rep, d, 'true') FROM call))$$,
        'statistic double precision, df double precision, p_value double precision'),
    ($$SELECT cox_agg(i, won, f) FROM call, LATERAL (SELECT x, rep) f$$, 'cox_agg cox_model'),
    ($$SELECT cox_agg(d, 'true', f, '{"l2": 1, "exclude": ["rep"]}') FROM call, LATERAL (SELECT x, rep) f$$, 'cox_agg cox_model'),
    ($$SELECT * FROM cox_coefficients((SELECT cox_agg(i % 7, won, f) FROM call, LATERAL (SELECT x) f), '0.9')$$,
        'feature text, level text, coefficient double precision, std_error double precision, z double precision, p_value double precision, '
        'hazard_ratio double precision, low double precision, high double precision'),
    ($$SELECT cox_risk(m, f), cox_survival(m, f, 3), cox_survival(m, f, interval '1 hour') AS hour
        FROM (SELECT cox_agg(i % 7, won, f) AS m FROM call, LATERAL (SELECT x) f) q, (SELECT 3 AS x) f$$,
        'cox_risk double precision, cox_survival double precision, hour double precision'),
    ($$SELECT * FROM contingency_cells(contingency(1, 2, 3, 4))$$, 'a bigint, b bigint, c bigint, d bigint'),
    ($$SELECT * FROM clustered_cells((SELECT contingency_agg(offered, won, rep) FROM call))$$,
        'a bigint, b bigint, c bigint, d bigint, clusters bigint, design_effect double precision, effective_a bigint, effective_b bigint, '
        'effective_c bigint, effective_d bigint'),
    ($$SELECT * FROM two_sample_summary((SELECT two_sample_agg(i, won) FROM call))$$,
        'successes bigint, failures bigint, clusters bigint, sd_success double precision, sd_failure double precision, larger double precision'),
    ($$SELECT * FROM cox_summary((SELECT cox_agg(i, won, f) FROM call, LATERAL (SELECT x) f))$$,
        'rows bigint, events bigint, skipped bigint, ties text, l2 double precision, df bigint, concordance double precision, '
        'log_likelihood double precision, null_log_likelihood double precision, p_value double precision'),
    ($$SELECT * FROM cox_warnings((SELECT cox_agg(i, won, f) FROM call, LATERAL (SELECT x, 7 AS seven) f))$$,
        'code text, feature text, level text, message text'),
    ($$SELECT * FROM cox_baseline((SELECT cox_agg(i, won, f) FROM call, LATERAL (SELECT x) f))$$,
        'at_time double precision, cumulative_hazard double precision, survival double precision'),
    ($$SELECT rollup(c) AS c, rollup(cc) AS cc, rollup(s) AS s, rollup(t) AS t, rollup(r) AS r, rollup(v) AS v, rollup(l) AS l
        FROM (SELECT contingency_agg(offered, won) AS c, contingency_agg(offered, won, rep) AS cc, stratified_agg(rep, offered, won) AS s,
                two_sample_agg(x, won) AS t, correlation_agg(x, i) AS r, survival_agg(x, won) AS v, log_rank_agg(rep, x, won) AS l FROM call) q$$,
        'c contingency, cc clustered_contingency, s stratified_contingency, t two_sample, r correlation, v survival_curve, l log_rank');

SELECT plan(count(*)::integer + 1) FROM typed;
SELECT is(columns_of(query), columns, regexp_replace(query, '\s+', ' ', 'g')) FROM typed ORDER BY place;

-- A function of C is of these domains by its symbol, an aggregate by that of
-- its first support function.
SELECT is_empty(
    $$SELECT DISTINCT p.proname
      FROM pg_proc p LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid LEFT JOIN pg_proc t ON t.oid = a.aggtransfn
      WHERE p.pronamespace = 'sales_intel'::regnamespace AND coalesce(t.prosrc, p.prosrc) ~ '^sales_intel_(sequence|stats)_'
          AND obj_description(p.oid, 'pg_proc') !~ '^(Support of|Text input|Text output|Binary input|Binary output)'
          AND NOT EXISTS (SELECT FROM typed WHERE query ~ ('\m' || p.proname || '\('))$$,
    'no function of theirs is left out');
SELECT finish();
ROLLBACK;
