/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tools/usbprobe/checks.h"

/* HID 1.11, 4.2 and 4.3: how firmware tells what it can drive. */
#define HID_BOOT          1
#define HID_BOOT_KEYBOARD 1
#define HID_BOOT_MOUSE    2

#define BOOT_KEYBOARD_BYTES 8 /* HID 1.11 B.1 */
#define BOOT_MOUSE_BYTES    3 /* B.2: buttons, X, Y; more may follow */

#define ANSWER_MS 500 /* USB 2.0 9.2.6.4 and 9.2.6.5 */

#define USAGE_LEFT_CONTROL (HID_PAGE_KEYBOARD << 16 | 0xe0)
#define USAGE_X            (HID_PAGE_DESKTOP << 16 | 0x30)

struct checks_hid {
	const struct interface_descriptor *interface;
	struct probe_hid *hid;
	struct findings *findings;
	char subject[32];
	bool keyboard, mouse, pointer;
};

/* --- The report descriptor --- */

static bool checks_hid_parse(struct checks_hid *c)
{
	struct answer *descriptor = &c->hid->descriptor;

	if (!c->interface->hid || !c->interface->report_size) {
		findings_add(c->findings, FINDING_WRONG, c->subject,
				"no HID descriptor that names a report descriptor: no node finds out "
				"what this is");
		return false;
	}
	if (c->hid->claim_error) {
		findings_add(c->findings, FINDING_NOTE, c->subject,
				"HID, subclass %u, protocol %u; its reports were not looked at: %s",
				c->interface->subclass, c->interface->protocol,
				c->hid->claim_error);
		return false;
	}
	if (descriptor->error) {
		findings_add(c->findings, FINDING_WRONG, c->subject,
				"the report descriptor cannot be read: %s", descriptor->error);
		return false;
	}
	if (descriptor->size != c->interface->report_size) {
		findings_add(c->findings, FINDING_WRONG, c->subject,
				"the report descriptor has %d bytes; the HID descriptor says %u",
				descriptor->size, c->interface->report_size);
		return false;
	}
	c->hid->parsed = hid_parse(&c->hid->layout, descriptor->bytes, descriptor->size);
	if (!c->hid->parsed)
		findings_add(c->findings, FINDING_WRONG, c->subject,
				"the report descriptor makes no sense: no node will take reports");
	return c->hid->parsed;
}

static void checks_hid_kind(struct checks_hid *c)
{
	g_autofree char *lights = NULL;
	int output = probe_hid_bytes(c->hid, true);

	c->keyboard = probe_hid_keyboard(c->hid);
	c->mouse = probe_hid_pointer(c->hid, true);
	c->pointer = probe_hid_pointer(c->hid, false);
	lights = output ? g_strdup_printf(", %d out", output) : g_strdup("");
	findings_add(c->findings, FINDING_OK, c->subject, "%s; reports of %d bytes in%s",
			c->keyboard  ? "keyboard"
			: c->mouse   ? "relative mouse"
			: c->pointer ? "absolute pointer"
				     : "HID device that is neither keyboard nor pointer",
			probe_hid_bytes(c->hid, false), lights);
}

/* --- Boot protocol --- */

/* A run of values exactly there. */
static bool checks_hid_field(
		const struct hid_layout *layout, uint32_t first, int offset, int size, int count)
{
	for (int i = 0; i < layout->count; i++) {
		const struct hid_field *field = &layout->fields[i];

		if (!field->output && field->offset == offset && field->size == size &&
				field->count >= count && hid_field_usage(field, 0) == first)
			return true;
	}
	return false;
}

static const char *checks_hid_boot_keyboard(const struct probe_hid *hid)
{
	const struct hid_layout *layout = &hid->layout;
	int bytes = probe_hid_bytes(hid, false);

	if (layout->ids)
		return "reports have ids";
	if (bytes != BOOT_KEYBOARD_BYTES)
		return "reports are not 8 bytes long";
	if (!checks_hid_field(layout, USAGE_LEFT_CONTROL, 0, 1, 8))
		return "modifiers are not in the first byte";
	for (int i = 0; i < layout->count; i++)
		if (!layout->fields[i].output && layout->fields[i].offset == 16 &&
				layout->fields[i].size == 8 && layout->fields[i].count == 6 &&
				!(layout->fields[i].flags & HID_VARIABLE))
			return NULL;
	return "six keys are not in bytes 3 to 8";
}

