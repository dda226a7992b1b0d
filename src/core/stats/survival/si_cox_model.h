/*
 * si_cox_model.h
 *	  A model of proportional hazards as a plain structure, and its encoding.
 *
 * Bytes: magic, version, flags, numbers, counts, then features, terms,
 * warnings and steps, and a 64-bit hash of all before: at once the stored
 * form, the wire form and (in base64) the text form.
 */
#ifndef SI_COX_MODEL_H
#define SI_COX_MODEL_H

#include "core/lead/si_lead_model.h"
#include "core/si_core.h"

#define SI_COX_STEPS		1001	/* of the hazard: ends of 1,000 parts */
#define SI_COX_MAX_TERMS	4096

/* Terms of a feature come in this order; those of an array by element. */
typedef enum SiCoxTermKind
{
	SI_COX_SLOPE = 1,
	SI_COX_LEVEL,
	SI_COX_MISSING
} SiCoxTermKind;

/*
 * What one design column adds to the margin: coefficient * (x - mean), x being
 * the number, or 1 where the level or the gap is there.
 */
typedef struct SiCoxTerm
{
	SiCoxTermKind kind;
	int			element;		/* 1-based place in an array, 0 for a scalar */
	SiText		level;			/* of a level; ascending bytewise */
	int64_t		rows;			/* training rows that have it */
	double		mean;			/* over the training rows */
	double		coefficient;
	double		std_error;		/* NaN: reference, or not estimated */
} SiCoxTerm;

typedef struct SiCoxFeature
{
	SiText		name;			/* of the column; ascending bytewise */
	SiFeatureKind kind;
	int			width;			/* of an array, 0 for a scalar */
	int			nterms;
	SiCoxTerm  *terms;
} SiCoxFeature;

typedef enum SiCoxWarningCode
{
	SI_COX_NO_EVENTS = 1,
	SI_COX_FEW_EVENTS,
	SI_COX_MONOTONE,
	SI_COX_CONSTANT,
	SI_COX_COLLINEAR,
	SI_COX_WARNING_LAST = SI_COX_COLLINEAR
} SiCoxWarningCode;

typedef struct SiCoxWarning
{
	SiCoxWarningCode code;
	int			term;			/* -1: the whole model */
} SiCoxWarning;

typedef struct SiCoxModel
{
	bool		fitted;			/* false: no events, no risks */
	bool		breslow;		/* ties; else Efron */
	bool		seconds;		/* times are; else in a unit of their own */
	int64_t		rows;
	int64_t		events;
	int64_t		skipped;
	int			df;				/* coefficients estimated */
	double		l2;
	double		loglik;
	double		null_loglik;
	double		concordance;	/* NaN: no pairs */
	double		last;			/* longest duration */
	int			nfeatures;
	int			nterms;
	int			nwarnings;
	int			nsteps;
	SiCoxFeature *features;
	SiCoxTerm  *terms;			/* of all features, in order */
	SiCoxWarning *warnings;
	double	   *at;				/* steps of the average row's hazard */
	double	   *hazard;			/* cumulative */
} SiCoxModel;

extern size_t si_cox_model_size(const SiCoxModel *model);
extern void si_cox_model_encode(const SiCoxModel *model, uint8_t *out);

/*
 * Decoding checks every byte.  measure gives the memory that decode needs, or
 * SI_CORRUPT; decoded texts point into the bytes.
 */
extern SiStatus si_cox_model_measure(const void *bytes, size_t size,
									 size_t *arena);
extern SiStatus si_cox_model_decode(const void *bytes, size_t size,
									void *arena, SiCoxModel *model);

/*
 * Cumulative hazard of the average row at a time, that of the last kept step;
 * NaN past the last row.
 */
extern double si_cox_model_hazard(const SiCoxModel *model, double t);

#endif							/* SI_COX_MODEL_H */
