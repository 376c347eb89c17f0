/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a process says to its service manager, and takes from it. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "src/keep.h"

struct manager {
	int socket;
	char *folder, *path;
	char text[8192];
	int fd; /* of the last message; -1: none */
};

static void manager_open(struct manager *manager, bool abstract)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t size;

	manager->fd = -1;
	manager->folder = g_dir_make_tmp("keep-XXXXXX", NULL);
	manager->path = g_strdup_printf("%s%s/notify", abstract ? "@" : "", manager->folder);
	size = strlen(manager->path);
	memcpy(address.sun_path, manager->path, size);
	if (abstract)
		address.sun_path[0] = '\0';
	manager->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	g_assert_cmpint(bind(manager->socket, (struct sockaddr *)&address,
					offsetof(struct sockaddr_un, sun_path) + size),
			==, 0);
	g_setenv("NOTIFY_SOCKET", manager->path, TRUE);
}

static bool manager_hear(struct manager *manager)
{
	char control[CMSG_SPACE(sizeof(int))];
	struct iovec line = {.iov_base = manager->text, .iov_len = sizeof(manager->text) - 1};
	struct msghdr message = {.msg_iov = &line,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control)};
	ssize_t size = recvmsg(manager->socket, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *part;

	if (manager->fd >= 0)
		close(manager->fd);
	manager->fd = -1;
	if (size < 0)
		return false;
	manager->text[size] = '\0';
	part = CMSG_FIRSTHDR(&message);
	if (part)
		memcpy(&manager->fd, CMSG_DATA(part), sizeof(int));
	return true;
}

static void manager_close(struct manager *manager)
{
	manager_hear(manager);
	close(manager->socket);
	if (*manager->path != '@')
		g_unlink(manager->path);
	g_rmdir(manager->folder);
	g_free(manager->path);
	g_free(manager->folder);
}

