# SPDX-License-Identifier: LGPL-2.1-or-later
# The decoder judged from outside, on sequences of our own (SEQUENCE/script says what they show) and on a larger
# set when it is there. make vectors makes the frames again, into the source tree.
TESTS += tests/vectors/test_vectors.py

EXTRA_DIST += tests/vectors/test_vectors.py tests/vectors/pictures.py
VECTOR_FOLDERS = \
	tests/vectors/desktop-420 \
	tests/vectors/desktop-444 \
	tests/vectors/few-colours \
	tests/vectors/jpeg \
	tests/vectors/odd-sizes \
	tests/vectors/second-pass \
	tests/vectors/selectors-420 \
	tests/vectors/selectors-444 \
	tests/vectors/size-change \
	tests/vectors/studio
EXTRA_DIST += $(VECTOR_FOLDERS)

EXTRA_PROGRAMS += tests/vectors/make_vectors
CLEANFILES += tests/vectors/make_vectors
tests_vectors_make_vectors_SOURCES = tests/vectors/make_vectors.c
tests_vectors_make_vectors_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_vectors_make_vectors_LDADD = sim/libsim.a $(DECODER_LIBS) $(GLIB_LIBS) -lm

vectors: tests/vectors/make_vectors
	cd $(srcdir)/tests/vectors && $(abs_builddir)/tests/vectors/make_vectors $(VECTOR_FOLDERS:tests/vectors/%=%)
PHONY_TARGETS += vectors
