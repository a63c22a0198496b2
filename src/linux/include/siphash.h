// SPDX-License-Identifier: GPL-2.0-only
// SipHash (Aumasson and Bernstein, 2012) for any number of rounds, and the form of one 64-bit word
// that %p needs.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ring3::kernel {

struct SipKey {
  uint64_t word[2];
};

class SipState {
 public:
  explicit SipState(const SipKey& key)
      : v0_(key.word[0] ^ 0x736f6d6570736575),
        v1_(key.word[1] ^ 0x646f72616e646f6d),
        v2_(key.word[0] ^ 0x6c7967656e657261),
        v3_(key.word[1] ^ 0x7465646279746573) {}

  template <int kRounds>
  void absorb(uint64_t word) {
    v3_ ^= word;
    rounds<kRounds>();
    v0_ ^= word;
  }
  template <int kRounds>
  uint64_t finish() {
    v2_ ^= 0xff;
    rounds<kRounds>();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  template <int kRounds>
  void rounds() {
    for (int i = 0; i < kRounds; i++) {
      v0_ += v1_;
      v1_ = std::rotl(v1_, 13) ^ v0_;
      v0_ = std::rotl(v0_, 32);
      v2_ += v3_;
      v3_ = std::rotl(v3_, 16) ^ v2_;
      v0_ += v3_;
      v3_ = std::rotl(v3_, 21) ^ v0_;
      v2_ += v1_;
      v1_ = std::rotl(v1_, 17) ^ v2_;
      v2_ = std::rotl(v2_, 32);
    }
  }
  uint64_t v0_, v1_, v2_, v3_;
};

// The last word carries the length in its top byte and what is left of the data below it.
template <int kWordRounds, int kFinalRounds>
uint64_t siphash(const void* data, size_t size, const SipKey& key) {
  SipState state(key);
  const char* at = static_cast<const char*>(data);
  for (size_t left = size; left >= 8; left -= 8, at += 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    state.absorb<kWordRounds>(word);
  }
  uint64_t last = 0;
  std::memcpy(&last, at, size % 8);
  state.absorb<kWordRounds>(last | static_cast<uint64_t>(size) << 56);
  return state.finish<kFinalRounds>();
}

inline uint64_t siphash24_u64(uint64_t value, const SipKey& key) {
  return siphash<2, 4>(&value, sizeof(value), key);
}

}  // namespace ring3::kernel
