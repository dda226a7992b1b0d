/*
 * lead_drift.c
 *	  The lead_drift type: rows of today counted against a model's profiles,
 *	  and the report on them.
 *
 * The value is the encoding of core/lead/si_drift.h in a varlena.  The state
 * of the aggregates holds it decoded and, where rows are counted, the model
 * made ready to read and score them; between processes only counts travel.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "core/lead/si_drift.h"
#include "lead/model/lead_scorer.h"
#include "lead/quality/lead_scores.h"
#include "pg/si_aggregate.h"
#include "pg/si_compat.h"
#include "pg/si_value.h"

/* Where a feature, or the score, is counted. */
typedef struct LeadGauge
{
	double		edge[SI_PROFILE_BINS - 1];	/* Infinity after the last */
	bool		category;
	int64	   *now;
} LeadGauge;

typedef struct LeadDrift
{
	SiDrift		drift;
	LeadScorer *scorer;			/* NULL: counts only */
	LeadGauge  *gauges;			/* by part */
} LeadDrift;

/* ----- The value ----- */

/* False when the bytes are no drift; texts point into them. */
static bool
try_decode(const void *bytes, Size size, SiDrift *drift)
{
	size_t		arena;

	return si_drift_measure(bytes, size, &arena) == SI_OK &&
		si_drift_decode(bytes, size, palloc(arena + 1), drift) == SI_OK;
}

/* That of an unfitted model is no value, only a state. */
static bool
is_drift(const void *bytes, Size size)
{
	SiDrift		drift;
	bool		valid = try_decode(bytes, size, &drift) && drift.nparts > 0;

	for (int i = 0; valid && i < drift.nparts; i++)
		valid = pg_verify_mbstr(GetDatabaseEncoding(),
								drift.parts[i].column.data,
								drift.parts[i].column.length, true);
	return valid;
}

static const SiValueType drift_type = {"lead_drift", is_drift};

static SiDrift
drift_arg(FunctionCallInfo fcinfo, int n)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiDrift		drift;

	if (!try_decode(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &drift) ||
		drift.nparts == 0)
		si_value_damaged(&drift_type);
	return drift;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_drift_in);
Datum
sales_intel_lead_drift_in(PG_FUNCTION_ARGS)
{
	return si_value_in(fcinfo, &drift_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_drift_out);
Datum
sales_intel_lead_drift_out(PG_FUNCTION_ARGS)
{
	return si_value_out(fcinfo, &drift_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_drift_recv);
Datum
sales_intel_lead_drift_recv(PG_FUNCTION_ARGS)
{
	return si_value_recv(fcinfo, &drift_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_drift_send);
Datum
sales_intel_lead_drift_send(PG_FUNCTION_ARGS)
{
	return si_value_send(fcinfo);
}

/* ----- Counting rows ----- */

static void
read_cells(LeadScorer *scorer, HeapTupleHeader record)
{
	SiRowReader *reader = scorer->reader;

	if (si_row_bind(reader, record))
		lead_scorer_bind(scorer, reader->place);
	si_row_deform(reader, record);
	for (int i = 0; i < scorer->ncolumns; i++)
	{
		const LeadStep *step = &scorer->steps[i];
		NullableDatum value = {reader->values[step->place],
		reader->nulls[step->place]};
		double		number;

		if (lead_read_fast(step, value, &number))
		{
			si_check_number(scorer->columns[i].name, 0, number);
			scorer->cells[step->cell] = number;
		}
		else
			lead_read_column(scorer, i, value.value, value.isnull);
	}
}

static double
margin_of_cells(const LeadScorer *scorer)
{
	const SiLeadModel *model = scorer->model;
	double		sum = model->baseline;

	if (model->forest != NULL)
		return si_forest_margin(model->forest, scorer->cells);
	for (int i = 0; i < model->nfeatures; i++)
		sum += lead_effect(&scorer->terms[i], scorer->cells[i]);
	return sum;
}

static void
set_gauge(LeadGauge *gauge, const SiProfile *profile, int64 *now)
{
	for (int k = 0; k < SI_PROFILE_BINS - 1; k++)
		gauge->edge[k] = k < profile->nbins - 1 ? profile->edge[k] : INFINITY;
	gauge->category = false;
	gauge->now = now;
}

static LeadGauge *
make_gauges(const SiLeadModel *model, const SiDrift *drift)
{
	LeadGauge  *gauges = palloc(drift->nparts * sizeof(LeadGauge) + 1);

	for (int i = 0; i < drift->nparts; i++)
	{
		const SiFeature *feature = i > 0 ? &model->features[i - 1] : NULL;

		set_gauge(&gauges[i], feature ? &feature->profile : &model->margins,
				  drift->parts[i].now);
		gauges[i].category = feature && feature->kind == SI_FEATURE_CATEGORY;
	}
	return gauges;
}

/*
 * Counts what si_profile_bin would find, but by comparing with every edge,
 * which takes no more than a few vector instructions.
 */
static inline void
count_value(LeadGauge *gauge, double value)
{
	int			cell = 1;

	for (int k = 0; k < SI_PROFILE_BINS - 1; k++)
		cell += gauge->edge[k] < value;
	if (gauge->category)
		cell = (int) value;
	else if (isnan(value))
		cell = 0;
	gauge->now[cell]++;
}

static void
count_row(LeadDrift *state, HeapTupleHeader record)
{
	LeadScorer *scorer = state->scorer;

	read_cells(scorer, record);
	state->drift.rows++;
	if (scorer->model->margins.nbins > 0)
		count_value(&state->gauges[0], margin_of_cells(scorer));
	for (int i = 1; i < state->drift.nparts; i++)
		count_value(&state->gauges[i], scorer->cells[i - 1]);
}

/* ----- The state ----- */

pg_noreturn static void
refuse_model(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("drift is measured against one model, not several"),
			 errdetail("A row of lead_drift_agg, or a value of rollup, belongs to another model than those before."),
			 errhint("Group by the model's name and version, or whatever chooses it.")));
}

static void
merge(SiDrift *into, const SiDrift *from)
{
	if (!si_drift_is_alike(into, from))
		refuse_model();
	if (!si_drift_merge(into, from))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows in a drift"),
				 errdetail("The limit is " INT64_FORMAT " rows.", (int64) SI_MAX_DRIFT_ROWS),
				 errhint("Roll up each part once.")));
}

