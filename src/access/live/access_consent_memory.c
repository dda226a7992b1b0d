/*
 * access_consent_memory.c
 *	  What very many subjects allow, in a session's memory, up to a limit.
 */
#include "postgres.h"

#include <sys/mman.h>

#include "utils/memutils.h"

#include "access/live/access_consent_memory.h"
#include "pg/si_guc.h"

#define BIG_PAGE		(2 * 1024 * 1024)

static bool
is_too_much(uint32 room, Size outside)
{
	uint32		slots = si_subjects_slots(room);

	return slots == 0 || (uint64) room * sizeof(SiSubject) +
		(uint64) slots * sizeof(uint32) + outside >
		(uint64) si_consent_cache_kb * 1024;
}

/* Big pages: fewer of them are looked for when subjects come in no order. */
static void *
in_big_pages(void *memory, Size size)
{
#ifdef MADV_HUGEPAGE
	char	   *start = (char *) TYPEALIGN(BIG_PAGE, memory);

	if (start + BIG_PAGE <= (char *) memory + size)
		(void) madvise(start, (char *) memory + size - start, MADV_HUGEPAGE);
#endif
	return memory;
}

static uint32 *
empty_slots(ConsentMemory *in, uint32 slots)
{
	Size		size = (Size) slots * sizeof(uint32);
	void	   *slot = in_big_pages(MemoryContextAllocHuge(in->context, size),
									size);

	return memset(slot, 0, size);
}

static void
use_slots(ConsentMemory *in, uint32 *slot, uint32 slots)
{
	uint32	   *old = in->subjects.slot;

	si_subjects_index(&in->subjects, slot, slots);
	if (old != NULL)
		pfree(old);
}

/* Memory may run out: until there is all of it, nothing changes. */
static void
make_room(ConsentMemory *in, uint32 room)
{
	SiSubjects *subjects = &in->subjects;
	Size		size = (Size) room * sizeof(SiSubject);
	uint32		slots = si_subjects_slots(room);
	uint32	   *slot = NULL;

	in->full = is_too_much(room, in->outside);
	if (in->full)
		return;
	if (subjects->slot != NULL)
		slot = empty_slots(in, slots);
	subjects->subject =
		in_big_pages(subjects->subject == NULL ?
					 MemoryContextAllocHuge(in->context, size) :
					 repalloc_huge(subjects->subject, size), size);
	subjects->room = room;
	if (slot != NULL)
		use_slots(in, slot, slots);
}

static const char *
keep_outside(ConsentMemory *in, const char *key, Size size)
{
	char	   *kept = MemoryContextAlloc(in->context, size);
	Size		space = GetMemoryChunkSpace(kept);

	in->full = is_too_much(in->subjects.room, in->outside + space);
	if (in->full)
	{
		pfree(kept);
		return NULL;
	}
	in->outside += space;
	return memcpy(kept, key, size);
}

SiSubject *
access_memory_add(ConsentMemory *in, const char *key, Size size)
{
	SiSubjects *subjects = &in->subjects;

	in->full = false;
	if (subjects->count == subjects->room)
		make_room(in, subjects->count / 4 * 5 + 64);
	if (!in->full && !si_subject_is_inline(key, size))
		key = keep_outside(in, key, size);
	return in->full ? NULL : si_subjects_add(subjects, key, size);
}

bool
access_memory_is_too_much(const ConsentMemory *in)
{
	return is_too_much(in->subjects.room, in->outside);
}

void
access_memory_index(ConsentMemory *in)
{
	uint32		slots = si_subjects_slots(in->subjects.room);

	use_slots(in, empty_slots(in, slots), slots);
}

void
access_memory_begin(ConsentMemory *in, uint32 room)
{
	in->context = AllocSetContextCreate(CurrentMemoryContext, "consent cache",
										ALLOCSET_DEFAULT_SIZES);
	if (!pg_strong_random(&in->subjects.hash, sizeof(in->subjects.hash)))
		elog(ERROR, "no random bytes");
	make_room(in, room);
}
