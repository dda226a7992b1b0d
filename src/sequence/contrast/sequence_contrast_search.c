/*
 * sequence_contrast_search.c
 *	  Visits all patterns of a contrast, tests each, adjusts for their number.
 *
 * Two walks at most: the first tests the patterns one by one; the second, if
 * permutations are asked for, finds what the best of all would be by chance.
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"

#include "core/sequence/contrast/si_contrast_chance.h"
#include "core/stats/si_adjust.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/contrast/sequence_contrast.h"

#define FIRST_FOUND		1024
#define BITMAPS			64		/* patterns whose rows are found together */
#define SHARE_NOISE		1e-9	/* 0.1 of 30 rows is 3, not 4 */
#define WHAT			"contrasts"

void *
contrast_room(ContrastSearch *search, Size count, Size size)
{
	Size		bytes = count > 0 ? count * size : size;

	if (count > MaxAllocHugeSize / size)
		bytes = MaxAllocHugeSize;
	si_check_memory(search->context, bytes, WHAT, false);
	return MemoryContextAllocHuge(search->context, bytes);
}

static void *
zeroed_room(ContrastSearch *search, Size count, Size size)
{
	void	   *room = contrast_room(search, count, size);

	memset(room, 0, count * size);
	return room;
}

/* ----- Setting up ----- */

static void
read_rows(ContrastSearch *search)
{
	SiContrast *contrast = &search->contrast;
	SiContrastRows *rows = &search->rows;

	search->name = contrast_room(search, contrast->names, sizeof(SiText));
	si_contrast_texts(contrast->name_text, contrast->names, search->name);
	rows->start = contrast_room(search, contrast->rows + 1, sizeof(int64));
	rows->code = contrast_room(search, contrast->codes, sizeof(uint32));
	rows->success = contrast_room(search, contrast->rows, 1);
	rows->cluster = contrast->plan.clustered ?
		contrast_room(search, contrast->rows, sizeof(uint32)) : NULL;
	si_contrast_read(contrast, rows, si_pulse);
}

static void
index_rows(ContrastSearch *search)
{
	SiContrastTable *table = &search->table;
	uint32		names = search->contrast.names;

	table->rows = &search->rows;
	table->names = names;
	table->clusters = Max(search->contrast.clusters, 1);
	table->mark = contrast_room(search, search->contrast.codes, 1);
	table->list_start = contrast_room(search, (Size) names + 1,
									  sizeof(int64));
	si_contrast_mark(table, zeroed_room(search, names, sizeof(uint32)),
					 si_pulse);
	table->list = contrast_room(search, table->pairs, sizeof(SiContrastItem));
	table->last_start = contrast_room(search, search->rows.n + 1,
									  sizeof(int64));
	table->last = contrast_room(search, table->pairs, sizeof(SiContrastLast));
	si_contrast_index(table, si_pulse);
}

static int64
least_rows(const SiContrast *contrast)
{
	double		support = contrast->plan.support;

	if (support < 1)
		support = support * (double) contrast->rows - SHARE_NOISE;
	return Max((int64) ceil(support), 1);
}

static void
make_walk(ContrastSearch *search)
{
	SiContrastWalk *walk = &search->walk;
	Size		names = search->contrast.names;
	Size		clusters = search->table.clusters;

	walk->table = &search->table;
	walk->support = least_rows(&search->contrast);
	walk->triples = search->contrast.plan.triples;
	walk->item = contrast_room(search, search->rows.n,
							   sizeof(SiContrastItem));
	walk->cells = contrast_room(search, names * clusters,
								sizeof(SiClusterCells));
	walk->frequent = contrast_room(search, names, 1);
	walk->frequent_pair = contrast_room(search, names, 1);
	walk->pulse = si_pulse;
	contrast_start_walk(search);
}

void
contrast_start_walk(ContrastSearch *search)
{
	search->walk.depth = -1;
}

