// SPDX-License-Identifier: GPL-2.0-only
// Reading untrusted bytes without trusting an offset: every access states its range first, and a
// range outside the bytes is an answer (nullopt), never a read. Integers are little-endian and may
// be unaligned; all our inputs come from x86-64.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>

namespace ring3 {

using Bytes = std::span<const std::byte>;

// The `size` bytes at `offset`, or nothing when they do not lie inside.
inline std::optional<Bytes> slice(Bytes bytes, uint64_t offset, uint64_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
  return bytes.subspan(offset, size);
}

// A T (trivially copyable) at `offset`; T's natural alignment is not needed.
template <class T>
std::optional<T> read_at(Bytes bytes, uint64_t offset) {
  auto part = slice(bytes, offset, sizeof(T));
  if (!part) return std::nullopt;
  T value;
  std::memcpy(&value, part->data(), sizeof(T));
  return value;
}

// The NUL-terminated string at `offset`, or nothing when it does not end inside the bytes.
inline std::optional<std::string_view> string_at(Bytes bytes, uint64_t offset) {
  if (offset >= bytes.size()) return std::nullopt;
  const char* begin = reinterpret_cast<const char*>(bytes.data()) + offset;
  const void* end = std::memchr(begin, 0, bytes.size() - offset);
  if (!end) return std::nullopt;
  return std::string_view(begin, static_cast<const char*>(end) - begin);
}

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace ring3
