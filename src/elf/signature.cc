// SPDX-License-Identifier: GPL-2.0-only
// The signature that sign-file appends: ELF, PKCS#7 blob, struct module_signature (12 bytes, the
// blob's length big-endian in the last four), marker. Linux cuts off the marker first and the rest
// only when the length is believable; so does elf_size here.
#include "elf/view.h"

namespace ring3::elf {
namespace {
constexpr std::string_view kMarker = "~Module signature appended~\n";
constexpr uint64_t kInfoSize = 12;
constexpr uint64_t kLengthAt = 8;
}  // namespace

std::optional<AppendedSignature> find_signature(Bytes file) {
  // A file that is nothing but the marker counts as unsigned (module_sig_check: len > markerlen).
  if (file.size() <= kMarker.size() || !as_text(file).ends_with(kMarker)) return std::nullopt;
  uint64_t rest = file.size() - kMarker.size();
  AppendedSignature signature;
  signature.elf_size = rest;
  if (rest <= kInfoSize) return signature;
  rest -= kInfoSize;
  signature.info = file.subspan(rest, kInfoSize);
  uint64_t size = 0;
  for (uint64_t i = kLengthAt; i < kInfoSize; i++)
    size = size << 8 | static_cast<uint64_t>(signature.info[i]);
  if (size >= rest) return signature;
  signature.pkcs7 = file.subspan(rest - size, size);
  signature.elf_size = rest - size;
  return signature;
}

}  // namespace ring3::elf
