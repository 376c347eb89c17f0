/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of frames and its replay. A frame's file holds its own name, so that it can be told
 * apart. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "capture/list.h"
#include "capture/replay.h"

#define FAST 1000.0

struct fixture {
	char *folder, *list;
	struct capture *replay;
	GPtrArray *frames; /* what each frame held */
	GString *states;   /* a letter each: n no device, s streaming */
	char *reason;      /* of the last */
	struct capture_frame last;
	int stop_after; /* frames; 0: never */
	int key_frame_after;
};

static const char *fixture_path(struct fixture *f, const char *name)
{
	static char path[512];

	g_snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	return path;
}

static void fixture_write(struct fixture *f, const char *name, const char *text)
{
	g_assert_true(g_file_set_contents(fixture_path(f, name), text, -1, NULL));
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", NULL};

	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->list = g_build_filename(f->folder, "list", NULL);
	f->frames = g_ptr_array_new_with_free_func(g_free);
	f->states = g_string_new(NULL);
	for (int i = 0; names[i]; i++)
		fixture_write(f, names[i], names[i]);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	GDir *folder = g_dir_open(f->folder, 0, NULL);
	const char *name;

	capture_close(f->replay);
	while ((name = g_dir_read_name(folder)))
		g_remove(fixture_path(f, name));
	g_dir_close(folder);
	g_assert_cmpint(g_rmdir(f->folder), ==, 0);
	g_free(f->folder);
	g_free(f->list);
	g_free(f->reason);
	g_ptr_array_unref(f->frames);
	g_string_free(f->states, TRUE);
}

static void fixture_frame(const struct capture_frame *frame, void *data)
{
	struct fixture *f = data;
	int count = f->frames->len + 1;

	g_ptr_array_add(f->frames, g_strndup((const char *)frame->data, frame->size));
	f->last = *frame;
	if (count == f->stop_after)
		capture_stop(f->replay);
	if (count == f->key_frame_after)
		capture_key_frame(f->replay);
}

static void fixture_state(enum capture_state state, const char *reason, void *data)
{
	struct fixture *f = data;

	g_assert_nonnull(reason);
	g_string_append_c(f->states, state == CAPTURE_STREAMING ? 's' : 'n');
	g_free(f->reason);
	f->reason = g_strdup(reason);
}

/* Writes the list and opens its replay. */
static void fixture_replay(struct fixture *f, const char *text, double rate, bool loop)
{
	const struct capture_events events = {
			.frame = fixture_frame,
			.state = fixture_state,
			.data = f,
	};
	GError *error = NULL;

	fixture_write(f, "list", text);
	f->replay = replay_open(f->list, rate, loop, &error);
	g_assert_no_error(error);
	capture_listen(f->replay, &events);
	capture_start(f->replay);
}

#define wait_until(condition)                                                 \
	do {                                                                  \
		int64_t until = g_get_monotonic_time() + 20 * G_USEC_PER_SEC; \
                                                                              \
		while (!(condition)) {                                        \
			g_assert_cmpint(g_get_monotonic_time(), <, until);    \
			if (!g_main_context_iteration(NULL, FALSE))           \
				g_usleep(500);                                \
		}                                                             \
	} while (0)

/* What was shown so far, in one word. */
static char *fixture_shown(struct fixture *f)
{
	GString *shown = g_string_new(NULL);

	for (guint i = 0; i < f->frames->len; i++)
		g_string_append(shown, g_ptr_array_index(f->frames, i));
	return g_string_free(shown, FALSE);
}

#define assert_shown(f, text)                              \
	do {                                               \
		g_autofree char *shown = fixture_shown(f); \
                                                           \
		g_assert_cmpstr(shown, ==, text);          \
	} while (0)

#define A          "a\t640\t480\t444\t4\t-1\tfull\n"
#define B          "b\t640\t480\t444\t4\t-1\tfull\n"
#define C          "c\t640\t480\t444\t4\t-1\tfull\n"
#define D_LARGER   "d\t800\t600\t444\t4\t-1\tfull\n"
#define E_LARGER   "e\t800\t600\t444\t4\t-1\tfull\n"
#define JPEG(name) name "\t640\t480\tjpeg\t4\t-1\tfull\n"

