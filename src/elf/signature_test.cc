// SPDX-License-Identifier: GPL-2.0-only
// Appended signatures, good ones and those that Linux answers with EBADMSG.
#include <gtest/gtest.h>

#include "elf/view.h"

namespace ring3::elf {
namespace {

constexpr std::string_view kMarker = "~Module signature appended~\n";

// struct module_signature of a PKCS#7 blob of `length` bytes.
std::string info(uint32_t length) {
  std::string bytes(12, '\0');
  bytes[2] = 2;  // PKEY_ID_PKCS7
  for (int i = 0; i < 4; i++) bytes[8 + i] = static_cast<char>(length >> (24 - 8 * i));
  return bytes;
}

TEST(ElfSignature, IsSplitOff) {
  std::string file = "ELF" + std::string("pkcs7") + info(5) + std::string(kMarker);
  auto signature = find_signature(as_bytes(file));
  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->elf_size, 3u);
  EXPECT_EQ(as_text(signature->info), info(5));
  EXPECT_EQ(as_text(signature->pkcs7), "pkcs7");
}

TEST(ElfSignature, NoneWithoutTheMarkerAtTheEnd) {
  EXPECT_FALSE(find_signature({}));
  EXPECT_FALSE(find_signature(as_bytes("ELF")));
  EXPECT_FALSE(find_signature(as_bytes("ELF" + info(0) + std::string(kMarker) + "x")));
}

TEST(ElfSignature, MarkerAloneIsNone) { EXPECT_FALSE(find_signature(as_bytes(kMarker))); }

TEST(ElfSignature, WithoutRoomForItsInfo) {
  std::string file = info(0) + std::string(kMarker);
  auto signature = find_signature(as_bytes(file));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(signature->info.empty());
  EXPECT_EQ(signature->elf_size, 12u);
}

TEST(ElfSignature, LongerThanTheFile) {
  for (uint32_t length : {3u, 4u, 0xffffffffu}) {
    std::string file = "ELF" + info(length) + std::string(kMarker);
    auto signature = find_signature(as_bytes(file));
    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->info.size(), 12u);
    EXPECT_EQ(signature->pkcs7.data(), nullptr) << length;
    EXPECT_EQ(signature->elf_size, 15u) << "only the marker goes";
  }
}

TEST(ElfSignature, EmptyBlobFits) {
  std::string file = "ELF" + info(0) + std::string(kMarker);
  auto signature = find_signature(as_bytes(file));
  ASSERT_TRUE(signature);
  EXPECT_NE(signature->pkcs7.data(), nullptr);
  EXPECT_EQ(signature->elf_size, 3u);
}

}  // namespace
}  // namespace ring3::elf
