/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spice.h>
#include <spice/enums.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/blank.h"
#include "spice/core.h"
#include "spice/display_direct.h"
#include "spice/display_library.h"
#include "spice/door.h"
#include "spice/inputs.h"
#include "spice/redirect.h"
#include "spice/viewer.h"

#define PASSWORD_MAX \
	60 /* SPICE_MAX_PASSWORD_LENGTH of the protocol, encrypted with RSA-1024 and OAEP */

/* Seconds; a dead peer is noticed after SILENCE_MS whether we were sending to it or not. */
#define KEEPALIVE_IDLE     5
#define KEEPALIVE_INTERVAL 2
#define KEEPALIVE_PROBES   3
#define SILENCE_MS         12000

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

struct viewer_door {
	struct viewer *viewer;
	struct door *door; /* NULL: it has ended, and the library is about to hear of it */
	int fd;            /* of the channel, the library's once it has it */
	bool given;        /* to the library */
	GList link;        /* viewer::doors */
};

GQuark viewer_error_quark(void)
{
	return g_quark_from_static_string("viewer-error-quark");
}

static char *viewer_describe_peer(int fd)
{
	struct sockaddr_storage address = {.ss_family = AF_UNIX};
	socklen_t length = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getpeername(fd, (struct sockaddr *)&address, &length) < 0)
		return g_strdup("unknown");
	if (address.ss_family == AF_UNIX)
		return g_strdup("local");
	if (getnameinfo((const struct sockaddr *)&address, length, host, sizeof(host), port,
			    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return g_strdup("unknown");
	if (strchr(host, ':'))
		return g_strdup_printf("[%s]:%s", host, port);
	return g_strdup_printf("%s:%s", host, port);
}

static void viewer_looks(struct viewer *viewer)
{
	if (viewer->looking++ == 0)
		viewer->events.watched(true, viewer->events.data);
}

static void viewer_looks_away(struct viewer *viewer)
{
	if (--viewer->looking == 0)
		viewer->events.watched(false, viewer->events.data);
}

static void viewer_channel_begins(struct viewer *viewer, const SpiceChannelEventInfo *info, int fd)
{
	switch (info->type) {
	case SPICE_CHANNEL_MAIN:
		g_free(viewer->peer);
		viewer->peer = viewer_describe_peer(fd);
		viewer->connection = info->connection_id;
		viewer->since = g_get_monotonic_time();
		viewer->mains++;
		if (viewer->events.joined)
			viewer->events.joined(viewer->events.data);
		break;
	case SPICE_CHANNEL_DISPLAY:
		if (viewer->blank)
			break; /* it found the blank one: nothing to see there */
		display_library_join(viewer->display);
		viewer_looks(viewer);
		break;
	}
}

/* A newcomer's channels may begin before the last ones of its predecessor end: nothing here relies
 * on order. */
static void viewer_channel_ends(struct viewer *viewer, const SpiceChannelEventInfo *info)
{
	switch (info->type) {
	case SPICE_CHANNEL_MAIN:
		if (viewer->peer && viewer->connection == info->connection_id)
			g_clear_pointer(&viewer->peer, g_free);
		viewer->mains--;
		inputs_reset(viewer->inputs);
		break;
	case SPICE_CHANNEL_INPUTS:
		inputs_reset(viewer->inputs);
		break;
	case SPICE_CHANNEL_DISPLAY:
		if (viewer->blank)
			break;
		display_library_leave(viewer->display);
		viewer_looks_away(viewer);
		break;
	}
}

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

static void viewer_channel(int event, const SpiceChannelEventInfo *info, void *data)
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

static void viewer_size(int width, int height, void *data)
{
	struct viewer *viewer = data;

	inputs_size(viewer->inputs, width, height);
}

bool viewer_check_password(const char *password, GError **error)
{
	if (!password || (*password && strlen(password) <= PASSWORD_MAX))
		return true;
	g_set_error(error, VIEWER_ERROR, VIEWER_ERROR_PASSWORD,
			"the viewers' password must have 1 to %d characters, not %zu", PASSWORD_MAX,
			strlen(password));
	return false;
}

static void viewer_configure(struct viewer *viewer, const struct viewer_settings *settings)
{
	SpiceServer *server = viewer->server;

	if (settings->name)
		spice_server_set_name(server, settings->name);
	/* The library makes JPEGs in its QUIC branch only; its own default would be GLZ. */
	spice_server_set_image_compression(server, settings->lossless
								   ? SPICE_IMAGE_COMPRESSION_LZ
								   : SPICE_IMAGE_COMPRESSION_QUIC);
	spice_server_set_jpeg_compression(server, settings->lossless
								  ? SPICE_WAN_COMPRESSION_NEVER
								  : SPICE_WAN_COMPRESSION_ALWAYS);
	spice_server_set_zlib_glz_compression(server, SPICE_WAN_COMPRESSION_NEVER);
	/* Clients show video streams 0.4 s late and drop late frames; and gstreamer would be
	 * loaded. */
	spice_server_set_streaming_video(server, SPICE_STREAM_VIDEO_OFF);
	spice_server_set_video_codecs(server, "spice:mjpeg");
	spice_server_set_playback_compression(server, 0);
	spice_server_set_agent_mouse(server, 0);
	spice_server_set_agent_copypaste(server, 0);
	spice_server_set_agent_file_xfer(server, 0);
}

static enum viewer_verdict viewer_judge(
		struct viewer *viewer, bool main, const struct link_secret *said)
{
	if (!viewer->events.judge)
		return VIEWER_OPERATES;
	return viewer->events.judge(main, said, viewer->events.data);
}

/* --- A direct display --- */

static void viewer_direct_opened(void *data)
{
	viewer_looks(data);
}

static void viewer_direct_closed(void *data)
{
	viewer_looks_away(data);
}

static bool viewer_direct_judge(const struct link_secret *said, void *data)
{
	return viewer_judge(data, false, said) != VIEWER_REFUSED;
}

static bool viewer_open_direct(struct viewer *viewer, const struct viewer_settings *settings)
{
	const struct direct_events events = {
			.opened = viewer_direct_opened,
			.closed = viewer_direct_closed,
			.judge = viewer_direct_judge,
			.data = viewer,
	};

	viewer->blank = blank_new();
	if (!viewer->blank || !blank_attach(viewer->blank, viewer->server))
		return false;
	viewer->display = display_direct_new(settings->direct, &events);
	return viewer->display != NULL;
}

static bool viewer_open_display(struct viewer *viewer, const struct viewer_settings *settings)
{
	if (settings->direct)
		return viewer_open_direct(viewer, settings);
	viewer->display = display_library_new(viewer->server, viewer_size, viewer);
	return viewer->display != NULL;
}

static bool viewer_offer_redirect(struct viewer *viewer, GError **error)
{
	if (!viewer->events.redirect_opened)
		return true;
	viewer->redirect = redirect_new(&viewer->events);
	if (redirect_attach(viewer->redirect, viewer->server))
		return true;
	g_set_error_literal(error, VIEWER_ERROR, VIEWER_ERROR_LIBRARY,
			"spice-server does not take our USB channel");
	return false;
}

struct viewer *viewer_new(const struct viewer_settings *settings,
		const struct viewer_events *events, GError **error)
{
	struct viewer *viewer = g_new0(struct viewer, 1);

	viewer->events = *events;
	viewer->key = settings->key;
	g_queue_init(&viewer->doors);
	viewer->links = g_hash_table_new(NULL, NULL);
	viewer->core = core_new(viewer_channel, viewer);
	viewer->server = spice_server_new();
	viewer_configure(viewer, settings);
	/* Nobody gets to it but through a door, who has been judged there. */
	spice_server_set_noauth(viewer->server);
	if (spice_server_init(viewer->server, core_interface(viewer->core)) != 0) {
		g_set_error_literal(error, VIEWER_ERROR, VIEWER_ERROR_LIBRARY,
				"spice-server does not start");
		goto fail;
	}
	viewer->inputs = inputs_new(&viewer->events);
	if (!inputs_attach(viewer->inputs, viewer->server) ||
			!viewer_open_display(viewer, settings)) {
		g_set_error_literal(error, VIEWER_ERROR, VIEWER_ERROR_LIBRARY,
				"spice-server does not take our screen, keyboard or mouse");
		goto fail;
	}
	if (!viewer_offer_redirect(viewer, error))
		goto fail;
	spice_server_vm_start(viewer->server);
	return viewer;
fail:
	viewer_close(viewer);
	return NULL;
}

/*
 * Held keys of a peer that lost power or network are released by its channel's end, which TCP would
 * not report for hours. On other sockets these options fail, and are not needed.
 */
static void viewer_watch_peer(int fd)
{
	const struct {
		int level, name, value;
	} options[] = {
			{SOL_SOCKET, SO_KEEPALIVE, 1},
			{IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE},
			{IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL},
			{IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES},
			{IPPROTO_TCP, TCP_USER_TIMEOUT, SILENCE_MS},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value,
				sizeof(options[i].value));
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

static void viewer_look_only(struct viewer *viewer);

static bool viewer_door_judge(struct door *unused, const struct link_message *message,
		const struct link_secret *said, void *data)
{
	struct viewer *viewer = ((struct viewer_door *)data)->viewer;
	bool main = message->channel_type == SPICE_CHANNEL_MAIN;
	enum viewer_verdict verdict = viewer_judge(viewer, main, said);

	if (main && verdict == VIEWER_LOOKS)
		viewer_look_only(viewer);
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

	viewer_watch_peer(fd);
	door->viewer = viewer;
	door->fd = fd;
	door->link.data = door;
	g_queue_push_tail_link(&viewer->doors, &door->link);
	door->door = door_open(fd, viewer->key, &events);
}

void viewer_add_display(struct viewer *viewer, int fd)
{
	viewer_watch_peer(fd);
	display_direct_client(viewer->display, fd);
}

bool viewer_pace(const struct viewer *viewer, struct direct_pace *out)
{
	if (!viewer->blank)
		return false;
	display_direct_pace(viewer->display, out);
	return true;
}

void viewer_show(struct viewer *viewer, const struct display_picture *picture)
{
	/* Positions come as pixels of the surface that the client has from us. */
	if (viewer->blank)
		inputs_size(viewer->inputs, picture->width, picture->height);
	display_show(viewer->display, picture);
}

void viewer_damage(struct viewer *viewer, const struct display_damage *damage)
{
	display_damage(viewer->display, damage);
}

void viewer_leds(struct viewer *viewer, unsigned int leds)
{
	inputs_leds(viewer->inputs, leds);
}

void viewer_redirect_send(struct viewer *viewer, const void *bytes, size_t size)
{
	if (viewer->redirect)
		redirect_send(viewer->redirect, bytes, size);
}

bool viewer_connection(const struct viewer *viewer, uint32_t *connection)
{
	*connection = (uint32_t)viewer->connection; /* the library prints it signed */
	return viewer->mains > 0;
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

const char *viewer_peer(const struct viewer *viewer)
{
	return viewer->peer;
}

int64_t viewer_since(const struct viewer *viewer)
{
	return viewer->peer ? viewer->since : 0;
}

static void viewer_ignore_key(uint8_t usage, bool down, void *data)
{
}

static void viewer_ignore_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
}

/* What hears of inputs has no other way to anybody than these. */
static void viewer_look_only(struct viewer *viewer)
{
	viewer->looks_only = true;
	viewer->events.key = viewer_ignore_key;
	viewer->events.pointer = viewer_ignore_pointer;
	viewer->events.mouse = viewer_ignore_pointer;
}

void viewer_close(struct viewer *viewer)
{
	if (!viewer)
		return;
	core_mute(viewer->core);
	while (!g_queue_is_empty(&viewer->doors))
		viewer_door_free(g_queue_peek_head(&viewer->doors));
	if (viewer->peer)
		inputs_reset(viewer->inputs);
	/* The library lets go of held keys while it ends; they are up already. */
	viewer->events.key = viewer_ignore_key;
	spice_server_destroy(viewer->server);
	display_close(viewer->display);
	blank_free(viewer->blank);
	redirect_free(viewer->redirect);
	inputs_free(viewer->inputs);
	core_free(viewer->core);
	g_hash_table_unref(viewer->links);
	g_free(viewer->peer);
	g_free(viewer);
}
