# SPDX-License-Identifier: LGPL-2.1-or-later
# Each target is built twice: fuzz_TARGET with libFuzzer, on request (configure CC=clang --enable-fuzzing; make fuzz,
# or one of those that make fuzz-list prints), and replay_TARGET, which runs the committed corpus in make check, with
# any compiler.
FUZZ_TARGETS = fuzz-ajpg fuzz-answer fuzz-config fuzz-hid fuzz-image fuzz-jpeg fuzz-raw fuzz-recording fuzz-route fuzz-scancode fuzz-scsi fuzz-usb fuzz-medium fuzz-iso fuzz-client fuzz-redfish fuzz-holder
FUZZ_SECONDS = 60
EXTRA_DIST += tests/fuzz/make_corpus.py tests/fuzz/run

EXTRA_PROGRAMS += tests/fuzz/fuzz_ajpg
tests_fuzz_fuzz_ajpg_SOURCES = tests/fuzz/fuzz_ajpg.c tests/fuzz/frames.h
tests_fuzz_fuzz_ajpg_CFLAGS = $(AM_CFLAGS)
tests_fuzz_fuzz_ajpg_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_ajpg_LDADD = $(DECODER_LIBS)
check_PROGRAMS += tests/fuzz/replay_ajpg
TESTS += tests/fuzz/replay_ajpg
tests_fuzz_replay_ajpg_SOURCES = tests/fuzz/fuzz_ajpg.c tests/fuzz/replay_main.c tests/fuzz/frames.h
tests_fuzz_replay_ajpg_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_ajpg_LDADD = $(DECODER_LIBS)
EXTRA_DIST += tests/fuzz/corpus/ajpg

EXTRA_PROGRAMS += tests/fuzz/fuzz_answer
tests_fuzz_fuzz_answer_SOURCES = tests/fuzz/fuzz_answer.c
tests_fuzz_fuzz_answer_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_answer_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_answer_LDADD = media/libmedia.a $(GLIB_LIBS)
check_PROGRAMS += tests/fuzz/replay_answer
TESTS += tests/fuzz/replay_answer
tests_fuzz_replay_answer_SOURCES = tests/fuzz/fuzz_answer.c tests/fuzz/replay_main.c
tests_fuzz_replay_answer_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_replay_answer_LDADD = media/libmedia.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/answer

EXTRA_PROGRAMS += tests/fuzz/fuzz_client
tests_fuzz_fuzz_client_SOURCES = tests/fuzz/fuzz_client.c
tests_fuzz_fuzz_client_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(REDIR_CFLAGS)
tests_fuzz_fuzz_client_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_client_LDADD = media/libmedia.a $(REDIR_LIBS) $(GLIB_LIBS)
check_PROGRAMS += tests/fuzz/replay_client
TESTS += tests/fuzz/replay_client
tests_fuzz_replay_client_SOURCES = tests/fuzz/fuzz_client.c tests/fuzz/replay_main.c
tests_fuzz_replay_client_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(REDIR_CFLAGS)
tests_fuzz_replay_client_LDADD = media/libmedia.a $(REDIR_LIBS) $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/client

EXTRA_PROGRAMS += tests/fuzz/fuzz_config
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c
tests_fuzz_fuzz_config_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_config_LDADD = src/libconsole.a $(GLIB_LIBS)
check_PROGRAMS += tests/fuzz/replay_config
TESTS += tests/fuzz/replay_config
tests_fuzz_replay_config_SOURCES = tests/fuzz/fuzz_config.c tests/fuzz/replay_main.c
tests_fuzz_replay_config_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_replay_config_LDADD = src/libconsole.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/config

EXTRA_PROGRAMS += tests/fuzz/fuzz_hid
tests_fuzz_fuzz_hid_SOURCES = tests/fuzz/fuzz_hid.c
tests_fuzz_fuzz_hid_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_hid_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_hid_LDADD = sim/libsim.a $(GLIB_LIBS)
check_PROGRAMS += tests/fuzz/replay_hid
TESTS += tests/fuzz/replay_hid
tests_fuzz_replay_hid_SOURCES = tests/fuzz/fuzz_hid.c tests/fuzz/replay_main.c
tests_fuzz_replay_hid_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_replay_hid_LDADD = sim/libsim.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/hid

