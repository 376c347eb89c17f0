/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Real servers of images, as processes on this machine beside what is measured. */
#include <glib.h>

/* What they say is thrown away. 0: it could not be started, which stderr has been told. */
GPid servers_start(const char *line);

/* lighttpd with the files of a folder, at http://127.0.0.1:PORT/. 0: as above. */
GPid servers_web(const char *folder, unsigned int port);

/* Kills it; 0 is fine, and left there. */
void servers_end(GPid *pid);
