/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gadget/attribute.h"
#include "gadget/fault.h"
#include "gadget/gadget.h"
#include "gadget/kernel_drive.h"
#include "gadget/view.h"

enum kernel_drive_what { KERNEL_DRIVE_LOOK, KERNEL_DRIVE_INSERT, KERNEL_DRIVE_EJECT };

/* Shared with the thread, which lives on alone when the kernel does not let go of it. */
struct kernel_drive {
	gint references;
	char *folder; /* of the LUN in configfs */
	enum scsi_kind kind;
	GThreadPool *pool; /* one thread: its work is in order */
	/* Main thread: */
	struct kernel_drive_events events;
	bool closed, looking;
	unsigned int jobs; /* inserts and ejects that have not ended */
	char *file;        /* NULL: none */
	guint timer;
};

struct kernel_drive_job {
	struct kernel_drive *drive;
	enum kernel_drive_what what;
	char *path;
	bool writable, force;
	kernel_drive_done_fn done;
	void *data;
	/* How it ended: */
	GError *error;
	char *file;
};

static void kernel_drive_unref(struct kernel_drive *drive)
{
	if (!g_atomic_int_dec_and_test(&drive->references))
		return;
	g_free(drive->folder);
	g_free(drive->file);
	g_free(drive);
}

static void kernel_drive_job_free(gpointer data)
{
	struct kernel_drive_job *job = data;

	g_clear_error(&job->error);
	g_free(job->path);
	g_free(job->file);
	kernel_drive_unref(job->drive);
	g_free(job);
}

/* --- Its gadget --- */

static char *kernel_drive_folder(const char *configfs, const char *name, const char *part)
{
	return g_build_filename(configfs, "usb_gadget", name, "functions", "mass_storage.drive",
			part, NULL);
}

/* Before it is part of a configuration: it cannot be changed then. */
static bool kernel_drive_set(const struct kernel_drive_settings *settings, GError **error)
{
	g_autofree char *function = kernel_drive_folder(settings->configfs, settings->name, NULL);
	g_autofree char *lun = kernel_drive_folder(settings->configfs, settings->name, "lun.0");
	const char *cd = settings->kind == SCSI_CD ? "1\n" : "0\n";

	return attribute_write(function, "stall", settings->stall ? "1\n" : "0\n", error) !=
			       ATTRIBUTE_FAILED &&
	       attribute_write(lun, "removable", "1\n", error) == ATTRIBUTE_WRITTEN &&
	       attribute_write(lun, "ro", "1\n", error) == ATTRIBUTE_WRITTEN &&
	       attribute_write(lun, "cdrom", cd, error) == ATTRIBUTE_WRITTEN;
}

static int kernel_drive_describe(struct gadget_view *view,
		const struct kernel_drive_settings *settings, GError **error)
{
	const struct usbg_gadget_attrs attributes = {
			.bcdUSB = 0x0200,
			.bMaxPacketSize0 = 64,
			.idVendor = settings->vendor,
			.idProduct = settings->product,
			.bcdDevice = 0x0100,
	};
	const struct usbg_gadget_strs strings = {
			.manufacturer = (char *)settings->manufacturer,
			.product = (char *)settings->product_name,
			.serial = (char *)settings->serial,
	};
	const struct usbg_config_strs config_strings = {.configuration = (char *)"drive"};
	usbg_function *function;
	usbg_config *config;
	int result = usbg_set_gadget_attrs(view->gadget, &attributes);

	if (result == USBG_SUCCESS)
		result = usbg_set_gadget_strs(view->gadget, LANG_US_ENG, &strings);
	if (result == USBG_SUCCESS)
		result = usbg_create_config(
				view->gadget, 1, "drive", NULL, &config_strings, &config);
	if (result == USBG_SUCCESS)
		result = usbg_create_function(
				view->gadget, USBG_F_MASS_STORAGE, "drive", NULL, &function);
	if (result == USBG_SUCCESS && kernel_drive_set(settings, error))
		result = usbg_add_config_function(config, "drive", function);
	return result;
}

