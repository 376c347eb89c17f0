/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a listener may be told anew while its thread runs: certificate, key, and whom it lets in. */
#include "spice/listener_part.h"
#include "spice/tls.h"

bool listener_load(
		const char *certificate, const char *key, struct ssl_ctx_st **tls, GError **error)
{
	*tls = NULL;
	if (certificate)
		*tls = tls_context_new(certificate, key ? key : certificate, error);
	return *tls || !certificate;
}

struct listener_swap {
	struct listener *listener;
	/* The new ones, then the old ones. */
	struct ssl_ctx_st *tls;
	GStrv origins;
	bool plain;
	GMutex lock;
	GCond done;
	bool swapped;
};

static gboolean listener_swap(gpointer data)
{
	struct listener_swap *swap = data;
	struct listener *listener = swap->listener;
	struct ssl_ctx_st *tls = listener->bridge.tls;
	GStrv origins = listener->origins;

	g_mutex_lock(&swap->lock);
	listener->bridge.tls = swap->tls;
	listener->origins = swap->origins;
	listener->plain = swap->plain;
	swap->tls = tls;
	swap->origins = origins;
	swap->swapped = true;
	g_cond_signal(&swap->done);
	g_mutex_unlock(&swap->lock);
	return G_SOURCE_REMOVE;
}

/* What is new to the thread. */
static void listener_swap_now(struct listener_swap *swap)
{
	GSource *source = g_idle_source_new();

	g_mutex_init(&swap->lock);
	g_cond_init(&swap->done);
	g_source_set_priority(source, G_PRIORITY_HIGH);
	g_mutex_lock(&swap->lock);
	/* The thread never stands still: this is the time of a turn of its loop. */
	listener_source(swap->listener, source, listener_swap, swap);
	while (!swap->swapped)
		g_cond_wait(&swap->done, &swap->lock);
	g_mutex_unlock(&swap->lock);
	g_source_unref(source);
	g_cond_clear(&swap->done);
	g_mutex_clear(&swap->lock);
	tls_context_free(swap->tls); /* bridges have references of their own */
	g_strfreev(swap->origins);
}

bool listener_configure(
		struct listener *listener, const struct listener_settings *settings, GError **error)
{
	struct listener_swap swap = {.listener = listener, .plain = settings->plain};
	char *certificate, *key;

	if (!listener_load(settings->certificate, settings->key, &swap.tls, error))
		return false;
	/* They may be our own. */
	certificate = g_strdup(settings->certificate);
	key = g_strdup(settings->key);
	g_free(listener->certificate);
	g_free(listener->key);
	listener->certificate = certificate;
	listener->key = key;
	swap.origins = g_strdupv((char **)settings->origins);
	listener_swap_now(&swap);
	return true;
}

bool listener_reload(struct listener *listener, GError **error)
{
	/* The thread changes neither origins nor plain by itself. */
	const struct listener_settings same = {
			.certificate = listener->certificate,
			.key = listener->key,
			.plain = listener->plain,
			.origins = (const char *const *)listener->origins,
	};

	return listener_configure(listener, &same, error);
}
