/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A node's power: by commands of the operator's that are run without a shell, or by who says that
 * it can switch the node. Whether the node is on is asked for from time to time. What it shall boot
 *from is kept here and told to the commands by their environment:
 *
 *	SPICERACK_BOOT       none, cd, disk, pxe
 *	SPICERACK_BOOT_FOR   once, continuous; none: no wish
 *
 * "once" is over when the node was switched on, cycled or reset. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>

#define POWER_ERROR power_error_quark()
GQuark power_error_quark(void);

enum power_error {
	POWER_ERROR_STATE,   /* not as things are: nothing configured for it, another one runs */
	POWER_ERROR_FAILED,  /* the command said no, with what it wrote */
	POWER_ERROR_TIMEOUT, /* ... or nothing for too long; it was killed */
};

/* Commands as g_shell_parse_argv takes them; NULL: there is none. */
struct power_settings {
	char *on_command, *off_command, *cycle_command, *reset_command, *soft_command,
			*status_command;
	int poll;    /* s between two looks */
	int timeout; /* s that a command may take */
};

enum power_action {
	POWER_ON,
	POWER_OFF, /* at once */
	POWER_CYCLE,
	POWER_RESET,
	POWER_SOFT, /* asks the node's system to shut down */
	POWER_ACTIONS,
};

enum power_state {
	POWER_UNKNOWN, /* not asked yet, no way to ask, or no answer */
	POWER_IS_OFF,
	POWER_IS_ON,
};

enum power_boot {
	POWER_BOOT_NONE, /* as the node is set */
	POWER_BOOT_CD,
	POWER_BOOT_DISK,
	POWER_BOOT_PXE,
};

enum power_boot_for {
	POWER_BOOT_NEVER,
	POWER_BOOT_ONCE,
	POWER_BOOT_CONTINUOUS,
};

/* What belongs to a node besides its commands. */
struct power_owner {
	const char *name; /* in front of lines for the operator; NULL: "power"; must outlive it */
	/* Switches it where there are no commands: it was on at first, and always obeys. NULL:
	 * nobody does. */
	void (*direct)(bool on, void *data);
	/* Another state is known, who tells the operator of it; NULL: that is done here. */
	void (*changed)(enum power_state state, void *data);
	void *data;
};

/* NULL, or the key (as in a configuration) of a command that cannot be one; error: why. */
const char *power_settings_fault(const struct power_settings *settings, GError **error);

struct power;

/*
 * settings: must outlive it. owner: copied; NULL: there is nothing but commands. Returns NULL when
 * nothing is configured and nobody switches it: there is no power to speak of.
 */
struct power *power_new(const struct power_settings *settings, const struct power_owner *owner);
void power_free(struct power *power); /* NULL is fine; who waits is told */

/* What can be done; power NULL: nothing. */
bool power_can(const struct power *power, enum power_action action);

/* As it is known; a node that has been acted on is asked anew. power NULL: unknown. */
enum power_state power_state(const struct power *power);

/* Who is told of each act as it begins; power NULL is fine. */
typedef void (*power_watch_fn)(enum power_action action, void *data);
void power_watch(struct power *power, power_watch_fn fn, void *data);

/* Told once, from the main loop, never from within power_act. error NULL: done. */
typedef void (*power_done_fn)(const GError *error, void *data);

/* Begins; returns false and sets error (POWER_ERROR_STATE) when that cannot be now. */
bool power_act(struct power *power, enum power_action action, power_done_fn done, void *data,
		GError **error);

void power_set_boot(struct power *power, enum power_boot boot, enum power_boot_for how_long);
enum power_boot power_boot(const struct power *power, enum power_boot_for *how_long);
