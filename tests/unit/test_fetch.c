/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a cache joins blocks into requests on a long link. */
#include "tests/unit/cache_rig.h"

#define FAR_US 6000 /* a round trip that makes longer requests pay */

/* The nth under way; they are in the order of asking. */
static const struct source_request *asked(const struct fixture *f, guint index)
{
	return f->script.requests->pdata[index];
}

/* Of what was asked for since the last call. */
static size_t longest(struct fixture *f)
{
	size_t size = f->script.longest;

	f->script.longest = 0;
	return size;
}

/* A sequential reader of blocks from first on, for whom each round trip takes long. */
static void read_on(struct fixture *f, unsigned int first, unsigned int count)
{
	for (unsigned int i = first; i < first + count; i++) {
		struct move move;

		begin(f, &move, (uint64_t)i * BLOCK, BLOCK);
		while (!move.ended) {
			if (f->script.requests->len > 0) {
				g_usleep(FAR_US);
				script_end(&f->script, 0, true);
			}
			move_settle();
		}
		assert_right(f, &move, (uint64_t)i * BLOCK, BLOCK);
	}
}

/* Reads what is there until several runs are under way ahead of it. */
static void fill(struct fixture *f)
{
	for (unsigned int i = 200; f->script.requests->len < 3; i++) {
		struct move move;

		g_assert_cmpuint(i, <, 300);
		begin(f, &move, (uint64_t)i * BLOCK, BLOCK);
		move_wait(&move);
		assert_right(f, &move, (uint64_t)i * BLOCK, BLOCK);
	}
}

static void large(struct fixture *f)
{
	fixture_reopen(f, 512 * BLOCK, 64 * BLOCK, 4, SOURCE_READY);
}

static void test_long_link_joins_blocks(struct fixture *f, gconstpointer unused)
{
	large(f);
	read_on(f, 0, 200);
	g_assert_cmpuint(longest(f), ==, 16 * BLOCK);
	g_assert_cmpuint(f->script.most, <=, 4);
	g_assert_cmpuint(f->script.reads, <, 100);
	g_assert_cmpuint(stats_of(f).wasted, ==, 0);
}

static void test_near_source_is_asked_block_by_block(struct fixture *f, gconstpointer unused)
{
	large(f);
	for (unsigned int i = 0; i < 200; i++)
		get(f, (uint64_t)i * BLOCK, BLOCK);
	/* A busy machine makes an answer look far now and then. */
	g_assert_cmpuint(f->script.reads, >=, 100);
}

static void test_slow_source_makes_requests_short_again(struct fixture *f, gconstpointer unused)
{
	large(f);
	read_on(f, 0, 200);
	g_assert_cmpuint(longest(f), ==, 16 * BLOCK);
	/* Each takes longer than a host shall wait for a block of it. */
	g_usleep(1010000);
	script_end_all(&f->script);
	longest(f);
	read_on(f, 340, 4);
	g_assert_cmpuint(longest(f), <=, 4 * BLOCK);
}

static void test_small_cache_bears_short_requests_only(struct fixture *f, gconstpointer unused)
{
	fixture_reopen(f, 16 * BLOCK, 64 * BLOCK, 4, SOURCE_READY);
	read_on(f, 0, 100);
	g_assert_cmpuint(longest(f), <=, 2 * BLOCK);
}

static void test_failed_run_is_asked_block_by_block(struct fixture *f, gconstpointer unused)
{
	struct move good, bad;
	unsigned int singles = 0;

	large(f);
	read_on(f, 0, 200);
	script_end_all(&f->script);
	/* Far from all that is there. */
	begin(f, &good, 300 * BLOCK, 2 * BLOCK);
	g_assert_cmpuint(f->script.requests->len, ==, 1);
	begin(f, &bad, 302 * BLOCK, BLOCK);
	while (f->script.requests->len > 0) {
		const struct source_request *request = asked(f, 0);
		bool spoilt = request->offset <= 302ull * BLOCK &&
			      request->offset + request->size > 302ull * BLOCK;

		/* Of a longer one nobody can say which block is at fault. */
		singles += request->size == BLOCK;
		script_end(&f->script, 0, !spoilt && request->size == BLOCK);
		move_settle();
	}
	assert_right(f, &good, 300 * BLOCK, 2 * BLOCK);
	g_assert_cmpint(bad.code, ==, G_FILE_ERROR_IO);
	g_assert_cmpuint(singles, >=, 3);
}

static void test_jump_gives_up_a_run_unless_somebody_waits_for_it(
		struct fixture *f, gconstpointer unused)
{
	struct move waits, jump;
	guint before;

	large(f);
	read_on(f, 0, 200);
	fill(f);
	/* Somebody waits for a block of the second. */
	begin(f, &waits, asked(f, 1)->offset + BLOCK, BLOCK);
	before = f->script.requests->len;
	begin(f, &jump, 390 * BLOCK, 2048);
	g_assert_cmpuint(f->script.requests->len, <, before + 1);
	g_assert_cmpuint(f->script.cancelled, >, 0);
	script_end_all(&f->script);
	g_assert_cmpint(waits.code, ==, -1);
	g_assert_cmpint(jump.code, ==, -1);
	assert_right(f, &jump, 390 * BLOCK, 2048);
}

static void test_write_into_a_run_is_not_overrun(struct fixture *f, gconstpointer unused)
{
	struct move write;
	uint64_t at;

	large(f);
	read_on(f, 0, 200);
	fill(f);
	g_assert_cmpuint(asked(f, 0)->size, >, BLOCK);
	at = asked(f, 0)->offset + BLOCK;
	move_write(&write, cache_source(f->cache), at, 5, "hello");
	/* The write ends first, with what was read before it still on its way. */
	script_end(&f->script, f->script.requests->len - 1, true);
	move_settle();
	g_assert_true(write.ended);
	script_end_all(&f->script);
	get(f, at - 100, 3000);
	get(f, at + BLOCK, BLOCK);
}

static void test_any_order_over_a_long_link_gives_the_image(struct fixture *f, gconstpointer unused)
{
	large(f);
	for (unsigned int round = 0; round < 60; round++) {
		unsigned int first = (unsigned int)g_test_rand_int_range(0, 360);
		struct move moves[8];

		for (unsigned int i = 0; i < 8; i++)
			begin(f, &moves[i], (uint64_t)(first + 4 * i) * BLOCK + round, 4 * BLOCK);
		if (round % 4 == 0)
			g_usleep(FAR_US);
		move_settle();
		while (f->script.requests->len > 0) {
			script_end(&f->script,
					(guint)g_test_rand_int_range(
							0, (gint)f->script.requests->len),
					true);
			move_settle();
			g_assert_cmpuint(stats_of(f).in_flight, <=, 4);
		}
		for (unsigned int i = 0; i < 8; i++)
			assert_right(f, &moves[i], (uint64_t)(first + 4 * i) * BLOCK + round,
					4 * BLOCK);
	}
}

#define add(name) \
	g_test_add("/fetch/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add(long_link_joins_blocks);
	add(near_source_is_asked_block_by_block);
	add(slow_source_makes_requests_short_again);
	add(small_cache_bears_short_requests_only);
	add(failed_run_is_asked_block_by_block);
	add(jump_gives_up_a_run_unless_somebody_waits_for_it);
	add(write_into_a_run_is_not_overrun);
	add(any_order_over_a_long_link_gives_the_image);
	return g_test_run();
}
