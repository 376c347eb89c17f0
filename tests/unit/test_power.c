/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include "src/power.h"

struct fixture {
	struct power_settings settings;
	struct power *power;
	int done;
	GError *error; /* of the last one that was done */
	char *folder, *file;
	bool on;
	int switched, other;
};

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->settings.poll = 3600;
	f->settings.timeout = 20;
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->file = g_build_filename(f->folder, "said", NULL);
	g_setenv("SAID", f->file, TRUE);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	power_free(f->power);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_clear_error(&f->error);
	g_unlink(f->file);
	g_rmdir(f->folder);
	g_free(f->file);
	g_free(f->folder);
}

static void done(const GError *error, void *data)
{
	struct fixture *f = data;

	f->done++;
	g_clear_error(&f->error);
	f->error = error ? g_error_copy(error) : NULL;
}

static void act(struct fixture *f, enum power_action action)
{
	g_autoptr(GError) error = NULL;
	int before = f->done;

	power_act(f->power, action, done, f, &error);
	g_assert_no_error(error);
	g_assert_cmpint(f->done, ==, before);
	while (f->done == before)
		g_main_context_iteration(NULL, TRUE);
}

static void assert_said(struct fixture *f, const char *words)
{
	g_autofree char *text = NULL;

	g_assert_true(g_file_get_contents(f->file, &text, NULL, NULL));
	g_assert_cmpstr(g_strchomp(text), ==, words);
}

static void test_without_commands_there_is_no_power(struct fixture *f, gconstpointer unused)
{
	g_assert_null(power_new(&f->settings, NULL));
	g_assert_false(power_can(NULL, POWER_ON));
	g_assert_cmpint(power_state(NULL), ==, POWER_UNKNOWN);
}

static void test_a_command_is_run_and_its_end_is_told(struct fixture *f, gconstpointer unused)
{
	f->settings.on_command = (char *)"true";
	f->settings.off_command = (char *)"sh -c 'echo out; echo \"  no relay\" >&2; exit 4'";
	f->settings.cycle_command = (char *)"sh -c 'kill -9 $$'";
	f->power = power_new(&f->settings, NULL);
	act(f, POWER_ON);
	g_assert_no_error(f->error);
	act(f, POWER_OFF);
	g_assert_error(f->error, POWER_ERROR, POWER_ERROR_FAILED);
	g_assert_cmpstr(f->error->message, ==, "off-command ended with 4: no relay");
	act(f, POWER_CYCLE);
	g_assert_cmpstr(f->error->message, ==, "cycle-command was ended by signal 9");
}

static void test_what_is_not_there_is_refused(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	f->settings.on_command = (char *)"/nonexistent/on";
	f->power = power_new(&f->settings, NULL);
	g_assert_false(power_can(f->power, POWER_SOFT));
	g_assert_false(power_act(f->power, POWER_SOFT, done, f, &error));
	g_assert_error(error, POWER_ERROR, POWER_ERROR_STATE);
	g_clear_error(&error);
	g_assert_false(power_act(f->power, POWER_ON, done, f, &error));
	g_assert_nonnull(strstr(error->message, "/nonexistent/on"));
}

static void test_one_is_under_way_at_a_time(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	f->settings.on_command = (char *)"true";
	f->power = power_new(&f->settings, NULL);
	g_assert_true(power_act(f->power, POWER_ON, done, f, NULL));
	g_assert_false(power_act(f->power, POWER_ON, done, f, &error));
	g_assert_error(error, POWER_ERROR, POWER_ERROR_STATE);
	while (!f->done)
		g_main_context_iteration(NULL, TRUE);
	act(f, POWER_ON);
}

static void test_one_that_hangs_is_killed(struct fixture *f, gconstpointer unused)
{
	f->settings.timeout = 1;
	f->settings.on_command = (char *)"sh -c 'sleep 1000 & wait'";
	f->power = power_new(&f->settings, NULL);
	act(f, POWER_ON);
	g_assert_error(f->error, POWER_ERROR, POWER_ERROR_TIMEOUT);
}

