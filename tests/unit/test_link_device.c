/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* On calls that pretend to be the kernel's. */
#include <errno.h>
#include <glib.h>
#include <linux/ipmi.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "rack/link_device_part.h"
#include "tests/unit/until.h"

#define ANSWER_MS 300
#define AGAIN_MS  20
#define GET_POWER 0x02

/* What the kernel has: the calls have no argument to find it by. */
static struct device {
	int fd;      /* -1: not open */
	int missing; /* errno of open; 0: it is there */
	int opened, asked;
	int deaf;    /* commands that have no answer, the first one later */
	int refuses; /* errno of sending; 0: it is sent */
	int gone;    /* errno of receiving */
	struct ipmi_system_interface_addr address;
	long id, late; /* of the last command, of one that was not answered */
	uint8_t netfn, command, data[64];
	size_t length;
	/* What is to be received. */
	int type;
	long answers; /* which */
	uint8_t bytes[300];
	size_t size, ready;
} device;

static int device_open(const char *path, int flags)
{
	(void)flags;
	g_assert_cmpstr(path, ==, "/dev/ipmi7");
	g_assert_cmpint(device.fd, ==, -1);
	device.opened++;
	if (device.missing) {
		errno = device.missing;
		return -1;
	}
	device.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	device.ready = 0;
	return device.fd;
}

static int device_close(int fd)
{
	g_assert_cmpint(fd, ==, device.fd);
	device.fd = -1;
	return close(fd);
}

static void device_wake(void)
{
	const uint64_t one = 1;

	g_assert_cmpint(write(device.fd, &one, sizeof(one)), ==, sizeof(one));
}

static void device_give(int type, long id, const void *bytes, size_t size)
{
	device.type = type;
	device.answers = id;
	memcpy(device.bytes, bytes, size);
	device.size = size;
	device.ready = 1;
	device_wake();
}

static int device_hear(const struct ipmi_req *message)
{
	static const uint8_t fine[] = {0, 0xdc, 180, 0};

	if (device.refuses) {
		errno = device.refuses;
		return -1;
	}
	memcpy(&device.address, message->addr, sizeof(device.address));
	device.asked++;
	device.id = message->msgid;
	device.netfn = message->msg.netfn;
	device.command = message->msg.cmd;
	device.length = message->msg.data_len;
	if (device.length)
		memcpy(device.data, message->msg.data, device.length);
	if (device.deaf > 0) {
		device.deaf--;
		device.late = device.id;
		return 0;
	}
	device_give(IPMI_RESPONSE_RECV_TYPE, device.id, fine, sizeof(fine));
	return 0;
}

static int device_say(struct ipmi_recv *message)
{
	uint64_t count;

	(void)!read(device.fd, &count, sizeof(count));
	if (device.gone || !device.ready) {
		errno = device.gone ? device.gone : EAGAIN;
		return -1;
	}
	device.ready = 0;
	message->recv_type = device.type;
	message->msgid = device.answers;
	if (device.size > message->msg.data_len) {
		memcpy(message->msg.data, device.bytes, message->msg.data_len);
		errno = EMSGSIZE;
		return -1;
	}
	memcpy(message->msg.data, device.bytes, device.size);
	message->msg.data_len = (unsigned short)device.size;
	return 0;
}

static int device_ioctl(int fd, unsigned long request, void *argument)
{
	g_assert_cmpint(fd, ==, device.fd);
	if (request == IPMICTL_SEND_COMMAND)
		return device_hear(argument);
	g_assert_cmpuint(request, ==, IPMICTL_RECEIVE_MSG_TRUNC);
	return device_say(argument);
}

static const struct link_device_calls calls = {
		device_open, device_ioctl, device_close, ANSWER_MS, AGAIN_MS};
static const struct link_device_calls patient = {
		device_open, device_ioctl, device_close, 60000, AGAIN_MS};

struct fixture {
	struct link *link;
	int ups, downs, answers, failures;
	bool greedy; /* asks anew in each callback */
	uint8_t code, bytes[64];
	size_t size;
	char why[80];
};

static const uint8_t data[] = {0xdc, 1, 0, 0};
static const struct session_request request = {.netfn = 0x2c,
		.lun = 2,
		.command = GET_POWER,
		.data = data,
		.length = sizeof(data)};

static void fixture_told(struct link *link, const struct link_event *event, void *fixture)
{
	struct fixture *f = fixture;

	g_assert_true(link == f->link);
	switch (event->kind) {
	case LINK_UP:
		g_assert_null(event->guid);
		f->ups++;
		break;
	case LINK_DOWN:
		f->downs++;
		g_assert_false(event->refused);
		g_strlcpy(f->why, event->why, sizeof(f->why));
		break;
	case LINK_ANSWER:
		f->answers++;
		f->code = event->code;
		f->size = event->size;
		memcpy(f->bytes, event->bytes, MIN(event->size, sizeof(f->bytes)));
		break;
	case LINK_FAILED:
		f->failures++;
		break;
	}
	if (f->greedy)
		link_ask(link, &request);
}

