/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Recognising an image: whatever its bytes, the name that is shown is clean text. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "media/image.h"
#include "tests/fuzz/targets.h"

/* The first byte says how much is there; the rest is put where a disc and a disk say what they are.
 */
int target_image(const uint8_t *data, size_t size)
{
	struct image image;
	size_t much = size > 0 ? (size_t)data[0] * 300 : 0;
	size_t split = MIN(size, 1025);
	uint8_t *bytes = g_malloc0(much + 1);

	for (size_t i = 1; i < size; i++) {
		size_t at = i < split ? i - 1 : 32768 + i - split;

		if (at < much)
			bytes[at] = data[i];
	}
	bytes = g_realloc(bytes, MAX(much, 1)); /* not a byte more, for the sanitizer */
	image_recognise(&image, bytes, much);
	if (!g_utf8_validate(image.label, -1, NULL) || strlen(image.label) >= sizeof(image.label))
		abort();
	for (const char *at = image.label; *at; at++)
		if ((unsigned char)*at < 0x20)
			abort();
	if ((image.mbr && !image.boot) || (image.el_torito && much < 34816))
		abort();
	g_free(bytes);
	return 0;
}
