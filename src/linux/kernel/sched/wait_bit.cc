// SPDX-License-Identifier: GPL-2.0-only
// Waiting for a bit, or for a variable to change: queues that many addresses share, so each entry
// carries a key that says which word and bit it is about.
#include <vector>

#include "kapi/kapi.h"
#include "linux/include/list.h"
#include "linux/include/time.h"
#include "linux/include/wait.h"
#include "linux/kernel/sched/sched.h"
#include "linux/kernel/sched/wait_fields.h"

namespace ring3::k {
struct wait_bit_key;
struct wait_bit_queue_entry;
}  // namespace ring3::k

namespace ring3::kernel {

KFIELD(wait_bit_key, flags, void*);
KFIELD(wait_bit_key, bit_nr, int);
KFIELD(wait_bit_key, timeout, unsigned long);
KSIZE(wait_bit_key);
KSIZE(wait_bit_queue_entry);
KPLACE(wait_bit_queue_entry, key, key);
KPLACE(wait_bit_queue_entry, wq_entry, wq_entry);

namespace {

constexpr unsigned kHeads = 256;  // WAIT_TABLE_SIZE
constexpr int kVariable = -1;     // bit_nr of entries that wait for a variable

using Action = int (*)(k::wait_bit_key*, int);

std::vector<uint8_t>& table() {
  static std::vector<uint8_t> heads;
  return heads;
}

k::wait_queue_head* head_of(const void* word, int bit) {
  uint64_t value = reinterpret_cast<uint64_t>(word) + static_cast<uint64_t>(bit) + 1;
  uint64_t index = value * 0x9e3779b97f4a7c15ull >> 56;
  return reinterpret_cast<k::wait_queue_head*>(table().data() + index * sizeof_wait_queue_head());
}

// Bit `bit` counted from the word on, as in any bitmap.
std::atomic<uint64_t>& word_of(void* words, int bit) {
  return word<uint64_t>(static_cast<uint64_t*>(words) + bit / 64);
}
bool test_bit(void* words, int bit) { return word_of(words, bit).load() >> (bit % 64) & 1; }
bool test_and_set_bit(void* words, int bit) {
  return word_of(words, bit).fetch_or(1ull << (bit % 64)) >> (bit % 64) & 1;
}

k::wait_bit_key* key_of(k::wait_bit_queue_entry* entry) {
  return static_cast<k::wait_bit_key*>(wait_bit_queue_entry_key(entry));
}
k::wait_queue_entry* entry_of(k::wait_bit_queue_entry* entry) {
  return static_cast<k::wait_queue_entry*>(wait_bit_queue_entry_wq_entry(entry));
}
k::wait_bit_queue_entry* outer(k::wait_queue_entry* entry) {
  return reinterpret_cast<k::wait_bit_queue_entry*>(reinterpret_cast<uint64_t>(entry) -
                                                    kfield_wait_bit_queue_entry_wq_entry.offset);
}
bool same_key(k::wait_bit_key* a, k::wait_bit_key* b) {
  return wait_bit_key_flags(a) == wait_bit_key_flags(b) &&
         wait_bit_key_bit_nr(a) == wait_bit_key_bit_nr(b);
}

KAPI(wake_bit_function, Real, int,
     (k::wait_queue_entry * entry, unsigned states, int sync, void* argument)) {
  auto* key = static_cast<k::wait_bit_key*>(argument);
  if (!same_key(key_of(outer(entry)), key)) return 0;
  if (test_bit(wait_bit_key_flags(key), wait_bit_key_bit_nr(key))) return 0;
  return autoremove_wake(entry, states);
}
KAPI(ring3_wake_variable, Real, int,
     (k::wait_queue_entry * entry, unsigned states, int sync, void* argument)) {
  if (!same_key(key_of(outer(entry)), static_cast<k::wait_bit_key*>(argument))) return 0;
  return autoremove_wake(entry, states);
}

void wake_key(k::wait_queue_head* head, void* words, int bit) {
  alignas(8) uint8_t memory[64] = {};
  auto* key = reinterpret_cast<k::wait_bit_key*>(memory);
  wait_bit_key_flags(key) = words;
  wait_bit_key_bit_nr(key) = bit;
  if (!list_empty(wait_queue_head_head(head))) wake_up(head, kTaskNormal, 1, key);
}

int wait_on(k::wait_queue_head* head, k::wait_bit_queue_entry* entry, Action action,
            unsigned mode) {
  k::wait_bit_key* key = key_of(entry);
  int result = 0;
  do {
    prepare_to_wait(head, entry_of(entry), mode, false);
    if (test_bit(wait_bit_key_flags(key), wait_bit_key_bit_nr(key)))
      result = action(key, static_cast<int>(mode));
  } while (!result && test_bit(wait_bit_key_flags(key), wait_bit_key_bit_nr(key)));
  finish_wait(head, entry_of(entry));
  return result;
}

int wait_on_lock(k::wait_queue_head* head, k::wait_bit_queue_entry* entry, Action action,
                 unsigned mode) {
  k::wait_bit_key* key = key_of(entry);
  int result = 0;
  while (true) {
    prepare_to_wait(head, entry_of(entry), mode, true);
    if (test_bit(wait_bit_key_flags(key), wait_bit_key_bit_nr(key))) {
      result = action(key, static_cast<int>(mode));
      if (result) finish_wait(head, entry_of(entry));
    }
    if (!test_and_set_bit(wait_bit_key_flags(key), wait_bit_key_bit_nr(key))) {
      if (!result) finish_wait(head, entry_of(entry));
      return 0;
    }
    if (result) return result;
  }
}

// An entry on our stack.
struct StackEntry {
  alignas(8) uint8_t memory[128] = {};
  StackEntry(void* words, int bit, uint64_t timeout = 0) {
    wait_bit_key_flags(key_of(get())) = words;
    wait_bit_key_bit_nr(key_of(get())) = bit;
    wait_bit_key_timeout(key_of(get())) = timeout;
    wait_queue_entry_task(entry_of(get())) = current();
    wait_queue_entry_func(entry_of(get())) = kapi_entry_wake_bit_function;
    list_init(wait_queue_entry_entry(entry_of(get())));
  }
  k::wait_bit_queue_entry* get() { return reinterpret_cast<k::wait_bit_queue_entry*>(memory); }
};

KAPI(bit_waitqueue, Real, k::wait_queue_head*, (void* words, int bit)) {
  return head_of(words, bit);
}
KAPI(__var_waitqueue, Real, k::wait_queue_head*, (void* variable)) {
  return head_of(variable, kVariable);
}
KAPI(__wake_up_bit, Real, void, (k::wait_queue_head * head, void* words, int bit)) {
  wake_key(head, words, bit);
}
KAPI(wake_up_bit, Real, void, (void* words, int bit)) { wake_key(head_of(words, bit), words, bit); }
KAPI(wake_up_var, Real, void, (void* variable)) {
  wake_key(head_of(variable, kVariable), variable, kVariable);
}
KAPI(init_wait_var_entry, Real, void,
     (k::wait_bit_queue_entry * entry, void* variable, int flags)) {
  wait_bit_key_flags(key_of(entry)) = variable;
  wait_bit_key_bit_nr(key_of(entry)) = kVariable;
  wait_queue_entry_flags(entry_of(entry)) = static_cast<unsigned>(flags);
  wait_queue_entry_task(entry_of(entry)) = current();
  wait_queue_entry_func(entry_of(entry)) = kapi_entry_ring3_wake_variable;
  list_init(wait_queue_entry_entry(entry_of(entry)));
}
KAPI(__wait_on_bit, Real, int,
     (k::wait_queue_head * head, k::wait_bit_queue_entry* entry,
      int (*action)(k::wait_bit_key*, int), unsigned mode)) {
  return wait_on(head, entry, action, mode);
}
KAPI(__wait_on_bit_lock, Real, int,
     (k::wait_queue_head * head, k::wait_bit_queue_entry* entry,
      int (*action)(k::wait_bit_key*, int), unsigned mode)) {
  return wait_on_lock(head, entry, action, mode);
}
KAPI(out_of_line_wait_on_bit, Real, int,
     (void* words, int bit, int (*action)(k::wait_bit_key*, int), unsigned mode)) {
  StackEntry entry(words, bit);
  return wait_on(head_of(words, bit), entry.get(), action, mode);
}
KAPI(out_of_line_wait_on_bit_timeout, Real, int,
     (void* words, int bit, int (*action)(k::wait_bit_key*, int), unsigned mode,
      unsigned long timeout)) {
  StackEntry entry(words, bit, jiffies() + timeout);
  return wait_on(head_of(words, bit), entry.get(), action, mode);
}
KAPI(out_of_line_wait_on_bit_lock, Real, int,
     (void* words, int bit, int (*action)(k::wait_bit_key*, int), unsigned mode)) {
  StackEntry entry(words, bit);
  return wait_on_lock(head_of(words, bit), entry.get(), action, mode);
}

int after_sleep(int mode) { return signal_pending(static_cast<unsigned>(mode)) ? -EINTR : 0; }
KAPI(bit_wait, Real, int, (k::wait_bit_key * key, int mode)) {
  schedule();
  return after_sleep(mode);
}
KAPI(bit_wait_io, Real, int, (k::wait_bit_key * key, int mode)) {
  schedule();
  return after_sleep(mode);
}
int wait_with_timeout(k::wait_bit_key* key, int mode) {
  long left = static_cast<long>(wait_bit_key_timeout(key) - jiffies());
  if (left <= 0) return -EAGAIN;
  schedule_timeout(left);
  return after_sleep(mode);
}
KAPI(bit_wait_timeout, Real, int, (k::wait_bit_key * key, int mode)) {
  return wait_with_timeout(key, mode);
}
KAPI(bit_wait_io_timeout, Real, int, (k::wait_bit_key * key, int mode)) {
  return wait_with_timeout(key, mode);
}

}  // namespace

void wait_bit_init() {
  table().assign(kHeads * sizeof_wait_queue_head(), 0);
  for (unsigned i = 0; i < kHeads; i++)
    waitqueue_init(
        reinterpret_cast<k::wait_queue_head*>(table().data() + i * sizeof_wait_queue_head()));
}

}  // namespace ring3::kernel
