/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every key of console.conf; spicerack-console(8) and the example say the same in words. */
#include "sim/keymap.h"
#include "src/console_config.h"

static const struct config_choice images[] = {
		{"jpeg", CONSOLE_IMAGE_JPEG},
		{"lossless", CONSOLE_IMAGE_LOSSLESS},
		{0},
};

static const struct config_choice displays[] = {
		{"direct", CONSOLE_DISPLAY_DIRECT},
		{"library", CONSOLE_DISPLAY_LIBRARY},
		{0},
};

static const struct config_choice sources[] = {
		{"simulate", CONSOLE_SOURCE_SIMULATE},
		{"replay", CONSOLE_SOURCE_REPLAY},
		{"v4l2", CONSOLE_SOURCE_V4L2},
		{0},
};

static const struct config_choice formats[] = {
		{"auto", V4L2_CHOICE_AUTO},
		{"ajpg", V4L2_CHOICE_AJPG},
		{"jpeg", V4L2_CHOICE_JPEG},
		{"mjpeg", V4L2_CHOICE_MJPEG},
		{"xbgr32", V4L2_CHOICE_XBGR32},
		{"bgr24", V4L2_CHOICE_BGR24},
		{"uyvy", V4L2_CHOICE_UYVY},
		{"yuyv", V4L2_CHOICE_YUYV},
		{0},
};

static const struct config_choice targets[] = {
		{"auto", CONSOLE_DEVICES_AUTO},
		{"hub", CONSOLE_DEVICES_HUB},
		{"simulate", CONSOLE_DEVICES_SIMULATE},
		{"none", CONSOLE_DEVICES_NONE},
		{0},
};

static const struct config_choice controls[] = {
		{"shared", HOLD_SHARED},
		{"latest", HOLD_LATEST},
		{"ask", HOLD_ASK},
		{"never", HOLD_NEVER},
		{0},
};

static const struct config_choice layouts[] = {
		{"keyboard-apart", HUB_KEYBOARD_APART},
		{"separate", HUB_SEPARATE},
		{"composite", HUB_COMPOSITE},
		{0},
};

static const struct config_choice codecs[] = {
		{"ajpg", CAPTURE_AJPG},
		{"jpeg", CAPTURE_JPEG},
		{0},
};

static const struct config_choice keymaps[] = {
		{"us", KEYMAP_US},
		{"gb", KEYMAP_GB},
		{"de", KEYMAP_DE},
		{"es", KEYMAP_ES},
		{"fr", KEYMAP_FR},
		{"jp", KEYMAP_JP},
		{"ru", KEYMAP_RU},
		{0},
};

static const struct config_choice chromas[] = {
		{"444", 444},
		{"420", 420},
		{0},
};

/*
 * A key of each type: group, key, the member of struct console_config, what is allowed, what it is
 * without the key (NULL: nothing), and its help.
 */
#define KEY(type, group, key, member, fallback, help, min, max, choices)                      \
	{                                                                                     \
		group, key, type, offsetof(struct console_config, member), min, max, choices, \
				fallback, help, false, 0                                      \
	}
#define STRING(group, key, member, fallback, help) \
	KEY(CONFIG_STRING, group, key, member, fallback, help, 0, 0, NULL)
#define PATH(group, key, member, fallback, help) \
	KEY(CONFIG_PATH, group, key, member, fallback, help, 0, 0, NULL)
#define LIST(group, key, member, fallback, help) \
	KEY(CONFIG_LIST, group, key, member, fallback, help, 0, 0, NULL)
#define BOOLEAN(group, key, member, fallback, help) \
	KEY(CONFIG_BOOLEAN, group, key, member, fallback, help, 0, 0, NULL)
#define INTEGER(group, key, member, min, max, fallback, help) \
	KEY(CONFIG_INTEGER, group, key, member, fallback, help, min, max, NULL)
#define HEX(group, key, member, min, max, fallback, help) \
	KEY(CONFIG_HEX, group, key, member, fallback, help, min, max, NULL)
#define CHOICE(group, key, member, choices, fallback, help) \
	KEY(CONFIG_CHOICE, group, key, member, fallback, help, 0, 0, choices)

