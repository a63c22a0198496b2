// SPDX-License-Identifier: GPL-2.0-only
#include "info.h"

#include <cstring>

#include "signature.h"

namespace ring3::kmod {
namespace {

void add_entry(std::string_view line, ModuleInfo& info) {
  size_t equal = line.find('=');
  if (equal == std::string_view::npos)
    info.entries.push_back({line, ""});
  else
    info.entries.push_back({line.substr(0, equal), std::string(line.substr(equal + 1))});
}

Result<void> add_signature(index::ModuleFile& file, ModuleInfo& info) {
  constexpr size_t kTail = kSignatureHeader + kSignatureMarker.size();
  if (file.size() < kTail) return {};
  Bytes tail = TRY(file.read(file.size() - kTail, kTail));
  if (as_text(tail.subspan(kSignatureHeader)) != kSignatureMarker) return {};
  Bytes header = tail.first(kSignatureHeader);
  size_t size = signature_size(header);
  if (size == 0 || size > file.size() - kTail) return {};
  Bytes blob = TRY(file.read(file.size() - kTail - size, size));
  auto signature = read_signature(header, blob);
  if (!signature) return {};
  info.entries.push_back({"sig_id", signature->id});
  info.entries.push_back({"signer", signature->signer});
  info.entries.push_back({"sig_key", hex_lines(signature->key)});
  info.entries.push_back({"sig_hashalgo", signature->digest});
  info.entries.push_back({"signature", hex_lines(signature->signature)});
  return {};
}

void add_hex(std::string& text, std::byte byte, const char* digits) {
  text += digits[static_cast<unsigned>(byte) >> 4];
  text += digits[static_cast<unsigned>(byte) & 15];
}

}  // namespace

std::string hex_lines(Bytes bytes) {
  constexpr size_t kLine = 20;
  std::string text;
  text.reserve(bytes.size() * 3 + bytes.size() / kLine * 3);
  for (size_t i = 0; i < bytes.size(); i++) {
    if (i > 0) text += i % kLine == 0 ? ":\n\t\t" : ":";
    add_hex(text, bytes[i], "0123456789ABCDEF");
  }
  return text;
}

Result<void> read_file_info(index::ModuleFile& file, ModuleInfo& info) {
  if (!file.has_section(".modinfo")) return Error{ENODATA, "there is no section .modinfo"};
  for (std::string_view line : TRY(file.modinfo())) add_entry(line, info);
  return add_signature(file, info);
}

// The note's descriptor stands behind a header of three words and the name "GNU\0".
std::string build_id(index::ModuleFile& file) {
  constexpr size_t kHeader = 16;
  auto note = file.section(".note.gnu.build-id");
  std::string text;
  if (!note || note->size() <= kHeader) return text;
  for (std::byte byte : note->subspan(kHeader)) add_hex(text, byte, "0123456789abcdef");
  return text;
}

void read_builtin_info(std::string_view text, ModuleInfo& info) {
  std::string prefix = info.name + ".";
  while (!text.empty()) {
    size_t end = text.find('\0');
    std::string_view line = text.substr(0, end);
    if (line.starts_with(prefix)) add_entry(line.substr(prefix.size()), info);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
}

}  // namespace ring3::kmod
