# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += spice/libspiceroom.a
spice_libspiceroom_a_SOURCES = \
	spice/blank.c spice/blank.h \
	spice/bridge.c spice/bridge.h spice/bridge_part.h \
	spice/bridge_before.c spice/bridge_flow.c \
	spice/connection.c \
	spice/core.c spice/core.h \
	spice/direct_client.c spice/direct_client.h \
	spice/direct_updates.c spice/direct_updates.h \
	spice/display.h \
	spice/display_direct.c spice/display_direct.h \
	spice/display_library.c spice/display_library.h \
	spice/door.c spice/door.h \
	spice/drawable.c spice/drawable.h \
	spice/endpoint.c spice/endpoint.h \
	spice/framing.c spice/framing.h \
	spice/greeting.c spice/greeting.h \
	spice/hands.c spice/hands.h \
	spice/huffman.c spice/huffman.h \
	spice/inputs.c spice/inputs.h \
	spice/keepalive.c spice/keepalive.h \
	spice/limits.c spice/limits.h \
	spice/link.c spice/link.h \
	spice/listener.c spice/listener.h spice/listener_part.h \
	spice/listener_configure.c \
	spice/lockout.c spice/lockout.h \
	spice/loopback.c spice/loopback.h \
	spice/origin.c spice/origin.h \
	spice/outer.c spice/outer.h \
	spice/pace.c spice/pace.h \
	spice/password.c spice/password.h \
	spice/peer.c spice/peer.h \
	spice/redirect.c spice/redirect.h \
	spice/refusal.c spice/refusal.h \
	spice/region.c spice/region.h \
	spice/scancode.c spice/scancode.h \
	spice/secrets.c spice/secrets.h \
	spice/tls.c spice/tls.h \
	spice/unseen.c spice/unseen.h \
	spice/viewer.c spice/viewer.h spice/viewer_part.h \
	spice/viewer_doors.c \
	spice/viewers.c spice/viewers.h spice/viewers_part.h \
	spice/viewers_judge.c \
	spice/viewers_seat.c \
	spice/websocket.c spice/websocket.h \
	spice/wire.c spice/wire.h
spice_libspiceroom_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SPICE_CFLAGS) $(SSL_CFLAGS)

SPICE_UNIT_TESTS = tests/unit/test_bridge tests/unit/test_bridge_websocket tests/unit/test_framing \
	tests/unit/test_greeting tests/unit/test_hands tests/unit/test_limits tests/unit/test_listener \
	tests/unit/test_listener_flood tests/unit/test_listener_places tests/unit/test_listener_secure \
	tests/unit/test_origin tests/unit/test_password tests/unit/test_tls tests/unit/test_websocket \
	tests/unit/test_region tests/unit/test_scancode tests/unit/test_secrets
LISTENER_RIG = tests/unit/listener_rig.c tests/unit/listener_rig.h
check_PROGRAMS += $(SPICE_UNIT_TESTS)
TESTS += $(SPICE_UNIT_TESTS)
tests_unit_test_scancode_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_scancode_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
tests_unit_test_region_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_region_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
tests_unit_test_listener_SOURCES = tests/unit/test_listener.c $(LISTENER_RIG)
tests_unit_test_listener_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_hands_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_hands_LDADD = spice/libspiceroom.a $(GLIB_LIBS)

# A display channel by hand, at both ends.
check_LIBRARIES += tests/unit/librawdisplay.a
tests_unit_librawdisplay_a_SOURCES = \
	tests/unit/direct_stand.c tests/unit/direct_stand.h \
	tests/unit/jpeg_coder.c tests/unit/jpeg_coder.h \
	tests/unit/raw_display.c tests/unit/raw_display.h
tests_unit_librawdisplay_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SPICE_CFLAGS) $(SSL_CFLAGS) $(JPEG_CFLAGS)
DIRECT_LIBS = tests/unit/librawdisplay.a spice/libspiceroom.a $(SSL_LIBS) $(JPEG_LIBS) $(GLIB_LIBS) -lm
DIRECT_TESTS = tests/unit/test_door tests/unit/test_link tests/unit/test_wire tests/unit/test_direct_client tests/unit/test_display_direct
check_PROGRAMS += $(DIRECT_TESTS)
TESTS += $(DIRECT_TESTS)
tests_unit_test_door_SOURCES = tests/unit/test_door.c tests/unit/door_library.c tests/unit/door_library.h
tests_unit_test_door_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SPICE_CFLAGS)
tests_unit_test_door_LDADD = $(DIRECT_LIBS)
tests_unit_test_link_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SPICE_CFLAGS)
tests_unit_test_link_LDADD = $(DIRECT_LIBS)
tests_unit_test_wire_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SPICE_CFLAGS)
tests_unit_test_wire_LDADD = $(DIRECT_LIBS)
tests_unit_test_display_direct_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SPICE_CFLAGS)
tests_unit_test_display_direct_LDADD = $(DIRECT_LIBS)
tests_unit_test_listener_LDADD = spice/libspiceroom.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_listener_flood_SOURCES = tests/unit/test_listener_flood.c $(LISTENER_RIG)
tests_unit_test_listener_flood_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_listener_flood_LDADD = spice/libspiceroom.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_listener_secure_SOURCES = tests/unit/test_listener_secure.c tests/unit/bridge_rig.c \
	tests/unit/bridge_rig.h $(LISTENER_RIG)
tests_unit_test_listener_secure_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SSL_CFLAGS)
tests_unit_test_listener_secure_LDADD = spice/libspiceroom.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_listener_places_SOURCES = tests/unit/test_listener_places.c $(LISTENER_RIG)
tests_unit_test_listener_places_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_listener_places_LDADD = spice/libspiceroom.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_greeting_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_greeting_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
tests_unit_test_limits_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_limits_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
tests_unit_test_password_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_password_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
tests_unit_test_secrets_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_secrets_LDADD = spice/libspiceroom.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_origin_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_origin_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
tests_unit_test_websocket_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_websocket_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
tests_unit_test_framing_SOURCES = tests/unit/test_framing.c tests/unit/spice_words.h
tests_unit_test_framing_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_framing_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
BRIDGE_RIG = tests/unit/bridge_rig.c tests/unit/bridge_rig.h tests/unit/spice_words.h
tests_unit_test_bridge_SOURCES = tests/unit/test_bridge.c $(BRIDGE_RIG)
tests_unit_test_bridge_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SSL_CFLAGS)
tests_unit_test_bridge_LDADD = spice/libspiceroom.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_bridge_websocket_SOURCES = tests/unit/test_bridge_websocket.c $(BRIDGE_RIG)
tests_unit_test_bridge_websocket_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SSL_CFLAGS)
tests_unit_test_bridge_websocket_LDADD = spice/libspiceroom.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_tls_SOURCES = tests/unit/test_tls.c $(BRIDGE_RIG)
tests_unit_test_tls_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SSL_CFLAGS)
tests_unit_test_tls_LDADD = spice/libspiceroom.a $(SSL_LIBS) $(GLIB_LIBS)
tests_unit_test_direct_client_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SPICE_CFLAGS)
tests_unit_test_direct_client_LDADD = $(DIRECT_LIBS)
