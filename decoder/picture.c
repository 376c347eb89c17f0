/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "decoder/picture.h"

static int picture_align(int length)
{
	return (length + PICTURE_ALIGN - 1) / PICTURE_ALIGN * PICTURE_ALIGN;
}

static size_t picture_bytes(int width, int height)
{
	return (size_t)picture_align(width) * picture_align(height) * sizeof(uint32_t);
}

bool picture_resize(struct picture *picture, int width, int height)
{
	uint32_t *pixels;

	if (width < 1 || height < 1 || width > PICTURE_MAX || height > PICTURE_MAX) {
		errno = EINVAL;
		return false;
	}
	/* Zeros of the system's: what nobody ever draws takes no memory. */
	pixels = calloc(1, picture_bytes(width, height));
	if (!pixels)
		return false;
	free(picture->pixels);
	picture->pixels = pixels;
	picture->width = width;
	picture->height = height;
	picture->stride = picture_align(width);
	return true;
}

void picture_release(struct picture *picture)
{
	free(picture->pixels);
	*picture = (struct picture){0};
}

bool damage_reset(struct damage *damage, const struct picture *picture, int unit)
{
	int columns = (picture->width + unit - 1) / unit;
	int rows = (picture->height + unit - 1) / unit;
	size_t bytes = (size_t)columns * rows;

	if (bytes > damage->room) {
		uint8_t *map = malloc(bytes);

		if (!map)
			return false;
		free(damage->map);
		damage->map = map;
		damage->room = bytes;
	}
	memset(damage->map, 0, bytes);
	damage->unit = unit;
	damage->columns = columns;
	damage->rows = rows;
	damage->count = 0;
	return true;
}

void damage_all(struct damage *damage)
{
	damage->count = damage->columns * damage->rows;
	memset(damage->map, 1, damage->count);
}

void damage_release(struct damage *damage)
{
	free(damage->map);
	*damage = (struct damage){0};
}
