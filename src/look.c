/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/look.h"

enum drives_as look_choose(const struct image *image, enum drives_as as, enum drives_write write,
		enum drives_as own)
{
	if (as != DRIVES_AS_AUTO)
		return as;
	if (write != DRIVES_READ_ONLY || !image_is_disc(image))
		return DRIVES_AS_DISK;
	return image_is_disk(image) ? own : DRIVES_AS_CD;
}

/* Logs and terminals are searched for words with plain blanks between them. */
char *look_size(uint64_t size)
{
	g_autofree char *text = g_format_size_full(size, G_FORMAT_SIZE_IEC_UNITS);
	g_auto(GStrv) parts = g_strsplit(text, "\u00a0", -1);

	return g_strjoinv(" ", parts);
}

char *look_warning(const struct image *image, uint64_t size)
{
	g_autofree char *has = look_size(size);
	g_autofree char *says = look_size(image->size);

	if (!image_is_cut(image, size))
		return g_strdup("");
	return g_strdup_printf("it is cut off: it has %s of %s; copy it again", has, says);
}
