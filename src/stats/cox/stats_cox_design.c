/*
 * stats_cox_design.c
 *	  From gathered rows to terms, design columns and ordered rows.
 *
 * Rows are ordered by time, and within one time by a hash of what they say,
 * categories by the place of their level: neither the order in which rows came
 * nor workers leave a trace.  (Rows that differ and yet share a 64-bit hash
 * would keep their order; that could move the last bits.)
 */
#include "stats/cox/stats_cox.h"

#include <math.h>

#include "core/si_hash.h"
#include "core/si_tolerance.h"
#include "pg/si_pulse.h"

/* ----- Levels ----- */

typedef struct Level
{
	SiText		text;
	int			code;
	int64		rows;
} Level;

static int
compare_levels(const void *a, const void *b)
{
	si_pulse();
	return si_text_compare(((const Level *) a)->text,
						   ((const Level *) b)->text);
}

/* Levels in order; ranks become the place of each code. */
static Level *
sorted_levels(CoxFit *fit, int i)
{
	const SiCollect *rows = fit->state->rows;
	const SiDictionary *dictionary = rows->dictionaries[i];
	int			cell = rows->heads + rows->columns[i].first_cell;
	Level	   *levels = cox_room(fit, dictionary->count, sizeof(Level));
	int		   *rank = cox_room(fit, dictionary->count, sizeof(int));

	for (int code = 0; code < dictionary->count; code++)
	{
		levels[code].text = dictionary->text[code];
		levels[code].code = code;
		levels[code].rows = 0;
	}
	for (int64 r = 0; r < rows->rows; r++)
	{
		double		code = rows->row[r * rows->stride + cell];

		si_pulse_every(r);
		if (!isnan(code))
			levels[(int) code].rows++;
	}
	qsort(levels, dictionary->count, sizeof(Level), compare_levels);
	for (int k = 0; k < dictionary->count; k++)
		rank[levels[k].code] = k;
	fit->ranks[cell - rows->heads] = rank;
	return levels;
}

static int64
count_missing(const SiCollect *rows, int cell)
{
	int64		missing = 0;

	for (int64 r = 0; r < rows->rows; r++)
	{
		si_pulse_every(r);
		missing += isnan(rows->row[r * rows->stride + rows->heads + cell]);
	}
	return missing;
}

/* ----- Terms and columns ----- */

static void
check_columns(int64 columns)
{
	if (columns > SI_MAX_DESIGN)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("features have too many levels for proportional hazards"),
				 errdetail("Numbers, levels and gaps make more than %d columns.", SI_MAX_DESIGN - 1),
				 errhint("Leave keys out with option \"exclude\", and group rare levels.")));
}

static SiCoxTerm *
add_term(CoxFit *fit, SiCoxFeature *feature, SiCoxTermKind kind, int element,
		 int64 rows)
{
	SiCoxTerm  *term = &fit->model.terms[fit->model.nterms++];

	memset(term, 0, sizeof(SiCoxTerm));
	term->kind = kind;
	term->element = element;
	term->rows = rows;
	term->mean = kind == SI_COX_SLOPE ? 0 : (double) rows / fit->n;
	term->std_error = NAN;
	feature->nterms++;
	return term;
}

/* The next design column, for the term added last. */
static int
add_column(CoxFit *fit)
{
	int			j = fit->design.columns++;
	const SiCoxTerm *term = &fit->model.terms[fit->model.nterms - 1];

	check_columns(fit->design.columns);
	fit->column[j].term = fit->model.nterms - 1;
	fit->column[j].scale = 1;
	fit->column[j].spread = term->mean * (1 - term->mean);
	return j;
}

