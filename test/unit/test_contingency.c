/*
 * test_contingency.c
 *
 * Measures of 2x2 tables, their special cases, and their bytes.
 */
#include "tap.h"

#include "codec_fuzz.h"
#include "core/stats/table/si_contingency.h"
#include "scored.h"

/* R 4.2.2: chisq.test with and without correct = FALSE. */
static void
test_golden(void)
{
	SiContingency t = {10, 20, 41, 93};
	SiContingency large = {708, 613, 1538, 1829};
	SiTest		plain = si_chi_square_test(&t, false);
	SiTest		yates = si_chi_square_test(&t, true);
	SiInterval	wald = si_odds_ratio_wald(&t, 0.95);

	is_close(plain.statistic, 0.085655360193652594, 1e-14, "chi-square");
	is_close(plain.p_value, 0.76977488433833852, 1e-14, "its p-value");
	is_close(yates.statistic, 0.0055499010241176578, 1e-15, "by Yates");
	is_close(yates.p_value, 0.94061440476054936, 1e-14, "its p-value");
	plain = si_chi_square_test(&large, false);
	is_close(plain.statistic, 23.829341655392639, 1e-14, "a larger one");
	is_close(plain.p_value / 1.0526554869237015e-06, 1.0, 1e-13, "its p-value");
	is_close(si_odds_ratio(&t), 930.0 / 820.0, 1e-15, "odds ratio");

	/* scipy 1.10.1, scipy.stats.contingency.odds_ratio(kind="sample") */
	is_close(wald.low, 0.4879912836303943, 1e-14, "Wald, low");
	is_close(wald.high, 2.6358829901336627, 1e-14, "Wald, high");
	is_close(si_risk_difference(&t), 1 / 3.0 - 41 / 134.0, 1e-15,
			 "risk difference");
	is_close(si_relative_risk(&t), 134 / 123.0, 1e-15, "relative risk");
}

static void
test_special_cases(void)
{
	SiContingency none = {0, 0, 0, 0};
	SiContingency row = {3, 4, 0, 0};
	SiContingency never = {0, 5, 7, 4};
	SiContingency always = {6, 0, 2, 9};
	SiInterval	wald = si_odds_ratio_wald(&never, 0.95);
	double		reach = 1.9599639845400545 *
		sqrt(1 / 0.5 + 1 / 5.5 + 1 / 7.5 + 1 / 4.5);

	ok(si_odds_ratio(&never) == 0.0 && si_odds_ratio(&always) == INFINITY &&
	   si_odds_ratio_cmle(&never, pulse) == 0.0 &&
	   si_odds_ratio_cmle(&always, pulse) == INFINITY, "zero cells");
	is_close(wald.low, 0.5 * 4.5 / 5.5 / 7.5 * exp(-reach), 1e-14,
			 "Haldane, low");
	is_close(wald.high, 0.5 * 4.5 / 5.5 / 7.5 * exp(reach), 1e-14,
			 "Haldane, high");
	ok(isnan(si_odds_ratio(&row)) && isnan(si_odds_ratio_cmle(&row, pulse)) &&
	   isnan(si_odds_ratio_wald(&row, 0.9).low) &&
	   isnan(si_odds_ratio_exact(&row, 0.9, pulse).high) &&
	   isnan(si_chi_square_test(&row, false).p_value) &&
	   isnan(si_risk_difference(&row)) && isnan(si_relative_risk(&row)) &&
	   si_fisher_p_value(&row, pulse) == 1.0, "an empty row");
	ok(isnan(si_odds_ratio(&none)) && isnan(si_risk_difference(&none)) &&
	   si_fisher_p_value(&none, pulse) == 1.0, "no rows");
	ok(si_relative_risk(&never) == 0.0 &&
	   isinf(si_relative_risk(&(SiContingency) {1, 1, 0, 5})),
	   "risks of zero");
}

/* Products of counts lose nothing: 1e15 (1e15 + 2) - (1e15 + 1)^2 = -1. */
static void
test_large_counts(void)
{
	const int64_t n = INT64_C(1000000000000000);
	SiContingency t = {n, n + 1, n + 1, n + 2};
	SiContingency full = {SI_MAX_TABLE_ROWS, 0, 0, 0};
	SiContingency one = {0, 0, 0, 1};

	ok(si_determinant(&t) == -1.0, "a d - b c of 1e15");
	ok(si_chi_square_test(&t, false).statistic > 0.0 &&
	   si_chi_square_test(&t, true).statistic == 0.0, "chi-square of it");
	is_close(si_odds_ratio(&t), 1.0, 1e-15, "odds ratio of it");
	ok(si_contingency_valid(&full) && !si_contingency_merge(&full, &one) &&
	   full.a == SI_MAX_TABLE_ROWS && full.d == 0, "no table outgrows doubles");
}

static void
test_counting(void)
{
	SiContingency t = {0, 0, 0, 0};
	SiContingency part = {5, 6, 7, 8};

	si_contingency_count(&t, true, true);
	si_contingency_count(&t, true, false);
	si_contingency_count(&t, true, false);
	si_contingency_count(&t, false, true);
	si_contingency_count(&t, false, false);
	ok(t.a == 1 && t.b == 2 && t.c == 1 && t.d == 1, "rows are counted");
	ok(si_contingency_merge(&t, &part) && t.a == 6 && t.b == 8 && t.c == 8 &&
	   t.d == 9, "tables add up");
}

/* ----- Bytes ----- */

static bool
recode(const uint8_t *bytes, size_t size, bool *same)
{
	SiContingency t;
	uint8_t		again[SI_CONTINGENCY_SIZE];

	if (si_contingency_decode(bytes, size, &t) != SI_OK)
		return false;
	si_contingency_encode(&t, again);
	*same = size == sizeof(again) && memcmp(again, bytes, size) == 0;
	return true;
}

static bool
refuses(int64_t a, int64_t b)
{
	SiContingency t = {a, b, 0, 0};
	uint8_t		bytes[SI_CONTINGENCY_SIZE];

	si_contingency_encode(&t, bytes);
	return si_contingency_decode(bytes, sizeof(bytes), &t) == SI_CORRUPT;
}

int
main(void)
{
	const SiContingency t = {10, 20, 41, 93};
	uint8_t		bytes[SI_CONTINGENCY_SIZE];

	test_golden();
	test_special_cases();
	test_large_counts();
	test_counting();
	si_contingency_encode(&t, bytes);
	fuzz_codec("contingency", bytes, sizeof(bytes), recode);
	ok(!refuses(SI_MAX_TABLE_ROWS, 0) && !refuses(0, 0), "the ends of counts");
	ok(refuses(SI_MAX_TABLE_ROWS, 1) && refuses(-1, 1) && refuses(1, -1) &&
	   refuses(INT64_MAX, INT64_MAX), "counts beyond are refused");
	return done_testing();
}
