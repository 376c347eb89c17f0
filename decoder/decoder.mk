# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernels are one source built for several instruction sets.
DECODER_CFLAGS = $(AM_CFLAGS) $(JPEG_CFLAGS)

noinst_LIBRARIES += decoder/libdecoder.a
decoder_libdecoder_a_CFLAGS = $(DECODER_CFLAGS)
decoder_libdecoder_a_LIBADD =
decoder_libdecoder_a_SOURCES = \
	decoder/ajpg.c decoder/ajpg.h \
	decoder/ajpg_tables.c decoder/ajpg_tables.h \
	decoder/colour.h \
	decoder/decoder.c decoder/decoder.h decoder/decoder_jpeg.c \
	decoder/entropy.c decoder/entropy.h \
	decoder/idct.h decoder/idct_pairs.h \
	decoder/jpeg.c decoder/jpeg.h \
	decoder/kernels.c decoder/kernels.h \
	decoder/kernels_best.c \
	decoder/kernels_by_hand.h decoder/kernels_vector.h decoder/kernels_x86.h \
	decoder/picture.c decoder/picture.h \
	decoder/planes.c decoder/planes.h \
	decoder/raw.c decoder/raw.h \
	decoder/rows.h \
	decoder/symbols.c decoder/symbols.h \
	decoder/font.c decoder/text.c decoder/text.h
if KERNELS_BASE
decoder_libdecoder_a_SOURCES += decoder/kernels_base.c
if KERNELS_X86
decoder_libdecoder_a_SOURCES += decoder/kernels_sse2.c
else
decoder_libdecoder_a_SOURCES += decoder/kernels_neon.c
endif
endif
if KERNELS_SPECIAL
noinst_LIBRARIES += decoder/libkernels.a
decoder_libkernels_a_SOURCES = decoder/kernels_special.c
decoder_libkernels_a_CFLAGS = $(DECODER_CFLAGS) $(KERNELS_SPECIAL_CFLAGS)
decoder_libdecoder_a_LIBADD += decoder/libkernels_a-kernels_special.$(OBJEXT)
if KERNELS_X86
decoder_libkernels_a_SOURCES += decoder/kernels_avx2.c
decoder_libdecoder_a_LIBADD += decoder/libkernels_a-kernels_avx2.$(OBJEXT)
else
decoder_libkernels_a_SOURCES += decoder/kernels_neon.c
decoder_libdecoder_a_LIBADD += decoder/libkernels_a-kernels_neon.$(OBJEXT)
endif
endif
DECODER_LIBS = decoder/libdecoder.a $(JPEG_LIBS)

decoder_tests = tests/unit/test_ajpg tests/unit/test_ajpg_faults tests/unit/test_entropy tests/unit/test_jpeg \
	tests/unit/test_kernels tests/unit/test_raw
check_PROGRAMS += $(decoder_tests)
TESTS += $(decoder_tests)

stream_files = tests/unit/stream.c tests/unit/stream.h
tests_unit_test_ajpg_SOURCES = tests/unit/test_ajpg.c $(stream_files)
tests_unit_test_ajpg_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_ajpg_LDADD = $(DECODER_LIBS) $(GLIB_LIBS)

tests_unit_test_ajpg_faults_SOURCES = tests/unit/test_ajpg_faults.c $(stream_files)
tests_unit_test_ajpg_faults_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_ajpg_faults_LDADD = $(DECODER_LIBS) $(GLIB_LIBS)

tests_unit_test_entropy_SOURCES = tests/unit/test_entropy.c
tests_unit_test_entropy_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_entropy_LDADD = $(DECODER_LIBS) $(GLIB_LIBS)

tests_unit_test_jpeg_SOURCES = tests/unit/test_jpeg.c
tests_unit_test_jpeg_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JPEG_CFLAGS)
tests_unit_test_jpeg_LDADD = sim/libsim.a $(DECODER_LIBS) $(GLIB_LIBS)

tests_unit_test_kernels_SOURCES = tests/unit/test_kernels.c
tests_unit_test_kernels_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_kernels_LDADD = $(DECODER_LIBS) $(GLIB_LIBS) -lm

tests_unit_test_raw_SOURCES = tests/unit/test_raw.c
tests_unit_test_raw_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_raw_LDADD = $(DECODER_LIBS) $(GLIB_LIBS) -lm

# Frames kept as blocks, and sent.
decoder_libdecoder_a_SOURCES += \
	decoder/ajpg_blocks.c decoder/ajpg_blocks.h \
	decoder/coded.c decoder/coded.h \
	decoder/coded_draw.c decoder/coded_draw.h \
	decoder/codes.c decoder/codes.h \
	decoder/decoder_private.h \
	decoder/input.c decoder/input.h \
	decoder/jpeg_blocks.c decoder/jpeg_blocks.h \
	decoder/recode.c decoder/recode.h decoder/recode_private.h \
	decoder/recode_ajpg.c \
	decoder/recode_pixels.c decoder/recode_pixels.h \
	decoder/recode_plan.c \
	decoder/recode_writer.c decoder/recode_writer.h \
	decoder/scroll.c decoder/scroll.h

recode_tests = tests/unit/test_blocks tests/unit/test_recode tests/unit/test_recode_moving \
	tests/unit/test_recode_vectors
check_PROGRAMS += $(recode_tests)
TESTS += $(recode_tests)

tests_unit_test_blocks_SOURCES = tests/unit/test_blocks.c $(stream_files)
tests_unit_test_blocks_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_unit_test_blocks_LDADD = $(DECODER_LIBS) $(GLIB_LIBS)

twin_files = tests/unit/twin.c tests/unit/twin.h
tests_unit_test_recode_vectors_SOURCES = tests/unit/test_recode_vectors.c $(twin_files) \
	tests/unit/vectors.c tests/unit/vectors.h
tests_unit_test_recode_vectors_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JPEG_CFLAGS) $(JSON_CFLAGS)
tests_unit_test_recode_vectors_LDADD = $(DECODER_LIBS) $(JSON_LIBS) $(GLIB_LIBS) -lm

desk_files = tests/unit/drawn_desk.c tests/unit/drawn_desk.h $(twin_files)
tests_unit_test_recode_SOURCES = tests/unit/test_recode.c $(stream_files) $(desk_files)
tests_unit_test_recode_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JPEG_CFLAGS)
tests_unit_test_recode_LDADD = sim/libsim.a $(DECODER_LIBS) $(GLIB_LIBS) -lm

tests_unit_test_recode_moving_SOURCES = tests/unit/test_recode_moving.c $(desk_files)
tests_unit_test_recode_moving_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JPEG_CFLAGS)
tests_unit_test_recode_moving_LDADD = sim/libsim.a $(DECODER_LIBS) $(GLIB_LIBS) -lm
