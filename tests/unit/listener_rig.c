/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/unit/listener_rig.h"

static GMutex warnings_lock;
static char *warning;
static int warnings;

static void rig_log(const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	if (level & G_LOG_LEVEL_ERROR) {
		g_log_default_handler(domain, level, message, data);
		return;
	}
	g_mutex_lock(&warnings_lock);
	g_free(warning);
	warning = g_strdup(message);
	warnings++;
	g_mutex_unlock(&warnings_lock);
}

void rig_init(int *argc, char ***argv)
{
	g_test_init(argc, argv, NULL);
	g_log_set_always_fatal(G_LOG_FATAL_MASK);
	g_log_set_default_handler(rig_log, NULL);
}

int rig_warned(const char **last)
{
	int count;

	g_mutex_lock(&warnings_lock);
	count = warnings;
	warnings = 0;
	if (last)
		*last = warning;
	g_mutex_unlock(&warnings_lock);
	return count;
}

static void rig_arrive(const struct listener_client *client, void *data)
{
	struct arrivals *arrivals = data;

	if (arrivals->last.fd >= 0)
		close(arrivals->last.fd);
	arrivals->last = *client;
	arrivals->count++;
}

struct listener *rig_open(const struct listener_settings *settings, struct arrivals *arrivals)
{
	g_autoptr(GError) error = NULL;
	struct listener *listener;

	*arrivals = (struct arrivals){.last = {.fd = -1}};
	listener = listener_open(settings, rig_arrive, arrivals, &error);
	g_assert_no_error(error);
	return listener;
}

struct listener *rig_open_at(const char *address, struct arrivals *arrivals)
{
	const char *const addresses[] = {address, NULL};
	const struct listener_settings settings = {.addresses = addresses, .plain = true};

	return rig_open(&settings, arrivals);
}

void rig_close(struct listener *listener, struct arrivals *arrivals)
{
	listener_close(listener);
	if (arrivals->last.fd >= 0)
		close(arrivals->last.fd);
}

void rig_refused(const struct listener_settings *settings, int code, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(listener_open(settings, rig_arrive, NULL, &error));
	g_assert_error(error, LISTENER_ERROR, code);
	if (!strstr(error->message, words))
		g_error("\"%s\" does not say \"%s\"", error->message, words);
}

void rig_refused_at(const char *address, int code, const char *words)
{
	const char *const addresses[] = {address, NULL};
	const struct listener_settings settings = {.addresses = addresses, .plain = true};

	rig_refused(&settings, code, words);
}

void rig_link(uint32_t connection, uint8_t type, uint8_t id, uint8_t bytes[LINK_BYTES])
{
	const uint32_t number = GUINT32_TO_LE(connection);

	memset(bytes, 0, LINK_BYTES);
	memcpy(bytes, "REDQ\2\0\0\0\2\0\0\0\26", 13);
	memcpy(bytes + 16, &number, sizeof(number));
	bytes[20] = type;
	bytes[21] = id;
	memcpy(bytes + 22, "and the rest of", 16);
}

int rig_call_from(const struct listener *listener, const char *from, const void *bytes, size_t size)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	const char *port = strrchr(listener_address(listener, 0), ':') + 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(inet_pton(AF_INET, from, &address.sin_addr), ==, 1);
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(atoi(port));
	g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	if (size > 0) /* it may have been closed already */
		(void)!send(fd, bytes, size, MSG_NOSIGNAL);
	return fd;
}

int rig_call(const struct listener *listener, const char *words)
{
	return rig_call_from(listener, "127.0.0.1", words, strlen(words));
}

int rig_view_from(const struct listener *listener, const char *from)
{
	uint8_t bytes[LINK_BYTES];

	rig_link(0, 1, 0, bytes);
	return rig_call_from(listener, from, bytes, sizeof(bytes));
}

int rig_view(const struct listener *listener)
{
	return rig_view_from(listener, "127.0.0.1");
}

int rig_call_path(const char *path, const char *words)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	g_assert_cmpint(send(fd, words, strlen(words), MSG_NOSIGNAL), ==, strlen(words));
	return fd;
}

static gboolean rig_out_of_time(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

void rig_run(struct arrivals *arrivals, int count, unsigned int ms)
{
	bool late = false;
	guint timer = g_timeout_add(ms, rig_out_of_time, &late);

	while (!late && arrivals->count < count)
		g_main_context_iteration(NULL, TRUE);
	if (!late)
		g_source_remove(timer);
}

bool rig_closes(int fd, int ms)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	char byte;

	if (poll(&wait, 1, ms) <= 0)
		return false;
	return recv(fd, &byte, 1, MSG_DONTWAIT) <= 0 && errno != EAGAIN;
}

int rig_descriptors(void)
{
	GDir *dir = g_dir_open("/proc/self/fd", 0, NULL);
	int count = 0;

	while (g_dir_read_name(dir))
		count++;
	g_dir_close(dir);
	return count;
}
