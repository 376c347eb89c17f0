/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the files of viewer.h share: viewer.c has its server and its devices, viewer_doors.c how
 * channels get in. */
#include <glib.h>
#include "spice/core.h"
#include "spice/viewer.h"

struct viewer {
	struct viewer_events events;
	const struct link_key *key; /* not ours */
	struct core *core;
	SpiceServer *server;
	struct inputs *inputs;
	struct redirect *redirect; /* NULL: none is offered */
	struct display *display;
	struct blank *blank; /* what the library has instead of a direct display; NULL: it isn't */
	int looking;         /* display channels */
	int mains;           /* main channels that were let in */
	bool looks_only;     /* VIEWER_LOOKS */
	GQueue doors;        /* struct viewer_door, of channels that were not */
	GHashTable *links;   /* those of them that the library has: SpiceChannelEventInfo -> door */
	unsigned int channels;      /* all that the library has */
	struct viewer_door *giving; /* the one that it is being given */
	int connection;             /* the library's number for whom peer describes */
	char *peer;                 /* NULL: nobody is in */
	int64_t since;              /* when peer came */
};

/* --- viewer.c --- */

/* A channel is in, over that descriptor; it has ended. */
void viewer_channel_begins(struct viewer *viewer, const SpiceChannelEventInfo *info, int fd);
void viewer_channel_ends(struct viewer *viewer, const SpiceChannelEventInfo *info);

/* --- viewer_doors.c --- */

/* What somebody may do who says this. */
enum viewer_verdict viewer_judge(struct viewer *viewer, bool main, const struct link_secret *said);

/* For the core. */
void viewer_channel(int event, const SpiceChannelEventInfo *info, void *data);

/* Keys, pointer and mouse go nowhere from now on. */
void viewer_ignore(struct viewer *viewer);

/* Closes the doors of channels that are not let in. */
void viewer_close_doors(struct viewer *viewer);
