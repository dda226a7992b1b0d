/*
 * test_profile.c
 *
 * Profiles against a count by scanning the edges: bins of about equal counts,
 * few values apart, missing ones in none; and values the sample lacked.
 */
#include "tap.h"

#include "core/lead/si_profile.h"
#include "scored.h"

#define ROWS	40000
#define SAMPLE	10000
#define COLUMNS	3

static double value[ROWS * COLUMNS];
static double edge[SI_PROFILE_BINS - 1];
static int64_t rows[SI_PROFILE_BINS];
static char work[2 * SAMPLE * sizeof(SiKeyed)];
static SiProfile profile = {0, edge, rows};

/* Edges from every fourth row of a column, then all its rows. */
static int64_t
profile_column(int column)
{
	SiBinSample sample = {SAMPLE, value + column, 4 * COLUMNS, NULL};

	for (int b = 0; b < SI_PROFILE_BINS; b++)
		rows[b] = -1;
	si_profile_find(&sample, work, &profile, pulse);
	return si_profile_add(&profile, ROWS, value + column, COLUMNS, pulse);
}

/* Rows of a column in the bin, found by its definition. */
static int64_t
scan(int column, int bin)
{
	int64_t		count = 0;

	for (int i = 0; i < ROWS; i++)
	{
		double		x = value[i * COLUMNS + column];

		count += (bin == 0 || x > edge[bin - 1]) &&
			(bin == profile.nbins - 1 || x <= edge[bin]) && !isnan(x);
	}
	return count;
}

static int
wrong_bins(int column)
{
	int			wrong = 0;

	for (int b = 0; b < profile.nbins; b++)
		wrong += rows[b] != scan(column, b);
	return wrong;
}

static void
test_even_bins(void)
{
	int64_t		fewest = ROWS;
	int64_t		most = 0;
	int64_t		missing;

	for (int i = 0; i < ROWS; i++)
		value[i * COLUMNS] = i % 40 == 7 ? NAN : exp(5 * random_unit());
	missing = profile_column(0);
	for (int b = 0; b < profile.nbins; b++)
	{
		fewest = rows[b] < fewest ? rows[b] : fewest;
		most = rows[b] > most ? rows[b] : most;
	}
	ok(profile.nbins == SI_PROFILE_BINS, "ten bins");
	ok(missing == ROWS / 40, "missing values are told");
	ok(wrong_bins(0) == 0, "bins hold what their edges enclose");
	ok(fewest > 0.09 * ROWS && most < 0.11 * ROWS,
	   "about equal shares (%d to %d rows)", (int) fewest, (int) most);
}

static void
test_few_values(void)
{
	static const double few[4] = {0, 1, 2, 250};
	int64_t		missing;

	for (int i = 0; i < ROWS; i++)
		value[i * COLUMNS + 1] = few[random_below(4) * (random_below(9) > 0)];
	missing = profile_column(1);
	ok(profile.nbins == 4 && missing == 0, "a bin for each distinct value");
	ok(edge[0] == 0.5 && edge[1] == 1.5 && edge[2] == 126, "edges midway");
	ok(wrong_bins(1) == 0 && rows[0] + rows[1] + rows[2] + rows[3] == ROWS,
	   "every row is counted");
	ok(si_profile_bin(&profile, -1e300) == 0 &&
	   si_profile_bin(&profile, 0.5) == 0 &&
	   si_profile_bin(&profile, nextafter(0.5, 1)) == 1 &&
	   si_profile_bin(&profile, INFINITY) == 3,
	   "an edge belongs to the bin below, the ends are open");
}

static void
test_nothing_present(void)
{
	int64_t		missing;

	for (int i = 0; i < ROWS; i++)
		value[i * COLUMNS + 2] = NAN;
	missing = profile_column(2);
	ok(profile.nbins == 0 && missing == ROWS, "no value, no bin");
	value[2 + COLUMNS] = 5;
	value[2 + 3 * COLUMNS] = -5;
	missing = profile_column(2);
	ok(profile.nbins == 1 && rows[0] == 2 && missing == ROWS - 2,
	   "values that the sample lacked share one");
	value[2] = 7;
	missing = profile_column(2);
	ok(profile.nbins == 3 && rows[0] == 2 && rows[1] == 1 && rows[2] == 0 &&
	   missing == ROWS - 3,
	   "a single value of the sample is told from smaller and larger ones");
}

