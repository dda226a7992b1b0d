/*
 * sequence_contrast.c
 *	  The type contrast, and what its patterns say: contrast_patterns.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/stats/si_sort.h"
#include "pg/si_options.h"
#include "pg/si_pulse.h"
#include "sequence/contrast/sequence_contrast.h"
#include "sequence/sequence.h"

#define COLUMNS			15
#define MAX_DRAWS		1000000

static const char *const kinds[] = {"presence", "pair", "triple"};
static const char *const outcome_kinds[] = {
	"presence, outcome", "pair, outcome", "triple, outcome"
};
static const char *const methods[] = {"bh", "by", NULL};

#define FIELD(name) offsetof(ContrastOptions, name)

static const SiOption option_table[] = {
	{"outcome", SI_OPTION_TEXTS, FIELD(outcome), 0, 0, NULL},
	{"permutations", SI_OPTION_INT, FIELD(permutations), 0, MAX_DRAWS, NULL},
	{"seed", SI_OPTION_INT, FIELD(seed), 0, PG_INT32_MAX, NULL},
	{"method", SI_OPTION_CHOICE, FIELD(method), 0, 0, methods},
	{"level", SI_OPTION_FLOAT, FIELD(level), 0.001, 0.999999, NULL},
};

/* ----- The type ----- */

static bool
is_contrast(const void *bytes, Size size)
{
	SiContrast	contrast;

	return si_contrast_open(bytes, size, &contrast, si_pulse) == SI_OK &&
		sequence_valid_texts(contrast.name_text, contrast.names) &&
		sequence_valid_texts(contrast.cluster_text, contrast.clusters);
}

const SiValueType contrast_type = {"contrast", is_contrast};

SI_VALUE_FUNCTIONS(sequence_contrast, &contrast_type);

SiContrast
contrast_argument(FunctionCallInfo fcinfo, int n)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiContrast	contrast;

	if (si_contrast_open(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
						 &contrast, si_pulse) != SI_OK)
		si_value_damaged(&contrast_type);
	return contrast;
}

/* ----- Accessors ----- */

static int64
count_successes(const SiContrast *contrast)
{
	SiContrastRows rows;
	int64		count = 0;

	rows.start = palloc_extended((contrast->rows + 1) * sizeof(int64),
								 MCXT_ALLOC_HUGE);
	rows.code = palloc_extended(contrast->codes * sizeof(uint32),
								MCXT_ALLOC_HUGE);
	rows.cluster = palloc_extended(contrast->rows * sizeof(uint32),
								   MCXT_ALLOC_HUGE);
	rows.success = palloc_extended(contrast->rows, MCXT_ALLOC_HUGE);
	si_contrast_read(contrast, &rows, si_pulse);
	for (int64 i = 0; i < rows.n; i++)
		count += rows.success[i];
	return count;
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_contrast_summary);
Datum
sales_intel_sequence_contrast_summary(PG_FUNCTION_ARGS)
{
	SiContrast	contrast;
	int64		successes;
	Datum		values[6];
	bool		nulls[6] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	contrast = contrast_argument(fcinfo, 0);
	successes = count_successes(&contrast);
	values[0] = Int64GetDatum(contrast.rows);
	values[1] = Int64GetDatum(successes);
	values[2] = Int64GetDatum(contrast.rows - successes);
	values[3] = Int64GetDatum((int64) contrast.names);
	values[4] = Int64GetDatum((int64) contrast.clusters);
	nulls[4] = !contrast.plan.clustered;
	values[5] = BoolGetDatum(contrast.plan.triples);
	return si_value_row(fcinfo, values, nulls);
}

/* ----- Rows of patterns ----- */

static Datum
pattern_array(int length, const SiText *event)
{
	Datum		element[SI_CONTRAST_LONGEST];

	for (int i = 0; i < length; i++)
		element[i] = sequence_text_datum(event[i]);
	return PointerGetDatum(construct_array(element, length, TEXTOID, -1,
										   false, TYPALIGN_INT));
}

