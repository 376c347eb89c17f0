# SPDX-License-Identifier: LGPL-2.1-or-later
# The controllers: pure, and linked with libc alone, so that a simulator runs the same objects.
noinst_LIBRARIES += rack/libcontrol.a
rack_libcontrol_a_SOURCES = \
	rack/capping.c rack/capping.h rack/capping_part.h \
	rack/capping_guaranteed.c rack/capping_reactive.c \
	rack/fan_pid.c rack/fan_pid.h \
	rack/fan_zone.c rack/fan_zone.h \
	rack/waterfill.c rack/waterfill.h

# What travels between us and BMCs.
noinst_LIBRARIES += rack/libipmi.a
rack_libipmi_a_SOURCES = \
	rack/bmc.c rack/bmc.h rack/bmc_part.h \
	rack/bmc_identity.c rack/bmc_log.c rack/bmc_orders.c rack/bmc_power.c \
	rack/bmc_records.c rack/bmc_sensors.c \
	rack/ipmi.c rack/ipmi.h rack/ipmi_part.h \
	rack/ipmi_dcmi.c rack/ipmi_records.c \
	rack/lan15.c rack/lan15.h \
	rack/pattern.c rack/pattern.h \
	rack/rmcp.c rack/rmcp.h \
	rack/rmcp_crypt.c rack/rmcp_crypt.h \
	rack/rmcp_keys.c rack/rmcp_keys.h \
	rack/sdr.c rack/sdr.h \
	rack/session.c rack/session.h rack/session_part.h \
	rack/session15.c \
	rack/session_request.c rack/session_set_up.c
rack_libipmi_a_CFLAGS = $(AM_CFLAGS) $(SSL_CFLAGS)

# What the rack's sensors said last, for everybody who asks.
noinst_LIBRARIES += rack/libreadings.a
rack_libreadings_a_SOURCES = rack/readings.c rack/readings.h rack/readings_part.h rack/readings_tell.c

# Sensors and fans of the board itself.
noinst_LIBRARIES += rack/libhwmon.a
rack_libhwmon_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
rack_libhwmon_a_SOURCES = \
	rack/board.h \
	rack/board_hwmon.c \
	rack/fan_safe.c rack/fan_safe.h \
	rack/hwmon.c rack/hwmon.h \
	rack/hwmon_file.c rack/hwmon_file.h

# Shares them through a memcached.
noinst_LIBRARIES += rack/libmemcache.a
rack_libmemcache_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
rack_libmemcache_a_SOURCES = \
	rack/memcache.c rack/memcache.h rack/memcache_part.h \
	rack/memcache_talk.c \
	rack/memcache_text.c rack/memcache_text.h

# Ways to BMCs, in GLib's main loop.
noinst_LIBRARIES += rack/libbmc.a
rack_libbmc_a_SOURCES = \
	rack/link.h \
	rack/link_device.c rack/link_device_part.h \
	rack/link_udp.c \
	rack/presence.c rack/presence.h rack/presence_part.h \
	rack/session_udp.c rack/session_udp.h
rack_libbmc_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)

rack_tests = \
	tests/unit/test_bmc \
	tests/unit/test_bmc_faults \
	tests/unit/test_bmc_ipmi_sim \
	tests/unit/test_board_hwmon \
	tests/unit/test_capping \
	tests/unit/test_capping_rack \
	tests/unit/test_fan_pid \
	tests/unit/test_fan_safe \
	tests/unit/test_fan_zone \
	tests/unit/test_hwmon \
	tests/unit/test_ipmi \
	tests/unit/test_lan15 \
	tests/unit/test_lan15_ipmi_sim \
	tests/unit/test_link_device \
	tests/unit/test_memcache \
	tests/unit/test_memcache_text \
	tests/unit/test_pattern \
	tests/unit/test_presence \
	tests/unit/test_readings \
	tests/unit/test_rmcp \
	tests/unit/test_rmcp_crypt \
	tests/unit/test_rmcp_keys \
	tests/unit/test_sdr \
	tests/unit/test_session \
	tests/unit/test_session15 \
	tests/unit/test_session_faults \
	tests/unit/test_session_udp \
	tests/unit/test_waterfill
BMC_RIG = tests/unit/bmc_rig.c tests/unit/bmc_rig.h \
	tests/unit/command_bmc.c tests/unit/command_bmc.h
IPMI_SIM_RIG = tests/unit/ipmi_sim_rig.c tests/unit/ipmi_sim_rig.h
BMC_STAGE = tests/unit/bmc_stage.c tests/unit/bmc_stage.h $(IPMI_SIM_RIG)
SESSION_RIG = tests/unit/session_rig.c tests/unit/session_rig.h
TREE = tests/unit/tree.c tests/unit/tree.h
check_PROGRAMS += $(rack_tests)
EXTRA_DIST += tests/unit/until.h
TESTS += $(rack_tests)