static void fixture_open(struct fixture *f, const struct link_device_calls *how)
{
	*f = (struct fixture){0};
	f->link = link_device_new_with("/dev/ipmi7", how, fixture_told, f);
	g_assert_cmpint(device.opened, ==, 0);
}

static void fixture_close(struct fixture *f)
{
	link_free(f->link);
	g_assert_cmpint(device.fd, ==, -1);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

static void device_reset(void)
{
	memset(&device, 0, sizeof(device));
	device.fd = -1;
}

/* With a device that has nothing wrong, and a BMC that has answered. */
static void fixture_up(struct fixture *f, const struct link_device_calls *how)
{
	device_reset();
	fixture_open(f, how);
	UNTIL(f->ups > 0);
}

static void test_a_request_has_its_answer(void)
{
	struct fixture f;

	device_reset();
	fixture_open(&f, &patient);
	g_assert_false(link_ask(f.link, &request));
	UNTIL(f.ups > 0);
	g_assert_cmpint(device.netfn, ==, 6); /* who it is was asked before that */
	g_assert_true(link_ask(f.link, &request));
	g_assert_false(link_ask(f.link, &request));
	g_assert_cmpint(f.answers, ==, 0);
	g_assert_cmpint(device.address.addr_type, ==, IPMI_SYSTEM_INTERFACE_ADDR_TYPE);
	g_assert_cmpint(device.address.channel, ==, IPMI_BMC_CHANNEL);
	g_assert_cmpint(device.address.lun, ==, 2);
	g_assert_cmpint(device.netfn, ==, 0x2c);
	g_assert_cmpint(device.command, ==, GET_POWER);
	g_assert_cmpmem(device.data, device.length, data, sizeof(data));
	UNTIL(f.answers > 0);
	g_assert_cmpint(f.code, ==, 0);
	g_assert_cmpmem(f.bytes, f.size, "\xdc\xb4\x00", 3);
	f.greedy = true;
	g_assert_true(link_ask(f.link, &request));
	UNTIL(f.answers > 100);
	g_assert_cmpint(f.failures, ==, 0);
	g_assert_cmpint(f.downs, ==, 0);
	fixture_close(&f);
}

static void test_a_late_answer_is_not_that_of_the_next(void)
{
	static const uint8_t old[] = {0, 0xdc, 99, 99};
	struct fixture f;
	long former;

	fixture_up(&f, &calls);
	device.deaf = 1;
	g_assert_true(link_ask(f.link, &request));
	UNTIL(f.failures > 0);
	/* It comes now: nobody waits for it. */
	device_give(IPMI_RESPONSE_RECV_TYPE, device.late, old, sizeof(old));
	UNTIL(!device.ready);
	g_assert_cmpint(f.answers, ==, 0);
	g_assert_true(link_ask(f.link, &request));
	UNTIL(f.answers > 0);
	fixture_close(&f);
	/* Now while another one is waited for. */
	fixture_up(&f, &calls);
	device.deaf = 2;
	g_assert_true(link_ask(f.link, &request));
	former = device.id;
	UNTIL(f.failures > 0);
	g_assert_true(link_ask(f.link, &request));
	device_give(IPMI_RESPONSE_RECV_TYPE, former, old, sizeof(old));
	UNTIL(!device.ready);
	g_assert_cmpint(f.answers, ==, 0);
	UNTIL(f.failures > 1);
	fixture_close(&f);
}

static void test_what_is_no_answer_is_passed_over(void)
{
	static const uint8_t event[] = {1, 2, 3, 4};
	struct fixture f;

	fixture_up(&f, &patient);
	device.deaf = 1;
	g_assert_true(link_ask(f.link, &request));
	device_give(IPMI_ASYNC_EVENT_RECV_TYPE, device.id, event, sizeof(event));
	UNTIL(!device.ready);
	device_give(IPMI_CMD_RECV_TYPE, device.id, event, sizeof(event));
	UNTIL(!device.ready);
	g_assert_cmpint(f.answers, ==, 0);
	device_give(IPMI_RESPONSE_RECV_TYPE, device.id, event, sizeof(event));
	UNTIL(f.answers > 0);
	g_assert_cmpint(f.code, ==, 1);
	fixture_close(&f);
}

static void test_answers_of_wrong_lengths_are_failures(void)
{
	static const size_t sizes[] = {0, 290};
	static const uint8_t bytes[290];
	struct fixture f;

	for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
		fixture_up(&f, &patient);
		device.deaf = 1;
		g_assert_true(link_ask(f.link, &request));
		device_give(IPMI_RESPONSE_RECV_TYPE, device.id, bytes, sizes[i]);
		UNTIL(f.failures > 0);
		g_assert_cmpint(f.answers, ==, 0);
		g_assert_true(link_ask(f.link, &request));
		UNTIL(f.answers > 0);
		fixture_close(&f);
	}
}

