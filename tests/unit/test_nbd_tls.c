/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates of NBD servers and clients. */
#include <signal.h>
#include <string.h>
#include "tests/unit/nbd_rig.h"

static bool secure(struct fixture *f, const char *more, char **uri)
{
	g_autofree char *serve = NULL;

	if (!nbd_host_certificates(&f->host)) {
		g_test_skip("no certtool (gnutls-bin) to make certificates with");
		return false;
	}
	serve = g_strdup_printf("--tls=require --tls-certificates=%s/server %s %s", f->host.folder,
			more, f->serve);
	nbd_host_start(&f->host, true, serve);
	*uri = g_strdup_printf("nbds://user@127.0.0.1:%u/", f->host.port);
	return true;
}

static void test_known_certificate_is_taken(struct fixture *f, gconstpointer unused)
{
	g_autofree char *ca = g_build_filename(f->host.folder, "ca", "ca-cert.pem", NULL);
	g_autofree char *uri = NULL;

	if (!secure(f, "", &uri))
		return;
	f->settings.ca_file = ca;
	begin(f, uri);
	g_assert_null(strstr(f->source->name, "user"));
	await_state(f, SOURCE_READY);
	assert_whole(f);
}

static void test_unknown_certificate_is_final(struct fixture *f, gconstpointer unused)
{
	g_autofree char *uri = NULL;

	if (!secure(f, "", &uri))
		return;
	assert_fails_to_open(f, uri, "certificate is not valid");
	f->settings.insecure = true;
	begin(f, uri);
	await_state(f, SOURCE_READY);
}

static void test_certificate_of_another_host_is_final(struct fixture *f, gconstpointer unused)
{
	g_autofree char *ca = g_build_filename(f->host.folder, "ca", "ca-cert.pem", NULL);
	g_autofree char *uri = NULL, *other = NULL;

	if (!secure(f, "", &uri))
		return;
	f->settings.ca_file = ca;
	other = g_strdup_printf("nbds://localhost:%u/", f->host.port);
	assert_fails_to_open(f, other, "certificate is not valid");
}

static void test_client_certificate_is_shown(struct fixture *f, gconstpointer unused)
{
	g_autofree char *ca = g_build_filename(f->host.folder, "ca", "ca-cert.pem", NULL);
	g_autofree char *certificates = g_build_filename(f->host.folder, "ca", NULL);
	g_autofree char *uri = NULL;

	if (!secure(f, "--tls-verify-peer", &uri))
		return;
	f->settings.ca_file = ca;
	f->settings.certificates = certificates;
	begin(f, uri);
	await_state(f, SOURCE_READY);
	assert_whole(f);
}

static void test_tls_on_one_side_alone_is_said(struct fixture *f, gconstpointer unused)
{
	g_autofree char *uri = NULL, *plain = NULL, *tls = NULL;

	if (!secure(f, "", &uri))
		return;
	plain = g_strdup_printf("nbd://127.0.0.1:%u/", f->host.port);
	assert_fails_to_open(f, plain, "wants TLS");
	nbd_host_kill(&f->host);
	nbd_host_start(&f->host, true, f->serve);
	tls = g_strdup_printf("nbds://127.0.0.1:%u/", f->host.port);
	assert_fails_to_open(f, tls, "does not speak TLS");
}

static void test_missing_certificates_are_said_at_once(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	f->settings.uri = "nbds://127.0.0.1/";
	f->settings.ca_file = "/nonexistent/ca.pem";
	g_assert_null(nbd_open(&f->settings, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
	g_assert_nonnull(strstr(error->message, "/nonexistent/ca.pem"));
}

#define add(name) \
	g_test_add("/nbd/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	if (!nbd_host_there()) {
		g_print("1..0 # SKIP no nbdkit to serve with\n");
		return 0;
	}
	add(known_certificate_is_taken);
	add(unknown_certificate_is_final);
	add(certificate_of_another_host_is_final);
	add(client_certificate_is_shown);
	add(tls_on_one_side_alone_is_said);
	add(missing_certificates_are_said_at_once);
	return g_test_run();
}
