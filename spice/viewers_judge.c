/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who may come in, and as what. */
#include "spice/viewers_part.h"

/* His further channels show what he came with, also when there is another password by now. */
static bool seat_knows(const struct seat *seat, const struct link_secret *said)
{
	return !seat->came.text || link_secret_is(said, seat->came.text);
}

static enum secrets_verdict seat_admit(struct seat *seat, const struct link_secret *said)
{
	password_forget(seat->came.text);
	return secrets_judge(&seat->viewers->secrets, said, seat->view, g_get_monotonic_time(),
			&seat->came);
}

enum viewer_verdict seat_judge(bool main, const struct link_secret *said, void *data)
{
	struct seat *seat = data;
	struct viewers *viewers = seat->viewers;
	enum secrets_verdict verdict;

	if (seat->away || (!main && !seat->in))
		return VIEWER_REFUSED;
	if (!main)
		verdict = !seat_knows(seat, said)          ? SECRETS_WRONG
			  : seat->right == VIEWERS_OPERATE ? SECRETS_OPERATE
							   : SECRETS_VIEW;
	else
		verdict = seat_admit(seat, said);
	if (main && verdict == SECRETS_VIEW)
		seat->right = VIEWERS_VIEW;
	if (verdict == SECRETS_WRONG)
		viewers->events.password(false, seat->peer, seat->encrypted, viewers->events.data);
	return verdict == SECRETS_OPERATE ? VIEWER_OPERATES
	       : verdict == SECRETS_VIEW  ? VIEWER_LOOKS
					  : VIEWER_REFUSED;
}

/* --- Passwords --- */

static gboolean viewers_expire(gpointer data)
{
	struct viewers *viewers = data;

	if (!password_expire(&viewers->secrets.operate, g_get_monotonic_time()))
		return G_SOURCE_CONTINUE; /* early, by a rounded millisecond */
	viewers->expire = 0;
	if (viewers->events.expired)
		viewers->events.expired(viewers->events.data);
	return G_SOURCE_REMOVE;
}

static void viewers_no_random(GError **error)
{
	g_set_error_literal(error, VIEWER_ERROR, VIEWER_ERROR_LIBRARY,
			"there are no random numbers for the viewers' password");
}

bool viewers_set_password(
		struct viewers *viewers, const char *password, unsigned int seconds, GError **error)
{
	struct password *operate = &viewers->secrets.operate;

	if (!viewer_check_password(password, error))
		return false;
	if (!password_set(operate, password, seconds, g_get_monotonic_time())) {
		viewers_no_random(error);
		return false;
	}
	g_clear_handle_id(&viewers->expire, g_source_remove);
	/* Before whatever comes in at the same time. */
	if (operate->status.until)
		viewers->expire = g_timeout_add_full(
				G_PRIORITY_HIGH, seconds * 1000, viewers_expire, viewers, NULL);
	return true;
}

bool viewers_set_view_password(struct viewers *viewers, const char *password, GError **error)
{
	if (!viewer_check_password(password, error))
		return false;
	secrets_set_view(&viewers->secrets, password);
	return true;
}

struct password_status viewers_password(const struct viewers *viewers)
{
	return viewers->secrets.operate.status;
}

char *viewers_ticket(struct viewers *viewers, enum viewers_right right, unsigned int seconds,
		int64_t *until, GError **error)
{
	const int64_t now = g_get_monotonic_time();
	const char *text = NULL;

	*until = now + (int64_t)seconds * G_USEC_PER_SEC;
	if (secrets_tickets(&viewers->secrets, now) == SECRETS_TICKETS) {
		g_set_error(error, VIEWER_ERROR, VIEWER_ERROR_TICKETS,
				"there are %d tickets that nobody has used yet; no more until one is",
				SECRETS_TICKETS);
		return NULL;
	}
	text = secrets_ticket(&viewers->secrets, right == VIEWERS_VIEW, now, *until);
	if (!text)
		viewers_no_random(error);
	return g_strdup(text);
}
