/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "sim/hid.h"
#include "tools/usbprobe/fetch.h"

#define FETCH_TIMEOUT_MS 1000 /* USB 2.0 9.2.6.4 gives a device half of that */
#define FETCH_REPORT_MS  5000 /* Linux gadgets leave GET_REPORT to a program for 2.5 s (f_hid.c) */
#define FETCH_SLICE_MS   100  /* of waiting for a report, between looks at signals */

/* Requests of HID 1.11, 7.2. */
enum fetch_request {
	GET_REPORT = 1,
	GET_IDLE = 2,
	GET_PROTOCOL = 3,
	SET_REPORT = 9,
	SET_PROTOCOL = 11,
};

#define REPORT_INPUT  1 /* report types, 7.2.1 */
#define REPORT_OUTPUT 2

#define PROTOCOL_BOOT   0 /* 7.2.5 */
#define PROTOCOL_REPORT 1

#define FETCH_IN  LIBUSB_ENDPOINT_IN
#define FETCH_HID (LIBUSB_REQUEST_TYPE_CLASS | LIBUSB_RECIPIENT_INTERFACE)

struct fetch {
	struct probe *probe;
	libusb_device_handle *handle;
	const struct fetch_options *options;
};

bool fetch_interrupted(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM);
}

static const char *fetch_error(int error)
{
	switch (error) {
	case LIBUSB_ERROR_PIPE:
		return "the device refused (stall)";
	case LIBUSB_ERROR_TIMEOUT:
		return "no answer in time";
	case LIBUSB_ERROR_NO_DEVICE:
		return "the device is gone";
	case LIBUSB_ERROR_BUSY:
		return "the kernel's driver has it";
	default:
		return libusb_strerror(error);
	}
}

static void fetch_control(struct fetch *fetch, struct answer *answer, uint8_t type, uint8_t request,
		uint16_t value, uint16_t index, uint16_t size)
{
	unsigned int patience = type == (FETCH_IN | FETCH_HID) && request == GET_REPORT
						? FETCH_REPORT_MS
						: FETCH_TIMEOUT_MS;
	int64_t start = g_get_monotonic_time();
	int got = libusb_control_transfer(fetch->handle, type, request, value, index, answer->bytes,
			MIN(size, sizeof(answer->bytes)), patience);

	answer->ms = (int)((g_get_monotonic_time() - start) / 1000);
	answer->asked = true;
	answer->error = got < 0 ? fetch_error(got) : NULL;
	answer->size = MAX(got, 0);
}

static void fetch_descriptor(
		struct fetch *fetch, struct answer *answer, int type, int number, uint16_t size)
{
	fetch_control(fetch, answer, FETCH_IN, LIBUSB_REQUEST_GET_DESCRIPTOR,
			(uint16_t)(type << 8 | number), 0, size);
}

/* --- Where it is --- */

void fetch_port(char *port, size_t room, libusb_device *device)
{
	uint8_t ports[8];
	int count = libusb_get_port_numbers(device, ports, sizeof(ports));
	g_autoptr(GString) text = g_string_new(NULL);

	if (count <= 0) {
		g_snprintf(port, room, "usb%u", libusb_get_bus_number(device));
		return;
	}
	g_string_printf(text, "%u", libusb_get_bus_number(device));
	for (int i = 0; i < count; i++)
		g_string_append_printf(text, "%c%u", i ? '.' : '-', ports[i]);
	g_strlcpy(port, text->str, room);
}

static enum probe_speed fetch_speed(libusb_device *device)
{
	switch (libusb_get_device_speed(device)) {
	case LIBUSB_SPEED_LOW:
		return PROBE_LOW;
	case LIBUSB_SPEED_FULL:
		return PROBE_FULL;
	case LIBUSB_SPEED_HIGH:
		return PROBE_HIGH;
	case LIBUSB_SPEED_SUPER:
	case LIBUSB_SPEED_SUPER_PLUS:
		return PROBE_SUPER;
	default:
		return PROBE_UNKNOWN;
	}
}

