/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/videodev2.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include "src/check_part.h"

/* --- Video --- */

static const char check_video_access[] =
		"run as root, or add the console's user to the node's group (video)";

static bool check_captures(const struct v4l2_capability *capability)
{
	const uint32_t needed = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
	uint32_t can = capability->capabilities & V4L2_CAP_DEVICE_CAPS ? capability->device_caps
								       : capability->capabilities;

	return (can & needed) == needed;
}

/* What the driver calls its device, for people. */
static char *check_video_name(const struct check *check, const char *node)
{
	g_autofree char *path = g_strdup_printf("/sys/class/video4linux/%s/name", node);
	char *name = check_read(check, path);

	return name ? name : g_strdup("no name");
}

/* Returns whether it could be the node's picture. */
static bool check_video_node(struct check *check, const char *node)
{
	g_autofree char *path = check_path(check, "/dev/%s", node);
	g_autofree char *name = check_video_name(check, node);
	struct v4l2_capability capability = {0};
	int cause;

	if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
		check_say(check, CHECK_WARNING, "video", "does udev or devtmpfs run?",
				"%s (%s) has no node /dev/%s", node, name, node);
		return false;
	}
	if (check->world->access(path, R_OK | W_OK) < 0) {
		check_say(check, CHECK_WARNING, "video", check_video_access,
				"/dev/%s (%s) may not be opened", node, name);
		return false;
	}
	cause = check->world->capability(path, &capability);
	if (cause == EBUSY) {
		check_say(check, CHECK_WARNING, "video", "stop the other program (fuser)",
				"/dev/%s (%s) is in use", node, name);
		return false;
	}
	if (cause) {
		check_say(check, CHECK_WARNING, "video", NULL,
				"/dev/%s (%s) is no video device: %s", node, name,
				g_strerror(cause));
		return false;
	}
	if (!check_captures(&capability)) {
		check_say(check, CHECK_OK, "video", NULL, "/dev/%s (%s) does not capture; not used",
				node, name);
		return false;
	}
	check_say(check, CHECK_OK, "video", NULL, "/dev/%s (%s, driver %.16s) captures", node, name,
			(const char *)capability.driver);
	return true;
}

static void check_video(struct check *check)
{
	g_auto(GStrv) nodes = check_list(check, "/sys/class/video4linux", "video");
	int usable = 0;

	for (char **node = nodes; *node; node++)
		usable += check_video_node(check, *node);
	if (!*nodes)
		check_say(check, CHECK_MISSING, "video",
				"load the video engine's driver (ASPEED: CONFIG_VIDEO_ASPEED, and "
				"status = \"okay\" and a memory-region for video in the device tree; "
				"without hardware: modprobe vivid)",
				"there is no video device");
	else if (!usable)
		check_say(check, CHECK_MISSING, "video", "see the lines above",
				"no video device that captures can be used");
}

/* --- Reports --- */

static void check_reports(struct check *check)
{
	static const char rule[] =
			"a udev rule gives them away: KERNEL==\"hidg*\", GROUP=\"GROUP\", "
			"MODE=\"0660\"";
	g_auto(GStrv) nodes = check_list(check, "/dev", "hidg");

	for (char **node = nodes; *node; node++) {
		g_autofree char *path = check_path(check, "/dev/%s", *node);

		if (check->world->access(path, R_OK | W_OK) < 0)
			check_say(check, CHECK_MISSING, "reports", rule,
					"/dev/%s may not be opened", *node);
		else
			check_say(check, CHECK_OK, "reports", NULL, "/dev/%s may be opened", *node);
	}
	if (!*nodes && !check->world->super)
		check_say(check, CHECK_WARNING, "reports", rule,
				"/dev/hidgN will belong to root when the gadgets are bound");
	else if (!*nodes)
		check_say(check, CHECK_OK, "reports", NULL,
				"/dev/hidgN come when the gadgets are bound");
}

void check_devices(struct check *check)
{
	check_video(check);
	check_reports(check);
}
