/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a GPIO line is named: what is taken is a chip's name and a number, and is written the same.
 */
#include <stdlib.h>
#include <string.h>
#include "rack/presence.h"
#include "tests/fuzz/targets.h"

static void fuzz_demand(bool holds)
{
	if (!holds)
		abort();
}

int target_presence(const uint8_t *data, size_t size)
{
	char *text = g_strndup((const char *)data, size), *said;
	struct presence_line line, again;
	GError *error = NULL;

	if (presence_parse(text, &line, &error)) {
		fuzz_demand(!error && line.chip[0] != '\0' && line.offset <= 65535);
		fuzz_demand(strcspn(line.chip, "/.: ") == strlen(line.chip));
		said = g_strdup_printf("%s%s:%u", line.low ? "!" : "", line.chip, line.offset);
		fuzz_demand(presence_parse(said, &again, NULL));
		fuzz_demand(strcmp(line.chip, again.chip) == 0 && line.offset == again.offset &&
				line.low == again.low);
		g_free(said);
	} else {
		fuzz_demand(error != NULL);
		g_error_free(error);
	}
	g_free(text);
	return 0;
}
