/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a viewer's channels get in: each through a door, to the library or not. */
#include <spice/enums.h>
#include "spice/door.h"
#include "spice/keepalive.h"
#include "spice/viewer_part.h"

struct viewer_door {
	struct viewer *viewer;
	struct door *door; /* NULL: it has ended, and the library is about to hear of it */
	int fd;            /* of the channel, the library's once it has it */
	bool given;        /* to the library */
	GList link;        /* viewer::doors */
};

enum viewer_verdict viewer_judge(struct viewer *viewer, bool main, const struct link_secret *said)
{
	if (!viewer->events.judge)
		return VIEWER_OPERATES;
	return viewer->events.judge(main, said, viewer->events.data);
}

static void viewer_ignore_key(uint8_t usage, bool down, void *data)
{
}

static void viewer_ignore_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
}

/* What hears of inputs has no other way to anybody than these. */
void viewer_ignore(struct viewer *viewer)
{
	viewer->events.key = viewer_ignore_key;
	viewer->events.pointer = viewer_ignore_pointer;
	viewer->events.mouse = viewer_ignore_pointer;
}

/* --- What the library says --- */

/* Whoever has no channel left, nor one on the way, has left. */
static void viewer_is_left(struct viewer *viewer)
{
	if (viewer->events.left && viewer->mains == 0 && viewer_channels(viewer) == 0)
		viewer->events.left(viewer->events.data);
}

static void viewer_door_free(struct viewer_door *door)
{
	if (door->door)
		door_close(door->door);
	g_queue_unlink(&door->viewer->doors, &door->link);
	g_free(door);
}

static void viewer_channel_let_in(struct viewer *viewer, const SpiceChannelEventInfo *info)
{
	struct viewer_door *door = g_hash_table_lookup(viewer->links, info);
	int fd = door ? door->fd : -1;

	g_hash_table_remove(viewer->links, info);
	if (door) {
		if (door->door)
			door_pass(g_steal_pointer(&door->door));
		viewer_door_free(door);
	}
	viewer_channel_begins(viewer, info, fd);
}

static void viewer_channel_gone(struct viewer *viewer, const SpiceChannelEventInfo *info)
{
	struct viewer_door *door = g_hash_table_lookup(viewer->links, info);

	viewer->channels--;
	if (door) {
		g_hash_table_remove(viewer->links, info);
		if (door->door)
			door->given = false; /* ends when it has passed on what the library said */
		else
			viewer_door_free(door);
	} else {
		viewer_channel_ends(viewer, info);
	}
	if (viewer->events.left && info->type == SPICE_CHANNEL_MAIN && viewer->mains == 0)
		viewer->events.left(viewer->events.data);
	else
		viewer_is_left(viewer);
}

void viewer_channel(int event, const SpiceChannelEventInfo *info, void *data)
{
	struct viewer *viewer = data;

	switch (event) {
	case SPICE_CHANNEL_EVENT_CONNECTED:
		viewer->channels++;
		g_hash_table_insert(viewer->links, (gpointer)info, viewer->giving);
		break;
	case SPICE_CHANNEL_EVENT_INITIALIZED:
		viewer_channel_let_in(viewer, info);
		break;
	case SPICE_CHANNEL_EVENT_DISCONNECTED:
		viewer_channel_gone(viewer, info);
		break;
	}
}

/* --- Doors --- */

static bool viewer_give(struct door *unused, int fd, void *data)
{
	struct viewer_door *door = data;
	struct viewer *viewer = door->viewer;

	/* The library may be rid of it again before this returns: then it has not got it. */
	door->given = true;
	viewer->giving = door;
	if (core_add_client(viewer->core, viewer->server, fd))
		return true;
	door->given = false;
	return false;
}

static bool viewer_door_judge(struct door *unused, const struct link_message *message,
		const struct link_secret *said, void *data)
{
	struct viewer *viewer = ((struct viewer_door *)data)->viewer;
	bool main = message->channel_type == SPICE_CHANNEL_MAIN;
	enum viewer_verdict verdict = viewer_judge(viewer, main, said);

	if (main && verdict == VIEWER_LOOKS) {
		viewer->looks_only = true;
		viewer_ignore(viewer);
	}
	return verdict != VIEWER_REFUSED &&
	       !(viewer->looks_only && message->channel_type == SPICE_CHANNEL_USBREDIR);
}

static void viewer_door_ended(struct door *unused, void *data)
{
	struct viewer_door *door = data;
	struct viewer *viewer = door->viewer;

	door->door = NULL;
	if (door->given)
		return; /* the library is about to find out */
	viewer_door_free(door);
	viewer_is_left(viewer);
}

void viewer_add_client(struct viewer *viewer, int fd)
{
	struct viewer_door *door = g_new0(struct viewer_door, 1);
	const struct door_events events = {
			.hand_over = viewer_give,
			.judge = viewer_door_judge,
			.ended = viewer_door_ended,
			.data = door,
	};

	keepalive_set(fd); /* its end releases the keys that it holds */
	door->viewer = viewer;
	door->fd = fd;
	door->link.data = door;
	g_queue_push_tail_link(&viewer->doors, &door->link);
	door->door = door_open(fd, viewer->key, &events);
}

bool viewer_settle(struct viewer *viewer)
{
	GList *link = viewer->doors.head, *next;

	for (; link; link = next) {
		struct viewer_door *door = link->data;

		next = link->next;
		if (door->door)
			door_close(g_steal_pointer(&door->door));
		if (!door->given)
			viewer_door_free(door);
	}
	return g_queue_is_empty(&viewer->doors);
}

unsigned int viewer_channels(const struct viewer *viewer)
{
	unsigned int channels = viewer->channels;

	for (const GList *link = viewer->doors.head; link; link = link->next)
		channels += !((const struct viewer_door *)link->data)->given;
	return channels;
}

void viewer_close_doors(struct viewer *viewer)
{
	while (!g_queue_is_empty(&viewer->doors))
		viewer_door_free(g_queue_peek_head(&viewer->doors));
}
