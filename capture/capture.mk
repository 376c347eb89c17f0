# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += capture/libcapture.a
capture_libcapture_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
capture_libcapture_a_SOURCES = \
	capture/capture.h \
	capture/list.c capture/list.h

EXTRA_DIST += tests/fuzz/fuzz_list.c \
	tests/fuzz/corpus/list/all tests/fuzz/corpus/list/comments tests/fuzz/corpus/list/wrong
