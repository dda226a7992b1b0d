/*
 * si_treeshap.c
 *	  Shapley values by quadrature, one walk over each tree.
 *
 * Notation, per quadrature node q at t: u = 1 - t; a feature's factor is
 * f = z u + o t; the product over the path of weight and factors is in
 * `product`.  A leaf gives feature i the sum over q of
 * v * product * (o_i - z_i) / f_i; the last quotient is called slope.  What a
 * feature that splits again lower down has from above is replaced there.
 */
#include "core/trees/si_treeshap.h"

#include <math.h>
#include <string.h>

#define MOST_NODES	((SI_MAX_TREE_DEPTH + 1) / 2)
#define FEW_NODES	4			/* enough for trees of depth 8 */
#define MOST_PAIRS	(MOST_NODES / PAIR)
#define FEW_PAIRS	(FEW_NODES / PAIR)
#define PI			3.14159265358979323846
#define NEWTON_STEPS	8

/* The two sizes of a walk are compiled apart, with loops of fixed length. */
#ifdef __GNUC__
#define FOLDED		static inline __attribute__((always_inline))
#define PAIR		2			/* quadrature nodes computed side by side */
typedef double Pair __attribute__((vector_size(16)));
#else
#define FOLDED		static inline
#define PAIR		1
typedef double Pair;
#endif

/* What a path says of a feature. */
typedef struct Known
{
	double		share;			/* z */
	double		agrees;			/* o */
	Pair		inverse[MOST_PAIRS];	/* 1 / f */
	Pair		slope[MOST_PAIRS];
} Known;

typedef struct Walk
{
	const SiForest *forest;
	const SiNode *tree;
	const double *cover;
	const double *row;
	double	   *contribution;
	const Known **known;		/* by feature */
	Pair		t[MOST_PAIRS];
	Pair		u[MOST_PAIRS];
	Pair		per_u[MOST_PAIRS];	/* 1 / u */
} Walk;

/*
 * Walks below an inner node; sum, which may be product itself, gets
 * v * product over its leaves.
 */
typedef void (*Visit) (Walk *walk, uint32_t at, const Pair *product,
					   Pair *sum);

size_t
si_treeshap_work_size(const SiForest *forest)
{
	return (size_t) forest->nfeatures * sizeof(Known *);
}

/*
 * The shares of an inner node's rows that went left and right.  Each is a
 * quotient: one less the other could be zero, and factors must not vanish.
 */
static inline void
split_shares(const double *cover, uint32_t left, double *share)
{
	double		both = cover[left] + cover[left + 1];

	share[0] = cover[left] / both;
	share[1] = cover[left + 1] / both;
}

static double
expected_below(const SiNode *tree, const double *cover, uint32_t at)
{
	uint32_t	left = tree[at].left;
	double		share[2];

	if (left == 0)
		return tree[at].at.value;
	split_shares(cover, left, share);
	return share[0] * expected_below(tree, cover, left) +
		share[1] * expected_below(tree, cover, left + 1);
}

double
si_treeshap_expected(const SiForest *forest, SiPulse pulse)
{
	double		expected = forest->base;

	for (int t = 0; t < forest->ntrees; t++)
	{
		pulse();
		expected += expected_below(forest->node + forest->start[t],
								   forest->cover + forest->start[t], 0);
	}
	return expected;
}

/*
 * Gauss-Legendre nodes t and weights on (0, 1): zeros of the Legendre
 * polynomial by Newton's method from Chebyshev's guess.
 */
static void
quadrature(int n, double *t, double *weight)
{
	for (int i = 0; i < n; i++)
	{
		double		x = cos(PI * (i + 0.75) / (n + 0.5));
		double		slope = 1;

		for (int step = 0; step < NEWTON_STEPS; step++)
		{
			double		before = 1;
			double		p = x;

			for (int k = 2; k <= n; k++)
			{
				double		next = ((2 * k - 1) * x * p - (k - 1) * before) / k;

				before = p;
				p = next;
			}
			slope = n * (x * p - before) / (x * x - 1);
			x -= p / slope;
		}
		t[i] = (1 + x) / 2;
		weight[i] = 1 / ((1 - x * x) * slope * slope);
	}
}

FOLDED double
total(Pair pair)
{
	double		part[PAIR];
	double		sum = 0;

	memcpy(part, &pair, sizeof(part));
	for (int i = 0; i < PAIR; i++)
		sum += part[i];
	return sum;
}

/*
 * What the path says of the split feature on the side that the row takes, and
 * the product of that path.
 */
FOLDED void
enter_own(const Walk *walk, int n, double share, double agrees,
		  const Pair *base, Known *known, Pair *product)
{
	known->share = share;
	known->agrees = agrees;
	for (int q = 0; q < n; q++)
	{
		Pair		f = share * walk->u[q] + agrees * walk->t[q];

		known->inverse[q] = 1 / f;
		known->slope[q] = (agrees - share) * known->inverse[q];
		product[q] = base[q] * f;
	}
}

/* The same on the other side, where o = 0: a factor z u, a slope -1 / u. */
FOLDED void
enter_other(const Walk *walk, int n, double share, const Pair *base,
			Known *known, Pair *product)
{
	double		inverse = 1 / share;

	known->share = share;
	known->agrees = 0;
	for (int q = 0; q < n; q++)
	{
		known->inverse[q] = inverse * walk->per_u[q];
		known->slope[q] = -walk->per_u[q];
		product[q] = base[q] * (share * walk->u[q]);
	}
}

