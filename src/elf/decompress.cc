// SPDX-License-Identifier: GPL-2.0-only
// Unpacking gzip, xz and zstd by their first bytes. All three are streams into a growing buffer
// with a limit, so that a small file cannot ask for all memory. Several streams one after the other
// count as one, as for the command-line tools.
#include <fmt/format.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>
#include <memory>

#include "elf/view.h"
#include "host/file.h"

namespace ring3::elf {
namespace {

bool starts_with(Bytes bytes, std::initializer_list<unsigned char> magic) {
  if (bytes.size() < magic.size()) return false;
  size_t i = 0;
  for (unsigned char c : magic)
    if (static_cast<unsigned char>(bytes[i++]) != c) return false;
  return true;
}

std::string_view compression_of(Bytes bytes) {
  if (starts_with(bytes, {0x1f, 0x8b})) return "gzip";
  if (starts_with(bytes, {0xfd, '7', 'z', 'X', 'Z', 0})) return "xz";
  if (starts_with(bytes, {0x28, 0xb5, 0x2f, 0xfd})) return "zstd";
  return "";
}

// What one step of a decoder did.
struct Step {
  size_t consumed, produced;
  bool done;
  const char* problem;  // null: fine
};

// Runs step(input, output) until it is done.
template <class Fn>
Result<std::vector<std::byte>> pump(Bytes input, std::string_view file, std::string_view kind,
                                    uint64_t limit, Fn&& step) {
  // One byte more than may be, to tell a file of exactly the limit from a larger one.
  uint64_t room = limit == UINT64_MAX ? limit : limit + 1;
  std::vector<std::byte> output(
      std::min<uint64_t>(std::max<size_t>(input.size() * 5, 65536), room));
  size_t in = 0, out = 0;
  while (true) {
    if (out > limit)
      return Error{EFBIG, fmt::format("'{}': unpacks to more than {} bytes", file, limit)};
    if (out == output.size()) output.resize(std::min<uint64_t>(output.size() * 2, room));
    Step did = step(input.subspan(in), std::span(output).subspan(out));
    in += did.consumed;
    out += did.produced;
    if (did.problem)
      return Error{EINVAL, fmt::format("'{}': damaged {} data near byte {}: {}", file, kind, in,
                                       did.problem)};
    if (did.done) {
      if (out > limit) continue;  // into the error above
      break;
    }
    if (!did.consumed && !did.produced)
      return Error{EINVAL, fmt::format("'{}': {} data ends early, at byte {}", file, kind, in)};
  }
  output.resize(out);
  return output;
}

Result<std::vector<std::byte>> gunzip(Bytes packed, std::string_view file, uint64_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return Error{ENOMEM, "zlib: no memory"};
  std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, &inflateEnd);
  return pump(packed, file, "gzip", limit, [&](Bytes in, std::span<std::byte> out) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
    stream.avail_in = static_cast<uInt>(std::min<size_t>(in.size(), 1u << 30));
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(std::min<size_t>(out.size(), 1u << 30));
    uInt in_before = stream.avail_in, out_before = stream.avail_out;
    int result = inflate(&stream, Z_NO_FLUSH);
    size_t consumed = in_before - stream.avail_in;
    if (result == Z_STREAM_END && compression_of(in.subspan(consumed)) == "gzip")
      result = inflateReset(&stream);  // the next member; anything else behind is ignored
    bool bad = result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR;
    return Step{consumed, out_before - stream.avail_out, result == Z_STREAM_END,
                bad ? (stream.msg ? stream.msg : zError(result)) : nullptr};
  });
}

const char* lzma_problem(lzma_ret result) {
  switch (result) {
    case LZMA_OK:
    case LZMA_STREAM_END:
    case LZMA_BUF_ERROR:
      return nullptr;
    case LZMA_MEM_ERROR:
      return "not enough memory";
    case LZMA_MEMLIMIT_ERROR:
      return "needs more memory than allowed";
    case LZMA_FORMAT_ERROR:
      return "not an xz stream";
    case LZMA_OPTIONS_ERROR:
      return "unknown options";
    default:
      return "corrupt";
  }
}

Result<std::vector<std::byte>> unxz(Bytes packed, std::string_view file, uint64_t limit) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_stream_decoder(&stream, 512u << 20, LZMA_CONCATENATED) != LZMA_OK)
    return Error{ENOMEM, "liblzma: no memory"};
  std::unique_ptr<lzma_stream, void (*)(lzma_stream*)> owner(&stream, &lzma_end);
  return pump(packed, file, "xz", limit, [&](Bytes in, std::span<std::byte> out) {
    stream.next_in = reinterpret_cast<const uint8_t*>(in.data());
    stream.avail_in = in.size();
    stream.next_out = reinterpret_cast<uint8_t*>(out.data());
    stream.avail_out = out.size();
    lzma_ret result = lzma_code(&stream, LZMA_FINISH);
    return Step{in.size() - stream.avail_in, out.size() - stream.avail_out,
                result == LZMA_STREAM_END, lzma_problem(result)};
  });
}

Result<std::vector<std::byte>> unzstd(Bytes packed, std::string_view file, uint64_t limit) {
  std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                  &ZSTD_freeDStream);
  if (!stream) return Error{ENOMEM, "zstd: no memory"};
  return pump(packed, file, "zstd", limit, [&](Bytes in, std::span<std::byte> out) {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    size_t result = ZSTD_decompressStream(stream.get(), &output, &input);
    return Step{input.pos, output.pos, result == 0 && input.pos == in.size(),
                ZSTD_isError(result) ? ZSTD_getErrorName(result) : nullptr};
  });
}

}  // namespace

Result<std::vector<std::byte>> decompress(Bytes packed, std::string_view file_name,
                                          uint64_t limit) {
  std::string_view kind = compression_of(packed);
  if (kind == "gzip") return gunzip(packed, file_name, limit);
  if (kind == "xz") return unxz(packed, file_name, limit);
  if (kind == "zstd") return unzstd(packed, file_name, limit);
  return Error{EINVAL, fmt::format("'{}': neither gzip, xz nor zstd", file_name)};
}

Result<FileBytes> read_module_file(const std::string& path) {
  FileBytes file;
  file.bytes = TRY(host::read_file(path, kModuleSizeLimit));
  file.compression = compression_of(file.bytes);
  if (!file.compression.empty()) file.bytes = TRY(decompress(file.bytes, path));
  return file;
}

}  // namespace ring3::elf
