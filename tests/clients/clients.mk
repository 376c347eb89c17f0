# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests with a real SPICE client, in processes of their own.
if CLIENT_TESTS
check_LIBRARIES += tests/clients/libclient.a tests/clients/libstage.a
tests_clients_libclient_a_SOURCES = tests/clients/client.c tests/clients/client.h
tests_clients_libclient_a_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_clients_libstage_a_SOURCES = \
	tests/clients/stage.c tests/clients/stage.h \
	tests/clients/stage_part.h \
	tests/clients/stage_serve.c \
	tests/clients/stage_view.c
tests_clients_libstage_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)

STAGE_LIBS = tests/clients/libstage.a tests/clients/libclient.a spice/libspiceroom.a \
	$(CLIENT_LIBS) $(SPICE_LIBS) $(SSL_LIBS) $(GLIB_LIBS) -lm
VIEWER_TESTS = tests/clients/test_viewer_display tests/clients/test_viewer_inputs
check_PROGRAMS += $(VIEWER_TESTS)
TESTS += $(VIEWER_TESTS)
tests_clients_test_viewer_display_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_clients_test_viewer_display_LDADD = $(STAGE_LIBS)
tests_clients_test_viewer_inputs_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_clients_test_viewer_inputs_LDADD = $(STAGE_LIBS)

check_LIBRARIES += tests/clients/libdesk.a
tests_clients_libdesk_a_SOURCES = tests/clients/desk.c tests/clients/desk.h
tests_clients_libdesk_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
CONSOLE_TESTS = tests/clients/test_console tests/clients/test_control tests/clients/test_keys tests/clients/test_viewers
check_PROGRAMS += $(CONSOLE_TESTS)
TESTS += tests/clients/test_control tests/clients/test_keys tests/clients/test_viewers
tests_clients_test_console_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_clients_test_control_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_clients_test_control_LDADD = tests/clients/libdesk.a $(CONSOLE_LIBS) $(STAGE_LIBS)
tests_clients_test_viewers_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_clients_test_viewers_LDADD = tests/clients/libdesk.a $(CONSOLE_LIBS) $(STAGE_LIBS)
tests_clients_test_keys_SOURCES = tests/clients/test_keys.c tests/clients/keys_rig.h tests/unit/http_client.c tests/unit/http_client.h
tests_clients_test_keys_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_clients_test_keys_LDADD = tests/clients/libdesk.a $(CONSOLE_LIBS) $(STAGE_LIBS) $(CURL_LIBS)
tests_clients_test_console_LDADD = tests/clients/libdesk.a $(CONSOLE_LIBS) $(STAGE_LIBS)

check_LIBRARIES += tests/clients/libshare.a
tests_clients_libshare_a_SOURCES = tests/clients/share.c tests/clients/share.h tests/clients/share_part.h \
	tests/clients/share_serve.c
tests_clients_libshare_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
SHARE_LIBS = tests/clients/libshare.a tests/clients/libclient.a src/libconsole.a src/libcommon.a media/libmedia.a \
	spice/libspiceroom.a $(CLIENT_LIBS) $(SPICE_LIBS) $(SSL_LIBS) $(REDIR_LIBS) $(GLIB_LIBS)
SHARE_TESTS = tests/clients/test_share
check_PROGRAMS += $(SHARE_TESTS)
TESTS += $(SHARE_TESTS)
tests_clients_test_share_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_clients_test_share_LDADD = $(SHARE_LIBS)

check_PROGRAMS += tests/clients/test_direct
TESTS += tests/clients/test_direct
tests_clients_test_direct_SOURCES = \
	tests/clients/test_direct.c \
	tests/clients/direct_part.h \
	tests/clients/direct_serve.c
tests_clients_test_direct_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS) $(SPICE_CFLAGS)
tests_clients_test_direct_LDADD = tests/clients/libclient.a $(DIRECT_LIBS) $(CLIENT_LIBS) $(SPICE_LIBS)

check_PROGRAMS += tests/clients/look
tests_clients_look_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_clients_look_LDADD = tests/clients/libclient.a $(CLIENT_LIBS)

# What the tests in Python lead.
check_PROGRAMS += tests/clients/watch tests/clients/record tests/clients/relay
tests_clients_watch_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_clients_watch_LDADD = tests/clients/libclient.a $(CLIENT_LIBS) -lm
tests_clients_record_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_clients_record_LDADD = tools/bench/libfilm.a sim/libsim.a $(DECODER_LIBS) $(GLIB_LIBS) -lm
tests_clients_relay_SOURCES = tests/clients/relay.c tools/bench/link.c tools/bench/link.h
tests_clients_relay_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_clients_relay_LDADD = $(GLIB_LIBS)
endif

# BMCs on real sockets, with clients and servers of others.
check_PROGRAMS += tests/clients/bmc_ask
tests_clients_bmc_ask_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_clients_bmc_ask_LDADD = rack/libbmc.a rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS)
TESTS += tests/clients/test_bmc_peers.py
EXTRA_DIST += tests/clients/test_bmc_peers.py

shell_tests = tests/clients/test_bad_input.sh tests/clients/test_ctl.sh tests/clients/test_ctl_drives.sh \
	tests/clients/test_ctl_keys.sh \
	tests/clients/test_redfish.sh tests/clients/test_remote_viewer.sh
TESTS += $(shell_tests)
EXTRA_DIST += $(shell_tests) tests/clients/daemon.sh tests/clients/redfish_sushy.py

# In Python; they skip where no client was built.
VIEWER_PY_TESTS = tests/clients/test_viewers_stress.py tests/clients/test_audit.py tests/clients/test_console_api.py \
	tests/clients/test_display_init.py tests/clients/test_evidence.py tests/clients/test_flood.py \
	tests/clients/test_html5.py tests/clients/test_lookers.py tests/clients/test_reload.py \
	tests/clients/test_slow_links.py tests/clients/test_tickets.py tests/clients/test_viewers_apart.py \
	tests/clients/test_viewers_cap.py tests/clients/test_viewers_matrix.py tests/clients/test_viewers_pixels.py
TESTS += $(VIEWER_PY_TESTS)
EXTRA_DIST += $(VIEWER_PY_TESTS) \
	tests/clients/consoles.py tests/clients/html5_look.py tests/clients/raw_spice.py tests/clients/recordings.py \
	tests/soak/viewers
