// SPDX-License-Identifier: GPL-2.0-only
// Writes the seeds of elf_fuzzer: small objects, each with something that the others have not, and
// one of them packed in each way. The same bytes at every run.
//
//   elf_seeds tests/corpus/elf
#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

#include "elf/elf_builder.h"
#include "host/file.h"

namespace {

using ring3::elf::ElfBuilder;
using ring3::elf::ElfFile;

ElfBuilder module() {
  ElfBuilder elf;
  elf.this_module("seed");
  elf.modinfo("license", "GPL");
  elf.modinfo("vermagic", "6.1.0 SMP ");
  uint32_t text = elf.text(".text", std::string(32, '\x90'));
  uint32_t data = elf.data(".data", std::string(64, '\0'));
  elf.bss(".bss", 256);
  uint32_t init = elf.symbol("init_module", static_cast<uint16_t>(text), 0, 16);
  uint32_t printk = elf.undefined("_printk");
  elf.rela(text, 1, R_X86_64_PLT32, printk, -4);
  elf.rela(data, 8, R_X86_64_64, init);
  elf.version("module_layout", 0x1234);
  elf.version("_printk", 0x5678);
  elf.build_id("\x01\x02\x03\x04\x05\x06\x07\x08");
  return elf;
}

// One section and one entry of every relocation kind.
ElfBuilder every_relocation() {
  ElfBuilder elf;
  elf.this_module("relas");
  uint32_t data = elf.data(".data", std::string(512, '\0'));
  uint32_t absolute = elf.symbol("absolute", SHN_ABS, 1);
  for (uint32_t type = 0; type < 43; type++) elf.rela(data, type * 8, type, absolute, type);
  return elf;
}

ElfBuilder odd_sections() {
  ElfBuilder elf;
  uint32_t rel = elf.section(".rel.data", SHT_REL, 0, std::string(16, '\0'));
  elf.header(rel).sh_info = elf.data(".data", "x");
  elf.section("null", SHT_NULL, SHF_ALLOC, "null");
  uint32_t extra = elf.section(".dynsym", SHT_SYMTAB, 0, std::string(48, '\0'));
  elf.header(extra).sh_link = extra;
  elf.rela(elf.rodata(".data..percpu", "per"), 1, R_X86_64_64, 1);
  elf.rela(elf.section(".debug_info", SHT_PROGBITS, 0, "debug"), 1, R_X86_64_64, 1);
  return elf;
}

ElfBuilder stripped() {
  ElfBuilder elf = module();
  elf.without_symtab();
  return elf;
}

std::string text_of(const ElfFile& file) { return std::string(ring3::as_text(file.bytes)); }

std::string with_signature(std::string file) {
  std::string info("\0\0\x02\0\0\0\0\0\0\0\0\x08", 12);
  return file + "12345678" + info + "~Module signature appended~\n";
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string xz(const std::string& text) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  size_t size = 0;
  lzma_ret result = lzma_easy_buffer_encode(
      0, LZMA_CHECK_CRC32, nullptr, reinterpret_cast<const uint8_t*>(text.data()), text.size(),
      reinterpret_cast<uint8_t*>(out.data()), &size, out.size());
  out.resize(result == LZMA_OK ? size : 0);
  return out;
}

std::string zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 19));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: elf_seeds FOLDER\n");
    return 2;
  }
  std::string plain = text_of(module().build());
  const std::pair<const char*, std::string> seeds[] = {
      {"module.elf", plain},
      {"relocations.elf", text_of(every_relocation().build())},
      {"odd_sections.elf", text_of(odd_sections().build())},
      {"stripped.elf", text_of(stripped().build())},
      {"empty.elf", text_of(ElfBuilder().build())},
      {"signed.elf", with_signature(plain)},
      {"module.elf.gz", gzip(plain)},
      {"module.elf.xz", xz(plain)},
      {"module.elf.zst", zstd(plain)},
  };
  for (const auto& [name, content] : seeds) {
    auto written = ring3::host::write_file_atomically(fmt::format("{}/{}", argv[1], name),
                                                      ring3::as_bytes(content));
    if (!written) {
      fmt::print(stderr, "{}\n", written.error().text);
      return 1;
    }
  }
  return 0;
}
