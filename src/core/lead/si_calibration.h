/*
 * si_calibration.h
 *	  From a margin (log-odds) to a calibrated probability.
 */
#ifndef SI_CALIBRATION_H
#define SI_CALIBRATION_H

#include "core/si_core.h"
#include "core/stats/score/si_scored.h"

#define SI_MAX_KNOTS			512

typedef enum SiCalibrationKind
{
	SI_CALIBRATION_NONE = 0,	/* the logistic function of the margin */
	SI_CALIBRATION_PLATT = 1,
	SI_CALIBRATION_ISOTONIC = 2
} SiCalibrationKind;

/*
 * Platt's line is always fitted.  An isotonic map is a set of knots, joined by
 * straight lines and flat outside, into which a thousandth part of Platt's
 * curve is mixed: this keeps the map strictly increasing and strictly inside
 * (0,1), so that ranking by score is ranking by margin.
 */
typedef struct SiCalibration
{
	SiCalibrationKind kind;
	double		intercept;		/* Platt: logit(p) = intercept + slope*margin */
	double		slope;			/* never negative */
	int			nknots;			/* isotonic only */
	double	   *margin;			/* strictly increasing */
	double	   *probability;	/* non-decreasing, in [0,1] */
} SiCalibration;

extern double si_logistic(double margin);
extern double si_calibrate(const SiCalibration *calibration, double margin);

/*
 * The same for very many margins: a guide of SI_GUIDE_CELLS entries, filled
 * once, leads to the right knot without a search.
 */
#define SI_GUIDE_CELLS		1024
extern void si_calibration_guide(const SiCalibration *calibration,
								 uint16_t *guide);
extern double si_calibrate_guided(const SiCalibration *calibration,
								  const uint16_t *guide, double margin);

/*
 * Fits Platt's line to rows whose score is an out-of-fold margin, in any
 * order; rows of skip_fold are left out (-1: none).  Sets kind, intercept and
 * slope and no knots.  SI_EMPTY without rows.
 */
extern SiStatus si_platt_fit(int64_t n, const SiScored *rows, int skip_fold,
							 SiCalibration *out, SiPulse pulse);

/*
 * Fits an isotonic map to rows sorted ascending by score, an out-of-fold
 * margin, and returns its number of knots, at most SI_MAX_KNOTS; 0 without
 * rows.  The caller's three arrays hold n.
 *
 * The lowest and the highest block are the luckiest of all: what they promise
 * does not come true.  With ends they are merged with their neighbours until
 * they weigh enough, and their rates are moved towards the rate of all rows as
 * by a few more rows of that rate; NULL leaves them as they are.
 */
typedef struct SiIsotonicEnds
{
	double		least;			/* weight of an end block */
	double		prior;			/* weight of the rows added to it */
} SiIsotonicEnds;

extern int64_t si_isotonic_fit(int64_t n, const SiScored *rows, int skip_fold,
							   const SiIsotonicEnds *ends, double *margin,
							   double *probability, double *weight,
							   SiPulse pulse);

#endif							/* SI_CALIBRATION_H */
