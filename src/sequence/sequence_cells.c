/*
 * sequence_cells.c
 *	  Transitions counted one by one, on their way into a transition_matrix.
 *
 * Waits are collected as they come and settled (sorted, merged, cut to as many
 * digits as the format allows) when a cell's room is full; room grows only
 * when that leaves it half full, so that it stays below twice what the format
 * allows.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_hash_key.h"
#include "pg/si_pulse.h"
#include "sequence/sequence_cells.h"

#define FIRST_CELLS		8
#define FIRST_WAITS		4
#define WHAT			SEQUENCE_CELLS_WHAT

static inline uint32
hash_places(const SequenceCells *cells, uint32 from, uint32 to)
{
	return (uint32) si_hash_mix(((uint64) from << 32 | to) ^ cells->seed,
								cells->seed);
}

static void
take_slot(SequenceCells *cells, uint32 number)
{
	const SequenceCell *cell = &cells->cell[number];
	uint32		at = hash_places(cells, cell->from, cell->to) &
		(cells->slots - 1);

	while (cells->slot[at] != 0)
		at = (at + 1) & (cells->slots - 1);
	cells->slot[at] = number + 1;
}

static void
grow_cells(SequenceCells *cells)
{
	uint32		capacity = Max(2 * cells->capacity, FIRST_CELLS);
	Size		bytes = capacity * sizeof(SequenceCell);

	/* more cells than numbers of 32 bits are more than any memory */
	if (capacity > PG_INT32_MAX / 2)
		bytes = SIZE_MAX / 2;
	si_check_memory(cells->context, bytes + 2 * capacity * sizeof(uint32),
					WHAT, false);
	if (cells->cell == NULL)
	{
		cells->cell = MemoryContextAlloc(cells->context, bytes);
		cells->seed = si_draw_seed();
	}
	else
	{
		cells->cell = repalloc_huge(cells->cell, bytes);
		pfree(cells->slot);
	}
	cells->capacity = capacity;
	cells->slots = 2 * capacity;
	cells->slot = MemoryContextAllocExtended(cells->context,
											 cells->slots * sizeof(uint32),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 i = 0; i < cells->count; i++)
	{
		si_pulse_every(i);
		take_slot(cells, i);
	}
}

static SequenceCell *
add_cell(SequenceCells *cells, uint32 from, uint32 to)
{
	SequenceCell *cell;

	if (cells->count == cells->capacity)
		grow_cells(cells);
	cell = &cells->cell[cells->count];
	memset(cell, 0, sizeof(*cell));
	cell->from = from;
	cell->to = to;
	cell->last = -1;
	cell->digits = SI_WAIT_DIGITS;
	take_slot(cells, cells->count++);
	return cell;
}

SequenceCell *
sequence_cell(SequenceCells *cells, uint32 from, uint32 to)
{
	uint32		mask = cells->slots - 1;

	if (cells->slots > 0)
	{
		for (uint32 at = hash_places(cells, from, to) & mask;
			 cells->slot[at] != 0; at = (at + 1) & mask)
		{
			SequenceCell *cell = &cells->cell[cells->slot[at] - 1];

			if (cell->from == from && cell->to == to)
				return cell;
		}
	}
	return add_cell(cells, from, to);
}

/* ----- What a cell gathers ----- */

void
sequence_cell_count(SequenceCell *cell, int64 count)
{
	if (unlikely(count > SI_MAX_TRANSITIONS - cell->count))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many transitions"),
				 errdetail("The limit is " INT64_FORMAT " of one kind.", (int64) SI_MAX_TRANSITIONS),
				 errhint("Roll up each part once.")));
	cell->count += count;
}

static void
settle_waits(SequenceCell *cell)
{
	SiKeyed    *scratch = palloc((cell->waiting + 1) * sizeof(SiKeyed));

	si_sort_keyed(cell->waiting, cell->waits, scratch, si_pulse);
	cell->waiting = (int32) si_waits_settle_to(cell->waiting, cell->waits,
											   SI_TRANSITION_WAITS,
											   &cell->digits, si_pulse);
	pfree(scratch);
}

