/*
 * ARIMA models that Stata and R publish.
 *
 * Stata 12's arima (exact maximum likelihood): the air2 and wpi1 examples of
 * its manual, and arima wpi, ... vce(oim), as statsmodels' tests print them
 * (tsa/statespace/tests/results: results_sarimax.py and
 * results_sarimax_coverage.csv).  R 4.2.2 with forecast 8.20: arima(lh, ...,
 * method = "ML"), auto.arima and forecast.  R's likelihood of differenced
 * series has a prior of large variance in place of a diffuse one, which
 * changes it by up to 0.003.
 */
#include "arima_samples.h"
#include "tap.h"

#define WPI	124

/* United States wholesale prices by quarter, 1960 to 1990. */
static const double wpi[WPI] = {
	30.70000076, 30.79999924, 30.70000076, 30.70000076, 30.79999924, 30.5,
	30.5, 30.60000038, 30.70000076, 30.60000038, 30.70000076, 30.70000076,
	30.60000038, 30.5, 30.60000038, 30.70000076, 30.70000076, 30.60000038,
	30.70000076, 30.70000076, 30.89999962, 31.20000076, 31.39999962,
	31.60000038, 32.09999847, 32.20000076, 32.59999847, 32.40000153,
	32.29999924, 32.29999924, 32.40000153, 32.5, 32.90000153, 33.09999847,
	33.29999924, 33.40000153, 33.90000153, 34.40000153, 34.70000076, 35.,
	35.5, 35.70000076, 35.90000153, 35.90000153, 36.5, 36.90000153,
	37.20000076, 37.20000076, 37.90000153, 38.29999924, 38.79999924,
	39.20000076, 41.09999847, 43.09999847, 44.90000153, 45.29999924,
	48.29999924, 50., 53.59999847, 55.40000153, 55.40000153, 56.,
	57.20000076, 57.79999924, 58.09999847, 59., 59.70000076, 60.20000076,
	61.59999847, 63., 63.09999847, 63.90000153, 65.40000153, 67.40000153,
	68.40000153, 70., 72.5, 75.09999847, 77.40000153, 80.19999695,
	83.90000153, 85.59999847, 88.40000153, 90.40000153, 93.09999847,
	95.19999695, 95.90000153, 95.80000305, 96.59999847, 96.69999695,
	97.09999847, 97.19999695, 97.30000305, 97.59999847, 98.59999847,
	99.09999847, 100.19999695, 100.80000305, 100.59999847, 100.30000305,
	100.09999847, 100.19999695, 99.5, 100.09999847, 98.59999847, 96.80000305,
	96.30000305, 96.69999695, 97.80000305, 99.40000153, 100.5, 101.,
	101.59999847, 103.19999695, 104.69999695, 105.19999695, 107.5,
	109.40000153, 109., 109.40000153, 111., 110.80000305, 112.80000305,
	116.19999695
};

static void
check_air2(void)
{
	SiArimaOptions options = order_of(0, 1, 1, 0, 1, 1, false);
	double		log_air[144];
	ArimaFit	fit;

	for (int t = 0; t < 144; t++)
		log_air[t] = log(air[t]);
	fit = fit_arima(144, log_air, 12, &options);
	is_close(fit.model.log_likelihood, 244.69651, 2e-7, "air2, log-likelihood");
	is_close(fit.model.parameter[0], -.4018324, 1e-4, "air2, ma");
	is_close(fit.model.parameter[1], -.5569342, 1e-4, "air2, seasonal ma");
	is_close(sqrt(fit.model.variance * 129 / 131), .0367167, 1e-5,
			 "air2, sigma, but for degrees of freedom");
	ok(fit.model.estimated == 3 && fit.model.parameters == 2,
	   "air2, numbers estimated");
	is_close(fit.model.aicc, -483.393 - 6 + 6 + 24.0 / 127, 1e-5,
			 "air2, AIC and its correction");
	forget_arima(&fit);
}

