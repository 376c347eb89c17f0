/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which rectangles cover what is marked: runs of each row of macroblocks, merged while that takes
 * no more bytes. What a rectangle of blocks takes is known but for its DC differences.
 */
#include <stdlib.h>
#include <string.h>
#include "decoder/decoder_private.h"
#include "decoder/recode.h"
#include "decoder/recode_writer.h"

/* What a pixel is reckoned to take where it has to be encoded, in bits: letters. */
#define PLAN_PIXEL_BITS 4

/* No macroblock takes less: six blocks, or three, without detail. */
#define PLAN_LEAST 14

/* Parts for each rectangle that is wanted: with more of them there is no telling what pays. */
#define PLAN_SPARE      4
#define PLAN_LEAST_ROOM 64

struct plan {
	struct decoder *decoder;
	struct recode *recode;
	const uint8_t *kinds; /* NULL: all is in the pixels */
	const uint16_t *costs;
	const uint8_t *map;
	int columns, rows;
	int top, bottom; /* rows with marks */
	bool uniform;    /* one kind all over */
	uint32_t header; /* bits */
	int count, room; /* parts */
};

static uint8_t plan_kind(const struct plan *plan, size_t macroblock)
{
	return plan->kinds ? plan->kinds[macroblock] : CODED_PIXELS;
}

/* --- Sums --- */

static bool plan_room(struct recode *recode, size_t sums, size_t runs)
{
	if (sums > recode->sums_room) {
		free(recode->sums);
		recode->sums = malloc(sums * sizeof(*recode->sums));
		recode->sums_room = recode->sums ? sums : 0;
	}
	if (runs > recode->runs_room) {
		free(recode->runs);
		recode->runs = malloc(runs * sizeof(*recode->runs));
		recode->runs_room = recode->runs ? runs : 0;
	}
	return sums <= recode->sums_room && runs <= recode->runs_room;
}

static void plan_sum_row(struct plan *plan, int row)
{
	uint32_t pixels = (uint32_t)plan->decoder->unit * plan->decoder->unit * PLAN_PIXEL_BITS;
	uint32_t *sum = plan->recode->sums + (size_t)row * (plan->columns + 1);
	size_t first = (size_t)row * plan->columns;

	sum[0] = 0;
	for (int column = 0; column < plan->columns; column++)
		sum[column + 1] = sum[column] +
				  (plan_kind(plan, first + column) == CODED_PIXELS
								  ? pixels
								  : plan->costs[first + column]);
}

static void plan_runs_row(struct plan *plan, int row)
{
	size_t first = (size_t)row * plan->columns;
	uint16_t *runs = plan->recode->runs + first;

	for (int column = plan->columns - 1; column >= 0; column--) {
		bool on = column + 1 < plan->columns &&
			  plan_kind(plan, first + column) == plan_kind(plan, first + column + 1);

		runs[column] = on ? runs[column + 1] + 1 : 1;
	}
}

static uint32_t plan_cost(const struct plan *plan, int left, int top, int right, int bottom)
{
	uint32_t cost = 0;

	for (int row = top; row < bottom; row++) {
		const uint32_t *sum = plan->recode->sums + (size_t)row * (plan->columns + 1);

		cost += sum[right] - sum[left];
	}
	return cost;
}

static bool plan_same_kind(const struct plan *plan, const struct recode_part *part)
{
	if (plan->uniform)
		return true;
	for (int row = part->top; row < part->bottom; row++) {
		size_t at = (size_t)row * plan->columns + part->left;

		if (plan_kind(plan, at) != part->kind ||
				plan->recode->runs[at] < part->right - part->left)
			return false;
	}
	return true;
}

/* --- Parts --- */

static struct recode_part plan_union(const struct recode_part *a, const struct recode_part *b)
{
	return (struct recode_part){
			.left = a->left < b->left ? a->left : b->left,
			.top = a->top < b->top ? a->top : b->top,
			.right = a->right > b->right ? a->right : b->right,
			.bottom = a->bottom > b->bottom ? a->bottom : b->bottom,
			.kind = a->kind,
	};
}

