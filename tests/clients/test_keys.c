/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys and texts by the API, on the console of a simulated node that has keyboards of its own
 * (sim/keymap.h), with real viewers who hold keys meanwhile.
 */
#include "gadget/usage.h"
#include "tests/clients/keys_rig.h"

/* Scan codes, in the client's notation. */
#define CODE_SHIFT 0x2a
#define CODE_CAPS  0x3a
#define CODE_X     0x2d

static const struct sample {
	const char *layout, *texts[4];
} samples[] = {
		{"us", {"the quick brown fox JUMPS", "~!@#$%^&*()_+`-=", "{}|[]\\:\";'<>?,./"}},
		{"gb", {"Zz £5 is €6", "¬!\"$%^&*()_+`-=", "{}~[]#:@;'<>?,./\\|"}},
		{"de", {"Größe 5 € Übung ÄÖ", "{[]}\\ | ~ @ ² ³ µ §°", "é è à ô ÉÊ ^ ` ßyzYZ#'+*"}},
		{"es", {"¿Cuánto? ¡5 €! Ñandú ÁÉ", "|@#~¬{[]}\\ ºª·çÇ", "à ü î ^ ` ñ'+*-_<>"}},
		{"fr", {"ça coûte 5 € à Noël", "~#{[|`\\^@]} ²°§µ£$", "AZQWM aêîôû 12345 ?./!:;,"}},
		{"jp", {"Zz@`[{]}:*;+", "!\"#$%&'()=~|^\\_", "-<>?/., 0123456789"}},
		{"ru", {"Съешь ещё этих булок", "ЁЙ №;%:?*()_+-=", "жэбю.,ЖЭБЮ\\/ 0123456789"}},
};

/* The layout of the node is the fixture's. */
static void text_arrives_in_its_layout(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;
	const struct sample *sample = samples;

	while (strcmp(sample->layout, f->layout) != 0)
		sample++;
	test_begin(f);
	f->typed = f->took = 0;
	for (const char *const *text = sample->texts; *text; text++) {
		types(f, *text, f->layout);
		g_assert_cmpstr(desk_state(f->desk)->typed, ==, *text);
		types(f, "\n", f->layout);
		g_assert_cmpstr(desk_state(f->desk)->typed, ==, "");
	}
	g_assert_true(holds_just(f, GINT_TO_POINTER(0)));
	if (f->took)
		g_test_message("%.0f characters a second",
				1000.0 * (double)f->typed / (double)f->took);
}

static void lines_are_entered(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;

	test_begin(f);
	types(f, "echo first one\r\necho second one\n", "us");
	g_assert_true(wait_for(f, in_text, "\nsecond one\n"));
	g_assert_nonnull(strstr(desk_state(f->desk)->text, "\nfirst one\n"));
	test_end(f);
}

static void chords_reach_firmware_and_system(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;

	/* The first test, since the node boots anyway. */
	assert_done(f, json_pack("{s:s}", "keys", "ctrl+alt+del"));
	assert_done(f, json_pack("{s:s}", "keys", "ctrl+alt+delete f12"));
	g_assert_true(wait_for(f, in_text, "Boot menu"));
	assert_done(f, json_pack("{s:s}", "keys", "enter"));
	g_assert_true(wait_for(f, at_prompt, NULL));
	test_end(f);
}

static void nothing_is_typed_of_what_a_layout_lacks(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;
	struct http_reply *reply;
	const json_t *lack, *list;
	int reports;

	test_begin(f);
	reports = desk_state(f->desk)->input.reports;
	reply = ask(f, "POST", "{\"text\": \"abc\\nd\u00e9f \u0416 \u00e9\"}");
	g_assert_cmpint(reply->status, ==, 422);
	g_assert_nonnull(strstr(http_reply_message(reply), "layout \"us\" lacks"));
	g_assert_nonnull(strstr(http_reply_message(reply), "(line 2, column 2)"));
	list = json_object_get(json_object_get(reply->json, "error"), "characters");
	g_assert_cmpuint(json_array_size(list), ==, 2);
	lack = json_array_get(list, 0);
	g_assert_cmpstr(json_string_value(json_object_get(lack, "character")), ==, "\u00e9");
	g_assert_cmpint(json_integer_value(json_object_get(lack, "position")), ==, 6);
	g_assert_cmpint(json_integer_value(json_object_get(lack, "times")), ==, 2);
	http_reply_free(reply);
	g_assert_cmpint(desk_state(f->desk)->input.reports, ==, reports);
	g_assert_cmpstr(desk_state(f->desk)->typed, ==, "");
	test_end(f);
}

