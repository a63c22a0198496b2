// SPDX-License-Identifier: GPL-2.0-only
// What Linux finds out about a module's signature (kernel/module/signing.c), in the words of its
// errnos: 0 the key is trusted and the file is what was signed; ENOKEY a key that nobody trusts;
// ENOPKG a kind of signature that cannot be checked; EBADMSG and EINVAL damaged; EKEYREJECTED the
// file is not what was signed.
#pragma once

#include <functional>
#include <memory>
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

class SignatureVerifier {
 public:
  // `more` brings more trusted certificates; it is asked once, when the first key is looked for.
  using More = std::function<std::vector<Certificate>()>;
  SignatureVerifier(SignatureAbilities abilities, LogFunction log, std::vector<Certificate> trusted,
                    More more);

  int verify(Bytes content, Bytes pkcs7);

 private:
  using Certificates = std::vector<Certificate>;
  const Certificates& trusted();
  int verify_one(const Pkcs7Signer& signer, const Certificates& embedded, Bytes content);
  int trust(const Pkcs7Signer& signer, const Certificates& embedded, Bytes content);

  SignatureAbilities abilities_;
  LogFunction log_;
  Certificates trusted_;
  More more_;
};

}  // namespace ring3::module
