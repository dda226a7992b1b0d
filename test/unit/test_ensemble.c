/*
 * Every method of the table, and the median ensemble: what must hold of them
 * for any series.
 */
#include <string.h>

#include "forecasts.h"

typedef struct Run
{
	SiStatus	status;
	int			models;
	SiForecastModel model[SI_ENSEMBLE_MEMBERS];
	double	   *state;
	double	   *fitted;
	double		mean[MAX_HORIZON];
	double		variance[MAX_HORIZON];
} Run;

/* Rooms are exactly what is asked for. */
static void
run_ensemble(Run *run, const SiEnsemble *ensemble, SiSeries series,
			 int horizon)
{
	int			states = si_ensemble_states(ensemble, series.season);
	size_t		room = si_ensemble_room(ensemble, series.n, series.season);
	double	   *doubles = malloc(room * sizeof(double));
	SiWork		work = {doubles, room};

	run->state = malloc((size_t) states * ensemble->members * sizeof(double));
	run->fitted = malloc(series.n * sizeof(double));
	for (int i = 0; i < ensemble->members; i++)
		run->model[i].state = run->state + (size_t) i * states;
	run->status = si_ensemble_fit(&series, ensemble, run->model, &run->models,
								  run->fitted, &work, pulse);
	free(doubles);
	room = si_ensemble_forecast_room(run->model, run->models, horizon);
	doubles = malloc(room * sizeof(double));
	work = (SiWork) {doubles, room};
	si_ensemble_forecast(run->model, run->models, horizon, run->mean,
						 run->variance, &work, pulse);
	free(doubles);
}

static void
end_run(Run *run)
{
	free(run->state);
	free(run->fitted);
}

static SiEnsemble
of_methods(int members, const SiForecastMethod *method)
{
	SiEnsemble	ensemble = {.members = members};

	for (int i = 0; i < members; i++)
		ensemble.member[i].method = method[i];
	return ensemble;
}

/* ----- The table ----- */

static void
test_names(void)
{
	bool		differ = true;

	for (int i = 0; i < SI_FORECAST_METHODS; i++)
	{
		for (int j = 0; j < i; j++)
			differ &= strcmp(si_method((SiForecastMethod) i)->name,
							 si_method((SiForecastMethod) j)->name) != 0;
	}
	ok(differ, "every method is built in, by a name of its own");
}

static void
test_each(SiForecastMethod which)
{
	const SiMethod *method = si_method(which);
	SiMethodOptions none = {0};
	bool		number = true;
	bool		named = true;
	double		zero[40] = {0};
	Fitted		fit;

	ok(method->valid(12, &none), "%s: defaults are valid", method->name);
	fit_method(&fit, which, series_of(144, airline, 12, NULL), 24);
	ok(fit.status == SI_OK && fit.model.method == which &&
	   fit.model.season == 12 && fit.model.states <= method->states(12, &none),
	   "%s: a model", method->name);
	for (int h = 0; h < 24; h++)
		number &= isfinite(fit.mean[h]) && fit.mean[h] > 200 &&
			fit.mean[h] < 1200 && !(fit.variance[h] < 0);
	ok(number, "%s: sane forecasts", method->name);
	for (int i = 0; i < fit.model.parameters; i++)
	{
		char		name[SI_PARAMETER_NAME] = "";

		method->parameter_name(&fit.model, i, name);
		named &= name[0] != '\0' && memchr(name, '\0', sizeof(name)) != NULL;
	}
	ok(named, "%s: parameters have names", method->name);
	free(fit.fitted);
	for (int n = 1; n <= 40; n += n < 6 ? 1 : 17)
	{
		fit_method(&fit, which, series_of(n, zero, 12, NULL), 24);
		number &= fit.status != SI_OK || (fit.mean[0] == 0 &&
										  fit.mean[23] == 0);
		free(fit.fitted);
	}
	ok(number, "%s: nothing comes of nothing", method->name);
}

/* ----- The ensemble ----- */