static void mistakes_are_refused(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;
	g_autofree char *filler = g_strnfill(16385, 'a');
	g_autofree char *large = g_strdup_printf("{\"text\": \"%s\"}", filler);

	assert_refused(f, "{}", 400, "either keys or text");
	assert_refused(f, "{\"keys\": \"a\", \"text\": \"a\"}", 400, "either keys or text");
	assert_refused(f, "{\"keys\": \"ctrl+alt+dell\"}", 400, "did you mean \"del\"?");
	assert_refused(f, "{\"keys\": \"\"}", 400, "no chord");
	assert_refused(f, "{\"text\": \"\"}", 400, "empty");
	assert_refused(f, "{\"text\": \"a\", \"layout\": \"dee\"}", 400, "did you mean \"de\"?");
	assert_refused(f, "{\"text\": \"a\", \"rate\": 0}", 400, "rate");
	assert_refused(f, "{\"text\": \"a\", \"rate\": 201}", 400, "rate");
	assert_refused(f, "{\"text\": 1}", 400, "text");
	assert_refused(f, "{\"text\": [\"a\"]}", 400, "text");
	assert_refused(f, "{\"text\": \"a\\u0000b\"}", 400, "");
	assert_refused(f, "{\"text\": \"a\", \"wait\": 1}", 400, "wait");
	assert_refused(f, "{\"text\": \"a\", \"more\": 1}", 400, "more");
	assert_refused(f, "[\"a\"]", 400, "");
	assert_refused(f, "{\"text\"", 400, "JSON");
	assert_refused(f, "", 400, "");
	assert_refused(f, large, 400, "16384 bytes");
	g_assert_true(holds_just(f, GINT_TO_POINTER(0)));
	test_end(f);
}

static void one_types_at_a_time_and_can_be_stopped(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;
	struct http_reply *reply;
	json_int_t typed;

	test_begin(f);
	begin_long(f);
	assert_refused(f, "{\"keys\": \"a\"}", 409, "already");
	g_assert_true(wait_for(f, holds_just, GINT_TO_POINTER(USAGE_A + 1)));
	stop(f);
	g_assert_true(wait_for(f, holds_just, GINT_TO_POINTER(0)));
	reply = ask(f, "GET", NULL);
	g_assert_cmpstr(state_of(reply), ==, "stopped");
	typed = json_integer_value(json_object_get(reply->json, "typed"));
	http_reply_free(reply);
	/* The one that was down just now may not count. */
	g_assert_cmpint(strlen(desk_state(f->desk)->typed), >=, typed);
	g_assert_cmpint(strlen(desk_state(f->desk)->typed), <=, typed + 1);
	assert_done(f, json_pack("{s:s}", "keys", "ctrl+u"));
	types(f, "again", "us");
	g_assert_cmpstr(desk_state(f->desk)->typed, ==, "again");
	test_end(f);
}

static void what_a_viewer_holds_does_not_leak(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;

	test_begin(f);
	f->client = come_in(f);
	client_key(f->client, CODE_SHIFT, true);
	g_assert_true(wait_for(f, holds_just, GINT_TO_POINTER(USAGE_LEFT_SHIFT)));
	types(f, "aB c", "us");
	g_assert_cmpstr(desk_state(f->desk)->typed, ==, "aB c");
	/* A modifier comes back. */
	g_assert_true(wait_for(f, holds_just, GINT_TO_POINTER(USAGE_LEFT_SHIFT)));
	client_key(f->client, CODE_SHIFT, false);
	g_assert_true(wait_for(f, holds_just, GINT_TO_POINTER(0)));
	/* A letter does not, which would type it once more. */
	types(f, "\n", "us");
	client_key(f->client, CODE_X, true);
	g_assert_true(wait_for(f, holds_just, GINT_TO_POINTER(USAGE_A + 'x' - 'a')));
	types(f, "y", "us");
	g_assert_cmpint(desk_state(f->desk)->typed[0], ==, 'x');
	g_assert_true(g_str_has_suffix(desk_state(f->desk)->typed, "xy"));
	g_assert_true(holds_just(f, GINT_TO_POINTER(0)));
	client_key(f->client, CODE_X, false);
	client_run(f->client, 100);
	g_assert_true(g_str_has_suffix(desk_state(f->desk)->typed, "xy"));
	test_end(f);
}

static bool types_on(struct fixture *f, gconstpointer before)
{
	return strlen(desk_state(f->desk)->typed) > GPOINTER_TO_UINT(before);
}

static void viewers_keys_stay_outside_and_their_leaving_stops_nothing(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;
	size_t typed;

	test_begin(f);
	f->client = come_in(f);
	client_key(f->client, CODE_SHIFT, true);
	g_assert_true(wait_for(f, holds_just, GINT_TO_POINTER(USAGE_LEFT_SHIFT)));
	begin_long(f);
	g_assert_true(wait_for(f, holds_just, GINT_TO_POINTER(USAGE_A + 1)));
	client_key(f->client, CODE_X, true);
	client_key(f->client, CODE_X, false);
	client_run(f->client, 200);
	client_close(g_steal_pointer(&f->client));
	typed = strlen(desk_state(f->desk)->typed);
	g_assert_true(wait_for(f, types_on, GUINT_TO_POINTER(typed + 5)));
	stop(f);
	typed = strlen(desk_state(f->desk)->typed);
	g_assert_cmpuint(strspn(desk_state(f->desk)->typed, "b"), ==, typed);
	test_end(f);
}

