/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "src/keep.h"

#define KEEP_FIRST 3   /* SD_LISTEN_FDS_START */
#define KEEP_NAME  255 /* FDNAME_MAX of systemd */

struct keep_item {
	char *name;
	int fd; /* -1: taken */
};

struct keep_message {
	char *text;
	int fd; /* ours; -1: none */
};

struct keep {
	GRecMutex lock;     /* for all below */
	GArray *items;      /* struct keep_item, passed to us */
	GHashTable *stored; /* names that the manager was given */
	int socket;         /* to the manager; -1: there is none */
	GQueue waiting;     /* struct keep_message: it had no room for them yet */
	guint watch;
	int64_t alive_every, alive_next; /* us; 0: the manager does not watch */
	guint alive;                     /* timer; 0: none */
};

static bool keep_name_good(const char *name)
{
	size_t size = strlen(name);

	for (const char *c = name; *c; c++)
		if (*c < ' ' || *c > '~' || *c == ':')
			return false;
	return size > 0 && size <= KEEP_NAME;
}

/* --- What was passed --- */

static bool keep_number(const char *variable, long long most, long long *number)
{
	const char *text = g_getenv(variable);
	char *end = NULL;

	if (!text || !g_ascii_isdigit(*text))
		return false;
	errno = 0;
	*number = g_ascii_strtoll(text, &end, 10);
	return !errno && !*end && *number <= most;
}

static void keep_take_over(struct keep *keep)
{
	const char *text = g_getenv("LISTEN_FDNAMES");
	g_auto(GStrv) names = g_strsplit(text ? text : "", ":", -1);
	guint named = g_strv_length(names);
	long long pid, count;

	if (!keep_number("LISTEN_PID", INT32_MAX, &pid) || pid != getpid() ||
			!keep_number("LISTEN_FDS", INT16_MAX, &count))
		return;
	for (guint i = 0; i < count; i++) {
		struct keep_item item = {.fd = KEEP_FIRST + (int)i};

		/* What is not open was not passed, whatever the variables say. */
		if (fcntl(item.fd, F_SETFD, FD_CLOEXEC) < 0)
			continue;
		item.name = g_strdup(i < named ? names[i] : "");
		g_array_append_val(keep->items, item);
		g_hash_table_add(keep->stored, g_strdup(item.name));
	}
}

int keep_take(struct keep *keep, const char *name)
{
	G_GNUC_UNUSED g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&keep->lock);
	for (guint i = 0; i < keep->items->len; i++) {
		struct keep_item *item = &g_array_index(keep->items, struct keep_item, i);
		int fd = item->fd;

		if (fd < 0 || strcmp(item->name, name) != 0)
			continue;
		item->fd = -1;
		return fd;
	}
	return -1;
}

static bool keep_listens(int fd)
{
	int type = 0, listens = 0;
	socklen_t size = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens;
}

int keep_take_socket(struct keep *keep)
{
	G_GNUC_UNUSED g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&keep->lock);
	for (guint i = 0; i < keep->items->len; i++) {
		struct keep_item *item = &g_array_index(keep->items, struct keep_item, i);
		int fd = item->fd;

		if (fd < 0 || !keep_listens(fd))
			continue;
		item->fd = -1;
		return fd;
	}
	return -1;
}

/* --- What is said --- */

static void keep_connect(struct keep *keep)
{
	const char *path = g_getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t size = path ? strlen(path) : 0;

	/* A path, or an abstract name that is written with an @. */
	if (size < 2 || size >= sizeof(address.sun_path) || (*path != '/' && *path != '@'))
		return;
	memcpy(address.sun_path, path, size);
	if (*path == '@')
		address.sun_path[0] = '\0';
	keep->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (keep->socket < 0)
		return;
	if (connect(keep->socket, (struct sockaddr *)&address,
			    offsetof(struct sockaddr_un, sun_path) + size) < 0) {
		close(keep->socket);
		keep->socket = -1;
	}
}

static bool keep_write(struct keep *keep, const char *text, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec line = {.iov_base = (char *)text, .iov_len = strlen(text)};
	struct msghdr message = {.msg_iov = &line, .msg_iovlen = 1};
	ssize_t size;

	if (fd >= 0) {
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
	}
	do {
		size = sendmsg(keep->socket, &message, MSG_NOSIGNAL);
	} while (size < 0 && errno == EINTR);
	return size >= 0;
}

static void keep_message_free(struct keep_message *message)
{
	if (message->fd >= 0)
		close(message->fd);
	g_free(message->text);
	g_free(message);
}

static gboolean keep_room(gint fd, GIOCondition condition, gpointer data)
{
	struct keep *keep = data;
	G_GNUC_UNUSED g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&keep->lock);
	struct keep_message *message;

	while ((message = g_queue_peek_head(&keep->waiting))) {
		if (!keep_write(keep, message->text, message->fd) && errno == EAGAIN)
			return G_SOURCE_CONTINUE;
		g_queue_pop_head(&keep->waiting);
		keep_message_free(message);
	}
	keep->watch = 0;
	return G_SOURCE_REMOVE;
}

