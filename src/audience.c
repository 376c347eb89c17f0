/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/listener.h"
#include "src/audience.h"
#include "src/console_config.h"
#include "src/drives.h"
#include "src/input.h"
#include "src/log.h"
#include "src/shared_disc.h"

struct audience {
	struct audience_events events;
	struct input *input;   /* not ours */
	struct drives *drives; /* not ours; NULL: none */
	struct viewers *viewers;
	struct shared_disc *shared_disc;
	GHashTable *lenders; /* a viewer's number -> struct lender */
	GPtrArray *listeners;
	bool closing;
};

/* A viewer's USB channel. */
struct lender {
	struct audience *audience;
	unsigned int viewer;
	struct shared_seat *seat;
};

/* --- Hands --- */

static void audience_key(uint8_t usage, bool down, void *data)
{
	input_key(((struct audience *)data)->input, usage, down);
}

static void audience_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
	input_pointer(((struct audience *)data)->input, x, y, wheel, buttons);
}

static void audience_mouse(int dx, int dy, int wheel, unsigned int buttons, void *data)
{
	input_mouse(((struct audience *)data)->input, dx, dy, wheel, buttons);
}

static void audience_release_all(void *data)
{
	input_release_all(((struct audience *)data)->input);
}

static void audience_tired(void *data)
{
	log_line(LOG_LINE_WARNING,
			"console: keys were held too long without a word from the client; released");
}

/* --- Discs --- */

static bool audience_disc_offered(struct source *source, const char *viewer, void *data)
{
	struct audience *audience = data;

	if (!drives_offer(audience->drives, source, viewer))
		return false;
	log_line(LOG_LINE_NOTICE, "console: viewer %s shares a disc", viewer);
	return true;
}

static void audience_disc_withdrawn(struct source *source, void *data)
{
	struct audience *audience = data;

	log_line(LOG_LINE_NOTICE, "console: the viewer's disc is taken out: it is shared no more");
	drives_withdraw(audience->drives, source);
}

static void audience_fault(const char *text, void *data)
{
	struct audience *audience = data;

	audience->events.fault(text, audience->events.data);
}

static void lender_send(const void *bytes, size_t size, void *data)
{
	struct lender *lender = data;

	viewers_redirect_send(lender->audience->viewers, lender->viewer, bytes, size);
}

static void lender_free(gpointer data)
{
	struct lender *lender = data;

	shared_disc_leave(lender->seat);
	g_free(lender);
}

static void audience_redirect_opened(unsigned int viewer, const char *peer, void *data)
{
	struct audience *audience = data;
	struct lender *lender = g_new0(struct lender, 1);

	lender->audience = audience;
	lender->viewer = viewer;
	g_hash_table_replace(audience->lenders, GUINT_TO_POINTER(viewer), lender);
	lender->seat = shared_disc_join(audience->shared_disc, peer, lender_send, lender);
}

static void audience_redirect_bytes(unsigned int viewer, const void *bytes, size_t size, void *data)
{
	struct audience *audience = data;
	struct lender *lender = g_hash_table_lookup(audience->lenders, GUINT_TO_POINTER(viewer));

	if (lender)
		shared_disc_receive(lender->seat, bytes, size);
}

static void audience_redirect_closed(unsigned int viewer, void *data)
{
	struct audience *audience = data;

	g_hash_table_remove(audience->lenders, GUINT_TO_POINTER(viewer));
}

/* --- Coming and going --- */

static void audience_watched(bool watched, void *data)
{
	struct audience *audience = data;

	if (!audience->closing)
		audience->events.watched(watched, audience->events.data);
}

static void audience_joined(unsigned int viewer, const char *peer, void *data)
{
	log_line(LOG_LINE_NOTICE, "console: viewer %s connected", peer);
}

static void audience_left(unsigned int viewer, const char *peer, void *data)
{
	log_line(LOG_LINE_NOTICE, "console: viewer %s left", peer);
}

static void audience_password(bool right, const char *peer, void *data)
{
}

