/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Clients with TLS and websockets, and those who pretend to be some. */
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/tls.h"
#include "tests/unit/bridge_rig.h"
#include "tests/unit/listener_rig.h"

static struct bridge_files files;
static const char *const anywhere[] = {"127.0.0.1:0", NULL};

static struct listener *open_secure(struct arrivals *arrivals)
{
	const struct listener_settings settings = {
			.addresses = anywhere, .certificate = files.certificate, .key = files.key};

	return rig_open(&settings, arrivals);
}

/* A client that waits for what it does: the listener is in a thread of its own. */
struct secure {
	SSL_CTX *context;
	SSL *ssl;
	int fd;
};

static bool secure_open(struct secure *secure, int fd)
{
	const struct timeval patience = {.tv_sec = 10};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	secure->fd = fd;
	secure->context = SSL_CTX_new(TLS_client_method());
	secure->ssl = SSL_new(secure->context);
	SSL_set_fd(secure->ssl, secure->fd);
	return SSL_connect(secure->ssl) == 1;
}

static void secure_close(struct secure *secure)
{
	SSL_free(secure->ssl);
	SSL_CTX_free(secure->context);
	close(secure->fd);
}

static void secure_view(struct secure *secure)
{
	uint8_t bytes[LINK_BYTES];

	rig_link(7, 2, 1, bytes);
	g_assert_cmpint(SSL_write(secure->ssl, bytes, sizeof(bytes)), ==, sizeof(bytes));
}

/* Reads exactly that. */
static void assert_hears(int fd, const void *bytes, size_t size)
{
	uint8_t heard[512];
	size_t count = 0;

	for (int i = 0; i < 500 && count < size; i++) {
		ssize_t got = recv(fd, heard + count, size - count, MSG_DONTWAIT);

		count += got > 0 ? got : 0;
		if (got <= 0)
			g_usleep(2000);
	}
	g_assert_cmpmem(heard, count, bytes, size);
}

static char *fingerprint(const struct secure *secure)
{
	X509 *certificate = SSL_get1_peer_certificate(secure->ssl);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int size = 0;
	GString *text = g_string_new(NULL);

	g_assert_cmpint(X509_digest(certificate, EVP_sha256(), digest, &size), ==, 1);
	X509_free(certificate);
	for (unsigned int i = 0; i < size; i++)
		g_string_append_printf(text, "%02x", digest[i]);
	return g_string_free(text, FALSE);
}

static void test_a_client_with_tls_arrives_and_both_hear_each_other(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_secure(&arrivals);
	struct secure secure;
	uint8_t bytes[LINK_BYTES], answer[4] = {0};

	g_assert_true(secure_open(&secure, rig_call_from(listener, "127.0.0.3", "", 0)));
	secure_view(&secure);
	rig_run(&arrivals, 1, 5000);
	g_assert_cmpint(arrivals.count, ==, 1);
	g_assert_true(arrivals.last.encrypted);
	g_assert_false(arrivals.last.websocket);
	g_assert_cmphex(arrivals.last.greeting.connection, ==, 7);
	g_assert_cmpint(arrivals.last.greeting.channel_type, ==, 2);
	g_assert_cmpint(arrivals.last.greeting.channel_id, ==, 1);
	g_assert_true(g_str_has_prefix(arrivals.last.peer, "127.0.0.3:"));
	rig_link(7, 2, 1, bytes);
	assert_hears(arrivals.last.fd, bytes, sizeof(bytes));
	g_assert_cmpint(send(arrivals.last.fd, "REDQ", 4, 0), ==, 4);
	close(arrivals.last.fd);
	arrivals.last.fd = -1;
	g_assert_cmpint(SSL_read(secure.ssl, answer, sizeof(answer)), ==, 4);
	g_assert_cmpmem(answer, 4, "REDQ", 4);
	g_assert_cmpint(SSL_read(secure.ssl, answer, sizeof(answer)), <=, 0);
	secure_close(&secure);
	rig_close(listener, &arrivals);
}

