#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What Ring 3 says of a module that takes more stack than Linux has. Linux panics, and a guest that
# panicked gives no transcript, so this is no scenario; the words of the second case are Linux's.
#
#   stack_test.sh RING3 FOLDER    the program, and the test modules built for a kernel
set -euo pipefail

ring3=$1
folder=$2
output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0

# check STATUS TEXT COMMAND...: TEXT (a regular expression) is in the output, or is not ("!TEXT").
check() {
  local expected=$1 text=$2 result=0
  shift 2
  "$@" >"$output" 2>&1 || result=$?
  if [ "$result" -ne "$expected" ]; then
    echo "$*: exit status $result, not $expected"
  elif [ "${text#!}" = "$text" ] && ! grep -Eq "$text" "$output"; then
    echo "$*: no line '$text'"
  elif [ "${text#!}" != "$text" ] && grep -Eq "${text#!}" "$output"; then
    echo "$*: there is a line '${text#!}'"
  else
    return 0
  fi
  cut -c1-160 "$output"
  status=1
}

[ -e "$folder/stack_deep.ko" ] || {
  echo "$folder has no stack_deep.ko: run tests/modules/build"
  exit 1
}
report='ring3: level[^ ]* \[stack_deep\].* use 2[0-9]{4} bytes of kernel stack, Linux gives 16384'
check 0 "$report" "$ring3" run "$folder/stack_deep.ko"
check 0 'stack_deep: back' "$ring3" run "$folder/stack_deep.ko"
check 0 '!kernel stack' "$ring3" run "$folder/stack_deep.ko" depth=11
check 3 'BUG: TASK stack guard page was hit at' "$ring3" run "$folder/stack_runaway.ko"
check 3 'stack guard page: 0000 \[#1\]' "$ring3" run "$folder/stack_runaway.ko"
check 3 'RIP: 0010:level\+' "$ring3" run "$folder/stack_runaway.ko"
check 3 'Kernel panic - not syncing: Fatal exception in interrupt' "$ring3" run "$folder/stack_runaway.ko"
exit "$status"
