# Values.pm
#
# A few values of each type of the extension, and what can be read off them.
# The rows that they are made of are those of two small tables, which
# $make_rows creates; each value is an expression of its own, so that a type
# has one line for each form that its bytes can take.
package Values;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT = qw($make_rows @value_types);

our $make_rows = <<'END';
CREATE TABLE call AS
SELECT i, i % 2 = 0 AS won, i % 3 = 0 AS seen, 'rep ' || i % 5 AS rep, 'deal ' || i % 9 AS deal, sqrt(i) AS x, ln(i) AS y,
	make_interval(mins => i * i % 31) AS d, '2024-01-01'::timestamptz + i * i * 7 % 97 * interval '9 minutes' AS at,
	(ARRAY['ask', 'offer', 'say "no"', 'über', 'close'])[1 + i * 7 % 11 % 5] AS event
FROM generate_series(1, 60) i;
CREATE TABLE path AS
SELECT deal, 'rep ' || min(i) % 3 AS rep, bool_or(i % 7 = 0 AND i > 30) AS won, count(*) AS calls, sequence_agg(at, event, i) AS s FROM call GROUP BY deal;
END

# What a roll-up of a value with itself gives is read back.
sub rolled_up
{
	my ($type) = @_;

	return "(SELECT length(rollup(w)::text::$type\::text) FROM (VALUES (v), (v)) AS w(w))";
}

