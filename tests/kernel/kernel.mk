# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests on real kernel drivers, in a virtual machine: see tests/kernel/README.md.
EXTRA_DIST += \
	tests/kernel/README.md \
	tests/kernel/engine/Kbuild \
	tests/kernel/engine/control.c \
	tests/kernel/engine/driver.c \
	tests/kernel/engine/engine.h \
	tests/kernel/engine/frames.c \
	tests/kernel/engine/registers.c \
	tests/kernel/engine/vr.h \
	tests/kernel/lab/boot.sh \
	tests/kernel/lab/engine.sh \
	tests/kernel/lab/fetch.sh \
	tests/kernel/lab/image.sh \
	tests/kernel/lab/init \
	tests/kernel/lab/inside.sh \
	tests/kernel/lab/modules \
	tests/kernel/run

# The other end of the simulated engine, for tests to hold, and as a program.
check_LIBRARIES += tests/kernel/libengine.a
tests_kernel_libengine_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_libengine_a_SOURCES = \
	tests/kernel/engine/aspeed_engine.h \
	tests/kernel/feed.c tests/kernel/feed.h \
	tests/kernel/feed_picture.c tests/kernel/feed_picture.h
ENGINE_LIBS = tests/kernel/libengine.a sim/libsim.a

check_PROGRAMS += tests/kernel/feeder
tests_kernel_feeder_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_feeder_LDADD = $(ENGINE_LIBS) $(DECODER_LIBS) $(GLIB_LIBS)

check_PROGRAMS += tests/kernel/test_feed_picture
TESTS += tests/kernel/test_feed_picture
tests_kernel_test_feed_picture_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_feed_picture_LDADD = $(ENGINE_LIBS) $(DECODER_LIBS) $(GLIB_LIBS)

# Run inside, see suite.
KERNEL_TESTS = tests/kernel/test_engine tests/kernel/test_v4l2 tests/kernel/test_v4l2_faults tests/kernel/test_vivid
check_PROGRAMS += $(KERNEL_TESTS)
tests_kernel_test_engine_SOURCES = tests/kernel/test_engine.c tests/kernel/engine_rig.h
tests_kernel_test_engine_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_engine_LDADD = $(ENGINE_LIBS) $(DECODER_LIBS) $(GLIB_LIBS)

# capture/v4l2 on aspeed-video and on vivid.
check_LIBRARIES += tests/kernel/libeye.a
tests_kernel_libeye_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_libeye_a_SOURCES = tests/kernel/eye.c tests/kernel/eye.h
EYE_LIBS = tests/kernel/libeye.a capture/libcapture.a $(ENGINE_LIBS) $(DECODER_LIBS) $(GLIB_LIBS)
tests_kernel_test_v4l2_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_v4l2_LDADD = $(EYE_LIBS)
tests_kernel_test_v4l2_faults_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_v4l2_faults_LDADD = $(EYE_LIBS)
tests_kernel_test_vivid_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_vivid_LDADD = $(EYE_LIBS)

# The suite takes minutes, so that it is asked for by name: make check-kernel
SUITE = tests/kernel/test_kernel.sh
LONG_SUITE = tests/kernel/test_kernel_long.sh
EXTRA_DIST += $(SUITE) $(LONG_SUITE) tests/kernel/suite tests/kernel/suite_inside.sh tests/kernel/test_usbprobe.sh \
	tests/kernel/media_rig.sh tests/kernel/test_media.sh tests/kernel/test_survive.sh tests/kernel/test_trouble.sh
check-kernel: all $(check_LIBRARIES) $(check_PROGRAMS)
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=$(SUITE)
check-kernel-long: all $(check_LIBRARIES) $(check_PROGRAMS)
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=$(LONG_SUITE)

# The programs on an AST2600 board, and the rack on lesser ones, built in a Debian of its own (as root): make check-arm
ARM = tests/kernel/test_arm.sh tests/kernel/test_arm_rack.sh
EXTRA_DIST += $(ARM) \
	tests/kernel/arm_memory.sh \
	tests/kernel/arm_rig.sh \
	tests/kernel/arm_smoke.sh \
	tests/kernel/cross \
	tests/kernel/lab/board-init \
	tests/kernel/lab/board.sh \
	tests/kernel/lab/cross.sh \
	tests/kernel/run-arm \
	tests/kernel/test_arm_memory.sh
check-arm: all $(check_LIBRARIES) $(check_PROGRAMS)
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS="$(ARM)"
# What the daemons keep in memory there: figures, no test.
arm-memory: tests/clients/look tests/clients/record
	top_builddir=. top_srcdir=$(srcdir) bash $(srcdir)/tests/kernel/test_arm_memory.sh
PHONY_TARGETS += check-kernel check-kernel-long check-arm arm-memory
CLEANFILES += $(SUITE:.sh=.log) $(SUITE:.sh=.trs) $(LONG_SUITE:.sh=.log) $(LONG_SUITE:.sh=.trs) $(ARM:.sh=.log) $(ARM:.sh=.trs)

# The whole console on the kernel's drivers.
if CLIENT_TESTS
check_PROGRAMS += tests/kernel/test_console
tests_kernel_test_console_SOURCES = tests/kernel/test_console.c tests/kernel/bmc.c tests/kernel/bmc.h \
	tests/kernel/node.c tests/kernel/node.h
tests_kernel_test_console_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_kernel_test_console_LDADD = tests/clients/libclient.a $(ENGINE_LIBS) $(DECODER_LIBS) \
	$(CLIENT_LIBS) $(GLIB_LIBS) -lm
endif
