/*
 * test_beta.c
 *
 * The beta distribution and those it gives against R 4.2.2: pbeta(), pf(),
 * 2 * pt(-t), qt(5e-7, lower.tail = FALSE); where R is less exact (qt with
 * half a degree of freedom), mpmath 1.2.1.
 */
#include "tap.h"

#include "core/stats/distribution/si_beta.h"

typedef struct Student
{
	double		df;
	double		near;			/* p-value of 0.3 */
	double		far;			/* of 2.5 */
	double		reach;			/* of p = 1e-6 */
} Student;

static const Student student[] = {
	{0.5, 0.84485915213049079, 0.40097052905329328,
	411396462526.536},
	{1, 0.81445284184451539, 0.24223788318168671,
	636619.77236705786},
	{3.7000000000000002, 0.78026748713146232, 0.071822022911826752,
	62.290773014833739},
	{10, 0.77032060756579868, 0.031446844236608776,
	10.516489956914906},
	{126, 0.76467152101585911, 0.013704060157029567,
	5.1443497853160149},
	{2500, 0.7642020970480673, 0.012482932728449393,
	4.9038589421266083},
	{1000000, 0.76417721797899441, 0.012419489502163233,
	4.8916689607103843}
};

typedef struct Beta
{
	double		a;
	double		b;
	double		x;
	double		want;
} Beta;

static const Beta beta[] = {
	{0.5, 0.5, 0.3, 0.36901011956554525}, {2, 3, 0.2, 0.18080000000000004},
	{100, 1, 0.99, 0.3660323412732292},
	{1000, 2000, 0.33, 0.35063267613418275},
	{30, 0.7, 0.95, 0.1290598446998216},
	{1e6, 1e6, 0.4995, 0.078649577580901825},
	{5, 1e5, 1e-5, 0.003660230049720937}
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void
test_student(void)
{
	double		worst = 0;

	for (size_t i = 0; i < LENGTH(student); i++)
	{
		const Student *s = &student[i];

		is_close(si_t_p_value(s->df, 0.3), s->near, 1e-13, "df %g", s->df);
		is_close(si_t_p_value(s->df, -2.5) / s->far, 1, 1e-11, "far");
		is_close(si_t_two_sided(s->df, 1e-6) / s->reach, 1, 1e-11, "inverse");
	}
	/* mpmath 1.2.1, betainc at 50 digits */
	is_close(si_t_p_value(1000, 30) / 1.5374687444043482e-141, 1, 1e-11,
			 "very far");
	for (double df = 0.3; df < 1e7; df *= 1.7)
		for (double p = 1e-12; p < 1; p *= 3.1)
			worst = fmax(worst, fabs(si_t_p_value(df, si_t_two_sided(df, p)) /
									 p - 1));
	ok(worst < 1e-12, "the inverse inverts, within %.2g", worst);
	ok(si_t_p_value(7, 0) == 1 && si_t_p_value(7, INFINITY) == 0 &&
	   si_t_two_sided(7, 1) == 0, "the ends");
	ok(isnan(si_t_p_value(0, 1)) && isnan(si_t_p_value(-1, 1)) &&
	   isnan(si_t_p_value(5, NAN)) && isnan(si_t_two_sided(5, 0)) &&
	   isnan(si_t_two_sided(0, 0.5)) && isnan(si_t_two_sided(5, 1.5)),
	   "what there is not");
	is_close(si_t_p_value(INFINITY, 1.96), 4.9995790296440856e-02, 1e-14,
			 "infinitely many degrees of freedom");
	ok(si_t_p_value(2, 1e200) == 0 || si_t_p_value(2, 1e200) < 1e-300,
	   "a t of 1e200");
}

static void
test_beta(void)
{
	double		worst = 0;

	for (size_t i = 0; i < LENGTH(beta); i++)
		is_close(si_beta_cdf(beta[i].a, beta[i].b, beta[i].x) / beta[i].want, 1,
				 2e-12, "shapes %g and %g at %g", beta[i].a, beta[i].b,
				 beta[i].x);
	for (double a = 0.2; a < 1e4; a *= 2.3)
		for (double x = 0.01; x < 1; x += 0.07)
			worst = fmax(worst, fabs(si_beta_cdf(a, 3.5, x) +
									 si_beta_cdf(3.5, a, 1 - x) - 1));
	ok(worst < 1e-13, "both ends add up to one, within %.2g", worst);
	ok(si_beta_cdf(2, 3, 0) == 0 && si_beta_cdf(2, 3, 1) == 1 &&
	   si_beta_cdf(2, 3, -1) == 0 && si_beta_cdf(2, 3, 2) == 1, "beyond [0,1]");
	ok(isnan(si_beta_cdf(0, 1, 0.5)) && isnan(si_beta_cdf(1, 1e300, 0.5)) &&
	   isnan(si_beta_cdf(1, 1, NAN)), "no such shapes");
	is_close(si_f_sf(3, 20, 2.5), 0.088843751937689272, 1e-12, "F");
	is_close(si_f_sf(7, 2, 0.4), 0.84839665669658049, 1e-13, "F");
	ok(si_f_sf(3, 20, 0) == 1 && si_f_sf(3, 20, INFINITY) == 0, "its ends");
}

int
main(void)
{
	test_student();
	test_beta();
	return done_testing();
}
