/*
 * test_logistic.c
 *
 * The logistic fit against golden values.  Coefficients and standard errors
 * are from R 4.2.2,
 *
 *	   glm(am ~ ..., binomial, mtcars, weights = ...,
 *		   control = list(epsilon = 1e-15, maxit = 100))
 *
 * elastic nets from scikit-learn 1.2.1 on numbers standardised with the
 * population variance,
 *
 *	   LogisticRegression(penalty="elasticnet", C=1/(l1 + l2),
 *		   l1_ratio=l1/(l1 + l2), solver="saga", tol=1e-14, max_iter=10**6)
 */
#include "tap.h"

#include "sample.h"

/* Number of carburettors of the cars, as frequency weights. */
static const double car_carb[CARS] = {
	4, 4, 1, 1, 2, 1, 4, 2, 2, 4, 4, 3, 3, 3, 4, 4, 4, 1, 2, 1, 1, 2, 2, 4,
	2, 1, 2, 2, 4, 6, 8, 2
};

typedef struct Golden
{
	double		coefficient[5]; /* intercept, numbers, cylinders 6 and 8 */
	double		error[5];
	double		loglik;
} Golden;

static const Golden mpg_cyl = {		/* ~ mpg + factor(cyl) */
	{-8.3421271866276498, 0.36992050557084832, 0.73158793645362219,
	0.70161220380933675},
	{5.1310533475855866, 0.2112623833254112, 1.4136352288494243,
	1.9562137475833044},
	-14.701877148387506
};
static const Golden mpg_wt_cyl = {	/* ~ mpg + wt + factor(cyl) */
	{23.928363603661158, -0.098511710965456856, -8.1780115157634246,
	3.0097899288825514, 4.9819400775067191},
	{14.177507350742809, 0.35134880226462067, 3.349686211488283,
	2.5106855416428804, 3.5093631886390941},
	-7.294176002476739
};
static const Golden mpg_cyl_carb = {	/* ~ mpg + factor(cyl), weights carb */
	{-8.4606340105234494, 0.37074376717475144, 1.4936612979975783,
	1.7184639403483897},
	{3.2333742947761412, 0.13145989754285939, 0.94996878419205244,
	1.3362766910178829},
	-48.476597049280507
};

static void
is_golden(const Sample *s, const Golden *want, const char *name)
{
	double		error;
	double		intercept = raw_intercept(s, &error);

	is_close(intercept / want->coefficient[0], 1.0, 1e-9, "%s: intercept", name);
	is_close(error / want->error[0], 1.0, 1e-6, "%s: its error", name);
	for (int j = 1; j < s->p; j++)
	{
		bool		number = j <= s->numbers;
		double		got = number ? raw_slope(s, j - 1) : s->beta[j];

		error = number ? raw_error(s, j - 1) : column_error(s, j);
		is_close(got / want->coefficient[j], 1.0, 1e-9,
				 "%s: coefficient %d", name, j);
		is_close(error / want->error[j], 1.0, 1e-6, "%s: error %d", name, j);
	}
	is_close(s->total.loglik, want->loglik, 1e-9, "%s: log-likelihood", name);
}

static void
test_glm(void)
{
	Sample		s;

	sample_cars(&s, 1);
	ok(sample_fit(&s, 0.0, 0.0) == SI_OK, "a number and a factor");
	is_golden(&s, &mpg_cyl, "as glm()");
	sample_rescale(&s, 0, 0.0, 1.0);
	ok(sample_fit(&s, 0.0, 0.0) == SI_OK, "not standardised");
	is_golden(&s, &mpg_cyl, "the same");
	sample_rescale(&s, 0, 1e4, 1e-3);
	ok(sample_fit(&s, 0.0, 0.0) == SI_OK, "badly standardised");
	is_golden(&s, &mpg_cyl, "still the same");
	memcpy(s.weight, car_carb, sizeof(car_carb));
	sample_use_weights(&s);
	sample_standardise(&s);
	ok(sample_fit(&s, 0.0, 0.0) == SI_OK, "frequency weights");
	is_golden(&s, &mpg_cyl_carb, "as glm(weights)");
	sample_close(&s);

	sample_cars(&s, 2);
	ok(sample_fit(&s, 0.0, 0.0) == SI_OK, "two numbers and a factor");
	is_golden(&s, &mpg_wt_cyl, "as glm()");
	sample_close(&s);
}

