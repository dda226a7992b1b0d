/*
 * patterns.h
 *	  Random patterns as trees, their text, and a matcher that tries every
 *	  way: slow, and written from the meaning in si_pattern.h alone.
 *
 * A tree is walked with a list of what is still to be matched.  All choices of
 * events are tried; the best by the rule in si_matcher.h is kept.
 */
#ifndef PATTERNS_H
#define PATTERNS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/sequence/pattern/si_pattern.h"

#define TREE_NODES		64
#define TREE_TEXT		2048
#define TREE_EVENTS		12
#define TREE_BUDGET		100000
#define EMPTY_ROUNDS	3		/* of a loop in a row: paths only narrow */

typedef enum TreeKind
{
	TREE_STEP,					/* members: bits of names; negated */
	TREE_GAP,
	TREE_GATE,
	TREE_SEQUENCE,
	TREE_EITHER,
	TREE_REPEAT
} TreeKind;

typedef struct Tree
{
	TreeKind	kind;
	uint32_t	members;
	bool		negated;
	uint64_t	low;
	uint64_t	high;
	int			least;
	int			most;			/* -1: no limit */
	int			children;
	struct Tree *child[4];
} Tree;

typedef struct TreePattern
{
	int			nodes;
	Tree		node[TREE_NODES];
	Tree	   *root;
	int			length;
	char		text[TREE_TEXT];
} TreePattern;

/* Events for the matcher by trial. */
typedef struct Trial
{
	int			n;
	int			name[TREE_EVENTS];
	int64_t		time[TREE_EVENTS];
	int			begin;
	int			budget;			/* calls left; below 0: gave up */
	int			found;			/* events of the best match, 0: none */
	int			best[TREE_EVENTS];
} Trial;

/* ---------- random trees ---------- */

static uint64_t tree_random_state = 1;

static int
tree_random(int limit)
{
	tree_random_state = tree_random_state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (int) ((tree_random_state >> 33) % (uint64_t) limit);
}

static Tree *
tree_node(TreePattern *pattern, TreeKind kind)
{
	Tree	   *node = &pattern->node[pattern->nodes++];

	memset(node, 0, sizeof(*node));
	node->kind = kind;
	return node;
}

static Tree *
tree_step(TreePattern *pattern)
{
	Tree	   *step = tree_node(pattern, TREE_STEP);
	int			kind = tree_random(10);

	step->negated = kind < 3;
	step->members = 1u << tree_random(3);
	if (kind == 0)
		step->members |= 1u << tree_random(3);
	if (kind == 1)
		step->members = 0;		/* any event */
	return step;
}

static Tree *
tree_gate(TreePattern *pattern)
{
	Tree	   *gate = tree_node(pattern, TREE_GATE);
	uint64_t	time = (uint64_t) tree_random(9);
	int			kind = tree_random(5);

	gate->low = kind < 3 ? 0 : time;
	gate->high = kind < 2 || kind == 4 ? time : SI_PATTERN_FOREVER;
	if (kind == 2)
		gate->low = time + 1;
	return gate;
}

static Tree *tree_either(TreePattern *pattern, int depth);

static Tree *
tree_element(TreePattern *pattern, int depth)
{
	Tree	   *element;
	Tree	   *repeat;

	if (depth > 0 && pattern->nodes < TREE_NODES / 2 && tree_random(3) == 0)
		element = tree_either(pattern, depth - 1);
	else
		element = tree_step(pattern);
	if (tree_random(4) > 0)
		return element;
	repeat = tree_node(pattern, TREE_REPEAT);
	repeat->least = tree_random(3);
	repeat->most = tree_random(2) ? -1 : repeat->least + tree_random(2);
	if (repeat->most == 0)
		repeat->most = 1;
	repeat->child[repeat->children++] = element;
	return repeat;
}

static Tree *
tree_sequence(TreePattern *pattern, int depth, bool outermost)
{
	Tree	   *sequence = tree_node(pattern, TREE_SEQUENCE);
	int			elements = 1 + tree_random(2);
	int			i;

	for (i = 0; i < elements; i++)
	{
		bool		between = i > 0 || !outermost;

		if (sequence->children < 3 && tree_random(3) == 0)
			sequence->child[sequence->children++] =
				tree_node(pattern, TREE_GAP);
		if (sequence->children < 3 && between && tree_random(2) == 0)
			sequence->child[sequence->children++] = tree_gate(pattern);
		sequence->child[sequence->children++] = tree_element(pattern, depth);
		if (sequence->children == 4)
			break;
	}
	return sequence;
}