static struct list *list_of(const char *text, size_t size)
{
	FILE *stream = fmemopen((void *)text, size, "r");

	g_assert_nonnull(stream);
	return list_open_stream(stream, "frames.list", "/folder");
}

static void assert_frame(struct list *list, const char *path, int width, int height, int codec,
		int chroma, int selector, int second_selector, bool studio)
{
	struct list_frame frame;
	GError *error = NULL;

	g_assert_cmpint(list_next(list, &frame, &error), ==, LIST_FRAME);
	g_assert_no_error(error);
	g_assert_cmpstr(frame.path, ==, path);
	g_assert_cmpint(frame.width, ==, width);
	g_assert_cmpint(frame.height, ==, height);
	g_assert_cmpint(frame.codec, ==, codec);
	g_assert_cmpint(frame.chroma, ==, chroma);
	g_assert_cmpint(frame.selector, ==, selector);
	g_assert_cmpint(frame.second_selector, ==, second_selector);
	g_assert_cmpint(frame.studio, ==, studio);
}

static void test_lines_become_frames(void)
{
	static const char text[] = "# a recording\n"
				   "\n"
				   "one.ajpg\t1024\t768\t444\t4\t-1\tfull\n"
				   "/srv/two.ajpg\t4096\t1\t420\t11\t0\tstudio\n"
				   "login screen.jpg\t4096\t4096\tjpeg\t0\t11\tfull";
	struct list *list = list_of(text, strlen(text));
	struct list_frame frame;

	assert_frame(list, "/folder/one.ajpg", 1024, 768, CAPTURE_AJPG, 444, 4, -1, false);
	g_assert_cmpint(list_line(list), ==, 3);
	assert_frame(list, "/srv/two.ajpg", 4096, 1, CAPTURE_AJPG, 420, 11, 0, true);
	assert_frame(list, "/folder/login screen.jpg", 4096, 4096, CAPTURE_JPEG, 420, 0, 11, false);
	g_assert_cmpint(list_next(list, &frame, NULL), ==, LIST_END);
	g_assert_cmpint(list_next(list, &frame, NULL), ==, LIST_END);
	list_close(list);
}

static void test_mistakes_are_named_with_file_and_line(void)
{
	static const struct {
		const char *line, *complaint;
	} mistakes[] = {
			{"a\t2049\t1\t444\t0\t-1\tfull", "width \"2049\" is not a number 1..2048"},
			{"a\t4097\t1\t420\t0\t-1\tfull", "width \"4097\" is not a number 1..4096"},
			{"a\t1\t0\tjpeg\t0\t-1\tfull", "height \"0\" is not a number 1..4096"},
			{"a\t1\t1x\tjpeg\t0\t-1\tfull", "height \"1x\" is not a number 1..4096"},
			{"a\t 1\t1\tjpeg\t0\t-1\tfull", "width \" 1\" is not a number 1..4096"},
			{"a\t1\t1\tjpeg\t12\t-1\tfull", "selector \"12\" is not a number 0..11"},
			{"a\t1\t1\tjpeg\t-1\t-1\tfull", "selector \"-1\" is not a number 0..11"},
			{"a\t1\t1\tjpeg\t0\t-2\tfull",
					"second selector \"-2\" is not a number -1..11"},
			{"a\t1\t1\tjpeg\t0\t99999999999999999999\tfull",
					"second selector \"99999999999999999999\" is not a number -1..11"},
			{"a\t1\t1\t422\t0\t-1\tfull", "codec \"422\" is none of 444, 420, jpeg"},
			{"a\t1\t1\tjpeg\t0\t-1\tfull\r",
					"range \"full\\r\" is none of full, studio"},
			{"\t1\t1\tjpeg\t0\t-1\tfull", "the path is empty"},
			{"a\t1\t1\tjpeg\t0\t-1", "6 fields with tabs between, there should be 7"},
			{"a 1 1 jpeg 0 -1 full", "1 fields with tabs between, there should be 7"},
			{"a\t1\t1\tjpeg\t0\t-1\tfull\t",
					"8 fields with tabs between, there should be 7"},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(mistakes); i++) {
		g_autofree char *text = g_strdup_printf("#\n%s\n" A, mistakes[i].line);
		g_autofree char *want = g_strdup_printf("frames.list:2: %s", mistakes[i].complaint);
		g_autoptr(GError) error = NULL;
		struct list *list = list_of(text, strlen(text));
		struct list_frame frame;

		g_assert_cmpint(list_next(list, &frame, &error), ==, LIST_FAILED);
		g_assert_error(error, LIST_ERROR, LIST_ERROR_SYNTAX);
		g_assert_cmpstr(error->message, ==, want);
		assert_frame(list, "/folder/a", 640, 480, CAPTURE_AJPG, 444, 4, -1, false);
		list_close(list);
	}
}

