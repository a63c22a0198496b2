// SPDX-License-Identifier: GPL-2.0-only
// Memory that is given back all at once: bytes of many small texts behind one another, at addresses
// that stay. reset() keeps the largest block for the next use.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace ring3 {

class Arena {
 public:
  explicit Arena(size_t block = 64 << 10) : block_(block) {}

  char* allocate(size_t size) {
    if (size > left_) grow(size);
    char* at = next_;
    next_ += size;
    left_ -= size;
    return at;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* at = allocate(text.size());
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }

  void reset() {
    if (blocks_.empty()) return;
    if (blocks_.size() > 1) {
      std::swap(blocks_[0], blocks_.back());
      blocks_.resize(1);
    }
    next_ = blocks_[0].bytes.get();
    left_ = blocks_[0].size;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };

  void grow(size_t size) {
    size_t want = std::max(size, block_);
    blocks_.push_back({std::unique_ptr<char[]>(new char[want]), want});
    next_ = blocks_.back().bytes.get();
    left_ = want;
  }

  size_t block_;
  std::vector<Block> blocks_;
  char* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace ring3
