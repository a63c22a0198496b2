// SPDX-License-Identifier: GPL-2.0-only
// lib/xxhash.c: Collet's xxHash in 32 and 64 bits, at once and in pieces. The two widths differ in
// word, primes, rotations and in how the rest and the end are mixed, so those are the traits. The
// states are the kernel's: modules allocate them.
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "kapi/kapi.h"

namespace ring3::k {
struct xxh32_state {
  uint32_t total;  // total_len_32
  uint32_t large;  // more than 15 bytes came
  uint32_t lanes[4];
  uint32_t buffer[4];
  uint32_t buffered;
};
struct xxh64_state {
  uint64_t total;
  uint64_t lanes[4];
  uint64_t buffer[4];
  uint32_t buffered;
};
static_assert(sizeof(xxh32_state) == 44 && sizeof(xxh64_state) == 80);
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

template <class T>
T word_at(const uint8_t* at) {
  T word;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

struct Hash32 {
  using Word = uint32_t;
  using State = k::xxh32_state;
  static constexpr Word p1 = 2654435761u, p2 = 2246822519u, p3 = 3266489917u, p4 = 668265263u,
                        p5 = 374761393u;
  static Word round(Word lane, Word input) { return std::rotl(lane + input * p2, 13) * p1; }
  static Word join(const Word (&lanes)[4]) {
    return std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
           std::rotl(lanes[3], 18);
  }
  static Word rest(Word hash, const uint8_t* at, const uint8_t* end) {
    for (; end - at >= 4; at += 4) hash = std::rotl(hash + word_at<uint32_t>(at) * p3, 17) * p4;
    for (; at < end; at++) hash = std::rotl(hash + *at * p5, 11) * p1;
    hash ^= hash >> 15;
    hash *= p2;
    hash ^= hash >> 13;
    hash *= p3;
    return hash ^ hash >> 16;
  }
};

struct Hash64 {
  using Word = uint64_t;
  using State = k::xxh64_state;
  static constexpr Word p1 = 11400714785074694791ull, p2 = 14029467366897019727ull,
                        p3 = 1609587929392839161ull, p4 = 9650029242287828579ull,
                        p5 = 2870177450012600261ull;
  static Word round(Word lane, Word input) { return std::rotl(lane + input * p2, 31) * p1; }
  static Word join(const Word (&lanes)[4]) {
    Word hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
                std::rotl(lanes[3], 18);
    for (Word lane : lanes) hash = (hash ^ round(0, lane)) * p1 + p4;
    return hash;
  }
  static Word rest(Word hash, const uint8_t* at, const uint8_t* end) {
    for (; end - at >= 8; at += 8)
      hash = std::rotl(hash ^ round(0, word_at<uint64_t>(at)), 27) * p1 + p4;
    if (end - at >= 4) {
      hash = std::rotl(hash ^ word_at<uint32_t>(at) * p1, 23) * p2 + p3;
      at += 4;
    }
    for (; at < end; at++) hash = std::rotl(hash ^ *at * p5, 11) * p1;
    hash ^= hash >> 33;
    hash *= p2;
    hash ^= hash >> 29;
    hash *= p3;
    return hash ^ hash >> 32;
  }
};

template <class H>
struct Pieces {
  using Word = typename H::Word;
  using State = typename H::State;
  static constexpr size_t kStripe = 4 * sizeof(Word);

  static void reset(State* state, Word seed) {
    std::memset(state, 0, sizeof(*state));
    state->lanes[0] = seed + H::p1 + H::p2;
    state->lanes[1] = seed + H::p2;
    state->lanes[2] = seed;
    state->lanes[3] = seed - H::p1;
  }
  static void stripe(State* state, const uint8_t* at) {
    for (int i = 0; i < 4; i++)
      state->lanes[i] = H::round(state->lanes[i], word_at<Word>(at + i * sizeof(Word)));
  }
  static int update(State* state, const void* input, size_t size) {
    if (!input) return -EINVAL;
    auto at = static_cast<const uint8_t*>(input), end = at + size;
    auto buffer = reinterpret_cast<uint8_t*>(state->buffer);
    state->total += static_cast<Word>(size);
    if constexpr (sizeof(Word) == 4) state->large |= size >= 16 || state->total >= 16;
    if (state->buffered + size < kStripe) {
      std::memcpy(buffer + state->buffered, input, size);
      state->buffered += static_cast<uint32_t>(size);
      return 0;
    }
    if (state->buffered) {
      size_t part = kStripe - state->buffered;
      std::memcpy(buffer + state->buffered, at, part);
      stripe(state, buffer);
      at += part;
      state->buffered = 0;
    }
    for (; static_cast<size_t>(end - at) >= kStripe; at += kStripe) stripe(state, at);
    std::memcpy(buffer, at, end - at);
    state->buffered = static_cast<uint32_t>(end - at);
    return 0;
  }
  static Word digest(const State* state) {
    bool large;
    if constexpr (sizeof(Word) == 4)
      large = state->large;
    else
      large = state->total >= kStripe;
    Word hash = large ? H::join(state->lanes) : state->lanes[2] + H::p5;
    auto buffer = reinterpret_cast<const uint8_t*>(state->buffer);
    return H::rest(hash + static_cast<Word>(state->total), buffer, buffer + state->buffered);
  }
  static Word at_once(const void* input, size_t size, Word seed) {
    State state;
    reset(&state, seed);
    if (size) update(&state, input, size);
    return digest(&state);
  }
};

KAPI(xxh32, Real, uint32_t, (const void* input, size_t size, uint32_t seed)) {
  return Pieces<Hash32>::at_once(input, size, seed);
}
KAPI(xxh32_reset, Real, void, (k::xxh32_state * state, uint32_t seed)) {
  Pieces<Hash32>::reset(state, seed);
}
KAPI(xxh32_update, Real, int, (k::xxh32_state * state, const void* input, size_t size)) {
  return Pieces<Hash32>::update(state, input, size);
}
KAPI(xxh32_digest, Real, uint32_t, (const k::xxh32_state* state)) {
  return Pieces<Hash32>::digest(state);
}
KAPI(xxh32_copy_state, Real, void, (k::xxh32_state * target, const k::xxh32_state* source)) {
  *target = *source;
}
KAPI(xxh64, Real, uint64_t, (const void* input, size_t size, uint64_t seed)) {
  return Pieces<Hash64>::at_once(input, size, seed);
}
KAPI(xxh64_reset, Real, void, (k::xxh64_state * state, uint64_t seed)) {
  Pieces<Hash64>::reset(state, seed);
}
KAPI(xxh64_update, Real, int, (k::xxh64_state * state, const void* input, size_t size)) {
  return Pieces<Hash64>::update(state, input, size);
}
KAPI(xxh64_digest, Real, uint64_t, (const k::xxh64_state* state)) {
  return Pieces<Hash64>::digest(state);
}
KAPI(xxh64_copy_state, Real, void, (k::xxh64_state * target, const k::xxh64_state* source)) {
  *target = *source;
}

}  // namespace
}  // namespace ring3::kernel