void fetch_place(struct probe *probe, libusb_device *device)
{
	struct libusb_device_descriptor known;

	*probe = (struct probe){
			.bus = libusb_get_bus_number(device),
			.address = libusb_get_device_address(device),
			.speed = fetch_speed(device),
			.active = -1,
	};
	fetch_port(probe->port, sizeof(probe->port), device);
	if (libusb_get_device_descriptor(device, &known) == 0)
		probe->device = (struct device_descriptor){
				.usb = known.bcdUSB,
				.class = known.bDeviceClass,
				.subclass = known.bDeviceSubClass,
				.protocol = known.bDeviceProtocol,
				.packet = known.bMaxPacketSize0,
				.vendor = known.idVendor,
				.product = known.idProduct,
				.release = known.bcdDevice,
				.manufacturer_string = known.iManufacturer,
				.product_string = known.iProduct,
				.serial_string = known.iSerialNumber,
				.configurations = known.bNumConfigurations,
		};
}

/* --- Strings --- */

static void fetch_string(struct fetch *fetch, struct probe_text *text, int index, int language)
{
	struct answer answer = {0};

	if (!index)
		return;
	fetch_control(fetch, &answer, FETCH_IN, LIBUSB_REQUEST_GET_DESCRIPTOR,
			(uint16_t)(DESCRIPTOR_STRING << 8 | index), (uint16_t)language, 255);
	text->asked = true;
	text->error = answer.error ? answer.error
				   : descriptors_string(text->text, answer.bytes, answer.size);
}

/* The first language the device has; English of the USA when it does not say. */
static int fetch_language(struct fetch *fetch)
{
	struct answer answer = {0};

	fetch_descriptor(fetch, &answer, DESCRIPTOR_STRING, 0, 255);
	return !answer.error && answer.size >= 4 && answer.bytes[1] == DESCRIPTOR_STRING
			       ? answer.bytes[2] | answer.bytes[3] << 8
			       : 0x0409;
}

static void fetch_strings(struct fetch *fetch)
{
	const struct device_descriptor *device = &fetch->probe->device;
	const uint8_t index[] = {
			device->manufacturer_string, device->product_string, device->serial_string};
	int language = fetch_language(fetch);

	for (int i = 0; i < PROBE_STRINGS; i++)
		fetch_string(fetch, &fetch->probe->string[i], index[i], language);
}

/* --- Configuration --- */

static void fetch_configuration(struct fetch *fetch)
{
	struct probe *probe = fetch->probe;
	struct answer head = {0};
	int total, got;

	libusb_get_configuration(fetch->handle, &probe->active);
	fetch_descriptor(fetch, &head, DESCRIPTOR_CONFIGURATION, 0, DESCRIPTOR_CONFIGURATION_SIZE);
	probe->configuration_error = head.error;
	if (head.error)
		return;
	total = head.size < 4 ? head.size : head.bytes[2] | head.bytes[3] << 8;
	probe->configuration_bytes = malloc(MAX(total, 1));
	if (!probe->configuration_bytes) {
		probe->configuration_error = "out of memory";
		return;
	}
	got = libusb_control_transfer(fetch->handle, FETCH_IN, LIBUSB_REQUEST_GET_DESCRIPTOR,
			DESCRIPTOR_CONFIGURATION << 8, 0, probe->configuration_bytes,
			(uint16_t)total, FETCH_TIMEOUT_MS);
	probe->configuration_error = got < 0 ? fetch_error(got) : NULL;
	probe->configuration_size = MAX(got, 0);
	if (got > 0)
		probe_configure(probe);
}

/* --- HID interfaces --- */

static const struct interface_descriptor *fetch_interface(
		const struct fetch *fetch, const struct probe_hid *hid)
{
	return &fetch->probe->configuration.interface[hid->interface];
}

static void fetch_get(struct fetch *fetch, const struct probe_hid *hid, struct answer *answer,
		enum fetch_request request, int value, int size)
{
	fetch_control(fetch, answer, FETCH_IN | FETCH_HID, request, (uint16_t)value,
			fetch_interface(fetch, hid)->number, (uint16_t)size);
}

