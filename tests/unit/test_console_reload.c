/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/config.h"
#include "src/console_config.h"
#include "src/console_reload.h"

struct fixture {
	struct console_config now, next;
};

static void fixture_open(struct fixture *f)
{
	*f = (struct fixture){0};
	console_config_defaults(&f->now);
	console_config_defaults(&f->next);
}

static void fixture_close(struct fixture *f)
{
	console_config_clear(&f->now);
	console_config_clear(&f->next);
}

static void set(char **value, const char *text)
{
	g_free(*value);
	*value = g_strdup(text);
}

static void test_same_is_nothing(void)
{
	struct fixture f;

	fixture_open(&f);
	g_assert_true(console_reload_judge(&f.now, &f.next, NULL));
	for (const struct config_key *key = console_config_table; key->group; key++)
		g_assert_false(console_reload_touches(&f.now, &f.next, key->group, key->key));
	fixture_close(&f);
}

static void test_what_can_change_may(void)
{
	struct fixture f;

	fixture_open(&f);
	f.next.viewers = 2;
	f.next.key_limit = 7;
	f.next.video.quality.selector = 1;
	f.next.api.listen = g_strsplit("127.0.0.1:1;[::1]:1", ";", -1);
	set(&f.next.name, "other");
	set(&f.next.power.on_command, "true");
	g_assert_true(console_reload_judge(&f.now, &f.next, NULL));
	g_assert_true(console_reload_touches(&f.now, &f.next, "api", NULL));
	g_assert_true(console_reload_touches(&f.now, &f.next, "power", NULL));
	g_assert_true(console_reload_touches(&f.now, &f.next, "spice", "name"));
	g_assert_false(console_reload_touches(&f.now, &f.next, "spice", "listen"));
	g_assert_false(console_reload_touches(&f.now, &f.next, "hub", NULL));
	fixture_close(&f);
}

static void test_all_that_needs_a_restart_is_named(void)
{
	struct fixture f;
	GError *error = NULL;

	fixture_open(&f);
	f.next.viewers = 2;
	f.next.layout = HUB_COMPOSITE;
	f.next.cache++;
	g_strfreev(f.next.listen);
	f.next.listen = g_strsplit("127.0.0.1:1", ";", -1);
	g_assert_false(console_reload_judge(&f.now, &f.next, &error));
	g_assert_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE);
	g_assert_cmpstr(error->message, ==,
			"config: another listen in [spice], layout in [hub], cache in [media] needs "
			"a restart");
	g_clear_error(&error);
	fixture_close(&f);
}

/* Others point to what is the same. */
static void test_swap_moves_what_differs_alone(void)
{
	struct fixture f;
	const char *serial, *name;

	fixture_open(&f);
	serial = f.now.serial;
	set(&f.next.name, "other");
	name = f.next.name;
	f.next.adaptive = !f.now.adaptive;
	f.next.viewers = 9;
	f.next.origins = g_strsplit("https://a;https://b", ";", -1);
	f.next.password = g_strdup("secret");
	console_reload_swap(&f.now, &f.next);
	g_assert_true(f.now.serial == serial);
	g_assert_true(f.now.name == name);
	g_assert_cmpstr(f.next.name, ==, "spicerack");
	g_assert_cmpint(f.now.viewers, ==, 9);
	g_assert_false(f.now.adaptive);
	g_assert_cmpstr(f.now.origins[1], ==, "https://b");
	g_assert_null(f.next.origins);
	g_assert_cmpstr(f.now.password, ==, "secret");
	g_assert_null(f.next.password);
	fixture_close(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/console-reload/" #name, test_##name)
	TEST(same_is_nothing);
	TEST(what_can_change_may);
	TEST(all_that_needs_a_restart_is_named);
	TEST(swap_moves_what_differs_alone);
	return g_test_run();
}
