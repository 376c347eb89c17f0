/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A configuration file of any bytes, against the console's table. */
#include <glib.h>
#include <sys/mman.h>
#include <unistd.h>
#include "src/console_config.h"
#include "tests/fuzz/targets.h"

int target_config(const uint8_t *data, size_t size)
{
	int fd = memfd_create("console.conf", MFD_CLOEXEC);
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	struct console_config config = {0};
	g_autoptr(GError) error = NULL;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	if (!console_config_load(&config, path, &error))
		g_assert_nonnull(error);
	console_config_clear(&config);
	close(fd);
	return 0;
}
