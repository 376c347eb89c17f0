/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include <string.h>
#include "sim/checksums.h"

const char *const checksums_names[] = {"SHA512SUMS", "SHA256SUMS", "sha256sum.txt", "SHA1SUMS",
		"MD5SUMS", "md5sum.txt", NULL};

/* By the number of digits. */
static bool checksums_type(size_t digits, GChecksumType *type)
{
	static const GChecksumType types[] = {
			G_CHECKSUM_MD5, G_CHECKSUM_SHA1, G_CHECKSUM_SHA256, G_CHECKSUM_SHA512};

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
		*type = types[i];
		if ((size_t)g_checksum_type_get_length(*type) * 2 == digits)
			return true;
	}
	return false;
}

static bool checksums_parse(char *text, struct checksums_line *line)
{
	size_t digits = strspn(text, "0123456789abcdefABCDEF");
	char *name = text + digits;

	if (!checksums_type(digits, &line->type) || name[0] != ' ' ||
			(name[1] != ' ' && name[1] != '*'))
		return false;
	*name = 0;
	name += 2;
	while (g_str_has_prefix(name, "./"))
		name += 2;
	for (char *at = text; *at; at++)
		*at = g_ascii_tolower(*at);
	line->sum = text;
	line->name = name;
	return *name != 0 && g_utf8_validate(name, -1, NULL);
}

struct checksums *checksums_new(char *text)
{
	struct checksums *sums = g_new0(struct checksums, 1);
	char *next = text;

	sums->text = text;
	sums->lines = g_array_new(FALSE, FALSE, sizeof(struct checksums_line));
	while (next) {
		char *at = next;
		struct checksums_line line;

		next = strchr(at, '\n');
		if (next)
			*next++ = 0;
		if (*at && at[strlen(at) - 1] == '\r')
			at[strlen(at) - 1] = 0;
		if (checksums_parse(at, &line))
			g_array_append_val(sums->lines, line);
		else if (*at)
			sums->bad++;
	}
	return sums;
}

void checksums_free(struct checksums *sums)
{
	if (!sums)
		return;
	g_array_unref(sums->lines);
	g_free(sums->text);
	g_free(sums);
}
