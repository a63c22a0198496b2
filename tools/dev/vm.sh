# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev vm SCRIPT [FILE...]: a shell script on the real kernel.
install_for vm headers image
exec tests/conformance/vm "$@"
