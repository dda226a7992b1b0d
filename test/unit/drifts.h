/*
 * drifts.h
 *
 * A small model with every kind of feature, and a drift against it, for the
 * tests of drift.
 */
#ifndef DRIFTS_H
#define DRIFTS_H

#include <stdlib.h>
#include <string.h>

#include "core/lead/si_drift.h"

#define DRIFT_FEATURES	5
#define DRIFT_DIGEST	UINT64_C(0x0123456789abcdef)

static double drift_edge[3] = {-1, 0, 2.5};
static int64_t drift_rows[4] = {100, 200, 300, 350};
static SiLevel drift_level[2] = {
	{{"call", 4}, 700, {0.7, 0, 0}}, {{"mail", 4}, 200, {0.2, 1, 0}}
};
static SiFeature drift_feature[DRIFT_FEATURES] = {
	{.column = {"visits", 6}, .kind = SI_FEATURE_NUMERIC, .missing_rows = 50,
	.profile = {4, drift_edge, drift_rows}},
	{.column = {"list", 4}, .kind = SI_FEATURE_NUMERIC, .width = 2,
	.element = 1, .missing_rows = 1000},
	{.column = {"list", 4}, .kind = SI_FEATURE_NUMERIC, .width = 2,
	.element = 2, .profile = {1, NULL, (int64_t[]) {1000}}},
	{.column = {"channel", 7}, .kind = SI_FEATURE_CATEGORY,
	.missing_rows = 70, .rare_rows = 30, .nlevels = 2, .levels = drift_level},
	{.column = {"none", 4}, .kind = SI_FEATURE_CATEGORY, .missing_rows = 1000}
};
static SiLeadModel drift_model = {
	.algorithm = SI_ALGORITHM_LOGISTIC, .fitted = true, .rows = 1000,
	.margins = {2, drift_edge, drift_rows},
	.nfeatures = DRIFT_FEATURES, .features = drift_feature
};

/* The caller frees drift.parts. */
static inline SiDrift
open_drift(const SiLeadModel *model)
{
	SiDrift		drift;

	si_drift_start(model, DRIFT_DIGEST,
				   malloc(si_drift_measure_model(model) + 1), &drift);
	return drift;
}

/* Counts n rows, spread over the cells of every part by their number. */
static inline void
count_rows(SiDrift *drift, int n)
{
	for (int i = 0; i < n; i++)
		for (int k = 0; k < drift->nparts; k++)
		{
			SiDriftPart *part = &drift->parts[k];

			part->now[(k == 0) + i * (k + 3) % (part->ncells - (k == 0))]++;
		}
	drift->rows += n;
}

typedef struct EncodedDrift
{
	uint8_t    *bytes;
	size_t		size;
} EncodedDrift;

static inline EncodedDrift
encode_drift(const SiDrift *drift)
{
	EncodedDrift encoded = {NULL, si_drift_encoded_size(drift)};

	encoded.bytes = malloc(encoded.size);
	si_drift_encode(drift, encoded.bytes);
	return encoded;
}

/* False if refused; otherwise the caller frees drift->parts. */
static inline bool
decode_drift(const uint8_t *bytes, size_t size, SiDrift *drift)
{
	size_t		arena;
	void	   *room;

	if (si_drift_measure(bytes, size, &arena) != SI_OK)
		return false;
	room = malloc(arena + (arena == 0));
	if (si_drift_decode(bytes, size, room, drift) != SI_OK)
		abort();
	if (drift->nparts == 0)
		drift->parts = room;
	return true;
}

#endif							/* DRIFTS_H */