static bool same(int one, int other)
{
	struct stat a, b;

	return fstat(one, &a) == 0 && fstat(other, &b) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

static void said_as_the_protocol_has_it(gconstpointer abstract)
{
	struct manager manager;
	struct keep *keep;
	int memory = memfd_create("test", MFD_CLOEXEC);

	manager_open(&manager, GPOINTER_TO_INT(abstract));
	keep = keep_new();
	g_assert_null(g_getenv("NOTIFY_SOCKET"));
	g_assert_true(keep_available(keep));
	g_assert_true(keep_store(keep, "drive-1", memory));
	g_assert_true(manager_hear(&manager));
	g_assert_cmpstr(manager.text, ==, "FDSTORE=1\nFDNAME=drive-1\nFDPOLL=0\n");
	g_assert_true(same(manager.fd, memory));
	keep_ready(keep);
	g_assert_true(manager_hear(&manager));
	g_assert_cmpstr(manager.text, ==, "READY=1\n");
	keep_status(keep, "all is\nFDSTORE=1 well");
	g_assert_true(manager_hear(&manager));
	g_assert_cmpstr(manager.text, ==, "STATUS=all is FDSTORE=1 well");
	keep_remove(keep, "drive-1");
	g_assert_true(manager_hear(&manager));
	g_assert_cmpstr(manager.text, ==, "FDSTOREREMOVE=1\nFDNAME=drive-1\n");
	keep_remove(keep, "drive-1");
	g_assert_false(manager_hear(&manager));
	keep_stopping(keep);
	g_assert_true(manager_hear(&manager));
	g_assert_cmpstr(manager.text, ==, "STOPPING=1\n");
	keep_free(keep);
	close(memory);
	manager_close(&manager);
}

static void life_is_told_as_often_as_is_watched(void)
{
	struct manager manager;
	struct keep *keep;

	manager_open(&manager, true);
	g_setenv("WATCHDOG_USEC", "400000", TRUE);
	keep = keep_new();
	g_assert_null(g_getenv("WATCHDOG_USEC"));
	keep_alive(keep);
	keep_alive(keep);
	g_assert_true(manager_hear(&manager));
	g_assert_cmpstr(manager.text, ==, "WATCHDOG=1\n");
	g_assert_false(manager_hear(&manager));
	g_usleep(100000);
	keep_alive(keep);
	g_assert_true(manager_hear(&manager));
	keep_free(keep);
	/* The same by itself, as long as the loop turns. */
	g_setenv("NOTIFY_SOCKET", manager.path, TRUE);
	g_setenv("WATCHDOG_USEC", "400000", TRUE);
	keep = keep_new();
	keep_alive_by_loop(keep);
	g_usleep(300000);
	g_assert_false(manager_hear(&manager));
	for (int heard = 0; heard < 3;) {
		g_main_context_iteration(NULL, TRUE);
		if (manager_hear(&manager))
			heard++;
	}
	keep_free(keep);
	/* Somebody else is watched. */
	g_setenv("NOTIFY_SOCKET", manager.path, TRUE);
	g_setenv("WATCHDOG_USEC", "400000", TRUE);
	g_setenv("WATCHDOG_PID", "1", TRUE);
	keep = keep_new();
	keep_alive(keep);
	g_assert_false(manager_hear(&manager));
	keep_free(keep);
	manager_close(&manager);
}

static void second_of_a_name_replaces_the_first(void)
{
	struct manager manager;
	struct keep *keep;

	manager_open(&manager, true);
	keep = keep_new();
	g_assert_true(keep_store(keep, "one", 0));
	g_assert_true(keep_store(keep, "one", 1));
	g_assert_true(manager_hear(&manager));
	g_assert_true(manager_hear(&manager));
	g_assert_cmpstr(manager.text, ==, "FDSTOREREMOVE=1\nFDNAME=one\n");
	g_assert_true(manager_hear(&manager));
	g_assert_true(same(manager.fd, 1));
	keep_free(keep);
	manager_close(&manager);
}

static void names_that_cannot_be_are_refused(void)
{
	static const char *const names[] = {"", "a:b", "a\nFDSTORE=1", "\x7f", "\xc3\xa9"};
	struct manager manager;
	struct keep *keep;
	char name[257];

	manager_open(&manager, true);
	keep = keep_new();
	memset(name, 'x', 256);
	name[256] = '\0';
	g_assert_false(keep_store(keep, name, 0));
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		g_assert_false(keep_store(keep, names[i], 0));
	g_assert_false(manager_hear(&manager));
	name[255] = '\0';
	g_assert_true(keep_store(keep, name, 0));
	keep_free(keep);
	manager_close(&manager);
}

static void slow_manager_gets_all_in_order(void)
{
	struct manager manager;
	struct keep *keep;
	int heard = 0;

	manager_open(&manager, true);
	keep = keep_new();
	for (int i = 0; i < 2000; i++) { /* more than any socket takes */
		g_autofree char *name = g_strdup_printf("n%d", i);
		int memory = memfd_create("test", MFD_CLOEXEC);

		if (i % 100 == 0)
			g_assert_true(keep_store(keep, name, memory));
		else
			keep_status(keep, name);
		close(memory);
	}
	while (heard < 2000) {
		g_autofree char *name = g_strdup_printf(
				heard % 100 == 0 ? "FDNAME=n%d\n" : "STATUS=n%d", heard);

		while (!manager_hear(&manager))
			g_main_context_iteration(NULL, TRUE);
		g_assert_nonnull(strstr(manager.text, name));
		g_assert_true((manager.fd >= 0) == (heard % 100 == 0));
		heard++;
	}
	keep_free(keep);
	manager_close(&manager);
}

static void without_a_manager_nothing_is_kept(void)
{
	static const char *const sockets[] = {NULL, "", "@", "relative", "/nowhere/notify",
			"@spicerack-nobody-listens-here"};

	for (size_t i = 0; i < G_N_ELEMENTS(sockets); i++) {
		struct keep *keep;

		if (sockets[i])
			g_setenv("NOTIFY_SOCKET", sockets[i], TRUE);
		keep = keep_new();
		g_assert_false(keep_available(keep));
		g_assert_false(keep_store(keep, "a", 0));
		g_assert_cmpint(keep_take(keep, "a"), ==, -1);
		keep_remove(keep, "a");
		keep_ready(keep);
		keep_settle(keep);
		keep_free(keep);
	}
}

/* --- What was passed: each in a process of its own, whose descriptors from 3 on are ours --- */

static void listen_to(const char *fds, const char *names)
{
	g_autofree char *pid = g_strdup_printf("%d", (int)getpid());

	for (int fd = 3; fd < 20; fd++)
		close(fd);
	g_assert_cmpint(memfd_create("three", 0), ==, 3);
	g_assert_cmpint(memfd_create("four", 0), ==, 4);
	g_setenv("LISTEN_PID", pid, TRUE);
	g_setenv("LISTEN_FDS", fds, TRUE);
	if (names)
		g_setenv("LISTEN_FDNAMES", names, TRUE);
}

static void alone(const char *path)
{
	g_test_trap_subprocess(path, 0, G_TEST_SUBPROCESS_DEFAULT);
	g_test_trap_assert_passed();
}

static void passed_names_are_taken_once(void)
{
	struct keep *keep;

	if (!g_test_subprocess()) {
		alone(NULL);
		return;
	}
	listen_to("2", "one:two");
	keep = keep_new();
	g_assert_null(g_getenv("LISTEN_FDS"));
	g_assert_cmpint(keep_take(keep, "two"), ==, 4);
	g_assert_cmpint(keep_take(keep, "two"), ==, -1);
	g_assert_cmpint(keep_take(keep, "three"), ==, -1);
	g_assert_cmpint(fcntl(4, F_GETFD), ==, FD_CLOEXEC);
	g_assert_cmpint(fcntl(3, F_GETFD), ==, FD_CLOEXEC);
	keep_settle(keep);
	g_assert_cmpint(fcntl(3, F_GETFD), ==, -1);
	g_assert_cmpint(fcntl(4, F_GETFD), >=, 0);
	keep_free(keep);
	g_assert_cmpint(fcntl(4, F_GETFD), >=, 0);
}

static void sockets_that_listen_are_taken_by_what_they_are(void)
{
	struct keep *keep;
	int listening, idle;

	if (!g_test_subprocess()) {
		alone(NULL);
		return;
	}
	listen_to("4", "drive:viewers");
	listening = socket(AF_INET, SOCK_STREAM, 0);
	idle = socket(AF_UNIX, SOCK_STREAM, 0);
	g_assert_cmpint(listening, ==, 5);
	g_assert_cmpint(idle, ==, 6);
	g_assert_cmpint(listen(listening, 1), ==, 0); /* on a port of the kernel's */
	keep = keep_new();
	g_assert_cmpint(keep_take_socket(keep), ==, 5);
	g_assert_cmpint(keep_take_socket(keep), ==, -1);
	g_assert_cmpint(keep_take(keep, "drive"), ==, 3);
	keep_free(keep);
	g_assert_cmpint(fcntl(5, F_GETFD), >=, 0);
	g_assert_cmpint(fcntl(6, F_GETFD), ==, -1);
}

static void settling_removes_what_nobody_took(void)
{
	struct manager manager;
	struct keep *keep;

	if (!g_test_subprocess()) {
		alone(NULL);
		return;
	}
	listen_to("2", "one:two");
	manager_open(&manager, true);
	keep = keep_new();
	g_assert_cmpint(keep_take(keep, "two"), ==, 4);
	keep_settle(keep);
	g_assert_true(manager_hear(&manager));
	g_assert_cmpstr(manager.text, ==, "FDSTOREREMOVE=1\nFDNAME=one\n");
	g_assert_false(manager_hear(&manager));
	keep_free(keep);
	manager_close(&manager);
}

static void nonsense_is_not_taken(void)
{
	static const struct {
		const char *pid, *fds;
	} odd[] = {{"1", "2"}, {"", "2"}, {NULL, "-1"}, {NULL, "x"}, {NULL, "2x"},
			{NULL, "99999999999999999999"}, {NULL, ""}, {NULL, " 2"}};

	if (!g_test_subprocess()) {
		alone(NULL);
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(odd); i++) {
		struct keep *keep;

		listen_to(odd[i].fds, "one:two");
		if (odd[i].pid)
			g_setenv("LISTEN_PID", odd[i].pid, TRUE);
		keep = keep_new();
		g_assert_cmpint(keep_take(keep, "one"), ==, -1);
		keep_settle(keep);
		g_assert_cmpint(fcntl(3, F_GETFD), >=, 0);
		keep_free(keep);
	}
	listen_to("30000", "one");
	{
		struct keep *keep = keep_new();

		g_assert_cmpint(keep_take(keep, "one"), ==, 3);
		g_assert_cmpint(keep_take(keep, ""), ==, 4);
		g_assert_cmpint(keep_take(keep, ""), ==, -1);
		keep_free(keep);
	}
}

int main(int argc, char **argv)
{
	static const char *const variables[] = {
			"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET"};

	for (size_t i = 0; i < G_N_ELEMENTS(variables); i++)
		g_unsetenv(variables[i]);
	g_test_init(&argc, &argv, NULL);
	g_test_add_data_func("/keep/path/said_as_the_protocol_has_it", GINT_TO_POINTER(0),
			said_as_the_protocol_has_it);
	g_test_add_data_func("/keep/abstract/said_as_the_protocol_has_it", GINT_TO_POINTER(1),
			said_as_the_protocol_has_it);
	g_test_add_func("/keep/life_is_told_as_often_as_is_watched",
			life_is_told_as_often_as_is_watched);
	g_test_add_func("/keep/second_of_a_name_replaces_the_first",
			second_of_a_name_replaces_the_first);
	g_test_add_func("/keep/names_that_cannot_be_are_refused", names_that_cannot_be_are_refused);
	g_test_add_func("/keep/slow_manager_gets_all_in_order", slow_manager_gets_all_in_order);
	g_test_add_func("/keep/without_a_manager_nothing_is_kept",
			without_a_manager_nothing_is_kept);
	g_test_add_func("/keep/passed_names_are_taken_once", passed_names_are_taken_once);
	g_test_add_func("/keep/sockets_that_listen_are_taken_by_what_they_are",
			sockets_that_listen_are_taken_by_what_they_are);
	g_test_add_func("/keep/settling_removes_what_nobody_took",
			settling_removes_what_nobody_took);
	g_test_add_func("/keep/nonsense_is_not_taken", nonsense_is_not_taken);
	return g_test_run();
}
