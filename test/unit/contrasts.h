/*
 * contrasts.h
 *
 * Random sequences with outcomes for the tests of contrasts, kept as they were
 * and as words, with all that a walk over patterns needs.
 */
#ifndef CONTRASTS_H
#define CONTRASTS_H

#include <stdlib.h>
#include <string.h>

#include "core/sequence/contrast/si_contrast_walk.h"
#include "core/si_hash.h"

static inline void
pulse(void)
{
}

static uint64_t contrast_state = 1;

static inline uint64_t
contrast_below(uint64_t limit)
{
	uint64_t	word = si_hash_mix(UINT64_C(20261122), contrast_state++);

	return (si_hash_mix(word, limit) >> 11) % limit;
}

static inline double
contrast_uniform(void)
{
	return (double) contrast_below(UINT64_C(1) << 40) * 0x1p-40;
}

typedef struct Contrasted
{
	SiContrastRows all;			/* every event */
	SiContrastRows rows;		/* words */
	uint32_t	names;
	uint32_t	clusters;		/* 1: none */
	SiContrastTable table;
	SiContrastWalk walk;
} Contrasted;

static inline SiContrastRows
contrast_rows(int64_t n, int64_t codes, bool clustered)
{
	SiContrastRows rows;

	rows.n = n;
	rows.start = calloc((size_t) n + 1, sizeof(int64_t));
	rows.code = calloc((size_t) codes + 1, sizeof(uint32_t));
	rows.cluster = clustered ? calloc((size_t) n, sizeof(uint32_t)) : NULL;
	rows.success = calloc((size_t) n, 1);
	return rows;
}

static inline void
free_rows(SiContrastRows *rows)
{
	free(rows->start);
	free(rows->code);
	free(rows->cluster);
	free(rows->success);
}

/* Rows of 1 to longest events; clusters ascend, and are all used. */
static inline Contrasted
random_contrast(int64_t n, uint32_t names, int64_t longest, uint32_t clusters)
{
	Contrasted	c;
	int64_t		at = 0;

	memset(&c, 0, sizeof(c));
	c.names = names;
	c.clusters = clusters;
	c.all = contrast_rows(n, n * longest, clusters > 1);
	for (int64_t i = 0; i < n; i++)
	{
		int64_t		length = 1 + (int64_t) contrast_below((uint64_t) longest);

		c.all.success[i] = contrast_below(3) == 0;
		if (clusters > 1)
			c.all.cluster[i] = (uint32_t) (i * clusters / n);
		for (int64_t k = 0; k < length; k++)
			c.all.code[at++] = (uint32_t) contrast_below(names);
		c.all.start[i + 1] = at;
	}
	return c;
}

/* Words of the rows, in the same order. */
static inline void
make_words(Contrasted *c, bool triples)
{
	SiContrastSeen *seen = calloc(c->names, sizeof(SiContrastSeen));
	SiContrastRows *to = &c->rows;
	int64_t		n = c->all.n;

	*to = contrast_rows(n, c->all.start[n], c->clusters > 1);
	memcpy(to->success, c->all.success, (size_t) n);
	if (c->clusters > 1)
		memcpy(to->cluster, c->all.cluster, (size_t) n * sizeof(uint32_t));
	for (int64_t i = 0; i < n; i++)
	{
		int64_t		from = c->all.start[i];
		int64_t		length = c->all.start[i + 1] - from;
		uint32_t   *code = to->code + to->start[i];

		memcpy(code, c->all.code + from, (size_t) length * sizeof(uint32_t));
		to->start[i + 1] = to->start[i] +
			si_contrast_word(triples, length, code, seen, pulse);
	}
	free(seen);
}

/* Ready to walk over the words. */
static inline void
start_walk(Contrasted *c, bool triples, int64_t support)
{
	SiContrastTable *t = &c->table;
	SiContrastWalk *w = &c->walk;
	int64_t		n = c->rows.n;
	uint32_t   *stamp = calloc(c->names, sizeof(uint32_t));

	t->rows = &c->rows;
	t->names = c->names;
	t->clusters = c->clusters;
	t->mark = malloc((size_t) c->rows.start[n] + 1);
	t->list_start = malloc((c->names + 1) * sizeof(int64_t));
	si_contrast_mark(t, stamp, pulse);
	t->list = malloc((size_t) t->pairs * sizeof(SiContrastItem));
	t->last_start = malloc((size_t) (n + 1) * sizeof(int64_t));
	t->last = malloc((size_t) t->pairs * sizeof(SiContrastLast));
	si_contrast_index(t, pulse);
	free(stamp);
	w->table = t;
	w->support = support;
	w->triples = triples;
	w->item = malloc((size_t) n * sizeof(SiContrastItem));
	w->cells = malloc(c->names * c->clusters * sizeof(SiClusterCells));
	w->frequent = malloc(c->names);
	w->frequent_pair = malloc(c->names);
	w->pulse = pulse;
	w->depth = -1;
}

static inline void
free_contrast(Contrasted *c)
{
	free_rows(&c->all);
	free_rows(&c->rows);
	free(c->table.mark);
	free(c->table.list_start);
	free(c->table.list);
	free(c->table.last_start);
	free(c->table.last);
	free(c->walk.item);
	free(c->walk.cells);
	free(c->walk.frequent);
	free(c->walk.frequent_pair);
}

#endif							/* CONTRASTS_H */
