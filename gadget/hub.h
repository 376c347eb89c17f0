/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The virtual hub that the node sees: HID gadgets for keyboard and pointers, and one for each
 * drive, each bound to a USB port of this machine for as long as the hub exists. What happens to a
 * drive never touches another port.
 *
 * Nothing that is missing makes the hub fail: it has a state with a reason and a remedy instead,
 * looks again by itself (at once when something relevant changed, else at most HUB_RETRY_MAX_MS
 * later), and brings up the rest meanwhile. What a killed process left behind is adopted if it is
 * the same in every attribute, so that the node keeps its keyboard.
 *
 * Main thread, default main context. What may block is done by a thread of the hub's own.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include "gadget/fault.h"
#include "gadget/udc.h"

#define HUB_RETRY_MAX_MS 10000

#define HUB_DRIVES 4 /* at most */

struct drive_bus;
struct kept;

enum hub_function {
	HUB_KEYBOARD, /* boot keyboard (keyboard.h) */
	HUB_ABSOLUTE, /* tablet (pointer.h); no boot protocol */
	HUB_RELATIVE, /* boot mouse with a wheel (pointer.h) */
	HUB_FUNCTIONS
};

/*
 * Which functions share a device, and with it a port, in the order of enum hub_function: old
 * firmware takes a keyboard only when nothing else is in its device.
 */
enum hub_layout {
	HUB_KEYBOARD_APART, /* the keyboard on one port, the pointers on another */
	HUB_SEPARATE,       /* each on its own */
	HUB_COMPOSITE,      /* all on one */
	HUB_LAYOUTS
};

/* How the node sees the devices (USB 2.0, 9.6.1). */
struct hub_identity {
	int vendor, product; /* 1..0xffff; 0: the Linux Foundation's 1d6b:0104 */
	/* At most 126 characters each; NULL: ours. */
	const char *manufacturer, *product_name, *serial;
};

enum hub_drive_kind {
	HUB_DRIVE_OWN,       /* drive.h: an event has its bus */
	HUB_DRIVE_KERNEL_CD, /* kernel_drive.h: an event has its gadget */
	HUB_DRIVE_KERNEL_DISK,
};

/* A removable drive. Hosts tell drives apart by a serial number made of both names. */
struct hub_drive {
	const char *name;         /* of letters, digits and '-'; part of the gadget's in configfs */
	const char *product_name; /* as in struct hub_identity; NULL: ours */
	enum hub_drive_kind kind;
};

struct hub_settings {
	const char *name; /* first part of the gadgets' names in configfs; NULL: "spicerack" */
	/*
	 * UDC names in order, those of the drives last, NULL at the end; NULL: the first free ones,
	 * of which keyboard and pointers get theirs before any drive does.
	 */
	const char *const *ports;
	enum hub_layout layout;
	unsigned int functions; /* bits 1 << enum hub_function; 0: all */
	struct hub_identity identity;
	const struct hub_drive *drives;
	size_t drive_count;
	/* For the drives to go on when this process dies; NULL: nobody keeps anything. */
	const struct kept *kept;
	const char *configfs, *sysfs, *dev; /* where they are mounted; NULL: as everywhere */
};

/* One device. Strings are the hub's, valid until the next call. */
struct hub_port_status {
	const char *gadget;     /* its name in configfs */
	const char *port;       /* UDC; NULL: not bound */
	const char *drive;      /* its name; NULL: the device is no drive */
	unsigned int functions; /* bits 1 << enum hub_function; 0: a drive */
	enum udc_state node;
	bool open;      /* every report channel is open, or the drive is there */
	bool listening; /* ... and nobody said (hub_listening) that the node takes no reports */
	bool adopted;   /* from a process before this one */
	enum gadget_fault fault;
	const char *reason; /* one line with the remedy; "" when nothing is wrong */
};

#define HUB_PORTS (HUB_FUNCTIONS + HUB_DRIVES)

/* Keyboard and pointers first, then the drives in the order of the settings. */
struct hub_status {
	size_t count;
	struct hub_port_status ports[HUB_PORTS];
};

struct hub_events {
	/*
	 * A report channel, non-blocking, that stays the hub's and is valid until the next call for
	 * that function; -1: gone, and to be let go of before returning. used: a former process may
	 * have left something pressed (keyboard_renew, pointer_renew_...).
	 */
	void (*channel)(enum hub_function function, int fd, bool used, void *data);
	/*
	 * The node has configured the function anew, after a reset say: what it was told before,
	 * even what the kernel took, may never have reached it (keyboard_renew,
	 * pointer_renew_relative, pointer_repeat_absolute). May be NULL.
	 */
	void (*anew)(enum hub_function function, void *data);
	/*
	 * What carries that drive of the settings, to be attached before returning (drive_attach);
	 * NULL: it is gone, to be detached before returning. May be NULL without drives.
	 */
	void (*drive)(size_t drive, struct drive_bus *bus, void *data);
	/*
	 * The gadget of that drive of the settings, one of the kernel's, for kernel_drive_new; NULL:
	 * it is gone, and whoever has opened it closes it before returning. May be NULL without such
	 * drives.
	 */
	void (*kernel_drive)(
			size_t drive, const char *configfs, const char *gadget, void *data);
	/* Something of the status changed. May be NULL. */
	void (*state)(const struct hub_status *status, void *data);
	void *data;
};

struct hub;

/* Begins to bring the hub up; events come from the main loop only. Copies what it is given. */
struct hub *hub_new(const struct hub_settings *settings, const struct hub_events *events);

/* As it is now, read anew. */
void hub_status(struct hub *hub, struct hub_status *status);

/* What the function's own writing showed (keyboard_on_listening ...). */
void hub_listening(struct hub *hub, enum hub_function function, bool listening);

/*
 * Asks the node to wake. Nothing else ever does: a report to a sleeping node waits. FALSE: it does
 * not sleep, or cannot be asked (error: GADGET_FAULT). Whether it wakes is seen in the status, also
 * that it did not: it must have allowed the device to wake it.
 */
bool hub_wake(struct hub *hub, GError **error);

/*
 * Takes the devices from the node and removes all gadgets; blocks for that, some 10 ms, at most
 * BINDER_CLOSE_MS when a driver hangs. Channels and buses are told to be gone first. NULL is fine.
 */
void hub_close(struct hub *hub);

/* "keyboard", "absolute", "relative" */
const char *hub_function_name(enum hub_function function);

/* "keyboard+absolute+relative on dummy_udc.0: configured", "drive cd on ..." and the like, for an
 * operator. g_free. */
char *hub_port_words(const struct hub_port_status *port);
