/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/nbd_library.h"
#include <dlfcn.h>

/* Its binary interface; there has been no other. */
#define NBD_LIBRARY_FILE "libnbd.so.0"

bool nbd_library_load(struct nbd_library *library, GError **error)
{
	void *file = dlopen(NBD_LIBRARY_FILE, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
	bool whole = file;

#define NBD_LIBRARY_FIND(name) \
	whole = whole && (library->name = (__typeof__(nbd_##name) *)dlsym(file, "nbd_" #name));
	NBD_LIBRARY(NBD_LIBRARY_FIND)
#undef NBD_LIBRARY_FIND
	if (!whole)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSYS,
				"libnbd cannot be loaded (%s); install it, or use http, or a file",
				dlerror());
	if (file)
		dlclose(file);
	return whole;
}
