/*
 * lead_quality.c
 *	  Quality of scores against outcomes: roc_auc, log_loss, brier_score.
 *
 * roc_auc needs all scores at once: it shares its state with score_quality_agg
 * (lead_scores.c).  The other two are means, whose states are compensated sums
 * in a float8[].  All three give the same result for any order of the rows and
 * any split into workers; see core/stats/si_auc.c and core/stats/si_sum.h.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"

#include "core/stats/score/si_auc.h"
#include "core/stats/score/si_score_loss.h"
#include "core/stats/si_sum.h"
#include "lead/quality/lead_scores.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"

#define PULSE_ITEMS		65536

/* ----- roc_auc: scores are collected (lead_scores.c) ----- */

/* Adds rows of one score and class. */
static void
tally_rows(SiAucTally *tally, uint64 key, uint32 rows, bool positive)
{
	if (rows > 0)
		si_auc_tally(tally, key, (double) rows, positive);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_roc_auc_final);
Datum
sales_intel_lead_roc_auc_final(PG_FUNCTION_ARGS)
{
	LeadScores *scores = (LeadScores *) PG_GETARG_POINTER(0);
	SiAucTally	tally = {0};
	double		auc;

	(void) si_aggregate_context(fcinfo);
	lead_scores_settle(scores);
	for (int64 i = 0; i < scores->count; i++)
	{
		const SiKeyed *item = &scores->item[i];

		if (i % PULSE_ITEMS == 0)
			si_pulse();
		tally_rows(&tally, item->key, si_score_positives(item->item), true);
		tally_rows(&tally, item->key, si_score_negatives(item->item), false);
	}
	if (si_auc_tally_finish(&tally, &auc) != SI_OK)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(auc);
}

/* ----- log_loss and brier_score: means of one term a row ----- */

/* The state as it lies in the float8[]. */
typedef struct LossState
{
	double		rows;
	SiSum		sum;
} LossState;

#define LOSS_ITEMS	(sizeof(LossState) / sizeof(float8))

static LossState *
loss_state(ArrayType *array)
{
	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] != LOSS_ITEMS ||
		ARR_HASNULL(array) || ARR_ELEMTYPE(array) != FLOAT8OID)
		elog(ERROR, "state is not a float8 array of %zu elements", LOSS_ITEMS);
	return (LossState *) ARR_DATA_PTR(array);
}

/*
 * Adds a row's term to the state, in place: inside an aggregate the state is
 * the aggregate's own.
 */
static Datum
loss_trans(FunctionCallInfo fcinfo, double (*term) (double, bool))
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	LossState  *state = loss_state(array);
	double		score = PG_GETARG_FLOAT8(1);

	(void) si_aggregate_context(fcinfo);
	lead_refuse_nan(score);
	if (score < 0.0 || score > 1.0)
		lead_refuse_score();
	state->rows += 1.0;
	si_sum_add(&state->sum, term(score, PG_GETARG_BOOL(2)));
	PG_RETURN_ARRAYTYPE_P(array);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_log_loss_trans);
Datum
sales_intel_lead_log_loss_trans(PG_FUNCTION_ARGS)
{
	return loss_trans(fcinfo, si_log_loss_term);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_brier_score_trans);
Datum
sales_intel_lead_brier_score_trans(PG_FUNCTION_ARGS)
{
	return loss_trans(fcinfo, si_brier_term);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_loss_combine);
Datum
sales_intel_lead_score_loss_combine(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	LossState  *into = loss_state(array);
	LossState  *from = loss_state(PG_GETARG_ARRAYTYPE_P(1));

	(void) si_aggregate_context(fcinfo);
	into->rows += from->rows;
	si_sum_merge(&into->sum, &from->sum);
	PG_RETURN_ARRAYTYPE_P(array);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_loss_final);
Datum
sales_intel_lead_score_loss_final(PG_FUNCTION_ARGS)
{
	LossState  *state = loss_state(PG_GETARG_ARRAYTYPE_P(0));

	(void) si_aggregate_context(fcinfo);
	if (state->rows == 0.0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(si_sum_value(&state->sum) / state->rows);
}
