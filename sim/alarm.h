/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* One moment on the default main context that can be moved: no wake-up but the one that is due. */
#include <stdint.h>

typedef void (*alarm_fn)(void *data);

struct alarm;

/* Not set at first. */
struct alarm *alarm_new(alarm_fn ring, void *data);

/* Rings once, at that monotonic time in microseconds or as soon as it is past; replaces the former.
 */
void alarm_set(struct alarm *alarm, int64_t time);
void alarm_clear(struct alarm *alarm);

void alarm_free(struct alarm *alarm); /* NULL is fine; may be called while it rings */
