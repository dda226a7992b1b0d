/*
 * The choice and fit of exponential smoothing: names, what it keeps when
 * values are scaled or shifted, series that are short, constant, zero,
 * negative, wild or long.
 */
#include <time.h>

#include "ets.h"
#include "tap.h"

#define N		72
#define LONG	100000

static void
names_are_read(void)
{
	static const char *const wrong[] = {"", "AA", "XNN", "NNN", "ANd", "ANdN",
		"AAXN", "AAdNN", "aan"};
	SiEtsOptions options;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
	{
		SiText		name = {wrong[i], (int32_t) strlen(wrong[i])};

		ok(!si_ets_options(name, &options), "\"%s\" is no form", wrong[i]);
	}
	options = form_options("ZZZ");
	ok(options.error == SI_ETS_ANY && options.trend == SI_ETS_ANY &&
	   options.damped == SI_ETS_ANY && options.season == SI_ETS_ANY,
	   "ZZZ is the choice of all");
	options = form_options("MZdA");
	ok(options.error == SI_ETS_MULTIPLICATIVE && options.damped == 1 &&
	   options.trend == SI_ETS_ANY && options.season == SI_ETS_ADDITIVE,
	   "a damped trend of any kind");
}

static bool
is_form(int n, const double *y, int season, const char *form)
{
	Fit			fit;
	bool		is;

	fit_values(&fit, n, y, season, "ZZZ");
	is = fit.status == SI_OK && strcmp(fit.name, form) == 0;
	if (!is)
		printf("# %s, status %d\n", fit.name, fit.status);
	free_fit(&fit);
	return is;
}

static void
truth_is_chosen(void)
{
	double		y[N];

	for (int t = 0; t < N; t++)
		y[t] = 5.0;
	ok(is_form(N, y, 12, "ANN"), "a constant is ANN");
	memset(y, 0, sizeof(y));
	ok(is_form(N, y, 12, "ANN"), "so are zeros");
	for (int t = 0; t < N; t++)
		y[t] = 3.0 - 2.0 * t;
	ok(is_form(N, y, 12, "AAN"), "a line is AAN");
	for (int t = 0; t < N; t++)
		y[t] = t % 12 - 3.0;
	ok(is_form(N, y, 12, "ANA"), "a season is ANA");
	for (int t = 0; t < N; t++)
		y[t] = (40.0 + t) * (1 + t % 12);
	ok(is_form(N, y, 12, "MAM"), "a season that grows with the level is MAM");
}

/* Forecasts and fitted values of scale * y + shift, against those of y. */
static void
scale_and_shift(const char *form, double scale, double shift, bool positive)
{
	double		y[N];
	double		other[N];
	double		mean[2][24];
	double		variance[2][24];
	double		off = 0.0;
	Fit			fit[2];

	make_series(N, 12, y);
	for (int t = 0; t < N; t++)
	{
		y[t] -= positive ? 0.0 : 60.0;
		other[t] = scale * y[t] + shift;
	}
	fit_values(&fit[0], N, y, 12, form);
	fit_values(&fit[1], N, other, 12, form);
	ok(strcmp(fit[0].name, fit[1].name) == 0, "%s * %g + %g: form %s", form,
	   scale, shift, fit[0].name);
	for (int i = 0; i < 2; i++)
		continue_fit(&fit[i].model, 24, mean[i], variance[i]);
	for (int h = 0; h < 24; h++)
	{
		off = fmax(off, fabs((mean[1][h] - shift) / scale - mean[0][h]) / 50.0);
		off = fmax(off, fabs(variance[1][h] / scale / scale / variance[0][h] -
							 1.0));
	}
	for (int t = 0; t < N; t++)
		off = fmax(off, fabs((fit[1].fitted[t] - shift) / scale -
							 fit[0].fitted[t]) / 50.0);
	ok(off < 2e-3, "%s * %g + %g: forecasts, off by %.1e", form, scale, shift,
	   off);
	free_fit(&fit[0]);
	free_fit(&fit[1]);
}

static void
short_series(void)
{
	static const double y[] = {12, 15, 11, 13, 14, 12, 16};
	Fit			fit;

	for (int n = 1; n <= 7; n++)
	{
		fit_values(&fit, n, y, 12, "ZZZ");
		ok(fit.status == (n < 5 ? SI_EMPTY : SI_OK), "%d values", n);
		free_fit(&fit);
	}
	fit_values(&fit, 7, y, 4, "AAA");
	ok(fit.status == SI_EMPTY, "too few for a form");
	free_fit(&fit);
}

