/*
 * samples.h
 *
 * Samples of rows in any order, for the tests of the kernels that read them.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include "core/stats/sample/si_sample.h"
#include "scored.h"

typedef struct Sampled
{
	uint8_t    *bytes;
	size_t		size;
	SiSample	sample;
} Sampled;

/* Names of groups and clusters, in order. */
static const SiText sample_names[] = {
	{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"e", 1}, {"f", 1}, {"g", 1},
	{"h", 1}
};

static inline SiKeyed
sample_row(double number, uint64_t item)
{
	SiKeyed		row = {si_sort_key(number), item};

	return row;
}

/* Sorts the items. */
static inline Sampled
sample_of(SiSampleKind kind, int names, int64_t n, SiKeyed *items)
{
	SiSampleRows rows = {kind, names, sample_names, n, items, false};
	SiKeyed    *scratch = malloc((size_t) n * sizeof(SiKeyed));
	Sampled		out;

	si_sample_sort(n, items, scratch, pulse);
	free(scratch);
	out.size = si_sample_size(&rows, pulse);
	out.bytes = malloc(out.size);
	si_sample_encode(&rows, out.bytes, pulse);
	if (si_sample_open(kind, out.bytes, out.size, &out.sample, pulse) != SI_OK)
		abort();
	return out;
}

#endif							/* SAMPLES_H */
