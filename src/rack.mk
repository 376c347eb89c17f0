# SPDX-License-Identifier: LGPL-2.1-or-later
# The rack daemon's wiring.
noinst_LIBRARIES += src/librack.a
src_librack_a_CPPFLAGS = $(AM_CPPFLAGS) -DSYSCONFDIR='"$(sysconfdir)"' -DRUNSTATEDIR='"$(runstatedir)"'
src_librack_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
src_librack_a_SOURCES = \
	src/events.c src/events.h \
	src/rack.h \
	src/rack_clock.h \
	src/rack_config.h \
	src/rack_export.c src/rack_export.h \
	src/rack_fans.h \
	src/rack_log.c src/rack_log.h \
	src/rack_node.c src/rack_node.h src/rack_node_part.h \
	src/rack_node_order.c \
	src/rack_node_read.c \
	src/rack_node_setup.c \
	src/rack_nodes.c src/rack_nodes.h \
	src/rack_power.c src/rack_power.h src/rack_power_part.h \
	src/rack_power_drop.c \
	src/rack_power_members.c \
	src/rack_power_switch.c \
	src/rack_simulated.c src/rack_simulated.h src/rack_simulated_part.h \
	src/rack_simulated_board.c \
	src/rack_simulated_link.c \
	src/rack_world.h
RACK_LIBS = src/librack.a src/libcommon.a rack/libcontrol.a rack/libbmc.a rack/libipmi.a rack/libhwmon.a \
	rack/libmemcache.a rack/libreadings.a sim/librack.a sim/libplant.a $(HTTP_LIBS) $(SSL_LIBS) $(GLIB_LIBS) -lm

check_PROGRAMS += tests/unit/test_events
TESTS += tests/unit/test_events
tests_unit_test_events_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_events_LDADD = src/librack.a $(GLIB_LIBS) $(JSON_LIBS)
tests_unit_test_events_SOURCES = tests/unit/test_events.c

RACK_RIG = tests/unit/rack_rig.c tests/unit/rack_rig.h
RACK_RIG_TESTS = tests/unit/test_rack_export tests/unit/test_rack_log tests/unit/test_rack_nodes tests/unit/test_rack_power
check_PROGRAMS += $(RACK_RIG_TESTS)
TESTS += $(RACK_RIG_TESTS)
tests_unit_test_rack_nodes_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_nodes_LDADD = $(RACK_LIBS) $(JSON_LIBS)
tests_unit_test_rack_nodes_SOURCES = tests/unit/test_rack_nodes.c $(RACK_RIG)
tests_unit_test_rack_export_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_export_LDADD = $(RACK_LIBS) $(JSON_LIBS)
tests_unit_test_rack_export_SOURCES = tests/unit/test_rack_export.c
tests_unit_test_rack_power_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_power_LDADD = $(RACK_LIBS) $(JSON_LIBS)
tests_unit_test_rack_power_SOURCES = tests/unit/test_rack_power.c $(RACK_RIG)
tests_unit_test_rack_log_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_log_LDADD = src/librack.a $(JSON_LIBS) $(GLIB_LIBS)
tests_unit_test_rack_log_SOURCES = tests/unit/test_rack_log.c

src_rack_tests = tests/unit/test_rack_simulated
check_PROGRAMS += $(src_rack_tests)
TESTS += $(src_rack_tests)
tests_unit_test_rack_simulated_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_simulated_LDADD = src/librack.a sim/librack.a sim/libplant.a $(GLIB_LIBS)
