#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# kmod's tools and ours under a preloaded library that puts /lib/modules elsewhere (elsewhere.c): they
# must print, write and ask of the kernel the same. The kernel of that name exists only there, so a
# tool that goes around libc's functions finds nothing.
#
#   preload_test.sh BIN LIBRARY RELEASE      77: kmod is not installed
set -uo pipefail

bin=$(realpath "$1")
library=$(realpath "$2")
release=$3
kmod=$(command -v kmod) || exit 77
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fake=1.2.3-elsewhere
tree=$work/base/lib/modules/$fake
export ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0

mkdir -p "$tree/kernel" "$work/base/etc/depmod.d" "$work/base/etc/modprobe.d" "$work/base/sys/module" "$work/base/proc"
for name in ext4 jbd2 mbcache crc16 dummy crc7; do
  find "/lib/modules/$release/kernel" -name "$name.ko*" -exec cp {} "$tree/kernel" \; -quit
done
mkdir "$tree/override"
cp "$tree"/kernel/crc7.ko* "$tree/override"
cp "/lib/modules/$release/modules.order" "$tree"
cp "/lib/modules/$release"/modules.builtin{,.modinfo} "$tree"
echo 'search override built-in' >"$work/base/etc/depmod.d/a.conf"
echo 'options dummy numdummies=2' >"$work/base/etc/modprobe.d/a.conf"
: >"$work/base/proc/modules"
: >"$work/base/proc/cmdline"

# Each tool in a copy of its own, at the same path.
compare() {
  local who status
  for who in kmod ours; do
    rm -rf "$work/root"
    cp -r "$work/base" "$work/root"
    (
      cd "$work" || exit
      # shellcheck disable=SC2030
      export ELSEWHERE=$work/root ELSEWHERE_RELEASE=$fake LD_PRELOAD=$library
      tool=$1
      shift
      case $who in
        kmod) exec -a "$tool" "$kmod" "$@" ;;
        ours) exec "$bin/$tool" "$@" ;;
      esac
    ) >"$work/$who.out" 2>"$work/$who.err"
    status=$?
    echo "status $status" >>"$work/$who.out"
    rm -rf "${work:?}/$who" "$work/root"/lib/modules/*/modules.weakdep
    mv "$work/root" "$work/$who"
    sed -i '/^# Weak dep/d' "$work/$who.out"
  done
  if diff "$work/kmod.out" "$work/ours.out" && diff "$work/kmod.err" "$work/ours.err" &&
    diff -r "$work/kmod" "$work/ours"; then
    echo "ok      $*"
  else
    echo "DIFFERS $*"
    failures=1
  fi
}

compare depmod
compare depmod "$fake"
compare depmod -n
compare modprobe dummy
# With indexes in place.
rm -rf "$work/base"
mv "$work/ours" "$work/base"
rm -f "$work/base/calls"
# shellcheck disable=SC2031
ELSEWHERE=$work/base ELSEWHERE_RELEASE=$fake LD_PRELOAD=$library bash -c 'exec -a depmod "$0"' "$kmod" 2>/dev/null ||
  failures=1
[ -s "$tree/modules.dep" ] || {
  echo "FAILED: the library does not lead elsewhere"
  exit 1
}
compare depmod -A
compare modprobe dummy
grep -q 'insert numdummies=2' "$work/ours/calls" || failures=1
compare modprobe -D ext4
compare modprobe -R dummy
compare modprobe -c
compare modprobe nosuch
compare modprobe -r dummy
compare modinfo ext4
compare modinfo -F filename crc7
grep -q "/lib/modules/$fake/override/crc7.ko" "$work/ours.out" || failures=1
compare insmod "/lib/modules/$fake/kernel/$(basename "$tree"/kernel/crc16.ko*)"
compare lsmod
exit $failures
