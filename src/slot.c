/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/slot.h"
#include <string.h>
#include "gadget/drive_memory.h"
#include "src/log.h"
#include "src/look.h"
#include "src/memory.h"
#include "src/slot_part.h"

/* --- State --- */

static enum drives_state slot_state(const struct slot *slot)
{
	const struct source *source = slot->feed ? feed_source(slot->feed) : NULL;

	if (!slot->medium && !slot->feed)
		return slot->failed ? DRIVES_FAILED : DRIVES_EMPTY;
	if (!slot->inserted)
		return DRIVES_OPENING;
	if (slot->asked)
		return DRIVES_EJECTING;
	if (slot->given_up || source->state == SOURCE_FAILED)
		return DRIVES_FAILED;
	return source->state == SOURCE_WAITING ? DRIVES_WAITING : DRIVES_READY;
}

/* Some messages begin with the source, which is said anyhow. */
static const char *slot_without_source(const struct slot *slot, const char *words)
{
	size_t length = slot->source ? strlen(slot->source) : 0;

	if (length > 0 && strncmp(words, slot->source, length) == 0 &&
			g_str_has_prefix(words + length, ": "))
		return words + length + 2;
	return words;
}

void slot_become(struct slot *slot, const char *reason, const char *line)
{
	enum drives_state state = slot_state(slot);
	bool bad = state == DRIVES_FAILED || state == DRIVES_WAITING;

	reason = slot_without_source(slot, reason);
	if (state == slot->state && strcmp(reason, slot->reason) == 0)
		return;
	if (state != slot->state)
		slot->since = g_get_monotonic_time();
	slot->state = state;
	line = line ? line : reason;
	log_line(bad ? LOG_LINE_WARNING : LOG_LINE_NOTICE, "drive %s: %s%s%s", slot->settings.name,
			slot->source ? slot->source : "", slot->source ? ": " : "", line);
	g_free(slot->reason);
	slot->reason = g_strdup(reason);
	slot->settings.changed(slot->settings.data);
}

static void slot_stop_limit(struct slot *slot)
{
	if (slot->limit)
		g_source_remove(slot->limit);
	slot->limit = 0;
}

/* What there is of an image. */
static void slot_close_image(struct slot *slot)
{
	slot_stop_limit(slot);
	medium_close(g_steal_pointer(&slot->medium));
	feed_close(g_steal_pointer(&slot->feed));
	slot->looking = NULL;
	g_clear_pointer(&slot->head, g_free);
}

/* It is in the drive no more. */
static void slot_is_out(struct slot *slot)
{
	slot->inserted = slot->former = false;
	slot_record_free(g_steal_pointer(&slot->record));
}

/* Closes what there is of an image, and has it out of the drive. */
static void slot_let_go(struct slot *slot)
{
	if (slot->inserted || slot->former)
		drive_eject(slot->drive, true);
	slot_is_out(slot);
	slot->failed = slot->asked = slot->given_up = false;
	slot_close_image(slot);
}

static void slot_forget(struct slot *slot)
{
	g_clear_pointer(&slot->source, g_free);
	g_clear_pointer(&slot->viewer, g_free);
	slot->image = (struct image){0};
	slot->write = DRIVES_READ_ONLY;
	if (slot->settings.memory)
		memory_remove(slot->settings.memory, slot->settings.name);
}

static void slot_empty(struct slot *slot, const char *reason)
{
	slot_let_go(slot);
	slot_become(slot, reason, NULL);
	slot_forget(slot);
}

void slot_fail(struct slot *slot, const char *reason)
{
	g_autofree char *words = g_strdup(reason); /* may be the source's */

	if (slot->former) {
		/* The host has it: it hears of an error, not of a medium that went by itself. */
		slot_close_image(slot);
		drive_set_bad(slot->drive, true);
	} else {
		slot_let_go(slot);
	}
	slot->failed = true;
	slot_become(slot, words, NULL);
}

static gboolean slot_over_limit(gpointer data)
{
	struct slot *slot = data;
	bool known = slot->reason && *slot->reason;
	g_autofree char *words = g_strdup_printf("given up after %u s%s%s",
			slot->settings.retry_limit, known ? ": " : "", known ? slot->reason : "");

	slot->limit = 0;
	if (!slot->inserted) {
		slot_fail(slot, words);
		return G_SOURCE_REMOVE;
	}
	slot->given_up = true;
	drive_set_bad(slot->drive, true);
	slot_become(slot, words, NULL);
	return G_SOURCE_REMOVE;
}

