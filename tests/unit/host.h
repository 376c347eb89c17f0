/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The node's end of a report channel, for tests: a host that fetches reports when the test says so.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host {
	int fd;     /* the host's end; -1 when it has gone */
	int device; /* our end: what a keyboard or a pointer is given */
};

void host_open(struct host *host);
void host_close(struct host *host);

/* Fills the channel with reports that mean nothing: the host is not reading. */
void host_stuff(struct host *host);

/* Fetches the next report, running the main loop as needed but never waiting. 0: there is none. */
size_t host_fetch(struct host *host, uint8_t *bytes, size_t room);

/* An output report. */
void host_say(struct host *host, const uint8_t *bytes, size_t size);

/* The host goes away: writing fails. */
void host_leave(struct host *host);

/* The host is back on the same descriptor of ours and knows nothing. */
void host_return(struct host *host);

/* Runs the main loop without waiting until it has nothing to do. */
void host_settle(void);

/* Runs the main loop until the condition holds; fails after 20 s. */
#define host_wait(condition)                                                  \
	do {                                                                  \
		int64_t until = g_get_monotonic_time() + 20 * G_USEC_PER_SEC; \
                                                                              \
		while (!(condition)) {                                        \
			g_assert_cmpint(g_get_monotonic_time(), <, until);    \
			if (!g_main_context_iteration(NULL, FALSE))           \
				g_usleep(2000);                               \
		}                                                             \
	} while (0)

/* The next report is exactly these bytes. */
#define host_assert_hears(host, ...)                              \
	do {                                                      \
		const uint8_t want[] = {__VA_ARGS__};             \
		uint8_t got[64];                                  \
		size_t size = host_fetch(host, got, sizeof(got)); \
                                                                  \
		g_assert_cmpmem(got, size, want, sizeof(want));   \
	} while (0)

#define host_assert_hears_nothing(host)                                                \
	do {                                                                           \
		uint8_t unwanted[64];                                                  \
                                                                                       \
		g_assert_cmpuint(host_fetch(host, unwanted, sizeof(unwanted)), ==, 0); \
	} while (0)
