# SPDX-License-Identifier: LGPL-2.1-or-later
BENCHES =
BENCH_PARTS =

if CONSOLE
bin_PROGRAMS += tools/spicerack-decode
dist_man_MANS += man/spicerack-decode.1
tools_spicerack_decode_SOURCES = tools/spicerack_decode.c
tools_spicerack_decode_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_spicerack_decode_LDADD = capture/libcapture.a $(DECODER_LIBS) $(GLIB_LIBS)
endif

bin_PROGRAMS += tools/spicerackctl
dist_man_MANS += man/spicerackctl.1
tools_spicerackctl_SOURCES = tools/spicerackctl.c \
	tools/ctl_ask.c tools/ctl_ask.h \
	tools/ctl_command.c tools/ctl_command.h \
	tools/ctl_console.c tools/ctl_console.h \
	tools/ctl_control.c tools/ctl_control.h \
	tools/ctl_drives.c tools/ctl_drives.h \
	tools/ctl_drives_text.c tools/ctl_drives_text.h \
	tools/ctl_events.c tools/ctl_events.h \
	tools/ctl_evidence.c tools/ctl_evidence.h \
	tools/ctl_keys.c tools/ctl_keys.h \
	tools/ctl_options.c tools/ctl_options.h \
	tools/ctl_password.c tools/ctl_password.h \
	tools/ctl_rack.c tools/ctl_rack.h \
	tools/ctl_rack_text.c tools/ctl_rack_text.h \
	tools/ctl_secret.c tools/ctl_secret.h \
	tools/ctl_text.c tools/ctl_text.h \
	tools/ctl_ticket.c tools/ctl_ticket.h \
	tools/ctl_viewers_text.c tools/ctl_viewers_text.h
tools_spicerackctl_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
# Its pure part is a library for the tests.
noinst_LIBRARIES += tools/libctl.a
tools_libctl_a_SOURCES = tools/event_stream.c tools/event_stream.h
tools_libctl_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = tools/completion/spicerackctl
TESTS += tests/unit/test_completion.sh
EXTRA_DIST += tests/unit/test_completion.sh
tools_spicerackctl_LDADD = tools/libctl.a src/libcommon.a http/libhttp.a $(GLIB_LIBS) $(JSON_LIBS) $(CURL_LIBS)

if CONSOLE
TESTS += tests/unit/test_decode_tool.sh
EXTRA_DIST += tests/unit/test_decode_tool.sh

# Plain C: it stays in memory for as long as the daemon is to live.
bin_PROGRAMS += tools/spicerack-holder
dist_man_MANS += man/spicerack-holder.8
noinst_LIBRARIES += tools/libholder.a
tools_libholder_a_SOURCES = tools/holder_store.c tools/holder_store.h
tools_libholder_a_CFLAGS = $(AM_CFLAGS)
tools_spicerack_holder_SOURCES = tools/holder.c
tools_spicerack_holder_CFLAGS = $(AM_CFLAGS)
tools_spicerack_holder_LDADD = tools/libholder.a
check_PROGRAMS += tests/unit/test_holder
TESTS += tests/unit/test_holder
tests_unit_test_holder_SOURCES = tests/unit/test_holder.c
tests_unit_test_holder_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_holder_LDADD = src/libconsole.a src/libcommon.a tools/libholder.a $(GLIB_LIBS)

# Its pure parts are a library for the tests.
bin_PROGRAMS += tools/spicerack-usbprobe
dist_man_MANS += man/spicerack-usbprobe.1
noinst_LIBRARIES += tools/libusbprobe.a
tools_libusbprobe_a_SOURCES = \
	tools/usbprobe/checks.c tools/usbprobe/checks_hid.c tools/usbprobe/checks.h \
	tools/usbprobe/descriptors.c tools/usbprobe/descriptors.h \
	tools/usbprobe/findings.c tools/usbprobe/findings.h \
	tools/usbprobe/print.c tools/usbprobe/print.h \
	tools/usbprobe/probe.c tools/usbprobe/probe.h
