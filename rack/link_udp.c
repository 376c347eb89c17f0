/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way to a BMC by a session over the network. */
#include "rack/link.h"
#include "rack/session_udp.h"

struct link_udp {
	struct link link;
	struct session_udp *udp;
	link_fn told; /* NULL: it is being closed */
	void *data;
	/* What became of a request before the call that asked was over: told from the main loop. */
	bool asking;
	bool late_failed, late_down;
	struct session_event late;
	guint idle;
};

/* Those that hurrying does not mend. */
static bool udp_refused(enum session_cause cause)
{
	switch (cause) {
	case SESSION_NAME:
	case SESSION_PASSWORD:
	case SESSION_SUITE:
	case SESSION_OLD:
	case SESSION_UNSIGNED:
	case SESSION_UNHEARD:
	case SESSION_REFUSED:
		return true;
	default:
		return false;
	}
}

static void udp_tell_down(struct link_udp *udp, const struct session_event *event)
{
	struct link_event out = {.kind = LINK_DOWN,
			.why = session_cause_text(event->cause),
			.refused = udp_refused(event->cause)};
	char why[128];

	if (event->cause == SESSION_REFUSED) {
		g_snprintf(why, sizeof(why), "%s (status 0x%02x)", out.why, event->status);
		out.why = why;
	}
	udp->told(&udp->link, &out, udp->data);
}

static void udp_tell_failed(struct link_udp *udp)
{
	const struct link_event out = {.kind = LINK_FAILED};

	udp->told(&udp->link, &out, udp->data);
}

static gboolean udp_tell_late(gpointer data)
{
	struct link_udp *udp = data;

	udp->idle = 0;
	if (udp->late_failed)
		udp_tell_failed(udp);
	if (udp->late_down)
		udp_tell_down(udp, &udp->late);
	udp->late_failed = udp->late_down = false;
	return G_SOURCE_REMOVE;
}

static void udp_late(struct link_udp *udp, const struct session_event *event)
{
	if (event->kind == SESSION_FAILED)
		udp->late_failed = true;
	if (event->kind == SESSION_STATE && event->state == SESSION_WAITING) {
		udp->late_down = true;
		udp->late = *event;
	}
	if (!udp->idle)
		udp->idle = g_idle_add(udp_tell_late, udp);
}

static void udp_state(struct link_udp *udp, const struct session_event *event)
{
	const struct link_event up = {.kind = LINK_UP, .guid = event->guid, .old = event->old};

	if (event->state == SESSION_UP)
		udp->told(&udp->link, &up, udp->data);
	else if (event->state == SESSION_WAITING)
		udp_tell_down(udp, event);
}

static gboolean udp_end(gpointer data)
{
	struct link_udp *udp = data;

	session_udp_free(udp->udp);
	g_free(udp);
	return G_SOURCE_REMOVE;
}

static void udp_told(struct session_udp *session, const struct session_event *event, void *data)
{
	struct link_udp *udp = data;
	const struct link_event answer = {.kind = LINK_ANSWER,
			.code = event->code,
			.bytes = event->bytes,
			.size = event->size};

	(void)session;
	if (!udp->told) {
		if (event->kind == SESSION_STATE && event->state == SESSION_STOPPED)
			g_idle_add(udp_end, udp);
		return;
	}
	if (udp->asking) {
		udp_late(udp, event);
		return;
	}
	switch (event->kind) {
	case SESSION_STATE:
		udp_state(udp, event);
		break;
	case SESSION_ANSWER:
		udp->told(&udp->link, &answer, udp->data);
		break;
	case SESSION_FAILED:
		udp_tell_failed(udp);
		break;
	default:
		break;
	}
}

static bool udp_ask(struct link *link, const struct session_request *request)
{
	struct link_udp *udp = (struct link_udp *)link;
	bool asked;

	if (udp->late_failed || udp->late_down)
		return false;
	udp->asking = true;
	asked = session_udp_ask(udp->udp, request);
	udp->asking = false;
	return asked;
}

/* The session needs the main loop until the BMC has said goodbye, or was silent for 2 s. */
static void udp_free(struct link *link)
{
	struct link_udp *udp = (struct link_udp *)link;

	udp->told = NULL;
	if (udp->idle)
		g_source_remove(udp->idle);
	session_udp_stop(udp->udp);
}

struct link *link_udp_new(const char *address, uint16_t port,
		const struct session_settings *settings, link_fn told, void *data, GError **error)
{
	static const struct link_kind kind = {udp_ask, udp_free};
	struct link_udp *udp = g_new0(struct link_udp, 1);

	udp->link.kind = &kind;
	udp->told = told;
	udp->data = data;
	udp->udp = session_udp_new(address, port, settings, udp_told, udp, error);
	if (!udp->udp) {
		g_free(udp);
		return NULL;
	}
	return &udp->link;
}