const struct config_key console_config_table[] = {
		LIST("spice", "listen", listen, "127.0.0.1:5900",
				"Where SPICE clients connect: HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH."),
		STRING("spice", "name", name, "spicerack", "What the client shows in its title."),
		PATH("spice", "password-file", password_file, NULL,
				"Its first line is the password; only its owner may have access."),
		LIST("spice", "view-listen", view_listen, NULL,
				"More addresses like those, of which viewers may only look."),
		PATH("spice", "view-password-file", view_password_file, NULL,
				"Its first line is a password that lets viewers in who may only look."),
		BOOLEAN("spice", "allow-no-password", allow_no_password, "false",
				"Ask for no password also where others than this machine's users can come to."),
		PATH("spice", "certificate", certificate, NULL,
				"The certificate for TLS and those that lead to its issuer, a PEM file."),
		PATH("spice", "key", key, NULL, "The certificate's key, a PEM file."),
		BOOLEAN("spice", "allow-plain", allow_plain, "false",
				"Let viewers in without TLS though there is a certificate."),
		LIST("spice", "origins", origins, NULL,
				"Web sites whose pages may connect, as https://HOST; *: any. Without it: this host's."),
		INTEGER("spice", "viewers", viewers, 1, CONSOLE_CONFIG_VIEWERS_MAX, "4",
				"How many may look at a time."),
		INTEGER("spice", "idle-s", idle, 0, 86400, "0",
				"Seconds after which a viewer that touches nothing is sent away; 0: never."),
		CHOICE("spice", "display", display, displays, "direct",
				"How the picture is sent: as the video engine made it, or made anew by spice-server."),
		CHOICE("spice", "image", image, images, "jpeg",
				"How changed parts of the picture are sent with display = library."),

		CHOICE("capture", "source", source, sources, "v4l2",
				"Where the picture comes from."),
		PATH("capture", "device", video.device, NULL,
				"The video device; without it the Aspeed engine, else the first that captures."),
		INTEGER("capture", "input", video.input, -1, 31, "-1",
				"The device's input; -1: the one that is set."),
		INTEGER("capture", "width", video.width, 0, 4096, "0",
				"Pixels, of cameras and grabbers with a choice; 0: as the device has it."),
		INTEGER("capture", "height", video.height, 0, 4096, "0",
				"Pixels, of cameras and grabbers with a choice; 0: as the device has it."),
		CHOICE("capture", "format", video.format, formats, "auto",
				"What the video device is asked for; auto: the first of these that it has."),
		INTEGER("capture", "rate", video.rate, 1, 60, "30", "Frames per second at most."),
		INTEGER("capture", "quality", video.quality.selector, 0, 11, "7",
				"The video engine's quantiser, 0 is the coarsest."),
		CHOICE("capture", "chroma", video.quality.chroma, chromas, "420",
				"The video engine's colour resolution."),
		INTEGER("capture", "hq-quality", video.quality.hq_selector, -1, 11, "-1",
				"The quantiser of a second pass over what stands still; -1: none."),
		BOOLEAN("capture", "adaptive-quality", adaptive, "true",
				"Use a coarser quantiser while a viewer's link is slow."),
		PATH("capture", "replay-list", replay_list, NULL,
				"The list of the frames of a recording."),
		INTEGER("capture", "replay-rate", replay_rate, 1, 60, "30",
				"Frames of the recording per second."),
		BOOLEAN("capture", "replay-loop", replay_loop, "false",
				"Begin the recording again when it ends."),

		CHOICE("simulate", "codec", simulate.codec, codecs, "ajpg",
				"What the simulated video engine sends."),
		CHOICE("simulate", "chroma", simulate.chroma, chromas, "444",
				"Its colour resolution."),
		INTEGER("simulate", "selector", simulate.selector, 0, 11, "4",
				"Its quantiser, 0 is the coarsest."),
		INTEGER("simulate", "second-selector", simulate.second_selector, -1, 11, "-1",
				"The quantiser of a second pass over what stands still; -1: none."),
		BOOLEAN("simulate", "vq", simulate.vq, "false",
				"Send blocks of few colours by vector quantisation."),
		INTEGER("simulate", "rate", simulate.rate, 1, 60, "30",
				"Its frames per second at most."),
		CHOICE("simulate", "layout", simulate_layout, keymaps, "us",
				"What its keyboards are."),

		CHOICE("input", "devices", devices, targets, "auto",
				"Where keys and pointer go; auto: to the hub, or to the simulated node."),
		CHOICE("input", "control", control, controls, "shared",
				"Who of several viewers has keyboard and mouse: all, the latest, who asks, or never another."),
		INTEGER("input", "release-s", release, 0, 86400, "300",
				"Seconds after which who has them and touches nothing has them no more; 0: never."),
		INTEGER("input", "answer-s", answer, 0, 3600, "30",
				"Seconds of his silence that grant a request (control = ask); 0: never by themselves."),
		INTEGER("input", "key-limit-s", key_limit, 0, 3600, "60",
				"Seconds that a key may stay down without a word from the client; 0: for ever."),

		LIST("hub", "ports", ports, NULL,
				"USB device controllers to use, in this order; without it the first free ones."),
		CHOICE("hub", "layout", layout, layouts, "keyboard-apart",
				"Which devices share a port."),
		BOOLEAN("hub", "absolute-pointer", absolute, "true",
				"Give the node a tablet, whose pointer is where the client's is."),
		BOOLEAN("hub", "relative-mouse", relative, "true",
				"Give the node a mouse, for firmware that knows no tablet."),
		STRING("hub", "name", hub_name, "spicerack",
				"What the gadgets' names in configfs begin with; one for each console."),
		HEX("hub", "vendor-id", vendor, 0, 0xffff, "0x1d6b", "USB vendor."),
		HEX("hub", "product-id", product, 0, 0xffff, "0x0104", "USB product."),
		STRING("hub", "manufacturer", manufacturer, "spicerack",
				"The manufacturer's name that the node sees."),
		STRING("hub", "product", product_name, "Remote console",
				"The product's name that the node sees."),
		STRING("hub", "serial", serial, "1", "The serial number that the node sees."),

		LIST("media", "drives", drives, "cd;disk",
				"The node's drives: cd, cd2 and so on are CD drives, disk, disk2 disks."),
		LIST("media", "kernel-drives", kernel_drives, NULL,
				"Those of them that the kernel runs: for local files, at half the effort."),
		INTEGER("media", "cache", cache, 1, 1024, "32",
				"MiB of memory for what is in a drive."),
		INTEGER("media", "read-ahead", read_ahead, 0, 512, "4",
				"MiB that are read ahead at most, up to half of the cache; 0: nothing."),
		INTEGER("media", "retry-limit-s", retry_limit, 0, 86400, "600",
				"Seconds that an image's server may be away before reads fail; 0: for ever."),
		PATH("media", "overlay-folder", overlay_folder, NULL,
				"Where what the node writes is kept until the eject, when asked for."),
		PATH("media", "cache-folder", cache_folder, NULL,
				"Where blocks of images are kept for the next time, when asked for."),
		INTEGER("media", "cache-folder-limit", cache_folder_limit, 1, 1048576, "4096",
				"MiB in that folder."),

		INTEGER("recording", "memory", recording.memory, 0, 1024, "0",
				"MiB of memory for what the node showed of late; 0: it is not recorded."),
		BOOLEAN("recording", "always", recording.always, "false",
				"Record also while nobody looks."),
		PATH("recording", "file", recording.file, NULL,
				"A Matroska file that what the node shows is written to, as long as it shows."),
		INTEGER("recording", "file-limit", recording.limit, 2, 1048576, "1024",
				"MiB of that file and of the one before, FILE.1."),
		INTEGER("recording", "file-rate", recording.rate, 1, 30, "5",
				"Frames per second in that file at most."),

		API_CONFIG_KEYS(struct console_config, api),

		STRING("power", "on-command", power.on_command, NULL,
				"The command that switches the node on."),
		STRING("power", "off-command", power.off_command, NULL,
				"The command that switches it off at once."),
		STRING("power", "cycle-command", power.cycle_command, NULL,
				"The command that switches it off and on again."),
		STRING("power", "reset-command", power.reset_command, NULL,
				"The command that resets it."),
		STRING("power", "soft-command", power.soft_command, NULL,
				"The command that asks its system to shut down."),
		STRING("power", "status-command", power.status_command, NULL,
				"The command that ends with 0 when the node is on, with 1 when it is off."),
		INTEGER("power", "poll-s", power.poll, 1, 3600, "10",
				"Seconds between two looks at whether the node is on."),
		INTEGER("power", "timeout-s", power.timeout, 1, 25, "20",
				"Seconds that a command may take."),
		{0},
};

const char *console_config_source(const struct console_config *config)
{
	const struct config_choice *choice = sources;

	while (choice->name && choice->value != (int)config->source)
		choice++;
	return choice->name;
}
