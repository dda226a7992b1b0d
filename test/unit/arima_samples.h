/*
 * arima_samples.h
 *
 * Series with published ARIMA models, and a fit of one that owns its memory.
 */
#ifndef ARIMA_SAMPLES_H
#define ARIMA_SAMPLES_H

#include <stdlib.h>
#include <string.h>

#include "core/forecast/arima/si_arima.h"

/* Box and Jenkins' airline passengers, thousands a month, 1949 to 1960. */
static const double air[144] = {
	112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126, 141,
	135, 125, 149, 170, 170, 158, 133, 114, 140, 145, 150, 178, 163, 172, 178,
	199, 199, 184, 162, 146, 166, 171, 180, 193, 181, 183, 218, 230, 242, 209,
	191, 172, 194, 196, 196, 236, 235, 229, 243, 264, 272, 237, 211, 180, 201,
	204, 188, 235, 227, 234, 264, 302, 293, 259, 229, 203, 229, 242, 233, 267,
	269, 270, 315, 364, 347, 312, 274, 237, 278, 284, 277, 317, 313, 318, 374,
	413, 405, 355, 306, 271, 306, 315, 301, 356, 348, 355, 422, 465, 467, 404,
	347, 305, 336, 340, 318, 362, 348, 363, 435, 491, 505, 404, 359, 310, 337,
	360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405, 417, 391, 419,
	461, 472, 535, 622, 606, 508, 461, 390, 432
};

/* R's USAccDeaths: accidental deaths a month, 1973 to 1978. */
static const double deaths[72] = {
	9007, 8106, 8928, 9137, 10017, 10826, 11317, 10744, 9713, 9938, 9161, 8927,
	7750, 6981, 8038, 8422, 8714, 9512, 10120, 9823, 8743, 9129, 8710, 8680,
	8162, 7306, 8124, 7870, 9387, 9556, 10093, 9620, 8285, 8466, 8160, 8034,
	7717, 7461, 7767, 7925, 8623, 8945, 10078, 9179, 8037, 8488, 7874, 8647,
	7792, 6957, 7726, 8106, 8890, 9299, 10625, 9302, 8314, 8850, 8265, 8796,
	7836, 6892, 7791, 8192, 9115, 9434, 10484, 9827, 9110, 9070, 8633, 9240
};

/* R's WWWusage: users of a server a minute. */
static const double users[100] = {
	88, 84, 85, 85, 84, 85, 83, 85, 88, 89, 91, 99, 104, 112, 126, 138, 146,
	151, 150, 148, 147, 149, 143, 132, 131, 139, 147, 150, 148, 145, 140, 134,
	131, 131, 129, 126, 126, 132, 137, 140, 142, 150, 159, 167, 170, 171, 172,
	172, 174, 175, 172, 172, 174, 174, 169, 165, 156, 142, 131, 121, 112, 104,
	102, 99, 99, 95, 88, 84, 84, 87, 89, 88, 85, 86, 89, 91, 91, 94, 101, 110,
	121, 135, 145, 149, 156, 165, 171, 175, 177, 182, 193, 204, 208, 210, 215,
	222, 228, 226, 222, 220
};

/* R's lh: a hormone in blood, every ten minutes. */
static const double hormone[48] = {
	2.4, 2.4, 2.4, 2.2, 2.1, 1.5, 2.3, 2.3, 2.5, 2, 1.9, 1.7, 2.2, 1.8, 3.2,
	3.2, 2.7, 2.2, 2.2, 1.9, 1.9, 1.8, 2.7, 3, 2.3, 2, 2, 2.9, 2.9, 2.7, 2.7,
	2.3, 2.6, 2.4, 1.8, 1.7, 1.5, 1.4, 2.1, 3.3, 3.5, 3.5, 3.1, 2.6, 2.1, 3.4,
	3, 2.9
};

static const SiArimaOptions automatic = {
	false, {0, 0, 0, 0, 0, 0, false}
};

typedef struct ArimaFit
{
	SiStatus	status;
	SiForecastModel model;
	double	   *fitted;
} ArimaFit;

/* Numbers by chance, the same in every run. */
static uint64_t chance_state = 1;

static inline double
chance(double low, double high)
{
	chance_state = chance_state * 6364136223846793005u + 1442695040888963407u;
	return low + (high - low) * ((double) (chance_state >> 11) * 0x1p-53);
}

/* Nearly normal, of variance 1. */
static inline double
noise(void)
{
	double		sum = -6.0;

	for (int i = 0; i < 12; i++)
		sum += chance(0.0, 1.0);
	return sum;
}

static inline void
no_pulse(void)
{
}

static inline SiArimaOptions
order_of(int p, int d, int q, int P, int D, int Q, bool constant)
{
	SiArimaOptions options = {true, {p, d, q, P, D, Q, constant}};

	return options;
}

/* Every array is as long as the kernel asks for, so that sanitizers watch. */
static inline ArimaFit
fit_arima(int n, const double *y, int season, const SiArimaOptions *options)
{
	ArimaFit	fit = {SI_OK, {0}, malloc(n * sizeof(double))};
	SiSeries	series = {n, y, season, NULL};
	size_t		room = si_arima_room(n, season, options);
	double	   *memory = malloc(room * sizeof(double));
	SiWork		work = {memory, room};
	int			states = si_arima_states(season, options);

	fit.model.state = malloc((states > 0 ? states : 1) * sizeof(double));
	fit.status = si_arima_fit(&series, options, &fit.model, fit.fitted, &work,
							  no_pulse);
	free(memory);
	return fit;
}

static inline void
forecast_arima(const ArimaFit *fit, int horizon, double *mean,
			   double *variance)
{
	size_t		room = si_arima_forecast_room(&fit->model, horizon);
	double	   *memory = malloc(room * sizeof(double));
	SiWork		work = {memory, room};

	si_arima_forecast(&fit->model, horizon, mean, variance, &work, no_pulse);
	free(memory);
}

static inline void
forget_arima(ArimaFit *fit)
{
	free(fit->model.state);
	free(fit->fitted);
}

/* Is the model of this order? */
static inline bool
has_order(const SiForecastModel *model, int p, int d, int q, int P, int D,
		  int Q, int constant)
{
	int			form[7] = {p, d, q, P, D, Q, constant};

	return memcmp(model->form, form, sizeof(form)) == 0;
}

#endif							/* ARIMA_SAMPLES_H */
