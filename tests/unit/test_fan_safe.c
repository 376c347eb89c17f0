/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On a folder that pretends to be sysfs. */
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "rack/fan_safe.h"
#include "tests/unit/tree.h"

#define CLASS "class/hwmon"

static void test_all_fans_of_all_devices_are_told(void)
{
	char *root = tree_new(), *path;
	size_t failed;

	for (int device = 0; device < 12; device++)
		for (int fan = 1; fan <= 8; fan++) {
			path = g_strdup_printf(CLASS "/hwmon%d/pwm%d", device, fan);
			tree_say(root, path, "10 ");
			g_free(path);
			path = g_strdup_printf(CLASS "/hwmon%d/pwm%d_enable", device, fan);
			/* Every other device has none. */
			if (device % 2)
				tree_say(root, path, "2");
			g_free(path);
		}
	g_assert_cmpuint(fan_safe(root, 80, &failed), ==, 96);
	g_assert_cmpuint(failed, ==, 0);
	for (int device = 0; device < 12; device++)
		for (int fan = 1; fan <= 8; fan++) {
			path = g_strdup_printf(CLASS "/hwmon%d/pwm%d", device, fan);
			g_assert_cmpint(tree_hear(root, path), ==, 204);
			g_free(path);
			path = g_strdup_printf(CLASS "/hwmon%d/pwm%d_enable", device, fan);
			if (device % 2)
				g_assert_cmpint(tree_hear(root, path), ==, 1);
			g_free(path);
		}
	tree_free(root);
}

static void test_nothing_else_is_written(void)
{
	static const char *const others[] = {CLASS "/hwmon0/pwm1_freq", CLASS "/hwmon0/pwm",
			CLASS "/hwmon0/pwm1_auto_point1_pwm", CLASS "/hwmon0/fan1_target",
			CLASS "/hwmon0/pwm2x", "pwm1"};
	char *root = tree_new();
	size_t failed;

	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		tree_say(root, others[i], "7");
	g_assert_cmpuint(fan_safe(root, 80, &failed), ==, 0);
	g_assert_cmpuint(failed, ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
		g_assert_cmpint(tree_hear(root, others[i]), ==, 7);
	tree_free(root);
}

static void test_devices_are_links_and_old_ones_have_their_files_one_up(void)
{
	char *root = tree_new(), *link;
	size_t failed;

	tree_say(root, "devices/7-002f/hwmon/hwmon3/pwm1", "0  ");
	tree_say(root, "devices/3-002e/pwm2", "0  ");
	tree_say(root, "devices/3-002e/hwmon/hwmon4/name", "old");
	link = tree_path(root, CLASS "/hwmon3");
	g_assert_cmpint(symlink("../../devices/7-002f/hwmon/hwmon3", link), ==, 0);
	g_free(link);
	link = tree_path(root, CLASS "/hwmon4");
	g_assert_cmpint(symlink("../../devices/3-002e/hwmon/hwmon4", link), ==, 0);
	g_free(link);
	link = tree_path(root, "devices/3-002e/hwmon/hwmon4/device");
	g_assert_cmpint(symlink("../..", link), ==, 0);
	g_free(link);
	/* Its device has gone. */
	link = tree_path(root, CLASS "/hwmon5");
	g_assert_cmpint(symlink("../../devices/gone", link), ==, 0);
	g_free(link);
	g_assert_cmpuint(fan_safe(root, 100, &failed), ==, 2);
	g_assert_cmpuint(failed, ==, 0);
	g_assert_cmpint(tree_hear(root, "devices/7-002f/hwmon/hwmon3/pwm1"), ==, 255);
	g_assert_cmpint(tree_hear(root, "devices/3-002e/pwm2"), ==, 255);
	tree_free(root);
}

static void test_one_that_cannot_be_written_keeps_no_other_back(void)
{
	char *root = tree_new(), *path;
	size_t failed;

	tree_say(root, CLASS "/hwmon0/pwm1", "0  ");
	tree_say(root, CLASS "/hwmon0/pwm3", "0  ");
	path = tree_path(root, CLASS "/hwmon0/pwm2");
	g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
	g_free(path);
	/* The duty is written although the device keeps the control. */
	tree_say(root, CLASS "/hwmon1/pwm1", "0  ");
	path = tree_path(root, CLASS "/hwmon1/pwm1_enable");
	g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
	g_free(path);
	g_assert_cmpuint(fan_safe(root, 60, &failed), ==, 2);
	g_assert_cmpint(errno, ==, EISDIR);
	g_assert_cmpuint(failed, ==, 2);
	g_assert_cmpint(tree_hear(root, CLASS "/hwmon0/pwm1"), ==, 153);
	g_assert_cmpint(tree_hear(root, CLASS "/hwmon0/pwm3"), ==, 153);
	g_assert_cmpint(tree_hear(root, CLASS "/hwmon1/pwm1"), ==, 153);
	tree_free(root);
}

static void test_percent_has_its_limits(void)
{
	char *root = tree_new();
	size_t failed;

	tree_say(root, CLASS "/hwmon0/pwm1", "7  ");
	g_assert_cmpuint(fan_safe(root, 1000, &failed), ==, 1);
	g_assert_cmpint(tree_hear(root, CLASS "/hwmon0/pwm1"), ==, 255);
	tree_free(root);
}

static void test_a_board_without_fans_is_no_failure(void)
{
	char *root = tree_new();
	size_t failed;

	g_assert_cmpuint(fan_safe(root, 80, &failed), ==, 0);
	g_assert_cmpuint(failed, ==, 0);
	g_assert_cmpuint(fan_safe("/nowhere", 80, &failed), ==, 0);
	g_assert_cmpuint(failed, ==, 0);
	tree_free(root);
}

/* A file of the kernel that refuses what is above 15, as a driver that takes percent does what is
 * above 100. */
static void test_a_driver_may_take_percent(void)
{
	static const char picky[] = "/proc/self/oom_adj";
	char *root = tree_new(), *path, *text = NULL;
	size_t failed, written;

	if (g_access(picky, R_OK | W_OK) != 0) {
		g_test_skip("the kernel has no /proc/self/oom_adj that can be written");
		tree_free(root);
		return;
	}
	path = tree_path(root, CLASS "/hwmon0/pwm1");
	g_assert_cmpint(symlink(picky, path), ==, 0);
	written = fan_safe(root, 15, &failed);
	g_assert_true(g_file_get_contents(picky, &text, NULL, NULL));
	fan_safe(root, 0, &failed);
	g_assert_cmpuint(written, ==, 1);
	g_assert_cmpint(atoi(text), ==, 15);
	g_free(text);
	g_free(path);
	tree_free(root);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/fan_safe/all-fans-of-all-devices-are-told",
			test_all_fans_of_all_devices_are_told);
	g_test_add_func("/fan_safe/nothing-else-is-written", test_nothing_else_is_written);
	g_test_add_func("/fan_safe/devices-are-links-and-old-ones-have-their-files-one-up",
			test_devices_are_links_and_old_ones_have_their_files_one_up);
	g_test_add_func("/fan_safe/one-that-cannot-be-written-keeps-no-other-back",
			test_one_that_cannot_be_written_keeps_no_other_back);
	g_test_add_func("/fan_safe/percent-has-its-limits", test_percent_has_its_limits);
	g_test_add_func("/fan_safe/a-board-without-fans-is-no-failure",
			test_a_board_without_fans_is_no_failure);
	g_test_add_func("/fan_safe/a-driver-may-take-percent", test_a_driver_may_take_percent);
	return g_test_run();
}
