/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <glib/gstdio.h>
#include <inttypes.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/log.h"

/* What comes out on standard error; off: the journal is another file than that. */
static char *said(enum log_priority priority, const char *text, bool journal, int off)
{
	g_autofree char *path = NULL, *named = NULL;
	int file = g_file_open_tmp("log-XXXXXX", &path, NULL), kept = dup(STDERR_FILENO);
	struct stat status;
	char *out = NULL;

	g_assert_cmpint(file, >=, 0);
	g_assert_cmpint(fstat(file, &status), ==, 0);
	named = g_strdup_printf("%ju:%ju", (uintmax_t)status.st_dev,
			(uintmax_t)status.st_ino + (uintmax_t)off);
	if (journal)
		g_setenv("JOURNAL_STREAM", named, TRUE);
	else
		g_unsetenv("JOURNAL_STREAM");
	g_assert_cmpint(dup2(file, STDERR_FILENO), ==, STDERR_FILENO);
	log_line(priority, "%s", text);
	g_assert_cmpint(dup2(kept, STDERR_FILENO), ==, STDERR_FILENO);
	g_unsetenv("JOURNAL_STREAM");
	g_assert_true(g_file_get_contents(path, &out, NULL, NULL));
	close(kept);
	close(file);
	g_unlink(path);
	return out;
}

static void test_journal_is_told_priorities(void)
{
	g_autofree char *error = said(LOG_LINE_ERROR, "broken", true, 0);
	g_autofree char *notice = said(LOG_LINE_NOTICE, "news", true, 0);

	g_assert_cmpstr(error, ==, "<3>broken\n");
	g_assert_cmpstr(notice, ==, "<5>news\n");
}

static void test_nobody_else_is(void)
{
	g_autofree char *plain = said(LOG_LINE_ERROR, "broken", false, 0);
	g_autofree char *other = said(LOG_LINE_ERROR, "broken", true, 1);

	g_assert_cmpstr(plain, ==, "broken\n");
	g_assert_cmpstr(other, ==, "broken\n");
}

static void test_line_stays_one(void)
{
	g_autofree char *line = said(LOG_LINE_NOTICE, "drive: /a\n<0>b\rc", true, 0);

	g_assert_cmpstr(line, ==, "<5>drive: /a?<0>b?c\n");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/log/journal_is_told_priorities", test_journal_is_told_priorities);
	g_test_add_func("/log/nobody_else_is", test_nobody_else_is);
	g_test_add_func("/log/line_stays_one", test_line_stays_one);
	return g_test_run();
}
