/*
 * si_forecast_codec.c
 *	  A forecast model in bytes.
 *
 * Layout, little-endian: magic u32, version u16, flags u16; the calendar; zone
 * (text), first i64, rows i64, n u32, y; seasons u8 and u32 each; exponent i16;
 * members u8, each with its method, form, numbers and states; fitted, scale;
 * origins u16, steps u16, errors, widening, freedom; notes u8, each code u8 and
 * number i64; hash u64 of all bytes before.
 *
 * Values of the series are finite; what has been computed may be NaN where the
 * header says so.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/forecast/si_forecast_codec.h"
#include "core/forecast/si_methods.h"
#include "core/si_hash.h"

#define MAGIC			UINT32_C(0x4d464953)	/* "SIFM" */
#define HASH_SIZE		sizeof(uint64_t)
#define IS_FALLBACK		1
#define IS_NONNEGATIVE	2
#define ALL_FLAGS		3
#define MAX_FIRST		(INT64_MAX >> 2)

/* ---------- writing ---------- */

static void
write_numbers(SiWriter *out, int n, const double *number)
{
	int			i;

	for (i = 0; i < n; i++)
		si_write_f64(out, number[i]);
}

/* What a method cannot tell for lack of range is not known. */
static void
write_fitted(SiWriter *out, const SiForecast *forecast)
{
	int			i;

	for (i = 0; i < forecast->n; i++)
		si_write_f64(out, isfinite(forecast->fitted[i]) ?
					 forecast->fitted[i] : NAN);
}

static void
write_calendar(SiWriter *out, const SiCalendar *calendar)
{
	si_write_u8(out, (uint8_t) calendar->unit);
	si_write_i64(out, calendar->step);
	si_write_i64(out, calendar->origin);
	si_write_u8(out, (uint8_t) calendar->month);
	si_write_u8(out, (uint8_t) calendar->day);
	si_write_i64(out, calendar->time);
}

static void
write_member(SiWriter *out, const SiForecastModel *model)
{
	int			i;

	si_write_u8(out, (uint8_t) model->method);
	for (i = 0; i < SI_FORECAST_FORMS; i++)
		si_write_u32(out, (uint32_t) model->form[i]);
	si_write_u32(out, (uint32_t) model->season);
	si_write_u8(out, (uint8_t) model->parameters);
	write_numbers(out, model->parameters, model->parameter);
	si_write_u32(out, (uint32_t) model->states);
	write_numbers(out, model->states, model->state);
	si_write_u32(out, (uint32_t) model->estimated);
	si_write_f64(out, model->log_likelihood);
	si_write_f64(out, model->aicc);
	si_write_f64(out, model->variance);
}

static void
write_series(SiWriter *out, const SiForecast *forecast)
{
	int			i;

	write_calendar(out, &forecast->calendar);
	si_write_text(out, forecast->zone);
	si_write_i64(out, forecast->first);
	si_write_i64(out, forecast->rows);
	si_write_u32(out, (uint32_t) forecast->n);
	write_numbers(out, forecast->n, forecast->y);
	si_write_u8(out, (uint8_t) forecast->seasons);
	for (i = 0; i < forecast->seasons; i++)
		si_write_u32(out, (uint32_t) forecast->season[i]);
}

/* Everything but the hash. */
static void
write_forecast(SiWriter *out, const SiForecast *forecast)
{
	int			i;

	si_write_u32(out, MAGIC);
	si_write_u16(out, SI_FORECAST_VERSION);
	si_write_u16(out, (forecast->fallback ? IS_FALLBACK : 0) |
				 (forecast->nonnegative ? IS_NONNEGATIVE : 0));
	si_write_u8(out, forecast->kind);
	write_series(out, forecast);
	si_write_u16(out, (uint16_t) forecast->exponent);
	si_write_u8(out, (uint8_t) forecast->members);
	for (i = 0; i < forecast->members; i++)
		write_member(out, &forecast->member[i]);
	write_fitted(out, forecast);
	si_write_f64(out, forecast->scale);
	si_write_u16(out, (uint16_t) forecast->origins);
	si_write_u16(out, (uint16_t) forecast->steps);
	write_numbers(out, forecast->origins * forecast->steps, forecast->held);
	si_write_f64(out, forecast->widening);
	si_write_f64(out, forecast->freedom);
	si_write_u8(out, (uint8_t) forecast->notes);
	for (i = 0; i < forecast->notes; i++)
	{
		si_write_u8(out, forecast->note[i].code);
		si_write_i64(out, forecast->note[i].number);
	}
}

