-- Bad input of behaviour and statistics: what each call says, all four parts.
SET TimeZone = 'UTC';
SET search_path = public, sales_intel;

-- Rows without time, event or entity are skipped, and counted as the manual says.
CREATE TABLE event AS
SELECT i, CASE WHEN i % 5 > 0 THEN i % 3 END AS entity, CASE WHEN i % 7 > 0 THEN to_timestamp(i) END AS at, CASE WHEN i % 4 > 0 THEN chr(96 + i % 4) END AS event
FROM generate_series(1, 100) i;
SELECT count(*) FILTER (WHERE at IS NULL OR event IS NULL) AS skipped, length(sequence_agg(at, event)) AS kept, count(*) AS rows FROM event;
SELECT funnel_agg(at, event, '{a,b,c}', '1 hour')::text = (funnel_agg(at, event, '{a,b,c}', '1 hour') FILTER (WHERE at IS NOT NULL AND event IS NOT NULL))::text AS funnel,
    funnel_level(funnel_mask_agg(at, CASE event WHEN 'a' THEN 1 WHEN 'b' THEN 2 WHEN 'c' THEN 4 END, 3, '1 hour')) AS of_masks,
    funnel_summary_agg(entity, at, event, '{a,b,c}', '1 hour')::text
        = (funnel_summary_agg(entity, at, event, '{a,b,c}', '1 hour') FILTER (WHERE entity + extract(epoch FROM at) IS NOT NULL AND event IS NOT NULL))::text AS summary,
    transition_summary_agg(entity, at, event)::text
        = (transition_summary_agg(entity, at, event) FILTER (WHERE entity + extract(epoch FROM at) IS NOT NULL AND event IS NOT NULL))::text AS transitions
FROM event;
SELECT (SELECT sum(count) FROM transitions(transition_summary_agg(entity, at, event)) WHERE to_event <> '(end)') AS events,
    count(*) FILTER (WHERE entity IS NULL OR at IS NULL OR event IS NULL) AS skipped FROM event;

