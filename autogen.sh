#!/bin/sh
# Makes configure from a checkout; run it once, from anywhere.
set -e
cd "$(dirname "$0")"
exec autoreconf --install --force --warnings=all
