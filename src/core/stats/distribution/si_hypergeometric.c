/*
 * si_hypergeometric.c
 *	  Fisher's noncentral hypergeometric distribution: the first cell of a
 *	  2x2 table whose margins are given, for any odds ratio.
 *
 * A first cell of k, with row and column sums r and s and total n, has weight
 * w(k) = psi^k / (k! (r - k)! (s - k)! (n - r - s + k)!).  Weights are
 * log-concave: from the largest they fall on both sides, ever faster.
 *
 * Method: while the standard deviation is below WIDE_SD, weights relative to
 * that of x are summed step by step to both sides, until what is left cannot
 * matter.  Wider distributions are as smooth as they are wide:
 *
 *	- all weights: every h-th, times h, for h = sd/2 (the trapezoidal rule
 *	  misses exp(-2 (pi sd/h)^2) of a bell curve);
 *	- a tail: the integral of w from half a step before x, by Gauss-Legendre
 *	  panels, with the first correction of Euler and Maclaurin, w'/24; the
 *	  second is of the order of 1 / sd^4;
 *	- a weight for any real k: factorials by Stirling's series, as deviances
 *	  from the integer nearest to the largest weight (see si_stirling.h).
 *
 * Hence a table of 1e15 takes no longer than one of 1e6, without any
 * approximation that shows.  Odds ratios are found on the logarithm of the
 * tail by regula falsi (Illinois), kept within a bracket.
 *
 * Special cases: weights within 1e-7 of that of x count as equal to it, as in
 * R's fisher.test.  A tail below 1e-290 is 0.
 *
 * Accuracy: relative error below 1e-11 up to totals of 1e10, 1e-6 at 1e15,
 * where a logarithm of the odds ratio itself is no more exact.
 *
 * Reference: Fisher, "The logic of inductive inference", J. Roy. Stat. Soc.
 * 98 (1935); Cornfield, Proc. Third Berkeley Symposium 4 (1956), 135-148.
 */
#include "core/stats/distribution/si_hypergeometric.h"

#include <float.h>
#include <math.h>

#include "core/si_tolerance.h"
#include "core/stats/distribution/si_stirling.h"

#define WIDE_SD			1000.0
#define LARGEST_SUM		1e290
#define LARGEST_LOG		690.0	/* of an odds ratio */
#define BLOCK_STEPS		65536	/* between pulses */
#define REACH			80		/* steps of sd/2 to where nothing is left */
#define MAX_STEPS		200
#define POINTS			4		/* of eight, on each side */

SiMargins
si_margins(int64_t a, int64_t b, int64_t c, int64_t d)
{
	SiMargins	m;

	m.row = (double) (a + b);
	m.column = (double) (a + c);
	m.total = (double) (a + b + c + d);
	m.low = (double) (a > d ? a - d : 0);
	m.high = fmin(m.row, m.column);
	return m;
}

/* ----- Narrow: step by step ----- */

/* w(k + 1) / w(k) */
static double
ratio_up(const SiMargins *m, double k, double odds)
{
	return odds * ((m->row - k) / (k + 1)) *
		((m->column - k) / (m->total - m->row - m->column + k + 1));
}

static double
ratio_to(const SiMargins *m, double k, int direction, double odds)
{
	return direction > 0 ? ratio_up(m, k, odds) :
		1 / ratio_up(m, k - 1, odds);
}

/* Weights beyond x on one side, relative to that of x. */
typedef struct Side
{
	double		sum;
	double		moment;			/* of distances from x */
	double		small;			/* sum of those no larger than limit */
} Side;

static Side
sum_side(const SiMargins *m, double x, int direction, double odds,
		 double limit, SiPulse pulse)
{
	double		end = direction > 0 ? m->high : m->low;
	double		weight = 1;
	double		step = 0;
	Side		side = {0, 0, 0};

	while (x + direction * step != end && side.sum < LARGEST_SUM)
	{
		double		ratio = ratio_to(m, x + direction * step, direction, odds);

		weight *= ratio;
		step++;
		side.sum += weight;
		side.moment += weight * step;
		if (weight <= limit)
			side.small += weight;
		if (ratio < 1 && weight * step * ratio <
			DBL_EPSILON / 8 * (1 - ratio) * (1 - ratio) *
			fmin(side.small + (limit > 0 ? 1 : side.sum), side.moment))
			break;
		if (fmod(step, BLOCK_STEPS) == 0)
			pulse();
	}
	return side;
}

static SiHypergeometric
narrow(const SiMargins *m, double x, double log_odds, SiPulse pulse)
{
	double		odds = exp(log_odds);
	Side		up = sum_side(m, x, 1, odds, 0, pulse);
	Side		down = sum_side(m, x, -1, odds, 0, pulse);
	double		total = 1 + up.sum + down.sum;
	SiHypergeometric out;

	out.lower = up.sum < LARGEST_SUM ? (1 + down.sum) / total : 0;
	out.upper = down.sum < LARGEST_SUM ? (1 + up.sum) / total : 0;
	out.mean = (up.moment - down.moment) / total;
	return out;
}

