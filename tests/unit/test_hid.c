/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "sim/hid.h"
#include "tests/unit/sim_devices.h"

/* A keyboard with a bit for each of 104 keys (report 1) and a mouse with a wheel (report 2) in one
 * device. */
/* clang-format off */
static const uint8_t combined[] = {
		0x05, 0x01, 0x09, 0x06, 0xa1, 0x01, 0x85, 0x01, 0x05, 0x07, 0x19, 0xe0,
		0x29, 0xe7, 0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x08, 0x81, 0x02,
		0x19, 0x00, 0x29, 0x67, 0x95, 0x68, 0x81, 0x02, 0x05, 0x08, 0x19, 0x01,
		0x29, 0x05, 0x95, 0x05, 0x91, 0x02, 0x95, 0x03, 0x91, 0x01, 0xc0,
		0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, 0x85, 0x02, 0x05, 0x09, 0x19, 0x01,
		0x29, 0x03, 0x95, 0x03, 0x81, 0x02, 0x95, 0x05, 0x81, 0x01, 0x05, 0x01,
		0x09, 0x30, 0x09, 0x31, 0x09, 0x38, 0x15, 0x81, 0x25, 0x7f, 0x75, 0x08,
		0x95, 0x03, 0x81, 0x06, 0xc0,
};
/* clang-format on */

struct fixture {
	struct hid *hid;
	GString *heard; /* "key 4 down; x +5; ..." */
};

static void hear(const struct hid_event *event, void *data)
{
	static const char *const axes[] = {"x", "y", "wheel"};
	GString *heard = ((struct fixture *)data)->heard;

	if (heard->len > 0)
		g_string_append(heard, ", ");
	switch (event->type) {
	case HID_KEY:
	case HID_BUTTON:
		g_string_append_printf(heard, "%s %d %s", event->type == HID_KEY ? "key" : "button",
				event->code, event->value ? "down" : "up");
		break;
	case HID_ABSOLUTE:
		g_string_append_printf(heard, "%s %d", axes[event->code], event->value);
		break;
	case HID_RELATIVE:
		g_string_append_printf(heard, "%s %+d", axes[event->code], event->value);
		break;
	}
}

static struct fixture open_fixture(const uint8_t *descriptor, gsize size)
{
	struct fixture f = {hid_new(descriptor, size), g_string_new(NULL)};

	g_assert_nonnull(f.hid);
	return f;
}

static void close_fixture(struct fixture *f)
{
	hid_free(f->hid);
	g_string_free(f->heard, TRUE);
}

static void assert_heard(struct fixture *f, const char *what)
{
	g_assert_cmpstr(f->heard->str, ==, what);
	g_string_truncate(f->heard, 0);
}

#define REPORT(f, ...)                                       \
	hid_report((f)->hid, (const uint8_t[]){__VA_ARGS__}, \
			sizeof((const uint8_t[]){__VA_ARGS__}), hear, f)

static void test_boot_keyboard_reports_what_changed(void)
{
	struct fixture f = open_fixture(boot_keyboard, sizeof(boot_keyboard));

	g_assert_true(hid_is_keyboard(f.hid));
	g_assert_false(hid_is_pointer(f.hid));
	g_assert_true(REPORT(&f, 0x02, 0, 4, 0, 0, 0, 0, 0));
	assert_heard(&f, "key 225 down, key 4 down");
	g_assert_true(REPORT(&f, 0x02, 0, 4, 0, 0, 0, 0, 0));
	assert_heard(&f, "");
	g_assert_true(REPORT(&f, 0, 0, 5, 0, 0, 0, 0, 0));
	assert_heard(&f, "key 225 up, key 4 up, key 5 down");
	close_fixture(&f);
}

static void test_roll_over_leaves_the_keys_alone(void)
{
	struct fixture f = open_fixture(boot_keyboard, sizeof(boot_keyboard));

	REPORT(&f, 0, 0, 4, 5, 0, 0, 0, 0);
	assert_heard(&f, "key 5 down, key 4 down");
	REPORT(&f, 0x01, 0, 1, 1, 1, 1, 1, 1);
	assert_heard(&f, "key 224 down");
	REPORT(&f, 0x01, 0, 5, 0, 0, 0, 0, 0);
	assert_heard(&f, "key 4 up");
	close_fixture(&f);
}

static void test_short_reports_do_nothing(void)
{
	struct fixture f = open_fixture(boot_keyboard, sizeof(boot_keyboard));

	g_assert_false(REPORT(&f, 0, 0, 4));
	assert_heard(&f, "");
	g_assert_true(REPORT(&f, 0, 0, 4, 0, 0, 0, 0, 0, 0xff, 0xff));
	assert_heard(&f, "key 4 down");
	close_fixture(&f);
}

static void test_mouse_moves_by_signed_steps(void)
{
	struct fixture f = open_fixture(boot_mouse, sizeof(boot_mouse));

	g_assert_true(hid_is_pointer(f.hid));
	REPORT(&f, 0x05, 127, 0x81);
	assert_heard(&f, "x +127, y -127, button 1 down, button 3 down");
	REPORT(&f, 0x04, 0, 0);
	assert_heard(&f, "button 1 up");
	/* -128 is outside the logical range: it says nothing. */
	REPORT(&f, 0x04, 0x80, 1);
	assert_heard(&f, "y +1");
	close_fixture(&f);
}

