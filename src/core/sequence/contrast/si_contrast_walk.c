/*
 * si_contrast_walk.c
 *	  Visits all patterns of contrasted sequences, and counts them.
 *
 * Method: a row is done with the first events of a pattern at the earliest
 * place possible, and has the pattern if the last event is found later: if the
 * last place of its name is.  One walk over the last places in the word counts
 * the row for all names.  Pairs cost the sum, over the rows, of names times
 * length of the word.
 */
#include "core/sequence/contrast/si_contrast_walk.h"

#include <string.h>

#define FIRST			1
#define LAST			2
#define BLOCK_ROWS		1024	/* between pulses */
#define BLOCK_CODES		65536	/* the same of cheap steps */

/* ---------- the table ---------- */

/* One walk through the rows, forth or back; stamps are rows + 1. */
static void
mark_places(SiContrastTable *table, uint8_t bit, uint32_t *stamp,
			SiPulse pulse)
{
	const SiContrastRows *rows = table->rows;

	for (int64_t row = 0; row < rows->n; row++)
	{
		int64_t		from = rows->start[row];
		int64_t		count = rows->start[row + 1] - from;

		for (int64_t k = 0; k < count; k++)
		{
			int64_t		i = bit == FIRST ? from + k : from + count - 1 - k;

			if (i % BLOCK_CODES == 0)
				pulse();
			if (stamp[rows->code[i]] == (uint32_t) row + 1)
				continue;
			stamp[rows->code[i]] = (uint32_t) row + 1;
			table->mark[i] |= bit;
		}
	}
}

void
si_contrast_mark(SiContrastTable *table, uint32_t *stamp, SiPulse pulse)
{
	const SiContrastRows *rows = table->rows;
	int64_t		codes = rows->start[rows->n];

	memset(table->mark, 0, codes);
	mark_places(table, FIRST, stamp, pulse);
	memset(stamp, 0, table->names * sizeof(uint32_t));
	mark_places(table, LAST, stamp, pulse);
	memset(stamp, 0, table->names * sizeof(uint32_t));
	table->pairs = 0;
	for (int64_t i = 0; i < codes; i++)
	{
		if (i % BLOCK_CODES == 0)
			pulse();
		table->pairs += table->mark[i] & FIRST;
	}
}

static void
list_last_places(SiContrastTable *table, SiPulse pulse)
{
	const SiContrastRows *rows = table->rows;
	int64_t		count = 0;

	for (int64_t row = 0; row < rows->n; row++)
	{
		table->last_start[row] = count;
		for (int64_t i = rows->start[row]; i < rows->start[row + 1]; i++)
		{
			SiContrastLast last = {rows->code[i],
			(uint32_t) (i - rows->start[row])};

			if (i % BLOCK_CODES == 0)
				pulse();
			if (table->mark[i] & LAST)
				table->last[count++] = last;
		}
	}
	table->last_start[rows->n] = count;
}

/* Counting sort by name: starts one name further on until it is filled. */
static void
list_first_places(SiContrastTable *table, SiPulse pulse)
{
	const SiContrastRows *rows = table->rows;
	int64_t    *start = table->list_start;

	memset(start, 0, (table->names + 1) * sizeof(int64_t));
	for (int64_t i = 0; i < rows->start[rows->n]; i++)
	{
		if (i % BLOCK_CODES == 0)
			pulse();
		if ((table->mark[i] & FIRST) && rows->code[i] + 2 <= table->names)
			start[rows->code[i] + 2]++;
	}
	for (uint32_t name = 1; name < table->names; name++)
		start[name + 1] += start[name];
	for (int64_t row = 0; row < rows->n; row++)
	{
		for (int64_t i = rows->start[row]; i < rows->start[row + 1]; i++)
		{
			SiContrastItem item = {(uint32_t) row,
			(uint32_t) (i - rows->start[row]) + 1};

			if (i % BLOCK_CODES == 0)
				pulse();
			if (table->mark[i] & FIRST)
				table->list[start[rows->code[i] + 1]++] = item;
		}
	}
}

void
si_contrast_index(SiContrastTable *table, SiPulse pulse)
{
	list_first_places(table, pulse);
	list_last_places(table, pulse);
}

/* ---------- items ---------- */

static void
take_all_rows(SiContrastWalk *walk)
{
	walk->items = walk->table->rows->n;
	walk->listed = walk->item;
	for (int64_t row = 0; row < walk->items; row++)
	{
		walk->item[row].row = (uint32_t) row;
		walk->item[row].next = 0;
	}
}

static void
take_list(SiContrastWalk *walk, uint32_t name)
{
	const SiContrastTable *table = walk->table;

	walk->listed = table->list + table->list_start[name];
	walk->items = table->list_start[name + 1] - table->list_start[name];
}

/* The place behind a name, sought from a place on; 0 if there is none. */
static uint32_t
place_behind(const SiContrastRows *rows, uint32_t row, uint32_t from,
			 uint32_t name)
{
	const uint32_t *code = rows->code + rows->start[row];
	uint32_t	length = (uint32_t) (rows->start[row + 1] - rows->start[row]);

	for (uint32_t i = from; i < length; i++)
	{
		if (code[i] == name)
			return i + 1;
	}
	return 0;
}

