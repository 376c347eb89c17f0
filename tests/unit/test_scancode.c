/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "spice/scancode.h"

/* Feeds hexadecimal bytes; what comes out, as "+29 -29" (usages, down or up). */
static void assert_keys(const char *bytes, const char *expected)
{
	struct scancode scancode = {0};
	g_autoptr(GString) seen = g_string_new(NULL);

	for (const char *p = bytes; *p; p += p[2] ? 3 : 2) {
		struct scancode_key keys[SCANCODE_KEYS];
		int count = scancode_feed(&scancode, g_ascii_strtoull(p, NULL, 16), keys);

		for (int i = 0; i < count; i++)
			g_string_append_printf(seen, "%s%c%02x", seen->len ? " " : "",
					keys[i].down ? '+' : '-', keys[i].usage);
	}
	g_assert_cmpstr(seen->str, ==, expected);
}

/* The 105 keys of a PC keyboard but for Pause and Print Screen: code (0xe0xx with the prefix),
 * usage. */
static const struct {
	int code, usage;
} pc105[] = {{0x01, 0x29}, {0x3b, 0x3a}, {0x3c, 0x3b}, {0x3d, 0x3c}, {0x3e, 0x3d}, {0x3f, 0x3e},
		{0x40, 0x3f}, {0x41, 0x40}, {0x42, 0x41}, {0x43, 0x42}, {0x44, 0x43}, {0x57, 0x44},
		{0x58, 0x45}, {0x46, 0x47}, {0x29, 0x35}, {0x02, 0x1e}, {0x03, 0x1f}, {0x04, 0x20},
		{0x05, 0x21}, {0x06, 0x22}, {0x07, 0x23}, {0x08, 0x24}, {0x09, 0x25}, {0x0a, 0x26},
		{0x0b, 0x27}, {0x0c, 0x2d}, {0x0d, 0x2e}, {0x0e, 0x2a}, {0x0f, 0x2b}, {0x10, 0x14},
		{0x11, 0x1a}, {0x12, 0x08}, {0x13, 0x15}, {0x14, 0x17}, {0x15, 0x1c}, {0x16, 0x18},
		{0x17, 0x0c}, {0x18, 0x12}, {0x19, 0x13}, {0x1a, 0x2f}, {0x1b, 0x30}, {0x2b, 0x31},
		{0x3a, 0x39}, {0x1e, 0x04}, {0x1f, 0x16}, {0x20, 0x07}, {0x21, 0x09}, {0x22, 0x0a},
		{0x23, 0x0b}, {0x24, 0x0d}, {0x25, 0x0e}, {0x26, 0x0f}, {0x27, 0x33}, {0x28, 0x34},
		{0x1c, 0x28}, {0x2a, 0xe1}, {0x56, 0x64}, {0x2c, 0x1d}, {0x2d, 0x1b}, {0x2e, 0x06},
		{0x2f, 0x19}, {0x30, 0x05}, {0x31, 0x11}, {0x32, 0x10}, {0x33, 0x36}, {0x34, 0x37},
		{0x35, 0x38}, {0x36, 0xe5}, {0x1d, 0xe0}, {0xe05b, 0xe3}, {0x38, 0xe2},
		{0x39, 0x2c}, {0xe038, 0xe6}, {0xe05c, 0xe7}, {0xe05d, 0x65}, {0xe01d, 0xe4},
		{0xe052, 0x49}, {0xe047, 0x4a}, {0xe049, 0x4b}, {0xe053, 0x4c}, {0xe04f, 0x4d},
		{0xe051, 0x4e}, {0xe048, 0x52}, {0xe04b, 0x50}, {0xe050, 0x51}, {0xe04d, 0x4f},
		{0x45, 0x53}, {0xe035, 0x54}, {0x37, 0x55}, {0x4a, 0x56}, {0x47, 0x5f},
		{0x48, 0x60}, {0x49, 0x61}, {0x4e, 0x57}, {0x4b, 0x5c}, {0x4c, 0x5d}, {0x4d, 0x5e},
		{0x4f, 0x59}, {0x50, 0x5a}, {0x51, 0x5b}, {0xe01c, 0x58}, {0x52, 0x62},
		{0x53, 0x63}};

static void test_every_key_of_a_pc_keyboard_has_its_usage(void)
{
	g_assert_cmpint(G_N_ELEMENTS(pc105), ==, 105 - 2);
	for (size_t i = 0; i < G_N_ELEMENTS(pc105); i++) {
		const char *prefix = pc105[i].code > 0xff ? "e0 " : "";
		int code = pc105[i].code & 0xff;
		g_autofree char *bytes = g_strdup_printf(
				"%s%02x %s%02x", prefix, code, prefix, code | 0x80);
		g_autofree char *keys = g_strdup_printf(
				"+%02x -%02x", pc105[i].usage, pc105[i].usage);

		assert_keys(bytes, keys);
	}
}

