/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "src/console_config.h"
#include "src/password_file.h"

#define CONSOLE_CONFIG_FILE SYSCONFDIR "/spicerack/console.conf"

void console_config_defaults(struct console_config *config)
{
	console_config_clear(config);
	config_defaults(console_config_table, config);
}

void console_config_clear(struct console_config *config)
{
	config_clear(console_config_table, config);
	g_clear_pointer(&config->password, password_file_forget);
	g_clear_pointer(&config->view_password, password_file_forget);
}

struct capture_quality console_config_quality(const struct console_config *config)
{
	const struct sim_engine *engine = &config->simulate;

	if (config->source != CONSOLE_SOURCE_SIMULATE)
		return config->video.quality;
	return (struct capture_quality){
			.selector = engine->selector,
			.chroma = engine->chroma,
			.hq_selector = engine->second_selector,
	};
}

enum console_devices console_config_devices(const struct console_config *config)
{
	if (config->devices != CONSOLE_DEVICES_AUTO)
		return config->devices;
	switch (config->source) {
	case CONSOLE_SOURCE_SIMULATE:
		return CONSOLE_DEVICES_SIMULATE;
	case CONSOLE_SOURCE_V4L2:
		return CONSOLE_DEVICES_HUB;
	case CONSOLE_SOURCE_REPLAY:
		break;
	}
	return CONSOLE_DEVICES_NONE;
}

const char *console_config_device(const struct console_config *config)
{
	switch (config->source) {
	case CONSOLE_SOURCE_V4L2:
		return config->video.device;
	case CONSOLE_SOURCE_REPLAY:
		return config->replay_list;
	case CONSOLE_SOURCE_SIMULATE:
		break;
	}
	return NULL;
}

/* NULL and no cause: there is no file. */
static char *console_config_secret(const char *key, const char *path, char **wrong)
{
	g_autofree char *cause = NULL;
	char *text = path ? password_file_read(path, CONSOLE_CONFIG_PASSWORD_MAX, &cause) : NULL;

	if (cause)
		*wrong = g_strdup_printf("%s %s: %s", key, path, cause);
	return text;
}

static bool console_config_password(
		struct console_config *config, const struct config_file *file, GError **error)
{
	const struct {
		const char *key, *path;
		char **password;
	} all[] = {
			{"password-file", config->password_file, &config->password},
			{"view-password-file", config->view_password_file, &config->view_password},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		g_autofree char *wrong = NULL;

		*all[i].password = console_config_secret(all[i].key, all[i].path, &wrong);
		if (wrong) {
			config_complain(file, "spice", all[i].key, error, "%s", wrong);
			return false;
		}
	}
	return true;
}

/* As it is written: a name may be anybody's, but for the one that is always this machine's. */
static bool console_config_is_local(const char *address)
{
	return g_str_has_prefix(address, "unix:") || g_str_has_prefix(address, "127.") ||
	       g_str_has_prefix(address, "localhost:") || g_str_has_prefix(address, "[::1]:") ||
	       g_str_has_prefix(address, "[::ffff:127.");
}

/* What a socket listens on, as it would be written. What is no address is no stranger's to come to,
 * and refused by who is to listen on it. */
