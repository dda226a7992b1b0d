/*
 * test_signal.c
 *
 * Fading signals against sums in higher precision, moving windows against
 * windows summed up afresh, the encoding against damage.
 */
#include "tap.h"

#include "core/stats/score/si_signal.h"
#include "mutants.h"

#define ROWS	4000
#define ROUNDS	20000

static double
random_unit(void)
{
	return ((mutant_word() >> 11) + 0.5) * 0x1p-53;
}

static void
test_terms(void)
{
	SiSignalWindow window = {0};

	ok(si_signal_term(1.0, 3.0, 0.0, 7.0) == 3.0, "a fresh signal");
	ok(si_signal_term(0.5, 2.0, 7.0, 7.0) == 0.5, "one half-life old");
	ok(si_signal_term(1.0, 5.0, 14.0, 7.0) == 1.25, "two half-lives");
	ok(si_signal_term(-2.0, 1.0, 7.0, 7.0) == -1.0, "a bad sign");
	ok(si_signal_term(1.0, 1.0, 1e18, 1.0) == 0.0, "faded away");
	is_close(si_signal_term(1.0, 1.0, 1.0, 3.0), 0.79370052598409973737, 1e-16,
			 "a third of a half-life");
	ok(isnan(si_signal_score(&window.signal)), "no rows, no score");
	si_signal_add(&window, 3.0, 3.0);
	si_signal_add(&window, 0.5, 2.0);
	si_signal_add(&window, 1.25, 5.0);
	ok(si_signal_score(&window.signal) == 47.5, "the worked example");
	ok(si_signal_remove(&window, 3.0, 3.0) &&
	   si_signal_score(&window.signal) == 25.0, "without its first signal");
	window.signal.weight.high = 0.0;
	ok(isnan(si_signal_score(&window.signal)), "no weight, no score");
}

static void
test_sums(void)
{
	SiSignalWindow window = {0};
	SiSignal	part[3] = {{0}, {0}, {0}};
	SiSignal	whole = {0};
	long double terms = 0.0L;
	long double weight = 0.0L;

	for (int i = 0; i < ROWS; i++)
	{
		SiSignalWindow one = {0};
		double		w = 10.0 * random_unit();
		double		term = si_signal_term(random_unit() - 0.3, w,
										  100.0 * random_unit(), 7.0);

		si_signal_add(&window, term, w);
		si_signal_add(&one, term, w);
		si_signal_merge(&part[i % 3], &one.signal);
		terms += term;
		weight += w;
	}
	is_close(si_signal_score(&window.signal), (double) (100 * terms / weight),
			 1e-15, "as in higher precision");
	for (int i = 0; i < 3; i++)
		si_signal_merge(&whole, &part[i]);
	ok(si_signal_score(&whole) == si_signal_score(&window.signal) &&
	   whole.rows == ROWS, "parts make the whole, to the last bit");
}

/* Terms that differ by many orders of magnitude, some of them zero. */
static double
wild_term(int scale)
{
	if (mutant_below(5) == 0)
		return 0.0;
	return ldexp(random_unit() - 0.4,
				 (int) mutant_below(2 * scale + 1) - scale);
}

/*
 * Moves a window of a width over rows, starting afresh where remove asks for
 * it; every score must be that of a fresh window.
 */
static void
test_window(int width, int scale)
{
	SiSignalWindow window = {0};
	double		term[ROWS];
	double		weight[ROWS];
	int			restarts = 0;
	int			same = 0;

	for (int i = 0; i < ROWS; i++)
	{
		SiSignalWindow fresh = {0};
		int			first = i < width ? 0 : i - width + 1;
		double		got;
		double		want;

		term[i] = wild_term(scale);
		weight[i] = fabs(wild_term(scale));
		for (int k = first; k <= i; k++)
			si_signal_add(&fresh, term[k], weight[k]);
		if (first > 0 && !si_signal_remove(&window, term[first - 1],
										   weight[first - 1]))
		{
			memset(&window, 0, sizeof(window));
			for (int k = first; k < i; k++)
				si_signal_add(&window, term[k], weight[k]);
			restarts++;
		}
		si_signal_add(&window, term[i], weight[i]);
		got = si_signal_score(&window.signal);
		want = si_signal_score(&fresh.signal);
		same += got == want || (isnan(got) && isnan(want));
	}
	ok(same == ROWS, "window of %d, terms over 2^%d: as if fresh (%d)", width,
	   2 * scale, same);
	ok(scale > 20 || restarts < ROWS / 4, "it starts afresh %d times in %d",
	   restarts, ROWS);
}

