/*
 * lead_score_quality.c
 *	  The score_quality type: every distinct score with its outcomes, and what
 *	  can be read off it.
 *
 * The value is the table of core/stats/si_score_table.h in a varlena.  Each
 * accessor checks it and then makes a pass or two over the bytes where they
 * lie.  What cannot be known, because a class is missing, is NULL.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "core/stats/sample/si_ranking.h"
#include "core/stats/score/si_probability.h"
#include "core/stats/table/si_wilson.h"
#include "lead/quality/lead_scores.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "pg/si_value.h"

#define TABLE_LEVEL		0.95	/* of the intervals in tables */
#define MAX_BINS		100000

static bool
is_quality(const void *bytes, Size size)
{
	SiScoreTable table;

	return si_score_table_open(bytes, size, &table, si_pulse) == SI_OK;
}

static const SiValueType quality_type = {"score_quality", is_quality};

static SiScoreTable
table_arg(FunctionCallInfo fcinfo, int n)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiScoreTable table;

	if (si_score_table_open(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
							&table, si_pulse) != SI_OK)
		si_value_damaged(&quality_type);
	return table;
}

static SiScoreTable
probability_arg(FunctionCallInfo fcinfo, int n)
{
	SiScoreTable table = table_arg(fcinfo, n);

	if (!si_score_table_probabilities(&table))
		lead_refuse_score();
	return table;
}

static int
bins_arg(FunctionCallInfo fcinfo, int n)
{
	int			bins = PG_GETARG_INT32(n);

	if (bins < 1 || bins > MAX_BINS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of bins must be from 1 to %d", MAX_BINS),
				 errdetail("It is %d.", bins),
				 errhint("Ten bins are usual.")));
	return bins;
}

