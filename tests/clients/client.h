/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A real SPICE client without a window, on spice-client-glib. It runs on the default main context
 * and only while one of the waiting functions below (or somebody else's loop) turns it: the server
 * under test must be in another process.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct client_settings {
	const char *address;   /* "HOST:PORT" or "unix:PATH"; IPv6 in brackets */
	const char *password;  /* NULL: none */
	const char *authority; /* PEM file of who signs the server's certificate: with TLS; NULL:
				  plain */
	int compression;       /* SpiceImageCompression to ask for, 0: the server's choice */
};

struct client_picture {
	int width, height;      /* pixels */
	int stride;             /* pixels from one row to the next */
	const uint32_t *pixels; /* 0x00RRGGBB and anything in the top byte */
};

/* Numbers of SPICE channels and mouse modes, as in <spice/enums.h>. */
enum client_channel {
	CLIENT_MAIN = 1,
	CLIENT_DISPLAY = 2,
	CLIENT_INPUTS = 3,
	CLIENT_CHANNELS = 16,
};

enum client_mouse_mode {
	CLIENT_MOUSE_UNKNOWN = 0,
	CLIENT_MOUSE_SERVER = 1, /* relative */
	CLIENT_MOUSE_CLIENT = 2, /* absolute */
};

struct client;

/* Begins to connect. */
struct client *client_open(const struct client_settings *settings);

void client_close(struct client *client); /* NULL is fine */

/* Turns the main loop until the condition holds; returns false after that many milliseconds. */
typedef bool (*client_condition)(struct client *client, void *data);
bool client_wait(struct client *client, client_condition condition, void *data, int ms);

/* Turns the main loop for so long. */
void client_run(struct client *client, int ms);

/* Conditions for client_wait; data is not looked at. */
bool client_has_picture(
		struct client *client, void *data); /* and the server has marked it as shown */
bool client_has_inputs(struct client *client, void *data);
bool client_is_gone(struct client *client, void *data); /* main channel refused, failed or closed */

/* Has inputs, and the absolute pointer is on. */
bool client_has_pointer(struct client *client, void *data);

/* The screen as it is now; no pixels while there is none. Valid until the loop turns. */
struct client_picture client_picture(struct client *client);

/* Called at each rectangle, as it is drawn. */
typedef void (*client_drawn_fn)(struct client *client, void *data);
void client_on_drawn(struct client *client, client_drawn_fn fn, void *data);

/* How often something was drawn, and how often the screen was made anew. */
unsigned int client_updates(const struct client *client);
unsigned int client_screens(const struct client *client);

/* Bytes read from the wire; 0 when there is no such channel. */
unsigned long client_read_bytes(struct client *client, enum client_channel type);

/* Why the client is gone, in its own words; NULL when it is not, or was simply closed. */
const char *client_error(const struct client *client);

/* code: scan code set 1 in the client's notation, 0x100 + code after 0xe0, 0x200 + code after 0xe1.
 */
void client_key(struct client *client, unsigned int code, bool down);

/* buttons: SPICE_MOUSE_BUTTON_MASK_* held. */
void client_point(struct client *client, int x, int y, int buttons);
void client_move(struct client *client, int dx, int dy, int buttons);

/* button: SPICE_MOUSE_BUTTON_*, the wheel's notches among them. */
void client_button(struct client *client, int button, bool down, int buttons);

enum client_mouse_mode client_mouse_mode(const struct client *client);
void client_set_mouse_mode(struct client *client, enum client_mouse_mode mode);

/* Lock lights, SPICE_KEYBOARD_MODIFIER_FLAGS_*; -1 before the server has said. */
int client_locks(const struct client *client);

/* As a window does that gets the focus: what is lit on the user's own keyboard, the same bits. */
void client_set_locks(struct client *client, int locks);

/* Begins to share an image as a CD, as a user of remote-viewer does. */
void client_share(struct client *client, const char *path);
void client_unshare(struct client *client);

/* Conditions for client_wait: the disc is shared; it is not, or not any more. */
bool client_shares(struct client *client, void *data);
bool client_shares_not(struct client *client, void *data);

/* What the user was told of it; NULL: nothing. */
const char *client_share_error(const struct client *client);