static const char *checks_hid_boot_mouse(const struct probe_hid *hid)
{
	if (hid->layout.ids)
		return "reports have ids";
	if (probe_hid_bytes(hid, false) < BOOT_MOUSE_BYTES)
		return "reports are shorter than 3 bytes";
	if (!checks_hid_field(&hid->layout, USAGE_X, 8, 8, 1))
		return "X is not the second byte";
	return NULL;
}

static void checks_hid_boot(struct checks_hid *c)
{
	bool boot = c->interface->subclass == HID_BOOT;
	int protocol = boot ? c->interface->protocol : 0;
	const char *wrong = NULL;

	if (c->keyboard && (!boot || protocol != HID_BOOT_KEYBOARD)) {
		findings_add(c->findings, FINDING_WRONG, c->subject,
				"keyboard with subclass %u, protocol %u instead of 1, 1: firmware and "
				"boot loaders will not take its keys",
				c->interface->subclass, c->interface->protocol);
		return;
	}
	if (boot && protocol != HID_BOOT_KEYBOARD && protocol != HID_BOOT_MOUSE) {
		findings_add(c->findings, FINDING_WRONG, c->subject,
				"boot subclass with protocol %u, which is neither keyboard nor mouse",
				protocol);
		return;
	}
	if (protocol == HID_BOOT_KEYBOARD)
		wrong = c->keyboard ? checks_hid_boot_keyboard(c->hid) : "it has no keys";
	else if (protocol == HID_BOOT_MOUSE)
		wrong = c->mouse ? checks_hid_boot_mouse(c->hid) : "it has no relative motion";
	if (wrong)
		findings_add(c->findings, FINDING_WRONG, c->subject,
				"boot %s: %s, so firmware will misread it",
				protocol == HID_BOOT_KEYBOARD ? "keyboard" : "mouse", wrong);
	else if (boot)
		findings_add(c->findings, FINDING_OK, c->subject, "boot protocol, %s",
				protocol == HID_BOOT_KEYBOARD ? "keyboard" : "mouse");
	else if (c->interface->protocol)
		findings_add(c->findings, FINDING_NOTE, c->subject,
				"protocol %u means nothing without the boot subclass",
				c->interface->protocol);
}

/* --- Endpoints and requests --- */

static void checks_hid_endpoints(struct checks_hid *c)
{
	const struct endpoint_descriptor *in = descriptors_endpoint(
			c->interface, TRANSFER_INTERRUPT, ENDPOINT_IN);
	const struct endpoint_descriptor *out = descriptors_endpoint(
			c->interface, TRANSFER_INTERRUPT, 0);
	int bytes = probe_hid_bytes(c->hid, false);

	if (!in) {
		findings_add(c->findings, FINDING_WRONG, c->subject,
				"no interrupt endpoint: reports cannot reach the node");
		return;
	}
	if (in->packet < bytes)
		findings_add(c->findings, FINDING_WRONG, c->subject,
				"endpoint %02x takes %u bytes, a report has %d: it comes in parts, "
				"which firmware takes for whole ones",
				in->address, in->packet, bytes);
	if (out && out->packet < probe_hid_bytes(c->hid, true))
		findings_add(c->findings, FINDING_WRONG, c->subject,
				"endpoint %02x takes %u bytes, less than an output report",
				out->address, out->packet);
}

static bool checks_hid_answered(
		struct checks_hid *c, const struct answer *answer, bool required, const char *name)
{
	if (!answer->asked)
		return false;
	if (answer->error) {
		findings_add(c->findings, required ? FINDING_WRONG : FINDING_NOTE, c->subject,
				"%s failed: %s", name, answer->error);
		return false;
	}
	if (answer->ms > ANSWER_MS)
		findings_add(c->findings, FINDING_NOTE, c->subject,
				"%s took %d ms: a node that asks waits that long, or gives up (USB "
				"allows %d); the console's program should give the kernel an answer",
				name, answer->ms, ANSWER_MS);
	return true;
}