/* ----- Input and output ----- */

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_in);
Datum
sales_intel_lead_score_quality_in(PG_FUNCTION_ARGS)
{
	return si_value_in(fcinfo, &quality_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_out);
Datum
sales_intel_lead_score_quality_out(PG_FUNCTION_ARGS)
{
	return si_value_out(fcinfo, &quality_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_recv);
Datum
sales_intel_lead_score_quality_recv(PG_FUNCTION_ARGS)
{
	return si_value_recv(fcinfo, &quality_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_send);
Datum
sales_intel_lead_score_quality_send(PG_FUNCTION_ARGS)
{
	return si_value_send(fcinfo);
}

/* ----- Aggregates ----- */

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_final);
Datum
sales_intel_lead_score_quality_final(PG_FUNCTION_ARGS)
{
	LeadScores *scores = (LeadScores *) PG_GETARG_POINTER(0);
	struct varlena *value;

	(void) si_aggregate_context(fcinfo);
	lead_scores_settle(scores);
	value = si_value_create(
		si_score_table_size(scores->count, scores->item, si_pulse),
		&quality_type);
	si_score_table_encode(scores->count, scores->item,
						  (uint8 *) VARDATA(value), si_pulse);
	PG_RETURN_POINTER(value);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_rollup_trans);
Datum
sales_intel_lead_score_quality_rollup_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	LeadScores *scores = lead_scores_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		SiScoreTable table = table_arg(fcinfo, 1);

		scores = lead_scores_add_table(scores, &table, context);
	}
	if (scores == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(scores);
}

/* ----- Ranking ----- */

static Datum
number_or_null(FunctionCallInfo fcinfo, SiStatus status, double number)
{
	if (status != SI_OK)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(number);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_roc_auc);
Datum
sales_intel_lead_score_quality_roc_auc(PG_FUNCTION_ARGS)
{
	SiScoreTable table = table_arg(fcinfo, 0);
	SiAuc		auc = {0.0, 0.0};
	SiStatus	status = si_ranking_auc(&table, &auc, si_pulse);

	return number_or_null(fcinfo, status, auc.auc);
}

/* The AUC with its interval; NaN where there is none. */
static SiAuc
auc_interval(const SiScoreTable *table, double level,
			 double *low, double *high)
{
	SiAuc		auc;

	if (si_ranking_auc(table, &auc, si_pulse) != SI_OK)
		auc.auc = auc.std_error = NAN;
	si_auc_interval(&auc, level, low, high);
	return auc;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_roc_auc_interval);
Datum
sales_intel_lead_score_quality_roc_auc_interval(PG_FUNCTION_ARGS)
{
	SiScoreTable table;
	Datum		values[2];
	bool		nulls[2];
	double		low;
	double		high;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	table = table_arg(fcinfo, 0);
	(void) auc_interval(&table, si_level_argument(fcinfo, 1), &low, &high);
	si_value_number(values, nulls, 0, low);
	si_value_number(values, nulls, 1, high);
	return si_value_row(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_average_precision);
Datum
sales_intel_lead_score_quality_average_precision(PG_FUNCTION_ARGS)
{
	SiScoreTable table = table_arg(fcinfo, 0);
	double		number = 0.0;
	SiStatus	status;

	status = si_ranking_average_precision(&table, &number, si_pulse);
	return number_or_null(fcinfo, status, number);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_ks);
Datum
sales_intel_lead_score_quality_ks(PG_FUNCTION_ARGS)
{
	SiScoreTable table = table_arg(fcinfo, 0);
	double		number = 0.0;
	SiStatus	status = si_ranking_ks(&table, &number, si_pulse);

	return number_or_null(fcinfo, status, number);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_lift);
Datum
sales_intel_lead_score_quality_lift(PG_FUNCTION_ARGS)
{
	SiScoreTable table = table_arg(fcinfo, 0);
	double		fraction = PG_GETARG_FLOAT8(1);
	double		number = 0.0;
	SiStatus	status;

	if (!(fraction > 0.0 && fraction <= 1.0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fraction must be above 0 and at most 1"),
				 errdetail("It is %s.", float8out_internal(fraction)),
				 errhint("Write 0.1 for the top 10 percent of the rows.")));
	status = si_ranking_lift(&table, fraction, &number, si_pulse);
	return number_or_null(fcinfo, status, number);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_roc_curve);
Datum
sales_intel_lead_score_quality_roc_curve(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiScoreTable table = table_arg(fcinfo, 0);
	int64		limit = PG_GETARG_INT32(1);
	SiRocPoint *points;

	if (limit < 2)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of points must be at least 2"),
				 errdetail("It is %d.", (int) limit),
				 errhint("A hundred points make a smooth curve.")));
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	limit = Min(limit, Max(si_ranking_roc_size(&table), 2));
	points = MemoryContextAllocHuge(CurrentMemoryContext,
									limit * sizeof(SiRocPoint));
	for (int64 i = si_ranking_roc(&table, limit, points, si_pulse); i-- > 0;)
	{
		Datum		values[3];
		bool		nulls[3] = {false};

		si_pulse();
		values[0] = Float8GetDatum(points[i].threshold);
		values[1] = Float8GetDatum(points[i].false_positive_rate);
		values[2] = Float8GetDatum(points[i].true_positive_rate);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_confusion);
Datum
sales_intel_lead_score_quality_confusion(PG_FUNCTION_ARGS)
{
	SiScoreTable table;
	double		threshold;
	double		rows;
	SiConfusion is;
	Datum		values[6];
	bool		nulls[6] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	table = table_arg(fcinfo, 0);
	threshold = PG_GETARG_FLOAT8(1);
	if (isnan(threshold))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("threshold is NaN"),
				 errdetail("No score can be compared with it."),
				 errhint("Choose a score: rows that reach it count as predicted positive.")));
	rows = (double) si_score_table_rows(&table);
	is = si_ranking_confusion(&table, threshold, si_pulse);
	values[0] = Int64GetDatum(is.true_positives);
	values[1] = Int64GetDatum(is.false_positives);
	values[2] = Int64GetDatum(is.true_negatives);
	values[3] = Int64GetDatum(is.false_negatives);
	values[4] = Float8GetDatum((is.true_positives + is.true_negatives) / rows);
	values[5] = Float8GetDatum(Max(table.positives, table.negatives) / rows);
	return si_value_row(fcinfo, values, nulls);
}

