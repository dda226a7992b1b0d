/*
 * sequence_contrast.h
 *	  The type contrast, and the search through its patterns.
 */
#ifndef SEQUENCE_CONTRAST_H
#define SEQUENCE_CONTRAST_H

#include "postgres.h"

#include "nodes/pg_list.h"

#include "core/sequence/contrast/si_contrast_found.h"
#include "pg/si_value.h"

extern const SiValueType contrast_type;

/* The contrast in an argument; its bytes live in the current context. */
extern SiContrast contrast_argument(FunctionCallInfo fcinfo, int n);

/* What contrast_patterns may be asked. */
typedef struct ContrastOptions
{
	List	   *outcome;		/* of char * */
	int			permutations;
	int			seed;
	int			method;			/* 0: BH, 1: BY */
	double		level;
} ContrastOptions;

/* All patterns found, in the order of the walk. */
typedef struct ContrastSearch
{
	MemoryContext context;		/* of all that follows */
	const ContrastOptions *options;
	SiContrast	contrast;
	SiText	   *name;
	bool	   *outcome;		/* by name */
	SiContrastRows rows;
	SiContrastTable table;
	SiContrastWalk walk;
	SiContrastWhole whole;
	SiClusterCells *scratch;
	int64		count;
	int64		capacity;
	SiContrastFound *found;
	int64		tested;			/* those without an outcome */
} ContrastSearch;

/* Finds, tests and adjusts; everything lives in search->context. */
extern void contrast_search(ContrastSearch *search);

/* Room in the search's context; an error past the limit. */
extern void *contrast_room(ContrastSearch *search, Size count, Size size);

/* Fills max_p of all that is tested. */
extern void contrast_permute(ContrastSearch *search);

/* The walk from its start. */
extern void contrast_start_walk(ContrastSearch *search);

#endif							/* SEQUENCE_CONTRAST_H */
