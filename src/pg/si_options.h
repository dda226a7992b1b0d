/*
 * si_options.h
 *	  Reads jsonb options into a structure, guided by a table.
 */
#ifndef SI_OPTIONS_H
#define SI_OPTIONS_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

typedef enum SiOptionType
{
	SI_OPTION_BOOL,	  /* bool */
	SI_OPTION_INT,	  /* int, within [low, high] */
	SI_OPTION_SWITCH, /* the same; false is 0, true the default */
	SI_OPTION_FLOAT,  /* double, within [low, high] */
	SI_OPTION_CHOICE, /* int, the place in choices */
	SI_OPTION_INTS,	  /* List of int, each within; one may stand alone */
	SI_OPTION_NAME,	  /* char *, of a column */
	SI_OPTION_TEXT,	  /* char * */
	SI_OPTION_SCALAR, /* char *; a number as its text */
	SI_OPTION_NAMES,  /* List of char *, low or more */
	SI_OPTION_TEXTS,  /* List of char *; one may stand alone */
	SI_OPTION_NUMBERS, /* double[], one per choice, each in [low, high] */
	SI_OPTION_SIGNS,  /* List of SiSign *, by column name */
	SI_OPTION_SOME	  /* SiSome; true or false, or a list of column names */
} SiOptionType;

/* All columns, or those named. */
typedef struct SiSome
{
	bool		all;
	List	   *names;			/* char * */
} SiSome;

/* A column and a direction: -1, 0 or 1. */
typedef struct SiSign
{
	char	   *name;
	int			sign;
} SiSign;

typedef struct SiOption
{
	const char *name;
	SiOptionType type;
	size_t		offset;			/* of the field in the target structure */
	double		low;
	double		high;
	const char *const *choices; /* NULL-terminated */
} SiOption;

/*
 * Fill the fields named in options; the others keep what they hold.  options
 * may be NULL.  Names are copied into the current context.
 */
extern void si_options_read(Jsonb *options, const SiOption *table, int count,
							void *target);

#endif							/* SI_OPTIONS_H */
