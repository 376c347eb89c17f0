/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/cache_rig.h"

static void test_second_read_is_a_hit(struct fixture *f, gconstpointer unused)
{
	get(f, 3 * BLOCK + 100, 2048);
	get(f, 3 * BLOCK + 5000, 2048);
	g_assert_cmpuint(f->script.reads, ==, 1);
	g_assert_cmpuint(stats_of(f).hits, ==, 1);
	g_assert_cmpuint(stats_of(f).misses, ==, 1);
	g_assert_cmpuint(stats_of(f).asked, ==, 4096);
	g_assert_cmpuint(stats_of(f).fetched, ==, BLOCK);
}

static void test_what_is_in_memory_is_taken_at_once(struct fixture *f, gconstpointer unused)
{
	uint8_t bytes[4096];
	struct move write;

	get(f, 0, BLOCK);
	get(f, 5 * BLOCK, 2 * BLOCK);
	g_assert_true(cache_take(f->cache, 6 * BLOCK - 1000, 4096, bytes));
	g_assert_cmpmem(bytes, 4096, f->script.image + 6 * BLOCK - 1000, 4096);
	g_assert_cmpuint(stats_of(f).hits, ==, 2);
	g_assert_cmpuint(f->script.requests->len, ==, 0);

	g_assert_false(cache_take(f->cache, 7 * BLOCK - 1000, 4096, bytes)); /* half of it */
	g_assert_false(cache_take(f->cache, IMAGE - 1000, 4096, bytes));
	g_assert_false(cache_take(f->cache, UINT64_MAX - 1000, 4096, bytes));
	g_assert_cmpuint(stats_of(f).hits, ==, 2);
	g_assert_cmpuint(f->script.requests->len, ==, 0);

	move_write(&write, cache_source(f->cache), 100 * BLOCK, 5, "hello");
	g_assert_false(cache_take(f->cache, 0, 4096, bytes));
	script_end_all(&f->script);
	g_assert_true(cache_take(f->cache, 0, 4096, bytes));
	g_assert_cmpint(write.code, ==, -1);
}

static void test_taking_reads_ahead(struct fixture *f, gconstpointer unused)
{
	uint8_t bytes[4096];

	get(f, 0, 4096);
	g_assert_true(cache_take(f->cache, 4096, 4096, bytes));
	g_assert_cmpuint(f->script.requests->len, ==, 2); /* 8 + 128 KiB reach into block 2 */
	script_end_all(&f->script);
}

static void assert_lent(const struct fixture *f, const uint8_t *bytes, uint64_t offset, size_t size)
{
	g_assert_nonnull(bytes);
	g_assert_cmpmem(bytes, size, f->script.image + offset, size);
}

static void test_what_is_lent_stays_until_it_is_given_back(struct fixture *f, gconstpointer unused)
{
	const uint8_t *bytes;

	fixture_reopen(f, 4 * BLOCK, 0, 8, SOURCE_READY);
	g_assert_null(cache_lend(f->cache, 1000, 4096));
	get(f, 0, 2 * BLOCK);
	g_assert_null(cache_lend(f->cache, BLOCK - 1000, 4096)); /* not in one piece */
	g_assert_null(cache_lend(f->cache, UINT64_MAX - 1000, 4096));
	bytes = cache_lend(f->cache, 1000, 4096);
	assert_lent(f, bytes, 1000, 4096);
	for (uint64_t number = 2; number < 20; number++)
		get(f, number * BLOCK, BLOCK);
	assert_lent(f, bytes, 1000, 4096);
	cache_give_back(f->cache, bytes);
	for (uint64_t number = 2; number < 20; number++)
		get(f, number * BLOCK, BLOCK);
	g_assert_null(cache_lend(f->cache, 1000, 4096));
}

