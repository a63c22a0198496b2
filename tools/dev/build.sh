# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev build: the release build.
install_for build
build_preset release
