/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gadget/ffs_aio.h"
#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "gadget/fault.h"

#define AIO_CLOSE_MS 50 /* for requests to come back */

struct ffs_aio {
	ffs_aio_fn ended;
	void *data;
	io_context_t context;
	int eventfd;
	guint watch;
	unsigned int requests; /* in the kernel */
	struct aio_request *spare;
};

/* --- Requests --- */

unsigned int ffs_aio_room(const struct ffs_aio *aio)
{
	return AIO_REQUESTS - aio->requests;
}

struct aio_request *ffs_aio_request(struct ffs_aio *aio, void *owner, size_t size)
{
	struct aio_request *request = aio->spare;

	if (request)
		aio->spare = request->next;
	else
		request = g_new(struct aio_request, 1);
	memset(request, 0, sizeof(*request));
	request->owner = owner;
	request->size = size;
	return request;
}

void ffs_aio_release(struct ffs_aio *aio, struct aio_request *request)
{
	g_free(request->bounce);
	request->next = aio->spare;
	aio->spare = request;
}

/*
 * Takes what has ended from the kernel; what nobody waits for is done with. Waits for as many to
 * end, but not longer than that.
 */
static void aio_collect(struct ffs_aio *aio, unsigned int least, int ms)
{
	struct io_event events[AIO_REQUESTS];
	struct timespec timeout = {0, ms * 1000000L};
	int count = io_getevents(aio->context, least, G_N_ELEMENTS(events), events, &timeout);

	for (int i = 0; i < count; i++) {
		struct aio_request *request = (struct aio_request *)events[i].obj;

		aio->requests--;
		request->ended = true;
		request->result = (long)events[i].res;
		if (request->dropped)
			ffs_aio_release(aio, request);
	}
}

void ffs_aio_reap(struct ffs_aio *aio)
{
	aio_collect(aio, 0, 0);
}

void ffs_aio_set_waking(struct ffs_aio *aio, struct aio_request *request)
{
	io_set_eventfd(&request->iocb, aio->eventfd);
}

void ffs_aio_submit(struct ffs_aio *aio, struct aio_request *const *requests, unsigned int count)
{
	struct iocb *iocbs[AIO_REQUESTS];
	unsigned int begun = 0;
	int result = 0;

	for (unsigned int i = 0; i < count; i++)
		iocbs[i] = &requests[i]->iocb;
	while (begun < count) {
		result = io_submit(aio->context, (long)(count - begun), iocbs + begun);
		if (result <= 0)
			break;
		begun += (unsigned int)result;
	}
	aio->requests += begun;
	for (; begun < count; begun++) {
		requests[begun]->ended = true;
		requests[begun]->result = result < 0 ? result : -EAGAIN;
	}
	ffs_aio_reap(aio);
}

void ffs_aio_forget(struct ffs_aio *aio, struct aio_request *request)
{
	request->dropped = true;
	if (request->ended)
		ffs_aio_release(aio, request);
}

void ffs_aio_drop(struct ffs_aio *aio, struct aio_request *request)
{
	struct io_event unused;

	if (!request->ended)
		io_cancel(aio->context, &request->iocb, &unused); /* its event comes all the same */
	ffs_aio_forget(aio, request);
}

/* --- The main loop --- */

void ffs_aio_wake(struct ffs_aio *aio)
{
	eventfd_write(aio->eventfd, 1);
}

static gboolean aio_ended(gint fd, GIOCondition condition, gpointer data)
{
	struct ffs_aio *aio = data;
	eventfd_t unused;

	eventfd_read(fd, &unused);
	aio->ended(aio->data);
	return G_SOURCE_CONTINUE;
}

/*
 * A source that GLib must guard against recursion is taken out of the loop while it is dispatched,
 * which costs three system calls and an empty turn of the loop; each piece of a write is one
 * dispatch.
 */
static guint aio_watch(struct ffs_aio *aio)
{
	GSource *source = g_unix_fd_source_new(aio->eventfd, G_IO_IN);
	guint id;

	g_source_set_callback(source, G_SOURCE_FUNC(aio_ended), aio, NULL);
	g_source_set_can_recurse(source, TRUE);
	id = g_source_attach(source, NULL);
	g_source_unref(source);
	return id;
}

/* --- Coming and going --- */

struct ffs_aio *ffs_aio_new(ffs_aio_fn ended, void *data, GError **error)
{
	struct ffs_aio *aio = g_new0(struct ffs_aio, 1);
	int result = io_setup(AIO_REQUESTS, &aio->context);

	aio->eventfd = result < 0 ? -1 : eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (aio->eventfd < 0) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"a drive cannot have asynchronous I/O: %s; the kernel needs CONFIG_AIO, "
				"and fs.aio-max-nr may be too small",
				g_strerror(result < 0 ? -result : errno));
		if (result >= 0)
			io_destroy(aio->context);
		g_free(aio);
		return NULL;
	}
	aio->ended = ended;
	aio->data = data;
	aio->watch = aio_watch(aio);
	return aio;
}

static gpointer aio_destroy(gpointer context)
{
	io_destroy(context);
	return NULL;
}

/*
 * The kernel waits until no processor can be using a context any more, tens of milliseconds: longer
 * than all else that unplugs a drive.
 */
static void aio_end_context(io_context_t context)
{
	GThread *thread = g_thread_try_new("aio end", aio_destroy, context, NULL);

	if (thread)
		g_thread_unref(thread);
	else
		aio_destroy(context);
}

void ffs_aio_close(struct ffs_aio *aio)
{
	if (!aio)
		return;
	g_source_remove(aio->watch);
	if (aio->requests)
		aio_collect(aio, aio->requests, AIO_CLOSE_MS);
	/* What a controller does not give back it may still write to: that memory is lost. */
	if (!aio->requests)
		aio_end_context(aio->context); /* it would wait for them */
	close(aio->eventfd);
	while (aio->spare) {
		struct aio_request *request = aio->spare;

		aio->spare = request->next;
		g_free(request);
	}
	g_free(aio);
}
