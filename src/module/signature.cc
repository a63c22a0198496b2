// SPDX-License-Identifier: GPL-2.0-only
// The order is the kernel's: the message is read, then each signature is checked against the
// certificate that came with it, if one did, and at last somebody in the chain must be trusted.
// Dates are not looked at, as in the kernel. The mathematics are OpenSSL's.
#include "module/signature.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace ring3::module {
namespace {

// A digest needs an algorithm that is in the kernel: nothing loads one that is a module.
struct Digest {
  std::string_view oid, config;
  const char* openssl;
};
constexpr Digest kDigests[] = {
    {"OID_md4", "CONFIG_CRYPTO_MD4", "MD4"},
    {"OID_md5", "CONFIG_CRYPTO_MD5", "MD5"},
    {"OID_sha1", "CONFIG_CRYPTO_SHA1", "SHA1"},
    {"OID_sha224", "CONFIG_CRYPTO_SHA256", "SHA224"},
    {"OID_sha256", "CONFIG_CRYPTO_SHA256", "SHA256"},
    {"OID_sha384", "CONFIG_CRYPTO_SHA512", "SHA384"},
    {"OID_sha512", "CONFIG_CRYPTO_SHA512", "SHA512"},
    {"OID_sha3_256", "CONFIG_CRYPTO_SHA3", "SHA3-256"},
    {"OID_sha3_384", "CONFIG_CRYPTO_SHA3", "SHA3-384"},
    {"OID_sha3_512", "CONFIG_CRYPTO_SHA3", "SHA3-512"},
};

// OpenSSL keeps what went wrong for each thread; nobody else shall find it there.
struct ErrorsForgotten {
  ~ErrorsForgotten() { ERR_clear_error(); }
};

const EVP_MD* find_digest(const SignatureAbilities& abilities, std::string_view oid) {
  for (const Digest& digest : kDigests)
    if (digest.oid == oid && abilities.built_in(digest.config))
      return EVP_get_digestbyname(digest.openssl);
  return nullptr;
}

const unsigned char* data(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Certificate own(X509* certificate) { return {certificate, X509_free}; }

// A DER certificate at the start of `bytes`, which lose it.
Certificate take_der(Bytes& bytes) {
  const unsigned char* at = data(bytes);
  X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(bytes.size()));
  if (certificate) bytes = bytes.subspan(at - data(bytes));
  return own(certificate);
}

template <class T>
bool has_der(const T* object, int (*encode)(const T*, unsigned char**), Bytes der) {
  unsigned char* out = nullptr;
  int size = encode(object, &out);
  bool equal =
      size >= 0 && as_text({reinterpret_cast<std::byte*>(out), size_t(size)}) == as_text(der);
  OPENSSL_free(out);
  return equal;
}

bool is_of(const Pkcs7Signer& signer, X509* certificate) {
  if (!signer.issuer.empty())
    return has_der(X509_get_issuer_name(certificate), i2d_X509_NAME, signer.issuer) &&
           has_der(X509_get0_serialNumber(certificate), i2d_ASN1_INTEGER, signer.serial);
  const ASN1_OCTET_STRING* id = X509_get0_subject_key_id(certificate);
  return id && as_text({reinterpret_cast<const std::byte*>(ASN1_STRING_get0_data(id)),
                        size_t(ASN1_STRING_length(id))}) == as_text(signer.key_id);
}

Certificate find(const std::vector<Certificate>& among, const Pkcs7Signer& signer) {
  for (const Certificate& one : among)
    if (is_of(signer, one.get())) return one;
  return nullptr;
}

// The RSA padding tells the kernel more than right and wrong (crypto/rsa-pkcs1pad.c).
int rsa_error(EVP_PKEY* key, Bytes signature) {
  std::unique_ptr<EVP_PKEY_CTX, void (*)(EVP_PKEY_CTX*)> context(EVP_PKEY_CTX_new(key, nullptr),
                                                                 EVP_PKEY_CTX_free);
  size_t size = EVP_PKEY_size(key);
  std::vector<unsigned char> plain(size);
  if (!context || EVP_PKEY_verify_recover_init(context.get()) <= 0 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_NO_PADDING) <= 0 ||
      EVP_PKEY_verify_recover(context.get(), plain.data(), &size, data(signature),
                              signature.size()) <= 0)
    return EINVAL;
  if (size < 2 || plain[0] != 0) return EINVAL;
  if (plain[1] != 1) return EBADMSG;
  auto end = std::find_if(plain.begin() + 2, plain.end(), [](int byte) { return byte != 0xff; });
  return end == plain.end() || *end != 0 ? EBADMSG : EKEYREJECTED;
}

// 0, or why `key` did not sign this.
int check(X509* certificate, const EVP_MD* digest, const Pkcs7Signer& signer, Bytes content) {
  EVP_PKEY* key = X509_get0_pubkey(certificate);
  bool wants_rsa = signer.algorithm == "OID_rsaEncryption";
  if (!key || EVP_PKEY_get_base_id(key) != (wants_rsa ? EVP_PKEY_RSA : EVP_PKEY_EC))
    return EKEYREJECTED;
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool good = context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
              EVP_DigestVerify(context.get(), data(signer.signature), signer.signature.size(),
                               data(content), content.size()) == 1;
  if (good) return 0;
  return wants_rsa ? rsa_error(key, signer.signature) : EKEYREJECTED;
}

// Who among them issued the certificate, by names and by key.
Certificate find_issuer(const std::vector<Certificate>& among, X509* certificate) {
  for (const Certificate& one : among)
    if (X509_check_issued(one.get(), certificate) == X509_V_OK &&
        X509_verify(certificate, X509_get0_pubkey(one.get())) == 1)
      return one;
  return nullptr;
}

