# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev bench [FILTER] [OPTIONS]: bench/run, which prints what was measured beside its aim and its
# peer; `bench/run --help` has the options.
install_for build modules bench headers image
build_preset release
tests/modules/build
bench/run "$@"
