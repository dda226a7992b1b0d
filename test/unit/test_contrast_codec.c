/*
 * test_contrast_codec.c
 *
 * Contrasts in bytes: back as they were, and damaged and forged ones refused,
 * or safe to read and equal to the bytes that they describe.  In memory of
 * exactly their size, under sanitizers.
 */
#include "tap.h"

#include "contrasts.h"
#include "mutants.h"

#define ROUNDS	20000
#define NAMES	6
#define CLUSTERS	7

static const char *const event_text[NAMES] = {
	"", "a", "ab", "b", "call back", "won"
};
static const char *const cluster_text[CLUSTERS] = {
	"A", "B", "C", "D", "E", "F", "G"
};

static void
fill_texts(int n, const char *const *from, SiText *text)
{
	for (int i = 0; i < n; i++)
	{
		text[i].data = from[i];
		text[i].length = (int32_t) strlen(from[i]);
	}
}

static const SiContrastRows *compared;

static int
compare_rows(const void *a, const void *b)
{
	return si_contrast_compare(compared, *(const int64_t *) a,
							   *(const int64_t *) b);
}

/* The words in the order of the bytes. */
static SiContrastRows
sorted_words(const Contrasted *c)
{
	const SiContrastRows *from = &c->rows;
	SiContrastRows to = contrast_rows(from->n, from->start[from->n],
									  c->clusters > 1);
	int64_t    *order = malloc((size_t) from->n * sizeof(int64_t));

	for (int64_t i = 0; i < from->n; i++)
		order[i] = i;
	compared = from;
	qsort(order, (size_t) from->n, sizeof(int64_t), compare_rows);
	for (int64_t i = 0; i < from->n; i++)
	{
		int64_t		start = from->start[order[i]];
		int64_t		length = from->start[order[i] + 1] - start;

		memcpy(to.code + to.start[i], from->code + start,
			   (size_t) length * sizeof(uint32_t));
		to.start[i + 1] = to.start[i] + length;
		to.success[i] = from->success[order[i]];
		if (to.cluster != NULL)
			to.cluster[i] = from->cluster[order[i]];
	}
	free(order);
	return to;
}

static Bytes
encode(const SiContrastPlan *plan, const SiContrastRows *rows,
	   uint32_t names, const SiText *name, uint32_t clusters,
	   const SiText *cluster)
{
	Bytes		bytes;

	bytes.size = si_contrast_size(plan, rows, names, name, clusters, cluster,
								  pulse);
	bytes.data = malloc(bytes.size);
	si_contrast_encode(plan, rows, names, name, clusters, cluster,
					   bytes.data, pulse);
	return bytes;
}

/* The contrast again from what it says; false if its bytes are others. */
static bool
encodes_the_same(const SiContrast *c, const Bytes *bytes)
{
	SiContrastRows rows = contrast_rows(c->rows, c->codes,
										c->plan.clustered);
	SiText	   *name = malloc(c->names * sizeof(SiText));
	SiText	   *cluster = malloc(c->clusters * sizeof(SiText) + 1);
	Bytes		again;
	bool		same;

	si_contrast_read(c, &rows, pulse);
	si_contrast_texts(c->name_text, c->names, name);
	si_contrast_texts(c->cluster_text, c->clusters, cluster);
	again = encode(&c->plan, &rows, c->names, name, c->clusters, cluster);
	same = again.size == bytes->size &&
		memcmp(again.data, bytes->data, again.size) == 0;
	free(again.data);
	free(name);
	free(cluster);
	free_rows(&rows);
	return same;
}

static Bytes
sample(bool triples, uint32_t clusters)
{
	Contrasted	c = random_contrast(60, NAMES, 9, clusters);
	SiContrastPlan plan = {triples, clusters > 1, 0.05};
	SiText		name[NAMES];
	SiText		cluster[CLUSTERS];
	SiContrastRows rows;
	Bytes		bytes;

	make_words(&c, triples);
	rows = sorted_words(&c);
	fill_texts(NAMES, event_text, name);
	fill_texts(CLUSTERS, cluster_text, cluster);
	bytes = encode(&plan, &rows, NAMES, name, clusters > 1 ? clusters : 0,
				   cluster);
	free_rows(&rows);
	free_contrast(&c);
	return bytes;
}

static void
test_round_trip(const Bytes *bytes, bool triples, uint32_t clusters)
{
	SiContrast	c;

	ok(si_contrast_open(bytes->data, bytes->size, &c, pulse) == SI_OK,
	   "opens");
	ok(c.rows == 60 && c.names == NAMES && c.plan.support == 0.05 &&
	   c.plan.triples == triples && c.plan.clustered == (clusters > 1) &&
	   encodes_the_same(&c, bytes), "says what went in");
}

static void
fuzz(const Bytes *original, size_t kind, bool repair)
{
	int			decoded = 0;
	int			unequal = 0;

	for (int i = 0; i < ROUNDS; i++)
	{
		Bytes		mutant = {malloc(original->size), original->size};
		SiContrast	c;

		memcpy(mutant.data, original->data, mutant.size);
		mutations[kind].apply(&mutant);
		if (repair)
			repair_hash(&mutant);
		if (mutant.size != original->size ||
			memcmp(mutant.data, original->data, mutant.size) != 0)
		{
			bool		opens = si_contrast_open(mutant.data, mutant.size, &c,
												 pulse) == SI_OK;

			decoded += opens;
			unequal += opens && !encodes_the_same(&c, &mutant);
		}
		free(mutant.data);
	}
	ok(repair ? decoded < ROUNDS : decoded == 0, "%s%s: %d decode",
	   mutations[kind].name, repair ? ", hash repaired" : "", decoded);
	ok(unequal == 0, "those encode to the same bytes again");
}

static void
test_cuts(const Bytes *bytes)
{
	int			opened = 0;

	for (size_t size = 0; size < bytes->size; size++)
	{
		uint8_t    *exact = malloc(size + (size == 0));
		SiContrast	c;

		memcpy(exact, bytes->data, size);
		opened += si_contrast_open(exact, size, &c, pulse) == SI_OK;
		free(exact);
	}
	ok(opened == 0, "no beginning of it opens");
}

int
main(void)
{
	for (int i = 0; i < 4; i++)
	{
		bool		triples = i % 2 == 1;
		uint32_t	clusters = i / 2 == 1 ? CLUSTERS : 1;
		Bytes		bytes = sample(triples, clusters);

		test_round_trip(&bytes, triples, clusters);
		for (size_t kind = 0; kind < MUTATIONS && i % 3 == 0; kind++)
		{
			fuzz(&bytes, kind, false);
			fuzz(&bytes, kind, true);
		}
		test_cuts(&bytes);
		free(bytes.data);
	}
	return done_testing();
}
