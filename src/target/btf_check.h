// SPDX-License-Identifier: GPL-2.0-only
// BTF is untrusted bytes. libbpf 1.1 walks its types without looking at the ids and names in them,
// and gives up without a word at a kind it does not know; so the whole blob is verified here first:
// afterwards every type id is below the count, every name is a string of the blob, no record
// reaches over the end.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace ring3::target {

// Errors name the type's id and its offset in the type section. A kind that is newer than us is
// ENOTSUP: its record's length is unknown, so nothing behind it can be read.
Result<void> check_btf(Bytes btf, std::string_view file_name);

}  // namespace ring3::target
