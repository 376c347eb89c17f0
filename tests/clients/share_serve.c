/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "media/source.h"
#include "spice/link.h"
#include "spice/listener.h"
#include "spice/viewer.h"
#include "src/shared_disc.h"
#include "tests/clients/share_part.h"

#define VIEWERS_MAX 4
#define DEPTH_MAX   32

struct serve_seat {
	struct serve *serve;
	struct viewer *viewer;
	struct listener *listener;
	struct shared_seat *seat;
};

/* A whole range, read in pieces; summed in their order. */
struct serve_sum {
	uint64_t offset, end;
	size_t piece;
	unsigned int under_way;
	int64_t began;
	uint8_t *bytes; /* of all of it */
	uint64_t from;
	char *error;
};

struct serve {
	GMainLoop *loop;
	struct serve_seat seats[VIEWERS_MAX];
	unsigned int viewers;
	struct link_key *key;
	struct shared_disc *shared;
	struct source *source; /* ours; NULL: none */
	bool full;
	char *said, *reason;
	struct serve_sum sum;
	struct source_request *started;
	uint8_t *started_bytes;
	char *ended;
};

static void serve_send(const char *text)
{
	send(SHARE_CONTROL, text, strlen(text), MSG_NOSIGNAL);
}

/* --- The disc --- */

static void serve_state(enum source_state state, const char *reason, void *data)
{
	struct serve *serve = data;

	g_free(serve->reason);
	serve->reason = g_strdup(reason);
}

static void serve_drop(struct serve *serve)
{
	source_close(serve->source);
	serve->source = NULL;
	serve->started = NULL;
	if (serve->sum.bytes) {
		serve_send("error: the disc is gone");
		g_clear_pointer(&serve->sum.bytes, g_free);
	}
}

static bool serve_offered(struct source *source, const char *viewer, void *data)
{
	struct serve *serve = data;
	const struct source_events events = {.state = serve_state, .data = serve};

	if (serve->full)
		return false;
	serve_drop(serve);
	serve->source = source;
	source_listen(source, &events);
	return true;
}

/* Unlike a drive it keeps what has failed, so that a test can look at it. */
static void serve_withdrawn(struct source *source, void *data)
{
}

static void serve_refused(const char *text, void *data)
{
	struct serve *serve = data;

	g_free(serve->said);
	serve->said = g_strdup(text);
}

/* --- The viewers --- */

static void serve_to_viewer(const void *bytes, size_t size, void *data)
{
	viewer_redirect_send(((struct serve_seat *)data)->viewer, bytes, size);
}

static void serve_opened(void *data)
{
	struct serve_seat *seat = data;

	seat->seat = shared_disc_join(
			seat->serve->shared, viewer_peer(seat->viewer), serve_to_viewer, seat);
}

static void serve_bytes(const void *bytes, size_t size, void *data)
{
	shared_disc_receive(((struct serve_seat *)data)->seat, bytes, size);
}

static void serve_closed(void *data)
{
	struct serve_seat *seat = data;

	shared_disc_leave(seat->seat);
	seat->seat = NULL;
}

static void serve_key(uint8_t usage, bool down, void *data)
{
}

static void serve_pointer(int x, int y, int wheel, unsigned int buttons, void *data)
{
}

static void serve_release(void *data)
{
}

static void serve_watched(bool watched, void *data)
{
}

static void serve_client(const struct listener_client *client, void *data)
{
	viewer_add_client(((struct serve_seat *)data)->viewer, client->fd);
}

static void serve_place(struct serve_seat *seat)
{
	const struct viewer_settings settings = {.name = "share", .key = seat->serve->key};
	const struct listener_settings listen = {
			.addresses = (const char *[]){"127.0.0.1:0", NULL}, .plain = true};
	const struct viewer_events events = {
			.key = serve_key,
			.pointer = serve_pointer,
			.mouse = serve_pointer,
			.release_all = serve_release,
			.watched = serve_watched,
			.redirect_opened = serve_opened,
			.redirect_bytes = serve_bytes,
			.redirect_closed = serve_closed,
			.data = seat,
	};
	GError *error = NULL;

	seat->viewer = viewer_new(&settings, &events, &error);
	g_assert_no_error(error);
	seat->listener = listener_open(&listen, serve_client, seat, &error);
	g_assert_no_error(error);
}

/* --- Reading --- */

static void serve_read_on(struct serve *serve);

static void serve_sum_ends(struct serve *serve)
{
	struct serve_sum *sum = &serve->sum;
	uint8_t *bytes = g_steal_pointer(&sum->bytes);
	int64_t took = g_get_monotonic_time() - sum->began;
	g_autofree char *digest = g_compute_checksum_for_data(
			G_CHECKSUM_SHA256, bytes, sum->end - sum->from);
	g_autofree char *text = sum->error ? g_strdup_printf("error: %s", sum->error)
					   : g_strdup_printf("%s %" G_GINT64_FORMAT, digest, took);

	serve_send(text);
	g_free(bytes);
}

static void serve_piece_came(const GError *error, void *data)
{
	struct serve *serve = data;
	struct serve_sum *sum = &serve->sum;

	sum->under_way--;
	if (error && !sum->error)
		sum->error = g_strdup(error->message);
	serve_read_on(serve);
}

