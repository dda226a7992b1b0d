/*
 * si_arima_search.c
 *	  The order of a seasonal ARIMA model.
 *
 * Method: that of Hyndman and Khandakar as in forecast::auto.arima of R.
 * D is 1 where STL finds a seasonal strength above 0.64, d by KPSS tests.
 * Four models and one without a constant are tried, then neighbours of the
 * best: seasonal orders by one, plain orders by one, both at once, the
 * constant in or out; the first that is better takes its place.  At most 94
 * models; none counts that has a root within 1.01.  For long series (over 150
 * values or seasons over 12) models are compared by conditional least squares,
 * on the last values only where there are very many, and the best that passes
 * is then fitted exactly.
 *
 * Special cases: a series without noise once differenced, or of one value,
 * gets no coefficients, and a constant where one is possible.
 *
 * Reference: R. J. Hyndman, Y. Khandakar, "Automatic time series forecasting:
 * the forecast package for R", Journal of Statistical Software 27 (2008) 3.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/arima/si_arima_inner.h"
#include "core/forecast/arima/si_difference.h"
#include "core/si_tolerance.h"

#define MODELS			94
#define STRONG_SEASON	0.64
#define CONDITIONAL_LENGTH 150
#define CONDITIONAL_SEASON 12
#define LONGEST			3000	/* values to compare models by, and */
#define SEASONS			10		/* at least so many seasons */

typedef struct Search
{
	SiArimaTask *task;
	SiArimaCare care;
	SiArimaOrder most;
	bool		constant;		/* can there be one? */
	SiArimaTrial best;
	SiArimaOrder at;			/* whose neighbours are tried */
	int			tried;
	SiArimaOrder order[MODELS];
	double		criterion[MODELS];
} Search;

/* ----- How often to difference ----- */

static int
at_most(int order, int limit)
{
	return order < limit ? order : limit;
}

static void
choose_differences(SiArimaTask *task, const SiSeries *series, double scale,
				   SiArimaOrder *order, double *room)
{
	int			n = series->n;
	int			m = series->season;

	si_arima_difference(task, n, series->y, scale, 0, 0);
	order->D = si_difference_strength(n, task->w, m, room, task->pulse) >
		STRONG_SEASON;
	if (order->D > 0)
		n = si_difference(n, task->w, m);
	order->d = si_difference_order(&n, task->w, task->size, task->pulse);
	order->constant = order->d + order->D < 2;
}

/* ----- Trying ----- */

static bool
sound(int p, const double *a, int q, const double *b, double radius)
{
	return si_arma_stationary(p, a, radius) &&
		si_arma_invertible(q, b, radius);
}

static bool
roots_are_far(const SiArimaTrial *trial, int season)
{
	const SiArimaOrder *order = &trial->order;
	const double *ar = trial->coefficient;
	const double *ma = ar + order->p;
	const double *seasonal = ma + order->q;

	return sound(order->p, ar, order->q, ma, SI_ARIMA_ROOT) &&
		sound(order->P, seasonal, order->Q, seasonal + order->P,
			  pow(SI_ARIMA_ROOT, season));
}

static void
estimate(Search *s, SiArimaTrial *trial, SiArimaCare care)
{
	si_arima_estimate(s->task, trial, care);
	if (!roots_are_far(trial, s->task->season))
		trial->criterion = INFINITY;
}

static bool
same(const SiArimaOrder *a, const SiArimaOrder *b)
{
	return a->p == b->p && a->q == b->q && a->P == b->P && a->Q == b->Q &&
		a->constant == b->constant;
}

static bool
is_new(const Search *s, const SiArimaOrder *order)
{
	int			i;

	for (i = 0; i < s->tried; i++)
	{
		if (same(&s->order[i], order))
			return false;
	}
	return true;
}

static bool
is_within(const Search *s, const SiArimaOrder *order)
{
	return order->p >= 0 && order->p <= s->most.p &&
		order->q >= 0 && order->q <= s->most.q &&
		order->P >= 0 && order->P <= s->most.P &&
		order->Q >= 0 && order->Q <= s->most.Q &&
		(s->constant || !order->constant);
}

/* Is it better than the best so far?  Then it is the best. */
static bool
try_order(Search *s, const SiArimaOrder *order)
{
	SiArimaTrial trial;

	if (s->tried == MODELS || !is_within(s, order) || !is_new(s, order))
		return false;
	memset(&trial, 0, sizeof(trial));
	trial.order = *order;
	estimate(s, &trial, s->care);
	s->order[s->tried] = *order;
	s->criterion[s->tried++] = trial.criterion;
	if (s->tried > 1 && !(trial.criterion < s->best.criterion))
		return false;
	s->best = trial;
	return true;
}