static Tree *
tree_either(TreePattern *pattern, int depth)
{
	Tree	   *either = tree_node(pattern, TREE_EITHER);
	int			ways = 1 + tree_random(2);

	while (either->children < ways)
		either->child[either->children++] =
			tree_sequence(pattern, depth, false);
	return either;
}

/* ---------- their text ---------- */

__attribute__((format(printf, 2, 3)))
static void
tree_print(TreePattern *pattern, const char *format,...)
{
	va_list		args;

	va_start(args, format);
	pattern->length += vsnprintf(pattern->text + pattern->length,
								 TREE_TEXT - pattern->length, format, args);
	va_end(args);
}

static void
tree_print_step(TreePattern *pattern, const Tree *step)
{
	int			first = 1;
	int			i;

	if (step->members == 0)
	{
		tree_print(pattern, ". ");
		return;
	}
	tree_print(pattern, step->negated ? "!(" : "");
	for (i = 0; i < 3; i++)
	{
		if ((step->members >> i & 1) == 0)
			continue;
		tree_print(pattern, first ? "%c" : "|%c", 'a' + i);
		first = 0;
	}
	tree_print(pattern, step->negated ? ") " : " ");
}

static void
tree_print_gate(TreePattern *pattern, const Tree *gate)
{
	int			low = (int) gate->low;

	if (gate->low == gate->high)
		tree_print(pattern, "[= %dus]", low);
	else if (gate->high != SI_PATTERN_FOREVER)
		tree_print(pattern, "[<= %dus]", (int) gate->high);
	else if (gate->low == 0)
		tree_print(pattern, "[>= 0us]");
	else
		tree_print(pattern, low % 2 ? "[> %dus]" : "[>=%d us]", low - low % 2);
}

static void
tree_print_node(TreePattern *pattern, const Tree *node)
{
	int			i;

	if (node->kind == TREE_STEP)
		tree_print_step(pattern, node);
	else if (node->kind == TREE_GAP)
		tree_print(pattern, "... ");
	else if (node->kind == TREE_GATE)
		tree_print_gate(pattern, node);
	else if (node->kind != TREE_SEQUENCE)
		tree_print(pattern, "(");
	for (i = 0; i < node->children; i++)
	{
		if (i > 0 && node->kind == TREE_EITHER)
			tree_print(pattern, "|");
		tree_print_node(pattern, node->child[i]);
	}
	if (node->kind == TREE_EITHER)
		tree_print(pattern, ") ");
	if (node->kind != TREE_REPEAT)
		return;
	if (node->least == 0 && node->most == -1)
		tree_print(pattern, ")*");
	else if (node->least == 0 && node->most == 1)
		tree_print(pattern, ")? ");
	else if (node->most == -1)
		tree_print(pattern, node->least == 1 ? ")+ " : "){%d,}", node->least);
	else
		tree_print(pattern, "){%d,%d} ", node->least, node->most);
}

/*
 * A wide one has an alternative that never matches in front, so that its steps
 * lie in different words.
 */
static void
tree_pattern_make(TreePattern *pattern, bool wide)
{
	pattern->nodes = 0;
	pattern->length = 0;
	pattern->root = tree_sequence(pattern, 2, true);
	if (wide)
		tree_print(pattern, "(x{62} | ");
	tree_print_node(pattern, pattern->root);
	if (wide)
		tree_print(pattern, ")");
}

/* ---------- matching by trial ---------- */

/* What is still to be matched, from the left. */
typedef struct Rest
{
	const Tree *node;
	int			least;			/* of a repetition */
	int			most;
	int			empty;			/* rounds in a row that matched nothing */
	int			count;			/* events when the last round began */
	const struct Rest *next;
} Rest;

typedef struct Between
{
	bool		gap;
	uint64_t	low;
	uint64_t	high;
} Between;

static void trial_run(Trial *trial, const Rest *rest, int count, int *event,
					  Between between);

