/*
 * Complex exponential smoothing.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "airline.h"
#include "core/forecast/ces/si_ces.h"
#include "core/forecast/ces/si_ces_pass.h"
#include "tap.h"

#define LONG		100000
#define HORIZON		24
#define M			12

static const double nile[100] = {
	1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935,
	1110, 994, 1020, 960, 1180, 799, 958, 1140, 1100, 1210, 1150, 1250,
	1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692,
	1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821,
	768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845,
	944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040,
	860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975,
	815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740
};

static double *fitted;
static double state[2 * 52 + 2];
static double mean[HORIZON];
static double variance[HORIZON];
static int	pulses = 0;

static void
count_pulse(void)
{
	pulses++;
}

/* Fits the forms whose bits are set, and forecasts. */
static SiStatus
ces(int n, const double *y, int season, int forms, SiForecastModel *model)
{
	SiSeries	series = {n, y, season, NULL};
	SiCesOptions options;
	size_t		room = si_ces_room(n, season);
	size_t		more = si_ces_forecast_room(season);
	double	   *owned = malloc((room > more ? room : more) * sizeof(double));
	SiWork		work = {owned, room};
	SiStatus	status;
	int			i;

	for (i = 0; i < SI_CES_FORMS; i++)
		options.form[i] = forms >> i & 1;
	memset(model, 0, sizeof(*model));
	model->state = state;
	status = si_ces_fit(&series, &options, model, fitted, &work, count_pulse);
	if (status == SI_OK)
		si_ces_forecast(model, HORIZON, mean, variance, &work, count_pulse);
	free(owned);
	return status;
}

/* ----- Golden ----- */

/*
 * Forecasts by R's smooth::ces(AirPassengers, h = 13), as statsforecast
 * publishes them with its parameters (tests/test_ces.py).  Their states come
 * from three walks, forth, back and forth, from plain guesses: these are
 * walked here, too.
 */
typedef struct Golden
{
	double		parameter[SI_CES_PARAMETERS];
	double		tolerance;
	double		forecast[13];
} Golden;

static const Golden golden[SI_CES_FORMS] = {
	{{2.001457, 1.000727, 0, 0}, 3e-6, {
		430.9211, 432.4049, 431.2324, 432.7212, 431.5439, 433.0376, 431.8556,
		433.3543, 432.1675, 433.6712, 432.4796, 433.9884, 432.7920
	}},
	{{1.996411, 1.206694, 0, 0}, 1e-6, {
		446.2768, 423.5779, 481.4365, 514.7730, 533.5008, 589.0500, 688.2703,
		674.5891, 580.9486, 516.0776, 449.7246, 505.3621, 507.9884
	}},
	{{1.476837, 1, 0.91997, 0}, 1e-6, {
		437.6247, 412.9464, 445.5811, 498.5370, 493.0405, 550.7443, 629.2205,
		607.1793, 512.3455, 462.1260, 383.4097, 430.9221, 437.6247
	}},
	{{1.350795, 1.009169, 1.777909, 0.973739}, 1e-5, {
		450.9262, 429.2925, 465.4771, 510.1799, 517.9913, 578.5654, 655.9219,
		638.6218, 542.0985, 498.1064, 431.3293, 477.3273, 501.3757
	}}
};

/* Additive seasonal figures by moving averages. */
static void
classical_season(const double *y, int n, double *figure)
{
	double		sum[M] = {0};
	int			count[M] = {0};
	double		all = 0;
	int			i;
	int			j;

	for (i = M / 2; i < n - M / 2; i++)
	{
		double		average = 0.5 * (y[i - M / 2] + y[i + M / 2]);

		for (j = 1 - M / 2; j < M / 2; j++)
			average += y[i + j];
		sum[i % M] += y[i] - average / M;
		count[i % M]++;
	}
	for (i = 0; i < M; i++)
		all += sum[i] / count[i] / M;
	for (i = 0; i < M; i++)
		figure[i] = sum[i] / count[i] - all;
}

