/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * All that lets somebody in, and as what: the operators' password (password.h), that of those who
 * may only look, and tickets, each of which lets one viewer in, once, for as long as it lasts.
 * Times are those of g_get_monotonic_time; pure but for random numbers. Texts are overwritten
 * before they are freed.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "spice/link.h"
#include "spice/password.h"

#define SECRETS_TICKETS 64 /* at a time */

struct secrets_ticket {
	char *text; /* NULL: there is none here */
	bool view;
	int64_t until;
};

struct secrets {
	struct password operate;
	char *view; /* NULL: there is none */
	struct secrets_ticket tickets[SECRETS_TICKETS];
};

enum secrets_verdict {
	SECRETS_WRONG,
	SECRETS_VIEW,
	SECRETS_OPERATE,
};

/* What let somebody in. */
struct secrets_pass {
	char *text;  /* a copy, for password_forget; NULL: nothing was asked for */
	bool ticket; /* that was one, and is gone */
};

/*
 * What somebody may do who says this. view: he came where one may only look, which needs no
 * password when there is none for that. pass: what let him in; empty when nothing did. How long it
 * takes tells nothing about any of the texts. All zero to begin with.
 */
enum secrets_verdict secrets_judge(struct secrets *secrets, const struct link_secret *said,
		bool view, int64_t now, struct secrets_pass *pass);

/* Copied; NULL: there is none. */
void secrets_set_view(struct secrets *secrets, const char *text);

/* Those that have not ended. */
size_t secrets_tickets(const struct secrets *secrets, int64_t now);

/*
 * The text of a new ticket, which stays the secrets'; until must be later than now. NULL: there are
 * SECRETS_TICKETS, or no random numbers.
 */
const char *secrets_ticket(struct secrets *secrets, bool view, int64_t now, int64_t until);

void secrets_clear(struct secrets *secrets);