static void slot_start_limit(struct slot *slot)
{
	if (!slot->limit && slot->settings.retry_limit > 0)
		slot->limit = g_timeout_add_seconds(
				slot->settings.retry_limit, slot_over_limit, slot);
}

/* --- Into the drive --- */

static void slot_put(struct slot *slot)
{
	enum drives_as as = look_choose(&slot->image, slot->as, slot->write, slot->settings.kind);
	struct drive_medium medium;
	g_autofree char *size = NULL, *warning = NULL, *line = NULL;

	feed_medium(slot->feed, &medium);
	if (slot->former && !slot_is_former(slot))
		return;
	drive_set_kind(slot->drive, as == DRIVES_AS_CD ? SCSI_CD : SCSI_DISK);
	if (!drive_insert(slot->drive, &medium)) {
		slot_fail(slot, "has less than one block, or more than a drive can show");
		return;
	}
	slot_is_out(slot); /* of the process before: it is ours now */
	slot->as = as;
	slot->inserted = true;
	if (slot->settings.memory)
		slot_record_identify(slot->settings.memory, slot->settings.name,
				feed_source(slot->feed)->identity);
	slot_stop_limit(slot);
	drive_status(slot->drive, &slot->before);
	size = look_size(medium.size);
	warning = look_warning(&slot->image, medium.size);
	line = g_strdup_printf("in the drive as a %s, %s, %s%s%s",
			as == DRIVES_AS_CD ? "CD" : "disk", size, drives_write_word(slot->write),
			*warning ? "; " : "", warning);
	slot_become(slot, warning, line);
}

static void slot_looked(const GError *error, void *data)
{
	struct slot *slot = data;

	slot->looking = NULL;
	if (error) {
		slot_fail(slot, error->message);
		return;
	}
	image_recognise(&slot->image, slot->head, MIN(feed_source(slot->feed)->size, IMAGE_BYTES));
	g_clear_pointer(&slot->head, g_free);
	slot_put(slot);
}

static void slot_look(struct slot *slot)
{
	struct source *source = feed_source(slot->feed);

	if (slot->looking)
		return;
	if (source->size == 0) {
		slot_fail(slot, "is empty");
		return;
	}
	slot->head = g_malloc(IMAGE_BYTES);
	slot->looking = source_read(
			source, 0, MIN(source->size, IMAGE_BYTES), slot->head, slot_looked, slot);
}

/* --- The source --- */

static void slot_back(struct slot *slot, const char *reason)
{
	slot_stop_limit(slot);
	if (slot->given_up)
		drive_set_bad(slot->drive, false);
	slot->given_up = false;
	slot_become(slot, "", reason);
}

static void slot_source_state(enum source_state state, const char *reason, void *data)
{
	struct slot *slot = data;

	switch (state) {
	case SOURCE_OPENING:
		break;
	case SOURCE_READY:
		if (slot->inserted)
			slot_back(slot, reason);
		else
			slot_look(slot);
		break;
	case SOURCE_WAITING:
		slot_start_limit(slot);
		/* What it was given up for is said. */
		if (!slot->given_up)
			slot_become(slot, reason, NULL);
		break;
	case SOURCE_FAILED:
		if (!slot->inserted) {
			slot_fail(slot, reason);
			break;
		}
		slot_stop_limit(slot);
		drive_set_bad(slot->drive, true);
		slot_become(slot, reason, NULL);
		break;
	}
}

/* One line for what fails again and again. */
static void slot_read_failed(const char *reason, void *data)
{
	struct slot *slot = data;

	if (slot->state == DRIVES_READY)
		slot_become(slot, reason, NULL);
}

static void slot_take(struct slot *slot, struct source *source)
{
	const struct cache_limits limits = {slot->settings.cache, slot->settings.read_ahead};
	const struct feed_events events = {
			.state = slot_source_state,
			.failed = slot_read_failed,
			.data = slot,
	};
	g_autoptr(GError) error = NULL;

	slot->feed = feed_new(source, &limits, &events, &error);
	if (!slot->feed) {
		source_close(source);
		slot_fail(slot, error->message);
	} else if (source->state != SOURCE_OPENING) {
		slot_look(slot);
	}
}

static void slot_opened(struct source *source, GError *error, void *data)
{
	struct slot *slot = data;

	medium_close(g_steal_pointer(&slot->medium));
	if (source)
		slot_take(slot, source);
	else
		slot_fail(slot, error->message);
	g_clear_error(&error);
}

