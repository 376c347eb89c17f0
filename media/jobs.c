/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "media/jobs.h"

struct source_request {
	enum job_kind kind;
	uint64_t offset;
	size_t size;
	void *bytes;  /* the caller's: of a read, for the main thread alone */
	void *bounce; /* ours: what the thread moves */
	source_done_fn done;
	void *data;
	GError *error;
	bool runs, cancelled;
	GList link; // jobs::asked, jobs::finished, or a thread's
};

struct jobs {
	const struct jobs_ops *ops;
	void *data;
	GThreadPool *pool; /* each item is a leave to look for work */
	GSource *arrivals;
	gint references; /* the main thread's, and one for each item of the pool */
	GMutex lock;     /* for all below, and for runs and cancelled */
	GQueue asked;    /* in order, those that run too */
	GQueue finished; /* for the main thread */
	bool closed;
	bool released; /* data are gone */
};

static void jobs_free_request(struct source_request *request)
{
	g_clear_error(&request->error);
	g_free(request->bounce);
	g_free(request);
}

static void jobs_unref(struct jobs *jobs)
{
	if (!g_atomic_int_dec_and_test(&jobs->references))
		return;
	g_source_unref(jobs->arrivals);
	g_mutex_clear(&jobs->lock);
	g_free(jobs);
}

/*
 * Lets go of the data as soon as nothing can use them any more, not when the last thread has looked
 * for work: who closes an image may open it again at once.
 */
static void jobs_release(struct jobs *jobs)
{
	bool last;

	g_mutex_lock(&jobs->lock);
	last = jobs->closed && !jobs->released && jobs->asked.length == 0;
	jobs->released |= last;
	g_mutex_unlock(&jobs->lock);
	if (last && jobs->ops->free_data)
		jobs->ops->free_data(jobs->data);
}

/* --- On the threads --- */

static bool jobs_conflict(const struct source_request *one, const struct source_request *other)
{
	if (one->kind == JOB_OPEN || other->kind == JOB_OPEN)
		return true;
	if (one->kind == JOB_READ && other->kind == JOB_READ)
		return false;
	if (one->kind == JOB_FLUSH || other->kind == JOB_FLUSH)
		return one->kind != JOB_READ && other->kind != JOB_READ;
	return one->offset < other->offset + other->size && other->offset < one->offset + one->size;
}

/* The oldest that waits for nothing before it; the lock is held. */
static struct source_request *jobs_pick(struct jobs *jobs)
{
	for (GList *link = jobs->asked.head; link; link = link->next) {
		struct source_request *request = link->data;
		GList *before = jobs->asked.head;

		if (request->runs)
			continue;
		while (before != link && !jobs_conflict(before->data, request))
			before = before->next;
		if (before == link)
			return request;
	}
	return NULL;
}

static bool jobs_run(struct jobs *jobs, struct source_request *request)
{
	/* Not before now: what waits takes no memory. */
	if (request->kind == JOB_READ)
		request->bounce = g_try_malloc(request->size);
	if (request->size > 0 && !request->bounce) {
		g_set_error(&request->error, G_FILE_ERROR, G_FILE_ERROR_IO,
				"no memory left for %zu bytes of an image", request->size);
		return false;
	}
	return jobs->ops->run(request->kind, request->offset, request->size, request->bounce,
			jobs->data, &request->error);
}

/* The lock is held. */
static void jobs_finish(struct jobs *jobs, struct source_request *request)
{
	g_queue_unlink(&jobs->asked, &request->link);
	g_queue_push_tail_link(&jobs->finished, &request->link);
	g_source_set_ready_time(jobs->arrivals, 0);
}

static void jobs_work(void *unused, void *data)
{
	struct jobs *jobs = data;
	struct source_request *request;

	g_mutex_lock(&jobs->lock);
	while ((request = jobs_pick(jobs))) {
		request->runs = true;
		g_mutex_unlock(&jobs->lock);
		jobs_run(jobs, request);
		g_mutex_lock(&jobs->lock);
		if (request->cancelled) {
			g_queue_unlink(&jobs->asked, &request->link);
			jobs_free_request(request);
		} else {
			jobs_finish(jobs, request);
		}
	}
	g_mutex_unlock(&jobs->lock);
	jobs_release(jobs);
	jobs_unref(jobs);
}

/* --- On the main thread --- */

static struct source_request *jobs_arrived(struct jobs *jobs)
{
	GList *link;

	g_mutex_lock(&jobs->lock);
	link = g_queue_pop_head_link(&jobs->finished);
	g_mutex_unlock(&jobs->lock);
	return link ? link->data : NULL;
}

static void jobs_tell(struct jobs *jobs, struct source_request *request)
{
	if (request->error && jobs->ops->failed)
		jobs->ops->failed(request->error, jobs->data);
	if (!jobs->closed && !request->cancelled) {
		if (request->kind == JOB_READ && !request->error)
			memcpy(request->bytes, request->bounce, request->size);
		request->done(request->error, request->data);
	}
	jobs_free_request(request);
}

