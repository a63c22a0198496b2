// SPDX-License-Identifier: GPL-2.0-only
// The signature that sign-file appends: ELF, PKCS#7 blob, struct module_signature (12 bytes, the
// blob's length big-endian in the last four), marker.
#include <cstring>

#include "elf/view.h"

namespace ring3::elf {
namespace {
constexpr std::string_view kMarker = "~Module signature appended~\n";
constexpr uint64_t kInfoSize = 12;
}  // namespace

std::optional<AppendedSignature> find_signature(Bytes file) {
  if (!as_text(file).ends_with(kMarker)) return std::nullopt;
  uint64_t end = file.size() - kMarker.size();
  AppendedSignature signature;
  signature.elf_size = end;
  if (end < kInfoSize) return signature;
  signature.info = file.subspan(end - kInfoSize, kInfoSize);
  end -= kInfoSize;
  uint64_t size = 0;
  for (int i = 8; i < 12; i++) size = size << 8 | static_cast<uint64_t>(signature.info[i]);
  if (size >= end) return signature;
  signature.pkcs7 = file.subspan(end - size, size);
  signature.elf_size = end - size;
  return signature;
}

}  // namespace ring3::elf