static void
count_whole(ContrastSearch *search)
{
	SiContrastWhole *whole = &search->whole;
	const SiContrastRows *rows = &search->rows;
	SiClusterCells *cluster = NULL;

	whole->level = search->options->level;
	whole->rows = rows->n;
	whole->clusters = search->contrast.clusters;
	if (rows->cluster != NULL)
	{
		cluster = zeroed_room(search, whole->clusters,
							  sizeof(SiClusterCells));
		search->scratch = contrast_room(search, whole->clusters,
										sizeof(SiClusterCells));
	}
	for (int64 i = 0; i < rows->n; i++)
	{
		whole->successes += rows->success[i];
		if (cluster == NULL)
			continue;
		cluster[rows->cluster[i]].rows++;
		cluster[rows->cluster[i]].success += rows->success[i];
	}
	whole->cluster = cluster;
}

/* ----- The first walk ----- */

static int
compare_names(const void *a, const void *b)
{
	return si_text_compare(*(const SiText *) a, *(const SiText *) b);
}

/* An error would keep segments from sharing the options of all. */
static void
warn_of_outcome(const char *outcome)
{
	ereport(WARNING,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("outcome \"%s\" is not among the events", outcome),
			 errdetail("No sequence of this contrast has it: the option excludes nothing."),
			 errhint("Spell it as the events do, or leave \"%s\" out; case counts.", outcome)));
}

/* Those that the options name; names are in bytewise order. */
static void
mark_outcomes(ContrastSearch *search)
{
	ListCell   *cell;

	foreach(cell, search->options->outcome)
	{
		const char *outcome = lfirst(cell);
		SiText		text = {outcome, (int32) strlen(outcome)};
		SiText	   *name = bsearch(&text, search->name,
								   search->contrast.names, sizeof(SiText),
								   compare_names);

		if (name != NULL)
			search->outcome[name - search->name] = true;
		else
			warn_of_outcome(outcome);
	}
}

/* Of the first block, that of single events. */
static void
find_outcomes(ContrastSearch *search)
{
	search->outcome = zeroed_room(search, search->contrast.names,
								  sizeof(bool));
	mark_outcomes(search);
	for (uint32 name = 0; name < search->contrast.names; name++)
	{
		const SiClusterCells *cell = search->walk.cells +
			(Size) name * search->table.clusters;
		uint32		with = 0;
		uint32		with_success = 0;

		for (uint32 g = 0; g < search->table.clusters; g++)
		{
			with += cell[g].with;
			with_success += cell[g].with_success;
		}
		search->outcome[name] |= si_contrast_is_outcome(&search->whole, with,
														with_success);
	}
}

static void
append_found(ContrastSearch *search, SiContrastFound found)
{
	if (search->count == search->capacity)
	{
		int64		capacity = Max(2 * search->capacity, FIRST_FOUND);

		si_check_memory(search->context, capacity * sizeof(SiContrastFound),
						WHAT, false);
		search->found = search->found == NULL ?
			MemoryContextAllocHuge(search->context, capacity *
								   sizeof(SiContrastFound)) :
			repalloc_huge(search->found, capacity * sizeof(SiContrastFound));
		search->capacity = capacity;
	}
	for (int i = 0; i < found.length; i++)
		found.outcome = found.outcome || search->outcome[found.name[i]];
	search->tested += !found.outcome;
	search->found[search->count++] = found;
}

static void
judge_block(ContrastSearch *search)
{
	SiContrastWalk *walk = &search->walk;

	for (uint32 name = 0; name < search->contrast.names; name++)
	{
		CHECK_FOR_INTERRUPTS();
		if (si_contrast_support(walk, name) >= walk->support)
			append_found(search, si_contrast_judge(walk, &search->whole, name,
												   search->scratch));
	}
}

static void
adjust_p_values(ContrastSearch *search)
{
	SiKeyed    *items = contrast_room(search, search->tested,
									  sizeof(SiKeyed));
	SiKeyed    *scratch = contrast_room(search, search->tested,
										sizeof(SiKeyed));
	double	   *q = contrast_room(search, search->tested, sizeof(double));
	int64		n = 0;

	for (int64 i = 0; i < search->count; i++)
	{
		if (search->found[i].outcome)
			continue;
		items[n].key = si_sort_key(search->found[i].p_value);
		items[n].item = n;
		n++;
	}
	si_adjust(search->options->method == 0 ? SI_ADJUST_BH : SI_ADJUST_BY, n,
			  items, scratch, q, si_pulse);
	n = 0;
	for (int64 i = 0; i < search->count; i++)
	{
		if (!search->found[i].outcome)
			search->found[i].q_value = q[n++];
	}
	pfree(items);
	pfree(scratch);
	pfree(q);
}

