/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/console_metrics.h"
#include <string.h>
#include "spice/viewers.h"
#include "src/console.h"
#include "src/drives.h"
#include "src/events.h"
#include "src/metrics_text.h"
#include "src/process_metrics.h"
#include "src/status.h"

#define NAME(rest) "spicerack_console_" rest

/* --- The picture --- */

static void metrics_picture(const struct console_status *status, GString *out)
{
	const struct {
		struct metrics_family family;
		bool known;
		double value;
	} all[] = {
			{{NAME("frames_total"), "Frames that came from the node.", "counter", NULL},
					true, status->frames},
			{{NAME("changed_pixels_total"), "Pixels of the picture that changed.",
					 "counter", NULL},
					true, (double)status->damage},
			{{NAME("picture_width_pixels"), "Width of the last frame.", "gauge", NULL},
					status->has_mode, status->mode.width},
			{{NAME("picture_height_pixels"), "Height of the last frame.", "gauge",
					 NULL},
					status->has_mode, status->mode.height},
			{{NAME("quality_selector"),
					 "The quantiser that the video engine is told to use, 0 is "
					 "the coarsest.",
					 "gauge", NULL},
					status->quality.known, status->quality.selector},
			{{NAME("quality_automatic"), "1: the slowest link is followed.", "gauge",
					 NULL},
					status->quality.known, status->quality.automatic},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		struct metrics_family family = all[i].family;

		if (all[i].known)
			metrics_add(&family, NULL, all[i].value);
		metrics_write(&family, 1, out);
	}
}

/* One sample for each state there is, as Prometheus wants it: the one that is has 1. */
static void metrics_state(const struct console_status *status, GString *out)
{
	struct metrics_family info = {NAME("info"), "1; which console it is.", "gauge", NULL};
	struct metrics_family family = {NAME("state"),
			"1: the state that the picture's source is in.", "gauge", NULL};
	const struct metrics_label which[] = {{"name", status->name}, {"source", status->source},
			{"version", PACKAGE_VERSION}, {0}};

	metrics_add(&info, which, 1);
	metrics_write(&info, 1, out);
	for (int state = CAPTURE_STOPPED; state <= CAPTURE_STREAMING; state++) {
		const struct metrics_label labels[] = {
				{"state", status_state_word((enum capture_state)state)}, {0}};

		metrics_add(&family, labels, (int)status->state == state);
	}
	metrics_write(&family, 1, out);
}

/* --- The node's devices --- */

static void metrics_input(const struct console_input *input, GString *out)
{
	struct metrics_family family = {NAME("input_listening"),
			"1: the node takes reports of a device, 0: it does not.", "gauge", NULL};
	const struct {
		const char *name;
		enum console_device device;
	} devices[] = {
			{"keyboard", input->keyboard},
			{"absolute", input->absolute},
			{"relative", input->relative},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(devices); i++) {
		const struct metrics_label labels[] = {{"device", devices[i].name}, {0}};

		if (devices[i].device != CONSOLE_DEVICE_ABSENT)
			metrics_add(&family, labels, devices[i].device == CONSOLE_DEVICE_LISTENING);
	}
	metrics_write(&family, 1, out);
}

/* --- Viewers --- */

enum viewer_metric {
	OF_VIEWER_LOOKS,
	OF_VIEWER_SENT,
	OF_VIEWER_UPDATES,
	OF_VIEWER_TRIP,
	OF_VIEWER_BEHIND,
	OF_VIEWER_METRICS
};

static const struct metrics_family viewer_families[OF_VIEWER_METRICS] = {
		[OF_VIEWER_LOOKS] = {NAME("viewer_looks"), "1: the viewer's display is open.",
				"gauge", NULL},
		[OF_VIEWER_SENT] = {NAME("viewer_sent_bytes_total"),
				"Bytes of the picture that were sent to a viewer.", "counter",
				NULL},
		[OF_VIEWER_UPDATES] = {NAME("viewer_updates_total"),
				"Updates of the picture that were sent to a viewer.", "counter",
				NULL},
		[OF_VIEWER_TRIP] = {NAME("viewer_round_trip_seconds"),
				"Time from an update's last byte until the viewer has drawn it.",
				"gauge", NULL},
		[OF_VIEWER_BEHIND] = {NAME("viewer_behind"), "1: changes wait for the viewer.",
				"gauge", NULL},
};

