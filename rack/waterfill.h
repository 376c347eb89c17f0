/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Divides watts among nodes. Pure: nothing but arithmetic.
 */
#include <stddef.h>

/* Orders of importance: 0 is served first. */
#define WATERFILL_CLASSES 4

struct waterfill_node {
	int floor, ceiling; /* W, 0 <= floor <= ceiling */
	int want;           /* W, taken for floor or ceiling where it lies outside */
	int class;          /* 0..WATERFILL_CLASSES - 1 */
	int share;          /* W, the answer */
};

/*
 * Each node gets its floor, whatever there is. Then class by class, the first one first, all of a
 * class are raised towards what they want along a common level; then what is left raises all,
 * whatever they want, along one level towards their ceilings. Returns the watts given in all, which
 * exceed `watts` only when the floors do.
 */
int waterfill(struct waterfill_node *nodes, size_t count, int watts);
