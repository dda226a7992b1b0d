/*
 * si_theta.c
 *	  The theta methods: Theta, OTM, DOTM.
 */
#include "core/forecast/theta/si_theta.h"

#include <math.h>
#include <string.h>

#include "core/forecast/decompose/si_seasonal.h"
#include "core/forecast/theta/si_theta_pass.h"
#include "core/si_tolerance.h"

#define LEAST_VALUES	3		/* DOTM: one more */
#define FREE_VALUES		6		/* fewer: share is given */
#define GIVEN_SHARE		0.5		/* theta = 2 */

const char *const si_theta_parameter_name[SI_THETA_PARAMETERS] = {
	"alpha", "share", "level", "share_error"
};

/* A line through the first so many values, by its mean and slope. */
typedef struct Line
{
	int			values;
	double		mean;
	double		slope;
} Line;

/* The series about its first value, in units. */
typedef struct Scaled
{
	int			n;
	double	   *y;
	double		origin;
	double		unit;
} Scaled;

typedef struct Bounds
{
	double		alpha_low;
	double		alpha_high;
	double		share_low;
	double		share_high;
} Bounds;

static const Bounds theta_bounds = {1e-4, 0.9999, 0, 0};
static const Bounds otm_bounds = {0.1, 0.99, 0, 1};
static const Bounds dotm_bounds = {0.05, 0.99, 0, 1.2};

size_t
si_theta_room(int n, int season)
{
	return 4 * (size_t) n;
}

int
si_theta_states(int season)
{
	return SI_DOTM_STATES + season;
}

/* ----- Lines ----- */

/* With u values, the last of them y, least squares through all of them. */
static void
add_value(Line *line, double y)
{
	double		u = ++line->values;

	if (u > 1)
		line->slope = ((u - 2) * line->slope + 6 / u * (y - line->mean)) /
			(u + 1);
	line->mean += (y - line->mean) / u;
}

/* Where the line passes at time 0, one before the first value. */
static double
base_of(const Line *line)
{
	return line->mean - (line->values + 1) / 2.0 * line->slope;
}

/* Variance of an error after t values, that of a known line being 1. */
static double
error_scale(double t)
{
	return t < 2 ? INFINITY : 1 + (4 * t + 2) / (t * (t - 1));
}

/* The line before each value; returns that through all. */
static Line
moving_line(const Scaled *x, double *base, double *slope, double *weight)
{
	Line		line = {0, 0, 0};
	int			t;

	for (t = 0; t < x->n; t++)
	{
		base[t] = base_of(&line);
		slope[t] = line.slope;
		weight[t] = 1 / error_scale(t);
		add_value(&line, x->y[t]);
	}
	return line;
}

/* The line through all before each value; its base is in the first level. */
static Line
fixed_line(const Scaled *x, double *base, double *slope, double *weight)
{
	Line		line = {0, 0, 0};
	int			t;

	for (t = 0; t < x->n; t++)
		add_value(&line, x->y[t]);
	for (t = 0; t < x->n; t++)
	{
		base[t] = 0;
		slope[t] = line.slope;
		weight[t] = 1;
	}
	return line;
}

/* ----- Fit ----- */

static Scaled
scale_series(const SiSeries *series, double *y)
{
	Scaled		x = {series->n, y, 0, 0};
	int			t;

	si_seasonal_adjust(series, y);
	x.origin = y[0];
	for (t = 0; t < x.n; t++)
	{
		y[t] -= x.origin;
		x.unit = fmax(x.unit, fabs(y[t]));
	}
	if (x.unit <= SI_CONSTANT_SPREAD * fabs(x.origin))
		x.unit = 0;
	for (t = 0; t < x.n; t++)
		y[t] = x.unit > 0 ? y[t] / x.unit : 0;
	if (x.unit == 0)
		x.unit = 1;
	return x;
}

/*
 * Alpha and the first level of smoothing alone; then half the slope is added,
 * which reach of one step less than in OTM makes (1 - (1 - alpha)^t) / alpha.
 */
static double
search_theta(SiThetaPass *pass)
{
	double		alpha = si_theta_search(pass, theta_bounds.alpha_low,
										theta_bounds.alpha_high);

	pass->share = GIVEN_SHARE;
	pass->level -= GIVEN_SHARE * pass->slope[0];
	return alpha;
}

static double
search_best(SiThetaPass *pass, const Bounds *bounds)
{
	bool		given = pass->n < FREE_VALUES;

	pass->least = given ? GIVEN_SHARE : bounds->share_low;
	pass->most = given ? GIVEN_SHARE : bounds->share_high;
	return si_theta_search(pass, bounds->alpha_low, bounds->alpha_high);
}

