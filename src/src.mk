# SPDX-License-Identifier: LGPL-2.1-or-later
bin_PROGRAMS += spicerack-console

noinst_LIBRARIES += src/libconsole.a
src_libconsole_a_CPPFLAGS = $(AM_CPPFLAGS) -DSYSCONFDIR='"$(sysconfdir)"' \
	-DRUNSTATEDIR='"$(runstatedir)"'
src_libconsole_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
src_libconsole_a_SOURCES = \
	src/audience.c src/audience.h \
	src/audit.c src/audit.h \
	src/card.c src/card.h \
	src/check.c src/check.h src/check_part.h \
	src/check_devices.c \
	src/check_drives.c \
	src/check_kernel.c \
	src/check_ports.c \
	src/coder.c src/coder.h \
	src/console.c src/console.h \
	src/console_config.c src/console_config.h \
	src/console_front.c src/console_front.h \
	src/console_keys.c \
	src/console_metrics.c src/console_metrics.h \
	src/console_reload.c src/console_reload.h \
	src/console_routes.c src/console_routes.h \
	src/control.c src/control.h \
	src/control_routes.c src/control_routes.h \
	src/drives.c src/drives.h \
	src/drives_config.c src/drives_config.h \
	src/drives_routes.c src/drives_routes.h \
	src/drives_words.c \
	src/evidence.c src/evidence.h \
	src/evidence_routes.c src/evidence_routes.h \
	src/feed.c src/feed.h \
	src/heap.c src/heap.h \
	src/hold.c src/hold.h \
	src/input.c src/input.h \
	src/kernel_slot.c src/kernel_slot.h \
	src/keys.c src/keys.h \
	src/keys_routes.c src/keys_routes.h \
	src/layout.c src/layout.h src/layout_part.h \
	src/layout_tables.c \
	src/look.c src/look.h \
	src/matroska.c src/matroska.h \
	src/medium.c src/medium.h \
	src/medium_place.c src/medium_place.h \
	src/memory.c src/memory.h \
	src/news.c src/news.h \
	src/node.c src/node.h src/node_part.h \
	src/node_cables.c src/node_cables.h \
	src/node_hub.c src/node_sim.c \
	src/quality.c src/quality.h \
	src/rate.c src/rate.h \
	src/recording.c src/recording.h \
	src/recording_file.c src/recording_file.h \
	src/recording_save.c src/recording_save.h \
	src/redfish.c src/redfish.h src/redfish_part.h \
	src/redfish_answer.c \
	src/redfish_body.c src/redfish_body.h \
	src/redfish_media.c \
	src/redfish_root.c \
	src/redfish_session.c \
	src/redfish_system.c \
	src/redfish_wait.c \
	src/reel.c src/reel.h \
	src/screen.c src/screen.h \
	src/screenshot.c src/screenshot.h \
	src/shared_disc.c src/shared_disc.h \
	src/slot.c src/slot.h src/slot_part.h \
	src/slot_again.c \
	src/slot_record.c src/slot_record.h \
	src/slot_status.c \
	src/status.c src/status.h \
	src/steering.c src/steering.h \
	src/still.c src/still.h \
	src/survival.c src/survival.h \
	src/ticket.c src/ticket.h \
	src/tickets_routes.c src/tickets_routes.h \
	src/typing.c src/typing.h src/typing_part.h \
	src/typing_chords.c \
	src/typist.c src/typist.h \
	src/wire_bus.c src/wire_bus.h
CONSOLE_LIBS = src/libconsole.a src/libcommon.a sim/libsim.a capture/libcapture.a gadget/libgadget.a \
	media/libmedia.a spice/libspiceroom.a decoder/libdecoder.a $(HTTP_LIBS) $(CURL_LIBS) $(REDIR_LIBS) \
	$(SPICE_LIBS) $(SSL_LIBS) $(GLIB_LIBS) $(USBG_LIBS) $(AIO_LIBS) $(JPEG_LIBS) -lm

spicerack_console_SOURCES = src/console_main.c
spicerack_console_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
spicerack_console_LDADD = $(CONSOLE_LIBS)

check_PROGRAMS += tests/unit/test_audit
TESTS += tests/unit/test_audit
tests_unit_test_audit_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_audit_LDADD = src/libconsole.a src/libcommon.a $(JSON_LIBS) $(GLIB_LIBS)
tests_unit_test_audit_SOURCES = tests/unit/test_audit.c