/* ----- Where to look ----- */

static void
set_limits(Search *s, int n, int m)
{
	s->most.p = at_most(SI_ARIMA_P, n / 3);
	s->most.q = s->most.p;
	s->most.P = 0;
	if (m > 1 && m <= SI_ARIMA_LONGEST_SEASON)
		s->most.P = at_most(SI_ARIMA_SEASONAL_P, n / 3 / m);
	s->most.Q = s->most.P;
	if (s->most.P > 0)
		s->most.p = s->most.q = at_most(s->most.p, m - 1);
}

/*
 * The walk starts with a constant, where there can be one, even if the best so
 * far is the model of none: taking it out is the last of its steps.
 */
static void
try_first(Search *s, int n, SiArimaOrder order)
{
	int			plain = at_most(n < 10 ? 1 : 2, s->most.p);
	int			one = at_most(1, s->most.p);
	int			season = at_most(1, s->most.P);
	int			early = n < 10 ? 0 : season;
	SiArimaOrder first[5];
	int			i;

	for (i = 0; i < 5; i++)
		first[i] = order;
	first[0].p = first[0].q = plain;
	first[0].P = first[0].Q = early;
	first[2].p = one;
	first[2].P = season;
	first[3].q = one;
	first[3].Q = season;
	first[4].constant = false;
	for (i = 0; i < 5; i++)
		try_order(s, &first[i]);
	s->at = s->best.order;
	s->at.constant = order.constant;
}

/* Steps of p, q, P, Q, in the order in which they are taken. */
static const int step[16][4] = {
	{0, 0, -1, 0}, {0, 0, 0, -1}, {0, 0, 1, 0}, {0, 0, 0, 1},
	{0, 0, -1, -1}, {0, 0, -1, 1}, {0, 0, 1, -1}, {0, 0, 1, 1},
	{-1, 0, 0, 0}, {0, -1, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0},
	{-1, -1, 0, 0}, {-1, 1, 0, 0}, {1, -1, 0, 0}, {1, 1, 0, 0}
};

static bool
step_on(Search *s)
{
	SiArimaOrder order;
	bool		better = false;
	int			i;

	for (i = 0; i < 16 && !better; i++)
	{
		order = s->at;
		order.p += step[i][0];
		order.q += step[i][1];
		order.P += step[i][2];
		order.Q += step[i][3];
		better = try_order(s, &order);
	}
	if (!better)
	{
		order = s->at;
		order.constant = !order.constant;
		better = try_order(s, &order);
	}
	if (better)
		s->at = order;
	return better;
}

/* ----- The answer ----- */

static bool
take_next(Search *s, SiArimaTrial *trial)
{
	int			next = 0;
	int			i;

	for (i = 1; i < s->tried; i++)
	{
		if (s->criterion[i] < s->criterion[next])
			next = i;
	}
	if (isinf(s->criterion[next]))
		return false;
	s->criterion[next] = INFINITY;
	memset(trial, 0, sizeof(*trial));
	trial->order = s->order[next];
	return true;
}

/* The best of those tried whose exact fit passes, or none but a constant. */
static void
settle(Search *s, const SiArimaOrder *none, SiArimaTrial *trial)
{
	while (take_next(s, trial))
	{
		estimate(s, trial, SI_ARIMA_FINAL);
		if (!isinf(trial->criterion))
			return;
	}
	memset(trial, 0, sizeof(*trial));
	trial->order = *none;
	si_arima_estimate(s->task, trial, SI_ARIMA_FINAL);
}

bool
si_arima_search(SiArimaTask *task, const SiSeries *series, double scale,
				SiArimaTrial *trial, double *room)
{
	Search		s;
	SiArimaOrder order = {0, 0, 0, 0, 0, 0, false};
	int			n = series->n;
	int			m = series->season;
	int			longest = LONGEST > SEASONS * m ? LONGEST : SEASONS * m;
	int			last = n < longest ? n : longest;

	choose_differences(task, series, scale, &order, room);
	si_arima_difference(task, last, series->y + n - last, scale, order.d,
						order.D);
	memset(trial, 0, sizeof(*trial));
	trial->order = order;
	s.tried = 0;
	if (!si_difference_constant(task->n, task->w, task->size))
	{
		s.task = task;
		s.care = n > CONDITIONAL_LENGTH || m > CONDITIONAL_SEASON ?
			SI_ARIMA_CONDITIONAL : SI_ARIMA_EXACT;
		s.constant = order.constant;
		set_limits(&s, n, m);
		try_first(&s, n, order);
		while (step_on(&s))
			;
	}
	si_arima_difference(task, n, series->y, scale, order.d, order.D);
	if (s.tried > 0)
		settle(&s, &order, trial);
	return s.tried > 0;
}
