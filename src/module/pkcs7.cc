// SPDX-License-Identifier: GPL-2.0-only
// One function an ASN.1 type of RFC 2315, in its order. Differences: Linux also takes indefinite
// lengths and long tags, which no signing tool writes into a detached signature.
#include "module/pkcs7.h"

#include <fmt/format.h>

#include <algorithm>

#include "module/der.h"

namespace ring3::module {
namespace {

constexpr uint64_t kLargest = 65535;  // what the kernel's BER decoder takes

struct Oid {
  std::string_view dotted, name;
};
// Those that have a place in a message. Whether the target knows one its enum says.
constexpr Oid kOids[] = {
    {"1.2.840.113549.1.7.1", "OID_data"},
    {"1.2.840.113549.1.7.2", "OID_signed_data"},
    {"1.3.6.1.4.1.311.2.1.4", "OID_msIndirectData"},
    {"1.2.840.113549.1.9.3", "OID_contentType"},
    {"1.2.840.113549.1.9.4", "OID_messageDigest"},
    {"1.2.840.113549.1.9.5", "OID_signingTime"},
    {"1.2.840.113549.1.9.15", "OID_smimeCapabilites"},
    {"1.2.840.113549.1.1.1", "OID_rsaEncryption"},
    {"1.2.840.10045.2.1", "OID_id_ecPublicKey"},
    {"1.2.840.10045.4.1", "OID_id_ecdsa_with_sha1"},
    {"1.2.840.10045.4.3.1", "OID_id_ecdsa_with_sha224"},
    {"1.2.840.10045.4.3.2", "OID_id_ecdsa_with_sha256"},
    {"1.2.840.10045.4.3.3", "OID_id_ecdsa_with_sha384"},
    {"1.2.840.10045.4.3.4", "OID_id_ecdsa_with_sha512"},
    {"2.16.840.1.101.3.4.3.10", "OID_id_ecdsa_with_sha3_256"},
    {"2.16.840.1.101.3.4.3.11", "OID_id_ecdsa_with_sha3_384"},
    {"2.16.840.1.101.3.4.3.12", "OID_id_ecdsa_with_sha3_512"},
    {"1.2.840.113549.2.4", "OID_md4"},
    {"1.2.840.113549.2.5", "OID_md5"},
    {"1.3.14.3.2.26", "OID_sha1"},
    {"2.16.840.1.101.3.4.2.1", "OID_sha256"},
    {"2.16.840.1.101.3.4.2.2", "OID_sha384"},
    {"2.16.840.1.101.3.4.2.3", "OID_sha512"},
    {"2.16.840.1.101.3.4.2.4", "OID_sha224"},
    {"2.16.840.1.101.3.4.2.8", "OID_sha3_256"},
    {"2.16.840.1.101.3.4.2.9", "OID_sha3_384"},
    {"2.16.840.1.101.3.4.2.10", "OID_sha3_512"},
};
constexpr std::string_view kDigests[] = {
    "OID_md4",    "OID_md5",    "OID_sha1",     "OID_sha224",   "OID_sha256",
    "OID_sha384", "OID_sha512", "OID_sha3_256", "OID_sha3_384", "OID_sha3_512"};
constexpr std::string_view kAlgorithms[] = {
    "OID_rsaEncryption",          "OID_id_ecdsa_with_sha1",     "OID_id_ecdsa_with_sha224",
    "OID_id_ecdsa_with_sha256",   "OID_id_ecdsa_with_sha384",   "OID_id_ecdsa_with_sha512",
    "OID_id_ecdsa_with_sha3_256", "OID_id_ecdsa_with_sha3_384", "OID_id_ecdsa_with_sha3_512"};

template <size_t N>
bool is_one_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(names, names + N, name) != names + N;
}

// As the kernel prints it: the first two numbers are 40 apart, whatever the standard says of 2.
std::string dotted(Bytes oid) {
  if (oid.empty()) return "(bad)";
  auto first = uint8_t(oid[0]);
  std::string text = fmt::format("{}.{}", first / 40, first % 40);
  uint64_t number = 0;
  bool open = false;
  for (std::byte byte : oid.subspan(1)) {
    number = number << 7 | (uint8_t(byte) & 0x7f);
    open = uint8_t(byte) & 0x80;
    if (open) continue;
    text += fmt::format(".{}", number);
    number = 0;
  }
  return open ? "(bad)" : text;
}

class Parser {
 public:
  Parser(Bytes message, const OidNumbers& numbers, const LogFunction& log)
      : message_(message), numbers_(numbers), log_(log) {}
  Result<Pkcs7> parse();

