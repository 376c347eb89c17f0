# SPDX-License-Identifier: LGPL-2.1-or-later
# The controllers: pure, and linked with libc alone, so that a simulator runs the same objects.
noinst_LIBRARIES += rack/libcontrol.a
rack_libcontrol_a_SOURCES = \
	rack/capping.c rack/capping.h rack/capping_part.h \
	rack/capping_guaranteed.c rack/capping_reactive.c \
	rack/fan_zone.c rack/fan_zone.h \
	rack/waterfill.c rack/waterfill.h

# What travels between us and BMCs.
noinst_LIBRARIES += rack/libipmi.a
rack_libipmi_a_SOURCES = rack/sdr.c rack/sdr.h

# What the rack's sensors said last, for everybody who asks.
noinst_LIBRARIES += rack/libreadings.a
rack_libreadings_a_SOURCES = rack/readings.c rack/readings.h

# Sensors and fans of the board itself.
noinst_LIBRARIES += rack/libhwmon.a
rack_libhwmon_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
rack_libhwmon_a_SOURCES = rack/hwmon.c rack/hwmon.h rack/hwmon_file.c rack/hwmon_file.h

# Shares them through a memcached.
noinst_LIBRARIES += rack/libmemcache.a
rack_libmemcache_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
rack_libmemcache_a_SOURCES = rack/memcache.c rack/memcache.h rack/memcache_text.c rack/memcache_text.h

rack_tests = tests/unit/test_capping tests/unit/test_capping_rack tests/unit/test_fan_zone \
	tests/unit/test_hwmon tests/unit/test_memcache tests/unit/test_memcache_text tests/unit/test_readings tests/unit/test_sdr tests/unit/test_waterfill
check_PROGRAMS += $(rack_tests)
TESTS += $(rack_tests)

tests_unit_test_capping_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_capping_LDADD = rack/libcontrol.a $(GLIB_LIBS)
tests_unit_test_capping_rack_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_capping_rack_LDADD = sim/libplant.a rack/libcontrol.a $(GLIB_LIBS)
tests_unit_test_fan_zone_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_fan_zone_LDADD = rack/libcontrol.a $(GLIB_LIBS) -lm
tests_unit_test_hwmon_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_hwmon_LDADD = rack/libhwmon.a $(GLIB_LIBS) -lm
tests_unit_test_memcache_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_memcache_LDADD = rack/libmemcache.a $(GLIB_LIBS)
tests_unit_test_memcache_text_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_memcache_text_LDADD = rack/libmemcache.a $(GLIB_LIBS)
tests_unit_test_readings_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_readings_LDADD = rack/libreadings.a $(GLIB_LIBS) -lm
tests_unit_test_sdr_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_sdr_LDADD = rack/libipmi.a $(GLIB_LIBS) -lm
tests_unit_test_waterfill_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_waterfill_LDADD = rack/libcontrol.a $(GLIB_LIBS)
