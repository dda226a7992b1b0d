/*
 * si_dictionary.h
 *	  Numbers the distinct texts of a category column in order of appearance.
 */
#ifndef SI_DICTIONARY_H
#define SI_DICTIONARY_H

#include "core/si_core.h"
#include "pg/si_memory.h"

typedef struct SiDictionary
{
	MemoryContext context;
	SiClaim    *claim;			/* NULL: the owner accounts for the context */
	int			count;
	int			capacity;
	SiText	   *text;			/* by code */
	uint64	   *hash;			/* by code */
	int			nslots;			/* a power of two */
	int		   *slot;			/* code + 1, 0 when free */
} SiDictionary;

extern SiDictionary *si_dictionary_create(MemoryContext context,
										  SiClaim *claim);

/* The code of text, which is copied when it is new. */
extern int	si_dictionary_code(SiDictionary *dictionary, SiText text);

#endif							/* SI_DICTIONARY_H */
