/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "http/sessions.h"

#define SESSION_ID    8 /* bytes */
#define SESSION_TOKEN 24

struct sessions {
	const struct secret_key *key; /* not ours */
	gint64 lifetime;
	GPtrArray *all; /* of struct session */
};

static void session_free(gpointer data)
{
	struct session *session = data;

	g_free(session->id);
	g_free(session->user);
	g_free(session);
}

struct sessions *sessions_new(const struct secret_key *key, unsigned int lifetime)
{
	struct sessions *sessions = g_new0(struct sessions, 1);

	sessions->key = key;
	sessions->lifetime = lifetime * G_USEC_PER_SEC;
	sessions->all = g_ptr_array_new_with_free_func(session_free);
	return sessions;
}

void sessions_free(struct sessions *sessions)
{
	if (!sessions)
		return;
	g_ptr_array_unref(sessions->all);
	g_free(sessions);
}

static void sessions_expire(struct sessions *sessions, gint64 now)
{
	for (guint i = sessions->all->len; i-- > 0;) {
		const struct session *session = g_ptr_array_index(sessions->all, i);

		if (now - session->used > sessions->lifetime)
			g_ptr_array_remove_index(sessions->all, i);
	}
}

static void sessions_make_room(struct sessions *sessions)
{
	guint oldest = 0;

	if (sessions->all->len < SESSIONS_MOST)
		return;
	for (guint i = 1; i < sessions->all->len; i++) {
		const struct session *a = g_ptr_array_index(sessions->all, i);
		const struct session *b = g_ptr_array_index(sessions->all, oldest);

		if (a->used < b->used)
			oldest = i;
	}
	g_ptr_array_remove_index(sessions->all, oldest);
}

const struct session *sessions_add(
		struct sessions *sessions, const char *user, int role, gint64 now, char **token)
{
	g_autofree char *id = secret_random(SESSION_ID);
	char *secret = secret_random(SESSION_TOKEN);
	struct session *session;

	if (!id || !secret) {
		g_free(secret);
		return NULL;
	}
	sessions_expire(sessions, now);
	sessions_make_room(sessions);
	session = g_new0(struct session, 1);
	session->id = g_steal_pointer(&id);
	session->user = g_strdup(user);
	session->role = role;
	session->used = now;
	secret_digest(sessions->key, "session", secret, session->digest);
	g_ptr_array_add(sessions->all, session);
	*token = secret;
	return session;
}

const struct session *sessions_by_token(struct sessions *sessions, const char *token, gint64 now)
{
	uint8_t digest[SECRET_DIGEST];
	struct session *found = NULL;

	sessions_expire(sessions, now);
	secret_digest(sessions->key, "session", token, digest);
	for (guint i = 0; i < sessions->all->len; i++) {
		struct session *session = g_ptr_array_index(sessions->all, i);

		if (secret_equal(session->digest, digest))
			found = session;
	}
	if (found)
		found->used = now;
	return found;
}

static guint sessions_find(const struct sessions *sessions, const char *id)
{
	guint i = 0;

	while (i < sessions->all->len &&
			strcmp(((struct session *)g_ptr_array_index(sessions->all, i))->id, id) !=
					0)
		i++;
	return i;
}

const struct session *sessions_by_id(struct sessions *sessions, const char *id, gint64 now)
{
	guint found;

	sessions_expire(sessions, now);
	found = sessions_find(sessions, id);
	return found < sessions->all->len ? g_ptr_array_index(sessions->all, found) : NULL;
}

char **sessions_ids(struct sessions *sessions, gint64 now)
{
	GPtrArray *ids = g_ptr_array_new();

	sessions_expire(sessions, now);
	for (guint i = 0; i < sessions->all->len; i++)
		g_ptr_array_add(ids,
				g_strdup(((struct session *)g_ptr_array_index(sessions->all, i))
								->id));
	g_ptr_array_add(ids, NULL);
	return (char **)g_ptr_array_free(ids, FALSE);
}

void sessions_remove(struct sessions *sessions, const char *id)
{
	guint found = sessions_find(sessions, id);

	if (found < sessions->all->len)
		g_ptr_array_remove_index(sessions->all, found);
}