static void test_line_without_end_is_refused(void)
{
	g_autofree char *text = g_malloc(100000);
	g_autoptr(GError) error = NULL;
	struct list_frame frame;
	struct list *list;

	memset(text, 'x', 100000);
	memcpy(text + 99000, "\n" A, strlen("\n" A));
	list = list_of(text, 99000 + strlen("\n" A));
	g_assert_cmpint(list_next(list, &frame, &error), ==, LIST_FAILED);
	g_assert_cmpstr(error->message, ==, "frames.list:1: more than 8191 bytes in a line");
	assert_frame(list, "/folder/a", 640, 480, CAPTURE_AJPG, 444, 4, -1, false);
	list_close(list);
}

static void test_zero_byte_is_refused(void)
{
	g_autoptr(GError) error = NULL;
	struct list *list = list_of("a\0b\n", 4);
	struct list_frame frame;

	g_assert_cmpint(list_next(list, &frame, &error), ==, LIST_FAILED);
	g_assert_cmpstr(error->message, ==, "frames.list:1: a zero byte, which no text has");
	list_close(list);
}

static void test_lines_are_read_as_they_come(void)
{
	int ends[2];
	struct list *list;

	g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
	list = list_open_stream(fdopen(ends[0], "r"), "pipe", NULL);
	g_assert_cmpint(write(ends[1], A, strlen(A)), ==, strlen(A));
	assert_frame(list, "a", 640, 480, CAPTURE_AJPG, 444, 4, -1, false);
	close(ends[1]);
	list_close(list);
}

static void test_missing_list_is_an_error(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *want = g_strdup_printf("%s: No such file or directory", f->list);

	g_assert_null(replay_open(f->list, 30, false, &error));
	g_assert_error(error, LIST_ERROR, LIST_ERROR_READ);
	g_assert_cmpstr(error->message, ==, want);
}

static void test_folder_is_no_list(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(replay_open(f->folder, 30, false, &error));
	g_assert_error(error, LIST_ERROR, LIST_ERROR_READ);
}

static void test_bad_list_or_rate_is_refused_at_once(struct fixture *f, gconstpointer unused)
{
	static const char *const bad[] = {"", "# nothing\n", A "wrong\n"};
	static const double rates[] = {0, -1, 1e9};

	for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;

		fixture_write(f, "list", bad[i]);
		g_assert_null(replay_open(f->list, 30, false, &error));
		g_assert_error(error, LIST_ERROR, LIST_ERROR_SYNTAX);
	}
	fixture_write(f, "list", A);
	for (size_t i = 0; i < G_N_ELEMENTS(rates); i++) {
		g_autoptr(GError) error = NULL;

		g_assert_null(replay_open(f->list, rates[i], false, &error));
		g_assert_error(error, LIST_ERROR, LIST_ERROR_SYNTAX);
	}
}

