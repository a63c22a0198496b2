// SPDX-License-Identifier: GPL-2.0-only
// User memory: copies and strings by C functions, and the assembly functions that get_user(),
// put_user() and the copies inlined into modules call with register conventions of their own
// (user_access.S brings them here).
//
// A copy that a module inlined does not say which side is the user's. Kernel addresses are those of
// the machine's memory, so the other side is.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/include/memory.h"
#include "linux/include/sched.h"
#include "linux/include/uaccess.h"

namespace ring3::kernel {
namespace {

#define UNCOMPARED Partial("not compared with Linux yet")

const machine::UserMemory* user_memory() {
  return on_cpu() && !in_interrupt() ? this_task()->user_memory : nullptr;
}
UserAddress user(const void* pointer) { return {reinterpret_cast<uint64_t>(pointer)}; }

// A piece of a string or a run of zeros is looked at without reading past its page.
constexpr size_t kPiece = 512;
size_t piece_at(uint64_t address, size_t left) { return std::min(kPiece - address % kPiece, left); }

}  // namespace

UserCall::UserCall(const machine::UserMemory& memory) : before_(this_task()->user_memory) {
  this_task()->user_memory = &memory;
}
UserCall::~UserCall() { this_task()->user_memory = before_; }

size_t copy_from_user(void* to, UserAddress from, size_t size) {
  const machine::UserMemory* memory = user_memory();
  if (!memory || !access_ok(from, size)) return size;
  return size - memory->read(to, from, size);
}

size_t copy_to_user(UserAddress to, const void* from, size_t size) {
  const machine::UserMemory* memory = user_memory();
  if (!memory || !access_ok(to, size)) return size;
  return size - memory->write(to, from, size);
}

size_t clear_user(UserAddress to, size_t size) {
  static const char zeros[kPiece] = {};
  while (size) {
    size_t piece = piece_at(to.value, size);
    size_t left = copy_to_user(to, zeros, piece);
    to.value += piece - left;
    size -= piece - left;
    if (left) break;
  }
  return size;
}

namespace {

// The bytes that did not come are zero in the kernel's buffer: nothing old leaks.
KAPI(_copy_from_user, Real, unsigned long, (void* to, const void* from, unsigned long size)) {
  size_t left = copy_from_user(to, user(from), size);
  if (left) std::memset(static_cast<char*>(to) + (size - left), 0, left);
  return left;
}
KAPI(_copy_to_user, Real, unsigned long, (void* to, const void* from, unsigned long size)) {
  return copy_to_user(user(to), from, size);
}

KAPI(strncpy_from_user, Real, long, (char* to, const char* from, long count)) {
  if (count <= 0) return 0;
  for (long done = 0; done < count;) {
    uint64_t at = reinterpret_cast<uint64_t>(from) + static_cast<uint64_t>(done);
    size_t piece = piece_at(at, static_cast<size_t>(count - done));
    if (at >= kUserEnd || copy_from_user(to + done, {at}, piece)) {
      // The last page before the fault may still hold the end of the string.
      for (size_t i = 0; i < piece; i++) {
        if (copy_from_user(to + done, {at + i}, 1)) return -EFAULT;
        if (!to[done]) return done;
        done++;
      }
      continue;
    }
    if (const void* end = std::memchr(to + done, 0, piece))
      return static_cast<const char*>(end) - to;
    done += static_cast<long>(piece);
  }
  return count;
}

// The length with the NUL; more than `count` when there is none among so many; 0: a fault.
KAPI(strnlen_user, Real, long, (const char* string, long count)) {
  if (count <= 0) return 0;
  for (long done = 0; done < count;) {
    uint64_t at = reinterpret_cast<uint64_t>(string) + static_cast<uint64_t>(done);
    char piece[kPiece];
    size_t size = piece_at(at, static_cast<size_t>(count - done));
    if (copy_from_user(piece, {at}, size)) return 0;
    if (const void* end = std::memchr(piece, 0, size))
      return done + (static_cast<const char*>(end) - piece) + 1;
    done += static_cast<long>(size);
  }
  return count + 1;
}

// 1: all zero; 0: not; -EFAULT.
KAPI(check_zeroed_user, UNCOMPARED, int, (const void* from, size_t size)) {
  for (size_t done = 0; done < size;) {
    char piece[kPiece];
    size_t length = piece_at(user(from).value + done, size - done);
    if (copy_from_user(piece, {user(from).value + done}, length)) return -EFAULT;
    if (std::any_of(piece, piece + length, [](char c) { return c != 0; })) return 0;
    done += length;
  }
  return 1;
}

KAPI_ASM(__get_user_1, Real, ring3_get_user_1);
KAPI_ASM(__get_user_2, Real, ring3_get_user_2);
KAPI_ASM(__get_user_4, Real, ring3_get_user_4);
KAPI_ASM(__get_user_8, Real, ring3_get_user_8);
KAPI_ASM(__get_user_nocheck_1, Real, ring3_get_user_1);
KAPI_ASM(__get_user_nocheck_2, Real, ring3_get_user_2);
KAPI_ASM(__get_user_nocheck_4, Real, ring3_get_user_4);
KAPI_ASM(__get_user_nocheck_8, Real, ring3_get_user_8);
KAPI_ASM(__put_user_1, Real, ring3_put_user_1);
KAPI_ASM(__put_user_2, Real, ring3_put_user_2);
KAPI_ASM(__put_user_4, Real, ring3_put_user_4);
KAPI_ASM(__put_user_8, Real, ring3_put_user_8);
KAPI_ASM(__put_user_nocheck_1, Real, ring3_put_user_1);
KAPI_ASM(__put_user_nocheck_2, Real, ring3_put_user_2);
KAPI_ASM(__put_user_nocheck_4, Real, ring3_put_user_4);
KAPI_ASM(__put_user_nocheck_8, Real, ring3_put_user_8);
KAPI_ASM(clear_user_original, UNCOMPARED, ring3_clear_user);
KAPI_ASM(clear_user_rep_good, UNCOMPARED, ring3_clear_user);
KAPI_ASM(clear_user_erms, Real, ring3_clear_user);
KAPI_ASM(rep_stos_alternative, Real, ring3_clear_user);
KAPI_ASM(copy_user_generic_unrolled, UNCOMPARED, ring3_copy_user);
KAPI_ASM(copy_user_generic_string, UNCOMPARED, ring3_copy_user);
KAPI_ASM(copy_user_enhanced_fast_string, UNCOMPARED, ring3_copy_user);
KAPI_ASM(__copy_user_nocache, UNCOMPARED, ring3_copy_user);
KAPI_ASM(rep_movs_alternative, UNCOMPARED, ring3_copy_user_count);

// What an oops below says was called.
const kapi::Record user_record = {.name = "__get_user_8",
                                  .kind = kapi::Kind::kAssembly,
                                  .status = kapi::status::Real,
                                  .address = nullptr,
                                  .prototype = nullptr,
                                  .file = __FILE__,
                                  .line = __LINE__,
                                  .data = {},
                                  .bound = nullptr};

template <class Body>
auto from_assembly(uint64_t cfa, uint64_t rbp, Body&& body) {
  kapi::CallRecord record{kapi::gs_calls(), &user_record, cfa, rbp};
  kapi::set_gs_calls(&record);
  auto result = body();
  kapi::set_gs_calls(record.outer);
  if (kapi::gs_interrupt_pending()) machine::deliver_pending();
  return result;
}

bool is_kernel_memory(const void* pointer) {
  uint64_t address = reinterpret_cast<uint64_t>(pointer);
  if (machine::ram().contains(address) || machine::vmalloc_space().contains(address) ||
      this_task()->stack().contains(address))
    return true;
  const module::Registry& registry = running().loader->registry();
  module::Registry::Hold hold(registry);
  return registry.containing(address) != nullptr;
}

size_t copy_either(void* to, const void* from, size_t size) {
  return is_kernel_memory(to) ? copy_from_user(to, user(from), size)
                              : copy_to_user(user(to), from, size);
}

}  // namespace
}  // namespace ring3::kernel

