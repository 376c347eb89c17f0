/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The usual Huffman tables of JPEG (ITU-T T.81, K.3), which decoders for motion JPEG know and
 * others need to be told. Pure.
 */
#include <glib.h>

/*
 * Puts the tables into the JPEG that begins at `start` and is the end of bytes, unless it has some.
 * What is no JPEG is left as it is.
 */
void huffman_insert(GByteArray *bytes, guint start);