void slot_begin(struct slot *slot, struct medium *medium, const char *line)
{
	slot->source = g_strdup(medium_name(medium));
	slot->medium = medium;
	slot_start_limit(slot);
	slot_become(slot, "", line);
	medium_open(medium, slot_opened, slot);
}

/* --- What the operator asks --- */

static bool slot_is_held(const struct slot *slot, GError **error)
{
	struct drive_status status;

	drive_status(slot->drive, &status);
	if (!(slot->inserted || slot->former) || !status.locked)
		return false;
	g_set_error(error, DRIVES_ERROR, DRIVES_ERROR_STATE,
			"the node holds what is in drive %s; eject it first, by force if need be",
			slot->settings.name);
	return true;
}

bool slot_insert(struct slot *slot, const struct drives_request *request, GError **error)
{
	struct medium *medium = medium_new(request, &slot->settings.folders, error);

	if (!medium || slot_is_held(slot, error)) {
		medium_close(medium);
		return false;
	}
	slot_let_go(slot);
	slot_forget(slot);
	if (slot->settings.memory)
		slot_record_write(slot->settings.memory, slot->settings.name, request);
	slot->as = request->as;
	slot->write = request->write;
	slot_begin(slot, medium, "opening");
	return true;
}

bool slot_eject(struct slot *slot, bool force, GError **error)
{
	if (slot->state == DRIVES_EMPTY) {
		g_set_error(error, DRIVES_ERROR, DRIVES_ERROR_STATE, "nothing is in drive %s",
				slot->settings.name);
		return false;
	}
	if (!(slot->inserted || slot->former) || drive_eject(slot->drive, force)) {
		slot_is_out(slot);
		slot_empty(slot, "ejected");
		return true;
	}
	slot->asked = true;
	slot_become(slot, "the node holds it and was asked to give it free", NULL);
	return true;
}

bool slot_takes_discs(const struct slot *slot)
{
	return slot->state == DRIVES_EMPTY && slot->settings.kind == DRIVES_AS_CD;
}

void slot_offer(struct slot *slot, struct source *source, const char *viewer)
{
	slot_forget(slot);
	slot->source = g_strdup(source->name);
	slot->viewer = g_strdup(viewer);
	slot->as = DRIVES_AS_CD;
	slot_start_limit(slot);
	slot_take(slot, source);
	if (slot->feed)
		slot_become(slot, "", "opening");
}

bool slot_withdraw(struct slot *slot, const struct source *source)
{
	if (!slot->feed || feed_origin(slot->feed) != source)
		return false;
	slot_empty(slot, "taken back by its viewer");
	return true;
}

/* --- The drive --- */

static void slot_ejected(void *data)
{
	struct slot *slot = data;

	slot_is_out(slot);
	slot_empty(slot, "ejected by the node");
}

static void slot_drive_changed(void *data)
{
	struct slot *slot = data;
	struct drive_status status;

	drive_status(slot->drive, &status);
	if (slot->asked && !status.locked && drive_eject(slot->drive, false)) {
		slot_is_out(slot);
		slot_empty(slot, "given free by the node, and ejected");
		return;
	}
	slot->settings.changed(slot->settings.data);
}

struct drive *slot_drive(struct slot *slot)
{
	return slot->drive;
}

void slot_set_port(struct slot *slot, const char *port, bool connected, const char *fault)
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

/* --- Coming and going --- */

struct slot *slot_new(const struct slot_settings *settings)
{
	struct slot *slot = g_new0(struct slot, 1);
	bool disc = settings->kind == DRIVES_AS_CD;
	const struct drive_settings drive = {
			.kind = disc ? SCSI_CD : SCSI_DISK,
			.identity =
					{
							.vendor = "Virtual",
							.product = disc ? "CD/DVD drive" : "Disk",
							.revision = "1.0",
							.serial = settings->serial,
					},
	};
	const struct drive_events events = {
			.ejected = slot_ejected,
			.changed = slot_drive_changed,
			.data = slot,
	};

	slot->settings = *settings;
	slot->settings.folders.drive = settings->name;
	slot->drive = drive_new(&drive, &events);
	slot->reason = g_strdup("");
	slot->since = g_get_monotonic_time();
	return slot;
}

void slot_close(struct slot *slot)
{
	if (!slot)
		return;
	slot_let_go(slot);
	slot_forget(slot);
	drive_close(slot->drive);
	drive_memory_unmap(slot->settings.store);
	g_free(slot->reason);
	g_free(slot->port);
	g_free(slot->fault);
	g_free(slot);
}