static void put_out(struct fixture *f)
{
	client_key(f->client, CODE_CAPS, true);
	client_key(f->client, CODE_CAPS, false);
	g_assert_true(wait_for(f, is_lit, GINT_TO_POINTER(0)));
}

static void caps_lock_is_as_before(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;

	test_begin(f);
	f->client = come_in(f);
	client_key(f->client, CODE_CAPS, true);
	client_key(f->client, CODE_CAPS, false);
	g_assert_true(wait_for(f, is_lit, GINT_TO_POINTER(CAPS)));
	types(f, "aB", "us");
	g_assert_cmpstr(desk_state(f->desk)->typed, ==, "aB");
	g_assert_true(wait_for(f, is_lit, GINT_TO_POINTER(CAPS)));
	put_out(f);
	test_end(f);
}

/* --- Lock lights of two viewers --- */

#define SETTLE_MS 200 /* the light comes with the key's press; its release is still to come */

/* Nothing goes to the node any more for so long; a guess of the library's is due after 2 s. */
static void assert_quiet(struct fixture *f, int ms)
{
	int reports;

	client_run(f->client, SETTLE_MS);
	reports = desk_state(f->desk)->input.reports;
	client_run(f->client, ms);
	g_assert_cmpint(desk_state(f->desk)->input.reports, ==, reports);
}

static void locks_of_two_viewers_do_not_fight(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;

	test_begin(f);
	f->client = come_in(f);
	f->other = come_in(f);
	client_key(f->client, CODE_CAPS, true);
	client_key(f->client, CODE_CAPS, false);
	g_assert_true(wait_for(f, is_lit, GINT_TO_POINTER(CAPS)));
	assert_quiet(f, 300);
	g_assert_true(is_lit(f, GINT_TO_POINTER(CAPS)));
	/* The other one's window gets the focus, where nothing is lit. */
	client_set_locks(f->other, 0);
	g_assert_true(wait_for(f, is_lit, GINT_TO_POINTER(0)));
	client_set_locks(f->client, CAPS);
	g_assert_true(wait_for(f, is_lit, GINT_TO_POINTER(CAPS)));
	client_set_locks(f->other, CAPS);
	assert_quiet(f, 300);
	g_assert_true(is_lit(f, GINT_TO_POINTER(CAPS)));
	put_out(f);
	test_end(f);
}

static void text_goes_on_while_viewers_set_their_locks(gconstpointer data)
{
	struct fixture *f = (struct fixture *)data;

	test_begin(f);
	f->client = come_in(f);
	begin_long(f);
	g_assert_true(wait_for(f, holds_just, GINT_TO_POINTER(USAGE_A + 1)));
	client_set_locks(f->client, CAPS);
	client_run(f->client, 200);
	stop(f);
	g_assert_cmpuint(strspn(desk_state(f->desk)->typed, "b"), ==,
			strlen(desk_state(f->desk)->typed));
	/* What it shows is the node's light, or its user's next word would turn that round. */
	assert_quiet(f, 2500);
	g_assert_true(is_lit(f, GINT_TO_POINTER(0)));
	test_end(f);
}

int main(int argc, char **argv)
{
	struct fixture desks[G_N_ELEMENTS(samples)] = {{0}};
	int result;

	desk_begin(argc, argv);
	stage_test_init(&argc, &argv);
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autofree char *path = g_strdup_printf("/keys/%s/text_arrives", samples[i].layout);

		fixture_open(&desks[i], samples[i].layout);
		g_test_add_data_func(path, &desks[i], text_arrives_in_its_layout);
	}
#define TEST(name) g_test_add_data_func("/keys/" #name, &desks[0], name)
	TEST(chords_reach_firmware_and_system);
	TEST(lines_are_entered);
	TEST(nothing_is_typed_of_what_a_layout_lacks);
	TEST(mistakes_are_refused);
	TEST(one_types_at_a_time_and_can_be_stopped);
	TEST(what_a_viewer_holds_does_not_leak);
	TEST(viewers_keys_stay_outside_and_their_leaving_stops_nothing);
	TEST(caps_lock_is_as_before);
	TEST(locks_of_two_viewers_do_not_fight);
	TEST(text_goes_on_while_viewers_set_their_locks);
	result = g_test_run();
	for (size_t i = 0; i < G_N_ELEMENTS(samples); i++)
		fixture_close(&desks[i]);
	return result;
}
