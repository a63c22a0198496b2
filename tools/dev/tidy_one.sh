#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# clang-tidy on one source file, unless it was clean before: the key is what the preprocessor makes
# of it, the checks and the version of clang-tidy. Comments count (-C), as NOLINT stands in them.
set -euo pipefail

source=$1
command=$(python3 - "$source" <<'PYTHON'
import json, os, shlex, sys
path = os.path.abspath(sys.argv[1])
for entry in json.load(open("build/compile_commands.json")):
    if os.path.join(entry["directory"], entry["file"]) == path:
        words = shlex.split(entry["command"])
        words = words[1:] if os.path.basename(words[0]) == "ccache" else words
        print(shlex.join(words[: words.index("-o")] + ["-E", "-C", path]))
        break
else:
    sys.exit(f"{sys.argv[1]} is not compiled by the release build; does CMake know it?")
PYTHON
)
key=$({ clang-tidy --version; cat .clang-tidy; eval "cd build && $command"; } | sha256sum | cut -d' ' -f1)
[ ! -e "build/tidy/$key" ] || exit 0
if output=$(clang-tidy -p build --quiet "$source" 2>&1); then
  mkdir -p build/tidy
  : >"build/tidy/$key"
else
  grep -vE '^[0-9]+ warnings? (generated|treated)|^Suppressed|^Use -' <<<"$output"
  exit 1
fi
