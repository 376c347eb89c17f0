/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tools/usbprobe/checks.h"

#define POWER_MAX       500 /* mA a port gives before USB 3, USB 2.0 7.2.1 */
#define POWER_MAX_SUPER 900
#define STORAGE_SCSI    6      /* mass storage class 1.4, table 2 */
#define STORAGE_BULK    0x50   /* the same, table 3 */
#define USB_BOS         0x0201 /* from this release on a device has a BOS, USB 3.2 9.6.2 */

static const struct {
	const char *word;
	enum expect expect;
} checks_words[] = {
		{"keyboard", EXPECT_KEYBOARD},
		{"mouse", EXPECT_MOUSE},
		{"pointer", EXPECT_POINTER},
		{"storage", EXPECT_STORAGE},
		{"wake", EXPECT_WAKE},
		{"low", EXPECT_LOW},
		{"full", EXPECT_FULL},
		{"high", EXPECT_HIGH},
		{"super", EXPECT_SUPER},
};

bool checks_expect(const char *words, unsigned int *expect)
{
	g_auto(GStrv) list = g_strsplit(words, ",", -1);

	*expect = 0;
	for (char **word = list; *word; word++) {
		unsigned int bits = 0;

		for (gsize i = 0; i < G_N_ELEMENTS(checks_words); i++)
			if (strcmp(*word, checks_words[i].word) == 0)
				bits = checks_words[i].expect;
		if (!bits)
			return false;
		*expect |= bits;
	}
	return *expect != 0;
}

const char *checks_expect_word(enum expect expect)
{
	for (gsize i = 0; i < G_N_ELEMENTS(checks_words); i++)
		if (checks_words[i].expect == expect)
			return checks_words[i].word;
	return "";
}

/* --- The device --- */

static bool checks_packet_fits(const struct probe *probe)
{
	int packet = probe->device.packet;

	switch (probe->speed) {
	case PROBE_LOW:
		return packet == 8;
	case PROBE_FULL:
		return packet == 8 || packet == 16 || packet == 32 || packet == 64;
	case PROBE_HIGH:
		return packet == 64;
	case PROBE_SUPER:
		return packet == 9; /* 2 to the 9th */
	case PROBE_UNKNOWN:
		break;
	}
	return true;
}

static void checks_device(struct probe *probe, struct findings *findings)
{
	const char *wrong = NULL;

	if (probe->device_bytes.asked && probe->device_bytes.error)
		wrong = probe->device_bytes.error;
	else if (probe->device_bytes.asked)
		wrong = descriptors_device(&probe->device, probe->device_bytes.bytes,
				probe->device_bytes.size);
	if (wrong) {
		findings_add(findings, FINDING_WRONG, "device", "no device descriptor: %s", wrong);
		return;
	}
	findings_add(findings, FINDING_OK, "device", "USB %x.%02x, %s speed",
			probe->device.usb >> 8, probe->device.usb & 255,
			probe_speed_name(probe->speed));
	if (!checks_packet_fits(probe))
		findings_add(findings, FINDING_WRONG, "device",
				"endpoint 0 takes %u bytes, which %s speed does not allow",
				probe->device.packet, probe_speed_name(probe->speed));
	if (!probe->device.vendor)
		findings_add(findings, FINDING_WRONG, "device",
				"vendor 0000: no driver can be chosen by it; set idVendor");
	if (probe->device.configurations != 1)
		findings_add(findings, probe->device.configurations ? FINDING_NOTE : FINDING_WRONG,
				"device", "%u configurations; firmware takes the first of one",
				probe->device.configurations);
}

/* --- Strings --- */

static void checks_strings(const struct probe *probe, struct findings *findings)
{
	static const char *const names[] = {"manufacturer", "product", "serial"};
	const uint8_t index[] = {probe->device.manufacturer_string, probe->device.product_string,
			probe->device.serial_string};

	for (int i = 0; i < PROBE_STRINGS; i++) {
		const struct probe_text *text = &probe->string[i];

		if (!index[i])
			findings_add(findings, FINDING_WRONG, names[i], "missing: %s",
					i == PROBE_SERIAL
							? "a node cannot tell this device from "
							  "another and sets it up anew in each port"
							: "a node's user cannot tell what it is");
		else if (text->asked && text->error)
			findings_add(findings, FINDING_WRONG, names[i], "cannot be read: %s",
					text->error);
		else if (text->asked && !*text->text)
			findings_add(findings, FINDING_WRONG, names[i], "empty");
		else if (text->asked)
			findings_add(findings, FINDING_OK, names[i], "\"%s\"", text->text);
	}
}

/* Bulk-Only Transport 1.0, 4.1.1: at least twelve digits and letters A to F. */
static void checks_storage_serial(const struct probe *probe, struct findings *findings)
{
	const char *serial = probe->string[PROBE_SERIAL].text;

	if (*serial && (strlen(serial) < 12 || strspn(serial, "0123456789ABCDEF") < strlen(serial)))
		findings_add(findings, FINDING_NOTE, "serial",
				"a drive's should have at least 12 characters of 0-9 A-F; some "
				"nodes take no other");
}