static int32_t plan_area(const struct recode_part *part)
{
	return (int32_t)(part->right - part->left) * (part->bottom - part->top);
}

/* Whether one rectangle takes no more than two; it goes to merged. */
static bool plan_pays(const struct plan *plan, const struct recode_part *a,
		const struct recode_part *b, struct recode_part *merged)
{
	int32_t more;

	if (a->kind != b->kind)
		return false;
	*merged = plan_union(a, b);
	more = plan_area(merged) - plan_area(a) - plan_area(b);
	if (more > 0 && (uint32_t)more > plan->header / PLAN_LEAST)
		return false;
	if (!plan_same_kind(plan, merged))
		return false;
	merged->cost = plan_cost(plan, merged->left, merged->top, merged->right, merged->bottom);
	return merged->cost <= a->cost + b->cost + plan->header;
}

/* Adds a part, merged with whatever pays; each merger may make another one pay. */
static bool plan_add(struct plan *plan, struct recode_part part)
{
	struct recode_part *parts = plan->recode->parts, merged;
	int i = plan->count - 1;

	while (i >= 0) {
		if (!plan_pays(plan, &parts[i], &part, &merged)) {
			i--;
			continue;
		}
		part = merged;
		parts[i] = parts[--plan->count];
		i = plan->count - 1;
	}
	if (plan->count == plan->room)
		return false;
	parts[plan->count++] = part;
	return true;
}

/* bridge: unmarked macroblocks that do not end a run. Returns false when parts run out. */
static bool plan_row(struct plan *plan, int row, int bridge)
{
	const uint8_t *map = plan->map + (size_t)row * plan->columns;
	size_t first = (size_t)row * plan->columns;
	int column = 0;

	while (column < plan->columns) {
		struct recode_part part = {.top = row, .bottom = row + 1};
		int end;

		if (!map[column]) {
			column++;
			continue;
		}
		part.left = column;
		part.kind = plan_kind(plan, first + column);
		end = column + 1;
		for (int next = end; next < plan->columns && next - end <= bridge; next++) {
			if (plan_kind(plan, first + next) != part.kind)
				break;
			if (map[next])
				end = next + 1;
		}
		part.right = column = end;
		part.cost = plan_cost(plan, part.left, row, part.right, row + 1);
		if (!plan_add(plan, part))
			return false;
	}
	return true;
}

static bool plan_parts(struct plan *plan)
{
	for (int bridge = 0; bridge < plan->columns * 4; bridge = bridge * 4 + 3) {
		int row = plan->top;

		plan->count = 0;
		while (row < plan->bottom && plan_row(plan, row, bridge))
			row++;
		if (row == plan->bottom)
			return true;
	}
	return false;
}

/* --- The plan --- */

/* Neighbours become one, whatever they are, until there are few enough. */
static void plan_force(struct plan *plan, int most)
{
	struct recode_part *parts = plan->recode->parts;

	while (plan->count > most) {
		int32_t least = INT32_MAX;
		int best = 0;

		for (int i = 0; i + 1 < plan->count; i++) {
			struct recode_part both = plan_union(&parts[i], &parts[i + 1]);
			int32_t more = plan_area(&both) - plan_area(&parts[i]) -
				       plan_area(&parts[i + 1]);

			if (more < least) {
				least = more;
				best = i;
			}
		}
		parts[best] = plan_union(&parts[best], &parts[best + 1]);
		memmove(parts + best + 1, parts + best + 2,
				(plan->count - best - 2) * sizeof(*parts));
		plan->count--;
	}
}

static bool plan_after(const struct recode_part *a, const struct recode_part *b)
{
	if (a->bottom != b->bottom)
		return a->bottom > b->bottom;
	return a->left > b->left;
}

