/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/functionfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "gadget/fault.h"
#include "gadget/ffs.h"
#include "gadget/kept.h"

/* linux/mount.h, which some C libraries' sys/mount.h does not bear beside it */
#define FFS_FSOPEN_CLOEXEC      1
#define FFS_FSCONFIG_SET_STRING 1
#define FFS_FSCONFIG_CMD_CREATE 6
#define FFS_FSMOUNT_CLOEXEC     1

#define FFS_SUBCLASS_SCSI 0x06 /* USB Mass Storage Class overview 1.4, table 1 */
#define FFS_PROTOCOL_BULK 0x50 /* ... and table 2: Bulk-Only */
#define FFS_BURST         15   /* packets of a SuperSpeed burst, less one (USB 3, 9.6.7) */
#define FFS_LANGUAGE      0x0409
#define FFS_STRING        "Removable drive"

/* --- What the kernel is told of the function --- */

struct ffs_interface {
	struct usb_interface_descriptor interface;
	struct usb_endpoint_descriptor_no_audio in, out;
} __attribute__((packed));

struct ffs_super_interface {
	struct usb_interface_descriptor interface;
	struct usb_endpoint_descriptor_no_audio in;
	struct usb_ss_ep_comp_descriptor in_companion;
	struct usb_endpoint_descriptor_no_audio out;
	struct usb_ss_ep_comp_descriptor out_companion;
} __attribute__((packed));

struct ffs_descriptors {
	struct usb_functionfs_descs_head_v2 head;
	__le32 full_count, high_count, super_count;
	struct ffs_interface full, high;
	struct ffs_super_interface super;
} __attribute__((packed));

struct ffs_strings {
	struct usb_functionfs_strings_head head;
	__le16 language;
	char interface[sizeof(FFS_STRING)];
} __attribute__((packed));

static const struct usb_interface_descriptor ffs_interface = {
		.bLength = USB_DT_INTERFACE_SIZE,
		.bDescriptorType = USB_DT_INTERFACE,
		.bNumEndpoints = 2,
		.bInterfaceClass = USB_CLASS_MASS_STORAGE,
		.bInterfaceSubClass = FFS_SUBCLASS_SCSI,
		.bInterfaceProtocol = FFS_PROTOCOL_BULK,
		.iInterface = 1,
};

static const struct usb_ss_ep_comp_descriptor ffs_companion = {
		.bLength = USB_DT_SS_EP_COMP_SIZE,
		.bDescriptorType = USB_DT_SS_ENDPOINT_COMP,
		.bMaxBurst = FFS_BURST,
};

static struct usb_endpoint_descriptor_no_audio ffs_endpoint(int address, int packet)
{
	return (struct usb_endpoint_descriptor_no_audio){
			.bLength = USB_DT_ENDPOINT_SIZE,
			.bDescriptorType = USB_DT_ENDPOINT,
			.bEndpointAddress = address,
			.bmAttributes = USB_ENDPOINT_XFER_BULK,
			.wMaxPacketSize = htole16(packet),
	};
}

static struct ffs_interface ffs_describe_interface(int packet)
{
	return (struct ffs_interface){
			.interface = ffs_interface,
			.in = ffs_endpoint(USB_DIR_IN | 1, packet),
			.out = ffs_endpoint(USB_DIR_OUT | 2, packet),
	};
}

/* 0 or an errno. */
static int ffs_describe(int ep0)
{
	const struct ffs_descriptors descriptors = {
			.head = {htole32(FUNCTIONFS_DESCRIPTORS_MAGIC_V2),
					htole32(sizeof(descriptors)),
					htole32(FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC |
							FUNCTIONFS_HAS_SS_DESC)},
			.full_count = htole32(3),
			.high_count = htole32(3),
			.super_count = htole32(5),
			.full = ffs_describe_interface(64),
			.high = ffs_describe_interface(512),
			.super = {
					.interface = ffs_interface,
					.in = ffs_endpoint(USB_DIR_IN | 1, 1024),
					.in_companion = ffs_companion,
					.out = ffs_endpoint(USB_DIR_OUT | 2, 1024),
					.out_companion = ffs_companion,
			}};
	/* One byte more and the kernel refuses it. */
	const struct ffs_strings strings = {
			.head = {htole32(FUNCTIONFS_STRINGS_MAGIC), htole32(sizeof(strings)),
					htole32(1), htole32(1)},
			.language = htole16(FFS_LANGUAGE),
			.interface = FFS_STRING,
	};

	if (write(ep0, &descriptors, sizeof(descriptors)) < 0 ||
			write(ep0, &strings, sizeof(strings)) < 0)
		return errno;
	return 0;
}

/* --- Opening it --- */