tools_libusbprobe_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tools_spicerack_usbprobe_SOURCES = \
	tools/usbprobe/main.c \
	tools/usbprobe/choice.c tools/usbprobe/choice.h \
	tools/usbprobe/fetch.c tools/usbprobe/fetch.h \
	tools/usbprobe/watch.c tools/usbprobe/watch.h
tools_spicerack_usbprobe_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(USB_CFLAGS)
tools_spicerack_usbprobe_LDADD = tools/libusbprobe.a sim/libsim.a $(GLIB_LIBS) $(JSON_LIBS) $(USB_LIBS)
check_PROGRAMS += tests/unit/test_descriptors tests/unit/test_usbprobe
TESTS += tests/unit/test_descriptors tests/unit/test_usbprobe
tests_unit_test_descriptors_SOURCES = tests/unit/test_descriptors.c tests/unit/usbprobe_rig.h
tests_unit_test_descriptors_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_descriptors_LDADD = tools/libusbprobe.a sim/libsim.a gadget/libgadget.a $(GLIB_LIBS) $(JSON_LIBS)
tests_unit_test_usbprobe_SOURCES = tests/unit/test_usbprobe.c tests/unit/usbprobe_rig.h
tests_unit_test_usbprobe_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_usbprobe_LDADD = tools/libusbprobe.a sim/libsim.a gadget/libgadget.a $(GLIB_LIBS) $(JSON_LIBS)

# The benchmarks are built on request: make bench
BENCHES += tools/bench/bench_decode
tools_bench_bench_decode_SOURCES = tools/bench/bench_decode.c tools/bench/bench_blocks.c tools/bench/bench_blocks.h \
	tools/bench/cpu.h tools/bench/scenes.c tools/bench/scenes.h
tools_bench_bench_decode_CFLAGS = $(AM_CFLAGS) $(JPEG_CFLAGS)
tools_bench_bench_decode_LDADD = sim/libsim.a decoder/libdecoder.a $(JPEG_LIBS) -lm

BENCHES += tools/bench/bench_media
tools_bench_bench_media_SOURCES = tools/bench/bench_media.c tools/bench/link.c tools/bench/link.h \
	tools/bench/servers.c tools/bench/servers.h
tools_bench_bench_media_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(CURL_CFLAGS)
tools_bench_bench_media_LDADD = media/libmedia.a $(CURL_LIBS) $(GLIB_LIBS)

BENCHES += tools/bench/bench_screenshot
tools_bench_bench_screenshot_SOURCES = tools/bench/bench_screenshot.c tools/bench/cpu.h \
	tools/bench/scenes.c tools/bench/scenes.h
tools_bench_bench_screenshot_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_bench_bench_screenshot_LDADD = src/libconsole.a src/libcommon.a sim/libsim.a decoder/libdecoder.a \
	$(GLIB_LIBS) $(JPEG_LIBS) -lm

if CLIENT_TESTS
BENCHES += tools/bench/bench_viewer
check_LIBRARIES += tools/bench/libfilm.a
tools_bench_libfilm_a_SOURCES = \
	tools/bench/board.c tools/bench/board.h \
	tools/bench/film.c tools/bench/film.h \
	tools/bench/film_play.c tools/bench/film_play.h \
	tools/bench/scenes.c tools/bench/scenes.h
tools_bench_libfilm_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_bench_bench_viewer_SOURCES = tools/bench/bench_viewer.c \
	tools/bench/link.c tools/bench/link.h \
	tools/bench/viewer_callgrind.c \
	tools/bench/feed.h \
	tools/bench/viewer_figures.c \
	tools/bench/viewer_http.c \
	tools/bench/viewer_parts.h \
	tools/bench/viewer_peers.c \
	tools/bench/viewer_settings.c \
	tools/bench/viewer_table.c \
	tools/bench/viewer_watch.c
