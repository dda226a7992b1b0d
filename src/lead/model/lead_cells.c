/*
 * lead_cells.c
 *	  From the values of a row to cells, whatever the model makes of them.
 */
#include "postgres.h"

#include <math.h>

#include "core/si_hash.h"
#include "lead/model/lead_scorer.h"

void
lead_levels_fill(LeadLevels *levels, const SiFeature *feature)
{
	levels->unseen = 1 + feature->nlevels;
	levels->nslots = 4;
	while (levels->nslots < 2 * feature->nlevels)
		levels->nslots *= 2;
	levels->slots = palloc0(levels->nslots * sizeof(LeadSlot));
	for (int i = 0; i < feature->nlevels; i++)
	{
		SiText		text = feature->levels[i].text;
		uint64		hash = si_hash_bytes(text.data, text.length, 0);
		int			at = hash & (levels->nslots - 1);

		while (levels->slots[at].bin != 0)
			at = (at + 1) & (levels->nslots - 1);
		levels->slots[at] = (LeadSlot) {hash, text, 1 + i};
	}
}

static int
bin_of(const LeadLevels *levels, SiText text)
{
	uint64		hash = si_hash_bytes(text.data, text.length, 0);
	int			at = hash & (levels->nslots - 1);

	while (levels->slots[at].bin != 0)
	{
		const LeadSlot *slot = &levels->slots[at];

		if (slot->hash == hash && slot->text.length == text.length &&
			memcmp(slot->text.data, text.data, text.length) == 0)
			return slot->bin;
		at = (at + 1) & (levels->nslots - 1);
	}
	return levels->unseen;
}

static LeadFast
fast_read(const SiColumn *column, SiRead read)
{
	if (column->array)
		return LEAD_FAST_NONE;
	return read == SI_READ_FLOAT8 ? LEAD_FAST_FLOAT8 :
		read == SI_READ_INT4 ? LEAD_FAST_INT4 : LEAD_FAST_NONE;
}

void
lead_scorer_bind(LeadScorer *scorer, const int *places)
{
	for (int i = 0; i < scorer->ncolumns; i++)
	{
		LeadStep   *step = &scorer->steps[i];

		step->fast = fast_read(&scorer->columns[i],
							   scorer->reader->types[i].read);
		step->place = places[i];
		step->cell = scorer->columns[i].first_cell;
	}
}

static double
read_number(const SiColumn *column, SiRead read, Datum value)
{
	double		number = si_read_number(read, value);

	si_check_number(column->name, 0, number);
	return number;
}

int
lead_read_bin(LeadScorer *scorer, int i, Datum value, bool isnull)
{
	SiRead		read = scorer->reader->types[i].read;

	if (isnull)
		return 0;
	return bin_of(&scorer->levels[i],
				  si_read_category(read, value, &scorer->reader->labels[i],
								   scorer->context));
}

double *
lead_read_column(LeadScorer *scorer, int i, Datum value, bool isnull)
{
	const SiColumn *column = &scorer->columns[i];
	const SiColumnType *type = &scorer->reader->types[i];
	double	   *cells = scorer->cells + column->first_cell;

	if (column->kind == SI_FEATURE_CATEGORY)
		cells[0] = lead_read_bin(scorer, i, value, isnull);
	else if (isnull)
		for (int k = 0; k < column->cells; k++)
			cells[k] = NAN;
	else if (column->array)
		si_read_array(column, type, value, cells);
	else
		cells[0] = read_number(column, type->read, value);
	return cells;
}
