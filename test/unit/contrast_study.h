/*
 * contrast_study.h
 *
 * A whole study of a contrast, as contrast_patterns makes it: all pairs
 * tested, adjusted, and compared with what chance shows.
 */
#ifndef CONTRAST_STUDY_H
#define CONTRAST_STUDY_H

#include "contrasts.h"
#include "core/sequence/contrast/si_contrast_chance.h"
#include "core/sequence/contrast/si_contrast_found.h"
#include "core/stats/si_adjust.h"

typedef struct Study
{
	int64_t		count;
	SiContrastFound *found;
	int64_t		draws;
	double	   *best;			/* of all patterns, by draw; ascending */
} Study;

typedef struct StudyPlan
{
	bool		triples;
	int64_t		support;
	int64_t		draws;
	uint64_t	seed;
} StudyPlan;

static inline int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static inline SiContrastWhole
study_whole(const Contrasted *c)
{
	SiContrastWhole whole = {c->rows.n, 0, NULL, c->clusters, 0.95};
	SiClusterCells *cluster = calloc(c->clusters, sizeof(SiClusterCells));

	for (int64_t i = 0; i < c->rows.n; i++)
	{
		uint32_t	g = c->clusters > 1 ? c->rows.cluster[i] : 0;

		whole.successes += c->rows.success[i];
		cluster[g].rows++;
		cluster[g].success += c->rows.success[i];
	}
	if (c->clusters > 1)
		whole.cluster = cluster;
	else
		free(cluster);
	return whole;
}

static inline void
study_rows(Study *s, Contrasted *c, const SiContrastWhole *whole,
		   const SiDraws *draws, uint32_t name)
{
	int32_t    *slot = malloc(c->names * sizeof(int32_t));
	uint64_t   *bits = calloc((size_t) draws->words, sizeof(uint64_t));
	int64_t		with = si_contrast_support(&c->walk, name);
	size_t		size = (size_t) si_fisher_table_size(with, whole->successes,
													 whole->rows);
	double	   *value = malloc(2 * size * sizeof(double));
	SiDealt		dealt = {bits, si_fisher_table(with, whole->successes,
											   whole->rows, value,
											   value + size)};

	for (uint32_t k = 0; k < c->names; k++)
		slot[k] = k == name ? 0 : -1;
	si_contrast_bits(&c->walk, slot, draws->words, bits);
	si_chance_least(draws, 1, &dealt, s->best);
	free(slot);
	free(bits);
	free(value);
}

static inline void
study_clusters(Study *s, Contrasted *c, const SiContrastWhole *whole,
			   const SiDraws *draws, uint32_t name)
{
	SiClusterCells *cells = malloc(c->clusters * sizeof(SiClusterCells));
	double	   *one = malloc(c->clusters * sizeof(double));
	double	   *part = calloc(c->clusters * SI_CHANCE_BLOCK, sizeof(double));
	SiClusterScore score;

	si_contrast_cluster_cells(&c->walk, whole, name, cells);
	score = si_cluster_score(c->clusters, cells, pulse);
	if (score.norm > 0)
	{
		si_cluster_score_parts(&score, c->clusters, cells, one);
		for (uint32_t g = 0; g < c->clusters; g++)
			part[g * SI_CHANCE_BLOCK + 3] = one[g];
		si_chance_most(draws, c->clusters, part, s->best);
	}
	free(cells);
	free(one);
	free(part);
}

static inline void
judge_block(Study *s, Contrasted *c, const SiContrastWhole *whole,
			const SiDraws *draws, SiClusterCells *scratch)
{
	for (uint32_t name = 0; name < c->names; name++)
	{
		if (si_contrast_support(&c->walk, name) < c->walk.support)
			continue;
		s->found = realloc(s->found, (size_t) (s->count + 1) *
						   sizeof(SiContrastFound));
		s->found[s->count++] = si_contrast_judge(&c->walk, whole, name,
												 scratch);
		if (draws->count > 0 && whole->cluster != NULL)
			study_clusters(s, c, whole, draws, name);
		else if (draws->count > 0)
			study_rows(s, c, whole, draws, name);
	}
}

static inline void
adjust_study(Study *s, bool clustered)
{
	SiKeyed    *items = malloc((size_t) s->count * sizeof(SiKeyed));
	SiKeyed    *scratch = malloc((size_t) s->count * sizeof(SiKeyed));
	double	   *q = malloc((size_t) s->count * sizeof(double));

	qsort(s->best, (size_t) s->draws, sizeof(double), compare_doubles);
	for (int64_t i = 0; i < s->count; i++)
	{
		items[i].key = si_sort_key(s->found[i].p_value);
		items[i].item = (uint64_t) i;
	}
	si_adjust(SI_ADJUST_BH, s->count, items, scratch, q, pulse);
	for (int64_t i = 0; i < s->count; i++)
	{
		s->found[i].q_value = q[i];
		s->found[i].max_p = clustered ?
			si_chance_above(s->draws, s->best, s->found[i].statistic) :
			si_chance_below(s->draws, s->best, s->found[i].p_value);
	}
	free(items);
	free(scratch);
	free(q);
}

/* The contrast has its words; the walk is started here. */
static inline Study
make_study(Contrasted *c, StudyPlan plan)
{
	SiContrastWhole whole = study_whole(c);
	bool		clustered = whole.cluster != NULL;
	int64_t		n = clustered ? (int64_t) c->clusters : c->rows.n;
	int64_t		words = (n + 63) / 64;
	uint64_t   *bits = malloc((size_t) (plan.draws * words + 1) * 8);
	uint32_t   *deck = malloc((size_t) n * sizeof(uint32_t));
	SiDraws		draws = {plan.draws, words, bits, pulse};
	SiClusterCells *scratch = malloc(c->clusters * sizeof(SiClusterCells));
	Study		s = {0, NULL, plan.draws, NULL};

	if (clustered)
		si_chance_toss(n, plan.seed, plan.draws, bits, pulse);
	else
		si_chance_deal(n, whole.successes, plan.seed, plan.draws, deck, bits,
					   pulse);
	s.best = malloc((size_t) plan.draws * sizeof(double) + 1);
	for (int64_t i = 0; i < plan.draws; i++)
		s.best[i] = clustered ? 0 : 1;
	start_walk(c, plan.triples, plan.support);
	while (si_contrast_next(&c->walk))
		judge_block(&s, c, &whole, &draws, scratch);
	adjust_study(&s, clustered);
	free(bits);
	free(deck);
	free(scratch);
	free((void *) whole.cluster);
	return s;
}

static inline void
free_study(Study *s)
{
	free(s->found);
	free(s->best);
}

#endif							/* CONTRAST_STUDY_H */
