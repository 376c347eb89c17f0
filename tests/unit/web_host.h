/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Real web servers for a test: tests/unit/web_server.py, which can misbehave, and lighttpd.
 */
#include <glib.h>
#include <stdbool.h>

struct web_host {
	GPid pid;
	int input; /* of the scripted server, which lives as long as this; else -1 */
	unsigned int port;
};

/* port: 0, any; certificate: a PEM file with its key, for https, or NULL. False: no python3. */
bool web_host_open(struct web_host *host, const char *file, unsigned int port,
		const char *certificate);

/* Serves a folder, whose file it writes its configuration to. False: no lighttpd with TLS. */
bool web_host_open_lighttpd(struct web_host *host, const char *folder, const char *certificate);

void web_host_close(struct web_host *host); /* at once; twice is fine */

/* What the scripted server counted; it must not speak TLS. */
int web_host_count(const struct web_host *host, const char *name);

/* A certificate for 127.0.0.1, signed by itself, and its key in one file. False: no openssl. */
bool web_host_certificate(const char *folder, const char *certificate);
