/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/drives.h"
#include <string.h>
#include "media/cache.h"
#include "src/kernel_slot.h"
#include "src/memory.h"
#include "src/slot.h"
#include "src/survival.h"

struct drives_listener {
	unsigned int id;
	drives_changed_fn changed; /* NULL: was taken off while they are told */
	void *data;
};

struct drives_slot {
	struct drives *drives;
	enum drives_as kind;
	/* One of them. */
	struct slot *slot;
	struct kernel_slot *kernel;
	char *name, *serial;
	bool changed; /* and not told yet */
};

struct drives {
	struct drives_slot *slots;
	size_t count;
	char *overlay_folder, *cache_folder;
	struct keep *keep;     /* not ours; NULL: nobody keeps anything */
	struct memory *memory; /* of what was asked for; NULL as well */
	GArray *listeners;     /* struct drives_listener */
	unsigned int last_id;
	guint telling;
};

/* --- Who listens --- */

static void drives_tell_of(struct drives *drives, size_t drive)
{
	/* Those that come meanwhile see the newest state anyhow. */
	for (guint i = 0, count = drives->listeners->len; i < count; i++) {
		const struct drives_listener *listener = &g_array_index(
				drives->listeners, struct drives_listener, i);

		if (listener->changed)
			listener->changed(drive, listener->data);
	}
}

static void drives_prune(struct drives *drives)
{
	for (guint i = drives->listeners->len; i > 0; i--)
		if (!g_array_index(drives->listeners, struct drives_listener, i - 1).changed)
			g_array_remove_index(drives->listeners, i - 1);
}

static gboolean drives_tell(gpointer data)
{
	struct drives *drives = data;

	drives->telling = 0;
	for (size_t i = 0; i < drives->count; i++) {
		bool changed = drives->slots[i].changed;

		drives->slots[i].changed = false;
		if (changed)
			drives_tell_of(drives, i);
	}
	drives_prune(drives);
	return G_SOURCE_REMOVE;
}

static void drives_changed(void *data)
{
	struct drives_slot *slot = data;
	struct drives *drives = slot->drives;

	slot->changed = true;
	if (!drives->telling)
		drives->telling = g_idle_add_full(G_PRIORITY_DEFAULT, drives_tell, drives, NULL);
}

unsigned int drives_listen(struct drives *drives, drives_changed_fn changed, void *data)
{
	const struct drives_listener listener = {++drives->last_id, changed, data};

	g_array_append_val(drives->listeners, listener);
	return listener.id;
}

void drives_unlisten(struct drives *drives, unsigned int id)
{
	for (guint i = 0; i < drives->listeners->len; i++) {
		struct drives_listener *listener = &g_array_index(
				drives->listeners, struct drives_listener, i);

		if (listener->id == id)
			listener->changed = NULL;
	}
}

/* --- Drives --- */

size_t drives_count(const struct drives *drives)
{
	return drives->count;
}

const char *drives_name(const struct drives *drives, size_t drive)
{
	return drives->slots[drive].name;
}

enum drives_backend drives_backend(const struct drives *drives, size_t drive)
{
	return drives->slots[drive].kernel ? DRIVES_BACKEND_KERNEL : DRIVES_BACKEND_OWN;
}

enum drives_as drives_kind(const struct drives *drives, size_t drive)
{
	return drives->slots[drive].kind;
}

int drives_find(const struct drives *drives, const char *name)
{
	guint64 number;

	for (size_t i = 0; i < drives->count; i++)
		if (strcmp(drives->slots[i].name, name) == 0)
			return (int)i;
	if (drives->count > 0 &&
			g_ascii_string_to_unsigned(name, 10, 0, drives->count - 1, &number, NULL))
		return (int)number;
	return -1;
}

struct drive *drives_drive(struct drives *drives, size_t drive)
{
	struct slot *slot = drives->slots[drive].slot;

	return slot ? slot_drive(slot) : NULL;
}

void drives_set_gadget(
		struct drives *drives, size_t drive, const char *configfs, const char *gadget)
{
	kernel_slot_set_gadget(drives->slots[drive].kernel, configfs, gadget);
}

void drives_set_port(struct drives *drives, size_t drive, const char *port, bool connected,
		const char *fault)
{
	struct drives_slot *slot = &drives->slots[drive];

	if (slot->kernel)
		kernel_slot_set_port(slot->kernel, port, connected, fault);
	else
		slot_set_port(slot->slot, port, connected, fault);
}