static double
narrow_two_sided(const SiMargins *m, double x, SiPulse pulse)
{
	double		limit = 1 + SI_EQUAL_CHANCE;
	Side		up = sum_side(m, x, 1, 1, limit, pulse);
	Side		down = sum_side(m, x, -1, 1, limit, pulse);

	if (!(up.sum < LARGEST_SUM && down.sum < LARGEST_SUM))
		return 0;
	return (1 + up.small + down.small) / (1 + up.sum + down.sum);
}

/* ----- Wide: smooth ----- */

/* The table nearest to the largest weight. */
typedef struct Peak
{
	double		cell[4];		/* a, b, c, d */
	double		slope;			/* of the logarithm of the weight there */
	double		sd;
} Peak;

/*
 * The root of (1 - psi) x^2 + (n - r - s + psi (r + s)) x = psi r s between
 * low and high.  With n - r - s not negative nothing cancels; otherwise the
 * last cell takes the place of the first.
 */
double
si_odds_cell(double r, double s, double g, double odds)
{
	double		root = sqrt(g * g + odds * (2 * g * (r + s) + 4 * r * s +
											odds * (r - s) * (r - s)));

	return 2 * odds * r * s / (g + odds * (r + s) + root);
}

static double
largest_weight(const SiMargins *m, double odds)
{
	double		e = m->total - m->row - m->column;
	double		r = e < 0 ? m->total - m->row : m->row;
	double		s = e < 0 ? m->total - m->column : m->column;
	double		x = si_odds_cell(r, s, fabs(e), odds);

	return fmin(fmax(floor(x + 0.5) + m->low, m->low), m->high);
}

static Peak
find_peak(const SiMargins *m, double log_odds)
{
	double		x = largest_weight(m, exp(log_odds));
	Peak		peak;
	double		inverse = 0;

	peak.cell[0] = x;
	peak.cell[1] = m->row - x;
	peak.cell[2] = m->column - x;
	peak.cell[3] = m->total - m->row - m->column + x;
	for (int i = 0; i < 4; i++)
		inverse += 1 / peak.cell[i];
	peak.sd = sqrt(1 / inverse);
	peak.slope = log_odds - log(peak.cell[0] / peak.cell[1]) -
		log(peak.cell[3] / peak.cell[2]);
	return peak;
}

/* The weight t past the peak, relative to that at the peak. */
static double
weight_at(const Peak *peak, double t)
{
	double		sum = peak->slope * t;

	for (int i = 0; i < 4; i++)
	{
		double		from = peak->cell[i];
		double		to = from + (i == 0 || i == 3 ? t : -t);

		if (to < SI_STIRLING_SHAPE)
			return 0;
		sum -= si_deviance(to, from) + 0.5 * log(to / from) +
			si_stirling_error(to) - si_stirling_error(from);
	}
	return exp(sum);
}

/* All weights, and their mean as a distance from the peak. */
static double
sum_all(const Peak *peak, double *mean)
{
	double		h = peak->sd / 2;
	double		sum = 1;
	double		moment = 0;

	for (int i = 1; i <= REACH; i++)
	{
		double		above = weight_at(peak, i * h);
		double		below = weight_at(peak, -i * h);

		sum += above + below;
		moment += i * h * (above - below);
	}
	*mean = moment / sum;
	return sum * h;
}

static double
panel(const Peak *peak, double start, double width)
{
	static const double node[POINTS] = {
		0.18343464249564980494, 0.52553240991632898582,
		0.79666647741362673959, 0.96028985649753623168
	};
	static const double share[POINTS] = {
		0.36268378337836198297, 0.31370664587788728734,
		0.22238103445337447054, 0.10122853629037625915
	};
	double		middle = start + width / 2;
	double		sum = 0;

	for (int i = 0; i < POINTS; i++)
		sum += share[i] * (weight_at(peak, middle + node[i] * width / 2) +
						   weight_at(peak, middle - node[i] * width / 2));
	return sum * fabs(width) / 2;
}

/* Weights from t on, away from the peak. */
static double
sum_tail(const Peak *peak, double t, int direction)
{
	double		at = t - direction * 0.5;
	double		sum = (weight_at(peak, t) -
					   weight_at(peak, t - direction)) / 24;

	for (int i = 0; i < MAX_STEPS; i++)
	{
		double		width = peak->sd / (1 + fabs(at) / peak->sd);
		double		part = panel(peak, at, direction * width);

		sum += part;
		at += direction * width;
		if (part <= DBL_EPSILON / 8 * sum)
			break;
	}
	return sum;
}

static SiHypergeometric
wide(const Peak *peak, double x)
{
	double		t = x - peak->cell[0];
	double		mean;
	double		total = sum_all(peak, &mean);
	double		outer = sum_tail(peak, t, t < 0 ? -1 : 1) / total;
	double		inner = 1 - outer + weight_at(peak, t) / total;
	SiHypergeometric out;

	out.lower = t < 0 ? outer : inner;
	out.upper = t < 0 ? inner : outer;
	out.mean = mean - t;
	return out;
}