/* A mount that is nowhere, so that it goes with the last descriptor; or -errno. */
static int ffs_mount_nowhere(const char *name)
{
	int context = syscall(SYS_fsopen, "functionfs", FFS_FSOPEN_CLOEXEC);
	int mount = -1, saved;

	if (context >= 0 &&
			syscall(SYS_fsconfig, context, FFS_FSCONFIG_SET_STRING, "source", name,
					0) == 0 &&
			syscall(SYS_fsconfig, context, FFS_FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		mount = syscall(SYS_fsmount, context, FFS_FSMOUNT_CLOEXEC, 0);
	saved = errno;
	if (context >= 0)
		close(context);
	return mount >= 0 ? mount : -saved;
}

/* The same before Linux 5.2: at a folder for a moment. */
static int ffs_mount_folder(const char *name)
{
	char *folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	int mounted = -ENOENT;

	if (!folder)
		return mounted;
	if (mount(name, folder, "functionfs", MS_NOSUID | MS_NOEXEC | MS_NODEV, NULL) == 0) {
		mounted = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (mounted < 0)
			mounted = -errno;
		umount2(folder, MNT_DETACH);
	} else {
		mounted = -errno;
	}
	rmdir(folder);
	g_free(folder);
	return mounted;
}

static int ffs_mount(const char *name)
{
	int mount = ffs_mount_nowhere(name);

	return mount == -ENOSYS ? ffs_mount_folder(name) : mount;
}

/* The endpoints' files come with the strings. 0 or an errno. */
static int ffs_open_in(int mount, struct ffs *ffs)
{
	const int flags = O_RDWR | O_NONBLOCK | O_CLOEXEC;
	int failed;

	ffs->ep0 = openat(mount, "ep0", flags);
	failed = ffs->ep0 < 0 ? errno : ffs_describe(ffs->ep0);
	if (failed)
		return failed;
	ffs->in = openat(mount, "ep1", flags);
	ffs->out = openat(mount, "ep2", flags);
	return ffs->in < 0 || ffs->out < 0 ? errno : 0;
}

bool ffs_open(const char *name, struct ffs *ffs, GError **error)
{
	int mount = ffs_mount(name), failed;

	*ffs = FFS_NONE;
	if (mount < 0) {
		const char *remedy = "it is tried again";

		if (mount == -EPERM || mount == -EACCES)
			remedy = "run as root or with CAP_SYS_ADMIN";
		else if (mount == -EBUSY)
			remedy = "another process has it; stop that";
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"cannot mount FunctionFS for drive %s: %s; %s", name,
				g_strerror(-mount), remedy);
		return false;
	}
	failed = ffs_open_in(mount, ffs);
	close(mount);
	if (!failed)
		return true;
	ffs_close(ffs);
	g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
			"FunctionFS does not take drive %s: %s; the kernel's log (dmesg) may say more",
			name, g_strerror(failed));
	return false;
}

/* --- Beyond this process --- */

enum ffs_file { FFS_EP0, FFS_IN, FFS_OUT, FFS_FILES };

static const char *const ffs_files[FFS_FILES] = {"ep0", "in", "out"};

bool ffs_take(const struct kept *kept, const char *name, struct ffs *ffs)
{
	int *const files[FFS_FILES] = {&ffs->ep0, &ffs->in, &ffs->out};
	bool all = true;

	*ffs = FFS_NONE;
	for (int i = 0; i < FFS_FILES; i++) {
		g_autofree char *known = g_strdup_printf("%s.%s", name, ffs_files[i]);

		*files[i] = kept->take(known, kept->data);
		all &= *files[i] >= 0;
	}
	if (!all)
		ffs_close(ffs);
	return all;
}

void ffs_keep(const struct kept *kept, const char *name, const struct ffs *ffs)
{
	const int files[FFS_FILES] = {ffs->ep0, ffs->in, ffs->out};

	for (int i = 0; i < FFS_FILES; i++) {
		g_autofree char *known = g_strdup_printf("%s.%s", name, ffs_files[i]);

		kept->keep(known, files[i], kept->data);
	}
}

void ffs_drop(const struct kept *kept, const char *name)
{
	for (int i = 0; i < FFS_FILES; i++) {
		g_autofree char *known = g_strdup_printf("%s.%s", name, ffs_files[i]);

		kept->drop(known, kept->data);
	}
}

void ffs_close(struct ffs *ffs)
{
	const int files[] = {ffs->in, ffs->out, ffs->ep0};

	for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
		if (files[i] >= 0)
			close(files[i]);
	*ffs = FFS_NONE;
}

size_t ffs_packet(const struct ffs *ffs)
{
	struct usb_endpoint_descriptor descriptor;

	if (ioctl(ffs->in, FUNCTIONFS_ENDPOINT_DESC, &descriptor) < 0)
		return 0;
	return le16toh(descriptor.wMaxPacketSize);
}
