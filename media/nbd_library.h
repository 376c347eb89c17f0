/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * libnbd, loaded when the first image on an NBD server is wanted: with what it wants itself it
 * would take a megabyte of each console that never sees one.
 */
#include <glib.h>
#include <libnbd.h>
#include <stdbool.h>

/* What is called of it, by its names without the nbd_; libnbd(3). */
/* clang-format off */
#define NBD_LIBRARY(call) \
	call(aio_connect_uri) call(aio_flush) call(aio_get_direction) call(aio_get_fd) \
	call(aio_is_closed) call(aio_is_dead) call(aio_is_processing) call(aio_is_ready) \
	call(aio_notify_read) call(aio_notify_write) call(aio_pread) call(aio_pwrite) \
	call(can_flush) call(close) call(create) call(get_errno) call(get_error) \
	call(get_size) call(is_read_only) call(set_tls_certificates) \
	call(set_tls_verify_peer) call(set_uri_allow_transports)
/* clang-format on */

struct nbd_library {
#define NBD_LIBRARY_MEMBER(name) __typeof__(nbd_##name) *name;
	NBD_LIBRARY(NBD_LIBRARY_MEMBER)
#undef NBD_LIBRARY_MEMBER
};

/*
 * Stays in the process from then on: what is filled in may be copied, and is for any thread.
 * Errors: G_FILE_ERROR_NOSYS, it is not installed, or another than this one was built with.
 */
bool nbd_library_load(struct nbd_library *library, GError **error);
