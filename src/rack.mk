# SPDX-License-Identifier: LGPL-2.1-or-later
# The rack daemon's wiring.
noinst_LIBRARIES += src/librack.a
src_librack_a_CPPFLAGS = $(AM_CPPFLAGS) -DSYSCONFDIR='"$(sysconfdir)"' -DRUNSTATEDIR='"$(runstatedir)"'
src_librack_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
src_librack_a_SOURCES = \
	src/events.c src/events.h \
	src/rack.h \
	src/rack_clock.h \
	src/rack_config.c src/rack_config.h src/rack_config_part.h \
	src/rack_config_fans.c \
	src/rack_config_node.c \
	src/rack_config_plan.c \
	src/rack_config_simulated.c \
	src/rack_export.h \
	src/rack_keys.c \
	src/rack_fans.c src/rack_fans.h src/rack_fans_part.h \
	src/rack_fans_board.c \
	src/rack_fans_inputs.c src/rack_fans_inputs.h \
	src/rack_nodes.h \
	src/rack_power.h \
	src/rack_simulated.h \
	src/rack_world.h

# The rack's API, over the headers of its parts.
dist_man_MANS += man/spicerack-api.7
noinst_LIBRARIES += src/librackapi.a
src_librackapi_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
src_librackapi_a_SOURCES = \
	src/metrics.c src/metrics.h \
	src/metrics_text.c src/metrics_text.h \
	src/rack_routes.c src/rack_routes.h src/rack_routes_part.h \
	src/rack_routes_events.c \
	src/rack_routes_fans.c \
	src/rack_routes_nodes.c \
	src/rack_routes_power.c \
	src/rack_routes_storage.c
check_PROGRAMS += tests/unit/test_metrics_text tests/unit/test_rack_events tests/unit/test_rack_routes
TESTS += tests/unit/test_metrics_text tests/unit/test_rack_events tests/unit/test_rack_routes
RACK_FAKES = tests/unit/rack_fakes.c tests/unit/rack_fakes.h
RACK_FAKES_LIBS = src/librackapi.a src/librack.a src/libcommon.a rack/libreadings.a rack/libipmi.a $(HTTP_STAGE_LIBS) -lm
tests_unit_test_metrics_text_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_metrics_text_LDADD = src/librackapi.a $(GLIB_LIBS)
tests_unit_test_metrics_text_SOURCES = tests/unit/test_metrics_text.c
tests_unit_test_rack_events_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_rack_events_LDADD = $(RACK_FAKES_LIBS)
tests_unit_test_rack_events_SOURCES = tests/unit/test_rack_events.c $(RACK_FAKES)
check_PROGRAMS += tests/unit/rack_stage
tests_unit_rack_stage_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_rack_stage_LDADD = $(RACK_FAKES_LIBS)
tests_unit_rack_stage_SOURCES = tests/unit/rack_stage.c $(RACK_FAKES)
TESTS += tests/unit/test_ctl_rack.sh
EXTRA_DIST += tests/unit/test_ctl_rack.sh
tests_unit_test_rack_routes_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_rack_routes_LDADD = $(RACK_FAKES_LIBS)
tests_unit_test_rack_routes_SOURCES = tests/unit/test_rack_routes.c $(RACK_FAKES)

RACK_LIBS = src/librackapi.a src/librack.a src/libcommon.a rack/libcontrol.a rack/libbmc.a rack/libipmi.a rack/libhwmon.a \
	rack/libmemcache.a rack/libreadings.a sim/librack.a sim/libplant.a $(HTTP_LIBS) $(SSL_LIBS) $(GLIB_LIBS) -lm

check_PROGRAMS += tests/unit/test_rack_config
TESTS += tests/unit/test_rack_config
tests_unit_test_rack_config_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_rack_config_LDADD = src/librack.a src/libcommon.a rack/libhwmon.a rack/libreadings.a $(GLIB_LIBS)
tests_unit_test_rack_config_SOURCES = tests/unit/test_rack_config.c

dist_man_MANS += man/rack.conf.5 man/spicerack-rack.8
dist_doc_DATA += packaging/rack.conf.example
check_PROGRAMS += tests/unit/test_rack_fans
TESTS += tests/unit/test_rack_fans
# Its time is its own.
tests_unit_test_rack_fans_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=g_get_monotonic_time
tests_unit_test_rack_fans_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_fans_LDADD = src/librack.a src/libcommon.a rack/libcontrol.a rack/libhwmon.a rack/libreadings.a \
	$(JSON_LIBS) $(GLIB_LIBS) -lm

dist_doc_DATA += packaging/spicerack-rack.service
check_PROGRAMS += tests/unit/test_events
TESTS += tests/unit/test_events
tests_unit_test_events_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_events_LDADD = src/librack.a $(GLIB_LIBS) $(JSON_LIBS)
tests_unit_test_events_SOURCES = tests/unit/test_events.c
