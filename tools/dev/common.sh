# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# What the commands of ./dev share: messages, builds, the kernels that are there. Sourced from the
# root of the tree.

fail() {
  echo "./dev: $*" >&2
  exit 1
}

# A heading between the steps of a long command.
step() { printf '\n== %s\n' "$*"; }

# build_preset PRESET [TARGET...]: configures when needed and builds.
build_preset() {
  local preset=$1 folder=build
  shift
  [ "$preset" = release ] || folder=build/$preset
  [ -f "$folder/build.ninja" ] || cmake --preset "$preset" >"$(log_of "configure-$preset")" ||
    { cat "$(log_of "configure-$preset")"; return 1; }
  cmake --build "$folder" ${1:+--target "$@"}
}

# log_of NAME: where a step's output is kept.
log_of() {
  mkdir -p build/log
  echo "build/log/$1.log"
}

# Releases whose headers are installed, oldest first.
installed_kernels() {
  local folder
  for folder in /lib/modules/*/build; do
    [ -e "$folder" ] && basename "$(dirname "$folder")"
  done | sort -V
}

# need_program PATH COMMAND: the program, or what to do about its absence.
need_program() {
  [ -x "$1" ] || fail "$1 is not there: $2"
}

# shellcheck source=tools/dev/packages.sh
. tools/dev/packages.sh