static bool
is_finite(const Fit *fit)
{
	double		mean[24];
	double		variance[24];

	continue_fit(&fit->model, 24, mean, variance);
	for (int h = 0; h < 24; h++)
	{
		if (!isfinite(mean[h]) || !(variance[h] >= 0.0))
			return false;
	}
	return true;
}

static void
wild_series(void)
{
	double		y[N];
	Fit			fit;

	for (int outlier = 0; outlier < N; outlier += 7)
	{
		for (int size = 3; size <= 300; size += 99)
		{
			make_series(N, 12, y);
			y[outlier] = pow(10.0, size);
			fit_values(&fit, N, y, 12, "ZZZ");
			ok(fit.status == SI_OK && is_finite(&fit), "1e%d at %d: %s", size,
			   outlier, fit.name);
			free_fit(&fit);
		}
	}
	make_series(N, 12, y);
	y[3] = 0.0;
	fit_values(&fit, N, y, 12, "ZZZ");
	ok(strchr(fit.name, 'M') == NULL, "with a zero nothing multiplies");
	free_fit(&fit);
	fit_values(&fit, N, y, 12, "MAM");
	ok(fit.status == SI_EMPTY, "even if asked for");
	free_fit(&fit);
	fit_values(&fit, N, y, 52, "ZZZ");
	ok(fit.name[strlen(fit.name) - 1] == 'N', "no season of 52");
	free_fit(&fit);
}

static void
long_series(void)
{
	double	   *y = malloc(LONG * sizeof(double));
	double		level = 100.0;
	clock_t		start;
	double		seconds;
	Fit			fit;

	for (int t = 0; t < LONG; t++)
	{
		level = fmax(level + random_unit() - 0.5, 50.0);
		y[t] = level + 20.0 * sin(t * 0.5235987755982988) + random_unit();
	}
	pulses = 0;
	start = clock();
	fit_values(&fit, LONG, y, 12, "ZZZ");
	seconds = (double) (clock() - start) / CLOCKS_PER_SEC;
	ok(fit.status == SI_OK && fit.name[2] == 'A', "100,000 values: %s",
	   fit.name);
	ok(seconds < 60.0, "in %.1f s, with sanitizers", seconds);
	ok(pulses > 100, "and %ld pulses", pulses);
	free_fit(&fit);
	free(y);
}

/*
 * What a wrong start, of random states, has become of itself after a thousand
 * periods of zeros.
 */
static double
what_stays(const SiEtsForm *form, SiEtsPoint point)
{
	double		size = 0.0;

	point.level = random_unit();
	point.growth = random_unit();
	for (int j = 0; j < form->period; j++)
		point.season[j] = random_unit();
	for (int t = 0; t < 1000 * form->period; t++)
		plain_step(form, &point, t, 0.0);
	for (int t = 0; t < form->period; t++)
		size = fmax(size, fabs(plain_forecast(form, &point, t)));
	return size;
}

/* Within the usual bounds; points on the edge prove nothing. */
static void
stable_forms_forget(const char *name, int period)
{
	SiEtsForm	form = plain_form(name, period);
	int			seen[2] = {0, 0};
	int			wrong = 0;

	for (int i = 0; i < 500; i++)
	{
		SiEtsPoint	point;
		double		size;
		bool		stable;

		memset(&point, 0, sizeof(point));
		point.alpha = random_unit();
		point.beta = point.alpha * random_unit();
		point.gamma = (1.0 - point.alpha) * random_unit();
		point.phi = form.damped ? 0.8 + 0.18 * random_unit() : 1.0;
		stable = si_ets_is_stable(&form, &point);
		size = what_stays(&form, point);
		seen[stable] += size < 1e-3 || size > 1e3;
		wrong += (stable && size > 1e3) || (!stable && size < 1e-3);
	}
	ok(wrong == 0 && seen[true] > 50 && seen[false] > 20,
	   "%s of %d: %d stable points forget, %d others do not, %d wrong", name,
	   period, seen[true], seen[false], wrong);
}

int
main(void)
{
	names_are_read();
	truth_is_chosen();
	scale_and_shift("ZZZ", 1e12, 0.0, true);
	scale_and_shift("ZZZ", 1e-12, 0.0, true);
	scale_and_shift("MMdM", 1e3, 0.0, true);
	scale_and_shift("AZZ", -1.0, 0.0, false);
	scale_and_shift("ANN", 1.0, 1000.0, true);
	scale_and_shift("AAdA", 0.1, -500.0, true);
	short_series();
	wild_series();
	long_series();
	stable_forms_forget("AAA", 7);
	stable_forms_forget("AAA", 12);
	stable_forms_forget("AAdA", 24);
	return done_testing();
}
