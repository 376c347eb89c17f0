/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "spice/drawable.h"

struct drawable {
	QXLDrawable command;
	QXLImage image;
	uint32_t pixels[];
};

struct drawable *drawable_new(const struct display_picture *picture,
		const struct region_rectangle *box, uint32_t id)
{
	int width = box->right - box->left;
	int height = box->bottom - box->top;
	size_t stride = (size_t)width * sizeof(uint32_t);
	struct drawable *drawable = g_try_malloc(sizeof(*drawable) + stride * height);
	QXLDrawable *command;
	QXLImage *image;

	if (!drawable)
		return NULL;
	memset(drawable, 0, sizeof(*drawable));
	for (int y = 0; y < height; y++)
		memcpy(drawable->pixels + (size_t)y * width,
				picture->pixels + (size_t)(box->top + y) * picture->stride +
						box->left,
				stride);

	image = &drawable->image;
	QXL_SET_IMAGE_ID(image, QXL_IMAGE_GROUP_DEVICE, id);
	image->descriptor.type = SPICE_IMAGE_TYPE_BITMAP;
	image->descriptor.width = width;
	image->descriptor.height = height;
	image->bitmap.format = SPICE_BITMAP_FMT_32BIT;
	image->bitmap.flags = QXL_BITMAP_DIRECT | QXL_BITMAP_TOP_DOWN;
	image->bitmap.x = width;
	image->bitmap.y = height;
	image->bitmap.stride = stride;
	image->bitmap.data = (uintptr_t)drawable->pixels;

	command = &drawable->command;
	command->release_info.id = (uintptr_t)drawable;
	command->type = QXL_DRAW_COPY;
	command->effect = QXL_EFFECT_OPAQUE;
	command->clip.type = SPICE_CLIP_TYPE_NONE;
	command->bbox = (QXLRect){.top = box->top,
			.left = box->left,
			.bottom = box->bottom,
			.right = box->right};
	command->surfaces_dest[0] = -1;
	command->surfaces_dest[1] = -1;
	command->surfaces_dest[2] = -1;
	command->u.copy.src_bitmap = (uintptr_t)image;
	command->u.copy.src_area = (QXLRect){.bottom = height, .right = width};
	command->u.copy.rop_descriptor = SPICE_ROPD_OP_PUT;
	return drawable;
}

void drawable_command(struct drawable *drawable, QXLCommandExt *command)
{
	*command = (QXLCommandExt){
			.cmd = {.type = QXL_CMD_DRAW, .data = (uintptr_t)&drawable->command},
	};
}

struct drawable *drawable_of(const QXLReleaseInfoExt *info)
{
	return (struct drawable *)(uintptr_t)info->info->id;
}

void drawable_free(struct drawable *drawable)
{
	g_free(drawable);
}
