// SPDX-License-Identifier: GPL-2.0-only
#include "target/boot_image.h"

#include <fmt/format.h>

#include "elf/view.h"

namespace ring3::target {
namespace {

// Offsets of the header's fields in the file (boot.rst, "The Real-Mode Kernel Header").
constexpr uint64_t kSetupSectors = 0x1f1;
constexpr uint64_t kMagic = 0x202;  // "HdrS"
constexpr uint64_t kProtocol = 0x206;
constexpr uint64_t kVersionPointer = 0x20e;  // less 0x200; 0 for none
constexpr uint64_t kPayloadOffset = 0x248;
constexpr uint64_t kPayloadLength = 0x24c;
constexpr uint32_t kHdrS = 0x53726448;
constexpr uint64_t kSector = 512;
// arch/x86/boot/compressed appends the unpacked size, except where gzip already ends in it.
constexpr uint64_t kSizeTrailer = 4;

// How a packed kernel begins, in the kernel's lib/decompress.c. The last ones are not ours.
struct Packing {
  std::string_view magic;
  const char* name;
  bool known;
  bool trailer;
};
constexpr Packing kPackings[] = {
    {std::string_view("\x1f\x8b", 2), "gzip", true, false},
    {std::string_view("\xfd"
                      "7zXZ\0",
                      6),
     "xz", true, true},
    {std::string_view("\x28\xb5\x2f\xfd", 4), "zstd", true, true},
    {std::string_view("\x02\x21\x4c\x18", 4), "lz4", false, true},
    {std::string_view("BZh", 3), "bzip2", false, true},
    {std::string_view("\x89\x4c\x5a\x4f", 4), "lzo", false, true},
    {std::string_view("\x5d\x00\x00", 3), "lzma", false, true},
};

}  // namespace

Result<BootImage> parse_boot_image(Bytes file, std::string_view file_name) {
  auto bad = [&](std::string_view why) {
    return Error{ENOEXEC, fmt::format("{}: {}", file_name, why)};
  };
  if (read_at<uint32_t>(file, kMagic) != kHdrS) return bad("not an x86 boot image (no HdrS)");
  auto protocol = read_at<uint16_t>(file, kProtocol);
  auto offset = read_at<uint32_t>(file, kPayloadOffset);
  auto length = read_at<uint32_t>(file, kPayloadLength);
  if (!protocol || !length || *protocol < 0x208)
    return bad("its boot protocol is older than 2.08 and does not say where the kernel lies");
  auto sectors = read_at<uint8_t>(file, kSetupSectors).value_or(0);
  uint64_t protected_mode = ((sectors ? sectors : 4) + 1) * kSector;
  auto payload = slice(file, protected_mode + *offset, *length);
  if (!payload)
    return bad(fmt::format("the packed kernel (offset {:#x}, {} bytes) lies outside the file",
                           protected_mode + *offset, *length));

  BootImage image;
  image.payload = *payload;
  for (const Packing& packing : kPackings) {
    if (!as_text(*payload).starts_with(packing.magic)) continue;
    if (!packing.known)
      return bad(
          fmt::format("the kernel in it is packed with {}, which is not supported", packing.name));
    if (packing.trailer && payload->size() > kSizeTrailer)
      image.payload = payload->first(payload->size() - kSizeTrailer);
  }
  if (uint64_t pointer = read_at<uint16_t>(file, kVersionPointer).value_or(0))
    image.version = string_at(file, pointer + 0x200).value_or(std::string_view());
  return image;
}

Result<std::vector<std::byte>> unpack_boot_image(const BootImage& image,
                                                 const std::string& file_name) {
  if (as_text(image.payload)
          .starts_with("\x7f"
                       "ELF"))  // CONFIG_KERNEL_UNCOMPRESSED
    return std::vector<std::byte>(image.payload.begin(), image.payload.end());
  return elf::decompress(image.payload, file_name);
}

}  // namespace ring3::target
