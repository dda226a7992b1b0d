/*
 * test_logistic_twin.c
 *
 * The blocked kernels against a twin that follows the definitions row by row
 * in long double, straight from the raw cells, on both sides of the block
 * size and of the column count from which the library computes; and what must
 * hold at any maximum: the gradient is zero, with l1 the conditions of Karush,
 * Kuhn and Tucker hold, covariance times Hessian is one.
 */
#include "tap.h"

#include <float.h>

#include "core/linalg/si_blas.h"
#include "sample.h"

#define MAX_P	64

typedef struct Twin
{
	long double loglik;
	long double gradient[MAX_P];
	long double hessian[MAX_P][MAX_P];
} Twin;

/* The design row by the definition in si_design.h. */
static void
twin_row(const Sample *s, int64_t r, long double *x)
{
	for (int j = 0; j < s->p; j++)
		x[j] = j == 0;
	for (int j = 0; j < s->numbers; j++)
	{
		double		value = *sample_cell(s, r, j);

		if (isnan(value))
			x[s->cell[j].missing_column] = 1.0L;
		else
			x[s->cell[j].column] = ((long double) value - s->cell[j].center) *
				s->cell[j].scale;
	}
	if (s->levels >= 0 && *sample_cell(s, r, s->numbers) >= 0)
		x[(int) *sample_cell(s, r, s->numbers)] = 1.0L;
}

static long double
twin_margin(const Sample *s, const long double *x, const double *beta)
{
	long double sum = 0.0L;

	for (int j = 0; j < s->p; j++)
		sum += x[j] * beta[j];
	return sum;
}

static void
twin_sums(const Sample *s, SiRange range, const double *beta, Twin *out)
{
	memset(out, 0, sizeof(*out));
	for (int64_t r = range.first; r < range.last; r++)
	{
		long double x[MAX_P];
		long double w = sample_weight(s, r);
		long double p;

		twin_row(s, r, x);
		p = 1.0L / (1.0L + expl(-twin_margin(s, x, beta)));
		out->loglik += w * logl(s->positive[r] ? p : 1.0L - p);
		for (int i = 0; i < s->p; i++)
		{
			out->gradient[i] += w * (s->positive[r] - p) * x[i];
			for (int j = 0; j < s->p; j++)
				out->hessian[i][j] += w * p * (1.0L - p) * x[i] * x[j];
		}
	}
}

/* The largest difference, relative to the number of rows. */
static double
distance(const Sample *s, const SiSums *sums, const Twin *twin)
{
	long double worst = fabsl(sums->loglik - twin->loglik);

	for (int i = 0; i < s->p; i++)
	{
		worst = fmaxl(worst, fabsl(sums->gradient[i] - twin->gradient[i]));
		for (int j = 0; j <= i; j++)
			worst = fmaxl(worst, fabsl(sums->hessian[(size_t) i * s->p + j] -
									   twin->hessian[i][j]));
	}
	return (double) (worst / s->n);
}

/* Margins at beta, and at minus beta along with it. */
static void
test_margins(const Sample *s, SiRange range)
{
	int64_t		n = range.last - range.first;
	double	   *margin = room(n, sizeof(double));
	double	   *second = room(n, sizeof(double));
	double		minus[MAX_P];
	bool		opposite = true;
	long double worst = 0.0L;

	for (int j = 0; j < s->p; j++)
		minus[j] = -s->beta[j];
	margin[n] = second[n] = -77.0;
	si_logistic_margins(&s->logistic, range, s->beta, margin, minus, second);
	for (int64_t i = 0; i < n; i++)
	{
		long double x[MAX_P];

		twin_row(s, range.first + i, x);
		worst = fmaxl(worst, fabsl(twin_margin(s, x, s->beta) - margin[i]));
		opposite = opposite && second[i] == -margin[i];
	}
	is_close((double) worst, 0.0, 1e-13, "margins by definition");
	ok(opposite, "and a second set of them");
	ok(margin[n] == -77.0 && second[n] == -77.0, "and no further");
	si_logistic_margins(&s->logistic, range, minus, margin, NULL, NULL);
	ok(memcmp(margin, second, n * sizeof(double)) == 0, "one set alone");
	free(margin);
	free(second);
}

