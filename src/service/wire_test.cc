// SPDX-License-Identifier: GPL-2.0-only
// Numbers and texts come back as they went, and a reader that misses something stays failed.
#include "service/wire.h"

#include <gtest/gtest.h>

namespace ring3::service {
namespace {

using namespace std::string_literals;

TEST(Wire, NumbersAreLittleEndian) {
  Writer writer;
  writer.number(uint8_t{1}).number(uint16_t{0x0203}).number(uint32_t{0x04050607});
  writer.number(uint64_t{0x08090a0b0c0d0e0f});
  EXPECT_EQ(writer.bytes(), "\x01\x03\x02\x07\x06\x05\x04\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08");
}

TEST(Wire, WhatIsWrittenIsRead) {
  std::string long_text(70'000, 'x');
  std::string bytes = Writer()
                          .text("")
                          .number(~uint64_t{0})
                          .text("a\0b"s)
                          .number(uint8_t{200})
                          .text(long_text)
                          .take();
  Reader reader(as_bytes(bytes));
  EXPECT_EQ(reader.text(0), "");
  EXPECT_EQ(reader.number<uint64_t>(), ~uint64_t{0});
  EXPECT_FALSE(reader.complete());
  EXPECT_EQ(reader.text(3), "a\0b"s);
  EXPECT_EQ(reader.number<uint8_t>(), 200);
  EXPECT_EQ(reader.text(long_text.size()), long_text);
  EXPECT_TRUE(reader.complete());
  EXPECT_TRUE(reader.empty());
}

TEST(Wire, BytesThatAreLeftAreNotComplete) {
  std::string bytes = "\1\0"s;
  Reader reader(as_bytes(bytes));
  EXPECT_EQ(reader.number<uint8_t>(), 1);
  EXPECT_FALSE(reader.failed());
  EXPECT_FALSE(reader.complete());
}

// Every number and every text that is cut somewhere.
TEST(Wire, WhatIsCutFailsAtEachLength) {
  const std::string bytes = Writer().number(uint32_t{7}).text("hello").number(uint64_t{9}).take();
  for (size_t size = 0; size < bytes.size(); size++) {
    std::string cut = bytes.substr(0, size);
    Reader reader(as_bytes(cut));
    reader.number<uint32_t>();
    reader.text(100);
    EXPECT_EQ(reader.number<uint64_t>(), 0u) << size;
    EXPECT_TRUE(reader.failed()) << size;
    EXPECT_FALSE(reader.complete()) << size;
  }
}

TEST(Wire, AfterTheFirstFailureThereIsNothing) {
  std::string bytes = Writer().number(uint8_t{1}).number(uint8_t{2}).take();
  Reader reader(as_bytes(bytes));
  EXPECT_EQ(reader.number<uint32_t>(), 0u);  // two bytes are no four
  EXPECT_EQ(reader.number<uint8_t>(), 0);
  EXPECT_EQ(reader.text(10), "");
  EXPECT_TRUE(reader.failed());
}

TEST(Wire, ATextHasAtMostItsLimit) {
  std::string bytes = Writer().text("hello").take();
  EXPECT_EQ(Reader(as_bytes(bytes)).text(5), "hello");
  Reader reader(as_bytes(bytes));
  EXPECT_EQ(reader.text(4), "");
  EXPECT_TRUE(reader.failed());
}

// A length that is larger than all that is there, up to the largest, allocates nothing.
TEST(Wire, ALengthIsNotBelieved) {
  for (uint32_t length : {6u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
    std::string bytes = Writer().number(length).take() + "hello";
    Reader reader(as_bytes(bytes));
    EXPECT_EQ(reader.text(SIZE_MAX), "");
    EXPECT_TRUE(reader.failed()) << length;
  }
}

}  // namespace
}  // namespace ring3::service
