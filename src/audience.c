/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "spice/listener.h"
#include "src/audience.h"
#include "src/audit.h"
#include "src/console_config.h"
#include "src/control.h"
#include "src/drives.h"
#include "src/input.h"
#include "src/log.h"
#include "src/shared_disc.h"
#include "src/ticket.h"

struct audience {
	struct audience_events events;
	struct input *input;   /* not ours */
	struct drives *drives; /* not ours; NULL: none */
	struct viewers *viewers;
	struct control *control;
	struct shared_disc *shared_disc;
	GHashTable *lenders; /* a viewer's number -> struct lender */
	GHashTable *discs;   /* the source of a shared disc -> struct sharer */
	GPtrArray *gone;     /* struct lender, to be freed */
	guint bury;          /* idle source for that */
	struct listener *listener;
	struct ticket_place place; /* but for its addresses */
	bool closing;
};

/* A viewer's USB channel. */
struct lender {
	struct audience *audience;
	unsigned int viewer;
	struct shared_seat *seat;
	bool gone;
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

static void audience_touched(unsigned int viewer, enum viewers_touch touch, void *data)
{
	control_touched(((struct audience *)data)->control, viewer, touch);
}

/* --- Discs --- */

/* Who shares a disc. */
struct sharer {
	char *peer;
	unsigned int viewer;
	bool encrypted;
};

static void sharer_free(gpointer data)
{
	struct sharer *sharer = data;

	g_free(sharer->peer);
	g_free(sharer);
}

static struct sharer *audience_sharer(const struct audience *audience, const char *peer)
{
	struct sharer *sharer = g_new0(struct sharer, 1);
	struct viewers_one one;

	sharer->peer = g_strdup(peer);
	for (size_t i = 0; viewers_read(audience->viewers, i, &one); i++) {
		if (strcmp(one.peer, peer) == 0) {
			sharer->viewer = one.viewer;
			sharer->encrypted = one.encrypted;
		}
	}
	return sharer;
}

static void audience_tell_disc(
		struct audience *audience, enum audit_event event, const struct sharer *sharer)
{
	struct audit_who who = audit_who_looks(sharer->viewer, sharer->peer, sharer->encrypted);

