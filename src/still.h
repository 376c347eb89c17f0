/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A decoder's whole picture in one piece. On the decoder's thread. */
#include <glib.h>
#include <stdbool.h>
#include "decoder/decoder.h"

/*
 * Appends it as a baseline JPEG with all its tables: by copying where the decoder keeps blocks, or
 * has a JPEG that is as good. False: there is no picture, or memory is short.
 */
bool still_jpeg(struct decoder *decoder, GByteArray *out);

/* Appends it as a complete AJPG frame, see recode_ajpg. False: it is not kept so. */
bool still_ajpg(struct decoder *decoder, int selector, int second, GByteArray *out);

/* Appends a drawn picture as a JPEG. */
bool still_drawn(const struct picture *picture, GByteArray *out);
