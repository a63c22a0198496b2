// SPDX-License-Identifier: GPL-2.0-only
// A PKCS#7 message of arbitrary bytes, read and verified: once with nobody trusted, which must
// never be good, once with all certificates trusted that came along.
#include <openssl/err.h>

#include <cstdlib>

#include "module/signature.h"

namespace {

using namespace ring3;
using namespace ring3::module;

#define PROMISED(condition)         \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (0)

constexpr std::string_view kContent = "what was signed\n";

bool inside(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

int verify(Bytes message, std::vector<Certificate> trusted) {
  auto log = [](int, std::string_view line) { PROMISED(!line.empty()); };
  SignatureVerifier verifier({.numbers = {}, .built_in = [](auto) { return true; }}, log,
                             std::move(trusted), {});
  return verifier.verify(as_bytes(kContent), message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes message{reinterpret_cast<const std::byte*>(data), size};
  PROMISED(verify(message, {}) != 0);
  auto read = parse_pkcs7(message, {}, {});
  if (!read) {
    PROMISED(read.error().code > 0);
    return 0;
  }
  PROMISED(!read->signers.empty());
  for (const Pkcs7Signer& signer : read->signers) {
    PROMISED(signer.issuer.empty() == signer.serial.empty());
    for (Bytes part : {signer.issuer, signer.serial, signer.key_id, signer.signature})
      PROMISED(inside(part, message));
  }
  std::vector<Certificate> trusted;
  for (Bytes der : read->certificates) {
    PROMISED(inside(der, message));
    if (auto certificates = read_certificates(der, "input"))
      for (Certificate& one : *certificates) trusted.push_back(one);
  }
  (void)verify(message, trusted);
  PROMISED(ERR_peek_error() == 0);  // nothing is left behind for the next caller
  return 0;
}
