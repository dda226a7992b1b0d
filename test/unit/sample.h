/*
 * sample.h
 *
 * Training rows for the tests of the logistic kernels: a few numbers and one
 * category, and the fit with all memory it needs.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdlib.h>
#include <string.h>

#include "core/lead/si_logistic.h"
#include "core/si_tolerance.h"
#include "scored.h"

#define MAX_CELLS	24

/*
 * Numbers come first; the first `dense` of them are never missing, each of the
 * others has a column that says so.  The category takes the last cell.
 */
typedef struct Sample
{
	int64_t		n;
	int			p;
	int			numbers;
	int			levels;			/* without the reference; -1: no category */
	double	   *cells;
	double	   *weight;
	uint8_t    *positive;
	SiCell		cell[MAX_CELLS];
	double		center[MAX_CELLS];
	double		scale[MAX_CELLS];
	SiDesign	design;
	SiLogistic	logistic;
	double	   *beta;
	double	   *covariance;
	SiSums		total;
	double	   *memory;
} Sample;

static inline void *
room(size_t count, size_t size)
{
	return calloc(count + 1, size);
}

static inline void
sample_open(Sample *s, int64_t n, int numbers, int dense, int levels)
{
	SiDesign   *design = &s->design;

	memset(s, 0, sizeof(*s));
	s->n = design->rows = n;
	s->numbers = numbers;
	s->levels = levels;
	design->ncells = numbers + (levels >= 0);
	design->dense = dense;
	s->p = 1;
	for (int j = 0; j < numbers; j++)
	{
		s->cell[j].kind = SI_FEATURE_NUMERIC;
		s->cell[j].scale = s->scale[j] = 1.0;
		s->cell[j].column = s->p++;
		s->cell[j].missing_column = j < dense ? -1 : s->p++;
	}
	s->cell[numbers].kind = SI_FEATURE_CATEGORY;
	s->cell[numbers].column = s->p;
	s->p += levels > 0 ? levels : 0;
	s->cells = room(n * design->ncells, sizeof(double));
	s->weight = room(n, sizeof(double));
	s->positive = room(n, 1);
	s->beta = room(s->p, sizeof(double));
	s->covariance = room((size_t) s->p * s->p, sizeof(double));
	s->memory = room(si_sums_size(s->p), 1);
	si_sums_place(&s->total, s->p, s->memory);
	design->columns = s->p;
	design->center = s->center;
	design->scale = s->scale;
	design->cell = s->cell;
	design->cells = s->cells;
	design->positive = s->positive;
	s->logistic.design = design;
	s->logistic.enough_gain = 0;
	s->logistic.pulse = pulse;
	s->logistic.work = room(si_logistic_work_size(s->p), 1);
}

static inline void
sample_close(Sample *s)
{
	free(s->cells);
	free(s->weight);
	free(s->positive);
	free(s->beta);
	free(s->covariance);
	free(s->memory);
	free(s->logistic.work);
}

static inline double *
sample_cell(const Sample *s, int64_t r, int j)
{
	return &s->cells[r * s->design.ncells + j];
}

/* The category of a row: 0 the reference, else the number of its level. */
static inline void
sample_set_level(Sample *s, int64_t r, int level)
{
	*sample_cell(s, r, s->numbers) = level == 0 ? -1 :
		s->cell[s->numbers].column + level - 1;
}

static inline void
sample_use_weights(Sample *s)
{
	s->design.weight = s->weight;
}

static inline double
sample_weight(const Sample *s, int64_t r)
{
	return s->design.weight ? s->design.weight[r] : 1.0;
}

static inline void
sample_rescale(Sample *s, int j, double center, double scale)
{
	s->cell[j].center = s->center[j] = center;
	s->cell[j].scale = s->scale[j] = scale;
}

/* Mean zero, variance one, as training does it; weights do not count here. */
static inline void
sample_standardise(Sample *s)
{
	for (int j = 0; j < s->numbers; j++)
	{
		double		sum = 0.0;
		double		squares = 0.0;

		for (int64_t r = 0; r < s->n; r++)
			sum += *sample_cell(s, r, j) / s->n;
		for (int64_t r = 0; r < s->n; r++)
			squares += pow(*sample_cell(s, r, j) - sum, 2) / s->n;
		sample_rescale(s, j, sum, 1.0 / sqrt(squares));
	}
}

/* Random numbers, gaps, levels, weights 0 to 3, labels from a linear truth. */
static inline void
sample_fill(Sample *s)
{
	for (int64_t r = 0; r < s->n; r++)
	{
		double		margin = 0.3;

		for (int j = 0; j < s->numbers; j++)
		{
			double		x = 4.0 * random_unit() - 2.0;

			if (j >= s->design.dense && random_below(4) == 0)
				x = NAN;
			*sample_cell(s, r, j) = x;
			margin += isnan(x) ? 0.5 : x * (j % 3 - 0.7) / s->numbers;
		}
		if (s->levels >= 0)
			sample_set_level(s, r, random_below(s->levels + 1));
		s->weight[r] = random_below(4);
		s->positive[r] = random_unit() < 1.0 / (1.0 + exp(-margin));
	}
}

static inline SiStatus
sample_fit(Sample *s, double l1, double l2)
{
	SiRange		all = {0, s->n};
	SiStatus	status;

	s->logistic.penalty.l1 = l1;
	s->logistic.penalty.l2 = l2;
	memset(s->beta, 0, s->p * sizeof(double));
	status = si_logistic_fit(&s->logistic, 1, &all, NULL, &s->total, s->beta);
	if (status == SI_OK && l1 == 0.0)
		status = si_logistic_covariance(&s->logistic, &s->total,
										s->covariance);
	return status;
}

/* Coefficient and standard error of column j per unit of the raw number. */
static inline double
raw_slope(const Sample *s, int j)
{
	int			at = s->cell[j].column;

	return s->beta[at] * s->cell[j].scale;
}

static inline double
column_error(const Sample *s, int column)
{
	return sqrt(s->covariance[(size_t) column * s->p + column]);
}

static inline double
raw_error(const Sample *s, int j)
{
	return column_error(s, s->cell[j].column) * s->cell[j].scale;
}

/* The intercept where all numbers are zero, and its standard error. */
static inline double
raw_intercept(const Sample *s, double *error)
{
	double		a[2 * MAX_CELLS] = {1.0};
	double		value = 0.0;
	double		variance = 0.0;

	for (int j = 0; j < s->numbers; j++)
		a[s->cell[j].column] = -s->cell[j].center * s->cell[j].scale;
	for (int i = 0; i < s->p; i++)
	{
		value += a[i] * s->beta[i];
		for (int j = 0; j < s->p; j++)
			variance += a[i] * a[j] * s->covariance[(size_t) i * s->p + j];
	}
	*error = sqrt(variance);
	return value;
}

/* The 32 cars: numbers mpg, weight; category cylinders 4, 6, 8. */
static inline void
sample_cars(Sample *s, int numbers)
{
	sample_open(s, CARS, numbers, numbers, 2);
	for (int i = 0; i < CARS; i++)
	{
		*sample_cell(s, i, 0) = car_mpg[i];
		if (numbers > 1)
			*sample_cell(s, i, 1) = car_weight[i];
		sample_set_level(s, i, (int) car_cylinders[i] / 2 - 2);
		s->positive[i] = car_manual[i] == '1';
	}
	sample_standardise(s);
}

#endif							/* SAMPLE_H */
