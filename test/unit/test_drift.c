/*
 * test_drift.c
 *
 * The stability index against values worked out in R 4.2.2, as
 * sum((q-p)*log(q/p)) and (1/N+1/M)*qchisq(level, B-1); counts against a
 * model; merging; and the encoding's rules.
 */
#include "tap.h"

#include "core/si_tolerance.h"
#include "drifts.h"

static SiStability
stability_of(int ncells, const int64_t *then, const int64_t *now,
			 double level)
{
	SiDriftPart part = {{"x", 1}, 0, ncells, (int64_t *) then,
	(int64_t *) now};

	return si_drift_stability(&part, level);
}

static void
test_golden(void)
{
	static const int64_t then[5] = {0, 100, 200, 300, 400};
	static const int64_t now[5] = {0, 65, 95, 155, 185};
	static const int64_t missing_then[5] = {50, 100, 200, 300, 350};
	static const int64_t missing_now[5] = {40, 65, 95, 155, 145};
	static const int64_t appeared[5] = {40, 60, 90, 150, 160};
	static const int64_t gaps_then[5] = {12, 0, 500, 300, 188};
	static const int64_t gaps_now[5] = {0, 7, 12, 0, 3};
	SiStability s = stability_of(5, then, now, 0.95);

	is_close(s.psi, 0.011050605350221508, 1e-15, "index of four bins");
	is_close(s.critical, 0.023444183709753538, 1e-15, "critical value");
	ok(s.missing_then == 0 && s.missing_now == 0, "nothing is missing");
	s = stability_of(5, missing_then, missing_now, 0.99);
	is_close(s.psi, 0.034095001873678595, 1e-15, "missing values are a bin");
	is_close(s.critical, 0.039830112407962866, 1e-15, "and count as one");
	ok(s.missing_then == 0.05 && s.missing_now == 0.08, "shares missing");
	s = stability_of(5, then, appeared, 0.95);
	is_close(s.psi, 0.43100717591490745, 1e-14, "missing values that are new");
	is_close(s.critical, 0.028463187110343461, 1e-15, "have a bin");
	s = stability_of(5, gaps_then, gaps_now, 0.9);
	is_close(s.psi, 2.7291493381208594, 1e-14, "half a row fills the gaps");
	is_close(s.critical, 0.36139036487313758, 1e-14, "but adds no rows");
}

/* The score's critical value allows for models that differ. */
static void
test_score(void)
{
	static const int64_t then[3] = {0, 1000, 1000};
	static const int64_t now[3] = {0, 900, 1100};
	SiDriftPart score = {{NULL, 0}, 0, 3, (int64_t *) then, (int64_t *) now};
	SiStability s = si_drift_stability(&score, 0.95);
	SiStability feature = stability_of(3, then, now, 0.95);

	ok(s.psi == feature.psi &&
	   s.critical == feature.critical + SI_SCORE_JITTER,
	   "a score may move a little further");
}

static void
test_degenerate(void)
{
	static const int64_t one[3] = {0, 9, 0};
	static const int64_t same[3] = {0, 700, 0};
	static const int64_t nothing[3] = {0, 0, 0};
	static const int64_t huge[3] = {0, INT64_MAX / 2, INT64_MAX / 2};
	static const int64_t few[3] = {0, 1, 1};
	SiStability s = stability_of(3, one, same, 0.95);

	ok(s.psi == 0 && s.critical == 0, "a single bin has nowhere to move");
	s = stability_of(3, one, nothing, 0.95);
	ok(isnan(s.psi) && isnan(s.critical) && isnan(s.missing_now) &&
	   s.missing_then == 0, "no rows now, no index");
	s = stability_of(3, nothing, one, 0.95);
	ok(isnan(s.psi) && isnan(s.missing_then), "no rows then, no index");
	s = stability_of(3, huge, few, 0.95);
	ok(s.psi == 0 && s.critical > 1, "counts near the limit of integers");
}

static void
test_counts_of_model(void)
{
	SiDrift		drift = open_drift(&drift_model);
	static const int cells[1 + DRIFT_FEATURES] = {3, 5, 2, 2, 4, 2};
	static const int64_t channel[4] = {70, 700, 200, 30};
	SiLeadModel unfitted = drift_model;
	int			same = 0;
	int64_t		now = 0;

	for (int i = 0; i < drift.nparts; i++)
	{
		same += drift.parts[i].ncells == cells[i];
		for (int k = 0; k < drift.parts[i].ncells; k++)
			now += drift.parts[i].now[k];
	}
	ok(drift.nparts == 1 + DRIFT_FEATURES && same == drift.nparts,
	   "a part for the score and each feature, a cell for each bin");
	ok(drift.rows == 0 && now == 0, "nothing is counted yet");
	ok(drift.parts[0].column.length == 0 && drift.parts[0].then[0] == 0 &&
	   drift.parts[0].then[2] == 200, "the score's part comes first");
	ok(drift.parts[1].then[0] == 50 && drift.parts[1].then[4] == 350,
	   "numbers: missing, then bins");
	ok(drift.parts[2].then[0] == 1000 && drift.parts[2].then[1] == 0 &&
	   drift.parts[2].element == 1, "a bin even where all were missing");
	ok(memcmp(drift.parts[4].then, channel, sizeof(channel)) == 0,
	   "a category: missing, levels, rare");
	free(drift.parts);
	unfitted.fitted = false;
	drift = open_drift(&unfitted);
	ok(drift.nparts == 0, "a model that is not fitted has no parts");
	free(drift.parts);
}

