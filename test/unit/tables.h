/*
 * tables.h
 *
 * Score tables made of rows, for the tests of the kernels that read them.
 */
#ifndef TABLES_H
#define TABLES_H

#include "core/stats/score/si_score_table.h"
#include "scored.h"

typedef struct Encoded
{
	uint8_t    *bytes;
	size_t		size;
	SiScoreTable table;
} Encoded;

static inline Encoded
encode_items(int64_t n, const SiKeyed *items)
{
	Encoded		encoded = {NULL, si_score_table_size(n, items, pulse), {0}};

	encoded.bytes = malloc(encoded.size);
	si_score_table_encode(n, items, encoded.bytes, pulse);
	if (si_score_table_open(encoded.bytes, encoded.size, &encoded.table,
							pulse) != SI_OK)
		abort();
	return encoded;
}

/* The table of n rows in any order; weights do not count. */
static inline Encoded
encode_rows(int n, const SiScored *rows)
{
	SiKeyed    *items = malloc(2 * n * sizeof(SiKeyed));
	Encoded		encoded;

	for (int i = 0; i < n; i++)
	{
		items[i].key = si_sort_key(rows[i].score);
		items[i].item = si_score_counts(rows[i].positive, !rows[i].positive);
	}
	si_sort_keyed(n, items, items + n, pulse);
	encoded = encode_items(n, items);
	free(items);
	return encoded;
}

/*
 * 500 rows by a formula, with many ties: score A has 64 values in [0,1), and
 * in (0,1) if centered, score B has 133; 212 rows are positive.
 */
#define FORMULA_ROWS	500

static inline bool
formula_positive(int i)
{
	return (i * i * 31 + i * 17) % 100 < 10 + 60 * (i * 7919 % 64 / 64.0);
}

static inline double
formula_score(int i, bool b)
{
	if (b)
		return (i * 6151 % 97 + 40 * formula_positive(i)) / 137.0;
	return i * 7919 % 64 / 64.0;
}

static inline void
formula_rows(bool b, bool centered, SiScored *rows)
{
	for (int i = 1; i <= FORMULA_ROWS; i++, rows++)
	{
		rows->score = formula_score(i, b) + (centered ? 1 / 128.0 : 0.0);
		rows->weight = 1.0;
		rows->positive = formula_positive(i);
		rows->fold = 0;
	}
}

/* Rows of a class that reach a score. */
static inline double
reaching(int n, const SiScored *rows, double score, bool positive)
{
	double		count = 0.0;

	for (int i = 0; i < n; i++)
		count += rows[i].positive == positive && rows[i].score >= score;
	return count;
}

#endif							/* TABLES_H */
