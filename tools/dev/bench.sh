# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev bench [FILTER] [OPTIONS]: bench/run, which prints what was measured beside its aim and its
# peer; `bench/run --help` has the options. Without arguments also what one more module costs when
# thousands are loaded. `./dev bench tools` measures the module
# tools beside kmod.
if [ "${1:-}" = tools ]; then # ours beside kmod: each program of bench/tools, one after the other
  shift
  install_for build image
  build_preset release
  for program in bench/tools/*; do
    "$program" "$@"
  done
  return 0
fi
install_for build modules bench headers image
build_preset release
tests/modules/build
if [ "${1:-}" = tools ]; then # our tools beside kmod's, in one run
  bench/depmod
  return 0
fi
bench/run "$@"
if [ $# -eq 0 ]; then
  for release in $(installed_kernels); do
    build/bin/ring3_loaded "$release"
  done
fi
