/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/tls.h"
#include "tests/unit/bridge_rig.h"

#define PATIENCE_S 20

/* --- Certificates ------------------------------------------------------------------------ */

static void write_pem(const char *path, EVP_PKEY *key, X509 *certificate)
{
	FILE *file = fopen(path, "w");

	g_assert_nonnull(file);
	if (key)
		g_assert_cmpint(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), ==, 1);
	if (certificate)
		g_assert_cmpint(PEM_write_X509(file, certificate), ==, 1);
	fclose(file);
}

static EVP_PKEY *make_key(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	g_assert_cmpint(EVP_PKEY_keygen_init(context), ==, 1);
	g_assert_cmpint(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1), ==,
			1);
	g_assert_cmpint(EVP_PKEY_keygen(context, &key), ==, 1);
	EVP_PKEY_CTX_free(context);
	return key;
}

void bridge_files_make(struct bridge_files *files)
{
	EVP_PKEY *key = make_key();
	X509 *certificate = X509_new();

	files->folder = g_dir_make_tmp("spicerack-bridge-XXXXXX", NULL);
	g_assert_nonnull(files->folder);
	files->certificate = g_build_filename(files->folder, "certificate.pem", NULL);
	files->key = g_build_filename(files->folder, "key.pem", NULL);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
			(const unsigned char *)"localhost", -1, -1, 0);
	X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
	X509_set_pubkey(certificate, key);
	g_assert_cmpint(X509_sign(certificate, key, EVP_sha256()), >, 0);
	write_pem(files->certificate, NULL, certificate);
	write_pem(files->key, key, NULL);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

void bridge_files_lock_key(const struct bridge_files *files, const char *path)
{
	FILE *in = fopen(files->key, "r"), *out = fopen(path, "w");
	EVP_PKEY *key = PEM_read_PrivateKey(in, NULL, NULL, NULL);

	g_assert_cmpint(PEM_write_PrivateKey(out, key, EVP_aes_128_cbc(),
					(const unsigned char *)"secret", 6, NULL, NULL),
			==, 1);
	EVP_PKEY_free(key);
	fclose(in);
	fclose(out);
}

void bridge_files_remove(struct bridge_files *files)
{
	g_unlink(files->certificate);
	g_unlink(files->key);
	g_rmdir(files->folder);
	g_free(files->certificate);
	g_free(files->key);
	g_free(files->folder);
}

/* --- The bridge's owner ------------------------------------------------------------------ */

static bool rig_origin(const char *origin, const char *host, void *data)
{
	struct bridge_rig *rig = data;

	rig->origin = g_strdup(origin);
	rig->host = g_strdup(host);
	return !rig->refuse_origin;
}

static void rig_routed(
		struct bridge *bridge, int inner, const struct greeting *greeting, void *data)
{
	struct bridge_rig *rig = data;

	g_assert_true(bridge == rig->bridge);
	rig->routed++;
	rig->inner = inner;
	rig->greeting = *greeting;
	if (rig->close_when_routed) {
		bridge_close(rig->bridge);
		rig->bridge = NULL;
	}
}

static void rig_ended(struct bridge *bridge, const char *reason, void *data)
{
	struct bridge_rig *rig = data;

	g_assert_true(bridge == rig->bridge);
	rig->ended++;
	rig->reason = g_strdup(reason);
	bridge_close(rig->bridge);
	rig->bridge = NULL;
}

void bridge_rig_open(struct bridge_rig *rig, const struct bridge_files *files)
{
	g_autoptr(GError) error = NULL;

	signal(SIGPIPE, SIG_IGN);
	*rig = (struct bridge_rig){.client = -1, .inner = -1};
	rig->settings.context = g_main_context_default();
	rig->settings.origin = rig_origin;
	if (files) {
		rig->server = tls_context_new(files->certificate, files->key, &error);
		g_assert_no_error(error);
		rig->settings.tls = rig->server;
	}
	rig->trusting = SSL_CTX_new(TLS_client_method());
}

void bridge_rig_close(struct bridge_rig *rig)
{
	bridge_close(rig->bridge);
	SSL_free(rig->ssl);
	if (rig->client >= 0)
		close(rig->client);
	if (rig->inner >= 0)
		close(rig->inner);
	tls_context_free(rig->server);
	SSL_CTX_free(rig->trusting);
	g_free(rig->reason);
	g_free(rig->origin);
	g_free(rig->host);
}

/* --- The client -------------------------------------------------------------------------- */

