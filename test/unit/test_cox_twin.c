/*
 * test_cox_twin.c
 *
 * Proportional hazards against sums over risk sets as the textbook writes
 * them, gradient and information against differences.
 */
#include "tap.h"

#include <string.h>

#include "cox.h"

static double
margin_of(const double *beta, int p, int row)
{
	double		sum = 0;

	for (int j = 0; j < p; j++)
		sum += beta[1 + j] * cells[row * p + j];
	return sum;
}

static double
textbook(int rows, int p, SiCoxTies ties, const double *beta)
{
	double		loglik = 0;

	for (int i = 0; i < rows; i++)
	{
		double		risk = 0;
		double		tied = 0;
		int			d = 0;
		int			place = 0;

		if (!events[i])
			continue;
		for (int k = 0; k < rows; k++)
		{
			double		weight = exp(margin_of(beta, p, k));

			if (times[k] >= times[i])
				risk += weight;
			if (times[k] == times[i] && events[k])
			{
				tied += weight;
				place += k < i;
				d++;
			}
		}
		if (ties == SI_COX_EFRON)
			risk -= tied * place / d;
		loglik += margin_of(beta, p, i) - log(risk);
	}
	return loglik;
}

static double
plain_concordance(int rows, int p, const double *beta)
{
	double		good = 0;
	double		pairs = 0;

	for (int i = 0; i < rows; i++)
		for (int k = 0; k < rows; k++)
		{
			double		a = margin_of(beta, p, i);
			double		b = margin_of(beta, p, k);

			if (!events[i] || times[k] < times[i] ||
				(times[k] == times[i] && events[k]))
				continue;
			pairs++;
			good += (a > b) + 0.5 * (a == b);
		}
	return good / pairs;
}

static void
test_twin(int rows, int p, int distinct, SiCoxTies ties)
{
	SiCox		fit = cox_of(rows, p, ties);
	double		beta[MAX_P] = {0};
	double		kept[MAX_P];
	double		information[MAX_P * MAX_P];
	double		worst = 0;
	double		worst_second = 0;
	const double h = 1e-5;

	random_rows(rows, p, distinct);
	for (int j = 1; j <= p; j++)
		beta[j] = 2 * uniform() - 1;
	si_cox_evaluate(&fit, beta, &sums);
	is_close(sums.loglik, textbook(rows, p, ties, beta), 1e-12,
			 "%d rows, %d columns: likelihood", rows, p);
	memcpy(kept, gradient, sizeof(kept));
	memcpy(information, hessian, sizeof(information));
	for (int j = 1; j <= p; j++)
	{
		double		up[MAX_P];
		double		slope;

		beta[j] += h;
		slope = textbook(rows, p, ties, beta);
		si_cox_evaluate(&fit, beta, &sums);
		memcpy(up, gradient, sizeof(up));
		beta[j] -= 2 * h;
		slope = (slope - textbook(rows, p, ties, beta)) / (2 * h);
		si_cox_evaluate(&fit, beta, &sums);
		beta[j] += h;
		worst = fmax(worst, fabs(slope - kept[j]));
		for (int k = 1; k <= p; k++)
			worst_second = fmax(worst_second, fabs(
				(gradient[k] - up[k]) / (2 * h) -
				information[k > j ? k * (p + 1) + j : j * (p + 1) + k]));
	}
	ok(worst < 1e-6 * rows, "gradient: off by %g", worst);
	ok(worst_second < 1e-6 * rows, "information: off by %g", worst_second);
	is_close(si_cox_concordance(&fit, beta, items, scratch),
			 plain_concordance(rows, p, beta), 1e-14, "concordance");
}

int
main(void)
{
	test_twin(5, 1, 5, SI_COX_EFRON);
	test_twin(40, 3, 6, SI_COX_EFRON);
	test_twin(40, 3, 6, SI_COX_BRESLOW);
	test_twin(700, 3, 300, SI_COX_EFRON);
	test_twin(700, 11, 20, SI_COX_EFRON);
	test_twin(300, 11, 1, SI_COX_EFRON);
	return done_testing();
}