/* Rows added in parts are rows added at once. */
static void
test_parts(void)
{
	int64_t		whole[SI_PROFILE_BINS];
	int64_t		missing = profile_column(0);
	int			nbins = profile.nbins;

	memcpy(whole, rows, sizeof(rows));
	memset(rows, 0, sizeof(rows));
	for (int at = 0; at < ROWS; at += 250)
		missing -= si_profile_add(&profile, 250, value + at * COLUMNS, COLUMNS,
								  pulse);
	ok(missing == 0 && profile.nbins == nbins &&
	   memcmp(whole, rows, sizeof(rows)) == 0, "blocks add up");
}

/* ---------- scores out of fold ---------- */

#define FOLDS	5

static SiScored scored[ROWS];
static int64_t fold_work[2 * FOLDS];

static int
compare_scored(const void *a, const void *b)
{
	double		x = ((const SiScored *) a)->score;
	double		y = ((const SiScored *) b)->score;

	return (x > y) - (x < y);
}

/*
 * A third of the rows share a score, which the model of each fold puts a step
 * further up; the others are spread evenly.
 */
static void
score_folds(int nfolds, double step)
{
	for (int i = 0; i < ROWS; i++)
	{
		scored[i].fold = i % FOLDS;
		scored[i].score = i % 3 == 0 ? 0.25 + step * scored[i].fold :
			random_unit();
	}
	qsort(scored, ROWS, sizeof(SiScored), compare_scored);
	si_profile_folds(ROWS, scored, nfolds, fold_work, &profile, pulse);
}

static int64_t
count_scores(int bin)
{
	int64_t		count = 0;

	for (int i = 0; i < ROWS; i++)
		count += si_profile_bin(&profile, scored[i].score) == bin;
	return count;
}

static void
test_folds(void)
{
	int64_t		total = 0;
	int			wrong = 0;
	int			amid = 0;

	score_folds(FOLDS, 1e-3);
	for (int b = 0; b < profile.nbins; b++)
	{
		total += rows[b];
		wrong += llabs(rows[b] * FOLDS - count_scores(b)) > FOLDS;
		amid += b > 0 && edge[b - 1] > 0.25 && edge[b - 1] < 0.254;
	}
	ok(amid == 0, "no edge where the models of the folds disagree");
	ok(profile.nbins > 4 && profile.nbins < SI_PROFILE_BINS,
	   "but elsewhere (%d bins)", profile.nbins);
	ok(wrong == 0 && total == ROWS / FOLDS, "rows are counted per model");
	score_folds(1, 1e-3);
	ok(profile.nbins == SI_PROFILE_BINS &&
	   rows[0] == count_scores(0) && rows[5] == count_scores(5),
	   "a single model has ten bins of all rows");
}

static void
test_folds_degenerate(void)
{
	for (int i = 0; i < ROWS; i++)
	{
		scored[i].fold = i % FOLDS;
		scored[i].score = scored[i].fold + random_unit();
	}
	qsort(scored, ROWS, sizeof(SiScored), compare_scored);
	si_profile_folds(ROWS, scored, FOLDS, fold_work, &profile, pulse);
	ok(profile.nbins == 2, "models that agree nowhere leave two bins");
	for (int i = 0; i < ROWS; i++)
		scored[i].score = -1.5;
	si_profile_folds(ROWS, scored, FOLDS, fold_work, &profile, pulse);
	ok(profile.nbins == 1 && rows[0] == ROWS / FOLDS, "a constant score");
	si_profile_folds(0, scored, FOLDS, fold_work, &profile, pulse);
	ok(profile.nbins == 0, "no scores");
}

int
main(void)
{
	test_even_bins();
	test_few_values();
	test_nothing_present();
	test_parts();
	test_folds();
	test_folds_degenerate();
	ok(pulses > 0, "the pulse is called");
	return done_testing();
}
