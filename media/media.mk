# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += media/libmedia.a
media_libmedia_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS) $(NBD_CFLAGS) $(REDIR_CFLAGS)
media_libmedia_a_SOURCES = \
	media/ahead.c media/ahead.h \
	media/blocks.c media/blocks.h \
	media/cache.c media/cache.h \
	media/cache_fetch.c media/cache_private.h media/cache_take.c \
	media/fetch.c media/fetch.h \
	media/client.c media/client.h \
	media/client_disc.c media/client_disc.h \
	media/client_private.h media/client_read.c \
	media/client_scsi.c media/client_scsi.h \
	media/client_usb.c media/client_usb.h \
	media/file.c media/file.h \
	media/image.c media/image.h \
	media/jobs.c media/jobs.h \
	media/layer.c media/layer.h \
	media/layer_request.c media/layer_private.h \
	media/local.c media/local.h \
	media/nbd.h \
	media/overlay.c media/overlay.h \
	media/source.h \
	media/store.c media/store.h \
	media/web.c media/web.h \
	media/web_address.c media/web_address.h \
	media/web_answer.c media/web_answer.h \
	media/web_loop.c media/web_loop.h \
	media/web_private.h media/web_retry.c \
	media/web_transfer.c media/web_transfer.h
if HAVE_NBD
media_libmedia_a_SOURCES += media/nbd.c media/nbd_access.c media/nbd_library.c media/nbd_library.h \
	media/nbd_link.c media/nbd_link.h media/nbd_retry.c media/nbd_private.h
else
media_libmedia_a_SOURCES += media/nbd_none.c
endif

check_PROGRAMS += tests/unit/test_file tests/unit/test_jobs tests/unit/test_cache
TESTS += tests/unit/test_file tests/unit/test_jobs tests/unit/test_cache
tests_unit_test_file_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_file_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_file_SOURCES = tests/unit/test_file.c tests/unit/moves.h
tests_unit_test_jobs_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_jobs_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_jobs_SOURCES = tests/unit/test_jobs.c tests/unit/moves.h
tests_unit_test_cache_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_cache_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_cache_SOURCES = tests/unit/test_cache.c tests/unit/cache_rig.h tests/unit/moves.h

# Each with a web server of its own.
WEB_TESTS = tests/unit/test_web tests/unit/test_web_away tests/unit/test_web_secret
WEB_RIG = tests/unit/web_rig.c tests/unit/web_rig.h tests/unit/web_host.c tests/unit/web_host.h \
	tests/unit/free_port.h
check_PROGRAMS += $(WEB_TESTS)
TESTS += $(WEB_TESTS)
EXTRA_DIST += tests/unit/web_server.py
tests_unit_test_web_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_web_LDADD = media/libmedia.a $(CURL_LIBS) $(GLIB_LIBS)
tests_unit_test_web_SOURCES = tests/unit/test_web.c $(WEB_RIG)
tests_unit_test_web_away_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_web_away_LDADD = media/libmedia.a $(CURL_LIBS) $(GLIB_LIBS)
tests_unit_test_web_away_SOURCES = tests/unit/test_web_away.c $(WEB_RIG)
tests_unit_test_web_secret_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_web_secret_LDADD = media/libmedia.a $(CURL_LIBS) $(GLIB_LIBS)
tests_unit_test_web_secret_SOURCES = tests/unit/test_web_secret.c $(WEB_RIG)

check_PROGRAMS += tests/unit/test_image
TESTS += tests/unit/test_image
tests_unit_test_image_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_image_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_image_SOURCES = tests/unit/test_image.c

if HAVE_NBD
check_PROGRAMS += tests/unit/test_nbd tests/unit/test_nbd_tls
TESTS += tests/unit/test_nbd tests/unit/test_nbd_tls
NBD_RIG = tests/unit/nbd_rig.h tests/unit/nbd_host.c tests/unit/nbd_host.h tests/unit/moves.h \
	tests/unit/free_port.h
tests_unit_test_nbd_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_nbd_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_nbd_SOURCES = tests/unit/test_nbd.c $(NBD_RIG)
tests_unit_test_nbd_tls_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_nbd_tls_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_nbd_tls_SOURCES = tests/unit/test_nbd_tls.c $(NBD_RIG)
endif

check_PROGRAMS += tests/unit/test_overlay
TESTS += tests/unit/test_overlay
tests_unit_test_overlay_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_overlay_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_overlay_SOURCES = tests/unit/test_overlay.c tests/unit/moves.h

check_PROGRAMS += tests/unit/test_store
TESTS += tests/unit/test_store
tests_unit_test_store_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_store_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_store_SOURCES = tests/unit/test_store.c tests/unit/moves.h

check_PROGRAMS += tests/unit/test_fetch
TESTS += tests/unit/test_fetch
tests_unit_test_fetch_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_fetch_LDADD = media/libmedia.a $(GLIB_LIBS)
tests_unit_test_fetch_SOURCES = tests/unit/test_fetch.c tests/unit/cache_rig.h tests/unit/moves.h

check_PROGRAMS += tests/unit/test_client
TESTS += tests/unit/test_client
tests_unit_test_client_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(REDIR_CFLAGS)
tests_unit_test_client_LDADD = media/libmedia.a $(REDIR_LIBS) $(GLIB_LIBS)
tests_unit_test_client_SOURCES = tests/unit/test_client.c tests/unit/disc_host.c tests/unit/disc_host.h \
	tests/unit/moves.h
