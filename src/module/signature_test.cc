// SPDX-License-Identifier: GPL-2.0-only
// Signatures made with keys of the test's own: what no scenario can show, since Linux takes no keys
// from us.
#include "module/signature.h"

#include <gtest/gtest.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

namespace ring3::module {
namespace {

constexpr std::string_view kContent = "what was signed";

struct Key {
  std::shared_ptr<EVP_PKEY> pair;
  Certificate certificate;
};

// A key whose certificate `issuer` signed, or itself.
Key make_key(const char* name, long serial, EVP_PKEY* pair, const Key* issuer = nullptr) {
  Key key{{pair, EVP_PKEY_free}, {X509_new(), X509_free}};
  X509* x = key.certificate.get();
  X509_set_version(x, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
  X509_gmtime_adj(X509_getm_notBefore(x), -20);
  X509_gmtime_adj(X509_getm_notAfter(x), -10);  // the kernel does not mind
  X509_set_pubkey(x, pair);
  X509_NAME* subject = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer->certificate.get()) : subject);
  X509V3_CTX context;
  X509V3_set_ctx(&context, x, x, nullptr, nullptr, 0);
  X509_EXTENSION* id = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_key_identifier, "hash");
  X509_add_ext(x, id, -1);
  X509_EXTENSION_free(id);
  X509_sign(x, issuer ? issuer->pair.get() : pair, EVP_sha256());
  return key;
}
Key ec_key(const char* name, long serial = 1, const Key* issuer = nullptr) {
  return make_key(name, serial, EVP_EC_gen("P-256"), issuer);
}

std::string sign(const Key& key, unsigned flags, const EVP_MD* digest = EVP_sha256()) {
  constexpr unsigned kAlways = CMS_BINARY | CMS_PARTIAL | CMS_NOATTR | CMS_DETACHED;
  std::unique_ptr<BIO, int (*)(BIO*)> data(BIO_new_mem_buf(kContent.data(), kContent.size()),
                                           BIO_free);
  std::unique_ptr<CMS_ContentInfo, void (*)(CMS_ContentInfo*)> message(
      CMS_sign(nullptr, nullptr, nullptr, nullptr, kAlways), CMS_ContentInfo_free);
  CMS_add1_signer(message.get(), key.certificate.get(), key.pair.get(), digest, kAlways | flags);
  CMS_final(message.get(), data.get(), nullptr, kAlways);
  unsigned char* out = nullptr;
  int size = i2d_CMS_ContentInfo(message.get(), &out);
  std::string der(reinterpret_cast<char*>(out), size);
  OPENSSL_free(out);
  return der;
}

int verify(std::vector<Certificate> trusted, std::string_view message,
           std::string_view content = kContent) {
  SignatureVerifier verifier({.numbers = {}, .built_in = [](auto) { return true; }}, {},
                             std::move(trusted), {});
  return verifier.verify(as_bytes(content), as_bytes(message));
}

TEST(Signature, OfATrustedKey) {
  Key key = ec_key("trusted");
  for (unsigned flags : {CMS_NOCERTS, 0, CMS_NOCERTS | CMS_USE_KEYID, CMS_USE_KEYID}) {
    std::string message = sign(key, flags);
    EXPECT_EQ(verify({key.certificate}, message), 0) << flags;
    EXPECT_EQ(verify({key.certificate}, message, "what was changed"), EKEYREJECTED) << flags;
    EXPECT_EQ(verify({}, message), ENOKEY) << flags;
    message.back() ^= 1;
    EXPECT_EQ(verify({key.certificate}, message), EKEYREJECTED) << flags;
  }
}

TEST(Signature, WhatWasGoodOnceIsRemembered) {
  Key key = ec_key("trusted");
  SignatureVerifier verifier({.numbers = {}, .built_in = [](auto) { return true; }}, {},
                             {key.certificate}, {});
  std::string message = sign(key, CMS_NOCERTS);
  for (int i = 0; i < 3; i++) {
    EXPECT_EQ(verifier.verify(as_bytes(kContent), as_bytes(message)), 0);
    EXPECT_EQ(verifier.verify(as_bytes("changed"), as_bytes(message)), EKEYREJECTED);
  }
  EXPECT_EQ(2u, verifier.remembered());
  message.back() ^= 1;
  EXPECT_NE(verifier.verify(as_bytes(kContent), as_bytes(message)), 0);
}

TEST(Signature, OfATrustedRsaKey) {
  Key key = make_key("rsa", 1, EVP_RSA_gen(1024));
  EXPECT_EQ(verify({key.certificate}, sign(key, CMS_NOCERTS)), 0);
  EXPECT_EQ(verify({key.certificate}, sign(key, CMS_NOCERTS), "changed"), EKEYREJECTED);
}

