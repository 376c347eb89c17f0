/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include "src/rack_config.h"

struct fixture {
	char *folder, *path, *parts;
	struct rack_config config;
};

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->path = g_build_filename(f->folder, "rack.conf", NULL);
	f->parts = g_build_filename(f->folder, "conf.d", NULL);
	g_assert_cmpint(g_mkdir(f->parts, 0700), ==, 0);
}

static void remove_folder(const char *folder)
{
	GDir *open = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(open))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);

		g_remove(path);
	}
	g_dir_close(open);
	g_assert_cmpint(g_rmdir(folder), ==, 0);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	remove_folder(f->parts);
	remove_folder(f->folder);
	g_free(f->folder);
	g_free(f->path);
	g_free(f->parts);
	rack_config_clear(&f->config);
}

static void write_part(struct fixture *f, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(f->parts, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void write_password(struct fixture *f, const char *content, int mode)
{
	g_autofree char *path = g_build_filename(f->folder, "password", NULL);

	g_assert_true(g_file_set_contents(path, content, -1, NULL));
	g_assert_cmpint(g_chmod(path, mode), ==, 0);
}

static bool load(struct fixture *f, const char *text, GError **error)
{
	g_assert_true(g_file_set_contents(f->path, text, -1, NULL));
	return rack_config_load(&f->config, f->path, error);
}

static void assert_loads(struct fixture *f, const char *text)
{
	g_autoptr(GError) error = NULL;

	load(f, text, &error);
	g_assert_no_error(error);
}

/* Loading fails with "config: FILE" and this. */
static void assert_complaint(struct fixture *f, const char *text, const char *complaint)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *want = g_strdup_printf("config: %s%s", f->path, complaint);

	g_assert_false(load(f, text, &error));
	g_assert_nonnull(error);
	g_assert_cmpstr(error->message, ==, want);
}

static void test_empty_file_is_an_empty_rack(struct fixture *f, gconstpointer unused)
{
	const struct rack_config *config = &f->config;

	assert_loads(f, "");
	g_assert_cmpstr(config->name, ==, "rack");
	g_assert_null(config->sysfs);
	g_assert_cmpint(config->capping.mode, ==, CAPPING_OFF);
	g_assert_cmpint(config->capping.settle_ms, ==, 8000);
	g_assert_cmpint(config->capping.act_at, ==, 970);
	g_assert_cmpint(config->safe_duty, ==, 70);
	g_assert_cmpstr(config->memcached_prefix, ==, "spicerack/rack");
	g_assert_cmpint(config->api_mode, ==, 0660);
	g_assert_cmpint(config->simulate_nodes, ==, 36);
	g_assert_cmpint(config->simulate_speed, ==, 1);
	g_assert_cmpuint(config->node_count + config->sensor_count + config->zone_count, ==, 0);
	g_assert_cmpuint(config->plan_count, ==, 1);
	g_assert_cmpstr(config->plans[0].name, ==, "default");
	g_assert_cmpint(config->plans[0].settings.power_ms, ==, 1000);
	g_assert_cmpuint(config->plans[0].settings.rule_count, ==, 2);
	g_assert_cmpstr(config->plans[0].settings.rules[0].pattern, ==, "*TEMP*");
	g_assert_cmpint(config->plans[0].settings.rules[0].every_ms, ==, 5000);
	g_assert_cmpint(config->plans[0].settings.rules[1].ttl_ms, ==, 30000);
	g_assert_cmpuint(config->plans[0].settings.most, ==, 256);
}

static void test_simulated_rack_has_it_all(struct fixture *f, gconstpointer unused)
{
	const struct rack_config *config = &f->config;

	rack_config_simulated(&f->config, 36);
	g_assert_cmpuint(config->node_count, ==, 36);
	g_assert_cmpstr(config->nodes[0].name, ==, "r1n01");
	g_assert_cmpstr(config->nodes[35].name, ==, "r1n36");
	g_assert_null(config->nodes[0].address);
	g_assert_true(config->nodes[0].capped);
	g_assert_cmpint(config->nodes[11].capping.class, ==, 0);
	g_assert_cmpint(config->nodes[12].capping.class, ==, 1);
	g_assert_cmpint(config->nodes[35].capping.class, ==, 2);
	g_assert_cmpint(config->capping.mode, ==, CAPPING_GUARANTEED);
	g_assert_cmpint(config->capping.budget, ==, 36 * 420 * 3 / 4);
	g_assert_cmpuint(config->sensor_count, ==, 2);
	g_assert_cmpuint(config->zone_count, ==, 1);
	g_assert_cmpuint(config->fan_count, ==, 6);
	g_assert_cmpstr(config->fans[5].pwm, ==, "pwm6");
	g_assert_cmpuint(config->input_count, ==, 2);
	g_assert_cmpfloat(config->inputs[0].settings.pid.setpoint, ==, 70);
	g_assert_cmpint(config->inputs[1].settings.points, ==, 5);
	rack_config_simulated(&f->config, 1);
	g_assert_cmpuint(config->node_count, ==, 1);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
	g_test_add("/rack_config/" #name, struct fixture, NULL, fixture_open, test_##name,         \
			fixture_close)
	g_test_init(&argc, &argv, NULL);
	TEST(empty_file_is_an_empty_rack);
	TEST(simulated_rack_has_it_all);
	(void)assert_complaint;
	(void)write_part;
	(void)write_password;
	return g_test_run();
}
