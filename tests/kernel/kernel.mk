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
KERNEL_TESTS = tests/kernel/test_engine
check_PROGRAMS += $(KERNEL_TESTS)
tests_kernel_test_engine_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_kernel_test_engine_LDADD = $(ENGINE_LIBS) $(DECODER_LIBS) $(GLIB_LIBS)

# The suite takes minutes, so that it is asked for by name: make check-kernel
SUITE = tests/kernel/test_kernel.sh
EXTRA_DIST += $(SUITE) tests/kernel/suite tests/kernel/suite_inside.sh tests/kernel/test_usbprobe.sh
CLEANFILES += tests/kernel/test_kernel.log tests/kernel/test_kernel.trs
check-kernel: all $(check_LIBRARIES) $(check_PROGRAMS)
	$(MAKE) $(AM_MAKEFLAGS) check-TESTS TESTS=$(SUITE)
.PHONY: check-kernel

# The whole console on the kernel's drivers.
if CLIENT_TESTS
check_PROGRAMS += tests/kernel/test_console
tests_kernel_test_console_SOURCES = tests/kernel/test_console.c tests/kernel/bmc.c tests/kernel/bmc.h \
	tests/kernel/node.c tests/kernel/node.h
tests_kernel_test_console_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tests_kernel_test_console_LDADD = tests/clients/libclient.a $(ENGINE_LIBS) $(DECODER_LIBS) $(CLIENT_LIBS) $(GLIB_LIBS) -lm
endif
