#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Writes the seeds of signature_fuzzer: messages that openssl makes of the fuzzer's content. The keys
# are new each time, so the bytes differ from run to run.
#
#   signature_seeds.sh tests/corpus/signature
set -euo pipefail

out=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "what was signed" >"$folder/content"

key() {
  openssl req -new -x509 -nodes -sha256 -days 36500 -subj "/CN=$1" "${@:2}" \
    -keyout "$folder/$1.key" -out "$folder/$1.crt" 2>/dev/null
  cat "$folder/$1.key" "$folder/$1.crt" >"$folder/$1.pem"
}
key rsa -newkey rsa:1024
key ec -newkey ec -pkeyopt ec_paramgen_curve:P-256
openssl req -new -nodes -sha256 -subj /CN=leaf -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
  -keyout "$folder/leaf.key" -out "$folder/leaf.csr" 2>/dev/null
openssl x509 -req -in "$folder/leaf.csr" -CA "$folder/ec.pem" -set_serial 2 -days 36500 \
  -out "$folder/leaf.crt" 2>/dev/null
cat "$folder/leaf.key" "$folder/leaf.crt" >"$folder/leaf.pem"

mkdir -p "$out"
# seed NAME KEY OPTION...
seed() {
  openssl cms -sign -binary -outform DER -in "$folder/content" -signer "$folder/$2.pem" "${@:3}" \
    -out "$out/$1.der"
}
seed rsa rsa -noattr -nocerts
seed rsa_with_key rsa -noattr
seed rsa_attributes rsa
seed rsa_sha512 rsa -noattr -nocerts -md sha512
seed rsa_pss rsa -noattr -keyopt rsa_padding_mode:pss
seed ec_with_key ec -noattr
seed ec_by_key_id ec -noattr -keyid
seed ec_attached ec -noattr -nocerts -nodetach
seed chain leaf -noattr -certfile "$folder/ec.crt"
seed two ec -noattr -signer "$folder/rsa.pem"