/* --- The configuration --- */

static void checks_power(const struct probe *probe, struct findings *findings)
{
	const struct configuration_descriptor *configuration = &probe->configuration;
	int most = probe->speed == PROBE_SUPER ? POWER_MAX_SUPER : POWER_MAX;

	findings_add(findings, configuration->power > most ? FINDING_WRONG : FINDING_OK, "power",
			configuration->power > most
					? "%d mA: more than a port gives, nodes refuse that"
					: "at most %d mA",
			configuration->power);
	if (!(configuration->attributes & ATTRIBUTE_ALWAYS))
		findings_add(findings, FINDING_WRONG, "configuration",
				"bmAttributes %02x lacks bit 7, which must be set",
				configuration->attributes);
	findings_add(findings, FINDING_OK, "wake", "the device says it %s wake its node",
			configuration->attributes & ATTRIBUTE_WAKE ? "can" : "cannot");
}

/* Interfaces, without alternate settings, numbered 0, 1, 2 ... */
static void checks_numbers(const struct probe *probe, struct findings *findings)
{
	const struct configuration_descriptor *configuration = &probe->configuration;
	int count = 0;

	for (int i = 0; i < configuration->interfaces; i++) {
		const struct interface_descriptor *interface = &configuration->interface[i];

		if (interface->alternate)
			continue;
		if (interface->number != count)
			findings_add(findings, FINDING_WRONG, "configuration",
					"interface %d has number %u", count, interface->number);
		count++;
	}
	if (count != configuration->announced)
		findings_add(findings, FINDING_WRONG, "configuration",
				"it says it has %u interfaces, and has %d",
				configuration->announced, count);
}

static int checks_packet_most(enum probe_speed speed, int transfer)
{
	switch (speed) { /* USB 2.0 5.7.3, 5.8.3; USB 3.2 8.12 */
	case PROBE_LOW:
		return transfer == TRANSFER_INTERRUPT ? 8 : 0;
	case PROBE_FULL:
		return 64;
	case PROBE_HIGH:
		return transfer == TRANSFER_INTERRUPT ? 1024 : 512;
	default:
		return 1024;
	}
}

static void checks_endpoint(const struct probe *probe, const char *subject,
		const struct endpoint_descriptor *endpoint, struct findings *findings)
{
	int transfer = endpoint->attributes & 3;
	int most = checks_packet_most(probe->speed, transfer);
	bool frames = probe->speed == PROBE_HIGH || probe->speed == PROBE_SUPER;

	if (transfer != TRANSFER_BULK && transfer != TRANSFER_INTERRUPT)
		return;
	if (!(endpoint->address & 15))
		findings_add(findings, FINDING_WRONG, subject, "an endpoint with number 0");
	if (!endpoint->packet || endpoint->packet > most)
		findings_add(findings, FINDING_WRONG, subject,
				"endpoint %02x takes %u bytes; %s speed allows 1 to %d",
				endpoint->address, endpoint->packet, probe_speed_name(probe->speed),
				most);
	if (transfer == TRANSFER_BULK && probe->speed >= PROBE_HIGH && endpoint->packet < most)
		findings_add(findings, FINDING_WRONG, subject,
				"bulk endpoint %02x takes %u bytes; %s speed demands %d",
				endpoint->address, endpoint->packet, probe_speed_name(probe->speed),
				most);
	if (transfer == TRANSFER_INTERRUPT &&
			(!endpoint->interval || (frames && endpoint->interval > 16)))
		findings_add(findings, FINDING_WRONG, subject,
				"interrupt endpoint %02x has interval %u", endpoint->address,
				endpoint->interval);
}

static void checks_storage(const struct probe *probe, const char *subject,
		const struct interface_descriptor *interface, struct findings *findings)
{
	if (interface->subclass != STORAGE_SCSI || interface->protocol != STORAGE_BULK)
		findings_add(findings, FINDING_WRONG, subject,
				"mass storage of subclass %02x, protocol %02x: firmware knows SCSI "
				"(06) by Bulk-Only Transport (50)",
				interface->subclass, interface->protocol);
	else if (!descriptors_endpoint(interface, TRANSFER_BULK, ENDPOINT_IN) ||
			!descriptors_endpoint(interface, TRANSFER_BULK, 0))
		findings_add(findings, FINDING_WRONG, subject,
				"mass storage without a bulk endpoint each way");
	else
		findings_add(findings, FINDING_OK, subject, "mass storage, SCSI, Bulk-Only");
	if (probe->speed == PROBE_FULL)
		findings_add(findings, FINDING_NOTE, subject,
				"a drive at full speed reads 1 MB/s at most");
	checks_storage_serial(probe, findings);
}

