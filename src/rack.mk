# SPDX-License-Identifier: LGPL-2.1-or-later
bin_PROGRAMS += spicerack-rack
dist_man_MANS += man/rack.conf.5 man/spicerack-rack.8
dist_doc_DATA += packaging/rack.conf.example packaging/spicerack-rack.service

noinst_LIBRARIES += src/librack.a
src_librack_a_CPPFLAGS = $(AM_CPPFLAGS) -DSYSCONFDIR='"$(sysconfdir)"' -DRUNSTATEDIR='"$(runstatedir)"'
src_librack_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
src_librack_a_SOURCES = \
	src/rack.c src/rack.h \
	src/rack_clock.h \
	src/rack_config.c src/rack_config.h src/rack_config_part.h \
	src/rack_config_fans.c \
	src/rack_config_faults.c \
	src/rack_config_node.c \
	src/rack_config_plan.c \
	src/rack_config_simulated.c \
	src/rack_export.c src/rack_export.h \
	src/rack_fault.c src/rack_fault.h \
	src/rack_fans.c src/rack_fans.h src/rack_fans_part.h \
	src/rack_fans_board.c \
	src/rack_fans_inputs.c src/rack_fans_inputs.h \
	src/rack_fans_resume.c \
	src/rack_keys.c \
	src/rack_log.c src/rack_log.h \
	src/rack_node.c src/rack_node.h src/rack_node_part.h \
	src/rack_node_order.c \
	src/rack_node_read.c \
	src/rack_node_setup.c \
	src/rack_nodes.c src/rack_nodes.h \
	src/rack_power.c src/rack_power.h src/rack_power_part.h \
	src/rack_power_drop.c \
	src/rack_power_lift.c \
	src/rack_power_members.c \
	src/rack_power_switch.c \
	src/rack_simulated.c src/rack_simulated.h src/rack_simulated_part.h \
	src/rack_simulated_board.c \
	src/rack_simulated_faults.c \
	src/rack_simulated_link.c \
	src/rack_world.c src/rack_world.h

# The rack's API, over the headers of its parts.
noinst_LIBRARIES += src/librackapi.a
src_librackapi_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
src_librackapi_a_SOURCES = \
	src/metrics.c src/metrics.h \
	src/rack_routes.c src/rack_routes.h src/rack_routes_part.h \
	src/rack_routes_fans.c \
	src/rack_routes_nodes.c \
	src/rack_routes_power.c \
	src/rack_routes_storage.c

RACK_LIBS = src/libpages.a src/librackapi.a src/librack.a src/libcommon.a \
	rack/libcontrol.a rack/libbmc.a rack/libipmi.a rack/libhwmon.a rack/libmemcache.a rack/libreadings.a \
	sim/librack.a sim/libplant.a \
	$(HTTP_LIBS) $(CRYPTO_LIBS) $(GLIB_LIBS) -lm

spicerack_rack_SOURCES = src/rack_main.c
spicerack_rack_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
spicerack_rack_LDADD = $(RACK_LIBS)

# --- Tests of the wiring
RACK_WIRED_TESTS = \
	tests/unit/test_rack_config \
	tests/unit/test_rack_config_faults \
	tests/unit/test_rack_config_text \
	tests/unit/test_rack_export \
	tests/unit/test_rack_fans \
	tests/unit/test_rack_fans_nodes \
	tests/unit/test_rack_log \
	tests/unit/test_rack_nodes \
	tests/unit/test_rack_orders \
	tests/unit/test_rack_power \
	tests/unit/test_rack_power_patience \
	tests/unit/test_rack_readers \
	tests/unit/test_rack_simulated \
	tests/unit/test_rack_stress
