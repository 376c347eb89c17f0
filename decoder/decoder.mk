# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_LIBRARIES += decoder/libdecoder.a
decoder_libdecoder_a_SOURCES = \
	decoder/ajpg_tables.c decoder/ajpg_tables.h \
	decoder/picture.c decoder/picture.h \
	decoder/text.c decoder/text.h decoder/font.c \
	decoder/decoder.h