CONFIG_TESTS = tests/unit/test_config tests/unit/test_config_sockets
check_PROGRAMS += $(CONFIG_TESTS)
TESTS += $(CONFIG_TESTS)

tests_unit_test_config_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_config_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS)
tests_unit_test_config_SOURCES = tests/unit/test_config.c
tests_unit_test_config_sockets_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_config_sockets_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS)
tests_unit_test_config_sockets_SOURCES = tests/unit/test_config_sockets.c

check_PROGRAMS += tests/unit/test_console_reload
TESTS += tests/unit/test_console_reload
tests_unit_test_console_reload_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_console_reload_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS)
tests_unit_test_console_reload_SOURCES = tests/unit/test_console_reload.c

check_PROGRAMS += tests/unit/test_ticket
TESTS += tests/unit/test_ticket
tests_unit_test_ticket_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_ticket_LDADD = src/libconsole.a src/libcommon.a spice/libspiceroom.a $(SSL_LIBS) $(GLIB_LIBS)

CHECK_TESTS = tests/unit/test_check tests/unit/test_check_drives
CHECK_RIG = tests/unit/check_rig.c tests/unit/check_rig.h
CHECK_LIBS = src/libconsole.a src/libcommon.a spice/libspiceroom.a gadget/libgadget.a \
	$(HTTP_LIBS) $(SSL_LIBS) $(GLIB_LIBS)
check_PROGRAMS += $(CHECK_TESTS) tests/unit/test_rate
TESTS += $(CHECK_TESTS) tests/unit/test_rate
tests_unit_test_check_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_check_LDADD = $(CHECK_LIBS)
tests_unit_test_check_SOURCES = tests/unit/test_check.c $(CHECK_RIG)
tests_unit_test_check_drives_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_check_drives_LDADD = $(CHECK_LIBS)
tests_unit_test_check_drives_SOURCES = tests/unit/test_check_drives.c $(CHECK_RIG)
tests_unit_test_rate_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_rate_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS)
tests_unit_test_rate_SOURCES = tests/unit/test_rate.c

check_LIBRARIES += tests/unit/libdrivesrig.a
tests_unit_libdrivesrig_a_SOURCES = \
	tests/unit/drives_rig.c tests/unit/drives_rig.h \
	tests/unit/drive_host.c tests/unit/drive_host.h
tests_unit_libdrivesrig_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
DRIVES_LIBS = tests/unit/libdrivesrig.a src/libconsole.a src/libcommon.a media/libmedia.a gadget/libgadget.a \
	$(USBG_LIBS) $(JSON_LIBS) $(CURL_LIBS) $(GLIB_LIBS)
DRIVES_TESTS = tests/unit/test_drives tests/unit/test_drives_web tests/unit/test_kernel_slot tests/unit/test_medium
check_PROGRAMS += $(DRIVES_TESTS)
TESTS += $(DRIVES_TESTS)
tests_unit_test_drives_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_drives_LDADD = $(DRIVES_LIBS)
tests_unit_test_drives_SOURCES = tests/unit/test_drives.c
tests_unit_test_drives_web_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_drives_web_LDADD = $(DRIVES_LIBS)
tests_unit_test_drives_web_SOURCES = tests/unit/test_drives_web.c tests/unit/web_host.c tests/unit/web_host.h
tests_unit_test_kernel_slot_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_kernel_slot_LDADD = $(DRIVES_LIBS)
tests_unit_test_kernel_slot_SOURCES = tests/unit/test_kernel_slot.c
tests_unit_test_medium_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_medium_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS)
tests_unit_test_medium_SOURCES = tests/unit/test_medium.c

check_PROGRAMS += tests/unit/test_hold
TESTS += tests/unit/test_hold
tests_unit_test_hold_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_hold_LDADD = src/libconsole.a $(GLIB_LIBS)
tests_unit_test_hold_SOURCES = tests/unit/test_hold.c

check_PROGRAMS += tests/unit/test_quality
TESTS += tests/unit/test_quality
tests_unit_test_quality_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_quality_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS)
tests_unit_test_quality_SOURCES = tests/unit/test_quality.c

