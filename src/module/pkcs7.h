// SPDX-License-Identifier: GPL-2.0-only
// A PKCS#7 (CMS) SignedData message as the kernel reads it (crypto/asymmetric_keys/pkcs7_parser):
// what is accepted, the errno of what is not, and the lines that it writes into the log. Verifying
// it is signature.h's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "module/log_function.h"

namespace ring3::module {

// The object identifiers that the target's kernel knows, by their names in its enum OID
// ("OID_sha256"), with their numbers there; also OID__NR, how many there are. Empty: all are known.
using OidNumbers = std::function<std::optional<int64_t>(std::string_view enumerator)>;

struct Pkcs7Signer {
  Bytes issuer, serial;        // whole DER elements; or
  Bytes key_id;                // the subject key identifier
  std::string_view digest;     // "OID_sha256"
  std::string_view algorithm;  // "OID_rsaEncryption"
  bool attributes = false;     // signed ones
  Bytes signature;
};

struct Pkcs7 {
  std::string_view data_type;  // "OID_data"
  bool has_content = false;
  std::vector<Bytes> certificates;
  std::vector<Pkcs7Signer> signers;
};

// The result points into `message`.
Result<Pkcs7> parse_pkcs7(Bytes message, const OidNumbers& numbers, const LogFunction& log);

}  // namespace ring3::module
