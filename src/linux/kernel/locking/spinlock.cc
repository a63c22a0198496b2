// SPDX-License-Identifier: GPL-2.0-only
// Spinlocks and reader-writer locks as modules call them. Order as in Linux: first interrupts or
// bottom halves off, then preemption, then the lock; and back.
//
// rwlock_t's word (include/asm-generic/qrwlock_types.h): low byte 0xff while a writer holds it, bit
// 8 while one waits, readers counted from bit 9 on. A waiting writer keeps new readers out, except
// in interrupts, whose own CPU may hold the lock for reading already.
#include "kapi/kapi.h"
#include "linux/include/sched.h"

namespace ring3::k {
struct raw_spinlock;
struct spinlock;
struct qrwlock;
struct rwlock_t;  // an anonymous struct with this typedef
struct lockref;
struct atomic_t;
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

constexpr uint32_t kWriter = 0xff, kWriterWaits = 0x100, kReader = 0x200;

bool read_trylock_word(const void* lock, bool pass_waiting) {
  std::atomic<uint32_t>& count = word<uint32_t>(lock);
  uint32_t old = count.load(std::memory_order_relaxed);
  uint32_t against = kWriter | (pass_waiting ? 0 : kWriterWaits);
  do {
    if (old & against) return false;
  } while (!count.compare_exchange_weak(old, old + kReader, std::memory_order_acquire));
  return true;
}
}  // namespace

void read_lock_word(const void* lock) {
  Spinner spinner;
  while (!read_trylock_word(lock, in_interrupt()))
    if (!spinner.turn()) return;
}
void read_unlock_word(const void* lock) {
  word<uint32_t>(lock).fetch_sub(kReader, std::memory_order_release);
}
bool write_trylock_word(const void* lock) {
  uint32_t old = word<uint32_t>(lock).load(std::memory_order_relaxed) & kWriterWaits;
  return word<uint32_t>(lock).compare_exchange_strong(old, kWriter, std::memory_order_acquire);
}
void write_lock_word(const void* lock) {
  Spinner spinner;
  while (!write_trylock_word(lock)) {
    uint32_t seen = word<uint32_t>(lock).load(std::memory_order_relaxed);
    if (seen && !(seen & kWriterWaits)) word<uint32_t>(lock).fetch_or(kWriterWaits);
    if (!spinner.turn()) return;
  }
}
void write_unlock_word(const void* lock) {
  word<uint8_t>(lock).store(0, std::memory_order_release);
}