/* As firmware does when it takes a keyboard over, and leaves it. */
static void fetch_protocols(struct fetch *fetch, struct probe_hid *hid)
{
	struct answer set = {0};

	for (int protocol = PROTOCOL_BOOT; protocol <= PROTOCOL_REPORT; protocol++) {
		fetch_control(fetch, &set, FETCH_HID, SET_PROTOCOL, (uint16_t)protocol,
				fetch_interface(fetch, hid)->number, 0);
		fetch_get(fetch, hid, protocol == PROTOCOL_BOOT ? &hid->boot : &hid->report,
				GET_PROTOCOL, 0, 1);
	}
}

static void fetch_send(struct fetch *fetch, struct probe_hid *hid, uint8_t *bytes, int size)
{
	const struct interface_descriptor *interface = fetch_interface(fetch, hid);
	const struct endpoint_descriptor *out = descriptors_endpoint(
			interface, TRANSFER_INTERRUPT, 0);
	int got, sent = 0;

	if (out) {
		got = libusb_interrupt_transfer(
				fetch->handle, out->address, bytes, size, &sent, FETCH_TIMEOUT_MS);
	} else {
		int id = hid->layout.ids ? bytes[0] : 0;

		got = libusb_control_transfer(fetch->handle, FETCH_HID, SET_REPORT,
				(uint16_t)(REPORT_OUTPUT << 8 | id), interface->number, bytes,
				(uint16_t)size, FETCH_TIMEOUT_MS);
	}
	hid->by_endpoint = out;
	hid->lights.asked = true;
	hid->lights.error = got < 0 ? fetch_error(got) : NULL;
	hid->lights.size = size;
	memcpy(hid->lights.bytes, bytes, size);
}

/* All lights on, then off. The kernel's driver sets its own when it is back. */
static void fetch_lights(struct fetch *fetch, struct probe_hid *hid)
{
	struct hid *device = hid_new(hid->descriptor.bytes, hid->descriptor.size);
	uint8_t bytes[HID_REPORT_MAX];
	size_t size = 0;

	if (device)
		size = hid_lights(device, HID_NUM_LOCK | HID_CAPS_LOCK | HID_SCROLL_LOCK, bytes);
	if (size)
		fetch_send(fetch, hid, bytes, (int)size);
	if (size && !hid->lights.error) {
		size = hid_lights(device, 0, bytes);
		fetch_send(fetch, hid, bytes, (int)size);
	}
	hid_free(device);
}

static void fetch_reports(struct fetch *fetch, struct probe_hid *hid)
{
	const struct interface_descriptor *interface = fetch_interface(fetch, hid);
	bool boot = interface->subclass == 1;
	int id = 0;

	fetch_control(fetch, &hid->descriptor, FETCH_IN | LIBUSB_RECIPIENT_INTERFACE,
			LIBUSB_REQUEST_GET_DESCRIPTOR, DESCRIPTOR_REPORT << 8, interface->number,
			interface->report_size);
	if (hid->descriptor.error ||
			!hid_parse(&hid->layout, hid->descriptor.bytes, hid->descriptor.size))
		return;
	for (int i = 0; hid->layout.ids && i < hid->layout.count && !id; i++)
		id = hid->layout.fields[i].output ? 0 : hid->layout.fields[i].id;
	if (boot)
		fetch_get(fetch, hid, &hid->protocol, GET_PROTOCOL, 0, 1);
	fetch_get(fetch, hid, &hid->idle, GET_IDLE, 0, 1);
	fetch_get(fetch, hid, &hid->input, GET_REPORT, REPORT_INPUT << 8 | id,
			probe_hid_bytes(hid, false));
	if (boot)
		fetch_protocols(fetch, hid);
	fetch_lights(fetch, hid);
}

