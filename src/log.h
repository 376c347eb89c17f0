/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Lines for the operator, on standard error: one for each change of state. Where that is
 * systemd's journal (JOURNAL_STREAM) each has its priority in front (sd-daemon(3)). Control
 * characters are shown as ?, and no line is longer than 16 KiB.
 */
#include <glib.h>

enum log_priority { /* syslog(3) */
	LOG_LINE_ERROR = 3,
	LOG_LINE_WARNING = 4,
	LOG_LINE_NOTICE = 5,
	LOG_LINE_INFO = 6,
};

/* Sends GLib's and the libraries' messages the same way. Once, at the start of main. */
void log_init(void);

void log_line(enum log_priority priority, const char *format, ...) G_GNUC_PRINTF(2, 3);