static void test_a_missing_device_is_said_once_and_tried_again(void)
{
	struct fixture f;

	device_reset();
	device.missing = ENOENT;
	fixture_open(&f, &patient);
	UNTIL(device.opened > 3);
	g_assert_cmpint(f.downs, ==, 1);
	g_assert_cmpstr(f.why, ==, "/dev/ipmi7: No such file or directory");
	g_assert_false(link_ask(f.link, &request));
	device.missing = 0;
	UNTIL(f.ups > 0);
	g_assert_true(link_ask(f.link, &request));
	UNTIL(f.answers > 0);
	g_assert_cmpint(f.downs, ==, 1);
	fixture_close(&f);
}

static void test_a_silent_bmc_is_down_until_it_answers(void)
{
	struct fixture f;
	int opened;

	fixture_up(&f, &calls);
	device.deaf = 1000;
	g_assert_true(link_ask(f.link, &request));
	UNTIL(f.failures == 1);
	g_assert_cmpint(f.downs, ==, 0);
	g_assert_true(link_ask(f.link, &request));
	UNTIL(f.downs == 1);
	g_assert_cmpint(f.failures, ==, 2);
	opened = device.opened;
	UNTIL(device.opened > opened + 1);
	g_assert_cmpint(f.ups, ==, 1);
	g_assert_cmpint(f.downs, ==, 1);
	device.deaf = 0;
	UNTIL(f.ups == 2);
	fixture_close(&f);
}

/* The kernel has its own time limit, and answers for the BMC. */
static void test_the_kernels_word_that_there_is_no_answer_is_a_failure(void)
{
	static const uint8_t nobody[] = {0xc3};
	struct fixture f;

	fixture_up(&f, &patient);
	for (int i = 0; i < 2; i++) {
		device.deaf = 1;
		g_assert_true(link_ask(f.link, &request));
		device_give(IPMI_RESPONSE_RECV_TYPE, device.id, nobody, sizeof(nobody));
		UNTIL(f.failures == i + 1);
	}
	g_assert_cmpint(f.answers, ==, 0);
	UNTIL(f.downs == 1);
	fixture_close(&f);
}

static void test_what_cannot_be_sent_fails_later(void)
{
	struct fixture f;

	fixture_up(&f, &patient);
	device.refuses = ENOMEM;
	g_assert_true(link_ask(f.link, &request));
	g_assert_cmpint(f.failures, ==, 0);
	UNTIL(f.failures > 0);
	g_assert_cmpint(f.downs, ==, 0);
	device.refuses = ENODEV;
	g_assert_true(link_ask(f.link, &request));
	g_assert_false(link_ask(f.link, &request));
	UNTIL(f.downs > 0);
	g_assert_cmpint(f.failures, ==, 2);
	device.refuses = 0;
	UNTIL(f.ups == 2);
	fixture_close(&f);
}

static void test_a_device_that_goes_fails_what_is_under_way(void)
{
	struct fixture f;

	fixture_up(&f, &patient);
	device.deaf = 1;
	g_assert_true(link_ask(f.link, &request));
	device.gone = ENODEV;
	device_wake();
	UNTIL(f.downs > 0);
	g_assert_cmpint(f.failures, ==, 1);
	device.gone = 0;
	UNTIL(f.ups == 2);
	fixture_close(&f);
}

/* Without any device of the kind on this machine it is just not there. */
static void test_the_kernels_own_device_may_be_missing(void)
{
	struct fixture f = {0};

	f.link = link_device_new("/nowhere/ipmi0", fixture_told, &f);
	UNTIL(f.downs > 0);
	g_assert_cmpint(f.ups, ==, 0);
	link_free(f.link);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/link_device/a-request-has-its-answer", test_a_request_has_its_answer);
	g_test_add_func("/link_device/a-late-answer-is-not-that-of-the-next",
			test_a_late_answer_is_not_that_of_the_next);
	g_test_add_func("/link_device/what-is-no-answer-is-passed-over",
			test_what_is_no_answer_is_passed_over);
	g_test_add_func("/link_device/answers-of-wrong-lengths-are-failures",
			test_answers_of_wrong_lengths_are_failures);
	g_test_add_func("/link_device/a-missing-device-is-said-once-and-tried-again",
			test_a_missing_device_is_said_once_and_tried_again);
	g_test_add_func("/link_device/a-silent-bmc-is-down-until-it-answers",
			test_a_silent_bmc_is_down_until_it_answers);
	g_test_add_func("/link_device/the-kernels-word-that-there-is-no-answer-is-a-failure",
			test_the_kernels_word_that_there_is_no_answer_is_a_failure);
	g_test_add_func("/link_device/what-cannot-be-sent-fails-later",
			test_what_cannot_be_sent_fails_later);
	g_test_add_func("/link_device/a-device-that-goes-fails-what-is-under-way",
			test_a_device_that_goes_fails_what_is_under_way);
	g_test_add_func("/link_device/the-kernels-own-device-may-be-missing",
			test_the_kernels_own_device_may_be_missing);
	return g_test_run();
}
