/*
 * si_conformal.c
 *	  Errors of many series, pooled by step.
 *
 * Method: split conformal prediction.  Errors of forecasts from origins whose
 * future is known, each divided by the deviation that its model expected, are
 * taken to be exchangeable with those to come; the interval of a level reaches
 * to the one of rank ceil((n + 1) level) in order of size, the largest if there
 * are too few.
 *
 * Layout, little-endian: magic u32, version u16, flags u16, steps u32, the
 * number of errors of each step u64, their sizes f64 ascending by step, hash
 * u64 of all bytes before.
 *
 * Reference: V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a
 * Random World" (2005), 2.2; J. Lei et al., J. Am. Stat. Assoc. 113 (2018)
 * 1094-1111.
 */
#include <math.h>

#include "core/forecast/si_conformal.h"
#include "core/si_hash.h"
#include "core/si_tolerance.h"

#define MAGIC			UINT32_C(0x4f434953)	/* "SICO" */
#define HASH_SIZE		sizeof(uint64_t)
#define HEAD_SIZE		12
#define BLOCK_ERRORS	65536	/* between pulses */

static int
steps_of(int64_t n, const SiKeyed *error)
{
	return (int) error[n - 1].key + 1;
}

size_t
si_conformal_size(int64_t n, const SiKeyed *error)
{
	return HEAD_SIZE + steps_of(n, error) * sizeof(uint64_t) +
		(size_t) n * sizeof(double) + HASH_SIZE;
}

void
si_conformal_encode(int64_t n, const SiKeyed *error, uint8_t *out,
					SiPulse pulse)
{
	SiWriter	writer = {out, 0};
	int64_t		i = 0;
	int			step;

	si_write_u32(&writer, MAGIC);
	si_write_u16(&writer, SI_CONFORMAL_VERSION);
	si_write_u16(&writer, 0);
	si_write_u32(&writer, (uint32_t) steps_of(n, error));
	for (step = 0; step < steps_of(n, error); step++)
	{
		int64_t		start = i;

		while (i < n && error[i].key == (uint64_t) step)
			i++;
		si_write_u64(&writer, (uint64_t) (i - start));
	}
	for (i = 0; i < n; i++)
	{
		if (i % BLOCK_ERRORS == 0)
			pulse();
		si_write_u64(&writer, error[i].item);
	}
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

static double
size_at(const SiConformal *conformal, int64_t i)
{
	return si_bits_double(si_load_u64(conformal->size + i * sizeof(double)));
}

static int64_t
count_at(const SiConformal *conformal, int step)
{
	return (int64_t) si_load_u64(conformal->count + step * sizeof(uint64_t));
}

/* Sizes ascend within each step, and are none but sizes. */
static bool
sizes_ascend(const SiConformal *conformal, SiPulse pulse)
{
	int64_t		start = 0;
	int64_t		i;
	int			step;

	for (step = 0; step < conformal->steps; step++)
	{
		int64_t		end = start + count_at(conformal, step);

		for (i = start; i < end; i++)
		{
			double		size = size_at(conformal, i);

			if (i % BLOCK_ERRORS == 0)
				pulse();
			if (!(size >= 0.0 && isfinite(size)) || signbit(size) ||
				(i > start && size < size_at(conformal, i - 1)))
				return false;
		}
		start = end;
	}
	return true;
}

SiStatus
si_conformal_open(const void *bytes, size_t size, SiConformal *conformal,
				  SiPulse pulse)
{
	const uint8_t *start = bytes;
	SiReader	in = si_reader(bytes, size - HASH_SIZE);
	uint64_t	errors = 0;
	int			step;

	if (size < HASH_SIZE || si_hash_bytes(bytes, size - HASH_SIZE, 0) !=
		si_load_u64(start + size - HASH_SIZE))
		return SI_CORRUPT;
	si_read_check(&in, si_read_u32(&in) == MAGIC);
	si_read_check(&in, si_read_u16(&in) == SI_CONFORMAL_VERSION);
	si_read_check(&in, si_read_u16(&in) == 0);
	conformal->steps = (int) si_read_count(&in, SI_CONFORMAL_STEPS,
										   sizeof(uint64_t));
	conformal->count = si_read_raw(&in, conformal->steps * sizeof(uint64_t));
	if (in.bad || conformal->steps < 1)
		return SI_CORRUPT;
	conformal->size = in.at;
	for (step = 0; step < conformal->steps; step++)
	{
		uint64_t	count = (uint64_t) count_at(conformal, step);

		if (count > in.left / sizeof(double))
			return SI_CORRUPT;
		errors += count;
	}
	conformal->errors = (int64_t) errors;
	return count_at(conformal, conformal->steps - 1) > 0 &&
		in.left == errors * sizeof(double) && sizes_ascend(conformal, pulse) ?
		SI_OK : SI_CORRUPT;
}

void
si_conformal_unpack(const SiConformal *conformal, SiKeyed *error,
					SiPulse pulse)
{
	int64_t		i = 0;
	int			step;

	for (step = 0; step < conformal->steps; step++)
	{
		int64_t		end = i + count_at(conformal, step);

		for (; i < end; i++)
		{
			if (i % BLOCK_ERRORS == 0)
				pulse();
			error[i].key = (uint64_t) step;
			error[i].item = si_load_u64(conformal->size + i * sizeof(double));
		}
	}
}

double
si_conformal_reach(const SiConformal *conformal, int64_t step, double level)
{
	int			last = step < conformal->steps ? (int) step :
		conformal->steps - 1;
	int64_t		start = 0;
	int64_t		n;
	double		rank;
	int			i;

	while (last > 0 && count_at(conformal, last) == 0)
		last--;
	n = count_at(conformal, last);
	if (n == 0)
		return NAN;
	for (i = 0; i < last; i++)
		start += count_at(conformal, i);
	rank = ceil(((double) n + 1.0) * level * (1.0 - SI_BAND_EDGE));
	return size_at(conformal, start + (rank < n ? (int64_t) rank : n) - 1);
}
