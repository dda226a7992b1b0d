/*
 * si_dictionary.h
 *	  Numbers the distinct texts of a category column in order of appearance.
 */
#ifndef SI_DICTIONARY_H
#define SI_DICTIONARY_H

#include "core/si_core.h"
#include "pg/si_hash_key.h"
#include "pg/si_memory.h"

typedef struct SiDictionary
{
	MemoryContext context;
	SiClaim    *claim;			/* NULL: the owner accounts for the context */
	int			count;
	int			capacity;
	SiText	   *text;			/* by code */
	uint64	   *hash;			/* by code, the same in every run */
	SiHashKey	key;
	uint32	   *place;			/* by code: hash with the key */
	int			nslots;			/* a power of two */
	int		   *slot;			/* code + 1, 0 when free */
} SiDictionary;

/* Bytes that the tables hold for each text, which there is room for. */
#define SI_DICTIONARY_ENTRY	\
	(sizeof(SiText) + sizeof(uint64) + sizeof(uint32) + 2 * sizeof(int))

extern SiDictionary *si_dictionary_create(MemoryContext context,
										  SiClaim *claim);

/* The code of text, which is copied when it is new. */
extern int	si_dictionary_code(SiDictionary *dictionary, SiText text);

#endif							/* SI_DICTIONARY_H */