static void test_half_is_never_lent(struct fixture *f, gconstpointer unused)
{
	const uint8_t *first, *second, *again;

	fixture_reopen(f, 4 * BLOCK, 0, 8, SOURCE_READY);
	get(f, 0, 3 * BLOCK);
	first = cache_lend(f->cache, 0, BLOCK);
	second = cache_lend(f->cache, BLOCK, BLOCK);
	assert_lent(f, first, 0, BLOCK);
	assert_lent(f, second, BLOCK, BLOCK);
	g_assert_null(cache_lend(f->cache, 2 * BLOCK, BLOCK));
	again = cache_lend(f->cache, 0, 100);
	g_assert_true(again == first);
	get(f, 5 * BLOCK, 10 * BLOCK);
	cache_give_back(f->cache, first);
	get(f, 5 * BLOCK, 10 * BLOCK);
	assert_lent(f, again, 0, BLOCK);
	cache_give_back(f->cache, again);
	cache_give_back(f->cache, second);
}

static void test_a_write_leaves_what_is_lent(struct fixture *f, gconstpointer unused)
{
	g_autofree uint8_t *before = g_memdup2(f->script.image, BLOCK);
	const uint8_t *bytes;
	struct move write;

	get(f, 0, BLOCK);
	bytes = cache_lend(f->cache, 0, BLOCK);
	move_write(&write, cache_source(f->cache), 5, 5, "hello");
	g_assert_null(cache_lend(f->cache, 0, BLOCK));
	script_end_all(&f->script);
	g_assert_cmpint(write.code, ==, -1);
	g_assert_cmpmem(bytes, BLOCK, before, BLOCK);
	get(f, 0, BLOCK);
	g_assert_cmpmem(bytes, BLOCK, before, BLOCK);
	cache_give_back(f->cache, bytes);
	bytes = cache_lend(f->cache, 0, BLOCK);
	assert_lent(f, bytes, 0, BLOCK);
	cache_give_back(f->cache, bytes);
}

static void test_last_block_is_short(struct fixture *f, gconstpointer unused)
{
	get(f, IMAGE - 2048, 2048);
	g_assert_cmpuint(stats_of(f).fetched, ==, 2048);
}

static void test_reading_ahead_begins_with_the_second_read(struct fixture *f, gconstpointer unused)
{
	struct move move;

	get(f, 0, 16384);
	g_assert_cmpuint(f->script.reads, ==, 1);
	begin(f, &move, 16384, 16384);
	g_assert_cmpuint(f->script.requests->len, ==, 2); /* 32 + 128 KiB reach into block 2 */
	script_end_all(&f->script);
	assert_right(f, &move, 16384, 16384);
}

static void test_window_grows_to_its_limit(struct fixture *f, gconstpointer unused)
{
	uint64_t most = 0;

	for (uint64_t offset = 0; offset < 200 * BLOCK; offset += 16384) {
		struct cache_stats stats;

		get(f, offset, 16384);
		stats = stats_of(f);
		most = MAX(most, stats.fetched - MIN(stats.fetched, offset + 16384));
	}
	g_assert_cmpuint(most, >=, 15 * BLOCK);
	g_assert_cmpuint(most, <=, 17 * BLOCK);
	g_assert_cmpuint(f->script.most, ==, 8);
	g_assert_cmpuint(f->script.reads, <=, 218);
	g_assert_cmpuint(stats_of(f).wasted, ==, 0);
	/* Each block is asked for four times; the first is the only one to wait for. */
	g_assert_cmpuint(stats_of(f).misses, ==, 1);
}

static void test_random_reads_fetch_nothing_else(struct fixture *f, gconstpointer unused)
{
	for (unsigned int i = 0; i < 40; i++)
		get(f, (uint64_t)(i * 37 % 400) * BLOCK, 2048);
	g_assert_cmpuint(f->script.reads, ==, 40);
	g_assert_cmpuint(stats_of(f).wasted, ==, 0);
}

static void test_jump_stops_reading_ahead_at_once(struct fixture *f, gconstpointer unused)
{
	struct move moves[2], jump;

	get(f, 0, BLOCK);
	begin(f, &moves[0], BLOCK, BLOCK);
	begin(f, &moves[1], 2 * BLOCK, BLOCK);
	g_assert_cmpuint(f->script.requests->len, >, 2);
	begin(f, &jump, 300 * BLOCK, 2048);
	g_assert_cmpuint(f->script.requests->len, ==, 3);
	script_end_all(&f->script);
	assert_right(f, &moves[0], BLOCK, BLOCK);
	assert_right(f, &moves[1], 2 * BLOCK, BLOCK);
	assert_right(f, &jump, 300 * BLOCK, 2048);
	g_assert_cmpuint(f->script.reads - f->script.cancelled, ==, 4);
	g_assert_cmpuint(stats_of(f).wasted, ==, (uint64_t)f->script.cancelled * BLOCK);
}

