# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += capture/libcapture.a
capture_libcapture_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
capture_libcapture_a_SOURCES = \
	capture/capture.h \
	capture/exchange.c capture/exchange.h \
	capture/list.c capture/list.h \
	capture/replay.c capture/replay.h \
	capture/v4l2.c capture/v4l2.h \
	capture/v4l2_device.c capture/v4l2_device.h \
	capture/v4l2_find.c capture/v4l2_find.h \
	capture/v4l2_formats.c capture/v4l2_formats.h \
	capture/v4l2_ladder.c capture/v4l2_ladder.h \
	capture/v4l2_session.c capture/v4l2_session.h \
	capture/v4l2_session_frames.c capture/v4l2_session_private.h

check_PROGRAMS += tests/unit/test_exchange tests/unit/test_replay tests/unit/test_v4l2
TESTS += tests/unit/test_exchange tests/unit/test_replay tests/unit/test_v4l2

tests_unit_test_exchange_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_exchange_LDADD = capture/libcapture.a $(GLIB_LIBS)
tests_unit_test_exchange_SOURCES = tests/unit/test_exchange.c

tests_unit_test_replay_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_replay_LDADD = capture/libcapture.a $(GLIB_LIBS)
tests_unit_test_replay_SOURCES = tests/unit/test_replay.c

tests_unit_test_v4l2_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_v4l2_LDADD = capture/libcapture.a $(GLIB_LIBS)
tests_unit_test_v4l2_SOURCES = tests/unit/test_v4l2.c