static void test_no_two_keys_of_a_pc_keyboard_share_a_usage(void)
{
	bool seen[256] = {0};

	for (size_t i = 0; i < G_N_ELEMENTS(pc105); i++) {
		g_assert_false(seen[pc105[i].usage]);
		seen[pc105[i].usage] = true;
	}
}

static void test_asian_keys_have_their_usages(void)
{
	assert_keys("70 f0 73 f3 79 f9 7b fb 7d fd", "+88 -88 +87 -87 +8a -8a +8b -8b +89 -89");
	assert_keys("7e fe 5c dc", "+85 -85 +8c -8c");
}

static void test_korean_keys_without_a_release_are_pressed_and_released(void)
{
	assert_keys("f2 f1", "+90 -90 +91 -91");
}

static void test_korean_keys_with_a_release_stay_down_until_it(void)
{
	assert_keys("72 1e 9e f2", "+90 +04 -04 -90");
	assert_keys("71 f1 f1", "+91 -91 +91 -91");
}

static void test_function_keys_beyond_twelve_have_their_usages(void)
{
	assert_keys("5d 5e 5f 55", "+68 +69 +6a +6b");
	assert_keys("64 65 66 67", "+68 +69 +6a +6b");
	assert_keys("e0 03 e0 77 e0 04 5a 74 e0 79 6d 6f", "+6c +6d +6e +6f +70 +71 +72 +73");
}

static void test_volume_keys_have_their_usages(void)
{
	assert_keys("e0 20 e0 a0 e0 30 e0 b0 e0 2e e0 ae", "+7f -7f +80 -80 +81 -81");
}

static void test_pause_is_one_key(void)
{
	assert_keys("e1 1d 45", "+48");
	assert_keys("e1 1d 45 e1 9d c5", "+48 -48");
}

static void test_num_lock_is_not_pause(void)
{
	assert_keys("1d 45 c5 9d", "+e0 +53 -53 -e0");
	assert_keys("e1 1d 45 45", "+48 +53");
}

static void test_a_cut_pause_does_not_swallow_the_next_key(void)
{
	assert_keys("e1 1d 1e 9e", "+04 -04");
	assert_keys("e1 1e", "+04");
	assert_keys("e1 1d e0 48", "+52");
}

static void test_print_screen_comes_without_its_fake_shifts(void)
{
	assert_keys("e0 2a e0 37 e0 b7 e0 aa", "+46 -46");
	assert_keys("e0 37 e0 b7", "+46 -46");
	assert_keys("38 54 d4 b8", "+e2 +46 -46 -e2");
}

static void test_shifted_arrows_come_without_fake_shifts(void)
{
	assert_keys("2a e0 aa e0 4b e0 cb e0 2a aa", "+e1 +50 -50 -e1");
	assert_keys("36 e0 b6 e0 4d e0 cd e0 36 b6", "+e5 +4f -4f -e5");
}

static void test_control_break_is_pause(void)
{
	assert_keys("1d e0 46 e0 c6 9d", "+e0 +48 -48 -e0");
}

static void test_repeats_are_passed_on(void)
{
	assert_keys("1e 1e 1e 9e", "+04 +04 +04 -04");
}

static void test_unknown_codes_press_nothing(void)
{
	assert_keys("00 80 e2 62 e0 01 e0 e0 e0 e1", "");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/scancode/" #name, test_##name)
	TEST(every_key_of_a_pc_keyboard_has_its_usage);
	TEST(no_two_keys_of_a_pc_keyboard_share_a_usage);
	TEST(asian_keys_have_their_usages);
	TEST(korean_keys_without_a_release_are_pressed_and_released);
	TEST(korean_keys_with_a_release_stay_down_until_it);
	TEST(function_keys_beyond_twelve_have_their_usages);
	TEST(volume_keys_have_their_usages);
	TEST(pause_is_one_key);
	TEST(num_lock_is_not_pause);
	TEST(a_cut_pause_does_not_swallow_the_next_key);
	TEST(print_screen_comes_without_its_fake_shifts);
	TEST(shifted_arrows_come_without_fake_shifts);
	TEST(control_break_is_pause);
	TEST(repeats_are_passed_on);
	TEST(unknown_codes_press_nothing);
	return g_test_run();
}
