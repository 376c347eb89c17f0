/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "capture/v4l2_device.h"
#include "capture/v4l2_find.h"

/* Of the engine's quality control, and of its second pass plus 1 (aspeed-video.c). */
#define V4L2_DEVICE_FINEST 11

/* Less than it takes to measure a signal, which is two of its frames at least. */
#define V4L2_DEVICE_MEASURE_US 8000

static int v4l2_device_ioctl(int fd, unsigned long request, void *argument)
{
	int result;

	do
		result = ioctl(fd, request, argument);
	while (result < 0 && errno == EINTR);
	return result < 0 ? errno : 0;
}

void v4l2_device_error(const struct v4l2_device *device, int code, const char *what, GError **error)
{
	GFileError kind = g_file_error_from_errno(code);

	if (code == ENODEV || code == ENXIO || code == ENOENT)
		g_set_error(error, G_FILE_ERROR, kind, "%s is not there", device->path);
	else if (code == EBUSY)
		g_set_error(error, G_FILE_ERROR, kind,
				"%s is in use by another program; stop that, or set device in [capture]",
				device->path);
	else if (code == EACCES || code == EPERM)
		g_set_error(error, G_FILE_ERROR, kind,
				"%s may not be opened; add the service's user to its group",
				device->path);
	else
		g_set_error(error, G_FILE_ERROR, kind, "%s: %s failed: %s", device->path, what,
				g_strerror(code));
}

/* --- Opening --- */

static void v4l2_device_find_control(struct v4l2_device *device, const struct v4l2_queryctrl *query)
{
	/* A webcam's quality goes up to 100 and is none of ours. */
	if (query->id == V4L2_CID_JPEG_COMPRESSION_QUALITY && query->maximum == V4L2_DEVICE_FINEST)
		device->quality_control = query->id;
	else if (query->id == V4L2_CID_JPEG_CHROMA_SUBSAMPLING)
		device->chroma_control = query->id;
	/* By name, since early drafts of the driver had them at other places. */
	else if (strcmp((const char *)query->name, "Aspeed HQ Mode") == 0)
		device->hq_control = query->id;
	else if (strcmp((const char *)query->name, "Aspeed HQ Quality") == 0)
		device->hq_quality_control = query->id;
	else
		return;
	/* Not told of what we do ourselves, as V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK is not set. */
	v4l2_device_ioctl(device->fd, VIDIOC_SUBSCRIBE_EVENT,
			&(struct v4l2_event_subscription){
					.type = V4L2_EVENT_CTRL, .id = query->id});
}

static void v4l2_device_find_controls(struct v4l2_device *device)
{
	struct v4l2_queryctrl query = {.id = V4L2_CTRL_FLAG_NEXT_CTRL};

	while (v4l2_device_ioctl(device->fd, VIDIOC_QUERYCTRL, &query) == 0) {
		if (!(query.flags & V4L2_CTRL_FLAG_DISABLED))
			v4l2_device_find_control(device, &query);
		query.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
	}
}

/* The vendor's driver for this one has the same name, but its engine sends no full frame by itself.
 */
static bool v4l2_device_is_ast2700(int fd)
{
	g_autofree char *path = NULL;
	g_autofree char *compatible = NULL;
	struct stat status;

	if (fstat(fd, &status) < 0)
		return false;
	path = g_strdup_printf("/sys/dev/char/%u:%u/device/of_node/compatible",
			major(status.st_rdev), minor(status.st_rdev));
	return g_file_get_contents(path, &compatible, NULL, NULL) && strstr(compatible, "ast2700");
}

static bool v4l2_device_is_capture(struct v4l2_device *device, GError **error)
{
	struct v4l2_capability capability = {.capabilities = 0};

	if (!v4l2_find_captures(device->fd, &capability)) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
				"%s is not a %scapture device; set device in [capture]",
				device->path,
				capability.device_caps & V4L2_CAP_VIDEO_CAPTURE_MPLANE
						? "single-planar "
						: "");
		return false;
	}
	device->engine = strcmp((const char *)capability.driver, "aspeed-video") == 0;
	device->periodic = device->engine && !v4l2_device_is_ast2700(device->fd);
	return true;
}

/*
 * The first to open aspeed-video waits while it measures the signal, which takes some of the
 * signal's frames; there is no other way to tell whether one is the first.
 */