static int64
words_of_draw(const ContrastSearch *search)
{
	int64		n = search->whole.cluster != NULL ? search->whole.clusters :
		search->whole.rows;

	return (n + 63) / 64;
}

/* An error before the first walk, not after it, if draws will not fit. */
static void
check_draws(ContrastSearch *search)
{
	si_check_memory(search->context, (Size) search->options->permutations *
					words_of_draw(search) * sizeof(uint64), WHAT, false);
}

void
contrast_search(ContrastSearch *search)
{
	read_rows(search);
	index_rows(search);
	make_walk(search);
	count_whole(search);
	check_draws(search);
	while (si_contrast_next(&search->walk))
	{
		if (search->walk.depth == 0)
			find_outcomes(search);
		judge_block(search);
	}
	adjust_p_values(search);
	if (search->options->permutations > 0 && search->tested > 0)
		contrast_permute(search);
}

/* ----- The second walk: permutations ----- */

/* The best of all patterns in each draw, and room for patterns at work. */
typedef struct Chance
{
	SiDraws		draws;
	double	   *best;			/* by draw */
	int64		next;			/* pattern of the search, as it walks */
	uint32		waiting[BITMAPS];	/* names of the block to be tried */
	int			count;
	/* rows */
	int32	   *slot;			/* by name: its bitmap, or -1 */
	uint64	   *bits;
	double	   *table;			/* BITMAPS tables, and one as scratch */
	Size		table_size;
	/* clusters */
	double	   *part;			/* by cluster, of SI_CHANCE_BLOCK patterns */
	double	   *one;
} Chance;

static double
worst_of(const Chance *chance)
{
	double		worst = 0;

	for (int64 i = 0; i < chance->draws.count; i++)
		worst = Max(worst, chance->best[i]);
	return worst;
}

/* Patterns whose least p-value is above those found change nothing. */
static void
try_rows(ContrastSearch *search, Chance *chance)
{
	SiDealt		pattern[BITMAPS];
	int64		words = chance->draws.words;
	double		worst = worst_of(chance);
	int			n = 0;

	for (int i = 0; i < chance->count; i++)
		chance->slot[chance->waiting[i]] = i;
	memset(chance->bits, 0, chance->count * words * sizeof(uint64));
	si_contrast_bits(&search->walk, chance->slot, words, chance->bits);
	for (int i = 0; i < chance->count; i++)
	{
		uint32		name = chance->waiting[i];
		SiDealt    *p = &pattern[n];
		int64		last;

		CHECK_FOR_INTERRUPTS();
		chance->slot[name] = -1;
		p->bits = chance->bits + i * words;
		p->table = si_fisher_table(si_contrast_support(&search->walk, name),
								   search->whole.successes,
								   search->whole.rows,
								   chance->table + n * chance->table_size,
								   chance->table +
								   BITMAPS * chance->table_size);
		last = p->table.high - p->table.low;
		n += Min(p->table.value[0], p->table.value[last]) < worst;
	}
	si_chance_least(&chance->draws, n, pattern, chance->best);
}

static void
try_clusters(ContrastSearch *search, Chance *chance)
{
	int64		clusters = search->whole.clusters;

	memset(chance->part, 0, clusters * SI_CHANCE_BLOCK * sizeof(double));
	for (int j = 0; j < chance->count; j++)
	{
		SiClusterScore score;

		si_contrast_cluster_cells(&search->walk, &search->whole,
								  chance->waiting[j], search->scratch);
		score = si_cluster_score(clusters, search->scratch, si_pulse);
		if (score.norm == 0)
			continue;
		si_cluster_score_parts(&score, clusters, search->scratch,
							   chance->one);
		for (int64 g = 0; g < clusters; g++)
			chance->part[g * SI_CHANCE_BLOCK + j] = chance->one[g];
	}
	si_chance_most(&chance->draws, clusters, chance->part, chance->best);
}

