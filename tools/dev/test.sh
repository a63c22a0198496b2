# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev test: every test on every build. Every stage runs even if one before it failed; the summary at
# the end has ctest's own line of each.
#
#   release  all tests, with the comparison of scenarios against the kernels in QEMU
#   dev      the same with asan and ubsan; Linux's transcripts come from the cache that the first stage
#            filled, so nothing boots a second time
#   tsan     the tests of the layers that have threads, up to src/machine, and tests/stress
#
# ./dev test PATTERN: the tests of the release build whose names match the regular expression, and
# the conformance scenarios whose names contain it.
install_for build modules test headers image

CTEST=(ctest --output-on-failure --no-tests=error -j"$(nproc)")
summaries=()
status=0

# stage NAME COMMAND...: runs it with its output kept, and keeps the line that sums it up.
stage() {
  local name=$1 log line result=0
  shift
  log=$(log_of "test-$name")
  step "$name: $*"
  "$@" 2>&1 | tee "$log" || result=$?
  line=$(grep -aE 'tests? passed, |^[0-9]+ passed, ' "$log" | tail -n 1) || true
  if [ "$result" -ne 0 ]; then
    status=1
    line="FAILED (${line:-see $log})"
  fi
  summaries+=("$(printf '%-16s %s' "$name" "${line:-done}")")
  return "$result"
}

test_some() {
  local pattern=$1 found scenarios=()
  build_preset release
  found=$(ctest --test-dir build -N -R "$pattern" | sed -n 's/^Total Tests: //p')
  mapfile -t scenarios < <(tests/conformance/run --list | awk '{print $1}' | grep -F -- "$pattern")
  [ "$found" -gt 0 ] || [ ${#scenarios[@]} -gt 0 ] ||
    fail "no test matches '$pattern'; ctest --test-dir build -N and tests/conformance/run --list name them"
  if [ "$found" -gt 0 ]; then "${CTEST[@]}" --test-dir build -R "$pattern" || status=1; fi
  if [ ${#scenarios[@]} -gt 0 ]; then tests/conformance/run "${scenarios[@]}" || status=1; fi
}

test_all() {
  stage build-release build_preset release || return 0
  stage build-modules tests/modules/build || return 0
  stage release "${CTEST[@]}" --test-dir build || true
  if stage build-dev build_preset dev; then
    stage dev env -u CI "${CTEST[@]}" --test-dir build/dev || true
  fi
  if stage build-tsan build_preset tsan machine_tests load_stress; then
    stage tsan "${CTEST[@]}" --test-dir build/tsan -L "machine|stress" || true
  fi
}

if [ $# -gt 0 ]; then
  test_some "$1"
else
  test_all
  step "summary after $((SECONDS / 60)) min $((SECONDS % 60)) s"
  printf '%s\n' "${summaries[@]}"
fi
exit "$status"
