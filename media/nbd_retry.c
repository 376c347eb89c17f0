/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <inttypes.h>
#include "media/nbd_private.h"

#define PATIENCE  3 /* it doubles so often: a slow disk is no dead one */
#define DOUBLINGS 4

/* --- The connection --- */

static gint nbd_by_order(gconstpointer one, gconstpointer other, gpointer unused)
{
	const struct source_request *a = one, *b = other;

	return (a->order > b->order) - (a->order < b->order);
}

static void nbd_lost(struct nbd *nbd, const char *reason)
{
	struct source_request *request;

	nbd_link_close(g_steal_pointer(&nbd->link));
	while ((request = nbd_pop(&nbd->flying))) {
		if (request->cancelled)
			nbd_request_free(request);
		else
			nbd_queue(request, &nbd->waiting);
	}
	g_queue_sort(&nbd->waiting, nbd_by_order, NULL);
	nbd->failures++;
	nbd->due = g_get_monotonic_time() +
		   (nbd->failures == 1 && nbd->opened ? 0
						      : nbd->retry << MIN(nbd->failures - 1,
									DOUBLINGS));
	nbd_become(nbd, SOURCE_WAITING, g_strdup_printf("%s; trying again", reason));
}

static void nbd_ended(enum nbd_end end, const char *reason, void *data)
{
	struct nbd *nbd = data;

	if (end == NBD_FINAL)
		nbd_fail(nbd, g_strdup(reason));
	else
		nbd_lost(nbd, reason);
	nbd_arm(nbd);
}

/* Words for what makes the server's offer no good; NULL: it is. */
static char *nbd_unfit(const struct nbd *nbd, int64_t size)
{
	struct nbd_handle *handle = nbd_link_handle(nbd->link);

	if (size < 0)
		return g_strdup_printf("the server does not tell the size (%s)",
				nbd->access.call.get_error());
	if (size == 0)
		return g_strdup("the server's export is empty");
	if (nbd->opened && (uint64_t)size != nbd->source.size)
		return g_strdup_printf("the server's export has %" PRId64
				       " bytes now and had %" PRIu64 "; insert it anew",
				size, nbd->source.size);
	if (nbd->writable && nbd->access.call.is_read_only(handle) != 0)
		return g_strdup("the server offers it read-only; insert it read-only");
	return NULL;
}

static void nbd_ready(void *data)
{
	struct nbd *nbd = data;
	int64_t size = nbd->access.call.get_size(nbd_link_handle(nbd->link));
	char *unfit = nbd_unfit(nbd, size);
	g_autofree char *words = NULL;

	if (unfit) {
		nbd_fail(nbd, unfit);
		nbd_arm(nbd);
		return;
	}
	words = g_format_size_full((uint64_t)size, G_FORMAT_SIZE_IEC_UNITS);
	nbd->source.size = (uint64_t)size;
	if (!nbd->opened) {
		GList *next;

		nbd->opened = true;
		for (GList *link = nbd->waiting.head; link; link = next) {
			next = link->next;
			if (!nbd_inside(nbd, link->data))
				nbd_end(link->data, G_FILE_ERROR_INVAL, "outside the image");
		}
		nbd_become(nbd, SOURCE_READY, g_strdup_printf("found on the server, %s", words));
	} else if (nbd->flying.length + nbd->waiting.length == 0) {
		nbd->failures = 0;
		nbd_become(nbd, SOURCE_READY, g_strdup("the server is back"));
	} /* else it is when it has answered one of them */
	nbd_start(nbd);
	nbd_arm(nbd);
}

/* What the server says, in words of doc/proto.md, "Error values". */
static const char *nbd_fault_words(int fault)
{
	switch (fault) {
	case EPERM:
		return "the server does not permit it";
	case ENOSPC:
		return "no space left on the server";
	case EIO:
		return "the server reports an input/output error";
	default:
		return g_strerror(fault);
	}
}

static void nbd_take_answer(struct nbd *nbd, struct source_request *request)
{
	nbd->failures = 0;
	nbd->stalls = 0;
	if (nbd->source.state == SOURCE_WAITING)
		nbd_become(nbd, SOURCE_READY, g_strdup("the server is back"));
	if (request->fault)
		nbd_end_or_free(request, nbd_fault_words(request->fault));
	else
		nbd_end_or_free(request, NULL);
}

static void nbd_moved(void *data)
{
	struct nbd *nbd = data;
	GList *next;

	for (GList *link = nbd->flying.head; link; link = next) {
		struct source_request *request = link->data;

		next = link->next;
		if (!request->answered)
			continue;
		if (request->fault == ESHUTDOWN || request->fault == ENOTCONN) {
			nbd_lost(nbd, "the server is shutting down");
			break;
		}
		nbd_take_answer(nbd, request);
	}
	nbd_start(nbd);
	nbd_arm(nbd);
}

void nbd_connect_now(struct nbd *nbd)
{
	const struct nbd_link_events events = {
			.ready = nbd_ready, .moved = nbd_moved, .ended = nbd_ended, .data = nbd};

	nbd->link = nbd_link_open(&nbd->access, &events);
}

void nbd_look_at_the_clock(struct nbd *nbd)
{
	int64_t now = g_get_monotonic_time();

	if (nbd->source.state == SOURCE_FAILED)
		return;
	if (nbd->link && (nbd->flying.length > 0 || !nbd_link_handle(nbd->link)) &&
			now - nbd_link_heard(nbd->link) >= nbd->stall << nbd->stalls) {
		nbd->stalls = MIN(nbd->stalls + 1, PATIENCE);
		nbd_lost(nbd, "the server has stopped answering");
	}
	if (!nbd->link && now >= nbd->due)
		nbd_connect_now(nbd);
}
