/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>
#include "rack/session_udp.h"

#define UDP_BURST 8 /* packets at a time: one BMC shall not keep the others from the main loop */

struct session_udp {
	struct session *session;
	int fd; /* connected, once there is a way: the kernel drops what others send */
	struct sockaddr_storage address;
	socklen_t address_size;
	guint watch, timer;
	int64_t timer_at; /* ms */
	bool talking;     /* udp_drain is at work */
	session_udp_fn told;
	void *data;
};

static int64_t udp_now(void)
{
	return g_get_monotonic_time() / 1000;
}

static gboolean udp_late(gpointer data);

/* A timer that is early does no harm, and making a new one for each packet is dear: most deadlines
 * are never met. */
static void udp_arm(struct session_udp *udp)
{
	int64_t deadline = session_deadline(udp->session), left;

	if (udp->timer && deadline >= 0 && udp->timer_at <= deadline)
		return;
	if (udp->timer)
		g_source_remove(udp->timer);
	udp->timer = 0;
	if (deadline < 0)
		return;
	left = deadline - udp_now();
	udp->timer = g_timeout_add(left > 0 ? (guint)left : 0, udp_late, udp);
	udp->timer_at = deadline;
}

/* What cannot be sent is lost, as it might be on the way: the session repeats it. */
static void udp_send(struct session_udp *udp, const struct session_event *event)
{
	ssize_t sent;

	do {
		sent = send(udp->fd, event->bytes, event->size, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
}

/* Anew for each session: the way there may have come since, or begin at another address of ours. As
 * long as there is none nothing can be sent, which is as good as no answer. */
static void udp_connect(struct session_udp *udp)
{
	(void)connect(udp->fd, (const struct sockaddr *)&udp->address, udp->address_size);
}

/* The caller may ask in its callback: then there is more, for the loop that is at work. */
static void udp_drain(struct session_udp *udp)
{
	struct session_event event;

	if (udp->talking)
		return;
	udp->talking = true;
	while (session_next(udp->session, &event)) {
		if (event.kind == SESSION_STATE && event.state == SESSION_OPENING)
			udp_connect(udp);
		if (event.kind == SESSION_SEND)
			udp_send(udp, &event);
		else
			udp->told(udp, &event, udp->data);
	}
	udp->talking = false;
	udp_arm(udp);
}

static gboolean udp_late(gpointer data)
{
	struct session_udp *udp = data;

	udp->timer = 0;
	session_tick(udp->session, udp_now());
	udp_drain(udp);
	return G_SOURCE_REMOVE;
}

static gboolean udp_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct session_udp *udp = data;
	uint8_t bytes[RMCP_PACKET_MAX];

	(void)condition;
	for (int i = 0; i < UDP_BURST; i++) {
		/* An error is the network's word that the BMC is away; its silence says so too. */
		ssize_t size = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_TRUNC);

		if (size < 0)
			break;
		if ((size_t)size > sizeof(bytes)) /* none of ours is that long */
			continue;
		session_packet(udp->session, udp_now(), bytes, (size_t)size);
		udp_drain(udp);
	}
	return G_SOURCE_CONTINUE;
}

static bool udp_open(struct session_udp *udp, const char *address, uint16_t port, GError **error)
{
	const struct addrinfo hints = {
			.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM};
	struct addrinfo *found = NULL;
	char service[8];
	int problem;

	g_snprintf(service, sizeof(service), "%u", port);
	problem = getaddrinfo(address, service, &hints, &found);
	if (problem) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
				"%s: not an IPv4 or IPv6 address (%s)", address,
				gai_strerror(problem));
		return false;
	}
	memcpy(&udp->address, found->ai_addr, found->ai_addrlen);
	udp->address_size = found->ai_addrlen;
	freeaddrinfo(found);
	udp->fd = socket(udp->address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (udp->fd >= 0)
		return true;
	problem = errno;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(problem),
			"%s port %u: no UDP socket: %s", address, port, g_strerror(problem));
	return false;
}

struct session_udp *session_udp_new(const char *address, uint16_t port,
		const struct session_settings *settings, session_udp_fn told, void *data,
		GError **error)
{
	struct session_udp *udp = g_new0(struct session_udp, 1);

	udp->fd = -1;
	udp->told = told;
	udp->data = data;
	if (!udp_open(udp, address, port, error)) {
		session_udp_free(udp);
		return NULL;
	}
	udp->session = session_new(settings, NULL, NULL);
	if (!udp->session) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOMEM, "%s: no memory", address);
		session_udp_free(udp);
		return NULL;
	}
	udp->watch = g_unix_fd_add(udp->fd, G_IO_IN, udp_readable, udp);
	session_start(udp->session, udp_now());
	/* The first packet leaves in the main loop: no callback before the caller has us. */
	udp->timer = g_timeout_add(0, udp_late, udp);
	return udp;
}

bool session_udp_ask(struct session_udp *udp, const struct session_request *request)
{
	bool asked = session_ask(udp->session, udp_now(), request);

	udp_drain(udp);
	return asked;
}

void session_udp_stop(struct session_udp *udp)
{
	session_stop(udp->session, udp_now());
	udp_drain(udp);
}

void session_udp_free(struct session_udp *udp)
{
	if (!udp)
		return;
	if (udp->watch)
		g_source_remove(udp->watch);
	if (udp->timer)
		g_source_remove(udp->timer);
	if (udp->fd >= 0)
		close(udp->fd);
	session_free(udp->session);
	g_free(udp);
}