/* The rows that have both events of a pair; some in the other order only. */
static void
take_pair(SiContrastWalk *walk, uint32_t first, uint32_t then)
{
	const SiContrastRows *rows = walk->table->rows;
	int64_t		count = 0;

	take_list(walk, first);
	for (int64_t i = 0; i < walk->items; i++)
	{
		SiContrastItem item = walk->listed[i];
		uint32_t	next = place_behind(rows, item.row, item.next, then);

		if (i % BLOCK_ROWS == 0)
			walk->pulse();
		if (next == 0 && (first == then ||
						  place_behind(rows, item.row, 0, then) == 0))
			continue;
		item.next = next == 0 ? SI_NOT_IN_ORDER : next;
		walk->item[count++] = item;
	}
	walk->items = count;
	walk->listed = walk->item;
}

/* ---------- counting ---------- */

static void
count_row(SiContrastWalk *walk, SiContrastItem item)
{
	const SiContrastTable *table = walk->table;
	const SiContrastRows *rows = table->rows;
	SiClusterCells *cells = walk->cells +
		(rows->cluster != NULL ? rows->cluster[item.row] : 0);
	uint32_t	success = rows->success[item.row];

	for (int64_t i = table->last_start[item.row];
		 i < table->last_start[item.row + 1]; i++)
	{
		SiContrastLast last = table->last[i];
		SiClusterCells *cell = cells + (size_t) last.name * table->clusters;
		uint32_t	with = last.place >= item.next;

		cell->rows++;
		cell->success += success;
		cell->with += with;
		cell->with_success += with & success;
	}
}

/* A name of the block that comes again must be there twice. */
static void
take_single_out(SiContrastWalk *walk, SiContrastItem item, uint32_t name)
{
	const SiContrastTable *table = walk->table;
	const SiContrastRows *rows = table->rows;
	uint32_t	place = place_behind(rows, item.row, 0, name) - 1;
	SiClusterCells *cell = walk->cells + (size_t) name * table->clusters +
		(rows->cluster != NULL ? rows->cluster[item.row] : 0);

	if (!(table->mark[rows->start[item.row] + place] & LAST))
		return;
	cell->rows--;
	cell->success -= rows->success[item.row];
}

static void
count_block(SiContrastWalk *walk)
{
	const SiContrastTable *table = walk->table;

	memset(walk->cells, 0, (size_t) table->names * table->clusters *
		   sizeof(SiClusterCells));
	for (int64_t i = 0; i < walk->items; i++)
	{
		if (i % BLOCK_ROWS == 0)
			walk->pulse();
		count_row(walk, walk->listed[i]);
		for (int k = 0; k < walk->depth; k++)
		{
			if (k == 0 || walk->prefix[k] != walk->prefix[0])
				take_single_out(walk, walk->listed[i], walk->prefix[k]);
		}
	}
}

int64_t
si_contrast_support(const SiContrastWalk *walk, uint32_t name)
{
	int64_t		clusters = walk->table->clusters;
	int64_t		support = 0;

	for (int64_t g = 0; g < clusters; g++)
		support += walk->cells[name * clusters + g].with;
	return support;
}

static void
note_frequent(const SiContrastWalk *walk, uint8_t *frequent)
{
	for (uint32_t name = 0; name < walk->table->names; name++)
		frequent[name] = si_contrast_support(walk, name) >= walk->support;
}

/* ---------- the walk ---------- */

/* The first frequent name from one on, or the number of names. */
static uint32_t
next_frequent(const SiContrastWalk *walk, const uint8_t *frequent,
			  uint32_t name)
{
	while (name < walk->table->names && !frequent[name])
		name++;
	return name;
}

/* Moves to the next triples or, after the last ones, to the next pairs. */
static bool
move_on(SiContrastWalk *walk)
{
	uint32_t	names = walk->table->names;
	uint32_t	then = walk->depth == 2 ? walk->prefix[1] + 1 : 0;
	uint32_t	first = walk->depth > 0 ? walk->prefix[0] + 1 : 0;

	if (walk->triples && walk->depth > 0)
	{
		walk->prefix[1] = next_frequent(walk, walk->frequent_pair, then);
		walk->depth = 2;
		if (walk->prefix[1] < names)
			return true;
	}
	walk->prefix[0] = next_frequent(walk, walk->frequent, first);
	walk->depth = 1;
	return walk->prefix[0] < names;
}

bool
si_contrast_next(SiContrastWalk *walk)
{
	if (walk->depth < 0)
	{
		walk->depth = 0;
		take_all_rows(walk);
		count_block(walk);
		note_frequent(walk, walk->frequent);
		return true;
	}
	if (!move_on(walk))
		return false;
	if (walk->depth == 1)
		take_list(walk, walk->prefix[0]);
	else
		take_pair(walk, walk->prefix[0], walk->prefix[1]);
	count_block(walk);
	if (walk->depth == 1)
		note_frequent(walk, walk->frequent_pair);
	return true;
}

void
si_contrast_bits(const SiContrastWalk *walk, const int32_t *slot,
				 int64_t words, uint64_t *bits)
{
	const SiContrastRows *rows = walk->table->rows;

	for (int64_t k = 0; k < walk->items; k++)
	{
		SiContrastItem item = walk->listed[k];
		uint64_t	bit = UINT64_C(1) << item.row % 64;

		if (k % BLOCK_ROWS == 0)
			walk->pulse();
		for (int64_t i = rows->start[item.row] + item.next;
			 i < rows->start[item.row + 1]; i++)
		{
			int32_t		s = slot[rows->code[i]];

			if (s >= 0 && (walk->table->mark[i] & LAST))
				bits[s * words + item.row / 64] |= bit;
		}
	}
}
