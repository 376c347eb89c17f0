/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/log.h"

/* A journal cuts a line after 48 KiB (journald.conf(5), LineMax), and what follows is another. */
#define LOG_BYTES_MAX (16 * 1024)

/* What somebody sent may be part of a line, and must not begin another, or talk to a terminal. */
static void log_make_one_line(char *line)
{
	if (strlen(line) > LOG_BYTES_MAX)
		line[LOG_BYTES_MAX] = '\0';
	for (; *line; line++)
		if (g_ascii_iscntrl(*line))
			*line = '?';
}

/* systemd.exec(5): the variable names the journal's end, which standard error may not be any more.
 */
static bool log_is_journal(void)
{
	const char *named = g_getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat stream;

	return named && sscanf(named, "%ju:%ju", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &stream) == 0 && (uintmax_t)stream.st_dev == device &&
	       (uintmax_t)stream.st_ino == inode;
}

static void log_write(enum log_priority priority, char *text)
{
	log_make_one_line(text);
	if (log_is_journal())
		fprintf(stderr, "<%d>%s\n", priority, text);
	else
		fprintf(stderr, "%s\n", text);
}

static void log_library(
		const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	g_autofree char *line = g_strdup_printf("%s: %s", domain ? domain : "glib", message);

	if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL))
		log_write(LOG_LINE_ERROR, line);
	else if (level & G_LOG_LEVEL_WARNING)
		log_write(LOG_LINE_WARNING, line);
}

void log_init(void)
{
	g_log_set_default_handler(log_library, NULL);
}

void log_line(enum log_priority priority, const char *format, ...)
{
	g_autofree char *line = NULL;
	va_list arguments;

	va_start(arguments, format);
	line = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	log_write(priority, line);
}
