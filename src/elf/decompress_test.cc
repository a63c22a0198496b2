// SPDX-License-Identifier: GPL-2.0-only
// Packed modules. Every behaviour is tried with all three formats; the packing is done here by the
// libraries themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lzma.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <functional>

#include "elf/view.h"
#include "host/file.h"

namespace ring3::elf {
namespace {

using testing::HasSubstr;

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string xz(std::string_view text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  size_t size = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, nullptr,
                                    reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                                    reinterpret_cast<uint8_t*>(out.data()), &size, out.size()),
            LZMA_OK);
  out.resize(size);
  return out;
}

// With a checksum, as zstd(1) writes it: without one a flipped bit may go unnoticed.
std::string zstd(std::string_view text) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
  ZSTD_freeCCtx(context);
  return out;
}

// Text that does not pack to nothing: cutting the packed form anywhere must be noticed.
std::string sample(size_t size) {
  std::string text;
  for (uint32_t seed = 1; text.size() < size; seed = seed * 1664525 + 1013904223)
    text.push_back(static_cast<char>("abcdefgh"[seed >> 29]));
  return text;
}

struct Format {
  const char* name;
  std::function<std::string(std::string_view)> pack;
};

class Decompress : public testing::TestWithParam<Format> {
 protected:
  std::string pack(std::string_view text) { return GetParam().pack(text); }
  std::string name() { return GetParam().name; }
};

TEST_P(Decompress, GivesTheContentBack) {
  for (size_t size : {0, 1, 1000, 300'000}) {
    auto result = decompress(as_bytes(pack(sample(size))), "m.ko");
    ASSERT_TRUE(result) << result.error().text;
    EXPECT_EQ(as_text(*result), sample(size));
  }
}

TEST_P(Decompress, GrowsAsLongAsItMust) {
  std::string zeros(20'000'000, '\0');  // packs to almost nothing
  auto result = decompress(as_bytes(pack(zeros)), "m.ko");
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_TRUE(as_text(*result) == zeros);
}

TEST_P(Decompress, LimitIsExact) {
  std::string packed = pack(sample(1000));
  EXPECT_TRUE(decompress(as_bytes(packed), "m.ko", 1000));
  auto result = decompress(as_bytes(packed), "m.ko", 999);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, EFBIG);
  EXPECT_EQ(result.error().text, "'m.ko': unpacks to more than 999 bytes");
}

TEST_P(Decompress, BombIsStoppedAtTheLimit) {
  auto result = decompress(as_bytes(pack(std::string(20'000'000, '\0'))), "m.ko", 100'000);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, EFBIG);
}

TEST_P(Decompress, CutShortAnywhereIsNoticed) {
  std::string packed = pack(sample(1000));
  for (size_t size = 6; size < packed.size(); size++) {
    auto result = decompress(as_bytes(packed).first(size), "m.ko");
    ASSERT_FALSE(result) << size;
    EXPECT_EQ(result.error().code, EINVAL);
    EXPECT_EQ(result.error().text,
              "'m.ko': " + name() + " data ends early, at byte " + std::to_string(size));
  }
}

TEST_P(Decompress, DamageNamesFileAndPlace) {
  std::string packed = pack(sample(1000));
  packed[packed.size() / 2] ^= 0x40;
  auto result = decompress(as_bytes(packed), "m.ko");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, EINVAL);
  EXPECT_THAT(result.error().text, HasSubstr("'m.ko': damaged " + name() + " data near byte "));
}

TEST_P(Decompress, TwoStreamsAreOneFile) {
  auto result = decompress(as_bytes(pack("one") + pack("two")), "m.ko");
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(as_text(*result), "onetwo");
}

INSTANTIATE_TEST_SUITE_P(All, Decompress,
                         testing::Values(Format{"gzip", gzip}, Format{"xz", xz},
                                         Format{"zstd", zstd}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(DecompressOther, IsRefused) {
  auto result = decompress(as_bytes("BZh9"), "m.ko");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().text, "'m.ko': neither gzip, xz nor zstd");
}

TEST(DecompressOther, BytesBehindGzipAreIgnoredAsByGzip) {
  auto result = decompress(as_bytes(gzip("one") + "rest"), "m.ko");
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(as_text(*result), "one");
}

TEST(DecompressOther, BytesBehindXzAndZstdAreDamage) {
  for (const std::string& packed : {xz("one") + "rest", zstd("one") + "rest"})
    EXPECT_FALSE(decompress(as_bytes(packed), "m.ko"));
}

// A file of its own in a folder of its own.
class ReadModuleFile : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(mkdtemp(folder_), nullptr); }
  void TearDown() override {
    unlink(path_.c_str());
    rmdir(folder_);
  }
  Result<FileBytes> read(std::string_view content) {
    path_ = std::string(folder_) + "/m.ko";
    EXPECT_TRUE(host::write_file_atomically(path_, as_bytes(content)));
    return read_module_file(path_);
  }
  char folder_[64] = "/tmp/ring3_elf_XXXXXX";
  std::string path_;
};

TEST_F(ReadModuleFile, PlainFileIsGivenAsItIs) {
  auto file = read(
      "\x7f"
      "ELF...");
  ASSERT_TRUE(file) << file.error().text;
  EXPECT_EQ(as_text(file->bytes),
            "\x7f"
            "ELF...");
  EXPECT_EQ(file->compression, "");
}

TEST_F(ReadModuleFile, PackedFilesAreUnpackedWhateverTheirName) {
  for (const auto& [name, packed] :
       {std::pair("gzip", gzip("x")), std::pair("xz", xz("x")), std::pair("zstd", zstd("x"))}) {
    auto file = read(packed);
    ASSERT_TRUE(file) << file.error().text;
    EXPECT_EQ(as_text(file->bytes), "x");
    EXPECT_EQ(file->compression, name);
  }
}

TEST_F(ReadModuleFile, ErrorsNameTheFile) {
  auto file = read(xz("x").substr(0, 20));
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().text, "'" + path_ + "': xz data ends early, at byte 20");
}

TEST_F(ReadModuleFile, MissingFile) {
  auto file = read_module_file("/nonexistent/m.ko");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, ENOENT);
  EXPECT_THAT(file.error().text, HasSubstr("/nonexistent/m.ko"));
}

TEST_F(ReadModuleFile, FolderIsNotAFile) {
  auto file = read_module_file("/tmp");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, EISDIR);
}

}  // namespace
}  // namespace ring3::elf
