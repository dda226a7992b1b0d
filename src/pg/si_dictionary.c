/*
 * si_dictionary.c
 *	  Numbers the distinct texts of a category column in order of appearance.
 *
 * Open addressing with linear probing; texts lie in the owner's context and
 * every growth is claimed first, if the owner has a claim.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "core/si_hash.h"
#include "pg/si_dictionary.h"
#include "pg/si_pulse.h"

#define FIRST_CAPACITY	16

static void
claim_more(SiDictionary *dictionary, Size bytes, const char *purpose)
{
	if (dictionary->claim != NULL)
		si_claim_more(dictionary->claim, bytes, purpose);
}

static void
grow(SiDictionary *dictionary)
{
	int			capacity = dictionary->capacity ? 2 * dictionary->capacity :
										  FIRST_CAPACITY;
	Size		bytes = (Size) capacity *
				 (sizeof(SiText) + sizeof(uint64) + 2 * sizeof(int));
	SiText	   *text;
	uint64	   *hash;

	if (capacity > (1 << 28))
		elog(ERROR, "dictionary overflow");
	claim_more(dictionary, bytes, "A table of category levels");
	text = MemoryContextAllocHuge(dictionary->context,
								  capacity * sizeof(SiText));
	hash = MemoryContextAllocHuge(dictionary->context,
								  capacity * sizeof(uint64));
	if (dictionary->capacity > 0)
	{
		memcpy(text, dictionary->text, dictionary->count * sizeof(SiText));
		memcpy(hash, dictionary->hash, dictionary->count * sizeof(uint64));
		pfree(dictionary->text);
		pfree(dictionary->hash);
		pfree(dictionary->slot);
		if (dictionary->claim != NULL)
			si_claim_less(dictionary->claim, bytes / 2);
	}
	dictionary->text = text;
	dictionary->hash = hash;
	dictionary->capacity = capacity;
	dictionary->nslots = 2 * capacity;
	dictionary->slot = MemoryContextAllocExtended(
		dictionary->context, dictionary->nslots * sizeof(int),
		MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int code = 0; code < dictionary->count; code++)
	{
		int			at = dictionary->hash[code] & (dictionary->nslots - 1);

		si_pulse_every(code);
		while (dictionary->slot[at] != 0)
			at = (at + 1) & (dictionary->nslots - 1);
		dictionary->slot[at] = code + 1;
	}
}

SiDictionary *
si_dictionary_create(MemoryContext context, SiClaim *claim)
{
	SiDictionary *dictionary = MemoryContextAllocZero(context,
													  sizeof(SiDictionary));

	dictionary->context = context;
	dictionary->claim = claim;
	grow(dictionary);
	return dictionary;
}

static int
add(SiDictionary *dictionary, SiText text, uint64 hash, int at)
{
	int			code = dictionary->count;
	char	   *copy;

	copy = MemoryContextAlloc(dictionary->context, text.length + 1);
	claim_more(dictionary, GetMemoryChunkSpace(copy), "A category level");
	memcpy(copy, text.data, text.length);
	dictionary->text[code].data = copy;
	dictionary->text[code].length = text.length;
	dictionary->hash[code] = hash;
	dictionary->slot[at] = code + 1;
	dictionary->count++;
	return code;
}

int
si_dictionary_code(SiDictionary *dictionary, SiText text)
{
	uint64		hash = si_hash_bytes(text.data, text.length, 0);
	int			at;
	int			code;

	if (dictionary->count == dictionary->capacity)
		grow(dictionary);
	at = hash & (dictionary->nslots - 1);
	while ((code = dictionary->slot[at] - 1) >= 0)
	{
		if (dictionary->hash[code] == hash &&
			dictionary->text[code].length == text.length &&
			memcmp(dictionary->text[code].data, text.data, text.length) == 0)
			return code;
		at = (at + 1) & (dictionary->nslots - 1);
	}
	return add(dictionary, text, hash, at);
}