EXTRA_PROGRAMS += tests/fuzz/fuzz_image
tests_fuzz_fuzz_image_SOURCES = tests/fuzz/fuzz_image.c
tests_fuzz_fuzz_image_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_image_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_image_LDADD = media/libmedia.a $(GLIB_LIBS)
check_PROGRAMS += tests/fuzz/replay_image
TESTS += tests/fuzz/replay_image
tests_fuzz_replay_image_SOURCES = tests/fuzz/fuzz_image.c tests/fuzz/replay_main.c
tests_fuzz_replay_image_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_replay_image_LDADD = media/libmedia.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/image

EXTRA_PROGRAMS += tests/fuzz/fuzz_iso
tests_fuzz_fuzz_iso_SOURCES = tests/fuzz/fuzz_iso.c
tests_fuzz_fuzz_iso_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_iso_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_iso_LDADD = sim/libsim.a $(GLIB_LIBS)
check_PROGRAMS += tests/fuzz/replay_iso
TESTS += tests/fuzz/replay_iso
tests_fuzz_replay_iso_SOURCES = tests/fuzz/fuzz_iso.c tests/fuzz/replay_main.c
tests_fuzz_replay_iso_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_replay_iso_LDADD = sim/libsim.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/iso

EXTRA_PROGRAMS += tests/fuzz/fuzz_holder
tests_fuzz_fuzz_holder_SOURCES = tests/fuzz/fuzz_holder.c
tests_fuzz_fuzz_holder_CFLAGS = $(AM_CFLAGS)
tests_fuzz_fuzz_holder_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_holder_LDADD = tools/libholder.a
check_PROGRAMS += tests/fuzz/replay_holder
TESTS += tests/fuzz/replay_holder
tests_fuzz_replay_holder_SOURCES = tests/fuzz/fuzz_holder.c tests/fuzz/replay_main.c
tests_fuzz_replay_holder_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_holder_LDADD = tools/libholder.a
EXTRA_DIST += tests/fuzz/corpus/holder

EXTRA_PROGRAMS += tests/fuzz/fuzz_jpeg
tests_fuzz_fuzz_jpeg_SOURCES = tests/fuzz/fuzz_jpeg.c tests/fuzz/frames.h
tests_fuzz_fuzz_jpeg_CFLAGS = $(AM_CFLAGS)
tests_fuzz_fuzz_jpeg_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_jpeg_LDADD = $(DECODER_LIBS)
check_PROGRAMS += tests/fuzz/replay_jpeg
TESTS += tests/fuzz/replay_jpeg
tests_fuzz_replay_jpeg_SOURCES = tests/fuzz/fuzz_jpeg.c tests/fuzz/replay_main.c tests/fuzz/frames.h
tests_fuzz_replay_jpeg_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_jpeg_LDADD = $(DECODER_LIBS)
EXTRA_DIST += tests/fuzz/corpus/jpeg

EXTRA_PROGRAMS += tests/fuzz/fuzz_list
tests_fuzz_fuzz_list_SOURCES = tests/fuzz/fuzz_list.c
tests_fuzz_fuzz_list_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_list_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_list_LDADD = capture/libcapture.a $(GLIB_LIBS)
check_PROGRAMS += tests/fuzz/replay_list
TESTS += tests/fuzz/replay_list
tests_fuzz_replay_list_SOURCES = tests/fuzz/fuzz_list.c tests/fuzz/replay_main.c
tests_fuzz_replay_list_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_replay_list_LDADD = capture/libcapture.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/list

EXTRA_PROGRAMS += tests/fuzz/fuzz_medium
tests_fuzz_fuzz_medium_SOURCES = tests/fuzz/fuzz_medium.c
tests_fuzz_fuzz_medium_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_medium_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_medium_LDADD = src/libconsole.a $(GLIB_LIBS)
check_PROGRAMS += tests/fuzz/replay_medium
TESTS += tests/fuzz/replay_medium
tests_fuzz_replay_medium_SOURCES = tests/fuzz/fuzz_medium.c tests/fuzz/replay_main.c
tests_fuzz_replay_medium_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_replay_medium_LDADD = src/libconsole.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/medium

EXTRA_PROGRAMS += tests/fuzz/fuzz_raw
tests_fuzz_fuzz_raw_SOURCES = tests/fuzz/fuzz_raw.c tests/fuzz/frames.h
tests_fuzz_fuzz_raw_CFLAGS = $(AM_CFLAGS)
tests_fuzz_fuzz_raw_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_raw_LDADD = $(DECODER_LIBS)
check_PROGRAMS += tests/fuzz/replay_raw
TESTS += tests/fuzz/replay_raw
tests_fuzz_replay_raw_SOURCES = tests/fuzz/fuzz_raw.c tests/fuzz/replay_main.c tests/fuzz/frames.h
tests_fuzz_replay_raw_CFLAGS = $(AM_CFLAGS)
tests_fuzz_replay_raw_LDADD = $(DECODER_LIBS)
EXTRA_DIST += tests/fuzz/corpus/raw

