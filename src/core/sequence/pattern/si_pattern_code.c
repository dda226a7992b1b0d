/*
 * si_pattern_code.c
 *	  What lies between a pattern's text and its automaton: a small program.
 *
 * Linking starts behind each step and follows every way to a next step or to
 * the end.  On its way it gathers a *path*: whether there is a gap, and the
 * bounds that all gates passed leave; if none, it still leads to the end, where
 * no event follows that a gate could ask about.  An instruction that is reached
 * again by a path that an earlier one allows anyway (wider bounds, a gap where
 * this one has none or too) is not followed again; since paths only narrow,
 * loops end.
 */
#include "core/sequence/pattern/si_pattern_code.h"

#include "core/si_bytes.h"

/* ---------- emitting ---------- */

size_t
si_pattern_code_size(void)
{
	return sizeof(SiPatternCode);
}

void
si_code_start(SiPatternCode *code, SiText text, SiPattern *pattern)
{
	code->text = text;
	code->at = 0;
	code->pattern = pattern;
	code->fault = SI_PATTERN_FINE;
	code->place = 0;
	code->length = 0;
	code->steps = 0;
	code->members = 0;
	pattern->symbols = 0;
}

void
si_code_fail(SiPatternCode *code, SiPatternFault fault, int64_t place)
{
	if (code->fault != SI_PATTERN_FINE)
		return;
	code->fault = fault;
	code->place = place;
}

/* The next byte of a name; a pair of quotes within stands for one. */
static char
next_byte(SiText name, bool quoted, int32_t *at)
{
	char		c = name.data[*at];

	*at += quoted && c == '"' ? 2 : 1;
	return c;
}

static bool
same_name(SiText a, bool a_quoted, SiText b, bool b_quoted)
{
	int32_t		i = 0;
	int32_t		j = 0;

	while (i < a.length && j < b.length)
	{
		if (next_byte(a, a_quoted, &i) != next_byte(b, b_quoted, &j))
			return false;
	}
	return i >= a.length && j >= b.length;
}

bool
si_pattern_is_name(const SiPattern *pattern, int symbol, SiText text)
{
	return same_name(pattern->name[symbol], pattern->quoted[symbol], text,
					 false);
}

int
si_code_symbol(SiPatternCode *code, SiText name, bool quoted)
{
	SiPattern  *pattern = code->pattern;
	int			symbol;

	for (symbol = 1; symbol <= pattern->symbols; symbol++)
	{
		if (same_name(pattern->name[symbol], pattern->quoted[symbol], name,
					  quoted))
			return symbol;
	}
	if (symbol > SI_PATTERN_SYMBOLS)
	{
		si_code_fail(code, SI_PATTERN_LARGE, code->at);
		return 0;
	}
	pattern->name[symbol] = name;
	pattern->quoted[symbol] = quoted;
	return pattern->symbols = symbol;
}

/* One instruction more; without room, into the last place and a fault. */
static SiInstruction *
emit(SiPatternCode *code, SiOpcode op)
{
	SiInstruction *instruction;

	if (code->length == SI_CODE_LIMIT)
	{
		si_code_fail(code, SI_PATTERN_LARGE, code->at);
		code->length--;
	}
	instruction = &code->instruction[code->length++];
	memset(instruction, 0, sizeof(*instruction));
	instruction->op = op;
	return instruction;
}

/* The number of a step more. */
static int
add_step(SiPatternCode *code, SiStep step)
{
	if (code->steps == SI_PATTERN_STEPS)
	{
		si_code_fail(code, SI_PATTERN_LARGE, code->at);
		return 0;
	}
	code->step[code->steps] = step;
	return code->steps++;
}

void
si_code_step(SiPatternCode *code, bool negated, int members,
			 const uint16_t *member)
{
	SiStep		step = {negated, (uint16_t) code->members, (uint16_t) members};
	int			i;

	if (code->members + members > SI_CODE_MEMBERS)
	{
		si_code_fail(code, SI_PATTERN_LARGE, code->at);
		return;
	}
	for (i = 0; i < members; i++)
		code->member[code->members++] = member[i];
	emit(code, SI_OP_STEP)->a = add_step(code, step);
}

