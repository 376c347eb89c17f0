# SPDX-License-Identifier: LGPL-2.1-or-later
# What every daemon has, whatever it is about, and the table of what each can be asked, for spicerackctl too.
noinst_LIBRARIES += src/libcommon.a
src_libcommon_a_CPPFLAGS = $(AM_CPPFLAGS) -DRUNSTATEDIR='"$(runstatedir)"'
src_libcommon_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
src_libcommon_a_SOURCES = \
	src/api.c src/api.h \
	src/api_config.c src/api_config.h \
	src/api_path.c src/api_path.h \
	src/command.c src/command.h \
	src/config.c src/config.h src/config_part.h \
	src/config_scan.c src/config_value.c \
	src/console_api.c src/console_api.h \
	src/control_api.c src/control_api.h \
	src/drives_api.c src/drives_api.h \
	src/event_api.c src/event_api.h \
	src/event_routes.c src/event_routes.h \
	src/events.c src/events.h \
	src/evidence_api.c src/evidence_api.h \
	src/keep.c src/keep.h \
	src/keys_api.c src/keys_api.h \
	src/log.c src/log.h \
	src/metrics_api.h \
	src/metrics_text.c src/metrics_text.h \
	src/password_file.c src/password_file.h \
	src/power.c src/power.h \
	src/process_metrics.c src/process_metrics.h \
	src/rack_api.c src/rack_api.h \
	src/routes_part.c src/routes_part.h \
	src/suggest.c src/suggest.h \
	src/tickets_api.c src/tickets_api.h

check_PROGRAMS += tests/unit/test_keep tests/unit/test_log
TESTS += tests/unit/test_keep tests/unit/test_log
tests_unit_test_log_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_log_LDADD = src/libcommon.a $(GLIB_LIBS)
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_keep_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_keep_LDADD = src/libcommon.a $(GLIB_LIBS)
tests_unit_test_keep_SOURCES = tests/unit/test_keep.c

dist_man_MANS += man/spicerack-api.7
dist_doc_DATA += packaging/spicerack.sysusers
TESTS += tests/unit/test_units.sh
EXTRA_DIST += tests/unit/test_units.sh packaging/spicerack-console.service packaging/spicerack-rack.service
EXTRA_DIST += packaging/README.md

check_PROGRAMS += tests/unit/test_events
TESTS += tests/unit/test_events
tests_unit_test_events_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_events_LDADD = src/libcommon.a $(JSON_LIBS) $(GLIB_LIBS)