static LeadDrift *
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (LeadDrift *) PG_GETARG_POINTER(n);
}

/* A state in the current context that counts rows against the model. */
static LeadDrift *
start_state(struct varlena *model)
{
	LeadDrift  *state = palloc(sizeof(LeadDrift));
	LeadScorer *scorer = lead_scorer_create(model);
	uint64		digest = si_lead_model_digest(
		(const uint8 *) VARDATA_ANY(scorer->bytes),
		VARSIZE_ANY_EXHDR(scorer->bytes));

	state->scorer = scorer;
	si_drift_start(scorer->model, digest,
				   palloc(si_drift_measure_model(scorer->model) + 1),
				   &state->drift);
	state->gauges = make_gauges(scorer->model, &state->drift);
	return state;
}

/* A state of counts only; the context gets its own copy of the bytes. */
static LeadDrift *
state_of_bytes(const void *bytes, Size size, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	LeadDrift  *state = palloc(sizeof(LeadDrift));
	void	   *copy = palloc(size);

	memcpy(copy, bytes, size);
	state->scorer = NULL;
	state->gauges = NULL;
	if (!try_decode(copy, size, &state->drift))
		elog(ERROR, "damaged state of lead_drift_agg");
	MemoryContextSwitchTo(old);
	return state;
}

/* The state, made or changed so that it counts rows against the model. */
static LeadDrift *
state_for_model(LeadDrift *state, struct varlena *model, MemoryContext context)
{
	MemoryContext old;
	LeadDrift  *fresh;

	if (state != NULL && state->scorer != NULL)
	{
		if (!lead_scorer_is_of(state->scorer, model))
			refuse_model();
		return state;
	}
	old = MemoryContextSwitchTo(context);
	fresh = start_state(model);
	MemoryContextSwitchTo(old);
	if (state != NULL)
		merge(&fresh->drift, &state->drift);
	return fresh;
}

static struct varlena *
encode(const SiDrift *drift)
{
	struct varlena *value = si_value_create(si_drift_encoded_size(drift),
											&drift_type);

	si_drift_encode(drift, (uint8 *) VARDATA(value));
	return value;
}

/* ----- Aggregates ----- */