/* ----- Probabilities ----- */

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_log_loss);
Datum
sales_intel_lead_score_quality_log_loss(PG_FUNCTION_ARGS)
{
	SiScoreTable table = probability_arg(fcinfo, 0);

	PG_RETURN_FLOAT8(si_probability_log_loss(&table, si_pulse));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_brier_score);
Datum
sales_intel_lead_score_quality_brier_score(PG_FUNCTION_ARGS)
{
	SiScoreTable table = probability_arg(fcinfo, 0);

	PG_RETURN_FLOAT8(si_probability_brier(&table, si_pulse));
}

/* At most limit bins in the current context; limit becomes how many. */
static SiScoreBin *
make_bins(const SiScoreTable *table, int *limit)
{
	int64		room = Min(*limit, si_score_table_rows(table));
	SiScoreBin *bins = MemoryContextAllocHuge(CurrentMemoryContext,
											  room * sizeof(SiScoreBin));

	*limit = si_probability_bins(table, room, bins, si_pulse);
	return bins;
}

static double
calibration_error(const SiScoreTable *table, int count)
{
	SiScoreBin *bins = make_bins(table, &count);

	return si_calibration_error(count, bins);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_calibration_error);
Datum
sales_intel_lead_score_quality_calibration_error(PG_FUNCTION_ARGS)
{
	SiScoreTable table = probability_arg(fcinfo, 0);

	PG_RETURN_FLOAT8(calibration_error(&table, bins_arg(fcinfo, 1)));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_calibration_table);
Datum
sales_intel_lead_score_quality_calibration_table(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiScoreTable table = probability_arg(fcinfo, 0);
	int			count = bins_arg(fcinfo, 1);
	SiScoreBin *bins;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	bins = make_bins(&table, &count);
	for (int i = 0; i < count; i++)
	{
		Datum		values[6];
		bool		nulls[6] = {false};
		double		low;
		double		high;

		si_pulse();
		si_wilson_interval(bins[i].observed, bins[i].weight, TABLE_LEVEL,
						   &low, &high);
		values[0] = Int32GetDatum(i + 1);
		values[1] = Int64GetDatum(bins[i].rows);
		values[2] = Float8GetDatum(bins[i].mean_score);
		values[3] = Float8GetDatum(bins[i].observed);
		values[4] = Float8GetDatum(low);
		values[5] = Float8GetDatum(high);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ----- All at once ----- */

/* The three measures of probabilities; NULL for other scores. */
static void
summarise_losses(const SiScoreTable *table, Datum *values, bool *nulls)
{
	if (!si_score_table_probabilities(table))
	{
		nulls[0] = nulls[1] = nulls[2] = true;
		return;
	}
	values[0] = Float8GetDatum(si_probability_log_loss(table, si_pulse));
	values[1] = Float8GetDatum(si_probability_brier(table, si_pulse));
	values[2] = Float8GetDatum(calibration_error(table, SI_CALIBRATION_BINS));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_summary);
Datum
sales_intel_lead_score_quality_summary(PG_FUNCTION_ARGS)
{
	SiScoreTable table;
	SiAuc		auc;
	double		low;
	double		high;
	double		precision = NAN;
	double		ks = NAN;
	Datum		values[10];
	bool		nulls[10] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	table = table_arg(fcinfo, 0);
	auc = auc_interval(&table, TABLE_LEVEL, &low, &high);
	(void) si_ranking_average_precision(&table, &precision, si_pulse);
	(void) si_ranking_ks(&table, &ks, si_pulse);
	values[0] = Int64GetDatum(si_score_table_rows(&table));
	values[1] = Int64GetDatum(table.positives);
	si_value_number(values, nulls, 2, auc.auc);
	si_value_number(values, nulls, 3, low);
	si_value_number(values, nulls, 4, high);
	si_value_number(values, nulls, 5, precision);
	si_value_number(values, nulls, 6, ks);
	summarise_losses(&table, values + 7, nulls + 7);
	return si_value_row(fcinfo, values, nulls);
}