void
si_code_gap(SiPatternCode *code)
{
	(void) emit(code, SI_OP_GAP);
}

void
si_code_time(SiPatternCode *code, SiTimeOperator which, uint64_t time,
			 int64_t place)
{
	SiInstruction *gate = emit(code, SI_OP_GATE);

	gate->high = SI_PATTERN_FOREVER;
	if (which == SI_TIME_LESS && time == 0)
		si_code_fail(code, SI_PATTERN_NEVER, place);
	else if (which == SI_TIME_LESS)
		gate->high = time - 1;
	else if (which == SI_TIME_AT_MOST)
		gate->high = time;
	else
		gate->low = which == SI_TIME_MORE ? time + 1 : time;
	if (which == SI_TIME_EQUAL)
		gate->high = time;
}

/* Room for an instruction at a place; what was there and behind moves on. */
static SiInstruction *
insert(SiPatternCode *code, int place, SiOpcode op)
{
	SiInstruction *at = &code->instruction[place];

	(void) emit(code, op);
	memmove(at + 1, at, (code->length - place - 1) * sizeof(*at));
	memset(at, 0, sizeof(*at));
	at->op = op;
	return at;
}

/*
 * The block from start to middle and the one from there to the end become
 * alternatives.
 */
void
si_code_either(SiPatternCode *code, int start, int middle)
{
	SiInstruction *jump;
	SiInstruction *split;

	jump = insert(code, middle, SI_OP_JUMP);
	jump->a = code->length - middle;
	split = insert(code, start, SI_OP_SPLIT);
	split->a = 1;
	split->b = middle + 2 - start;
}

/* Appends a copy of a block, with steps of its own. */
static void
copy_block(SiPatternCode *code, int start, int length)
{
	int			i;

	for (i = start; i < start + length && code->fault == SI_PATTERN_FINE; i++)
	{
		SiInstruction *copy = emit(code, SI_OP_END);

		*copy = code->instruction[i];
		if (copy->op == SI_OP_STEP)
			copy->a = add_step(code, code->step[copy->a]);
	}
}

/* The last copy of the block may be repeated without end. */
static void
close_loop(SiPatternCode *code, int length)
{
	SiInstruction *split = emit(code, SI_OP_SPLIT);

	split->a = -length;
	split->b = 1;
}

/* The block from start to the end may be left out. */
static void
make_optional(SiPatternCode *code, int start)
{
	SiInstruction *split = insert(code, start, SI_OP_SPLIT);

	split->a = 1;
	split->b = code->length - start;
}

/*
 * x{2,4} is written out as x x (x (x)?)?, x{2,} as x x+.  Each optional copy
 * is preceded by a way past all that follow.
 */
void
si_code_repeat(SiPatternCode *code, int start, int least, int most)
{
	int			length = code->length - start;
	int			copies = most == SI_NO_LIMIT ? (least > 1 ? least : 1) : most;
	int			end;
	int			i;

	if (least == 0)
		make_optional(code, start);
	for (i = 1; i < copies && code->fault == SI_PATTERN_FINE; i++)
	{
		if (i >= least)
			(void) emit(code, SI_OP_SPLIT);
		copy_block(code, start + (least == 0), length);
	}
	if (most == SI_NO_LIMIT)
		close_loop(code, length);
	if (code->fault != SI_PATTERN_FINE)
		return;
	end = code->length;
	for (i = 0; i < copies && most != SI_NO_LIMIT; i++)
	{
		int			way = i < least ? -1 : start + least * length +
			(i - least) * (length + 1);

		if (way >= 0)
		{
			code->instruction[way].a = 1;
			code->instruction[way].b = end - way;
		}
	}
	if (most == SI_NO_LIMIT && least == 0)
		code->instruction[start].b = end - start;
}

/* ---------- reading what both spellings share ---------- */