TEST(Signature, OfAKeyThatATrustedOneVouchesFor) {
  Key root = ec_key("root"), middle = ec_key("middle", 2, &root), leaf = ec_key("leaf", 3, &middle);
  std::string message = sign(leaf, 0);
  EXPECT_EQ(verify({middle.certificate}, message), 0);
  EXPECT_EQ(verify({root.certificate}, message), ENOKEY) << "the middle did not come along";
  EXPECT_EQ(verify({middle.certificate}, sign(leaf, CMS_NOCERTS)), ENOKEY);
  EXPECT_EQ(verify({middle.certificate}, message, "changed"), EKEYREJECTED);
}

TEST(Signature, OfAnImpostor) {
  Key key = ec_key("name"), impostor = ec_key("name");  // the same name and number
  EXPECT_EQ(verify({key.certificate}, sign(impostor, 0)), EKEYREJECTED);
  Key other = ec_key("other", 7, &impostor);  // "issued" by the trusted name
  EXPECT_EQ(verify({key.certificate}, sign(other, 0)), ENOKEY);
}

TEST(Signature, DigestThatTheKernelLacks) {
  Key key = ec_key("trusted");
  SignatureVerifier verifier(
      {.numbers = {}, .built_in = [](auto option) { return option != "CONFIG_CRYPTO_SHA512"; }}, {},
      {key.certificate}, {});
  auto answer = [&](const EVP_MD* digest) {
    return verifier.verify(as_bytes(kContent), as_bytes(sign(key, CMS_NOCERTS, digest)));
  };
  EXPECT_EQ(answer(EVP_sha512()), ENOPKG);
  EXPECT_EQ(answer(EVP_sha256()), 0);
}

// crypto/rsa-pkcs1pad.c: a padding that is not there is EINVAL, where the certificate came along.
TEST(Signature, RsaPaddingOfADamagedSignature) {
  Key key = make_key("rsa", 1, EVP_RSA_gen(1024));
  std::string message = sign(key, 0);
  EXPECT_EQ(verify({}, message, "changed"), EKEYREJECTED);
  for (size_t i = 1; i <= 128; i++) message[message.size() - i] = '\0';
  message.back() = 1;  // 1 to any power is 1: leading zeros, then no padding
  EXPECT_EQ(verify({}, message), EBADMSG);
}

TEST(Signature, MessageCutAnywhereIsNotGood) {
  Key key = ec_key("trusted");
  std::string message = sign(key, 0);
  for (size_t size = 0; size < message.size(); size++) {
    std::vector<char> tight(message.begin(), message.begin() + size);
    EXPECT_EQ(verify({key.certificate}, {tight.data(), size}), EBADMSG) << size;
  }
}

TEST(Signature, MoreKeysAreAskedForOnceAndOnlyWhenNeeded) {
  Key key = ec_key("built in");
  int asked = 0;
  auto more = [&] {
    asked++;
    return std::vector<Certificate>{key.certificate};
  };
  SignatureVerifier verifier({.numbers = {}, .built_in = [](auto) { return true; }}, {}, {}, more);
  EXPECT_EQ(verifier.verify(as_bytes(kContent), as_bytes("rubbish")), EBADMSG);
  EXPECT_EQ(asked, 0);
  std::string message = sign(key, CMS_NOCERTS);
  EXPECT_EQ(verifier.verify(as_bytes(kContent), as_bytes(message)), 0);
  EXPECT_EQ(verifier.verify(as_bytes(kContent), as_bytes(message)), 0);
  EXPECT_EQ(asked, 1);
}

TEST(Certificates, AreReadAsPemAndDer) {
  Key key = ec_key("name");
  unsigned char* out = nullptr;
  int size = i2d_X509(key.certificate.get(), &out);
  std::string der(reinterpret_cast<char*>(out), size);
  OPENSSL_free(out);
  std::unique_ptr<BIO, int (*)(BIO*)> text(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(text.get(), key.certificate.get());
  char* pem = nullptr;
  long pem_size = BIO_get_mem_data(text.get(), &pem);
  auto count = [](std::string_view file) {
    auto read = read_certificates(as_bytes(file), "file");
    return read ? read->size() : 0;
  };
  EXPECT_EQ(count(der), 1u);
  EXPECT_EQ(count(der + der), 2u);
  EXPECT_EQ(count(der + "x"), 0u);
  EXPECT_EQ(count("a key\n" + std::string(pem, pem_size)), 1u);
  EXPECT_EQ(count("nothing"), 0u);
  EXPECT_EQ(count(""), 0u);
}

}  // namespace
}  // namespace ring3::module