static bool v4l2_device_open_node(struct v4l2_device *device, GError **error)
{
	int64_t before = g_get_monotonic_time();

	device->fd = open(device->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (device->fd < 0) {
		v4l2_device_error(device, errno, "opening it", error);
		return false;
	}
	device->shared = g_get_monotonic_time() - before < V4L2_DEVICE_MEASURE_US;
	return true;
}

static bool v4l2_device_select(
		struct v4l2_device *device, const struct v4l2_settings *settings, GError **error)
{
	int input = settings->input;

	if (input < 0 || v4l2_device_ioctl(device->fd, VIDIOC_S_INPUT, &input) == 0)
		return true;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			"%s has no input %d; set input in [capture]", device->path,
			settings->input);
	return false;
}

bool v4l2_device_open(struct v4l2_device *device, const struct v4l2_settings *settings, bool engine,
		GError **error)
{
	bool find = !settings->device || strcmp(settings->device, "auto") == 0;

	*device = (struct v4l2_device){.fd = -1};
	device->path = find ? v4l2_find(engine) : g_strdup(settings->device);
	if (!device->path) {
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
				engine ? "the video engine is gone from /dev; waiting for it"
				       : "no capture device in /dev; is the kernel's video driver "
					 "loaded?");
		return false;
	}
	if (!v4l2_device_open_node(device, error) || !v4l2_device_is_capture(device, error) ||
			!v4l2_device_select(device, settings, error))
		return false;
	/* Before the first look at the signal, so that nothing is missed between the two. */
	v4l2_device_ioctl(device->fd, VIDIOC_SUBSCRIBE_EVENT,
			&(struct v4l2_event_subscription){.type = V4L2_EVENT_SOURCE_CHANGE});
	v4l2_device_find_controls(device);
	return true;
}

void v4l2_device_close(struct v4l2_device *device)
{
	v4l2_device_stop(device);
	if (device->fd >= 0)
		close(device->fd);
	device->fd = -1;
	g_clear_pointer(&device->path, g_free);
}

/* --- The signal --- */

/* Whether a mode is larger than the driver says it takes; aspeed-video detects such all the same.
 */
static bool v4l2_device_too_large(
		const struct v4l2_device *device, const struct v4l2_dv_timings *timings)
{
	struct v4l2_dv_timings_cap cap = {.type = timings->type};

	if (v4l2_device_ioctl(device->fd, VIDIOC_DV_TIMINGS_CAP, &cap) != 0)
		return false;
	return timings->bt.width > cap.bt.max_width || timings->bt.height > cap.bt.max_height;
}

enum v4l2_signal v4l2_device_signal(struct v4l2_device *device, struct v4l2_dv_timings *timings)
{
	int code;

	memset(timings, 0, sizeof(*timings));
	code = v4l2_device_ioctl(device->fd, VIDIOC_QUERY_DV_TIMINGS, timings);
	device->has_timings = code != ENOTTY && code != ENODATA && code != EINVAL;
	switch (code) {
	case 0:
		return v4l2_device_too_large(device, timings) ? V4L2_SIGNAL_RANGE
							      : V4L2_SIGNAL_GOOD;
	case ENOTTY: /* a webcam */
	case ENODATA:
	case EINVAL:
		return V4L2_SIGNAL_GOOD;
	case EAGAIN:
	case EBUSY:
		return V4L2_SIGNAL_BUSY;
	case ENOLINK:
		return V4L2_SIGNAL_NONE;
	case ENOLCK:
		return V4L2_SIGNAL_UNSTABLE;
	case ERANGE:
		return V4L2_SIGNAL_RANGE;
	}
	errno = code;
	return V4L2_SIGNAL_FAILED;
}

/* --- Setup --- */

static bool v4l2_device_take_format(struct v4l2_device *device, const struct v4l2_format *format,
		const struct v4l2_format_entry *entry, GError **error)
{
	const struct v4l2_pix_format *pix = &format->fmt.pix;
	size_t row = (size_t)pix->width * entry->bits / 8;

	device->format = entry;
	device->width = pix->width;
	device->height = pix->height;
	device->stride = entry->bits ? (int)pix->bytesperline : 0;
	device->room = pix->sizeimage;
	device->studio = v4l2_formats_studio(entry, pix->quantization);
	device->bt709 = v4l2_formats_bt709(pix->colorspace, pix->ycbcr_enc);
	if (device->width > 0 && device->height > 0 && pix->bytesperline <= INT32_MAX &&
			(!entry->bits || pix->bytesperline >= row))
		return true;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			"%s offers an impossible picture: %ux%u in rows of %u bytes", device->path,
			pix->width, pix->height, pix->bytesperline);
	return false;
}

/* Formats are tried, not listed: aspeed-video lists only the one that is set. */
static bool v4l2_device_choose_format(
		struct v4l2_device *device, const struct v4l2_settings *settings, GError **error)
{
	struct v4l2_format now = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
	const struct v4l2_format_entry *entry;
	int code = v4l2_device_ioctl(device->fd, VIDIOC_G_FMT, &now);

