/*
 * si_blas.h
 *
 * Linear algebra on row-major matrices, with plain C signatures.  si_blas.c
 * is the only file of the project that knows which library does the work.
 *
 * A data matrix x has one observation a row: element (i, j) is x[i * ldx + j],
 * ldx >= p.  A symmetric matrix h is kept in its LOWER triangle in row-major
 * terms: element (i, j), j <= i, is h[i * ldh + j].  The part above the
 * diagonal is neither read nor written, except by si_blas_cholesky_inverse.
 *
 * Preconditions: p >= 1, rows >= 0, leading dimensions >= p, all inputs
 * finite (the library may loop on NaN).  Matrices may not overlap.  No
 * function allocates memory that the caller can see; but the first call with
 * p > SI_BLAS_SMALL makes OpenBLAS map about 128 MiB of address space for the
 * process.  Up to SI_BLAS_SMALL plain loops are used.
 *
 * Accuracy: ordinary double sums.  The order of summation belongs to the
 * library's kernel for the CPU, so results may differ in the last bits from
 * one machine to another; compare with a tolerance.
 */
#ifndef SI_BLAS_H
#define SI_BLAS_H

/* up to this number of columns plain loops replace the library */
#define SI_BLAS_SMALL 8

/* h += x' x, lower triangle */
extern void si_blas_syrk_lower(int p, int rows, const double *x, int ldx,
							   double *h, int ldh);

/* out[rows] = x beta */
extern void si_blas_gemv(int rows, int p, const double *x, int ldx,
						 const double *beta, double *out);

/* g[p] += x' v */
extern void si_blas_gemv_t(int rows, int p, const double *x, int ldx,
						   const double *v, double *g);

/*
 * Replace h by its Cholesky factor L (h = L L'), lower triangle.  Returns 0,
 * or k > 0 if the leading minor of order k is not positive definite; h is
 * then undefined from row k on.
 */
extern int	si_blas_cholesky(int p, double *h, int ldh);

/* Solve L L' z = b in place, with L from si_blas_cholesky. */
extern void si_blas_cholesky_solve(int p, const double *chol, int ldh,
								   double *b);

/*
 * Replace L by the inverse of L L' as a full symmetric matrix (both
 * triangles).  Returns 0, or k > 0 if L has a zero on its diagonal in row k.
 */
extern int	si_blas_cholesky_inverse(int p, double *chol, int ldh);

/* What the library says about itself; the strings are static. */
extern const char *si_blas_flavour(void);	/* serial, pthread or openmp */
extern const char *si_blas_config(void);	/* version and build options */
extern const char *si_blas_core(void);	/* kernel chosen for this CPU */
extern int	si_blas_threads(void);
extern void si_blas_set_threads(int threads);

#endif							/* SI_BLAS_H */
