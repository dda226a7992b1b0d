/*
 * Exponential smoothing against R's ets: the likelihood where R ended is the
 * one R reports, the search does not end below it, and R's last states lead to
 * R's forecasts.
 */
#include "ets.h"
#include "ets_golden.h"
#include "tap.h"

static bool
is_seasonal(const Golden *g)
{
	return g->form[strlen(g->form) - 1] != 'N';
}

static int
count_of(const Golden *g)
{
	return is_seasonal(g) ? VISITORS : OIL;
}

static const double *
values_of(const Golden *g)
{
	return is_seasonal(g) ? visitors : oil;
}

/* R's states at a time that is a multiple of four quarters. */
static SiEtsPoint
point_of(const Golden *g, const double *states)
{
	SiEtsPoint	point = {g->parameter[0], g->parameter[1], g->parameter[2],
		g->parameter[3], states[0], states[1], {0}};

	for (int j = 0; j < 4; j++)
		point.season[j] = states[5 - j];
	return point;
}

static void
likelihood_is_rs(const Golden *g)
{
	SiEtsForm	form = plain_form(g->form, 4);
	double		deviance = plain_deviance(&form, point_of(g, g->first),
										  count_of(g), values_of(g), NULL);

	is_close(-0.5 * deviance, g->loglik, 1e-6, "%s: likelihood as R has it",
			 g->form);
}

static void
fit_is_no_worse(const Golden *g)
{
	Fit			fit;
	int			n = count_of(g);
	int			k;

	fit_values(&fit, n, values_of(g), is_seasonal(g) ? 4 : 1, g->form);
	ok(fit.status == SI_OK && strcmp(fit.name, g->form) == 0,
	   "%s: is fitted", g->form);
	ok(fit.model.log_likelihood >= g->loglik - 1e-4,
	   "%s: log-likelihood %.6f, R %.6f", g->form, fit.model.log_likelihood,
	   g->loglik);
	k = fit.model.estimated;
	is_close(fit.model.aicc, -2.0 * fit.model.log_likelihood + 2.0 * k +
			 2.0 * k * (k + 1.0) / (n - k - 1.0), 1e-12, "%s: AICc", g->form);
	free_fit(&fit);
}

/* R's model, as one of ours. */
static SiForecastModel
model_of(const Golden *g, double *state)
{
	SiEtsForm	form = plain_form(g->form, 4);
	SiEtsPoint	last = point_of(g, g->last);
	SiForecastModel model;

	memset(&model, 0, sizeof(model));
	model.form[SI_ETS_ERROR] = form.error;
	model.form[SI_ETS_TREND] = form.trend;
	model.form[SI_ETS_DAMPED] = form.damped;
	model.form[SI_ETS_SEASON] = form.season;
	memcpy(model.parameter, g->parameter, sizeof(g->parameter));
	model.season = form.period;
	model.variance = g->sigma2;
	model.state = state;
	state[SI_ETS_LEVEL] = last.level;
	state[SI_ETS_GROWTH] = last.growth;
	memcpy(state + SI_ETS_SEASONS, last.season, 4 * sizeof(double));
	return model;
}

/*
 * Of damped trends R damps the growth a step late, where the trend multiplies
 * or the class is the third: its forecasts are not those of its recursion.
 */
static bool
damps_late(const Golden *g)
{
	return strcmp(g->form, "MAdM") == 0 || strncmp(g->form, "MMd", 3) == 0;
}

static void
forecasts_are_rs(const Golden *g)
{
	double		state[SI_ETS_SEASONS + 4];
	SiForecastModel model = model_of(g, state);
	double		mean[4];
	double		variance[4];
	double		furthest = 0.0;

	if (damps_late(g))
		return;
	continue_fit(&model, 4, mean, variance);
	for (int h = 0; h < 4; h++)
		furthest = fmax(furthest, fabs(mean[h] / g->forecast[h] - 1.0));
	ok(furthest < 1e-7, "%s: forecasts differ by %.1e at most", g->form,
	   furthest);
}

/* Where R ended at the same point, its variance is ours. */
static void
variance_is_rs(void)
{
	for (int i = 0; i < GOLDEN; i++)
	{
		Fit			fit;

		if (strcmp(golden[i].form, "ANN") != 0)
			continue;
		fit_values(&fit, OIL, oil, 1, "ANN");
		is_close(fit.model.variance, golden[i].sigma2, 1e-6, "variance");
		is_close(fit.model.parameter[SI_ETS_ALPHA], 0.9999, 1e-6, "alpha");
		is_close(fit.fitted[1], oil[0], 1e-4, "fitted values");
		free_fit(&fit);
	}
}

int
main(void)
{
	for (int i = 0; i < GOLDEN; i++)
	{
		likelihood_is_rs(&golden[i]);
		fit_is_no_worse(&golden[i]);
		forecasts_are_rs(&golden[i]);
	}
	variance_is_rs();
	return done_testing();
}