static void serve_read_on(struct serve *serve)
{
	struct serve_sum *sum = &serve->sum;

	if (sum->offset < sum->end && !sum->error) {
		size_t size = MIN(sum->piece, sum->end - sum->offset);

		sum->under_way++;
		sum->offset += size;
		source_read(serve->source, sum->offset - size, size,
				sum->bytes + (sum->offset - size - sum->from), serve_piece_came,
				serve);
	} else if (sum->under_way == 0) {
		serve_sum_ends(serve);
	}
}

static void serve_sum(struct serve *serve, uint64_t offset, uint64_t size, size_t piece,
		unsigned int depth)
{
	g_free(serve->sum.error);
	serve->sum = (struct serve_sum){
			.offset = offset,
			.from = offset,
			.end = offset + size,
			.piece = piece,
			.began = g_get_monotonic_time(),
			.bytes = g_malloc(size),
	};
	for (unsigned int i = 0; i < depth && serve->sum.offset < serve->sum.end; i++)
		serve_read_on(serve);
}

static void serve_start_ended(const GError *error, void *data)
{
	struct serve *serve = data;

	serve->started = NULL;
	serve->ended = g_strdup(error ? error->message : "yes");
}

static void serve_start(struct serve *serve, uint64_t offset, size_t size)
{
	g_clear_pointer(&serve->ended, g_free);
	g_free(serve->started_bytes);
	serve->started_bytes = g_malloc(size);
	serve->started = source_read(serve->source, offset, size, serve->started_bytes,
			serve_start_ended, serve);
}

/* --- Commands --- */

static int serve_count(const char *folder)
{
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	int count = -1; /* the open folder itself */

	while (dir && g_dir_read_name(dir))
		count++;
	return count;
}

static long serve_memory(void)
{
	g_autofree char *text = NULL;
	long pages = 0, resident = 0;

	g_file_get_contents("/proc/self/statm", &text, NULL, NULL);
	sscanf(text, "%ld %ld", &pages, &resident);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static char *serve_disc(const struct serve *serve)
{
	if (!serve->source)
		return g_strdup("none");
	return g_strdup_printf("%d %" G_GUINT64_FORMAT " %s", serve->source->state,
			serve->source->size, serve->reason ? serve->reason : "");
}

/* NULL: answered later. */
static char *serve_obey(struct serve *serve, const char *command)
{
	guint64 offset, size;
	gulong piece;
	unsigned int number;

	if (sscanf(command, "address %u", &number) == 1)
		return g_strdup(listener_address(serve->seats[number].listener, 0));
	if (strcmp(command, "disc") == 0)
		return serve_disc(serve);
	if (strcmp(command, "said") == 0)
		return g_strdup(serve->said ? serve->said : "");
	if (strcmp(command, "ended") == 0)
		return g_strdup(serve->ended ? serve->ended : "no");
	if (strcmp(command, "usage") == 0)
		return g_strdup_printf("%d %ld", serve_count("/proc/self/fd"), serve_memory());
	if (sscanf(command, "sum %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %lu %u", &offset,
			    &size, &piece, &number) == 4) {
		if (!serve->source)
			return g_strdup("error: no disc");
		serve_sum(serve, offset, size, piece, number);
		return NULL;
	}
	if (sscanf(command, "start %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, &offset, &size) == 2)
		serve_start(serve, offset, size);
	else if (strcmp(command, "cancel") == 0)
		source_cancel(serve->source, g_steal_pointer(&serve->started));
	else if (strcmp(command, "eject") == 0)
		serve_drop(serve);
	else if (g_str_has_prefix(command, "room "))
		serve->full = g_str_has_suffix(command, " off");
	else
		g_main_loop_quit(serve->loop);
	return g_strdup("ok");
}

static gboolean serve_command(gint fd, GIOCondition condition, gpointer data)
{
	char packet[SHARE_PACKET] = "";
	g_autofree char *answer = NULL;

	recv(fd, packet, sizeof(packet) - 1, 0);
	answer = serve_obey(data, packet);
	if (answer)
		serve_send(answer);
	return G_SOURCE_CONTINUE;
}

void share_serve(unsigned int viewers)
{
	struct serve serve = {.loop = g_main_loop_new(NULL, FALSE), .viewers = viewers};
	const struct shared_disc_events events = {
			.offered = serve_offered,
			.withdrawn = serve_withdrawn,
			.refused = serve_refused,
			.data = &serve,
	};
	guint control = g_unix_fd_add(SHARE_CONTROL, G_IO_IN | G_IO_HUP, serve_command, &serve);

	serve.key = link_key_new(NULL);
	serve.shared = shared_disc_new(&events);
	for (unsigned int i = 0; i < viewers; i++)
		serve.seats[i].serve = &serve;
	for (unsigned int i = 0; i < viewers; i++)
		serve_place(&serve.seats[i]);
	g_main_loop_run(serve.loop);
	g_source_remove(control);
	for (unsigned int i = 0; i < viewers; i++) {
		listener_close(serve.seats[i].listener);
		viewer_close(serve.seats[i].viewer);
	}
	serve_drop(&serve);
	link_key_free(serve.key);
	shared_disc_free(serve.shared);
	g_free(serve.said);
	g_free(serve.reason);
	g_free(serve.ended);
	g_free(serve.started_bytes);
	g_free(serve.sum.error);
	g_main_loop_unref(serve.loop);
}