/* The most frequent level, the first of equals, is the reference. */
static void
add_levels(CoxFit *fit, SiCoxFeature *feature, int i, SiCell *cell)
{
	int			count = fit->state->rows->dictionaries[i]->count;
	Level	   *levels = sorted_levels(fit, i);
	int			reference = 0;
	int		   *target;

	check_columns((int64) fit->design.columns + count - 1);
	target = cox_room(fit, count, sizeof(int));
	for (int k = 1; k < count; k++)
		if (levels[k].rows > levels[reference].rows)
			reference = k;
	for (int k = 0; k < count; k++)
	{
		add_term(fit, feature, SI_COX_LEVEL, 0, levels[k].rows)->level =
			levels[k].text;
		target[k] = k == reference ? -1 : add_column(fit);
	}
	fit->target[cell - fit->cell] = target;
	pfree(levels);
}

static void
add_cell(CoxFit *fit, SiCoxFeature *feature, int i, int element)
{
	const SiCollect *rows = fit->state->rows;
	const SiColumn *column = &rows->columns[i];
	int			at = column->first_cell + Max(element - 1, 0);
	int64		missing = count_missing(rows, at);
	SiCell	   *cell = &fit->cell[fit->design.ncells];

	fit->source[fit->design.ncells++] = at;
	cell->kind = column->kind;
	cell->missing_column = -1;
	if (column->kind == SI_FEATURE_CATEGORY)
		add_levels(fit, feature, i, cell);
	else
	{
		add_term(fit, feature, SI_COX_SLOPE, element, fit->n - missing);
		cell->column = add_column(fit);
	}
	if (missing == 0)
		return;
	add_term(fit, feature, SI_COX_MISSING, element, missing);
	cell->missing_column = add_column(fit);
}

static void
add_features(CoxFit *fit)
{
	const SiCollect *rows = fit->state->rows;
	SiCoxModel *model = &fit->model;

	model->features = cox_room(fit, rows->ncolumns, sizeof(SiCoxFeature));
	for (int i = 0; i < rows->ncolumns; i++)
	{
		const SiColumn *column = &rows->columns[i];
		SiCoxFeature *feature = &model->features[model->nfeatures];

		if (column->cells == 0)	/* an array that no row has */
			continue;
		feature->name.data = column->name;
		feature->name.length = strlen(column->name);
		feature->kind = column->kind;
		feature->width = column->array ? column->width : 0;
		feature->nterms = 0;
		feature->terms = &model->terms[model->nterms];
		for (int k = 0; k < column->cells; k++)
			add_cell(fit, feature, i, column->array ? k + 1 : 0);
		model->nfeatures++;
	}
}

/* ----- Rows ----- */

/* A number as it is; the place of a level; NaN where missing. */
static double
plain_cell(const CoxFit *fit, const double *row, int j)
{
	double		value = row[fit->state->rows->heads + fit->source[j]];

	if (fit->cell[j].kind == SI_FEATURE_CATEGORY && !isnan(value))
		return fit->ranks[fit->source[j]][(int) value];
	return value;
}

static void
order_rows(CoxFit *fit)
{
	const SiCollect *rows = fit->state->rows;

	for (int64 r = 0; r < fit->n; r++)
	{
		const double *row = rows->row + r * rows->stride;
		uint64		hash = row[COX_EVENT] > 0;

		si_pulse_every(r);
		for (int j = 0; j < fit->design.ncells; j++)
			hash = si_hash_mix(hash, si_double_bits(plain_cell(fit, row, j)));
		fit->items[r].key = hash;
		fit->items[r].item = r;
	}
	si_sort_keyed(fit->n, fit->items, fit->scratch, si_pulse);
	for (int64 r = 0; r < fit->n; r++)
		fit->items[r].key = si_sort_key(
			rows->row[fit->items[r].item * rows->stride + COX_DURATION]);
	si_sort_keyed(fit->n, fit->items, fit->scratch, si_pulse);
}

/* What the design holds: columns instead of levels and gaps of categories. */
static double
design_cell(const CoxFit *fit, const double *row, int j)
{
	double		value = plain_cell(fit, row, j);

	if (fit->cell[j].kind == SI_FEATURE_NUMERIC)
		return value;
	return isnan(value) ? fit->cell[j].missing_column :
		fit->target[j][(int) value];
}