static char *console_config_socket(int fd)
{
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t length = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0 ||
			(address.ss_family != AF_INET && address.ss_family != AF_INET6))
		return g_strdup("unix:");
	if (getnameinfo((const struct sockaddr *)&address, length, host, sizeof(host), port,
			    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return g_strdup_printf("the socket %d that was handed over", fd);
	return g_strdup_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

static bool console_config_may_listen(const char *address, GError **error)
{
	if (console_config_is_local(address))
		return true;
	g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
			"console: %s can be reached from elsewhere and no password is asked for; "
			"give a password-file in [spice], or set allow-no-password = true",
			address);
	return false;
}

/* Who looks is to be known as well, where he can come from elsewhere. */
static bool console_config_view_is_safe(const struct console_config *config, GError **error)
{
	for (char **address = config->view_listen; address && *address; address++) {
		if (console_config_is_local(*address))
			continue;
		g_set_error(error, CONFIG_ERROR, CONFIG_ERROR_VALUE,
				"console: %s can be reached from elsewhere, and whoever looks there "
				"is asked for no password; give a view-password-file in [spice], or "
				"set allow-no-password = true",
				*address);
		return false;
	}
	return true;
}

bool console_config_is_safe(const struct console_config *config, GError **error)
{
	if (config->allow_no_password)
		return true;
	if (!config->view_password && !console_config_view_is_safe(config, error))
		return false;
	if (config->password)
		return true;
	for (size_t i = 0; i < config->socket_count; i++) {
		g_autofree char *address = console_config_socket(config->sockets[i]);

		if (!console_config_may_listen(address, error))
			return false;
	}
	if (config->socket_count > 0)
		return true; /* the addresses are not listened on */
	for (char **address = config->listen; *address; address++)
		if (!console_config_may_listen(*address, error))
			return false;
	return true;
}

static bool console_config_spice_agrees(
		const struct console_config *config, const struct config_file *file, GError **error)
{
	if (!config->certificate == !config->key)
		return true;
	config_complain(file, "spice", config->key ? "key" : "certificate", error,
			"certificate and key belong together");
	return false;
}

/* "cd", "disk", and the same with a number of one or two digits. */
static bool console_config_is_drive(const char *name)
{
	size_t word = g_str_has_prefix(name, "cd") ? 2 : g_str_has_prefix(name, "disk") ? 4 : 0;
	size_t digits = strspn(name + word, G_CSET_DIGITS);

	return word > 0 && digits <= 2 && !name[word + digits];
}

static bool console_config_drives(
		const struct console_config *config, const struct config_file *file, GError **error)
{
	char **drives = config->drives;

	for (int i = 0; drives && drives[i]; i++) {
		bool twice = false;

		for (int before = 0; before < i; before++)
			twice = twice || strcmp(drives[before], drives[i]) == 0;
		if (console_config_is_drive(drives[i]) && !twice && i < CONSOLE_CONFIG_DRIVES_MAX)
			continue;
		config_complain(file, "media", "drives", error,
				"%s \"%s\"; drives are up to %d of cd, cd2, ..., disk, disk2, ...",
				twice ? "drives has twice" : "drives has", drives[i],
				CONSOLE_CONFIG_DRIVES_MAX);
		return false;
	}
	return true;
}

static bool console_config_kernel_drives(
		const struct console_config *config, const struct config_file *file, GError **error)
{
	for (char **drive = config->kernel_drives; drive && *drive; drive++) {
		if (config->drives && g_strv_contains((const char *const *)config->drives, *drive))
			continue;
		config_complain(file, "media", "kernel-drives", error,
				"kernel-drives has \"%s\", which is not among drives", *drive);
		return false;
	}
	return true;
}

static bool console_config_power_agrees(
		const struct power_settings *power, const struct config_file *file, GError **error)
{
	g_autoptr(GError) cause = NULL;
	const char *key = power_settings_fault(power, &cause);

	if (key)
		config_complain(file, "power", key, error, "%s: %s", key, cause->message);
	return !key;
}

/* What no value is wrong in by itself. */
static bool console_config_agrees(
		const struct console_config *config, const struct config_file *file, GError **error)
{
	const struct sim_engine *engine = &config->simulate;
	bool ajpg_444 = engine->codec == CAPTURE_AJPG && engine->chroma == 444;

	if (config->source == CONSOLE_SOURCE_REPLAY && !config->replay_list) {
		config_complain(file, "capture", "source", error,
				"source = replay needs a replay-list in [capture]");
		return false;
	}
	if (config->devices == CONSOLE_DEVICES_SIMULATE &&
			config->source != CONSOLE_SOURCE_SIMULATE) {
		config_complain(file, "input", "devices", error,
				"devices = simulate goes with source = simulate in [capture] only");
		return false;
	}
	if (config->video.quality.hq_selector >= 0 && config->video.quality.chroma != 444) {
		config_complain(file, "capture", "hq-quality", error,
				"a second pass (hq-quality) goes with chroma = 444 only");
		return false;
	}
	if (engine->vq && !ajpg_444) {
		config_complain(file, "simulate", "vq", error,
				"vq = true goes with codec = ajpg and chroma = 444 only");
		return false;
	}
	if (engine->second_selector >= 0 && !ajpg_444) {
		config_complain(file, "simulate", "second-selector", error,
				"a second-selector goes with codec = ajpg and chroma = 444 only");
		return false;
	}
	return true;
}

static bool console_config_fill(
		struct console_config *config, const struct config_file *file, GError **error)
{
	return config_apply(file, config, error) && console_config_agrees(config, file, error) &&
	       console_config_spice_agrees(config, file, error) &&
	       api_config_agrees(&config->api, file, error) &&
	       console_config_power_agrees(&config->power, file, error) &&
	       console_config_drives(config, file, error) &&
	       console_config_kernel_drives(config, file, error) &&
	       console_config_password(config, file, error);
}

bool console_config_load(struct console_config *config, const char *path, GError **error)
{
	struct console_config loaded = {0};
	struct config_file *file;
	bool fine;

	console_config_defaults(&loaded);
	if (!path && access(CONSOLE_CONFIG_FILE, F_OK) < 0 && errno == ENOENT) {
		console_config_clear(config);
		*config = loaded;
		return true;
	}
	file = config_read(path ? path : CONSOLE_CONFIG_FILE, console_config_table, error);
	fine = file && console_config_fill(&loaded, file, error);
	if (fine) {
		console_config_clear(config);
		*config = loaded;
	} else {
		console_config_clear(&loaded);
	}
	config_file_free(file);
	return fine;
}
