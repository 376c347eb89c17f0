/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/drives.h"

GQuark drives_error_quark(void)
{
	return g_quark_from_static_string("drives-error");
}

const char *drives_state_word(enum drives_state state)
{
	static const char *const words[] = {
			[DRIVES_EMPTY] = "empty",
			[DRIVES_OPENING] = "opening",
			[DRIVES_READY] = "ready",
			[DRIVES_WAITING] = "waiting",
			[DRIVES_EJECTING] = "ejecting",
			[DRIVES_FAILED] = "failed",
	};

	return words[state];
}

const char *drives_as_word(enum drives_as as)
{
	static const char *const words[] = {
			[DRIVES_AS_AUTO] = "auto",
			[DRIVES_AS_CD] = "cd",
			[DRIVES_AS_DISK] = "disk",
	};

	return words[as];
}

const char *drives_write_word(enum drives_write write)
{
	static const char *const words[] = {
			[DRIVES_READ_ONLY] = "read-only",
			[DRIVES_OVERLAY] = "overlay",
			[DRIVES_READ_WRITE] = "read-write",
	};

	return words[write];
}

const char *drives_backend_word(enum drives_backend backend)
{
	return backend == DRIVES_BACKEND_KERNEL ? "kernel" : "own";
}
