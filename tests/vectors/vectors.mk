# SPDX-License-Identifier: LGPL-2.1-or-later
# The decoder judged from outside, on sequences of our own (SEQUENCE/script says what they show) and on a larger
# set when it is there. make vectors makes the frames again, into the source tree.
TESTS += tests/vectors/test_vectors.py

VECTOR_SEQUENCES = desktop-420 desktop-444 few-colours jpeg odd-sizes second-pass selectors-420 selectors-444 \
	size-change studio
EXTRA_DIST += tests/run-python tests/vectors/test_vectors.py tests/vectors/pictures.py
EXTRA_DIST += $(VECTOR_SEQUENCES:%=tests/vectors/%)

EXTRA_PROGRAMS += tests/vectors/make_vectors
CLEANFILES += tests/vectors/make_vectors
tests_vectors_make_vectors_SOURCES = tests/vectors/make_vectors.c
tests_vectors_make_vectors_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS)
tests_vectors_make_vectors_LDADD = sim/libsim.a $(DECODER_LIBS) $(GLIB_LIBS) -lm

vectors: tests/vectors/make_vectors
	cd $(srcdir)/tests/vectors && $(abs_builddir)/tests/vectors/make_vectors $(VECTOR_SEQUENCES)
.PHONY: vectors
