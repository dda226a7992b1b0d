/*
 * test_blas.c
 *
 * The wrappers of si_blas.c on both sides of SI_BLAS_SMALL, plain loops and
 * library, against hand-made references and against identities that hold for
 * any matrix.
 */
#include <stdint.h>
#include <string.h>

#include "core/linalg/si_blas.h"
#include "tap.h"

#define ROWS	100
#define MAX_P	40
#define LD		(MAX_P + 3)		/* wider than p: strides must be honoured */
#define GUARD	-77.0			/* what may not be overwritten */

static double x[ROWS * LD];
static double h[LD * LD];
static double chol[LD * LD];

/* Uniform on (-1, 1), always the same: Marsaglia's xorshift64. */
static double
next_random(void)
{
	static uint64_t state = UINT64_C(88172645463325252);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (double) (state >> 11) / (double) (UINT64_C(1) << 52) - 1.0;
}

static void
fill(double *a, int n, double value)
{
	int			i;

	for (i = 0; i < n; i++)
		a[i] = value;
}

static double
reference_product(int i, int j)
{
	double		sum = 0.0;
	int			r;

	for (r = 0; r < ROWS; r++)
		sum += x[r * LD + i] * x[r * LD + j];
	return sum;
}

/* h = 1 + x'x in the lower triangle, the guard above it. */
static void
test_syrk(int p)
{
	double		worst = 0.0;
	bool		untouched = true;
	int			i;
	int			j;

	fill(h, LD * LD, GUARD);
	for (i = 0; i < p; i++)
		fill(h + i * LD, i + 1, 1.0);
	si_blas_syrk_lower(p, ROWS, x, LD, h, LD);
	for (i = 0; i < LD; i++)
		for (j = 0; j < LD; j++)
			if (i < p && j <= i)
				worst = fmax(worst, fabs(h[i * LD + j] - 1.0 -
										 reference_product(i, j)));
			else
				untouched = untouched && h[i * LD + j] == GUARD;
	is_close(worst, 0.0, 1e-12, "syrk adds x'x to the lower triangle");
	ok(untouched, "syrk leaves all else alone");
}

/* (x beta)'v = beta'(x'v) for any beta, v */
static void
test_gemv(int p)
{
	double		beta[MAX_P];
	double		v[ROWS];
	double		out[ROWS];
	double		g[MAX_P];
	double		left = 0.0;
	double		right = 0.0;
	double		first = 0.0;
	int			i;

	for (i = 0; i < p; i++)
		beta[i] = next_random();
	for (i = 0; i < ROWS; i++)
		v[i] = next_random();
	fill(g, p, 0.5);
	fill(out, ROWS, GUARD);
	si_blas_gemv(ROWS, p, x, LD, beta, out);
	si_blas_gemv_t(ROWS, p, x, LD, v, g);
	for (i = 0; i < p; i++)
		first += x[LD + i] * beta[i];
	for (i = 0; i < ROWS; i++)
		left += out[i] * v[i];
	for (i = 0; i < p; i++)
		right += beta[i] * (g[i] - 0.5);
	is_close(out[1], first, 1e-13, "gemv multiplies a row");
	is_close(left, right, 1e-12, "gemv and gemv_t are transposes");
}

/* Element (i, j) of h, of which the lower triangle is kept. */
static double
symmetric(int i, int j)
{
	return i >= j ? h[i * LD + j] : h[j * LD + i];
}

static void
test_cholesky(int p)
{
	double		b[MAX_P];
	double		worst = 0.0;
	int			i;
	int			j;
	int			k;

	memcpy(chol, h, sizeof(h));
	ok(si_blas_cholesky(p, chol, LD) == 0, "cholesky accepts x'x");
	for (i = 0; i < p; i++)
		for (j = 0; j <= i; j++)
		{
			double		sum = 0.0;

			for (k = 0; k <= j; k++)
				sum += chol[i * LD + k] * chol[j * LD + k];
			worst = fmax(worst, fabs(sum - h[i * LD + j]));
		}
	is_close(worst, 0.0, 1e-12, "L L' gives the matrix back");
	ok(p == 1 || chol[1] == GUARD, "cholesky leaves the upper triangle alone");

	/* h times (1, 2, 3, ...) */
	for (i = 0; i < p; i++)
		for (b[i] = 0.0, j = 0; j < p; j++)
			b[i] += symmetric(i, j) * (j + 1);
	si_blas_cholesky_solve(p, chol, LD, b);
	for (worst = 0.0, i = 0; i < p; i++)
		worst = fmax(worst, fabs(b[i] - (i + 1)));
	is_close(worst, 0.0, 1e-10, "solve finds the known solution");

	ok(si_blas_cholesky_inverse(p, chol, LD) == 0, "inverse exists");
	for (worst = 0.0, i = 0; i < p; i++)
		for (j = 0; j < p; j++)
		{
			double		sum = i == j ? -1.0 : 0.0;

			for (k = 0; k < p; k++)
				sum += chol[i * LD + k] * symmetric(k, j);
			worst = fmax(worst, fabs(sum));
		}
	is_close(worst, 0.0, 1e-11, "inverse is full, and times the matrix is one");
}

/* Two equal columns, at the end: the last pivot is not positive. */
static void
test_not_definite(int p)
{
	int			i;

	fill(chol, LD * LD, 0.0);
	for (i = 0; i < p; i++)
		chol[i * LD + i] = 4.0;
	chol[(p - 1) * LD + p - 2] = 4.0;
	ok(si_blas_cholesky(p, chol, LD) == p, "cholesky names the bad column");

	fill(chol, LD * LD, 0.0);
	ok(si_blas_cholesky_inverse(p, chol, LD) == 1, "inverse refuses a zero");
}

int
main(void)
{
	static const int sizes[] = {1, 2, SI_BLAS_SMALL, SI_BLAS_SMALL + 1, MAX_P};
	size_t		s;
	int			i;

	for (i = 0; i < ROWS * LD; i++)
		x[i] = next_random();
	for (s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
	{
		int			p = sizes[s];

		printf("# %d columns\n", p);
		test_syrk(p);
		test_gemv(p);
		test_cholesky(p);
		if (p > 1)
			test_not_definite(p);
	}

	fill(h, LD * LD, 1.0);
	si_blas_syrk_lower(MAX_P, 0, x, LD, h, LD);
	ok(h[0] == 1.0, "no rows add nothing");

	ok(strcmp(si_blas_flavour(), "serial") == 0, "the serial flavour is linked");
	si_blas_set_threads(1);
	ok(si_blas_threads() == 1, "one thread");
	ok(si_blas_core()[0] != '\0', "the kernel has a name");
	ok(strstr(si_blas_config(), "OpenBLAS") != NULL, "the library has a name");
	return done_testing();
}