bool kernel_drive_create(const struct kernel_drive_settings *settings, GError **error)
{
	g_autofree char *folder = g_build_filename(
			settings->configfs, "usb_gadget", settings->name, NULL);
	struct gadget_view view;
	GError *failed = NULL;
	int result;

	if (mkdir(folder, 0755) < 0) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER, "cannot make gadget %s: %s",
				folder, g_strerror(errno));
		return false;
	}
	if (!gadget_view_open(&view, settings->configfs, settings->name, error)) {
		rmdir(folder);
		return false;
	}
	result = kernel_drive_describe(&view, settings, &failed);
	gadget_view_close(&view, settings->name);
	if (failed)
		g_propagate_error(error, failed);
	else if (result != USBG_SUCCESS)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"cannot make drive %s of the kernel's mass storage: %s; load "
				"usb_f_mass_storage (CONFIG_USB_CONFIGFS_MASS_STORAGE)",
				settings->name, usbg_strerror(result));
	else
		return true;
	gadget_remove(settings->configfs, settings->name, NULL);
	return false;
}

/* --- On the thread --- */

bool kernel_drive_fits(enum scsi_kind kind, uint64_t size, GError **error)
{
	if (kind == SCSI_CD && size > KERNEL_DRIVE_CD_MOST)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"has %" G_GUINT64_FORMAT
				" bytes, and the kernel's CD drive shows no more "
				"than %" G_GUINT64_FORMAT "; use a drive of backend \"userspace\"",
				size, (uint64_t)KERNEL_DRIVE_CD_MOST);
	else if (kind == SCSI_CD && size < KERNEL_DRIVE_CD_LEAST)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"has %" G_GUINT64_FORMAT
				" bytes, and the kernel's CD drive takes no less "
				"than %" G_GUINT64_FORMAT "; use a drive of backend \"userspace\"",
				size, (uint64_t)KERNEL_DRIVE_CD_LEAST);
	else if (size < 512)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER, "has less than one block");
	else
		return true;
	return false;
}

static bool kernel_drive_size(const char *path, uint64_t *size, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	bool good = fd >= 0 && fstat(fd, &status) == 0;
	int saved;

	if (good && S_ISBLK(status.st_mode))
		good = ioctl(fd, BLKGETSIZE64, size) == 0;
	else if (good)
		*size = status.st_size;
	saved = errno;
	if (fd >= 0)
		close(fd);
	if (!good) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER, "%s: %s", path,
				g_strerror(saved));
	} else if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode)) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"%s is neither a file nor a block device", path);
		good = false;
	}
	return good;
}

/* Words for what the kernel answers. */
static bool kernel_drive_write(const struct kernel_drive *drive, const char *attribute,
		const char *text, GError **error)
{
	g_autoptr(GError) failed = NULL;
	enum attribute_result result = attribute_write(drive->folder, attribute, text, &failed);

	if (result == ATTRIBUTE_WRITTEN)
		return true;
	if (result == ATTRIBUTE_ABSENT)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"the kernel's drive has no %s; use a drive of backend \"userspace\"",
				attribute);
	else if (g_error_matches(failed, G_FILE_ERROR, g_file_error_from_errno(EBUSY)) ||
			strstr(failed->message, g_strerror(EBUSY)))
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_TAKEN,
				"the node holds what is in the drive; eject it there, or with force");
	else
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER, "%s", failed->message);
	return false;
}

static bool kernel_drive_take_out(const struct kernel_drive *drive, bool force, GError **error)
{
	/* Kernels before 5.19 have no forced_eject; they take an empty line or nothing. */
	if (force && attribute_exists(drive->folder, "forced_eject"))
		return kernel_drive_write(drive, "forced_eject", "1\n", error);
	return kernel_drive_write(drive, "file", "\n", error);
}

static bool kernel_drive_put_in(const struct kernel_drive *drive,
		const struct kernel_drive_job *job, GError **error)
{
	g_autoptr(GError) failed = NULL;
	uint64_t size = 0;

	if (!kernel_drive_size(job->path, &size, error))
		return false;
	if (drive->kind == SCSI_CD && job->writable) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER, "a CD cannot be written");
		return false;
	}
	if (!kernel_drive_fits(drive->kind, size, &failed)) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER, "%s %s", job->path,
				failed->message);
		return false;
	}
	/* ro cannot be changed while something is in it. */
	return kernel_drive_take_out(drive, false, error) &&
	       kernel_drive_write(drive, "ro", job->writable ? "0\n" : "1\n", error) &&
	       kernel_drive_write(drive, "file", job->path, error);
}

static gboolean kernel_drive_ended(gpointer data);

