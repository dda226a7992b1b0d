/*
 * forecast_accuracy.c
 *
 * How well the forecasting kernels do on a competition's series, and how fast.
 * Not part of any check.  From the top of the tree:
 *
 *	 cc -std=gnu99 -O3 -ffp-contract=off -fno-math-errno -Isrc \
 *		-o forecast_accuracy test/bench/forecast_accuracy.c \
 *		$(find src/core/forecast src/core/stats/distribution -name '*.c') \
 *		-lm
 *	 ./forecast_accuracy [-s season] [-l lag] [-m method,...] values [series]
 *
 * values: CSV of series,t,split,value in order, with a header; split is train
 * or test.  series: CSV of series,period,season,horizon.  Without it all series
 * have season -s, by default 1.  Scaled errors and Naive2 take the lag -l, by
 * default the season; the M4 competition has season 1 for weekly data.
 *
 * For each method: sMAPE (0 to 200), MASE, OWA against Naive2, the mean of
 * both, each relative to Naive2's; the share of values within intervals of 80%
 * and 95% that the variance gives with the normal distribution; microseconds a
 * series.  Forecasts below zero of series that are not count as zero.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/forecast/decompose/si_seasonal.h"
#include "core/forecast/si_ensemble.h"

#define PERIODS		6
#define ROWS		(SI_FORECAST_METHODS + 3)
#define NAIVE2		SI_FORECAST_METHODS
#define FAST		(SI_FORECAST_METHODS + 1)
#define ALL_ROWS	(SI_FORECAST_METHODS + 2)

typedef struct Entry
{
	char		id[64];
	int			period;
	int			season;
	int			n;				/* train */
	int			h;				/* test */
	double	   *y;				/* n + h */
} Entry;

typedef struct Score
{
	int			series;
	int			scaled;
	double		smape;
	double		mase;
	int64_t		steps;			/* with a variance */
	int64_t		within80;
	int64_t		within95;
	double		seconds;
	int			failed;
} Score;

typedef struct Bench
{
	int			season;
	int			lag;
	const char *methods;
	Entry	   *entry;
	int			entries;
	char		period[PERIODS][32];
	int			periods;
	Score		score[PERIODS + 1][ROWS];	/* the last: all */
} Bench;

typedef struct Forecast
{
	double	   *mean;
	double	   *variance;
} Forecast;

static void
pulse(void)
{
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + 1e-9 * now.tv_nsec;
}

static FILE *
open_file(const char *path)
{
	FILE	   *file = fopen(path, "r");
	char		line[256];

	if (file == NULL || fgets(line, sizeof(line), file) == NULL)
	{
		perror(path);
		exit(1);
	}
	return file;
}

static Entry *
add_entry(Bench *b, const char *id)
{
	Entry	   *entry;

	b->entry = realloc(b->entry, (b->entries + 1) * sizeof(Entry));
	entry = &b->entry[b->entries++];
	memset(entry, 0, sizeof(Entry));
	snprintf(entry->id, sizeof(entry->id), "%s", id);
	entry->season = b->season;
	return entry;
}

static int
period_named(Bench *b, const char *name)
{
	int			i;

	for (i = 0; i < b->periods && strcmp(b->period[i], name) != 0; i++)
		;
	if (i == PERIODS)
		exit(1);
	if (i == b->periods)
		snprintf(b->period[b->periods++], 32, "%s", name);
	return i;
}

static void
read_series(Bench *b, const char *path)
{
	FILE	   *file = open_file(path);
	char		id[64];
	char		name[32];
	int			season;
	int			horizon;

	while (fscanf(file, " %63[^,],%31[^,],%d,%d", id, name, &season,
				  &horizon) == 4)
	{
		Entry	   *entry = add_entry(b, id);

		entry->season = season;
		entry->period = period_named(b, name);
	}
	fclose(file);
}

static Entry *
find_entry(Bench *b, const char *id, bool known)
{
	int			i;

	if (!known)
		return add_entry(b, id);
	for (i = 0; i < b->entries; i++)
	{
		if (strcmp(b->entry[i].id, id) == 0)
			return &b->entry[i];
	}
	fprintf(stderr, "series %s is not listed\n", id);
	exit(1);
}

