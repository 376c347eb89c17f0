/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/keys_api.h"

#define PATH     "/api/v1/console/keys"
#define RATE_MAX 200 /* TYPIST_RATE_MAX, which only the daemon knows */

static const struct http_parameter keys_api_type[] = {
		{
				.name = "keys",
				.place = HTTP_IN_BODY,
				.secret = true,
				.help = "chords with blanks between them: ctrl+alt+del f2:2000 wait:500",
		},
		{
				.name = "text",
				.place = HTTP_IN_BODY,
				.secret = true,
				.help = "instead: a text, up to 16384 bytes",
		},
		{
				.name = "layout",
				.place = HTTP_IN_BODY,
				.help = "what the node's keyboard is set to: us, gb, de, fr, ...; us without it",
		},
		{
				.name = "rate",
				.place = HTTP_IN_BODY,
				.type = HTTP_INTEGER,
				.min = 1,
				.max = RATE_MAX,
				.help = "characters a second at most; 40 without it",
		},
		{
				.name = "wait",
				.place = HTTP_IN_BODY,
				.type = HTTP_BOOLEAN,
				.help = "false: answer at once, not when it is typed",
		},
		{0},
};

const struct http_route keys_api[KEYS_API_COUNT] = {
		[KEYS_API_TYPE] =
				{
						.method = HTTP_POST,
						.path = PATH,
						.parameters = keys_api_type,
						.role = HTTP_OPERATE,
						.changes = true,
						.help = "Presses keys on the node, or types a text.",
				},
		[KEYS_API_SHOW] =
				{
						.method = HTTP_GET,
						.path = PATH,
						.role = HTTP_READ,
						.help = "Says how far the typing is, and which layouts there are.",
				},
		[KEYS_API_STOP] =
				{
						.method = HTTP_DELETE,
						.path = PATH,
						.role = HTTP_OPERATE,
						.changes = true,
						.help = "Stops the typing, with all keys up.",
				},
};
