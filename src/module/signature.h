// SPDX-License-Identifier: GPL-2.0-only
// What Linux finds out about a module's signature (kernel/module/signing.c), in the words of its
// errnos: 0 the key is trusted and the file is what was signed; ENOKEY a key that nobody trusts;
// ENOPKG a kind of signature that cannot be read; EBADMSG damaged; EKEYREJECTED the file is not
// what was signed.
#pragma once

#include <functional>

#include "base/bytes.h"

namespace ring3::module {

// `content` is what was signed, `pkcs7` a DER CMS SignedData without content.
using SignatureCheck = std::function<int(Bytes content, Bytes pkcs7)>;

}  // namespace ring3::module
