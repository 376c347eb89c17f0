/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One drive and the image in it, from the asking to the eject: see drives.h, whose words these are.
 * Main thread.
 */
#include <glib.h>
#include <stdbool.h>
#include "src/drives.h"
#include "src/medium.h"

/* Strings must outlive the slot. */
struct slot_settings {
	const char *name;
	enum drives_as kind;
	const char *serial;
	size_t cache, read_ahead;
	unsigned int retry_limit; /* s; 0: for ever */
	struct medium_folders folders;
	/* For the next process, when this one dies; NULL: nobody keeps them. */
	struct memory *memory;      /* of what was asked for; the caller's */
	struct drive_memory *store; /* of the drive; the slot's from now on */
	/* Something of the status changed; may be from within a call of the slot. */
	void (*changed)(void *data);
	void *data;
};

struct slot;
struct memory;
struct drive_memory;

struct slot *slot_new(const struct slot_settings *settings);

/*
 * Takes up what the process before noted in the settings' memories. To be called once, before
 * anything else.
 */
void slot_go_on(struct slot *slot);

bool slot_insert(struct slot *slot, const struct drives_request *request, GError **error);
bool slot_eject(struct slot *slot, bool force, GError **error);
void slot_status(struct slot *slot, struct drives_status *status);
struct drive *slot_drive(struct slot *slot);
void slot_set_port(struct slot *slot, const char *port, bool connected, const char *fault);

/* As drives_offer: whether it is an empty CD drive; the disc; and whether it was that. */
bool slot_takes_discs(const struct slot *slot);
void slot_offer(struct slot *slot, struct source *source, const char *viewer);
bool slot_withdraw(struct slot *slot, const struct source *source);

void slot_close(struct slot *slot);