static void
try_waiting(ContrastSearch *search, Chance *chance)
{
	if (chance->count > 0 && search->whole.cluster != NULL)
		try_clusters(search, chance);
	else if (chance->count > 0)
		try_rows(search, chance);
	chance->count = 0;
}

/* The same patterns in the same order as in the first walk. */
static void
try_block(ContrastSearch *search, Chance *chance)
{
	int			most = search->whole.cluster != NULL ? SI_CHANCE_BLOCK :
		BITMAPS;

	for (uint32 name = 0; name < search->contrast.names; name++)
	{
		if (si_contrast_support(&search->walk, name) < search->walk.support ||
			search->found[chance->next++].outcome)
			continue;
		chance->waiting[chance->count++] = name;
		if (chance->count == most)
			try_waiting(search, chance);
	}
	try_waiting(search, chance);
}

/* Of all patterns that are tested. */
static int64
largest_table(const ContrastSearch *search)
{
	int64		size = 1;

	for (int64 i = 0; i < search->count; i++)
	{
		si_pulse_every(i);
		if (!search->found[i].outcome)
			size = Max(size, si_fisher_table_size(search->found[i].with,
												  search->whole.successes,
												  search->whole.rows));
	}
	return size;
}

static void
prepare_rows(ContrastSearch *search, Chance *chance, uint64 *bits)
{
	int64		n = search->whole.rows;
	uint32		names = search->contrast.names;

	si_chance_deal(n, search->whole.successes, search->options->seed,
				   chance->draws.count,
				   contrast_room(search, n, sizeof(uint32)), bits, si_pulse);
	chance->slot = contrast_room(search, names, sizeof(int32));
	for (uint32 name = 0; name < names; name++)
		chance->slot[name] = -1;
	chance->bits = contrast_room(search, BITMAPS * chance->draws.words,
								 sizeof(uint64));
	chance->table_size = largest_table(search);
	chance->table = contrast_room(search, (BITMAPS + 1) * chance->table_size,
								  sizeof(double));
	for (int64 i = 0; i < chance->draws.count; i++)
		chance->best[i] = 1;
}

static void
prepare_clusters(ContrastSearch *search, Chance *chance, uint64 *bits)
{
	int64		clusters = search->whole.clusters;

	si_chance_toss(clusters, search->options->seed, chance->draws.count, bits,
				   si_pulse);
	chance->part = contrast_room(search, clusters * SI_CHANCE_BLOCK,
								 sizeof(double));
	chance->one = contrast_room(search, clusters, sizeof(double));
	memset(chance->best, 0, chance->draws.count * sizeof(double));
}

static Chance
prepare_chance(ContrastSearch *search)
{
	bool		clustered = search->whole.cluster != NULL;
	Chance		chance;
	uint64	   *bits;

	memset(&chance, 0, sizeof(chance));
	chance.draws.count = search->options->permutations;
	chance.draws.words = words_of_draw(search);
	chance.draws.pulse = si_pulse;
	chance.best = contrast_room(search, chance.draws.count, sizeof(double));
	bits = contrast_room(search, chance.draws.count * chance.draws.words,
						 sizeof(uint64));
	chance.draws.bits = bits;
	if (clustered)
		prepare_clusters(search, &chance, bits);
	else
		prepare_rows(search, &chance, bits);
	return chance;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

void
contrast_permute(ContrastSearch *search)
{
	Chance		chance = prepare_chance(search);
	int64		n = chance.draws.count;

	contrast_start_walk(search);
	while (si_contrast_next(&search->walk))
		try_block(search, &chance);
	qsort(chance.best, n, sizeof(double), compare_doubles);
	for (int64 i = 0; i < search->count; i++)
	{
		SiContrastFound *found = &search->found[i];

		if (!found->outcome)
			found->max_p = search->whole.cluster != NULL ?
				si_chance_above(n, chance.best, found->statistic) :
				si_chance_below(n, chance.best, found->p_value);
	}
}
