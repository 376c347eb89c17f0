/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Where an image is, as an operator writes it: /images/x.iso, file:///images/x.iso,
 * https://server/x.iso, nbd://server/export, nbd+unix:///export?socket=/run/nbd. Pure; any thread.
 */
#include <glib.h>
#include <stdbool.h>

enum medium_kind {
	MEDIUM_FILE,
	MEDIUM_WEB, /* http, https */
	MEDIUM_NBD, /* nbd, nbds, nbd+unix, nbds+unix: the NBD project's doc/uri.md */
};

struct medium_place {
	enum medium_kind kind;
	char *where; /* a path from / on; or the address as it was given, secrets too */
	char *name;  /* the same to be shown: no user, no password, nothing behind a "?" */
};

/* Errors: DRIVES_ERROR_REQUEST, with nothing secret in it; place then needs no clearing. */
bool medium_place_parse(struct medium_place *place, const char *source, GError **error);
void medium_place_clear(struct medium_place *place);

/* The folder for what hosts write into overlays: configured, or the usual one of root or of an
 * ordinary user. g_free. */
char *medium_place_overlays(const char *configured, bool super);
