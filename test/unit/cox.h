/*
 * cox.h
 *
 * One set of rows and the work memory of a fit of proportional hazards, for
 * its tests.
 */
#ifndef COX_H
#define COX_H

#include "core/si_hash.h"
#include "core/stats/survival/si_cox.h"

#define MAX_ROWS	700
#define MAX_P		12

static double cells[MAX_ROWS * MAX_P];
static double times[MAX_ROWS];
static uint8_t events[MAX_ROWS];
static double margins[MAX_ROWS];
static SiCoxStep steps[MAX_ROWS];
static SiKeyed items[MAX_ROWS];
static SiKeyed scratch[MAX_ROWS];
static double work[100000];
static double gradient[MAX_P];
static double hessian[MAX_P * MAX_P];
static double ones[MAX_P];
static double zeros[MAX_P];
static SiCell cell[MAX_P];
static SiDesign design;
static bool fixed[MAX_P] = {true};
static SiSums sums = {0, gradient, hessian};

static inline void
pulse(void)
{
}

/* Rows ascending by time; x as they are, in columns from 1. */
static inline SiCox
cox_of(int rows, int p, SiCoxTies ties)
{
	SiCox		fit = {
		&design, times, ties, 0, fixed, pulse, margins, steps, work
	};

	for (int j = 0; j < p; j++)
	{
		ones[j] = 1;
		cell[j] = (SiCell) {SI_FEATURE_NUMERIC, 0, 1, 1 + j, -1};
	}
	design = (SiDesign) {
		rows, p, p, zeros, ones, p + 1, cell, cells, NULL, events
	};
	return fit;
}

static uint64_t word_state;

static inline double
uniform(void)
{
	return (double) (si_hash_mix(7, ++word_state) >> 11) * 0x1p-53;
}

static inline void
random_rows(int rows, int p, int distinct)
{
	double		last = 0;

	for (int i = 0; i < rows; i++)
	{
		last += uniform() < (double) distinct / rows;
		times[i] = last;
		events[i] = uniform() < 0.6;
		for (int j = 0; j < p; j++)
			cells[i * p + j] = 2 * uniform() - 1;
	}
}

#endif							/* COX_H */