-- Each call with its SQLSTATE and message, detail, hint.
CREATE TABLE path AS SELECT sequence_agg(at, event) AS s FROM event;
CREATE FUNCTION fault(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
    detail text;
    hint text;
BEGIN
    EXECUTE 'SELECT ' || call;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n    ', call, state || ' ' || SQLERRM, detail, hint);
END $$;
CREATE TABLE bad (place serial, theme text, call text);
INSERT INTO bad (theme, call) VALUES
    ('infinite times', $$sequence_agg('infinity', event) FROM event$$),
    ('infinite times', $$sequence_agg('-infinity', event, i) FROM event$$),
    ('infinite times', $$funnel_agg('infinity', event, '{a,b}', '1 hour') FROM event$$),
    ('infinite times', $$funnel_mask_agg('-infinity', 1, 2, '1 hour')$$),
    ('infinite times', $$funnel_summary_agg(entity, 'infinity', event, '{a,b}', '1 hour') FROM event$$),
    ('infinite times', $$funnel_summary_agg('x', '-infinity', event, '{a,b}', '1 hour') FROM event$$),
    ('infinite times', $$transition_summary_agg(entity, 'infinity', event) FROM event$$),
    ('infinite times', $$transition_summary_agg('x', '-infinity', event) FROM event$$),
    ('windows', $$funnel(s, '{a,b}', '-1 hour') FROM path$$),
    ('windows', $$funnel_agg(at, event, '{a,b}', '-1 day') FROM event$$),
    ('windows', $$funnel_mask_agg(at, 1, 2, '0') FROM event$$),
    ('windows', $$funnel_summary_agg(entity, at, event, '{a,b}', '1 day -25 hours') FROM event$$),
    ('windows', $$funnel_summary_agg(entity::text, at, event, '{a,b}', '1 month') FROM event$$),
    ('windows', $$followed_within(s, 'a', 'b', '-1 second') FROM path$$),
    ('steps', $$funnel(s, '{}', '1 hour') FROM path$$),
    ('steps', $$funnel_agg(at, event, '{}', '1 hour') FROM event$$),
    ('steps', $$funnel_summary_agg(entity, at, event, '{}', '1 hour') FROM event$$),
    ('steps', $$funnel(s, array_fill('a'::text, '{65}'), '1 hour') FROM path$$),
    ('steps', $$funnel_agg(at, event, array_fill('a'::text, '{65}'), '1 hour') FROM event$$),
    ('steps', $$funnel_summary_agg(entity, at, event, array_fill('a'::text, '{1000}'), '1 hour') FROM event$$),
    ('steps', $$funnel_mask_agg(at, 1, 65, '1 hour') FROM event$$),
    ('steps', $$funnel_mask_agg(at, 1, 0, '1 hour') FROM event$$),
    ('steps', $$funnel_mask_agg(at, 4, 2, '1 hour') FROM event$$),
    ('steps', $$funnel_agg(at, event, '{a,NULL}', '1 hour') FROM event$$),
    ('steps', $$funnel_agg(at, event, '{{a},{b}}', '1 hour') FROM event$$),
    ('steps', $$funnel_agg(at, event, NULL, '1 hour') FROM event$$),
    ('steps', $$funnel_agg(at, event, '{a}', NULL) FROM event$$),
    ('steps', $$funnel_agg(at, event, ARRAY['a', entity::text], '1 hour') FROM event WHERE entity IS NOT NULL$$),
    ('modes', $$funnel(s, '{a,b}', '1 hour', 'strictorder') FROM path$$),
    ('modes', $$funnel_agg(at, event, '{a,b}', '1 hour', 'default,fast') FROM event$$),
    ('modes', $$funnel_mask_agg(at, 1, 2, '1 hour', 'STRICT_ONCE') FROM event$$),
    ('modes', $$funnel_summary_agg(entity, at, event, '{a,b}', '1 hour', '') FROM event$$),
    ('modes', $$funnel_agg(at, event, '{a,b}', '1 hour', 'allow_reentry') FROM event$$),
    ('patterns', $$sequence_match(s, '(a ... b') FROM path$$),
    ('patterns', $$sequence_count(s, 'a ... b)') FROM path$$),
    ('patterns', $$sequence_find(s, 'a "b') FROM path$$),
    ('patterns', $$sequence_match(s, 'a [<= 90s b') FROM path$$),
    ('patterns', $$sequence_match(s, 'a{2') FROM path$$),
    ('patterns', $$sequence_match(s, 'a{3,2}') FROM path$$),
    ('patterns', $$sequence_match(s, '') FROM path$$),
    ('patterns', $$sequence_match(s, 'a | ') FROM path$$),
    ('patterns', $$sequence_match(s, '(?1', '{a}') FROM path$$),
    ('patterns', $$sequence_match(s, '(?2)', '{a}') FROM path$$),
    ('patterns', $$sequence_match(s, '(?1)', '{NULL}') FROM path$$),
    ('measures', $$sequence_distance(s, s, 'euclid') FROM path$$),
    ('measures', $$sequence_similarity(s, '{}') FROM path$$),
    ('measures', $$sequence_entropy(s, 1) FROM path$$),
    ('measures', $$transition_agg(s, 'NaN') FROM path$$),
    ('contrasts', $$contrast_agg(s, true, '{"suport": 3}') FROM path$$),
    ('contrasts', $$contrast_agg(s, true, '[]') FROM path$$),
    ('contrasts', $$count(*) FROM path, contrast_patterns((SELECT contrast_agg(s, true) FROM path), '{"permutations": -1}')$$),
    ('contrasts', $$count(*) FROM path, contrast_patterns((SELECT contrast_agg(s, true) FROM path), '{"level": 1}')$$),
    ('tables', $$contingency(-1, 2, 3, 4)$$),
    ('tables', $$contingency(1, 2, 3, -9223372036854775808)$$),
    ('tables', $$contingency(9007199254740992, 1, 0, 0)$$),
    ('tables', $$odds_ratio_interval(contingency(1, 2, 3, 4), 95)$$),
    ('tables', $$odds_ratio_exact_interval(contingency(1, 2, 3, 4), 'NaN')$$),
    ('tables', $$odds_ratio_interval(contingency_agg(true, false, 'x'), -1)$$),
    ('tables', $$mantel_haenszel(stratified_agg('x', true, false), 1)$$),
    ('tables', $$strata(stratified_agg('x', true, false), 0)$$),
    ('tables', $$rate_interval(5, 4)$$),
    ('tables', $$rate_interval(-1, 4)$$),
    ('p-values', $$adjust_p_values('{0.1, 1.0000001}', 'bonferroni')$$),
    ('p-values', $$adjust_p_values('{-1e-300}', 'holm')$$),
    ('p-values', $$adjust_p_values('{0.1, NULL, NaN}', 'bh')$$),
    ('p-values', $$adjust_p_values('{Infinity}', 'by')$$),
    ('p-values', $$adjust_p_values('{0.1}', 'BH')$$),
    ('p-values', $$adjust_p_values('{{0.1}}', 'bh')$$),
    ('samples', $$two_sample_agg('NaN', true)$$),
    ('samples', $$two_sample_agg('Infinity', true, 'x')$$),
    ('samples', $$two_sample_test(two_sample_agg(1, true), 0)$$),
    ('samples', $$correlation_agg('-Infinity', 1)$$),
    ('samples', $$correlation_agg(1, 1e200)$$),
    ('samples', $$correlation_test(correlation_agg(1, 1), 'tau')$$),
    ('durations', $$survival_agg(-1::float8, true)$$),
    ('durations', $$survival_agg(interval '-1 day', true)$$),
    ('durations', $$survival_table(survival_agg(1, true), 2)$$),
    ('durations', $$log_rank_agg('x', 'NaN'::float8, true)$$),
    ('durations', $$log_rank_test(log_rank_agg(i::text, i, true)) FROM generate_series(1, 501) i$$),
    ('durations', $$cox_agg(-1, true, e) FROM event e$$),
    ('durations', $$cox_agg('Infinity'::float8, true, f) FROM (SELECT 1 AS a) f$$),
    ('durations', $$cox_agg(1, true, f, '{"ties": "exact"}') FROM (SELECT 1 AS a) f$$),
    ('durations', $$cox_coefficients(cox_agg(i, true, f), 0) FROM generate_series(1, 9) i, LATERAL (SELECT i % 2 AS a) f$$);
\pset format unaligned
\pset tuples_only on
SELECT upper(theme) || E'\n' || string_agg(fault(call), E'\n' ORDER BY place) FROM bad GROUP BY theme ORDER BY min(place);
\pset tuples_only off
\pset format aligned

-- None is without detail or hint: four lines each.
SELECT count(*) AS calls, count(*) FILTER (WHERE fault(call) NOT LIKE E'%\n%\n%\n%') AS incomplete FROM bad;

DROP FUNCTION fault;
DROP TABLE event, path, bad;
