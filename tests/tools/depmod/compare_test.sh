#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Runs kmod's depmod and ours on the same trees in fake roots and compares output, exit status and
# every file written. Usage: compare_test.sh OUR_DEPMOD RELEASE
#
# Meant differences, each of them taken out of the comparison here and nowhere else:
#   modules.weakdep, and its header with -n   written as kmod 34 does; kmod 30 does not know it
#   "failed to load symbols from FILE: ERROR" ours adds what is wrong, in brackets
#   circles that touch each other             kmod 30 aborts; ours names every module (circle_test.sh)
#   an index that cannot be written           kmod 30 says so and exits with 0; ours with 1
#   -A without modules.dep                    kmod 30 complains of it; ours just does its work
#   make_map_files, include, external folders that are not absolute   ours warns
#   .ko.gz                                    kmod 30 as Debian builds it does not know them
#   no modules.builtin                        kmod 30 leaves empty .bin files, ours tries without keys
#   a broken symbolic link                    the same error in other words
set -u
ours=$1
release=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kmod=$(command -v depmod) || { echo "kmod is not installed" >&2; exit 1; }
failures=0

# module FILE "EXPORTS" "IMPORTS" [MODINFO...]: an object with these names in it.
module() {
  local file=$1 exports=$2 imports=$3 name
  shift 3
  mkdir -p "$(dirname "$file")"
  {
    for name in $exports; do
      printf '.globl __crc_%s\n.set __crc_%s, 0x1234\n' "$name" "$name"
      printf '.section __ksymtab_strings,"aMS",@progbits,1\n.asciz "%s"\n' "$name"
      printf '.section __ksymtab,"a"\n.zero 12\n.text\n.globl %s\n%s:\n' "$name" "$name"
    done
    for name in $imports; do printf '.data\n.quad %s\n' "$name"; done
    printf '.section .modinfo,"a"\n'
    for name in "$@"; do printf '.asciz "%s"\n' "$name"; done
  } | as -o "$file" -
}

# A tree under $work/root with the three files that Kbuild leaves.
tree() {
  rm -rf "$work/root"
  at=$work/root/lib/modules/$release
  mkdir -p "$at/kernel"
  : >"$at/modules.order"
  : >"$at/modules.builtin"
  : >"$at/modules.builtin.modinfo"
}

# compare NAME ARGUMENTS...: both on a copy of the same tree, at the same path.
compare() {
  local name=$1 who status
  shift
  for who in kmod ours; do
    rm -rf "$work/lib.$who" "$work/kept"
    cp -rl "$work/root/lib" "$work/kept"
    (cd "$work" && "${!who}" -b "$work/root" "$@" >"$work/$who.out" 2>"$work/$who.err")
    status=$?
    echo "status $status" >>"$work/$who.out"
    mv "$work/root/lib" "$work/lib.$who"
    mv "$work/kept" "$work/root/lib"
    sed -i "/^# Weak dep/d; s,^$kmod,depmod,; s,^$ours,depmod," "$work/$who.out" "$work/$who.err"
    sed -i '/failed to load symbols/s/ (.*)$//' "$work/$who.err"
    rm -f "$work/lib.$who/modules/$release/modules.weakdep"
    [ -e "$work/lib.$who/modules/$release/modules.builtin" ] ||
      rm -f "$work/lib.$who/modules/$release"/modules.builtin*.bin
  done
  if diff "$work/kmod.out" "$work/ours.out" && diff "$work/kmod.err" "$work/ours.err" &&
    diff -r "$work/lib.kmod" "$work/lib.ours"; then
    echo "ok      $name"
  else
    echo "DIFFERS $name: $*"
    failures=$((failures + 1))
  fi
}

tree
module "$at/kernel/a-b.ko" "one two_2 three" "" 'alias=pci:v1-2[a-c]*' 'alias=usb:v*' 'license=GPL'
module "$at/kernel/sub/c.ko" "four" "one unknown" 'softdep=pre: a_b' 'alias=devname:cee' \
  'alias=char-major-10-200'
module "$at/kernel/d.ko" "" "four two_2" 'alias=of:N*T*Cx,y-z' 'alias=[bad' 'alias=block-major-7-*'
module "$at/updates/e.ko" "one" "three" 'alias=usb:v*' 'alias=usb:v*'
module "$at/extra/d.ko" "" "three"
module "$at/kernel/x.y.ko" "five" ""
strip -s "$at/kernel/x.y.ko"
compare "no order"
compare "no order" "$release"
printf 'kernel/sub/c.ko\nkernel/d.ko\nkernel/a-b.ko\n' >"$at/modules.order"
printf 'kernel/fs/in-built.ko\nkernel/fs/other.ko\n' >"$at/modules.builtin"
printf 'in_built.alias=fs-x\0in_built.license=GPL\0other.alias=fs-x\0other.alias=fs-[a-b]\0' \
  >"$at/modules.builtin.modinfo"
compare "everything" "$release"
for options in -n -v -w "-n -v" -a "-P _ -n" "-q -n" "-u -n" "-r -n"; do
  # shellcheck disable=SC2086 # several options
  compare "options $options" $options "$release"
