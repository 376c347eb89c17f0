/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A bridge between a client's end and an inner end, both played by the test: sockets, OpenSSL and
 * the main loop are real. Whatever waits for something gives up, and fails, after some seconds.
 */
#include <glib.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include "spice/bridge.h"

struct bridge_rig {
	SSL_CTX *server, *trusting;
	struct bridge_settings settings;
	struct bridge *bridge;
	int client; /* -1 when closed */
	SSL *ssl;   /* NULL: bare */
	int inner;  /* -1 until routed, and when closed */
	struct greeting greeting;
	bool refuse_origin, close_when_routed;
	int routed, ended;
	char *reason;
	char *origin, *host;
};

/* A certificate with its key, made up, in a new folder. */
struct bridge_files {
	char *folder, *certificate, *key;
};

void bridge_files_make(struct bridge_files *files);
/* The same key once more, with a passphrase. */
void bridge_files_lock_key(const struct bridge_files *files, const char *path);

void bridge_files_remove(struct bridge_files *files);

void bridge_rig_open(struct bridge_rig *rig, const struct bridge_files *files);
void bridge_rig_close(struct bridge_rig *rig);

/* A client has connected over TCP, or by a unix socket, and sends its first bytes. */
void bridge_rig_connect(struct bridge_rig *rig, enum greeting_kind kind);

/* Speaks TLS from now on, and shakes hands. */
void bridge_rig_start_tls(struct bridge_rig *rig, int version);

/* Moves both sides by one step. */
void bridge_rig_step(struct bridge_rig *rig);
void bridge_rig_rest(struct bridge_rig *rig, unsigned int ms);

/* Sends all of it. */
void bridge_rig_say(struct bridge_rig *rig, const void *bytes, size_t size);
void bridge_rig_say_inner(struct bridge_rig *rig, const void *bytes, size_t size);

/* Reads that many bytes: appended to out. bridge_rig_hear_record reads one record's. */
void bridge_rig_hear(struct bridge_rig *rig, GByteArray *out, size_t size);
void bridge_rig_hear_inner(struct bridge_rig *rig, GByteArray *out, size_t size);
size_t bridge_rig_hear_record(struct bridge_rig *rig, GByteArray *out);

/* Whether the end is closed to reading, once all has been read. */
void bridge_rig_hear_end(struct bridge_rig *rig);
void bridge_rig_hear_inner_end(struct bridge_rig *rig);
bool bridge_rig_inner_silent(struct bridge_rig *rig);

void bridge_rig_until_routed(struct bridge_rig *rig);
void bridge_rig_until_ended(struct bridge_rig *rig);
void bridge_rig_hang_up(struct bridge_rig *rig, bool reset);