static void test_readers_of_a_block_share_one_request(struct fixture *f, gconstpointer unused)
{
	struct move moves[3];

	for (unsigned int i = 0; i < 3; i++)
		begin(f, &moves[i], 5 * BLOCK + i * 9000, 4096);
	g_assert_cmpuint(f->script.reads, ==, 1 + 0);
	script_end_all(&f->script);
	for (unsigned int i = 0; i < 3; i++)
		assert_right(f, &moves[i], 5 * BLOCK + i * 9000, 4096);
}

static void test_ends_in_any_order(struct fixture *f, gconstpointer unused)
{
	struct move move;

	begin(f, &move, 1000, 6 * BLOCK);
	g_assert_cmpuint(f->script.requests->len, ==, 7);
	while (f->script.requests->len > 0) {
		script_end(&f->script, f->script.requests->len - 1, true);
		move_settle();
	}
	assert_right(f, &move, 1000, 6 * BLOCK);
}

static void test_failed_read_is_said_and_tried_again(struct fixture *f, gconstpointer unused)
{
	struct move moves[2];

	begin(f, &moves[0], 0, 2048);
	begin(f, &moves[1], 8 * BLOCK, 2048);
	script_end(&f->script, 0, false);
	script_end_all(&f->script);
	g_assert_cmpint(moves[0].code, ==, G_FILE_ERROR_IO);
	g_assert_cmpstr(moves[0].words, ==, "no luck at 0");
	assert_right(f, &moves[1], 8 * BLOCK, 2048);
	get(f, 0, 2048);
	g_assert_cmpuint(stats_of(f).errors, ==, 1);
}

static void test_failed_reading_ahead_is_nobodys_error(struct fixture *f, gconstpointer unused)
{
	struct move move;

	get(f, 0, BLOCK);
	begin(f, &move, BLOCK, BLOCK);
	script_end(&f->script, 0, true);
	move_settle();
	assert_right(f, &move, BLOCK, BLOCK);
	/* Now only what is read ahead is under way; a reader joins the first. */
	g_assert_cmpuint(f->script.requests->len, >, 0);
	begin(f, &move, 2 * BLOCK, BLOCK);
	while (f->script.requests->len > 1)
		script_end(&f->script, 1, false);
	script_end(&f->script, 0, false);
	move_settle();
	g_assert_false(move.ended);
	script_end_all(&f->script);
	assert_right(f, &move, 2 * BLOCK, BLOCK);
}

static void test_cancelled_read_touches_nothing(struct fixture *f, gconstpointer unused)
{
	char *bytes = g_malloc(2048);
	struct move move;

	move_read(&move, cache_source(f->cache), 0, 2048, bytes);
	cache_cancel(f->cache, move.request);
	g_free(bytes); /* the sanitizer finds who touches it */
	script_end_all(&f->script);
	g_assert_false(move.ended);
	/* Fetched nevertheless. */
	get(f, 0, 2048);
	g_assert_cmpuint(f->script.reads, ==, 1);
	/* And one that had ended already. */
	begin(f, &move, 0, 2048);
	cache_cancel(f->cache, move.request);
	move_settle();
	g_assert_false(move.ended);
}

static void test_what_nobody_waits_for_makes_room(struct fixture *f, gconstpointer unused)
{
	struct move moves[8], last;

	for (unsigned int i = 0; i < 8; i++) {
		begin(f, &moves[i], (uint64_t)i * 10 * BLOCK, 2048);
		cache_cancel(f->cache, moves[i].request);
	}
	g_assert_cmpuint(f->script.requests->len, ==, 8);
	begin(f, &last, 100 * BLOCK, 2048);
	g_assert_cmpuint(f->script.cancelled, ==, 1);
	script_end_all(&f->script);
	assert_right(f, &last, 100 * BLOCK, 2048);
}

