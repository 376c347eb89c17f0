/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <linux/ipmi.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "rack/link_device_part.h"

#define DEVICE_ANSWER_MS 5000
#define DEVICE_AGAIN_MS  10000
#define DEVICE_STRIKES   2   /* requests in a row without an answer, as in a session */
#define DEVICE_MESSAGE   272 /* IPMI_MAX_MSG_LENGTH of the kernel */
#define DEVICE_BURST     8   /* messages at a time: others are in the main loop too */

#define DEVICE_APP       0x06 /* IPMI 2.0 table 5-1 */
#define DEVICE_ID        0x01 /* Get Device ID, 20.1 */
#define DEVICE_TIMED_OUT 0xc3 /* table 5-2; the kernel says so for a BMC that does not answer */

enum device_state {
	DEVICE_CLOSED,
	DEVICE_ASKED_WHO, /* whether there is a BMC behind it */
	DEVICE_UP,
};

struct link_device {
	struct link link;
	const struct link_device_calls *calls;
	char *path;
	enum device_state state;
	int fd;
	guint watch, timer;
	bool busy;   /* a request is under way */
	bool failed; /* it could not be sent, which is still to be told */
	bool gone;   /* so is the device */
	bool said;   /* that it is down */
	long id;     /* of the last request: an answer to a former one is known by its own */
	int strikes;
	link_fn told;
	void *data;
};

static gboolean device_late(gpointer data);

static void device_arm(struct link_device *device, int ms)
{
	if (device->timer)
		g_source_remove(device->timer);
	device->timer = g_timeout_add((guint)ms, device_late, device);
}

static void device_tell(struct link_device *device, const struct link_event *event)
{
	device->told(&device->link, event, device->data);
}

static void device_close(struct link_device *device)
{
	if (device->watch)
		g_source_remove(device->watch);
	device->watch = 0;
	if (device->fd >= 0)
		device->calls->close(device->fd);
	device->fd = -1;
	device->state = DEVICE_CLOSED;
	device->gone = false;
}

static void device_fail(struct link_device *device)
{
	const struct link_event event = {.kind = LINK_FAILED};

	device->busy = device->failed = false;
	device_tell(device, &event);
}

static void device_down(struct link_device *device, const char *why)
{
	char *text = g_strdup_printf("%s: %s", device->path, why);
	const struct link_event event = {.kind = LINK_DOWN, .why = text};

	device_close(device);
	device_arm(device, device->calls->again_ms);
	if (device->busy)
		device_fail(device);
	if (!device->said) {
		device->said = true;
		device_tell(device, &event);
	}
	g_free(text);
}

/* Returns 0 or errno. The kernel copies what is sent, and puts it in a queue. */
static int device_send(struct link_device *device, const struct session_request *request)
{
	struct ipmi_system_interface_addr address = {
			.addr_type = IPMI_SYSTEM_INTERFACE_ADDR_TYPE,
			.channel = IPMI_BMC_CHANNEL,
			.lun = request->lun,
	};
	struct ipmi_req message = {
			.addr = (void *)&address,
			.addr_len = sizeof(address),
			.msgid = ++device->id,
			.msg = {.netfn = request->netfn,
					.cmd = request->command,
					.data_len = (unsigned short)request->length,
					.data = (unsigned char *)request->data},
	};

	return device->calls->ioctl(device->fd, IPMICTL_SEND_COMMAND, &message) == 0 ? 0 : errno;
}

static bool device_has_gone(int problem)
{
	return problem == ENODEV || problem == ENXIO || problem == EBADF;
}

static bool device_ask(struct link *link, const struct session_request *request)
{
	struct link_device *device = (struct link_device *)link;
	int problem;

	if (device->state != DEVICE_UP || device->busy || device->gone)
		return false;
	problem = device_send(device, request);
	device->busy = true;
	device->failed = problem != 0;
	device->gone = device_has_gone(problem);
	device_arm(device, problem ? 0 : device->calls->answer_ms);
	return true;
}

/* --- Answers --- */

static void device_strike(struct link_device *device)
{
	if (++device->strikes >= DEVICE_STRIKES)
		device_down(device, "the BMC does not answer");
	else
		device_fail(device);
}

