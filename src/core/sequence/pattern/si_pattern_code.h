/*
 * si_pattern_code.h
 *	  What lies between a pattern's text and its automaton: a small program.
 *
 * Parsers emit instructions; jumps are relative, so that a block can be moved
 * and copied, which is all that alternatives and repetitions need.  Linking
 * follows the jumps from each step to the steps that can come next.
 */
#ifndef SI_PATTERN_CODE_H
#define SI_PATTERN_CODE_H

#include "core/sequence/pattern/si_pattern.h"

#define SI_CODE_LIMIT		2048
#define SI_CODE_MEMBERS		2048
#define SI_CODE_PATHS		4	/* ways to an instruction kept apart */

typedef enum SiOpcode
{
	SI_OP_STEP,
	SI_OP_SPLIT,				/* go on at a and at b */
	SI_OP_JUMP,					/* go on at a */
	SI_OP_GAP,
	SI_OP_GATE,
	SI_OP_END
} SiOpcode;

typedef struct SiInstruction
{
	SiOpcode	op;
	int32_t		a;				/* distances; of a step its number */
	int32_t		b;
	uint64_t	low;
	uint64_t	high;
} SiInstruction;

/* A step: an event of one of these symbols, or of none of them. */
typedef struct SiStep
{
	bool		negated;
	uint16_t	first;			/* in members */
	uint16_t	count;
} SiStep;

/* What lies between two events matched one after the other. */
typedef struct SiPath
{
	bool		gap;
	uint64_t	low;
	uint64_t	high;
} SiPath;

typedef struct SiCodeVisit
{
	int32_t		at;
	SiPath		path;
} SiCodeVisit;

struct SiPatternCode
{
	SiText		text;
	int64_t		at;				/* the next byte to read */
	SiPattern  *pattern;		/* gets the symbols */
	SiPatternFault fault;
	int64_t		place;
	int			length;
	SiInstruction instruction[SI_CODE_LIMIT];
	int			steps;
	SiStep		step[SI_PATTERN_STEPS];
	int			members;
	uint16_t	member[SI_CODE_MEMBERS];
	/* linking */
	bool		starting;		/* nothing was matched before: gates hold */
	uint8_t		paths[SI_CODE_LIMIT];
	SiPath		path[SI_CODE_LIMIT][SI_CODE_PATHS];
	SiCodeVisit visit[SI_CODE_LIMIT * SI_CODE_PATHS];
};

extern void si_code_start(SiPatternCode *code, SiText text,
						  SiPattern *pattern);

/* The first fault is the one that counts. */
extern void si_code_fail(SiPatternCode *code, SiPatternFault fault,
						 int64_t place);

/* The symbol of a name, added if it is new. */
extern int	si_code_symbol(SiPatternCode *code, SiText name, bool quoted);

extern void si_code_step(SiPatternCode *code, bool negated, int members,
						 const uint16_t *member);
extern void si_code_gap(SiPatternCode *code);

/* The block from start to the end, or what follows: made one of two. */
extern void si_code_either(SiPatternCode *code, int start, int middle);

#define SI_NO_LIMIT		(-1)

/* The block from start to the end: repeated so often. */
extern void si_code_repeat(SiPatternCode *code, int start, int least,
						   int most);

/* Ends the program and fills in the pattern. */
extern void si_code_link(SiPatternCode *code);

typedef enum SiTimeOperator
{
	SI_TIME_LESS,
	SI_TIME_AT_MOST,
	SI_TIME_MORE,
	SI_TIME_AT_LEAST,
	SI_TIME_EQUAL
} SiTimeOperator;

/* Reads one of < <= > >= = ==; false if there is none. */
extern bool si_code_operator(SiPatternCode *code, SiTimeOperator *which);

/* Emits the gate of an operator and a time; a fault if nothing fits it. */
extern void si_code_time(SiPatternCode *code, SiTimeOperator which,
						 uint64_t time, int64_t place);

/* Reads digits; above the limit they are a fault of this kind. */
extern uint64_t si_code_digits(SiPatternCode *code, uint64_t limit,
							   SiPatternFault fault);

/* The byte so far ahead; NUL past the end, where si_code_ended tells. */
static inline char
si_code_peek(const SiPatternCode *code, int ahead)
{
	return code->at + ahead < code->text.length ?
		code->text.data[code->at + ahead] : '\0';
}

static inline bool
si_code_ended(const SiPatternCode *code)
{
	return code->at >= code->text.length;
}

#endif							/* SI_PATTERN_CODE_H */
