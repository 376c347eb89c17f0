# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += gadget/libgadget.a
gadget_libgadget_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(USBG_CFLAGS)
gadget_libgadget_a_SOURCES = \
	gadget/attribute.c gadget/attribute.h \
	gadget/binder.c gadget/binder.h \
	gadget/binder_port.c gadget/binder_port.h \
	gadget/bot.c gadget/bot.h gadget/bot_part.h \
	gadget/bot_resume.c \
	gadget/channel.c gadget/channel.h \
	gadget/deadline.c gadget/deadline.h \
	gadget/devices.c gadget/devices.h \
	gadget/drive.c gadget/drive.h gadget/drive_bus.h \
	gadget/drive_loan.c gadget/drive_part.h gadget/drive_resume.c \
	gadget/drive_memory.c gadget/drive_memory.h \
	gadget/fault.h \
	gadget/ffs.c gadget/ffs.h \
	gadget/ffs_aio.c gadget/ffs_aio.h \
	gadget/ffs_bulk.c gadget/ffs_bulk.h \
	gadget/ffs_bus.c gadget/ffs_bus.h \
	gadget/ffs_command.c gadget/ffs_command.h \
	gadget/gadget.c gadget/gadget.h gadget/gadget_part.h \
	gadget/gadget_same.c \
	gadget/hid_gadget.c gadget/hid_gadget.h \
	gadget/hub.c gadget/hub.h gadget/hub_part.h \
	gadget/hub_drive.c gadget/hub_status.c \
	gadget/kept.h \
	gadget/kernel_drive.c gadget/kernel_drive.h \
	gadget/keyboard.c gadget/keyboard.h \
	gadget/pointer.c gadget/pointer.h \
	gadget/report.c gadget/report.h \
	gadget/scsi.c gadget/scsi.h gadget/scsi_part.h \
	gadget/scsi_block.c gadget/scsi_config.c gadget/scsi_disc.c \
	gadget/scsi_inquiry.c gadget/scsi_mode.c gadget/scsi_sense.c \
	gadget/turn.c gadget/turn.h \
	gadget/udc.c gadget/udc.h \
	gadget/usage.h \
	gadget/view.c gadget/view.h

check_PROGRAMS += tests/unit/test_kernel_drive
TESTS += tests/unit/test_kernel_drive
tests_unit_test_kernel_drive_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_kernel_drive_LDADD = $(HUB_LIBS)
tests_unit_test_kernel_drive_SOURCES = tests/unit/test_kernel_drive.c

check_PROGRAMS += tests/unit/test_drive_memory
TESTS += tests/unit/test_drive_memory
tests_unit_test_drive_memory_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_drive_memory_LDADD = gadget/libgadget.a $(GLIB_LIBS)
tests_unit_test_drive_memory_SOURCES = tests/unit/test_drive_memory.c tests/unit/drive_host.c tests/unit/drive_host.h

check_PROGRAMS += tests/unit/test_turn tests/unit/test_ffs_command
TESTS += tests/unit/test_turn tests/unit/test_ffs_command
tests_unit_test_turn_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_turn_LDADD = gadget/libgadget.a $(GLIB_LIBS)
tests_unit_test_turn_SOURCES = tests/unit/test_turn.c

tests_unit_test_ffs_command_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_ffs_command_LDADD = gadget/libgadget.a $(GLIB_LIBS)
tests_unit_test_ffs_command_SOURCES = tests/unit/test_ffs_command.c

check_PROGRAMS += tests/unit/test_bot tests/unit/test_drive tests/unit/test_hub tests/unit/test_keyboard \
	tests/unit/test_pointer \
	tests/unit/test_scsi
TESTS += tests/unit/test_bot tests/unit/test_drive tests/unit/test_hub tests/unit/test_keyboard \
	tests/unit/test_pointer tests/unit/test_scsi

tests_unit_test_bot_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_bot_LDADD = gadget/libgadget.a $(GLIB_LIBS)
tests_unit_test_bot_SOURCES = tests/unit/test_bot.c