EXTRA_PROGRAMS += tests/fuzz/fuzz_redfish
tests_fuzz_fuzz_redfish_SOURCES = tests/fuzz/fuzz_redfish.c
tests_fuzz_fuzz_redfish_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_fuzz_fuzz_redfish_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_redfish_LDADD = src/libconsole.a $(GLIB_LIBS) $(JSON_LIBS)
check_PROGRAMS += tests/fuzz/replay_redfish
TESTS += tests/fuzz/replay_redfish
tests_fuzz_replay_redfish_SOURCES = tests/fuzz/fuzz_redfish.c tests/fuzz/replay_main.c
tests_fuzz_replay_redfish_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_fuzz_replay_redfish_LDADD = src/libconsole.a $(GLIB_LIBS) $(JSON_LIBS)
EXTRA_DIST += tests/fuzz/corpus/redfish

EXTRA_PROGRAMS += tests/fuzz/fuzz_route
tests_fuzz_fuzz_route_SOURCES = tests/fuzz/fuzz_route.c
tests_fuzz_fuzz_route_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_fuzz_fuzz_route_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_route_LDADD = http/libhttp.a $(GLIB_LIBS) $(JSON_LIBS)
check_PROGRAMS += tests/fuzz/replay_route
TESTS += tests/fuzz/replay_route
tests_fuzz_replay_route_SOURCES = tests/fuzz/fuzz_route.c tests/fuzz/replay_main.c
tests_fuzz_replay_route_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_fuzz_replay_route_LDADD = http/libhttp.a $(GLIB_LIBS) $(JSON_LIBS)
EXTRA_DIST += tests/fuzz/corpus/route

EXTRA_PROGRAMS += tests/fuzz/fuzz_scancode
tests_fuzz_fuzz_scancode_SOURCES = tests/fuzz/fuzz_scancode.c
tests_fuzz_fuzz_scancode_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_scancode_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_scancode_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
check_PROGRAMS += tests/fuzz/replay_scancode
TESTS += tests/fuzz/replay_scancode
tests_fuzz_replay_scancode_SOURCES = tests/fuzz/fuzz_scancode.c tests/fuzz/replay_main.c
tests_fuzz_replay_scancode_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_replay_scancode_LDADD = spice/libspiceroom.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/scancode

EXTRA_PROGRAMS += tests/fuzz/fuzz_scsi
tests_fuzz_fuzz_scsi_SOURCES = tests/fuzz/fuzz_scsi.c
tests_fuzz_fuzz_scsi_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_fuzz_scsi_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_scsi_LDADD = gadget/libgadget.a $(GLIB_LIBS)
check_PROGRAMS += tests/fuzz/replay_scsi
TESTS += tests/fuzz/replay_scsi
tests_fuzz_replay_scsi_SOURCES = tests/fuzz/fuzz_scsi.c tests/fuzz/replay_main.c
tests_fuzz_replay_scsi_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_fuzz_replay_scsi_LDADD = gadget/libgadget.a $(GLIB_LIBS)
EXTRA_DIST += tests/fuzz/corpus/scsi

EXTRA_PROGRAMS += tests/fuzz/fuzz_usb
tests_fuzz_fuzz_usb_SOURCES = tests/fuzz/fuzz_usb.c
tests_fuzz_fuzz_usb_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_fuzz_fuzz_usb_LDFLAGS = $(fuzz_link)
tests_fuzz_fuzz_usb_LDADD = tools/libusbprobe.a sim/libsim.a $(GLIB_LIBS) $(JSON_LIBS)
check_PROGRAMS += tests/fuzz/replay_usb
TESTS += tests/fuzz/replay_usb
tests_fuzz_replay_usb_SOURCES = tests/fuzz/fuzz_usb.c tests/fuzz/replay_main.c
tests_fuzz_replay_usb_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
tests_fuzz_replay_usb_LDADD = tools/libusbprobe.a sim/libsim.a $(GLIB_LIBS) $(JSON_LIBS)
EXTRA_DIST += tests/fuzz/corpus/usb

fuzz_link = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZ_RUN = $(AM_V_at)top_srcdir='$(abs_top_srcdir)' $(SHELL) $(srcdir)/tests/fuzz/run

fuzz-list:
	@for target in $(FUZZ_TARGETS); do echo $$target; done
