/*
 * scored.h
 *
 * Rows for the tests of the quality kernels: a small real data set, and random
 * rows from a fixed seed with as many ties as wanted.
 */
#ifndef SCORED_H
#define SCORED_H

#include <stdlib.h>
#include <string.h>

#include "core/stats/score/si_scored.h"
#include "core/stats/si_sort.h"

/*
 * Henderson and Velleman, "Building multiple regression models
 * interactively", Biometrics 37 (1981): the 32 cars of Motor Trend 1974
 * (mtcars in R).  Miles per gallon as score, manual transmission as outcome,
 * weight in 1000 lb as weight.
 */
#define CARS	32

static const double car_mpg[CARS] = {
	21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8,
	16.4, 17.3, 15.2, 10.4, 10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5,
	15.2, 13.3, 19.2, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4
};
static const double car_cylinders[CARS] = {
	6, 6, 4, 6, 8, 6, 8, 4, 4, 6, 6, 8, 8, 8, 8, 8, 8, 4, 4, 4, 4, 8, 8, 8,
	8, 4, 4, 4, 8, 6, 8, 4
};
static const double car_weight[CARS] = {
	2.620, 2.875, 2.320, 3.215, 3.440, 3.460, 3.570, 3.190, 3.150, 3.440,
	3.440, 4.070, 3.730, 3.780, 5.250, 5.424, 5.345, 2.200, 1.615, 1.835,
	2.465, 3.520, 3.435, 3.840, 3.845, 1.935, 2.140, 1.513, 3.170, 2.770,
	3.570, 2.780
};
static const char car_manual[] = "11100000000000000111000001111111";

static long pulses = 0;

static inline void
pulse(void)
{
	pulses++;
}

static uint64_t random_state = UINT64_C(88172645463325252);

/* Uniform in (0,1); Marsaglia's xorshift. */
static inline double
random_unit(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return ((random_state >> 11) + 0.5) * 0x1p-53;
}

static inline int
random_below(int n)
{
	return (int) (random_unit() * n);
}

/* Ascending by score; tied rows keep their order. */
static inline void
sort_rows(int n, SiScored *rows)
{
	for (int i = 1; i < n; i++)
	{
		SiScored	row = rows[i];
		int			j = i;

		for (; j > 0 && rows[j - 1].score > row.score; j--)
			rows[j] = rows[j - 1];
		rows[j] = row;
	}
}

static inline void
shuffle_rows(int n, SiScored *rows)
{
	for (int i = n - 1; i > 0; i--)
	{
		int			j = random_below(i + 1);
		SiScored	row = rows[i];

		rows[i] = rows[j];
		rows[j] = row;
	}
}

/* Sorted rows: score mpg or cylinders; fold is the place modulo four. */
static inline void
car_rows(const double *score, bool weighted, SiScored *rows)
{
	for (int i = 0; i < CARS; i++)
	{
		rows[i].score = score[i];
		rows[i].weight = weighted ? car_weight[i] : 1.0;
		rows[i].positive = car_manual[i] == '1';
		rows[i].fold = (i + 1) % 4;
	}
	sort_rows(CARS, rows);
}

/*
 * Sorted random rows on at most levels different scores in [0,1], of which
 * each says the probability of a positive row; integer weights 0 to heaviest,
 * or 1 for heaviest = 1.
 */
static inline void
random_rows(int n, int levels, int heaviest, SiScored *rows)
{
	for (int i = 0; i < n; i++)
	{
		rows[i].score = (random_below(levels) + 0.5) / levels;
		rows[i].weight = heaviest == 1 ? 1 : random_below(heaviest + 1);
		rows[i].positive = random_unit() < rows[i].score;
		rows[i].fold = random_below(3);
	}
	sort_rows(n, rows);
}

/* Each row as often as its weight says; returns how many. */
static inline int
replicate(int n, const SiScored *rows, SiScored *out)
{
	int			count = 0;

	for (int i = 0; i < n; i++)
	{
		for (int k = 0; k < (int) rows[i].weight; k++)
		{
			out[count] = rows[i];
			out[count++].weight = 1.0;
		}
	}
	return count;
}

static inline void
scale_weights(int n, double factor, SiScored *rows)
{
	for (int i = 0; i < n; i++)
		rows[i].weight *= factor;
}

#endif							/* SCORED_H */