/* Forecasts of one step, in the unit of the series, and the sum of squares. */
static double
finish_fitted(const SiThetaPass *pass, const Scaled *x, double *fitted)
{
	double		squares = 0;
	int			t;

	for (t = 0; t < x->n; t++)
	{
		double		e = x->y[t] - fitted[t];

		squares += pass->weight[t] * e * e;
		fitted[t] = x->origin + x->unit * fitted[t];
	}
	return squares;
}

/*
 * Variance, likelihood and AICc of weighted errors whose squares add up to
 * squares.
 */
static void
judge(const SiThetaPass *pass, const SiSeries *series, double unit,
	  double squares, SiForecastModel *model)
{
	bool		dotm = model->method == SI_FORECAST_DOTM;
	int			errors = pass->n - (dotm ? 2 : 0);
	int			free = pass->most > pass->least ? 3 : 2;
	int			k = free + 1 +
		(series->factor != NULL ? series->season - 1 : 0);
	double		logs = -si_seasonal_log_jacobian(series);
	int			t;

	for (t = dotm ? 2 : 0; t < pass->n; t++)
		logs += log(pass->weight[t]) / 2;
	model->estimated = k;
	model->variance = squares / (errors > free ? errors - free : 1);
	model->parameter[3] = sqrt(model->variance * pass->doubt);
	model->variance *= unit * unit;
	model->log_likelihood = NAN;
	model->aicc = NAN;
	if (!(squares > 0))
		return;
	model->log_likelihood = logs - errors / 2.0 *
		(log(2 * M_PI * squares / errors) + 2 * log(unit) + 1);
	if (errors > k + 1)
		model->aicc = 2 * (k - model->log_likelihood) +
			2.0 * k * (k + 1) / (errors - k - 1);
}

/* (1 - alpha)^t and (1 - (1 - alpha)^(t + 1)) / alpha */
static double
keep_at(double alpha, double t)
{
	return pow(1 - alpha, t);
}

static double
reach_at(double alpha, double t)
{
	return (1 - pow(1 - alpha, t + 1)) / alpha;
}

static void
fill_state(SiForecastModel *model, const Scaled *x, const Line *line,
		   double level)
{
	double		alpha = model->parameter[0];
	double		share = model->parameter[1];

	if (model->method == SI_FORECAST_DOTM)
	{
		model->state[0] = x->unit * level;
		model->state[1] = x->unit * line->mean;
		model->state[2] = x->unit * line->slope;
		model->state[3] = x->origin;
		model->states = SI_DOTM_STATES;
		return;
	}
	model->state[0] = x->origin + x->unit *
		(level + share * reach_at(alpha, x->n) * line->slope);
	model->state[1] = x->unit * share * line->slope;
	model->state[2] = x->unit * line->slope;
	model->states = SI_OTM_STATES;
}

SiStatus
si_theta_fit(const SiSeries *series, const SiThetaOptions *options,
			 SiForecastModel *model, double *fitted, SiWork *work,
			 SiPulse pulse)
{
	SiWork		mine = *work;
	int			n = series->n;
	double	   *y = si_work_take(&mine, n);
	double	   *base = si_work_take(&mine, n);
	double	   *slope = si_work_take(&mine, n);
	double	   *weight = si_work_take(&mine, n);
	SiThetaPass pass = {n, y, base, slope, weight, 0, 0, pulse, 0, 0, 0, 0};
	bool		dotm = options->method == SI_FORECAST_DOTM;
	Scaled		x;
	Line		line;
	double		alpha;

	if (n < LEAST_VALUES + dotm)
		return SI_EMPTY;
	x = scale_series(series, y);
	if (dotm)
		line = moving_line(&x, base, slope, weight);
	else
		line = fixed_line(&x, base, slope, weight);
	pulse();
	if (options->method == SI_FORECAST_THETA)
		alpha = search_theta(&pass);
	else
		alpha = search_best(&pass, dotm ? &dotm_bounds : &otm_bounds);

	memset(model->form, 0, sizeof(model->form));
	model->method = options->method;
	model->form[0] = n;
	model->season = series->season;
	model->parameters = SI_THETA_PARAMETERS;
	model->parameter[0] = alpha;
	model->parameter[1] = pass.share;
	model->parameter[2] = x.origin + x.unit * pass.level;
	fill_state(model, &x, &line, si_theta_fitted(&pass, alpha, fitted));
	judge(&pass, series, x.unit, finish_fitted(&pass, &x, fitted), model);
	if (dotm)
		fitted[0] = NAN;
	si_seasonal_restore(series, fitted);
	si_seasonal_keep(series, model);
	return isfinite(model->state[0]) && isfinite(model->state[1]) ?
		SI_OK : SI_NO_CONVERGENCE;
}