static void test_tablet_spans_the_screen(void)
{
	struct fixture f = open_fixture(tablet, sizeof(tablet));

	REPORT(&f, 0, 0, 0, 0xff, 0x7f, 0);
	assert_heard(&f, "x 0, y 65535");
	REPORT(&f, 0x10, 0x00, 0x40, 0, 0x20, 0xff);
	assert_heard(&f, "x 32769, y 16384, wheel -1, button 5 down");
	close_fixture(&f);
}

static void test_ids_tell_reports_apart(void)
{
	struct fixture f = open_fixture(combined, sizeof(combined));

	g_assert_true(hid_is_keyboard(f.hid));
	g_assert_true(hid_is_pointer(f.hid));
	REPORT(&f, 1, 0, 0x30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01);
	assert_heard(&f, "key 96 down, key 5 down, key 4 down");
	REPORT(&f, 2, 1, 0, 0xff, 1);
	assert_heard(&f, "y -1, wheel +1, button 1 down");
	g_assert_false(REPORT(&f, 3, 1, 1, 1, 1));
	g_assert_false(hid_report(f.hid, NULL, 0, hear, &f));
	assert_heard(&f, "");
	close_fixture(&f);
}

static void test_unplugging_releases_everything(void)
{
	struct fixture f = open_fixture(combined, sizeof(combined));

	REPORT(&f, 1, 0x80, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	REPORT(&f, 2, 2, 0, 0, 0);
	g_string_truncate(f.heard, 0);
	hid_release(f.hid, hear, &f);
	assert_heard(&f, "key 231 up, key 4 up, button 2 up");
	hid_release(f.hid, hear, &f);
	assert_heard(&f, "");
	close_fixture(&f);
}

static void test_lights_make_an_output_report(void)
{
	struct fixture f = open_fixture(boot_keyboard, sizeof(boot_keyboard));
	uint8_t report[HID_REPORT_MAX];

	g_assert_cmpuint(hid_lights(f.hid, HID_CAPS_LOCK | HID_KANA, report), ==, 1);
	g_assert_cmphex(report[0], ==, 0x12);
	close_fixture(&f);

	f = open_fixture(combined, sizeof(combined));
	g_assert_cmpuint(hid_lights(f.hid, HID_NUM_LOCK, report), ==, 2);
	g_assert_cmphex(report[0], ==, 1);
	g_assert_cmphex(report[1], ==, 1);
	close_fixture(&f);

	f = open_fixture(boot_mouse, sizeof(boot_mouse));
	g_assert_cmpuint(hid_lights(f.hid, HID_NUM_LOCK, report), ==, 0);
	close_fixture(&f);
}

static void test_nonsense_is_refused(void)
{
	static const uint8_t huge[] = {
			0x05, 0x09, 0x19, 1, 0x29, 3, 0x75, 0x20, 0x96, 0xff, 0xff, 0x81, 0x02};
	static const uint8_t late_id[] = {
			0x05, 0x09, 0x19, 1, 0x29, 8, 0x75, 1, 0x95, 8, 0x81, 2, 0x85, 1};
	static const uint8_t pop[] = {0xb4};
	static const uint8_t end[] = {0xc0};

	g_assert_null(hid_new(NULL, 0));
	g_assert_null(hid_new(huge, sizeof(huge)));
	g_assert_null(hid_new(late_id, sizeof(late_id)));
	g_assert_null(hid_new(pop, sizeof(pop)));
	g_assert_null(hid_new(end, sizeof(end)));
	/* Cut anywhere, an item or the collection's end is missing. */
	for (gsize size = 0; size < sizeof(boot_keyboard); size++)
		g_assert_null(hid_new(boot_keyboard, size));
}

static void test_any_bytes_are_safe(void)
{
	struct fixture f = {NULL, g_string_new(NULL)};
	uint8_t bytes[sizeof(combined)];

	for (int round = 0; round < 20000; round++) {
		memcpy(bytes, combined, sizeof(bytes));
		for (int i = 0; i < 4; i++)
			bytes[g_test_rand_int_range(0, sizeof(bytes))] = g_test_rand_int_range(
					0, 256);
		f.hid = hid_new(bytes, sizeof(bytes));
		for (int size = 0; f.hid && size < 32; size++)
			hid_report(f.hid, bytes, size, hear, &f);
		g_string_truncate(f.heard, 0);
		hid_free(f.hid);
	}
	g_string_free(f.heard, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/hid/boot-keyboard-reports-what-changed",
			test_boot_keyboard_reports_what_changed);
	g_test_add_func("/hid/roll-over-leaves-the-keys-alone",
			test_roll_over_leaves_the_keys_alone);
	g_test_add_func("/hid/short-reports-do-nothing", test_short_reports_do_nothing);
	g_test_add_func("/hid/mouse-moves-by-signed-steps", test_mouse_moves_by_signed_steps);
	g_test_add_func("/hid/tablet-spans-the-screen", test_tablet_spans_the_screen);
	g_test_add_func("/hid/ids-tell-reports-apart", test_ids_tell_reports_apart);
	g_test_add_func("/hid/unplugging-releases-everything", test_unplugging_releases_everything);
	g_test_add_func("/hid/lights-make-an-output-report", test_lights_make_an_output_report);
	g_test_add_func("/hid/nonsense-is-refused", test_nonsense_is_refused);
	g_test_add_func("/hid/any-bytes-are-safe", test_any_bytes_are_safe);
	return g_test_run();
}
