/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The other side of a door (spice/door.h), as spice-server is: answers a link message, takes any
 * ticket that is for its own key, and says that the channel is in, or that there is none. On the
 * default main context.
 */
#include <glib.h>
#include "spice/door.h"

struct door_library {
	struct door *door;    /* NULL: it has ended, or passed */
	struct link_key *key; /* the library's own */
	int fd;               /* -1: nothing was handed over, or it has closed it */
	guint watch;
	bool replied, empty; /* the ticket that it got held nothing, as it has to */
	uint32_t error;      /* SPICE_LINK_ERR_* that it answers a link with */
	uint32_t result;     /* and a ticket */
	bool refuses;        /* the judge does */
	int judged, passed, ended;
	char said[LINK_PASSWORD_MAX + 1]; /* what was judged */
};

/* Opens a door for a socket. library is zeroed but for key and what it is to do. */
void door_library_open(struct door_library *library, int fd, const struct link_key *key);

/* Closes what is left of it, not the keys. */
void door_library_close(struct door_library *library);
