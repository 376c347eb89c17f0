# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += http/libhttp.a
http_libhttp_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(HTTPD_CFLAGS)
http_libhttp_a_SOURCES = \
	http/auth.c http/auth.h \
	http/backoff.c http/backoff.h \
	http/describe.c http/describe.h \
	http/describe_answer.c http/describe_answer.h \
	http/exchange.c http/server_part.h \
	http/guard.c http/guard.h \
	http/loop.c http/loop.h \
	http/reply.c http/reply.h \
	http/route.c http/route.h \
	http/secret.c http/secret.h \
	http/server.c http/server.h \
	http/sessions.c http/sessions.h \
	http/socket.c http/socket.h \
	http/stream.c http/stream.h \
	http/tcp.c http/tcp.h
HTTP_LIBS = http/libhttp.a $(HTTPD_LIBS) $(JSON_LIBS)

check_LIBRARIES += tests/unit/libhttpstage.a
tests_unit_libhttpstage_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_libhttpstage_a_SOURCES = \
	tests/unit/http_client.c tests/unit/http_client.h \
	tests/unit/http_stage.c tests/unit/http_stage.h
HTTP_STAGE_LIBS = tests/unit/libhttpstage.a $(HTTP_LIBS) $(GLIB_LIBS) $(CURL_LIBS)

HTTP_TESTS = tests/unit/test_http tests/unit/test_http_auth tests/unit/test_http_fill tests/unit/test_http_later tests/unit/test_http_limits \
	tests/unit/test_http_socket tests/unit/test_http_stream tests/unit/test_http_tcp
check_PROGRAMS += $(HTTP_TESTS) tests/unit/test_route
TESTS += $(HTTP_TESTS) tests/unit/test_route
tests_unit_test_http_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_http_LDADD = $(HTTP_STAGE_LIBS)
tests_unit_test_http_auth_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_http_auth_LDADD = $(HTTP_LIBS) $(GLIB_LIBS)
tests_unit_test_http_fill_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_http_fill_LDADD = $(HTTP_STAGE_LIBS)
tests_unit_test_http_later_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_http_later_LDADD = $(HTTP_STAGE_LIBS)
tests_unit_test_http_limits_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_http_limits_LDADD = $(HTTP_STAGE_LIBS)
tests_unit_test_http_socket_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_http_socket_LDADD = $(HTTP_STAGE_LIBS)
tests_unit_test_http_stream_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_http_stream_LDADD = $(HTTP_STAGE_LIBS)
tests_unit_test_http_tcp_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_http_tcp_LDADD = $(HTTP_STAGE_LIBS)
tests_unit_test_route_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_route_LDADD = $(HTTP_LIBS) $(GLIB_LIBS)
tests_unit_test_route_SOURCES = tests/unit/test_route.c
