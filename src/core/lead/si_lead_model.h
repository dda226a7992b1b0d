/*
 * si_lead_model.h
 *	  The lead model as a plain structure, and its portable encoding.
 *
 * The structure is what training produces and scoring reads.  Its encoding is
 * little-endian, versioned, free of padding and ends with a 64-bit hash of all
 * bytes before; it is at once the on-disk form, the wire form and (in base64)
 * the text form.
 */
#ifndef SI_LEAD_MODEL_H
#define SI_LEAD_MODEL_H

#include "core/lead/si_calibration.h"
#include "core/si_core.h"

struct SiForest;				/* si_forest.h, which builds on this file */

#define SI_LEAD_MODEL_VERSION	1
#define SI_MAX_FEATURES			1000	/* source features of a model */
#define SI_MAX_DESIGN			1024	/* design columns of a fit */
#define SI_MAX_LEVELS			1000	/* levels kept of one category */
#define SI_MAX_WARNINGS			10000	/* some for each feature and level */
#define SI_BANDS				3	/* lower bounds of grades A, B and C */
#define SI_PROFILE_BINS			10	/* bins that drift is judged by */

typedef enum SiAlgorithm
{
	SI_ALGORITHM_LOGISTIC = 1,
	SI_ALGORITHM_BOOSTED_TREES = 2
} SiAlgorithm;

typedef enum SiFeatureKind
{
	SI_FEATURE_NUMERIC = 1,
	SI_FEATURE_CATEGORY = 2
} SiFeatureKind;

typedef enum SiWarningCode
{
	SI_WARN_NO_SIGNAL = 1,
	SI_WARN_TOO_FEW_ROWS,
	SI_WARN_ONE_CLASS,
	SI_WARN_LEAK_SUSPECTED,
	SI_WARN_SEPARATION,
	SI_WARN_FEW_POSITIVES,
	SI_WARN_CONSTANT_FEATURE,
	SI_WARN_TOO_MANY_LEVELS,
	SI_WARN_COLLINEAR,
	SI_WARN_LOOKS_LIKE_KEY,
	SI_WARN_LAST = SI_WARN_LOOKS_LIKE_KEY
} SiWarningCode;

/* The effect of one indicator; a share of zero says it was never seen. */
typedef struct SiEffect
{
	double		share;			/* weighted share of the training rows */
	double		coefficient;	/* log-odds against the reference */
	double		std_error;		/* NaN where there is none */
} SiEffect;

typedef struct SiLevel
{
	SiText		text;
	int64_t		rows;			/* training rows that have it */
	SiEffect	effect;
} SiLevel;

/*
 * How numbers were spread in training, for drift: rows in bins of about equal
 * counts.  Value x is in the first bin b with x <= edge[b], or in the last.
 */
typedef struct SiProfile
{
	int			nbins;			/* 0: no value was present */
	double	   *edge;			/* nbins - 1, ascending */
	int64_t    *rows;			/* nbins */
} SiProfile;

/*
 * One source feature: a column, or one element of an array column.  A numeric
 * feature uses center, slope, missing and profile; a category uses the levels
 * (bytewise ascending, unique), missing and rare.  The rows counted here, and
 * those of the model's margins, add up to no more than the model's.
 *
 * In a model of trees effects are zero but for shares, a category has at most
 * SI_MAX_BIN_LEVELS levels (si_bins.h), and a row gives the forest
 * (si_forest.h) a number, or the bin of a category: 0 missing, 1 + place of
 * its level, 1 + nlevels rare or never seen.
 */
typedef struct SiFeature
{
	SiText		column;
	int			width;			/* length of the array column, 0 for a scalar */
	int			element;		/* 1-based place in it, 0 for a scalar */
	SiFeatureKind kind;
	double		importance;		/* mean size of its contribution */
	int64_t		missing_rows;
	SiEffect	missing;
	double		center;			/* weighted mean of the present values */
	double		slope;			/* log-odds per unit */
	double		std_error;
	SiProfile	profile;
	int64_t		rare_rows;
	SiEffect	rare;			/* levels pooled because few rows have them */
	int			reference;		/* level at zero; -1 missing, -2 rare */
	int			nlevels;
	SiLevel    *levels;
} SiFeature;

typedef struct SiWarning
{
	SiWarningCode code;
	SiText		feature;		/* length -1: none */
	SiText		message;
} SiWarning;

/* Out-of-fold quality; NaN where unknown. */
typedef struct SiQuality
{
	double		roc_auc;
	double		auc_low;
	double		auc_high;
	double		log_loss;
	double		brier_score;
	double		calibration_error;
} SiQuality;

/*
 * What "auto" compared, on the rows that both algorithms scored out of fold.
 */
typedef struct SiChoice
{
	int			loser;			/* SiAlgorithm; 0: nothing was compared */
	double		loser_auc;
	double		difference;		/* winner's AUC less the loser's */
	double		std_error;		/* of the difference (paired DeLong) */
} SiChoice;

typedef struct SiLeadModel
{
	SiAlgorithm algorithm;
	bool		fitted;			/* false: scores are NULL */
	bool		usable;
	int64_t		rows;
	int64_t		positives;
	int64_t		skipped;
	int			folds;
	int64_t		seed;
	double		l1;
	double		l2;
	SiQuality	quality;
	SiCalibration calibration;
	double		band[SI_BANDS]; /* descending scores; NaN when unknown */
	SiProfile	margins;		/* out of fold, rows per model; or nbins 0 */
	SiChoice	choice;
	double		baseline;		/* margin of the average training row */
	double		intercept;		/* margin at zero and all references */
	double		intercept_std_error;
	double		learning_rate;	/* of trees, in (0, 1]; else 0 */
	struct SiForest *forest;	/* of fitted trees, else NULL */
	int			nfeatures;
	SiFeature  *features;
	int			nwarnings;
	SiWarning  *warnings;
} SiLeadModel;

extern size_t si_lead_model_encoded_size(const SiLeadModel *model);
extern void si_lead_model_encode(const SiLeadModel *model, uint8_t *out);

/*
 * Encoding takes a forest in level order, as si_forest_append makes it; of the
 * bins of a category it writes those that a row can be in.
 *
 * Decoding validates every byte.  measure returns SI_CORRUPT for anything that
 * is not a well-formed model of a known version, otherwise the bytes of arena
 * that decode needs.  The decoded texts point into the encoded bytes, which
 * must outlive the model.
 */
extern SiStatus si_lead_model_measure(const uint8_t *bytes, size_t size,
									  size_t *arena_size);
extern SiStatus si_lead_model_decode(const uint8_t *bytes, size_t size,
									 void *arena, SiLeadModel *model);
extern uint64_t si_lead_model_digest(const uint8_t *bytes, size_t size);

#endif							/* SI_LEAD_MODEL_H */
