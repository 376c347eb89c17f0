# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += http/libhttp.a
http_libhttp_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(HTTPD_CFLAGS)
http_libhttp_a_SOURCES = \
	http/describe.c http/describe.h \
	http/loop.c http/loop.h \
	http/route.c http/route.h \
	http/server.c http/server.h \
	http/socket.c http/socket.h
HTTP_LIBS = http/libhttp.a $(HTTPD_LIBS) $(JSON_LIBS)

check_PROGRAMS += tests/unit/test_http tests/unit/test_route
TESTS += tests/unit/test_http tests/unit/test_route
tests_unit_test_http_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_http_LDADD = $(HTTP_LIBS) $(GLIB_LIBS) $(CURL_LIBS)
tests_unit_test_http_SOURCES = tests/unit/test_http.c tests/unit/http_client.c tests/unit/http_client.h
tests_unit_test_route_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_route_LDADD = $(HTTP_LIBS) $(GLIB_LIBS)
tests_unit_test_route_SOURCES = tests/unit/test_route.c