static void kernel_drive_work(gpointer data, gpointer unused)
{
	struct kernel_drive_job *job = data;
	const struct kernel_drive *drive = job->drive;

	if (job->what == KERNEL_DRIVE_INSERT)
		kernel_drive_put_in(drive, job, &job->error);
	else if (job->what == KERNEL_DRIVE_EJECT)
		kernel_drive_take_out(drive, job->force, &job->error);
	job->file = attribute_text(drive->folder, "file");
	if (job->file && !*job->file)
		g_clear_pointer(&job->file, g_free);
	g_idle_add_full(G_PRIORITY_DEFAULT, kernel_drive_ended, job, kernel_drive_job_free);
}

/* --- On the main thread --- */

static struct kernel_drive_job *kernel_drive_job(
		struct kernel_drive *drive, enum kernel_drive_what what)
{
	struct kernel_drive_job *job = g_new0(struct kernel_drive_job, 1);

	g_atomic_int_inc(&drive->references);
	job->drive = drive;
	job->what = what;
	return job;
}

static void kernel_drive_begin(struct kernel_drive_job *job)
{
	struct kernel_drive *drive = job->drive;

	if (job->what == KERNEL_DRIVE_LOOK)
		drive->looking = true;
	else
		drive->jobs++;
	g_thread_pool_push(drive->pool, job, NULL);
}

static gboolean kernel_drive_ended(gpointer data)
{
	struct kernel_drive_job *job = data;
	struct kernel_drive *drive = job->drive;
	bool ejected;

	if (drive->closed)
		return G_SOURCE_REMOVE;
	if (job->what == KERNEL_DRIVE_LOOK)
		drive->looking = false;
	else
		drive->jobs--;
	/* What an insert or eject under way does is not the node's. */
	ejected = job->what == KERNEL_DRIVE_LOOK && !drive->jobs && drive->file && !job->file;
	if (job->what != KERNEL_DRIVE_LOOK || !drive->jobs) {
		g_free(drive->file);
		drive->file = g_steal_pointer(&job->file);
	}
	if (ejected)
		drive->events.ejected(drive->events.data);
	else if (job->done)
		job->done(job->error, job->data);
	return G_SOURCE_REMOVE;
}

/* The kernel tells nobody: only "file" shows it. */
static gboolean kernel_drive_look(gpointer data)
{
	struct kernel_drive *drive = data;

	if (drive->file && !drive->looking && !drive->jobs)
		kernel_drive_begin(kernel_drive_job(drive, KERNEL_DRIVE_LOOK));
	return G_SOURCE_CONTINUE;
}

struct kernel_drive *kernel_drive_new(const char *configfs, const char *name, enum scsi_kind kind,
		const struct kernel_drive_events *events)
{
	struct kernel_drive *drive = g_new0(struct kernel_drive, 1);

	drive->references = 1;
	drive->folder = kernel_drive_folder(configfs, name, "lun.0");
	drive->kind = kind;
	drive->events = *events;
	drive->pool = g_thread_pool_new(kernel_drive_work, NULL, 1, FALSE, NULL);
	drive->timer = g_timeout_add(KERNEL_DRIVE_LOOK_MS, kernel_drive_look, drive);
	return drive;
}

void kernel_drive_insert(struct kernel_drive *drive, const char *path, bool writable,
		kernel_drive_done_fn done, void *data)
{
	struct kernel_drive_job *job = kernel_drive_job(drive, KERNEL_DRIVE_INSERT);

	job->path = g_strdup(path);
	job->writable = writable;
	job->done = done;
	job->data = data;
	kernel_drive_begin(job);
}

void kernel_drive_eject(
		struct kernel_drive *drive, bool force, kernel_drive_done_fn done, void *data)
{
	struct kernel_drive_job *job = kernel_drive_job(drive, KERNEL_DRIVE_EJECT);

	job->force = force;
	job->done = done;
	job->data = data;
	kernel_drive_begin(job);
}

const char *kernel_drive_file(const struct kernel_drive *drive)
{
	return drive->file;
}

void kernel_drive_close(struct kernel_drive *drive)
{
	if (!drive)
		return;
	drive->closed = true;
	g_source_remove(drive->timer);
	/* What is under way ends in its own time; what only waits ends as well, unheard. */
	g_thread_pool_free(drive->pool, FALSE, FALSE);
	kernel_drive_unref(drive);
}
