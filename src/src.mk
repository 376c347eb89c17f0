# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += src/libconsole.a
src_libconsole_a_CPPFLAGS = $(AM_CPPFLAGS) -DSYSCONFDIR='"$(sysconfdir)"'
src_libconsole_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
src_libconsole_a_SOURCES = \
	src/config.c src/config.h \
	src/console_config.c src/console_config.h \
	src/suggest.c src/suggest.h \
	sim/node.h

check_PROGRAMS += tests/unit/test_config
TESTS += tests/unit/test_config

tests_unit_test_config_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_config_LDADD = src/libconsole.a $(GLIB_LIBS)
tests_unit_test_config_SOURCES = tests/unit/test_config.c

dist_man_MANS += man/spicerack-console.8
dist_doc_DATA = packaging/console.conf.example