size_t
si_forecast_size(const SiForecast *forecast)
{
	SiWriter	out = {NULL, 0};

	write_forecast(&out, forecast);
	return out.size + HASH_SIZE;
}

void
si_forecast_encode(const SiForecast *forecast, uint8_t *out)
{
	SiWriter	writer = {out, 0};

	write_forecast(&writer, forecast);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* ---------- reading ---------- */

typedef struct Input
{
	SiReader	reader;
	double	   *room;
} Input;

/* Every NaN is written alike. */
static double
read_number(SiReader *in)
{
	uint64_t	bits = si_read_u64(in);
	double		number = si_bits_double(bits);

	si_read_check(in, !isinf(number) && bits == si_double_bits(number));
	return number;
}

/* A count whose doubles are still to come. */
static int
read_count(Input *in, uint32_t limit)
{
	return (int) si_read_count(&in->reader, limit, sizeof(double));
}

static double *
read_numbers(Input *in, int n, bool finite)
{
	double	   *number = in->room;
	int			i;

	if ((size_t) n > in->reader.left / sizeof(double))
		si_read_fail(&in->reader);
	for (i = 0; i < n && !in->reader.bad; i++)
	{
		number[i] = read_number(&in->reader);
		si_read_check(&in->reader, !(finite && isnan(number[i])));
	}
	in->room += in->reader.bad ? 0 : n;
	return number;
}

static void
read_calendar(SiReader *in, SiCalendar *calendar)
{
	calendar->unit = (SiUnit) si_read_u8(in);
	calendar->step = si_read_i64(in);
	calendar->origin = si_read_i64(in);
	calendar->month = si_read_u8(in);
	calendar->day = si_read_u8(in);
	calendar->time = si_read_i64(in);
	si_read_check(in, si_calendar_whole(calendar));
}

static void
read_series(Input *in, SiForecast *forecast)
{
	SiReader   *reader = &in->reader;
	int			i;

	read_calendar(reader, &forecast->calendar);
	forecast->zone = si_read_text(reader);
	forecast->first = si_read_i64(reader);
	forecast->rows = si_read_i64(reader);
	si_read_check(reader, forecast->rows >= 0 &&
				  forecast->first >= -MAX_FIRST &&
				  forecast->first <= MAX_FIRST);
	forecast->n = read_count(in, SI_MAX_PERIODS);
	forecast->y = read_numbers(in, forecast->n, true);
	forecast->seasons = si_read_u8(reader);
	si_read_check(reader, forecast->seasons <= 2);
	for (i = 0; i < 2 && i < forecast->seasons; i++)
	{
		forecast->season[i] = (int) si_read_u32(reader);
		si_read_check(reader, forecast->season[i] > 1 &&
					  forecast->season[i] <= SI_MAX_SEASON &&
					  (i == 0 || forecast->season[0] < forecast->season[1]));
	}
}

static void
read_member(Input *in, SiForecastModel *model)
{
	SiReader   *reader = &in->reader;
	double	   *parameter;
	int			i;

	model->method = (SiForecastMethod) si_read_u8(reader);
	for (i = 0; i < SI_FORECAST_FORMS; i++)
		model->form[i] = (int) si_read_u32(reader);
	model->season = (int) si_read_u32(reader);
	model->parameters = si_read_u8(reader);
	si_read_check(reader, model->method < SI_FORECAST_METHODS &&
				  model->parameters <= SI_FORECAST_PARAMETERS &&
				  model->season >= 1 && model->season <= SI_MAX_SEASON);
	if (reader->bad)
		return;
	parameter = read_numbers(in, model->parameters, true);
	if (reader->bad)
		return;
	memcpy(model->parameter, parameter, model->parameters * sizeof(double));
	model->states = read_count(in, SI_MAX_PERIODS);
	model->state = read_numbers(in, model->states, true);
	model->estimated = (int) si_read_u32(reader);
	model->log_likelihood = read_number(reader);
	model->aicc = read_number(reader);
	model->variance = read_number(reader);
	si_read_check(reader, !(model->variance < 0.0) &&
				  model->estimated >= 0 && model->estimated <= SI_MAX_SEASON);
	if (!reader->bad)
		si_read_check(reader, si_method(model->method) != NULL &&
					  si_method(model->method)->whole(model));
}

static void
read_notes(SiReader *in, SiForecast *forecast)
{
	int			i;

	forecast->notes = si_read_u8(in);
	si_read_check(in, forecast->notes <= SI_FORECAST_NOTES);
	for (i = 0; i < forecast->notes && !in->bad; i++)
	{
		forecast->note[i].code = si_read_u8(in);
		forecast->note[i].number = si_read_i64(in);
	}
}

static void
read_fit(Input *in, SiForecast *forecast)
{
	SiReader   *reader = &in->reader;
	int			i;

	forecast->exponent = (int16_t) si_read_u16(reader);
	si_read_check(reader, abs(forecast->exponent) <= SI_MAX_EXPONENT);
	forecast->members = si_read_u8(reader);
	si_read_check(reader, forecast->members <= SI_FORECAST_MEMBERS &&
				  (forecast->members > 0) == (forecast->n > 0));
	for (i = 0; i < forecast->members && !reader->bad; i++)
		read_member(in, &forecast->member[i]);
	forecast->fitted = read_numbers(in, forecast->n, false);
	forecast->scale = read_number(reader);
	si_read_check(reader, forecast->scale >= 0.0);
	forecast->origins = si_read_u16(reader);
	forecast->steps = si_read_u16(reader);
	si_read_check(reader, (forecast->origins > 0) == (forecast->steps > 0) &&
				  (int64_t) forecast->origins * forecast->steps <=
				  SI_MAX_HELD);
	if (!reader->bad)
		forecast->held = read_numbers(in, forecast->origins * forecast->steps,
									  false);
	forecast->widening = read_number(reader);
	forecast->freedom = read_number(reader);
	si_read_check(reader, forecast->widening >= 0.0 &&
				  forecast->widening <= 1e6 && forecast->freedom >= 1.0 &&
				  forecast->freedom <= 1e6);
}

SiStatus
si_forecast_decode(const void *bytes, size_t size, SiForecast *forecast,
				   double *room)
{
	const uint8_t *start = bytes;
	Input		in;
	uint16_t	flags;

	memset(forecast, 0, sizeof(*forecast));
	if (size < HASH_SIZE || si_hash_bytes(bytes, size - HASH_SIZE, 0) !=
		si_load_u64(start + size - HASH_SIZE))
		return SI_CORRUPT;
	in.reader = si_reader(bytes, size - HASH_SIZE);
	in.room = room;
	si_read_check(&in.reader, si_read_u32(&in.reader) == MAGIC);
	si_read_check(&in.reader, si_read_u16(&in.reader) == SI_FORECAST_VERSION);
	flags = si_read_u16(&in.reader);
	si_read_check(&in.reader, (flags & ~ALL_FLAGS) == 0);
	forecast->fallback = (flags & IS_FALLBACK) != 0;
	forecast->nonnegative = (flags & IS_NONNEGATIVE) != 0;
	forecast->kind = si_read_u8(&in.reader);
	si_read_check(&in.reader, forecast->kind <= 2);
	read_series(&in, forecast);
	if (!in.reader.bad)
		read_fit(&in, forecast);
	if (!in.reader.bad)
		read_notes(&in.reader, forecast);
	si_read_check(&in.reader, in.reader.left == 0);
	return in.reader.bad ? SI_CORRUPT : SI_OK;
}
