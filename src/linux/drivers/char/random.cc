// SPDX-License-Identifier: GPL-2.0-only
// drivers/char/random.c: random numbers. SipHash of a counter under a key that the host gives once,
// so a machine that is to be repeated only needs its key. There is always enough entropy, and what
// modules add changes nothing.
#include <atomic>
#include <cstring>

#include "host/random.h"
#include "kapi/kapi.h"
#include "linux/include/random.h"
#include "linux/include/siphash.h"

namespace ring3::k {
struct gendisk;
struct notifier_block;
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

uint64_t next_word() {
  static const SipKey key = [] {
    SipKey fresh;
    host::random_bytes(&fresh, sizeof(fresh));
    return fresh;
  }();
  static std::atomic<uint64_t> counter{0};
  return siphash24_u64(counter++, key);
}

template <class T>
T number() {
  return static_cast<T>(next_word());
}

}  // namespace

void kernel_random(void* target, size_t size) {
  for (char* at = static_cast<char*>(target); size;) {
    uint64_t word = next_word();
    size_t bytes = size < sizeof(word) ? size : sizeof(word);
    std::memcpy(at, &word, bytes);
    at += bytes;
    size -= bytes;
  }
}

namespace {

KAPI(get_random_bytes, Real, void, (void* target, size_t size)) { kernel_random(target, size); }
KAPI(get_random_u8, Real, uint8_t, ()) { return number<uint8_t>(); }
KAPI(get_random_u16, Real, uint16_t, ()) { return number<uint16_t>(); }
KAPI(get_random_u32, Real, uint32_t, ()) { return number<uint32_t>(); }
KAPI(get_random_u64, Real, uint64_t, ()) { return number<uint64_t>(); }
// Every number below `ceiling` is equally likely (Lemire, 2019); 0 means all 32 bits.
KAPI(__get_random_u32_below, Real, uint32_t, (uint32_t ceiling)) {
  uint64_t product = uint64_t{ceiling} * number<uint32_t>();
  if (!ceiling) return number<uint32_t>();
  while (static_cast<uint32_t>(product) < ceiling &&
         static_cast<uint32_t>(product) < -ceiling % ceiling)
    product = uint64_t{ceiling} * number<uint32_t>();
  return product >> 32;
}
KAPI(rng_is_initialized, Real, bool, ()) { return true; }
KAPI(wait_for_random_bytes, Real, int, ()) { return 0; }

#define ENOUGH Stub("the host's random numbers need nothing added")
KAPI(add_device_randomness, ENOUGH, void, (const void*, size_t)) {}
KAPI(add_disk_randomness, ENOUGH, void, (k::gendisk*)) {}
KAPI(add_input_randomness, ENOUGH, void, (unsigned, unsigned, unsigned)) {}
KAPI(add_interrupt_randomness, ENOUGH, void, (int)) {}
KAPI(add_hwgenerator_randomness, ENOUGH, void, (const void*, size_t, size_t, bool)) {}
namespace without_sleep {  // before v6.9
KAPI(add_hwgenerator_randomness, ENOUGH, void, (const void*, size_t, size_t)) {}
}  // namespace without_sleep

#define NEVER Stub("a machine is never forked, so nobody is ever told")
KAPI(register_random_vmfork_notifier, NEVER, int, (k::notifier_block*)) { return 0; }
KAPI(unregister_random_vmfork_notifier, NEVER, int, (k::notifier_block*)) { return 0; }

}  // namespace
}  // namespace ring3::kernel
