/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The USB end of a disc that a SPICE client shares: a guest of the usbredir protocol (usbredir's
 * docs/usb-redirection-protocol.md) that takes one mass-storage device of the Bulk-Only kind and
 * refuses all others. Bytes in, bytes out: it does no I/O. Main thread only.
 *
 * Nothing that the peer says is trusted: who sends what is no usbredir, or more than was asked for,
 * is listened to no more.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Most that one transfer may carry. */
#define CLIENT_USB_TRANSFER_MAX (256u << 10)

enum client_usb_pipe { CLIENT_USB_OUT, CLIENT_USB_IN };

enum client_usb_status {
	CLIENT_USB_GOOD,
	CLIENT_USB_STALL,
	CLIENT_USB_ERROR,
};

/* Called from within client_usb_receive, except send; none may free the guest. */
struct client_usb_events {
	/* To the peer, in this order. */
	void (*send)(const void *bytes, size_t size, void *data);
	/* A disc drive, as it seems, is there and configured; also after each client_usb_reset. */
	void (*ready)(void *data);
	/* The device is there no more: no transfer that is under way ends. */
	void (*gone)(void *data);
	/* Something was shared that is not wanted; why in words. */
	void (*refused)(const char *why, void *data);
	/*
	 * A transfer ended, in any order. bytes: of an IN, the callee's from now, to be freed by
	 * client_usb_free_bytes; NULL when size is 0.
	 */
	void (*ended)(int what, enum client_usb_status status, uint8_t *bytes, size_t size,
			void *data);
	void *data;
};

struct client_usb;

/* Greets the peer. */
struct client_usb *client_usb_new(const struct client_usb_events *events);

/* What the peer sent, in any pieces. */
void client_usb_receive(struct client_usb *usb, const void *bytes, size_t size);

/*
 * Begin transfers, only when ready; what: told again when it ends. They are sent by
 * client_usb_flush, or by the end of client_usb_receive, together.
 */
void client_usb_write(struct client_usb *usb, const void *bytes, size_t size, int what);
void client_usb_read(struct client_usb *usb, size_t size, int what);

/* Ends the stall of a pipe (USB 2.0, 9.4.1); a transfer like the others. */
void client_usb_clear(struct client_usb *usb, enum client_usb_pipe pipe, int what);

/* Only when no transfer is under way. */
void client_usb_reset(struct client_usb *usb);

/* The device is not wanted after all: the peer tells its user. No transfer ends any more. */
void client_usb_reject(struct client_usb *usb);

void client_usb_flush(struct client_usb *usb);

void client_usb_free_bytes(struct client_usb *usb, uint8_t *bytes); /* NULL is fine */
void client_usb_free(struct client_usb *usb);                       /* NULL is fine */
