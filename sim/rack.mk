# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += sim/libplant.a
sim_libplant_a_SOURCES = sim/plant.c sim/plant.h

# A rack without hardware.
noinst_LIBRARIES += sim/librack.a
sim_librack_a_SOURCES = \
	sim/bmc.c sim/bmc.h sim/bmc_part.h \
	sim/bmc_log.c \
	sim/bmc_power.c \
	sim/bmc_records.c \
	sim/bmc_sensors.c \
	sim/feeder.c sim/feeder.h \
	sim/rack.c sim/rack.h

# The network's side of a BMC, with rack/libipmi.a's cryptography.
noinst_LIBRARIES += sim/libbmclan.a
sim_libbmclan_a_SOURCES = \
	sim/bmc_lan.c sim/bmc_lan.h sim/bmc_lan_part.h \
	sim/bmc_lan_message.c sim/bmc_lan_old.c \
	sim/bmc_lan_set_up.c

check_PROGRAMS += tests/unit/test_sim_bmc tests/unit/test_sim_rack
TESTS += tests/unit/test_sim_bmc tests/unit/test_sim_rack
tests_unit_test_sim_rack_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_sim_rack_LDADD = sim/librack.a sim/libplant.a $(GLIB_LIBS)
tests_unit_test_sim_bmc_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_sim_bmc_LDADD = sim/librack.a sim/libplant.a rack/libipmi.a $(GLIB_LIBS) -lm

check_PROGRAMS += tests/unit/test_bmc_lan
TESTS += tests/unit/test_bmc_lan
tests_unit_test_bmc_lan_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_bmc_lan_LDADD = sim/libbmclan.a rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS)

check_PROGRAMS += tests/unit/test_bmc_farm
TESTS += tests/unit/test_bmc_farm
tests_unit_test_bmc_farm_SOURCES = tests/unit/test_bmc_farm.c \
	tests/unit/bmc_farm_node.c tests/unit/bmc_farm_node.h \
	tests/unit/bmc_poller.c tests/unit/bmc_poller.h
tests_unit_test_bmc_farm_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_bmc_farm_LDADD = sim/libbmclan.a sim/librack.a sim/libplant.a rack/libbmc.a rack/libipmi.a \
	$(SSL_LIBS) $(GLIB_LIBS) -lm

# BMCs on real sockets, that misbehave when they are told to.
check_PROGRAMS += tests/unit/bmc_farm
tests_unit_bmc_farm_SOURCES = tests/unit/bmc_farm.c tests/unit/bmc_farm_node.c tests/unit/bmc_farm_node.h
tests_unit_bmc_farm_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_bmc_farm_LDADD = sim/libbmclan.a sim/librack.a sim/libplant.a rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS) -lm
