/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gadget/pointer.h"
#include "gadget/report.h"

#define POINTER_BUTTONS 0x1f
#define POINTER_STEP    127       /* the most that an axis of 8 bits says, either way */
#define POINTER_FAR     (1 << 20) /* bounds what waits, so that sums stay in range */

/* HID 1.11 appendices B.2 and E.10 show the boot mouse; these have more buttons and a wheel. */

const uint8_t pointer_absolute_descriptor[] = {
		0x05, 0x01,       /* usage page: generic desktop */
		0x09, 0x02,       /* usage: mouse */
		0xa1, 0x01,       /* collection: application */
		0x09, 0x01,       /*   usage: pointer */
		0xa1, 0x00,       /*   collection: physical */
		0x05, 0x09,       /*     usage page: buttons */
		0x19, 0x01,       /*     from the first */
		0x29, 0x05,       /*     to the fifth */
		0x15, 0x00,       /*     0.. */
		0x25, 0x01,       /*     1 */
		0x75, 0x01,       /*     1 bit */
		0x95, 0x05,       /*     5 times */
		0x81, 0x02,       /*     input: data, variable, absolute */
		0x75, 0x03,       /*     3 bits */
		0x95, 0x01,       /*     once */
		0x81, 0x01,       /*     input: constant */
		0x05, 0x01,       /*     usage page: generic desktop */
		0x09, 0x30,       /*     usage: x */
		0x09, 0x31,       /*     usage: y */
		0x15, 0x00,       /*     0.. */
		0x26, 0xff, 0x7f, /*     32767 */
		0x75, 0x10,       /*     16 bits */
		0x95, 0x02,       /*     twice */
		0x81, 0x02,       /*     input: data, variable, absolute */
		0x09, 0x38,       /*     usage: wheel */
		0x15, 0x81,       /*     -127.. */
		0x25, 0x7f,       /*     127 */
		0x75, 0x08,       /*     8 bits */
		0x95, 0x01,       /*     once */
		0x81, 0x06,       /*     input: data, variable, relative */
		0xc0,             /*   end */
		0xc0,             /* end */
};
const size_t pointer_absolute_descriptor_size = sizeof(pointer_absolute_descriptor);

const uint8_t pointer_relative_descriptor[] = {
		0x05, 0x01, /* usage page: generic desktop */
		0x09, 0x02, /* usage: mouse */
		0xa1, 0x01, /* collection: application */
		0x09, 0x01, /*   usage: pointer */
		0xa1, 0x00, /*   collection: physical */
		0x05, 0x09, /*     usage page: buttons */
		0x19, 0x01, /*     from the first */
		0x29, 0x05, /*     to the fifth */
		0x15, 0x00, /*     0.. */
		0x25, 0x01, /*     1 */
		0x75, 0x01, /*     1 bit */
		0x95, 0x05, /*     5 times */
		0x81, 0x02, /*     input: data, variable, absolute */
		0x75, 0x03, /*     3 bits */
		0x95, 0x01, /*     once */
		0x81, 0x01, /*     input: constant */
		0x05, 0x01, /*     usage page: generic desktop */
		0x09, 0x30, /*     usage: x */
		0x09, 0x31, /*     usage: y */
		0x09, 0x38, /*     usage: wheel */
		0x15, 0x81, /*     -127.. */
		0x25, 0x7f, /*     127 */
		0x75, 0x08, /*     8 bits */
		0x95, 0x03, /*     3 times */
		0x81, 0x06, /*     input: data, variable, relative */
		0xc0,       /*   end */
		0xc0,       /* end */
};
const size_t pointer_relative_descriptor_size = sizeof(pointer_relative_descriptor);

/* What is still to be said: where to or how far, and the buttons after that. */
struct pointer_step {
	unsigned int buttons;
	int x, y, wheel;
};

struct pointer_device {
	struct report *report;
	bool relative;
	bool placed;               /* absolute: somebody said where; before that, in the middle */
	struct pointer_step said;  /* position and buttons that the node last took */
	struct pointer_step state; /* position and buttons now */
	struct pointer_step waiting[POINTER_WAITING]; /* a ring */
	size_t first, waits;
};

