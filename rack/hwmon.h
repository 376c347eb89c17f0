/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Sensors and fans of this board, by the kernel's hardware monitoring. A bus may take its time, so
 * a thread of its own reads and writes; results come in the main context that was the thread's
 * default when it was made. One for each bus keeps a bus that hangs from holding up the others.
 *
 * Nothing here fails because a device is missing: that is told, and it is looked for again. Fans
 * are written before sensors are read. All calls are of the main thread.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hwmon_input {
	const char *device;    /* see hwmon_file_open */
	const char *attribute; /* "temp1", "fan2", "in0", "curr1", "power1", "humidity1" */
	int every_ms;          /* 0: 1000 */
};

struct hwmon_output {
	const char *device;
	const char *attribute; /* "pwm1" */
};

struct hwmon_settings {
	const char *root; /* NULL: /sys */
	const struct hwmon_input *inputs;
	size_t input_count;
	const struct hwmon_output *outputs;
	size_t output_count;
	int check_ms; /* how often it is seen to that fans are as they were told; 0: 1000 */
};

struct hwmon_reading {
	int error;     /* 0, or why there is none: errno; ENOTUNIQ: several devices match */
	double value;  /* degrees Celsius, RPM, V, A, W, percent */
	int64_t taken; /* ms of the monotonic clock, before it was read */
};

struct hwmon_written {
	int error;   /* 0 or errno */
	double duty; /* percent, what was written */
	double seen; /* percent, what the driver made of it, by its word */
};

struct hwmon_events {
	void (*reading)(size_t input, const struct hwmon_reading *reading, void *data);
	/* After each write, and each time that it fails. */
	void (*written)(size_t output, const struct hwmon_written *written, void *data);
};

struct hwmon;

/* Settings and events are copied. Errors (G_FILE_ERROR_INVAL): what is no attribute. */
struct hwmon *hwmon_new(const struct hwmon_settings *settings, const struct hwmon_events *events,
		void *data, GError **error);

/* Percent, from now on. Never blocks: the last word counts. */
void hwmon_duty(struct hwmon *hwmon, size_t output, double percent);

/* Begins what hwmon_free ends, so that several end at the same time. */
void hwmon_stop(struct hwmon *hwmon);

/*
 * Writes what is still to be written, and waits for that and for what is being read: at most until
 * 3 s after it was stopped, a device that hangs for longer is left alone. Not from an event; none
 * comes any more. NULL is fine.
 */
void hwmon_free(struct hwmon *hwmon);

/*
 * Ends it without waiting: its thread writes what is still to be written as soon as the device lets
 * it. others, by output: those that somebody else writes from now on; NULL: none. A write of these
 * that is under way is not taken back. Not from an event; none comes any more. NULL is fine.
 */
void hwmon_leave(struct hwmon *hwmon, const bool *others);
