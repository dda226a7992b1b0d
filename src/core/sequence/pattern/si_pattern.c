/*
 * si_pattern.c
 *	  Reads the text of a pattern.
 *
 *	pattern  = sequence { "|" sequence }
 *	sequence = item { item }, at least one of them an element
 *	item     = element [ repeat ] | "..." | gate
 *	element  = name | "." | "!" name | "!" "(" name { "|" name } ")"
 *			 | "(" pattern ")"
 *	repeat   = "*" | "+" | "?" | "{" m "}" | "{" m "," "}" | "{" m "," n "}"
 *	gate     = "[" operator number unit "]"
 *	operator = "<" | "<=" | ">" | ">=" | "=" | "=="
 *	unit     = "us" | "ms" | "s" | "min" | "h" | "d" | "w"
 *	name     = letter { letter | digit }, or anything in double quotes, with
 *			   a quote doubled
 *
 * A letter is one of ASCII, an underscore, or any byte above 127, as in SQL;
 * case counts.  There is no unit "m", which could be minutes or months.  A
 * number may have a fraction; the time must be whole microseconds.
 */
#include "core/sequence/pattern/si_pattern_code.h"

#include "core/si_bytes.h"

#define LONGEST_TIME	SI_PATTERN_ALL_TIME
#define FRACTION_LIMIT	UINT64_C(1000000000)
#define COUNT_LIMIT		100000

/* What is known of a sequence while it is read. */
typedef struct Context
{
	bool		outermost;
	bool		element;		/* there was one */
	bool		gated;			/* a gate since the last one */
	int64_t		gate;			/* where */
	uint64_t	low;			/* what the gates since then leave */
	uint64_t	high;
} Context;

static void read_pattern(SiPatternCode *code, int depth);

static void
skip_blanks(SiPatternCode *code)
{
	char		c = si_code_peek(code, 0);

	while (c == ' ' || (c >= '\t' && c <= '\r'))
	{
		code->at++;
		c = si_code_peek(code, 0);
	}
}

/* Goes past a byte if it comes next, after blanks. */
static bool
take(SiPatternCode *code, char wanted)
{
	skip_blanks(code);
	if (si_code_ended(code) || si_code_peek(code, 0) != wanted)
		return false;
	code->at++;
	return true;
}

/* ---------- names ---------- */

static bool
at_name(SiPatternCode *code)
{
	skip_blanks(code);
	return si_is_letter(si_code_peek(code, 0)) || si_code_peek(code, 0) == '"';
}

/* Its symbol; the text keeps doubled quotes. */
static int
read_quoted(SiPatternCode *code)
{
	int64_t		start = code->at++;
	SiText		name = {code->text.data + start + 1, 0};

	for (; !si_code_ended(code); code->at++)
	{
		if (si_code_peek(code, 0) != '"')
			continue;
		if (si_code_peek(code, 1) != '"')
		{
			name.length = (int32_t) (code->at++ - start - 1);
			return si_code_symbol(code, name, true);
		}
		code->at++;
	}
	si_code_fail(code, SI_PATTERN_QUOTE, start);
	return 0;
}

static int
read_name(SiPatternCode *code)
{
	SiText		name = {code->text.data + code->at, 0};
	int64_t		start = code->at;

	if (si_code_peek(code, 0) == '"')
		return read_quoted(code);
	while (si_is_letter(si_code_peek(code, 0)) ||
		   si_is_digit(si_code_peek(code, 0)))
		code->at++;
	name.length = (int32_t) (code->at - start);
	return si_code_symbol(code, name, false);
}

/* What follows the exclamation mark. */
static void
read_negation(SiPatternCode *code)
{
	uint16_t	member[SI_PATTERN_SYMBOLS];
	int			members = 0;
	bool		list = take(code, '(');

	do
	{
		if (!at_name(code))
			si_code_fail(code, SI_PATTERN_NEGATION, code->at);
		else if (members == SI_PATTERN_SYMBOLS)
			si_code_fail(code, SI_PATTERN_LARGE, code->at);
		else
			member[members++] = (uint16_t) read_name(code);
	} while (list && take(code, '|') && code->fault == SI_PATTERN_FINE);
	if (list && !take(code, ')'))
		si_code_fail(code, SI_PATTERN_NEGATION, code->at);
	si_code_step(code, true, members, member);
}

/* ---------- repetitions ---------- */