void bridge_rig_connect(struct bridge_rig *rig, enum greeting_kind kind)
{
	const struct bridge_events events = {.routed = rig_routed, .ended = rig_ended, .data = rig};
	struct sockaddr_in address = {
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), buffer = 65536, fd;

	g_assert_cmpint(bind(listening, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(listen(listening, 1), ==, 0);
	g_assert_cmpint(getsockname(listening, (struct sockaddr *)&address, &size), ==, 0);
	rig->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(rig->client, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	g_assert_cmpint(connect(rig->client, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	g_assert_cmpint(fd, >=, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	close(listening);
	g_assert_true(g_unix_set_fd_nonblocking(rig->client, TRUE, NULL));
	rig->bridge = bridge_open(fd, kind, &rig->settings, &events);
}

void bridge_rig_step(struct bridge_rig *rig)
{
	if (!g_main_context_iteration(NULL, FALSE))
		g_usleep(200);
}

void bridge_rig_rest(struct bridge_rig *rig, unsigned int ms)
{
	gint64 end = g_get_monotonic_time() + (gint64)ms * 1000;

	while (g_get_monotonic_time() < end)
		bridge_rig_step(rig);
}

/* One step more, in a loop that may not go on for ever. */
static void rig_wait(struct bridge_rig *rig, gint64 *since, const char *what)
{
	if (!*since)
		*since = g_get_monotonic_time();
	if (g_get_monotonic_time() - *since > PATIENCE_S * G_USEC_PER_SEC)
		g_error("waited too long for %s", what);
	bridge_rig_step(rig);
}

void bridge_rig_start_tls(struct bridge_rig *rig, int version)
{
	gint64 since = 0;
	int result;

	rig->ssl = SSL_new(rig->trusting);
	SSL_set_fd(rig->ssl, rig->client);
	SSL_set_connect_state(rig->ssl);
	SSL_set_max_proto_version(rig->ssl, version);
	while ((result = SSL_do_handshake(rig->ssl)) != 1) {
		g_assert_cmpint(SSL_get_error(rig->ssl, result), ==, SSL_ERROR_WANT_READ);
		rig_wait(rig, &since, "the handshake");
	}
}

static ssize_t rig_write(struct bridge_rig *rig, const void *bytes, size_t size)
{
	if (!rig->ssl)
		return send(rig->client, bytes, size, MSG_NOSIGNAL);
	ERR_clear_error();
	return SSL_write(rig->ssl, bytes, (int)size);
}

/* 0: the end; less: nothing now. */
static ssize_t rig_read(struct bridge_rig *rig, void *bytes, size_t size)
{
	ssize_t count;
	int error;

	if (!rig->ssl) {
		count = recv(rig->client, bytes, size, 0);
		return count < 0 && errno != EAGAIN ? 0 : count;
	}
	ERR_clear_error();
	count = SSL_read(rig->ssl, bytes, (int)size);
	if (count > 0)
		return count;
	error = SSL_get_error(rig->ssl, (int)count);
	return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? -1 : 0;
}

void bridge_rig_say(struct bridge_rig *rig, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	gint64 since = 0;

	while (size) {
		ssize_t count = rig_write(rig, at, size);

		if (count > 0) {
			at += count;
			size -= count;
		} else {
			rig_wait(rig, &since, "the bridge to take the client's bytes");
		}
	}
}

void bridge_rig_say_inner(struct bridge_rig *rig, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	gint64 since = 0;

	while (size) {
		ssize_t count = send(rig->inner, at, size, MSG_NOSIGNAL);

		if (count > 0) {
			at += count;
			size -= count;
		} else {
			rig_wait(rig, &since, "the bridge to take the server's bytes");
		}
	}
}

size_t bridge_rig_hear_record(struct bridge_rig *rig, GByteArray *out)
{
	uint8_t bytes[65536];
	gint64 since = 0;
	ssize_t count;

	while ((count = rig_read(rig, bytes, sizeof(bytes))) < 0)
		rig_wait(rig, &since, "the bridge to send");
	g_byte_array_append(out, bytes, count);
	return count;
}

void bridge_rig_hear(struct bridge_rig *rig, GByteArray *out, size_t size)
{
	uint8_t bytes[65536];
	gint64 since = 0;

	while (size) {
		ssize_t count = rig_read(rig, bytes, MIN(size, sizeof(bytes)));

		g_assert_cmpint(count, !=, 0);
		if (count > 0) {
			g_byte_array_append(out, bytes, count);
			size -= count;
		} else {
			rig_wait(rig, &since, "the bridge to send");
		}
	}
}

void bridge_rig_hear_inner(struct bridge_rig *rig, GByteArray *out, size_t size)
{
	uint8_t bytes[65536];
	gint64 since = 0;

	while (size) {
		ssize_t count = recv(rig->inner, bytes, MIN(size, sizeof(bytes)), 0);

		g_assert_cmpint(count, !=, 0);
		if (count > 0) {
			g_byte_array_append(out, bytes, count);
			size -= count;
		} else {
			rig_wait(rig, &since, "the bridge to pass the client's bytes");
		}
	}
}

void bridge_rig_hear_end(struct bridge_rig *rig)
{
	uint8_t byte;
	gint64 since = 0;
	ssize_t count;

	while ((count = rig_read(rig, &byte, 1)) < 0)
		rig_wait(rig, &since, "the end of the connection");
	g_assert_cmpint(count, ==, 0);
}

void bridge_rig_hear_inner_end(struct bridge_rig *rig)
{
	uint8_t byte;
	gint64 since = 0;
	ssize_t count;

	while ((count = recv(rig->inner, &byte, 1, 0)) < 0 && errno == EAGAIN)
		rig_wait(rig, &since, "the end of the inner connection");
	g_assert_cmpint(count, <=, 0);
}

bool bridge_rig_inner_silent(struct bridge_rig *rig)
{
	uint8_t byte;

	return recv(rig->inner, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

void bridge_rig_until_routed(struct bridge_rig *rig)
{
	gint64 since = 0;

	while (!rig->routed && !rig->ended)
		rig_wait(rig, &since, "the route");
	g_assert_cmpint(rig->routed, ==, 1);
}

void bridge_rig_until_ended(struct bridge_rig *rig)
{
	gint64 since = 0;

	while (!rig->ended)
		rig_wait(rig, &since, "the end");
	g_assert_cmpint(rig->ended, ==, 1);
}

void bridge_rig_hang_up(struct bridge_rig *rig, bool reset)
{
	const struct linger linger = {.l_onoff = 1};

	if (reset)
		setsockopt(rig->client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(rig->client);
	rig->client = -1;
	if (rig->ssl)
		SSL_set_quiet_shutdown(rig->ssl, 1);
}
