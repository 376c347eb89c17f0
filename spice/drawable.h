/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A rectangle of a picture as a QXL drawing command, with a copy of the pixels: the worker encodes
 * it on its own thread at its own time, and an encoder that sees pixels change makes streams that
 * crash clients. Made on one thread, freed on any.
 */
#include <spice.h>
#include "spice/display.h"
#include "spice/region.h"

struct drawable;

/* NULL when memory is short. id: unique among the drawables of a device. */
struct drawable *drawable_new(const struct display_picture *picture,
		const struct region_rectangle *box, uint32_t id);

/* The command that the worker fetches; it refers to the drawable until it is released. */
void drawable_command(struct drawable *drawable, QXLCommandExt *command);

/* Which drawable the worker releases. */
struct drawable *drawable_of(const QXLReleaseInfoExt *info);

void drawable_free(struct drawable *drawable);
