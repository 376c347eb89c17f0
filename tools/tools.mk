# SPDX-License-Identifier: LGPL-2.1-or-later
bin_PROGRAMS += tools/spicerack-decode
dist_man_MANS += man/spicerack-decode.1
tools_spicerack_decode_SOURCES = tools/spicerack_decode.c
tools_spicerack_decode_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_spicerack_decode_LDADD = capture/libcapture.a $(DECODER_LIBS) $(GLIB_LIBS)

bin_PROGRAMS += tools/spicerackctl
dist_man_MANS += man/spicerackctl.1
tools_spicerackctl_SOURCES = tools/spicerackctl.c tools/ctl_text.c tools/ctl_text.h
tools_spicerackctl_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tools_spicerackctl_LDADD = src/libconsole.a http/libhttp.a $(GLIB_LIBS) $(JSON_LIBS) $(CURL_LIBS)

TESTS += tests/unit/test_decode_tool.sh
EXTRA_DIST += tests/unit/test_decode_tool.sh

# The benchmarks are built on request: make bench
BENCHES = tools/bench/bench_decode
tools_bench_bench_decode_SOURCES = tools/bench/bench_decode.c tools/bench/scenes.c tools/bench/scenes.h
tools_bench_bench_decode_CFLAGS = $(AM_CFLAGS) $(JPEG_CFLAGS)
tools_bench_bench_decode_LDADD = sim/libsim.a decoder/libdecoder.a $(JPEG_LIBS) -lm

if CLIENT_TESTS
BENCHES += tools/bench/bench_viewer
check_LIBRARIES += tools/bench/libfilm.a
tools_bench_libfilm_a_SOURCES = tools/bench/film.c tools/bench/film.h tools/bench/scenes.c tools/bench/scenes.h
tools_bench_libfilm_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_bench_bench_viewer_SOURCES = tools/bench/bench_viewer.c
tools_bench_bench_viewer_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_bench_bench_viewer_LDADD = tools/bench/libfilm.a tests/clients/libclient.a $(CONSOLE_LIBS) $(CLIENT_LIBS)
BENCHES += tools/bench/bench_lab
tools_bench_bench_lab_SOURCES = tools/bench/bench_lab.c tests/kernel/bmc.c tests/kernel/bmc.h \
	tests/kernel/node.c tests/kernel/node.h
tools_bench_bench_lab_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tools_bench_bench_lab_LDADD = tests/clients/libclient.a $(ENGINE_LIBS) $(DECODER_LIBS) $(CLIENT_LIBS) $(GLIB_LIBS) -lm
endif
EXTRA_PROGRAMS += $(BENCHES)

bench: $(BENCHES)
.PHONY: bench
CLEANFILES += $(BENCHES)
