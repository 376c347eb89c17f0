/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "rack/memcache_part.h"
#include "rack/memcache_text.h"

/* --- Requests --- */

static void memcache_node_clear(void *data)
{
	struct memcache_node *node = data;

	g_free(node->name);
}

void memcache_node_unref(void *node)
{
	if (node)
		g_rc_box_release_full(node, memcache_node_clear);
}

void memcache_request_free(void *data)
{
	struct memcache_request *request = data;

	memcache_node_unref(request->node);
	g_free(request);
}

void memcache_send(struct memcache *memcache, enum memcache_ask ask, struct memcache_node *node,
		const char *bytes, size_t size)
{
	struct memcache_request *request = g_new(struct memcache_request, 1);

	*request = (struct memcache_request){
			ask, node ? g_rc_box_acquire(node) : NULL, g_get_monotonic_time()};
	g_queue_push_tail(&memcache->asked, request);
	g_byte_array_append(memcache->out, (const guint8 *)bytes, (guint)size);
	memcache_watch(memcache);
}

/*
 * By the clock, so that a server that lost a number never gets one again that values were set
 * under, and in any case above what is known.
 */
static uint64_t memcache_first(const struct memcache_node *node)
{
	uint64_t now = (uint64_t)(g_get_real_time() / 1000);

	return now > node->generation ? now : node->generation + 1;
}

/* There is at most one of these on its way for each node, and a check. */
void memcache_ask(struct memcache *memcache, enum memcache_ask ask, struct memcache_node *node,
		bool number)
{
	char key[MEMCACHE_KEY_MAX], text[MEMCACHE_REQUEST], value[24];
	uint64_t first = memcache_first(node);
	size_t size;

	if (!memcache_text_key(key, memcache->prefix, node->name, 0, NULL))
		return;
	if (ask != MEMCACHE_ASK_BEGIN) {
		size = memcache_text_incr(
				text, sizeof(text), key, ask == MEMCACHE_ASK_RAISE ? 1 : 0);
	} else if (number) {
		size = memcache_text_add(text, sizeof(text), key, first);
	} else {
		g_snprintf(value, sizeof(value), "%" G_GUINT64_FORMAT, first);
		size = memcache_text_set(text, sizeof(text), key, 0, value, strlen(value));
	}
	if (ask == MEMCACHE_ASK_BEGIN)
		node->generation = first;
	memcache_send(memcache, ask, node, text, size);
}

void memcache_raise(struct memcache *memcache, struct memcache_node *node)
{
	node->known = false;
	if (!memcache->connected || node->asking)
		return; /* asked at the next connect; or nothing was set since it was asked */
	node->asking = true;
	memcache_ask(memcache, MEMCACHE_ASK_RAISE, node, true);
}

/* --- Answers --- */

static void memcache_settled(
		struct memcache *memcache, struct memcache_node *node, uint64_t generation)
{
	node->asking = false;
	node->known = true;
	node->generation = generation;
	if (!node->forgotten && memcache->events.generation)
		memcache->events.generation(node->name, generation, memcache->data);
}

static void memcache_checked(struct memcache *memcache, struct memcache_node *node,
		const struct memcache_answer *answer)
{
	if (node->asking || !node->known) /* a flush has overtaken it */
		return;
	if (answer->word == MEMCACHE_NUMBER) {
		if (answer->number != node->generation) /* raised by somebody else */
			memcache_settled(memcache, node, answer->number);
		return;
	}
	memcache_raise(memcache, node);
}

static void memcache_answered(struct memcache *memcache, const struct memcache_request *request,
		const struct memcache_answer *answer)
{
	struct memcache_node *node = request->node;

	if (request->ask == MEMCACHE_ASK_SET)
		return; /* a server that is full has its reasons; the next one comes soon */
	if (request->ask == MEMCACHE_ASK_CHECK)
		memcache_checked(memcache, node, answer);
	else if (request->ask == MEMCACHE_ASK_RAISE && answer->word == MEMCACHE_NUMBER)
		memcache_settled(memcache, node, answer->number);
	else if (request->ask == MEMCACHE_ASK_RAISE)
		memcache_ask(memcache, MEMCACHE_ASK_BEGIN, node,
				answer->word == MEMCACHE_NOT_FOUND);
	else if (answer->word == MEMCACHE_STORED)
		memcache_settled(memcache, node, node->generation);
	else if (answer->word == MEMCACHE_NOT_STORED) /* somebody else was first */
		memcache_ask(memcache, MEMCACHE_ASK_RAISE, node, true);
	else
		node->asking = false; /* full: until the next check */
}

/* Which of these words may answer what was asked; others mean that it is out of step. */
static bool memcache_fits(const struct memcache_request *request, enum memcache_word word)
{
	if (word == MEMCACHE_ERROR)
		return true;
	if (request->ask == MEMCACHE_ASK_SET || request->ask == MEMCACHE_ASK_BEGIN)
		return word == MEMCACHE_STORED || word == MEMCACHE_NOT_STORED;
	return word == MEMCACHE_NUMBER || word == MEMCACHE_NOT_FOUND;
}

bool memcache_take(struct memcache *memcache)
{
	size_t at = 0;
	long taken;

	do {
		struct memcache_answer answer;
		struct memcache_request *request;

		taken = memcache_text_parse((const char *)memcache->in->data + at,
				memcache->in->len - at, &answer);
		if (taken <= 0)
			break;
		request = g_queue_pop_head(&memcache->asked);
		if (!request || !memcache_fits(request, answer.word)) {
			if (request)
				memcache_request_free(request);
			return false;
		}
		memcache->delay_ms = memcache->retry_ms;
		if (memcache->told != MEMCACHE_THERE && memcache->events.state)
			memcache->events.state(true, NULL, memcache->data);
		memcache->told = MEMCACHE_THERE;
		memcache_answered(memcache, request, &answer);
		memcache_request_free(request);
		at += (size_t)taken;
	} while (at < memcache->in->len);
	if (at > 0)
		g_byte_array_remove_range(memcache->in, 0, (guint)at);
	return taken >= 0;
}
