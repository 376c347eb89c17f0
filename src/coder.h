/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the screen shows as JPEGs, for displays that send those: decoder/recode.h behind the
 * interface of spice/display.h. Two kinds: of the node's picture, whose blocks the decoder has
 * kept, and of a picture that was drawn. Main thread, the decoder's.
 */
#include <stdbool.h>
#include "decoder/decoder.h"
#include "spice/display.h"

struct coder {
	struct display_coder display; /* for displays; refers to this, which must stay in place */
	struct decoder *decoder;      /* not ours; NULL: of a drawn picture */
	const struct picture *drawn;  /* not ours */
	uint8_t *map;                 /* marks in the units of the decoder's damage */
	size_t room;                  /* bytes */
};

void coder_of_decoder(struct coder *coder, struct decoder *decoder);
void coder_of_drawn(struct coder *coder, const struct picture *picture);
void coder_release(struct coder *coder);
