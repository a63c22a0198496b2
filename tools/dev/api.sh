# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev api: writes docs/api again. The table is in the program, so it is built first.
install_for build
build_preset release ring3
build/bin/ring3 api docs docs/api
git --no-pager diff --stat -- docs/api
