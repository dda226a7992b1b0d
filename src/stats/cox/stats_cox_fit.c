/*
 * stats_cox_fit.c
 *	  From ordered rows to a model of proportional hazards.
 */
#include "stats/cox/stats_cox.h"

#include <math.h>

#include "utils/memutils.h"

#include "core/si_tolerance.h"
#include "pg/si_pulse.h"

/* Where a likelihood has no maximum: a ridge on standardised columns. */
#define RESCUE_L2			1.0
/* A column that moves margins so far on its way to infinity is named. */
#define RUNAWAY				8.0
#define EVENTS_PER_COLUMN	10

/* ----- Memory ----- */

/* Zeroed; all of it goes with the fit's context. */
void *
cox_room(CoxFit *fit, int64 count, Size size)
{
	Size		bytes = si_size_mul(count, size) + 1;

	si_claim_more(fit->claim, bytes, "A fit of proportional hazards");
	return palloc_extended(bytes, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

void
cox_warn(CoxFit *fit, SiCoxWarningCode code, int term)
{
	SiCoxWarning *warning = &fit->model.warnings[fit->model.nwarnings++];

	warning->code = code;
	warning->term = term;
}

/* ----- Columns that say nothing ----- */

static void
fix_column(CoxFit *fit, int j, SiCoxWarningCode code)
{
	fit->fixed[j] = true;
	cox_warn(fit, code, fit->column[j].term);
}

/* Make the rows and columns of fixed columns those of the identity. */
static void
cut_fixed(const CoxFit *fit, double *information)
{
	int			p = fit->design.columns;

	for (int i = 0; i < p; i++)
		for (int j = 0; j <= i; j++)
			if (fit->fixed[i] || fit->fixed[j])
				information[(Size) i * p + j] = i == j;
}

static int
find_collinear(CoxFit *fit, const double *information)
{
	int			p = fit->design.columns;

	return si_collinear_columns(p, information, fit->collinear, fit->work,
								si_pulse);
}

/*
 * Constant columns; those that no event can tell anything about; those that
 * others make up.
 */
static void
fix_columns(CoxFit *fit, double *information)
{
	int			p = fit->design.columns;
	double		least = SI_COLLINEAR_PIVOT * fit->model.events;

	fit->fixed[0] = true;
	fit->information = cox_room(fit, p, sizeof(double));
	fit->collinear = cox_room(fit, p, sizeof(bool));
	fit->work = cox_room(fit, (int64) p * p, sizeof(double));
	for (int j = 1; j < p; j++)
		fit->information[j] = information[(Size) j * p + j];
	for (int j = 1; j < p; j++)
		if (fit->column[j].spread == 0)
			fix_column(fit, j, SI_COX_CONSTANT);
		else if (!(fit->information[j] > least * fit->column[j].spread))
			fix_column(fit, j, SI_COX_COLLINEAR);
	cut_fixed(fit, information);
	(void) find_collinear(fit, information);
	for (int j = 1; j < p; j++)
		if (fit->collinear[j])
			fix_column(fit, j, SI_COX_COLLINEAR);
	for (int j = 1; j < p; j++)
		fit->model.df += !fit->fixed[j];
}

/* ----- The fit ----- */

static void
warn_monotone(CoxFit *fit, const double *beta)
{
	int			named = 0;

	for (int j = 1; j < fit->design.columns; j++)
		if (fabs(beta[j]) > RUNAWAY)
		{
			cox_warn(fit, SI_COX_MONOTONE, fit->column[j].term);
			named++;
		}
	if (named == 0)
		cox_warn(fit, SI_COX_MONOTONE, -1);
}

/*
 * Did columns, or combinations of them, lose their information on the way?
 * One great step to where the likelihood is flat looks like convergence.
 */
static bool
is_flat(CoxFit *fit, const SiSums *sums)
{
	int			p = fit->design.columns;
	double	   *now = cox_room(fit, (int64) p * p, sizeof(double));

	memcpy(now, sums->hessian, (Size) p * p * sizeof(double));
	cut_fixed(fit, now);
	for (int j = 1; j < p; j++)
		if (!fit->fixed[j] && !(now[(Size) j * p + j] >
								SI_COLLINEAR_PIVOT * fit->information[j]))
			return true;
	return find_collinear(fit, now) > 0;
}

/* Without a maximum, again with a ridge that gives one. */
static void
maximise(CoxFit *fit, SiCox *cox, double *beta, SiSums *sums,
		 double *covariance)
{
	if (si_cox_fit(cox, beta, sums) == SI_OK &&
		(cox->l2 > 0 || !is_flat(fit, sums)) &&
		si_cox_covariance(cox, sums, covariance) == SI_OK)
		return;
	warn_monotone(fit, beta);
	cox->l2 = Max(cox->l2, RESCUE_L2);
	memset(beta, 0, fit->design.columns * sizeof(double));
	if (si_cox_fit(cox, beta, sums) != SI_OK ||
		si_cox_covariance(cox, sums, covariance) != SI_OK)
		elog(ERROR, "penalised proportional hazards do not converge");
}

/* Into the terms, per unit of a number. */
static void
keep_coefficients(CoxFit *fit, const double *beta, const double *covariance)
{
	int			p = fit->design.columns;

	for (int j = 1; j < p; j++)
	{
		SiCoxTerm  *term = &fit->model.terms[fit->column[j].term];
		double		scale = fit->column[j].scale;

		if (fit->fixed[j])
			continue;
		term->coefficient = scale * beta[j];
		term->std_error = scale * sqrt(covariance[(Size) j * p + j]);
	}
}

/* Numbers are centered by the design, indicators are not. */
static double
average_margin(const CoxFit *fit, const double *beta)
{
	double		sum = 0;

	for (int j = 1; j < fit->design.columns; j++)
	{
		const SiCoxTerm *term = &fit->model.terms[fit->column[j].term];

		if (term->kind != SI_COX_SLOPE)
			sum += beta[j] * term->mean;
	}
	return sum;
}

static void
keep_results(CoxFit *fit, const SiCox *cox, const double *beta)
{
	SiCoxModel *model = &fit->model;

	model->l2 = cox->l2;
	model->at = cox_room(fit, SI_COX_STEPS, sizeof(double));
	model->hazard = cox_room(fit, SI_COX_STEPS, sizeof(double));
	model->nsteps = si_cox_baseline(cox, average_margin(fit, beta),
									SI_COX_STEPS, model->at, model->hazard);
	model->concordance = si_cox_concordance(cox, beta, fit->items,
											fit->scratch);
	if (model->events < (int64) EVENTS_PER_COLUMN * model->df)
		cox_warn(fit, SI_COX_FEW_EVENTS, -1);
	model->fitted = true;
}

static void
fit_design(CoxFit *fit)
{
	int			p = fit->design.columns;
	double	   *beta = cox_room(fit, p, sizeof(double));
	double	   *covariance = cox_room(fit, (int64) p * p, sizeof(double));
	SiSums		sums;
	SiCox		cox = {
		.design = &fit->design,.time = fit->time,
		.ties = fit->state->options.ties,.l2 = fit->state->options.l2,
		.fixed = fit->fixed,.pulse = si_pulse
	};

	si_sums_place(&sums, p, cox_room(fit, 1, si_sums_size(p)));
	cox.margin = cox_room(fit, fit->n, sizeof(double));
	cox.step = cox_room(fit, fit->n, sizeof(SiCoxStep));
	cox.work = cox_room(fit, 1, si_cox_work_size(p));
	si_cox_evaluate(&cox, beta, &sums);
	fit->model.null_loglik = sums.loglik;
	fix_columns(fit, sums.hessian);
	maximise(fit, &cox, beta, &sums, covariance);
	fit->model.loglik = sums.loglik;
	keep_coefficients(fit, beta, covariance);
	keep_results(fit, &cox, beta);
}

static void
run_fit(CoxFit *fit)
{
	const CoxState *state = fit->state;

	fit->n = state->rows->rows;
	fit->model.rows = fit->n;
	fit->model.skipped = state->rows->skipped;
	fit->model.seconds = state->seconds;
	fit->model.breslow = state->options.ties == SI_COX_BRESLOW;
	fit->model.l2 = state->options.l2;
	fit->model.concordance = NAN;
	cox_design(fit);
	fit->fixed = cox_room(fit, fit->design.columns, sizeof(bool));
	if (fit->model.events > 0)
		fit_design(fit);
	else
		cox_warn(fit, SI_COX_NO_EVENTS, -1);
}

struct varlena *
cox_fit(const CoxState *state)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "proportional hazards",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CoxFit		fit = {.state = state,.claim = si_claim_open(context)};
	struct varlena *value;

	run_fit(&fit);
	MemoryContextSwitchTo(old);
	value = si_value_create(si_cox_model_size(&fit.model), &cox_type);
	si_cox_model_encode(&fit.model, (uint8 *) VARDATA(value));
	MemoryContextDelete(context);
	return value;
}
