/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "rack/board.h"
#include "rack/hwmon_file.h"

/* A device's own inputs and outputs, and what their numbers are to the caller. */
struct board_device {
	struct board_hwmon *board;
	struct hwmon *hwmon;
	GArray *inputs, *outputs; /* of struct hwmon_input, hwmon_output; while it is made */
	GArray *input_numbers, *output_numbers; /* of size_t */
};

struct board_place {
	struct board_device *device;
	size_t index;
};

struct board_hwmon {
	struct board board;
	GPtrArray *devices;
	struct board_place *outputs;
	struct hwmon_events events;
	void *data;
};

static void board_reading(size_t input, const struct hwmon_reading *reading, void *data)
{
	struct board_device *device = data;
	struct board_hwmon *board = device->board;

	if (board->events.reading)
		board->events.reading(g_array_index(device->input_numbers, size_t, input), reading,
				board->data);
}

static void board_written(size_t output, const struct hwmon_written *written, void *data)
{
	struct board_device *device = data;
	struct board_hwmon *board = device->board;

	if (board->events.written)
		board->events.written(g_array_index(device->output_numbers, size_t, output),
				written, board->data);
}

static void board_hwmon_duty(struct board *of, size_t output, double percent)
{
	const struct board_hwmon *board = (struct board_hwmon *)of;
	const struct board_place *place = &board->outputs[output];

	hwmon_duty(place->device->hwmon, place->index, percent);
}

static void board_device_free(gpointer data)
{
	struct board_device *device = data;

	hwmon_free(device->hwmon);
	g_array_unref(device->inputs);
	g_array_unref(device->outputs);
	g_array_unref(device->input_numbers);
	g_array_unref(device->output_numbers);
	g_free(device);
}

static void board_hwmon_free(struct board *of)
{
	struct board_hwmon *board = (struct board_hwmon *)of;

	for (guint i = 0; i < board->devices->len; i++) {
		const struct board_device *device = g_ptr_array_index(board->devices, i);

		if (device->hwmon)
			hwmon_stop(device->hwmon);
	}
	g_ptr_array_unref(board->devices);
	g_free(board->outputs);
	g_free(board);
}

static void board_hwmon_leave(struct board *of, const bool *others)
{
	struct board_hwmon *board = (struct board_hwmon *)of;

	for (guint i = 0; i < board->devices->len; i++) {
		struct board_device *device = g_ptr_array_index(board->devices, i);
		bool *own = g_new0(bool, device->output_numbers->len + 1);

		for (guint k = 0; others && k < device->output_numbers->len; k++)
			own[k] = others[g_array_index(device->output_numbers, size_t, k)];
		hwmon_leave(g_steal_pointer(&device->hwmon), own);
		g_free(own);
	}
	board_hwmon_free(of);
}

static const struct board_kind board_hwmon = {
		board_hwmon_duty, board_hwmon_leave, board_hwmon_free};

/* The same device however it is written: with or without "/sys/", or as its hwmon folder. */
static char *board_device_key(const char *path)
{
	static const char folder[] = "/hwmon/hwmon*";
	char *key;

	if (g_str_has_prefix(path, HWMON_ROOT "/"))
		path += strlen(HWMON_ROOT "/");
	key = g_strdup(path);
	while (g_str_has_suffix(key, "/"))
		key[strlen(key) - 1] = '\0';
	if (g_str_has_suffix(key, folder))
		key[strlen(key) - strlen(folder)] = '\0';
	return key;
}

/* A device that answers late, or never, holds up no other. */
static struct board_device *board_device(
		struct board_hwmon *board, GHashTable *known, const char *path)
{
	char *key = board_device_key(path);
	struct board_device *device = g_hash_table_lookup(known, key);

	if (device) {
		g_free(key);
		return device;
	}
	device = g_new0(struct board_device, 1);
	device->board = board;
	device->inputs = g_array_new(FALSE, FALSE, sizeof(struct hwmon_input));
	device->outputs = g_array_new(FALSE, FALSE, sizeof(struct hwmon_output));
	device->input_numbers = g_array_new(FALSE, FALSE, sizeof(size_t));
	device->output_numbers = g_array_new(FALSE, FALSE, sizeof(size_t));
	g_ptr_array_add(board->devices, device);
	g_hash_table_insert(known, key, device);
	return device;
}

static void board_sort(struct board_hwmon *board, const struct hwmon_settings *settings)
{
	GHashTable *known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (size_t i = 0; i < settings->input_count; i++) {
		struct board_device *device = board_device(
				board, known, settings->inputs[i].device);

		g_array_append_val(device->inputs, settings->inputs[i]);
		g_array_append_val(device->input_numbers, i);
	}
	for (size_t i = 0; i < settings->output_count; i++) {
		struct board_device *device = board_device(
				board, known, settings->outputs[i].device);

		board->outputs[i] = (struct board_place){device, device->outputs->len};
		g_array_append_val(device->outputs, settings->outputs[i]);
		g_array_append_val(device->output_numbers, i);
	}
	g_hash_table_unref(known);
}

struct board *board_hwmon_new(const struct hwmon_settings *settings,
		const struct hwmon_events *events, void *data, GError **error)
{
	static const struct hwmon_events own = {board_reading, board_written};
	struct board_hwmon *board = g_new0(struct board_hwmon, 1);

	board->board.kind = &board_hwmon;
	board->events = *events;
	board->data = data;
	board->devices = g_ptr_array_new_with_free_func(board_device_free);
	board->outputs = g_new0(struct board_place, settings->output_count);
	board_sort(board, settings);
	for (guint i = 0; i < board->devices->len; i++) {
		struct board_device *device = g_ptr_array_index(board->devices, i);
		const struct hwmon_settings part = {
				.root = settings->root,
				.inputs = (void *)device->inputs->data,
				.input_count = device->inputs->len,
				.outputs = (void *)device->outputs->data,
				.output_count = device->outputs->len,
				.check_ms = settings->check_ms,
		};

		device->hwmon = hwmon_new(&part, &own, device, error);
		if (!device->hwmon) {
			board_hwmon_leave(&board->board, NULL);
			return NULL;
		}
	}
	return &board->board;
}