static void
test_encoding(void)
{
	SiSignalWindow window = {0};
	SiSignal	back;
	uint8_t		bytes[SI_SIGNAL_SIZE];
	uint8_t		again[SI_SIGNAL_SIZE];
	int			decoded[2] = {0, 0};
	int			unequal = 0;

	for (int i = 0; i < 100; i++)
		si_signal_add(&window, wild_term(30), fabs(wild_term(30)));
	si_signal_encode(&window.signal, bytes);
	ok(si_signal_decode(bytes, SI_SIGNAL_SIZE, &back) == SI_OK &&
	   memcmp(&back, &window.signal, sizeof(back)) == 0, "there and back");
	for (int i = 0; i < 2 * ROUNDS; i++)
	{
		Bytes		mutant = {malloc(SI_SIGNAL_SIZE), SI_SIGNAL_SIZE};
		bool		repaired = i % 2 == 1;

		memcpy(mutant.data, bytes, SI_SIGNAL_SIZE);
		mutations[i / 2 % MUTATIONS].apply(&mutant);
		if (repaired)
			repair_hash(&mutant);
		if (mutant.size != SI_SIGNAL_SIZE ||
			memcmp(mutant.data, bytes, SI_SIGNAL_SIZE) != 0)
		{
			if (si_signal_decode(mutant.data, mutant.size, &back) == SI_OK)
			{
				decoded[repaired]++;
				si_signal_encode(&back, again);
				unequal += memcmp(again, mutant.data, SI_SIGNAL_SIZE) != 0;
				unequal += !isfinite(si_signal_score(&back)) &&
					back.weight.high > 1e-100;
			}
		}
		free(mutant.data);
	}
	ok(decoded[0] == 0, "damage is refused");
	ok(decoded[1] < ROUNDS && unequal == 0,
	   "forgeries that decode (%d) encode to the same bytes", decoded[1]);
}

#define REFUSED(change) \
	do \
	{ \
		SiSignal	s = {2, {1.0, 0x1p-60}, {3.0, -0x1p-60}}; \
		uint8_t		bytes[SI_SIGNAL_SIZE]; \
		SiSignal	back; \
		change; \
		si_signal_encode(&s, bytes); \
		ok(si_signal_decode(bytes, SI_SIGNAL_SIZE, &back) == SI_CORRUPT, \
		   "refused: " #change); \
	} while (0)

static void
test_rules(void)
{
	SiSignal	most = {SI_MAX_SIGNALS, {-1e300, 0.0}, {1e300, 0.0}};

	ok(si_signal_valid(&most), "as much as there may be");
	REFUSED(s.rows = 0);
	REFUSED(s.rows = -1);
	REFUSED(s.rows = SI_MAX_SIGNALS + 1);
	REFUSED(s.terms.high = NAN);
	REFUSED(s.terms.high = INFINITY);
	REFUSED(s.terms.high = -1.1e300);
	REFUSED(s.terms.low = NAN);
	REFUSED(s.terms.low = 0.5);
	REFUSED(s.weight.high = -3.0);
	REFUSED(s.weight.low = 1.0);
	REFUSED(s.weight.high = 0.0);
	REFUSED(s.weight.high = INFINITY);
	ok(si_signal_decode(&most, SI_SIGNAL_SIZE - 1, &most) == SI_CORRUPT,
	   "too short");
}

int
main(void)
{
	test_terms();
	test_sums();
	test_window(1, 5);
	test_window(30, 0);
	test_window(30, 5);
	test_window(30, 40);
	test_window(30, 200);
	test_window(500, 5);
	test_encoding();
	test_rules();
	return done_testing();
}
