/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions with a BMC that is not of our making: ipmi_sim of OpenIPMI. It knows suite 3 alone. */
#include <glib.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "rack/session_udp.h"
#include "tests/unit/ipmi_sim_rig.h"

#define READING 0x60 /* of sensor 1 */

struct fixture {
	struct ipmi_sim sim;
	struct session_udp *udp;
	/* What was told. */
	enum session_state state;
	enum session_cause cause;
	unsigned int turns, answers, failures, wanted;
	struct session_event answer;
	uint8_t data[RMCP_DATA_MAX];
};

static void ask(struct fixture *f, uint8_t sensor)
{
	const struct session_request request = {
			.netfn = 4, .command = 0x2d, .data = &sensor, .length = 1};

	g_assert_true(session_udp_ask(f->udp, &request));
}

static void told(struct session_udp *udp, const struct session_event *event, void *data)
{
	struct fixture *f = data;

	g_assert_true(udp == f->udp);
	switch (event->kind) {
	case SESSION_STATE:
		f->state = event->state;
		f->cause = event->cause;
		f->turns++;
		break;
	case SESSION_ANSWER:
		f->answer = *event;
		memcpy(f->data, event->bytes, event->size);
		if (++f->answers < f->wanted)
			ask(f, 1);
		break;
	case SESSION_FAILED:
		f->failures++;
		break;
	default:
		g_assert_not_reached();
	}
}

static void start(struct fixture *f, enum rmcp_suite suite, const char *password)
{
	struct session_settings settings = {
			.suite = suite, .privilege = SESSION_ADMINISTRATOR, .name = "admin"};
	g_autoptr(GError) error = NULL;

	g_strlcpy(settings.password, password, sizeof(settings.password));
	f->udp = session_udp_new("127.0.0.1", f->sim.port, &settings, told, f, &error);
	g_assert_no_error(error);
}

static void wait_for_state(struct fixture *f, enum session_state state)
{
	while (f->state != state)
		g_main_context_iteration(NULL, TRUE);
}

/* The simulator may take several set-ups' time to start. */
static void wait_for_a_cause(struct fixture *f)
{
	while (f->state != SESSION_WAITING || f->cause == SESSION_SILENT)
		g_main_context_iteration(NULL, TRUE);
}

static void set_up(struct fixture *f, gconstpointer unused)
{
	const char *missing = ipmi_sim_missing();

	if (missing) {
		g_test_skip(missing);
		return;
	}
	ipmi_sim_start(&f->sim,
			"sensor_add 0x20 0 1 1 1\n"
			"sensor_set_value 0x20 0 1 0x60 0\n",
			NULL);
}

static void tear_down(struct fixture *f, gconstpointer unused)
{
	session_udp_free(f->udp);
	ipmi_sim_stop(&f->sim);
}

static void test_sensors_are_read_and_the_session_closed(struct fixture *f, gconstpointer unused)
{
	if (!f->sim.folder)
		return;
	start(f, RMCP_SUITE_3, "secret");
	wait_for_state(f, SESSION_UP); /* it may take a second set-up: the simulator is starting */
	f->wanted = 1000;
	ask(f, 1);
	while (f->answers < f->wanted && !f->failures)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(f->failures, ==, 0);
	g_assert_cmphex(f->answer.code, ==, 0);
	g_assert_cmphex(f->data[0], ==, READING);
	f->wanted = 0;
	ask(f, 99); /* there is none such */
	while (f->answers < 1001)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmphex(f->answer.code, !=, 0);
	session_udp_stop(f->udp);
	wait_for_state(f, SESSION_STOPPED);
}

static void test_a_wrong_password_is_known(struct fixture *f, gconstpointer unused)
{
	if (!f->sim.folder)
		return;
	start(f, RMCP_SUITE_3, "Secret");
	wait_for_a_cause(f);
	g_assert_cmpint(f->cause, ==, SESSION_PASSWORD);
}

static void test_a_suite_that_it_has_not_is_told(struct fixture *f, gconstpointer unused)
{
	if (!f->sim.folder)
		return;
	start(f, RMCP_SUITE_17, "secret");
	wait_for_a_cause(f);
	g_assert_cmpint(f->cause, ==, SESSION_SUITE);
}

static void test_a_name_is_no_address(struct fixture *f, gconstpointer unused)
{
	const struct session_settings settings = {.suite = RMCP_SUITE_3};
	g_autoptr(GError) error = NULL;

	g_assert_null(session_udp_new("bmc.example", 623, &settings, told, f, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
}

static void network_up(int fd)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	g_assert_cmpint(ioctl(fd, SIOCSIFFLAGS, &request), ==, 0);
}

/* In a network of its own, which has nothing at first. */
static void first_packet_comes(struct fixture *f)
{
	const struct session_settings settings = {.suite = RMCP_SUITE_17, .name = "admin"};
	const struct sockaddr_in address = {.sin_family = AF_INET,
			.sin_port = g_htons(6230),
			.sin_addr.s_addr = g_htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	g_autoptr(GError) error = NULL;
	char bytes[64];

	f->udp = session_udp_new("127.0.0.1", 6230, &settings, told, f, &error);
	g_assert_no_error(error);
	network_up(fd);
	g_assert_cmpint(bind(fd, (const struct sockaddr *)&address, sizeof(address)), ==, 0);
	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) <= 0)
		g_main_context_iteration(NULL, TRUE);
	session_udp_free(g_steal_pointer(&f->udp));
	close(fd);
}

static void test_a_network_may_come_later(struct fixture *f, gconstpointer unused)
{
	if (g_test_subprocess()) {
		if (unshare(CLONE_NEWNET) == 0)
			first_packet_comes(f);
		else
			g_printerr("not allowed");
		return;
	}
	g_test_trap_subprocess(NULL, 60 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
	g_test_trap_assert_passed();
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add("/session_udp/sensors are read and the session closed", struct fixture, NULL,
			set_up, test_sensors_are_read_and_the_session_closed, tear_down);
	g_test_add("/session_udp/a wrong password is known", struct fixture, NULL, set_up,
			test_a_wrong_password_is_known, tear_down);
	g_test_add("/session_udp/a suite that it has not is told", struct fixture, NULL, set_up,
			test_a_suite_that_it_has_not_is_told, tear_down);
	g_test_add("/session_udp/a name is no address", struct fixture, NULL, NULL,
			test_a_name_is_no_address, NULL);
	g_test_add("/session_udp/a network may come later", struct fixture, NULL, NULL,
			test_a_network_may_come_later, NULL);
	return g_test_run();
}