static void test_closing_with_requests_under_way(struct fixture *f, gconstpointer unused)
{
	struct move moves[20];

	for (unsigned int i = 0; i < 20; i++)
		begin(f, &moves[i], (uint64_t)i * 3 * BLOCK, 3 * BLOCK);
	move_write(&moves[19], cache_source(f->cache), 0, 10, f->bytes);
	g_assert_cmpuint(f->script.requests->len, >, 0);
	/* The fixture closes; nothing may end after. */
}

static void close_in_done(const GError *error, void *data)
{
	struct fixture *f = data;

	cache_close(f->cache);
	f->cache = NULL;
}

static void test_closing_from_within_an_end(struct fixture *f, gconstpointer unused)
{
	struct move move;

	cache_read(f->cache, 0, 2048, f->bytes, close_in_done, f);
	begin(f, &move, 100, 2048);
	script_end(&f->script, 0, true);
	move_settle();
	g_assert_null(f->cache);
	g_assert_false(move.ended);
}

static void test_outside_the_image_is_refused(struct fixture *f, gconstpointer unused)
{
	static const struct {
		uint64_t offset;
		size_t size;
	} wrong[] = {{IMAGE, 1}, {IMAGE - 10, 11}, {UINT64_MAX, 1}, {UINT64_MAX, SIZE_MAX}, {0, 0}};
	struct move move;

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		move_read(&move, cache_source(f->cache), wrong[i].offset, wrong[i].size, f->bytes);
		move_wait(&move);
		g_assert_cmpint(move.code, ==, G_FILE_ERROR_INVAL);
	}
	g_assert_cmpuint(f->script.reads, ==, 0);
}

static void test_reads_wait_until_the_size_is_known(struct fixture *f, gconstpointer unused)
{
	struct source *source;
	struct move moves[3];

	fixture_reopen(f, 64 * BLOCK, 16 * BLOCK, 8, SOURCE_OPENING);
	source = &f->script.source;
	begin(f, &moves[0], 0, 2048);
	begin(f, &moves[1], IMAGE - 100, 100);
	move_read(&moves[2], cache_source(f->cache), IMAGE, 1, f->bytes);
	move_settle();
	g_assert_cmpuint(f->script.reads, ==, 0);
	source->size = IMAGE;
	source->state = SOURCE_READY;
	source->events.state(SOURCE_READY, "ready", source->events.data);
	g_assert_cmpuint(cache_source(f->cache)->size, ==, IMAGE);
	script_end_all(&f->script);
	assert_right(f, &moves[0], 0, 2048);
	assert_right(f, &moves[1], IMAGE - 100, 100);
	g_assert_cmpint(moves[2].code, ==, G_FILE_ERROR_INVAL);
}

static void test_reads_of_what_never_opened_fail_with_its_reason(
		struct fixture *f, gconstpointer unused)
{
	struct source *source;
	struct move move;

	fixture_reopen(f, 64 * BLOCK, 16 * BLOCK, 8, SOURCE_OPENING);
	source = &f->script.source;
	begin(f, &move, 0, 2048);
	source->state = SOURCE_FAILED;
	source->events.state(SOURCE_FAILED, "no such image", source->events.data);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	g_assert_cmpstr(move.words, ==, "no such image");
}

static void test_read_after_a_write_sees_it(struct fixture *f, gconstpointer unused)
{
	struct move write, read;

	get(f, 0, 4096);
	move_write(&write, cache_source(f->cache), 1000, 5, "hello");
	begin(f, &read, 0, 4096);
	g_assert_cmpuint(f->script.requests->len, ==, 1); /* the read waits for the write */
	script_end_all(&f->script);
	g_assert_cmpint(write.code, ==, -1);
	g_assert_cmpmem(f->bytes + 1000, 5, "hello", 5);
	assert_right(f, &read, 0, 4096);
	g_assert_cmpuint(stats_of(f).written, ==, 5);
}

static void test_larger_than_the_cache_is_read_in_turn(struct fixture *f, gconstpointer unused)
{
	fixture_reopen(f, 4 * BLOCK, 16 * BLOCK, 8, SOURCE_READY);
	get(f, 777, IMAGE - 777);
	g_assert_cmpuint(f->script.most, <=, 4);
}