	if (code != 0) {
		v4l2_device_error(device, code, "asking for its format", error);
		return false;
	}
	for (int i = 0; (entry = v4l2_formats_candidate(settings->format, i)); i++) {
		struct v4l2_format format = now;

		format.fmt.pix.pixelformat = entry->fourcc;
		format.fmt.pix.field = V4L2_FIELD_NONE;
		format.fmt.pix.bytesperline = format.fmt.pix.sizeimage = 0;
		if (!device->has_timings && settings->width > 0 && settings->height > 0) {
			format.fmt.pix.width = settings->width;
			format.fmt.pix.height = settings->height;
		}
		code = v4l2_device_ioctl(device->fd, VIDIOC_S_FMT, &format);
		/* aspeed-video takes the format and fills in nothing. */
		if (code == 0)
			code = v4l2_device_ioctl(device->fd, VIDIOC_G_FMT, &format);
		if (code == 0 && format.fmt.pix.pixelformat == entry->fourcc)
			return v4l2_device_take_format(device, &format, entry, error);
		if (code == EBUSY || code == ENODEV) {
			v4l2_device_error(device, code, "setting its format", error);
			return false;
		}
	}
	if (settings->format == V4L2_CHOICE_AUTO)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
				"%s has no format of use (it sends %.4s); set device in [capture]",
				device->path, (const char *)&now.fmt.pix.pixelformat);
	else
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
				"%s has no format %s; set format in [capture]", device->path,
				v4l2_formats_candidate(settings->format, 0)->name);
	return false;
}

static void v4l2_device_limit_rate(struct v4l2_device *device, int rate)
{
	struct v4l2_streamparm parameters = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};

	if (rate <= 0 || v4l2_device_ioctl(device->fd, VIDIOC_G_PARM, &parameters) != 0)
		return;
	parameters.parm.capture.timeperframe = (struct v4l2_fract){1, rate};
	v4l2_device_ioctl(device->fd, VIDIOC_S_PARM, &parameters); /* what it cannot, it cannot */
}

bool v4l2_device_setup(struct v4l2_device *device, const struct v4l2_dv_timings *timings,
		const struct v4l2_settings *settings, GError **error)
{
	struct v4l2_dv_timings set = *timings;
	int code = 0;

	if (device->has_timings)
		code = v4l2_device_ioctl(device->fd, VIDIOC_S_DV_TIMINGS, &set);
	if (code != 0) {
		v4l2_device_error(device, code, "setting its mode", error);
		return false;
	}
	v4l2_device_limit_rate(device, settings->rate);
	return v4l2_device_choose_format(device, settings, error);
}

/* --- Quality --- */

static void v4l2_device_set(const struct v4l2_device *device, uint32_t id, int value)
{
	struct v4l2_control control = {.id = id, .value = value};

	if (id)
		v4l2_device_ioctl(device->fd, VIDIOC_S_CTRL, &control);
}

static int v4l2_device_get(const struct v4l2_device *device, uint32_t id, int otherwise)
{
	struct v4l2_control control = {.id = id};

	if (!id || v4l2_device_ioctl(device->fd, VIDIOC_G_CTRL, &control) != 0)
		return otherwise;
	return control.value;
}

struct capture_quality v4l2_device_quality(
		struct v4l2_device *device, const struct capture_quality *quality)
{
	bool hq = quality->hq_selector >= 0 && quality->chroma == 444;
	struct capture_quality now;

	v4l2_device_set(device, device->quality_control, quality->selector);
	v4l2_device_set(device, device->chroma_control,
			quality->chroma == 420 ? V4L2_JPEG_CHROMA_SUBSAMPLING_420
					       : V4L2_JPEG_CHROMA_SUBSAMPLING_444);
	if (hq)
		v4l2_device_set(device, device->hq_quality_control, quality->hq_selector + 1);
	v4l2_device_set(device, device->hq_control, hq);

	now.selector = v4l2_device_get(device, device->quality_control, 0);
	now.chroma = v4l2_device_get(device, device->chroma_control,
				     V4L2_JPEG_CHROMA_SUBSAMPLING_444) ==
						     V4L2_JPEG_CHROMA_SUBSAMPLING_420
				     ? 420
				     : 444;
	now.hq_selector = -1;
	if (v4l2_device_get(device, device->hq_control, 0))
		now.hq_selector = v4l2_device_get(device, device->hq_quality_control, 1) - 1;
	return now;
}

/* --- Streaming --- */

