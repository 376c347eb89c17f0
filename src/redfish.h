/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The part of DMTF's Redfish (DSP0266, schemas of DSP8010) that mounts an image, switches the
 * node's power and picks what it boots from: one ComputerSystem "node", one Manager "console", its
 * VirtualMedia are the drives. Main thread only.
 */
#include <glib.h>
#include "http/server.h"

struct audit;
struct drives;
struct http_auth;
struct power;

/* Nothing is copied, and all must outlive it. */
struct redfish_settings {
	const char *name;       /* what the console is called */
	struct drives *drives;  /* NULL: none */
	struct power *power;    /* NULL: nothing switches it */
	struct http_auth *auth; /* for its sessions; NULL: it has none */
	struct audit *audit;    /* where acts are written down */
};

struct redfish;

struct redfish *redfish_new(const struct redfish_settings *settings);
void redfish_add(struct redfish *redfish, struct http_server *server);

/* After the server was closed. NULL is fine. */
void redfish_free(struct redfish *redfish);
