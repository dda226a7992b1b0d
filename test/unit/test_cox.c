/*
 * test_cox.c
 *
 * Proportional hazards against R 4.2.2, package survival 3.5.3 (coxph with
 * eps = 1e-14), and at the ends of what they can say.
 */
#include "tap.h"

#include <string.h>

#include "core/stats/survival/si_cox_model.h"
#include "cox.h"

/* survival::ovarian: futime, fustat, age, rx; sorted by time */
static void
load_ovarian(void)
{
	static const double ovarian[26][4] = {
		{59, 1, 72.3315, 1}, {115, 1, 74.4932, 1}, {156, 1, 66.4658, 1},
		{268, 1, 74.5041, 1}, {329, 1, 43.137, 1}, {353, 1, 63.2192, 2},
		{365, 1, 64.4247, 2}, {377, 0, 58.3096, 2}, {421, 0, 53.3644, 2},
		{431, 1, 50.3397, 1}, {448, 0, 56.4301, 1}, {464, 1, 56.937, 2},
		{475, 1, 59.8548, 2}, {477, 0, 64.1753, 1}, {563, 1, 55.1781, 2},
		{638, 1, 56.7562, 1}, {744, 0, 50.1096, 2}, {769, 0, 59.6301, 2},
		{770, 0, 57.0521, 2}, {803, 0, 39.2712, 1}, {855, 0, 43.1233, 1},
		{1040, 0, 38.8932, 1}, {1106, 0, 44.6, 1}, {1129, 0, 53.9068, 2},
		{1206, 0, 44.2055, 2}, {1227, 0, 59.589, 2}
	};

	for (int i = 0; i < 26; i++)
	{
		times[i] = ovarian[i][0];
		events[i] = ovarian[i][1] > 0;
		cells[2 * i] = ovarian[i][2];
		cells[2 * i + 1] = ovarian[i][3];
	}
}

static void
test_ovarian(void)
{
	SiCox		fit = cox_of(26, 2, SI_COX_EFRON);
	double		beta[3] = {0, 0, 0};
	double		covariance[9];
	double		at[26];
	double		hazard[26];
	double		average;

	load_ovarian();
	si_cox_evaluate(&fit, beta, &sums);
	is_close(sums.loglik, -34.984940371162558, 1e-14, "null likelihood");
	ok(si_cox_fit(&fit, beta, &sums) == SI_OK, "ovarian converges");
	is_close(sums.loglik, -27.041898863008388, 1e-14, "likelihood");
	is_close(beta[1], 0.14732659546911400, 1e-12, "age");
	is_close(beta[2], -0.80397301266511445, 1e-12, "rx");
	ok(si_cox_covariance(&fit, &sums, covariance) == SI_OK, "covariance");
	is_close(sqrt(covariance[4]), 0.046147047740802638, 1e-9, "its error");
	is_close(sqrt(covariance[8]), 0.632049371879450095, 1e-9, "its error");
	is_close(si_cox_concordance(&fit, beta, items, scratch),
			 0.79816513761467889, 1e-15, "concordance");
	/* survfit(fit, data.frame(age = 60, rx = 1), ctype = 1, stype = 2) */
	si_cox_evaluate(&fit, beta, &sums);
	average = 60 * beta[1] + beta[2];
	ok(si_cox_baseline(&fit, average, 26, at, hazard) == 12 &&
	   at[0] == 59 && at[11] == 638, "twelve steps");
	is_close(exp(-hazard[0]), 0.97088427316077952, 1e-12, "after the first");
	is_close(exp(-hazard[11]), 0.14428806783602910, 1e-12, "and the last");
}

