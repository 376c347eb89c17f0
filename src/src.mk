# SPDX-License-Identifier: LGPL-2.1-or-later
bin_PROGRAMS += spicerack-console
noinst_LIBRARIES += src/libconsole.a
src_libconsole_a_CPPFLAGS = $(AM_CPPFLAGS) -DSYSCONFDIR='"$(sysconfdir)"' \
	-DRUNSTATEDIR='"$(runstatedir)"'
src_libconsole_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
src_libconsole_a_SOURCES = \
	src/api.c src/api.h \
	src/api_path.c src/api_path.h \
	src/check.c src/check.h src/check_part.h \
	src/check_devices.c \
	src/check_kernel.c \
	src/check_ports.c \
	src/config.c src/config.h \
	src/console.c src/console.h \
	src/console_api.c src/console_api.h \
	src/console_config.c src/console_config.h \
	src/console_keys.c \
	src/console_routes.c src/console_routes.h \
	src/input.c src/input.h \
	src/keep.c src/keep.h \
	src/log.c src/log.h \
	src/memory.c src/memory.h \
	src/node.c src/node.h \
	src/rate.c src/rate.h \
	src/screen.c src/screen.h \
	src/status.c src/status.h \
	src/suggest.c src/suggest.h \
	src/survival.c src/survival.h
CONSOLE_LIBS = src/libconsole.a sim/libsim.a capture/libcapture.a gadget/libgadget.a \
	spice/libspiceroom.a decoder/libdecoder.a $(HTTP_LIBS) \
	$(SPICE_LIBS) $(GLIB_LIBS) $(USBG_LIBS) $(AIO_LIBS) $(JPEG_LIBS) -lm

spicerack_console_SOURCES = src/console_main.c
spicerack_console_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
spicerack_console_LDADD = $(CONSOLE_LIBS)

check_PROGRAMS += tests/unit/test_config
TESTS += tests/unit/test_config

tests_unit_test_config_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_config_LDADD = src/libconsole.a $(GLIB_LIBS)
tests_unit_test_config_SOURCES = tests/unit/test_config.c

check_PROGRAMS += tests/unit/test_check tests/unit/test_rate
TESTS += tests/unit/test_check tests/unit/test_rate
tests_unit_test_check_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_check_LDADD = src/libconsole.a spice/libspiceroom.a gadget/libgadget.a $(HTTP_LIBS) $(GLIB_LIBS)
tests_unit_test_check_SOURCES = tests/unit/test_check.c
tests_unit_test_rate_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_rate_LDADD = src/libconsole.a $(GLIB_LIBS)
tests_unit_test_rate_SOURCES = tests/unit/test_rate.c

check_PROGRAMS += tests/unit/test_keep tests/unit/test_memory
TESTS += tests/unit/test_keep tests/unit/test_memory
tests_unit_test_memory_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_memory_LDADD = src/libconsole.a $(GLIB_LIBS)
tests_unit_test_memory_SOURCES = tests/unit/test_memory.c
tests_unit_test_keep_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_keep_LDADD = src/libconsole.a $(GLIB_LIBS)
tests_unit_test_keep_SOURCES = tests/unit/test_keep.c

dist_man_MANS += man/spicerack-console.8
dist_doc_DATA += packaging/console.conf.example packaging/aspeed-evb.conf packaging/development.conf \
	packaging/60-spicerack.rules packaging/spicerack-console.service
