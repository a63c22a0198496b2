// SPDX-License-Identifier: GPL-2.0-only
// The bytes of a message: numbers are little-endian, a text is its length (32 bits) and its bytes.
// A reader checks every length against what is there; after the first thing that is missing it
// only gives zeros and empty texts, and complete() is false. So a decoder reads all its fields and
// asks once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace ring3::service {

class Writer {
 public:
  template <class T>
  Writer& number(T value) {
    for (size_t i = 0; i < sizeof(T); i++)
      bytes_ += static_cast<char>(static_cast<uint64_t>(value) >> (8 * i));
    return *this;
  }
  Writer& text(std::string_view text) {
    number(static_cast<uint32_t>(text.size()));
    bytes_ += text;
    return *this;
  }
  const std::string& bytes() const { return bytes_; }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(Bytes bytes) : rest_(bytes) {}
  template <class T>
  T number() {
    auto value = read_at<T>(rest_, 0);
    if (!value) return fail(), T{};
    rest_ = rest_.subspan(sizeof(T));
    return *value;
  }
  std::string text(size_t limit) {
    auto size = number<uint32_t>();
    if (size > limit || size > rest_.size()) return fail(), std::string();
    std::string text(as_text(rest_.first(size)));
    rest_ = rest_.subspan(size);
    return text;
  }
  bool empty() const { return rest_.empty(); }
  bool failed() const { return failed_; }
  // Everything was there, and nothing is left.
  bool complete() const { return !failed_ && rest_.empty(); }

 private:
  void fail() {
    failed_ = true;
    rest_ = {};
  }
  Bytes rest_;
  bool failed_ = false;
};

}  // namespace ring3::service
