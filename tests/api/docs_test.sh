#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# docs_test.sh RING3: docs/api is what RING3 writes, and writing cleans up after itself.
set -euo pipefail
ring3=$1
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "FAILED: $*"
  exit 1
}

"$ring3" api docs "$folder/api"
diff -ru docs/api "$folder/api" || fail "the table changed, docs/api did not: run ./dev api and commit it"

# No word of it may depend on where it was built.
! grep -rn "$PWD" "$folder/api" || fail "a page has a path of this machine"

# A page of a folder that is gone goes; what people wrote stays.
{ head -n 1 docs/api/mm.md; echo gone; } >"$folder/api/gone-folder.md"
echo "by hand" >"$folder/api/notes.md"
"$ring3" api docs "$folder/api"
[ ! -e "$folder/api/gone-folder.md" ] || fail "the page of a folder that is gone stayed"
[ -e "$folder/api/notes.md" ] || fail "a page that was not generated is gone"
