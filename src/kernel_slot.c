/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/kernel_slot.h"
#include "gadget/fault.h"
#include "gadget/kernel_drive.h"
#include "src/log.h"
#include "src/look.h"
#include "src/medium_place.h"

#define KERNEL_SLOT_RETRY_MS 500 /* between tries to take out what the node holds */
#define KERNEL_SLOT_REMEDY   "insert it into a drive that kernel-drives in [media] does not name"

struct kernel_slot {
	struct kernel_slot_settings settings;
	struct kernel_drive *drive; /* NULL: its gadget is not there */
	bool found;                 /* what was in it at first is known */
	/* What is in it or asked for; NULL: nothing. */
	char *source; /* for the operator */
	char *path;   /* NULL too when it failed */
	bool writable;
	guint retry; /* timer: of an eject */
	/* What was told last. */
	enum drives_state state;
	char *reason;
	int64_t since;
	/* Of its port. */
	char *port, *fault;
	bool connected;
};

/* --- State --- */

static void kernel_slot_become(struct kernel_slot *slot, enum drives_state state,
		const char *reason, const char *line)
{
	if (state != slot->state)
		slot->since = g_get_monotonic_time();
	slot->state = state;
	log_line(state == DRIVES_FAILED ? LOG_LINE_WARNING : LOG_LINE_NOTICE, "drive %s: %s%s%s",
			slot->settings.name, slot->source ? slot->source : "",
			slot->source ? ": " : "", line ? line : reason);
	g_free(slot->reason);
	slot->reason = g_strdup(reason);
	slot->settings.changed(slot->settings.data);
}

static void kernel_slot_stop_retry(struct kernel_slot *slot)
{
	if (slot->retry)
		g_source_remove(slot->retry);
	slot->retry = 0;
}

static void kernel_slot_forget(struct kernel_slot *slot)
{
	kernel_slot_stop_retry(slot);
	g_clear_pointer(&slot->source, g_free);
	g_clear_pointer(&slot->path, g_free);
	slot->writable = false;
}

static void kernel_slot_empty(struct kernel_slot *slot, const char *line)
{
	kernel_slot_become(slot, DRIVES_EMPTY, "", line);
	kernel_slot_forget(slot);
}

/* What is in it, as it came there. */
static void kernel_slot_ready(struct kernel_slot *slot, const char *how)
{
	struct kernel_drive_medium medium;
	g_autofree char *size = NULL, *line = NULL;

	kernel_drive_medium(slot->drive, &medium);
	size = look_size(medium.size);
	line = g_strdup_printf("%s the kernel's drive as a %s, %s, %s", how,
			slot->settings.kind == DRIVES_AS_CD ? "CD" : "disk", size,
			drives_write_word(slot->writable ? DRIVES_READ_WRITE : DRIVES_READ_ONLY));
	kernel_slot_become(slot, DRIVES_READY, "", line);
}

/* --- Into the drive --- */

static void kernel_slot_inserted(const GError *error, void *data)
{
	struct kernel_slot *slot = data;
	bool again = slot->state == DRIVES_READY; /* the gadget was away */
	g_autofree char *reason = NULL;

	/* An eject that was asked for meanwhile has the say. */
	if (slot->state == DRIVES_EJECTING)
		return;
	if (!error) {
		if (!again)
			kernel_slot_ready(slot, "in");
		return;
	}
	/* The node holds it, so it is in. */
	if (again && g_error_matches(error, GADGET_FAULT, GADGET_FAULT_TAKEN))
		return;
	g_clear_pointer(&slot->path, g_free);
	reason = g_strconcat(error->message,
			g_error_matches(error, GADGET_FAULT, GADGET_FAULT_UNFIT)
					? "; " KERNEL_SLOT_REMEDY
					: NULL,
			NULL);
	kernel_slot_become(slot, DRIVES_FAILED, reason, NULL);
}

static void kernel_slot_put(struct kernel_slot *slot)
{
	kernel_drive_insert(slot->drive, slot->path, slot->writable, kernel_slot_inserted, slot);
}

/* --- Out of it --- */

static void kernel_slot_take_out(struct kernel_slot *slot, bool force);