/* Passing: until the listener says all this itself. */
static void audience_client(int fd, void *data)
{
	struct audience *audience = data;
	struct listener_client client = {.fd = fd, .peer = "local"};
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	char host[48], port[8];
	uint8_t bytes[GREETING_BYTES];

	if (recv(fd, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT) != sizeof(bytes) ||
			getpeername(fd, (struct sockaddr *)&address, &size) != 0) {
		close(fd);
		return;
	}
	client.greeting.kind = memcmp(bytes, "REDQ", 4) == 0 ? GREETING_SPICE : GREETING_BAD;
	memcpy(&client.greeting.connection, bytes + 16, 4);
	client.greeting.channel_type = bytes[20];
	client.greeting.channel_id = bytes[21];
	if (address.ss_family != AF_UNIX &&
			getnameinfo((struct sockaddr *)&address, size, host, sizeof(host), port,
					sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		g_snprintf(client.peer, sizeof(client.peer),
				strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	viewers_add_client(audience->viewers, &client);
}

static bool audience_open_viewers(
		struct audience *audience, const struct console_config *config, GError **error)
{
	const struct viewers_settings settings = {
			.name = config->name,
			.password = config->password,
			.lossless = config->image == CONSOLE_IMAGE_LOSSLESS,
			.direct = config->display == CONSOLE_DISPLAY_DIRECT,
			.most = (unsigned int)config->viewers,
			.key_limit = (unsigned int)config->key_limit,
	};
	struct viewers_events events = {
			.key = audience_key,
			.pointer = audience_pointer,
			.mouse = audience_mouse,
			.release_all = audience_release_all,
			.tired = audience_tired,
			.watched = audience_watched,
			.joined = audience_joined,
			.left = audience_left,
			.password = audience_password,
			.fault = audience_fault,
			.data = audience,
	};

	if (audience->drives) {
		events.redirect_opened = audience_redirect_opened;
		events.redirect_bytes = audience_redirect_bytes;
		events.redirect_closed = audience_redirect_closed;
	}
	audience->viewers = viewers_new(&settings, &events, error);
	return audience->viewers != NULL;
}

static bool audience_listen(
		struct audience *audience, const struct console_config *config, GError **error)
{
	for (char **address = config->listen; *address; address++) {
		struct listener *listener = listener_open(
				*address, audience_client, audience, error);

		if (!listener)
			return false;
		g_ptr_array_add(audience->listeners, listener);
		log_line(LOG_LINE_NOTICE, "console: listening on %s", listener_address(listener));
	}
	return true;
}

static void audience_close_listener(gpointer listener)
{
	listener_close(listener);
}

struct audience *audience_open(const struct console_config *config, struct input *input,
		struct drives *drives, const struct audience_events *events, GError **error)
{
	struct audience *audience = g_new0(struct audience, 1);
	const struct shared_disc_events discs = {
			.offered = audience_disc_offered,
			.withdrawn = audience_disc_withdrawn,
			.refused = audience_fault,
			.data = audience,
	};

	audience->events = *events;
	audience->input = input;
	audience->drives = drives;
	audience->listeners = g_ptr_array_new_with_free_func(audience_close_listener);
	audience->lenders = g_hash_table_new_full(NULL, NULL, NULL, lender_free);
	audience->shared_disc = shared_disc_new(&discs);
	if (audience_open_viewers(audience, config, error) &&
			audience_listen(audience, config, error))
		return audience;
	audience_close(audience);
	return NULL;
}

const char *audience_address(const struct audience *audience)
{
	return listener_address(g_ptr_array_index(audience->listeners, 0));
}

struct viewers *audience_viewers(struct audience *audience)
{
	return audience->viewers;
}

void audience_renew(struct audience *audience, const char *password)
{
	g_autoptr(GError) error = NULL;

	if (!viewers_set_password(audience->viewers, password, &error))
		audience_fault(error->message, audience);
}

void audience_close(struct audience *audience)
{
	if (!audience)
		return;
	audience->closing = true;
	g_ptr_array_unref(audience->listeners);
	viewers_close(audience->viewers);
	g_hash_table_unref(audience->lenders);
	shared_disc_free(audience->shared_disc);
	g_free(audience);
}
