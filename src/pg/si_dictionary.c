/*
 * si_dictionary.c
 *	  Numbers the distinct texts of a category column in order of appearance.
 *
 * Open addressing with linear probing; texts lie in the owner's context and
 * every growth is claimed first, if the owner has a claim.
 */
#include "postgres.h"

#include "utils/memutils.h"

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
	Size		bytes = (Size) capacity * SI_DICTIONARY_ENTRY;
	SiText	   *text;
	uint64	   *hash;
	uint32	   *place;

	if (capacity > (1 << 28))
		elog(ERROR, "dictionary overflow");
	claim_more(dictionary, bytes, "A table of category levels");
	text = MemoryContextAllocHuge(dictionary->context,
								  capacity * sizeof(SiText));
	hash = MemoryContextAllocHuge(dictionary->context,
								  capacity * sizeof(uint64));
	place = MemoryContextAllocHuge(dictionary->context,
								   capacity * sizeof(uint32));
	if (dictionary->capacity > 0)
	{
		memcpy(text, dictionary->text, dictionary->count * sizeof(SiText));
		memcpy(hash, dictionary->hash, dictionary->count * sizeof(uint64));
		memcpy(place, dictionary->place, dictionary->count * sizeof(uint32));
		pfree(dictionary->text);
		pfree(dictionary->hash);
		pfree(dictionary->place);
		pfree(dictionary->slot);
		if (dictionary->claim != NULL)
			si_claim_less(dictionary->claim, bytes / 2);
	}
	dictionary->text = text;
	dictionary->hash = hash;
	dictionary->place = place;
	dictionary->capacity = capacity;
	dictionary->nslots = 2 * capacity;
	dictionary->slot = MemoryContextAllocExtended(
		dictionary->context, dictionary->nslots * sizeof(int),
		MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int code = 0; code < dictionary->count; code++)
	{
		int			at = dictionary->place[code] & (dictionary->nslots - 1);

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
add(SiDictionary *dictionary, SiText text, uint32 place, int at)
{
	int			code = dictionary->count;
	char	   *copy;

	copy = MemoryContextAlloc(dictionary->context, text.length + 1);
	claim_more(dictionary, GetMemoryChunkSpace(copy), "A category level");
	memcpy(copy, text.data, text.length);
	dictionary->text[code].data = copy;
	dictionary->text[code].length = text.length;
	dictionary->hash[code] = si_hash_bytes(text.data, text.length, 0);
	dictionary->place[code] = place;
	dictionary->slot[at] = code + 1;
	dictionary->count++;
	return code;
}

int
si_dictionary_code(SiDictionary *dictionary, SiText text)
{
	uint32		place = (uint32) si_hash_keyed(text.data, text.length,
											   si_hash_key(&dictionary->key));
	int			at;
	int			code;

	if (dictionary->count == dictionary->capacity)
		grow(dictionary);
	at = place & (dictionary->nslots - 1);
	while ((code = dictionary->slot[at] - 1) >= 0)
	{
		if (dictionary->place[code] == place &&
			dictionary->text[code].length == text.length &&
			memcmp(dictionary->text[code].data, text.data, text.length) == 0)
			return code;
		at = (at + 1) & (dictionary->nslots - 1);
	}
	return add(dictionary, text, place, at);
}
