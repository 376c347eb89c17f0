/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Descriptors that lie about their lengths, and what becomes of strings. */
#include "tests/unit/usbprobe_rig.h"
#include "tools/usbprobe/print.h"

/* Alone in memory, so that a sanitizer sees a step too far. */
static const char *parse(const guint8 *bytes, gsize size, struct configuration_descriptor *result)
{
	guint8 *exact = g_malloc(size);
	const char *wrong;

	if (size)
		memcpy(exact, bytes, size);
	wrong = descriptors_configuration(result, exact, size, false);
	g_free(exact);
	return wrong;
}

static void test_every_cut_is_noticed(void)
{
	struct configuration_descriptor result;
	guint8 bytes[AT_END];

	memcpy(bytes, keyboard_bytes, AT_END);
	g_assert_null(parse(bytes, AT_END, &result));
	g_assert_cmpint(result.interface[0].endpoints, ==, 2);
	for (int size = 0; size < AT_END; size++)
		g_assert_nonnull(parse(bytes, size, &result));
	/* Cut where a descriptor ends, and honest about it: all but the endpoints are there. */
	for (int size = 9; size < AT_END; size++) {
		bytes[2] = size;
		g_assert_cmpint(parse(bytes, size, &result) == NULL, ==,
				size == AT_INTERFACE || size == AT_HID || size == AT_IN ||
						size == AT_OUT);
	}
}

static void test_lengths_that_lie_are_survived(void)
{
	struct configuration_descriptor result;

	for (int at = 0; at < AT_END; at++) {
		for (int value = 0; value < 256; value++) {
			guint8 bytes[AT_END];
			struct fixture f;

			memcpy(bytes, keyboard_bytes, AT_END);
			bytes[at] = value;
			parse(bytes, AT_END, &result);
			g_assert_cmpint(result.interfaces, <=, CONFIGURATION_INTERFACES_MAX);
			if (value % 15)
				continue;
			fixture_open(&f);
			byte(&f, at, value);
			checks_run(f.probe, &f.findings);
			json_decref(print_json(f.probe, &f.findings));
			fixture_close(&f);
		}
	}
}

static void test_a_flood_of_interfaces_is_refused(void)
{
	struct configuration_descriptor result;
	guint8 bytes[9 + 40 * 9] = {9, 2, (9 + 40 * 9) & 255, (9 + 40 * 9) >> 8, 40, 1, 0, 0x80, 0};

	for (int i = 0; i < 40; i++) {
		bytes[9 + 9 * i] = 9;
		bytes[10 + 9 * i] = DESCRIPTOR_INTERFACE;
		bytes[11 + 9 * i] = i;
	}
	g_assert_nonnull(strstr(parse(bytes, sizeof(bytes), &result), "more than 16"));
	for (int i = 1; i < 40; i++) {
		bytes[9 + 9 * i] = 9;
		bytes[10 + 9 * i] = DESCRIPTOR_ENDPOINT;
	}
	g_assert_nonnull(strstr(parse(bytes, sizeof(bytes), &result), "more than 8"));
	bytes[10] = DESCRIPTOR_ENDPOINT;
	g_assert_nonnull(strstr(parse(bytes, sizeof(bytes), &result), "before any interface"));
}

static void test_strings_become_text(void)
{
	static const guint8 plain[] = {8, 3, 'a', 0, 0xe9, 0, 0xac, 0x20};
	static const guint8 pair[] = {6, 3, 0x3d, 0xd8, 0x00, 0xde};
	static const guint8 odd[] = {8, 3, 27, 0, 0x3d, 0xd8, '[', 0};
	guint8 longest[254] = {254, 3};
	char shown[DESCRIPTORS_STRING_MAX];

	g_assert_null(descriptors_string(shown, plain, sizeof(plain)));
	g_assert_cmpstr(shown, ==, "a\u00e9\u20ac");
	g_assert_null(descriptors_string(shown, pair, sizeof(pair)));
	g_assert_cmpstr(shown, ==, "\U0001f600");
	g_assert_null(descriptors_string(shown, odd, sizeof(odd)));
	g_assert_cmpstr(shown, ==, "\ufffd\ufffd[");
	memset(longest + 2, 0xff, sizeof(longest) - 2);
	g_assert_null(descriptors_string(shown, longest, sizeof(longest)));
	g_assert_cmpuint(strlen(shown), ==, 3 * 126);
	for (gsize size = 0; size < sizeof(plain); size++)
		g_assert_nonnull(descriptors_string(shown, plain, size));
}

static void test_a_bos_is_read_within_its_bounds(void)
{
	static const guint8 bytes[] = {5, 15, 12, 0, 1, 7, 16, 2, 2, 0, 0, 0};
	struct bos_descriptor bos;

	g_assert_null(descriptors_bos(&bos, bytes, sizeof(bytes)));
	g_assert_cmpint(bos.capabilities, ==, 1);
	g_assert_true(bos.lpm);
	for (gsize size = 0; size < sizeof(bytes); size++)
		g_assert_nonnull(descriptors_bos(&bos, bytes, size));
	for (gsize at = 0; at < sizeof(bytes); at++) {
		for (int value = 0; value < 256; value++) {
			guint8 *exact = g_memdup2(bytes, sizeof(bytes));

			exact[at] = value;
			descriptors_bos(&bos, exact, sizeof(bytes));
			g_free(exact);
		}
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(path, function) g_test_add_func("/descriptors/" path, function)
	TEST("every-cut-is-noticed", test_every_cut_is_noticed);
	TEST("lengths-that-lie-are-survived", test_lengths_that_lie_are_survived);
	TEST("a-flood-of-interfaces-is-refused", test_a_flood_of_interfaces_is_refused);
	TEST("strings-become-text", test_strings_become_text);
	TEST("a-bos-is-read-within-its-bounds", test_a_bos_is_read_within_its_bounds);
	return g_test_run();
}
