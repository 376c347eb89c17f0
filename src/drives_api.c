/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/drives_api.h"

#define DRIVE                                                                                    \
	{                                                                                        \
		.name = "drive", .place = HTTP_IN_PATH, .help = "its name, or its number from 0" \
	}

static const struct http_parameter drives_api_show[] = {
		DRIVE,
		{0},
};

static const struct http_parameter drives_api_insert[] = {
		DRIVE,
		{
				.name = "source",
				.place = HTTP_IN_BODY,
				.required = true,
				.help = "a path on the console's machine, or file:, http:, https:, nbd:, nbds:, nbd+unix:",
		},
		{
				.name = "as",
				.place = HTTP_IN_BODY,
				.help = "cd, disk, or auto: as the image looks",
		},
		{
				.name = "write",
				.place = HTTP_IN_BODY,
				.help = "read-only, overlay (kept beside until the eject), read-write",
		},
		{.name = "user", .place = HTTP_IN_BODY, .help = "for the server"},
		{
				.name = "password",
				.place = HTTP_IN_BODY,
				.secret = true,
				.help = "the user's",
		},
		{
				.name = "token",
				.place = HTTP_IN_BODY,
				.secret = true,
				.help = "instead of a user: Bearer",
		},
		{
				.name = "ca_file",
				.place = HTTP_IN_BODY,
				.help = "certificates to trust, PEM, on the console's machine",
		},
		{
				.name = "insecure",
				.place = HTTP_IN_BODY,
				.type = HTTP_BOOLEAN,
				.help = "take any certificate",
		},
		{
				.name = "persistent",
				.place = HTTP_IN_BODY,
				.type = HTTP_BOOLEAN,
				.help = "keep its blocks on disk for the next time",
		},
		{0},
};

static const struct http_parameter drives_api_eject[] = {
		DRIVE,
		{
				.name = "force",
				.place = HTTP_IN_BODY,
				.type = HTTP_BOOLEAN,
				.help = "at once, whatever the node does with it",
		},
		{0},
};

/* What answers have (http/describe_answer.h). */
#define SHOWN                                                                       \
	"{'name': 'string', 'kind': 'string', 'state': 'string', "                  \
	"'reason': 'string?', 'source': 'string?', 'since': 'string', "             \
	"'age_ms': 'integer', 'backend': 'string', 'write': 'string', "             \
	"'hybrid': 'boolean', 'label': 'string?', 'viewer': 'string?', "            \
	"'size': 'integer?', 'host_read': 'integer?', 'host_written': 'integer?', " \
	"'fetched': 'integer?', 'cached': 'integer?', 'errors': 'integer?', "       \
	"'rate': 'number?', 'locked': 'boolean?', 'port': 'string?', "              \
	"'connected': 'boolean', 'fault': 'string?'}"

const struct http_route drives_api[DRIVES_API_COUNT] = {
		[DRIVES_API_LIST] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/drives",
						.answer = "{'drives': [" SHOWN "]}",
						.role = HTTP_READ,
						.command = "drives",
						.help = "Lists the node's drives, what is in them and how it goes.",
				},
		[DRIVES_API_SHOW] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/drives/{drive}",
						.answer = SHOWN,
						.parameters = drives_api_show,
						.role = HTTP_READ,
						.help = "Says the same of one drive.",
				},
		[DRIVES_API_INSERT] =
				{
						.method = HTTP_POST,
						.path = "/api/v1/drives/{drive}/insert",
						.answer = SHOWN,
						.parameters = drives_api_insert,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "insert",
						.help = "Puts an image into a drive, in place of what is in it.",
				},
		[DRIVES_API_EJECT] =
				{
						.method = HTTP_POST,
						.path = "/api/v1/drives/{drive}/eject",
						.answer = SHOWN,
						.parameters = drives_api_eject,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "eject",
						.help = "Takes the image out of a drive.",
				},
};
