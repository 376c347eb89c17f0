/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One node's console: its picture to the viewers, the viewers' keys and pointer to it. Frames are
 * captured only while somebody looks. Runs on the default main context.
 */
#include <glib.h>
#include <stdbool.h>

#define CONSOLE_ERROR console_error_quark()

enum console_error {
	CONSOLE_ERROR_STATE,   /* not possible as things are now */
	CONSOLE_ERROR_UNKNOWN, /* there is no such thing */
};

struct audit;
struct console;
struct console_config;
struct console_quality;
struct console_status;
struct control;
struct drives;
struct events;
struct evidence;
struct keys;
struct node;
struct ticket;
struct viewers_one;

/* The node stays the caller's and must outlive the console. Listens when it returns. */
struct console *console_open(
		const struct console_config *config, struct node *node, GError **error);

/* The first address that it listens on, with the port that was taken. */
const char *console_address(const struct console *console);

/* How it is; see status.h for how long the strings live. */
void console_status(struct console *console, struct console_status *out);

/* Who looks: see viewers_read in spice/viewers.h. */
bool console_viewer(struct console *console, size_t index, struct viewers_one *out);

/* Sends a viewer away. False and error (CONSOLE_ERROR): there is none of that number. */
bool console_disconnect(struct console *console, unsigned int viewer, GError **error);

/*
 * Asks those who are not let in yet for this password, for so many seconds (0: until there is
 * another); after that nobody is let in. False and error (VIEWER_ERROR): it stays as it is.
 */
bool console_set_password(struct console *console, const char *password, unsigned int seconds,
		GError **error);

/*
 * Makes a ticket out (ticket.h), for ticket_clear. False and error (VIEWER_ERROR): see
 * viewers_ticket.
 */
bool console_ticket(struct console *console, bool view, unsigned int seconds, struct ticket *out,
		GError **error);

/*
 * Goes over from one configuration to another that console_reload_judge has let pass: what differs,
 * and certificate and key as their files are now. A password is asked for anew when next has one,
 * or former had. False and error: all stays as it was.
 */
bool console_configure(struct console *console, const struct console_config *former,
		const struct console_config *next, GError **error);

/* The configuration that was to be the next one is not: tells who listens to events why. */
void console_refuse(struct console *console, const char *reason);

/*
 * Sets the video engine's quantiser, 0 (the coarsest) to 11, for everybody, until another is set or
 * the next start; or has it follow the slowest link again, with the configured one as the best.
 * False and error (CONSOLE_ERROR_STATE): there is no engine to tell, or nothing to follow it by.
 */
bool console_set_quality(struct console *console, int selector, GError **error);
bool console_follow_links(struct console *console, GError **error);

/*
 * Wakes a sleeping node, as a key on its own keyboard would. Only on an operator's word, never by a
 * viewer's input. Returns false and sets error (CONSOLE_ERROR) when it cannot be done.
 */
bool console_wake(struct console *console, GError **error);

/* The node's drives, the node's; NULL: it has none to put anything in. */
struct drives *console_drives(struct console *console);

/* Its screenshots and recordings, the console's. */
struct evidence *console_evidence(struct console *console);

/* What happens there, to listen to and to publish in; the console's. */
struct events *console_events(struct console *console);

/* What is typed on the node's keyboard by the API; the console's. */
struct keys *console_keys(struct console *console);

/* Where acts are written down; the console's. */
struct audit *console_audit(struct console *console);

/* Who of the viewers holds the input; the console's. */
struct control *console_control(struct console *console);

void console_close(struct console *console); /* NULL is fine */

GQuark console_error_quark(void);
