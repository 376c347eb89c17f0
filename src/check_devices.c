/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <linux/videodev2.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include "src/check_part.h"
#include "src/console_config.h"

/* --- Video --- */

static bool check_captures(const struct v4l2_capability *capability)
{
	const uint32_t needed = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
	uint32_t can = capability->capabilities & V4L2_CAP_DEVICE_CAPS ? capability->device_caps
								       : capability->capabilities;

	return (can & needed) == needed;
}

/* What it is called in a line: its path, and what its driver calls it. */
static char *check_video_label(const struct check *check, const char *path)
{
	g_autofree char *node = g_path_get_basename(path);
	g_autofree char *name_path = g_strdup_printf("/sys/class/video4linux/%s/name", node);
	g_autofree char *name = check_read(check, name_path);

	return name ? g_strdup_printf("%s (%s)", path, name) : g_strdup(path);
}

static bool check_video_refuse(struct check *check, const char *label, int cause)
{
	if (cause == ENOENT)
		check_say(check, CHECK_WARNING, "video", "does udev or devtmpfs run?",
				"%s is not there", label);
	else if (cause == EACCES || cause == EPERM)
		check_say(check, CHECK_WARNING, "video",
				"run as root, or add the console's user to its group (video)",
				"%s may not be opened", label);
	else if (cause == EBUSY)
		check_say(check, CHECK_WARNING, "video", "stop the other program (fuser)",
				"%s is in use", label);
	else
		check_say(check, CHECK_WARNING, "video", NULL, "%s is no video device: %s", label,
				g_strerror(cause));
	return false;
}

/* Returns whether it could be the node's picture. */
static bool check_video_node(struct check *check, const char *path)
{
	g_autofree char *full = check_path(check, path);
	g_autofree char *label = check_video_label(check, path);
	struct v4l2_capability capability = {0};
	int cause;

	if (check->world->access(full, F_OK) < 0 || check->world->access(full, R_OK | W_OK) < 0)
		return check_video_refuse(check, label, errno);
	cause = check->world->capability(full, &capability);
	if (cause)
		return check_video_refuse(check, label, cause);
	if (!check_captures(&capability)) {
		check_say(check, CHECK_OK, "video", NULL, "%s does not capture; not used", label);
		return false;
	}
	check_say(check, CHECK_OK, "video", NULL, "%s captures (driver %.16s)", label,
			(const char *)capability.driver);
	return true;
}

static int check_video_all(struct check *check)
{
	g_auto(GStrv) nodes = check_list(check, "/sys/class/video4linux", "video");
	int usable = 0;

	for (char **node = nodes; *node; node++) {
		g_autofree char *path = g_strconcat("/dev/", *node, NULL);

		usable += check_video_node(check, path);
	}
	if (!*nodes)
		check_say(check, CHECK_MISSING, "video",
				"load the video engine's driver (ASPEED: CONFIG_VIDEO_ASPEED, and "
				"status = \"okay\" and a memory-region for video in the device tree; "
				"without hardware: modprobe vivid)",
				"there is no video device");
	return *nodes ? usable : -1;
}

static void check_video(struct check *check)
{
	const char *device = check->config->video.device;
	int usable = device ? check_video_node(check, device) : check_video_all(check);

	if (usable == 0)
		check_say(check, CHECK_MISSING, "video", "see above",
				device ? "the device of [capture] cannot be used"
				       : "no device that captures can be used");
}

/* --- Reports --- */

static void check_reports(struct check *check)
{
	static const char rule[] =
			"a udev rule gives them away: KERNEL==\"hidg*\", GROUP=\"GROUP\", "
			"MODE=\"0660\"";
	g_auto(GStrv) nodes = check_list(check, "/dev", "hidg");

	for (char **node = nodes; *node; node++) {
		g_autofree char *path = g_strconcat("/dev/", *node, NULL);
		g_autofree char *full = check_path(check, path);

		if (check->world->access(full, R_OK | W_OK) < 0)
			check_say(check, CHECK_MISSING, "reports", rule, "%s may not be opened",
					path);
		else
			check_say(check, CHECK_OK, "reports", NULL, "%s may be opened", path);
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
