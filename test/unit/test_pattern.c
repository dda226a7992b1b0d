/*
 * Tests reading patterns: what is refused, and where; limits; random bytes.
 */
#include "tap.h"

#include <stdlib.h>

#include "core/sequence/pattern/si_matcher.h"
#include "core/si_bytes.h"

#define LONG_TEXT	100000
#define RANDOM_RUNS	200000

static SiPattern pattern;
static SiPatternCode *code;
static int64_t place;
static int	compiled = 0;

static void
no_pulse(void)
{
}

static SiPatternFault
compile(const char *text, int64_t length)
{
	SiText		slice = {text, (int32_t) length};

	return si_pattern_compile(slice, code, &pattern, &place);
}

static SiPatternFault
compile_numbered(const char *text)
{
	static const SiText name[] = {{"a", 1}, {"b", 1}, {"a", 1}};
	SiText		slice = {text, (int32_t) strlen(text)};

	return si_pattern_compile_numbered(slice, 3, name, code, &pattern,
									   &place);
}

typedef struct Refused
{
	const char *text;
	SiPatternFault fault;
	int64_t		place;
} Refused;

static const Refused refused[] = {
	{"", SI_PATTERN_NOTHING, 0},
	{"  ", SI_PATTERN_NOTHING, 2},
	{"...", SI_PATTERN_NOTHING, 3},
	{"()", SI_PATTERN_NOTHING, 1},
	{"a|", SI_PATTERN_NOTHING, 2},
	{"(|a)", SI_PATTERN_NOTHING, 1},
	{"a & b", SI_PATTERN_CHARACTER, 2},
	{"a \\b", SI_PATTERN_CHARACTER, 2},
	{"3a", SI_PATTERN_CHARACTER, 0},
	{"a - b", SI_PATTERN_CHARACTER, 2},
	{"a \"b", SI_PATTERN_QUOTE, 2},
	{"a \"b\"\"", SI_PATTERN_QUOTE, 2},
	{"a (b", SI_PATTERN_OPEN, 2},
	{"a (b (c)", SI_PATTERN_OPEN, 2},
	{"a) b", SI_PATTERN_CLOSE, 1},
	{"*a", SI_PATTERN_REPEAT, 0},
	{"a**", SI_PATTERN_REPEAT, 2},
	{"a ...* b", SI_PATTERN_REPEAT, 5},
	{"a [< 2s]+ b", SI_PATTERN_REPEAT, 8},
	{"a{}", SI_PATTERN_BOUNDS, 1},
	{"a{,2}", SI_PATTERN_BOUNDS, 1},
	{"a{3,2}", SI_PATTERN_BOUNDS, 1},
	{"a{0}", SI_PATTERN_BOUNDS, 1},
	{"a{2", SI_PATTERN_BOUNDS, 1},
	{"a{-1}", SI_PATTERN_BOUNDS, 1},
	{"a !. b", SI_PATTERN_NEGATION, 3},
	{"!(a|)", SI_PATTERN_NEGATION, 4},
	{"!(a b)", SI_PATTERN_NEGATION, 4},
	{"a .... b", SI_PATTERN_DOTS, 2},
	{"a [5s] b", SI_PATTERN_GATE, 3},
	{"a [<= s] b", SI_PATTERN_GATE, 6},
	{"a [<= -5s] b", SI_PATTERN_GATE, 6},
	{"a [<= 5.s] b", SI_PATTERN_GATE, 8},
	{"a [<= 5s b", SI_PATTERN_GATE, 9},
	{"a [<= 5] b", SI_PATTERN_UNIT, 7},
	{"a [<= 5m] b", SI_PATTERN_UNIT, 7},
	{"a [<= 5 months] b", SI_PATTERN_UNIT, 8},
	{"a [<= 0.1us] b", SI_PATTERN_TIME, 6},
	{"a [<= 99999999w] b", SI_PATTERN_TIME, 6},
	{"a [<= 99999999999999999999s] b", SI_PATTERN_TIME, 6},
	{"[< 5s] a", SI_PATTERN_GATE_FIRST, 0},
	{"... [< 5s] a", SI_PATTERN_GATE_FIRST, 4},
	{"a [< 5s]", SI_PATTERN_GATE_LAST, 2},
	{"a [< 5s] ...", SI_PATTERN_GATE_LAST, 2},
	{"(a [< 5s])* b", SI_PATTERN_GATE_LAST, 3},
	{"a [< 5s] [> 5s] b", SI_PATTERN_NEVER, 9},
	{"a [< 0s] b", SI_PATTERN_NEVER, 2},
	{"a{0,100000}", SI_PATTERN_LARGE, 11},
	{"a{0,100001}", SI_PATTERN_LARGE, 4},
	{"((a{9}){9}){9}", SI_PATTERN_LARGE, 14}
};

