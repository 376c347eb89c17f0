/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Complete frames of raw pixels, as HDMI grabbers and cameras send them. decoder.h is the door to
 * it; this is the room behind. Damage is what differs from the picture, in units of 16 pixels.
 */
#include "decoder/decoder.h"
#include "decoder/kernels.h"

#define RAW_UNIT KERNELS_RUN /* pixels of a damage unit */

/*
 * Decodes a frame into the picture, which has its size. Returns false with result->fault set and
 * nothing changed when the rows do not lie in the data: half a frame of what holds all of them is
 * of no use.
 */
bool raw_decode(const struct kernels *kernels, const struct decoder_frame *frame,
		struct picture *picture, struct damage *damage, struct decoder_result *result);
