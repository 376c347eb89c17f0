/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <sys/mman.h>
#include "spice/blank.h"

#define BLANK_WIDTH  640
#define BLANK_HEIGHT 480
#define BLANK_BYTES  ((size_t)BLANK_WIDTH * BLANK_HEIGHT * 4)

struct blank {
	QXLInstance qxl;
	void *surface;
};

/* All but the first few are called on the library's worker thread; none has anything to do. */

static void blank_attached(QXLInstance *qxl)
{
}

static void blank_set_compression_level(QXLInstance *qxl, int level)
{
}

static void blank_get_init_info(QXLInstance *qxl, QXLDevInitInfo *info)
{
	*info = (QXLDevInitInfo){
			.num_memslots_groups = 1,
			.num_memslots = 1,
			.memslot_gen_bits = 1,
			.memslot_id_bits = 1,
			.n_surfaces = 1,
	};
}

static int blank_get_command(QXLInstance *qxl, QXLCommandExt *command)
{
	return 0;
}

static int blank_req_notification(QXLInstance *qxl)
{
	return 1;
}

static void blank_release_resource(QXLInstance *qxl, QXLReleaseInfoExt info)
{
}

static void blank_notify_update(QXLInstance *qxl, uint32_t update_id)
{
}

static int blank_flush_resources(QXLInstance *qxl)
{
	return 0;
}

static void blank_async_complete(QXLInstance *qxl, uint64_t cookie)
{
}

static void blank_update_area_complete(
		QXLInstance *qxl, uint32_t surface, struct QXLRect *rectangles, uint32_t count)
{
}

static void blank_set_client_capabilities(
		QXLInstance *qxl, uint8_t present, uint8_t caps[SPICE_CAPABILITIES_SIZE])
{
}

static int blank_client_monitors_config(QXLInstance *qxl, VDAgentMonitorsConfig *config)
{
	return 1; /* heard, and not followed: the node alone sets its resolution */
}

static const QXLInterface blank_interface = {
		.base = {.type = SPICE_INTERFACE_QXL,
				.description = "blank screen",
				.major_version = SPICE_INTERFACE_QXL_MAJOR,
				.minor_version = SPICE_INTERFACE_QXL_MINOR},
		.attached_worker = blank_attached,
		.set_compression_level = blank_set_compression_level,
		.get_init_info = blank_get_init_info,
		.get_command = blank_get_command,
		.req_cmd_notification = blank_req_notification,
		.release_resource = blank_release_resource,
		.get_cursor_command = blank_get_command,
		.req_cursor_notification = blank_req_notification,
		.notify_update = blank_notify_update,
		.flush_resources = blank_flush_resources,
		.async_complete = blank_async_complete,
		.update_area_complete = blank_update_area_complete,
		.set_client_capabilities = blank_set_client_capabilities,
		.client_monitors_config = blank_client_monitors_config,
};

struct blank *blank_new(void)
{
	struct blank *blank = g_new0(struct blank, 1);

	blank->qxl.base.sif = &blank_interface.base;
	blank->surface = mmap(NULL, BLANK_BYTES, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (blank->surface != MAP_FAILED)
		return blank;
	g_free(blank);
	return NULL;
}

bool blank_attach(struct blank *blank, SpiceServer *server)
{
	QXLDevMemSlot slot = {.virt_end = UINTPTR_MAX, .qxl_ram_size = UINT32_MAX};
	QXLDevSurfaceCreate surface = {
			.width = BLANK_WIDTH,
			.height = BLANK_HEIGHT,
			.stride = BLANK_WIDTH * 4,
			.format = SPICE_SURFACE_FMT_32_xRGB,
			.mouse_mode = 1,                  /* what it is all for */
			.flags = QXL_SURF_FLAG_KEEP_DATA, /* or the library would clear it */
			.type = QXL_SURF_TYPE_PRIMARY,
			.mem = (uintptr_t)blank->surface,
	};

	if (spice_server_add_interface(server, &blank->qxl.base) != 0)
		return false;
	spice_qxl_add_memslot(&blank->qxl, &slot);
	spice_qxl_create_primary_surface(&blank->qxl, 0, &surface);
	return true;
}

void blank_free(struct blank *blank)
{
	if (!blank)
		return;
	munmap(blank->surface, BLANK_BYTES);
	g_free(blank);
}
