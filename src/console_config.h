/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What console.conf says: one structure, each value within its limits. The man page
 * spicerack-console(8) describes the keys for operators.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "capture/v4l2.h"
#include "gadget/hub.h"
#include "sim/node.h"
#include "src/api_config.h"
#include "src/config.h"
#include "src/evidence.h"
#include "src/hold.h"
#include "src/power.h"

/* A SPICE ticket holds no more (SPICE_MAX_PASSWORD_LENGTH). */
#define CONSOLE_CONFIG_PASSWORD_MAX 60

#define CONSOLE_CONFIG_DRIVES_MAX  4
#define CONSOLE_CONFIG_VIEWERS_MAX 16

enum console_image {
	CONSOLE_IMAGE_JPEG,
	CONSOLE_IMAGE_LOSSLESS,
};

enum console_display {
	CONSOLE_DISPLAY_DIRECT,  /* as the video engine made it, see spice/display_direct.h */
	CONSOLE_DISPLAY_LIBRARY, /* encoded anew by spice-server */
};

enum console_source {
	CONSOLE_SOURCE_SIMULATE, /* a simulated node */
	CONSOLE_SOURCE_REPLAY,   /* a recording */
	CONSOLE_SOURCE_V4L2,     /* a video device */
};

enum console_devices {
	CONSOLE_DEVICES_AUTO, /* what goes with the source */
	CONSOLE_DEVICES_HUB,  /* the kernel's USB device controllers */
	CONSOLE_DEVICES_SIMULATE,
	CONSOLE_DEVICES_NONE, /* view only */
};

struct console_config {
	/* [spice] */
	char **listen;      /* addresses as listener_open takes them; at least one */
	const int *sockets; /* that were handed over to be listened on instead; not in a file */
	size_t socket_count;
	char *name;          /* in the client's title */
	char *password_file; /* NULL: none */
	char *password;      /* its first line, 1..60 bytes; NULL: no password is asked for */
	char **view_listen;  /* addresses where one may only look; NULL: none */
	char *view_password_file, *view_password; /* the same of those who may only look */
	enum console_display display;
	enum console_image image;
	int idle;                /* s that a viewer may touch nothing; 0: for ever */
	int viewers;             /* at a time, 1..CONSOLE_CONFIG_VIEWERS_MAX */
	char *certificate, *key; /* PEM files; both or neither; NULL: no TLS */
	bool allow_plain;        /* also without TLS, where there is a certificate */
	bool allow_no_password;  /* also on more than the loopback interface */
	char **origins;          /* of pages that browsers may come from; NULL: the same host's */
	/* [capture] */
	enum console_source source;
	char *replay_list; /* set when the source is replay */
	int replay_rate;   /* frames per second, 1..60 */
	bool replay_loop;
	struct v4l2_settings video; /* of source v4l2 */
	bool adaptive;              /* a coarser quality for slow viewers */
	/* [simulate] */
	struct sim_engine simulate;
	int simulate_layout; /* enum keymap_layout of sim/keymap.h */
	/* [input] */
	enum console_devices devices; /* see console_config_devices */
	enum hold_control control;    /* of several viewers' */
	int release;                  /* s after which a silent holder gives way; 0: never */
	int answer;                   /* s of silence that grant a request, of HOLD_ASK; 0: never */
	int key_limit; /* s a key may be held without a word from the client; 0: for ever */
	/* [hub] */
	char **ports; /* names of USB device controllers; NULL: the first free ones */
	enum hub_layout layout;
	bool absolute, relative; /* which pointers there are */
	char *hub_name;          /* what the gadgets' names begin with */
	int vendor, product;     /* 0..0xffff */
	char *manufacturer, *product_name, *serial;
	/* [media] */
	char **drives;          /* their names, "cd", "cd2", "disk"; unlike each other */
	char **kernel_drives;   /* those of them that the kernel runs; NULL: none */
	int cache, read_ahead;  /* MiB */
	int retry_limit;        /* s; 0: for ever */
	char *overlay_folder;   /* NULL: the usual */
	char *cache_folder;     /* NULL: none */
	int cache_folder_limit; /* MiB */
	struct api_config api;  /* [api] */
	/* [recording] */
	struct evidence_config recording;
	/* [power] */
	struct power_settings power;
};

extern const struct config_key console_config_table[];

/* The defaults; config holds nothing that is owned, as after console_config_clear or zeroed. */
void console_config_defaults(struct console_config *config);

/*
 * Reads a file over the defaults and replaces the configuration as a whole, or leaves it as it is
 * and sets error (CONFIG_ERROR). path NULL: the usual file, which may be missing; a file that is
 * named must be there.
 */
bool console_config_load(struct console_config *config, const char *path, GError **error);

/*
 * Whether strangers are kept out: false and error (CONFIG_ERROR) when it listens where others than
 * this machine's users can come to and asks for no password, unless that is allowed. Sockets that
 * were handed over are judged by their own addresses.
 */
bool console_config_is_safe(const struct console_config *config, GError **error);

/* What the video engine is told, of a simulated node too. */
struct capture_quality console_config_quality(const struct console_config *config);

/* Where keys and pointer go, with _AUTO made out. */
enum console_devices console_config_devices(const struct console_config *config);

/* The file or device that the source is told to use, or NULL. */
const char *console_config_device(const struct console_config *config);

/* The word that stands for the source in a file. */
const char *console_config_source(const struct console_config *config);

void console_config_clear(struct console_config *config);