done
printf '0x1234\tone\tvmlinux\tEXPORT_SYMBOL\n0x99\tunknown\tvmlinux\tEXPORT\n' >"$work/symvers"
printf '0 T one\n0 r __ksymtab_unknown\n' >"$work/map"
compare "-e" -e -n "$release"
compare "-e -E" -e -n -E "$work/symvers" "$release"
compare "-e -F" -e -n -F "$work/map" "$release"
compare "-e -E -F" -e -n -F "$work/map" -E "$work/symvers" "$release"
compare "-E of nothing" -e -E /nonexistent "$release"
compare "bad version" foo
compare "no such tree" 9.9.9
compare "bad option" --foo
compare "an ambiguous option" --s
compare "an option without its value" -C
compare "-P with two" -P ab "$release"
compare "relative file" "$release" d.ko
compare "no such file" "$release" /nonexistent.ko
compare "two files" "$release" "$at/kernel/d.ko" "$at/kernel/sub/c.ko"
compare "files and -a" -a "$release" "$at/kernel/d.ko"

while read -r lines; do
  printf '%b\n' "$lines" >"$work/depmod.conf"
  compare "depmod.d: $lines" -n -C "$work/depmod.conf" "$release"
done <<'END'
search extra
search extra updates built-in
search built-in
search built-in\nsearch extra
search kernel/sub kernel
# comment\n  search\textra \\\n updates
override d * extra
override d ^7 extra
override d * extra\noverride d * kernel
override d
external * /nonexistent
external 7 /nonexistent
exclude sub
exclude extra updates
bogus x
END

# Several configurations: in which order, and which of two files of one name.
mkdir -p "$work/one" "$work/two"
echo 'search extra' >"$work/one/10.conf"
echo 'search built-in' >"$work/two/20.conf"
echo 'override d * extra' >"$work/one/same.conf"
echo 'override d * kernel' >"$work/two/same.conf"
echo 'exclude sub' >"$work/two/30.conf"
echo 'exclude extra' >"$work/one/ignored"
for options in "-C one" "-C two" "-C one -C two" "-C two -C one" "-C one/10.conf -C two/20.conf" \
  "-C two/20.conf -C one/10.conf" "-C one/same.conf -C two/same.conf" "-C two/same.conf -C one/same.conf" \
  "-C one/same.conf -C two" "-C two -C one/10.conf" "-C nosuch -C one" "-C one/ignored"; do
  # shellcheck disable=SC2086 # several options
  compare "configurations $options" -n $options "$release"
done

# -A: what is stale shows whether anything was done. Times are in seconds after a day of 2020.
at_time() { touch -d "@$((1577836800 + $1))" "${@:2}"; }
for case in "older 100 200" "newer 300 200" "equal 200 200"; do
  read -r name module dep <<<"$case"
  find "$at" -name '*.ko' -exec touch -d @1577836800 {} +
  echo stale >"$at/modules.dep"
  at_time "$dep" "$at/modules.dep"
  at_time "$module" "$at/updates/e.ko"
  compare "-A, a module is $name" -A "$release"
  grep -q stale "$work/lib.ours/modules/$release/modules.dep" && stale=yes || stale=no
  [ "$stale/$name" = no/newer ] || [ "$stale$name" = yesolder ] || [ "$name" = equal ] || {
    echo "FAILED -A, $name: stale $stale"
    failures=$((failures + 1))
  }
done
at_time 100 "$at/updates/e.ko"
at_time 300 "$at/modules.order"
compare "-A, modules.order is newer" -A "$release"
at_time 300 "$at/kernel/sub/c.ko"
echo 'exclude sub' >"$work/depmod.conf"
compare "-A, an excluded module is newer" -A -C "$work/depmod.conf" "$release"
compare "-A, it is not excluded" -A "$release"
compare "-A and -n" -A -n "$release"
compare "-A with a file" -A "$release" "$at/kernel/d.ko"
compare "-A and -a" -A -a "$release"
rm "$at/modules.dep"

echo garbage >"$at/kernel/bad.ko"
: >"$at/kernel/empty.ko"
head -c 300 "$at/kernel/d.ko" >"$at/kernel/cut.ko"
mkdir "$at/kernel/folder.ko" "$at/build"
cp "$at/kernel/d.ko" "$at/build/hidden.ko"
compare "damaged files" "$release"
printf 'kernel/d.ko' >"$at/modules.order"
compare "half a modules.order" "$release"
rm "$at"/modules.order "$at"/modules.builtin*
compare "no modules.order" "$release"

tree
module "$at/a.ko" a b
module "$at/b.ko" b c
module "$at/c.ko" c a
module "$at/d.ko" d a
compare "a circle" "$release"

# The distribution's whole tree, its files by links.
if [ -d "/lib/modules/$release/kernel" ]; then
  tree
  rm -r "$at"
  cp -rs "/lib/modules/$release" "$at"
  rm -f "$at"/modules.{dep,alias,softdep,symbols,devname}* "$at"/modules.builtin.*bin "$at"/{build,source}
  compare "the tree of $release" "$release"
  compare "the tree of $release, -v" -v "$release"
fi
[ $failures = 0 ]
