/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/console_config.h"

#define CONSOLE_CONFIG_FILE SYSCONFDIR "/spicerack/console.conf"

#define AT(member) offsetof(struct console_config, member)

static const struct config_choice console_config_images[] = {
		{"jpeg", CONSOLE_IMAGE_JPEG},
		{"lossless", CONSOLE_IMAGE_LOSSLESS},
		{0},
};

static const struct config_choice console_config_sources[] = {
		{"simulate", CONSOLE_SOURCE_SIMULATE},
		{"replay", CONSOLE_SOURCE_REPLAY},
		{0},
};

static const struct config_choice console_config_modes[] = {
		{"0600", 0600},
		{"0660", 0660},
		{"0666", 0666},
		{0},
};

static const struct config_choice console_config_codecs[] = {
		{"ajpg", CAPTURE_AJPG},
		{"jpeg", CAPTURE_JPEG},
		{0},
};

static const struct config_choice console_config_chromas[] = {
		{"444", 444},
		{"420", 420},
		{0},
};

const struct config_key console_config_table[] = {
		{
				.group = "spice",
				.key = "listen",
				.type = CONFIG_LIST,
				.offset = AT(listen),
				.fallback = "127.0.0.1:5900",
				.help = "Where SPICE clients connect: HOST:PORT, [IPv6]:PORT, :PORT or unix:PATH.",
		},
		{
				.group = "spice",
				.key = "name",
				.type = CONFIG_STRING,
				.offset = AT(name),
				.fallback = "spicerack",
				.help = "What the client shows in its title.",
		},
		{
				.group = "spice",
				.key = "password-file",
				.type = CONFIG_PATH,
				.offset = AT(password_file),
				.help = "Its first line is the password; only its owner may have access.",
		},
		{
				.group = "spice",
				.key = "image",
				.type = CONFIG_CHOICE,
				.offset = AT(image),
				.choices = console_config_images,
				.fallback = "jpeg",
				.help = "How changed parts of the picture are sent.",
		},
		{
				.group = "capture",
				.key = "source",
				.type = CONFIG_CHOICE,
				.offset = AT(source),
				.choices = console_config_sources,
				.fallback = "simulate",
				.help = "Where the picture comes from.",
		},
		{
				.group = "capture",
				.key = "replay-list",
				.type = CONFIG_PATH,
				.offset = AT(replay_list),
				.help = "The list of the frames of a recording.",
		},
		{
				.group = "capture",
				.key = "replay-rate",
				.type = CONFIG_INTEGER,
				.offset = AT(replay_rate),
				.min = 1,
				.max = 60,
				.fallback = "30",
				.help = "Frames of the recording per second.",
		},
		{
				.group = "capture",
				.key = "replay-loop",
				.type = CONFIG_BOOLEAN,
				.offset = AT(replay_loop),
				.fallback = "false",
				.help = "Begin the recording again when it ends.",
		},
		{
				.group = "simulate",
				.key = "codec",
				.type = CONFIG_CHOICE,
				.offset = AT(simulate.codec),
				.choices = console_config_codecs,
				.fallback = "ajpg",
				.help = "What the simulated video engine sends.",
		},
		{
				.group = "simulate",
				.key = "chroma",
				.type = CONFIG_CHOICE,
				.offset = AT(simulate.chroma),
				.choices = console_config_chromas,
				.fallback = "444",
				.help = "Its colour resolution.",
		},
		{
				.group = "simulate",
				.key = "selector",
				.type = CONFIG_INTEGER,
				.offset = AT(simulate.selector),
				.min = 0,
				.max = 11,
				.fallback = "4",
				.help = "Its quantiser, 0 is the coarsest.",
		},
		{
				.group = "simulate",
				.key = "second-selector",
				.type = CONFIG_INTEGER,
				.offset = AT(simulate.second_selector),
				.min = -1,
				.max = 11,
				.fallback = "-1",
				.help = "The quantiser of a second pass over what stands still; -1: none.",
		},
		{
				.group = "simulate",
				.key = "vq",
				.type = CONFIG_BOOLEAN,
				.offset = AT(simulate.vq),
				.fallback = "false",
				.help = "Send blocks of few colours by vector quantisation.",
		},
		{
				.group = "simulate",
				.key = "rate",
				.type = CONFIG_INTEGER,
				.offset = AT(simulate.rate),
				.min = 1,
				.max = 60,
				.fallback = "30",
				.help = "Its frames per second at most.",
		},
		{
				.group = "input",
				.key = "key-limit-s",
				.type = CONFIG_INTEGER,
				.offset = AT(key_limit),
				.min = 0,
				.max = 3600,
				.fallback = "60",
				.help = "Seconds that a key may stay down without a word from the client; 0: for ever.",
		},
		{
				.group = "api",
				.key = "socket",
				.type = CONFIG_PATH,
				.offset = AT(api_socket),
				.help = "The unix socket that spicerackctl and other programs ask.",
		},
		{
				.group = "api",
				.key = "mode",
				.type = CONFIG_CHOICE,
				.offset = AT(api_mode),
				.choices = console_config_modes,
				.fallback = "0660",
				.help = "Who may use the socket: its owner, the group too, or everybody.",
		},
		{0},
};

void console_config_defaults(struct console_config *config)
{
	console_config_clear(config);
	config_defaults(console_config_table, config);
}

void console_config_clear(struct console_config *config)
{
	config_clear(console_config_table, config);
	g_clear_pointer(&config->password, g_free);
}

const char *console_config_source(const struct console_config *config)
{
	const struct config_choice *choice = console_config_sources;

	while (choice->name && choice->value != (int)config->source)
		choice++;
	return choice->name;
}

/* Reads the beginning of a file; returns its first line, or NULL and says what is wrong. */
static char *console_config_first_line(int fd, const char **wrong)
{
	char text[CONSOLE_CONFIG_PASSWORD_MAX + 2]; /* and CR LF, or what is too many */
	size_t size = 0, length;
	ssize_t got;

	while ((got = read(fd, text + size, sizeof(text) - size)) > 0 ||
			(got < 0 && errno == EINTR))
		size += MAX(got, 0);
	if (got < 0) {
		*wrong = g_strerror(errno);
		return NULL;
	}
	for (length = 0; length < size && text[length] != '\n'; length++) {
		if (!text[length]) {
			*wrong = "a zero byte in the first line";
			return NULL;
		}
	}
	if (length && text[length - 1] == '\r') /* written on Windows */
		length--;
	if (length == 0)
		*wrong = "the first line is empty";
	else if (length > CONSOLE_CONFIG_PASSWORD_MAX)
		*wrong = "the first line has more than 60 bytes";
	else
		return g_strndup(text, length);
	return NULL;
}

static char *console_config_secret(int fd, const char **wrong)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		*wrong = g_strerror(errno);
	else if (!S_ISREG(status.st_mode))
		*wrong = "not a file";
	else if (status.st_mode & (S_IRWXG | S_IRWXO))
		*wrong = "group or others have access to it; chmod 600 takes that away";
	else
		return console_config_first_line(fd, wrong);
	return NULL;
}

static bool console_config_password(
		struct console_config *config, const struct config_file *file, GError **error)
{
	const char *wrong = NULL;
	int fd;

	if (!config->password_file)
		return true;
	fd = open(config->password_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		wrong = g_strerror(errno);
	} else {
		config->password = console_config_secret(fd, &wrong);
		close(fd);
	}
	if (config->password)
		return true;
	config_complain(file, "spice", "password-file", error, "password-file %s: %s",
			config->password_file, wrong);
	return false;
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