static void
read_values(Bench *b, const char *path, bool known)
{
	FILE	   *file = open_file(path);
	Entry	   *entry = NULL;
	char		id[64];
	char		split[16];
	double		value;

	while (fscanf(file, " %63[^,],%*[^,],%15[^,],%lf", id, split, &value) == 3)
	{
		if (entry == NULL || strcmp(entry->id, id) != 0)
			entry = find_entry(b, id, known);
		entry->y = realloc(entry->y, (entry->n + entry->h + 1) *
						   sizeof(double));
		entry->y[entry->n + entry->h] = value;
		if (strcmp(split, "train") == 0)
			entry->n++;
		else
			entry->h++;
	}
	fclose(file);
}

/* Mean absolute error of the naive forecast by lag, over the past. */
static double
scale_of(const Entry *entry, int lag)
{
	double		sum = 0;
	int			t;

	if (entry->n <= lag)
		lag = 1;
	for (t = lag; t < entry->n; t++)
		sum += fabs(entry->y[t] - entry->y[t - lag]);
	return sum / (entry->n - lag);
}

static bool
any_negative(const Entry *entry)
{
	int			t;

	for (t = 0; t < entry->n; t++)
	{
		if (entry->y[t] < 0)
			return true;
	}
	return false;
}

static void
add_score(Score *score, const Entry *entry, int lag, const Forecast *f)
{
	double		scale = scale_of(entry, lag);
	bool		clip = !any_negative(entry);
	double		absolute = 0;
	double		relative = 0;
	int			i;

	for (i = 0; i < entry->h; i++)
	{
		double		x = entry->y[entry->n + i];
		double		mean = clip ? fmax(f->mean[i], 0) : f->mean[i];
		double		error = fabs(mean - x);

		absolute += error / entry->h;
		if (error > 0)
			relative += 200 * error / (fabs(mean) + fabs(x)) / entry->h;
		if (isnan(f->variance[i]))
			continue;
		score->steps++;
		score->within80 += error <= 1.2815515655446004 * sqrt(f->variance[i]);
		score->within95 += error <= 1.9599639845400545 * sqrt(f->variance[i]);
	}
	score->series++;
	score->smape += relative;
	if (scale > 0)
	{
		score->scaled++;
		score->mase += absolute / scale;
	}
}

static void
add_scores(Bench *b, const Entry *entry, int row, const Forecast *f,
		   double time, bool failed)
{
	int			lag = b->lag > 0 ? b->lag : entry->season;
	int			i;

	for (i = 0; i < 2; i++)
	{
		Score	   *score = &b->score[i ? PERIODS : entry->period][row];

		add_score(score, entry, lag, f);
		score->seconds += time;
		score->failed += failed;
	}
}

/* One method, or the naive one where that is not possible; by its clock. */
static void
run_ensemble(Bench *b, const Entry *entry, const SiSeries *series, int row,
			 const SiEnsemble *ensemble, Forecast *f)
{
	int			states = si_ensemble_states(ensemble, series->season);
	size_t		room = si_ensemble_room(ensemble, series->n, series->season);
	double	   *states_room = malloc(states * SI_ENSEMBLE_MEMBERS *
									 sizeof(double));
	double	   *fitted = malloc(series->n * sizeof(double));
	SiForecastModel model[SI_ENSEMBLE_MEMBERS];
	SiWork		work;
	double	   *fit_room = malloc(room * sizeof(double));
	double	   *forecast_room;
	double		start;
	double		time;
	int			models;
	int			i;

	for (i = 0; i < SI_ENSEMBLE_MEMBERS; i++)
		model[i].state = states_room + i * states;
	start = seconds();
	work = (SiWork) {fit_room, room};
	si_ensemble_fit(series, ensemble, model, &models, fitted, &work, pulse);
	time = seconds() - start;
	room = si_ensemble_forecast_room(model, models, entry->h);
	forecast_room = malloc(room * sizeof(double));
	work = (SiWork) {forecast_room, room};
	start = seconds();
	si_ensemble_forecast(model, models, entry->h, f->mean, f->variance, &work,
						 pulse);
	time += seconds() - start;
	add_scores(b, entry, row, f, time, models < ensemble->members ||
			   (models == 1 && model[0].method != ensemble->member[0].method));
	free(states_room);
	free(fitted);
	free(fit_room);
	free(forecast_room);
}