static const Refused refused_numbered[] = {
	{"(?0)", SI_PATTERN_NUMBER, 0},
	{"(?1)(?4)", SI_PATTERN_NUMBER, 4},
	{"(?99999999999999999999)", SI_PATTERN_NUMBER, 2},
	{"(?1", SI_PATTERN_OPEN, 0},
	{"(?)", SI_PATTERN_CHARACTER, 2},
	{"(?1) (?2)", SI_PATTERN_CHARACTER, 4},
	{"a", SI_PATTERN_CHARACTER, 0},
	{"(?1)(?t=>5)(?2)", SI_PATTERN_GATE, 8},
	{"(?1)(?t!5)(?2)", SI_PATTERN_GATE, 7},
	{"(?1)(?t<)(?2)", SI_PATTERN_GATE, 8},
	{"(?1)(?t<99999999999999)(?2)", SI_PATTERN_TIME, 8},
	{"(?t<5)(?1)", SI_PATTERN_GATE_FIRST, 0},
	{"(?1)(?t<5)", SI_PATTERN_GATE_LAST, 4},
	{"(?1)(?t<5)(?t>5)(?2)", SI_PATTERN_NEVER, 10}
};

static void
test_faults(void)
{
	size_t		i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
	{
		const Refused *r = &refused[i];
		SiPatternFault fault = compile(r->text, strlen(r->text));

		if (!ok(fault == r->fault && place == r->place,
				"refused: \"%s\"", r->text))
			printf("# fault %d at %d\n", fault, (int) place);
	}
	for (i = 0; i < sizeof(refused_numbered) / sizeof(Refused); i++)
	{
		const Refused *r = &refused_numbered[i];
		SiPatternFault fault = compile_numbered(r->text);

		if (!ok(fault == r->fault && place == r->place,
				"refused: \"%s\"", r->text))
			printf("# fault %d at %d\n", fault, (int) place);
	}
	ok(compile("a\0b", 3) == SI_PATTERN_CHARACTER && place == 1,
	   "a zero byte is no blank and no end");
}

static bool
has_gate(const char *text, uint64_t low, uint64_t high)
{
	return compile(text, strlen(text)) == SI_PATTERN_FINE &&
		pattern.gated == 1 && pattern.edge[0].low == low &&
		pattern.edge[0].high == high;
}

static void
test_gates(void)
{
	ok(has_gate("a [<= 90s] b", 0, 90000000) &&
	   has_gate("a[<1.5 min]b", 0, 89999999) &&
	   has_gate("a [>= 2 h] b", UINT64_C(7200000000), UINT64_MAX) &&
	   has_gate("a [> 2d] b", UINT64_C(172800000001), UINT64_MAX) &&
	   has_gate("a [= 0.25 ms] b", 250, 250) &&
	   has_gate("a [== 1w] b", UINT64_C(604800000000), UINT64_C(604800000000)) &&
	   has_gate("a [> 1us] ... [< 5us] b", 2, 4), "times of gates");
	ok(has_gate("a [<= 109203528d] b", 0, UINT64_C(9435184819200000000)),
	   "a gate may be as long as all of time");
	ok(!has_gate("a [<= 9435184819200000001us] b", 0, 0) && place == 6,
	   "and no longer");
	ok(compile_numbered("(?1)(?t<=9435184819200)(?2)") == SI_PATTERN_FINE &&
	   compile_numbered("(?1)(?t<=9435184819201)(?2)") == SI_PATTERN_TIME,
	   "the same in the other spelling");
	ok(has_gate("a [<= 0.000000001w] b", 0, 604) == false &&
	   place == 6, "a time of parts of a microsecond is refused");
}