// The result in %rax, the value in %rdx.
struct GotFromUser {
  int64_t error;
  uint64_t value;
};
extern "C" GotFromUser ring3_get_user_from(uint64_t cfa, uint64_t rbp, uint64_t address,
                                           uint64_t size) {
  return ring3::kernel::from_assembly(cfa, rbp, [&] {
    GotFromUser got{0, 0};
    if (ring3::kernel::copy_from_user(&got.value, {address}, size)) got = {-EFAULT, 0};
    return got;
  });
}
extern "C" int64_t ring3_put_user_from(uint64_t cfa, uint64_t rbp, uint64_t address, uint64_t size,
                                       uint64_t value) {
  return ring3::kernel::from_assembly(cfa, rbp, [&]() -> int64_t {
    return ring3::kernel::copy_to_user({address}, &value, size) ? -EFAULT : 0;
  });
}
extern "C" uint64_t ring3_clear_user_from(uint64_t cfa, uint64_t rbp, uint64_t address,
                                          uint64_t size) {
  return ring3::kernel::from_assembly(cfa, rbp,
                                      [&] { return ring3::kernel::clear_user({address}, size); });
}
extern "C" uint64_t ring3_copy_user_from(uint64_t cfa, uint64_t rbp, void* to, const void* from,
                                         uint64_t size) {
  return ring3::kernel::from_assembly(cfa, rbp,
                                      [&] { return ring3::kernel::copy_either(to, from, size); });
}