static bool
wanted(const Bench *b, const char *name)
{
	const char *at = b->methods;
	size_t		length = strlen(name);

	while (at != NULL && (at = strstr(at, name)) != NULL)
	{
		if ((at == b->methods || at[-1] == ',') &&
			(at[length] == ',' || at[length] == '\0'))
			return true;
		at += length;
	}
	return b->methods == NULL;
}

static void
run_entry(Bench *b, const Entry *entry)
{
	int			lag = b->lag > 0 ? b->lag : entry->season;
	int			longest = lag > entry->season ? lag : entry->season;
	double	   *factor = malloc(longest * sizeof(double));
	double	   *room = malloc(2 * longest * sizeof(double));
	SiSeries	plain = {entry->n, entry->y, entry->season, NULL};
	SiSeries	naive2 = {entry->n, entry->y, lag, NULL};
	SiSeries	series = plain;
	SiEnsemble	one = {1, {{.method = SI_FORECAST_NAIVE}}};
	SiEnsemble	fast = si_ensemble_fast();
	Forecast	f;
	int			i;

	f.mean = malloc(entry->h * sizeof(double));
	f.variance = malloc(entry->h * sizeof(double));
	if (si_seasonal_test(entry->n, entry->y, lag, pulse) &&
		si_seasonal_factors(entry->n, entry->y, lag, false, factor, room,
							pulse))
		naive2.factor = factor;
	run_ensemble(b, entry, &naive2, NAIVE2, &one, &f);
	if (si_seasonal_test(entry->n, entry->y, entry->season, pulse) &&
		si_seasonal_factors(entry->n, entry->y, entry->season, true, factor,
							room, pulse))
		series.factor = factor;
	for (i = 0; i < SI_FORECAST_METHODS; i++)
	{
		const SiMethod *method = si_method((SiForecastMethod) i);

		if (method == NULL || !wanted(b, method->name))
			continue;
		one.member[0].method = (SiForecastMethod) i;
		run_ensemble(b, entry, method->adjusts ? &series : &plain, i, &one,
					 &f);
	}
	if (wanted(b, "fast"))
		run_ensemble(b, entry, &series, FAST, &fast, &f);
	free(factor);
	free(room);
	free(f.mean);
	free(f.variance);
}

static void
print_scores(const Score *score, const char *period)
{
	double		smape2 = score[NAIVE2].smape / score[NAIVE2].series;
	double		mase2 = score[NAIVE2].mase / score[NAIVE2].scaled;
	int			i;

	printf("%-10s %-15s  sMAPE    MASE     OWA   80%%   95%%  us/series "
		   "fallen back\n", period, "");
	for (i = 0; i < ALL_ROWS; i++)
	{
		const Score *s = &score[i];
		double		smape = s->smape / s->series;
		double		mase = s->mase / s->scaled;

		if (s->series == 0)
			continue;
		printf("%-10s %-15s %6.3f %7.4f %7.4f %5.1f %5.1f %10.1f %d\n",
			   period, i == NAIVE2 ? "naive2" : i == FAST ? "fast" :
			   si_method((SiForecastMethod) i)->name, smape, mase,
			   (smape / smape2 + mase / mase2) / 2,
			   100.0 * s->within80 / s->steps, 100.0 * s->within95 / s->steps,
			   1e6 * s->seconds / s->series, s->failed);
	}
}

int
main(int argc, char **argv)
{
	static Bench b;
	int			i;

	b.season = 1;
	for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2)
	{
		if (argv[i][1] == 's')
			b.season = atoi(argv[i + 1]);
		else if (argv[i][1] == 'l')
			b.lag = atoi(argv[i + 1]);
		else
			b.methods = argv[i + 1];
	}
	if (i >= argc)
	{
		fprintf(stderr, "usage: %s [-s season] [-l lag] [-m method,...] "
				"values [series]\n", argv[0]);
		return 1;
	}
	if (i + 1 < argc)
		read_series(&b, argv[i + 1]);
	read_values(&b, argv[i], i + 1 < argc);
	for (i = 0; i < b.entries; i++)
	{
		if (b.entry[i].n > 1 && b.entry[i].h > 0)
			run_entry(&b, &b.entry[i]);
	}
	for (i = 0; i < b.periods; i++)
		print_scores(b.score[i], b.period[i]);
	print_scores(b.score[PERIODS], "all");
	return 0;
}