static void test_a_handed_over_client_outlives_the_time_for_strangers(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_secure(&arrivals);
	struct secure routed, slow;
	uint8_t bytes[LINK_BYTES];

	g_assert_true(secure_open(&routed, rig_call(listener, "")));
	g_assert_true(secure_open(&slow, rig_call(listener, "")));
	secure_view(&routed);
	rig_run(&arrivals, 1, 5000);
	rig_link(7, 2, 1, bytes);
	assert_hears(arrivals.last.fd, bytes, sizeof(bytes));
	rig_run(&arrivals, 2, 5500);
	g_assert_false(rig_closes(arrivals.last.fd, 0));
	g_assert_cmpint(arrivals.count, ==, 1);
	g_assert_cmpint(SSL_read(slow.ssl, bytes, sizeof(bytes)), <=, 0);
	secure_close(&routed);
	secure_close(&slow);
	rig_close(listener, &arrivals);
}

/* The answer to a link: the client is to come by TLS. Then the end, once it has closed too. */
static void assert_told_to_come_by_tls(int fd)
{
	const struct timeval patience = {.tv_sec = 2};
	uint8_t answer[256], byte;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	g_assert_cmpint(recv(fd, answer, sizeof(answer), MSG_WAITALL), ==, 16 + 178);
	g_assert_cmpmem(answer, 13, "REDQ\2\0\0\0\2\0\0\0\262", 13);
	g_assert_cmpint(answer[16], ==, 5);
	g_assert_cmpint(recv(fd, &byte, 1, 0), ==, 0);
}

static void test_with_a_certificate_plain_clients_are_told_to_come_by_tls(void)
{
	const int before = rig_descriptors();
	struct arrivals arrivals;
	struct listener *listener = open_secure(&arrivals);
	const char *last;
	int fd = rig_view(listener), page = rig_call(listener, "GET / HTTP/1.1\r\n");

	assert_told_to_come_by_tls(fd);
	g_assert_true(rig_closes(page, 1000));
	g_assert_cmpint(rig_warned(&last), ==, 1);
	g_assert_nonnull(strstr(last, "without TLS"));
	close(page);
	close(fd);
	fd = rig_view(listener);
	rig_run(&arrivals, 1, 100);
	g_assert_cmpint(arrivals.count, ==, 0);
	rig_close(listener, &arrivals);
	assert_told_to_come_by_tls(fd);
	close(fd);
	g_assert_cmpint(rig_descriptors(), ==, before);
}

static void test_half_a_handshake_is_closed_after_five_seconds(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_secure(&arrivals);
	int fd = rig_call_from(listener, "127.0.0.1", "\x16\x03\x01\x01\x00\x01\0\0\xfc", 9);

	g_assert_false(rig_closes(fd, 4500));
	g_assert_true(rig_closes(fd, 1000));
	close(fd);
	rig_close(listener, &arrivals);
}

static void test_a_viewer_gets_in_among_half_handshakes_from_its_address(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_secure(&arrivals);
	gint64 begin;
	struct secure secure;
	int fds[500];

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
		fds[i] = rig_call_from(
				listener, "127.0.0.1", "\x16\x03\x01\x01\x00\x01\0\0\xfc", 9);
	begin = g_get_monotonic_time();
	g_assert_true(secure_open(&secure, rig_call(listener, "")));
	secure_view(&secure);
	rig_run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	g_test_message("a viewer arrived after %.1f ms",
			(double)(g_get_monotonic_time() - begin) / 1000);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
	secure_close(&secure);
	rig_warned(NULL);
	rig_close(listener, &arrivals);
}

