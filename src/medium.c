/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/medium.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "media/file.h"
#include "media/nbd.h"
#include "media/overlay.h"
#include "media/store.h"
#include "media/web.h"
#include "src/medium_place.h"

struct medium {
	gint references; /* atomic: its owner's and its thread's */
	struct medium_place place;
	enum drives_write write;
	bool persistent;
	const struct medium_folders *folders; /* the owner's */
	struct source *source;                /* opened, and not given away yet */
	GError *error;
	medium_opened_fn opened; /* NULL: nobody waits any more */
	void *data;
};

static bool medium_is_set(const char *text)
{
	return text && *text;
}

static bool medium_refuse(GError **error, const char *reason)
{
	g_set_error_literal(error, DRIVES_ERROR, DRIVES_ERROR_REQUEST, reason);
	return false;
}

static void medium_unref(struct medium *medium)
{
	if (!g_atomic_int_dec_and_test(&medium->references))
		return;
	medium_place_clear(&medium->place);
	g_clear_error(&medium->error);
	g_free(medium);
}

/* --- What goes together --- */

static bool medium_agrees(const struct medium *medium, const struct drives_request *request,
		const struct medium_folders *folders, GError **error)
{
	bool secrets = medium_is_set(request->user) || medium_is_set(request->password) ||
		       medium_is_set(request->token);

	if (request->as == DRIVES_AS_CD && request->write != DRIVES_READ_ONLY)
		return medium_refuse(error, "a CD cannot be written; insert it as a disk, or "
					    "read-only");
	if (medium->place.kind == MEDIUM_FILE && secrets)
		return medium_refuse(error, "a file of this machine takes no user and no token");
	if (medium->place.kind == MEDIUM_WEB && request->write == DRIVES_READ_WRITE)
		return medium_refuse(error, "an image on a web server cannot be written; insert it "
					    "with an overlay, or read-only");
	if (medium->place.kind == MEDIUM_NBD && secrets)
		return medium_refuse(error, "NBD knows no password and no token; a user stands in "
					    "the address, as nbds://user@server");
	if (request->persistent && !folders->cache)
		return medium_refuse(error, "blocks are kept on disk only where the console is "
					    "told a cache-folder");
	if (request->persistent && request->write == DRIVES_READ_WRITE)
		return medium_refuse(error,
				"of an image that is written no blocks are kept; insert "
				"it with an overlay, or read-only");
	return true;
}

/* --- Kinds of source --- */

static struct source *medium_open_web(
		const struct medium *medium, const struct drives_request *request, GError **error)
{
	const struct web_settings settings = {
			.url = medium->place.where,
			.user = medium_is_set(request->user) ? request->user : NULL,
			.password = medium_is_set(request->password) ? request->password : NULL,
			.token = medium_is_set(request->token) ? request->token : NULL,
			.ca_file = medium_is_set(request->ca_file) ? request->ca_file : NULL,
			.insecure = request->insecure,
	};

	return web_open(&settings, error);
}

static struct source *medium_open_nbd(
		const struct medium *medium, const struct drives_request *request, GError **error)
{
	const struct nbd_settings settings = {
			.uri = medium->place.where,
			.ca_file = medium_is_set(request->ca_file) ? request->ca_file : NULL,
			.insecure = request->insecure,
			.writable = request->write == DRIVES_READ_WRITE,
	};

	return nbd_open(&settings, error);
}

/* A file has to wait for its thread; the others come back at once and connect by themselves. */
static bool medium_begin(
		struct medium *medium, const struct drives_request *request, GError **error)
{
	g_autoptr(GError) cause = NULL;

	switch (medium->place.kind) {
	case MEDIUM_FILE:
		return true;
	case MEDIUM_WEB:
		medium->source = medium_open_web(medium, request, &cause);
		break;
	case MEDIUM_NBD:
		medium->source = medium_open_nbd(medium, request, &cause);
		break;
	}
	if (medium->source)
		return true;
	return medium_refuse(error, cause->message);
}