static void test_frames_come_in_order_and_the_last_stays(struct fixture *f, gconstpointer unused)
{
	fixture_replay(f, A B "c\t640\t480\t444\t9\t3\tstudio\n", FAST, false);
	g_assert_cmpuint(f->frames->len, ==, 0); /* never before start has returned */
	wait_until(f->frames->len == 3);
	g_usleep(20000);
	g_assert_false(g_main_context_iteration(NULL, FALSE));
	assert_shown(f, "abc");
	g_assert_cmpstr(f->states->str, ==, "s");
	g_assert_cmpint(f->last.codec, ==, CAPTURE_AJPG);
	g_assert_cmpint(f->last.width, ==, 640);
	g_assert_cmpint(f->last.chroma, ==, 444);
	g_assert_cmpint(f->last.selector, ==, 9);
	g_assert_cmpint(f->last.second_selector, ==, 3);
	g_assert_true(f->last.studio);
	g_assert_cmpint(ABS(f->last.time - g_get_monotonic_time()), <, 20 * G_USEC_PER_SEC);
}

static void test_loop_begins_again(struct fixture *f, gconstpointer unused)
{
	fixture_replay(f, A B, FAST, true);
	f->stop_after = 5;
	wait_until(f->frames->len == 5);
	assert_shown(f, "ababa");
}

static void test_rate_is_kept(struct fixture *f, gconstpointer unused)
{
	int64_t begin = g_get_monotonic_time();

	fixture_replay(f, A B, 50, true);
	f->stop_after = 11;
	wait_until(f->frames->len == 11);
	g_assert_cmpint(g_get_monotonic_time() - begin, >=, 195000); /* ten periods of 20 ms */
}

static void test_nothing_comes_after_stop(struct fixture *f, gconstpointer unused)
{
	fixture_replay(f, A B C, FAST, true);
	f->stop_after = 2;
	wait_until(f->frames->len == 2);
	g_usleep(20000);
	g_assert_false(g_main_context_iteration(NULL, FALSE));
	assert_shown(f, "ab");
}

static void test_start_begins_with_the_first_line(struct fixture *f, gconstpointer unused)
{
	fixture_replay(f, A B C, FAST, true);
	f->stop_after = 2;
	wait_until(f->frames->len == 2);
	f->stop_after = 4;
	capture_start(f->replay);
	capture_start(f->replay);
	wait_until(f->frames->len == 4);
	assert_shown(f, "abab");
	g_assert_cmpstr(f->states->str, ==, "ss");
}

static void test_key_frame_goes_back_to_the_last_complete_line(
		struct fixture *f, gconstpointer unused)
{
	fixture_replay(f, A B D_LARGER E_LARGER, FAST, false);
	f->key_frame_after = 4;
	wait_until(f->frames->len == 6);
	assert_shown(f, "abdede");
}

static void test_key_frame_of_a_jpeg_is_itself(struct fixture *f, gconstpointer unused)
{
	fixture_replay(f, JPEG("a") JPEG("b") JPEG("c"), FAST, false);
	f->key_frame_after = 2;
	wait_until(f->frames->len == 4);
	assert_shown(f, "abbc");
}

static void test_key_frame_is_there_after_the_end_too(struct fixture *f, gconstpointer unused)
{
	fixture_replay(f, A B, FAST, false);
	capture_key_frame(f->replay);
	wait_until(f->frames->len == 2);
	capture_key_frame(f->replay);
	wait_until(f->frames->len == 4);
	assert_shown(f, "abab");
}

static void test_missing_jpeg_is_told_once_and_passed_over(struct fixture *f, gconstpointer unused)
{
	g_autofree char *want = NULL;

	fixture_replay(f, JPEG("a") JPEG("gone") JPEG("c"), FAST, true);
	wait_until(f->states->len == 2);
	want = g_strdup_printf("%s: No such file or directory; trying again in 0.5 s",
			fixture_path(f, "gone"));
	g_assert_cmpstr(f->reason, ==, want);
	f->stop_after = 6;
	wait_until(f->frames->len == 6);
	assert_shown(f, "acacac");
	g_assert_cmpstr(f->states->str, ==, "sns");
}

