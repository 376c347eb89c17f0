/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <string.h>
#include "gadget/attribute.h"
#include "gadget/gadget.h"
#include "gadget/gadget_part.h"

/* One attribute that the kernel keeps as it was written. */
struct same_line {
	char *path;  /* below the gadget's folder */
	char *value; /* as it reads back */
	size_t size;
};

static void same_line_clear(gpointer data)
{
	struct same_line *line = data;

	g_free(line->path);
	g_free(line->value);
}

static void same_line(GArray *lines, char *path, const void *value, size_t size)
{
	struct same_line line = {path, g_malloc(size), size};

	memcpy(line.value, value, size);
	g_array_append_val(lines, line);
}

static void same_text(GArray *lines, const char *path, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

static void same_text(GArray *lines, const char *path, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	same_line(lines, g_strdup(path), text, strlen(text));
	g_free(text);
}

/* What is below the only configuration. */
static void same_config(GArray *lines, const char *config, const char *name, char *value)
{
	char *path = g_strdup_printf("configs/%s.1/%s", config, name);

	same_line(lines, path, value, strlen(value));
	g_free(value);
}

static void same_hid_lines(GArray *lines, const struct hid_function *function)
{
	const struct {
		const char *name;
		int value;
	} numbers[] = {
			{"subclass", function->subclass},
			{"protocol", function->protocol},
			{"report_length", function->report_length},
			{"no_out_endpoint", 1},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		char *path = g_strdup_printf(
				"functions/hid.%s/%s", function->name, numbers[i].name);

		same_text(lines, path, "%d\n", numbers[i].value);
		g_free(path);
	}
	same_line(lines, g_strdup_printf("functions/hid.%s/report_desc", function->name),
			function->descriptor, function->descriptor_size);
}

/*
 * All that makes the gadget what it is. bcdUSB and bMaxPacketSize0 are not among them: the kernel
 * writes its own there when a host asks (composite_setup in drivers/usb/gadget/composite.c).
 */
static GArray *same_lines(const struct gadget *gadget)
{
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct same_line));
	const char *config = gadget_config(gadget);

	g_array_set_clear_func(lines, same_line_clear);
	same_text(lines, "bDeviceClass", "0x00\n");
	same_text(lines, "bDeviceSubClass", "0x00\n");
	same_text(lines, "bDeviceProtocol", "0x00\n");
	same_text(lines, "idVendor", "0x%04x\n", gadget->vendor);
	same_text(lines, "idProduct", "0x%04x\n", gadget->product);
	same_text(lines, "bcdDevice", "0x%04x\n", gadget->version);
	same_text(lines, "strings/0x409/manufacturer", "%s\n", gadget->manufacturer);
	same_text(lines, "strings/0x409/product", "%s\n", gadget->product_name);
	same_text(lines, "strings/0x409/serialnumber", "%s\n", gadget->serial);
	same_config(lines, config, "bmAttributes",
			g_strdup_printf("0x%02x\n", gadget_config_attributes(gadget)));
	same_config(lines, config, "MaxPower", g_strdup_printf("%d\n", GADGET_POWER));
	same_config(lines, config, "strings/0x409/configuration", g_strdup_printf("%s\n", config));
	for (size_t i = 0; i < gadget->count; i++)
		same_hid_lines(lines, gadget->functions[i]);
	if (gadget->lun)
		same_text(lines, "functions/mass_storage." KERNEL_DRIVE_FUNCTION "/lun.0/cdrom",
				"%d\n", gadget->lun == GADGET_LUN_CD);
	return lines;
}

/* How many functions, configurations, and functions in the configuration there are. */
static size_t same_entries(const char *folder, const char *below, bool links)
{
	char *path = g_build_filename(folder, below, NULL);
	GDir *dir = g_dir_open(path, 0, NULL);
	size_t count = 0;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *entry = g_build_filename(path, name, NULL);

		count += !links || g_file_test(entry, G_FILE_TEST_IS_SYMLINK);
		g_free(entry);
	}
	if (dir)
		g_dir_close(dir);
	g_free(path);
	return count;
}

/* Whether it has the functions wanted, each in the only configuration, and no others. */
static bool same_functions(const char *folder, const struct gadget *gadget)
{
	char *config = g_build_filename("configs", gadget_config(gadget), NULL);
	char *linked = g_strconcat(config, ".1", NULL);
	size_t count = gadget_functions(gadget);
	bool same = same_entries(folder, "functions", false) == count &&
		    same_entries(folder, "configs", false) == 1 &&
		    same_entries(folder, linked, true) == count;

	if (gadget->drive && same) {
		char *function = g_strdup_printf("functions/ffs.%s", gadget->drive);

		same = attribute_exists(folder, function);
		g_free(function);
	}
	g_free(linked);
	g_free(config);
	return same;
}

bool gadget_same(const char *configfs, const struct gadget *gadget)
{
	char *folder = gadget_folder(configfs, gadget->name);
	GArray *lines = same_lines(gadget);
	bool same = same_functions(folder, gadget);

	for (guint i = 0; i < lines->len && same; i++) {
		const struct same_line *line = &g_array_index(lines, struct same_line, i);
		size_t size = 0;
		char *value = attribute_bytes(folder, line->path, &size);

		if (value)
			same = size == line->size && !memcmp(value, line->value, size);
		else
			same = g_str_has_suffix(line->path, "/no_out_endpoint"); /* before 5.16 */
		g_free(value);
	}
	g_array_free(lines, TRUE);
	g_free(folder);
	return same;
}

int gadget_endpoints(const char *configfs, const struct gadget *gadget)
{
	int endpoints = 0;

	if (gadget_is_drive(gadget))
		return 2;
	for (size_t i = 0; i < gadget->count; i++) {
		char *function = g_strdup_printf(
				"functions/hid.%s/no_out_endpoint", gadget->functions[i]->name);
		char *folder = gadget_folder(configfs, gadget->name);

		endpoints += attribute_exists(folder, function) ? 1 : 2;
		g_free(folder);
		g_free(function);
	}
	return endpoints;
}