/* Against the plain image: reads, writes, cancels and failures in any order. */
static void test_any_operations_give_the_image(struct fixture *f, gconstpointer unused)
{
	enum { SLOTS = 6 };
	struct {
		struct move move;
		uint64_t offset;
		size_t size;
		uint8_t *bytes;
		bool busy;
	} slots[SLOTS] = {0};

	fixture_reopen(f, 12 * BLOCK, 4 * BLOCK, 5, SOURCE_READY);
	for (unsigned int step = 0; step < 20000; step++) {
		unsigned int i = (unsigned int)g_test_rand_int_range(0, SLOTS);
		struct cache_stats stats;

		if (!slots[i].busy) {
			/* Every other goes on where the one before ended. */
			uint64_t next = slots[(i + 1) % SLOTS].offset + slots[(i + 1) % SLOTS].size;

			if (g_test_rand_bit() || next >= IMAGE - 3 * BLOCK)
				next = (uint64_t)g_test_rand_int_range(0, IMAGE - 3 * BLOCK);
			slots[i].offset = next;
			slots[i].size = (size_t)g_test_rand_int_range(1, 3 * BLOCK);
			slots[i].bytes = g_malloc(slots[i].size);
			slots[i].busy = true;
			if (step % 16 == 0) {
				memset(slots[i].bytes, (int)step, slots[i].size);
				move_write(&slots[i].move, cache_source(f->cache), next,
						slots[i].size, slots[i].bytes);
				/* Alone, so that the image to compare with is known. */
				script_end_all(&f->script);
				g_assert_cmpint(slots[i].move.code, ==, -1);
				g_assert_cmpmem(f->script.image + next, slots[i].size,
						slots[i].bytes, slots[i].size);
				slots[i].busy = false;
				g_free(slots[i].bytes);
				for (unsigned int k = 0; k < SLOTS; k++) {
					if (slots[k].busy)
						g_free(slots[k].bytes);
					slots[k].busy = false;
				}
			} else {
				move_read(&slots[i].move, cache_source(f->cache), next,
						slots[i].size, slots[i].bytes);
			}
		} else if (slots[i].move.ended) {
			if (slots[i].move.code == -1)
				g_assert_true(memcmp(slots[i].bytes,
							      f->script.image + slots[i].offset,
							      slots[i].size) == 0);
			slots[i].busy = false;
			g_free(slots[i].bytes);
		} else if (step % 11 == 0) {
			cache_cancel(f->cache, slots[i].move.request);
			slots[i].busy = false;
			g_free(slots[i].bytes);
		}
		if (f->script.requests->len > 0)
			script_end(&f->script,
					(guint)g_test_rand_int_range(
							0, (gint)f->script.requests->len),
					step % 13 != 0);
		if (step % 3 == 0)
			move_settle();
		stats = stats_of(f);
		g_assert_cmpuint(stats.held + (uint64_t)stats.in_flight * BLOCK, <=, 12 * BLOCK);
		g_assert_cmpuint(stats.in_flight, <=, 5);
	}
	script_end_all(&f->script);
	for (unsigned int i = 0; i < SLOTS; i++) {
		if (slots[i].busy)
			g_free(slots[i].bytes);
	}
}

#define add(name) \
	g_test_add("/cache/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add(second_read_is_a_hit);
	add(what_is_in_memory_is_taken_at_once);
	add(taking_reads_ahead);
	add(what_is_lent_stays_until_it_is_given_back);
	add(half_is_never_lent);
	add(a_write_leaves_what_is_lent);
	add(last_block_is_short);
	add(reading_ahead_begins_with_the_second_read);
	add(window_grows_to_its_limit);
	add(random_reads_fetch_nothing_else);
	add(jump_stops_reading_ahead_at_once);
	add(readers_of_a_block_share_one_request);
	add(ends_in_any_order);
	add(failed_read_is_said_and_tried_again);
	add(failed_reading_ahead_is_nobodys_error);
	add(cancelled_read_touches_nothing);
	add(what_nobody_waits_for_makes_room);
	add(closing_with_requests_under_way);
	add(closing_from_within_an_end);
	add(outside_the_image_is_refused);
	add(reads_wait_until_the_size_is_known);
	add(reads_of_what_never_opened_fail_with_its_reason);
	add(read_after_a_write_sees_it);
	add(larger_than_the_cache_is_read_in_turn);
	add(any_operations_give_the_image);
	return g_test_run();
}
