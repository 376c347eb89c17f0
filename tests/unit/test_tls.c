/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include "spice/tls.h"
#include "tests/unit/bridge_rig.h"

static struct bridge_files files, others;

static void assert_refused(const char *certificate, const char *key, int code, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(tls_context_new(certificate, key, &error));
	g_assert_error(error, TLS_ERROR, code);
	if (!strstr(error->message, words))
		g_error("\"%s\" does not say \"%s\"", error->message, words);
}

static void test_a_certificate_and_its_key_are_taken(void)
{
	g_autoptr(GError) error = NULL;
	struct ssl_ctx_st *context = tls_context_new(files.certificate, files.key, &error);

	g_assert_no_error(error);
	tls_context_free(context);
}

static void test_both_may_be_in_one_file(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *certificate = NULL, *key = NULL, *both = NULL;
	g_autofree char *path = g_build_filename(files.folder, "both.pem", NULL);
	struct ssl_ctx_st *context;

	g_file_get_contents(files.certificate, &certificate, NULL, NULL);
	g_file_get_contents(files.key, &key, NULL, NULL);
	both = g_strconcat(key, certificate, NULL);
	g_assert_true(g_file_set_contents(path, both, -1, NULL));
	context = tls_context_new(path, path, &error);
	g_assert_no_error(error);
	tls_context_free(context);
	g_unlink(path);
}

static void test_a_missing_file_is_named(void)
{
	assert_refused("/nowhere/c.pem", files.key, TLS_ERROR_READ, "/nowhere/c.pem");
	assert_refused(files.certificate, "/nowhere/k.pem", TLS_ERROR_READ, "/nowhere/k.pem");
}

static void test_what_is_not_pem_is_named(void)
{
	g_autofree char *path = g_build_filename(files.folder, "words.pem", NULL);

	g_assert_true(g_file_set_contents(path, "just words\n", -1, NULL));
	assert_refused(path, files.key, TLS_ERROR_FORMAT, "words.pem");
	assert_refused(files.certificate, path, TLS_ERROR_FORMAT, "words.pem");
	g_unlink(path);
}

static void test_what_signs_itself_is_given_to_clients(void)
{
	g_autofree char *path = g_build_filename(files.folder, "words.pem", NULL);
	g_autofree char *text = NULL, *subject = NULL, *own = NULL, *none = NULL;
	struct ssl_ctx_st *context;

	g_file_get_contents(files.certificate, &text, NULL, NULL);
	own = tls_self_signed(files.certificate, &subject);
	g_assert_cmpstr(own, ==, text);
	g_assert_cmpstr(subject, ==, "CN=localhost");
	g_assert_true(g_file_set_contents(path, own, -1, NULL));
	context = tls_context_new(path, files.key, NULL);
	g_assert_nonnull(context);
	tls_context_free(context);
	g_assert_true(g_file_set_contents(path, "just words\n", -1, NULL));
	g_assert_null(tls_self_signed(path, &none));
	g_assert_null(none);
	g_assert_null(tls_self_signed("/nowhere/c.pem", &none));
	g_unlink(path);
}

static void test_another_certificates_key_is_refused(void)
{
	assert_refused(files.certificate, others.key, TLS_ERROR_PAIR, "does not belong");
}

static void test_a_key_with_a_passphrase_is_refused(void)
{
	g_autofree char *path = g_build_filename(files.folder, "locked.pem", NULL);

	bridge_files_lock_key(&files, path);
	assert_refused(files.certificate, path, TLS_ERROR_FORMAT, "passphrase");
	g_unlink(path);
}

int main(int argc, char **argv)
{
	int status;

	g_test_init(&argc, &argv, NULL);
	bridge_files_make(&files);
	bridge_files_make(&others);
	g_test_add_func("/tls/a certificate and its key are taken",
			test_a_certificate_and_its_key_are_taken);
	g_test_add_func("/tls/both may be in one file", test_both_may_be_in_one_file);
	g_test_add_func("/tls/a missing file is named", test_a_missing_file_is_named);
	g_test_add_func("/tls/what is not PEM is named", test_what_is_not_pem_is_named);
	g_test_add_func("/tls/what signs itself is given to clients",
			test_what_signs_itself_is_given_to_clients);
	g_test_add_func("/tls/another certificate's key is refused",
			test_another_certificates_key_is_refused);
	g_test_add_func("/tls/a key with a passphrase is refused",
			test_a_key_with_a_passphrase_is_refused);
	status = g_test_run();
	bridge_files_remove(&files);
	bridge_files_remove(&others);
	return status;
}