static void
test_median(void)
{
	static const SiForecastMethod method[4] = {
		SI_FORECAST_NAIVE, SI_FORECAST_MEAN, SI_FORECAST_OTM, SI_FORECAST_DOTM
	};
	SiEnsemble	three = of_methods(3, method);
	SiEnsemble	four = of_methods(4, method);
	Fitted		fit[4];
	Run			run;

	for (int i = 0; i < 4; i++)
		fit_method(&fit[i], method[i], series_of(60, www, 1, NULL), 5);
	run_ensemble(&run, &three, series_of(60, www, 1, NULL), 5);
	/* The mean is far below the others, the naive last value above OTM's. */
	ok(run.mean[4] == fit[2].mean[4] && run.models == 3,
	   "the middle one of three");
	ok(run.fitted[0] == (fit[1].fitted[0] + fit[2].fitted[0]) / 2,
	   "of two where the naive method has none");
	end_run(&run);
	run_ensemble(&run, &four, series_of(60, www, 1, NULL), 5);
	ok(run.mean[4] != fit[2].mean[4] && run.mean[4] >
	   fmin(fit[2].mean[4], fit[3].mean[4]), "the middle two of four");
	end_run(&run);
	for (int i = 0; i < 4; i++)
		free(fit[i].fitted);
}

static void
test_line(void)
{
	SiEnsemble	fast = si_ensemble_fast();
	double		y[12];
	Run			run;

	for (int t = 0; t < 12; t++)
		y[t] = 100 + 10 * t;
	run_ensemble(&run, &fast, series_of(12, y, 12, NULL), 12);
	is_close(run.mean[0], 220, 1e-9, "a straight line goes on");
	is_close(run.mean[11], 330, 1e-9, "for a year");
	end_run(&run);
}

static void
test_fast(void)
{
	SiEnsemble	fast = si_ensemble_fast();
	double		factor[12];
	double		room[24];
	double		y[144];
	double		scale[2] = {0x1p40, 0x1p-40};
	Run			run;
	Run			other;

	si_seasonal_factors(144, airline, 12, true, factor, room, pulse);
	run_ensemble(&run, &fast, series_of(132, airline, 12, factor), 12);
	ok(run.models == fast.members, "all members fit ten years");
	for (int h = 0; h < 12; h++)
		ok(fabs(run.mean[h] - airline[132 + h]) < 50 && run.variance[h] > 0,
		   "the airline's last year, step %d", h + 1);
	for (int i = 0; i < 2; i++)
	{
		for (int t = 0; t < 132; t++)
			y[t] = airline[t] * scale[i];
		run_ensemble(&other, &fast, series_of(132, y, 12, factor), 12);
		is_close(other.mean[11] / scale[i], run.mean[11], 1e-6,
				 "units do not matter");
		end_run(&other);
	}
	end_run(&run);

	memcpy(y, airline, sizeof(y));
	y[70] = 1e12;
	run_ensemble(&run, &fast, series_of(144, y, 1, NULL), 12);
	ok(isfinite(run.mean[11]) && isfinite(run.variance[11]),
	   "one huge outlier");
	end_run(&run);
}

static void
test_short(void)
{
	SiEnsemble	fast = si_ensemble_fast();
	double		factor[80];
	Run			run;

	for (int n = 1; n <= 8; n++)
	{
		run_ensemble(&run, &fast, series_of(n, nile, 12, NULL), 24);
		ok(run.status == SI_OK && run.models >= 1 &&
		   fabs(run.mean[23] - 1100) < 3000, "%d values", n);
		end_run(&run);
	}
	for (int i = 0; i < 80; i++)
		factor[i] = 0.5 + i / 79.0;
	run_ensemble(&run, &fast, series_of(100, nile, 80, factor), 24);
	ok(run.mean[0] > 300 && run.mean[23] > 300, "a season of more than half");
	end_run(&run);
	fast.members = 1;
	fast.member[0].method = SI_FORECAST_DOTM;
	run_ensemble(&run, &fast, series_of(2, nile, 1, NULL), 2);
	ok(run.models == 1 && run.model[0].method == SI_FORECAST_NAIVE &&
	   run.mean[1] == nile[1], "too short for all: naive");
	end_run(&run);
}

static void
test_long(void)
{
	static double y[100000];
	SiEnsemble	fast = si_ensemble_fast();
	Run			run;

	for (int t = 0; t < 100000; t++)
		y[t] = nile[t % 100] + airline[t % 144];
	run_ensemble(&run, &fast, series_of(100000, y, 1, NULL), 5);
	ok(fabs(run.mean[4] - 1150) < 500, "a hundred thousand values");
	end_run(&run);
}

int
main(void)
{
	test_names();
	for (int i = 0; i < SI_FORECAST_METHODS; i++)
	{
		if (si_method((SiForecastMethod) i) != NULL)
			test_each((SiForecastMethod) i);
	}
	test_median();
	test_line();
	test_fast();
	test_short();
	test_long();
	return done_testing();
}