static void
gather_rows(CoxFit *fit)
{
	const SiCollect *rows = fit->state->rows;
	int			ncells = fit->design.ncells;
	double	   *cells = cox_room(fit, fit->n, ncells * sizeof(double));
	uint8	   *event = cox_room(fit, fit->n, 1);

	fit->time = cox_room(fit, fit->n, sizeof(double));
	for (int64 r = 0; r < fit->n; r++)
	{
		const double *row = rows->row + fit->items[r].item * rows->stride;

		si_pulse_every(r);
		fit->time[r] = row[COX_DURATION];
		event[r] = row[COX_EVENT] > 0;
		fit->model.events += event[r];
		for (int j = 0; j < ncells; j++)
			cells[r * ncells + j] = design_cell(fit, row, j);
	}
	fit->design.rows = fit->n;
	fit->design.cells = cells;
	fit->design.positive = event;
	fit->model.last = fit->time[fit->n - 1];
}

/* ----- Means and spreads, in canonical order ----- */

static double
mean_of(const CoxFit *fit, int j, double about, int power, int64 count)
{
	double		sum = 0;
	double		total = 0;

	for (int64 r = 0; r < fit->n; r++)
	{
		double		d = fit->design.cells[r * fit->design.ncells + j] - about;

		si_pulse_every(r);
		if (!isnan(d))
			sum += power == 2 ? d * d : d;
		if (r % SI_BLOCK_ROWS == SI_BLOCK_ROWS - 1 || r + 1 == fit->n)
		{
			total += sum;
			sum = 0;
		}
	}
	return total / count;
}

/* A first mean, the mean of what is left of it, then the variance. */
static void
standardise(CoxFit *fit, int j)
{
	SiCell	   *cell = &fit->cell[j];
	CoxColumn  *column = &fit->column[cell->column];
	SiCoxTerm  *term = &fit->model.terms[column->term];
	double		sd;

	cell->scale = 0;
	column->spread = 0;
	if (term->rows == 0)
		return;
	term->mean = mean_of(fit, j, 0, 1, term->rows);
	term->mean += mean_of(fit, j, term->mean, 1, term->rows);
	sd = sqrt(mean_of(fit, j, term->mean, 2, term->rows));
	cell->center = term->mean;
	if (sd <= SI_CONSTANT_SPREAD * fabs(term->mean) || !isfinite(1 / sd))
		return;
	cell->scale = column->scale = 1 / sd;
	column->spread = (double) term->rows / fit->n;
}

void
cox_design(CoxFit *fit)
{
	int			ncells = fit->state->rows->stride - COX_HEADS;
	int			limit = 2 * SI_MAX_DESIGN + SI_MAX_FEATURES;

	fit->ranks = cox_room(fit, ncells, sizeof(int *));
	fit->target = cox_room(fit, ncells, sizeof(int *));
	fit->source = cox_room(fit, ncells, sizeof(int));
	fit->cell = cox_room(fit, ncells, sizeof(SiCell));
	fit->column = cox_room(fit, SI_MAX_DESIGN + 1, sizeof(CoxColumn));
	fit->model.terms = cox_room(fit, limit, sizeof(SiCoxTerm));
	fit->model.warnings = cox_room(fit, limit, sizeof(SiCoxWarning));
	fit->items = cox_room(fit, fit->n, sizeof(SiKeyed));
	fit->scratch = cox_room(fit, fit->n, sizeof(SiKeyed));
	fit->design.columns = 1;
	fit->design.cell = fit->cell;
	add_features(fit);
	order_rows(fit);
	gather_rows(fit);
	for (int j = 0; j < fit->design.ncells; j++)
		if (fit->cell[j].kind == SI_FEATURE_NUMERIC)
			standardise(fit, j);
}