static void fetch_claim(struct fetch *fetch, struct probe_hid *hid)
{
	int error = libusb_claim_interface(fetch->handle, fetch_interface(fetch, hid)->number);

	if (error == LIBUSB_ERROR_BUSY && !fetch->options->detach)
		hid->claim_error = "the kernel's driver has it, and --no-detach leaves it there";
	else if (error)
		hid->claim_error = fetch_error(error);
	else
		fetch_reports(fetch, hid);
}

/* The first report of any interface; they take turns. */
static void fetch_wait(struct fetch *fetch)
{
	int64_t end = g_get_monotonic_time() + fetch->options->wait * G_USEC_PER_SEC;

	fetch->probe->waited = fetch->options->wait;
	for (int i = 0; g_get_monotonic_time() < end && !fetch_interrupted(); i++) {
		struct probe_hid *hid = &fetch->probe->hid[i % fetch->probe->hids];
		const struct endpoint_descriptor *in = descriptors_endpoint(
				fetch_interface(fetch, hid), TRANSFER_INTERRUPT, ENDPOINT_IN);
		int error, size = 0;

		if (!in || hid->claim_error) {
			g_usleep(FETCH_SLICE_MS * 1000 / PROBE_HIDS_MAX);
			continue;
		}
		error = libusb_interrupt_transfer(fetch->handle, in->address, hid->wait.bytes,
				sizeof(hid->wait.bytes), &size, FETCH_SLICE_MS);
		if (size == 0 && error == LIBUSB_ERROR_TIMEOUT)
			continue;
		hid->wait.asked = true;
		hid->wait.error = size == 0 && error ? fetch_error(error) : NULL;
		hid->wait.size = size;
		return;
	}
}

static void fetch_hids(struct fetch *fetch)
{
	struct probe *probe = fetch->probe;

	libusb_set_auto_detach_kernel_driver(fetch->handle, fetch->options->detach);
	for (int i = 0; i < probe->hids && !fetch_interrupted(); i++)
		fetch_claim(fetch, &probe->hid[i]);
	if (probe->hids && fetch->options->wait)
		fetch_wait(fetch);
	for (int i = 0; i < probe->hids; i++)
		if (!probe->hid[i].claim_error)
			libusb_release_interface(fetch->handle,
					fetch_interface(fetch, &probe->hid[i])->number);
}

/* --- All of it --- */

static const char *fetch_open_error(int error)
{
	if (error == LIBUSB_ERROR_ACCESS)
		return "permission denied on its node in /dev/bus/usb: run this as root, or give your "
		       "user access by a udev rule (see FILES in the man page)";
	return error == LIBUSB_ERROR_NO_DEVICE ? "the device is gone" : libusb_strerror(error);
}

void fetch_all(struct probe *probe, libusb_device *device, const struct fetch_options *options)
{
	struct fetch fetch = {.probe = probe, .options = options};
	int error = libusb_open(device, &fetch.handle);

	if (error) {
		probe->open_error = fetch_open_error(error);
		return;
	}
	fetch_descriptor(
			&fetch, &probe->device_bytes, DESCRIPTOR_DEVICE, 0, DESCRIPTOR_DEVICE_SIZE);
	fetch_strings(&fetch);
	fetch_configuration(&fetch);
	/* A BOS is short; what is longer says so by itself. */
	fetch_descriptor(&fetch, &probe->bos, DESCRIPTOR_BOS, 0, sizeof(probe->bos.bytes));
	fetch_hids(&fetch);
	libusb_close(fetch.handle);
}

bool fetch_serial(libusb_device *device, char text[DESCRIPTORS_STRING_MAX])
{
	struct libusb_device_descriptor known;
	struct probe_text serial = {0};
	struct fetch fetch = {0};

	if (libusb_get_device_descriptor(device, &known) != 0 ||
			libusb_open(device, &fetch.handle) != 0)
		return false;
	fetch_string(&fetch, &serial, known.iSerialNumber, fetch_language(&fetch));
	libusb_close(fetch.handle);
	g_strlcpy(text, serial.text, DESCRIPTORS_STRING_MAX);
	return serial.asked && !serial.error;
}
