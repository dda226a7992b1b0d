/*
 * si_tolerance.h
 *	  Every numerical tolerance of the kernels, by name and with its reason.
 */
#ifndef SI_TOLERANCE_H
#define SI_TOLERANCE_H

/*
 * Newton's method takes its last step when that step moves the margins, in
 * root mean square over the weighted rows, by about 1.4e-6 or less: it then
 * promises a gain below this share of the sum of the weights.  Converging
 * quadratically, it leaves far less, and the Hessian before that step gives
 * standard errors right to about the same 1e-6.
 */
#define SI_NEWTON_MOVE			1e-12

/*
 * A step that promises more than this share of what the step before promised
 * does not converge quadratically; along separated classes the share is 1/e.
 */
#define SI_SEPARATED_GAIN		0.25

/* Platt's two parameters settle when a step gains less than this. */
#define SI_PLATT_GAIN			1e-12

/* A log-likelihood that falls by less than this share only shows rounding. */
#define SI_OBJECTIVE_NOISE		1e-10

/*
 * A fold model only ranks held-out rows: one hundredth of a log-likelihood
 * unit moves a coefficient by a seventh of its standard error at most.
 */
#define SI_FOLD_GAIN			1e-2

/* A step must bring this share of the gain that its slope promises (Armijo). */
#define SI_ARMIJO				1e-4

/* Added to a Hessian's diagonal, so that a saturated fit can be solved. */
#define SI_RIDGE_GUARD			1e-12

/* A pivot below this share of its diagonal marks a collinear column. */
#define SI_COLLINEAR_PIVOT		1e-9

/* A column whose spread is below this share of its size is constant. */
#define SI_CONSTANT_SPREAD		1e-12

/* Coordinate descent stops when no coefficient moves by more. */
#define SI_DESCENT_STEP			1e-10

/*
 * A gain of a split below this share of the scores that it is the difference
 * of shows rounding only: rows that are all alike have a gain of zero in
 * theory, and the scores carry the rounding of a dozen operations.
 */
#define SI_SPLIT_NOISE			1e-12

/*
 * Share by which the cover of a node may differ from the sum of those below
 * it: a tree has at most 2^17 nodes, whose sum, in whatever order, is right to
 * 2^-36.
 */
#define SI_COVER_ROUNDING		1e-9

/*
 * The least share of its tree's rows, by weight, that a node can have: one
 * unit in 2^30 of the weight of one in 2^32 rows.  Below, products of shares
 * could vanish in explaining.
 */
#define SI_LEAST_SHARE			0x1p-64

/*
 * Models of different folds agree on the share of rows below a score unless
 * chance alone would set them further apart in fewer cases than this.
 */
#define SI_FOLDS_AGREE			0.1

/*
 * Models that learned from different rows of one population spread the scores
 * of new rows differently, by a stability index of up to about this, however
 * many rows there are; a shift of scores starts beyond.
 */
#define SI_SCORE_JITTER			0.005

/* A share, a sum of weights over their total, passes one by rounding only. */
#define SI_SHARE_EXCESS			1e-9

/*
 * A moving window starts afresh when rounding may have left more than this
 * share in its sums: far below half a unit in the last place, so that it shows
 * the doubles that a fresh sum would.
 */
#define SI_WINDOW_NOISE			0x1p-80

/*
 * A grade starts this share below its bound: a score comes from the same row
 * by another order of additions, and must not fall off it.
 */
#define SI_BAND_SLACK			1e-9

/*
 * A share of survivors this near to half, a product of many roundings, is
 * half: the square root of the machine's precision, as in R.
 */
#define SI_HALF_SURVIVAL		0x1p-26

/* ----- Forecasting ----- */

/*
 * Smoothing parameters are found when the errors of all points of the search
 * agree to this share: the parameters then move by the square root of it.
 */
#define SI_SMOOTHING_SPREAD		1e-8

/* A log-likelihood is found when those of all points agree to this share. */
#define SI_LIKELIHOOD_SPREAD	1e-7

/*
 * A root of a polynomial this far beyond the unit circle counts as within: it
 * may be one upon it, and takes a million steps to grow by e.
 */
#define SI_UNIT_ROOT			1e-6

/* A sum of squared errors below this share of the values' own is rounding. */
#define SI_RESIDUAL_NOISE		1e-20

#endif							/* SI_TOLERANCE_H */
