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
#include "gadget/gadget_part.h"
#include "gadget/kernel_drive.h"

enum kernel_drive_what { KERNEL_DRIVE_LOOK, KERNEL_DRIVE_INSERT, KERNEL_DRIVE_EJECT };

/* Shared with the thread, which lives on alone when the kernel does not let go of it. */
struct kernel_drive {
	gint references;
	char *folder; /* of the LUN in configfs */
	enum scsi_kind kind;
	GThreadPool *pool; /* one thread: its work is in order */
	/* Main thread: */
	struct kernel_drive_events events;
	bool closed, looking, found;
	unsigned int jobs; /* inserts and ejects that have not ended */
	char *file;        /* NULL: none */
	uint64_t size;
	bool read_only;
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
	uint64_t size;
	bool read_only;
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
	return g_build_filename(configfs, "usb_gadget", name, "functions",
			"mass_storage." KERNEL_DRIVE_FUNCTION, part, NULL);
}

/* Before it is part of a configuration: it cannot be changed then. */
static bool kernel_drive_set(const char *configfs, const struct gadget *gadget, GError **error)
{
	g_autofree char *lun = kernel_drive_folder(configfs, gadget->name, "lun.0");
	g_autofree char *function = kernel_drive_folder(configfs, gadget->name, NULL);
	const char *cd = gadget->lun == GADGET_LUN_CD ? "1\n" : "0\n";

	/* Firmware takes short answers better than stalls, as with a drive of our own. */
	return attribute_write(function, "stall", "0\n", error) != ATTRIBUTE_FAILED &&
	       attribute_write(lun, "removable", "1\n", error) == ATTRIBUTE_WRITTEN &&
	       attribute_write(lun, "ro", "1\n", error) == ATTRIBUTE_WRITTEN &&
	       attribute_write(lun, "cdrom", cd, error) == ATTRIBUTE_WRITTEN;
}

bool kernel_drive_function_create(const char *configfs, struct gadget_view *view,
		const struct gadget *gadget, usbg_function **made, GError **error)
{
	g_autoptr(GError) failed = NULL;
	int result = usbg_create_function(
			view->gadget, USBG_F_MASS_STORAGE, KERNEL_DRIVE_FUNCTION, NULL, made);

	if (result == USBG_ERROR_NOT_FOUND)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"the kernel has no mass storage, which its drives are made of; load "
				"usb_f_mass_storage (CONFIG_USB_CONFIGFS_MASS_STORAGE)");
	else if (result != USBG_SUCCESS)
		gadget_failed(error, configfs, "add mass storage to", gadget->name, result);
	else if (kernel_drive_set(configfs, gadget, &failed))
		return true;
	else
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"the kernel's mass storage does not take drive %s: %s",
				gadget->name, failed ? failed->message : "it lacks an attribute");
	return false;
}

/* --- On the thread --- */

bool kernel_drive_fits(enum scsi_kind kind, uint64_t size, GError **error)
{
	unsigned int block = kind == SCSI_CD ? 2048 : 512;

	if (kind == SCSI_CD && size > KERNEL_DRIVE_CD_MOST)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_UNFIT,
				"has %" G_GUINT64_FORMAT
				" bytes, and the kernel's CD drive shows no more "
				"than %" G_GUINT64_FORMAT,
				size, (uint64_t)KERNEL_DRIVE_CD_MOST);
	else if (kind == SCSI_CD && size < KERNEL_DRIVE_CD_LEAST)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_UNFIT,
				"has %" G_GUINT64_FORMAT
				" bytes, and the kernel's CD drive takes no less "
				"than %" G_GUINT64_FORMAT,
				size, (uint64_t)KERNEL_DRIVE_CD_LEAST);
	else if (size == 0 || size % block != 0)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_UNFIT,
				"has %" G_GUINT64_FORMAT
				" bytes, which are not whole blocks of %u: the kernel's drive would "
				"cut it off",
				size, block);
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
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER, "%s", g_strerror(saved));
	} else if (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode)) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"is neither a file nor a block device");
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
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER, "the kernel's drive has no %s",
				attribute);
	else if (g_error_matches(failed, G_FILE_ERROR, g_file_error_from_errno(EBUSY)) ||
			strstr(failed->message, g_strerror(EBUSY)))
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_TAKEN,
				"the node holds what is in the drive; eject it there, or by force");
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

static bool kernel_drive_is_ro(const struct kernel_drive *drive)
{
	g_autofree char *text = attribute_text(drive->folder, "ro");

	return !text || *text != '0';
}

/* The kernel is content with reading when it may not write. */
static bool kernel_drive_is_writable(const struct kernel_drive *drive,
		const struct kernel_drive_job *job, GError **error)
{
	if (!job->writable || !kernel_drive_is_ro(drive))
		return true;
	kernel_drive_take_out(drive, true, NULL);
	g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
			"can be read only; insert it read-only, or give leave to write it");
	return false;
}

static bool kernel_drive_put_in(const struct kernel_drive *drive,
		const struct kernel_drive_job *job, GError **error)
{
	uint64_t size = 0;

	if (!kernel_drive_size(job->path, &size, error))
		return false;
	if (drive->kind == SCSI_CD && job->writable) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER, "a CD cannot be written");
		return false;
	}
	if (!kernel_drive_fits(drive->kind, size, error))
		return false;
	/* ro cannot be changed while something is in it. */
	return kernel_drive_take_out(drive, false, error) &&
	       kernel_drive_write(drive, "ro", job->writable ? "0\n" : "1\n", error) &&
	       kernel_drive_write(drive, "file", job->path, error) &&
	       kernel_drive_is_writable(drive, job, error);
}

static void kernel_drive_read(struct kernel_drive_job *job)
{
	job->file = attribute_text(job->drive->folder, "file");
	if (job->file && !*job->file)
		g_clear_pointer(&job->file, g_free);
	job->read_only = kernel_drive_is_ro(job->drive);
	if (job->file && !kernel_drive_size(job->file, &job->size, NULL))
		job->size = 0;
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
	kernel_drive_read(job);
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
		drive->size = job->size;
		drive->read_only = job->read_only;
	}
	if (!drive->found) {
		drive->found = true;
		if (drive->events.found)
			drive->events.found(drive->file, drive->events.data);
	} else if (ejected)
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
	kernel_drive_begin(kernel_drive_job(drive, KERNEL_DRIVE_LOOK));
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

void kernel_drive_medium(const struct kernel_drive *drive, struct kernel_drive_medium *medium)
{
	*medium = (struct kernel_drive_medium){drive->file, drive->size, !drive->read_only};
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