struct pointer {
	struct pointer_device absolute, relative;
};

static struct pointer_step *pointer_waiting(struct pointer_device *device, size_t index)
{
	return &device->waiting[(device->first + index) % POINTER_WAITING];
}

static int pointer_sum(int a, int b)
{
	return CLAMP(CLAMP(a, -POINTER_FAR, POINTER_FAR) + CLAMP(b, -POINTER_FAR, POINTER_FAR),
			-POINTER_FAR, POINTER_FAR);
}

/* Whether the last step that waits may take up another without a loss that counts. */
static bool pointer_joins(struct pointer_device *device, const struct pointer_step *step)
{
	const struct pointer_step *last = pointer_waiting(device, device->waits - 1);
	const struct pointer_step *former = &device->said;

	if (device->waits > 1)
		former = pointer_waiting(device, device->waits - 2);
	if (last->buttons != former->buttons || step->buttons != last->buttons)
		return false;
	return device->relative || !last->wheel || (step->x == last->x && step->y == last->y);
}

static void pointer_enqueue(struct pointer_device *device, const struct pointer_step *step)
{
	struct pointer_step *last;

	if (!device->waits || (device->waits < POINTER_WAITING && !pointer_joins(device, step))) {
		*pointer_waiting(device, device->waits++) = *step;
		return;
	}
	last = pointer_waiting(device, device->waits - 1);
	last->buttons = step->buttons;
	last->x = device->relative ? pointer_sum(last->x, step->x) : step->x;
	last->y = device->relative ? pointer_sum(last->y, step->y) : step->y;
	last->wheel = pointer_sum(last->wheel, step->wheel);
}

static void pointer_forget(void *data)
{
	struct pointer_device *device = data;
	const struct pointer_step *said = &device->said, *state = &device->state;

	device->waits = 0;
	if (state->buttons != said->buttons || state->x != said->x || state->y != said->y)
		pointer_enqueue(device, state);
}

static bool pointer_idle(const struct pointer_device *device, const struct pointer_step *step)
{
	const struct pointer_step *state = &device->state;

	if (step->wheel || step->buttons != state->buttons)
		return false;
	return step->x == state->x && step->y == state->y && (device->relative || device->placed);
}

static void pointer_step(struct pointer_device *device, const struct pointer_step *step)
{
	if (pointer_idle(device, step))
		return;
	device->placed = true;
	device->state.buttons = step->buttons;
	if (!device->relative) {
		device->state.x = step->x;
		device->state.y = step->y;
	}
	if (report_listening(device->report))
		pointer_enqueue(device, step);
	else
		pointer_forget(device);
	report_flush(device->report);
}

/* What one report can say of a step; the rest is left in it. Returns whether that was all. */
static bool pointer_cut(const struct pointer_device *device, struct pointer_step *step,
		struct pointer_step *part)
{
	*part = *step;
	part->wheel = CLAMP(step->wheel, -POINTER_STEP, POINTER_STEP);
	step->wheel -= part->wheel;
	if (device->relative) {
		part->x = CLAMP(step->x, -POINTER_STEP, POINTER_STEP);
		part->y = CLAMP(step->y, -POINTER_STEP, POINTER_STEP);
		step->x -= part->x;
		step->y -= part->y;
	}
	if (!step->wheel && (!device->relative || (!step->x && !step->y)))
		return true;
	part->buttons = device->said.buttons; /* they change at the end of the way */
	return false;
}

static bool pointer_next(uint8_t *bytes, bool anew, void *data)
{
	struct pointer_device *device = data;
	struct pointer_step rest = device->waits ? *pointer_waiting(device, 0) : device->state;
	struct pointer_step part;

	pointer_cut(device, &rest, &part);
	*bytes++ = part.buttons;
	*bytes++ = part.x & 0xff;
	if (!device->relative)
		*bytes++ = part.x >> 8;
	*bytes++ = part.y & 0xff;
	if (!device->relative)
		*bytes++ = part.y >> 8;
	*bytes++ = part.wheel & 0xff;
	return device->waits || anew;
}

