/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdio.h>
#include "tools/usbprobe/print.h"

static const char *const print_strings[] = {"manufacturer", "product", "serial"};
static const char *const print_transfers[] = {"control", "isochronous", "bulk", "interrupt"};

const char *print_class(uint8_t class)
{
	switch (class) {
	case CLASS_HID:
		return "HID";
	case CLASS_STORAGE:
		return "mass storage";
	default:
		return "other";
	}
}

static const struct probe_hid *print_hid_of(const struct probe *probe, int interface)
{
	for (int i = 0; i < probe->hids; i++)
		if (probe->hid[i].interface == interface)
			return &probe->hid[i];
	return NULL;
}

/* --- For people --- */

static void print_fields(const struct hid_layout *layout)
{
	for (int i = 0; i < layout->count; i++) {
		const struct hid_field *field = &layout->fields[i];
		int last = field->usages ? field->usages - 1 : (int)(field->last - field->first);

		printf("      %s", field->output ? "out" : "in ");
		if (layout->ids)
			printf(" id %u,", field->id);
		printf(" bit %3d: %d x %d bit%s, usages %04x:%02x-%02x, %d to %d, %s%s\n",
				field->offset, field->count, field->size,
				field->size == 1 ? "" : "s", hid_field_usage(field, 0) >> 16,
				hid_field_usage(field, 0) & 0xffff,
				hid_field_usage(field, last) & 0xffff, field->minimum,
				field->maximum, field->flags & HID_VARIABLE ? "variable" : "array",
				field->flags & HID_RELATIVE_DATA ? ", relative" : "");
	}
}

static void print_interface(const struct probe *probe, int index, bool verbose)
{
	const struct interface_descriptor *interface = &probe->configuration.interface[index];
	const struct probe_hid *hid = print_hid_of(probe, index);

	printf("  interface %u", interface->number);
	if (interface->alternate)
		printf(".%u", interface->alternate);
	printf(": class %02x (%s), subclass %02x, protocol %02x\n", interface->class,
			print_class(interface->class), interface->subclass, interface->protocol);
	for (int i = 0; i < interface->endpoints; i++) {
		const struct endpoint_descriptor *endpoint = &interface->endpoint[i];

		printf("    endpoint %02x: %s %s, %u bytes, interval %u\n", endpoint->address,
				print_transfers[endpoint->attributes & 3],
				endpoint->address & ENDPOINT_IN ? "in" : "out", endpoint->packet,
				endpoint->interval);
	}
	if (interface->hid)
		printf("    HID %x.%02x, country %u, report descriptor of %u bytes\n",
				interface->hid_release >> 8, interface->hid_release & 255,
				interface->country, interface->report_size);
	if (verbose && hid && hid->parsed)
		print_fields(&hid->layout);
}

static void print_checks(const struct findings *findings)
{
	const struct finding *finding;

	for (guint i = 0; (finding = findings_get(findings, i)); i++)
		printf("  %-5s %s: %s\n", findings_level(finding->level), finding->subject,
				finding->text);
}

void print_text(const struct probe *probe, const struct findings *findings, bool verbose)
{
	const struct device_descriptor *device = &probe->device;

	printf("%s: %04x:%04x, release %x.%02x, bus %03d device %03d, %s speed\n", probe->port,
			device->vendor, device->product, device->release >> 8,
			device->release & 255, probe->bus, probe->address,
			probe_speed_name(probe->speed));
	for (int i = 0; i < PROBE_STRINGS; i++)
		if (*probe->string[i].text)
			printf("  %s \"%s\"\n", print_strings[i], probe->string[i].text);
	for (int i = 0; i < probe->configuration.interfaces; i++)
		print_interface(probe, i, verbose);
	print_checks(findings);
	if (findings->wrong)
		printf("%s: %d WRONG\n", probe->port, findings->wrong);
	else
		printf("%s: all good\n", probe->port);
}

/* --- For scripts --- */

static json_t *print_hex(const struct answer *answer)
{
	g_autoptr(GString) hex = g_string_new(NULL);

	for (int i = 0; i < answer->size; i++)
		g_string_append_printf(hex, "%02x", answer->bytes[i]);
	return json_string(hex->str);
}