static void
check_wpi1(void)
{
	SiArimaOptions options = order_of(1, 1, 1, 0, 0, 0, true);
	ArimaFit	fit = fit_arima(WPI, wpi, 4, &options);

	is_close(fit.model.log_likelihood, -135.35131, 1e-7, "wpi1, log-likelihood");
	is_close(fit.model.parameter[0], .8742288, 1e-4, "wpi1, ar");
	is_close(fit.model.parameter[1], -.4120458, 1e-4, "wpi1, ma");
	is_close(fit.model.parameter[2], .7498197, 1e-4, "wpi1, drift");
	forget_arima(&fit);
}

/* At least Stata's likelihood, to what it prints; often the same. */
static void
check_wpi_orders(void)
{
	static const struct
	{
		int			order[7];
		double		log_likelihood;
		bool		better;		/* Stata stopped before */
	}			row[] = {
		{{3, 0, 0, 0, 0, 0, 0}, -145.917, false},
		{{3, 0, 0, 0, 0, 0, 1}, -145.1327, false},
		{{3, 2, 0, 0, 0, 0, 0}, -135.9354, false},
		{{3, 0, 0, 0, 2, 0, 0}, -194.9269, false},
		{{0, 0, 3, 0, 0, 0, 0}, -540.8154, true},
		{{0, 0, 3, 0, 0, 0, 1}, -379.8598, false},
		{{0, 2, 3, 0, 0, 0, 0}, -136.14, false},
		{{0, 0, 3, 0, 2, 0, 0}, -171.4663, false},
		{{3, 0, 2, 0, 0, 0, 1}, -141.6742, false},
		{{3, 2, 2, 0, 0, 0, 0}, -134.3081, true},
		{{3, 0, 2, 0, 2, 0, 0}, -179.129, false},
		{{3, 2, 2, 0, 2, 0, 0}, -190.8858, false},
		{{0, 0, 0, 3, 0, 0, 0}, -302.9966, false},
		{{0, 0, 0, 3, 0, 0, 1}, -299.2088, false},
		{{0, 2, 0, 3, 0, 0, 0}, -146.5967, false},
		{{0, 0, 0, 3, 2, 0, 0}, -268.6161, false},
		{{0, 0, 0, 0, 0, 3, 0}, -493.3605, false},
		{{0, 2, 0, 0, 0, 3, 0}, -146.6127, false},
		{{0, 0, 0, 0, 2, 3, 0}, -265.4803, false},
		{{0, 0, 0, 3, 0, 2, 1}, -297.3261, true},
		{{0, 2, 0, 3, 0, 2, 0}, -144.272, true},
		{{0, 0, 0, 3, 2, 2, 0}, -265.2458, false},
		{{0, 2, 0, 3, 2, 2, 0}, -166.3303, true}
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
	{
		const int  *o = row[i].order;
		SiArimaOptions options = order_of(o[0], o[1], o[2], o[3], o[4], o[5],
										  o[6]);
		ArimaFit	fit = fit_arima(WPI, wpi, 4, &options);
		double		over = fit.model.log_likelihood - row[i].log_likelihood;

		ok(over > -1e-4 && (over < 1e-4 || row[i].better),
		   "wpi (%d,%d,%d)(%d,%d,%d)4, constant %d: %.4f and %.5f", o[0], o[1],
		   o[2], o[3], o[4], o[5], o[6], row[i].log_likelihood, over);
		forget_arima(&fit);
	}
}

static void
check_hormone(void)
{
	static const struct
	{
		int			order[3];
		double		log_likelihood;
		double		coefficient[4];
	}			row[] = {
		{{1, 0, 0}, -29.37916239, {.573924519, 2.413285370, 0, 0}},
		{{3, 0, 0}, -27.09241106,
		{.6448020090, -.0633822071, -.2197965786, 2.3931193272}},
		{{1, 0, 1}, -28.7620332, {.452201315, .198168044, 2.410076681, 0}},
		{{0, 0, 2}, -27.53028081, {.673162890, .375325482, 2.401551651, 0}}
	};

	for (int i = 0; i < 4; i++)
	{
		const int  *o = row[i].order;
		SiArimaOptions options = order_of(o[0], o[1], o[2], 0, 0, 0, true);
		ArimaFit	fit = fit_arima(48, hormone, 1, &options);

		is_close(fit.model.log_likelihood, row[i].log_likelihood, 1e-9,
				 "lh (%d,%d,%d), log-likelihood", o[0], o[1], o[2]);
		for (int j = 0; j < fit.model.parameters; j++)
			is_close(fit.model.parameter[j], row[i].coefficient[j], 2e-5,
					 "lh (%d,%d,%d), coefficient %d", o[0], o[1], o[2], j);
		forget_arima(&fit);
	}
}

static void
check_hormone_forecast(void)
{
	static const double r_mean[4] = {2.67961866, 2.53196392, 2.46519425,
	2.43500092};
	static const double r_se[4] = {.438534075, .523121764, .538785803,
	.541933127};
	SiArimaOptions options = order_of(1, 0, 1, 0, 0, 0, true);
	ArimaFit	fit = fit_arima(48, hormone, 1, &options);
	double		mean[4];
	double		variance[4];

	forecast_arima(&fit, 4, mean, variance);
	for (int h = 0; h < 4; h++)
	{
		is_close(mean[h], r_mean[h], 1e-5, "lh, mean %d steps on", h + 1);
		/* predict.Arima: variance by n, not n less coefficients */
		is_close(sqrt(variance[h] * 45 / 48), r_se[h], 1e-5,
				 "lh, standard error %d steps on", h + 1);
	}
	forget_arima(&fit);
}

static void
check_search_air(void)
{
	static const double r_mean[4] = {445.6349, 420.3950, 449.1983, 491.8399};
	ArimaFit	fit = fit_arima(144, air, 12, &automatic);
	double		mean[4];
	double		variance[4];

	ok(has_order(&fit.model, 2, 1, 1, 0, 1, 0, 0),
	   "AirPassengers: (2,1,1)(0,1,0)12");
	is_close(fit.model.parameter[0], .5960, 1e-4, "its ar1");
	is_close(fit.model.parameter[1], .2143, 1e-4, "its ar2");
	is_close(fit.model.parameter[2], -.9819, 1e-4, "its ma1");
	is_close(fit.model.log_likelihood, -504.92385, 1e-6, "its log-likelihood");
	is_close(fit.model.aicc, 1018.16517, 1e-6, "its AICc");
	is_close(fit.model.variance, 132.34475, 2e-5, "its variance");
	forecast_arima(&fit, 4, mean, variance);
	for (int h = 0; h < 4; h++)
		is_close(mean[h], r_mean[h], 1e-6, "its forecast %d", h + 1);
	is_close(sqrt(variance[3]) * 1.959964, 523.6707 - 491.8399, 1e-3,
			 "its interval");
	forget_arima(&fit);
}

static void
check_searches(void)
{
	ArimaFit	fit = fit_arima(72, deaths, 12, &automatic);

	ok(has_order(&fit.model, 0, 1, 1, 0, 1, 1, 0),
	   "USAccDeaths: (0,1,1)(0,1,1)12");
	is_close(fit.model.parameter[0], -.4302692, 1e-4, "its ma1");
	is_close(fit.model.parameter[1], -.5527913, 1e-4, "its sma1");
	is_close(fit.model.log_likelihood, -425.439994, 1e-5, "its log-likelihood");
	forget_arima(&fit);

	fit = fit_arima(100, users, 1, &automatic);
	ok(has_order(&fit.model, 1, 1, 1, 0, 0, 0, 0), "WWWusage: (1,1,1)");
	is_close(fit.model.parameter[0], .6503760, 1e-5, "its ar1");
	is_close(fit.model.parameter[1], .5255959, 1e-5, "its ma1");
	is_close(fit.model.log_likelihood, -254.149736, 1e-6, "its log-likelihood");
	forget_arima(&fit);

	fit = fit_arima(48, hormone, 1, &automatic);
	ok(has_order(&fit.model, 1, 0, 0, 0, 0, 0, 1), "lh: (1,0,0) with a mean");
	forget_arima(&fit);
}

int
main(void)
{
	check_air2();
	check_wpi1();
	check_wpi_orders();
	check_hormone();
	check_hormone_forecast();
	check_search_air();
	check_searches();
	return done_testing();
}