static void pointer_taken(void *data)
{
	struct pointer_device *device = data;
	struct pointer_step part;
	bool all;

	if (!device->waits)
		return;
	all = pointer_cut(device, pointer_waiting(device, 0), &part);
	device->said.buttons = part.buttons;
	if (!device->relative) {
		device->said.x = part.x;
		device->said.y = part.y;
	}
	if (all) {
		device->first = (device->first + 1) % POINTER_WAITING;
		device->waits--;
	}
}

static void pointer_rest(struct pointer_device *device)
{
	device->waits = 0;
	device->placed = false;
	device->state = (struct pointer_step){0};
	if (!device->relative)
		device->state.x = device->state.y = POINTER_MAX / 2;
	device->said = device->state;
}

static void pointer_open(struct pointer_device *device, int fd, bool relative)
{
	const struct report_events events = {
			.next = pointer_next,
			.taken = pointer_taken,
			.forget = pointer_forget,
			.data = device,
	};

	device->relative = relative;
	pointer_rest(device);
	device->report = report_new(
			fd, relative ? POINTER_RELATIVE_SIZE : POINTER_ABSOLUTE_SIZE, &events);
}

struct pointer *pointer_new(int absolute_fd, int relative_fd)
{
	struct pointer *pointer = g_new0(struct pointer, 1);

	pointer_open(&pointer->absolute, absolute_fd, false);
	pointer_open(&pointer->relative, relative_fd, true);
	return pointer;
}

void pointer_attach_absolute(struct pointer *pointer, int fd)
{
	pointer_rest(&pointer->absolute);
	report_attach(pointer->absolute.report, fd);
}

void pointer_attach_relative(struct pointer *pointer, int fd)
{
	pointer_rest(&pointer->relative);
	report_attach(pointer->relative.report, fd);
}

void pointer_attach(struct pointer *pointer, int absolute_fd, int relative_fd)
{
	pointer_attach_absolute(pointer, absolute_fd);
	pointer_attach_relative(pointer, relative_fd);
}

void pointer_renew_absolute(struct pointer *pointer)
{
	report_renew(pointer->absolute.report);
}

void pointer_renew_relative(struct pointer *pointer)
{
	report_renew(pointer->relative.report);
}

void pointer_repeat_absolute(struct pointer *pointer)
{
	if (pointer->absolute.placed)
		report_renew(pointer->absolute.report);
}

/* The other pointer takes over: nobody would release this one's buttons later. */
static void pointer_leave(struct pointer_device *device)
{
	struct pointer_step step = device->state;

	if (!step.buttons)
		return;
	step.buttons = 0;
	pointer_step(device, &step);
}

void pointer_move_to(struct pointer *pointer, int x, int y, int wheel, unsigned int buttons)
{
	const struct pointer_step step = {
			.buttons = buttons & POINTER_BUTTONS,
			.x = CLAMP(x, 0, POINTER_MAX),
			.y = CLAMP(y, 0, POINTER_MAX),
			.wheel = pointer_sum(wheel, 0),
	};

	pointer_leave(&pointer->relative);
	pointer_step(&pointer->absolute, &step);
}

void pointer_move_by(struct pointer *pointer, int dx, int dy, int wheel, unsigned int buttons)
{
	const struct pointer_step step = {
			.buttons = buttons & POINTER_BUTTONS,
			.x = pointer_sum(dx, 0),
			.y = pointer_sum(dy, 0),
			.wheel = pointer_sum(wheel, 0),
	};

	pointer_leave(&pointer->absolute);
	pointer_step(&pointer->relative, &step);
}

static void pointer_release(struct pointer_device *device)
{
	device->state.buttons = 0;
	pointer_forget(device);
	report_flush(device->report);
}

void pointer_release_all(struct pointer *pointer)
{
	pointer_release(&pointer->absolute);
	pointer_release(&pointer->relative);
}

bool pointer_absolute_listening(const struct pointer *pointer)
{
	return report_listening(pointer->absolute.report);
}

bool pointer_relative_listening(const struct pointer *pointer)
{
	return report_listening(pointer->relative.report);
}

void pointer_close(struct pointer *pointer)
{
	if (!pointer)
		return;
	report_close(pointer->absolute.report);
	report_close(pointer->relative.report);
	g_free(pointer);
}
