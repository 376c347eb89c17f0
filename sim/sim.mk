# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += sim/libsim.a
sim_libsim_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JPEG_CFLAGS)
sim_libsim_a_SOURCES = \
	sim/bits.c sim/bits.h \
	sim/transform.c sim/transform.h \
	sim/jpeg.c sim/jpeg.h \
	sim/encoder.c sim/encoder.h \
	sim/hid.c sim/hid.h \
	sim/hid_parser.c sim/hid_parser.h
