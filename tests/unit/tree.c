/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/tree.h"
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *tree_new(void)
{
	char *root = g_dir_make_tmp("tree [x]-XXXXXX", NULL);

	g_assert_nonnull(root);
	return root;
}

static int tree_remove(const char *path, const struct stat *state, int kind, struct FTW *at)
{
	(void)state;
	(void)kind;
	(void)at;
	return remove(path);
}

void tree_free(char *root)
{
	nftw(root, tree_remove, 8, FTW_DEPTH | FTW_PHYS);
	g_free(root);
}

char *tree_path(const char *root, const char *path)
{
	char *full = g_build_filename(root, path, NULL), *folder = g_path_get_dirname(full);

	g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
	g_free(folder);
	return full;
}

void tree_say(const char *root, const char *path, const char *text)
{
	char *full = tree_path(root, path);
	char *padded = g_strdup_printf("%s\n%16s", text, "");
	int fd = open(full, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(pwrite(fd, padded, strlen(padded), 0), ==, strlen(padded));
	close(fd);
	g_free(padded);
	g_free(full);
}

int64_t tree_hear(const char *root, const char *path)
{
	char *full = g_build_filename(root, path, NULL), *text = NULL;
	int64_t value;

	g_assert_true(g_file_get_contents(full, &text, NULL, NULL));
	value = g_ascii_strtoll(text, NULL, 10);
	g_free(text);
	g_free(full);
	return value;
}

void tree_gone(const char *root, const char *path)
{
	char *full = g_build_filename(root, path, NULL);

	g_assert_cmpint(nftw(full, tree_remove, 8, FTW_DEPTH | FTW_PHYS), ==, 0);
	g_free(full);
}
