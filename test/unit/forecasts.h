/*
 * forecasts.h
 *
 * Series of the theta methods' tests, and one call to fit and forecast.
 *
 * nile: yearly flow at Aswan, 1871-1970, 10^8 m^3 (Cobb 1978); airline:
 * monthly passengers, 1949-1960, thousands (Box and Jenkins, series G); www:
 * users of a server by minute (Makridakis et al. 1998).  R's Nile,
 * AirPassengers, WWWusage.
 */
#ifndef FORECASTS_H
#define FORECASTS_H

#include <stdlib.h>

#include "core/forecast/decompose/si_seasonal.h"
#include "core/forecast/si_ensemble.h"
#include "tap.h"

static const double nile[100] = {
	1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935,
	1110, 994, 1020, 960, 1180, 799, 958, 1140, 1100, 1210, 1150, 1250,
	1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692,
	1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821,
	768, 845, 864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845,
	944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040,
	860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975,
	815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740
};

static const double airline[144] = {
	112, 118, 132, 129, 121, 135, 148, 148, 136, 119, 104, 118, 115, 126,
	141, 135, 125, 149, 170, 170, 158, 133, 114, 140, 145, 150, 178, 163,
	172, 178, 199, 199, 184, 162, 146, 166, 171, 180, 193, 181, 183, 218,
	230, 242, 209, 191, 172, 194, 196, 196, 236, 235, 229, 243, 264, 272,
	237, 211, 180, 201, 204, 188, 235, 227, 234, 264, 302, 293, 259, 229,
	203, 229, 242, 233, 267, 269, 270, 315, 364, 347, 312, 274, 237, 278,
	284, 277, 317, 313, 318, 374, 413, 405, 355, 306, 271, 306, 315, 301,
	356, 348, 355, 422, 465, 467, 404, 347, 305, 336, 340, 318, 362, 348,
	363, 435, 491, 505, 404, 359, 310, 337, 360, 342, 406, 396, 420, 472,
	548, 559, 463, 407, 362, 405, 417, 391, 419, 461, 472, 535, 622, 606,
	508, 461, 390, 432
};

static const double www[100] = {
	88, 84, 85, 85, 84, 85, 83, 85, 88, 89, 91, 99, 104, 112, 126, 138,
	146, 151, 150, 148, 147, 149, 143, 132, 131, 139, 147, 150, 148, 145,
	140, 134, 131, 131, 129, 126, 126, 132, 137, 140, 142, 150, 159, 167,
	170, 171, 172, 172, 174, 175, 172, 172, 174, 174, 169, 165, 156, 142,
	131, 121, 112, 104, 102, 99, 99, 95, 88, 84, 84, 87, 89, 88, 85, 86,
	89, 91, 91, 94, 101, 110, 121, 135, 145, 149, 156, 165, 171, 175,
	177, 182, 193, 204, 208, 210, 215, 222, 228, 226, 222, 220
};

#define MAX_HORIZON	64
#define MAX_STATES	2000

/* What fit_method leaves. */
typedef struct Fitted
{
	SiStatus	status;
	SiForecastModel model;
	double		state[MAX_STATES];
	double	   *fitted;
	double		mean[MAX_HORIZON];
	double		variance[MAX_HORIZON];
} Fitted;

static inline void
pulse(void)
{
}

static inline SiSeries
series_of(int n, const double *y, int season, const double *factor)
{
	SiSeries	series = {n, y, season, factor};

	return series;
}

/*
 * Rooms are exactly what the method asks for, so that the sanitizer sees what
 * goes beyond.  The caller frees fit->fitted.
 */
static inline void
fit_method(Fitted *fit, SiForecastMethod which, SiSeries series, int horizon)
{
	const SiMethod *method = si_method(which);
	SiMethodOptions options = {0};
	size_t		room = method->room(series.n, series.season, &options);
	double	   *doubles = malloc(room * sizeof(double));
	SiWork		work = {doubles, room};

	fit->fitted = malloc(series.n * sizeof(double));
	fit->model.state = malloc(method->states(series.season, &options) *
							  sizeof(double));
	fit->status = method->fit(&series, which, &options, &fit->model,
							  fit->fitted, &work, pulse);
	if (fit->status == SI_OK)
	{
		/* A model is numbers, to be continued from a copy. */
		for (int i = 0; i < fit->model.states; i++)
			fit->state[i] = fit->model.state[i];
		free(fit->model.state);
		free(doubles);
		fit->model.state = fit->state;
		room = method->forecast_room(&fit->model, horizon);
		doubles = malloc(room * sizeof(double));
		work = (SiWork) {doubles, room};
		method->forecast(&fit->model, horizon, fit->mean, fit->variance,
						 &work, pulse);
	}
	else
		free(fit->model.state);
	free(doubles);
}

#endif							/* FORECASTS_H */