tools_bench_bench_viewer_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_bench_bench_viewer_LDADD = tools/bench/libfilm.a tests/clients/libclient.a $(CONSOLE_LIBS) $(CLIENT_LIBS)
EXTRA_DIST += tools/bench/bench_api.py
BENCHES += tools/bench/bench_console
tools_bench_bench_console_SOURCES = tools/bench/bench_console.c
tools_bench_bench_console_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_bench_bench_console_LDADD = tools/bench/libfilm.a $(CONSOLE_LIBS)

# What servers of others are shown with; bench_viewer says so where one is missing.
EXTRA_DIST += tools/bench/fake_video.c
BENCH_PARTS += tools/bench/fake_video.so
tools/bench/fake_video.so: $(srcdir)/tools/bench/fake_video.c $(srcdir)/tools/bench/feed.h
	$(AM_V_CC)$(CC) $(DEFS) $(DEFAULT_INCLUDES) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) -D_GNU_SOURCE -U_FORTIFY_SOURCE \
		-fno-sanitize=all -fPIC -shared -o $@ $(srcdir)/tools/bench/fake_video.c
if PEER_X11
BENCHES += tools/bench/peer_put
tools_bench_peer_put_SOURCES = tools/bench/peer_put.c
tools_bench_peer_put_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(X11_CFLAGS)
tools_bench_peer_put_LDADD = tools/bench/libfilm.a sim/libsim.a $(DECODER_LIBS) $(X11_LIBS) $(GLIB_LIBS) -lm
endif
if PEER_VNC
BENCHES += tools/bench/peer_vnc
tools_bench_peer_vnc_SOURCES = tools/bench/peer_vnc.c
tools_bench_peer_vnc_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(VNC_CFLAGS)
tools_bench_peer_vnc_LDADD = tools/bench/libfilm.a $(DECODER_LIBS) $(VNC_LIBS) $(GLIB_LIBS) -lm
endif

BENCHES += tools/bench/bench_disc
tools_bench_bench_disc_SOURCES = tools/bench/bench_disc.c tools/bench/link.c tools/bench/link.h
tools_bench_bench_disc_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_bench_bench_disc_LDADD = $(SHARE_LIBS)
BENCHES += tools/bench/bench_lab
tools_bench_bench_lab_SOURCES = tools/bench/bench_lab.c tests/kernel/bmc.c tests/kernel/bmc.h \
	tests/kernel/node.c tests/kernel/node.h
tools_bench_bench_lab_CFLAGS = $(AM_CFLAGS) $(CLIENT_CFLAGS)
tools_bench_bench_lab_LDADD = tests/clients/libclient.a $(ENGINE_LIBS) $(DECODER_LIBS) $(CLIENT_LIBS) $(GLIB_LIBS) -lm
endif
endif

if RACK
# Not installed: scenarios for who works on the controllers.
noinst_PROGRAMS += tools/rack-sim
tools_rack_sim_SOURCES = tools/rack_sim.c \
	tools/rack_sim_plot.c tools/rack_sim_plot.h \
	tools/rack_sim_run.c tools/rack_sim_run.h
tools_rack_sim_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_rack_sim_LDADD = sim/librack.a sim/libplant.a rack/libcontrol.a $(GLIB_LIBS)
TESTS += tests/unit/test_rack_sim.sh
EXTRA_DIST += tests/unit/test_rack_sim.sh

# It wants tests/unit/bmc_farm beside it.
BENCHES += tools/bench/bench_bmc
tools_bench_bench_bmc_SOURCES = tools/bench/bench_bmc.c tools/bench/bmc_count.c tools/bench/bmc_count.h \
	tests/unit/bmc_poller.c tests/unit/bmc_poller.h
tools_bench_bench_bmc_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tools_bench_bench_bmc_LDADD = rack/libbmc.a rack/libipmi.a $(SSL_LIBS) $(GLIB_LIBS) -lm
BENCH_PARTS += tests/unit/bmc_farm
# So does this one, with the programs.
EXTRA_DIST += tools/bench/bench_rack.py
endif
EXTRA_PROGRAMS += $(BENCHES)

bench: $(BENCHES) $(BENCH_PARTS)
PHONY_TARGETS += bench
CLEANFILES += $(BENCHES) $(BENCH_PARTS)
