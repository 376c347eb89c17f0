/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <spice.h>
#include <spice/enums.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/blank.h"
#include "spice/display_direct.h"
#include "spice/display_library.h"
#include "spice/inputs.h"
#include "spice/keepalive.h"
#include "spice/redirect.h"
#include "spice/viewer_part.h"

#define PASSWORD_MAX \
	60 /* SPICE_MAX_PASSWORD_LENGTH of the protocol, encrypted with RSA-1024 and OAEP */

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

void viewer_channel_begins(struct viewer *viewer, const SpiceChannelEventInfo *info, int fd)
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
void viewer_channel_ends(struct viewer *viewer, const SpiceChannelEventInfo *info)
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

void viewer_add_display(struct viewer *viewer, int fd)
{
	keepalive_set(fd);
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

const char *viewer_peer(const struct viewer *viewer)
{
	return viewer->peer;
}

int64_t viewer_since(const struct viewer *viewer)
{
	return viewer->peer ? viewer->since : 0;
}

void viewer_close(struct viewer *viewer)
{
	if (!viewer)
		return;
	core_mute(viewer->core);
	viewer_close_doors(viewer);
	if (viewer->peer)
		inputs_reset(viewer->inputs);
	/* The library lets go of held keys while it ends; they are up already. */
	viewer_ignore(viewer);
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