static void
plain_guess(SiCesPass *pass)
{
	double		average = 0;
	double		figure[M];
	int			i;

	classical_season(pass->y, pass->n, figure);
	for (i = 0; i < M; i++)
	{
		average += pass->y[i] / M;
		if (pass->form == SI_CES_SIMPLE)
		{
			pass->state[2 * i] = pass->y[i];
			pass->state[2 * i + 1] = pass->y[i] / 1.1;
		}
		if (pass->form == SI_CES_PARTIAL)
			pass->state[2 + i] = figure[i];
		if (pass->form == SI_CES_FULL)
		{
			pass->state[2 + 2 * i] = figure[i];
			pass->state[3 + 2 * i] = figure[i] / 1.1;
		}
	}
	if (pass->form == SI_CES_SIMPLE)
		return;
	pass->state[0] = average;
	pass->state[1] = average / 1.1;
}

/* Beyond an end: seasons move on by one season, the level by one step. */
static void
turn(SiCesPass *pass)
{
	double		pair[2];
	int			t;

	for (t = 0; t < pass->season; t++)
	{
		si_ces_step(pass, t, NAN);
		if (t == 0)
			memcpy(pair, pass->state, sizeof(pair));
	}
	if (pass->form != SI_CES_SIMPLE)
		memcpy(pass->state, pair, sizeof(pair));
}

static double
walk_back_and_forth(SiCesPass *pass)
{
	int			t;

	plain_guess(pass);
	si_ces_walk(pass, NULL);
	turn(pass);
	for (t = pass->n - 1; t >= 0; t--)
		si_ces_step(pass, t, pass->y[t]);
	turn(pass);
	return si_ces_walk(pass, NULL);
}

static void
test_r(int form)
{
	const Golden *want = &golden[form];
	SiForecastModel model;
	SiCesPass	pass = {form, form == SI_CES_NONE ? 1 : M, 0, AIRLINE_N,
		airline, {0}, state, count_pulse
	};
	double		work_room[1000];
	SiWork		work = {work_room, 1000};
	double		theirs;
	double		sum = 0;
	int			i;

	memcpy(pass.parameter, want->parameter, sizeof(pass.parameter));
	theirs = walk_back_and_forth(&pass);
	memset(&model, 0, sizeof(model));
	model.form[0] = form;
	model.season = pass.season;
	model.state = state;
	model.states = form == SI_CES_NONE ? 2 : form == SI_CES_PARTIAL ? 2 + M :
		form == SI_CES_FULL ? 2 + 2 * M : 2 * M;
	memcpy(model.parameter, want->parameter, sizeof(pass.parameter));
	si_ces_forecast(&model, 13, mean, variance, &work, count_pulse);
	for (i = 0; i < 13; i++)
		is_close(mean[i], want->forecast[i], want->tolerance,
				 "%s: R's forecast %d", si_ces_form_name[form], i + 1);

	ok(ces(AIRLINE_N, airline, M, 1 << form, &model) == SI_OK, "fitted");
	for (i = 0; i < AIRLINE_N; i++)
		sum += pow(airline[i] - fitted[i], 2);
	ok(sum < theirs, "%s: squared errors %.1f, by R's parameters %.1f",
	   si_ces_form_name[form], sum, theirs);
	is_close(model.log_likelihood, -0.5 * AIRLINE_N *
			 (log(2 * M_PI * sum / AIRLINE_N) + 1), 1e-12,
			 "the likelihood is that of the errors");
}

/* ----- By definition ----- */

