/*
 * si_mstl_ar.c
 *	  Autoregressions of what MSTL leaves, the median of up to twelve.
 *
 * Method: see the header.  Autoregressions are fitted by Burg's method, orders
 * chosen by AICc, up to a fourth of the values.
 *
 * Special cases: values up to zero have no variants of logarithms; without
 * seasons there are two variants, or four.
 *
 * References: Bandara et al. as in si_mstl.c, Burg as in si_burg.c;
 * F. Petropoulos, I. Svetunkov, "A simple combination of univariate models",
 * International Journal of Forecasting 36 (2020) 110-115, for the median.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/decompose/si_burg.h"
#include "core/forecast/decompose/si_mstl_ar.h"

#define CYCLES			3		/* of a season, at least */
#define VALUES_A_LAG	4
#define LEAST_VALUES	4
#define HEAD			3		/* of a variant: order, mean, last value */
#define PULSE_VALUES	4096
#define MOST_LOG		700.0	/* whose exponential is finite */

#define ALL_VARIANTS	((1 << SI_MSTL_AR_VARIANTS) - 1)
#define DECOMPOSITIONS	4		/* as is and logarithm, changing and periodic */

typedef struct Task
{
	const SiSeries *series;
	SiForecastModel *model;
	const int  *season;			/* of the model */
	int			seasons;
	double	   *x;				/* values or logarithms */
	double	   *sum;			/* of all seasons */
	double	   *left;			/* without them, or its differences */
	double	   *seasonal;		/* a row a season */
	double	   *trend;
	double	   *remainder;
	double	   *one_step;		/* a row for each variant in use */
	double	   *next;			/* state to be written */
	double	   *cycles;			/* the same, of seasons; behind all variants */
	SiWork		work;
	SiPulse		pulse;
} Task;

/* ----- Variants ----- */

static bool
differenced(int variant)
{
	return variant % 2 == SI_MSTL_AR_DIFFERENCE;
}

/* 0 left in, SI_MSTL_AR_CHANGING or SI_MSTL_AR_PERIODIC */
static int
handling(int variant)
{
	return variant % SI_MSTL_AR_LOG / 2 * 2;
}

static bool
logarithm(int variant)
{
	return variant >= SI_MSTL_AR_LOG;
}

static bool
in_use(const SiForecastModel *model, int variant)
{
	return model->form[0] >> variant & 1;
}

/* Which variants suit the series? */
static int
fit_variants(const SiSeries *series, int seasons, int wanted)
{
	int			mask = wanted == 0 ? ALL_VARIANTS : wanted & ALL_VARIANTS;
	bool		positive = true;
	int			v;
	int			t;

	for (t = 0; t < series->n; t++)
		positive = positive && series->y[t] > 0.0;
	for (v = 0; v < SI_MSTL_AR_VARIANTS; v++)
	{
		if ((logarithm(v) && !positive) ||
			(handling(v) != 0 && seasons == 0) ||
			(wanted == 0 && !differenced(v) && series->n < SI_MSTL_AR_LEVEL))
			mask &= ~(1 << v);
	}
	return mask;
}

/* ----- Sizes ----- */

static int
most_order(int n)
{
	return n / VALUES_A_LAG < SI_MSTL_AR_ORDER ? n / VALUES_A_LAG :
		SI_MSTL_AR_ORDER;
}

static int
longest(const SiMstlArOptions *options)
{
	return options->seasons > 0 ? options->season[options->seasons - 1] : 1;
}

static int
cycle_length(int seasons, const int *season)
{
	int			sum = 0;
	int			i;

	for (i = 0; i < seasons; i++)
		sum += season[i];
	return sum;
}

size_t
si_mstl_ar_room(int n, const SiMstlArOptions *options)
{
	size_t		each = 5 + SI_MSTL_AR_VARIANTS + (size_t) options->seasons;
	size_t		mstl = si_mstl_room(n, longest(options));
	size_t		burg = si_burg_room(n, SI_MSTL_AR_ORDER);

	return each * n + (mstl > burg ? mstl : burg) +
		DECOMPOSITIONS * (size_t) cycle_length(options->seasons,
											   options->season);
}