bool
si_code_operator(SiPatternCode *code, SiTimeOperator *which)
{
	char		c = si_code_peek(code, 0);
	bool		equal = si_code_peek(code, 1) == '=';

	if (c == '<')
		*which = equal ? SI_TIME_AT_MOST : SI_TIME_LESS;
	else if (c == '>')
		*which = equal ? SI_TIME_AT_LEAST : SI_TIME_MORE;
	else if (c == '=')
		*which = SI_TIME_EQUAL;
	else
		return false;
	code->at += equal ? 2 : 1;
	return true;
}

uint64_t
si_code_digits(SiPatternCode *code, uint64_t limit, SiPatternFault fault)
{
	uint64_t	number = 0;
	int64_t		start = code->at;

	for (; si_is_digit(si_code_peek(code, 0)); code->at++)
	{
		uint64_t	digit = (uint64_t) (si_code_peek(code, 0) - '0');

		if (number > (limit - digit) / 10)
		{
			si_code_fail(code, fault, start);
			return 0;
		}
		number = number * 10 + digit;
	}
	return number;
}

/* ---------- linking ---------- */

static inline void
set_bit(uint64_t *words, int bit)
{
	words[bit / 64] |= UINT64_C(1) << bit % 64;
}

/* Whether path a allows all that b allows. */
static bool
covers(const SiPath *a, const SiPath *b)
{
	return (a->gap || !b->gap) && a->low <= b->low && a->high >= b->high;
}

/* Comes to an instruction by a path: remembered, unless nothing new. */
static bool
arrive(SiPatternCode *code, int at, const SiPath *path, int *visits)
{
	int			i;

	for (i = 0; i < code->paths[at]; i++)
	{
		if (covers(&code->path[at][i], path))
			return true;
	}
	if (i == SI_CODE_PATHS)
		return false;
	code->path[at][i] = *path;
	code->paths[at]++;
	code->visit[*visits].at = at;
	code->visit[*visits].path = *path;
	(*visits)++;
	return true;
}

/* Goes from an instruction to those that follow without an event between. */
static bool
go_on(SiPatternCode *code, SiCodeVisit from, int *visits)
{
	const SiInstruction *instruction = &code->instruction[from.at];
	SiPath		path = from.path;

	switch (instruction->op)
	{
		case SI_OP_SPLIT:
			return arrive(code, from.at + instruction->b, &path, visits) &&
				arrive(code, from.at + instruction->a, &path, visits);
		case SI_OP_JUMP:
			return arrive(code, from.at + instruction->a, &path, visits);
		case SI_OP_GAP:
			path.gap = true;
			return arrive(code, from.at + 1, &path, visits);
		case SI_OP_GATE:
			if (code->starting)
				return arrive(code, from.at + 1, &path, visits);
			if (instruction->low > path.low)
				path.low = instruction->low;
			if (instruction->high < path.high)
				path.high = instruction->high;
			if (path.low > path.high)
				path.low = SI_PATTERN_FOREVER, path.high = 0;
			return arrive(code, from.at + 1, &path, visits);
		default:
			return true;
	}
}

/* Finds every path from a place of the program to steps and to the end. */
static bool
find_paths(SiPatternCode *code, int at)
{
	const SiPath nothing = {false, 0, SI_PATTERN_FOREVER};
	int			visits = 0;

	memset(code->paths, 0, code->length);
	(void) arrive(code, at, &nothing, &visits);
	while (visits > 0)
	{
		if (!go_on(code, code->visit[--visits], &visits))
			return false;
	}
	return true;
}

static bool
add_edge(SiPattern *pattern, int from, int to, const SiPath *path)
{
	SiGatedEdge edge = {(uint16_t) from, (uint16_t) to, path->gap, path->low,
	path->high};

	if (path->low > path->high)
		return true;
	if (path->low == 0 && path->high == SI_PATTERN_FOREVER)
	{
		set_bit(path->gap ? pattern->later[from] : pattern->follow[from], to);
		return true;
	}
	if (pattern->gated == SI_PATTERN_GATED)
		return false;
	pattern->edge[pattern->gated++] = edge;
	set_bit(pattern->gate_before, to);
	if (path->gap && path->low > 0 && path->high < SI_PATTERN_FOREVER)
		pattern->looks_back = true;
	return true;
}

