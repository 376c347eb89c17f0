/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What passes between the main thread and the thread of a capture device: orders one way, states
 * and frames the other, and the buffers of frames back. Neither side ever waits for the other.
 *
 * Each side has a descriptor that is readable while there is something for it.
 *
 * A buffer belongs to the device's thread until it is posted, to the exchange until it is taken,
 * and to the main thread until it is given back; then exchange_returned hands it to the device's
 * thread again. What is posted for a start that is over comes back in the same way.
 */
#include <glib.h>
#include <stdbool.h>
#include "capture/capture.h"

#define EXCHANGE_BUFFERS 32 /* VIDEO_MAX_FRAME: no queue of V4L2 has more */

/* What the main thread wants. */
struct exchange_orders {
	bool wanted; /* started */
	bool quit;
	bool key_frame;          /* asked for since the last look */
	unsigned int generation; /* another after each start and stop */
	unsigned int adjusted;   /* another after each change of quality */
	struct capture_quality quality;
};

struct exchange_event {
	bool is_frame;
	struct capture_frame frame;
	int buffer;
	enum capture_state state;
	char *reason; /* of a state; the event's */
};

struct exchange;

/* NULL and errno when there are no descriptors left. */
struct exchange *exchange_new(const struct capture_quality *quality);
void exchange_free(struct exchange *exchange); /* NULL is fine */

/* --- The main thread's side --- */

void exchange_start(struct exchange *exchange);
void exchange_stop(struct exchange *exchange); /* what was posted and not taken is void */
void exchange_key_frame(struct exchange *exchange);
void exchange_adjust(struct exchange *exchange, const struct capture_quality *quality);
void exchange_quit(struct exchange *exchange);

int exchange_main_fd(const struct exchange *exchange);
/* The oldest event; false when there is none. To be given back after use. */
bool exchange_take(struct exchange *exchange, struct exchange_event *event);
void exchange_give_back(struct exchange *exchange, struct exchange_event *event);

/* --- The device's thread's side --- */

int exchange_thread_fd(const struct exchange *exchange);
/* Also makes the descriptor silent until there is something new. */
void exchange_look(struct exchange *exchange, struct exchange_orders *orders);

/* Nothing is posted when both are what was said last in this generation. */
void exchange_post_state(struct exchange *exchange, unsigned int generation,
		enum capture_state state, const char *reason);

/* newest: takes the place of a frame that was not taken yet, whose buffer returns. */
void exchange_post_frame(struct exchange *exchange, unsigned int generation,
		const struct capture_frame *frame, int buffer, bool newest);

/* A buffer that is the thread's again, -1 when there is none. */
int exchange_returned(struct exchange *exchange);

/* Takes back all frames that were not taken; returns how many the main thread still has. */
int exchange_recall(struct exchange *exchange);