struct medium *medium_new(const struct drives_request *request,
		const struct medium_folders *folders, GError **error)
{
	struct medium *medium = g_new0(struct medium, 1);

	medium->references = 1;
	medium->write = request->write;
	medium->persistent = request->persistent;
	medium->folders = folders;
	if (medium_place_parse(&medium->place, request->source, error) &&
			medium_agrees(medium, request, folders, error) &&
			medium_begin(medium, request, error))
		return medium;
	medium_unref(medium);
	return NULL;
}

const char *medium_name(const struct medium *medium)
{
	return medium->place.name;
}

/* --- What is laid over it --- */

/* One file for each drive and image: a console that was killed goes on with it. */
static char *medium_overlay_path(const struct medium *medium, GError **error)
{
	g_autofree char *folder = medium_place_overlays(medium->folders->overlay, geteuid() == 0);
	g_autofree char *sum = g_compute_checksum_for_string(
			G_CHECKSUM_SHA256, medium->place.name, -1);
	g_autofree char *name = g_strdup_printf("%s-%.16s", medium->folders->drive, sum);

	if (g_mkdir_with_parents(folder, 0700) < 0) {
		int saved = errno;

		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
				"%s: no folder for overlays there: %s; [media] overlay-folder in "
				"the configuration names another",
				folder, g_strerror(saved));
		return NULL;
	}
	return g_build_filename(folder, name, NULL);
}

/* Takes over the source; NULL and error when it cannot be done. */
static struct source *medium_lay_overlay(
		const struct medium *medium, struct source *source, GError **error)
{
	g_autofree char *path = medium_overlay_path(medium, error);
	struct source *overlay = path ? overlay_open(source, path, error) : NULL;

	if (!overlay)
		source_close(source);
	return overlay;
}

static struct source *medium_lay_store(
		const struct medium *medium, struct source *source, GError **error)
{
	const struct medium_folders *folders = medium->folders;
	struct source *store = store_open(source, folders->cache, folders->cache_limit, error);

	if (!store)
		source_close(source);
	return store;
}

/* --- Opening --- */

static void medium_give(struct medium *medium, struct source *source, GError *error)
{
	if (source && medium->persistent)
		source = medium_lay_store(medium, source, &error);
	if (source && medium->write == DRIVES_OVERLAY)
		source = medium_lay_overlay(medium, source, &error);
	medium->opened(source, error, medium->data);
}

/* From the thread to the loop. */
static gboolean medium_arrived(gpointer data)
{
	struct medium *medium = data;

	if (medium->opened)
		medium_give(medium, g_steal_pointer(&medium->source),
				g_steal_pointer(&medium->error));
	else
		source_close(g_steal_pointer(&medium->source));
	medium_unref(medium);
	return G_SOURCE_REMOVE;
}

static void *medium_open_file(void *data)
{
	struct medium *medium = data;
	GSource *turn = g_idle_source_new();

	medium->source = file_open(
			medium->place.where, medium->write == DRIVES_READ_WRITE, &medium->error);
	g_source_set_priority(turn, G_PRIORITY_DEFAULT);
	g_source_set_callback(turn, medium_arrived, medium, NULL);
	g_source_attach(turn, NULL);
	g_source_unref(turn);
	return NULL;
}

void medium_open(struct medium *medium, medium_opened_fn opened, void *data)
{
	GError *error = NULL;
	GThread *thread;

	medium->opened = opened;
	medium->data = data;
	if (medium->place.kind != MEDIUM_FILE) {
		medium_give(medium, g_steal_pointer(&medium->source), NULL);
		return;
	}
	g_atomic_int_inc(&medium->references);
	thread = g_thread_try_new("medium", medium_open_file, medium, &error);
	if (thread) {
		g_thread_unref(thread);
		return;
	}
	medium_unref(medium);
	opened(NULL, error, data);
}

void medium_close(struct medium *medium)
{
	if (!medium)
		return;
	medium->opened = NULL;
	/* Where a thread has it, it is closed when the thread is done. */
	if (medium->place.kind != MEDIUM_FILE)
		source_close(g_steal_pointer(&medium->source));
	medium_unref(medium);
}
