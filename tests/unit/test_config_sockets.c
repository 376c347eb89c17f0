/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sockets that a service manager hands over, and strangers. */
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "src/console_config.h"

static char *everywhere[] = {(char[]){":5900"}, NULL};
static char *here[] = {(char[]){"127.0.0.1:5900"}, NULL};

/* Listens there; -1: this machine has no such address. */
static int listen_on(const char *host)
{
	const struct addrinfo hints = {
			.ai_socktype = SOCK_STREAM,
			.ai_flags = AI_NUMERICHOST | AI_PASSIVE,
	};
	struct addrinfo *address;
	int fd;

	g_assert_cmpint(getaddrinfo(host, "0", &hints, &address), ==, 0);
	fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (bind(fd, address->ai_addr, address->ai_addrlen) < 0 || listen(fd, 1) < 0)) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(address);
	return fd;
}

static int listen_on_unix(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX}; /* any free abstract name */
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)), ==, 0);
	g_assert_cmpint(listen(fd, 1), ==, 0);
	return fd;
}

/* words: of the refusal; NULL: it is safe. */
static void assert_judged(const struct console_config *config, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(console_config_is_safe(config, &error), ==, !words);
	if (!words) {
		g_assert_no_error(error);
		return;
	}
	g_assert_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE);
	g_assert_nonnull(strstr(error->message, words));
	g_assert_nonnull(strstr(
			error->message, "and no password is asked for; give a password-file"));
}

static void test_they_are_judged_by_their_own_addresses(void)
{
	static const struct {
		const char *host, *words; /* NULL: is safe */
	} rows[] = {
			{"127.0.0.1", NULL},
			{"127.8.0.1", NULL},
			{"0.0.0.0", "console: 0.0.0.0:"},
			{"::1", NULL},
			{"::", "console: [::]:"},
			{"::ffff:127.0.0.1", NULL},
			{"::ffff:0.0.0.0", "console: [::ffff:0.0.0.0]:"},
	};

	char password[] = "secret";

	for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
		const int fd = listen_on(rows[i].host);
		struct console_config config = {.listen = here, .sockets = &fd, .socket_count = 1};

		if (fd < 0) {
			g_test_message("no %s here", rows[i].host);
			continue;
		}
		assert_judged(&config, rows[i].words);
		config.password = password;
		assert_judged(&config, NULL);
		config.password = NULL;
		config.allow_no_password = true;
		assert_judged(&config, NULL);
		close(fd);
	}
}

static void test_each_of_them_is_judged(void)
{
	const int fds[] = {listen_on_unix(), listen_on("127.0.0.1"), listen_on("0.0.0.0")};
	struct console_config config = {.listen = here, .sockets = fds, .socket_count = 3};

	assert_judged(&config, "console: 0.0.0.0:");
	config.socket_count = 2;
	assert_judged(&config, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
}

static void test_the_addresses_in_whose_place_they_are_do_not_count(void)
{
	const int fd = listen_on_unix();
	struct console_config config = {.listen = everywhere, .sockets = &fd, .socket_count = 1};

	assert_judged(&config, NULL);
	config.socket_count = 0;
	assert_judged(&config, "console: :5900 can be reached from elsewhere");
	close(fd);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/config/sockets/" #name, test_##name)
	TEST(they_are_judged_by_their_own_addresses);
	TEST(each_of_them_is_judged);
	TEST(the_addresses_in_whose_place_they_are_do_not_count);
	return g_test_run();
}
