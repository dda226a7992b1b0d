/*
 * si_ranking.c
 *	  How well scores rank positives above negatives.
 *
 * All measures depend on the order of the scores only, except for the
 * thresholds they show, and take tied rows together.
 *
 * AUC: the share of (positive, negative) pairs won, a tie counting half, with
 * DeLong's variance (si_delong.h).
 * Average precision: the sum over scores, from the highest, of the rise in
 * recall times the precision reached there; no interpolation.
 * KS: the largest distance between the two classes' distribution functions.
 * Lift: the share of positives in the top fraction of the rows over their
 * share in all rows.  Of rows tied at the cut-off each is in by the same part,
 * as if ties were broken at random, many times.
 * ROC: a point per distinct score, and (0,0).
 *
 * Special cases: a missing class is SI_EMPTY where the other is measured
 * against it; a class of one row has no variance, the standard error is NaN.
 * Infinite scores rank as they should.
 *
 * Accuracy: AUC and standard error come from exact sums; average precision is
 * a compensated sum; the others are a few operations on exact counts.
 *
 * Reference: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), 837-845;
 * Davis and Goadrich, "The relationship between precision-recall and ROC
 * curves", ICML 2006; Fawcett, "An introduction to ROC analysis", Pattern
 * Recognition Letters 27 (2006), 861-874.
 */
#include "core/stats/sample/si_ranking.h"
#include "core/stats/score/si_delong.h"

static bool
both_classes(const SiScoreTable *table)
{
	return table->positives > 0 && table->negatives > 0;
}

/* One pass; class[1] is the positives. */
static void
add_components(const SiScoreTable *table, SiComponents class[2],
			   SiPulse pulse)
{
	SiScoreCursor cursor = si_score_cursor(table, pulse);
	int64_t		positives = 0;	/* below the run */
	int64_t		negatives = 0;
	SiScoreRun	run;

	while (si_score_next(&cursor, &run))
	{
		si_components_add(&class[1], (double) (2 * negatives + run.negatives),
						  (double) run.positives);
		si_components_add(&class[0], (double) (2 * positives + run.positives),
						  (double) run.negatives);
		positives += run.positives;
		negatives += run.negatives;
	}
}

SiStatus
si_ranking_auc(const SiScoreTable *table, SiAuc *out, SiPulse pulse)
{
	const SiComponents empty = {0.0, 0.0, {0.0, 0.0}, {0.0, 0.0}};
	SiComponents class[2] = {empty, empty};
	double		positives = (double) table->positives;
	double		negatives = (double) table->negatives;

	if (!both_classes(table))
		return SI_EMPTY;
	add_components(table, class, pulse);
	out->auc = 0.5 * si_sum_value(&class[1].sum) / (positives * negatives);
	class[0] = si_components_again(&class[0]);
	class[1] = si_components_again(&class[1]);
	add_components(table, class, pulse);
	out->std_error = sqrt(si_components_variance(&class[1], negatives) +
						  si_components_variance(&class[0], positives));
	return SI_OK;
}

SiStatus
si_ranking_average_precision(const SiScoreTable *table, double *out,
							 SiPulse pulse)
{
	SiScoreCursor cursor = si_score_cursor(table, pulse);
	int64_t		positives = table->positives;	/* at or above the run */
	int64_t		rows = si_score_table_rows(table);
	SiSum		sum = {0.0, 0.0};
	SiScoreRun	run;

	if (table->positives == 0)
		return SI_EMPTY;
	while (si_score_next(&cursor, &run))
	{
		double		precision = (double) positives / (double) rows;

		si_sum_add_product(&sum, (double) run.positives, precision);
		positives -= run.positives;
		rows -= run.positives + run.negatives;
	}
	*out = si_sum_value(&sum) / (double) table->positives;
	return SI_OK;
}

SiStatus
si_ranking_ks(const SiScoreTable *table, double *out, SiPulse pulse)
{
	SiScoreCursor cursor = si_score_cursor(table, pulse);
	int64_t		positives = 0;
	int64_t		negatives = 0;
	SiScoreRun	run;

	if (!both_classes(table))
		return SI_EMPTY;
	*out = 0.0;
	while (si_score_next(&cursor, &run))
	{
		positives += run.positives;
		negatives += run.negatives;
		*out = fmax(*out, fabs((double) positives / (double) table->positives -
							   (double) negatives / (double) table->negatives));
	}
	return SI_OK;
}

SiStatus
si_ranking_lift(const SiScoreTable *table, double fraction, double *out,
				SiPulse pulse)
{
	SiScoreCursor cursor = si_score_cursor(table, pulse);
	double		rows = (double) si_score_table_rows(table);
	double		top = fraction * rows;
	double		above = rows;	/* rows above the run */
	SiSum		positives = {0.0, 0.0};
	SiScoreRun	run;

	if (table->positives == 0)
		return SI_EMPTY;
	while (si_score_next(&cursor, &run))
	{
		double		size = (double) (run.positives + run.negatives);

		above -= size;
		if (above < top)
			si_sum_add(&positives, fmin((top - above) / size, 1.0) *
					   (double) run.positives);
	}
	*out = si_sum_value(&positives) / top /
		((double) table->positives / rows);
	return SI_OK;
}

SiConfusion
si_ranking_confusion(const SiScoreTable *table, double threshold,
					 SiPulse pulse)
{
	SiScoreCursor cursor = si_score_cursor(table, pulse);
	SiConfusion out = {table->positives, table->negatives, 0, 0};
	SiScoreRun	run;

	while (si_score_next(&cursor, &run) && run.score < threshold)
	{
		out.true_positives -= run.positives;
		out.false_positives -= run.negatives;
		out.false_negatives += run.positives;
		out.true_negatives += run.negatives;
	}
	return out;
}

int64_t
si_ranking_roc_size(const SiScoreTable *table)
{
	return both_classes(table) ? table->runs + 1 : 0;
}

/*
 * Too many points are thinned along the curve: the way from (1,1) to (0,0),
 * measured as the fall of both rates, is cut into limit - 1 equal parts, and
 * the first point in each is taken.
 */
int64_t
si_ranking_roc(const SiScoreTable *table, int64_t limit, SiRocPoint *points,
			   SiPulse pulse)
{
	SiScoreCursor cursor = si_score_cursor(table, pulse);
	const SiRocPoint last = {INFINITY, 0.0, 0.0};
	bool		all = si_ranking_roc_size(table) <= limit;
	double		parts = (double) (limit - 1);
	int64_t		positives = table->positives;
	int64_t		negatives = table->negatives;
	int64_t		count = 0;
	double		next = 0.0;		/* part that has no point yet */
	SiScoreRun	run;

	if (!both_classes(table))
		return 0;
	while (si_score_next(&cursor, &run))
	{
		double		fpr = (double) negatives / (double) table->negatives;
		double		tpr = (double) positives / (double) table->positives;
		double		part = floor((1.0 - 0.5 * (fpr + tpr)) * parts);

		if (all || (part >= next && part < parts))
		{
			points[count].threshold = run.score;
			points[count].false_positive_rate = fpr;
			points[count++].true_positive_rate = tpr;
			next = part + 1.0;
		}
		positives -= run.positives;
		negatives -= run.negatives;
	}
	points[count++] = last;
	return count;
}
