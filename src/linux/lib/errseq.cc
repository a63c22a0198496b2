// SPDX-License-Identifier: GPL-2.0-only
// lib/errseq.c: the last error and whether somebody has seen it, in one word: 12 bits of errno, a
// bit for "seen", and above them a counter that tells one error from the same one later.
#include "kapi/kapi.h"
#include "linux/include/bug.h"
#include "linux/include/sched.h"

namespace ring3::kernel {
namespace {

constexpr uint32_t kErrno = 0xfff, kSeen = 0x1000, kStep = 0x2000;

KAPI(errseq_set, Real, uint32_t, (uint32_t * place, int error)) {
  uint32_t old = word<uint32_t>(place).load();
  if (error >= 0 || error < -4095) {
    if (error) RING3_WARN_ONCE("lib/errseq.c", 73, "errseq_set", "err = out of range\n");
    return old;
  }
  while (true) {
    uint32_t fresh = (old & ~(kErrno | kSeen)) | static_cast<uint32_t>(-error);
    if (old & kSeen) fresh += kStep;
    if (fresh == old || word<uint32_t>(place).compare_exchange_strong(old, fresh)) return old;
    if (old == fresh) return old;  // somebody set the same
  }
}
KAPI(errseq_sample, Real, uint32_t, (uint32_t * place)) {
  uint32_t now = word<uint32_t>(place).load();
  return now & kSeen ? now : 0;
}
KAPI(errseq_check, Real, int, (uint32_t * place, uint32_t since)) {
  uint32_t now = word<uint32_t>(place).load();
  return now == since ? 0 : -static_cast<int>(now & kErrno);
}
KAPI(errseq_check_and_advance, Real, int, (uint32_t * place, uint32_t* since)) {
  uint32_t now = word<uint32_t>(place).load();
  if (now == *since) return 0;
  uint32_t seen = now | kSeen;
  if (seen != now) word<uint32_t>(place).compare_exchange_strong(now, seen);
  *since = seen;
  return -static_cast<int>(seen & kErrno);
}

}  // namespace
}  // namespace ring3::kernel
