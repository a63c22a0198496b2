// SPDX-License-Identifier: GPL-2.0-only
// What Linux finds out about a module's signature (kernel/module/signing.c), in the words of its
// errnos: 0 the key is trusted and the file is what was signed; ENOKEY a key that nobody trusts;
// ENOPKG a kind of signature that cannot be checked; EBADMSG and EINVAL damaged; EKEYREJECTED the
// file is not what was signed.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "module/pkcs7.h"

struct x509_st;  // OpenSSL's X509

namespace ring3::module {

// `content` is what was signed, `pkcs7` a DER SignedData without content.
using SignatureCheck = std::function<int(Bytes content, Bytes pkcs7)>;

using Certificate = std::shared_ptr<x509_st>;
// One DER certificate or several, or PEM. `name` is for the error.
Result<std::vector<Certificate>> read_certificates(Bytes file, const std::string& name);

// What a kernel can compute: its enum OID, and whether a CONFIG_ option is built in.
struct SignatureAbilities {
  OidNumbers numbers;
  std::function<bool(std::string_view option)> built_in;
};

// Any task may ask. What was found good once is remembered by its hash: the mathematics of one
// signature take as long as all else of a load, and the same files are loaded again and again.
class SignatureVerifier {
 public:
  // `more` brings more trusted certificates; it is asked once, when the first key is looked for.
  using More = std::function<std::vector<Certificate>()>;
  SignatureVerifier(SignatureAbilities abilities, LogFunction log, std::vector<Certificate> trusted,
                    More more);

  int verify(Bytes content, Bytes pkcs7);
  // Of the files that were asked about, how many needed no mathematics.
  uint64_t remembered() const { return remembered_; }

 private:
  using Hash = std::array<unsigned char, 32>;  // of a file and its signature
  using Certificates = std::vector<Certificate>;
  const Certificates& trusted();
  int check_message(Bytes content, Bytes pkcs7, const LogFunction& log);
  bool is_known(const Hash& hash);
  int verify_one(const Pkcs7Signer& signer, const Certificates& embedded, Bytes content);
  int trust(const Pkcs7Signer& signer, const Certificates& embedded, Bytes content);

  SignatureAbilities abilities_;
  LogFunction log_;
  Certificates trusted_;
  More more_;
  std::once_flag asked_;  // for more
  std::mutex lock_;
  std::set<Hash> good_;
  std::atomic<uint64_t> remembered_{0};
};

}  // namespace ring3::module