/* Replicated rows, and rows of weight zero between them. */
static void
test_replicated(void)
{
	Sample		s;
	int			total = 0;

	for (int i = 0; i < CARS; i++)
		total += (int) car_carb[i] + 1;
	sample_open(&s, total, 1, 1, 2);
	for (int i = 0, r = 0; i < CARS; i++)
		for (int k = 0; k <= (int) car_carb[i]; k++, r++)
		{
			*sample_cell(&s, r, 0) = k ? car_mpg[i] : 1e3;
			sample_set_level(&s, r, (int) car_cylinders[i] / 2 - 2);
			s.positive[r] = k ? car_manual[i] == '1' : i % 2;
			s.weight[r] = k > 0;
		}
	sample_use_weights(&s);
	sample_rescale(&s, 0, 20.0, 0.1);
	ok(sample_fit(&s, 0.0, 0.0) == SI_OK, "replicated rows");
	is_golden(&s, &mpg_cyl_carb, "as glm(weights)");
	sample_close(&s);
}

/* All weights times a factor: the maximum stays, errors shrink. */
static void
test_weight_units(double factor)
{
	Sample		s;
	double		error;
	double		intercept;

	sample_cars(&s, 1);
	for (int i = 0; i < CARS; i++)
		s.weight[i] = car_carb[i] * factor;
	sample_use_weights(&s);
	ok(sample_fit(&s, 0.0, 0.0) == SI_OK, "weights times %g", factor);
	intercept = raw_intercept(&s, &error);
	is_close(intercept / mpg_cyl_carb.coefficient[0], 1.0, 1e-6, "intercept");
	is_close(raw_slope(&s, 0) / mpg_cyl_carb.coefficient[1], 1.0, 1e-6, "slope");
	is_close(raw_error(&s, 0) / mpg_cyl_carb.error[1] * sqrt(factor), 1.0, 1e-4,
			 "error of the slope");
	sample_close(&s);
}

/* mpg, wt, carb standardised and cylinders, with both penalties. */
static void
test_elastic_net(void)
{
	static const struct
	{
		double		l1;
		double		l2;
		bool		weighted;
		double		beta[6];
	}			want[] = {
		{1.0, 0.5, false, {-0.7071837436667597, 0.4898789490474801,
		-1.9965829978411431, 0.8255026582565628, 0.0, 0.0}},
		{2.0, 0.0, false, {-0.7372717423875662, 0.0, -2.3530374003811625,
		0.6044107092886586, 0.0, 0.0}},
		{0.0, 1.5, false, {-0.541709418530622, 0.8052527732930952,
		-1.497883716749257, 0.886465071002631, -0.14658952948314882,
		-0.1579687921042697}},
		{1.0, 0.5, true, {-0.9588460105608269, 0.2687600579596393,
		-3.5549828241653736, 1.541736411015175, -0.16347213503393376, 0.0}}
	};

	for (int k = 0; k < 4; k++)
	{
		Sample		s;

		sample_open(&s, CARS, 3, 3, 2);
		for (int i = 0; i < CARS; i++)
		{
			*sample_cell(&s, i, 0) = car_mpg[i];
			*sample_cell(&s, i, 1) = car_weight[i];
			*sample_cell(&s, i, 2) = s.weight[i] = car_carb[i];
			sample_set_level(&s, i, (int) car_cylinders[i] / 2 - 2);
			s.positive[i] = car_manual[i] == '1';
		}
		sample_standardise(&s);
		if (want[k].weighted)
			sample_use_weights(&s);
		ok(sample_fit(&s, want[k].l1, want[k].l2) == SI_OK,
		   "l1 %g, l2 %g%s", want[k].l1, want[k].l2,
		   want[k].weighted ? ", weighted" : "");
		for (int j = 0; j < s.p; j++)
			if (want[k].beta[j] == 0.0)
				ok(s.beta[j] == 0.0, "coefficient %d is exactly zero", j);
			else
				is_close(s.beta[j] / want[k].beta[j], 1.0, 1e-8,
						 "coefficient %d", j);
		sample_close(&s);
	}
}