/* The least distance, in a direction, of a weight no larger than limit. */
static double
nearest(const Peak *peak, int direction, double most, double limit)
{
	double		more = 0;
	double		less = most;

	while (less - more > 1)
	{
		double		middle = floor((less + more) / 2);

		if (weight_at(peak, direction * middle) <= limit)
			less = middle;
		else
			more = middle;
	}
	return less;
}

static double
wide_two_sided(const SiMargins *m, const Peak *peak, double x)
{
	double		t = x - peak->cell[0];
	int			other = t < 0 ? 1 : -1;
	double		most = t < 0 ? m->high - peak->cell[0] :
		peak->cell[0] - m->low;
	double		limit = weight_at(peak, t) * (1 + SI_EQUAL_CHANCE);
	double		mean;
	double		total = sum_all(peak, &mean);
	double		sum;

	if (limit >= 1)
		return 1;
	sum = sum_tail(peak, -other * nearest(peak, -other, fabs(t), limit),
				   -other) +
		sum_tail(peak, other * nearest(peak, other, most, limit), other);
	return fmin(sum / total, 1);
}

/* ----- Either ----- */

SiHypergeometric
si_hypergeometric(const SiMargins *margins, double x, double log_odds,
				  SiPulse pulse)
{
	Peak		peak = find_peak(margins, log_odds);

	pulse();
	if (peak.sd >= WIDE_SD)
		return wide(&peak, x);
	return narrow(margins, x, log_odds, pulse);
}

double
si_hypergeometric_two_sided(const SiMargins *margins, double x, SiPulse pulse)
{
	Peak		peak = find_peak(margins, 0);

	if (peak.sd >= WIDE_SD)
		return wide_two_sided(margins, &peak, x);
	return narrow_two_sided(margins, x, pulse);
}

/* ----- Odds ratios ----- */

typedef enum Goal
{
	MEAN,
	UPPER_TAIL,
	LOWER_TAIL
} Goal;

typedef struct Search
{
	const SiMargins *margins;
	double		x;
	Goal		goal;
	double		log_p;
	SiPulse		pulse;
} Search;

/* Rises with the odds ratio, through zero where that is right. */
static double
excess(const Search *s, double log_odds)
{
	SiHypergeometric h = si_hypergeometric(s->margins, s->x, log_odds,
										   s->pulse);

	if (s->goal == MEAN)
		return h.mean;
	if (s->goal == UPPER_TAIL)
		return log(h.upper) - s->log_p;
	return s->log_p - log(h.lower);
}

/* Steps of growing size from start until the sign changes. */
static void
bracket(const Search *s, double start, double step, double at[2],
		double value[2])
{
	int			up;

	at[0] = at[1] = start;
	value[0] = value[1] = excess(s, start);
	up = value[0] < 0;
	while ((value[up] < 0) == up && fabs(at[up]) < LARGEST_LOG)
	{
		at[1 - up] = at[up];
		value[1 - up] = value[up];
		at[up] += up ? step : -step;
		at[up] = fmin(fmax(at[up], -LARGEST_LOG), LARGEST_LOG);
		value[up] = excess(s, at[up]);
		step *= 2;
	}
}

/* Regula falsi; an end that stays counts half as much (Illinois). */
static double
solve(const Search *s, double start, double step)
{
	double		at[2];
	double		value[2];
	int			last = -1;

	bracket(s, start, step, at, value);
	for (int i = 0; i < MAX_STEPS && value[0] != 0 && value[1] != 0; i++)
	{
		double		x = at[0] - value[0] * (at[1] - at[0]) /
			(value[1] - value[0]);
		double		y;
		int			side;

		if (!(x > at[0] && x < at[1]) || i % 8 == 7)
			x = at[0] / 2 + at[1] / 2;
		if (at[1] - at[0] <= 4 * DBL_EPSILON * fmax(1, fabs(x)) ||
			x == at[0] || x == at[1])
			return x;
		y = excess(s, x);
		side = y > 0;
		at[side] = x;
		value[side] = y;
		if (side == last)
			value[1 - side] /= 2;
		last = side;
	}
	return value[0] == 0 ? at[0] : at[1];
}

/* From the odds ratio of the table with a half added to each cell. */
static double
search(const SiMargins *m, double x, Goal goal, double p, SiPulse pulse)
{
	Search		s = {m, x, goal, log(p), pulse};
	double		a = x + 0.5;
	double		b = m->row - x + 0.5;
	double		c = m->column - x + 0.5;
	double		d = m->total - m->row - m->column + x + 0.5;

	return solve(&s, log(a / b) + log(d / c),
				 2 * sqrt(1 / a + 1 / b + 1 / c + 1 / d));
}

double
si_hypergeometric_estimate(const SiMargins *margins, double x, SiPulse pulse)
{
	return search(margins, x, MEAN, 1, pulse);
}

double
si_hypergeometric_low(const SiMargins *margins, double x, double p,
					  SiPulse pulse)
{
	return search(margins, x, UPPER_TAIL, p, pulse);
}

double
si_hypergeometric_high(const SiMargins *margins, double x, double p,
					   SiPulse pulse)
{
	return search(margins, x, LOWER_TAIL, p, pulse);
}