check_PROGRAMS += $(RACK_WIRED_TESTS)
TESTS += $(RACK_WIRED_TESTS)
RACK_RIG = tests/unit/rack_rig.c tests/unit/rack_rig.h
NODES_RIG = tests/unit/nodes_rig.c tests/unit/nodes_rig.h $(RACK_RIG)
RACK_CONFIG_RIG = tests/unit/rack_config_rig.h
tests_unit_test_rack_config_SOURCES = tests/unit/test_rack_config.c $(RACK_CONFIG_RIG)
tests_unit_test_rack_config_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_rack_config_LDADD = $(RACK_LIBS)
tests_unit_test_rack_config_faults_SOURCES = tests/unit/test_rack_config_faults.c $(RACK_CONFIG_RIG)
tests_unit_test_rack_config_faults_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_rack_config_faults_LDADD = $(RACK_LIBS)
tests_unit_test_rack_config_text_SOURCES = tests/unit/test_rack_config_text.c $(RACK_CONFIG_RIG)
tests_unit_test_rack_config_text_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_rack_config_text_LDADD = $(RACK_LIBS)
tests_unit_test_rack_export_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_export_LDADD = $(RACK_LIBS)
# Its time is its own.
FANS_RIG = tests/unit/fans_rig.h tests/unit/fan_input.h
tests_unit_test_rack_fans_SOURCES = tests/unit/test_rack_fans.c $(FANS_RIG) $(TREE)
tests_unit_test_rack_fans_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=g_get_monotonic_time
tests_unit_test_rack_fans_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_fans_LDADD = $(RACK_LIBS)
tests_unit_test_rack_fans_nodes_SOURCES = tests/unit/test_rack_fans_nodes.c $(FANS_RIG)
tests_unit_test_rack_fans_nodes_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=g_get_monotonic_time
tests_unit_test_rack_fans_nodes_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_fans_nodes_LDADD = $(RACK_LIBS)
tests_unit_test_rack_log_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_log_LDADD = $(RACK_LIBS)
tests_unit_test_rack_nodes_SOURCES = tests/unit/test_rack_nodes.c $(NODES_RIG)
tests_unit_test_rack_nodes_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_nodes_LDADD = $(RACK_LIBS)
tests_unit_test_rack_orders_SOURCES = tests/unit/test_rack_orders.c $(NODES_RIG)
tests_unit_test_rack_orders_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_orders_LDADD = $(RACK_LIBS)
tests_unit_test_rack_power_SOURCES = tests/unit/test_rack_power.c tests/unit/rack_power_rig.h $(RACK_RIG)
tests_unit_test_rack_power_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_power_LDADD = $(RACK_LIBS)
tests_unit_test_rack_power_patience_SOURCES = tests/unit/test_rack_power_patience.c tests/unit/rack_power_rig.h $(RACK_RIG)
tests_unit_test_rack_power_patience_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_power_patience_LDADD = $(RACK_LIBS)
tests_unit_test_rack_simulated_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_simulated_LDADD = $(RACK_LIBS)
# Its time is its own, and so are the timers.
VIRTUAL_LOOP = tests/unit/virtual_loop.c tests/unit/virtual_loop.h
WRAP_TIMERS = -Wl,--wrap=g_get_monotonic_time -Wl,--wrap=g_idle_add -Wl,--wrap=g_source_remove \
	-Wl,--wrap=g_timeout_add -Wl,--wrap=g_timeout_add_full -Wl,--wrap=g_timeout_add_seconds
tests_unit_test_rack_readers_SOURCES = tests/unit/test_rack_readers.c $(VIRTUAL_LOOP)
tests_unit_test_rack_readers_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_readers_LDFLAGS = $(AM_LDFLAGS) $(WRAP_TIMERS)
tests_unit_test_rack_readers_LDADD = $(RACK_LIBS)
tests_unit_test_rack_stress_SOURCES = tests/unit/test_rack_stress.c \
	tests/unit/rack_stress.h tests/unit/rack_stress_faults.c $(VIRTUAL_LOOP)
tests_unit_test_rack_stress_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_rack_stress_LDFLAGS = $(AM_LDFLAGS) $(WRAP_TIMERS)
tests_unit_test_rack_stress_LDADD = $(RACK_LIBS)

# --- Tests of the API, over a rack that is made up
RACK_API_TESTS = tests/unit/test_metrics_text tests/unit/test_rack_events tests/unit/test_rack_routes
check_PROGRAMS += $(RACK_API_TESTS) tests/unit/rack_stage
TESTS += $(RACK_API_TESTS) tests/unit/test_ctl_rack.sh tests/unit/test_rack_manual.py
EXTRA_DIST += tests/unit/test_ctl_rack.sh tests/unit/test_rack_manual.py
RACK_FAKES = tests/unit/rack_fakes.c tests/unit/rack_fakes.h
RACK_API_RIG = tests/unit/rack_api_rig.h $(RACK_FAKES)
RACK_FAKES_LIBS = src/librackapi.a src/librack.a src/libcommon.a rack/libreadings.a rack/libipmi.a \
	$(HTTP_STAGE_LIBS) -lm
tests_unit_test_metrics_text_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_metrics_text_LDADD = src/libcommon.a $(GLIB_LIBS)
tests_unit_test_rack_events_SOURCES = tests/unit/test_rack_events.c $(RACK_API_RIG)
tests_unit_test_rack_events_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_rack_events_LDADD = $(RACK_FAKES_LIBS)
tests_unit_test_rack_routes_SOURCES = tests/unit/test_rack_routes.c $(RACK_API_RIG)
tests_unit_test_rack_routes_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_rack_routes_LDADD = $(RACK_FAKES_LIBS)
tests_unit_rack_stage_SOURCES = tests/unit/rack_stage.c $(RACK_FAKES)
tests_unit_rack_stage_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_rack_stage_LDADD = $(RACK_FAKES_LIBS)