static void device_answer(struct link_device *device, const uint8_t *bytes, size_t size)
{
	const struct link_event up = {.kind = LINK_UP};
	struct link_event answer = {.kind = LINK_ANSWER};

	g_source_remove(device->timer);
	device->timer = 0;
	if (size == 0 || bytes[0] == DEVICE_TIMED_OUT) {
		if (device->state == DEVICE_UP)
			device_strike(device);
		else
			device_down(device, "the BMC does not answer");
		return;
	}
	device->strikes = 0;
	if (device->state == DEVICE_ASKED_WHO) {
		device->state = DEVICE_UP;
		device->said = false;
		device_tell(device, &up);
		return;
	}
	device->busy = false;
	answer.code = bytes[0];
	answer.bytes = bytes + 1;
	answer.size = size - 1;
	device_tell(device, &answer);
}

/* Returns whether there may be more. */
static bool device_receive(struct link_device *device)
{
	uint8_t address[IPMI_MAX_ADDR_SIZE + sizeof(struct ipmi_addr)], bytes[DEVICE_MESSAGE];
	struct ipmi_recv message = {
			.addr = address,
			.addr_len = sizeof(address),
			.msg = {.data = bytes, .data_len = sizeof(bytes)},
	};
	int problem = 0;

	if (device->calls->ioctl(device->fd, IPMICTL_RECEIVE_MSG_TRUNC, &message) < 0)
		problem = errno;
	if (problem == EMSGSIZE) /* longer than any answer: what is left of it means nothing */
		message.msg.data_len = 0;
	else if (problem) {
		if (problem != EAGAIN && problem != EINTR)
			device_down(device, g_strerror(problem));
		return false;
	}
	/* Events and commands of others are not asked for, and come all the same to whoever reads.
	 */
	if (message.recv_type == IPMI_RESPONSE_RECV_TYPE && message.msgid == device->id &&
			(device->busy || device->state == DEVICE_ASKED_WHO) && !device->failed)
		device_answer(device, bytes, MIN(message.msg.data_len, sizeof(bytes)));
	return device->fd >= 0;
}

static gboolean device_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct link_device *device = data;

	(void)fd;
	if (condition & (G_IO_ERR | G_IO_HUP | G_IO_NVAL)) {
		device_down(device, "the device has gone");
		return G_SOURCE_REMOVE;
	}
	for (int i = 0; i < DEVICE_BURST; i++)
		if (!device_receive(device))
			break;
	return device->fd >= 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* --- Coming and going --- */

/* A device may be there without a BMC: who answers is asked before anybody is told. */
static void device_open(struct link_device *device)
{
	static const struct session_request who = {.netfn = DEVICE_APP, .command = DEVICE_ID};
	int problem;

	device->fd = device->calls->open(device->path, O_RDWR | O_CLOEXEC);
	if (device->fd < 0) {
		device_down(device, g_strerror(errno));
		return;
	}
	problem = device_send(device, &who);
	if (problem) {
		device_down(device, g_strerror(problem));
		return;
	}
	device->state = DEVICE_ASKED_WHO;
	device->strikes = 0;
	device->watch = g_unix_fd_add(device->fd, G_IO_IN, device_readable, device);
	device_arm(device, device->calls->answer_ms);
}

static gboolean device_late(gpointer data)
{
	struct link_device *device = data;

	device->timer = 0;
	if (device->state == DEVICE_CLOSED)
		device_open(device);
	else if (device->gone)
		device_down(device, "the device has gone");
	else if (device->failed)
		device_fail(device);
	else if (device->state == DEVICE_UP)
		device_strike(device);
	else
		device_down(device, "the BMC does not answer");
	return G_SOURCE_REMOVE;
}

static void device_free(struct link *link)
{
	struct link_device *device = (struct link_device *)link;

	device_close(device);
	if (device->timer)
		g_source_remove(device->timer);
	g_free(device->path);
	g_free(device);
}

static const struct link_kind device_kind = {device_ask, device_free};

struct link *link_device_new_with(
		const char *path, const struct link_device_calls *calls, link_fn told, void *data)
{
	struct link_device *device = g_new0(struct link_device, 1);

	device->link.kind = &device_kind;
	device->calls = calls;
	device->path = g_strdup(path);
	device->fd = -1;
	device->told = told;
	device->data = data;
	device_arm(device, 0); /* no callback before the caller has us */
	return &device->link;
}

static int device_system_open(const char *path, int flags)
{
	return open(path, flags);
}

static int device_system_ioctl(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument);
}

struct link *link_device_new(const char *path, link_fn told, void *data)
{
	static const struct link_device_calls system = {device_system_open, device_system_ioctl,
			close, DEVICE_ANSWER_MS, DEVICE_AGAIN_MS};

	return link_device_new_with(path, &system, told, data);
}