/* HID 1.11 7.2: every device has GET_REPORT, boot devices the protocol, keyboards the idle rate. */
static void checks_hid_requests(struct checks_hid *c)
{
	const struct probe_hid *hid = c->hid;
	int bytes = probe_hid_bytes(hid, false);

	if (checks_hid_answered(c, &hid->protocol, true, "GET_PROTOCOL")) {
		if (hid->protocol.size != 1 || hid->protocol.bytes[0] > 1)
			findings_add(c->findings, FINDING_WRONG, c->subject,
					"GET_PROTOCOL answered %d bytes, the first %02x",
					hid->protocol.size, hid->protocol.bytes[0]);
		else
			findings_add(c->findings, FINDING_OK, c->subject, "GET_PROTOCOL: %s",
					hid->protocol.bytes[0] ? "report" : "boot");
	}
	if (checks_hid_answered(c, &hid->idle, c->keyboard, "GET_IDLE"))
		findings_add(c->findings, hid->idle.size == 1 ? FINDING_OK : FINDING_WRONG,
				c->subject, "GET_IDLE: %d ms", hid->idle.bytes[0] * 4);
	if (checks_hid_answered(c, &hid->input, true, "GET_REPORT"))
		findings_add(c->findings, hid->input.size == bytes ? FINDING_OK : FINDING_WRONG,
				c->subject, "GET_REPORT: %d bytes of %d", hid->input.size, bytes);
}

/* --- Round trips --- */

static void checks_hid_round_trip(struct checks_hid *c)
{
	const struct probe_hid *hid = c->hid;

	if (hid->boot.asked && hid->report.asked) {
		bool good = !hid->boot.error && hid->boot.size == 1 && hid->boot.bytes[0] == 0 &&
			    !hid->report.error && hid->report.size == 1 &&
			    hid->report.bytes[0] == 1;

		findings_add(c->findings, good ? FINDING_OK : FINDING_WRONG, c->subject,
				good ? "SET_PROTOCOL goes to boot and back"
				     : "SET_PROTOCOL to boot and back does not take effect");
	}
	if (checks_hid_answered(c, &hid->lights, true,
			    hid->by_endpoint ? "the lights' report" : "SET_REPORT"))
		findings_add(c->findings, FINDING_OK, c->subject, "took the lights' report %s",
				hid->by_endpoint ? "at its OUT endpoint" : "by SET_REPORT");
}

static void checks_hid_wait(struct checks_hid *c)
{
	const struct probe_hid *hid = c->hid;
	int bytes = probe_hid_bytes(hid, false);
	g_autoptr(GString) hex = g_string_new(NULL);

	if (!checks_hid_answered(c, &hid->wait, false, "waiting for a report"))
		return;
	for (int i = 0; i < hid->wait.size; i++)
		g_string_append_printf(hex, " %02x", hid->wait.bytes[i]);
	findings_add(c->findings,
			hid->wait.size == bytes || (hid->layout.ids && hid->wait.size <= bytes)
					? FINDING_OK
					: FINDING_WRONG,
			c->subject, "report of %d bytes:%s", hid->wait.size, hex->str);
}

void checks_hid(struct probe *probe, struct probe_hid *hid, struct findings *findings)
{
	struct checks_hid c = {.interface = &probe->configuration.interface[hid->interface],
			.hid = hid,
			.findings = findings};

	g_snprintf(c.subject, sizeof(c.subject), "interface %u", c.interface->number);
	if (!checks_hid_parse(&c))
		return;
	checks_hid_kind(&c);
	checks_hid_boot(&c);
	checks_hid_endpoints(&c);
	checks_hid_requests(&c);
	checks_hid_round_trip(&c);
	checks_hid_wait(&c);
}
