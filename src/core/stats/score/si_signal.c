/*
 * si_signal.c
 *	  Signals that fade: a weighted mean of values halved by age.
 *
 * Method: score = 100 * sum(w v 2^(-age / half_life)) / sum(w), from two
 * compensated sums (si_sum.h).  A window that moves takes rows away by adding
 * their negative.  Each step leaves an error of at most 2^-104 of the sum of
 * absolute values at the time; these bounds are added up, and when the total
 * exceeds SI_WINDOW_NOISE of what is in the window now (because a large term
 * went, or very many did) the sums no longer serve.  A window without rows is
 * set to zero.
 *
 * Special cases: no rows, or weights that are all zero, have no score: NaN.
 * An age of many half-lives fades to zero.
 *
 * Accuracy: equal to the sums in any order up to the rounding of the result;
 * moving windows included.
 *
 * Encoding, little-endian: magic, version u32, flags u32, rows u64, both parts
 * of both sums, hash u64 of all bytes before.
 */
#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "core/si_tolerance.h"
#include "core/stats/score/si_signal.h"

#define MAGIC			UINT32_C(0x47534953)	/* "SISG" */
#define HASH_SIZE		sizeof(uint64_t)
#define STEP_ERROR		0x1p-104

double
si_signal_term(double value, double weight, double age, double half_life)
{
	return value * weight * exp2(-(age / half_life));
}

/* Adds to a sum; noise grows by what the step may round off. */
static void
step(SiSum *sum, double *noise, double size, double x)
{
	si_sum_add(sum, x);
	*noise += STEP_ERROR * (size + fabs(x));
}

void
si_signal_add(SiSignalWindow *window, double term, double weight)
{
	SiSignal   *signal = &window->signal;

	signal->rows++;
	step(&signal->terms, &window->size_noise, window->size.high, term);
	step(&signal->weight, &window->weight_noise, signal->weight.high, weight);
	si_sum_add(&window->size, fabs(term));
}

bool
si_signal_remove(SiSignalWindow *window, double term, double weight)
{
	const SiSignalWindow empty = {0};
	SiSignal   *signal = &window->signal;

	signal->rows--;
	if (signal->rows == 0)
	{
		*window = empty;
		return true;
	}
	step(&signal->terms, &window->size_noise, window->size.high, -term);
	step(&signal->weight, &window->weight_noise, signal->weight.high, -weight);
	si_sum_add(&window->size, -fabs(term));
	return window->size_noise <= SI_WINDOW_NOISE * window->size.high &&
		window->weight_noise <= SI_WINDOW_NOISE * signal->weight.high;
}

void
si_signal_merge(SiSignal *into, const SiSignal *from)
{
	into->rows += from->rows;
	si_sum_merge(&into->terms, &from->terms);
	si_sum_merge(&into->weight, &from->weight);
}

double
si_signal_score(const SiSignal *signal)
{
	double		weight = si_sum_value(&signal->weight);

	return weight > 0.0 ? 100.0 * si_sum_value(&signal->terms) / weight : NAN;
}

/* A pair as si_sum_add leaves it, not too large. */
static bool
valid_sum(const SiSum *sum)
{
	return fabs(sum->high) <= SI_SIGNAL_LARGEST &&
		sum->high + sum->low == sum->high &&
		(sum->high != 0.0 || sum->low == 0.0);
}

bool
si_signal_valid(const SiSignal *signal)
{
	return signal->rows > 0 && signal->rows <= SI_MAX_SIGNALS &&
		valid_sum(&signal->terms) && valid_sum(&signal->weight) &&
		signal->weight.high >= 0.0;
}

static void
write_sum(SiWriter *out, const SiSum *sum)
{
	si_write_f64(out, sum->high);
	si_write_f64(out, sum->low);
}

static SiSum
read_sum(SiReader *in)
{
	SiSum		sum;

	sum.high = si_read_f64(in);
	sum.low = si_read_f64(in);
	return sum;
}

void
si_signal_encode(const SiSignal *signal, uint8_t *out)
{
	SiWriter	writer = {out, 0};

	si_write_u32(&writer, MAGIC);
	si_write_u32(&writer, SI_SIGNAL_VERSION);
	si_write_u32(&writer, 0);
	si_write_i64(&writer, signal->rows);
	write_sum(&writer, &signal->terms);
	write_sum(&writer, &signal->weight);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

SiStatus
si_signal_decode(const void *bytes, size_t size, SiSignal *signal)
{
	SiReader	in = si_reader(bytes, size);

	si_read_check(&in, size == SI_SIGNAL_SIZE);
	si_read_check(&in, si_read_u32(&in) == MAGIC);
	si_read_check(&in, si_read_u32(&in) == SI_SIGNAL_VERSION);
	si_read_check(&in, si_read_u32(&in) == 0);
	signal->rows = si_read_i64(&in);
	signal->terms = read_sum(&in);
	signal->weight = read_sum(&in);
	si_read_check(&in, si_signal_valid(signal));
	si_read_check(&in, si_read_u64(&in) ==
				  si_hash_bytes(bytes, in.bad ? 0 : size - HASH_SIZE, 0));
	return in.bad ? SI_CORRUPT : SI_OK;
}