static void
test_merge(void)
{
	SiDrift		whole = open_drift(&drift_model);
	SiDrift		a = open_drift(&drift_model);
	SiDrift		b = open_drift(&drift_model);
	EncodedDrift merged;
	EncodedDrift direct;

	count_rows(&a, 37);
	count_rows(&b, 4000);
	count_rows(&whole, 37);
	count_rows(&whole, 4000);
	ok(si_drift_is_alike(&a, &b) && si_drift_merge(&a, &b), "parts merge");
	merged = encode_drift(&a);
	direct = encode_drift(&whole);
	ok(merged.size == direct.size &&
	   memcmp(merged.bytes, direct.bytes, merged.size) == 0,
	   "to the bytes of the whole");
	a.rows = SI_MAX_DRIFT_ROWS - 3999;
	ok(!si_drift_merge(&a, &b) && a.parts[1].now[0] == whole.parts[1].now[0],
	   "too many rows: refused, and nothing done");
	b.parts[4].then[1]++;
	ok(!si_drift_is_alike(&a, &b), "other counts of training are another model");
	b.parts[4].then[1]--;
	b.parts[4].column.length--;
	ok(!si_drift_is_alike(&a, &b), "other names too");
	b.parts[4].column.length++;
	b.model++;
	ok(!si_drift_is_alike(&a, &b), "another digest too");
	free(merged.bytes);
	free(direct.bytes);
	free(a.parts);
	free(b.parts);
	free(whole.parts);
}

static void
test_round_trip(void)
{
	SiDrift		drift = open_drift(&drift_model);
	SiDrift		again;
	SiDrift		none = {DRIFT_DIGEST, 0, 0, NULL};
	EncodedDrift encoded;

	count_rows(&drift, 100000);
	encoded = encode_drift(&drift);
	ok(decode_drift(encoded.bytes, encoded.size, &again), "decodes");
	ok(si_drift_is_alike(&drift, &again) && again.rows == 100000 &&
	   memcmp(drift.parts[1].now, again.parts[1].now,
			  5 * sizeof(int64_t)) == 0 &&
	   memcmp(again.parts[3].column.data, "list", 4) == 0 &&
	   again.parts[3].element == 2, "to what it was");
	free(again.parts);
	free(encoded.bytes);
	encoded = encode_drift(&none);
	ok(decode_drift(encoded.bytes, encoded.size, &again) &&
	   again.nparts == 0 && again.model == DRIFT_DIGEST, "without parts too");
	free(again.parts);
	free(encoded.bytes);
	free(drift.parts);
}

/* Whether the sample decodes after a change, which is undone again. */
#define DECODES_WITH(place, value) \
	decodes_with(&drift, &(place), sizeof(place), (typeof(place)[1]) {value})

static bool
decodes_with(const SiDrift *drift, void *place, size_t size,
			 const void *value)
{
	uint8_t		old[16];
	EncodedDrift encoded;
	SiDrift		again;
	bool		decodes;

	memcpy(old, place, size);
	memcpy(place, value, size);
	encoded = encode_drift(drift);
	memcpy(place, old, size);
	decodes = decode_drift(encoded.bytes, encoded.size, &again);
	if (decodes)
		free(again.parts);
	free(encoded.bytes);
	return decodes;
}

static void
test_rules(void)
{
	SiDrift		drift = open_drift(&drift_model);
	SiDriftPart *part = drift.parts;
	SiText		nul = {"a\0b", 3};

	count_rows(&drift, 40);
	ok(DECODES_WITH(drift.rows, 40), "a drift as it should be");
	ok(DECODES_WITH(drift.parts[0].now[1], 0),
	   "scores may be of fewer rows");
	ok(!DECODES_WITH(part[0].now[1], 41), "but not of more");
	ok(!DECODES_WITH(drift.rows, 39) && !DECODES_WITH(drift.rows, 41),
	   "features count every row");
	ok(!DECODES_WITH(drift.rows, -1) &&
	   !DECODES_WITH(drift.rows, SI_MAX_DRIFT_ROWS + 1), "too many rows");
	ok(!DECODES_WITH(part[0].column, part[1].column), "the score has no name");
	ok(!DECODES_WITH(part[1].column, part[0].column), "a feature has one");
	ok(!DECODES_WITH(part[1].column, nul), "of clean text");
	ok(!DECODES_WITH(part[0].element, 1), "the score is no element");
	ok(!DECODES_WITH(part[1].element, -1) &&
	   !DECODES_WITH(part[1].element, SI_MAX_FEATURES + 1), "element");
	ok(!DECODES_WITH(part[5].ncells, 1), "too few cells");
	ok(!DECODES_WITH(part[1].then[0], -1), "no count is negative");
	ok(!DECODES_WITH(part[1].then[1], INT64_MAX), "sums stay in range");
	free(drift.parts);
}

int
main(void)
{
	test_golden();
	test_score();
	test_degenerate();
	test_counts_of_model();
	test_merge();
	test_round_trip();
	test_rules();
	return done_testing();
}