static Datum
state_or_null(FunctionCallInfo fcinfo, LeadDrift *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/* A model that is not fitted counts nothing. */
PG_FUNCTION_INFO_V1(sales_intel_lead_drift_trans);
Datum
sales_intel_lead_drift_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	LeadDrift  *state = state_argument(fcinfo, 0);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return state_or_null(fcinfo, state);
	state = state_for_model(state, (struct varlena *) PG_GETARG_POINTER(1),
							context);
	if (state->drift.nparts > 0)
		count_row(state, PG_GETARG_HEAPTUPLEHEADER(2));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_drift_rollup_trans);
Datum
sales_intel_lead_drift_rollup_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	LeadDrift  *state = state_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		SiDrift		drift = drift_arg(fcinfo, 1);

		if (state == NULL)
		{
			struct varlena *bytes = encode(&drift);

			state = state_of_bytes(VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ,
								   context);
		}
		else
			merge(&state->drift, &drift);
	}
	return state_or_null(fcinfo, state);
}

/* The right-hand state may be gone after this call: it is always copied. */
PG_FUNCTION_INFO_V1(sales_intel_lead_drift_combine);
Datum
sales_intel_lead_drift_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	LeadDrift  *into = state_argument(fcinfo, 0);
	LeadDrift  *from = state_argument(fcinfo, 1);

	if (into != NULL && from != NULL)
		merge(&into->drift, &from->drift);
	else if (from != NULL)
	{
		struct varlena *bytes = encode(&from->drift);

		into = state_of_bytes(VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ,
							  context);
	}
	return state_or_null(fcinfo, into);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_drift_serial);
Datum
sales_intel_lead_drift_serial(PG_FUNCTION_ARGS)
{
	LeadDrift  *state = (LeadDrift *) PG_GETARG_POINTER(0);

	(void) si_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(encode(&state->drift));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_drift_deserial);
Datum
sales_intel_lead_drift_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);

	(void) si_aggregate_context(fcinfo);
	PG_RETURN_POINTER(state_of_bytes(VARDATA_ANY(bytes),
									 VARSIZE_ANY_EXHDR(bytes),
									 CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_drift_final);
Datum
sales_intel_lead_drift_final(PG_FUNCTION_ARGS)
{
	LeadDrift  *state = (LeadDrift *) PG_GETARG_POINTER(0);

	(void) si_aggregate_context(fcinfo);
	if (state->drift.nparts == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(encode(&state->drift));
}

/* ----- The report ----- */

typedef struct ReportRow
{
	char	   *name;
	SiStability stability;
} ReportRow;

static char *
part_name(const SiDriftPart *part)
{
	if (part->element == 0)
		return pnstrdup(part->column.data, part->column.length);
	return psprintf("%.*s[%d]", part->column.length, part->column.data,
					part->element);
}

/* The least stable first, then by name; those without an index last. */
static int
compare_rows(const void *a, const void *b)
{
	const ReportRow *x = a;
	const ReportRow *y = b;
	double		p = isnan(x->stability.psi) ? -1 : x->stability.psi;
	double		q = isnan(y->stability.psi) ? -1 : y->stability.psi;

	return p != q ? (p < q) - (p > q) : strcmp(x->name, y->name);
}

static void
put_row(ReturnSetInfo *result, const ReportRow *row)
{
	const SiStability *stability = &row->stability;
	Datum		values[6];
	bool		nulls[6] = {false};

	values[0] = CStringGetTextDatum(row->name);
	si_value_number(values, nulls, 1, stability->psi);
	si_value_number(values, nulls, 2, stability->critical);
	si_value_number(values, nulls, 3, stability->missing_then);
	si_value_number(values, nulls, 4, stability->missing_now);
	values[5] = BoolGetDatum(stability->psi > stability->critical);
	nulls[5] = isnan(stability->psi);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_drift_report);
Datum
sales_intel_lead_drift_report(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiDrift		drift = drift_arg(fcinfo, 0);
	double		level = si_level_argument(fcinfo, 1);
	ReportRow  *rows = palloc(drift.nparts * sizeof(ReportRow));

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < drift.nparts; i++)
	{
		rows[i].name = part_name(&drift.parts[i]);
		rows[i].stability = si_drift_stability(&drift.parts[i], level);
	}
	rows[0].name = "(score)";
	rows[0].stability.missing_then = rows[0].stability.missing_now = NAN;
	qsort(rows + 1, drift.nparts - 1, sizeof(ReportRow), compare_rows);
	for (int i = 0; i < drift.nparts; i++)
		put_row(result, &rows[i]);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_drift_rows);
Datum
sales_intel_lead_drift_rows(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(drift_arg(fcinfo, 0).rows);
}
