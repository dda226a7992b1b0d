/*
 * test_funnel_brute.c
 *
 * Levels and times of funnels against trying every chain, for every
 * combination of modes.  FUNNEL_CASES says how many random cases each; "make
 * soak" takes a million.
 */
#include "tap.h"

#include <stdlib.h>

#include "funnel_brute.h"

static void
pulse(void)
{
}

static void
show_case(const Case *c, int want, int got)
{
	printf("# %d steps, modes %u, within %d: level %d, brute force %d\n#",
		   c->rule.steps, c->rule.modes, (int) c->rule.within, got, want);
	for (int64_t i = 0; i < c->n; i++)
		printf(" %s%d:%x", c->apart[i] ? "|" : "", (int) c->rows[i].time,
			   (unsigned) c->rows[i].steps);
	putchar('\n');
}

static bool
same_chain(const Case *c)
{
	int64_t		want[SI_FUNNEL_STEPS];
	int64_t		got[SI_FUNNEL_STEPS];
	int			wanted = brute_level(c, want);
	int			level = si_funnel_scan(&c->rule, c->n, c->rows, c->apart, got,
									   pulse);

	if (level == wanted &&
		memcmp(want, got, sizeof(int64_t) * (size_t) level) == 0)
		return true;
	show_case(c, wanted, level);
	return false;
}

static void
test_modes(uint32_t modes, long cases)
{
	long		different = 0;
	long		tied = 0;
	long		deep = 0;
	int64_t		times[SI_FUNNEL_STEPS];

	for (long i = 0; i < cases && different < 5; i++)
	{
		Case		c;

		random_case(&c, modes);
		tied += case_tied(&c);
		deep += si_funnel_scan(&c.rule, c.n, c.rows, c.apart, times,
							   pulse) >= 2;
		different += !same_chain(&c);
	}
	ok(different == 0 && tied * 5 >= cases && deep * 8 >= cases,
	   "modes %2u: %ld cases, %ld%% tied, %ld%% of level 2 or more, %ld different",
	   modes, cases, 100 * tied / cases, 100 * deep / cases, different);
}

int
main(void)
{
	const char *given = getenv("FUNNEL_CASES");
	long		cases = given != NULL ? atol(given) : 20000;

	for (uint32_t modes = 0; modes <= SI_FUNNEL_MODES; modes++)
	{
		if ((modes & SI_ALLOW_REENTRY) == 0 || (modes & SI_STRICT_ORDER))
			test_modes(modes, cases);
	}
	return done_testing();
}