/* The edges of the step before a place, from the paths found there. */
static bool
add_edges(SiPatternCode *code, int from)
{
	SiPattern  *pattern = code->pattern;
	int			at;
	int			i;

	for (at = 0; at < code->length; at++)
	{
		const SiInstruction *to = &code->instruction[at];

		if (to->op == SI_OP_END && code->paths[at] > 0)
			set_bit(pattern->last, from);
		for (i = 0; to->op == SI_OP_STEP && i < code->paths[at]; i++)
		{
			if (!add_edge(pattern, from, to->a, &code->path[at][i]))
				return false;
		}
	}
	return true;
}

/* Sorts edges by their end, counting; the visits are room enough. */
static void
order_edges(SiPatternCode *code)
{
	SiPattern  *pattern = code->pattern;
	SiGatedEdge *copy = (SiGatedEdge *) code->visit;
	int			i;

	memset(pattern->edges_to, 0, sizeof(pattern->edges_to));
	for (i = 0; i < pattern->gated; i++)
		pattern->edges_to[pattern->edge[i].to + 1]++;
	for (i = 0; i < SI_PATTERN_STEPS; i++)
		pattern->edges_to[i + 1] += pattern->edges_to[i];
	memcpy(copy, pattern->edge, pattern->gated * sizeof(*copy));
	for (i = 0; i < pattern->gated; i++)
		pattern->edge[pattern->edges_to[copy[i].to]++] = copy[i];
	for (i = SI_PATTERN_STEPS; i > 0; i--)
		pattern->edges_to[i] = pattern->edges_to[i - 1];
	pattern->edges_to[0] = 0;
}

/* Which steps an event of each symbol fits. */
static void
fill_matches(SiPatternCode *code)
{
	SiPattern  *pattern = code->pattern;
	int			symbol;
	int			i;
	int			j;

	memset(pattern->matches, 0,
		   (pattern->symbols + 1) * sizeof(pattern->matches[0]));
	for (i = 0; i < code->steps; i++)
	{
		const SiStep *step = &code->step[i];

		for (symbol = 0; symbol <= pattern->symbols; symbol++)
		{
			bool		member = false;

			for (j = 0; j < step->count; j++)
				member |= code->member[step->first + j] == symbol;
			if (member != step->negated)
				set_bit(pattern->matches[symbol], i);
		}
	}
}

/* The steps that a match can start with: whatever gates come first. */
static bool
find_first(SiPatternCode *code)
{
	int			at;
	bool		fits;

	code->starting = true;
	fits = find_paths(code, 0);
	code->starting = false;
	if (!fits)
		return false;
	for (at = 0; at < code->length; at++)
	{
		if (code->instruction[at].op == SI_OP_STEP && code->paths[at] > 0)
			set_bit(code->pattern->first, code->instruction[at].a);
	}
	return true;
}

void
si_code_link(SiPatternCode *code)
{
	SiPattern  *pattern = code->pattern;
	bool		fits;
	int			at;

	(void) emit(code, SI_OP_END);
	if (code->fault != SI_PATTERN_FINE)
		return;
	pattern->steps = code->steps;
	pattern->words = (code->steps + 63) / 64;
	pattern->gated = 0;
	pattern->looks_back = false;
	memset(pattern->first, 0, sizeof(pattern->first));
	memset(pattern->last, 0, sizeof(pattern->last));
	memset(pattern->gate_before, 0, sizeof(pattern->gate_before));
	memset(pattern->follow, 0, code->steps * sizeof(pattern->follow[0]));
	memset(pattern->later, 0, code->steps * sizeof(pattern->later[0]));
	fill_matches(code);
	fits = find_first(code);
	for (at = 0; fits && at < code->length; at++)
	{
		if (code->instruction[at].op == SI_OP_STEP)
			fits = find_paths(code, at + 1) &&
				add_edges(code, code->instruction[at].a);
	}
	if (!fits)
		si_code_fail(code, SI_PATTERN_LARGE, 0);
	order_edges(code);
}
