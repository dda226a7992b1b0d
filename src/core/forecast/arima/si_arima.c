/*
 * si_arima.c
 *	  A seasonal ARIMA model of a series, and its forecasts.
 *
 * Method: see si_arima_fit.c and si_arima_search.c.  Values are first scaled
 * by a power of two, which changes no digit of the model.  A forecast is the
 * mean given the past; its error variance sums squared weights of innovations
 * in the series as a whole, differences undone, and knows nothing of the
 * uncertainty of coefficients.
 *
 * Special cases: a series that is constant once differenced has no noise: its
 * coefficients are 0, its variance too.
 */
#include "core/forecast/arima/si_arima.h"

#include <math.h>
#include <string.h>

#include "core/forecast/arima/si_arima_inner.h"
#include "core/forecast/arima/si_difference.h"
#include "core/forecast/si_simplex.h"
#include "core/si_tolerance.h"

#define PULSE_STEPS		4096	/* of a forecast */

/* ----- Sizes ----- */

static SiArimaOrder
largest_order(int season, const SiArimaOptions *options)
{
	SiArimaOrder most = {SI_ARIMA_P, 2, SI_ARIMA_P, 0, 0, 0, true};

	if (options->given)
		return options->order;
	most.D = season > 1;
	if (season > 1 && season <= SI_ARIMA_LONGEST_SEASON)
		most.P = most.Q = SI_ARIMA_SEASONAL_P;
	return most;
}

static int
width_of(const SiArimaOrder *order, int season)
{
	SiArmaOrder arma = si_arima_arma(order, season);

	return si_arma_width(&arma);
}

static int
lost(const SiArimaOrder *order, int season)
{
	return order->d + order->D * season;
}

static bool
within(int order, int most)
{
	return order >= 0 && order <= most;
}

bool
si_arima_valid(const SiArimaOptions *options, int season)
{
	const SiArimaOrder *order = &options->order;

	if (!options->given)
		return true;
	if (season == 1 && (order->P != 0 || order->D != 0 || order->Q != 0))
		return false;
	return within(order->p, SI_ARMA_ORDER) && within(order->d, 2) &&
		within(order->q, SI_ARMA_ORDER) && within(order->P, SI_ARMA_SEASONAL) &&
		within(order->D, 2) && within(order->Q, SI_ARMA_SEASONAL) &&
		(season <= SI_ARIMA_LONGEST_SEASON || order->P + order->Q == 0) &&
		(!order->constant || order->d + order->D <= 1);
}

/* Least squares, the simplex and the search's decomposition take turns. */
static size_t
turns_room(int n, int season, int coefficients)
{
	size_t		room = si_marquardt_room(coefficients, n);
	size_t		simplex = n + si_simplex_room(coefficients);
	size_t		strength = si_difference_strength_room(n, season);

	room = room > simplex ? room : simplex;
	return room > strength ? room : strength;
}

size_t
si_arima_room(int n, int season, const SiArimaOptions *options)
{
	SiArimaOrder most = largest_order(season, options);
	SiArmaOrder arma = si_arima_arma(&most, season);
	size_t		width = si_arma_width(&arma);

	return 4 * (size_t) n + 2 * width + si_arma_filter_room(width) +
		turns_room(n, season, si_arma_coefficients(&arma));
}

int
si_arima_states(int season, const SiArimaOptions *options)
{
	SiArimaOrder most = largest_order(season, options);

	return lost(&most, season) + width_of(&most, season);
}

/* ----- Fitting ----- */

static double
largest_value(const SiSeries *series)
{
	double		size = 0.0;
	int			t;

	for (t = 0; t < series->n; t++)
		size = fmax(size, fabs(series->y[t]));
	return size;
}

static void
make_task(const SiSeries *series, const SiArimaOrder *most, double size,
		  SiArimaTask *task, SiWork work, SiPulse pulse)
{
	SiArmaOrder arma = si_arima_arma(most, series->season);
	int			width = si_arma_width(&arma);
	size_t		n = series->n;

	task->season = series->season;
	task->size = size;
	task->pulse = pulse;
	task->w = si_work_take(&work, 2 * n);
	task->e = si_work_take(&work, 2 * n);
	task->state = si_work_take(&work, 2 * (size_t) width);
	task->filter_room = si_work_take(&work, si_arma_filter_room(width));
	task->marquardt_room =
		si_work_take(&work, turns_room(series->n, series->season,
									   si_arma_coefficients(&arma)));
}

