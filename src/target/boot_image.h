// SPDX-License-Identifier: GPL-2.0-only
// A bzImage (/boot/vmlinuz-RELEASE): a real-mode header that says where the packed kernel lies
// (payload_offset, payload_length: the kernel's Documentation/arch/x86/boot.rst, protocol 2.08),
// the packed kernel, an ELF file once unpacked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace ring3::target {

struct BootImage {
  Bytes payload;             // still packed, without the size that xz and zstd have behind them
  std::string_view version;  // "6.1.0-56-amd64 (debian-kernel@...) #1 SMP ..."; may be empty
};
Result<BootImage> parse_boot_image(Bytes file, std::string_view file_name);

// The kernel's ELF file inside.
Result<std::vector<std::byte>> unpack_boot_image(const BootImage& image,
                                                 const std::string& file_name);

}  // namespace ring3::target