// SHA-256 of the signature's size, the signature, the content. None without memory: nothing is
// remembered then.
std::optional<std::array<unsigned char, 32>> hash_of(Bytes content, Bytes pkcs7) {
  std::array<unsigned char, 32> hash;
  uint64_t size = pkcs7.size();
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1 ||
      EVP_DigestUpdate(context.get(), &size, sizeof(size)) != 1 ||
      EVP_DigestUpdate(context.get(), pkcs7.data(), pkcs7.size()) != 1 ||
      EVP_DigestUpdate(context.get(), content.data(), content.size()) != 1 ||
      EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) != 1)
    return std::nullopt;
  return hash;
}

}  // namespace

Result<std::vector<Certificate>> read_certificates(Bytes file, const std::string& name) {
  ErrorsForgotten at_end;
  std::vector<Certificate> found;
  constexpr std::byte kSequence{0x30};
  if (!file.empty() && file[0] == kSequence) {
    while (!file.empty()) {
      Certificate one = take_der(file);
      if (!one) break;
      found.push_back(std::move(one));
    }
  } else {
    std::unique_ptr<BIO, int (*)(BIO*)> text(
        BIO_new_mem_buf(file.data(), static_cast<int>(file.size())), BIO_free);
    while (X509* one = text ? PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr) : nullptr)
      found.push_back(own(one));
    file = {};
  }
  if (found.empty() || !file.empty())
    return Error{EINVAL, fmt::format("{}: not X.509 certificates, neither PEM nor DER", name)};
  return found;
}

SignatureVerifier::SignatureVerifier(SignatureAbilities abilities, LogFunction log,
                                     std::vector<Certificate> trusted, More more)
    : abilities_(std::move(abilities)),
      log_(std::move(log)),
      trusted_(std::move(trusted)),
      more_(std::move(more)) {}

const SignatureVerifier::Certificates& SignatureVerifier::trusted() {
  std::call_once(asked_, [&] {
    if (!more_) return;
    for (Certificate& one : more_()) trusted_.push_back(std::move(one));
  });
  return trusted_;
}

bool SignatureVerifier::is_known(const Hash& hash) {
  std::scoped_lock lock(lock_);
  return good_.contains(hash);
}

// Who is trusted never changes, so what is good stays good. An answer that comes with lines in the
// log is found anew each time.
int SignatureVerifier::verify(Bytes content, Bytes pkcs7) {
  ErrorsForgotten at_end;
  auto hash = hash_of(content, pkcs7);
  if (hash && is_known(*hash)) {
    remembered_++;
    return 0;
  }
  bool silent = true;
  LogFunction log = [&](int level, std::string_view line) {
    silent = false;
    if (log_) log_(level, line);
  };
  int error = check_message(content, pkcs7, log);
  if (!error && silent && hash) {
    std::scoped_lock lock(lock_);
    good_.insert(*hash);
  }
  return error;
}

int SignatureVerifier::check_message(Bytes content, Bytes pkcs7, const LogFunction& log) {
  auto message = parse_pkcs7(pkcs7, abilities_.numbers, log);
  if (!message) return message.error().code;
  auto refuse = [&](int level, int error, std::string_view line) {
    log(level, line);
    return error;
  };
  if (message->has_content) {
    log(4, "PKCS7: Data already supplied");
    return refuse(3, EBADMSG, "PKCS#7 signature with non-detached data");
  }
  if (message->data_type != "OID_data")
    return refuse(4, EKEYREJECTED, "PKCS7: Invalid module sig (not pkcs7-data)");
  if (message->signers[0].attributes)
    return refuse(4, EKEYREJECTED, "PKCS7: Invalid module sig (has authattrs)");

  Certificates embedded;
  for (Bytes der : message->certificates) {
    embedded.push_back(take_der(der));
    if (!embedded.back()) return EBADMSG;
  }
  // The best answer of all signers: one that is trusted suffices.
  bool computable = false;
  for (const Pkcs7Signer& signer : message->signers) {
    int error = verify_one(signer, embedded, content);
    if (error && error != ENOPKG) return error;
    computable |= !error;
  }
  if (!computable) return ENOPKG;
  int best = ENOKEY;
  for (const Pkcs7Signer& signer : message->signers) {
    int error = trust(signer, embedded, content);
    if (error && error != ENOKEY && error != ENOPKG) return error;
    if (!error || (error == ENOPKG && best)) best = error;
  }
  return best;
}

// pkcs7_verify: is the message right in itself.
int SignatureVerifier::verify_one(const Pkcs7Signer& signer, const Certificates& embedded,
                                  Bytes content) {
  const EVP_MD* digest = find_digest(abilities_, signer.digest);
  if (!digest) return ENOPKG;
  // A key identifier is not looked for among the certificates that came along.
  Certificate own_certificate = signer.issuer.empty() ? nullptr : find(embedded, signer);
  return own_certificate ? check(own_certificate.get(), digest, signer, content) : 0;
}

// pkcs7_validate_trust: is the signer's key trusted, or somebody who vouches for it.
int SignatureVerifier::trust(const Pkcs7Signer& signer, const Certificates& embedded,
                             Bytes content) {
  const EVP_MD* digest = find_digest(abilities_, signer.digest);
  if (!digest) return ENOPKG;
  if (Certificate key = find(trusted(), signer))
    return check(key.get(), digest, signer, content) ? EKEYREJECTED : 0;
  Certificate current = signer.issuer.empty() ? nullptr : find(embedded, signer);
  for (size_t steps = 0; current && steps <= embedded.size(); steps++) {
    if (find_issuer(trusted(), current.get())) return 0;
    Certificate issuer = find_issuer(embedded, current.get());
    if (issuer == current) break;
    current = issuer;
  }
  return ENOKEY;
}

}  // namespace ring3::module
