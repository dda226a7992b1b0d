/*
 * si_split.c
 *	  Search for the best split: thresholds, level sets, monotone bounds.
 *
 * Accuracy: sums are exact integers until a side is scored; gains carry the
 * rounding of a dozen operations.
 */
#include "core/trees/si_split.h"

#include <math.h>
#include <string.h>

#include "core/si_tolerance.h"

/* The best candidate so far and what candidates are measured with. */
typedef struct Search
{
	const SiSplitSearch *by;
	const SiSplitNode *node;
	double		lambda;			/* of the feature at hand */
	int			direction;		/* its monotone constraint */
	bool		bounded;
	double		parent;			/* score of the node */
	double		best;			/* gain */
	int			feature;		/* -1: none yet */
	int			bin;			/* numeric: last on the left; category: last
								 * place of the order on the left */
	bool		missing_left;
	bool		ordered;		/* a monotone constraint holds between sides */
	SiHistCell	left;
} Search;

/* Levels of a category, to be ordered. */
typedef struct Level
{
	double		key;
	int			bin;
} Level;

static double
clip(double value, double low, double high)
{
	return value < low ? low : value > high ? high : value;
}

static double
free_value(double g, double h, double lambda)
{
	return h + lambda > 0 ? -g / (h + lambda) : 0;
}

double
si_split_value(const SiSplitSearch *search, const SiSplitNode *node)
{
	double		g = (double) node->sum.g * search->g_scale;
	double		h = (double) node->sum.h * search->h_scale;

	return clip(free_value(g, h, search->options->lambda), node->low,
				node->high);
}

static double
score(const SiSplitSearch *by, const SiSplitNode *node, double lambda)
{
	double		g = (double) node->sum.g * by->g_scale;
	double		h = (double) node->sum.h * by->h_scale;
	double		value = clip(free_value(g, h, lambda), node->low, node->high);

	return -(2 * g + (h + lambda) * value) * value;
}

static SiHistCell
minus(SiHistCell a, SiHistCell b)
{
	SiHistCell	difference = {a.g - b.g, a.h - b.h, a.n - b.n};

	return difference;
}

/* Scores of both sides under bounds; -Inf where the order is wrong. */
static double
bounded_scores(const Search *search, double gl, double hl, double gr,
			   double hr)
{
	double		low = search->node->low;
	double		high = search->node->high;
	double		l = clip(free_value(gl, hl, search->lambda), low, high);
	double		r = clip(free_value(gr, hr, search->lambda), low, high);

	if ((search->direction > 0 && l > r) || (search->direction < 0 && l < r))
		return -INFINITY;
	return -(2 * gl + (hl + search->lambda) * l) * l -
		(2 * gr + (hr + search->lambda) * r) * r;
}

/* Keep the candidate if it is allowed and better than the best. */
static inline void
try(Search *search, int feature, const SiHistCell *left, int bin,
	bool missing_left)
{
	const SiSplitSearch *by = search->by;
	const SiBoostOptions *options = by->options;
	SiHistCell	right = minus(search->node->sum, *left);
	double		gl = (double) left->g * by->g_scale;
	double		hl = (double) left->h * by->h_scale;
	double		gr = (double) right.g * by->g_scale;
	double		hr = (double) right.h * by->h_scale;
	double		scores;

	if (left->n < options->min_leaf || right.n < options->min_leaf ||
		hl < options->min_hessian || hr < options->min_hessian ||
		hl + search->lambda <= 0 || hr + search->lambda <= 0)
		return;
	if (search->bounded || search->direction != 0)
		scores = bounded_scores(search, gl, hl, gr, hr);
	else
		scores = gl * gl / (hl + search->lambda) +
			gr * gr / (hr + search->lambda);
	if (scores - search->parent > search->best &&
		scores - search->parent > SI_SPLIT_NOISE * scores)
	{
		search->best = scores - search->parent;
		search->feature = feature;
		search->bin = bin;
		search->missing_left = missing_left;
		search->ordered = search->direction != 0;
		search->left = *left;
	}
}

static void
add(SiHistCell *sum, const SiHistCell *cell)
{
	sum->g += cell->g;
	sum->h += cell->h;
	sum->n += cell->n;
}

static void
scan_numeric(Search *search, int feature, const SiHistCell *cells, int nbins)
{
	const SiHistCell *missing = &cells[0];
	int64_t		present = search->node->sum.n - missing->n;
	SiHistCell	left = {0, 0, 0};

	for (int b = 1; b < nbins && left.n < present; b++)
	{
		SiHistCell	both;

		if (cells[b].n == 0)
			continue;
		add(&left, &cells[b]);
		if (left.n == present)
		{
			/* missing against all others: no order between the sides */
			search->direction = 0;
			try(search, feature, &left, nbins - 1, false);
			break;
		}
		try(search, feature, &left, b, false);
		if (missing->n == 0)
			continue;
		both = left;
		add(&both, missing);
		try(search, feature, &both, b, true);
	}
}

