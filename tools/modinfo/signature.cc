// SPDX-License-Identifier: GPL-2.0-only
// The two forms of an appended signature: today's PKCS#7 message (RFC 2315, the parts read here are
// the first signer's issuer, serial number, digest and signature), and the one before it, which has
// signer, key and signature one after the other.
#include "signature.h"

#include <array>
#include <cstring>

#include "module/der.h"

namespace ring3::kmod {
namespace {

using module::DerReader;

struct Header {
  uint8_t algorithm, digest, id, signer_size, key_size;
  uint32_t size;
};

constexpr std::array kIds{"PGP", "X509", "PKCS#7"};
constexpr uint8_t kPkcs7 = 2, kAlgorithms = 2;
constexpr std::array kDigests{"md4",    "md5",    "sha1",   "rmd160", "sha256",
                              "sha384", "sha512", "sha224", "sm3"};

Header header_of(Bytes bytes) {
  auto at = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  return {at(0), at(1),
          at(2), at(3),
          at(4), uint32_t{at(8)} << 24 | uint32_t{at(9)} << 16 | uint32_t{at(10)} << 8 | at(11)};
}

constexpr std::string_view oid(std::string_view bytes) { return bytes; }

// The names that kmod knows, and their object identifiers in DER.
const char* digest_name(Bytes identifier) {
  using namespace std::string_view_literals;
  constexpr std::pair<std::string_view, const char*> kKnown[] = {
      {oid("\x2a\x86\x48\x86\xf7\x0d\x02\x04"sv), "md4"},
      {oid("\x2a\x86\x48\x86\xf7\x0d\x02\x05"sv), "md5"},
      {oid("\x2b\x0e\x03\x02\x1a"sv), "sha1"},
      {oid("\x2b\x24\x03\x02\x01"sv), "rmd160"},
      {oid("\x60\x86\x48\x01\x65\x03\x04\x02\x01"sv), "sha256"},
      {oid("\x60\x86\x48\x01\x65\x03\x04\x02\x02"sv), "sha384"},
      {oid("\x60\x86\x48\x01\x65\x03\x04\x02\x03"sv), "sha512"},
      {oid("\x60\x86\x48\x01\x65\x03\x04\x02\x04"sv), "sha224"},
      {oid("\x2a\x81\x1c\xcf\x55\x01\x83\x11"sv), "sm3"},
  };
  for (const auto& [bytes, name] : kKnown)
    if (as_text(identifier) == bytes) return name;
  return nullptr;
}

// The common name of a distinguished name, or its last part when it has none.
std::string signer_of(Bytes name) {
  constexpr std::string_view kCommonName = "\x55\x04\x03";
  std::string found;
  DerReader sets(name);
  while (auto set = sets.next(module::kDerSet)) {
    DerReader parts(set->content);
    while (auto part = parts.next(module::kDerSequence)) {
      DerReader fields(part->content);
      auto type = fields.next(module::kDerOid);
      auto value = fields.next();
      if (!type || !value) continue;
      std::string_view text = as_text(value->content);
      found = text.substr(0, text.find('\0'));
      if (as_text(type->content) == kCommonName) return found;
    }
  }
  return found;
}

// A DER integer without the zero that keeps it positive.
Bytes magnitude(Bytes integer) {
  while (!integer.empty() && integer.front() == std::byte{0}) integer = integer.subspan(1);
  return integer;
}

// SignerInfo: version, issuer and serial, digest algorithm, [attributes], algorithm, signature.
std::optional<SignatureInfo> first_signer(Bytes content) {
  DerReader fields(content);
  if (!fields.next(module::kDerInteger)) return std::nullopt;
  auto issuer_and_serial = fields.next(module::kDerSequence);
  auto digest = fields.next(module::kDerSequence);
  if (!issuer_and_serial || !digest) return std::nullopt;
  if (fields.next_is(module::kDerConstructed0)) fields.next();
  auto algorithm = fields.next(module::kDerSequence);
  auto signature = fields.next(module::kDerOctets);
  DerReader both(issuer_and_serial->content);
  auto issuer = both.next(module::kDerSequence);
  auto serial = both.next(module::kDerInteger);
  auto identifier = DerReader(digest->content).next(module::kDerOid);
  if (!algorithm || !signature || !issuer || !serial || !identifier) return std::nullopt;
  const char* name = digest_name(identifier->content);
  if (!name) return std::nullopt;
  return SignatureInfo{kIds[kPkcs7], signer_of(issuer->content), magnitude(serial->content), name,
                       signature->content};
}

std::optional<SignatureInfo> read_pkcs7(Bytes blob) {
  auto message = DerReader(blob).next(module::kDerSequence);
  if (!message) return std::nullopt;
  DerReader outer(message->content);
  if (!outer.next(module::kDerOid)) return std::nullopt;
  auto wrapped = outer.next(module::kDerConstructed0);
  if (!wrapped) return std::nullopt;
  auto data = DerReader(wrapped->content).next(module::kDerSequence);
  if (!data) return std::nullopt;
  // SignedData: version, digests, content, [certificates], [revocations], signers.
  DerReader fields(data->content);
  if (!fields.next(module::kDerInteger) || !fields.next(module::kDerSet) ||
      !fields.next(module::kDerSequence))
    return std::nullopt;
  while (!fields.empty() && !fields.next_is(module::kDerSet))
    if (!fields.next()) return std::nullopt;
  auto signers = fields.next(module::kDerSet);
  if (!signers) return std::nullopt;
  auto signer = DerReader(signers->content).next(module::kDerSequence);
  return signer ? first_signer(signer->content) : std::nullopt;
}

}  // namespace

size_t signature_size(Bytes bytes) {
  if (bytes.size() != kSignatureHeader) return 0;
  Header header = header_of(bytes);
  if (header.algorithm >= kAlgorithms || header.digest >= kDigests.size() ||
      header.id >= kIds.size() || header.size == 0)
    return 0;
  return size_t{header.size} + header.signer_size + header.key_size;
}

std::optional<SignatureInfo> read_signature(Bytes bytes, Bytes blob) {
  if (signature_size(bytes) == 0 || blob.size() != signature_size(bytes)) return std::nullopt;
  Header header = header_of(bytes);
  Bytes signature = blob.last(header.size);
  if (header.id == kPkcs7) return read_pkcs7(signature);
  return SignatureInfo{kIds[header.id], std::string(as_text(blob.first(header.signer_size))),
                       blob.subspan(header.signer_size, header.key_size), kDigests[header.digest],
                       signature};
}

}  // namespace ring3::kmod
