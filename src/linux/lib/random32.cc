// SPDX-License-Identifier: GPL-2.0-only
// lib/random32.c: the generator with a state of its caller's, lfsr113 (L'Ecuyer, 1999): the same
// seed gives the same numbers as on Linux.
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/random.h"
#include "machine/memory/memory.h"

namespace ring3::k {
struct rnd_state;
}

namespace ring3::kernel {
namespace {

struct State {  // struct rnd_state
  uint32_t word[4];
};

struct Step {
  int left, right, up;
  uint32_t mask;
};
constexpr Step kSteps[4] = {
    {6, 13, 18, ~1u}, {2, 27, 2, ~7u}, {13, 21, 7, ~15u}, {3, 12, 13, ~127u}};

uint32_t next(State* state) {
  uint32_t number = 0;
  for (int i = 0; i < 4; i++) {
    const Step& step = kSteps[i];
    uint32_t& word = state->word[i];
    word = ((word & step.mask) << step.up) ^ (((word << step.left) ^ word) >> step.right);
    number ^= word;
  }
  return number;
}

State* state_of(k::rnd_state* state) { return reinterpret_cast<State*>(state); }

KAPI(prandom_u32_state, Real, uint32_t, (k::rnd_state * state)) { return next(state_of(state)); }
KAPI(prandom_bytes_state, Real, void, (k::rnd_state * state, void* target, size_t size)) {
  for (char* at = static_cast<char*>(target); size;) {
    uint32_t number = next(state_of(state));
    size_t bytes = size < 4 ? size : 4;
    std::memcpy(at, &number, bytes);
    at += bytes;
    size -= bytes;
  }
}
KAPI(prandom_seed_full_state, Real, void, (k::rnd_state * place)) {
  for (unsigned cpu = 0; cpu < machine::percpu().cpus(); cpu++) {
    auto* state = static_cast<State*>(machine::percpu().at(cpu, reinterpret_cast<uint64_t>(place)));
    kernel_random(state, sizeof(*state));
    for (int i = 0; i < 4; i++) state->word[i] |= ~kSteps[i].mask + 1;  // the least each may be
    for (int i = 0; i < 10; i++) next(state);
  }
}

}  // namespace
}  // namespace ring3::kernel