static gboolean kernel_slot_try_again(gpointer data)
{
	struct kernel_slot *slot = data;

	slot->retry = 0;
	if (slot->found)
		kernel_slot_take_out(slot, false);
	return G_SOURCE_REMOVE;
}

static void kernel_slot_taken_out(const GError *error, void *data)
{
	static const char held[] = "the node holds it; it is taken out when given free";
	struct kernel_slot *slot = data;

	if (slot->state != DRIVES_EJECTING)
		return;
	if (!error) {
		kernel_slot_empty(slot,
				*slot->reason ? "given free by the node, and ejected" : "ejected");
		return;
	}
	if (!g_error_matches(error, GADGET_FAULT, GADGET_FAULT_TAKEN)) {
		kernel_slot_become(slot, DRIVES_READY, error->message, NULL);
		return;
	}
	if (!*slot->reason)
		kernel_slot_become(slot, DRIVES_EJECTING, held, NULL);
	kernel_slot_stop_retry(slot);
	slot->retry = g_timeout_add(KERNEL_SLOT_RETRY_MS, kernel_slot_try_again, slot);
}

static void kernel_slot_take_out(struct kernel_slot *slot, bool force)
{
	kernel_slot_stop_retry(slot);
	kernel_drive_eject(slot->drive, force, kernel_slot_taken_out, slot);
}

/* --- The drive --- */

static void kernel_slot_found(const char *file, void *data)
{
	struct kernel_slot *slot = data;
	struct kernel_drive_medium medium;

	slot->found = true;
	if (slot->state == DRIVES_EJECTING) {
		kernel_slot_take_out(slot, false);
	} else if (slot->path) {
		kernel_slot_put(slot);
	} else if (file) {
		kernel_drive_medium(slot->drive, &medium);
		kernel_slot_forget(slot);
		slot->source = g_strdup(file);
		slot->path = g_strdup(file);
		slot->writable = medium.writable;
		kernel_slot_ready(slot, "still in");
	}
}

static void kernel_slot_ejected(void *data)
{
	kernel_slot_empty(data, "ejected by the node");
}

void kernel_slot_set_gadget(struct kernel_slot *slot, const char *configfs, const char *gadget)
{
	const struct kernel_drive_events events = {
			.found = kernel_slot_found,
			.ejected = kernel_slot_ejected,
			.data = slot,
	};
	enum scsi_kind kind = slot->settings.kind == DRIVES_AS_CD ? SCSI_CD : SCSI_DISK;

	kernel_drive_close(g_steal_pointer(&slot->drive));
	slot->found = false;
	if (gadget)
		slot->drive = kernel_drive_new(configfs, gadget, kind, &events);
}

void kernel_slot_set_port(
		struct kernel_slot *slot, const char *port, bool connected, const char *fault)
{
	if (g_strcmp0(port, slot->port) == 0 && connected == slot->connected &&
			g_strcmp0(fault, slot->fault) == 0)
		return;
	g_free(slot->port);
	g_free(slot->fault);
	slot->port = g_strdup(port);
	slot->fault = g_strdup(fault);
	slot->connected = connected;
	slot->settings.changed(slot->settings.data);
}

/* --- What the operator asks --- */

static bool kernel_slot_refuse(const struct kernel_slot *slot, GError **error, const char *reason)
{
	g_set_error(error, DRIVES_ERROR, DRIVES_ERROR_REQUEST, "drive %s is the kernel's, %s; %s",
			slot->settings.name, reason, KERNEL_SLOT_REMEDY);
	return false;
}

static bool kernel_slot_is_set(const char *text)
{
	return text && *text;
}