/* ----- Forecasts ----- */

static void
forecast_drift(const SiForecastModel *model, int horizon, double *mean,
			   double *variance)
{
	double		alpha = model->parameter[0];
	double		reach = reach_at(alpha, model->form[0]);
	double		doubt = model->parameter[3] * model->parameter[3];
	int			h;

	for (h = 0; h < horizon; h++)
	{
		double		line = (reach + h) * model->state[2];

		mean[h] = model->state[0] + h * model->state[1];
		variance[h] = model->variance * (1 + h * alpha * alpha) +
			line * line * doubt;
	}
}

/*
 * DOTM's state is level, mean and slope; the next value is c' state + error,
 * where c is that of the level and share times that of the line, the next state
 * is F state + g value.
 */
typedef struct Step
{
	double		c[3];
	double		line[3];
	double		f[3][3];
	double		g[3];
} Step;

static Step
step_after(double alpha, double share, double t)
{
	double		keep = keep_at(alpha, t);
	double		rise = reach_at(alpha, t) - keep * (t + 1) / 2;
	double		pull = 6 / ((t + 1) * (t + 2));
	Step		s = {
		{1, share * keep, share * rise},
		{0, keep, rise},
		{{1 - alpha, 0, 0}, {0, t / (t + 1), 0}, {0, -pull, (t - 1) / (t + 2)}},
		{alpha, 1 / (t + 1), pull}
	};

	return s;
}

static double
dot(const double *a, const double *b)
{
	return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* state = F state + g value */
static void
advance(const Step *s, double value, double *state)
{
	double		old[3] = {state[0], state[1], state[2]};
	int			i;

	for (i = 0; i < 3; i++)
		state[i] = dot(s->f[i], old) + s->g[i] * value;
}

/* out = m in', where m is F + g c'; twice makes m in m'. */
static void
carry(const Step *s, double in[3][3], double out[3][3])
{
	int			i;
	int			j;

	for (i = 0; i < 3; i++)
	{
		double		row[3];

		for (j = 0; j < 3; j++)
			row[j] = s->f[i][j] + s->g[i] * s->c[j];
		for (j = 0; j < 3; j++)
			out[i][j] = dot(row, in[j]);
	}
}

/* The variance of the value at hand; then cov is that of the next state. */
static double
spread(const Step *s, double error, double cov[3][3])
{
	double		half[3][3];
	double		cc[3] = {dot(cov[0], s->c), dot(cov[1], s->c),
	dot(cov[2], s->c)};
	double		value = dot(cc, s->c) + error;
	int			i;
	int			j;

	carry(s, cov, half);
	carry(s, half, cov);
	for (i = 0; i < 3; i++)
	{
		for (j = 0; j < 3; j++)
			cov[i][j] += s->g[i] * s->g[j] * error;
	}
	return value;
}

/* slope: derivatives by share of the state, and of the value at hand. */
static void
forecast_dynamic(const SiForecastModel *model, int horizon, double *mean,
				 double *variance)
{
	double		state[3] = {model->state[0], model->state[1], model->state[2]};
	double		slope[3] = {0, 0, 0};
	double		cov[3][3] = {{0}};
	double		doubt = model->parameter[3] * model->parameter[3];
	int			h;

	for (h = 0; h < horizon; h++)
	{
		double		t = (double) model->form[0] + h;
		Step		s = step_after(model->parameter[0], model->parameter[1], t);
		double		value = dot(s.c, state);
		double		change = dot(s.c, slope) + dot(s.line, state);

		mean[h] = model->state[3] + value;
		variance[h] = model->variance * spread(&s, error_scale(t), cov) +
			change * change * doubt;
		advance(&s, value, state);
		advance(&s, change, slope);
	}
}

void
si_theta_forecast(const SiForecastModel *model, int horizon, double *mean,
				  double *variance)
{
	if (model->method == SI_FORECAST_DOTM)
	{
		forecast_dynamic(model, horizon, mean, variance);
		si_seasonal_apply(model, SI_DOTM_STATES, horizon, mean, variance);
		return;
	}
	forecast_drift(model, horizon, mean, variance);
	si_seasonal_apply(model, SI_OTM_STATES, horizon, mean, variance);
}
