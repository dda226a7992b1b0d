/*
 * si_measure.c
 *	  How varied a sequence is, and how far two sequences are apart.
 */
#include "core/sequence/si_measure.h"

#include <math.h>

#include "core/stats/si_sum.h"

#define BLOCK_EVENTS	65536	/* between pulses */
#define LARGE			0x1p512

double
si_sequence_entropy(const SiSequence *sequence, int64_t *count, SiPulse pulse)
{
	double		n = (double) sequence->length;
	SiSum		entropy = {0.0, 0.0};
	int64_t		i;
	uint32_t	name;

	memset(count, 0, sequence->names * sizeof(int64_t));
	for (i = 0; i < sequence->length; i++)
	{
		if (i % BLOCK_EVENTS == 0)
			pulse();
		count[si_sequence_code(sequence, i)]++;
	}
	for (name = 0; name < sequence->names; name++)
	{
		double		share = (double) count[name] / n;

		if (name % BLOCK_EVENTS == 0)
			pulse();
		si_sum_add(&entropy, share > 0.0 ? -share * log(share) : 0.0);
	}
	return si_sum_value(&entropy);
}

int64_t
si_sequence_changes(const SiSequence *sequence, SiPulse pulse)
{
	int64_t		changes = 0;
	int64_t		i;

	for (i = 1; i < sequence->length; i++)
	{
		if (i % BLOCK_EVENTS == 0)
			pulse();
		changes += si_sequence_code(sequence, i) !=
			si_sequence_code(sequence, i - 1);
	}
	return changes;
}

/* The event behind the spell that starts at an event. */
static int64_t
spell_end(const SiSequence *sequence, int64_t start, SiPulse pulse)
{
	uint32_t	code = si_sequence_code(sequence, start);
	int64_t		end;

	for (end = start + 1; end < sequence->length; end++)
	{
		if (end % BLOCK_EVENTS == 0)
			pulse();
		if (si_sequence_code(sequence, end) != code)
			break;
	}
	return end;
}

/* The logarithm, base 2, of the number of distinct subsequences of spells. */
static double
log_subsequences(const SiSequence *sequence, SiScaled *last, SiPulse pulse)
{
	SiScaled	all = {1.0, 0};
	uint32_t	name;
	int64_t		i;

	for (name = 0; name < sequence->names; name++)
		last[name].value = 0.0;
	for (i = 0; i < sequence->length; i = spell_end(sequence, i, pulse))
	{
		SiScaled   *before = &last[si_sequence_code(sequence, i)];
		SiScaled	now = all;

		if (i % 64 == 0)
			pulse();
		if (before->value > 0.0 && all.exponent - before->exponent < 2048)
			all.value -= 0.5 * ldexp(before->value,
									 (int) (before->exponent - all.exponent));
		all.value *= 2.0;
		*before = now;
		if (all.value > LARGE)
		{
			all.value = ldexp(all.value, -512);
			all.exponent += 512;
		}
	}
	return log2(all.value) + (double) all.exponent;
}

double
si_sequence_turbulence(const SiSequence *sequence, SiScaled *last,
					   SiPulse pulse)
{
	double		spells = (double) si_sequence_changes(sequence, pulse) + 1.0;
	double		mean = (double) sequence->length / spells;
	double		most = (spells - 1.0) * (1.0 - mean) * (1.0 - mean);
	SiSum		squares = {0.0, 0.0};
	int64_t		start;
	int64_t		end;

	for (start = 0; start < sequence->length; start = end)
	{
		double		apart;

		end = spell_end(sequence, start, pulse);
		apart = (double) (end - start) - mean;
		si_sum_add(&squares, apart * apart);
	}
	return log_subsequences(sequence, last, pulse) +
		log2((most + 1.0) / (si_sum_value(&squares) / spells + 1.0));
}

/* ---------- distances ---------- */

/* Rows are short or long: pulses count cells. */
static inline void
pulse_cells(int64_t *cells, int64_t m, SiPulse pulse)
{
	*cells += m + 1;
	if (*cells < BLOCK_EVENTS)
		return;
	pulse();
	*cells = 0;
}

int64_t
si_distance_common(int64_t n, const uint32_t *a, int64_t m, const uint32_t *b,
				   uint32_t *row, SiPulse pulse)
{
	int64_t		cells = 0;
	int64_t		i;
	int64_t		j;

	memset(row, 0, (m + 1) * sizeof(uint32_t));
	for (i = 0; i < n; i++)
	{
		uint32_t	diagonal = 0;
		uint32_t	left = 0;

		for (j = 1; j <= m; j++)
		{
			uint32_t	up = row[j];

			if (a[i] == b[j - 1])
				left = diagonal + 1;
			else if (up > left)
				left = up;
			row[j] = left;
			diagonal = up;
			if (j % BLOCK_EVENTS == 0)
				pulse();
		}
		pulse_cells(&cells, m, pulse);
	}
	return row[m];
}

int64_t
si_distance_levenshtein(int64_t n, const uint32_t *a, int64_t m,
						const uint32_t *b, uint32_t *row, SiPulse pulse)
{
	int64_t		cells = 0;
	int64_t		i;
	int64_t		j;

	for (j = 0; j <= m; j++)
		row[j] = (uint32_t) j;
	for (i = 0; i < n; i++)
	{
		uint32_t	diagonal = row[0];
		uint32_t	left = ++row[0];

		for (j = 1; j <= m; j++)
		{
			uint32_t	up = row[j];
			uint32_t	least = left < up ? left + 1 : up + 1;
			uint32_t	other = diagonal + (a[i] != b[j - 1]);

			row[j] = left = least < other ? least : other;
			diagonal = up;
			if (j % BLOCK_EVENTS == 0)
				pulse();
		}
		pulse_cells(&cells, m, pulse);
	}
	return row[m];
}

int64_t
si_distance_hamming(int64_t n, const uint32_t *a, const uint32_t *b,
					SiPulse pulse)
{
	int64_t		differ = 0;
	int64_t		i;

	for (i = 0; i < n; i++)
	{
		if (i % BLOCK_EVENTS == 0)
			pulse();
		differ += a[i] != b[i];
	}
	return differ;
}
