# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += media/libmedia.a
media_libmedia_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS) $(REDIR_CFLAGS)
media_libmedia_a_SOURCES = \
	media/ahead.c media/ahead.h \
	media/blocks.c media/blocks.h \
	media/cache.c media/cache.h \
	media/client.c media/client.h \
	media/client_disc.c media/client_disc.h \
	media/client_scsi.c media/client_scsi.h \
	media/client_usb.c media/client_usb.h \
	media/file.c media/file.h \
	media/jobs.c media/jobs.h \
	media/source.h \
	media/web.c media/web.h \
	media/web_address.c media/web_address.h \
	media/web_answer.c media/web_answer.h \
	media/web_loop.c media/web_loop.h \
	media/web_private.h media/web_retry.c \
	media/web_transfer.c media/web_transfer.h

check_PROGRAMS += tests/unit/test_file tests/unit/test_cache
TESTS += tests/unit/test_file tests/unit/test_cache
tests_unit_test_file_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_file_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_file_SOURCES = tests/unit/test_file.c tests/unit/moves.h
tests_unit_test_cache_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_cache_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_cache_SOURCES = tests/unit/test_cache.c tests/unit/moves.h

check_PROGRAMS += tests/unit/test_web
TESTS += tests/unit/test_web
EXTRA_DIST += tests/unit/web_server.py
tests_unit_test_web_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_web_LDADD = media/libmedia.a $(CURL_LIBS) $(GLIB_LIBS)
tests_unit_test_web_SOURCES = tests/unit/test_web.c tests/unit/web_host.c tests/unit/web_host.h
