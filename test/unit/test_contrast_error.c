/*
 * test_contrast_error.c
 *
 * How often contrasts err, on generated sets: false discoveries where outcomes
 * are dealt out by chance, for rows and for clusters; and how often an ordered
 * pair is found that multiplies the odds of a tenth of the rows by 4.72.
 *
 * Small sets by default; with CONTRAST_SETS=200, as in "make soak", 200 of 146
 * behaviours in 3,862 conversations.
 */
#include "tap.h"

#include "contrast_study.h"

#define FIRST		0			/* the planted pair */
#define THEN		1
#define ODDS		4.72

typedef struct Size
{
	int			sets;
	int64_t		rows;
	uint32_t	names;
	int64_t		longest;
	int64_t		draws;
} Size;

static void
put(Contrasted *c, int64_t row, uint32_t name)
{
	int64_t		at = c->all.start[row + 1];

	c->all.code[at] = name;
	c->all.start[row + 1] = at + 1;
}

/*
 * Of other names at least a half of the longest; one row in ten has the pair
 * in order, one the other way round.
 */
static bool
fill_row(Contrasted *c, int64_t row, const Size *size)
{
	int64_t		length = size->longest / 2 +
		(int64_t) contrast_below((uint64_t) size->longest / 2);
	int64_t		half = (int64_t) contrast_below((uint64_t) length);
	double		kind = contrast_uniform();

	c->all.start[row + 1] = c->all.start[row];
	for (int64_t k = 0; k < length; k++)
	{
		if (kind < 0.2 && k == half / 2)
			put(c, row, kind < 0.1 ? FIRST : THEN);
		if (kind < 0.2 && k == half)
			put(c, row, kind < 0.1 ? THEN : FIRST);
		put(c, row, 2 + (uint32_t) contrast_below(size->names - 2));
	}
	return kind < 0.1;
}

/* A fourth succeed; odds is the effect of the pair. */
static Contrasted
generate(const Size *size, double odds)
{
	Contrasted	c;

	memset(&c, 0, sizeof(c));
	c.names = size->names;
	c.clusters = 1;
	c.all = contrast_rows(size->rows, size->rows * (size->longest + 2), false);
	for (int64_t row = 0; row < size->rows; row++)
	{
		bool		pair = fill_row(&c, row, size);
		double		base = 1.0 / 3 * (pair ? odds : 1);

		c.all.success[row] = contrast_uniform() < base / (1 + base);
	}
	make_words(&c, false);
	return c;
}

typedef struct Errors
{
	double		family;			/* sets with max_p of 0.05 or less */
	double		false_share;	/* among discoveries at q of 0.05 */
	double		found_max;		/* sets where the planted pair is found */
	double		found_q;
	double		found_order;
} Errors;

static bool
is_planted(const SiContrastFound *f)
{
	return f->length == 2 && f->name[0] == FIRST && f->name[1] == THEN;
}

/* Patterns with a planted event are no false discoveries. */
static void
add_errors(Errors *errors, const Study *s, int sets)
{
	bool		any = false;
	double		discoveries = 0;
	double		wrong = 0;

	for (int64_t i = 0; i < s->count; i++)
	{
		const SiContrastFound *f = &s->found[i];
		bool		other = f->name[0] > THEN &&
			(f->length == 1 || f->name[1] > THEN);

		any = any || (other && f->max_p <= 0.05);
		discoveries += f->q_value <= 0.05;
		wrong += other && f->q_value <= 0.05;
		if (!is_planted(f))
			continue;
		errors->found_max += (f->max_p <= 0.05) * 1.0 / sets;
		errors->found_q += (f->q_value <= 0.05) * 1.0 / sets;
		errors->found_order += (f->q_value <= 0.05 &&
								f->order_p_value <= 0.05) * 1.0 / sets;
	}
	errors->family += any * 1.0 / sets;
	errors->false_share += wrong / fmax(discoveries, 1) / sets;
}

static Errors
try_sets(const Size *size, double odds)
{
	Errors		errors = {0, 0, 0, 0, 0};

	for (int i = 0; i < size->sets; i++)
	{
		Contrasted	c = generate(size, odds);
		StudyPlan	plan = {false, 1, size->draws, (uint64_t) i};
		Study		s = make_study(&c, plan);

		add_errors(&errors, &s, size->sets);
		free_study(&s);
		free_contrast(&c);
	}
	return errors;
}

