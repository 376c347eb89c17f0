/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Sessions of users over HTTP; see auth.h. Times are microseconds of a steady clock. */
#include <glib.h>
#include "http/secret.h"

#define SESSIONS_MOST 32

struct session {
	char *id; /* for the address; tells nothing of the token */
	char *user;
	int role; /* enum http_role */
	gint64 used;
	uint8_t digest[SECRET_DIGEST]; /* of the token */
};

struct sessions;

/* lifetime: seconds without use. The key must outlive them. */
struct sessions *sessions_new(const struct secret_key *key, unsigned int lifetime);
void sessions_free(struct sessions *sessions);

/* token: set to a new string. NULL: there are no random numbers. */
const struct session *sessions_add(
		struct sessions *sessions, const char *user, int role, gint64 now, char **token);

/* NULL: none, or it has ended. Finding it by its token is using it. */
const struct session *sessions_by_token(struct sessions *sessions, const char *token, gint64 now);
const struct session *sessions_by_id(struct sessions *sessions, const char *id, gint64 now);

char **sessions_ids(struct sessions *sessions, gint64 now); /* new, NULL-terminated */
void sessions_remove(struct sessions *sessions, const char *id);
