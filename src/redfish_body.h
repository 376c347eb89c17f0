/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Bodies of Redfish requests, taken apart. Strings belong to the body unless a comment says else.
 * Pure; any thread.
 */
#include <jansson.h>
#include <stdbool.h>
#include "src/power.h"

/* Why a body is not taken. */
struct redfish_fault {
	const char *id;       /* of the message in the Base registry */
	const char *property; /* a name of the schema; NULL: none */
	char text[256];       /* a sentence */
};

/* VirtualMedia.InsertMedia, or a PATCH that comes to the same. */
struct redfish_insert {
	char *image; /* new: with its scheme */
	bool write_protected;
	const char *user, *password; /* NULL: none */
};

/* body NULL: there was none. Nothing to clear when it returns false. */
bool redfish_body_insert(
		const json_t *body, struct redfish_insert *insert, struct redfish_fault *fault);
void redfish_insert_clear(struct redfish_insert *insert);

/* PATCH of a VirtualMedia. */
struct redfish_medium_patch {
	bool insert, eject;
	struct redfish_insert what; /* when insert */
	int verify;                 /* the certificate: 0, 1; -1: not said */
};

bool redfish_body_medium(const json_t *body, struct redfish_medium_patch *patch,
		struct redfish_fault *fault);

/* PATCH of a ComputerSystem: what it boots from. */
struct redfish_boot {
	int target;   /* enum power_boot; -1: not said */
	int how_long; /* enum power_boot_for; -1: not said */
};

bool redfish_body_boot(const json_t *body, struct redfish_boot *boot, struct redfish_fault *fault);

/* ComputerSystem.Reset: which of the words; NULL: fault is set. */
const char *redfish_body_reset(const json_t *body, struct redfish_fault *fault);

/* SessionService: who opens a session. */
bool redfish_body_session(const json_t *body, const char **user, const char **password,
		struct redfish_fault *fault);

const char *redfish_boot_word(enum power_boot boot);             /* "None", "Cd", ... */
const char *redfish_boot_for_word(enum power_boot_for how_long); /* "Disabled", ... */
