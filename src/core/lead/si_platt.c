/*
 * si_platt.c
 *	  Platt's line: logit(probability) = intercept + slope * margin.
 *
 * Method: maximum likelihood with Platt's smoothed targets, (P+1)/(P+2) for
 * each of P positive rows and 1/(N+2) for each of N negative ones, which keep
 * the line finite when the margin separates the classes.  Newton's method
 * with backtracking, in Lin, Lin and Weng's form that evaluates the
 * likelihood without cancellation; margins are standardised first, so that
 * the step does not depend on their scale.  Weights are scaled to a mean of
 * one: only their proportions count.
 *
 * The slope is never negative.  A likelihood that peaks at a negative slope is
 * highest, among the slopes allowed, at zero; the line is then flat at the
 * mean target, near the base rate.
 *
 * Special cases: no weight is SI_EMPTY; constant margins give slope zero; one
 * class only gives a line near (n+1)/(n+2) or 1/(n+2); margins are finite.
 * Accuracy: see SI_PLATT_GAIN; sums run over blocks, which are added with
 * compensation.
 *
 * Reference: Platt, "Probabilistic outputs for support vector machines", in
 * Advances in Large Margin Classifiers (1999); Lin, Lin and Weng, "A note on
 * Platt's probabilistic outputs for support vector machines", Machine Learning
 * 68 (2007), 267-276.
 */
#include <math.h>

#include "core/lead/si_calibration.h"
#include "core/si_tolerance.h"
#include "core/stats/si_sum.h"

#define BLOCK_ROWS		8192	/* between pulses */
#define MAX_ITERATIONS	100
#define MAX_HALVINGS	30

/* What the rows are, and how a margin is standardised. */
typedef struct Scale
{
	double		largest;		/* |margin| */
	double		center;			/* of margin / largest */
	double		spread;			/* standard deviation of the same */
	double		unit;			/* rows per unit of weight */
	double		positives;		/* scaled weight */
	double		negatives;
	double		high;			/* target of a positive row */
	double		low;
} Scale;

/* The line in standardised margins. */
typedef struct Line
{
	double		intercept;
	double		slope;
} Line;

/* Loss (negative log-likelihood), its gradient and Hessian, at a line. */
enum
{
	LOSS, GRAD_0, GRAD_1, HESS_00, HESS_01, HESS_11, NSUMS
};

static inline bool
row_used(const SiScored *row, int skip_fold)
{
	return row->weight > 0.0 && (skip_fold < 0 || row->fold != skip_fold);
}

static inline int64_t
block_end(int64_t start, int64_t n)
{
	return n - start > BLOCK_ROWS ? start + BLOCK_ROWS : n;
}

/* Class totals, targets and the largest margin; false if there is no weight. */
static bool
count_classes(int64_t n, const SiScored *rows, int skip_fold, Scale *scale,
			  SiPulse pulse)
{
	SiSum		weight[2] = {{0.0, 0.0}, {0.0, 0.0}};
	double		total;
	int64_t		used = 0;
	int64_t		i;

	scale->largest = 0.0;
	for (i = 0; i < n; i++)
	{
		if (i % BLOCK_ROWS == 0)
			pulse();
		if (!row_used(&rows[i], skip_fold))
			continue;
		used++;
		si_sum_add(&weight[rows[i].positive ? 1 : 0], rows[i].weight);
		scale->largest = fmax(scale->largest, fabs(rows[i].score));
	}
	if (used == 0)
		return false;

	total = si_sum_value(&weight[0]) + si_sum_value(&weight[1]);
	scale->unit = (double) used / total;
	scale->positives = si_sum_value(&weight[1]) * scale->unit;
	scale->negatives = si_sum_value(&weight[0]) * scale->unit;
	scale->high = (scale->positives + 1.0) / (scale->positives + 2.0);
	scale->low = 1.0 / (scale->negatives + 2.0);
	return true;
}

/*
 * Mean and standard deviation of margin / largest, by the updating formula of
 * West (Comm. ACM 22, 1979).
 */
static void
measure_spread(int64_t n, const SiScored *rows, int skip_fold, Scale *scale,
			   SiPulse pulse)
{
	double		divisor = scale->largest > 0.0 ? scale->largest : 1.0;
	double		total = 0.0;
	double		mean = 0.0;
	double		squares = 0.0;
	int64_t		i;

	for (i = 0; i < n; i++)
	{
		double		weight;
		double		way;

		if (i % BLOCK_ROWS == 0)
			pulse();
		if (!row_used(&rows[i], skip_fold))
			continue;
		weight = rows[i].weight * scale->unit;
		way = rows[i].score / divisor - mean;
		total += weight;
		mean += way * weight / total;
		squares += weight * way * (rows[i].score / divisor - mean);
	}
	scale->largest = divisor;
	scale->center = mean;
	scale->spread = sqrt(squares / total);
}

