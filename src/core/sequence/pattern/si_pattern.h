/*
 * si_pattern.h
 *	  Patterns over the events of a sequence: what a text of one compiles to.
 *
 * Meaning.  A pattern matches events of a sequence one by one, in the order of
 * the sequence.  Its *steps* are the places that match exactly one event each:
 * a name, `.`, `!name`; a step inside a repetition may match many times.  The
 * event that a step matches comes directly after the one matched before, or,
 * with a gap `...` in between, anywhere after it; the events inside a gap are
 * passed over, not matched.
 *
 * A *gate* bounds the time from the event matched last to the event matched
 * next, whatever steps these two belong to: after a repetition the last event
 * of it counts, after a group the last one that the group matched, after
 * something optional that matched nothing the event before it.  A gap changes
 * nothing about it: `a ... [<= 90s] b` and `a [<= 90s] ... b` both measure
 * from a.  Gates between the same two events must all hold.  Where nothing was
 * matched before, a gate holds.
 *
 * A match has at least one event, starts with the first event matched and ends
 * with the last.
 *
 * Method: every step is a state, as in Glushkov's automaton.  Being in a state
 * at an event means that this step matched this event, so that the time of the
 * event matched last is part of where one is, and a gate is a condition on an
 * edge between two (state, event) pairs.  Nothing else of the past matters:
 * this makes the matcher exact without ever going back; see si_matcher.h.
 *
 * Reference: V. M. Glushkov, The abstract theory of automata, 1961.
 */
#ifndef SI_PATTERN_H
#define SI_PATTERN_H

#include "core/sequence/si_sequence.h"
#include "core/si_core.h"

#define SI_PATTERN_STEPS	512 /* repetitions written out */
#define SI_PATTERN_WORDS	(SI_PATTERN_STEPS / 64)
#define SI_PATTERN_SYMBOLS	512 /* distinct names */
#define SI_PATTERN_GATED	4096	/* edges with a gate */
#define SI_PATTERN_DEPTH	64	/* groups within groups */

#define SI_PATTERN_FOREVER	UINT64_MAX

/* Microseconds from the first time that there is to the end of all. */
#define SI_PATTERN_ALL_TIME	((uint64_t) SI_TIME_END - (uint64_t) SI_TIME_FIRST)

typedef enum SiPatternFault
{
	SI_PATTERN_FINE = 0,
	SI_PATTERN_NOTHING,			/* no step where one is needed */
	SI_PATTERN_CHARACTER,		/* unexpected */
	SI_PATTERN_QUOTE,			/* not closed */
	SI_PATTERN_OPEN,			/* a group that is not closed */
	SI_PATTERN_CLOSE,			/* closes nothing */
	SI_PATTERN_TOO_DEEP,
	SI_PATTERN_REPEAT,			/* repeats nothing that can be repeated */
	SI_PATTERN_BOUNDS,			/* {...} that says nothing sensible */
	SI_PATTERN_NEGATION,		/* ! before something else than names */
	SI_PATTERN_DOTS,			/* four and more in a row */
	SI_PATTERN_GATE,			/* malformed */
	SI_PATTERN_UNIT,
	SI_PATTERN_TIME,			/* too long, or too fine */
	SI_PATTERN_GATE_FIRST,		/* nothing before it */
	SI_PATTERN_GATE_LAST,		/* nothing after it */
	SI_PATTERN_NEVER,			/* gates that contradict one another */
	SI_PATTERN_LARGE,			/* too many steps, names or edges */
	SI_PATTERN_NUMBER			/* (?N) of no event */
} SiPatternFault;

/* An edge that asks for a time from one event to the other, low to high. */
typedef struct SiGatedEdge
{
	uint16_t	from;
	uint16_t	to;
	bool		gap;			/* events may lie between */
	uint64_t	low;
	uint64_t	high;
} SiGatedEdge;

/*
 * A compiled pattern.  Sets of steps are bits in `words` words; symbol 0 is
 * any event that the pattern does not name.  The texts of the names point into
 * the pattern's text, or are those that the caller gave.
 */
typedef struct SiPattern
{
	int			steps;
	int			words;
	int			symbols;		/* names, beside symbol 0 */
	SiText		name[SI_PATTERN_SYMBOLS + 1];	/* by symbol, from 1 */
	bool		quoted[SI_PATTERN_SYMBOLS + 1]; /* "" within stands for " */
	uint64_t	matches[SI_PATTERN_SYMBOLS + 1][SI_PATTERN_WORDS];
	uint64_t	first[SI_PATTERN_WORDS];	/* steps a match can start with */
	uint64_t	last[SI_PATTERN_WORDS]; /* and end with */
	/* edges without a gate: to the next event, and over a gap */
	uint64_t	follow[SI_PATTERN_STEPS][SI_PATTERN_WORDS];
	uint64_t	later[SI_PATTERN_STEPS][SI_PATTERN_WORDS];
	int			gated;
	SiGatedEdge edge[SI_PATTERN_GATED]; /* ascending by to */
	int			edges_to[SI_PATTERN_STEPS + 1]; /* by step: its first edge */
	uint64_t	gate_before[SI_PATTERN_WORDS];	/* steps with edges */
	bool		looks_back;		/* an edge with a gap and both bounds */
} SiPattern;

/* What compiling needs besides; see si_pattern_code.h. */
typedef struct SiPatternCode SiPatternCode;

extern size_t si_pattern_code_size(void);

/*
 * Compiles a text.  A fault comes with its place, a byte from 0.  The caller
 * owns everything; code holds si_pattern_code_size() bytes.
 */
extern SiPatternFault si_pattern_compile(SiText text, SiPatternCode *code,
										 SiPattern *pattern, int64_t *place);

/*
 * The same for the spelling of ClickHouse's sequenceMatch, where (?N) is the
 * N-th of the given names.  `.*` is a gap, and a gate, (?t<=90), stands for a
 * gap and a gate.  All names become symbols, so that symbol 0 is what
 * ClickHouse leaves out.  A pattern without an event matches any one event.
 */
extern SiPatternFault si_pattern_compile_numbered(SiText text, int names,
												  const SiText *name,
												  SiPatternCode *code,
												  SiPattern *pattern,
												  int64_t *place);

/* What a name without quotes is made of, with digits from its second on. */
static inline bool
si_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
		(unsigned char) c > 127;
}

static inline bool
si_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Whether a name of the pattern is this text. */
extern bool si_pattern_is_name(const SiPattern *pattern, int symbol,
							   SiText text);

#endif							/* SI_PATTERN_H */
