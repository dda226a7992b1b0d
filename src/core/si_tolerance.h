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
 * A forecast on the edge of a band is in it: decimals as doubles, and their
 * difference, are off by up to this share of what they are made from.  So is a
 * rank that a decimal level of a whole number gives.
 */
#define SI_BAND_EDGE			0x1p-50

/*
 * A grade starts this share below its bound: a score comes from the same row
 * by another order of additions, and must not fall off it.
 */
#define SI_BAND_SLACK			1e-9

/*
 * Tables whose chances differ by less than this share count as equally likely,
 * as in R's fisher.test: equal ones differ by rounding.
 */
#define SI_EQUAL_CHANCE			1e-7

/*
 * Clusters that are all alike leave a variance of zero but for rounding, whose
 * share of that of independent rows is below this for any number of rows.
 */
#define SI_ALIKE_CLUSTERS		1e-16

/*
 * A share of survivors this near to half, a product of many roundings, is
 * half: the square root of the machine's precision, as in R.
 */
#define SI_HALF_SURVIVAL		0x1p-26

/* ----- Forecasting ----- */

/*
 * What multiplies in exponential smoothing stays above this share of the mean
 * size of the values.
 */
#define SI_ETS_POSITIVE			1e-8

/* Errors below this share of the mean size of the values are rounding. */
#define SI_ETS_EXACT			0x1p-46

/*
 * A search for the greatest likelihood ends when -2 its logarithm gains less,
 * per thousand values.
 */
#define SI_ETS_GAIN				1e-6

/* The same, to find forms whose AICc is near the least, and what is near. */
#define SI_ETS_ROUGH_GAIN		1e-2
#define SI_ETS_NEAR				6.0

/* Of forms whose AICc differ by less, the earlier and smaller one is taken. */
#define SI_ETS_TIE				1e-6

/*
 * Smoothing parameters are found when the errors of all points of the search
 * agree to this share: the parameters then move by the square root of it.
 */
#define SI_SMOOTHING_SPREAD		1e-8

/* Series of larger values, or all below the inverse, are scaled for fitting. */
#define SI_FIT_LARGEST			1e75

/*
 * What is known of errors of forecasts before a series has been looked at: as
 * many ratios of error to expected deviation, of what mean square.
 */
#define SI_WIDENING_PRIOR		4.0
#define SI_WIDENING_SQUARE		1.5

/*
 * Dividing by a seasonal factor below this makes noise a hundred times louder:
 * such a series is not adjusted.
 */
#define SI_LEAST_FACTOR			0.01

/* The smoothing weight is known when its bracket is this narrow. */
#define SI_THETA_ALPHA			1e-5

/* What a start has left of itself below this share is zero. */
#define SI_FORGOTTEN			0x1p-70

/* ----- Forecasting: ARIMA ----- */

/* Roots of a polynomial have settled when none moves by a larger share. */
#define SI_ROOT_MOVE			1e-14

/*
 * The filter of an ARMA process is steady when what would still turn its gain
 * is below this: the gain, the square of it away from its limit, is 1e-12 off.
 */
#define SI_ARMA_STEADY			1e-6

/*
 * Step of forward differences: innovations are known to about 1e-15, so that
 * both this and 1e-15 over it are far below what a slope need be right to.
 */
#define SI_DIFFERENCE_STEP		0x1p-22

/*
 * Twice the gain in log-likelihood that is not worth another round: far below
 * what sets models apart; then, for the model that is kept, what no figure of
 * it shows.
 */
#define SI_ARIMA_SEARCH_GAIN	1e-5
#define SI_ARIMA_FINAL_GAIN		1e-10

/* No root of a model that is searched for is nearer to the unit circle. */
#define SI_ARIMA_ROOT			1.01

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
