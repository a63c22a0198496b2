#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# install_for with dpkg-query, apt-cache and apt-get replaced by functions: what would be installed.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
# shellcheck source=tools/dev/common.sh
. tools/dev/common.sh

INSTALLED="" KNOWN=""
# shellcheck disable=SC2317 # called by install_for
dpkg-query() {
  local name=${*: -1}
  if [[ $2 = *Package* ]]; then
    for package in $INSTALLED; do
      # shellcheck disable=SC2053 # the name is a pattern
      if [[ $package = $name ]]; then echo "installed $package"; fi
    done
  elif [[ " $INSTALLED " = *" $name "* ]]; then
    echo installed
  fi
}
# shellcheck disable=SC2317
apt-cache() {
  for package in $KNOWN; do
    if [[ $package = $2* ]]; then echo "$package"; fi
  done
}
# shellcheck disable=SC2317
as_root() { echo "${*//-*=[0-9]*/}" | tr -s ' ' >>"$calls"; }

calls=$(mktemp)
trap 'rm -f "$calls"' EXIT
failures=0
# expect TEXT PURPOSE...: the last word-list handed to apt-get install; empty if apt was not called.
expect() {
  local wanted=$1 got
  shift
  : >"$calls"
  (install_for "$@") >/dev/null
  got=$(sed -n 's/.*-y //p' "$calls")
  if [ "$got" != "$wanted" ]; then
    failures=$((failures + 1))
    echo "install_for $*: wanted '$wanted', got '$got'"
  fi
}

PACKAGES=([one]="aa bb")
INSTALLED="aa bb" expect "" one
[ ! -s "$calls" ] || { echo "apt was called although nothing is missing"; failures=$((failures + 1)); }
INSTALLED="aa" expect "bb" one
[ "$(grep -c update "$calls")" = 1 ] || { echo "apt-get update must run once"; failures=$((failures + 1)); }

KNOWN="linux-headers-6.1.0-9-amd64 linux-headers-6.1.0-56-amd64 linux-headers-6.1.0-57-cloud-amd64
  linux-headers-6.12.9+deb12-amd64 linux-headers-6.12.117+deb12-amd64 linux-headers-6.12.118+deb12-rt-amd64
  linux-image-6.1.0-56-amd64 linux-image-6.12.9+deb12-amd64 linux-image-6.12.117+deb12-amd64"
expect "linux-headers-6.1.0-56-amd64 linux-headers-6.12.117+deb12-amd64" headers
INSTALLED="linux-headers-6.1.0-56-amd64 linux-headers-6.12.9+deb12-amd64" expect "" headers
INSTALLED="linux-headers-6.1.0-56-amd64 linux-headers-6.12.9+deb12-amd64 linux-image-6.1.0-56-amd64" \
  expect "linux-image-6.12.9+deb12-amd64" headers image

[ "$failures" = 0 ] && echo "all as expected"
