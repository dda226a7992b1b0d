/*
 * si_arma_filter.c
 *	  Innovations of a seasonal ARMA process, exactly or given a start.
 *
 * Method: the state is what the terms of values and innovations so far bring
 * to each of the next width values, its first element the prediction of the
 * next.  The Kalman filter would need its covariance matrix P, but from a
 * stationary start that changes by a matrix of rank one (Morf, Sidhu, Kailath
 * 1974),
 *	  P[t + 1] - P[t] = -lead[t] lead[t]' / F[t],
 * so that the variance F of the innovation and the covariance gain of it with
 * the next state follow from the vector lead alone.  With T the transition and
 * k = lead[0] / F,
 *	  gain' = gain - k T lead,  lead' = T lead - k gain,  F' = F (1 - k^2),
 * a rotation by the next partial autocorrelation k (the generalised Schur
 * algorithm), started at lead = gain = cov(w[t], state after t): a few times
 * width operations a value, and no matrix.  Once lead is negligible and the
 * process invertible, F is 1 and only the terms of the polynomials are left.
 *
 * Special cases: a moving average that is not invertible has the likelihood
 * of its invertible twin; F then tends to the product of squared roots.
 *
 * Accuracy: logarithms of likelihoods agree with dense Cholesky to about
 * 1e-12 times the variance of the process over that of its innovations.
 *
 * Reference: M. Morf, G. S. Sidhu, T. Kailath, IEEE Transactions on Automatic
 * Control 19 (1974) 315-323; G. Melard, Applied Statistics 33 (1984) 104-114.
 */
#include "core/forecast/arima/si_arma.h"

#include <math.h>
#include <string.h>

#include "core/si_tolerance.h"

#define STEADY_EVERY	8		/* values between looks at lead */
#define PULSE_EVERY		4096	/* values */
#define PULSE_WORK		65536	/* values times width */

typedef struct Filter
{
	const SiArma *arma;
	int			n;
	int			columns;
	const double *w;
	double	   *e;
	double	   *sd;				/* or NULL */
	double	   *state;
	double	   *ar;				/* dense, ar.degree */
	double	   *gain;
	double	   *lead;
	double		variance;		/* F */
	double		product;		/* of variances not yet in the logarithm */
	double		log_determinant;
	SiPulse		pulse;
} Filter;

size_t
si_arma_filter_room(int width)
{
	return 3 * (size_t) width + si_arma_start_room(width);
}

/* The state one value on, whose innovation was v: gain times v more. */
static void
advance(const Filter *f, double *restrict state, double innovation)
{
	const double *restrict ar = f->ar;
	const double *restrict gain = f->gain;
	double		first;
	int			p = f->arma->ar.degree;
	int			last = f->arma->width - 1;
	int			i;

	if (last < 0)
		return;
	first = state[0];
	for (i = 0; i < last; i++)
		state[i] = state[i + 1] + gain[i] * innovation;
	state[last] = gain[last] * innovation;
	for (i = 0; i < p; i++)
		state[i] += ar[i] * first;
}

/* The rotation: gain, lead and variance of the next value. */
static void
rotate(Filter *f)
{
	const double *restrict ar = f->ar;
	double	   *restrict gain = f->gain;
	double	   *restrict lead = f->lead;
	double		first;
	double		k;
	int			p = f->arma->ar.degree;
	int			last = f->arma->width - 1;
	int			i;

	if (last < 0)
		return;
	first = lead[0];
	k = first / f->variance;
	for (i = 0; i < last; i++)
		lead[i] = lead[i + 1];
	lead[last] = 0.0;
	for (i = 0; i < p; i++)
		lead[i] += ar[i] * first;
	for (i = 0; i <= last; i++)
	{
		double		moved = lead[i];

		lead[i] = moved - k * gain[i];
		gain[i] -= k * moved;
	}
	f->variance *= 1.0 - k * k;
}

static bool
is_steady(const Filter *f)
{
	int			i;

	for (i = 0; i < f->arma->width; i++)
	{
		if (fabs(f->lead[i]) > SI_ARMA_STEADY)
			return false;
	}
	return true;
}

static void
count_variance(Filter *f)
{
	f->product *= f->variance;
	if (f->product > 1e100 || f->product < 1e-100)
	{
		f->log_determinant += log(f->product);
		f->product = 1.0;
	}
}

static void
innovate(Filter *f, int t)
{
	double		sd = sqrt(f->variance);
	int			j;

	for (j = 0; j < f->columns; j++)
	{
		double	   *state = f->state + (size_t) j * f->arma->width;
		size_t		at = (size_t) j * f->n + t;
		double		v = f->w[at] - (f->arma->width > 0 ? state[0] : 0.0);

		f->e[at] = v / sd;
		advance(f, state, v / f->variance);
	}
	if (f->sd)
		f->sd[t] = sd;
	count_variance(f);
}

