# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev format: clang-format on every source file of ours.
# shellcheck source=tools/dev/sources.sh
. tools/dev/sources.sh
install_for format
formatted_sources | xargs -r -d '\n' clang-format -i
git --no-pager diff --stat