/* No other start does better, and moving one state costs what it must. */
static void
test_start(int form)
{
	double		parameter[4][4] = {
		{1.4, 0.98, 0, 0}, {1.4, 0.98, 0, 0}, {1.4, 0.98, 0.3, 0},
		{1.4, 0.98, 1.3, 0.97}
	};
	double		start[2 + 2 * M] = {0};
	double		room[2000];
	SiWork		work = {room, 2000};
	SiCesPass	pass = {form, form == SI_CES_NONE ? 1 : M, 0, AIRLINE_N,
		airline, {0}, start, count_pulse
	};
	double		solved[2 + 2 * M];
	double		least;
	bool		best = true;
	int			i;
	int			n = form == SI_CES_NONE ? 2 : form == SI_CES_PARTIAL ?
		2 + M : form == SI_CES_FULL ? 2 + 2 * M : 2 * M;

	memcpy(pass.parameter, parameter[form], sizeof(pass.parameter));
	ok(si_ces_stable(&pass, &work), "the parameters are fit for use");
	least = si_ces_solve(&pass, &work);
	memcpy(solved, start, sizeof(solved));
	is_close(si_ces_walk(&pass, NULL), least, 1e-9,
			 "%s: the errors are those promised", si_ces_form_name[form]);
	for (i = 0; i < 2 * n; i++)
	{
		memcpy(start, solved, sizeof(solved));
		start[i / 2] += i % 2 ? 0.5 : -0.5;
		best &= si_ces_walk(&pass, NULL) >= least * (1 - 1e-12);
	}
	ok(best, "%s: no start nearby is better", si_ces_form_name[form]);
}

/* Errors of the start fade if told to; some take too long to tell. */
static void
test_stable(void)
{
	double		start[2 + 2 * M];
	double		room[2000];
	static double zeros[4000];
	static double error[4000];
	SiWork		work = {room, 2000};
	SiCesPass	pass = {0, M, 0, 4000, zeros, {0}, start, count_pulse};
	int			wrong = 0;
	int			stable = 0;
	int			i;
	int			j;

	srand(5);
	for (i = 0; i < 2000; i++)
	{
		double		size[2] = {0};
		bool		fades;
		bool		told;

		pass.form = i % SI_CES_FORMS;
		pass.season = pass.form == SI_CES_NONE ? 1 : 4;
		for (j = 0; j < 4; j++)
			pass.parameter[j] = 0.7 + 1.4 * rand() / RAND_MAX;
		if (pass.form == SI_CES_PARTIAL)
			pass.parameter[2] -= 0.8;
		for (j = 0; j < 2 + 2 * M; j++)
			start[j] = 1.0 + j % 3;
		told = si_ces_stable(&pass, &work);
		si_ces_walk(&pass, error);
		for (j = 0; j < 100; j++)
		{
			size[0] = fmax(size[0], fabs(error[1900 + j]));
			size[1] = fmax(size[1], fabs(error[3900 + j]));
		}
		fades = isfinite(error[3999]) &&
			(size[1] < 0.5 * size[0] || size[1] < 1e-9);
		stable += told;
		wrong += told != fades && !(size[1] > 0.5 * size[0] &&
									size[1] < 2.0 * size[0]);
	}
	ok(wrong == 0 && stable > 100 && stable < 1900,
	   "%d of 2,000 parameters stable, %d told wrong", stable, wrong);
}

/* The variance of the second forecast, from its weight. */
static void
test_variance(void)
{
	SiForecastModel model;
	double		weight;

	ces(100, nile, 1, 1, &model);
	weight = model.parameter[0] - model.parameter[1];
	is_close(variance[0], model.variance, 1e-14, "one step");
	is_close(variance[1], model.variance * (1 + weight * weight), 1e-12,
			 "two steps");
	weight -= (1 - model.parameter[1]) *
		(model.parameter[0] + model.parameter[1]);
	is_close(variance[2] - variance[1], model.variance * weight * weight,
			 1e-9, "three steps");
}

/* ----- Properties ----- */