static json_t *print_json_endpoints(const struct interface_descriptor *interface)
{
	json_t *list = json_array();

	for (int i = 0; i < interface->endpoints; i++) {
		const struct endpoint_descriptor *endpoint = &interface->endpoint[i];

		json_array_append_new(list,
				json_pack("{s:i, s:s, s:s, s:i, s:i}", "address", endpoint->address,
						"transfer",
						print_transfers[endpoint->attributes & 3],
						"direction",
						endpoint->address & ENDPOINT_IN ? "in" : "out",
						"packet", endpoint->packet, "interval",
						endpoint->interval));
	}
	return list;
}

static json_t *print_json_hid(const struct probe_hid *hid)
{
	json_t *object = json_object();

	if (hid->descriptor.asked && !hid->descriptor.error)
		json_object_set_new(object, "report_descriptor", print_hex(&hid->descriptor));
	if (hid->parsed) {
		json_object_set_new(object, "keyboard", json_boolean(probe_hid_keyboard(hid)));
		json_object_set_new(object, "mouse", json_boolean(probe_hid_pointer(hid, true)));
		json_object_set_new(object, "pointer", json_boolean(probe_hid_pointer(hid, false)));
		json_object_set_new(
				object, "input_bytes", json_integer(probe_hid_bytes(hid, false)));
		json_object_set_new(
				object, "output_bytes", json_integer(probe_hid_bytes(hid, true)));
	}
	if (hid->wait.asked && !hid->wait.error)
		json_object_set_new(object, "report", print_hex(&hid->wait));
	return object;
}

static json_t *print_json_interfaces(const struct probe *probe)
{
	json_t *list = json_array();

	for (int i = 0; i < probe->configuration.interfaces; i++) {
		const struct interface_descriptor *interface = &probe->configuration.interface[i];
		const struct probe_hid *hid = print_hid_of(probe, i);
		json_t *object = json_pack("{s:i, s:i, s:i, s:i, s:i, s:o}", "number",
				interface->number, "alternate", interface->alternate, "class",
				interface->class, "subclass", interface->subclass, "protocol",
				interface->protocol, "endpoints", print_json_endpoints(interface));

		if (hid)
			json_object_set_new(object, "hid", print_json_hid(hid));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *print_json_checks(const struct findings *findings)
{
	json_t *list = json_array();
	const struct finding *finding;

	for (guint i = 0; (finding = findings_get(findings, i)); i++)
		json_array_append_new(
				list, json_pack("{s:s, s:s, s:s}", "result",
						      findings_level(finding->level), "subject",
						      finding->subject, "text", finding->text));
	return list;
}

json_t *print_json(const struct probe *probe, const struct findings *findings)
{
	const struct device_descriptor *device = &probe->device;
	const struct configuration_descriptor *configuration = &probe->configuration;
	g_autofree char *vid = g_strdup_printf("%04x", device->vendor);
	g_autofree char *pid = g_strdup_printf("%04x", device->product);
	json_t *object = json_pack("{s:s, s:i, s:i, s:s, s:s, s:i, s:s}", "port", probe->port,
			"bus", probe->bus, "address", probe->address, "vendor", vid, "product_id",
			pid, "usb", device->usb, "speed", probe_speed_name(probe->speed));

	for (int i = 0; i < PROBE_STRINGS; i++)
		json_object_set_new(object, print_strings[i],
				*probe->string[i].text ? json_string(probe->string[i].text)
						       : json_null());
	if (probe->active >= 0)
		json_object_set_new(object, "configuration", json_integer(probe->active));
	json_object_set_new(object, "power_ma", json_integer(configuration->power));
	json_object_set_new(
			object, "wake", json_boolean(configuration->attributes & ATTRIBUTE_WAKE));
	json_object_set_new(object, "interfaces", print_json_interfaces(probe));
	json_object_set_new(object, "checks", print_json_checks(findings));
	json_object_set_new(object, "wrong", json_integer(findings->wrong));
	return object;
}
