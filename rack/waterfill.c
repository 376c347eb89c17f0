/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include "rack/waterfill.h"

static int waterfill_least(int a, int b)
{
	return a < b ? a : b;
}

static int waterfill_most(int a, int b)
{
	return a > b ? a : b;
}

/* Where a node may be raised to: what it wants, or in the end its ceiling. */
static int waterfill_top(const struct waterfill_node *node, bool wanted)
{
	if (!wanted)
		return node->ceiling;
	return waterfill_least(waterfill_most(node->want, node->floor), node->ceiling);
}

/* What a node has when the water stands at that level; class -1: any. */
static int waterfill_at(const struct waterfill_node *node, int class, int level)
{
	if (class >= 0 && node->class != class)
		return node->share;
	return waterfill_most(node->share, waterfill_least(waterfill_top(node, class >= 0), level));
}

static long waterfill_sum(const struct waterfill_node *nodes, size_t count, int class, int level)
{
	long sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += waterfill_at(&nodes[i], class, level);
	return sum;
}

/* Raises a class, or all, along the highest level that the watts allow. */
static void waterfill_raise(struct waterfill_node *nodes, size_t count, int class, int watts)
{
	int low = 0, high = 0; /* level that fits; one that may not */

	for (size_t i = 0; i < count; i++)
		high = waterfill_most(high, nodes[i].ceiling);
	if (waterfill_sum(nodes, count, class, 0) > watts)
		return;
	while (low < high) {
		int level = low + (high - low + 1) / 2;

		if (waterfill_sum(nodes, count, class, level) <= watts)
			low = level;
		else
			high = level - 1;
	}
	for (size_t i = 0; i < count; i++)
		nodes[i].share = waterfill_at(&nodes[i], class, low);
}

int waterfill(struct waterfill_node *nodes, size_t count, int watts)
{
	for (size_t i = 0; i < count; i++)
		nodes[i].share = nodes[i].floor;
	for (int class = 0; class < WATERFILL_CLASSES; class ++)
		waterfill_raise(nodes, count, class, watts);
	waterfill_raise(nodes, count, -1, watts);
	return (int)waterfill_sum(nodes, count, -1, 0);
}
