/*
 * test_roc.c
 *
 * ROC curve and confusion table against their definitions and against
 * scikit-learn 1.2.1.
 */
#include "tap.h"

#include "core/stats/sample/si_ranking.h"
#include "tables.h"

static void
test_confusion(void)
{
	SiScored	rows[FORMULA_ROWS];
	Encoded		encoded;
	SiConfusion is;

	formula_rows(false, false, rows);
	encoded = encode_rows(FORMULA_ROWS, rows);
	is = si_ranking_confusion(&encoded.table, 0.5, pulse);
	ok(is.true_negatives == 177 && is.false_positives == 111 &&
	   is.false_negatives == 73 && is.true_positives == 139,
	   "confusion as confusion_matrix(y, score >= 0.5)");
	is = si_ranking_confusion(&encoded.table, -INFINITY, pulse);
	ok(is.true_positives == 212 && is.false_positives == 288 &&
	   is.true_negatives == 0 && is.false_negatives == 0,
	   "every row reaches -Infinity");
	is = si_ranking_confusion(&encoded.table, INFINITY, pulse);
	ok(is.true_positives == 0 && is.false_positives == 0 &&
	   is.true_negatives == 288 && is.false_negatives == 212,
	   "none of these reaches Infinity");
	free(encoded.bytes);
}

static void
test_roc(void)
{
	SiScored	rows[FORMULA_ROWS];
	SiRocPoint	all[66];
	SiRocPoint	some[66];
	Encoded		encoded;
	int			n;
	int			right = 0;
	int			thinned = 0;

	formula_rows(false, false, rows);
	sort_rows(FORMULA_ROWS, rows);
	encoded = encode_rows(FORMULA_ROWS, rows);
	n = si_ranking_roc(&encoded.table, 66, all, pulse);
	ok(n == 65 && si_ranking_roc_size(&encoded.table) == 65,
	   "a point per score and one above, as roc_curve(drop_intermediate=False)");
	for (int i = 0; i < n; i++)
		right += all[i].true_positive_rate ==
			reaching(FORMULA_ROWS, rows, all[i].threshold, true) / 212 &&
			all[i].false_positive_rate ==
			reaching(FORMULA_ROWS, rows, all[i].threshold, false) / 288;
	ok(right == n, "its rates by definition (%d)", right);
	is_close(all[62].true_positive_rate, 0.06603774, 1e-8, "as roc_curve()");
	is_close(all[60].false_positive_rate, 0.02083333, 1e-8, "as roc_curve()");

	for (int limit = 2; limit <= 65; limit++)
	{
		int			count = si_ranking_roc(&encoded.table, limit, some, pulse);
		int			at = 0;
		bool		fine = count >= 2 && count <= limit;

		for (int i = 0; i < count; i++)
		{
			while (at < n && all[at].threshold != some[i].threshold)
				at++;
			fine = fine && at < n;
		}
		thinned += fine && some[0].true_positive_rate == 1.0 &&
			some[count - 1].threshold == INFINITY;
	}
	ok(thinned == 64, "thinned to any number, points are of the curve, its "
	   "ends stay (%d)", thinned);
	n = si_ranking_roc(&encoded.table, 11, some, pulse);
	ok(n == 11, "where no tie leaps, so many points as asked for (%d)", n);
	for (int i = 1; i < n; i++)
		right += some[i - 1].true_positive_rate +
			some[i - 1].false_positive_rate - some[i].true_positive_rate -
			some[i].false_positive_rate < 0.3;
	ok(right == 65 + 10, "evenly spread (%d)", right - 65);
	free(encoded.bytes);
}

int
main(void)
{
	test_confusion();
	test_roc();
	return done_testing();
}
