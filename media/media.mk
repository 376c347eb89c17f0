# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += media/libmedia.a
media_libmedia_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS)
media_libmedia_a_SOURCES = \
	media/source.h
