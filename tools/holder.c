/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spicerack-holder COMMAND ARGUMENTS...: keeps a command running and holds its descriptors while it
 * does not, as systemd does by FileDescriptorStoreMax= and Restart=on-failure, where there is no
 * systemd. See src/keep.h for the other end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tools/holder_store.h"

#define HOLDER_LIMIT     128   /* descriptors */
#define HOLDER_AT_ONCE   16    /* of them in one message */
#define HOLDER_LINE      4096  /* bytes of a message */
#define HOLDER_SHORT_MS  1000  /* a life shorter than that was none */
#define HOLDER_FREE      5     /* such lives in a row that are followed by another at once */
#define HOLDER_DELAY_MIN 100   /* ms before the next then; it doubles */
#define HOLDER_DELAY_MAX 10000 /* ... up to this */
#define HOLDER_EXEC      127   /* the command could not be started, as a shell says it */

struct holder {
	char **command;
	struct holder_store store;
	int notify, signals;
	char address[sizeof(((struct sockaddr_un *)0)->sun_path) + 1]; /* NOTIFY_SOCKET */
	pid_t child;                                                   /* 0: none */
	long long began;                                               /* ms */
	long long next; /* when to start it again, ms */
	int brief;      /* lives in a row */
	int delay;      /* before the next, ms */
	bool crashed;   /* once at least: what is held is worth more tries */
	bool ready;     /* it said so, once at least */
	bool ending;    /* told to */
	sigset_t mask;  /* before ours */
};

static long long holder_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* --- The notify socket --- */

/* An abstract name of the kernel's choice: no file is left behind, however this ends. */
static bool holder_listen(struct holder *holder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(sa_family_t);
	int on = 1;

	holder->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (holder->notify < 0 || bind(holder->notify, (struct sockaddr *)&address, size) < 0 ||
			setsockopt(holder->notify, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		return false;
	size = sizeof(address);
	if (getsockname(holder->notify, (struct sockaddr *)&address, &size) < 0)
		return false;
	size -= offsetof(struct sockaddr_un, sun_path);
	memcpy(holder->address, address.sun_path, size);
	holder->address[0] = '@';
	holder->address[size] = '\0';
	return true;
}

static void holder_do(
		struct holder *holder, const char *text, size_t size, const int *fds, size_t count)
{
	struct holder_words words;
	bool good = holder_words(&words, text, size);

	if (!good)
		fprintf(stderr, "holder: a message of the command makes no sense; dropped\n");
	if (good && words.ready)
		holder->ready = true;
	if (good && words.remove)
		holder_store_remove(&holder->store, words.name);
	for (size_t i = 0; i < count; i++) {
		if (!good || !words.store)
			close(fds[i]);
		else if (!holder_store_add(&holder->store, words.name, fds[i]))
			fprintf(stderr, "holder: %s is not held: %s; see --max\n", words.name,
					strerror(errno));
	}
}

/* Returns whether there was a message. */
static bool holder_hear(struct holder *holder)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(HOLDER_AT_ONCE * sizeof(int)) +
				CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char text[HOLDER_LINE];
	struct iovec line = {.iov_base = text, .iov_len = sizeof(text)};
	struct msghdr message = {.msg_iov = &line,
			.msg_iovlen = 1,
			.msg_control = &control,
			.msg_controllen = sizeof(control)};
	ssize_t size = recvmsg(holder->notify, &message, MSG_CMSG_CLOEXEC);
	struct ucred sender = {.pid = 0};
	int fds[sizeof(control) / sizeof(int)];
	size_t count = 0;

	if (size < 0)
		return errno == EINTR;
	for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part;
			part = CMSG_NXTHDR(&message, part)) {
		if (part->cmsg_level != SOL_SOCKET)
			continue;
		if (part->cmsg_type == SCM_CREDENTIALS)
			memcpy(&sender, CMSG_DATA(part), sizeof(sender));
		if (part->cmsg_type == SCM_RIGHTS) {
			count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(fds, CMSG_DATA(part), count * sizeof(int));
		}
	}
	/* Anybody can send to an abstract name; a message that was cut may mean anything. */
	if (sender.pid != holder->child || message.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
		size = 0;
	if (size == 0)
		for (size_t i = 0; i < count; i++)
			close(fds[i]);
	else
		holder_do(holder, text, (size_t)size, fds, count);
	return true;
}

/* --- The command --- */

/* In the child: what is held gets the numbers from 3 on. */
static bool holder_pass(const struct holder *holder)
{
	const struct holder_store *store = &holder->store;
	size_t size = 1;
	char number[24], *names, *end;

	for (size_t i = 0; i < store->count; i++) {
		size += strlen(store->items[i].name) + 1;
		store->items[i].fd = fcntl(
				store->items[i].fd, F_DUPFD_CLOEXEC, 3 + (int)store->count);
		if (store->items[i].fd < 0)
			return false;
	}
	names = calloc(1, size);
	if (!names)
		return false;
	end = names;
	for (size_t i = 0; i < store->count; i++) {
		if (dup2(store->items[i].fd, 3 + (int)i) < 0)
			return false;
		end += snprintf(end, size - (size_t)(end - names), "%s%s", i ? ":" : "",
				store->items[i].name);
	}
	snprintf(number, sizeof(number), "%zu", store->count);
	setenv("LISTEN_FDS", number, 1);
	setenv("LISTEN_FDNAMES", names, 1);
	snprintf(number, sizeof(number), "%d", (int)getpid());
	setenv("LISTEN_PID", number, 1);
	return true;
}

static void holder_start(struct holder *holder)
{
	char number[24];

	holder->began = holder_now();
	holder->child = fork();
	if (holder->child > 0)
		return;
	if (holder->child < 0) {
		fprintf(stderr, "holder: fork: %s; trying again\n", strerror(errno));
		holder->child = 0;
		holder->next = holder->began + HOLDER_DELAY_MAX;
		return;
	}
	sigprocmask(SIG_SETMASK, &holder->mask, NULL);
	setenv("NOTIFY_SOCKET", holder->address, 1);
	snprintf(number, sizeof(number), "%zu", holder->store.limit);
	setenv("FDSTORE", number, 1);
	if (holder->store.count > 0 && !holder_pass(holder))
		fprintf(stderr, "holder: nothing can be passed on: %s\n", strerror(errno));
	execvp(holder->command[0], holder->command);
	fprintf(stderr, "holder: %s: %s\n", holder->command[0], strerror(errno));
	_exit(HOLDER_EXEC);
}

/* The command has ended. Returns the exit status of the holder, or -1: it goes on. */
static int holder_ended(struct holder *holder, int status)
{
	long long now = holder_now();
	bool brief = now - holder->began < HOLDER_SHORT_MS;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);

	/* What it said last comes before what follows from its end. */
	while (holder_hear(holder))
		;
	holder->child = 0;
	if (holder->ending || code == 0)
		return code;
	/* It never worked: a wrong command or configuration, no crash. */
	if (WIFEXITED(status) && !holder->crashed && !holder->ready)
		return code;
	holder->brief = brief ? holder->brief + 1 : 0;
	if (holder->brief <= HOLDER_FREE)
		holder->delay = 0;
	else
		holder->delay = holder->delay ? holder->delay * 2 : HOLDER_DELAY_MIN;
	if (holder->delay > HOLDER_DELAY_MAX)
		holder->delay = HOLDER_DELAY_MAX;
	holder->next = now + holder->delay;
	fprintf(stderr, "holder: %s ended with %s %d; %zu held; starting it again in %d ms\n",
			holder->command[0], WIFEXITED(status) ? "status" : "signal",
			WIFEXITED(status) ? code : WTERMSIG(status), holder->store.count,
			holder->delay);
	holder->crashed = true;
	return -1;
}

