/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "rack/memcache_text.h"

static void test_requests_are_of_the_protocol(void)
{
	char out[64];

	memset(out, 0, sizeof(out));
	g_assert_cmpuint(memcache_text_set(out, sizeof(out), "k", 60, "41.5", 4), ==, 20);
	g_assert_cmpstr(out, ==, "set k 0 60 4\r\n41.5\r\n");
	g_assert_cmpuint(memcache_text_add(out, sizeof(out), "k", 1700), >, 0);
	g_assert_cmpstr(out, ==, "add k 0 0 4\r\n1700\r\n");
	g_assert_cmpuint(memcache_text_incr(out, sizeof(out), "k", 1), >, 0);
	g_assert_cmpstr(out, ==, "incr k 1\r\n");
	g_assert_cmpuint(memcache_text_get(out, sizeof(out), "k"), >, 0);
	g_assert_cmpstr(out, ==, "get k\r\n");
	/* More than 30 days would be a date. */
	memset(out, 0, sizeof(out));
	memcache_text_set(out, sizeof(out), "k", 4000000000U, "", 0);
	g_assert_cmpstr(out, ==, "set k 0 2592000 0\r\n\r\n");
}

static void test_what_does_not_fit_is_not_written(void)
{
	for (size_t room = 0; room < 32; room++) {
		char *out = g_malloc(room);

		g_assert_cmpuint(memcache_text_set(out, room, "k", 60, "41.5", 4), ==,
				room >= 20 ? 20 : 0);
		g_assert_cmpuint(memcache_text_add(out, room, "k", 1), ==, room > 16 ? 16 : 0);
		g_assert_cmpuint(memcache_text_incr(out, room, "k", 1), ==, room > 10 ? 10 : 0);
		g_assert_cmpuint(memcache_text_get(out, room, "k"), ==, room > 7 ? 7 : 0);
		g_free(out);
	}
}

static void test_keys_cannot_be_mistaken(void)
{
	char key[MEMCACHE_KEY_MAX], *name = g_strnfill(300, 'n');

	g_assert_true(memcache_text_key(key, "rack1", "CB-1/3", 0, NULL));
	g_assert_cmpstr(key, ==, "rack1/CB-1/3");
	g_assert_true(memcache_text_key(key, "rack1", "CB-1/3", 42, "CPU0_TEMP"));
	g_assert_cmpstr(key, ==, "rack1/CB-1/3@42/CPU0_TEMP");
	g_assert_true(memcache_text_key(key, "r", "a@42/b", 0, NULL));
	g_assert_cmpstr(key, ==, "r/a%4042/b");
	g_assert_true(memcache_text_key(key, "r", "a b\r\n%\xff", 1, "x y"));
	g_assert_cmpstr(key, ==, "r/a%20b%0D%0A%25%FF@1/x%20y");
	g_assert_false(memcache_text_key(key, "r", name, 0, NULL));
	name[248] = '\0';
	g_assert_true(memcache_text_key(key, "r", name, 0, NULL));
	g_assert_cmpuint(strlen(key), ==, 250);
	g_assert_false(memcache_text_key(key, "rr", name, 0, NULL));
	g_free(name);
}

static void assert_word(const char *text, enum memcache_word word, uint64_t number)
{
	struct memcache_answer answer;
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++) {
		char *part = g_memdup2(text, i);

		g_assert_cmpint(memcache_text_parse(part, i, &answer), ==, 0);
		g_free(part);
	}
	g_assert_cmpint(memcache_text_parse(text, size, &answer), ==, size);
	g_assert_cmpint(answer.word, ==, word);
	g_assert_cmpuint(answer.number, ==, number);
}

static void test_answers_are_taken_when_they_are_whole(void)
{
	struct memcache_answer answer;
	const char *two = "VALUE r/n 0 4\r\n1\r\n2\r\nEND\r\n";

	assert_word("STORED\r\n", MEMCACHE_STORED, 0);
	assert_word("NOT_STORED\r\n", MEMCACHE_NOT_STORED, 0);
	assert_word("NOT_FOUND\r\n", MEMCACHE_NOT_FOUND, 0);
	assert_word("END\r\n", MEMCACHE_END, 0);
	assert_word("18446744073709551615\r\n", MEMCACHE_NUMBER, UINT64_MAX);
	assert_word("9  \r\n", MEMCACHE_NUMBER, 9);
	assert_word("ERROR\r\n", MEMCACHE_ERROR, 0);
	assert_word("SERVER_ERROR out of memory\r\n", MEMCACHE_ERROR, 0);
	assert_word("VERSION 1.6.18\r\n", MEMCACHE_OTHER, 0);
	assert_word("VALUE k 0 0\r\n\r\n", MEMCACHE_VALUE, 0);
	g_assert_cmpint(memcache_text_parse(two, strlen(two), &answer), ==, strlen(two) - 5);
	g_assert_cmpint(answer.word, ==, MEMCACHE_VALUE);
	g_assert_cmpmem(answer.text, answer.text_size, "r/n", 3);
	g_assert_cmpmem(answer.data, answer.data_size, "1\r\n2", 4);
}

static void test_what_is_no_memcached_is_known(void)
{
	static const char *const texts[] = {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "STORED\n",
			"\n", "18446744073709551616\r\n", "12a\r\n", "VALUE \r\n", "VALUE k\r\n",
			"VALUE k 0\r\n", "VALUE k 0 x\r\n", "VALUE k 0 70000\r\n",
			"VALUE k 0 2\r\nabc\r\n", "stored\r\n"};
	struct memcache_answer answer;
	char *line = g_strnfill(MEMCACHE_LINE_MAX, 'x');

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		g_assert_cmpint(memcache_text_parse(texts[i], strlen(texts[i]), &answer), ==, -1);
	g_assert_cmpint(memcache_text_parse(line, MEMCACHE_LINE_MAX - 1, &answer), ==, 0);
	g_assert_cmpint(memcache_text_parse(line, MEMCACHE_LINE_MAX, &answer), ==, -1);
	g_free(line);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/memcache-text/requests-are-of-the-protocol",
			test_requests_are_of_the_protocol);
	g_test_add_func("/memcache-text/what-does-not-fit-is-not-written",
			test_what_does_not_fit_is_not_written);
	g_test_add_func("/memcache-text/keys-cannot-be-mistaken", test_keys_cannot_be_mistaken);
	g_test_add_func("/memcache-text/answers-are-taken-when-they-are-whole",
			test_answers_are_taken_when_they_are_whole);
	g_test_add_func("/memcache-text/what-is-no-memcached-is-known",
			test_what_is_no_memcached_is_known);
	return g_test_run();
}
