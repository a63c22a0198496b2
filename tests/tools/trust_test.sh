#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# ring3 run --trust: Linux cannot be given a key, so no scenario compares this.
#
#   trust_test.sh RING3 FOLDER KDIR    the program, test modules, the build folder of their kernel
set -euo pipefail

ring3=$1
hello=$2/hello.ko
kdir=$3
[ -e "$hello" ] || {
  echo "there is no $hello: run tests/modules/build"
  exit 1
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0

# check EXIT TEXT ARGUMENT...: what `ring3 run ARGUMENT...` with enforced signatures says; "": nothing.
check() {
  local expected=$1 text=$2 result=0
  shift 2
  "$ring3" run --notime --cmdline module.sig_enforce=1 "$@" >"$folder/output" 2>&1 || result=$?
  [ -s "$folder/output" ] || echo nothing >"$folder/output"
  [ "$result" -eq "$expected" ] && grep -Fq "${text:-nothing}" "$folder/output" && return 0
  echo "ring3 run $*: exit status $result (not $expected?), no line '$text'?"
  cat "$folder/output"
  status=1
}

for name in ours other; do
  openssl req -new -x509 -nodes -newkey rsa:2048 -sha256 -subj "/CN=$name" -days 2 \
    -keyout "$folder/$name.key" -out "$folder/$name.pem" 2>/dev/null
done
openssl x509 -in "$folder/ours.pem" -outform DER -out "$folder/ours.der"
signed=$folder/signed.ko
cp "$hello" "$signed"
"$kdir/scripts/sign-file" sha256 "$folder/ours.key" "$folder/ours.pem" "$signed"
changed=$folder/changed.ko
sed 's/license=Dual/license=dual/; s/license=GPL/license=gpl/' "$signed" >"$changed"
distribution=$(echo "/lib/modules/$(basename "$(dirname "$kdir")")"/kernel/lib/crc8.ko*)

unknown='Loading of module with unavailable key is rejected'
check 1 "$unknown" "$signed"
check 1 "$unknown" --trust "$folder/other.pem" "$signed"
check 0 'hello: hello, world' --trust "$folder/ours.pem" "$signed"
check 0 'hello: hello, world' --trust "$folder/ours.der" "$signed"
check 0 'hello: hello, world' --trust "$folder/other.pem" --trust "$folder/ours.der" "$signed"
check 0 'hello: hello, world' --no-builtin-keys --trust "$folder/ours.pem" "$signed"
check 1 'Key was rejected by service' --trust "$folder/ours.pem" "$changed"
check 1 'Loading of unsigned module is rejected' --trust "$folder/ours.pem" "$hello"
check 0 '' "$distribution"
check 1 "$unknown" --no-builtin-keys "$distribution"
check 1 'neither PEM nor DER' --trust "$hello" "$signed"
check 1 'No such file' --trust "$folder/nothing.pem" "$signed"
exit "$status"