int
si_mstl_ar_states(const SiMstlArOptions *options)
{
	return SI_MSTL_AR_VARIANTS * (HEAD + 2 * SI_MSTL_AR_ORDER) +
		DECOMPOSITIONS * cycle_length(options->seasons, options->season);
}

/* Forecasts of each variant; what autoregressions add to their lags. */
size_t
si_mstl_ar_forecast_room(int horizon)
{
	return (SI_MSTL_AR_VARIANTS + 1) * (size_t) horizon + SI_MSTL_AR_ORDER;
}

/* ----- Median ----- */

/* Of the column t of rows of n. */
static double
median(const double *rows, int count, int n, int t)
{
	double		sorted[SI_MSTL_AR_VARIANTS];
	int			i;
	int			j;

	for (i = 0; i < count; i++)
	{
		double		x = rows[(size_t) i * n + t];

		for (j = i; j > 0 && sorted[j - 1] > x; j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = x;
	}
	return 0.5 * sorted[count / 2] + 0.5 * sorted[(count - 1) / 2];
}

static double
back(int variant, double x)
{
	return logarithm(variant) ? exp(fmin(x, MOST_LOG)) : x;
}

/* ----- Fit ----- */

/* The seasons of x, their sum; what goes on of them is written. */
static SiStatus
find_seasons(Task *task, int how)
{
	static const int periodic[SI_MSTL_SEASONS] = {0};
	int			n = task->series->n;
	SiStatus	status;
	int			i;
	int			t;

	memset(task->sum, 0, n * sizeof(double));
	if (how == 0)
		return SI_OK;
	status = si_mstl(n, task->x, task->seasons, task->season,
					 how == SI_MSTL_AR_PERIODIC ? periodic : NULL, 2, 0,
					 task->seasonal, task->trend, task->remainder,
					 &task->work, task->pulse);
	for (i = 0; i < task->seasons && status == SI_OK; i++)
	{
		const double *row = task->seasonal + (size_t) i * n;

		for (t = 0; t < n; t++)
			task->sum[t] += row[t];
		memcpy(task->cycles, row + n - task->season[i],
			   task->season[i] * sizeof(double));
		task->cycles += task->season[i];
	}
	return status;
}

/* Values without seasons, less their mean; or their differences. */
static int
prepare(Task *task, bool difference, double *mean)
{
	int			n = task->series->n;
	double	   *left = task->left;
	int			t;

	for (t = 0; t < n; t++)
		left[t] = task->x[t] - task->sum[t];
	*mean = 0.0;
	if (difference)
	{
		for (t = 0; t < n - 1; t++)
			left[t] = left[t + 1] - left[t];
		return n - 1;
	}
	for (t = 0; t < n; t++)
		*mean += (left[t] - *mean) / (t + 1);
	for (t = 0; t < n; t++)
		left[t] -= *mean;
	return n;
}

/* One-step forecasts of a variant; lags before the start are zero. */
static void
trace(const Task *task, int variant, int p, const double *ar, double mean,
	  double *out)
{
	bool		difference = differenced(variant);
	int			lead = difference ? 1 : 0;	/* left starts so much later */
	int			t;
	int			i;

	for (t = 1; t < task->series->n; t++)
	{
		double		base;

		if (t % PULSE_VALUES == 0)
			task->pulse();
		base = difference ? task->x[t - 1] - task->sum[t - 1] : mean;

		for (i = 0; i < p && t - lead - 1 - i >= 0; i++)
			base += ar[i] * task->left[t - lead - 1 - i];
		out[t] = back(variant, base + task->sum[t]);
	}
}

static void
fit_variant(Task *task, int variant)
{
	int			n = task->series->n;
	double	   *state = task->next;
	double	   *ar = state + HEAD;
	int			count = prepare(task, differenced(variant), &state[1]);
	int			p = si_burg(count, task->left, most_order(n), ar, &task->work,
							task->pulse);
	int			i;

	state[0] = p;
	state[2] = task->x[n - 1] - task->sum[n - 1];
	for (i = 0; i < p; i++)
		ar[p + i] = task->left[count - 1 - i];
	trace(task, variant, p, ar, state[1], task->one_step);
	task->one_step += n;
	task->next += HEAD + 2 * p;
}

static bool
any_in_use(const SiForecastModel *model, int first)
{
	return (model->form[0] >> first & 3) != 0;
}

/* All variants in the order of their bits, two to a decomposition. */
static SiStatus
fit_all(Task *task)
{
	const SiSeries *series = task->series;
	SiStatus	status = SI_OK;
	int			v;
	int			t;

	for (v = 0; v < SI_MSTL_AR_VARIANTS && status == SI_OK; v++)
	{
		if (v % SI_MSTL_AR_LOG == 0)
		{
			for (t = 0; t < series->n; t++)
				task->x[t] = logarithm(v) ? log(series->y[t]) : series->y[t];
		}
		if (v % 2 == 0 && any_in_use(task->model, v))
			status = find_seasons(task, handling(v));
		if (status == SI_OK && in_use(task->model, v))
			fit_variant(task, v);
	}
	return status;
}

static int
variants_in_use(const SiForecastModel *model)
{
	int			count = 0;
	int			v;

	for (v = 0; v < SI_MSTL_AR_VARIANTS; v++)
		count += in_use(model, v);
	return count;
}

static void
combine(const SiSeries *series, const double *rows, SiForecastModel *model,
		double *fitted, SiPulse pulse)
{
	int			count = variants_in_use(model);
	double		sum = 0.0;
	int			t;

	fitted[0] = NAN;
	for (t = 1; t < series->n; t++)
	{
		if (t % PULSE_VALUES == 0)
			pulse();
		fitted[t] = median(rows, count, series->n, t);
		sum += (series->y[t] - fitted[t]) * (series->y[t] - fitted[t]);
	}
	model->variance = sum / (series->n - 1);
}

static void
describe(const SiSeries *series, const SiMstlArOptions *options,
		 SiForecastModel *model)
{
	int			seasons = 0;

	memset(model->form, 0, sizeof(model->form));
	while (seasons < options->seasons && seasons < SI_MSTL_SEASONS &&
		   options->season[seasons] >= 2 &&
		   options->season[seasons] <= series->n / CYCLES)
	{
		model->form[2 + seasons] = options->season[seasons];
		seasons++;
	}
	model->form[0] = fit_variants(series, seasons, options->variants);
	model->form[1] = seasons;
	model->method = SI_FORECAST_MSTL;
	model->season = series->season;
	model->parameters = 0;
	model->estimated = 0;
	model->log_likelihood = NAN;
	model->aicc = NAN;
}

SiStatus
si_mstl_ar_fit(const SiSeries *series, const SiMstlArOptions *options,
			   SiForecastModel *model, double *fitted, SiWork *work,
			   SiPulse pulse)
{
	Task		task = {.series = series,.model = model,.work = *work};
	size_t		n = (size_t) series->n;
	double	   *rows;
	double	   *cycles;
	SiStatus	status;

	describe(series, options, model);
	if (series->n < LEAST_VALUES || model->form[0] == 0)
		return SI_EMPTY;
	task.seasons = model->form[1];
	task.season = model->form + 2;
	task.x = si_work_take(&task.work, n);
	task.sum = si_work_take(&task.work, n);
	task.left = si_work_take(&task.work, n);
	task.seasonal = si_work_take(&task.work, n * task.seasons);
	task.trend = si_work_take(&task.work, n);
	task.remainder = si_work_take(&task.work, n);
	rows = si_work_take(&task.work, n * variants_in_use(model));
	cycles = si_work_take(&task.work, DECOMPOSITIONS *
						  (size_t) cycle_length(task.seasons, task.season));
	task.one_step = rows;
	task.next = model->state;
	task.cycles = cycles;
	task.pulse = pulse;
	status = fit_all(&task);
	memcpy(task.next, cycles, (task.cycles - cycles) * sizeof(double));
	model->states = (int) (task.next - model->state + (task.cycles - cycles));
	if (status == SI_OK)
		combine(series, rows, model, fitted, pulse);
	return status;
}

/* ----- Forecast ----- */

/* The state behind that of a variant. */
static const double *
skip_variant(const double *state)
{
	return state + HEAD + 2 * (int) state[0];
}

/* One variant without its seasons. */
static void
go_on(const double *state, bool difference, int horizon, double *lag,
	  double *out)
{
	int			p = (int) state[0];
	const double *ar = state + HEAD;
	double		base = difference ? state[2] : state[1];
	int			h;
	int			i;

	/* latest first: new values are put before the older ones */
	lag += horizon;
	for (i = 0; i < p; i++)
		lag[i] = ar[p + i];
	for (h = 0; h < horizon; h++)
	{
		double		x = si_burg_next(p, ar, lag);

		*--lag = x;
		out[h] = base + x;
		if (difference)
			base = out[h];
	}
}

static void
add_seasons(const SiForecastModel *model, const double *cycles, int horizon,
			double *out)
{
	int			i;
	int			h;

	for (i = 0; i < model->form[1]; i++)
	{
		int			season = model->form[2 + i];

		for (h = 0; h < horizon; h++)
			out[h] += cycles[h % season];
		cycles += season;
	}
}

void
si_mstl_ar_forecast(const SiForecastModel *model, int horizon, double *mean,
					double *variance, SiWork *work, SiPulse pulse)
{
	SiWork		mine = *work;
	int			length = cycle_length(model->form[1], model->form + 2);
	int			count = variants_in_use(model);
	double	   *rows = si_work_take(&mine, (size_t) count * horizon);
	double	   *lag = si_work_take(&mine, (size_t) horizon + SI_MSTL_AR_ORDER);
	const double *state = model->state;
	const double *cycles = state;
	double	   *row = rows;
	int			v;
	int			h;

	for (v = 0; v < count; v++)
		cycles = skip_variant(cycles);
	for (v = 0; v < SI_MSTL_AR_VARIANTS; v++)
	{
		if (in_use(model, v))
		{
			pulse();
			go_on(state, differenced(v), horizon, lag, row);
			if (handling(v) != 0)
				add_seasons(model, cycles, horizon, row);
			for (h = 0; h < horizon; h++)
				row[h] = back(v, row[h]);
			state = skip_variant(state);
			row += horizon;
		}
		if (v % 2 == 1 && handling(v) != 0 && any_in_use(model, v - 1))
			cycles += length;
	}
	for (h = 0; h < horizon; h++)
	{
		if (h % PULSE_VALUES == 0)
			pulse();
		mean[h] = median(rows, count, horizon, h);
		variance[h] = NAN;
	}
}

bool
si_mstl_ar_whole(const SiForecastModel *model)
{
	int64_t		length = 0;
	int64_t		used = 0;
	int			v;

	if (model->form[0] <= 0 || model->form[0] > ALL_VARIANTS ||
		model->form[1] < 0 || model->form[1] > SI_MSTL_SEASONS)
		return false;
	for (v = 0; v < model->form[1]; v++)
	{
		if (model->form[2 + v] < 2)
			return false;
		length += model->form[2 + v];
	}
	for (v = 0; v < SI_MSTL_AR_VARIANTS; v++)
	{
		double		p;

		if (!in_use(model, v))
			continue;
		if (used + HEAD > model->states)
			return false;
		p = model->state[used];
		if (!(p >= 0.0 && p <= SI_MSTL_AR_ORDER && p == floor(p)))
			return false;
		used += HEAD + 2 * (int64_t) p;
	}
	for (v = 0; v < SI_MSTL_AR_VARIANTS; v += 2)
	{
		if (handling(v) != 0 && any_in_use(model, v))
			used += length;
	}
	return used == model->states;
}
