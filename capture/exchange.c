/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "capture/exchange.h"

struct exchange {
	int main_fd, thread_fd; /* eventfds */
	GMutex lock;            /* for all below */
	struct exchange_orders orders;
	GQueue events; /* of struct exchange_event, oldest first */
	int returned[EXCHANGE_BUFFERS];
	int returns;
	int held; /* frames that the main thread has */
	/* What was said last, and when. */
	unsigned int said_generation;
	enum capture_state said_state;
	char *said_reason;
};

struct exchange *exchange_new(const struct capture_quality *quality)
{
	struct exchange *exchange = g_new0(struct exchange, 1);

	exchange->orders.quality = *quality;
	g_mutex_init(&exchange->lock);
	g_queue_init(&exchange->events);
	exchange->thread_fd = -1;
	exchange->main_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (exchange->main_fd >= 0)
		exchange->thread_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (exchange->thread_fd < 0) {
		int saved = errno;

		exchange_free(exchange);
		errno = saved;
		return NULL;
	}
	return exchange;
}

static void exchange_ring(int fd)
{
	uint64_t one = 1;
	ssize_t unused = write(fd, &one, sizeof(one)); /* cannot fail below 2^64 - 1 rings */

	(void)unused;
}

static void exchange_silence(int fd)
{
	uint64_t rings;
	ssize_t unused = read(fd, &rings, sizeof(rings)); /* EAGAIN: it is silent */

	(void)unused;
}

/* The lock is held. */
static void exchange_return(struct exchange *exchange, int buffer)
{
	g_assert(exchange->returns < EXCHANGE_BUFFERS);
	exchange->returned[exchange->returns++] = buffer;
	exchange_ring(exchange->thread_fd);
}

static void exchange_drop(struct exchange *exchange, struct exchange_event *event)
{
	if (event->is_frame)
		exchange_return(exchange, event->buffer);
	g_free(event->reason);
	g_free(event);
}

static void exchange_void(struct exchange *exchange)
{
	struct exchange_event *event;

	while ((event = g_queue_pop_head(&exchange->events)))
		exchange_drop(exchange, event);
	exchange_silence(exchange->main_fd);
}

void exchange_free(struct exchange *exchange)
{
	if (!exchange)
		return;
	if (exchange->thread_fd >= 0)
		exchange_void(exchange);
	if (exchange->main_fd >= 0)
		close(exchange->main_fd);
	if (exchange->thread_fd >= 0)
		close(exchange->thread_fd);
	g_mutex_clear(&exchange->lock);
	g_free(exchange->said_reason);
	g_free(exchange);
}

/* --- The main thread's side --- */

static void exchange_want(struct exchange *exchange, bool wanted)
{
	g_mutex_lock(&exchange->lock);
	if (exchange->orders.wanted != wanted) {
		exchange->orders.wanted = wanted;
		exchange->orders.generation++;
		exchange->orders.key_frame = false;
		exchange_void(exchange);
		exchange_ring(exchange->thread_fd);
	}
	g_mutex_unlock(&exchange->lock);
}

void exchange_start(struct exchange *exchange)
{
	exchange_want(exchange, true);
}

void exchange_stop(struct exchange *exchange)
{
	exchange_want(exchange, false);
}

void exchange_key_frame(struct exchange *exchange)
{
	g_mutex_lock(&exchange->lock);
	exchange->orders.key_frame = exchange->orders.wanted;
	g_mutex_unlock(&exchange->lock);
	exchange_ring(exchange->thread_fd);
}

void exchange_adjust(struct exchange *exchange, const struct capture_quality *quality)
{
	g_mutex_lock(&exchange->lock);
	exchange->orders.quality = *quality;
	exchange->orders.adjusted++;
	g_mutex_unlock(&exchange->lock);
	exchange_ring(exchange->thread_fd);
}

void exchange_quit(struct exchange *exchange)
{
	exchange_want(exchange, false);
	g_mutex_lock(&exchange->lock);
	exchange->orders.quit = true;
	g_mutex_unlock(&exchange->lock);
	exchange_ring(exchange->thread_fd);
}

int exchange_main_fd(const struct exchange *exchange)
{
	return exchange->main_fd;
}

