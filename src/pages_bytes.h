/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The files of web/, each with a zero byte behind it; make writes pages_bytes.c from them. */
extern const unsigned char pages_rack_html[];
extern const unsigned char pages_rack_css[];
extern const unsigned char pages_rack_js[];
extern const unsigned char pages_rack_events_js[];
extern const unsigned char pages_rack_words_js[];
