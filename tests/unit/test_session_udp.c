/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sessions with a BMC that is not of our making: ipmi_sim of OpenIPMI. It knows suite 3 alone. */
#include <glib.h>
#include <glib/gstdio.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "rack/session_udp.h"
#include "tests/unit/free_port.h"

#define READING 0x60 /* of sensor 1 */

struct fixture {
	char *folder;
	uint16_t port;
	GPid sim;
	struct session_udp *udp;
	/* What was told. */
	enum session_state state;
	enum session_cause cause;
	unsigned int turns, answers, failures, wanted;
	struct session_event answer;
	uint8_t data[RMCP_DATA_MAX];
};

static void write_file(struct fixture *f, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(f->folder, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void start_sim(struct fixture *f)
{
	g_autofree char *lan = g_strdup_printf("name \"node\"\n"
					       "set_working_mc 0x20\n"
					       "startlan 1\n"
					       "addr 127.0.0.1 %u\n"
					       "priv_limit admin\n"
					       "allowed_auths_admin md5\n"
					       "guid a123456789abcdefa123456789abcdef\n"
					       "endlan\n"
					       "user 2 true \"admin\" \"secret\" admin 10 md5\n",
			f->port);
	const char *arguments[] = {
			"ipmi_sim", "-n", "-c", "lan", "-f", "commands", "-s", ".", NULL};
	g_autoptr(GError) error = NULL;

	write_file(f, "lan", lan);
	write_file(f, "commands",
			"mc_setbmc 0x20\n"
			"mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\n"
			"sensor_add 0x20 0 1 1 1\n"
			"sensor_set_value 0x20 0 1 0x60 0\n"
			"mc_enable 0x20\n");
	g_spawn_async(f->folder, (char **)arguments, NULL,
			G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
					G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
			NULL, NULL, &f->sim, &error);
	g_assert_no_error(error);
}

static void stop_sim(struct fixture *f)
{
	if (f->sim) {
		kill(f->sim, SIGKILL);
		waitpid(f->sim, NULL, 0);
	}
	f->sim = 0;
}

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
	f->udp = session_udp_new("127.0.0.1", f->port, &settings, told, f, &error);
	g_assert_no_error(error);
}

static void wait_for_state(struct fixture *f, enum session_state state)
{
	while (f->state != state)
		g_main_context_iteration(NULL, TRUE);
}

static void set_up(struct fixture *f, gconstpointer unused)
{
	g_autofree char *sim = g_find_program_in_path("ipmi_sim");

	if (!sim) {
		g_test_skip("ipmi_sim (package openipmi) is not installed");
		return;
	}
	f->folder = g_dir_make_tmp("spicerack-sim-XXXXXX", NULL);
	f->port = (uint16_t)free_port();
	start_sim(f);
}

static void remove_folder(const char *path)
{
	GDir *folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *inside = g_build_filename(path, name, NULL);

		remove_folder(inside);
	}
	if (folder)
		g_dir_close(folder);
	g_remove(path);
}

static void tear_down(struct fixture *f, gconstpointer unused)
{
	session_udp_free(f->udp);
	stop_sim(f);
	if (f->folder)
		remove_folder(f->folder);
	g_free(f->folder);
}

static void test_sensors_are_read_and_the_session_closed(struct fixture *f, gconstpointer unused)
{
	if (!f->folder)
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
	if (!f->folder)
		return;
	start(f, RMCP_SUITE_3, "Secret");
	wait_for_state(f, SESSION_WAITING);
	while (f->cause == SESSION_SILENT)
		g_main_context_iteration(NULL, TRUE);
	wait_for_state(f, SESSION_WAITING);
	g_assert_cmpint(f->cause, ==, SESSION_PASSWORD);
}

static void test_a_suite_that_it_has_not_is_told(struct fixture *f, gconstpointer unused)
{
	if (!f->folder)
		return;
	start(f, RMCP_SUITE_17, "secret");
	wait_for_state(f, SESSION_WAITING);
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