static void test_closing_tells_who_waits(struct fixture *f, gconstpointer unused)
{
	f->settings.on_command = (char *)"sleep 1000";
	f->power = power_new(&f->settings, NULL);
	g_assert_true(power_act(f->power, POWER_ON, done, f, NULL));
	power_free(f->power);
	f->power = NULL;
	g_assert_cmpint(f->done, ==, 1);
	g_assert_error(f->error, POWER_ERROR, POWER_ERROR_STATE);
}

static void test_once_is_told_and_over_then(struct fixture *f, gconstpointer unused)
{
	static char say[] = "sh -c 'echo $SPICERACK_BOOT $SPICERACK_BOOT_FOR >\"$SAID\"'";
	enum power_boot_for how_long;

	f->settings.on_command = say;
	f->settings.off_command = say;
	f->power = power_new(&f->settings, NULL);
	power_set_boot(f->power, POWER_BOOT_CD, POWER_BOOT_ONCE);
	act(f, POWER_OFF);
	assert_said(f, "cd once");
	act(f, POWER_ON);
	assert_said(f, "cd once");
	act(f, POWER_ON);
	assert_said(f, "none none");
	power_set_boot(f->power, POWER_BOOT_PXE, POWER_BOOT_CONTINUOUS);
	act(f, POWER_ON);
	act(f, POWER_ON);
	assert_said(f, "pxe continuous");
	power_set_boot(f->power, POWER_BOOT_PXE, POWER_BOOT_NEVER);
	g_assert_cmpint(power_boot(f->power, &how_long), ==, POWER_BOOT_NONE);
}

static void other_state(enum power_state state, void *data)
{
	struct fixture *f = data;

	f->other++;
	g_assert_cmpint(state, ==, power_state(f->power));
}

static void direct(bool on, void *data)
{
	struct fixture *f = data;

	f->on = on;
	f->switched++;
}

static void test_an_owner_switches_where_no_command_does(struct fixture *f, gconstpointer unused)
{
	const struct power_owner owner = {
			.name = "node n1", .direct = direct, .changed = other_state, .data = f};

	f->power = power_new(&f->settings, &owner);
	g_assert_cmpint(power_state(f->power), ==, POWER_IS_ON);
	act(f, POWER_ON);
	g_assert_cmpint(f->switched, ==, 0); /* it is on */
	act(f, POWER_SOFT);
	g_assert_cmpint(f->switched, ==, 1);
	g_assert_false(f->on);
	g_assert_cmpint(f->other, ==, 1);
	act(f, POWER_CYCLE);
	g_assert_true(f->on);
	act(f, POWER_RESET);
	g_assert_cmpint(f->switched, ==, 3);
	g_assert_cmpint(f->other, ==, 2);
}

static void test_commands_go_before_the_owner(struct fixture *f, gconstpointer unused)
{
	const struct power_owner owner = {.direct = direct, .data = f};

	f->settings.on_command = (char *)"true";
	f->power = power_new(&f->settings, &owner);
	g_assert_false(power_can(f->power, POWER_OFF));
	act(f, POWER_ON);
	g_assert_cmpint(f->switched, ==, 0);
}

static void test_the_state_is_asked_for(struct fixture *f, gconstpointer unused)
{
	f->settings.status_command = (char *)"sh -c 'test ! -e \"$SAID\"'";
	f->settings.off_command = (char *)"sh -c ': >\"$SAID\"'";
	f->power = power_new(&f->settings, NULL);
	g_assert_cmpint(power_state(f->power), ==, POWER_UNKNOWN);
	while (power_state(f->power) != POWER_IS_ON)
		g_main_context_iteration(NULL, TRUE);
	act(f, POWER_OFF);
	while (power_state(f->power) != POWER_IS_OFF)
		g_main_context_iteration(NULL, TRUE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) \
	g_test_add("/power/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)
	TEST(without_commands_there_is_no_power);
	TEST(a_command_is_run_and_its_end_is_told);
	TEST(what_is_not_there_is_refused);
	TEST(one_is_under_way_at_a_time);
	TEST(one_that_hangs_is_killed);
	TEST(closing_tells_who_waits);
	TEST(once_is_told_and_over_then);
	TEST(an_owner_switches_where_no_command_does);
	TEST(commands_go_before_the_owner);
	TEST(the_state_is_asked_for);
	return g_test_run();
}
