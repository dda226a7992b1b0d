/*
 * Tests si_matcher.c and si_pattern.c against a matcher that tries every way,
 * on random patterns and sequences, most with events at the same time.
 */
#include "tap.h"

#include "core/sequence/pattern/si_matcher.h"
#include "patterns.h"

#define PATTERNS	60000
#define SEQUENCES	5

static SiPattern pattern;
static SiMatcher matcher;
static int64_t cases = 0;
static int64_t matches = 0;
static int64_t gated = 0;
static int64_t looking = 0;
static int64_t refused = 0;
static int64_t tired = 0;

static void
no_pulse(void)
{
}

static void
prepare(const Trial *trial, uint16_t *symbol, uint64_t *row, bool keep)
{
	int			i;
	int			s;

	for (i = 0; i < trial->n; i++)
	{
		char		letter = (char) ('a' + trial->name[i]);
		SiText		name = {&letter, 1};

		symbol[i] = 0;
		for (s = 1; s <= pattern.symbols; s++)
		{
			if (si_pattern_is_name(&pattern, s, name))
				symbol[i] = (uint16_t) s;
		}
	}
	memset(&matcher, 0, sizeof(matcher));
	matcher.pattern = &pattern;
	matcher.n = trial->n;
	matcher.symbol = symbol;
	matcher.time = trial->time;
	matcher.keep = keep;
	matcher.row = row;
	matcher.pulse = no_pulse;
}

/* Whether all matches agree, events and all. */
static bool
agrees(Trial *trial, const TreePattern *tree)
{
	uint16_t	symbol[TREE_EVENTS];
	uint64_t	row[TREE_EVENTS * SI_PATTERN_WORDS];
	int64_t		position[TREE_EVENTS];
	int			ends[TREE_EVENTS];
	int			count = 0;
	int			i;

	prepare(trial, symbol, row, true);
	while (trial_next(trial, tree) || trial->budget < 0)
	{
		if (trial->budget < 0)
		{
			tired++;
			return true;
		}
		if (!si_matcher_next(&matcher) ||
			si_matcher_positions(&matcher, position) != trial->found)
			return false;
		for (i = 0; i < trial->found; i++)
		{
			if (position[i] != trial->best[i])
				return false;
		}
		ends[count++] = trial->best[trial->found - 1];
		trial->begin = ends[count - 1] + 1;
	}
	if (si_matcher_next(&matcher))
		return false;
	matches += count;
	prepare(trial, symbol, row, false);
	for (i = 0; i < count; i++)
	{
		if (!si_matcher_next(&matcher) || matcher.end != ends[i])
			return false;
	}
	return !si_matcher_next(&matcher);
}

static void
complain(const Trial *trial, const TreePattern *tree)
{
	int			i;

	printf("# %s\n#", tree->text);
	for (i = 0; i < trial->n; i++)
		printf(" %c@%d", 'a' + trial->name[i], (int) trial->time[i]);
	printf("\n");
}

static int
compare(TreePattern *tree, SiPatternCode *code)
{
	SiText		text = {tree->text, tree->length};
	SiPatternFault fault;
	int64_t		place;
	Trial		trial;
	int			differences = 0;
	int			i;

	fault = si_pattern_compile(text, code, &pattern, &place);
	if (fault != SI_PATTERN_FINE)
	{
		refused++;
		if (fault == SI_PATTERN_NEVER || fault == SI_PATTERN_LARGE)
			return 0;
		printf("# fault %d at %d: %s\n", fault, (int) place, tree->text);
		return 1;
	}
	gated += pattern.gated > 0;
	looking += pattern.looks_back;
	for (i = 0; i < SEQUENCES; i++, cases++)
	{
		trial_events(&trial);
		if (agrees(&trial, tree))
			continue;
		complain(&trial, tree);
		differences++;
	}
	return differences;
}

int
main(void)
{
	SiPatternCode *code = malloc(si_pattern_code_size());
	static TreePattern tree;
	int			differences = 0;
	int			i;

	for (i = 0; i < PATTERNS && differences < 5; i++)
	{
		tree_pattern_make(&tree, i % 4 == 0);
		differences += compare(&tree, code);
	}
	ok(differences == 0, "patterns match what trying every way matches");
	printf("# %lld cases, %lld matches; of %d patterns %lld have gates, %lld look back, %lld are refused\n",
		   (long long) cases, (long long) matches, PATTERNS, (long long) gated,
		   (long long) looking, (long long) refused);
	ok(tired < cases / 50, "%lld of them took too many ways to try", (long long) tired);
	ok(cases > PATTERNS * SEQUENCES * 9 / 10 && matches > cases / 2,
	   "most cases count, and many have matches");
	ok(gated > PATTERNS / 5 && looking > PATTERNS / 50,
	   "many patterns have gates, some with both bounds over a gap");
	free(code);
	return done_testing();
}
