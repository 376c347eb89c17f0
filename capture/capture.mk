# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += capture/libcapture.a
capture_libcapture_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
capture_libcapture_a_SOURCES = \
	capture/capture.h \
	capture/list.c capture/list.h \
	capture/replay.c capture/replay.h

check_PROGRAMS += tests/unit/test_replay
TESTS += tests/unit/test_replay

tests_unit_test_replay_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_replay_LDADD = capture/libcapture.a $(GLIB_LIBS)
tests_unit_test_replay_SOURCES = tests/unit/test_replay.c
