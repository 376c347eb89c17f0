# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += spice/libspiceroom.a
spice_libspiceroom_a_SOURCES = \
	spice/blank.c spice/blank.h \
	spice/core.c spice/core.h \
	spice/display.h \
	spice/display_library.c spice/display_library.h \
	spice/drawable.c spice/drawable.h \
	spice/endpoint.c spice/endpoint.h \
	spice/hands.c spice/hands.h \
	spice/inputs.c spice/inputs.h \
	spice/listener.c spice/listener.h \
	spice/redirect.c spice/redirect.h \
	spice/refusal.c spice/refusal.h \
	spice/region.c spice/region.h \
	spice/scancode.c spice/scancode.h \
	spice/viewer.c spice/viewer.h \
	spice/viewers.c spice/viewers.h
spice_libspiceroom_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SPICE_CFLAGS)

SPICE_UNIT_TESTS = tests/unit/test_scancode tests/unit/test_region tests/unit/test_listener \
	tests/unit/test_hands
check_PROGRAMS += $(SPICE_UNIT_TESTS)
TESTS += $(SPICE_UNIT_TESTS)
tests_unit_test_scancode_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_scancode_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
tests_unit_test_region_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_region_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
tests_unit_test_listener_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_listener_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
tests_unit_test_hands_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_hands_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
