/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "gadget/drive_bus.h"
#include "tests/kernel/drive_rig.h"
#include "tests/kernel/node.h"

#define PIECE (128u << 10)

/* --- media */

struct file_request {
	struct file_medium *medium;
	drive_done_fn done;
	void *data;
	uint64_t offset;
	size_t size;
	void *bytes;
	const void *written; /* NULL: a read */
	guint source;
};

static gboolean file_request_end(gpointer data)
{
	struct file_request *request = data;
	int fd = request->medium->fd;
	bool good = request->written ? pwrite(fd, request->written, request->size,
						       request->offset) == (ssize_t)request->size
				     : pread(fd, request->bytes, request->size, request->offset) ==
						       (ssize_t)request->size;

	request->done(good ? SCSI_NO_FAULT : SCSI_FAULT_READ, request->data);
	g_free(request);
	return G_SOURCE_REMOVE;
}

static struct file_request *file_request(struct file_medium *medium, uint64_t offset, size_t size,
		drive_done_fn done, void *data)
{
	struct file_request *request = g_new0(struct file_request, 1);

	*request = (struct file_request){.medium = medium,
			.done = done,
			.data = data,
			.offset = offset,
			.size = size};
	if (medium->hangs)
		return request;
	request->source = medium->delay ? g_timeout_add(medium->delay, file_request_end, request)
					: g_idle_add_full(G_PRIORITY_DEFAULT, file_request_end,
							  request, NULL);
	return request;
}

static void *file_read(void *owner, uint64_t offset, size_t size, void *bytes, drive_done_fn done,
		void *data)
{
	struct file_medium *medium = owner;
	struct file_request *request = file_request(medium, offset, size, done, data);

	medium->reads++;
	request->bytes = bytes;
	return request;
}

static void *file_write(void *owner, uint64_t offset, size_t size, const void *bytes,
		drive_done_fn done, void *data)
{
	struct file_request *request = file_request(owner, offset, size, done, data);

	request->written = bytes;
	return request;
}

static void file_cancel(void *owner, void *data)
{
	struct file_medium *medium = owner;
	struct file_request *request = data;

	medium->cancelled++;
	if (request->source)
		g_source_remove(request->source);
	g_free(request);
}

static void file_medium_make(struct file_medium *medium, uint64_t size)
{
	char *path = g_strdup("/tmp/medium-XXXXXX");

	*medium = (struct file_medium){.fd = mkstemp(path), .size = size};
	g_assert_cmpint(medium->fd, >=, 0);
	g_assert_cmpint(ftruncate(medium->fd, size), ==, 0);
	unlink(path);
	g_free(path);
}

void file_medium_sparse(struct file_medium *medium, uint64_t size)
{
	file_medium_make(medium, size);
}

void file_medium_random(struct file_medium *medium, size_t size, unsigned int seed)
{
	GRand *rand = g_rand_new_with_seed(seed);
	uint32_t *words = g_malloc(PIECE);

	file_medium_make(medium, size);
	for (size_t at = 0; at < size; at += PIECE) {
		for (size_t i = 0; i < PIECE / sizeof(*words); i++)
			words[i] = g_rand_int(rand);
		g_assert_cmpint(pwrite(medium->fd, words, MIN(PIECE, size - at), at), >, 0);
	}
	g_free(words);
	g_rand_free(rand);
}

void file_medium_close(struct file_medium *medium)
{
	close(medium->fd);
}

void file_medium_sum(const struct file_medium *medium, char sum[65])
{
	GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
	uint8_t *bytes = g_malloc(PIECE);

	for (uint64_t at = 0; at < medium->size; at += PIECE) {
		ssize_t got = pread(medium->fd, bytes, PIECE, at);

		g_assert_cmpint(got, >, 0);
		g_checksum_update(checksum, bytes, got);
	}
	g_strlcpy(sum, g_checksum_get_string(checksum), 65);
	g_checksum_free(checksum);
	g_free(bytes);
}

void drive_rig_insert(
		struct drive_rig *rig, size_t drive, struct file_medium *medium, bool writable)
{
	const struct drive_medium inserted = {
			.size = medium->size,
			.writable = writable,
			.read = file_read,
			.write = writable ? file_write : NULL,
			.cancel = file_cancel,
			.owner = medium,
	};

	g_assert_true(drive_insert(rig->drives[drive], &inserted));
}

/* --- the node's side */

struct host_work {
	int (*work)(void *data);
	void *data;
	GThread *thread;
	gint ended;
};

static gpointer host_thread(gpointer data)
{
	struct host_work *work = data;
	int result = work->work(work->data);

	g_atomic_int_set(&work->ended, TRUE);
	g_main_context_wakeup(NULL);
	return GINT_TO_POINTER(result);
}

struct host_work *host_begin(int (*run)(void *data), void *data)
{
	struct host_work *work = g_new0(struct host_work, 1);

	work->work = run;
	work->data = data;
	work->thread = g_thread_new("host", host_thread, work);
	return work;
}

bool host_ended(const struct host_work *work)
{
	return g_atomic_int_get(&work->ended);
}

int host_end(struct host_work *work)
{
	int result;

	while (!host_ended(work))
		g_main_context_iteration(NULL, TRUE);
	result = GPOINTER_TO_INT(g_thread_join(work->thread));
	g_free(work);
	return result;
}

int host_run(int (*run)(void *data), void *data)
{
	return host_end(host_begin(run, data));
}

