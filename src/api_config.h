/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* [api] of a daemon's configuration: where its API is to be had, and for whom. Any thread. */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include "src/config.h"

struct api_config {
	char *socket;            /* NULL: the usual place, see api_path.h */
	int mode;                /* permission bits of the socket */
	char **listen;           /* TCP addresses; NULL: none */
	char *certificate, *key; /* PEM files; both or neither; NULL: no TLS */
	bool allow_plain;        /* without TLS on more than the loopback interface */
	char *access_file;       /* who may come in by TCP, see http/auth.h */
};

/* Whether its values go together; false: error (CONFIG_ERROR) names the file's line. */
bool api_config_agrees(
		const struct api_config *config, const struct config_file *file, GError **error);

/* api_config_clear frees the copy. */
void api_config_copy(struct api_config *copy, const struct api_config *config);
void api_config_clear(struct api_config *config);

extern const struct config_choice api_config_modes[];

/* clang-format off */
/* The lines of a table (config.h) for such a member of the structure that its values are in. */
#define API_CONFIG_KEYS(owner, member) \
	API_CONFIG_KEY(owner, member, socket, "socket", CONFIG_PATH, NULL, NULL, \
		"The unix socket that spicerackctl and other programs ask."), \
	API_CONFIG_KEY(owner, member, mode, "mode", CONFIG_CHOICE, api_config_modes, "0660", \
		"Who may use the socket: its owner, the group too, or everybody."), \
	API_CONFIG_KEY(owner, member, listen, "listen", CONFIG_LIST, NULL, NULL, \
		"TCP addresses that it is served on too: HOST:PORT, [IPv6]:PORT or :PORT."), \
	API_CONFIG_KEY(owner, member, certificate, "certificate", CONFIG_PATH, NULL, NULL, \
		"The certificate for TLS and those that lead to its issuer, a PEM file."), \
	API_CONFIG_KEY(owner, member, key, "key", CONFIG_PATH, NULL, NULL, \
		"The certificate's key, a PEM file."), \
	API_CONFIG_KEY(owner, member, allow_plain, "allow-plain", CONFIG_BOOLEAN, NULL, "false", \
		"Listen without TLS also where others can listen in."), \
	API_CONFIG_KEY(owner, member, access_file, "access-file", CONFIG_PATH, NULL, NULL, \
		"Who may come in by TCP; only its owner may have access.")
#define API_CONFIG_KEY(owner, member, of, word, kind, choice, without, sentence) \
	{ \
		.group = "api", .key = word, .type = kind, .offset = offsetof(owner, member.of), \
		.choices = choice, .fallback = without, .help = sentence, \
	}
/* clang-format on */
