# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev fuzz [SECONDS [NAME...]]: builds the fuzzers (preset fuzz, clang) and runs each for so long,
# 600 seconds if nothing is said, one after the other. What a run learns stays in build/fuzz/NAME; an
# input that breaks something is written to build/fuzz/found and the command fails.
install_for build lint modules

seconds=${1:-600}
[ $# -eq 0 ] || shift
if [ $# -gt 0 ]; then
  names=("$@")
else
  mapfile -t names < <(find tests/fuzz -name "*_fuzzer.cc" -printf "%f\n" | sed "s,_fuzzer.cc$,," | sort)
fi
status=0
step "fuzzers: ${names[*]}"
[ -d build/modules ] || tests/modules/build
cmake --preset fuzz >/dev/null
cmake --build build/fuzz --target "${names[@]/%/_fuzzer}"
mkdir -p build/fuzz/found
for name in "${names[@]}"; do
  mkdir -p "build/fuzz/$name"
  seeds=()
  [ ! -d "tests/corpus/$name" ] || seeds=("tests/corpus/$name")
  log=$(log_of "fuzz-$name")
  if "build/fuzz/bin/${name}_fuzzer" -max_total_time="$seconds" -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$name-" "build/fuzz/$name" "${seeds[@]}" >"$log" 2>&1; then
    echo "ok    $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs in $seconds s"
  else
    status=1
    echo "FAIL  $name: see $log"
    tail -n 20 "$log"
  fi
done
exit "$status"
