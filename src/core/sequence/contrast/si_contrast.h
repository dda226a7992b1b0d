/*
 * si_contrast.h
 *	  Sequences with their outcome, reduced to what contrasts need, in bytes.
 *
 * A sequence becomes a *word*: the codes of its events in order, without those
 * that no pattern can tell.  A pattern is one to three events, each anywhere
 * after the one before: it is in the sequence if and only if it is in the
 * word.  One event is there or not; a is before b if the first a is before the
 * last b, so that a word keeps the first and the last event of each name; of
 * three the one in the middle may be any, and a word for triples keeps of each
 * name one event between any two that are first or last of theirs.
 *
 * Words do not depend on times, nor the bytes on the order in which rows were
 * gathered.
 */
#ifndef SI_CONTRAST_H
#define SI_CONTRAST_H

#include "core/si_bytes.h"

#define SI_CONTRAST_VERSION		1
#define SI_MAX_CONTRAST_ROWS	INT32_MAX

/* What is gathered, and tested; set once for all rows. */
typedef struct SiContrastPlan
{
	bool		triples;
	bool		clustered;
	double		support;		/* least rows of a pattern; below 1 a share */
} SiContrastPlan;

/* The rows, word after word. */
typedef struct SiContrastRows
{
	int64_t		n;
	int64_t    *start;			/* of each word in code; n + 1 */
	uint32_t   *code;
	uint32_t   *cluster;		/* NULL: each row is a cluster */
	uint8_t    *success;		/* 0 or 1 */
} SiContrastRows;

typedef struct SiContrast
{
	SiContrastPlan plan;
	int64_t		rows;
	int64_t		codes;			/* of all words */
	uint32_t	names;
	uint32_t	clusters;
	SiReader	name_text;		/* ascending, as are those of clusters */
	SiReader	cluster_text;
	SiReader	words;
} SiContrast;

/* What a name has seen while a word is made; start with zeroes. */
typedef struct SiContrastSeen
{
	int64_t		last;			/* its last place, from 1 */
	int64_t		kept;			/* marks when an event was kept, from 1 */
} SiContrastSeen;

/*
 * Reduces n codes to a word, in place; returns its length.  seen has an entry
 * for each code, zero before and after.
 */
extern int64_t si_contrast_word(bool triples, int64_t n, uint32_t *code,
								SiContrastSeen *seen, SiPulse pulse);

/* Order of rows in the bytes: below, at or above zero. */
extern int	si_contrast_compare(const SiContrastRows *rows, int64_t a,
								int64_t b);

/*
 * Rows in order, n > 0, and the names and clusters of their codes, ascending,
 * each used: the size, and the bytes.
 */
extern size_t si_contrast_size(const SiContrastPlan *plan,
							   const SiContrastRows *rows,
							   uint32_t names, const SiText *name,
							   uint32_t clusters, const SiText *cluster,
							   SiPulse pulse);
extern void si_contrast_encode(const SiContrastPlan *plan,
							   const SiContrastRows *rows,
							   uint32_t names, const SiText *name,
							   uint32_t clusters, const SiText *cluster,
							   uint8_t *out, SiPulse pulse);

/*
 * Checks the bytes to the last one: SI_CORRUPT for all that would not do.  The
 * bytes must outlive the contrast.
 */
extern SiStatus si_contrast_open(const void *bytes, size_t size,
								 SiContrast *contrast, SiPulse pulse);

/* Texts, which point into the bytes, and rows; the caller has the room. */
extern void si_contrast_texts(SiReader from, uint32_t count, SiText *text);
extern void si_contrast_read(const SiContrast *contrast, SiContrastRows *rows,
							 SiPulse pulse);

#endif							/* SI_CONTRAST_H */
