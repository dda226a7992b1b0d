/*
 * si_waits.c
 *	  The distribution of waits: exact for up to 262,144 different ones.
 *
 * Method.  Two different values of the same length in binary digits become one
 * when cut before the first digit in which they differ; values of different
 * length never do.  A count of the lengths that neighbours agree in gives the
 * number of values left for every length at once.  Values of 64 lengths with
 * 13 digits, the first of which is 1, are at most 64 * 4096.
 */
#include "core/sequence/si_waits.h"

#define BLOCK_BYTES		4096	/* pairs between pulses */

#define BLOCK_WAITS		65536	/* between pulses */

static int
length_of(uint64_t value)
{
	return value == 0 ? 0 : 64 - __builtin_clzll(value);
}

/* Merges neighbours of one value, cut to so many digits. */
static int64_t
merge_waits(int64_t n, SiKeyed *waits, int digits, SiPulse pulse)
{
	int64_t		kept = 0;
	int64_t		i;

	for (i = 0; i < n; i++)
	{
		uint64_t	value = si_wait_cut(waits[i].key, digits);
		uint64_t	count = waits[i].item;

		if (i % BLOCK_WAITS == 0)
			pulse();
		if (kept > 0 && waits[kept - 1].key == value)
			waits[kept - 1].item += count;
		else
		{
			waits[kept].key = value;
			waits[kept++].item = count;
		}
	}
	return kept;
}

/* The most digits that leave no more than so many of n different values. */
static int
digits_for(int64_t n, const SiKeyed *waits, int64_t values, SiPulse pulse)
{
	int64_t		agree[SI_WAIT_DIGITS + 1] = {0};
	int64_t		left = 1;
	int			digits = 0;
	int64_t		i;

	for (i = 1; i < n; i++)
	{
		int			length = length_of(waits[i].key);

		if (i % BLOCK_WAITS == 0)
			pulse();
		if (length_of(waits[i - 1].key) != length)
			agree[0]++;
		else
			agree[length - length_of(waits[i].key ^ waits[i - 1].key)]++;
	}
	/* neighbours that agree in fewer digits than are kept stay apart */
	while (digits < SI_WAIT_DIGITS && left + agree[digits] <= values)
		left += agree[digits++];
	return digits;
}

int64_t
si_waits_settle_to(int64_t n, SiKeyed *waits, int64_t values, int *digits,
				   SiPulse pulse)
{
	n = merge_waits(n, waits, *digits, pulse);
	if (n <= values)
		return n;
	*digits = digits_for(n, waits, values, pulse);
	return merge_waits(n, waits, *digits, pulse);
}

int64_t
si_waits_settle(int64_t n, SiKeyed *waits, int *digits, SiPulse pulse)
{
	return si_waits_settle_to(n, waits, SI_WAIT_VALUES, digits, pulse);
}

/* The wait at a place from 0 in the order of all of them. */
static uint64_t
wait_at(int64_t n, const SiKeyed *waits, uint64_t place, int digits)
{
	uint64_t	before = 0;
	int			length;
	int64_t		i;

	for (i = 0; i < n - 1 && before + waits[i].item <= place; i++)
		before += waits[i].item;
	length = length_of(waits[i].key);
	if (length <= digits)
		return waits[i].key;
	return waits[i].key + (UINT64_C(1) << (length - digits - 1));
}

uint64_t
si_waits_quantile(int64_t n, const SiKeyed *waits, uint64_t total, int digits,
				  double share)
{
	double		place = (double) (total - 1) * share;
	uint64_t	below = (uint64_t) place;
	uint64_t	low = wait_at(n, waits, below, digits);
	uint64_t	high;

	if (below + 1 >= total)
		return low;
	high = wait_at(n, waits, below + 1, digits);
	return low + (uint64_t) ((place - (double) below) *
							 (double) (high - low) + 0.5);
}

/* ---------- bytes ---------- */

void
si_waits_write(SiWriter *out, int64_t n, const SiKeyed *waits, SiPulse pulse)
{
	uint64_t	last = 0;

	si_write_varint(out, (uint64_t) n);
	for (int64_t i = 0; i < n; i++)
	{
		if ((i + 1) % BLOCK_BYTES == 0)
			pulse();
		si_write_varint(out, waits[i].key - last);
		si_write_varint(out, waits[i].item - 1);
		last = waits[i].key;
	}
}

/* The next pair, added to the value before. */
static inline SiKeyed
read_wait(SiReader *in, uint64_t last)
{
	SiKeyed		wait;

	wait.key = last + si_read_varint(in);
	wait.item = si_read_varint(in) + 1;
	return wait;
}

int64_t
si_waits_check(SiReader *in, const SiWaitsRule *rule, int *digits,
			   SiReader *body, SiPulse pulse)
{
	uint64_t	left = rule->total;
	SiKeyed		wait = {0, 0};
	uint64_t	n;

	*digits = si_read_u8(in);
	n = si_read_varint(in);
	si_read_check(in, *digits >= rule->least_digits &&
				  *digits <= SI_WAIT_DIGITS && n <= (uint64_t) rule->most);
	*body = *in;
	for (uint64_t i = 0; i < n && !in->bad; i++)
	{
		SiKeyed		next = read_wait(in, wait.key);

		if ((i + 1) % BLOCK_BYTES == 0)
			pulse();
		si_read_check(in, (i == 0 || next.key > wait.key) &&
					  next.key <= rule->longest &&
					  si_wait_cut(next.key, *digits) == next.key &&
					  next.item >= 1 && next.item <= left);
		left -= next.item;
		wait = next;
	}
	si_read_check(in, left == 0);
	return in->bad ? 0 : (int64_t) n;
}

void
si_waits_read(SiReader body, int64_t n, SiKeyed *waits, SiPulse pulse)
{
	uint64_t	last = 0;

	for (int64_t i = 0; i < n; i++)
	{
		if ((i + 1) % BLOCK_BYTES == 0)
			pulse();
		waits[i] = read_wait(&body, last);
		last = waits[i].key;
	}
}
