// SPDX-License-Identifier: GPL-2.0-only
#include "target/certificates.h"

#include <fmt/format.h>

#include "host/file.h"
#include "target/boot_image.h"
#include "target/format.h"
#include "target/kernel_tree.h"
#include "target/open.h"

namespace ring3::target {
namespace {

constexpr std::byte kSequence{0x30}, kTwoBytes{0x82}, kBitString{0x03};
constexpr uint64_t kHeader = 4;  // of an element with a two-byte length

// The size of the SEQUENCE with a two-byte length at `at`, header included; 0: there is none.
uint64_t long_sequence(Bytes bytes, uint64_t at) {
  auto header = slice(bytes, at, kHeader);
  if (!header || (*header)[0] != kSequence || (*header)[1] != kTwoBytes) return 0;
  uint64_t size = kHeader + (uint64_t((*header)[2]) << 8 | uint64_t((*header)[3]));
  return slice(bytes, at, size) ? size : 0;
}

// SEQUENCE { SEQUENCE the certificate, SEQUENCE the algorithm, BIT STRING the signature }
uint64_t certificate_size(Bytes bytes, uint64_t at) {
  uint64_t size = long_sequence(bytes, at);
  uint64_t inner = size ? long_sequence(bytes, at + kHeader) : 0;
  uint64_t algorithm = at + kHeader + inner;
  auto length = read_at<uint8_t>(bytes, algorithm + 1);
  if (!inner || !length || bytes[algorithm] != kSequence) return 0;
  uint64_t signature = algorithm + 2 + *length;
  return signature < at + size && bytes[signature] == kBitString ? size : 0;
}

struct Run {
  uint64_t size = 0, first = 0;
};
Run run_at(Bytes kernel, uint64_t at) {
  Run run;
  while (uint64_t size = certificate_size(kernel, at + run.size)) {
    if (!run.size) run.first = size;
    run.size += size;
  }
  return run;
}

std::string cache_path(const std::string& image, const std::string& cache_dir) {
  host::FileInfo info = host::stat_file(image);
  uint64_t key = format::hash(as_bytes(image));
  key = format::hash(as_bytes(fmt::format("{} {}", info.size, info.mtime_ns)), key);
  return fmt::format("{}/certificates-{:016x}", cache_folder(cache_dir), key);
}

}  // namespace

Bytes find_certificate_list(Bytes kernel) {
  std::string_view text = as_text(kernel);
  constexpr std::string_view kBegin = "\x30\x82";
  for (size_t at = text.find(kBegin); at != text.npos; at = text.find(kBegin, at + 1)) {
    Run run = run_at(kernel, at);
    if (!run.size) continue;
    // system_certificate_list_size and module_cert_size, which is the first certificate's, or 0.
    uint64_t end = (at + run.size + 7) / 8 * 8;
    auto size = read_at<uint64_t>(kernel, end), first = read_at<uint64_t>(kernel, end + 8);
    if (size == run.size && (first == run.first || first == uint64_t{0}))
      return kernel.subspan(at, run.size);
  }
  return {};
}

Result<std::vector<std::byte>> builtin_certificates(const Target& target,
                                                    const std::string& cache_dir) {
  std::string path = fmt::format("{}/vmlinuz-{}", host_places().boot, target.release());
  std::string cached = cache_path(path, cache_dir);
  if (auto kept = host::read_file(cached)) return kept.take();
  auto file = TRY(host::MappedFile::open(path));
  BootImage image = TRY(parse_boot_image(file.bytes(), path));
  std::vector<std::byte> kernel = TRY(unpack_boot_image(image, path));
  Bytes found = find_certificate_list(kernel);
  std::vector<std::byte> list(found.begin(), found.end());
  (void)host::write_file_atomically(cached, list);  // without it the next start unpacks again
  return list;
}

}  // namespace ring3::target