static bool
names(const char *text, int count, const char *last)
{
	SiText		name = {last, (int32_t) strlen(last)};

	return compile(text, strlen(text)) == SI_PATTERN_FINE &&
		pattern.symbols == count &&
		si_pattern_is_name(&pattern, count, name);
}

static void
test_names(void)
{
	ok(names("a A \"a\"", 2, "A"), "case counts, quotes do not");
	ok(names("\"say \"\"hi\"\"\"", 1, "say \"hi\""), "a quote is doubled");
	ok(names("\"\"", 1, ""), "a name may be empty");
	ok(names("\"back\\slash\"", 1, "back\\slash"), "nothing is escaped");
	ok(names("\xc3\xa4rger_2", 1, "\xc3\xa4rger_2"), "names beyond ASCII");
	ok(names("\"say \"\"hi\"\"\" \"say \"\"ho\"\"\"", 2, "say \"ho\""),
	   "names that differ behind a quote");
}

/* A text of many copies of one, with something around. */
static SiPatternFault
compile_copies(const char *copy, int copies)
{
	size_t		length = strlen(copy);
	char	   *text = malloc(length * copies + 1);
	SiPatternFault fault;
	int			i;

	for (i = 0; i < copies; i++)
		memcpy(text + i * length, copy, length);
	fault = compile(text, (int64_t) length * copies);
	free(text);
	return fault;
}

static void
test_limits(void)
{
	ok(compile_copies("a", SI_PATTERN_STEPS) == SI_PATTERN_FINE &&
	   pattern.symbols == 1 && pattern.steps == 1, "a long name is one step");
	ok(compile_copies("a ", SI_PATTERN_STEPS) == SI_PATTERN_FINE &&
	   pattern.steps == SI_PATTERN_STEPS, "as many steps as there may be");
	ok(compile_copies("a ", SI_PATTERN_STEPS + 1) == SI_PATTERN_LARGE,
	   "one step too many");
	ok(compile_copies("a|", LONG_TEXT) == SI_PATTERN_LARGE,
	   "100,000 alternatives are refused");
	ok(compile_copies("(", SI_PATTERN_DEPTH + 1) == SI_PATTERN_TOO_DEEP &&
	   place == SI_PATTERN_DEPTH, "groups too deep");
	ok(compile_copies("(", SI_PATTERN_DEPTH) == SI_PATTERN_NOTHING,
	   "as deep as may be");
	ok(compile_copies("(", LONG_TEXT) == SI_PATTERN_TOO_DEEP,
	   "100,000 parentheses");
	ok(compile_copies("a [<= 1s] ", LONG_TEXT) == SI_PATTERN_LARGE,
	   "100,000 gates");
	ok(compile_copies(" ", LONG_TEXT) == SI_PATTERN_NOTHING,
	   "100,000 blanks");
	ok(compile_copies("... ", LONG_TEXT) == SI_PATTERN_LARGE,
	   "100,000 gaps");
	ok(compile_copies("a ([= 1s] b? | [= 2s] b? | [= 3s] b? | [= 4s] b?) c",
					  1) == SI_PATTERN_FINE && pattern.gated == 8,
	   "four gates that may apply from one event to the next");
	ok(compile_copies("a ([= 1s] b? | [= 2s] b? | [= 3s] b? | [= 4s] b? |"
					  "[= 5s] b?) c", 1) ==
	   SI_PATTERN_LARGE, "five are too many");
}

#define LONG_SEQUENCE	100000

static int	pulses;

static void
count_pulse(void)
{
	pulses++;
}

/*
 * One a, then x at 5 s, then b at 10 s: each edge looks at all of them in one
 * go, back from b and ahead from a.
 */