static Datum
expression_datum(int length, const SiText *event)
{
	SiWriter	out = {NULL, 0};
	text	   *value;

	si_contrast_expression(&out, length, event);
	value = palloc(VARHDRSZ + out.size);
	SET_VARSIZE(value, VARHDRSZ + out.size);
	out.out = (uint8_t *) VARDATA(value);
	out.size = 0;
	si_contrast_expression(&out, length, event);
	return PointerGetDatum(value);
}

static void
put_pattern(ReturnSetInfo *result, const ContrastSearch *search,
			const SiContrastFound *found)
{
	SiContingency t = si_contrast_cells(&search->whole, found->with,
										found->with_success);
	const char *const *kind = found->outcome ? outcome_kinds : kinds;
	SiText		event[SI_CONTRAST_LONGEST];
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	for (int i = 0; i < found->length; i++)
		event[i] = search->name[found->name[i]];
	values[0] = pattern_array(found->length, event);
	values[1] = expression_datum(found->length, event);
	values[2] = CStringGetTextDatum(kind[found->length - 1]);
	values[3] = Int64GetDatum(t.a);
	values[4] = Int64GetDatum(t.c);
	values[5] = Int64GetDatum(t.b);
	values[6] = Int64GetDatum(t.d);
	si_value_number(values, nulls, 7, si_odds_ratio(&t));
	si_value_number(values, nulls, 8, found->low);
	si_value_number(values, nulls, 9, found->high);
	si_value_number(values, nulls, 10, found->p_value);
	si_value_number(values, nulls, 11, found->q_value);
	si_value_number(values, nulls, 12, found->order_p_value);
	si_value_number(values, nulls, 13, found->max_p);
	values[14] = Int64GetDatum(search->tested);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* By p-value, then singles before pairs, then by name, as they were found. */
static SiKeyed *
order_patterns(ContrastSearch *search)
{
	SiKeyed    *items = contrast_room(search, search->count, sizeof(SiKeyed));
	SiKeyed    *scratch = contrast_room(search, search->count,
										sizeof(SiKeyed));

	for (int64 i = 0; i < search->count; i++)
	{
		items[i].key = search->found[i].length;
		items[i].item = i;
	}
	si_sort_keyed(search->count, items, scratch, si_pulse);
	for (int64 i = 0; i < search->count; i++)
		items[i].key = si_sort_key(search->found[items[i].item].p_value);
	si_sort_keyed(search->count, items, scratch, si_pulse);
	return items;
}

static void
put_patterns(ReturnSetInfo *result, ContrastSearch *search)
{
	SiKeyed    *items = order_patterns(search);
	MemoryContext row = AllocSetContextCreate(CurrentMemoryContext,
											  "pattern",
											  ALLOCSET_SMALL_SIZES);
	MemoryContext before = MemoryContextSwitchTo(row);

	for (int64 i = 0; i < search->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_pattern(result, search, &search->found[items[i].item]);
		MemoryContextReset(row);
	}
	MemoryContextSwitchTo(before);
	MemoryContextDelete(row);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_contrast_patterns);
Datum
sales_intel_sequence_contrast_patterns(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ContrastOptions options = {NIL, 0, 1, 0, 0.95};
	ContrastSearch search;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (PG_ARGISNULL(0))
		return (Datum) 0;
	si_options_read(PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1),
					option_table, lengthof(option_table), &options);
	memset(&search, 0, sizeof(search));
	search.context = AllocSetContextCreate(CurrentMemoryContext,
										   "contrast",
										   ALLOCSET_DEFAULT_SIZES);
	search.options = &options;
	search.contrast = contrast_argument(fcinfo, 0);
	contrast_search(&search);
	put_patterns(result, &search);
	MemoryContextDelete(search.context);
	return (Datum) 0;
}
