/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A rack's configuration in a folder of its own: rack.conf, conf.d beside it, and a password file.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include "src/rack_config.h"

#define NODE "[node a]\naddress = 192.0.2.1\n"

struct fixture {
	char *folder, *path, *parts;
	struct rack_config config;
};

static inline void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->path = g_build_filename(f->folder, "rack.conf", NULL);
	f->parts = g_build_filename(f->folder, "conf.d", NULL);
	g_assert_cmpint(g_mkdir(f->parts, 0700), ==, 0);
}

static inline void remove_folder(const char *folder)
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

static inline void fixture_close(struct fixture *f, gconstpointer unused)
{
	remove_folder(f->parts);
	remove_folder(f->folder);
	g_free(f->folder);
	g_free(f->path);
	g_free(f->parts);
	rack_config_clear(&f->config);
}

static inline void write_part(struct fixture *f, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(f->parts, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static inline void write_password(struct fixture *f, const char *content, int mode)
{
	g_autofree char *path = g_build_filename(f->folder, "password", NULL);

	g_assert_true(g_file_set_contents(path, content, -1, NULL));
	g_assert_cmpint(g_chmod(path, mode), ==, 0);
}

static inline bool load(struct fixture *f, const char *text, GError **error)
{
	g_assert_true(g_file_set_contents(f->path, text, -1, NULL));
	return rack_config_load(&f->config, f->path, error);
}

static inline void assert_loads(struct fixture *f, const char *text)
{
	g_autoptr(GError) error = NULL;

	load(f, text, &error);
	g_assert_no_error(error);
}

/* Loading fails with "config: FILE" and this. */
static inline void assert_complaint(struct fixture *f, const char *text, const char *complaint)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *want = g_strdup_printf("config: %s%s", f->path, complaint);

	g_assert_false(load(f, text, &error));
	g_assert_nonnull(error);
	g_assert_cmpstr(error->message, ==, want);
}

#define TEST(name)                                                                         \
	g_test_add("/rack_config/" #name, struct fixture, NULL, fixture_open, test_##name, \
			fixture_close)
