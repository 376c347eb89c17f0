#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What of the suite takes too long for every day.
exec bash "$(dirname "$0")/test_kernel.sh" long-frames long-v4l2 long-media
