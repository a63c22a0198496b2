#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called through others
# The module tools on machines: which kernel they choose, and what they do there.
#
#   tools_test.sh BIN RELEASE MODULES
set -uo pipefail

bin=$1
release=$2
modules=$3
XDG_RUNTIME_DIR=$(mktemp -d)
export XDG_RUNTIME_DIR RING3_KERNEL=$release
unset RING3_MACHINE
root=$XDG_RUNTIME_DIR/root
failures=0
name=
trap 'for name in default two three; do "$bin/ring3" shutdown --now $name >/dev/null 2>&1; done; rm -rf "$XDG_RUNTIME_DIR"' EXIT

check() {
  local what=$1
  shift
  "$@" >"$XDG_RUNTIME_DIR/output" 2>&1 && return
  echo "FAILED: $what: $*"
  cat "$XDG_RUNTIME_DIR/output"
  failures=1
}
refused() {
  local words=$1
  shift
  if "$@" >"$XDG_RUNTIME_DIR/output" 2>&1 || ! grep -q -- "$words" "$XDG_RUNTIME_DIR/output"; then
    echo "FAILED: no '$words': $*"
    cat "$XDG_RUNTIME_DIR/output"
    failures=1
  fi
}
# has N MODULE COMMAND...: so many lines of what lsmod prints begin with the module.
has() {
  local number=$1 module=$2 found
  shift 2
  found=$("$@" | grep -c "^$module ")
  [ "$found" = "$number" ] && return
  echo "FAILED: $found times $module, not $number: $*"
  failures=1
}
running() { [ "$("$bin/ring3" ps --json | python3 -c 'import json,sys; print(*[m["name"] for m in json.load(sys.stdin)])')" = "$1" ]; }

# A tree for modprobe: two modules, one of which needs the other.
folder=$root/lib/modules/$release
mkdir -p "$folder"
cp -L "$modules/stack.ko" "$modules/stack_user.ko" "$folder"
check 'depmod' "$bin/depmod" -b "$root" "$release"

# The machine "default", started on first use.
check 'insmod' "$bin/ring3" insmod "$modules/hello.ko"
check 'started' running default
has 1 hello "$bin/ring3" lsmod
refused 'File exists' "$bin/ring3" insmod "$modules/hello.ko"
check 'modprobe' "$bin/ring3" modprobe -d "$root" stack_user
has 1 stack "$bin/ring3" lsmod
refused 'in use by' "$bin/ring3" rmmod stack
check 'modprobe -r' "$bin/ring3" modprobe -d "$root" -r stack_user
has 0 stack "$bin/ring3" lsmod
check 'rmmod' "$bin/ring3" rmmod hello
has 0 hello "$bin/ring3" lsmod

# Other machines, by the option and by the variable; the option counts more.
check 'the option' "$bin/insmod" --machine two "$modules/hello.ko"
has 1 hello "$bin/lsmod" --machine=two
has 0 hello "$bin/ring3" lsmod
has 0 hello env RING3_MACHINE=three "$bin/lsmod"
has 1 hello env RING3_MACHINE=three "$bin/lsmod" --machine two
check 'three machines' running 'default three two'
refused 'no name for a machine' "$bin/lsmod" --machine ../two
refused 'needs the name' "$bin/lsmod" --machine

# The running kernel: when it is said, and for root under the plain name. Nothing is inserted there.
same() { [ "$("$@")" = "$("$bin/lsmod" --host)" ]; }
if [ -r /proc/modules ]; then
  check 'the running kernel' same "$bin/ring3" lsmod --host
  has 0 hello "$bin/lsmod" --host --machine=default
  [ "$(id -u)" != 0 ] || check 'root, plain name' same "$bin/lsmod"
fi
exit $failures