static bool
comes_before(const Level *a, const Level *b)
{
	return a->key < b->key || (a->key == b->key && a->bin < b->bin);
}

/* Shell's sort with Ciura's gaps; the order is total, so ties do not matter. */
static void
sort_levels(int n, Level *level)
{
	static const int gaps[] = {132, 57, 23, 10, 4, 1};

	for (size_t k = 0; k < sizeof(gaps) / sizeof(gaps[0]); k++)
	{
		int			gap = gaps[k];

		for (int i = gap; i < n; i++)
		{
			Level		moving = level[i];
			int			j = i;

			for (; j >= gap && comes_before(&moving, &level[j - gap]); j -= gap)
				level[j] = level[j - gap];
			level[j] = moving;
		}
	}
}

/* The levels that the node has seen, in order of what they ask for. */
static int
order_levels(const SiSplitSearch *by, const SiHistCell *cells, int nbins,
			 Level *level)
{
	int			n = 0;

	for (int b = 0; b < nbins; b++)
	{
		double		g = (double) cells[b].g * by->g_scale;
		double		h = (double) cells[b].h * by->h_scale;

		if (cells[b].n == 0)
			continue;
		level[n].bin = b;
		level[n++].key = -free_value(g, h, by->options->category_smooth);
	}
	sort_levels(n, level);
	return n;
}

static void
scan_category(Search *search, int feature, const SiHistCell *cells, int nbins)
{
	Level		level[SI_BINS];
	SiHistCell	left = {0, 0, 0};
	int			n = order_levels(search->by, cells, nbins, level);

	for (int i = 0; i < n - 1; i++)
	{
		add(&left, &cells[level[i].bin]);
		try(search, feature, &left, i, false);
	}
}

/* The bins on the left of a numeric split, missing or not among them. */
static void
numeric_bins(const Search *search, const SiHistCell *cells, SiSplit *split)
{
	bool		missing_left = search->missing_left;

	if (cells[0].n == 0)
		missing_left = search->left.n * 2 >= search->node->sum.n;
	if (missing_left)
		si_bins_include(split->left_bins, 0);
	for (int b = 1; b <= search->bin; b++)
		si_bins_include(split->left_bins, b);
	split->last_bin = search->bin;
}

static void
category_bins(const Search *search, const SiHistCell *cells, int nbins,
			  SiSplit *split)
{
	Level		level[SI_BINS];
	bool		unseen_left = search->left.n * 2 >= search->node->sum.n;

	order_levels(search->by, cells, nbins, level);
	for (int i = 0; i <= search->bin; i++)
		si_bins_include(split->left_bins, level[i].bin);
	for (int b = 0; b < SI_BINS && unseen_left; b++)
		if (b >= nbins || cells[b].n == 0)
			si_bins_include(split->left_bins, b);
	split->last_bin = 0;
}

/* Sums and bounds of both children. */
static void
make_children(const Search *search, SiSplit *split)
{
	SiSplitNode *left = &split->child[0];
	SiSplitNode *right = &split->child[1];
	double		l;
	double		r;

	*left = *right = *search->node;
	left->sum = search->left;
	right->sum = minus(search->node->sum, search->left);
	if (!search->ordered)
		return;
	l = si_split_value(search->by, left);
	r = si_split_value(search->by, right);
	if (search->by->options->monotone[search->feature] > 0)
		left->high = right->low = l / 2 + r / 2;
	else
		left->low = right->high = l / 2 + r / 2;
}

static void
scan(Search *search, int feature, const SiHistCell *cells)
{
	const SiSplitSearch *by = search->by;
	const SiBinning *binning = &by->binning[feature];

	search->lambda = by->options->lambda;
	search->direction = 0;
	if (binning->kind == SI_FEATURE_CATEGORY)
	{
		search->lambda += by->options->category_l2;
		scan_category(search, feature, cells, binning->nbins);
		return;
	}
	if (by->options->monotone != NULL)
		search->direction = by->options->monotone[feature];
	scan_numeric(search, feature, cells, binning->nbins);
}

void
si_split_find(const SiSplitSearch *by, const SiHistCell *cells,
			  const SiSplitNode *node, SiSplit *split)
{
	Search		search = {.by = by, .node = node, .feature = -1};
	const SiHistCell *own;

	search.bounded = node->low > -INFINITY || node->high < INFINITY;
	search.parent = score(by, node, by->options->lambda);
	search.best = by->options->min_gain;
	for (int j = 0; j < by->nfeatures; j++)
		scan(&search, j, cells + by->offset[j]);
	memset(split, 0, sizeof(*split));
	split->feature = search.feature;
	if (search.feature < 0)
		return;
	split->gain = search.best;
	own = cells + by->offset[search.feature];
	if (by->binning[search.feature].kind == SI_FEATURE_CATEGORY)
		category_bins(&search, own, by->binning[search.feature].nbins, split);
	else
		numeric_bins(&search, own, split);
	make_children(&search, split);
}
