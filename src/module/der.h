// SPDX-License-Identifier: GPL-2.0-only
// DER, as far as signatures use it: elements with a one-byte tag and a definite length, read in
// order. What does not fit is an answer, never a read outside the bytes.
#pragma once

#include "base/bytes.h"

namespace ring3::module {

enum DerTag : uint8_t {
  kDerInteger = 0x02,
  kDerBitString = 0x03,
  kDerOctets = 0x04,
  kDerOid = 0x06,
  kDerSequence = 0x30,
  kDerSet = 0x31,
  kDerContext0 = 0x80,     // [0] IMPLICIT of something primitive
  kDerConstructed0 = 0xa0  // [0] of something constructed; [1] is one more
};

struct DerElement {
  uint8_t tag = 0;
  Bytes whole;    // with tag and length
  Bytes content;  // without
};

class DerReader {
 public:
  explicit DerReader(Bytes bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }
  bool next_is(uint8_t tag) const { return !rest_.empty() && uint8_t(rest_[0]) == tag; }

  std::optional<DerElement> next() {
    constexpr uint8_t kLongTag = 0x1f, kLongLength = 0x80, kMostLengthBytes = 4;
    if (rest_.size() < 2 || (uint8_t(rest_[0]) & kLongTag) == kLongTag) return std::nullopt;
    size_t header = 2;
    uint64_t length = uint8_t(rest_[1]);
    if (length & kLongLength) {
      size_t bytes = length - kLongLength;
      if (bytes == 0 || bytes > kMostLengthBytes || bytes > rest_.size() - header)
        return std::nullopt;
      length = 0;
      for (; bytes > 0; bytes--) length = length << 8 | uint8_t(rest_[header++]);
    }
    if (length > rest_.size() - header) return std::nullopt;
    DerElement element{uint8_t(rest_[0]), rest_.first(header + length),
                       rest_.subspan(header, length)};
    rest_ = rest_.subspan(header + length);
    return element;
  }
  std::optional<DerElement> next(uint8_t tag) { return next_is(tag) ? next() : std::nullopt; }

 private:
  Bytes rest_;
};

}  // namespace ring3::module