/* By insertion: they are nearly in order, and mostly few. */
static void plan_sort(struct plan *plan)
{
	struct recode_part *parts = plan->recode->parts;

	for (int i = 1; i < plan->count; i++) {
		struct recode_part part = parts[i];
		int j = i;

		for (; j > 0 && plan_after(&parts[j - 1], &part); j--)
			parts[j] = parts[j - 1];
		parts[j] = part;
	}
}

static bool plan_row_marked(const struct plan *plan, int row)
{
	const uint8_t *map = plan->map + (size_t)row * plan->columns;

	for (int column = 0; column < plan->columns; column++)
		if (map[column])
			return true;
	return false;
}

/* The rows with marks; false when there are none. */
static bool plan_bounds(struct plan *plan)
{
	plan->top = 0;
	plan->bottom = plan->rows;
	while (plan->top < plan->bottom && !plan_row_marked(plan, plan->top))
		plan->top++;
	while (plan->bottom > plan->top && !plan_row_marked(plan, plan->bottom - 1))
		plan->bottom--;
	return plan->top < plan->bottom;
}

static int plan_most(int most)
{
	if (most >= RECODE_RUNS / PLAN_SPARE)
		return RECODE_RUNS;
	return most < PLAN_LEAST_ROOM / PLAN_SPARE ? PLAN_LEAST_ROOM : most * PLAN_SPARE;
}

static bool plan_begin(struct plan *plan, struct decoder *decoder, const uint8_t *map, int most)
{
	const struct picture *picture = &decoder->picture;
	const struct coded *blocks = &decoder->blocks;
	int unit = decoder->unit;

	if (!unit || !picture->width)
		return false;
	*plan = (struct plan){
			.decoder = decoder,
			.recode = &decoder->recode,
			.kinds = blocks->unit ? blocks->kind : NULL,
			.costs = blocks->cost,
			.map = map,
			.room = plan_most(most),
			.columns = (picture->width + unit - 1) / unit,
			.rows = (picture->height + unit - 1) / unit,
			.header = 8 * (decoder->recode.full_header ? RECODE_HEADER_FULL
								   : RECODE_HEADER_SHORT),
	};
	return plan_bounds(plan);
}

static bool plan_sums(struct plan *plan)
{
	size_t count = (size_t)plan->columns * plan->rows;

	plan->uniform = !plan->kinds || memcmp(plan->kinds, plan->kinds + 1, count - 1) == 0;
	if (!plan_room(plan->recode, count + plan->rows, plan->uniform ? 0 : count))
		return false;
	for (int row = plan->top; row < plan->bottom; row++) {
		plan_sum_row(plan, row);
		if (!plan->uniform)
			plan_runs_row(plan, row);
	}
	return true;
}

/* The rows that have marks, as a whole. */
static void plan_one(struct plan *plan)
{
	plan->recode->parts[0] = (struct recode_part){
			.top = plan->top, .right = plan->columns, .bottom = plan->bottom};
	plan->count = 1;
}

static void plan_out(const struct plan *plan, struct recode_rectangle *out)
{
	const struct picture *picture = &plan->decoder->picture;
	int unit = plan->decoder->unit;

	for (int i = 0; i < plan->count; i++) {
		const struct recode_part *part = &plan->recode->parts[i];
		int right = part->right * unit, bottom = part->bottom * unit;

		out[i].x = part->left * unit;
		out[i].y = part->top * unit;
		out[i].width = (right < picture->width ? right : picture->width) - out[i].x;
		out[i].height = (bottom < picture->height ? bottom : picture->height) - out[i].y;
	}
}

int recode_plan(struct decoder *decoder, const uint8_t *map, struct recode_rectangle *out, int most)
{
	struct plan plan;

	if (most < 1 || !plan_begin(&plan, decoder, map, most))
		return 0;
	if (decoder->passed) {
		out[0] = (struct recode_rectangle){
				0, 0, decoder->picture.width, decoder->picture.height};
		return 1;
	}
	if (!plan_sums(&plan) || !plan_parts(&plan))
		plan_one(&plan);
	plan_sort(&plan);
	plan_force(&plan, most);
	plan_sort(&plan);
	plan_out(&plan, out);
	return plan.count;
}