	audit_tell(audience->events.audit, event, &who,
			json_pack("{s:s}", "source", "the viewer's disc"));
}

static bool audience_disc_offered(struct source *source, const char *viewer, void *data)
{
	struct audience *audience = data;
	struct sharer *sharer;

	if (!drives_offer(audience->drives, source, viewer))
		return false;
	sharer = audience_sharer(audience, viewer);
	g_hash_table_replace(audience->discs, source, sharer);
	audience_tell_disc(audience, AUDIT_MEDIUM_INSERTED, sharer);
	return true;
}

static void audience_disc_withdrawn(struct source *source, void *data)
{
	struct audience *audience = data;
	const struct sharer *sharer = g_hash_table_lookup(audience->discs, source);

	if (sharer)
		audience_tell_disc(audience, AUDIT_MEDIUM_EJECTED, sharer);
	g_hash_table_remove(audience->discs, source);
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

	if (!lender->gone)
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

static gboolean audience_bury(gpointer data)
{
	struct audience *audience = data;

	audience->bury = 0;
	g_ptr_array_set_size(audience->gone, 0);
	return G_SOURCE_REMOVE;
}

/* A channel may be found to be closed while its lender is sending over it: that one ends later. */
static void audience_redirect_closed(unsigned int viewer, void *data)
{
	struct audience *audience = data;
	struct lender *lender = g_hash_table_lookup(audience->lenders, GUINT_TO_POINTER(viewer));

	if (!lender)
		return;
	lender->gone = true;
	g_hash_table_steal(audience->lenders, GUINT_TO_POINTER(viewer));
	g_ptr_array_add(audience->gone, lender);
	if (!audience->bury)
		audience->bury = g_idle_add_full(G_PRIORITY_DEFAULT, audience_bury, audience, NULL);
}

/* --- Coming and going --- */

static void audience_watched(bool watched, void *data)
{
	struct audience *audience = data;

	if (!audience->closing)
		audience->events.watched(watched, audience->events.data);
}

static bool audience_find(
		const struct audience *audience, unsigned int viewer, struct viewers_one *out)
{
	for (size_t i = 0; viewers_read(audience->viewers, i, out); i++)
		if (out->viewer == viewer)
			return true;
	return false;
}

static void audience_joined(unsigned int viewer, const char *peer, bool encrypted, void *data)
{
	struct audience *audience = data;
	struct audit_who who = audit_who_looks(viewer, peer, encrypted);
	struct viewers_one one = {0};
	bool looks_only = audience_find(audience, viewer, &one) && one.right == VIEWERS_VIEW;

	if (one.ticket)
		audit_tell(audience->events.audit, AUDIT_TICKET_USED, &who, NULL);
	audit_tell(audience->events.audit, AUDIT_VIEWER_JOINED, &who,
			looks_only ? json_pack("{s:s}", "right", "view") : NULL);
	audience->events.joined(viewer, peer, audience->events.data);
	if (!looks_only)
		control_joined(audience->control, viewer);
}

static void audience_left(unsigned int viewer, const char *peer, bool encrypted, void *data)
{
	struct audience *audience = data;
	struct audit_who who = audit_who_looks(viewer, peer, encrypted);

	audit_tell(audience->events.audit, AUDIT_VIEWER_LEFT, &who, NULL);
	if (!audience->closing)
		audience->events.left(viewer, peer, audience->events.data);
	control_left(audience->control, viewer);
}

static void audience_connection(uint32_t connection, bool there, void *data)
{
	struct audience *audience = data;

	if (audience->listener)
		listener_viewer(audience->listener, connection, there);
}

static void audience_password(bool right, const char *peer, bool encrypted, void *data)
{
	struct audience *audience = data;
	struct audit_who who = audit_who_looks(0, peer, encrypted);

	if (!audience->listener)
		return; /* they all leave now */
	if (right) {
		listener_right_password(audience->listener, peer);
		return;
	}
	audit_tell(audience->events.audit, AUDIT_PASSWORD_REFUSED, &who,
			json_pack("{s:s}", "by", "spice"));
	listener_wrong_password(audience->listener, peer);
}

static void audience_expired(void *data)
{
	const struct audience *audience = data;

	log_line(LOG_LINE_NOTICE,
			"console: the viewers' password has expired; nobody is let in until there "
			"is another");
	audience->events.expired(audience->events.data);
}

static void audience_client(const struct listener_client *client, void *data)
{
	viewers_add_client(((struct audience *)data)->viewers, client);
}

static struct viewers_settings audience_viewers_settings(const struct console_config *config)
{
	return (struct viewers_settings){
			.name = config->name,
			.password = config->password,
			.view_password = config->view_password,
			.lossless = config->image == CONSOLE_IMAGE_LOSSLESS,
			.direct = config->display == CONSOLE_DISPLAY_DIRECT,
			.most = (unsigned int)config->viewers,
			.key_limit = (unsigned int)config->key_limit,
	};
}

static bool audience_open_viewers(
		struct audience *audience, const struct console_config *config, GError **error)
{
	const struct viewers_settings settings = audience_viewers_settings(config);
	struct viewers_events events = {
			.key = audience_key,
			.pointer = audience_pointer,
			.mouse = audience_mouse,
			.release_all = audience_release_all,
			.tired = audience_tired,
			.touched = audience_touched,
			.watched = audience_watched,
			.joined = audience_joined,
			.left = audience_left,
			.connection = audience_connection,
			.password = audience_password,
			.expired = audience_expired,
			.fault = audience_fault,
			.data = audience,
	};

	if (audience->drives) {
		events.redirect_opened = audience_redirect_opened;
		events.redirect_bytes = audience_redirect_bytes;
		events.redirect_closed = audience_redirect_closed;
	}
	audience->viewers = viewers_new(&settings, &events, error);
	if (audience->viewers)
		audience->control = control_new(config, audience->viewers, audience->events.audit,
				audience->events.events);
	return audience->viewers != NULL;
}

static struct listener_settings audience_listener_settings(const struct console_config *config)
{
	return (struct listener_settings){
			.addresses = (const char *const *)config->listen,
			.view_addresses = (const char *const *)config->view_listen,
			.sockets = config->sockets,
			.socket_count = config->socket_count,
			.certificate = config->certificate,
			.key = config->key,
			.plain = !config->certificate || config->allow_plain,
			.origins = (const char *const *)config->origins,
			.display_init = config->display == CONSOLE_DISPLAY_LIBRARY,
			.own_display = config->display == CONSOLE_DISPLAY_DIRECT,
	};
}

static bool audience_listen(
		struct audience *audience, const struct console_config *config, GError **error)
{
	const struct listener_settings settings = audience_listener_settings(config);
	const char *address;

	audience->listener = listener_open(&settings, audience_client, audience, error);
	if (!audience->listener)
		return false;
	for (unsigned int i = 0; (address = listener_address(audience->listener, i)); i++)
		log_line(LOG_LINE_NOTICE, "console: listening on %s", address);
	return true;
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
	audience->place = (struct ticket_place){
			.name = g_strdup(config->name),
			.certificate = g_strdup(config->certificate),
			.plain = !config->certificate || config->allow_plain,
	};
	audience->drives = drives;
	audience->gone = g_ptr_array_new_with_free_func(lender_free);
	audience->lenders = g_hash_table_new_full(NULL, NULL, NULL, lender_free);
	audience->discs = g_hash_table_new_full(NULL, NULL, NULL, sharer_free);
	audience->shared_disc = shared_disc_new(&discs);
	if (audience_open_viewers(audience, config, error) &&
			audience_listen(audience, config, error))
		return audience;
	audience_close(audience);
	return NULL;
}

const char *audience_address(const struct audience *audience)
{
	return listener_address(audience->listener, 0);
}

struct viewers *audience_viewers(struct audience *audience)
{
	return audience->viewers;
}

struct control *audience_control(struct audience *audience)
{
	return audience->control;
}

bool audience_set_password(struct audience *audience, const char *password, unsigned int seconds,
		GError **error)
{
	return viewers_set_password(audience->viewers, password, seconds, error);
}

bool audience_ticket(struct audience *audience, enum viewers_right right, unsigned int seconds,
		struct ticket *out, GError **error)
{
	int64_t until;
	char *text = viewers_ticket(audience->viewers, right, seconds, &until, error);
	const char *address;

	if (!text)
		return false;
	*out = (struct ticket){.text = text, .right = right, .until = until};
	for (unsigned int i = 0; (address = listener_address(audience->listener, i)); i++)
		if (ticket_address(out, &audience->place, address))
			break;
	return true;
}

bool audience_configure(struct audience *audience, const struct console_config *config, bool ask,
		GError **error)
{
	const struct listener_settings listener = audience_listener_settings(config);
	const struct viewers_settings viewers = audience_viewers_settings(config);
	g_autoptr(GError) cause = NULL;

	if (!listener_configure(audience->listener, &listener, error))
		return false;
	viewers_configure(audience->viewers, &viewers);
	/* Nothing can be wrong with one that was read, and it does not end. */
	if (ask && !viewers_set_password(audience->viewers, config->password, 0, &cause))
		audience_fault(cause->message, audience);
	g_clear_error(&cause);
	if (!viewers_set_view_password(audience->viewers, config->view_password, &cause))
		audience_fault(cause->message, audience);
	return true;
}

void audience_close(struct audience *audience)
{
	if (!audience)
		return;
	audience->closing = true;
	listener_close(g_steal_pointer(&audience->listener));
	viewers_close(audience->viewers);
	control_free(audience->control);
	if (audience->bury)
		g_source_remove(audience->bury);
	g_hash_table_unref(audience->lenders);
	g_ptr_array_unref(audience->gone);
	shared_disc_free(audience->shared_disc);
	g_hash_table_unref(audience->discs);
	g_free(audience->place.name);
	g_free(audience->place.certificate);
	g_free(audience);
}
