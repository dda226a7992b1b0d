/*
 * Forecasts of exponential smoothing: variances against simulation, points
 * against the recursion, factors against the series they divide.
 */
#include "core/stats/distribution/si_normal.h"
#include "ets.h"
#include "tap.h"

#define PERIOD	4
#define HORIZON	14
#define PATHS	100000

static SiForecastModel
example(const char *name, double *state)
{
	SiEtsForm	form = plain_form(name, PERIOD);
	bool		relative = form.error == SI_ETS_MULTIPLICATIVE;
	static const double additive[] = {4.0, -3.0, 1.0, -2.0};
	SiForecastModel model;

	memset(&model, 0, sizeof(model));
	model.form[SI_ETS_ERROR] = form.error;
	model.form[SI_ETS_TREND] = form.trend;
	model.form[SI_ETS_DAMPED] = form.damped;
	model.form[SI_ETS_SEASON] = form.season;
	model.parameter[SI_ETS_ALPHA] = 0.4;
	model.parameter[SI_ETS_BETA] = form.trend == SI_ETS_NONE ? 0.0 : 0.1;
	model.parameter[SI_ETS_GAMMA] = form.season == SI_ETS_NONE ? 0.0 : 0.3;
	model.parameter[SI_ETS_PHI] = form.damped ? 0.9 : 1.0;
	model.season = form.period;
	model.variance = relative ? 0.04 : 9.0;
	model.state = state;
	state[SI_ETS_LEVEL] = 50.0;
	state[SI_ETS_GROWTH] = form.trend == SI_ETS_NONE ? 0.0 :
		form.trend == SI_ETS_ADDITIVE ? 1.0 : 1.02;
	for (int j = 0; j < PERIOD; j++)
		state[SI_ETS_SEASONS + j] = form.season == SI_ETS_ADDITIVE ?
			additive[j] : 1.0 + additive[j] / 20.0;
	return model;
}

static SiEtsPoint
start_of(const SiForecastModel *model)
{
	SiEtsPoint	p = {model->parameter[SI_ETS_ALPHA],
		model->parameter[SI_ETS_BETA], model->parameter[SI_ETS_GAMMA],
		model->parameter[SI_ETS_PHI], model->state[SI_ETS_LEVEL],
		model->state[SI_ETS_GROWTH], {0}};

	memcpy(p.season, model->state + SI_ETS_SEASONS, PERIOD * sizeof(double));
	return p;
}

/* Mean squares of the distance to the mean, of so many paths. */
static void
simulate(const char *name, const SiForecastModel *model, double *variance)
{
	SiEtsForm	form = plain_form(name, PERIOD);
	double		sum[HORIZON] = {0};
	double		square[HORIZON] = {0};

	for (int i = 0; i < PATHS; i++)
	{
		SiEtsPoint	p = start_of(model);

		for (int h = 0; h < HORIZON; h++)
		{
			double		f = plain_forecast(&form, &p, h);
			double		e = sqrt(model->variance) *
				si_normal_quantile(random_unit());
			double		y = form.error == SI_ETS_MULTIPLICATIVE ?
				f * (1.0 + e) : f + e;

			plain_step(&form, &p, h, y);
			sum[h] += y - 50.0;
			square[h] += (y - 50.0) * (y - 50.0);
		}
	}
	for (int h = 0; h < HORIZON; h++)
		variance[h] = square[h] / PATHS - sum[h] / PATHS * (sum[h] / PATHS);
}

static void
variances_are_simulated(const char *name, double tolerance)
{
	double		state[SI_ETS_SEASONS + PERIOD];
	SiForecastModel model = example(name, state);
	SiEtsForm	form = plain_form(name, PERIOD);
	SiEtsPoint	p = start_of(&model);
	double		mean[HORIZON];
	double		variance[HORIZON];
	double		simulated[HORIZON];
	double		off = 0.0;
	double		away = 0.0;

	continue_fit(&model, HORIZON, mean, variance);
	simulate(name, &model, simulated);
	for (int h = 0; h < HORIZON; h++)
	{
		double		f = plain_forecast(&form, &p, h);

		off = fmax(off, fabs(variance[h] / simulated[h] - 1.0));
		away = fmax(away, fabs(mean[h] - f));
		plain_step(&form, &p, h, f);
	}
	ok(off < tolerance, "%s: variances, off by %.3f", name, off);
	ok(away < 1e-9, "%s: forecasts are the recursion's", name);
}

