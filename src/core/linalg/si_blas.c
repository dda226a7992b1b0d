/*
 * si_blas.c
 *
 * The border to OpenBLAS.  Row-major lower is column-major upper, so the
 * Fortran routines are called with uplo = 'U' on the caller's memory as is:
 * their A = U'U is our h = L L' with L = U'.
 *
 * Up to SI_BLAS_SMALL columns plain loops do the same work: they are as fast
 * there and spare a backend the buffer that the first library call maps.
 *
 * Reference: N. J. Higham, Accuracy and Stability of Numerical Algorithms,
 * 2nd ed. (2002), chapter 10 (Cholesky).
 */
#include <math.h>
#include <stddef.h>

#include <cblas.h>

#include "core/linalg/si_blas.h"

#ifdef OPENBLAS_USE64BITINT
#error "sales_intel needs an OpenBLAS with 32-bit integers"
#endif

/* LAPACK in its Fortran form; the last argument is the length of uplo. */
extern void dpotrf_(const char *uplo, const int *n, double *a, const int *lda,
					int *info, size_t uplo_len);
extern void dpotrs_(const char *uplo, const int *n, const int *nrhs,
					const double *a, const int *lda, double *b,
					const int *ldb, int *info, size_t uplo_len);
extern void dpotri_(const char *uplo, const int *n, double *a, const int *lda,
					int *info, size_t uplo_len);

static double
dot(int n, const double *a, const double *b)
{
	double		sum = 0.0;
	int			i;

	for (i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

void
si_blas_syrk_lower(int p, int rows, const double *x, int ldx,
				   double *h, int ldh)
{
	int			r;
	int			i;
	int			j;

	if (p > SI_BLAS_SMALL)
	{
		cblas_dsyrk(CblasColMajor, CblasUpper, CblasNoTrans, p, rows,
					1.0, x, ldx, 1.0, h, ldh);
		return;
	}
	for (r = 0; r < rows; r++)
	{
		const double *row = x + (size_t) r * ldx;

		for (i = 0; i < p; i++)
			for (j = 0; j <= i; j++)
				h[(size_t) i * ldh + j] += row[i] * row[j];
	}
}

void
si_blas_gemv(int rows, int p, const double *x, int ldx,
			 const double *beta, double *out)
{
	int			r;

	if (p > SI_BLAS_SMALL)
	{
		cblas_dgemv(CblasRowMajor, CblasNoTrans, rows, p,
					1.0, x, ldx, beta, 1, 0.0, out, 1);
		return;
	}
	for (r = 0; r < rows; r++)
		out[r] = dot(p, x + (size_t) r * ldx, beta);
}

void
si_blas_gemv_t(int rows, int p, const double *x, int ldx,
			   const double *v, double *g)
{
	int			r;
	int			j;

	if (p > SI_BLAS_SMALL)
	{
		cblas_dgemv(CblasRowMajor, CblasTrans, rows, p,
					1.0, x, ldx, v, 1, 1.0, g, 1);
		return;
	}
	for (r = 0; r < rows; r++)
		for (j = 0; j < p; j++)
			g[j] += v[r] * x[(size_t) r * ldx + j];
}

int
si_blas_cholesky(int p, double *h, int ldh)
{
	int			info = 0;
	int			i;
	int			j;

	if (p > SI_BLAS_SMALL)
	{
		dpotrf_("U", &p, h, &ldh, &info, 1);
		return info;
	}
	for (i = 0; i < p; i++)
	{
		double	   *row = h + (size_t) i * ldh;
		double		pivot;

		for (j = 0; j < i; j++)
		{
			const double *above = h + (size_t) j * ldh;

			row[j] = (row[j] - dot(j, row, above)) / above[j];
		}
		pivot = row[i] - dot(i, row, row);
		if (!(pivot > 0.0))		/* also catches NaN */
			return i + 1;
		row[i] = sqrt(pivot);
	}
	return 0;
}

void
si_blas_cholesky_solve(int p, const double *chol, int ldh, double *b)
{
	int			one = 1;
	int			info = 0;
	int			i;
	int			j;

	if (p > SI_BLAS_SMALL)
	{
		dpotrs_("U", &p, &one, chol, &ldh, b, &p, &info, 1);
		return;
	}
	for (i = 0; i < p; i++)
	{
		const double *row = chol + (size_t) i * ldh;

		b[i] = (b[i] - dot(i, row, b)) / row[i];
	}
	for (i = p - 1; i >= 0; i--)
	{
		for (j = i + 1; j < p; j++)
			b[i] -= chol[(size_t) j * ldh + i] * b[j];
		b[i] /= chol[(size_t) i * ldh + i];
	}
}

/*
 * Small case: column k of the inverse solves L L' z = e_k.  All columns are
 * found before the factor is overwritten.
 */
static int
small_inverse(int p, double *chol, int ldh)
{
	double		inverse[SI_BLAS_SMALL][SI_BLAS_SMALL] = {{0.0}};
	int			i;
	int			j;

	for (i = 0; i < p; i++)
		if (chol[(size_t) i * ldh + i] == 0.0)
			return i + 1;
	for (i = 0; i < p; i++)
	{
		inverse[i][i] = 1.0;
		si_blas_cholesky_solve(p, chol, ldh, inverse[i]);
	}
	for (i = 0; i < p; i++)
		for (j = 0; j <= i; j++)
			chol[(size_t) i * ldh + j] = inverse[i][j];
	return 0;
}

int
si_blas_cholesky_inverse(int p, double *chol, int ldh)
{
	int			info = 0;
	int			i;
	int			j;

	if (p > SI_BLAS_SMALL)
		dpotri_("U", &p, chol, &ldh, &info, 1);
	else
		info = small_inverse(p, chol, ldh);
	if (info != 0)
		return info;

	for (i = 0; i < p; i++)
		for (j = 0; j < i; j++)
			chol[(size_t) j * ldh + i] = chol[(size_t) i * ldh + j];
	return 0;
}

const char *
si_blas_flavour(void)
{
	switch (openblas_get_parallel())
	{
		case OPENBLAS_SEQUENTIAL:
			return "serial";
		case OPENBLAS_THREAD:
			return "pthread";
		case OPENBLAS_OPENMP:
			return "openmp";
		default:
			return "unknown";
	}
}

const char *
si_blas_config(void)
{
	return openblas_get_config();
}

const char *
si_blas_core(void)
{
	return openblas_get_corename();
}

int
si_blas_threads(void)
{
	return openblas_get_num_threads();
}

void
si_blas_set_threads(int threads)
{
	openblas_set_num_threads(threads);
}