/* Nothing to estimate but a constant. */
static void
fit_noiseless(const SiArimaTask *task, SiArimaTrial *trial)
{
	trial->constant = trial->order.constant ?
		task->w[task->n - 1] / task->w[2 * task->n - 1] : 0.0;
	trial->sum = 0.0;
	trial->log_likelihood = NAN;
	trial->criterion = NAN;
}

/* Is the differenced series without noise for this order? */
static bool
noiseless(const SiArimaTask *task, const SiArimaOrder *order)
{
	return si_difference_constant(task->n, task->w, task->size) &&
		(order->constant ||
		 fabs(task->w[0]) <= SI_CONSTANT_SPREAD * task->size);
}

static void
describe(const SiArimaTask *task, const SiArimaTrial *trial, double scale,
		 SiForecastModel *model)
{
	const SiArimaOrder *order = &trial->order;
	SiArmaOrder arma = si_arima_arma(order, task->season);
	int			coefficients = si_arma_coefficients(&arma);
	int			form[SI_FORECAST_FORMS] = {order->p, order->d, order->q,
		order->P, order->D, order->Q, order->constant, isnan(trial->criterion)
	};
	int			rest = task->n - coefficients - order->constant;

	memcpy(model->form, form, sizeof(form));
	model->method = SI_FORECAST_ARIMA;
	model->season = task->season;
	model->parameters = coefficients + order->constant;
	memcpy(model->parameter, trial->coefficient,
		   coefficients * sizeof(double));
	if (order->constant)
		model->parameter[coefficients] = trial->constant / scale;
	model->estimated = si_arima_estimated(order);
	model->log_likelihood = trial->log_likelihood + task->n * log(scale);
	model->aicc = isinf(trial->criterion) ? NAN :
		trial->criterion - 2.0 * task->n * log(scale);
	model->variance = trial->sum / (rest > 0 ? rest : 1) / scale / scale;
}

static double
sum_of_squares(int n, const double *e)
{
	double		sum = 0.0;
	int			t;

	for (t = 0; t < n; t++)
		sum += e[t] * e[t];
	return sum;
}

/* One-step forecasts, and from where to go on. */
static void
trace(SiArimaTask *task, SiArimaTrial *trial, const SiSeries *series,
	  double scale, SiForecastModel *model, double *fitted)
{
	int			gone = lost(&trial->order, task->season);
	int			width = width_of(&trial->order, task->season);
	double	   *sd = task->marquardt_room;
	double		ignored;
	int			t;

	model->states = gone + width;
	for (t = 0; t < gone; t++)
	{
		fitted[t] = NAN;
		model->state[t] = series->y[series->n - gone + t];
	}
	if (isnan(trial->criterion))
	{
		memcpy(fitted + gone, series->y + gone, task->n * sizeof(double));
		memset(model->state + gone, 0, width * sizeof(double));
		return;
	}
	si_arima_innovations(task, trial, sd, &trial->constant, &ignored);
	trial->sum = sum_of_squares(task->n, task->e);
	for (t = 0; t < task->n; t++)
		fitted[gone + t] = series->y[gone + t] - task->e[t] * sd[t] / scale;
	for (t = 0; t < width; t++)
		model->state[gone + t] = task->state[t] / scale;
}

/* False: fewer values than numbers to estimate. */
static bool
fit_given(SiArimaTask *task, const SiSeries *series, double scale,
		  SiArimaTrial *trial)
{
	si_arima_difference(task, series->n, series->y, scale, trial->order.d,
						trial->order.D);
	if (noiseless(task, &trial->order))
		fit_noiseless(task, trial);
	else if (task->n >= si_arima_estimated(&trial->order))
		si_arima_estimate(task, trial, SI_ARIMA_GIVEN);
	else
		return false;
	return true;
}

/* A power of two that brings all values below 1. */
static double
scale_of(double size)
{
	int			exponent;

	return frexp(size, &exponent) > 0.0 ? ldexp(1.0, -exponent) : 1.0;
}

SiStatus
si_arima_fit(const SiSeries *series, const SiArimaOptions *options,
			 SiForecastModel *model, double *fitted, SiWork *work,
			 SiPulse pulse)
{
	SiArimaOrder most = largest_order(series->season, options);
	double		size = largest_value(series);
	double		scale = scale_of(size);
	SiArimaTask task;
	SiArimaTrial trial;

	if (options->given && series->n <= lost(&most, series->season))
		return SI_EMPTY;
	make_task(series, &most, size * scale, &task, *work, pulse);
	memset(&trial, 0, sizeof(trial));
	trial.order = most;
	if (options->given && !fit_given(&task, series, scale, &trial))
		return SI_EMPTY;
	if (!options->given && !si_arima_search(&task, series, scale, &trial,
							  task.marquardt_room))
		fit_noiseless(&task, &trial);
	trace(&task, &trial, series, scale, model, fitted);
	describe(&task, &trial, scale, model);
	return SI_OK;
}