/* One pass at random coefficients: sums, sums of parts, margins. */
static void
test_pass(int64_t n, int numbers, bool weighted)
{
	SiRange		all = {0, n};
	SiRange		middle = {n / 3, n - n / 4};
	SiRange		parts[3] = {{0, n / 3}, {n / 3, n - n / 4}, {n - n / 4, n}};
	Sample		s;
	Twin		twin;

	sample_open(&s, n, numbers, numbers / 2, 2);
	sample_fill(&s);
	for (int j = 0; j < numbers; j++)
		sample_rescale(&s, j, 0.1 * j, 1.0 + 0.2 * j);
	if (weighted)
		sample_use_weights(&s);
	for (int j = 0; j < s.p; j++)
		s.beta[j] = random_unit() - 0.5;
	printf("# %d rows, %d columns%s\n", (int) n, s.p, weighted ? ", weights" : "");

	twin_sums(&s, all, s.beta, &twin);
	si_logistic_accumulate(&s.logistic, all, s.beta, &s.total);
	is_close(distance(&s, &s.total, &twin), 0.0, 1e-13, "sums by definition");
	si_sums_clear(&s.total, s.p);
	for (int k = 0; k < 3; k++)
		si_logistic_accumulate(&s.logistic, parts[k], s.beta, &s.total);
	is_close(distance(&s, &s.total, &twin), 0.0, 1e-13, "in three parts");
	si_sums_clear(&s.total, s.p);
	si_logistic_accumulate(&s.logistic, middle, s.beta, &s.total);
	twin_sums(&s, middle, s.beta, &twin);
	is_close(distance(&s, &s.total, &twin), 0.0, 1e-13, "of a middle part");

	test_margins(&s, middle);
	sample_close(&s);
}

/* Rows so far out that 1 - p is zero in a double. */
static void
test_far_out(void)
{
	SiRange		all = {0, 3};
	Sample		s;

	sample_open(&s, 3, 1, 1, -1);
	*sample_cell(&s, 0, 0) = 800.0;
	*sample_cell(&s, 1, 0) = -800.0;
	*sample_cell(&s, 2, 0) = -1e300;
	s.positive[1] = 1;
	s.beta[1] = 1.0;
	si_logistic_accumulate(&s.logistic, all, s.beta, &s.total);
	ok(s.total.loglik == -1600.0, "the log-likelihood stays finite");
	ok(s.total.gradient[0] == 0.0 && s.total.gradient[1] == -1600.0,
	   "and so does its gradient");
	ok(isfinite(s.total.hessian[3]), "and its Hessian");
	sample_close(&s);
}

/* ----- What holds at a maximum ----- */

static long double
objective(const Sample *s, const double *beta)
{
	SiRange		all = {0, s->n};
	Twin		twin;
	long double value;

	twin_sums(s, all, beta, &twin);
	value = twin.loglik;
	for (int j = 1; j < s->p; j++)
		value -= s->logistic.penalty.l2 / 2.0L * beta[j] * beta[j] +
			s->logistic.penalty.l1 * fabsl((long double) beta[j]);
	return value;
}

/*
 * Zero gradient of the penalised likelihood, by formula and, being the one
 * thing that no formula of ours can hide, by finite differences.
 */
static void
is_maximum(const Sample *s, const char *name)
{
	SiRange		all = {0, s->n};
	double		l1 = s->logistic.penalty.l1;
	double		l2 = s->logistic.penalty.l2;
	long double worst = 0.0L;
	long double steepest = 0.0L;
	Twin		twin;

	twin_sums(s, all, s->beta, &twin);
	for (int j = 0; j < s->p; j++)
	{
		long double g = twin.gradient[j] - (j ? l2 * s->beta[j] : 0.0);
		double		kept = s->beta[j];
		long double up;
		long double down;

		if (j > 0 && kept != 0.0)
			g -= kept > 0.0 ? l1 : -l1;
		else if (j > 0)
			g = fmaxl(fabsl(g) - l1, 0.0L);
		worst = fmaxl(worst, fabsl(g));
		if (kept == 0.0)
			continue;
		s->beta[j] = kept + 1e-5;
		up = objective(s, s->beta);
		s->beta[j] = kept - 1e-5;
		down = objective(s, s->beta);
		s->beta[j] = kept;
		steepest = fmaxl(steepest, fabsl(up - down) / 2e-5L);
	}
	is_close((double) worst / s->n, 0.0, 1e-9, "%s: the gradient is zero", name);
	is_close((double) steepest / s->n, 0.0, 1e-8,
			 "%s: also by finite differences", name);
}

