/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "src/drives.h"
#include "src/medium_place.h"

static void assert_place(
		const char *source, enum medium_kind kind, const char *where, const char *name)
{
	struct medium_place place;
	g_autoptr(GError) error = NULL;

	g_assert_true(medium_place_parse(&place, source, &error));
	g_assert_no_error(error);
	g_assert_cmpint(place.kind, ==, kind);
	g_assert_cmpstr(place.where, ==, where);
	g_assert_cmpstr(place.name, ==, name);
	medium_place_clear(&place);
}

static void assert_refused(const char *source, const char *words)
{
	struct medium_place place;
	g_autoptr(GError) error = NULL;

	g_assert_false(medium_place_parse(&place, source, &error));
	g_assert_error(error, DRIVES_ERROR, DRIVES_ERROR_REQUEST);
	if (!strstr(error->message, words))
		g_error("%s: \"%s\" says nothing of \"%s\"", source, error->message, words);
	g_assert_null(strstr(error->message, "s3cret"));
	g_assert_null(place.where);
	g_assert_null(place.name);
}

static void test_files(void)
{
	assert_place("/a/b c.iso", MEDIUM_FILE, "/a/b c.iso", "/a/b c.iso");
	assert_place("file:///a/b%20c.iso", MEDIUM_FILE, "/a/b c.iso", "/a/b c.iso");
	assert_place("FILE:///a", MEDIUM_FILE, "/a", "/a");
	assert_place("file://localhost/a", MEDIUM_FILE, "/a", "/a");
	assert_place("/http://x", MEDIUM_FILE, "/http://x", "/http://x");
	assert_refused("file://elsewhere/a", "another machine");
	assert_refused("file:a", "file:///path");
	assert_refused("file:///a%0ab", "control character");
	assert_refused("a.iso", "whole path");
	assert_refused("./a:b", "whole path");
	assert_refused("", "empty");
	assert_refused(NULL, "empty");
	assert_refused("/a\nb", "control character");
}

static void test_addresses(void)
{
	assert_place("http://h/x.iso", MEDIUM_WEB, "http://h/x.iso", "http://h/x.iso");
	assert_place("HTTPS://h:8443/x", MEDIUM_WEB, "HTTPS://h:8443/x", "HTTPS://h:8443/x");
	assert_place("http://[::1]:80/x", MEDIUM_WEB, "http://[::1]:80/x", "http://[::1]:80/x");
	assert_place("http://[::1]/x", MEDIUM_WEB, "http://[::1]/x", "http://[::1]/x");
	assert_place("http://h/a@b:c", MEDIUM_WEB, "http://h/a@b:c", "http://h/a@b:c");
	assert_place("nbd://h/export", MEDIUM_NBD, "nbd://h/export", "nbd://h/export");
	assert_place("nbds://h:10809", MEDIUM_NBD, "nbds://h:10809", "nbds://h:10809");
	assert_place("nbd+unix:///e?socket=/run/s", MEDIUM_NBD, "nbd+unix:///e?socket=/run/s",
			"nbd+unix:///e?...");
	assert_refused("ftp://h/x", "not known");
	assert_refused("nbd:h", "not known");
	assert_refused("http:/x", "not known");
	assert_refused("http://", "names no server");
	assert_refused("http:///x", "names no server");
	assert_refused("http://ann@/x", "names no server");
	assert_refused("http://h/\xff", "UTF-8");
}

static void test_secrets_are_not_in_the_name(void)
{
	assert_place("http://ann:s3cret@h/x", MEDIUM_WEB, "http://ann:s3cret@h/x", "http://h/x");
	assert_place("http://ann:s3@cret@h:1/x", MEDIUM_WEB, "http://ann:s3@cret@h:1/x",
			"http://h:1/x");
	assert_place("https://h/x?key=s3cret#a", MEDIUM_WEB, "https://h/x?key=s3cret#a",
			"https://h/x?...");
	assert_place("nbds://ann@h/x?tls-psk-file=s3cret", MEDIUM_NBD,
			"nbds://ann@h/x?tls-psk-file=s3cret", "nbds://h/x?...");
	/* A password that was not escaped must not be taken for a server. */
	assert_refused("http://ann:s3cret/@h/x", "port that is no number");
	assert_refused("http://ann:s3cret?@h/x", "port that is no number");
	assert_refused("http://ann:s3cret#@h/x", "port that is no number");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/medium/files", test_files);
	g_test_add_func("/medium/addresses", test_addresses);
	g_test_add_func("/medium/secrets-are-not-in-the-name", test_secrets_are_not_in_the_name);
	return g_test_run();
}
