/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The way to one BMC, whatever it is made of: a session over the network, the kernel's device, or a
 * simulated rack. One request is under way at a time. Told in the main loop; main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rack/session.h"

enum link_event_kind {
	LINK_UP,
	LINK_DOWN,   /* or it could not be had; requests fail before that is told */
	LINK_ANSWER, /* of the request under way */
	LINK_FAILED, /* it has no answer; a BMC may have done it all the same */
};

struct link_event {
	enum link_event_kind kind;
	/* An answer's; bytes: data behind the completion code, valid during the call. */
	uint8_t code;
	const uint8_t *bytes;
	size_t size;
	/* UP: the BMC's GUID, RMCP_GUID bytes; NULL: the way does not tell. */
	const uint8_t *guid;
	bool old; /* UP: by IPMI 1.5, signed and not encrypted */
	/* DOWN: in words; valid during the call. */
	const char *why;
	bool refused; /* it answers, and does not let us in: no use to hurry */
};

struct link;

/* May ask anew. Must not free the link. */
typedef void (*link_fn)(struct link *link, const struct link_event *event, void *data);

/* Each kind of link begins with this, and has a constructor of its own. */
struct link_kind {
	bool (*ask)(struct link *link, const struct session_request *request);
	void (*free)(struct link *link);
};
struct link {
	const struct link_kind *kind;
};

/* False when it is not up (while FAILED is told it may be down already), or a request is under way;
 * else exactly one ANSWER or FAILED follows, never from within. The request is copied. */
static inline bool link_ask(struct link *link, const struct session_request *request)
{
	return link->kind->ask(link, request);
}

/* Tells nobody any more. A session is closed in the background for at most 2 s. NULL is fine. */
static inline void link_free(struct link *link)
{
	if (link)
		link->kind->free(link);
}

/* By RMCP+, or IPMI 1.5 where that is allowed, see session_udp.h; settings are copied. Comes up, and again, by itself. */
struct link *link_udp_new(const char *address, uint16_t port,
		const struct session_settings *settings, link_fn told, void *data, GError **error);

/*
 * By a device of the kernel's (/dev/ipmi0, linux/ipmi.h): the board's own BMC, or one on an IPMB.
 * A device that is missing is no error: it is tried again every 10 s.
 */
struct link *link_device_new(const char *path, link_fn told, void *data);