/* Covariance times the penalised Hessian at the maximum is one. */
static void
is_inverse(const Sample *s)
{
	SiRange		all = {0, s->n};
	double		worst = 0.0;
	Twin		twin;

	twin_sums(s, all, s->beta, &twin);
	for (int i = 0; i < s->p; i++)
		for (int j = 0; j < s->p; j++)
		{
			double		sum = i == j ? -1.0 : 0.0;

			for (int k = 0; k < s->p; k++)
				sum += s->covariance[(size_t) i * s->p + k] *
					(twin.hessian[k][j] +
					 (k == j && k > 0 ? s->logistic.penalty.l2 : 0.0));
			worst = fmax(worst, fabs(sum));
		}
	is_close(worst, 0.0, 1e-5, "covariance times Hessian is one");
}

static void
test_maximum(int64_t n, int numbers, bool weighted)
{
	static const double penalty[][2] = {
		{0.0, 0.0}, {0.0, 0.1}, {0.0, 50.0}, {3.0, 0.0}, {5.0, 2.0}, {1e6, 0.0}
	};
	Sample		s;

	sample_open(&s, n, numbers, numbers / 2, 2);
	sample_fill(&s);
	if (weighted)
		sample_use_weights(&s);
	for (int k = 0; k < 6; k++)
	{
		char		name[80];
		int			zeros = 0;

		snprintf(name, sizeof(name), "%d rows, %d columns%s, l1 %g, l2 %g",
				 (int) n, s.p, weighted ? ", weights" : "",
				 penalty[k][0], penalty[k][1]);
		ok(sample_fit(&s, penalty[k][0], penalty[k][1]) == SI_OK, "%s", name);
		is_maximum(&s, name);
		if (penalty[k][0] == 0.0)
			is_inverse(&s);
		for (int j = 1; j < s.p; j++)
			zeros += s.beta[j] == 0.0;
		ok(penalty[k][0] == 0.0 ? zeros == 0 :
		   penalty[k][0] > 1e5 ? zeros == s.p - 1 : zeros < s.p - 1,
		   "%d coefficients are zero", zeros);
	}
	sample_close(&s);
}

/* Parts at the last iterate add up to the total, whatever the ranges. */
static void
test_parts(void)
{
	SiRange		ranges[3] = {{0, 100}, {100, 257}, {257, 600}};
	SiSums		parts[3];
	double	   *memory[3];
	double		apart = 0.0;
	double	   *whole;
	Sample		s;

	sample_open(&s, 600, 6, 3, 2);
	sample_fill(&s);
	ok(sample_fit(&s, 0.0, 1.0) == SI_OK, "one range");
	whole = room(s.p, sizeof(double));
	memcpy(whole, s.beta, s.p * sizeof(double));
	memset(s.beta, 0, s.p * sizeof(double));
	for (int k = 0; k < 3; k++)
	{
		memory[k] = room(si_sums_size(s.p), 1);
		si_sums_place(&parts[k], s.p, memory[k]);
	}
	ok(si_logistic_fit(&s.logistic, 3, ranges, parts, &s.total,
					   s.beta) == SI_OK,
	   "three ranges");
	for (int j = 0; j < s.p; j++)
		apart = fmax(apart, fabs(s.beta[j] - whole[j]));
	is_close(apart, 0.0, 1e-12, "same coefficients");
	for (int k = 0; k < 3; k++)
		si_sums_add(&s.total, -1.0, &parts[k], s.p);
	is_close(s.total.loglik, 0.0, 1e-9, "parts add up to the total");
	is_close(s.total.hessian[s.p * s.p - 1], 0.0, 1e-9, "Hessians too");
	for (int k = 0; k < 3; k++)
		free(memory[k]);
	free(whole);
	sample_close(&s);
}

int
main(void)
{
	static const int rows[] = {
		1, 2, SI_BLOCK_ROWS - 1, SI_BLOCK_ROWS, SI_BLOCK_ROWS + 1,
		3 * SI_BLOCK_ROWS + 7
	};
	static const int numbers[] = {0, 4, 9};

	for (int i = 0; i < 6; i++)
		for (int k = 0; k < 6; k++)
			test_pass(rows[i], numbers[k / 2], k % 2);
	test_far_out();
	for (int k = 0; k < 4; k++)
	{
		test_maximum(SI_BLOCK_ROWS - 1, numbers[1 + k / 2], k % 2);
		test_maximum(SI_BLOCK_ROWS + 1, numbers[1 + k / 2], k % 2);
		test_maximum(1000, numbers[1 + k / 2], k % 2);
	}
	test_parts();
	ok(pulses > 1000, "the pulse is taken");
	return done_testing();
}