bool exchange_take(struct exchange *exchange, struct exchange_event *event)
{
	struct exchange_event *oldest;

	g_mutex_lock(&exchange->lock);
	oldest = g_queue_pop_head(&exchange->events);
	if (g_queue_is_empty(&exchange->events))
		exchange_silence(exchange->main_fd);
	if (oldest) {
		*event = *oldest;
		exchange->held += event->is_frame;
		g_free(oldest);
	}
	g_mutex_unlock(&exchange->lock);
	return oldest != NULL;
}

void exchange_give_back(struct exchange *exchange, struct exchange_event *event)
{
	g_clear_pointer(&event->reason, g_free);
	if (!event->is_frame)
		return;
	g_mutex_lock(&exchange->lock);
	exchange->held--;
	exchange_return(exchange, event->buffer);
	g_mutex_unlock(&exchange->lock);
}

/* --- The device's thread's side --- */

int exchange_thread_fd(const struct exchange *exchange)
{
	return exchange->thread_fd;
}

void exchange_look(struct exchange *exchange, struct exchange_orders *orders)
{
	g_mutex_lock(&exchange->lock);
	exchange_silence(exchange->thread_fd);
	*orders = exchange->orders;
	exchange->orders.key_frame = false;
	g_mutex_unlock(&exchange->lock);
}

/* Takes over the reason; the lock is held. */
static void exchange_post(struct exchange *exchange, const struct exchange_event *event)
{
	struct exchange_event *copy = g_new(struct exchange_event, 1);

	*copy = *event;
	g_queue_push_tail(&exchange->events, copy);
	exchange_ring(exchange->main_fd);
}

static bool exchange_said(const struct exchange *exchange, unsigned int generation,
		enum capture_state state, const char *reason)
{
	return exchange->said_reason && exchange->said_generation == generation &&
	       exchange->said_state == state && g_str_equal(exchange->said_reason, reason);
}

void exchange_post_state(struct exchange *exchange, unsigned int generation,
		enum capture_state state, const char *reason)
{
	const struct exchange_event event = {.state = state, .reason = g_strdup(reason)};
	struct exchange_event *last;

	g_mutex_lock(&exchange->lock);
	if (exchange->orders.generation != generation || !exchange->orders.wanted ||
			exchange_said(exchange, generation, state, reason)) {
		g_mutex_unlock(&exchange->lock);
		g_free(event.reason);
		return;
	}
	exchange->said_generation = generation;
	exchange->said_state = state;
	g_free(exchange->said_reason);
	exchange->said_reason = g_strdup(reason);
	/* A state that nobody heard of in time is news no more. */
	last = g_queue_peek_tail(&exchange->events);
	if (last && !last->is_frame)
		exchange_drop(exchange, g_queue_pop_tail(&exchange->events));
	exchange_post(exchange, &event);
	g_mutex_unlock(&exchange->lock);
}

static void exchange_drop_frames(struct exchange *exchange)
{
	GList *next;

	for (GList *link = exchange->events.head; link; link = next) {
		struct exchange_event *event = link->data;

		next = link->next;
		if (!event->is_frame)
			continue;
		g_queue_delete_link(&exchange->events, link);
		exchange_drop(exchange, event);
	}
}

void exchange_post_frame(struct exchange *exchange, unsigned int generation,
		const struct capture_frame *frame, int buffer, bool newest)
{
	const struct exchange_event event = {.is_frame = true, .frame = *frame, .buffer = buffer};

	g_mutex_lock(&exchange->lock);
	if (exchange->orders.generation != generation || !exchange->orders.wanted) {
		exchange_return(exchange, buffer);
	} else {
		if (newest)
			exchange_drop_frames(exchange);
		exchange_post(exchange, &event);
	}
	g_mutex_unlock(&exchange->lock);
}

int exchange_returned(struct exchange *exchange)
{
	int buffer = -1;

	g_mutex_lock(&exchange->lock);
	if (exchange->returns > 0)
		buffer = exchange->returned[--exchange->returns];
	g_mutex_unlock(&exchange->lock);
	return buffer;
}

int exchange_recall(struct exchange *exchange)
{
	int held;

	g_mutex_lock(&exchange->lock);
	exchange_drop_frames(exchange);
	held = exchange->held;
	g_mutex_unlock(&exchange->lock);
	return held;
}
