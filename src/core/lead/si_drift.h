/*
 * si_drift.h
 *	  How the leads of today differ from those that a model learned from:
 *	  rows by bins, then and now, and their population stability index.
 *
 * Self-contained: of the model it keeps the digest, the names of the features
 * and the counts of its profiles, but neither edges nor levels.
 */
#ifndef SI_DRIFT_H
#define SI_DRIFT_H

#include "core/lead/si_lead_model.h"

#define SI_DRIFT_VERSION	1
#define SI_MAX_DRIFT_ROWS	(INT64_C(1) << 52)	/* exact as doubles */

/*
 * One distribution.  Cell 0 holds missing values, which a score has not; the
 * bins of numbers follow from cell 1 on, and of a category its levels and, in
 * the last cell, all other values.
 */
typedef struct SiDriftPart
{
	SiText		column;			/* empty: the score */
	int			element;		/* place in an array column, 0 for a scalar */
	int			ncells;
	int64_t    *then;			/* rows of training */
	int64_t    *now;
} SiDriftPart;

typedef struct SiDrift
{
	uint64_t	model;			/* digest of its bytes */
	int64_t		rows;			/* now: every feature has so many */
	int			nparts;			/* 1 + features, the score first; or 0 */
	SiDriftPart *parts;
} SiDrift;

/* What a distribution says about drift; shares are of rows, NaN without any. */
typedef struct SiStability
{
	double		psi;			/* NaN without rows on both sides */
	double		critical;		/* exceeded by chance at 1 - level */
	double		missing_then;
	double		missing_now;
} SiStability;

/*
 * Nothing counted yet against a model, of the given digest; of a model that is
 * not fitted there are no parts.  Texts point into the model's, which must
 * outlive the drift; arena has the size that measure gives.
 */
extern size_t si_drift_measure_model(const SiLeadModel *model);
extern void si_drift_start(const SiLeadModel *model, uint64_t digest,
						   void *arena, SiDrift *drift);

/* Whether both are against the same model. */
extern bool si_drift_is_alike(const SiDrift *a, const SiDrift *b);

/*
 * Adds the rows of another drift against the same model; false, and nothing
 * done, if they are too many.
 */
extern bool si_drift_merge(SiDrift *into, const SiDrift *from);

extern SiStability si_drift_stability(const SiDriftPart *part, double level);

/* ---------- si_drift_codec.c ---------- */

extern size_t si_drift_encoded_size(const SiDrift *drift);
extern void si_drift_encode(const SiDrift *drift, uint8_t *out);

/*
 * Decoding checks every byte.  measure returns SI_CORRUPT for all that encode
 * cannot have made, otherwise the bytes of arena that decode needs, which is
 * aligned for a pointer.  Texts point into the bytes.
 */
extern SiStatus si_drift_measure(const uint8_t *bytes, size_t size,
								 size_t *arena_size);
extern SiStatus si_drift_decode(const uint8_t *bytes, size_t size,
								void *arena, SiDrift *drift);

#endif							/* SI_DRIFT_H */