/* A count within braces; nothing there gives none. */
static int
read_count(SiPatternCode *code, int none)
{
	skip_blanks(code);
	if (!si_is_digit(si_code_peek(code, 0)))
		return none;
	return (int) si_code_digits(code, COUNT_LIMIT, SI_PATTERN_LARGE);
}

/* The block from start on, repeated as {m,n} says; the brace is read. */
static void
read_bounds(SiPatternCode *code, int start, int64_t place)
{
	int			least = read_count(code, -1);
	int			most = least;

	if (take(code, ','))
		most = read_count(code, SI_NO_LIMIT);
	if (!take(code, '}') || least < 0 || most == 0 ||
		(most != SI_NO_LIMIT && most < least))
		si_code_fail(code, SI_PATTERN_BOUNDS, place);
	if (code->fault == SI_PATTERN_FINE)
		si_code_repeat(code, start, least, most);
}

static void
read_repeat(SiPatternCode *code, int start)
{
	int64_t		place;

	skip_blanks(code);
	place = code->at;
	if (take(code, '*'))
		si_code_repeat(code, start, 0, SI_NO_LIMIT);
	else if (take(code, '+'))
		si_code_repeat(code, start, 1, SI_NO_LIMIT);
	else if (take(code, '?'))
		si_code_repeat(code, start, 0, 1);
	else if (take(code, '{'))
		read_bounds(code, start, place);
}

/* ---------- gates ---------- */

static uint64_t
read_unit(SiPatternCode *code)
{
	static const struct
	{
		const char *name;
		uint64_t	microseconds;
	}			units[] = {
		{"us", 1},
		{"ms", 1000},
		{"s", 1000000},
		{"min", UINT64_C(60000000)},
		{"h", UINT64_C(3600000000)},
		{"d", UINT64_C(86400000000)},
		{"w", UINT64_C(604800000000)}
	};
	const char *start;
	int64_t		place;
	size_t		i;

	skip_blanks(code);
	place = code->at;
	start = code->text.data + place;
	while (si_is_letter(si_code_peek(code, 0)))
		code->at++;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
	{
		size_t		length = strlen(units[i].name);

		if (length == (size_t) (code->at - place) &&
			memcmp(start, units[i].name, length) == 0)
			return units[i].microseconds;
	}
	si_code_fail(code, SI_PATTERN_UNIT, place);
	return 1;
}

/* The time of whole units and so many parts of one. */
static uint64_t
exact_time(SiPatternCode *code, uint64_t whole, uint64_t fraction,
		   uint64_t tenths, uint64_t unit, int64_t place)
{
	uint64_t	part = fraction * (unit / tenths);
	uint64_t	rest = fraction * (unit % tenths);	/* below tenths ^ 2 */

	if (rest % tenths != 0)
		si_code_fail(code, SI_PATTERN_TIME, place);
	part += rest / tenths;
	if (whole > (LONGEST_TIME - part) / unit)
		si_code_fail(code, SI_PATTERN_TIME, place);
	return whole * unit + part;
}

/* A number and a unit, in microseconds. */
static uint64_t
read_time(SiPatternCode *code)
{
	uint64_t	whole;
	uint64_t	fraction = 0;
	uint64_t	tenths = 1;
	int64_t		place;

	skip_blanks(code);
	place = code->at;
	if (!si_is_digit(si_code_peek(code, 0)))
		si_code_fail(code, SI_PATTERN_GATE, place);
	whole = si_code_digits(code, LONGEST_TIME, SI_PATTERN_TIME);
	if (si_code_peek(code, 0) == '.')
	{
		int64_t		start = ++code->at;

		fraction = si_code_digits(code, FRACTION_LIMIT - 1, SI_PATTERN_TIME);
		if (code->at == start)
			si_code_fail(code, SI_PATTERN_GATE, start);
		for (; start < code->at && tenths < FRACTION_LIMIT; start++)
			tenths *= 10;
		if (start < code->at)
			si_code_fail(code, SI_PATTERN_TIME, place);
	}
	return exact_time(code, whole, fraction, tenths, read_unit(code), place);
}

/* The gates since the last element must leave some time. */
static void
narrow(SiPatternCode *code, Context *context, int64_t place)
{
	const SiInstruction *gate = &code->instruction[code->length - 1];

	if (!context->gated)
	{
		context->low = 0;
		context->high = SI_PATTERN_FOREVER;
	}
	context->gated = true;
	context->gate = place;
	if (gate->low > context->low)
		context->low = gate->low;
	if (gate->high < context->high)
		context->high = gate->high;
	if (context->low > context->high)
		si_code_fail(code, SI_PATTERN_NEVER, place);
}

