/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "tests/unit/bmc_farm_node.h"

#define NODE_BURST 8

/* Get Power Reading (DCMI 1.5, 6.6.1). */
#define NETFN_GROUP  0x2c
#define DCMI_READING 0x02

/* A client that has waited so long may send the packet again, ns; ours does so after 1 s, with what
 * it takes from the look at its clock to the wire. */
#define NODE_FLIGHT INT64_C(500000000)

struct node_answer {
	struct farm_node *node;
	guint timeout;
	struct sockaddr_in to;
	size_t size;
	uint8_t bytes[RMCP_PACKET_MAX];
};

static bool node_loses(struct farm_node *node)
{
	return node->lose && g_rand_int_range(node->dice, 0, 1000) < node->lose;
}

/* --- What the client does --- */

static void node_came(struct farm_node *node, int64_t when)
{
	size_t kept = 0;

	for (size_t i = 0; i < node->flying; i++)
		if (when - node->flight[i] < NODE_FLIGHT && kept < G_N_ELEMENTS(node->flight) - 1)
			node->flight[kept++] = node->flight[i];
	node->flight[kept++] = when;
	node->flying = kept;
	node->most = MAX(node->most, kept);
}

/* The oldest is done with. */
static void node_went(struct farm_node *node)
{
	if (node->flying == 0)
		return;
	node->flying--;
	memmove(node->flight, node->flight + 1, node->flying * sizeof(node->flight[0]));
}

/* --- Answers --- */

static size_t node_ask(uint8_t netfn, uint8_t command, const uint8_t *bytes, size_t length,
		uint8_t *answer, void *data)
{
	struct farm_node *node = data;
	size_t size = sim_bmc_ask(node->bmc, netfn, command, bytes, length, answer);

	if (netfn == NETFN_GROUP && command == DCMI_READING) {
		node->rounds++;
		node->in_rounds = node->lan.commands;
	}
	if (!node->wrong_length)
		return size;
	if (size > 1 && g_rand_boolean(node->dice))
		return (size_t)g_rand_int_range(node->dice, 1, (gint32)size);
	answer[size] = 0x55;
	return size + 1;
}

static void node_send(struct farm_node *node, const struct node_answer *answer)
{
	if (node->hung || node_loses(node))
		return;
	node_went(node);
	sendto(node->fd, answer->bytes, answer->size, MSG_DONTWAIT,
			(const struct sockaddr *)&answer->to, sizeof(answer->to));
}

static gboolean node_late(gpointer data)
{
	struct node_answer *answer = data;
	GHashTable *waiting = answer->node->waiting;

	node_send(answer->node, answer);
	g_hash_table_steal(waiting, answer);
	g_free(answer);
	return G_SOURCE_REMOVE;
}

static void node_forget(gpointer data)
{
	struct node_answer *answer = data;

	g_source_remove(answer->timeout);
	g_free(answer);
}

static void node_packet(struct farm_node *node, const uint8_t *bytes, size_t size,
		const struct sockaddr_in *from)
{
	struct node_answer answer = {.node = node, .to = *from}, *copy;

	answer.size = bmc_lan_packet(
			&node->lan, g_get_monotonic_time() / 1000, bytes, size, answer.bytes);
	if (answer.size == 0)
		return;
	if (!node->late) {
		node_send(node, &answer);
		return;
	}
	copy = g_memdup2(&answer, sizeof(answer));
	copy->timeout = g_timeout_add((guint)node->late, node_late, copy);
	g_hash_table_add(node->waiting, copy);
}

/* --- The socket --- */

/* When the kernel had it; a busy machine makes us read it later. */
static int64_t node_stamp(struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part; part = CMSG_NXTHDR(message, part))
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec stamp;

			memcpy(&stamp, CMSG_DATA(part), sizeof(stamp));
			return stamp.tv_sec * INT64_C(1000000000) + stamp.tv_nsec;
		}
	return g_get_real_time() * 1000;
}

static gboolean node_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct farm_node *node = data;

	(void)condition;
	for (int i = 0; i < NODE_BURST; i++) {
		union {
			char bytes[CMSG_SPACE(sizeof(struct timespec))];
			struct cmsghdr align;
		} control;
		uint8_t bytes[2 * RMCP_PACKET_MAX];
		struct iovec part = {bytes, sizeof(bytes)};
		struct sockaddr_in from = {.sin_port = 0};
		struct msghdr message = {.msg_name = &from,
				.msg_namelen = sizeof(from),
				.msg_iov = &part,
				.msg_iovlen = 1,
				.msg_control = &control,
				.msg_controllen = sizeof(control)};
		ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);

		if (size < 0)
			break;
		node_came(node, node_stamp(&message));
		if (node->hung)
			node->lan.packets++;
		else if (!node_loses(node))
			node_packet(node, bytes, (size_t)size, &from);
	}
	return G_SOURCE_CONTINUE;
}

static int node_socket(uint16_t port)
{
	const struct sockaddr_in address = {.sin_family = AF_INET,
			.sin_port = htons(port),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &yes, sizeof(yes));
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	close(fd);
	return -1;
}

struct farm_node *farm_node_new(size_t number, uint16_t port, struct plant *plant)
{
	int fd = node_socket(port);
	struct farm_node *node;

	if (fd < 0)
		return NULL;
	node = g_new0(struct farm_node, 1);
	node->number = number;
	node->fd = fd;
	node->plant = plant;
	node->bmc = sim_bmc_new(plant, number, (uint32_t)number + 1);
	g_assert_nonnull(node->bmc);
	node->dice = g_rand_new_with_seed((guint32)number);
	node->waiting = g_hash_table_new_full(NULL, NULL, node_forget, NULL);
	node->lan.answer = node_ask;
	node->lan.data = node;
	node->lan.seed = (uint32_t)number;
	memcpy(node->lan.guid, sim_bmc_guid(node->bmc), RMCP_GUID);
	node->watch = g_unix_fd_add(fd, G_IO_IN, node_readable, node);
	return node;
}

void farm_node_reset(struct farm_node *node)
{
	bmc_lan_reset(&node->lan);
	plant_reset(node->plant, node->number);
}

void farm_node_replace(struct farm_node *node, uint32_t seed)
{
	sim_bmc_replace(node->bmc, seed);
	memcpy(node->lan.guid, sim_bmc_guid(node->bmc), RMCP_GUID);
	farm_node_reset(node);
}

void farm_node_free(struct farm_node *node)
{
	if (!node)
		return;
	g_source_remove(node->watch);
	g_hash_table_destroy(node->waiting);
	close(node->fd);
	bmc_lan_reset(&node->lan);
	sim_bmc_free(node->bmc);
	g_rand_free(node->dice);
	g_free(node);
}