static int holder_signal(struct holder *holder)
{
	struct signalfd_siginfo info;
	int status;

	if (read(holder->signals, &info, sizeof(info)) != sizeof(info))
		return -1;
	if (info.ssi_signo == SIGCHLD) {
		if (!holder->child || waitpid(holder->child, &status, WNOHANG) != holder->child)
			return -1;
		return holder_ended(holder, status);
	}
	if (info.ssi_signo != SIGHUP)
		holder->ending = true;
	if (holder->child)
		kill(holder->child, (int)info.ssi_signo);
	else if (holder->ending)
		return EXIT_SUCCESS;
	return -1;
}

static int holder_run(struct holder *holder)
{
	int code = -1;

	holder_start(holder);
	while (code < 0) {
		struct pollfd ready[] = {{.fd = holder->notify, .events = POLLIN},
				{.fd = holder->signals, .events = POLLIN}};
		long long left = holder->next - holder_now();

		if (!holder->child && left <= 0) {
			holder_start(holder);
			continue;
		}
		if (poll(ready, 2, holder->child ? -1 : (int)left) < 0 && errno != EINTR)
			return EXIT_FAILURE;
		if (ready[0].revents)
			holder_hear(holder);
		if (ready[1].revents)
			code = holder_signal(holder);
	}
	return code;
}

int main(int argc, char **argv)
{
	static const int signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP};
	struct holder holder = {.store.limit = HOLDER_LIMIT, .notify = -1, .signals = -1};
	sigset_t set;
	int code = EXIT_FAILURE, first = 1;

	if (argc > 2 && !strcmp(argv[1], "--max")) {
		holder.store.limit = strtoul(argv[2], NULL, 10);
		first = 3;
	}
	if (argc <= first || argv[first][0] == '-' || holder.store.limit < 1 ||
			holder.store.limit > 4096) {
		fprintf(stderr, "Usage: spicerack-holder [--max 1..4096] COMMAND ARGUMENTS...\n");
		return 2;
	}
	holder.command = argv + first;
	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, &holder.mask);
	holder.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (holder.signals >= 0 && holder_listen(&holder))
		code = holder_run(&holder);
	else
		fprintf(stderr, "holder: %s\n", strerror(errno));
	holder_store_clear(&holder.store);
	return code;
}