bool drives_insert(struct drives *drives, size_t drive, const struct drives_request *request,
		GError **error)
{
	struct drives_slot *slot = &drives->slots[drive];

	return slot->kernel ? kernel_slot_insert(slot->kernel, request, error)
			    : slot_insert(slot->slot, request, error);
}

bool drives_eject(struct drives *drives, size_t drive, bool force, GError **error)
{
	struct drives_slot *slot = &drives->slots[drive];

	return slot->kernel ? kernel_slot_eject(slot->kernel, force, error)
			    : slot_eject(slot->slot, force, error);
}

void drives_status(struct drives *drives, size_t drive, struct drives_status *status)
{
	struct drives_slot *slot = &drives->slots[drive];

	if (slot->kernel)
		kernel_slot_status(slot->kernel, status);
	else
		slot_status(slot->slot, status);
}

bool drives_offer(struct drives *drives, struct source *source, const char *viewer)
{
	for (size_t i = 0; i < drives->count; i++) {
		struct slot *slot = drives->slots[i].slot;

		if (slot && slot_takes_discs(slot)) {
			slot_offer(slot, source, viewer);
			return true;
		}
	}
	return false;
}

void drives_withdraw(struct drives *drives, struct source *source)
{
	for (size_t i = 0; i < drives->count; i++)
		if (drives->slots[i].slot && slot_withdraw(drives->slots[i].slot, source))
			return;
}

/* --- Coming and going --- */

/* 12 hexadecimal digits, the least that is allowed (BOT 1.0, 4.1.1), the same at each start. */
static char *drives_serial(const char *serial, const char *name)
{
	g_autofree char *text = g_strdup_printf("%s/%s", serial ? serial : "", name);
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
	g_autofree char *digits = g_strndup(sum, 12);

	return g_ascii_strup(digits, -1);
}

static void drives_open(struct drives *drives, struct drives_slot *slot,
		const struct drives_unit *unit, const struct drives_settings *settings)
{
	slot->drives = drives;
	slot->kind = unit->kind;
	slot->name = g_strdup(unit->name);
	if (unit->backend == DRIVES_BACKEND_KERNEL) {
		slot->kernel = kernel_slot_new(&(struct kernel_slot_settings){
				.name = slot->name,
				.kind = unit->kind,
				.changed = drives_changed,
				.data = slot,
		});
		return;
	}
	slot->serial = drives_serial(settings->serial, unit->name);
	slot->slot = slot_new(&(struct slot_settings){
			.name = slot->name,
			.kind = unit->kind,
			.serial = slot->serial,
			.cache = settings->cache ? settings->cache : CACHE_BYTES,
			.read_ahead = settings->read_ahead,
			.retry_limit = settings->retry_limit,
			.folders =
					{
							.overlay = drives->overlay_folder,
							.cache = drives->cache_folder,
							.cache_limit = settings->cache_folder_limit,
					},
			.memory = drives->memory,
			.store = drives->keep ? survival_drive(drives->keep, slot->name) : NULL,
			.changed = drives_changed,
			.data = slot,
	});
	slot_go_on(slot->slot);
}

struct drives *drives_new(const struct drives_settings *settings)
{
	struct drives *drives = g_new0(struct drives, 1);

	drives->overlay_folder = g_strdup(settings->overlay_folder);
	drives->cache_folder = g_strdup(settings->cache_folder);
	drives->keep = settings->keep;
	drives->memory = drives->keep ? survival_requests(drives->keep) : NULL;
	drives->listeners = g_array_new(FALSE, FALSE, sizeof(struct drives_listener));
	drives->slots = g_new0(struct drives_slot, settings->count);
	drives->count = settings->count;
	for (size_t i = 0; i < drives->count; i++)
		drives_open(drives, &drives->slots[i], &settings->units[i], settings);
	return drives;
}

void drives_close(struct drives *drives)
{
	if (!drives)
		return;
	for (size_t i = 0; i < drives->count; i++) {
		slot_close(drives->slots[i].slot);
		kernel_slot_close(drives->slots[i].kernel);
		if (drives->keep)
			survival_forget_drive(drives->keep, drives->slots[i].name);
		g_free(drives->slots[i].name);
		g_free(drives->slots[i].serial);
	}
	if (drives->telling)
		g_source_remove(drives->telling);
	if (drives->keep)
		survival_forget_requests(drives->keep);
	memory_close(drives->memory);
	g_array_unref(drives->listeners);
	g_free(drives->slots);
	g_free(drives->overlay_folder);
	g_free(drives->cache_folder);
	g_free(drives);
}