static void
repeats(void)
{
	double		state[SI_ETS_SEASONS + PERIOD];
	SiForecastModel model = example("AAM", state);
	double		mean[HORIZON];
	double		variance[2][HORIZON];

	continue_fit(&model, HORIZON, mean, variance[0]);
	continue_fit(&model, HORIZON, mean, variance[1]);
	ok(memcmp(variance[0], variance[1], sizeof(variance[0])) == 0,
	   "simulations repeat");
}

/* v_h = variance (1 + (h - 1) alpha^2), Hyndman et al. 2008, table 6.2. */
static void
simple_smoothing(void)
{
	double		state[SI_ETS_SEASONS + PERIOD];
	SiForecastModel model = example("ANN", state);
	double		mean[HORIZON];
	double		variance[HORIZON];

	continue_fit(&model, HORIZON, mean, variance);
	is_close(variance[0], 9.0, 1e-15, "one step ahead");
	is_close(variance[9], 9.0 * (1.0 + 9 * 0.16), 1e-14, "ten steps ahead");
	is_close(mean[13], 50.0, 0.0, "forecasts stay");
}

/* A series with factors: the divided series, with its forecasts multiplied. */
static void
factors_divide(void)
{
	static const double factor[] = {1.2, 0.7, 1.0, 1.1};
	double		y[30];
	double		divided[30];
	SiSeries	series = {30, y, 4, factor};
	double		mean[2][6];
	double		variance[2][6];
	Fit			fit;
	Fit			other;
	bool		same = true;

	make_series(30, 4, y);
	for (int t = 0; t < 30; t++)
		divided[t] = y[t] / factor[t % 4];
	fit_series(&fit, &series, &si_ets_plain);
	series.y = divided;
	series.factor = NULL;
	fit_series(&other, &series, &si_ets_plain);
	continue_fit(&fit.model, 6, mean[0], variance[0]);
	continue_fit(&other.model, 6, mean[1], variance[1]);
	ok(strcmp(fit.name, other.name) == 0 && fit.model.season == 4 &&
	   fit.model.form[SI_ETS_FACTORED] == 1, "%s with factors", fit.name);
	for (int h = 0; h < 6; h++)
	{
		double		f = factor[(30 + h) % 4];

		same &= fabs(mean[0][h] - f * mean[1][h]) < 1e-9 &&
			fabs(variance[0][h] - f * f * variance[1][h]) < 1e-9;
	}
	for (int t = 0; t < 30; t++)
		same &= fabs(fit.fitted[t] - factor[t % 4] * other.fitted[t]) < 1e-9;
	ok(same, "all are multiplied by their factor");
	free_fit(&fit);
	free_fit(&other);
}

int
main(void)
{
	static const char *const exact[] = {"ANN", "AAN", "AAdN", "ANA", "AAA",
		"AAdA", "MNN", "MAN", "MAdN", "MNA", "MAA", "MAdA"};
	static const char *const third[] = {"MNM", "MAM", "MAdM"};
	static const char *const other[] = {"ANM", "AAM", "AAdM", "AMN", "MMN",
		"MMdN", "MMM", "MMdA"};

	for (size_t i = 0; i < sizeof(exact) / sizeof(exact[0]); i++)
		variances_are_simulated(exact[i], 0.03);
	for (size_t i = 0; i < sizeof(third) / sizeof(third[0]); i++)
		variances_are_simulated(third[i], 0.05);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		variances_are_simulated(other[i], 0.2);
	repeats();
	simple_smoothing();
	factors_divide();
	return done_testing();
}
