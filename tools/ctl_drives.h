/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The commands about drives: drives, insert, eject. */
#include "tools/ctl_ask.h"

/* From the command line; strings may be NULL. */
struct ctl_drives_options {
	char *as, *user, *token_file, *ca_file;
	char *password_file;                                /* of the command password, too */
	gboolean read_write, overlay, insecure, persistent; /* insert */
	gboolean force;                                     /* eject */
	gboolean wait;                                      /* insert, eject */
	gboolean watch;                                     /* drives */
};

/* For GOption, up to one without a name. */
#define CTL_DRIVES_ENTRIES(options)                                                                       \
	{"as", 0, 0, G_OPTION_ARG_STRING, &(options)->as,                                                 \
			"insert: what the node sees, as a CD or a disk", "cd|disk"},                      \
			{"rw", 0, 0, G_OPTION_ARG_NONE, &(options)->read_write,                           \
					"insert: the node may write into the image", NULL},               \
			{"overlay", 0, 0, G_OPTION_ARG_NONE, &(options)->overlay,                         \
					"insert: what the node writes is dropped at the eject",           \
					NULL},                                                            \
			{"user", 0, 0, G_OPTION_ARG_STRING, &(options)->user,                             \
					"insert: log in to the image's server as this user",              \
					"USER"},                                                          \
			{"password-file", 0, 0, G_OPTION_ARG_FILENAME, &(options)->password_file,         \
					"insert, password: is its first line (or in SPICERACK_PASSWORD)", \
					"FILE"},                                                          \
			{"token-file", 0, 0, G_OPTION_ARG_FILENAME, &(options)->token_file,               \
					"insert: its first line is a token (or SPICERACK_TOKEN)",         \
					"FILE"},                                                          \
			{"ca", 0, 0, G_OPTION_ARG_FILENAME, &(options)->ca_file,                          \
					"insert: trust these certificates", "FILE"},                      \
			{"insecure", 0, 0, G_OPTION_ARG_NONE, &(options)->insecure,                       \
					"insert: trust any certificate", NULL},                           \
			{"persistent", 0, 0, G_OPTION_ARG_NONE, &(options)->persistent,                   \
					"insert: keep the image's blocks on disk for the next time",      \
					NULL},                                                            \
			{"force", 0, 0, G_OPTION_ARG_NONE, &(options)->force,                             \
					"eject: at once, whatever the node does with it", NULL},          \
			{"wait", 0, 0, G_OPTION_ARG_NONE, &(options)->wait,                               \
					"insert, eject: until it is in the drive, or out of it",          \
					NULL},                                                            \
	{                                                                                                 \
		"watch", 0, 0, G_OPTION_ARG_NONE, &(options)->watch,                                      \
				"drives: show them again every second", NULL                              \
	}

struct ctl_options;

enum ctl_exit ctl_drives(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);
enum ctl_exit ctl_drives_insert(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);
enum ctl_exit ctl_drives_eject(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);

/* Says which option does not go with the command; false: none. */
bool ctl_drives_misplaced(const struct ctl_drives_options *options, const char *command);

void ctl_drives_options_clear(struct ctl_drives_options *options);
