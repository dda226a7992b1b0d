/*
 * Tests si_measure.c against definitions followed to the letter, on random
 * sequences: subsequences listed one by one, distances by recursion.
 */
#include "tap.h"

#include <stdlib.h>

#include "core/sequence/si_measure.h"

#define CASES		3000
#define MAX_EVENTS	12

static uint64_t state = 7;

static int
below(int limit)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (int) ((state >> 33) % (uint64_t) limit);
}

static void
pulse(void)
{
}

static SiSequence
make(const uint8_t *codes, int64_t length, uint32_t names)
{
	SiSequence	sequence = {length, names, 1, codes, {NULL, 0, false},
	{NULL, 0, false}, {NULL, 0, false}};

	return sequence;
}

/* The subsequence that a mask picks, as a number to base 5. */
static int64_t
picked(int spells, const int *spell, int mask)
{
	int64_t		number = 0;

	for (int i = 0; i < spells; i++)
	{
		if (mask >> i & 1)
			number = number * 5 + spell[i] + 1;
	}
	return number;
}

static int
count_subsequences(int spells, const int *spell)
{
	static int64_t seen[1 << MAX_EVENTS];
	int			count = 0;

	for (int mask = 0; mask < 1 << spells; mask++)
	{
		int64_t		number = picked(spells, spell, mask);
		int			i = 0;

		while (i < count && seen[i] != number)
			i++;
		seen[i] = number;
		count += i == count;
	}
	return count;
}

static double
turbulence_by_listing(int n, const uint8_t *code)
{
	int			spell[MAX_EVENTS];
	double		length[MAX_EVENTS];
	int			spells = 0;
	double		variance = 0.0;
	double		mean;

	for (int i = 0; i < n; i++)
	{
		if (i == 0 || code[i] != code[i - 1])
		{
			spell[spells] = code[i];
			length[spells++] = 0.0;
		}
		length[spells - 1] += 1.0;
	}
	mean = (double) n / spells;
	for (int i = 0; i < spells; i++)
		variance += (length[i] - mean) * (length[i] - mean) / spells;
	return log2(count_subsequences(spells, spell) *
				((spells - 1) * (1 - mean) * (1 - mean) + 1) /
				(variance + 1));
}

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* The least cost of edits, substitutions costing so much. */
static int
edits(int n, const uint32_t *a, int m, const uint32_t *b, int substitution)
{
	int			cost;

	if (n == 0 || m == 0)
		return n + m;
	if (a[n - 1] == b[m - 1])
		return edits(n - 1, a, m - 1, b, substitution);
	cost = 1 + least(edits(n - 1, a, m, b, substitution),
					 edits(n, a, m - 1, b, substitution));
	return least(cost, substitution +
				 edits(n - 1, a, m - 1, b, substitution));
}

static void
test_turbulence(void)
{
	double		worst = 0.0;

	for (int c = 0; c < CASES; c++)
	{
		uint8_t		code[MAX_EVENTS];
		SiScaled	last[4];
		int			n = 1 + below(MAX_EVENTS);
		SiSequence	sequence = make(code, n, 4);

		for (int i = 0; i < n; i++)
			code[i] = (uint8_t) below(4);
		worst = fmax(worst, fabs(turbulence_by_listing(n, code) -
								 si_sequence_turbulence(&sequence, last,
														pulse)));
	}
	ok(worst < 1e-12, "turbulence counts subsequences as a list does");
}

/* a b a b ...: phi is a Fibonacci number less 1, far beyond a double. */
static void
test_long(void)
{
	enum { N = 100000 };
	uint8_t    *code = malloc(N);
	SiScaled	last[2];
	SiSequence	sequence = make(code, N, 2);
	double		golden = (1.0 + sqrt(5.0)) / 2.0;

	for (int i = 0; i < N; i++)
		code[i] = (uint8_t) (i % 2);
	is_close(si_sequence_turbulence(&sequence, last, pulse),
			 (N + 3) * log2(golden) - log2(sqrt(5.0)), 1e-12,
			 "turbulence of 100,000 spells");
	ok(si_sequence_changes(&sequence, pulse) == N - 1, "changes");
	free(code);
}

static void
test_entropy(void)
{
	static const uint8_t code[] = {0, 0, 1, 1, 2, 2, 3, 3, 0, 1, 2, 3};
	SiSequence	even = make(code, 8, 4);
	SiSequence	one = make(code, 2, 1);
	int64_t		count[4];

	is_close(si_sequence_entropy(&even, count, pulse), log(4.0), 1e-15,
			 "entropy of four events alike");
	is_close(si_sequence_entropy(&one, count, pulse), 0.0, 0.0,
			 "entropy of one event");
}

static void
test_distances(void)
{
	int			wrong[3] = {0};

	for (int c = 0; c < CASES; c++)
	{
		uint32_t	a[7];
		uint32_t	b[7];
		uint32_t	row[8];
		int			n = below(8);
		int			m = below(8);
		int			differ = 0;

		for (int i = 0; i < 7; i++)
		{
			a[i] = (uint32_t) below(3);
			b[i] = (uint32_t) below(3);
			differ += a[i] != b[i];
		}
		wrong[0] += n + m - 2 * si_distance_common(n, a, m, b, row, pulse) !=
			edits(n, a, m, b, 2);
		wrong[1] += si_distance_levenshtein(n, a, m, b, row, pulse) !=
			edits(n, a, m, b, 1);
		wrong[2] += si_distance_hamming(7, a, b, pulse) != differ;
	}
	ok(wrong[0] == 0, "what two have in common is what edits leave");
	ok(wrong[1] == 0, "levenshtein is the least number of edits");
	ok(wrong[2] == 0, "hamming counts places");
}

int
main(void)
{
	test_entropy();
	test_turbulence();
	test_long();
	test_distances();
	return done_testing();
}
