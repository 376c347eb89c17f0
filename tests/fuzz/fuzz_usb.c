/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Anything that a USB device may answer, to the end of judging and printing it. The input: a byte,
 * the speed, then parts, each after two bytes with its length (little-endian): device descriptor,
 * configuration, BOS, a string, and a report descriptor that every HID interface has.
 */
#include <stdlib.h>
#include <string.h>
#include "tools/usbprobe/checks.h"
#include "tools/usbprobe/print.h"
#include "tests/fuzz/targets.h"

struct fuzz {
	const uint8_t *data;
	size_t size;
};

/* Alone in memory; free. */
static uint8_t *fuzz_part(struct fuzz *fuzz, size_t *size)
{
	uint8_t *part;

	*size = 0;
	if (fuzz->size >= 2) {
		*size = fuzz->data[0] | fuzz->data[1] << 8;
		fuzz->data += 2;
		fuzz->size -= 2;
	}
	if (*size > fuzz->size)
		*size = fuzz->size;
	part = malloc(*size + 1);
	if (*size)
		memcpy(part, fuzz->data, *size);
	fuzz->data += *size;
	fuzz->size -= *size;
	return part;
}

static void fuzz_answer(struct fuzz *fuzz, struct answer *answer)
{
	size_t size;
	uint8_t *part = fuzz_part(fuzz, &size);

	answer->asked = true;
	answer->size = (int)(size < sizeof(answer->bytes) ? size : sizeof(answer->bytes));
	memcpy(answer->bytes, part, answer->size);
	free(part);
}

static void fuzz_string(struct fuzz *fuzz, struct probe_text *text)
{
	size_t size;
	uint8_t *part = fuzz_part(fuzz, &size);

	text->asked = true;
	text->error = descriptors_string(text->text, part, size);
	if (strlen(text->text) >= sizeof(text->text) || !g_utf8_validate(text->text, -1, NULL))
		abort();
	free(part);
}

int target_usb(const uint8_t *data, size_t size)
{
	struct fuzz fuzz;
	struct findings findings;
	struct probe *probe;
	json_t *object;

	if (size < 1)
		return 0;
	fuzz = (struct fuzz){data + 1, size - 1};
	probe = g_new0(struct probe, 1);
	probe->speed = data[0] % 5;
	probe->active = data[0] >> 7;
	fuzz_answer(&fuzz, &probe->device_bytes);
	probe->configuration_bytes = fuzz_part(&fuzz, &size);
	probe->configuration_size = (int)size;
	fuzz_answer(&fuzz, &probe->bos);
	fuzz_string(&fuzz, &probe->string[PROBE_SERIAL]);
	probe_configure(probe);
	fuzz_answer(&fuzz, &probe->hid[0].descriptor);
	for (int i = 1; i < probe->hids; i++)
		probe->hid[i].descriptor = probe->hid[0].descriptor;
	findings_init(&findings);
	checks_run(probe, &findings);
	if (!findings_get(&findings, 0))
		abort();
	object = print_json(probe, &findings);
	if (!object)
		abort();
	json_decref(object);
	findings_clear(&findings);
	probe_clear(probe);
	g_free(probe);
	return 0;
}