if FUZZING
fuzz: $(FUZZ_TARGETS)
fuzz-ajpg: tests/fuzz/fuzz_ajpg
	$(FUZZ_RUN) ajpg 16384 $(FUZZ_SECONDS)
fuzz-answer: tests/fuzz/fuzz_answer
	$(FUZZ_RUN) answer 1024 $(FUZZ_SECONDS)
fuzz-client: tests/fuzz/fuzz_client
	$(FUZZ_RUN) client 1024 $(FUZZ_SECONDS)
fuzz-config: tests/fuzz/fuzz_config
	$(FUZZ_RUN) config 4096 $(FUZZ_SECONDS)
fuzz-hid: tests/fuzz/fuzz_hid
	$(FUZZ_RUN) hid 4096 $(FUZZ_SECONDS)
fuzz-image: tests/fuzz/fuzz_image
	$(FUZZ_RUN) image 8192 $(FUZZ_SECONDS)
fuzz-iso: tests/fuzz/fuzz_iso
	$(FUZZ_RUN) iso 65536 $(FUZZ_SECONDS)

fuzz-holder: tests/fuzz/fuzz_holder
	$(FUZZ_RUN) holder 512 $(FUZZ_SECONDS)
fuzz-jpeg: tests/fuzz/fuzz_jpeg
	$(FUZZ_RUN) jpeg 16384 $(FUZZ_SECONDS)
fuzz-raw: tests/fuzz/fuzz_raw
	$(FUZZ_RUN) raw 16384 $(FUZZ_SECONDS)
fuzz-recording: tests/fuzz/fuzz_list
	$(FUZZ_RUN) list 8192 $(FUZZ_SECONDS)
fuzz-medium: tests/fuzz/fuzz_medium
	$(FUZZ_RUN) medium 256 $(FUZZ_SECONDS)
fuzz-redfish: tests/fuzz/fuzz_redfish
	$(FUZZ_RUN) redfish 1024 $(FUZZ_SECONDS)
fuzz-route: tests/fuzz/fuzz_route
	$(FUZZ_RUN) route 512 $(FUZZ_SECONDS)
fuzz-scancode: tests/fuzz/fuzz_scancode
	$(FUZZ_RUN) scancode 256 $(FUZZ_SECONDS)
fuzz-scsi: tests/fuzz/fuzz_scsi
	$(FUZZ_RUN) scsi 1024 $(FUZZ_SECONDS)
fuzz-usb: tests/fuzz/fuzz_usb
	$(FUZZ_RUN) usb 1024 $(FUZZ_SECONDS)
else
fuzz:
	@echo "make fuzz needs libFuzzer: configure CC=clang --enable-fuzzing, best in a folder of its own"; exit 1
endif
fuzz-clean:
	rm -rf tests/fuzz/found tests/fuzz/grown
	rm -f tests/fuzz/fuzz_*.log
clean-local: fuzz-clean
.PHONY: fuzz fuzz-list fuzz-clean $(FUZZ_TARGETS)
CLEANFILES += tests/fuzz/fuzz_ajpg tests/fuzz/fuzz_answer tests/fuzz/fuzz_config tests/fuzz/fuzz_hid tests/fuzz/fuzz_image tests/fuzz/fuzz_jpeg tests/fuzz/fuzz_list tests/fuzz/fuzz_medium tests/fuzz/fuzz_iso tests/fuzz/fuzz_client \
	tests/fuzz/fuzz_raw tests/fuzz/fuzz_route tests/fuzz/fuzz_scancode tests/fuzz/fuzz_scsi tests/fuzz/fuzz_usb
CLEANFILES += tests/fuzz/fuzz_ajpg tests/fuzz/fuzz_answer tests/fuzz/fuzz_config tests/fuzz/fuzz_hid tests/fuzz/fuzz_image tests/fuzz/fuzz_jpeg tests/fuzz/fuzz_list \
	tests/fuzz/fuzz_raw tests/fuzz/fuzz_redfish tests/fuzz/fuzz_route tests/fuzz/fuzz_scancode tests/fuzz/fuzz_scsi tests/fuzz/fuzz_usb
CLEANFILES += tests/fuzz/fuzz_medium

CLEANFILES += tests/fuzz/fuzz_ajpg tests/fuzz/fuzz_config tests/fuzz/fuzz_hid tests/fuzz/fuzz_holder tests/fuzz/fuzz_jpeg \
	tests/fuzz/fuzz_list tests/fuzz/fuzz_raw tests/fuzz/fuzz_route tests/fuzz/fuzz_scancode tests/fuzz/fuzz_scsi tests/fuzz/fuzz_usb