static bool kernel_slot_takes(const struct kernel_slot *slot, const struct drives_request *request,
		const struct medium_place *place, GError **error)
{
	if (place->kind != MEDIUM_FILE)
		return kernel_slot_refuse(slot, error,
				"which takes files and block devices of this machine only");
	if (request->write == DRIVES_OVERLAY)
		return kernel_slot_refuse(slot, error, "which knows no overlay");
	if (request->persistent)
		return kernel_slot_refuse(slot, error, "which keeps no blocks");
	if (request->as != DRIVES_AS_AUTO && request->as != slot->settings.kind)
		return kernel_slot_refuse(slot, error,
				slot->settings.kind == DRIVES_AS_CD ? "and a CD drive for good"
								    : "and a disk for good");
	if (slot->settings.kind == DRIVES_AS_CD && request->write == DRIVES_READ_WRITE) {
		g_set_error_literal(error, DRIVES_ERROR, DRIVES_ERROR_REQUEST,
				"a CD cannot be written; insert it into a disk drive, or read-only");
		return false;
	}
	if (kernel_slot_is_set(request->user) || kernel_slot_is_set(request->password) ||
			kernel_slot_is_set(request->token)) {
		g_set_error_literal(error, DRIVES_ERROR, DRIVES_ERROR_REQUEST,
				"a file of this machine takes no user and no token");
		return false;
	}
	return true;
}

bool kernel_slot_insert(
		struct kernel_slot *slot, const struct drives_request *request, GError **error)
{
	struct medium_place place;

	if (!medium_place_parse(&place, request->source, error))
		return false;
	if (!kernel_slot_takes(slot, request, &place, error)) {
		medium_place_clear(&place);
		return false;
	}
	if (slot->state != DRIVES_EMPTY && slot->state != DRIVES_FAILED) {
		g_set_error(error, DRIVES_ERROR, DRIVES_ERROR_STATE,
				"%s is in drive %s, which is the kernel's; eject it first",
				slot->source, slot->settings.name);
		medium_place_clear(&place);
		return false;
	}
	kernel_slot_forget(slot);
	slot->source = g_strdup(place.name);
	slot->path = g_strdup(place.where);
	slot->writable = request->write == DRIVES_READ_WRITE;
	medium_place_clear(&place);
	kernel_slot_become(slot, DRIVES_OPENING,
			slot->drive ? "" : "it is put in when the drive is there", "opening");
	if (slot->found)
		kernel_slot_put(slot);
	return true;
}

bool kernel_slot_eject(struct kernel_slot *slot, bool force, GError **error)
{
	if (slot->state == DRIVES_EMPTY) {
		g_set_error(error, DRIVES_ERROR, DRIVES_ERROR_STATE, "nothing is in drive %s",
				slot->settings.name);
		return false;
	}
	if (slot->state == DRIVES_FAILED || (slot->state == DRIVES_OPENING && !slot->found)) {
		kernel_slot_empty(slot, "ejected");
		return true;
	}
	if (slot->state != DRIVES_EJECTING)
		kernel_slot_become(slot, DRIVES_EJECTING, "", "is to be ejected");
	/* Else when the gadget is back. */
	if (slot->found)
		kernel_slot_take_out(slot, force);
	return true;
}

/* --- Status --- */

void kernel_slot_status(struct kernel_slot *slot, struct drives_status *status)
{
	struct kernel_drive_medium medium = {0};

	if (slot->drive)
		kernel_drive_medium(slot->drive, &medium);
	*status = (struct drives_status){
			.name = slot->settings.name,
			.backend = DRIVES_BACKEND_KERNEL,
			.state = slot->state,
			.reason = slot->reason,
			.source = slot->source,
			.as = slot->settings.kind,
			.write = slot->writable ? DRIVES_READ_WRITE : DRIVES_READ_ONLY,
			.size = medium.file ? medium.size : 0,
			.since = slot->since,
			.port = slot->port,
			.connected = slot->connected,
			.fault = slot->fault,
	};
}

/* --- Coming and going --- */

struct kernel_slot *kernel_slot_new(const struct kernel_slot_settings *settings)
{
	struct kernel_slot *slot = g_new0(struct kernel_slot, 1);

	slot->settings = *settings;
	slot->reason = g_strdup("");
	slot->since = g_get_monotonic_time();
	return slot;
}

void kernel_slot_close(struct kernel_slot *slot)
{
	if (!slot)
		return;
	kernel_drive_close(slot->drive);
	kernel_slot_forget(slot);
	g_free(slot->reason);
	g_free(slot->port);
	g_free(slot->fault);
	g_free(slot);
}
