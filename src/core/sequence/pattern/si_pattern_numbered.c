/*
 * si_pattern_numbered.c
 *	  Reads a pattern in the spelling of ClickHouse's sequenceMatch.
 *
 *	pattern  = { "(?" N ")" | "." | ".*" | "(?t" operator seconds ")" }
 *	operator = "<" | "<=" | ">" | ">=" | "=="
 *
 * Between two events that a time condition stands between, any others may lie.
 * The condition is about the event matched before, also after ".*"; ClickHouse
 * measures there from where ".*" ends, which any event satisfies.
 *
 * Reference: ClickHouse, Parametric aggregate functions, "Pattern syntax".
 */
#include "core/sequence/pattern/si_pattern_code.h"

#define SECOND			UINT64_C(1000000)
#define LONGEST_TIME	(SI_PATTERN_ALL_TIME / SECOND)

/* Where a condition waits for an event: -1, none does. */
typedef struct Waiting
{
	int64_t		place;
	uint64_t	low;
	uint64_t	high;
} Waiting;

/* What follows "(?t". */
static void
read_condition(SiPatternCode *code, Waiting *waiting, int64_t place)
{
	const SiInstruction *gate;
	SiTimeOperator which;
	uint64_t	seconds;

	if (code->steps == 0)
		si_code_fail(code, SI_PATTERN_GATE_FIRST, place);
	if (!si_code_operator(code, &which) ||
		!si_is_digit(si_code_peek(code, 0)))
	{
		si_code_fail(code, SI_PATTERN_GATE, code->at);
		return;
	}
	seconds = si_code_digits(code, LONGEST_TIME, SI_PATTERN_TIME);
	si_code_gap(code);
	si_code_time(code, which, seconds * SECOND, place);
	gate = &code->instruction[code->length - 1];
	if (waiting->place < 0 || gate->low > waiting->low)
		waiting->low = gate->low;
	if (waiting->place < 0 || gate->high < waiting->high)
		waiting->high = gate->high;
	if (waiting->low > waiting->high)
		si_code_fail(code, SI_PATTERN_NEVER, place);
	waiting->place = place;
}

/* What follows "(?". */
static void
read_event(SiPatternCode *code, int names, const SiText *name, int64_t place)
{
	uint64_t	number;
	uint16_t	member;

	if (!si_is_digit(si_code_peek(code, 0)))
	{
		si_code_fail(code, SI_PATTERN_CHARACTER, code->at);
		return;
	}
	number = si_code_digits(code, SI_PATTERN_SYMBOLS, SI_PATTERN_NUMBER);
	if (number == 0 || number > (uint64_t) names)
	{
		si_code_fail(code, SI_PATTERN_NUMBER, place);
		return;
	}
	member = (uint16_t) si_code_symbol(code, name[number - 1], false);
	si_code_step(code, false, 1, &member);
}

static void
read_item(SiPatternCode *code, int names, const SiText *name,
		  Waiting *waiting)
{
	int64_t		place = code->at;

	if (si_code_peek(code, 0) == '(' && si_code_peek(code, 1) == '?')
	{
		bool		condition = si_code_peek(code, 2) == 't';

		code->at += condition ? 3 : 2;
		if (condition)
			read_condition(code, waiting, place);
		else
			read_event(code, names, name, place);
		if (code->fault == SI_PATTERN_FINE && si_code_peek(code, 0) != ')')
			si_code_fail(code, SI_PATTERN_OPEN, place);
		code->at++;
		if (!condition)
			waiting->place = -1;
	}
	else if (si_code_peek(code, 0) != '.')
		si_code_fail(code, SI_PATTERN_CHARACTER, place);
	else if (si_code_peek(code, 1) == '*')
	{
		code->at += 2;
		si_code_gap(code);
	}
	else
	{
		code->at++;
		si_code_step(code, true, 0, NULL);
		waiting->place = -1;
	}
}

SiPatternFault
si_pattern_compile_numbered(SiText text, int names, const SiText *name,
							SiPatternCode *code, SiPattern *pattern,
							int64_t *place)
{
	Waiting		waiting = {-1, 0, 0};
	int			i;

	si_code_start(code, text, pattern);
	for (i = 0; i < names && code->fault == SI_PATTERN_FINE; i++)
		(void) si_code_symbol(code, name[i], false);
	while (code->fault == SI_PATTERN_FINE && !si_code_ended(code))
		read_item(code, names, name, &waiting);
	if (waiting.place >= 0)
		si_code_fail(code, SI_PATTERN_GATE_LAST, waiting.place);
	if (code->fault == SI_PATTERN_FINE && code->steps == 0)
		si_code_step(code, true, 0, NULL);
	if (code->fault == SI_PATTERN_FINE)
		si_code_link(code);
	*place = code->place;
	return code->fault;
}
