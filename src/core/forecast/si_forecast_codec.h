/*
 * si_forecast_codec.h
 *	  A forecast model in bytes: a series, what was fitted to it, and how far
 *	  off it was where it could not see.
 */
#ifndef SI_FORECAST_CODEC_H
#define SI_FORECAST_CODEC_H

#include "core/forecast/series/si_calendar.h"
#include "core/forecast/si_forecast.h"
#include "core/si_bytes.h"

#define SI_FORECAST_VERSION		1
#define SI_FORECAST_MEMBERS		8
#define SI_FORECAST_NOTES		24
#define SI_MAX_PERIODS			(1 << 20)
#define SI_MAX_SEASON			10000
#define SI_MAX_EXPONENT			1100
#define SI_MAX_HELD				4096	/* errors held back, origins x steps */

/* What is said about a series, with a number; the words are the host's. */
typedef struct SiForecastNote
{
	uint8_t		code;
	int64_t		number;
} SiForecastNote;

typedef struct SiForecast
{
	/* the series */
	uint8_t		kind;			/* of times: the host's */
	SiCalendar	calendar;
	SiText		zone;
	int64_t		first;			/* number of the first period */
	int64_t		rows;
	int			n;
	double	   *y;
	int			seasons;
	int			season[2];

	/* the fit; without members there is none */
	bool		fallback;		/* not what was asked for */
	bool		nonnegative;
	int			exponent;		/* members see y over two to this power */
	int			members;		/* whose median is the forecast */
	SiForecastModel member[SI_FORECAST_MEMBERS];
	double	   *fitted;
	double		scale;			/* mean size of a naive step, of the season */

	/*
	 * Errors of forecasts from origins further back, in the deviations that
	 * the model expected, steps of each origin; and what they teach: how many
	 * times wider intervals must be, by a t distribution of how much freedom.
	 */
	int			origins;
	int			steps;
	double	   *held;			/* NaN: none */
	double		widening;
	double		freedom;

	int			notes;
	SiForecastNote note[SI_FORECAST_NOTES];
} SiForecast;

extern size_t si_forecast_size(const SiForecast *forecast);
extern void si_forecast_encode(const SiForecast *forecast, uint8_t *out);

/*
 * Reads bytes whose zone stays where it is; all numbers go to the room, of at
 * least size / 8 doubles.  SI_CORRUPT for what encode cannot have made.
 */
extern SiStatus si_forecast_decode(const void *bytes, size_t size,
								   SiForecast *forecast, double *room);

#endif							/* SI_FORECAST_CODEC_H */
