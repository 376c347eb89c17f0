# SPDX-License-Identifier: LGPL-2.1-or-later
# The rack daemon's wiring.
noinst_LIBRARIES += src/librack.a
src_librack_a_CPPFLAGS = $(AM_CPPFLAGS) -DSYSCONFDIR='"$(sysconfdir)"' -DRUNSTATEDIR='"$(runstatedir)"'
src_librack_a_CFLAGS = $(AM_CFLAGS) $(GLIB_CFLAGS) $(JSON_CFLAGS)
src_librack_a_SOURCES = \
	src/events.h \
	src/pages.c src/pages.h src/pages_bytes.h \
	src/rack.h \
	src/rack_clock.h \
	src/rack_config.h \
	src/rack_export.h \
	src/rack_fans.h \
	src/rack_nodes.h \
	src/rack_power.h \
	src/rack_simulated.h \
	src/rack_world.h
RACK_LIBS = src/librack.a src/libcommon.a rack/libcontrol.a rack/libbmc.a rack/libipmi.a rack/libhwmon.a \
	rack/libmemcache.a rack/libreadings.a sim/librack.a sim/libplant.a $(HTTP_LIBS) $(CRYPTO_LIBS) $(GLIB_LIBS) -lm

# The pages are in the program, as bytes.
WEB_FILES = web/rack.html web/rack.css web/rack.js
EXTRA_DIST += $(WEB_FILES)
nodist_src_librack_a_SOURCES = src/pages_bytes.c
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
tests_unit_test_pages_LDADD = src/librack.a $(HTTP_STAGE_LIBS)
tests_unit_test_pages_SOURCES = tests/unit/test_pages.c
