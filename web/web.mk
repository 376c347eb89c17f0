# SPDX-License-Identifier: LGPL-2.1-or-later
# The rack's page is in the program, as bytes.
WEB_FILES = web/rack.html web/rack.css web/rack.js web/rack_events.js web/rack_words.js
EXTRA_DIST += $(WEB_FILES)

noinst_LIBRARIES += src/libpages.a
src_libpages_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
src_libpages_a_SOURCES = src/pages.c src/pages.h src/pages_bytes.h
nodist_src_libpages_a_SOURCES = src/pages_bytes.c
CLEANFILES += src/pages_bytes.c
src/pages_bytes.c: $(WEB_FILES) src/pages_bytes.h
	$(AM_V_GEN)$(MKDIR_P) src && { \
		echo '#include "src/pages_bytes.h"'; \
		for file in $(WEB_FILES); do \
			echo "const unsigned char pages_`basename $$file | tr . _`[] = {"; \
			od -A n -v -t u1 $(srcdir)/$$file | sed 's/  *\([0-9][0-9]*\)/\1,/g'; \
			echo '0};'; \
		done; \
	} >$@.new && mv $@.new $@

check_PROGRAMS += tests/unit/test_pages
TESTS += tests/unit/test_pages
tests_unit_test_pages_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS) $(CURL_CFLAGS)
tests_unit_test_pages_LDADD = src/libpages.a $(HTTP_STAGE_LIBS)
tests_unit_test_pages_SOURCES = tests/unit/test_pages.c