static void
test_pulse(int64_t high, int least_back, int least_ahead)
{
	static SiMatcher matcher;
	static uint16_t symbol[LONG_SEQUENCE];
	static int64_t time[LONG_SEQUENCE];
	static uint64_t row[LONG_SEQUENCE];
	static int64_t position[LONG_SEQUENCE];
	char		text[128];
	int64_t		i;

	for (i = 0; i < LONG_SEQUENCE; i++)
		time[i] = 5000000;
	time[0] = 0;
	time[LONG_SEQUENCE - 1] = 10000000;
	sprintf(text, "(a|a|a|a|a|a|a|a) ... [> 1s] [<= %ds] (b|b|b|b|b|b|b|b)",
			(int) high);
	(void) compile(text, (int64_t) strlen(text));
	symbol[0] = 1;
	symbol[LONG_SEQUENCE - 1] = 2;
	memset(&matcher, 0, sizeof(matcher));
	matcher.pattern = &pattern;
	matcher.n = LONG_SEQUENCE;
	matcher.symbol = symbol;
	matcher.time = time;
	matcher.keep = true;
	matcher.row = row;
	matcher.pulse = count_pulse;
	pulses = 0;
	ok(pattern.gated == 64 && si_matcher_next(&matcher) == (high >= 10) &&
	   pulses >= least_back, "%d pulses while edges look back", pulses);
	if (high < 10)
		return;
	pulses = 0;
	ok(si_matcher_positions(&matcher, position) == 2 &&
	   pulses >= least_ahead, "%d pulses while edges look ahead", pulses);
}

/* Random texts of tokens: must not crash, nor match beyond the sequence. */
static bool
run_random(uint64_t *random)
{
	static const char *const token[] = {"a", "b", "\"c d\"", ".", "...", "(",
		")", "|", "*", "+", "?", "{2}", "{1,3}", "{", "!", "[<= 2s]",
		"[> 1us]", "[", " ", "!(a|b)", "\x01", "}", "(a|b)", "[= 3us]"};
	static const int64_t time[8] = {1, 1, 2, 5, 9, 9, 10, 2000000};
	uint16_t	symbol[8];
	uint64_t	row[8 * SI_PATTERN_WORDS];
	int64_t		position[8];
	static SiMatcher matcher;
	char		text[256];
	int			length = 0;
	int			i;

	for (i = 0; i < 12; i++)
	{
		*random = *random * UINT64_C(6364136223846793005) + 1;
		length += sprintf(text + length, "%s", token[(*random >> 40) % 24]);
		if (*random >> 62 == 0)
			break;
	}
	if (compile(text, length) != SI_PATTERN_FINE)
		return place >= 0 && place <= length;
	compiled++;
	for (i = 0; i < 8; i++)
		symbol[i] = (uint16_t) ((*random >> (3 * i + 20)) %
								(pattern.symbols + 1));
	memset(&matcher, 0, sizeof(matcher));
	matcher.pattern = &pattern;
	matcher.n = 8;
	matcher.symbol = symbol;
	matcher.time = time;
	matcher.keep = true;
	matcher.row = row;
	matcher.pulse = no_pulse;
	while (si_matcher_next(&matcher))
	{
		int64_t		count = si_matcher_positions(&matcher, position);

		if (count < 1 || position[0] < matcher.start ||
			position[count - 1] != matcher.end)
			return false;
	}
	return true;
}

int
main(void)
{
	uint64_t	random = 1;
	int			sound = 0;
	int			i;

	code = malloc(si_pattern_code_size());
	test_faults();
	test_gates();
	test_names();
	test_limits();
	/* by events alone it would be 48, and 97 */
	test_pulse(2, 48 + 64 * 100000 / 65536, 0);
	test_pulse(20, 48 + 8 * 100000 / 65536, 97 + 8 * 100000 / 65536);
	for (i = 0; i < RANDOM_RUNS; i++)
		sound += run_random(&random);
	ok(sound == RANDOM_RUNS, "random patterns are refused at a place, or match");
	ok(compiled > RANDOM_RUNS / 20, "%d of them match", compiled);
	free(code);
	return done_testing();
}