static void test_jpeg_that_comes_back_is_shown_again(struct fixture *f, gconstpointer unused)
{
	fixture_replay(f, JPEG("a") JPEG("gone") JPEG("c"), FAST, true);
	wait_until(f->frames->len > 3);
	fixture_write(f, "gone", "g");
	wait_until(f->last.size &&
			g_str_equal(g_ptr_array_index(f->frames, f->frames->len - 1), "g"));
	g_assert_cmpstr(f->states->str, ==, "sns");
}

static void test_picture_is_not_built_on_a_gap(struct fixture *f, gconstpointer unused)
{
	g_remove(fixture_path(f, "b"));
	fixture_replay(f, A B C D_LARGER E_LARGER, FAST, true);
	f->stop_after = 6;
	wait_until(f->frames->len == 6);
	assert_shown(f, "adeade");
}

static void test_recording_waits_for_what_is_all_it_has(struct fixture *f, gconstpointer unused)
{
	g_remove(fixture_path(f, "b"));
	fixture_replay(f, A B C, FAST, false);
	wait_until(f->states->len == 2);
	assert_shown(f, "a");
	fixture_write(f, "b", "b");
	wait_until(f->frames->len == 3);
	assert_shown(f, "abc");
	g_assert_cmpstr(f->states->str, ==, "sns");
}

static void test_what_is_no_frame_is_passed_over(struct fixture *f, gconstpointer unused)
{
	int large;

	fixture_write(f, "b", "");
	g_remove(fixture_path(f, "c"));
	large = g_creat(fixture_path(f, "c"), 0600);
	g_assert_cmpint(ftruncate(large, REPLAY_FILE_MAX + 1), ==, 0);
	close(large);
	fixture_replay(f, JPEG("a") JPEG("b") JPEG("c") JPEG(".") JPEG("e"), FAST, false);
	wait_until(f->frames->len == 2);
	assert_shown(f, "ae");
	g_assert_cmpstr(f->states->str, ==, "sns");
}

static void test_all_gone_costs_no_busy_loop(struct fixture *f, gconstpointer unused)
{
	int64_t until = g_get_monotonic_time() + G_USEC_PER_SEC / 4;
	int turns = 0;

	fixture_replay(f, JPEG("x") JPEG("y") JPEG("z"), FAST, true);
	while (g_get_monotonic_time() < until) {
		turns += g_main_context_iteration(NULL, FALSE);
		g_usleep(500);
	}
	g_assert_cmpint(turns, <, 20);
	g_assert_cmpstr(f->states->str, ==, "n");
}

int main(int argc, char **argv)
{
#define TEST(name) \
	g_test_add("/replay/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/list/lines_become_frames", test_lines_become_frames);
	g_test_add_func("/list/mistakes_are_named_with_file_and_line",
			test_mistakes_are_named_with_file_and_line);
	g_test_add_func("/list/line_without_end_is_refused", test_line_without_end_is_refused);
	g_test_add_func("/list/zero_byte_is_refused", test_zero_byte_is_refused);
	g_test_add_func("/list/lines_are_read_as_they_come", test_lines_are_read_as_they_come);
	TEST(missing_list_is_an_error);
	TEST(folder_is_no_list);
	TEST(bad_list_or_rate_is_refused_at_once);
	TEST(frames_come_in_order_and_the_last_stays);
	TEST(loop_begins_again);
	TEST(rate_is_kept);
	TEST(nothing_comes_after_stop);
	TEST(start_begins_with_the_first_line);
	TEST(key_frame_goes_back_to_the_last_complete_line);
	TEST(key_frame_of_a_jpeg_is_itself);
	TEST(key_frame_is_there_after_the_end_too);
	TEST(missing_jpeg_is_told_once_and_passed_over);
	TEST(jpeg_that_comes_back_is_shown_again);
	TEST(picture_is_not_built_on_a_gap);
	TEST(recording_waits_for_what_is_all_it_has);
	TEST(what_is_no_frame_is_passed_over);
	TEST(all_gone_costs_no_busy_loop);
	return g_test_run();
}
