# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += media/libmedia.a
media_libmedia_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS)
media_libmedia_a_SOURCES = \
	media/ahead.c media/ahead.h \
	media/blocks.c media/blocks.h \
	media/cache.c media/cache.h \
	media/file.c media/file.h \
	media/jobs.c media/jobs.h \
	media/source.h

check_PROGRAMS += tests/unit/test_file tests/unit/test_cache
TESTS += tests/unit/test_file tests/unit/test_cache
tests_unit_test_file_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_file_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_file_SOURCES = tests/unit/test_file.c tests/unit/moves.h
tests_unit_test_cache_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_cache_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_cache_SOURCES = tests/unit/test_cache.c tests/unit/moves.h