/* In order; a manager that is slow to read is waited for without blocking. */
static bool keep_say(struct keep *keep, const char *text, int fd)
{
	G_GNUC_UNUSED g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&keep->lock);
	struct keep_message *message;
	int copy = -1;

	if (keep->socket < 0) {
		errno = ENOTCONN;
		return false;
	}
	if (!keep->watch) {
		if (keep_write(keep, text, fd))
			return true;
		if (errno != EAGAIN)
			return false;
	}
	if (fd >= 0) {
		copy = fcntl(fd, F_DUPFD_CLOEXEC, KEEP_FIRST);
		if (copy < 0)
			return false;
	}
	message = g_new(struct keep_message, 1);
	*message = (struct keep_message){.text = g_strdup(text), .fd = copy};
	g_queue_push_tail(&keep->waiting, message);
	if (!keep->watch)
		keep->watch = g_unix_fd_add(keep->socket, G_IO_OUT, keep_room, keep);
	return true;
}

bool keep_available(const struct keep *keep)
{
	return keep->socket >= 0;
}

bool keep_store(struct keep *keep, const char *name, int fd)
{
	G_GNUC_UNUSED g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&keep->lock);
	g_autofree char *text = NULL;

	if (!keep_name_good(name)) {
		errno = EINVAL;
		return false;
	}
	keep_remove(keep, name);
	/* Some would drop a descriptor that polls as broken: a gadget that is not bound yet does.
	 */
	text = g_strdup_printf("FDSTORE=1\nFDNAME=%s\nFDPOLL=0\n", name);
	if (!keep_say(keep, text, fd))
		return false;
	g_hash_table_add(keep->stored, g_strdup(name));
	return true;
}

void keep_remove(struct keep *keep, const char *name)
{
	G_GNUC_UNUSED g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&keep->lock);
	g_autofree char *text = NULL;

	if (!g_hash_table_remove(keep->stored, name) || !keep_name_good(name))
		return;
	text = g_strdup_printf("FDSTOREREMOVE=1\nFDNAME=%s\n", name);
	keep_say(keep, text, -1);
}

void keep_settle(struct keep *keep)
{
	G_GNUC_UNUSED g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&keep->lock);
	for (guint i = 0; i < keep->items->len; i++) {
		struct keep_item *item = &g_array_index(keep->items, struct keep_item, i);

		if (item->fd < 0)
			continue;
		keep_remove(keep, item->name);
		close(item->fd);
		item->fd = -1;
	}
}

void keep_ready(struct keep *keep)
{
	keep_say(keep, "READY=1\n", -1);
}

void keep_stopping(struct keep *keep)
{
	keep_say(keep, "STOPPING=1\n", -1);
}

/* sd_watchdog_enabled(3): a process that the manager does not mean is not watched. */
static void keep_watched(struct keep *keep)
{
	long long pid, span;

	if (g_getenv("WATCHDOG_PID") &&
			(!keep_number("WATCHDOG_PID", INT32_MAX, &pid) || pid != getpid()))
		return;
	if (keep_number("WATCHDOG_USEC", INT64_MAX, &span))
		keep->alive_every = span / 4;
}

void keep_alive(struct keep *keep)
{
	G_GNUC_UNUSED g_autoptr(GRecMutexLocker) locker = g_rec_mutex_locker_new(&keep->lock);
	int64_t now = g_get_monotonic_time();

	if (!keep->alive_every || now < keep->alive_next)
		return;
	keep->alive_next = now + keep->alive_every;
	keep_say(keep, "WATCHDOG=1\n", -1);
}

static gboolean keep_still_alive(gpointer data)
{
	keep_say(data, "WATCHDOG=1\n", -1);
	return G_SOURCE_CONTINUE;
}

void keep_alive_by_loop(struct keep *keep)
{
	if (keep->alive_every && !keep->alive)
		keep->alive = g_timeout_add((guint)MIN(keep->alive_every / 1000 + 1, G_MAXINT),
				keep_still_alive, keep);
}

void keep_status(struct keep *keep, const char *text)
{
	g_autofree char *line = g_strdup_printf("STATUS=%s", text);

	/* One line: what follows would be read as words of the protocol. */
	g_strdelimit(line, "\n\r", ' ');
	keep_say(keep, line, -1);
}

/* --- Its life --- */

static void keep_item_clear(gpointer data)
{
	struct keep_item *item = data;

	if (item->fd >= 0)
		close(item->fd);
	g_free(item->name);
}

struct keep *keep_new(void)
{
	static const char *const variables[] = {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
			"NOTIFY_SOCKET", "FDSTORE", "WATCHDOG_PID", "WATCHDOG_USEC"};
	struct keep *keep = g_new0(struct keep, 1);

	g_rec_mutex_init(&keep->lock);
	keep->items = g_array_new(FALSE, FALSE, sizeof(struct keep_item));
	g_array_set_clear_func(keep->items, keep_item_clear);
	keep->stored = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	keep->socket = -1;
	keep_take_over(keep);
	keep_connect(keep);
	keep_watched(keep);
	for (size_t i = 0; i < G_N_ELEMENTS(variables); i++)
		g_unsetenv(variables[i]);
	return keep;
}

void keep_free(struct keep *keep)
{
	if (!keep)
		return;
	if (keep->watch)
		g_source_remove(keep->watch);
	g_clear_handle_id(&keep->alive, g_source_remove);
	/* A last word is worth a try, and no more. */
	if (!g_queue_is_empty(&keep->waiting))
		keep_room(keep->socket, G_IO_OUT, keep);
	g_queue_clear_full(&keep->waiting, (GDestroyNotify)keep_message_free);
	if (keep->socket >= 0)
		close(keep->socket);
	g_hash_table_unref(keep->stored);
	g_array_unref(keep->items);
	g_rec_mutex_clear(&keep->lock);
	g_free(keep);
}