KEYS_TESTS = tests/unit/test_keys tests/unit/test_layout tests/unit/test_layout_xkb tests/unit/test_typing tests/unit/test_typist
KEYS_LIBS = src/libconsole.a src/libcommon.a gadget/libgadget.a $(GLIB_LIBS)
check_PROGRAMS += $(KEYS_TESTS)
TESTS += $(KEYS_TESTS)
tests_unit_test_keys_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_keys_LDADD = $(CONSOLE_LIBS)
tests_unit_test_layout_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_layout_LDADD = $(KEYS_LIBS)
tests_unit_test_layout_xkb_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_layout_xkb_LDADD = $(KEYS_LIBS)
tests_unit_test_layout_xkb_SOURCES = tests/unit/test_layout_xkb.c
if HAVE_XKB
tests_unit_test_layout_xkb_CFLAGS += $(XKB_CFLAGS) -DWITH_XKB
tests_unit_test_layout_xkb_LDADD += $(XKB_LIBS)
tests_unit_test_layout_xkb_SOURCES += tests/unit/xkb_host.c tests/unit/xkb_host.h
else
EXTRA_DIST += tests/unit/xkb_host.c tests/unit/xkb_host.h
endif
tests_unit_test_typing_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_typing_LDADD = $(KEYS_LIBS)
tests_unit_test_typist_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_typist_LDADD = $(KEYS_LIBS)

check_PROGRAMS += tests/unit/test_steering
TESTS += tests/unit/test_steering
tests_unit_test_steering_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_steering_LDADD = $(CONSOLE_LIBS)
tests_unit_test_steering_SOURCES = tests/unit/test_steering.c

check_PROGRAMS += tests/unit/test_power tests/unit/test_redfish_body
TESTS += tests/unit/test_power tests/unit/test_redfish_body
tests_unit_test_power_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_power_LDADD = src/libcommon.a $(GLIB_LIBS)
tests_unit_test_power_SOURCES = tests/unit/test_power.c
tests_unit_test_redfish_body_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_redfish_body_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS) $(JSON_LIBS)
tests_unit_test_redfish_body_SOURCES = tests/unit/test_redfish_body.c

RECORDING_TESTS = tests/unit/test_matroska tests/unit/test_recording tests/unit/test_recording_file tests/unit/test_reel
check_PROGRAMS += $(RECORDING_TESTS)
TESTS += $(RECORDING_TESTS)
tests_unit_test_matroska_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JPEG_CFLAGS)
tests_unit_test_matroska_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS) $(JPEG_LIBS)
tests_unit_test_matroska_SOURCES = tests/unit/test_matroska.c tests/unit/mkv.c tests/unit/mkv.h
tests_unit_test_recording_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JPEG_CFLAGS)
tests_unit_test_recording_LDADD = src/libconsole.a src/libcommon.a decoder/libdecoder.a $(GLIB_LIBS) $(JPEG_LIBS) -lm
tests_unit_test_recording_SOURCES = tests/unit/test_recording.c tests/unit/mkv.c tests/unit/mkv.h \
	tests/unit/twin.c tests/unit/twin.h tests/unit/vectors.c tests/unit/vectors.h
tests_unit_test_recording_file_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_recording_file_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS)
tests_unit_test_recording_file_SOURCES = tests/unit/test_recording_file.c tests/unit/mkv.c tests/unit/mkv.h
tests_unit_test_reel_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_reel_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS)
tests_unit_test_reel_SOURCES = tests/unit/test_reel.c

check_PROGRAMS += tests/unit/test_memory tests/unit/test_slot_record
TESTS += tests/unit/test_memory tests/unit/test_slot_record
tests_unit_test_slot_record_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_slot_record_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS) $(JSON_LIBS)
tests_unit_test_slot_record_SOURCES = tests/unit/test_slot_record.c
tests_unit_test_memory_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_memory_LDADD = src/libconsole.a src/libcommon.a $(GLIB_LIBS)
tests_unit_test_memory_SOURCES = tests/unit/test_memory.c

dist_man_MANS += man/spicerack-console.8
dist_doc_DATA += packaging/console.conf.example packaging/aspeed-evb.conf packaging/development.conf \
	packaging/60-spicerack.rules packaging/spicerack-console.service \
	packaging/spicerack-console.socket