/* What follows the bracket. */
static void
read_gate(SiPatternCode *code, Context *context, int64_t place)
{
	SiTimeOperator which;
	uint64_t	time;

	skip_blanks(code);
	if (!si_code_operator(code, &which))
	{
		si_code_fail(code, SI_PATTERN_GATE, code->at);
		return;
	}
	time = read_time(code);
	if (!take(code, ']'))
		si_code_fail(code, SI_PATTERN_GATE, code->at);
	if (context->outermost && !context->element)
		si_code_fail(code, SI_PATTERN_GATE_FIRST, place);
	if (code->fault != SI_PATTERN_FINE)
		return;
	si_code_time(code, which, time, place);
	narrow(code, context, place);
}

/* ---------- sequences ---------- */

/* An element, if one comes next. */
static bool
read_element(SiPatternCode *code, int depth)
{
	int64_t		place = code->at;
	uint16_t	member;

	if (at_name(code))
	{
		member = (uint16_t) read_name(code);
		si_code_step(code, false, 1, &member);
	}
	else if (take(code, '.'))
		si_code_step(code, true, 0, NULL);
	else if (take(code, '!'))
		read_negation(code);
	else if (take(code, '('))
	{
		if (depth == SI_PATTERN_DEPTH)
		{
			si_code_fail(code, SI_PATTERN_TOO_DEEP, place);
			return true;
		}
		read_pattern(code, depth + 1);
		if (!take(code, ')'))
			si_code_fail(code, SI_PATTERN_OPEN, place);
	}
	else
		return false;
	return true;
}

/* Dots in a row, up to four. */
static int
count_dots(const SiPatternCode *code)
{
	int			dots = 0;

	while (dots < 4 && si_code_peek(code, dots) == '.')
		dots++;
	return dots;
}

/* The fault of a byte that nothing can start with. */
static void
refuse(SiPatternCode *code)
{
	char		c = si_code_peek(code, 0);

	bool		numbered = code->at > 0 && c == '?' &&
		code->text.data[code->at - 1] == '(';

	if ((c == '*' || c == '+' || c == '?' || c == '{') && !numbered)
		si_code_fail(code, SI_PATTERN_REPEAT, code->at);
	else
		si_code_fail(code, SI_PATTERN_CHARACTER, code->at);
}

/* One item; blanks before it are skipped. */
static void
read_item(SiPatternCode *code, int depth, Context *context)
{
	int			start = code->length;
	int			dots = count_dots(code);
	int64_t		place = code->at;

	if (dots == 4)
		si_code_fail(code, SI_PATTERN_DOTS, place);
	else if (dots == 3)
	{
		code->at += 3;
		si_code_gap(code);
	}
	else if (take(code, '['))
		read_gate(code, context, place);
	else if (read_element(code, depth))
	{
		context->element = true;
		context->gated = false;
		if (code->fault == SI_PATTERN_FINE)
			read_repeat(code, start);
	}
	else
		refuse(code);
}

static void
read_sequence(SiPatternCode *code, int depth)
{
	Context		context = {depth == 0, false, false, 0, 0, 0};

	for (;;)
	{
		char		c;

		skip_blanks(code);
		c = si_code_peek(code, 0);
		if (code->fault != SI_PATTERN_FINE || si_code_ended(code) ||
			c == '|' || c == ')')
			break;
		read_item(code, depth, &context);
	}
	if (context.gated)
		si_code_fail(code, SI_PATTERN_GATE_LAST, context.gate);
	if (!context.element)
		si_code_fail(code, SI_PATTERN_NOTHING, code->at);
}

/* Alternatives, the first of them against all others, and so on. */
static void
read_pattern(SiPatternCode *code, int depth)
{
	int			start = code->length;

	read_sequence(code, depth);
	while (code->fault == SI_PATTERN_FINE && take(code, '|'))
	{
		int			middle = code->length;

		read_sequence(code, depth);
		if (code->fault == SI_PATTERN_FINE)
			si_code_either(code, start, middle);
	}
}

SiPatternFault
si_pattern_compile(SiText text, SiPatternCode *code, SiPattern *pattern,
				   int64_t *place)
{
	si_code_start(code, text, pattern);
	read_pattern(code, 0);
	if (code->fault == SI_PATTERN_FINE && !si_code_ended(code))
		si_code_fail(code, SI_PATTERN_CLOSE, code->at);
	if (code->fault == SI_PATTERN_FINE)
		si_code_link(code);
	*place = code->place;
	return code->fault;
}