static void checks_interface(
		const struct probe *probe, int index, bool twice, struct findings *findings)
{
	const struct interface_descriptor *interface = &probe->configuration.interface[index];
	char subject[32];

	g_snprintf(subject, sizeof(subject), "interface %u", interface->number);
	if (interface->endpoints != interface->announced)
		findings_add(findings, FINDING_WRONG, subject,
				"it says it has %u endpoints, and has %d", interface->announced,
				interface->endpoints);
	if (twice)
		findings_add(findings, FINDING_WRONG, subject,
				"it shares an endpoint's address with another");
	for (int i = 0; i < interface->endpoints; i++)
		checks_endpoint(probe, subject, &interface->endpoint[i], findings);
	if (interface->class == CLASS_STORAGE)
		checks_storage(probe, subject, interface, findings);
	else if (interface->class != CLASS_HID)
		findings_add(findings, FINDING_NOTE, subject,
				"class %02x, which is neither HID nor mass storage",
				interface->class);
}

static void checks_interfaces(const struct probe *probe, struct findings *findings)
{
	uint8_t seen[256] = {0}; /* by address: interface number plus one */

	for (int i = 0; i < probe->configuration.interfaces; i++) {
		const struct interface_descriptor *interface = &probe->configuration.interface[i];
		bool twice = false;

		for (int e = 0; e < interface->endpoints; e++) {
			uint8_t *owner = &seen[interface->endpoint[e].address];

			/* Alternate settings of one interface share theirs. */
			twice |= *owner && *owner != (uint8_t)(interface->number + 1);
			*owner = (uint8_t)(interface->number + 1);
		}
		checks_interface(probe, i, twice, findings);
	}
}

static void checks_configuration(struct probe *probe, struct findings *findings)
{
	const char *wrong = probe->configuration_error;

	if (!wrong)
		wrong = probe_configure(probe);
	if (wrong) {
		findings_add(findings, FINDING_WRONG, "configuration", "%s", wrong);
		return;
	}
	if (probe->active == 0)
		findings_add(findings, FINDING_WRONG, "configuration",
				"none is in use: the node has not accepted the device");
	else
		findings_add(findings, FINDING_OK, "configuration", "%u, %u interface%s",
				probe->configuration.value, probe->configuration.announced,
				probe->configuration.announced == 1 ? "" : "s");
	checks_numbers(probe, findings);
	checks_power(probe, findings);
	checks_interfaces(probe, findings);
}

static void checks_bos(const struct probe *probe, struct findings *findings)
{
	struct bos_descriptor bos;
	const char *wrong;

	if (!probe->bos.asked)
		return;
	if (probe->bos.error) {
		if (probe->device.usb >= USB_BOS)
			findings_add(findings, FINDING_WRONG, "BOS",
					"missing (%s), though the device says USB %x.%02x",
					probe->bos.error, probe->device.usb >> 8,
					probe->device.usb & 255);
		return;
	}
	wrong = descriptors_bos(&bos, probe->bos.bytes, probe->bos.size);
	if (wrong)
		findings_add(findings, FINDING_WRONG, "BOS", "%s", wrong);
	else
		findings_add(findings, FINDING_OK, "BOS", "%d capabilities%s", bos.capabilities,
				bos.lpm ? ", link power management" : "");
}

/* --- What it is --- */

unsigned int checks_found(const struct probe *probe)
{
	static const enum expect speeds[] = {0, EXPECT_LOW, EXPECT_FULL, EXPECT_HIGH, EXPECT_SUPER};
	unsigned int found = speeds[probe->speed];

	if (probe->configuration.attributes & ATTRIBUTE_WAKE)
		found |= EXPECT_WAKE;
	for (int i = 0; i < probe->configuration.interfaces; i++)
		if (probe->configuration.interface[i].class == CLASS_STORAGE)
			found |= EXPECT_STORAGE;
	for (int i = 0; i < probe->hids; i++) {
		if (!probe->hid[i].parsed)
			continue;
		found |= probe_hid_keyboard(&probe->hid[i]) ? EXPECT_KEYBOARD : 0;
		found |= probe_hid_pointer(&probe->hid[i], true) ? EXPECT_MOUSE : 0;
		found |= probe_hid_pointer(&probe->hid[i], false) ? EXPECT_POINTER : 0;
	}
	return found;
}

void checks_run(struct probe *probe, struct findings *findings)
{
	int reports = 0;

	checks_device(probe, findings);
	if (probe->open_error) {
		findings_add(findings, FINDING_WRONG, "device", "%s", probe->open_error);
	} else {
		checks_strings(probe, findings);
		checks_configuration(probe, findings);
		checks_bos(probe, findings);
		for (int i = 0; i < probe->hids; i++) {
			checks_hid(probe, &probe->hid[i], findings);
			reports += probe->hid[i].wait.asked;
		}
		if (probe->waited && !reports)
			findings_add(findings, FINDING_WRONG, "reports", "none came within %d s",
					probe->waited);
	}
}