static gboolean jobs_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
	struct jobs *jobs = data;
	struct source_request *request;
	guint turn;

	g_source_set_ready_time(source, -1);
	g_mutex_lock(&jobs->lock);
	turn = jobs->finished.length;
	g_mutex_unlock(&jobs->lock);
	g_atomic_int_inc(&jobs->references);
	/* No more than there were: the loop has others to serve. */
	for (; turn > 0 && !jobs->closed && (request = jobs_arrived(jobs)); turn--)
		jobs_tell(jobs, request);
	g_mutex_lock(&jobs->lock);
	if (!jobs->closed && jobs->finished.length > 0)
		g_source_set_ready_time(source, 0);
	g_mutex_unlock(&jobs->lock);
	jobs_unref(jobs);
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs jobs_arrivals = {.dispatch = jobs_dispatch};

static gboolean jobs_never(gpointer unused)
{
	return G_SOURCE_CONTINUE;
}

struct jobs *jobs_new(const struct jobs_ops *ops, unsigned int threads, void *data)
{
	struct jobs *jobs = g_new0(struct jobs, 1);

	jobs->ops = ops;
	jobs->data = data;
	jobs->references = 1;
	g_mutex_init(&jobs->lock);
	g_queue_init(&jobs->asked);
	g_queue_init(&jobs->finished);
	jobs->pool = g_thread_pool_new(jobs_work, jobs, (gint)threads, FALSE, NULL);
	jobs->arrivals = g_source_new(&jobs_arrivals, sizeof(GSource));
	g_source_set_callback(jobs->arrivals, jobs_never, jobs, NULL);
	g_source_attach(jobs->arrivals, NULL);
	return jobs;
}

/* What a cancelled request has left: a thread that runs it frees it. The lock is held. */
static void jobs_forget(struct jobs *jobs, struct source_request *request, GQueue *queue)
{
	request->cancelled = true;
	if (queue == &jobs->asked && request->runs)
		return;
	g_queue_unlink(queue, &request->link);
	jobs_free_request(request);
}

static void jobs_forget_all(struct jobs *jobs, GQueue *queue)
{
	GList *next;

	for (GList *link = queue->head; link; link = next) {
		next = link->next;
		jobs_forget(jobs, link->data, queue);
	}
}

void jobs_close(struct jobs *jobs)
{
	g_source_destroy(jobs->arrivals);
	g_mutex_lock(&jobs->lock);
	jobs->closed = true;
	jobs_forget_all(jobs, &jobs->asked);
	jobs_forget_all(jobs, &jobs->finished);
	g_mutex_unlock(&jobs->lock);
	jobs_release(jobs);
	/* Not waiting: it goes when its last thread does. */
	g_thread_pool_free(jobs->pool, FALSE, FALSE);
	jobs_unref(jobs);
}

/* Only when there is not one thread to be had is a request lost. */
static void jobs_no_thread(struct jobs *jobs, struct source_request *request, GError *error)
{
	g_mutex_lock(&jobs->lock);
	if (g_thread_pool_get_num_threads(jobs->pool) == 0 && !request->runs) {
		g_set_error(&request->error, G_FILE_ERROR, G_FILE_ERROR_IO,
				"no thread for reading an image: %s", error->message);
		jobs_finish(jobs, request);
	}
	g_mutex_unlock(&jobs->lock);
	g_error_free(error);
}

struct source_request *jobs_add(struct jobs *jobs, enum job_kind kind, uint64_t offset, size_t size,
		void *bytes, source_done_fn done, void *data)
{
	struct source_request *request = g_new0(struct source_request, 1);
	GError *error = NULL;

	request->kind = kind;
	request->offset = offset;
	request->size = size;
	request->bytes = bytes;
	request->done = done;
	request->data = data;
	request->link.data = request;
	if (kind == JOB_WRITE) {
		request->bounce = g_try_malloc(size);
		if (request->bounce)
			memcpy(request->bounce, bytes, size);
	}
	g_mutex_lock(&jobs->lock);
	g_queue_push_tail_link(&jobs->asked, &request->link);
	g_mutex_unlock(&jobs->lock);
	g_atomic_int_inc(&jobs->references);
	g_thread_pool_push(jobs->pool, GINT_TO_POINTER(1), &error);
	if (error)
		jobs_no_thread(jobs, request, error);
	return request;
}

void jobs_cancel(struct jobs *jobs, struct source_request *request)
{
	GQueue *queue = &jobs->asked;

	g_mutex_lock(&jobs->lock);
	if (g_queue_link_index(&jobs->finished, &request->link) >= 0)
		queue = &jobs->finished;
	jobs_forget(jobs, request, queue);
	g_mutex_unlock(&jobs->lock);
}