/* Clusters have habits, and succeed to different degrees, independently. */
static Contrasted
generate_clustered(const Size *size, uint32_t clusters)
{
	Contrasted	c;
	double	   *habit = malloc(size->names * sizeof(double));
	double		talent = 0;
	int64_t		last = -1;

	memset(&c, 0, sizeof(c));
	c.names = size->names;
	c.clusters = clusters;
	c.all = contrast_rows(size->rows, size->rows * (size->names + 1), true);
	for (int64_t row = 0; row < size->rows; row++)
	{
		int64_t		g = row * clusters / size->rows;

		for (uint32_t k = 0; k < size->names && g != last; k++)
			habit[k] = contrast_uniform() * contrast_uniform();
		if (g != last)
			talent = 0.6 * contrast_uniform();
		last = g;
		c.all.start[row + 1] = c.all.start[row];
		for (uint32_t k = 0; k < size->names; k++)
		{
			if (contrast_uniform() < habit[k])
				put(&c, row, k);
		}
		put(&c, row, (uint32_t) contrast_below(size->names));
		c.all.success[row] = contrast_uniform() < talent;
		c.all.cluster[row] = (uint32_t) g;
	}
	free(habit);
	make_words(&c, false);
	return c;
}

/* The same sets with clusters, and as if rows were independent. */
static void
test_clusters(const Size *size, uint32_t clusters)
{
	Errors		with = {0, 0, 0, 0, 0};
	Errors		without = {0, 0, 0, 0, 0};

	for (int i = 0; i < size->sets; i++)
	{
		for (int k = 0; k < 2; k++)
		{
			uint64_t	state = contrast_state;
			Contrasted	c = generate_clustered(size, clusters);
			StudyPlan	plan = {false, 1, size->draws, (uint64_t) i};
			Study		s;

			if (k == 0)
				contrast_state = state;
			else
			{
				c.clusters = 1;
				free(c.rows.cluster);
				c.rows.cluster = NULL;
			}
			s = make_study(&c, plan);
			add_errors(k == 0 ? &with : &without, &s, size->sets);
			free_study(&s);
			free_contrast(&c);
		}
	}
	ok(with.family <= 0.05 + 4 * sqrt(0.05 * 0.95 / size->sets),
	   "clusters: family-wise error %g of 0.05", with.family);
	ok(with.false_share <= 0.05 + 4 * sqrt(0.05 * 0.95 / size->sets),
	   "false discoveries %g of 0.05", with.false_share);
	ok(without.family > with.family + 0.05,
	   "taken for independent rows: %g, and %g false discoveries",
	   without.family, without.false_share);
}

int
main(void)
{
	const char *given = getenv("CONTRAST_SETS");
	Size		size = {200, 400, 12, 8, 200};
	Size		clustered = {200, 1200, 12, 0, 200};
	Errors		none;
	Errors		planted;

	if (given != NULL)
	{
		Size		full = {atoi(given), 3862, 146, 60, 1000};
		Size		full_clustered = {atoi(given), 3862, 40, 0, 500};

		size = full;
		clustered = full_clustered;
	}
	none = try_sets(&size, 1);
	ok(none.family <= 0.05 + 4 * sqrt(0.05 * 0.95 / size.sets) &&
	   none.family > 0, "shuffled: family-wise error %g of 0.05", none.family);
	ok(none.false_share <= 0.05 + 4 * sqrt(0.05 * 0.95 / size.sets),
	   "false discoveries %g of 0.05", none.false_share);
	size.rows = given != NULL ? size.rows : 1000;
	planted = try_sets(&size, ODDS);
	ok(planted.found_max >= 0.95 && planted.found_q >= 0.95,
	   "planted: found in %g of the sets by max_p, %g by q",
	   planted.found_max, planted.found_q);
	ok(planted.found_order >= 0.9, "its order too in %g",
	   planted.found_order);
	ok(planted.family <= 0.05 + 4 * sqrt(0.05 * 0.95 / size.sets),
	   "others wrongly: %g of 0.05", planted.family);
	test_clusters(&clustered, given != NULL ? 127 : 40);
	return done_testing();
}