 private:
  Result<void> signed_data(Bytes content);
  Result<void> content_info(Bytes content);
  Result<void> certificates(DerReader& reader);
  Result<void> signer(Bytes content);
  Result<void> signer_version(std::optional<DerElement> version, bool by_key_id);
  Result<void> attributes(Bytes content);
  Result<void> check_attributes();

  Error bad() const { return {EBADMSG, ""}; }
  Error refuse(int error, std::string_view line) const {
    if (log_) log_(4, line);
    return {error, ""};
  }
  // The name of an OID; empty, and said in the log, when the target does not know it.
  std::string_view name(const DerElement& oid) const;
  int64_t number(std::string_view name) const {
    return numbers_ ? numbers_(name.empty() ? "OID__NR" : name).value_or(0) : 0;
  }
  // SEQUENCE { OID, parameters }
  Result<std::string_view> algorithm(DerReader& reader) const;

  Bytes message_;
  const OidNumbers& numbers_;
  const LogFunction& log_;
  int version_ = 0;
  Pkcs7 result_;
};

std::string_view Parser::name(const DerElement& oid) const {
  std::string text = dotted(oid.content);
  for (const Oid& known : kOids)
    if (known.dotted == text && (!numbers_ || numbers_(known.name))) return known.name;
  if (log_)
    log_(4, fmt::format("PKCS7: Unknown OID: [{}] {}", oid.content.data() - message_.data(), text));
  return {};
}

Result<std::string_view> Parser::algorithm(DerReader& reader) const {
  auto sequence = reader.next(kDerSequence);
  if (!sequence) return bad();
  DerReader inside(sequence->content);
  auto oid = inside.next(kDerOid);
  if (!oid) return bad();
  std::string_view found = name(*oid);
  if (!inside.empty() && !inside.next()) return bad();
  if (!inside.empty()) return bad();
  return found;
}

Result<Pkcs7> Parser::parse() {
  if (message_.size() > kLargest) return Error{EMSGSIZE, ""};
  auto outer = DerReader(message_).next(kDerSequence);
  if (!outer) return bad();
  DerReader reader(outer->content);
  auto type = reader.next(kDerOid);
  if (!type) return bad();
  if (name(*type) != "OID_signed_data")
    return refuse(EINVAL, "PKCS7: Only support pkcs7_signedData type");
  if (!reader.empty()) {
    auto content = reader.next(kDerConstructed0);
    if (!content) return bad();
    auto data = DerReader(content->content).next(kDerSequence);
    if (!data) return bad();
    TRY(signed_data(data->content));
  }
  TRY(check_attributes());
  return std::move(result_);
}

Result<void> Parser::signed_data(Bytes content) {
  DerReader reader(content);
  auto version = reader.next(kDerInteger);
  if (!version) return bad();
  version_ = version->content.size() == 1 ? int(version->content[0]) : 0;
  if (version_ != 1 && version_ != 3)
    return refuse(EINVAL, "PKCS7: Unsupported SignedData version");
  auto digests = reader.next_is(kDerSequence) ? reader.next() : reader.next(kDerSet);
  if (!digests || digests->content.empty()) return bad();
  for (DerReader list(digests->content); !list.empty();) TRY(algorithm(list));
  auto info = reader.next(kDerSequence);
  if (!info) return bad();
  TRY(content_info(info->content));
  TRY(certificates(reader));
  auto signers = reader.next_is(kDerSequence) ? reader.next() : reader.next(kDerSet);
  if (!signers || signers->content.empty() || !reader.empty()) return bad();
  for (DerReader list(signers->content); !list.empty();) {
    auto one = list.next(kDerSequence);
    if (!one) return bad();
    TRY(signer(one->content));
  }
  return {};
}

Result<void> Parser::content_info(Bytes content) {
  DerReader reader(content);
  auto type = reader.next(kDerOid);
  if (!type) return bad();
  (void)name(*type);  // Linux looks it up twice, and says twice what it does not know
  result_.data_type = name(*type);
  if (result_.data_type != "OID_data" && result_.data_type != "OID_msIndirectData")
    return refuse(EINVAL,
                  fmt::format("PKCS7: Unsupported data type {}", number(result_.data_type)));
  if (reader.empty()) return {};
  auto data = reader.next(kDerConstructed0);
  if (!data || !reader.empty() || !DerReader(data->content).next()) return bad();
  result_.has_content = true;
  return {};
}

// Certificates and what was revoked, both optional, each as a set ([0], [1]) or in order ([2],
// [3]).
Result<void> Parser::certificates(DerReader& reader) {
  if (reader.next_is(kDerConstructed0) || reader.next_is(kDerConstructed0 + 2)) {
    auto list = reader.next();
    if (!list) return bad();
    for (DerReader inside(list->content); !inside.empty();) {
      auto one = inside.next(kDerSequence);
      if (!one) return bad();
      result_.certificates.push_back(one->whole);
    }
  }
  if (reader.next_is(kDerConstructed0 + 1) || reader.next_is(kDerConstructed0 + 3))
    if (!reader.next()) return bad();
  return {};
}

Result<void> Parser::signer_version(std::optional<DerElement> version, bool by_key_id) {
  int value = version->content.size() == 1 ? int(version->content[0]) : 0;
  if (value != 1 && value != 3) return refuse(EINVAL, "PKCS7: Unsupported SignerInfo version");
  if (value != version_ || by_key_id != (value == 3))
    return refuse(EBADMSG, "PKCS7: SignedData-SignerInfo version mismatch");
  return {};
}

Result<void> Parser::signer(Bytes content) {
  DerReader reader(content);
  Pkcs7Signer signer;
  auto version = reader.next(kDerInteger);
  if (!version) return bad();
  TRY(signer_version(version, reader.next_is(kDerContext0)));
  if (auto key_id = reader.next(kDerContext0)) {
    signer.key_id = key_id->content;
  } else {
    auto who = reader.next(kDerSequence);
    if (!who) return bad();
    DerReader inside(who->content);
    auto issuer = inside.next(kDerSequence), serial = inside.next(kDerInteger);
    if (!issuer || !serial || !inside.empty()) return bad();
    signer.issuer = issuer->whole;
    signer.serial = serial->whole;
  }
  signer.digest = TRY(algorithm(reader));
  if (!is_one_of(signer.digest, kDigests))
    return refuse(ENOPKG, fmt::format("Unsupported digest algo: {}", number(signer.digest)));
  if (auto list = reader.next(kDerConstructed0)) {
    signer.attributes = true;
    TRY(attributes(list->content));
  }
  signer.algorithm = TRY(algorithm(reader));
  if (!is_one_of(signer.algorithm, kAlgorithms))
    return refuse(ENOPKG, fmt::format("Unsupported pkey algo: {}", number(signer.algorithm)));
  auto signature = reader.next(kDerOctets);
  if (!signature) return bad();
  signer.signature = signature->content;
  if (!reader.empty() && !reader.next(kDerConstructed0 + 1)) return bad();
  if (!reader.empty()) return bad();
  result_.signers.push_back(signer);
  return {};
}

Result<void> Parser::attributes(Bytes content) {
  bool has_type = false, has_digest = false;
  for (DerReader list(content); !list.empty();) {
    auto attribute = list.next(kDerSequence);
    if (!attribute) return bad();
    DerReader inside(attribute->content);
    auto type = inside.next(kDerOid);
    if (!type || !inside.next(kDerSet) || !inside.empty()) return bad();
    std::string_view what = name(*type);
    has_type |= what == "OID_contentType";
    has_digest |= what == "OID_messageDigest";
    if (what == "OID_smimeCapabilites" && result_.data_type != "OID_msIndirectData")
      return refuse(EKEYREJECTED, "PKCS7: S/MIME Caps only allowed with Authenticode");
  }
  if (!has_type || !has_digest) return refuse(EBADMSG, "PKCS7: Missing required AuthAttr");
  return {};
}

// All signers have signed attributes or none; without a signer it is neither.
Result<void> Parser::check_attributes() {
  const auto& signers = result_.signers;
  auto same = [&](const Pkcs7Signer& s) { return s.attributes == signers[0].attributes; };
  if (!signers.empty() && std::all_of(signers.begin(), signers.end(), same)) return {};
  return refuse(EINVAL, "PKCS7: Inconsistently supplied authAttrs");
}

}  // namespace

Result<Pkcs7> parse_pkcs7(Bytes message, const OidNumbers& numbers, const LogFunction& log) {
  return Parser(message, numbers, log).parse();
}

}  // namespace ring3::module
