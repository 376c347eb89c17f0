/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/layer.h"
#include "media/store.h"

#define STORE_ENDING ".blocks"
#define STORE_GRANT  (16u << 20) /* bytes between two looks into the folder */

/* The unit of the cache above: what it fetches is kept as it comes. */
static const struct layer_kind store_kind = {
		.local = {.word = "store", .block = 65536, .sums = true}, .store = true};

struct store {
	char *folder;
	uint64_t most;
	GMutex lock;
	uint64_t granted; /* that may be put before the next look */
};

struct store_image {
	char *path;
	uint64_t bytes;
	int64_t used;
};

static char *store_path(const struct source *below, void *data)
{
	const struct store *store = data;
	g_autofree char *name = NULL, *file = NULL;

	if (!below->identity)
		return NULL;
	name = g_compute_checksum_for_string(G_CHECKSUM_SHA256, below->identity, -1);
	file = g_strconcat(name, STORE_ENDING, NULL);
	return g_build_filename(store->folder, file, NULL);
}

/* --- On the threads --- */

static void store_image_free(void *data)
{
	struct store_image *image = data;

	g_free(image->path);
	g_free(image);
}

static gint store_by_age(gconstpointer one, gconstpointer other)
{
	const struct store_image *const *a = one, *const *b = other;

	return ((*a)->used > (*b)->used) - ((*a)->used < (*b)->used);
}

static GPtrArray *store_images(const struct store *store, uint64_t *bytes)
{
	GPtrArray *images = g_ptr_array_new_with_free_func(store_image_free);
	g_autoptr(GDir) folder = g_dir_open(store->folder, 0, NULL);
	const char *name;

	*bytes = 0;
	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *path = g_build_filename(store->folder, name, NULL);
		struct store_image *image;
		struct stat status;

		if (!g_str_has_suffix(name, STORE_ENDING) || lstat(path, &status) < 0)
			continue;
		image = g_new0(struct store_image, 1);
		image->path = g_steal_pointer(&path);
		image->bytes = (uint64_t)status.st_blocks * 512;
		image->used = status.st_mtim.tv_sec * G_GINT64_CONSTANT(1000000000) +
			      status.st_mtim.tv_nsec;
		*bytes += image->bytes;
		g_ptr_array_add(images, image);
	}
	g_ptr_array_sort(images, store_by_age);
	return images;
}

/* Not one that is in a drive, ours or another's. */
static bool store_remove(const struct store_image *image)
{
	int fd = open(image->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	bool removed = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && unlink(image->path) == 0;

	if (fd >= 0)
		close(fd);
	return removed;
}

static bool store_look(struct store *store, size_t wanted)
{
	g_autoptr(GPtrArray) images = NULL;
	const uint64_t grant = MAX(wanted, MIN(STORE_GRANT, store->most / 16));
	uint64_t bytes;

	images = store_images(store, &bytes);
	for (guint i = 0; i < images->len && bytes + grant > store->most; i++) {
		const struct store_image *image = g_ptr_array_index(images, i);

		if (store_remove(image))
			bytes -= image->bytes;
	}
	if (bytes + grant > store->most)
		return false;
	store->granted = grant;
	return true;
}

static bool store_room(const char *path, size_t size, void *data)
{
	struct store *store = data;
	bool room = true;

	g_mutex_lock(&store->lock);
	if (store->granted < size)
		room = store_look(store, size);
	if (room)
		store->granted -= size;
	g_mutex_unlock(&store->lock);
	return room;
}

static void store_free(void *data)
{
	struct store *store = data;

	g_mutex_clear(&store->lock);
	g_free(store->folder);
	g_free(store);
}

/* --- Opening --- */

struct source *store_open(
		struct source *below, const char *folder, uint64_t most_bytes, GError **error)
{
	struct layer_settings settings = {.kind = &store_kind,
			.path = store_path,
			.room = store_room,
			.free_data = store_free};
	struct store *store;

	if (source_writable(below)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
				"%s: what may be written to is not kept on disk; insert it read-only",
				below->name);
		return NULL;
	}
	if (g_mkdir_with_parents(folder, 0700) < 0) {
		g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno),
				"%s: cannot be made, to keep blocks of images in: %s", folder,
				g_strerror(errno));
		return NULL;
	}
	store = g_new0(struct store, 1);
	store->folder = g_strdup(folder);
	store->most = most_bytes;
	g_mutex_init(&store->lock);
	settings.data = store;
	return layer_open(below, &settings);
}
