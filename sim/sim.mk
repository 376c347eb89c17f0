# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += sim/libsim.a
sim_libsim_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JPEG_CFLAGS)
sim_libsim_a_SOURCES = \
	sim/alarm.c sim/alarm.h \
	sim/bays.c sim/bays.h \
	sim/bits.c sim/bits.h \
	sim/boot.c sim/boot.h \
	sim/cable.h \
	sim/checksums.c sim/checksums.h \
	sim/desktop.h sim/desktop_paint.c \
	sim/disc.c sim/disc.h \
	sim/encoder.c sim/encoder.h sim/encoder_picture.h \
	sim/engine.c sim/engine.h \
	sim/firmware.h sim/firmware_pages.c \
	sim/grid.c sim/grid.h \
	sim/hid.c sim/hid.h \
	sim/hid_parser.c sim/hid_parser.h \
	sim/iso.c sim/iso.h sim/iso_format.c sim/iso_format.h \
	sim/jpeg_writer.c sim/jpeg_writer.h \
	sim/keymap.c sim/keymap.h sim/keymap_layouts.c \
	sim/node.c sim/node.h \
	sim/paint.c sim/paint.h \
	sim/partitions.c sim/partitions.h \
	sim/ports.c sim/ports.h \
	sim/screen.h sim/screen_console.c sim/screen_desktop.c sim/screen_firmware.c \
	sim/scsi_host.c sim/scsi_host.h sim/scsi_host_medium.c sim/scsi_host_private.h \
	sim/shell.c sim/shell.h \
	sim/storage.c sim/storage.h sim/storage_exchange.c sim/storage_private.h \
	sim/transform.c sim/transform.h \
	sim/verify.c sim/verify.h

sim_tests = \
	tests/unit/test_boot \
	tests/unit/test_bulk_only \
	tests/unit/test_disc \
	tests/unit/test_encoder \
	tests/unit/test_hid \
	tests/unit/test_iso \
	tests/unit/test_node \
	tests/unit/test_node_picture \
	tests/unit/test_storage \
	tests/unit/test_text
check_PROGRAMS += $(sim_tests)
TESTS += $(sim_tests)

tests_unit_test_hid_SOURCES = tests/unit/test_hid.c tests/unit/sim_devices.h
tests_unit_test_hid_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_hid_LDADD = sim/libsim.a $(GLIB_LIBS)

NODE_RIG = tests/unit/node_rig.h tests/unit/sim_devices.h
tests_unit_test_node_SOURCES = tests/unit/test_node.c $(NODE_RIG)
tests_unit_test_node_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_node_LDADD = sim/libsim.a $(DECODER_LIBS) $(GLIB_LIBS)
tests_unit_test_node_picture_SOURCES = tests/unit/test_node_picture.c $(NODE_RIG)
tests_unit_test_node_picture_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_node_picture_LDADD = sim/libsim.a $(DECODER_LIBS) $(GLIB_LIBS)

tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_text_LDADD = $(DECODER_LIBS) $(GLIB_LIBS)

tests_unit_test_encoder_SOURCES = tests/unit/test_encoder.c
tests_unit_test_encoder_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_encoder_LDADD = sim/libsim.a $(DECODER_LIBS) $(GLIB_LIBS)

WIRED_DRIVE = tests/unit/drive_host.c tests/unit/drive_host.h tests/unit/wired_drive.c tests/unit/wired_drive.h
WIRED_LIBS = src/libconsole.a src/libcommon.a sim/libsim.a gadget/libgadget.a $(GLIB_LIBS)
tests_unit_test_boot_SOURCES = tests/unit/test_boot.c tests/unit/disc_image.c tests/unit/disc_image.h \
	tests/unit/sim_devices.h $(WIRED_DRIVE)
tests_unit_test_boot_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_boot_LDADD = $(WIRED_LIBS) $(DECODER_LIBS)

tests_unit_test_bulk_only_SOURCES = tests/unit/test_bulk_only.c $(WIRED_DRIVE)
tests_unit_test_bulk_only_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_bulk_only_LDADD = $(WIRED_LIBS)

tests_unit_test_disc_SOURCES = tests/unit/test_disc.c
tests_unit_test_disc_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_disc_LDADD = sim/libsim.a $(GLIB_LIBS)

tests_unit_test_iso_SOURCES = tests/unit/test_iso.c tests/unit/disc_image.c tests/unit/disc_image.h
tests_unit_test_iso_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_iso_LDADD = sim/libsim.a $(GLIB_LIBS)

tests_unit_test_storage_SOURCES = tests/unit/test_storage.c $(WIRED_DRIVE)
tests_unit_test_storage_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_storage_LDADD = $(WIRED_LIBS)
