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
 * Standard error of share: of least squares with alpha given, from second
 * differences of the least sum of squares over the first level.
 */
static double
share_error(int n, const double *y, const Fitted *fit)
{
	double		path[201];
	double		best[3];

	for (int i = 0; i < 3; i++)
	{
		double		share = SHARE(fit) + 0.01 * (i - 1);
		double		sum[3];

		for (int j = 0; j < 3; j++)
		{
			otm_path(n, y, ALPHA(fit), share, FIRST(fit) + j - 1, path);
			sum[j] = squares(y, path, 0, n);
		}
		best[i] = sum[1] - pow(sum[2] - sum[0], 2) / 8 /
			(sum[0] - 2 * sum[1] + sum[2]);
	}
	return 0.01 * sqrt(2 * fit->model.variance /
					   (best[0] - 2 * best[1] + best[2]));
}

static void
test_share_error(void)
{
	Fitted		fit;

	fit_method(&fit, SI_FORECAST_OTM, series_of(100, www, 1, NULL), 1);
	is_close(fit.model.parameter[3], share_error(100, www, &fit), 1e-5,
			 "standard error of share");
	free(fit.fitted);
}

/* Forecasts from n on, in y; error is one more at step shock. */
static void
continue_path(const Fitted *fit, double share, int n, double *y, int shock)
{
	double		path[201];
	double		first = FIRST(fit) - share * y[0];

	for (int h = 0; h < 10; h++)
	{
		dotm_path(n + h, y, ALPHA(fit), share, first, path);
		y[n + h] = path[n + h] + (h == shock);
	}
}

/*
 * The model goes on from its own forecasts: the path of y and of what was
 * forecast gives the next; an error of one more than that, and a little more
 * of share, give the variance.
 */
static void
test_dotm_steps(void)
{
	const int	n = 60;
	double		y[200];
	double		variance[10];
	Fitted		fit;

	fit_method(&fit, SI_FORECAST_DOTM, series_of(n, www, 1, NULL), 10);
	memcpy(y, www, n * sizeof(double));
	continue_path(&fit, SHARE(&fit), n, y, -1);
	for (int h = 0; h < 10; h++)
		is_close(fit.mean[h], y[n + h], 1e-9, "DOTM, step %d", h + 1);
	continue_path(&fit, SHARE(&fit) + 1e-5, n, y, -1);
	for (int h = 0; h < 10; h++)
		variance[h] = pow((y[n + h] - fit.mean[h]) / 1e-5 *
						  fit.model.parameter[3], 2);
	for (int shock = 0; shock < 10; shock++)
	{
		double		t = n + shock;
		double		v = 1 + (4 * t + 2) / (t * (t - 1));

		continue_path(&fit, SHARE(&fit), n, y, shock);
		for (int h = 0; h < 10; h++)
			variance[h] += v * pow(y[n + h] - fit.mean[h], 2) *
				fit.model.variance;
	}
	ok(fit.model.parameter[3] > 0, "share has an error");
	for (int h = 0; h < 10; h++)
		is_close(fit.variance[h], variance[h], 1e-6,
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
	test_share_error();
	test_dotm_steps();
	return done_testing();
}