static void test_a_renewed_certificate_is_for_those_who_come_later(void)
{
	struct arrivals arrivals;
	struct bridge_files own, next;
	struct listener_settings settings = {.addresses = anywhere};
	struct listener *listener;
	struct secure before, after;
	g_autofree char *first = NULL;
	g_autofree char *second = NULL;

	bridge_files_make(&own);
	bridge_files_make(&next);
	settings.certificate = own.certificate;
	settings.key = own.key;
	listener = rig_open(&settings, &arrivals);
	g_assert_true(secure_open(&before, rig_call(listener, "")));
	first = fingerprint(&before);
	g_assert_cmpint(g_rename(next.certificate, own.certificate), ==, 0);
	g_assert_cmpint(g_rename(next.key, own.key), ==, 0);
	g_assert_true(listener_reload(listener, NULL));
	g_assert_true(secure_open(&after, rig_call(listener, "")));
	second = fingerprint(&after);
	g_assert_cmpstr(first, !=, second);
	secure_view(&before);
	rig_run(&arrivals, 1, 5000);
	secure_view(&after);
	rig_run(&arrivals, 2, 5000);
	g_assert_cmpint(arrivals.count, ==, 2);
	secure_close(&before);
	secure_close(&after);
	rig_close(listener, &arrivals);
	bridge_files_remove(&own);
	bridge_files_remove(&next);
}

static void test_a_certificate_that_cannot_be_read_leaves_the_one_before(void)
{
	struct arrivals arrivals;
	struct bridge_files own;
	struct listener_settings settings = {.addresses = anywhere};
	g_autoptr(GError) error = NULL;
	struct listener *listener;
	struct secure secure;

	bridge_files_make(&own);
	settings.certificate = own.certificate;
	settings.key = own.key;
	listener = rig_open(&settings, &arrivals);
	g_assert_true(g_file_set_contents(own.certificate, "rubbish", -1, NULL));
	g_assert_false(listener_reload(listener, &error));
	g_assert_nonnull(strstr(error->message, own.certificate));
	g_assert_true(secure_open(&secure, rig_call(listener, "")));
	secure_view(&secure);
	rig_run(&arrivals, 1, 5000);
	g_assert_cmpint(arrivals.count, ==, 1);
	g_clear_error(&error);
	g_assert_null(listener_open(&settings, NULL, NULL, &error));
	g_assert_error(error, TLS_ERROR, TLS_ERROR_FORMAT);
	secure_close(&secure);
	rig_close(listener, &arrivals);
	bridge_files_remove(&own);
}

/* --- Websockets --- */

static int call_page(const struct listener *listener, const char *origin)
{
	g_autofree char *request = g_strdup_printf("GET / HTTP/1.1\r\nHost: 127.0.0.1:5900\r\n"
						   "Upgrade: websocket\r\nConnection: Upgrade\r\n"
						   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
						   "Sec-WebSocket-Version: 13\r\n"
						   "Sec-WebSocket-Protocol: binary\r\n"
						   "Origin: %s\r\n\r\n",
			origin);
	uint8_t frame[6 + LINK_BYTES] = {0x82, 0x80 | LINK_BYTES};
	int fd = rig_call(listener, request);

	/* The mask is of zeros. */
	rig_link(0, 1, 0, frame + 6);
	(void)!send(fd, frame, sizeof(frame), MSG_NOSIGNAL);
	return fd;
}

static void test_a_page_of_the_same_host_arrives(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	uint8_t bytes[LINK_BYTES];
	int fd = call_page(listener, "https://127.0.0.1:8443");

	rig_run(&arrivals, 1, 5000);
	g_assert_cmpint(arrivals.count, ==, 1);
	g_assert_true(arrivals.last.websocket);
	g_assert_false(arrivals.last.encrypted);
	rig_link(0, 1, 0, bytes);
	assert_hears(arrivals.last.fd, bytes, sizeof(bytes));
	close(fd);
	rig_close(listener, &arrivals);
}

static void test_a_page_of_elsewhere_is_refused_and_told_of(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	const char *last;
	int fd = call_page(listener, "https://evil.example");

	rig_run(&arrivals, 1, 300);
	g_assert_cmpint(arrivals.count, ==, 0);
	g_assert_cmpint(rig_warned(&last), ==, 1);
	g_assert_nonnull(strstr(last, "https://evil.example"));
	close(fd);
	rig_close(listener, &arrivals);
}

