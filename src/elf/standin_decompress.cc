// SPDX-License-Identifier: GPL-2.0-only
// Stand-in, weak: the decompress() of src/elf overrides it. Delete this file when that has arrived.
#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include "elf/view.h"

namespace ring3::elf {
[[gnu::weak]] Result<std::vector<std::byte>> decompress(Bytes packed, std::string_view name,
                                                        uint64_t limit) {
  std::vector<std::byte> out(packed.size() * 4 + 4096);
  auto text = as_text(packed);
  size_t used = 0;
  auto bad = [&](const char* why) { return Error{EINVAL, fmt::format("{}: {}", name, why)}; };
  if (text.starts_with("\x28\xb5\x2f\xfd")) {
    ZSTD_DStream* s = ZSTD_createDStream();
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    while (true) {
      if (used == out.size()) out.resize(out.size() * 2);
      ZSTD_outBuffer o{out.data(), out.size(), used};
      size_t r = ZSTD_decompressStream(s, &o, &in);
      used = o.pos;
      if (ZSTD_isError(r)) return bad("zstd");
      if (r == 0) break;
      if (in.pos == in.size && o.pos < o.size) return bad("zstd truncated");
    }
    ZSTD_freeDStream(s);
  } else if (text.starts_with("\xfd"
                              "7zXZ")) {
    lzma_stream s = LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&s, UINT64_MAX, 0) != LZMA_OK) return bad("xz");
    s.next_in = reinterpret_cast<const uint8_t*>(packed.data());
    s.avail_in = packed.size();
    while (true) {
      if (used == out.size()) out.resize(out.size() * 2);
      s.next_out = reinterpret_cast<uint8_t*>(out.data()) + used;
      s.avail_out = out.size() - used;
      lzma_ret r = lzma_code(&s, LZMA_FINISH);
      used = out.size() - s.avail_out;
      if (r == LZMA_STREAM_END) break;
      if (r != LZMA_OK) return bad("xz damaged");
    }
    lzma_end(&s);
  } else {
    return bad("unknown");
  }
  out.resize(used);
  return out;
}
}  // namespace ring3::elf
