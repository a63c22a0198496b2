// SPDX-License-Identifier: GPL-2.0-only
// Notes: {name size, descriptor size, type}, the name, the descriptor, each padded to four bytes.
// The one we want is the linker's build id: name "GNU", type NT_GNU_BUILD_ID.
#include <fmt/format.h>

#include "elf/view.h"

namespace ring3::elf {
namespace {

uint64_t padded(uint64_t size) { return (size + 3) & ~uint64_t{3}; }

std::string hex(Bytes bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (std::byte byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return text;
}

}  // namespace

std::string View::build_id() const {
  const Section* section = find(".note.gnu.build-id");
  if (!section) return "";
  uint64_t at = 0;
  while (auto note = read_at<Elf64_Nhdr>(section->bytes, at)) {
    at += sizeof(*note);
    auto name = slice(section->bytes, at, note->n_namesz);
    at += padded(note->n_namesz);
    auto descriptor = slice(section->bytes, at, note->n_descsz);
    at += padded(note->n_descsz);
    if (!name || !descriptor) return "";
    if (note->n_type == NT_GNU_BUILD_ID && as_text(*name) == std::string_view("GNU\0", 4))
      return hex(*descriptor);
  }
  return "";
}

}  // namespace ring3::elf
