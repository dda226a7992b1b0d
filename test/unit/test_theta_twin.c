/*
 * OTM and DOTM against their definitions, with lines by least squares anew for
 * each step: Fiorucci et al., Int. J. Forecasting 32 (2016) 1151-1161.
 */
#include <string.h>

#include "forecasts.h"

#define SHARE(fit)	((fit)->model.parameter[1])
#define ALPHA(fit)	((fit)->model.parameter[0])
#define FIRST(fit)	((fit)->model.parameter[2])

static double
squares(const double *y, const double *fitted, int first, int n)
{
	double		sum = 0;

	for (int t = first; t < n; t++)
		sum += (y[t] - fitted[t]) * (y[t] - fitted[t]);
	return sum;
}

/* ----- Twins: the lines as they are defined ----- */

/* a + b t by least squares through y_1, ..., y_n. */
static void
line_through(int n, const double *y, double *a, double *b)
{
	double		mean = 0;
	double		sxy = 0;
	double		sxx = 0;

	for (int t = 1; t <= n; t++)
		mean += y[t - 1] / n;
	for (int t = 1; t <= n; t++)
	{
		sxy += (t - (n + 1) / 2.0) * (y[t - 1] - mean);
		sxx += (t - (n + 1) / 2.0) * (t - (n + 1) / 2.0);
	}
	*b = n > 1 ? sxy / sxx : 0;
	*a = mean - *b * (n + 1) / 2.0;
}

/*
 * OTM by its two lines: that of theta 0 and, smoothed, that of theta, over
 * theta = 1 / (1 - share); path[t] is the forecast of y_(t + 1) from those
 * before, to t = n.
 */
static void
otm_path(int n, const double *y, double alpha, double share, double first,
		 double *path)
{
	double		a;
	double		b;
	double		level;

	line_through(n, y, &a, &b);
	level = first - share * a;
	for (int t = 0; t <= n; t++)
	{
		double		line = a + b * (t + 1);

		path[t] = share * line + level;
		if (t < n)
			level += alpha * (y[t] - share * line - level);
	}
}

/* DOTM the same with a new line each time, by (5) and (6) of the paper. */
static void
dotm_path(int n, const double *y, double alpha, double share, double first,
		  double *path)
{
	double		level = first;

	for (int t = 0; t <= n; t++)
	{
		double		a = y[0];
		double		b = 0;

		if (t > 0)
			line_through(t, y, &a, &b);
		path[t] = level + share * (pow(1 - alpha, t) * a +
								   (1 - pow(1 - alpha, t + 1)) / alpha * b);
		if (t < n)
			level += alpha * (y[t] - level);
	}
}

/* What DOTM minimises: errors of the line through t values are larger. */
static double
dotm_squares(int n, const double *y, const double *path)
{
	double		sum = 0;

	for (int t = 2; t < n; t++)
		sum += (y[t] - path[t]) * (y[t] - path[t]) /
			(1 + (4.0 * t + 2) / (t * (t - 1.0)));
	return sum;
}

static void
test_otm(const char *name, int n, const double *y)
{
	double		path[201];
	double		worst = 0;
	double		found;
	bool		least = true;
	Fitted		fit;

	fit_method(&fit, SI_FORECAST_OTM, series_of(n, y, 1, NULL), 1);
	otm_path(n, y, ALPHA(&fit), SHARE(&fit), FIRST(&fit), path);
	for (int t = 0; t < n; t++)
		worst = fmax(worst, fabs(fit.fitted[t] - path[t]));
	ok(worst < 1e-8, "OTM, %s: one step ahead, by theta lines", name);
	is_close(fit.mean[0], path[n], 1e-9, "OTM, %s: the next", name);
	found = squares(y, path, 0, n);
	for (int i = 0; i < 90 * 20 * 21; i++)
	{
		double		alpha = 0.1 + 0.01 * (i % 90);
		double		share = 0.05 * (i / 90 % 20);
		double		first = FIRST(&fit) + (i / 1800 - 10) * 2;

		otm_path(n, y, alpha, share, first, path);
		least &= squares(y, path, 0, n) >= found * (1 - 1e-9);
	}
	ok(least, "OTM, %s: no point of a grid leaves less", name);
	free(fit.fitted);
}

static void
test_dotm(const char *name, int n, const double *y)
{
	double		path[201];
	double		worst = 0;
	double		found;
	double		first;
	bool		least = true;
	Fitted		fit;

	fit_method(&fit, SI_FORECAST_DOTM, series_of(n, y, 1, NULL), 1);
	/* The first level is stored with the share of the first value in it. */
	first = FIRST(&fit) - SHARE(&fit) * y[0];
	dotm_path(n, y, ALPHA(&fit), SHARE(&fit), first, path);
	for (int t = 1; t < n; t++)
		worst = fmax(worst, fabs(fit.fitted[t] - path[t]));
	ok(worst < 1e-8 && isnan(fit.fitted[0]),
	   "DOTM, %s: one step ahead, by lines through the past", name);
	is_close(fit.mean[0], path[n], 1e-9, "DOTM, %s: the next", name);
	found = dotm_squares(n, y, path);
	for (int i = 0; i < 30 * 13 * 21; i++)
	{
		double		alpha = 0.05 + 0.032 * (i % 30);
		double		share = 0.1 * (i / 30 % 13);
		double		from = first + (i / 390 - 10) * 2 +
			(SHARE(&fit) - share) * y[0];

		dotm_path(n, y, alpha, share, from, path);
		least &= dotm_squares(n, y, path) >= found * (1 - 1e-9);
	}
	ok(least, "DOTM, %s: no point of a grid leaves less", name);
	free(fit.fitted);
}

/*
 * The model goes on from its own forecasts: the path of y and of what was
 * forecast gives the next; an error of one more than that gives the variance.
 */
static void
test_dotm_steps(void)
{
	double		path[201];
	double		y[200];
	double		variance[10] = {0};
	Fitted		fit;
	double		first;

	fit_method(&fit, SI_FORECAST_DOTM, series_of(60, www, 1, NULL), 10);
	first = FIRST(&fit) - SHARE(&fit) * www[0];
	for (int shock = -1; shock < 10; shock++)
	{
		double		v = (4.0 * (60 + shock) + 2) / ((60 + shock) *
													(59.0 + shock)) + 1;

		memcpy(y, www, 60 * sizeof(double));
		for (int h = 0; h < 10; h++)
		{
			dotm_path(60 + h, y, ALPHA(&fit), SHARE(&fit), first, path);
			y[60 + h] = path[60 + h] + (h == shock);
			if (shock < 0)
				is_close(fit.mean[h], y[60 + h], 1e-9, "DOTM, step %d", h + 1);
			else
				variance[h] += v * pow(y[60 + h] - fit.mean[h], 2) *
					fit.model.variance;
		}
	}
	for (int h = 0; h < 10; h++)
		is_close(fit.variance[h], variance[h], 1e-8,
				 "DOTM, variance of step %d", h + 1);
	free(fit.fitted);
}

int
main(void)
{
	double		wave[80];

	for (int t = 0; t < 80; t++)
		wave[t] = 50 + 0.3 * t + 0.01 * nile[t] + 20 * sin(t / 9.0);
	test_otm("Nile", 100, nile);
	test_otm("wave", 80, wave);
	test_dotm("Nile", 100, nile);
	test_dotm("wave", 80, wave);
	test_dotm("WWW", 100, www);
	test_dotm_steps();
	return done_testing();
}
