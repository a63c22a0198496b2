# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev bench [NAME]: the benchmark program, then every executable in bench/compare/ (whole processes
# against each other). NAME is a regular expression of benchmarks and a part of a comparison's name.
name=${1:-}
install_for build modules bench headers
build_preset release
tests/modules/build
status=0
need_program build/bin/ring3_bench "bench/ does not build one yet"
step "build/bin/ring3_bench"
build/bin/ring3_bench ${name:+"--benchmark_filter=$name"} || status=1
for comparison in bench/compare/*"$name"*; do
  if [ ! -f "$comparison" ] || [ ! -x "$comparison" ]; then continue; fi
  step "$comparison"
  "$comparison" || status=1
done
exit "$status"
