/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include "tools/usbprobe/probe.h"

#define USAGE_X     (HID_PAGE_DESKTOP << 16 | 0x30) /* HID usage tables 1.4, page 1 */
#define USAGE_KEY_A (HID_PAGE_KEYBOARD << 16 | 4)

const char *probe_speed_name(enum probe_speed speed)
{
	static const char *const names[] = {"unknown", "low", "full", "high", "super"};

	return names[speed];
}

const char *probe_configure(struct probe *probe)
{
	const char *wrong = descriptors_configuration(&probe->configuration,
			probe->configuration_bytes, probe->configuration_size,
			probe->speed == PROBE_SUPER);

	probe->hids = 0;
	for (int i = 0; i < probe->configuration.interfaces; i++) {
		const struct interface_descriptor *interface = &probe->configuration.interface[i];

		if (interface->class == CLASS_HID && !interface->alternate &&
				probe->hids < PROBE_HIDS_MAX)
			probe->hid[probe->hids++].interface = i;
	}
	return wrong;
}

static bool probe_field_has(const struct hid_field *field, uint32_t usage)
{
	if (!field->usages)
		return usage >= field->first && usage <= field->last;
	for (int i = 0; i < field->usages; i++)
		if (field->usage[i] == usage)
			return true;
	return false;
}

bool probe_hid_keyboard(const struct probe_hid *hid)
{
	for (int i = 0; i < hid->layout.count; i++)
		if (!hid->layout.fields[i].output &&
				probe_field_has(&hid->layout.fields[i], USAGE_KEY_A))
			return true;
	return false;
}

bool probe_hid_pointer(const struct probe_hid *hid, bool relative)
{
	for (int i = 0; i < hid->layout.count; i++) {
		const struct hid_field *field = &hid->layout.fields[i];

		if (!field->output && probe_field_has(field, USAGE_X) &&
				relative == !!(field->flags & HID_RELATIVE_DATA))
			return true;
	}
	return false;
}

int probe_hid_bytes(const struct probe_hid *hid, bool output)
{
	const int *bits = output ? hid->layout.output_bits : hid->layout.input_bits;
	int most = 0;

	for (int id = 0; id < 256; id++)
		if (bits[id] > most)
			most = bits[id];
	return most ? (most + 7) / 8 + hid->layout.ids : 0;
}

void probe_clear(struct probe *probe)
{
	free(probe->configuration_bytes);
	probe->configuration_bytes = NULL;
}