/* Columns mpg, 2 mpg + 1, mpg - weight, weight; then a constant. */
static void
test_collinear(void)
{
	static const bool expected[] = {false, false, true, false, true, true};
	SiRange		all = {0, CARS};
	bool		found[6];
	double		work[36];
	Sample		s;
	Sample		plain;

	sample_open(&s, CARS, 5, 5, -1);
	sample_open(&plain, CARS, 2, 2, -1);
	for (int i = 0; i < CARS; i++)
	{
		*sample_cell(&s, i, 0) = car_mpg[i];
		*sample_cell(&s, i, 1) = 2.0 * car_mpg[i] + 1.0;
		*sample_cell(&s, i, 2) = car_mpg[i] - car_weight[i];
		*sample_cell(&s, i, 3) = car_weight[i];
		*sample_cell(&s, i, 4) = 7.0;
		*sample_cell(&plain, i, 0) = car_mpg[i];
		*sample_cell(&plain, i, 1) = car_mpg[i] - car_weight[i];
		s.positive[i] = plain.positive[i] = car_manual[i] == '1';
	}
	sample_standardise(&s);
	sample_rescale(&s, 4, 7.0, 0.0);
	ok(sample_fit(&s, 0.0, 0.0) == SI_SINGULAR, "collinear columns are singular");

	memset(s.beta, 0, s.p * sizeof(double));
	si_sums_clear(&s.total, s.p);
	si_logistic_accumulate(&s.logistic, all, s.beta, &s.total);
	ok(si_collinear_columns(s.p, s.total.hessian, found, work, pulse) == 3,
	   "three columns follow from others");
	ok(memcmp(found, expected, sizeof(found)) == 0, "and these are the ones");

	s.logistic.fixed = found;
	ok(sample_fit(&s, 0.0, 0.0) == SI_OK, "held at zero, they do no harm");
	ok(sample_fit(&plain, 0.0, 0.0) == SI_OK, "the fit without them");
	for (int j = 0; j < s.p; j++)
		if (found[j])
			ok(s.beta[j] == 0.0 && column_error(&s, j) == 1.0,
			   "column %d is zero, its row of the covariance the identity's", j);
	is_close(raw_slope(&s, 0) / raw_slope(&plain, 0), 1.0, 1e-9, "same slope");
	is_close(raw_slope(&s, 2) / raw_slope(&plain, 1), 1.0, 1e-9, "same slope");
	is_close(raw_error(&s, 0) / raw_error(&plain, 0), 1.0, 1e-9, "same error");
	is_close(s.total.loglik, plain.total.loglik, 1e-12, "same log-likelihood");
	sample_close(&s);
	sample_close(&plain);
}

/* n rows that a threshold tells apart, of the given weight. */
static void
test_separated(int64_t n, double weight)
{
	Sample		s;

	sample_open(&s, n, 1, 1, -1);
	for (int64_t r = 0; r < n; r++)
	{
		*sample_cell(&s, r, 0) = (r + 0.5) / n - 0.5;
		s.weight[r] = weight;
		s.positive[r] = r >= n / 2;
	}
	sample_use_weights(&s);
	sample_standardise(&s);
	ok(sample_fit(&s, 0.0, 0.0) != SI_OK,
	   "%d separated rows of weight %g have no maximum", (int) n, weight);
	ok(sample_fit(&s, 0.0, weight) == SI_OK && isfinite(s.beta[1]),
	   "with a ridge they have one");
	ok(sample_fit(&s, 0.5 * weight, 0.0) == SI_OK && isfinite(s.beta[1]),
	   "and with a lasso");
	for (int64_t r = 0; r < n; r++)
		s.positive[r] = 0;
	ok(sample_fit(&s, 0.0, weight) != SI_OK, "one class has none at all");
	sample_close(&s);
}

int
main(void)
{
	test_glm();
	test_replicated();
	test_weight_units(1e-4);
	test_weight_units(1e6);
	test_elastic_net();
	test_collinear();
	test_separated(4, 1.0);
	test_separated(80, 1.0);
	test_separated(80, 1e-6);
	test_separated(80, 1e6);
	test_separated(2000, 1.0);
	return done_testing();
}