static void test_pages_that_are_listed_arrive(void)
{
	const char *const origins[] = {"https://console.example", NULL};
	const struct listener_settings settings = {
			.addresses = anywhere, .plain = true, .origins = origins};
	struct arrivals arrivals;
	struct listener *listener = rig_open(&settings, &arrivals);
	int fd = call_page(listener, "https://console.example");

	rig_run(&arrivals, 1, 5000);
	g_assert_cmpint(arrivals.count, ==, 1);
	close(fd);
	rig_close(listener, &arrivals);
}

/* --- Plain ones with a bridge --- */

static bool is_callers(const struct listener_client *client)
{
	struct sockaddr_in peer;
	socklen_t length = sizeof(peer);
	g_autofree char *port = NULL;

	g_assert_cmpint(getpeername(client->fd, (struct sockaddr *)&peer, &length), ==, 0);
	port = g_strdup_printf(":%d", ntohs(peer.sin_port));
	return g_str_has_suffix(client->peer, port);
}

static void test_only_displays_get_a_bridge_when_their_init_is_to_be_made_up(void)
{
	const struct listener_settings settings = {
			.addresses = anywhere, .plain = true, .display_init = true};
	struct arrivals arrivals;
	struct listener *listener = rig_open(&settings, &arrivals);
	uint8_t bytes[LINK_BYTES];
	int viewer = rig_view(listener), display;

	rig_run(&arrivals, 1, 5000);
	g_assert_true(is_callers(&arrivals.last));
	rig_link(9, 2, 0, bytes);
	display = rig_call_from(listener, "127.0.0.1", bytes, sizeof(bytes));
	rig_run(&arrivals, 2, 5000);
	g_assert_cmpint(arrivals.count, ==, 2);
	g_assert_false(is_callers(&arrivals.last));
	g_assert_false(arrivals.last.encrypted);
	g_assert_false(arrivals.last.websocket);
	assert_hears(arrivals.last.fd, bytes, sizeof(bytes));
	close(viewer);
	close(display);
	rig_close(listener, &arrivals);
}

static void test_closing_ends_bridges_and_leaves_no_descriptor(void)
{
	const int before = rig_descriptors();
	struct arrivals arrivals;
	struct listener *listener = open_secure(&arrivals);
	struct secure routed, silent;
	uint8_t byte;

	g_assert_true(secure_open(&routed, rig_call(listener, "")));
	g_assert_true(secure_open(&silent, rig_call(listener, "")));
	secure_view(&routed);
	rig_run(&arrivals, 1, 5000);
	g_assert_cmpint(arrivals.count, ==, 1);
	rig_close(listener, &arrivals);
	g_assert_cmpint(SSL_read(routed.ssl, &byte, 1), <=, 0);
	g_assert_cmpint(SSL_read(silent.ssl, &byte, 1), <=, 0);
	secure_close(&routed);
	secure_close(&silent);
	g_assert_cmpint(rig_descriptors(), ==, before);
}

int main(int argc, char **argv)
{
	int result;

	signal(SIGPIPE, SIG_IGN);
	rig_init(&argc, &argv);
	bridge_files_make(&files);
#define TEST(name) g_test_add_func("/listener/" #name, test_##name)
	TEST(a_client_with_tls_arrives_and_both_hear_each_other);
	TEST(a_handed_over_client_outlives_the_time_for_strangers);
	TEST(with_a_certificate_plain_clients_are_told_to_come_by_tls);
	TEST(half_a_handshake_is_closed_after_five_seconds);
	TEST(a_viewer_gets_in_among_half_handshakes_from_its_address);
	TEST(a_renewed_certificate_is_for_those_who_come_later);
	TEST(a_certificate_that_cannot_be_read_leaves_the_one_before);
	TEST(a_page_of_the_same_host_arrives);
	TEST(a_page_of_elsewhere_is_refused_and_told_of);
	TEST(pages_that_are_listed_arrive);
	TEST(only_displays_get_a_bridge_when_their_init_is_to_be_made_up);
	TEST(closing_ends_bridges_and_leaves_no_descriptor);
	result = g_test_run();
	bridge_files_remove(&files);
	return result;
}
