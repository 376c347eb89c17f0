/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The commands about screenshots and recordings. */
#include "tools/ctl_ask.h"

struct ctl_options;

/* What comes goes into a file, which is there when all of it is; "-": standard output. */
enum ctl_exit ctl_screenshot(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);
enum ctl_exit ctl_recording_save(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);

enum ctl_exit ctl_recording(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);
enum ctl_exit ctl_recording_freeze(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);
enum ctl_exit ctl_recording_resume(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options);