static void metrics_viewer(const struct viewers_one *one, struct metrics_family *families)
{
	g_autofree char *number = g_strdup_printf("%u", one->viewer);
	const struct metrics_label labels[] = {{"viewer", number}, {"peer", one->peer}, {0}};

	metrics_add(&families[OF_VIEWER_LOOKS], labels, one->looking);
	if (!one->direct)
		return;
	metrics_add(&families[OF_VIEWER_SENT], labels, (double)one->pace.sent);
	metrics_add(&families[OF_VIEWER_UPDATES], labels, one->pace.updates);
	if (one->pace.round_trip)
		metrics_add(&families[OF_VIEWER_TRIP], labels, one->pace.round_trip / 1e3);
	metrics_add(&families[OF_VIEWER_BEHIND], labels, one->pace.behind);
}

static void metrics_viewers(struct console *console, GString *out)
{
	struct metrics_family count = {NAME("viewers"), "Viewers that are let in.", "gauge", NULL};
	struct metrics_family families[OF_VIEWER_METRICS];
	struct viewers_one one;
	size_t i;

	memcpy(families, viewer_families, sizeof(families));
	for (i = 0; console_viewer(console, i, &one); i++)
		metrics_viewer(&one, families);
	metrics_add(&count, NULL, (double)i);
	metrics_write(&count, 1, out);
	metrics_write(families, OF_VIEWER_METRICS, out);
}

/* --- Drives --- */

enum drive_metric {
	DRIVE_STATE,
	DRIVE_READ,
	DRIVE_WRITTEN,
	DRIVE_FETCHED,
	DRIVE_CACHED,
	DRIVE_ERRORS,
	DRIVE_METRICS
};

static const struct metrics_family drive_families[DRIVE_METRICS] = {
		[DRIVE_STATE] = {NAME("drive_state"), "1: the state that a drive is in.", "gauge",
				NULL},
		[DRIVE_READ] = {NAME("drive_read_bytes_total"),
				"Bytes that the node has read since the insert.", "counter", NULL},
		[DRIVE_WRITTEN] = {NAME("drive_written_bytes_total"),
				"Bytes that the node has written since the insert.", "counter",
				NULL},
		[DRIVE_FETCHED] = {NAME("drive_fetched_bytes_total"),
				"Bytes that came from the image's server or file since the insert.",
				"counter", NULL},
		[DRIVE_CACHED] = {NAME("drive_cached_bytes"), "Bytes of the image in memory.",
				"gauge", NULL},
		[DRIVE_ERRORS] = {NAME("drive_errors_total"),
				"Reads and writes that failed since the insert.", "counter", NULL},
};

static void metrics_drive(const struct drives_status *status, struct metrics_family *families)
{
	const struct metrics_label labels[] = {{"drive", status->name}, {0}};

	for (int state = DRIVES_EMPTY; state <= DRIVES_FAILED; state++) {
		const struct metrics_label both[] = {{"drive", status->name},
				{"state", drives_state_word((enum drives_state)state)}, {0}};

		metrics_add(&families[DRIVE_STATE], both, (int)status->state == state);
	}
	if (status->backend != DRIVES_BACKEND_OWN)
		return; /* nobody knows */
	metrics_add(&families[DRIVE_READ], labels, (double)status->host_read);
	metrics_add(&families[DRIVE_WRITTEN], labels, (double)status->host_written);
	metrics_add(&families[DRIVE_FETCHED], labels, (double)status->fetched);
	metrics_add(&families[DRIVE_CACHED], labels, (double)status->cached);
	metrics_add(&families[DRIVE_ERRORS], labels, status->errors);
}

static void metrics_drives(struct drives *drives, GString *out)
{
	struct metrics_family families[DRIVE_METRICS];

	memcpy(families, drive_families, sizeof(families));
	for (size_t i = 0; drives && i < drives_count(drives); i++) {
		struct drives_status status;

		drives_status(drives, i, &status);
		metrics_drive(&status, families);
	}
	metrics_write(families, DRIVE_METRICS, out);
}

char *console_metrics_text(struct console *console)
{
	struct metrics_family events = {
			NAME("events_total"), "Events since the start.", "counter", NULL};
	GString *out = g_string_new(NULL);
	struct console_status status;

	console_status(console, &status);
	metrics_state(&status, out);
	metrics_picture(&status, out);
	metrics_input(&status.input, out);
	metrics_viewers(console, out);
	metrics_drives(console_drives(console), out);
	metrics_add(&events, NULL, (double)events_last(console_events(console)));
	metrics_write(&events, 1, out);
	process_metrics(out);
	return g_string_free(out, FALSE);
}