/* ----- Forecasting ----- */

static SiArimaOrder
order_of(const SiForecastModel *model)
{
	SiArimaOrder order = {model->form[0], model->form[1], model->form[2],
		model->form[3], model->form[4], model->form[5], model->form[6] != 0
	};

	return order;
}

size_t
si_arima_forecast_room(const SiForecastModel *model, int horizon)
{
	return horizon;
}

/* (1 - B)^d (1 - B^m)^D, written as an autoregression. */
static void
differences_as_lags(const SiArimaOrder *order, int season, SiArma *arma)
{
	static const double once[3][2] = {{0.0, 0.0}, {1.0, 0.0}, {2.0, -1.0}};
	SiArmaOrder sizes = {order->d, 0, order->D, 0, season};
	double		coefficient[4];

	memcpy(coefficient, once[order->d], order->d * sizeof(double));
	memcpy(coefficient + order->d, once[order->D], order->D * sizeof(double));
	si_arma_expand(&sizes, coefficient, arma);
}

/* x[h] += what terms of x before bring; before x stand last values, if any. */
static void
recur(const SiLags *lags, int n, double *x, const double *last, SiPulse pulse)
{
	int			h;
	int			i;

	for (h = 0; h < n; h++)
	{
		if (h % PULSE_STEPS == 0)
			pulse();
		for (i = 0; i < lags->terms; i++)
		{
			int			from = h - lags->lag[i];

			if (from >= 0)
				x[h] += lags->weight[i] * x[from];
			else if (last)
				x[h] += lags->weight[i] * last[lags->degree + from];
		}
	}
}

static void
add_variances(const SiArma *arma, const SiLags *differences, double variance,
			  int horizon, double *psi, double *out, SiPulse pulse)
{
	double		sum = 0.0;
	int			h;
	int			i;

	memset(psi, 0, horizon * sizeof(double));
	psi[0] = 1.0;
	for (i = 0; i < arma->ma.terms && arma->ma.lag[i] < horizon; i++)
		psi[arma->ma.lag[i]] += arma->ma.weight[i];
	recur(&arma->ar, horizon, psi, NULL, pulse);
	recur(differences, horizon, psi, NULL, pulse);
	for (h = 0; h < horizon; h++)
	{
		sum += psi[h] * psi[h];
		out[h] = sum * variance;
	}
}

void
si_arima_forecast(const SiForecastModel *model, int horizon, double *mean,
				  double *variance, SiWork *work, SiPulse pulse)
{
	SiArimaOrder order = order_of(model);
	SiArmaOrder sizes = si_arima_arma(&order, model->season);
	SiWork		taken = *work;
	double	   *psi = si_work_take(&taken, horizon);
	int			gone = lost(&order, model->season);
	double		constant = 0.0;
	SiArma		arma;
	SiArma		differences;
	int			h;

	si_arma_expand(&sizes, model->parameter, &arma);
	differences_as_lags(&order, model->season, &differences);
	if (order.constant)
		constant = model->parameter[si_arma_coefficients(&sizes)] *
			(order.D > 0 ? model->season : 1);
	for (h = 0; h < horizon; h++)
		mean[h] = h < arma.width ? model->state[gone + h] : 0.0;
	recur(&arma.ar, horizon, mean, NULL, pulse);
	for (h = 0; h < horizon; h++)
		mean[h] += constant;
	recur(&differences.ar, horizon, mean, model->state, pulse);
	add_variances(&arma, &differences.ar, model->variance, horizon, psi,
				  variance, pulse);
}

/* ----- Names ----- */

void
si_arima_parameter_name(const SiForecastModel *model, int index, char name[8])
{
	static const char *const kind[4] = {"ar", "ma", "sar", "sma"};
	static const int place[4] = {0, 2, 3, 5};	/* of their number in form */
	int			i;

	for (i = 0; i < 4; i++)
	{
		if (index < model->form[place[i]])
		{
			strcpy(name, kind[i]);
			name += strlen(name);
			name[0] = (char) ('1' + index);
			name[1] = '\0';
			return;
		}
		index -= model->form[place[i]];
	}
	strcpy(name, model->form[1] + model->form[4] > 0 ? "drift" : "mean");
}