static bool v4l2_device_map(struct v4l2_device *device, int index, GError **error)
{
	struct v4l2_buffer buffer = {
			.index = index,
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
			.memory = V4L2_MEMORY_MMAP,
	};
	int code = v4l2_device_ioctl(device->fd, VIDIOC_QUERYBUF, &buffer);
	void *data;

	if (code != 0) {
		v4l2_device_error(device, code, "asking for a buffer", error);
		return false;
	}
	data = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, device->fd, buffer.m.offset);
	if (data == MAP_FAILED) {
		v4l2_device_error(device, errno, "mapping a buffer", error);
		return false;
	}
	device->buffers[index].data = data;
	device->buffers[index].size = buffer.length;
	return true;
}

static int v4l2_device_request(struct v4l2_device *device, int *count)
{
	struct v4l2_requestbuffers request = {
			.count = *count,
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
			.memory = V4L2_MEMORY_MMAP,
	};
	int code = v4l2_device_ioctl(device->fd, VIDIOC_REQBUFS, &request);

	*count = code == 0 ? (int)request.count : 0;
	return code;
}

bool v4l2_device_start(struct v4l2_device *device, GError **error)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	int count = V4L2_DEVICE_BUFFERS;
	int code = v4l2_device_request(device, &count);

	if (code != 0 || count < 2 || count > VIDEO_MAX_FRAME) {
		v4l2_device_error(device, code ? code : ENOMEM, "getting buffers", error);
		return false;
	}
	for (device->count = 0; device->count < count; device->count++)
		if (!v4l2_device_map(device, device->count, error))
			return false;
	for (int i = 0; i < count && code == 0; i++)
		code = v4l2_device_queue(device, i);
	if (code == 0)
		code = v4l2_device_ioctl(device->fd, VIDIOC_STREAMON, &type);
	if (code == EBUSY) { /* the buffers are ours, so this is the hardware */
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
				"the engine of %s is busy and does not start", device->path);
		return false;
	}
	if (code != 0) {
		v4l2_device_error(device, code, "starting it", error);
		return false;
	}
	device->streaming = true;
	return true;
}

int v4l2_device_queue(struct v4l2_device *device, int index)
{
	struct v4l2_buffer buffer = {
			.index = index,
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
			.memory = V4L2_MEMORY_MMAP,
	};
	int code = v4l2_device_ioctl(device->fd, VIDIOC_QBUF, &buffer);

	device->queued += code == 0;
	return code;
}

static int64_t v4l2_device_time(const struct v4l2_buffer *buffer)
{
	if ((buffer->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
		return g_get_monotonic_time();
	return buffer->timestamp.tv_sec * G_USEC_PER_SEC + buffer->timestamp.tv_usec;
}

int v4l2_device_dequeue(struct v4l2_device *device, struct v4l2_dequeued *frame)
{
	struct v4l2_buffer buffer = {
			.type = V4L2_BUF_TYPE_VIDEO_CAPTURE,
			.memory = V4L2_MEMORY_MMAP,
	};
	int code = v4l2_device_ioctl(device->fd, VIDIOC_DQBUF, &buffer);

	if (code != 0)
		return code;
	if (buffer.index >= (unsigned int)device->count)
		return EPROTO;
	device->queued--;
	frame->buffer = buffer.index;
	frame->size = MIN(buffer.bytesused, device->buffers[buffer.index].size);
	frame->sequence = buffer.sequence;
	frame->error = buffer.flags & V4L2_BUF_FLAG_ERROR;
	frame->time = v4l2_device_time(&buffer);
	return 0;
}

unsigned int v4l2_device_news(struct v4l2_device *device)
{
	struct v4l2_event event;
	unsigned int news = 0;

	while (v4l2_device_ioctl(device->fd, VIDIOC_DQEVENT, &event) == 0) {
		if (event.type == V4L2_EVENT_SOURCE_CHANGE)
			news |= V4L2_NEWS_SOURCE;
		else if (event.type == V4L2_EVENT_CTRL &&
				event.u.ctrl.changes & V4L2_EVENT_CTRL_CH_VALUE)
			news |= V4L2_NEWS_CONTROL;
	}
	return news;
}

void v4l2_device_stop(struct v4l2_device *device)
{
	int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	int none = 0;

	if (device->streaming)
		v4l2_device_ioctl(device->fd, VIDIOC_STREAMOFF, &type);
	device->streaming = false;
	/* Mapped memory keeps the device open, and half open it forgets nothing. */
	for (int i = 0; i < device->count; i++)
		munmap(device->buffers[i].data, device->buffers[i].size);
	if (device->count)
		v4l2_device_request(device, &none);
	device->count = device->queued = 0;
}