int host_read(void *data)
{
	struct host_read *read = data;
	int fd = open(read->device, O_RDONLY | O_CLOEXEC | (read->direct ? O_DIRECT : 0));
	GChecksum *sum;
	void *bytes = NULL;
	int failed = 0;

	if (fd < 0)
		return -errno;
	if (ioctl(fd, BLKGETSIZE64, &read->capacity) < 0 || posix_memalign(&bytes, 4096, PIECE))
		failed = -errno;
	sum = g_checksum_new(G_CHECKSUM_SHA256);
	read->got = 0;
	while (!failed && (!read->size || read->got < read->size)) {
		size_t wanted = read->size ? MIN(PIECE, read->size - read->got) : PIECE;
		ssize_t size = pread(fd, bytes, wanted, read->offset + read->got);

		if (size < 0)
			failed = -errno;
		if (size <= 0)
			break;
		g_checksum_update(sum, bytes, size);
		if (read->bytes)
			memcpy((uint8_t *)read->bytes + read->got, bytes, size);
		read->got += size;
	}
	g_strlcpy(read->sum, g_checksum_get_string(sum), sizeof(read->sum));
	g_checksum_free(sum);
	free(bytes);
	close(fd);
	return failed;
}

/* --- the hub */

static void rig_ejected(void *data)
{
	unsigned int *ejected = data;

	(*ejected)++;
}

static void rig_channel(enum hub_function function, int fd, bool used, void *data)
{
	struct drive_rig *rig = data;

	rig->channels += fd >= 0 ? 1 : -1;
	if (function == HUB_KEYBOARD)
		keyboard_attach(rig->keyboard, fd);
}

static void rig_drive(size_t drive, struct drive_bus *bus, void *data)
{
	struct drive_rig *rig = data;

	rig->attached[drive] = bus != NULL;
	if (bus)
		drive_attach(rig->drives[drive], bus);
	else
		drive_detach(rig->drives[drive]);
}

static void rig_state(const struct hub_status *status, void *data)
{
	for (size_t i = 0; i < status->count; i++) {
		char *words = hub_port_words(&status->ports[i]);

		g_test_message("%s", words);
		g_free(words);
	}
}

const char *drive_rig_port(struct drive_rig *rig, size_t drive)
{
	struct hub_status status;

	hub_status(rig->hub, &status);
	return status.ports[status.count - rig->count + drive].port;
}

char *drive_rig_device(struct drive_rig *rig, size_t drive)
{
	const char *port = drive_rig_port(rig, drive);
	char *device = port ? node_device(port) : NULL, *found = NULL, *pattern;
	glob_t matches;

	if (!device)
		return NULL;
	pattern = g_strconcat(device, "/*:1.0/host*/target*/*/block/*", NULL);
	if (glob(pattern, 0, NULL, &matches) == 0) {
		found = g_strconcat("/dev/", strrchr(matches.gl_pathv[0], '/') + 1, NULL);
		globfree(&matches);
	}
	g_free(pattern);
	g_free(device);
	return found;
}

static bool rig_ready(struct drive_rig *rig)
{
	struct hub_status status;

	hub_status(rig->hub, &status);
	for (size_t i = 0; i < rig->count; i++) {
		char *device = drive_rig_device(rig, i);
		bool there = device && access(device, F_OK) == 0;

		g_free(device);
		if (!there)
			return false;
	}
	return rig->channels == 1 && status.ports[0].node == UDC_CONFIGURED;
}

static char *rig_keyboard(struct drive_rig *rig)
{
	struct hub_status status;

	hub_status(rig->hub, &status);
	return node_attribute(status.ports[0].port, "devnum");
}

void drive_rig_open(struct drive_rig *rig, const enum scsi_kind *kinds, size_t count)
{
	const struct drive_settings settings = {.identity = {"Rack", "Drive", "1", "0123456789AB"}};

	drive_rig_open_with(rig, kinds, count, &settings);
}

void drive_rig_open_with(struct drive_rig *rig, const enum scsi_kind *kinds, size_t count,
		const struct drive_settings *drive)
{
	static const struct hub_drive drives[HUB_DRIVES] = {
			{.name = "one"}, {.name = "two", .product_name = "Second drive"},
			{.name = "three"}, {.name = "four"}};
	const struct hub_settings settings = {
			.functions = 1u << HUB_KEYBOARD, .drives = drives, .drive_count = count};
	const struct hub_events events = {.channel = rig_channel,
			.drive = rig_drive,
			.state = rig_state,
			.data = rig};

	memset(rig, 0, sizeof(*rig));
	rig->count = count;
	rig->keyboard = keyboard_new(-1, NULL, NULL);
	for (size_t i = 0; i < count; i++) {
		struct drive_settings its = *drive;
		const struct drive_events heard = {
				.ejected = rig_ejected, .data = &rig->ejected[i]};

		its.kind = kinds[i];
		rig->drives[i] = drive_new(&its, &heard);
	}
	rig->hub = hub_new(&settings, &events);
	node_wait(rig_ready(rig));
	rig->address = rig_keyboard(rig);
}

void drive_rig_close(struct drive_rig *rig)
{
	char *address = rig->hub ? rig_keyboard(rig) : NULL;

	if (address)
		g_assert_cmpstr(address, ==, rig->address);
	g_free(address);
	g_free(rig->address);
	hub_close(rig->hub);
	for (size_t i = 0; i < rig->count; i++) {
		g_assert_false(rig->attached[i]);
		drive_close(rig->drives[i]);
	}
	keyboard_close(rig->keyboard);
	for (int i = 0; i < 7; i++) {
		char *udc = g_strdup_printf("dummy_udc.%d", i);

		node_wait(node_empty(udc));
		g_free(udc);
	}
}