# type, values as expressions over those tables, what is read of a value v, and
# the errors that a forged value may give then: sums past the limits, columns
# that the row has not or not so; units that differ
our @value_types = map { { type => $_->[0], make => $_->[1], read => $_->[2], errors => $_->[3] // [] } } (
	['signal_summary', ["(SELECT signal_agg(x, y + 1, d, '1 hour') FROM call)", "(SELECT signal_agg(x, 0, d, '1 hour') FROM call)"],
		'signal_score(v), ' . rolled_up('signal_summary'), ['22003']],
	['score_quality', ['(SELECT score_quality_agg(x / 9, won) FROM call)', '(SELECT score_quality_agg(i % 2, true) FROM call)'],
		'roc_auc(v), roc_auc_interval(v), average_precision(v), log_loss(v), brier_score(v), calibration_error(v, 5), ks(v), lift(v, 0.1),
		ARRAY(SELECT roc_curve(v, 5)), ARRAY(SELECT calibration_table(v, 5)), confusion(v, 0.5), score_quality_summary(v), ' . rolled_up('score_quality'), ['22023']],
	['auc_comparison', ['(SELECT auc_compare_agg(x / 9, i % 5 / 5.0, won) FROM call)', '(SELECT auc_compare_agg(x / 9, y, seen) FROM call)'],
		'auc_compare(v)'],
	['lead_drift', ["(SELECT lead_drift_agg(m, f) FROM (SELECT lead_model_agg(won, f, '{\"force\": true}') AS m FROM call, LATERAL (SELECT x, rep) AS f) AS t,
			call, LATERAL (SELECT x + 1 AS x, rep) AS f)"],
		'ARRAY(SELECT lead_drift_report(v)), lead_drift_rows(v), ' . rolled_up('lead_drift')],
	['contingency', ['(SELECT contingency_agg(won, seen) FROM call)', 'contingency(0, 7, 3, 0)', 'contingency(4000000000, 5, 300, 100000000000)'],
		'contingency_cells(v), odds_ratio(v), odds_ratio_cmle(v), odds_ratio_interval(v), odds_ratio_exact_interval(v), fisher_p(v), chi_square(v),
		chi_square(v, true), risk_difference(v), relative_risk(v), ' . rolled_up('contingency'), ['54000']],
	['clustered_contingency', ['(SELECT contingency_agg(won, seen, rep) FROM call)', "(SELECT contingency_agg(true, false, 'ä'))"],
		'clustered_cells(v), odds_ratio(v), odds_ratio_cmle(v), odds_ratio_interval(v), odds_ratio_exact_interval(v), odds_ratio_p(v), '
			. rolled_up('clustered_contingency'), ['54000']],
	['stratified_contingency', ['(SELECT stratified_agg(rep, won, seen) FROM call)', "(SELECT stratified_agg('', true, false))"],
		'mantel_haenszel(v), mantel_haenszel(v, 0.9, false), breslow_day(v), ARRAY(SELECT strata(v)), ' . rolled_up('stratified_contingency'), ['54000']],
	['two_sample', ['(SELECT two_sample_agg(x, won) FROM call)', '(SELECT two_sample_agg(i % 7, won) FROM call)', '(SELECT two_sample_agg(x, seen, rep) FROM call)'],
		'two_sample_test(v), two_sample_summary(v), ' . rolled_up('two_sample'), ['54000']],
	['correlation', ['(SELECT correlation_agg(x, y) FROM call)', '(SELECT correlation_agg(i % 3, i % 5) FROM call)'],
		"correlation_test(v), correlation_test(v, 'spearman', 0.8), " . rolled_up('correlation'), ['54000']],
	['survival_curve', ['(SELECT survival_agg(d, won) FROM call)', '(SELECT survival_agg(d, seen) FROM call)'],
		"survival_at(v, 3), survival_at(v, interval '1 hour'), survival_median(v), ARRAY(SELECT survival_table(v)), " . rolled_up('survival_curve'), ['22023', '54000']],
	['log_rank', ['(SELECT log_rank_agg(rep, x, won) FROM call)', '(SELECT log_rank_agg(rep, d, seen) FROM call)'],
		'log_rank_test(v), ' . rolled_up('log_rank'), ['54000']],
	['cox_model', ['(SELECT cox_agg(d, won, f) FROM call, LATERAL (SELECT y, rep) AS f)',
			q{(SELECT cox_agg(d, won, f, '{"l2": 1}') FROM call, LATERAL (SELECT CASE WHEN seen THEN y END AS y, ARRAY[x, i % 5] AS list) AS f)}],
		"ARRAY(SELECT cox_coefficients(v)), cox_summary(v), ARRAY(SELECT cox_warnings(v)), ARRAY(SELECT cox_baseline(v)),
		(SELECT concat_ws('|', cox_risk(v, f), cox_survival(v, f, 2), cox_survival(v, f, interval '5 minutes')) FROM (SELECT 2.5 AS y, 'rep 1' AS rep, ARRAY[3, 4] AS list) AS f)", ['22023', '42703', '42804', '2202E']],
	['event_sequence', ['(SELECT sequence_agg(at, event) FROM call)', '(SELECT sequence_agg(at, event, i) FROM call WHERE i < 30)', "(SELECT sequence_agg('epoch', ''))"],
		q{length(v), events(v), times(v), followed_within(v, 'ask', 'offer', '1 hour'), funnel_level(funnel(v, '{ask,offer,close}', '5 hours')),
		funnel_times(funnel(v, '{ask,offer,close}', '5 hours', 'strict_increase,strict_order')), sequence_match(v, 'ask ... [> 1h] (offer|close)+'),
		sequence_match(v, '(?1).*(?t<=3600)(?2)', '{ask,offer}'), sequence_count(v, 'ask [<= 1h] .'), sequence_count(v, '(?1)(?2)', '{ask,offer}'),
		ARRAY(SELECT sequence_find(v, '"say ""no""" ... close')), ARRAY(SELECT sequence_find(v, '(?1).', '{ask,close}')),
		sequence_entropy(v), sequence_complexity(v), sequence_turbulence(v), sequence_distance(v, s, 'om'),
		sequence_distance(v, s, 'levenshtein'), sequence_similarity(v, '{ask,offer,close}'), ARRAY(SELECT transitions(transition_agg(w)) FROM (SELECT v) AS w(w)),
		ARRAY(SELECT contrast_summary(contrast_agg(w, true)) FROM (SELECT v) AS w(w)), } . rolled_up('event_sequence'), ['54000']],
	['funnel', ["(SELECT funnel_agg(at, event, '{ask,offer,close}', '5 hours') FROM call)", "(SELECT funnel_mask_agg(at, i % 8, 3, '1 day') FROM call)",
			"(SELECT funnel_agg(at, event, '{\"say \\\"no\\\"\",über,ask}', '3 hours', 'strict_order,allow_reentry') FROM call)"],
		'funnel_level(v), funnel_times(v), ARRAY(SELECT funnel_report(rollup(w)) FROM (VALUES (v), (v)) AS w(w)), ' . rolled_up('funnel_summary')],
	['funnel_summary', ["(SELECT funnel_summary_agg(deal, at, event, '{ask,offer,close}', '5 hours') FROM call)",
			"(SELECT rollup(f) FROM (SELECT funnel_mask_agg(at, i % 8, 3, '1 day') AS f FROM call GROUP BY deal) AS t)"],
		'ARRAY(SELECT funnel_report(v)), ' . rolled_up('funnel_summary'), ['54000']],
	['transition_matrix', ['(SELECT transition_agg(s, calls) FROM path)', '(SELECT transition_summary_agg(deal, at, event) FROM call)'],
		'ARRAY(SELECT transitions(v)), ' . rolled_up('transition_matrix'), ['22003', '54000']],
	['contrast', ['(SELECT contrast_agg(s, won) FROM path)', q{(SELECT contrast_agg(s, won, '{"triples": true, "min_support": 3}') FROM path)},
			q{(SELECT contrast_agg(s, won, rep, '{}') FROM path)}],
		q{contrast_summary(v), ARRAY(SELECT contrast_patterns(v, '{"permutations": 5, "outcome": "ask"}')), } . rolled_up('contrast'), ['54000']],
	['forecast_model', ["(SELECT forecast_agg('2024-01-31'::date + 30 * i, 9 + x + i % 4) FROM call)", "(SELECT forecast_agg(at, x, '{\"every\": \"hour\", \"profile\": \"fast\"}') FROM call)",
			"(SELECT forecast_agg(i::bigint, i % 4, '{\"season\": 4, \"method\": \"arima\"}') FROM call)", "(SELECT forecast_agg(i::bigint, i % 9, '{\"season\": 24}') FROM call)", "(SELECT forecast_agg(i::bigint, 'NaN') FROM call)"],
		'ARRAY(SELECT forecast(v, 3)), ARRAY(SELECT forecast(v, 2, 0.95)), ARRAY(SELECT forecast(v, 2, 0.9, conformal_agg(w)) FROM (SELECT v) AS w(w)),
		forecast_summary(v), ARRAY(SELECT forecast_warnings(v)), ARRAY(SELECT forecast_fitted(v))', ['22008']],
	['backtest', ["(SELECT backtest_agg(i::bigint, x + i % 3, 2, 5) FROM call)", "(SELECT backtest_agg('2024-01-31'::date + i, y, 3, 3) FROM call)"],
		'ARRAY(SELECT backtest_errors(v)), backtest_summary(v), ' . rolled_up('backtest')],
	['conformal', ['(SELECT conformal_agg(forecast_agg) FROM (SELECT forecast_agg(i::bigint, x) FROM call GROUP BY seen) AS t)'],
		'ARRAY(SELECT forecast((SELECT forecast_agg(i::bigint, x) FROM call), 3, 0.8, v)), ' . rolled_up('conformal')],
);

1;