/*
 * From value t on the variance is 1: what the state knows of the next values,
 * and the terms since.
 */
static void
continue_column(const Filter *f, int t, const double *w, double *e,
				const double *state)
{
	const SiLags *ar = &f->arma->ar;
	const SiLags *ma = &f->arma->ma;
	int			s;
	int			i;

	for (s = 0; s < f->n - t; s++)
	{
		double		v = w[t + s];

		if (s % PULSE_EVERY == 0)
			f->pulse();
		if (s < f->arma->width)
			v -= state[s];
		for (i = 0; i < ar->terms && ar->lag[i] <= s; i++)
			v -= ar->weight[i] * w[t + s - ar->lag[i]];
		for (i = 0; i < ma->terms && ma->lag[i] <= s; i++)
			v -= ma->weight[i] * e[t + s - ma->lag[i]];
		e[t + s] = v;
	}
}

/* The state at the end of the values, from that before value t. */
static void
look_ahead(const Filter *f, int t, const double *w, const double *e,
		   double *state)
{
	const SiLags *ar = &f->arma->ar;
	const SiLags *ma = &f->arma->ma;
	int			since = f->n - t;
	int			s;
	int			i;

	for (s = 0; s < f->arma->width; s++)
	{
		double		known = 0.0;

		if (s + since < f->arma->width)
			known = state[s + since];
		for (i = 0; i < ar->terms; i++)
		{
			if (ar->lag[i] > s && ar->lag[i] <= s + since)
				known += ar->weight[i] * w[f->n + s - ar->lag[i]];
		}
		for (i = 0; i < ma->terms; i++)
		{
			if (ma->lag[i] > s && ma->lag[i] <= s + since)
				known += ma->weight[i] * e[f->n + s - ma->lag[i]];
		}
		state[s] = known;
	}
}

static void
run_steady(Filter *f, int t)
{
	int			i;
	int			j;

	for (j = 0; j < f->columns; j++)
	{
		const double *w = f->w + (size_t) j * f->n;
		double	   *e = f->e + (size_t) j * f->n;
		double	   *state = f->state + (size_t) j * f->arma->width;

		continue_column(f, t, w, e, state);
		look_ahead(f, t, w, e, state);
	}
	for (i = t; f->sd && i < f->n; i++)
		f->sd[i] = 1.0;
}

bool
si_arma_filter(const SiArma *arma, int n, int columns, const double *w,
			   double *e, double *sd, double *state, double *log_determinant,
			   double *room, SiPulse pulse)
{
	Filter		f = {arma, n, columns, w, e, sd, state, NULL, NULL, NULL,
		1.0, 1.0, 0.0, pulse
	};
	int			width = arma->width;
	int			pulse_every = 1 + PULSE_WORK / (1 + width);
	bool		steady = false;
	int			t;
	int			i;

	f.ar = room;
	f.gain = f.ar + width;
	f.lead = f.gain + width;
	if (!si_arma_start(arma, &f.variance, f.gain, f.lead + width))
		return false;
	memcpy(f.lead, f.gain, width * sizeof(double));
	memset(f.ar, 0, width * sizeof(double));
	for (i = 0; i < arma->ar.terms; i++)
		f.ar[arma->ar.lag[i] - 1] = arma->ar.weight[i];
	memset(state, 0, (size_t) columns * width * sizeof(double));
	for (t = 0; t < n; t++)
	{
		if (t % pulse_every == 0)
			pulse();
		if (t % STEADY_EVERY == 0 && !steady)
			steady = is_steady(&f);
		if (steady && arma->invertible)
			break;
		innovate(&f, t);
		if (!steady)
			rotate(&f);
	}
	if (t < n)
		run_steady(&f, t);
	*log_determinant = f.log_determinant + log(f.product);
	return true;
}

/* ----- Given a start ----- */

void
si_arma_condition(const SiArma *arma, int n, int columns, const double *w,
				  double *e, SiPulse pulse)
{
	const SiLags *ar = &arma->ar;
	const SiLags *ma = &arma->ma;
	int			t;
	int			i;
	int			j;

	for (j = 0; j < columns; j++, w += n, e += n)
	{
		for (t = 0; t < n; t++)
		{
			double		v = w[t];

			e[t] = 0.0;
			if (t % PULSE_EVERY == 0)
				pulse();
			if (t < ar->degree)
				continue;
			for (i = 0; i < ar->terms; i++)
				v -= ar->weight[i] * w[t - ar->lag[i]];
			for (i = 0; i < ma->terms && ma->lag[i] <= t; i++)
				v -= ma->weight[i] * e[t - ma->lag[i]];
			e[t] = v;
		}
	}
}
