# SPDX-License-Identifier: LGPL-2.1-or-later
# All targets are in two programs: replay runs the committed corpora in make check, with any compiler; fuzz has
# libFuzzer and runs one target on request (configure CC=clang --enable-fuzzing; make fuzz, or one of those that make
# fuzz-list prints). A new target wants its file here, a line in targets.h and a folder in corpus.
FUZZ_FILES = \
	tests/fuzz/fuzz_ajpg.c \
	tests/fuzz/fuzz_answer.c \
	tests/fuzz/fuzz_bmc.c \
	tests/fuzz/fuzz_bmc_lan.c \
	tests/fuzz/fuzz_client.c \
	tests/fuzz/fuzz_config.c \
	tests/fuzz/fuzz_display.c \
	tests/fuzz/fuzz_door.c \
	tests/fuzz/fuzz_events.c \
	tests/fuzz/fuzz_framing.c \
	tests/fuzz/fuzz_greeting.c \
	tests/fuzz/fuzz_hid.c \
	tests/fuzz/fuzz_holder.c \
	tests/fuzz/fuzz_image.c \
	tests/fuzz/fuzz_ipmi.c \
	tests/fuzz/fuzz_iso.c \
	tests/fuzz/fuzz_jpeg.c \
	tests/fuzz/fuzz_lan15.c \
	tests/fuzz/fuzz_link.c \
	tests/fuzz/fuzz_medium.c \
	tests/fuzz/fuzz_memcache.c \
	tests/fuzz/fuzz_presence.c \
	tests/fuzz/fuzz_rack_config.c \
	tests/fuzz/fuzz_raw.c \
	tests/fuzz/fuzz_recording.c \
	tests/fuzz/fuzz_redfish.c \
	tests/fuzz/fuzz_rmcp.c \
	tests/fuzz/fuzz_route.c \
	tests/fuzz/fuzz_scancode.c \
	tests/fuzz/fuzz_scsi.c \
	tests/fuzz/fuzz_sel.c \
	tests/fuzz/fuzz_session.c \
	tests/fuzz/fuzz_sim_bmc.c \
	tests/fuzz/fuzz_typing.c \
	tests/fuzz/fuzz_upgrade.c \
	tests/fuzz/fuzz_usb.c \
	tests/fuzz/fuzz_websocket.c
FUZZ_TARGETS = $(FUZZ_FILES:tests/fuzz/fuzz_%.c=fuzz-%)
# rack/libipmi.a is named again for the network side of the simulated BMCs, which stands on it.
FUZZ_LIBS = tests/fuzz/libtargets.a tools/libctl.a tools/libholder.a tools/libusbprobe.a src/librack.a \
	rack/libbmc.a rack/libcontrol.a rack/libhwmon.a rack/libipmi.a rack/libmemcache.a rack/libreadings.a \
	sim/libbmclan.a sim/librack.a sim/libplant.a rack/libipmi.a $(CONSOLE_LIBS) $(SSL_LIBS)
FUZZ_SECONDS = 60
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/make_corpus.py tests/fuzz/run

check_LIBRARIES += tests/fuzz/libtargets.a
tests_fuzz_libtargets_a_SOURCES = $(FUZZ_FILES) \
	tests/fuzz/channel.c tests/fuzz/channel.h tests/fuzz/frames.h tests/fuzz/targets.h \
	tests/unit/command_bmc.c tests/unit/command_bmc.h \
	tests/unit/door_library.c tests/unit/door_library.h
tests_fuzz_libtargets_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(SPICE_CFLAGS) $(JSON_CFLAGS) $(REDIR_CFLAGS)

check_PROGRAMS += tests/fuzz/replay
TESTS += tests/fuzz/replay
tests_fuzz_replay_LDADD = $(FUZZ_LIBS)

EXTRA_PROGRAMS += tests/fuzz/fuzz
CLEANFILES += tests/fuzz/fuzz
tests_fuzz_fuzz_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
tests_fuzz_fuzz_LDADD = $(FUZZ_LIBS)

fuzz-list:
	@for target in $(FUZZ_TARGETS); do echo $$target; done
if FUZZING
fuzz: $(FUZZ_TARGETS)
$(FUZZ_TARGETS): tests/fuzz/fuzz
	$(AM_V_at)top_srcdir='$(abs_top_srcdir)' $(SHELL) $(srcdir)/tests/fuzz/run $@ $(FUZZ_SECONDS)
else
fuzz:
	@echo "make fuzz needs libFuzzer: configure CC=clang --enable-fuzzing, best in a folder of its own"; exit 1
endif
fuzz-clean:
	rm -rf tests/fuzz/found tests/fuzz/grown
	rm -f tests/fuzz/fuzz-*.log
clean-local: fuzz-clean
PHONY_TARGETS += fuzz fuzz-list fuzz-clean $(FUZZ_TARGETS)