/* A split at work: what lies above it, and what it collects. */
typedef struct Split
{
	const SiNode *node;
	const Known *above;
	Pair		base[MOST_PAIRS];	/* product without the split feature */
	Pair	   *sum;
	Pair		gain;			/* what it is worth to its feature */
} Split;

/* A child that is a leaf: with slope (o - z) / f, f cancels. */
FOLDED void
add_leaf(const Walk *walk, int n, Split *split, double share, double agrees,
		 double value)
{
	for (int q = 0; q < n; q++)
	{
		Pair		weighted = split->base[q] * value;
		Pair		below = weighted * (share * walk->u[q] +
										agrees * walk->t[q]);

		split->sum[q] += below;
		split->gain += (agrees - share) * weighted -
			split->above->slope[q] * below;
	}
}

/* A child that splits on, with the product of its path. */
FOLDED void
add_branch(Walk *walk, int n, Visit self, Split *split, uint32_t at,
		   const Known *known, Pair *product)
{
	walk->known[split->node->feature] = known;
	self(walk, at, product, product);
	for (int q = 0; q < n; q++)
	{
		split->sum[q] += product[q];
		split->gain += (known->slope[q] - split->above->slope[q]) * product[q];
	}
}

/* The child on the side that the row takes, or the other one. */
FOLDED void
add_child(Walk *walk, int n, Visit self, Split *split, bool own, int side,
		  double share)
{
	uint32_t	at = split->node->left + side;
	const SiNode *child = walk->tree + at;
	double		agrees = own ? split->above->agrees : 0;
	Known		known;
	Pair		product[MOST_PAIRS];

	share *= split->above->share;
	if (child->left == 0)
	{
		add_leaf(walk, n, split, share, agrees, child->at.value);
		return;
	}
	if (own)
		enter_own(walk, n, share, agrees, split->base, &known, product);
	else
		enter_other(walk, n, share, split->base, &known, product);
	add_branch(walk, n, self, split, at, &known, product);
}

FOLDED void
visit(Walk *walk, int n, Visit self, uint32_t at, const Pair *product,
	  Pair *sum)
{
	const SiNode *node = walk->tree + at;
	double		share[2];
	int			right = si_node_goes_right(walk->forest, node,
										   walk->row[node->feature]);
	Split		split = {.node = node, .sum = sum};

	split_shares(walk->cover, node->left, share);
	split.above = walk->known[node->feature];
	for (int q = 0; q < n; q++)
		split.base[q] = product[q] * split.above->inverse[q];
	for (int q = 0; q < n; q++)
		sum[q] = split.gain;	/* zero */
	add_child(walk, n, self, &split, true, right, share[right]);
	add_child(walk, n, self, &split, false, !right, share[!right]);
	walk->known[node->feature] = split.above;
	walk->contribution[node->feature] += total(split.gain);
}

static void
visit_shallow(Walk *walk, uint32_t at, const Pair *product, Pair *sum)
{
	visit(walk, FEW_PAIRS, visit_shallow, at, product, sum);
}

static void
visit_deep(Walk *walk, uint32_t at, const Pair *product, Pair *sum)
{
	visit(walk, MOST_PAIRS, visit_deep, at, product, sum);
}

/* Before any split a feature's share is one, and the row agrees. */
static void
start_walk(Walk *walk, Known *nothing)
{
	nothing->share = 1;
	nothing->agrees = 1;
	for (int q = 0; q < MOST_PAIRS; q++)
	{
		nothing->slope[q] = walk->t[q] - walk->t[q];
		nothing->inverse[q] = nothing->slope[q] + 1;
	}
	for (int j = 0; j < walk->forest->nfeatures; j++)
	{
		walk->contribution[j] = 0;
		walk->known[j] = nothing;
	}
}

/* Nodes, and their weights: the product of an empty path. */
static void
set_nodes(Walk *walk, int n, Pair *product)
{
	double		t[MOST_NODES] = {0};
	double		u[MOST_NODES];
	double		weight[MOST_NODES] = {0};

	quadrature(n, t, weight);
	for (int q = 0; q < MOST_NODES; q++)
		u[q] = 1 - t[q];
	memcpy(walk->t, t, sizeof(t));
	memcpy(walk->u, u, sizeof(u));
	for (int q = 0; q < MOST_PAIRS; q++)
		walk->per_u[q] = 1 / walk->u[q];
	memcpy(product, weight, sizeof(weight));
}

void
si_treeshap(const SiForest *forest, const double *row, double *contribution,
			void *work, SiPulse pulse)
{
	Walk		walk = {.forest = forest, .row = row,
		.contribution = contribution, .known = work};
	bool		shallow = forest->depth <= 2 * FEW_NODES;
	Known		nothing;
	Pair		product[MOST_PAIRS];
	Pair		sum[MOST_PAIRS];

	set_nodes(&walk, shallow ? FEW_NODES : MOST_NODES, product);
	start_walk(&walk, &nothing);
	for (int t = 0; t < forest->ntrees; t++)
	{
		pulse();
		walk.tree = forest->node + forest->start[t];
		walk.cover = forest->cover + forest->start[t];
		if (walk.tree->left == 0)
			continue;
		if (shallow)
			visit_shallow(&walk, 0, product, sum);
		else
			visit_deep(&walk, 0, product, sum);
	}
}