# A module for a program of others: without our sanitizers, which that is not built with.
EXTRA_DIST += tests/unit/ipmi_sim_dcmi.c
if HAVE_IPMI_SIM
check_DATA += tests/unit/ipmi_sim_dcmi.so
CLEANFILES += tests/unit/ipmi_sim_dcmi.so
tests/unit/ipmi_sim_dcmi.so: tests/unit/ipmi_sim_dcmi.c
	$(AM_V_GEN)$(MKDIR_P) tests/unit && $(CC) $(HOUSE_CFLAGS) -O1 -fPIC -shared -o $@ $(srcdir)/tests/unit/ipmi_sim_dcmi.c
endif

tests_unit_test_bmc_SOURCES = tests/unit/test_bmc.c $(BMC_RIG)
tests_unit_test_bmc_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_bmc_LDADD = rack/libipmi.a $(GLIB_LIBS) -lm
tests_unit_test_bmc_faults_SOURCES = tests/unit/test_bmc_faults.c $(BMC_RIG)
tests_unit_test_bmc_faults_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_bmc_faults_LDADD = rack/libipmi.a $(GLIB_LIBS) -lm
tests_unit_test_bmc_ipmi_sim_SOURCES = tests/unit/test_bmc_ipmi_sim.c $(BMC_STAGE)
tests_unit_test_bmc_ipmi_sim_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_bmc_ipmi_sim_LDADD = rack/libbmc.a rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS) -lm
tests_unit_test_board_hwmon_SOURCES = tests/unit/test_board_hwmon.c $(TREE)
tests_unit_test_board_hwmon_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_board_hwmon_LDADD = rack/libhwmon.a $(GLIB_LIBS) -lm
tests_unit_test_capping_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_capping_LDADD = rack/libcontrol.a $(GLIB_LIBS)
tests_unit_test_capping_rack_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_capping_rack_LDADD = sim/librack.a sim/libplant.a rack/libcontrol.a $(GLIB_LIBS)
tests_unit_test_fan_pid_SOURCES = tests/unit/test_fan_pid.c tests/unit/fan_input.h
tests_unit_test_fan_pid_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_fan_pid_LDADD = rack/libcontrol.a $(GLIB_LIBS) -lm
tests_unit_test_fan_safe_SOURCES = tests/unit/test_fan_safe.c $(TREE)
tests_unit_test_fan_safe_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_fan_safe_LDADD = rack/libhwmon.a $(GLIB_LIBS)
tests_unit_test_fan_zone_SOURCES = tests/unit/test_fan_zone.c tests/unit/fan_input.h
tests_unit_test_fan_zone_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_fan_zone_LDADD = rack/libcontrol.a $(GLIB_LIBS) -lm
tests_unit_test_hwmon_SOURCES = tests/unit/test_hwmon.c $(TREE)
tests_unit_test_hwmon_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_hwmon_LDADD = rack/libhwmon.a $(GLIB_LIBS) -lm
tests_unit_test_ipmi_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_ipmi_LDADD = rack/libipmi.a $(GLIB_LIBS) -lm
tests_unit_test_lan15_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_lan15_LDADD = rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_lan15_ipmi_sim_SOURCES = tests/unit/test_lan15_ipmi_sim.c $(BMC_STAGE)
tests_unit_test_lan15_ipmi_sim_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_lan15_ipmi_sim_LDADD = rack/libbmc.a rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS) -lm
tests_unit_test_link_device_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_link_device_LDADD = rack/libbmc.a $(GLIB_LIBS)
tests_unit_test_memcache_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_memcache_LDADD = rack/libmemcache.a $(GLIB_LIBS)
tests_unit_test_memcache_text_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_memcache_text_LDADD = rack/libmemcache.a $(GLIB_LIBS)
tests_unit_test_pattern_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_pattern_LDADD = rack/libipmi.a $(GLIB_LIBS)
tests_unit_test_presence_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_presence_LDADD = rack/libbmc.a $(GLIB_LIBS)
tests_unit_test_readings_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_readings_LDADD = rack/libreadings.a $(GLIB_LIBS) -lm
tests_unit_test_rmcp_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_rmcp_LDADD = rack/libipmi.a $(GLIB_LIBS)
tests_unit_test_rmcp_crypt_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_rmcp_crypt_LDADD = rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_rmcp_keys_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_rmcp_keys_LDADD = rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_sdr_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_sdr_LDADD = rack/libipmi.a $(GLIB_LIBS) -lm
tests_unit_test_session_SOURCES = tests/unit/test_session.c $(SESSION_RIG)
tests_unit_test_session_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_session_LDADD = sim/libbmclan.a rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_session15_SOURCES = tests/unit/test_session15.c $(SESSION_RIG)
tests_unit_test_session15_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_session15_LDADD = sim/libbmclan.a rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_session_faults_SOURCES = tests/unit/test_session_faults.c $(SESSION_RIG)
tests_unit_test_session_faults_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_session_faults_LDADD = sim/libbmclan.a rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_session_udp_SOURCES = tests/unit/test_session_udp.c $(IPMI_SIM_RIG)
tests_unit_test_session_udp_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_session_udp_LDADD = rack/libbmc.a rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_waterfill_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_waterfill_LDADD = rack/libcontrol.a $(GLIB_LIBS)