tests_unit_test_drive_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_drive_LDADD = gadget/libgadget.a $(GLIB_LIBS)
tests_unit_test_drive_SOURCES = tests/unit/test_drive.c tests/unit/drive_host.c tests/unit/drive_host.h

tests_unit_test_scsi_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_scsi_LDADD = gadget/libgadget.a $(GLIB_LIBS)
tests_unit_test_scsi_SOURCES = tests/unit/test_scsi.c

HUB_LIBS = gadget/libgadget.a $(USBG_LIBS) $(AIO_LIBS) $(GLIB_LIBS)
tests_unit_test_hub_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_hub_LDADD = $(HUB_LIBS)
tests_unit_test_hub_SOURCES = tests/unit/test_hub.c

tests_unit_test_keyboard_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_keyboard_LDADD = gadget/libgadget.a $(GLIB_LIBS)
tests_unit_test_keyboard_SOURCES = tests/unit/test_keyboard.c tests/unit/host.c tests/unit/host.h

tests_unit_test_pointer_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_pointer_LDADD = gadget/libgadget.a $(GLIB_LIBS)
tests_unit_test_pointer_SOURCES = tests/unit/test_pointer.c tests/unit/host.c tests/unit/host.h

# The hub on real kernel drivers: run by tests/kernel/run -- tests/run-tap PROGRAM; skipped elsewhere.
HUB_RIG = tests/kernel/node.c tests/kernel/node.h tests/kernel/rig.c tests/kernel/rig.h
HUB_TESTS = tests/kernel/test_hub tests/kernel/test_hub_input
check_PROGRAMS += $(HUB_TESTS)

tests_kernel_test_hub_input_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_hub_input_LDADD = $(HUB_LIBS)
tests_kernel_test_hub_input_SOURCES = tests/kernel/test_hub_input.c tests/kernel/keys.h $(HUB_RIG)

tests_kernel_test_hub_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_hub_LDADD = $(HUB_LIBS)
tests_kernel_test_hub_SOURCES = tests/kernel/test_hub.c $(HUB_RIG)

DRIVE_RIG = tests/kernel/drive_rig.c tests/kernel/drive_rig.h tests/kernel/node.c tests/kernel/node.h
check_PROGRAMS += tests/kernel/test_drive tests/kernel/test_drive_faults
tests_kernel_test_drive_faults_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_drive_faults_LDADD = $(HUB_LIBS)
tests_kernel_test_drive_faults_SOURCES = tests/kernel/test_drive_faults.c $(DRIVE_RIG)
tests_kernel_test_drive_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_drive_LDADD = $(HUB_LIBS)
tests_kernel_test_drive_SOURCES = tests/kernel/test_drive.c $(DRIVE_RIG)

check_PROGRAMS += tests/kernel/test_kernel_drive
tests_kernel_test_kernel_drive_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_kernel_drive_LDADD = $(HUB_LIBS)
tests_kernel_test_kernel_drive_SOURCES = tests/kernel/test_kernel_drive.c $(DRIVE_RIG)

check_PROGRAMS += tests/kernel/test_keep
tests_kernel_test_keep_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_keep_LDADD = src/libconsole.a src/libcommon.a $(HUB_LIBS)
tests_kernel_test_keep_SOURCES = tests/kernel/test_keep.c $(DRIVE_RIG)

EXTRA_PROGRAMS += tests/kernel/bench_hub
CLEANFILES += tests/kernel/bench_hub
tests_kernel_bench_hub_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_bench_hub_LDADD = $(HUB_LIBS)
tests_kernel_bench_hub_SOURCES = tests/kernel/bench_hub.c $(HUB_RIG)

EXTRA_PROGRAMS += tests/kernel/bench_drive
CLEANFILES += tests/kernel/bench_drive
tests_kernel_bench_drive_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS)
tests_kernel_bench_drive_LDADD = src/libconsole.a src/libcommon.a media/libmedia.a $(HUB_LIBS) $(CURL_LIBS)
tests_kernel_bench_drive_SOURCES = tests/kernel/bench_drive.c \
	tests/kernel/bench_host.c tests/kernel/bench_host.h \
	tools/bench/servers.c tools/bench/servers.h $(DRIVE_RIG)
