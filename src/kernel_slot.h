/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * As slot.h, for a drive that the kernel runs (gadget/kernel_drive.h): what is in it is a file or
 * block device of this machine, read by the kernel alone. Of how that goes nothing is known, and an
 * insert does not take out what is there before, as only an eject can tell whether the node holds
 * it. Main thread.
 */
#include <glib.h>
#include <stdbool.h>
#include "src/drives.h"

/* Strings must outlive the slot. */
struct kernel_slot_settings {
	const char *name;
	enum drives_as kind;
	/* Something of the status changed; may be from within a call of the slot. */
	void (*changed)(void *data);
	void *data;
};

struct kernel_slot;

struct kernel_slot *kernel_slot_new(const struct kernel_slot_settings *settings);

/* The drive's gadget; NULL: it is gone. What is asked for meanwhile is put in when it comes. */
void kernel_slot_set_gadget(struct kernel_slot *slot, const char *configfs, const char *gadget);

bool kernel_slot_insert(
		struct kernel_slot *slot, const struct drives_request *request, GError **error);
bool kernel_slot_eject(struct kernel_slot *slot, bool force, GError **error);
void kernel_slot_status(struct kernel_slot *slot, struct drives_status *status);
void kernel_slot_set_port(
		struct kernel_slot *slot, const char *port, bool connected, const char *fault);
void kernel_slot_close(struct kernel_slot *slot);