static void
add_block(const SiScored *rows, int64_t n, int skip_fold, const Scale *scale,
		  const Line *line, SiSum sums[NSUMS])
{
	double		block[NSUMS] = {0};
	int64_t		i;
	int			k;

	for (i = 0; i < n; i++)
	{
		double		weight = rows[i].weight * scale->unit;
		double		target = rows[i].positive ? scale->high : scale->low;
		double		z;
		double		margin;
		double		e;
		double		p;
		double		residual;
		double		curvature;

		if (!row_used(&rows[i], skip_fold))
			continue;
		z = (rows[i].score / scale->largest - scale->center) / scale->spread;
		margin = line->intercept + line->slope * z;
		e = exp(-fabs(margin));
		p = (margin >= 0.0 ? 1.0 : e) / (1.0 + e);
		residual = weight * (p - target);
		curvature = weight * e / ((1.0 + e) * (1.0 + e));

		block[LOSS] += weight *
			(log1p(e) + fmax(margin, 0.0) - target * margin);
		block[GRAD_0] += residual;
		block[GRAD_1] += residual * z;
		block[HESS_00] += curvature;
		block[HESS_01] += curvature * z;
		block[HESS_11] += curvature * z * z;
	}
	for (k = 0; k < NSUMS; k++)
		si_sum_add(&sums[k], block[k]);
}

static void
evaluate(int64_t n, const SiScored *rows, int skip_fold, const Scale *scale,
		 const Line *line, double at[NSUMS], SiPulse pulse)
{
	SiSum		sums[NSUMS] = {{0.0, 0.0}};
	int64_t		start;
	int			k;

	for (start = 0; start < n; start += BLOCK_ROWS)
	{
		pulse();
		add_block(rows + start, block_end(start, n) - start, skip_fold,
				  scale, line, sums);
	}
	for (k = 0; k < NSUMS; k++)
		at[k] = si_sum_value(&sums[k]);
}

/*
 * The Newton step, and the gain in log-likelihood that it promises (half the
 * squared decrement).  The guard is Lin, Lin and Weng's.
 */
static double
newton_step(const double at[NSUMS], Line *step)
{
	double		h00 = at[HESS_00] + SI_RIDGE_GUARD;
	double		h11 = at[HESS_11] + SI_RIDGE_GUARD;
	double		h01 = at[HESS_01];
	double		determinant = h00 * h11 - h01 * h01;

	step->intercept = (h01 * at[GRAD_1] - h11 * at[GRAD_0]) / determinant;
	step->slope = (h01 * at[GRAD_0] - h00 * at[GRAD_1]) / determinant;
	return -0.5 * (at[GRAD_0] * step->intercept + at[GRAD_1] * step->slope);
}

static SiStatus
maximise(int64_t n, const SiScored *rows, int skip_fold, const Scale *scale,
		 Line *line, SiPulse pulse)
{
	double		at[NSUMS];
	int			iteration;

	line->intercept = log((scale->positives + 1.0) / (scale->negatives + 1.0));
	line->slope = 0.0;
	evaluate(n, rows, skip_fold, scale, line, at, pulse);
	for (iteration = 0; iteration < MAX_ITERATIONS; iteration++)
	{
		double		loss = at[LOSS];
		double		enough;
		double		share = 1.0;
		int			halvings = 0;
		Line		step;
		Line		start = *line;
		double		gain = newton_step(at, &step);

		for (;;)
		{
			line->intercept = start.intercept + share * step.intercept;
			line->slope = start.slope + share * step.slope;
			if (gain < SI_PLATT_GAIN)
				return SI_OK;
			evaluate(n, rows, skip_fold, scale, line, at, pulse);
			enough = 2.0 * SI_ARMIJO * share * gain - SI_OBJECTIVE_NOISE * loss;
			if (loss - at[LOSS] >= enough)
				break;
			if (++halvings > MAX_HALVINGS)
				return SI_NO_CONVERGENCE;
			share *= 0.5;
		}
	}
	return SI_NO_CONVERGENCE;
}

SiStatus
si_platt_fit(int64_t n, const SiScored *rows, int skip_fold,
			 SiCalibration *out, SiPulse pulse)
{
	Scale		scale;
	Line		line = {0.0, 0.0};
	SiStatus	status = SI_OK;
	double		rate;

	out->kind = SI_CALIBRATION_PLATT;
	out->nknots = 0;
	out->margin = NULL;
	out->probability = NULL;
	if (!count_classes(n, rows, skip_fold, &scale, pulse))
		return SI_EMPTY;
	measure_spread(n, rows, skip_fold, &scale, pulse);
	if (scale.spread > SI_CONSTANT_SPREAD)
		status = maximise(n, rows, skip_fold, &scale, &line, pulse);

	out->slope = line.slope / scale.spread / scale.largest;
	if (line.slope > 0.0 && isfinite(out->slope))
	{
		out->intercept = line.intercept -
			line.slope * scale.center / scale.spread;
		return status;
	}
	rate = (scale.positives * scale.high + scale.negatives * scale.low) /
		(scale.positives + scale.negatives);
	out->slope = 0.0;
	out->intercept = log(rate) - log1p(-rate);
	return status;
}
