/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * IPMI 1.5 with a BMC that is not of our making, ipmi_sim of OpenIPMI; what ipmitool reads by its
 * own IPMI 1.5 is what we have to read. As ipmi_sim answers RMCP+ even where it says that it has
 * none, a relay in between leaves that out.
 */
#include <glib-unix.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "rack/lan15.h"
#include "tests/unit/bmc_stage.h"

#define RMCP_PLUS 0x06

struct relay {
	int near, far; /* sockets: of whom we are, and of the simulator */
	guint watches[2];
	uint16_t port;
	struct sockaddr_in client;
	/* What it saw, by the kind of authentication; odd kinds are not for us. */
	unsigned int plus, clear, signs, others;
};

struct old_stage {
	struct stage stage; /* first */
	struct relay relay;
};

static int relay_socket(struct sockaddr_in *address, bool to)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t size = sizeof(*address);

	g_assert_cmpint(fd, >=, 0);
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = g_htonl(INADDR_LOOPBACK);
	if (to)
		g_assert_cmpint(connect(fd, (struct sockaddr *)address, size), ==, 0);
	else
		g_assert_cmpint(bind(fd, (struct sockaddr *)address, size), ==, 0);
	if (!to)
		g_assert_cmpint(getsockname(fd, (struct sockaddr *)address, &size), ==, 0);
	return fd;
}

static bool relay_takes(struct relay *relay, const uint8_t *bytes, ssize_t size)
{
	g_assert_cmpint(size, >, 4);
	relay->plus += bytes[4] == RMCP_PLUS;
	relay->clear += bytes[4] == LAN15_NONE;
	relay->signs += bytes[4] == LAN15_MD5;
	relay->others += bytes[4] != RMCP_PLUS && bytes[4] != LAN15_NONE && bytes[4] != LAN15_MD5;
	return bytes[4] != RMCP_PLUS;
}

static gboolean relay_out(gint fd, GIOCondition condition, gpointer data)
{
	struct relay *relay = data;
	socklen_t size = sizeof(relay->client);
	uint8_t bytes[1024];
	ssize_t length = recvfrom(
			fd, bytes, sizeof(bytes), 0, (struct sockaddr *)&relay->client, &size);

	(void)condition;
	if (length > 0 && relay_takes(relay, bytes, length))
		(void)send(relay->far, bytes, (size_t)length, 0);
	return G_SOURCE_CONTINUE;
}

static gboolean relay_back(gint fd, GIOCondition condition, gpointer data)
{
	struct relay *relay = data;
	uint8_t bytes[1024];
	ssize_t length = recv(fd, bytes, sizeof(bytes), 0);

	(void)condition;
	if (length > 0)
		(void)sendto(relay->near, bytes, (size_t)length, 0,
				(struct sockaddr *)&relay->client, sizeof(relay->client));
	return G_SOURCE_CONTINUE;
}

static void relay_start(struct relay *relay, uint16_t port)
{
	struct sockaddr_in near = {0}, far = {.sin_port = g_htons(port)};

	relay->near = relay_socket(&near, false);
	relay->port = g_ntohs(near.sin_port);
	relay->far = relay_socket(&far, true);
	relay->watches[0] = g_unix_fd_add(relay->near, G_IO_IN, relay_out, relay);
	relay->watches[1] = g_unix_fd_add(relay->far, G_IO_IN, relay_back, relay);
}

static void relay_stop(struct relay *relay)
{
	g_source_remove(relay->watches[0]);
	g_source_remove(relay->watches[1]);
	close(relay->near);
	close(relay->far);
}

static void set_up(struct old_stage *old, gconstpointer unused)
{
	bmc_stage_set_up(&old->stage, true);
	if (!old->stage.skip)
		relay_start(&old->relay, old->stage.sim.port);
}

static void tear_down(struct old_stage *old, gconstpointer unused)
{
	bool skip = old->stage.skip;

	bmc_stage_tear_down(&old->stage);
	if (skip)
		return;
	relay_stop(&old->relay);
}

static struct session_settings settings_with(const char *password, bool allowed)
{
	struct session_settings session = {.suite = RMCP_SUITE_17,
			.privilege = SESSION_ADMINISTRATOR,
			.name = "admin",
			.ipmi15 = allowed};

	g_strlcpy(session.password, password, sizeof(session.password));
	return session;
}

static void link_with(struct old_stage *old, const char *password)
{
	const struct session_settings session = settings_with(password, true);

	bmc_stage_link(&old->stage, &session, old->relay.port);
}

static void test_it_is_switched_and_says_what_ipmitool_reads(
		struct old_stage *old, gconstpointer unused)
{
	struct stage *stage = &old->stage;
	g_autofree char *power = NULL;

	if (stage->skip)
		return;
	link_with(old, "secret");
	WAIT(g_hash_table_size(stage->values) == BMC_STAGE_SENSORS);
	g_assert_true(stage->up);
	/* Open Session as often as it was tried; what it speaks, and a challenge; all else signed.
	 */
	g_assert_cmpuint(old->relay.plus, >=, 2);
	g_assert_cmpuint(old->relay.plus, ==, 2 * (stage->downs + 1));
	g_assert_cmpuint(old->relay.others, ==, 0);
	g_assert_cmpuint(old->relay.clear, <=, 4 * (stage->downs + 1));
	g_assert_cmpuint(old->relay.signs, >, BMC_STAGE_SENSORS);
	g_assert_true(bmc_order(stage->bmc, bmc_stage_now(), BMC_OFF, 0, stage));
	bmc_stage_pump(stage);
	WAIT(stage->ordered_told == 1);
	g_assert_true(stage->ordered.done);
	power = ipmi_sim_read(&stage->sim, "power");
	g_assert_cmpstr(power, ==, "0\n");
	if (ipmi_sim_has_ipmitool())
		bmc_stage_assert_values(stage);
	else
		g_test_skip("ipmitool is not installed");
}

static void told_why(struct link *link, const struct link_event *event, void *data)
{
	char **why = data;

	(void)link;
	g_assert_cmpint(event->kind, ==, LINK_DOWN);
	if (event->refused && !*why)
		*why = g_strdup(event->why);
}

static void test_a_wrong_password_or_no_leave_is_a_refusal(
		struct old_stage *old, gconstpointer unused)
{
	const struct session_settings session = settings_with("secret", false);
	struct stage *stage = &old->stage;
	g_autofree char *why = NULL;
	struct relay other = {0};
	struct link *link;

	if (stage->skip)
		return;
	relay_start(&other, stage->sim.port);
	link = link_udp_new("127.0.0.1", other.port, &session, told_why, &why, NULL);
	link_with(old, "Secret");
	WAIT(stage->downs && stage->refused && why);
	g_assert_nonnull(strstr(stage->why, "password"));
	g_assert_false(stage->up);
	g_assert_cmpuint(old->relay.signs, ==, 2);
	g_assert_nonnull(strstr(why, "IPMI 1.5"));
	g_assert_cmpuint(other.signs, ==, 0);
	link_free(link);
	relay_stop(&other);
}

static void add(const char *name, void (*test)(struct old_stage *, gconstpointer))
{
	g_test_add(name, struct old_stage, NULL, set_up, test, tear_down);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add("/lan15_ipmi_sim/it is switched and says what ipmitool reads",
			test_it_is_switched_and_says_what_ipmitool_reads);
	add("/lan15_ipmi_sim/a wrong password or no leave is a refusal",
			test_a_wrong_password_or_no_leave_is_a_refusal);
	return g_test_run();
}