/* survival::aml, many ties; x = Nonmaintained */
static void
test_ties(void)
{
	static const int aml[23][3] = {
		{5, 1, 1}, {5, 1, 1}, {8, 1, 1}, {8, 1, 1}, {9, 1, 0}, {12, 1, 1},
		{13, 1, 0}, {13, 0, 0}, {16, 0, 1}, {18, 1, 0}, {23, 1, 0},
		{23, 1, 1}, {27, 1, 1}, {28, 0, 0}, {30, 1, 1}, {31, 1, 0},
		{33, 1, 1}, {34, 1, 0}, {43, 1, 1}, {45, 0, 0}, {45, 1, 1},
		{48, 1, 0}, {161, 0, 0}
	};
	static const double efron[3] = {
		0.91553257501477314, 0.5119342751720094, -41.032615596458378
	};
	static const double breslow[3] = {
		0.90421972368621095, 0.51224790730418857, -41.25011435006887
	};

	for (int i = 0; i < 23; i++)
	{
		times[i] = aml[i][0];
		events[i] = (uint8_t) aml[i][1];
		cells[i] = aml[i][2];
	}
	for (int ties = SI_COX_EFRON; ties <= SI_COX_BRESLOW; ties++)
	{
		SiCox		fit = cox_of(23, 1, ties);
		const double *want = ties == SI_COX_EFRON ? efron : breslow;
		double		beta[2] = {0, 0};
		double		covariance[4];

		ok(si_cox_fit(&fit, beta, &sums) == SI_OK, "aml converges");
		is_close(beta[1], want[0], 1e-12, "coefficient");
		is_close(sums.loglik, want[2], 1e-14, "likelihood");
		si_cox_covariance(&fit, &sums, covariance);
		is_close(sqrt(covariance[3]), want[1], 1e-9, "standard error");
		is_close(si_cox_concordance(&fit, beta, items, scratch),
				 0.61904761904761907, 1e-15, "concordance with ties");
	}
}

/* ----- Ends ----- */

static void
test_ends(void)
{
	SiCox		fit = cox_of(4, 1, SI_COX_EFRON);
	double		beta[2] = {0, 0};
	SiStatus	status;

	/* whoever has the larger x goes first: the coefficient is infinite */
	for (int i = 0; i < 4; i++)
	{
		times[i] = i;
		events[i] = 1;
		cells[i] = -i;
	}
	status = si_cox_fit(&fit, beta, &sums);
	ok(status == SI_NO_CONVERGENCE || status == SI_SINGULAR, "monotone");
	ok(isfinite(beta[1]) && isfinite(sums.loglik), "yet finite");
	beta[1] = 0;
	fit.l2 = 1;
	ok(si_cox_fit(&fit, beta, &sums) == SI_OK && beta[1] > 0.5 &&
	   beta[1] < 3, "a ridge holds it");
	is_close(gradient[1], beta[1], 1e-9, "where its pull equals the slope");

	/* margins a thousand apart do not overflow, either way */
	fit.l2 = 0;
	for (int sign = -1; sign <= 1; sign += 2)
	{
		beta[1] = 1000 * sign;
		si_cox_evaluate(&fit, beta, &sums);
		is_close(sums.loglik, sign > 0 ? 0 : -6000, 1e-12, "far apart");
		ok(isfinite(gradient[1]) && isfinite(hessian[3]), "all finite");
	}

	/* no events; one row */
	memset(events, 0, sizeof(events));
	beta[1] = 1;
	si_cox_evaluate(&fit, beta, &sums);
	ok(sums.loglik == 0 && gradient[1] == 0 && hessian[3] == 0, "no events");
	ok(isnan(si_cox_concordance(&fit, beta, items, scratch)), "no pairs");
	events[0] = 1;
	design.rows = 1;
	si_cox_evaluate(&fit, beta, &sums);
	is_close(sums.loglik, 0, 1e-15, "one row says nothing");
}

/*
 * Few of many steps: first and last kept; survival read off them, also next
 * to a jump, is that of all steps within one share.
 */
static void
test_thinned(void)
{
	SiCox		fit = cox_of(600, 1, SI_COX_EFRON);
	double		beta[2] = {0, 0.5};
	double		all_at[600];
	double		all[600];
	double		at[50];
	double		few[50];
	SiCoxModel	model = {.at = at,.hazard = few};
	int			m;
	int			n;
	double		widest = 0;

	random_rows(600, 1, 600);
	for (int i = 200; i < 350; i++)
	{
		times[i] = times[200];
		events[i] = 1;
	}
	si_cox_evaluate(&fit, beta, &sums);
	m = si_cox_baseline(&fit, 0, 600, all_at, all);
	ok(m > 200, "%d steps", m);
	n = si_cox_baseline(&fit, 0, 50, at, few);
	ok(n <= 50 && n > 30, "%d of them kept", n);
	ok(at[0] == all_at[0] && at[n - 1] == all_at[m - 1] &&
	   few[n - 1] == all[m - 1], "first and last");
	model.nsteps = n;
	model.last = at[n - 1];
	for (int i = 0; i < m; i++)
		widest = fmax(widest, exp(-si_cox_model_hazard(&model, all_at[i])) -
					  exp(-all[i]));
	ok(widest > 0 && widest < 1.0 / 49, "survival is off by %g at most",
	   widest);
}

int
main(void)
{
	test_ovarian();
	test_ties();
	test_ends();
	test_thinned();
	return done_testing();
}
