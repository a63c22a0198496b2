// SPDX-License-Identifier: GPL-2.0-only
// Who signed a module, as the signature appended to its file says. Nothing is verified here, so no
// cryptography is needed, and none is loaded: the kernel checks signatures.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"

namespace ring3::kmod {

struct SignatureInfo {
  std::string id;      // "PKCS#7"
  std::string signer;  // the common name of who issued the key
  Bytes key;           // its serial number, or its identifier
  std::string digest;  // "sha256"
  Bytes signature;
};

inline constexpr std::string_view kSignatureMarker = "~Module signature appended~\n";
// struct module_signature, which stands before the marker.
inline constexpr size_t kSignatureHeader = 12;

// How many bytes before the header belong to the signature. 0: the header is none.
size_t signature_size(Bytes header);
// `blob`: those bytes. Nothing when they are not understood.
std::optional<SignatureInfo> read_signature(Bytes header, Bytes blob);

}  // namespace ring3::kmod