namespace {

// What spin_lock_bh adds to the preempt count: bottom halves off, and one for the lock.
constexpr unsigned kBottomHalf = 2 * machine::kSoftirqOffset;
void enable_bottom_halves() {
  preempt_count_sub(1);
  local_bh_enable();
}

KAPI(_raw_spin_lock, Real, void, (k::raw_spinlock * lock)) {
  preempt_disable();
  spin_lock_word(lock);
}
KAPI(_raw_spin_lock_irq, Real, void, (k::raw_spinlock * lock)) {
  machine::disable_interrupts();
  preempt_disable();
  spin_lock_word(lock);
}
KAPI(_raw_spin_lock_irqsave, Real, unsigned long, (k::raw_spinlock * lock)) {
  uint64_t flags = interrupts_save();
  preempt_disable();
  spin_lock_word(lock);
  return flags;
}
KAPI(_raw_spin_lock_bh, Real, void, (k::raw_spinlock * lock)) {
  preempt_count_add(kBottomHalf + 1);
  spin_lock_word(lock);
}
KAPI(_raw_spin_trylock, Real, int, (k::raw_spinlock * lock)) {
  preempt_disable();
  if (spin_trylock_word(lock)) return 1;
  preempt_enable();
  return 0;
}
KAPI(_raw_spin_trylock_bh, Real, int, (k::raw_spinlock * lock)) {
  preempt_count_add(kBottomHalf + 1);
  if (spin_trylock_word(lock)) return 1;
  enable_bottom_halves();
  return 0;
}
KAPI(_raw_spin_unlock, Real, void, (k::raw_spinlock * lock)) {
  spin_unlock_word(lock);
  preempt_enable();
}
KAPI(_raw_spin_unlock_irq, Real, void, (k::raw_spinlock * lock)) {
  spin_unlock_word(lock);
  machine::enable_interrupts();
  preempt_enable();
}
KAPI(_raw_spin_unlock_irqrestore, Real, void, (k::raw_spinlock * lock, unsigned long flags)) {
  spin_unlock_word(lock);
  interrupts_restore(flags);
  preempt_enable();
}
KAPI(_raw_spin_unlock_bh, Real, void, (k::raw_spinlock * lock)) {
  spin_unlock_word(lock);
  enable_bottom_halves();
}

// The two halves are alike but for the function in the middle.
#define RING3_RW_FAMILY(kind, taking)                                                            \
  KAPI(_raw_##kind##_lock, Real, void, (k::rwlock_t * lock)) {                                   \
    preempt_disable();                                                                           \
    taking##_lock_word(lock);                                                                    \
  }                                                                                              \
  KAPI(_raw_##kind##_lock_irq, Real, void, (k::rwlock_t * lock)) {                               \
    machine::disable_interrupts();                                                               \
    preempt_disable();                                                                           \
    taking##_lock_word(lock);                                                                    \
  }                                                                                              \
  KAPI(_raw_##kind##_lock_irqsave, Real, unsigned long, (k::rwlock_t * lock)) {                  \
    uint64_t flags = interrupts_save();                                                          \
    preempt_disable();                                                                           \
    taking##_lock_word(lock);                                                                    \
    return flags;                                                                                \
  }                                                                                              \
  KAPI(_raw_##kind##_lock_bh, Real, void, (k::rwlock_t * lock)) {                                \
    preempt_count_add(kBottomHalf + 1);                                                          \
    taking##_lock_word(lock);                                                                    \
  }                                                                                              \
  KAPI(_raw_##kind##_unlock, Real, void, (k::rwlock_t * lock)) {                                 \
    taking##_unlock_word(lock);                                                                  \
    preempt_enable();                                                                            \
  }                                                                                              \
  KAPI(_raw_##kind##_unlock_irq, Real, void, (k::rwlock_t * lock)) {                             \
    taking##_unlock_word(lock);                                                                  \
    machine::enable_interrupts();                                                                \
    preempt_enable();                                                                            \
  }                                                                                              \
  KAPI(_raw_##kind##_unlock_irqrestore, Real, void, (k::rwlock_t * lock, unsigned long flags)) { \
    taking##_unlock_word(lock);                                                                  \
    interrupts_restore(flags);                                                                   \
    preempt_enable();                                                                            \
  }                                                                                              \
  KAPI(_raw_##kind##_unlock_bh, Real, void, (k::rwlock_t * lock)) {                              \
    taking##_unlock_word(lock);                                                                  \
    enable_bottom_halves();                                                                      \
  }
RING3_RW_FAMILY(read, read)
RING3_RW_FAMILY(write, write)
#undef RING3_RW_FAMILY

KAPI(_raw_write_lock_nested, Real, void, (k::rwlock_t * lock, int subclass)) {
  preempt_disable();
  write_lock_word(lock);
}
KAPI(_raw_read_trylock, Real, int, (k::rwlock_t * lock)) {
  preempt_disable();
  if (read_trylock_word(lock, true)) return 1;
  preempt_enable();
  return 0;
}
KAPI(_raw_write_trylock, Real, int, (k::rwlock_t * lock)) {
  preempt_disable();
  uint32_t free = 0;
  if (word<uint32_t>(lock).compare_exchange_strong(free, kWriter, std::memory_order_acquire))
    return 1;
  preempt_enable();
  return 0;
}
// The inlined fast path has already added its reader; the slow one starts over.
KAPI(queued_read_lock_slowpath, Real, void, (k::qrwlock * lock)) {
  read_unlock_word(lock);
  read_lock_word(lock);
}
KAPI(queued_write_lock_slowpath, Real, void, (k::qrwlock * lock)) { write_lock_word(lock); }

// Is an address in the code of a lock function? Ours is nowhere near a module's.
KAPI(in_lock_functions, Stub("lock functions are runtime code, never seen as a caller's address"),
     int, (unsigned long address)) {
  return 0;
}

// lib/dec_and_lock.c: takes the lock only when the count falls to zero.
bool decrement_unless_one(void* count) {
  std::atomic<int>& value = word<int>(count);
  int old = value.load();
  while (old != 1)
    if (value.compare_exchange_weak(old, old - 1)) return true;
  return false;
}
int decrement_and_lock(k::atomic_t* count, void* lock) {
  if (decrement_unless_one(count)) return 0;
  preempt_disable();
  spin_lock_word(lock);
  if (word<int>(count).fetch_sub(1) == 1) return 1;
  spin_unlock_word(lock);
  preempt_enable();
  return 0;
}
int decrement_and_lock_irqsave(k::atomic_t* count, void* lock, unsigned long* flags) {
  if (decrement_unless_one(count)) return 0;
  *flags = interrupts_save();
  preempt_disable();
  spin_lock_word(lock);
  if (word<int>(count).fetch_sub(1) == 1) return 1;
  spin_unlock_word(lock);
  interrupts_restore(*flags);
  preempt_enable();
  return 0;
}
KAPI(_atomic_dec_and_lock, Real, int, (k::atomic_t * count, k::spinlock* lock)) {
  return decrement_and_lock(count, lock);
}
KAPI(_atomic_dec_and_lock_irqsave, Real, int,
     (k::atomic_t * count, k::spinlock* lock, unsigned long* flags)) {
  return decrement_and_lock_irqsave(count, lock, flags);
}
KAPI(_atomic_dec_and_raw_lock, Real, int, (k::atomic_t * count, k::raw_spinlock* lock)) {
  return decrement_and_lock(count, lock);
}
KAPI(_atomic_dec_and_raw_lock_irqsave, Real, int,
     (k::atomic_t * count, k::raw_spinlock* lock, unsigned long* flags)) {
  return decrement_and_lock_irqsave(count, lock, flags);
}

}  // namespace
}  // namespace ring3::kernel