static void
test_choice(void)
{
	SiForecastModel model;
	double		aicc[SI_CES_FORMS];
	int			form;

	for (form = 0; form < SI_CES_FORMS; form++)
	{
		ces(AIRLINE_N, airline, M, 1 << form, &model);
		aicc[form] = model.aicc;
		is_close(model.aicc, 2 * model.estimated - 2 * model.log_likelihood +
				 2.0 * model.estimated * (model.estimated + 1) /
				 (AIRLINE_N - model.estimated - 1), 1e-12, "AICc");
	}
	ces(AIRLINE_N, airline, M, 15, &model);
	ok(model.form[0] == SI_CES_PARTIAL && model.aicc == aicc[SI_CES_PARTIAL] &&
	   model.aicc < aicc[0] && model.aicc < aicc[1] && model.aicc < aicc[3],
	   "the least AICc is chosen: partial, for the airline");
	ces(100, nile, 1, 15, &model);
	ok(model.form[0] == SI_CES_NONE && model.states == 2, "no season, no form");
	is_close(mean[0], 798, 0.02, "the Nile is near its level");
}

static bool
all_finite(void)
{
	bool		finite = true;
	int			h;

	for (h = 0; h < HORIZON; h++)
		finite &= isfinite(mean[h]) && isfinite(variance[h]);
	return finite;
}

static void
test_edges(void)
{
	SiForecastModel model;
	double		y[200];
	int			i;

	ok(ces(6, nile, 1, 15, &model) == SI_EMPTY &&
	   ces(7, nile, 1, 15, &model) == SI_OK && all_finite(),
	   "seven values are needed");
	ok(ces(30, airline, M, 1 << SI_CES_FULL, &model) == SI_EMPTY &&
	   ces(30, airline, M, 15, &model) == SI_OK, "a form that does not fit");
	for (i = 0; i < 100; i++)
		y[i] = 42.0;
	ces(100, y, M, 15, &model);
	ok(all_finite() && fabs(mean[HORIZON - 1] - 42.0) < 1e-3, "a constant");
	memset(y, 0, sizeof(y));
	ces(100, y, M, 15, &model);
	ok(all_finite() && mean[0] == 0.0, "zeros");
	memcpy(y, airline, sizeof(airline));
	y[100] = 1e9;
	ces(AIRLINE_N, y, M, 15, &model);
	ok(all_finite(), "a huge outlier");
	for (i = 0; i < 60; i++)
		y[i] = 10 + i + (i % 4 == 0 ? 30 : 0);
	ces(60, y, 4, 15, &model);
	ok(all_finite() && fabs(mean[0] - 100) < 0.5 && fabs(mean[1] - 71) < 0.5,
	   "an exact line with an exact season");
}

static void
test_scale(void)
{
	SiForecastModel model;
	SiForecastModel scaled;
	double		y[AIRLINE_N];
	double		want;
	double		by;
	int			i;

	ces(AIRLINE_N, airline, M, 15, &model);
	want = mean[7];
	for (by = 1e-12; by < 1e13; by *= 1e24)
	{
		for (i = 0; i < AIRLINE_N; i++)
			y[i] = airline[i] * by;
		ces(AIRLINE_N, y, M, 15, &scaled);
		ok(scaled.form[0] == model.form[0], "the same form at another scale");
		is_close(mean[7] / by, want, 1e-4, "the same forecast");
		is_close(scaled.log_likelihood + AIRLINE_N * log(by),
				 model.log_likelihood, 1e-4, "likelihood");
	}
}

static void
test_long(void)
{
	SiForecastModel model;
	double	   *y = malloc(LONG * sizeof(double));
	int			i;

	srand(2);
	for (i = 0; i < LONG; i++)
		y[i] = 100 + 0.001 * i + 10 * sin(2 * M_PI * i / 52) + rand() % 10;
	pulses = 0;
	ok(ces(2000, y, 52, 15, &model) == SI_OK && all_finite(),
	   "two thousand weeks");
	ok(ces(LONG, y, 52, 1 << SI_CES_PARTIAL, &model) == SI_OK && all_finite(),
	   "a hundred thousand values");
	ok(pulses > 1000, "the pulse is felt");
	free(y);
}

int
main(void)
{
	int			form;

	fitted = malloc(LONG * sizeof(double));
	for (form = 0; form < SI_CES_FORMS; form++)
	{
		test_r(form);
		test_start(form);
	}
	test_stable();
	test_variance();
	test_choice();
	test_edges();
	test_scale();
	test_long();
	free(fitted);
	return done_testing();
}