static void
reserve_waits(SequenceCells *cells, SequenceCell *cell, int32 more)
{
	int32		capacity = Max(cell->capacity, FIRST_WAITS);

	if (cell->waiting + more > cell->capacity && cell->waiting > FIRST_WAITS)
		settle_waits(cell);
	while (capacity < 2 * cell->waiting || capacity < cell->waiting + more)
		capacity *= 2;
	if (capacity == cell->capacity)
		return;
	si_check_memory(cells->context, capacity * sizeof(SiKeyed), WHAT, false);
	if (cell->waits == NULL)
		cell->waits = MemoryContextAlloc(cells->context,
										 capacity * sizeof(SiKeyed));
	else
		cell->waits = repalloc(cell->waits, capacity * sizeof(SiKeyed));
	cell->capacity = capacity;
}

void
sequence_cell_wait(SequenceCells *cells, SequenceCell *cell, uint64 wait)
{
	SiKeyed    *next;

	if (unlikely(cell->waiting == cell->capacity))
		reserve_waits(cells, cell, 1);
	next = &cell->waits[cell->waiting++];
	next->key = wait;
	next->item = 1;
}

void
sequence_cell_merge(SequenceCells *cells, SequenceCell *cell,
					const SiTransition *from)
{
	sequence_cell_count(cell, from->count);
	cell->valued += from->valued;
	si_sum_merge(&cell->values, &from->values);
	if (!(fabs(cell->values.high) <= SI_LARGEST_VALUES))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of values is out of range"),
				 errdetail("The limit is %g.", SI_LARGEST_VALUES),
				 errhint("Roll up each part once.")));
	if (from->n == 0)
		return;
	reserve_waits(cells, cell, (int32) from->n);
	if (from->waits != NULL)
		memcpy(cell->waits + cell->waiting, from->waits,
			   from->n * sizeof(SiKeyed));
	else
		si_transition_waits(from, cell->waits + cell->waiting, si_pulse);
	cell->waiting += (int32) from->n;
	cell->digits = Min(cell->digits, from->digits);
}

/* ----- The value ----- */

static inline uint32
place_of(uint32 place, const uint32 *rank)
{
	return place == 0 || rank == NULL ? place : rank[place - 1] + 1;
}

/* The cells by their places in the value. */
static SiKeyed *
order_cells(const SequenceCells *cells, const uint32 *rank)
{
	Size		bytes = (cells->count + 1) * sizeof(SiKeyed);
	SiKeyed    *order = MemoryContextAllocHuge(CurrentMemoryContext, bytes);
	SiKeyed    *scratch = MemoryContextAllocHuge(CurrentMemoryContext, bytes);

	for (uint32 i = 0; i < cells->count; i++)
	{
		order[i].key = (uint64) place_of(cells->cell[i].from, rank) << 32 |
			place_of(cells->cell[i].to, rank);
		order[i].item = i;
	}
	si_sort_keyed(cells->count, order, scratch, si_pulse);
	pfree(scratch);
	return order;
}

static void
write_cells(SiWriter *out, const SequenceCells *cells, const SiKeyed *order)
{
	for (uint32 i = 0; i < cells->count; i++)
	{
		const SequenceCell *cell = &cells->cell[order[i].item];
		SiTransition it = {
			.from = (uint32) (order[i].key >> 32),
			.to = (uint32) order[i].key,
			.count = cell->count,
			.valued = cell->valued,
			.values = cell->values,
			.digits = cell->digits,
			.n = cell->waiting,
			.waits = cell->waits
		};

		si_pulse_every(i);
		si_transitions_write(out, &it, si_pulse);
	}
}

struct varlena *
sequence_cells_pack(SequenceCells *cells, uint32 names, const SiText *name,
					const uint32 *rank)
{
	SiKeyed    *order = order_cells(cells, rank);
	SiWriter	out = {NULL, 0};
	struct varlena *value;

	for (uint32 i = 0; i < cells->count; i++)
	{
		if (cells->cell[i].waiting > 0)
			settle_waits(&cells->cell[i]);
	}
	si_transitions_start(&out, names, name, cells->count, si_pulse);
	write_cells(&out, cells, order);
	value = si_value_create(si_transitions_finish(&out), &transition_type);
	out.out = (uint8 *) VARDATA(value);
	out.size = 0;
	si_transitions_start(&out, names, name, cells->count, si_pulse);
	write_cells(&out, cells, order);
	(void) si_transitions_finish(&out);
	pfree(order);
	return value;
}