static void
trial_judge(Trial *trial, int count, const int *event)
{
	int			end = event[count - 1];
	int			best = trial->found > 0 ? trial->best[trial->found - 1] : 0;
	int			i = 0;

	if (trial->found > 0 && end > best)
		return;
	if (trial->found > 0 && end == best)
	{
		while (event[i] == trial->best[i] && event[i] != end)
			i++;
		if (event[i] >= trial->best[i])
			return;
	}
	memcpy(trial->best, event, count * sizeof(int));
	trial->found = count;
}

static void
trial_step(Trial *trial, const Rest *rest, int count, int *event,
		   Between between)
{
	const Between nothing = {false, 0, SI_PATTERN_FOREVER};
	const Tree *step = rest->node;
	int			from = count > 0 ? event[count - 1] + 1 : trial->begin;
	int			i;

	for (i = from; i < trial->n; i++)
	{
		bool		member = (step->members >> trial->name[i] & 1) != 0;
		uint64_t	apart = count > 0 ? (uint64_t) trial->time[i] -
			(uint64_t) trial->time[from - 1] : 0;

		if (count > 0 && i > from && !between.gap)
			break;
		if (member == (step->negated || step->members == 0) ||
			(count > 0 && (apart < between.low || apart > between.high)))
			continue;
		event[count] = i;
		trial_run(trial, rest->next, count + 1, event, nothing);
	}
}

static void
trial_repeat(Trial *trial, const Rest *rest, int count, int *event,
			 Between between)
{
	Rest		again = *rest;
	Rest		child = {rest->node->child[0], 0, 0, 0, 0, &again};

	if (rest->least <= 0)
		trial_run(trial, rest->next, count, event, between);
	again.empty = count == rest->count ? rest->empty + 1 : 0;
	if (rest->most == 0 || again.empty > EMPTY_ROUNDS)
		return;
	again.least--;
	again.most -= again.most > 0;
	again.count = count;
	child.least = child.node->least;
	child.most = child.node->most;
	child.count = -1;
	trial_run(trial, &child, count, event, between);
}

static void
trial_run(Trial *trial, const Rest *rest, int count, int *event,
		  Between between)
{
	const Tree *node;
	Rest		part[4];
	int			i;

	if (--trial->budget < 0)
		return;
	if (rest == NULL)
	{
		if (count > 0)
			trial_judge(trial, count, event);
		return;
	}
	node = rest->node;
	if (node->kind == TREE_STEP)
	{
		trial_step(trial, rest, count, event, between);
		return;
	}
	if (node->kind == TREE_REPEAT)
	{
		trial_repeat(trial, rest, count, event, between);
		return;
	}
	if (node->kind == TREE_GAP)
		between.gap = true;
	if (node->kind == TREE_GATE && node->low > between.low)
		between.low = node->low;
	if (node->kind == TREE_GATE && node->high < between.high)
		between.high = node->high;
	for (i = 0; i < node->children; i++)
	{
		const Tree *child = node->child[i];
		const Rest *next = node->kind == TREE_SEQUENCE &&
			i + 1 < node->children ? &part[i + 1] : rest->next;
		Rest		it = {child, child->least, child->most, 0, -1, next};

		part[i] = it;
	}
	if (node->kind == TREE_EITHER)
		for (i = 0; i < node->children; i++)
			trial_run(trial, &part[i], count, event, between);
	else
		trial_run(trial, node->kind == TREE_SEQUENCE ? &part[0] : rest->next,
				  count, event, between);
}

/* The next match at or after trial->begin. */
static bool
trial_next(Trial *trial, const TreePattern *pattern)
{
	const Between nothing = {false, 0, SI_PATTERN_FOREVER};
	Rest		rest = {pattern->root, 0, 0, 0, -1, NULL};
	int			event[TREE_EVENTS + 1];

	trial->found = 0;
	trial->budget = TREE_BUDGET;
	trial_run(trial, &rest, 0, event, nothing);
	return trial->found > 0;
}

/* Events of four names at times with ties; name 3 is in no pattern. */
static void
trial_events(Trial *trial)
{
	int64_t		time = 100;
	int			i;

	trial->n = 1 + tree_random(8);
	trial->begin = 0;
	for (i = 0; i < trial->n; i++)
	{
		trial->name[i] = tree_random(10) == 0 ? 3 : tree_random(3);
		time += tree_random(2) * tree_random(6);
		trial->time[i] = time;
	}
}

#endif							/* PATTERNS_H */
