/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The channel over which a viewer redirects one USB device: bytes both ways, not understood here.
 * Main thread only.
 */
#include <stdbool.h>
#include <stddef.h>
#include <spice.h>
#include "spice/viewer.h"

/* What a viewer may leave untaken before we no longer speak with it. */
#define REDIRECT_QUEUE_MAX (256u << 10)

struct redirect;

/* events stays the caller's and outlives it; only its redirect_* are called. */
struct redirect *redirect_new(const struct viewer_events *events);

/* Adds the channel to a server, which must end before the redirect. False: it refuses. */
bool redirect_attach(struct redirect *redirect, SpiceServer *server);

/* See viewer_redirect_send. */
void redirect_send(struct redirect *redirect, const void *bytes, size_t size);

void redirect_free(struct redirect *redirect); /* NULL is fine; after spice_server_destroy */
