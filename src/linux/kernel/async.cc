// SPDX-License-Identifier: GPL-2.0-only
// Asynchronous calls: each gets a cookie, counted up, and runs in a worker; waiting is waiting
// until the lowest cookie that is not done has passed a given one, of one domain or of all. The
// domain's own list stays empty: what is in flight is kept here.
#include <map>
#include <memory>

#include "base/check.h"
#include "kapi/kapi.h"
#include "linux/include/kernel.h"
#include "linux/kernel/workqueue.h"
#include "machine/parking.h"

namespace ring3::k {
struct async_domain;
}  // namespace ring3::k

namespace ring3::kernel {
namespace {

using Parking = machine::Parking;
using Function = void (*)(void*, uint64_t);

constexpr uint64_t kNoCookie = ~0ull;

struct Call {
  alignas(16) char work[128];
  Function function;
  void* data;
  uint64_t cookie;
  const k::async_domain* domain;  // null: the default one
  bool registered;                // async_synchronize_full() waits for it
};

struct State {
  machine::SpinLock lock;
  uint64_t next_cookie = 1;
  std::map<uint64_t, std::unique_ptr<Call>> calls;
  std::atomic<uint32_t> finished{0};  // changes when a call ends
};
State state;

// Bit 0 of the word behind the list (ASYNC_DOMAIN() sets it, ASYNC_DOMAIN_EXCLUSIVE() does not).
bool is_registered(const k::async_domain* domain) {
  return !domain || (reinterpret_cast<const unsigned*>(domain)[4] & 1);
}

void run(k::work_struct* work) {
  auto* call = reinterpret_cast<Call*>(work);
  call->function(call->data, call->cookie);
  {
    machine::SpinGuard guard(state.lock);
    state.calls.erase(call->cookie);
  }
  Parking::unpark(
      &state, [](uintptr_t) { return Parking::Decision::kWake; },
      [](unsigned) { state.finished++; });
}

uint64_t start(Function function, void* data, const k::async_domain* domain) {
  auto owned = std::make_unique<Call>();
  CHECK(sizeof_work_struct() <= sizeof(owned->work));
  *owned = {.work = {},
            .function = function,
            .data = data,
            .cookie = 0,
            .domain = domain,
            .registered = is_registered(domain)};
  auto* work = reinterpret_cast<k::work_struct*>(owned->work);
  init_work(work, run);
  uint64_t cookie;
  {
    machine::SpinGuard guard(state.lock);
    cookie = owned->cookie = state.next_cookie++;
    state.calls[cookie] = std::move(owned);
  }
  queue_work(machine::kAnyCpu, unbound_work_queue(), work);
  return cookie;
}

uint64_t lowest(const k::async_domain* domain, bool all) {
  machine::SpinGuard guard(state.lock);
  for (auto& [cookie, call] : state.calls)
    if (all ? call->registered : call->domain == domain) return cookie;
  return kNoCookie;
}

void wait_for(uint64_t cookie, const k::async_domain* domain, bool all) {
  might_sleep();
  while (true) {
    uint32_t seen = state.finished;
    if (lowest(domain, all) >= cookie) return;
    Parking::park({.key = &state}, [&] { return state.finished == seen; });
  }
}

KAPI(async_schedule_node, Real, uint64_t,
     (void (*function)(void*, uint64_t), void* data, int node)) {
  return start(function, data, nullptr);
}
KAPI(async_schedule_node_domain, Real, uint64_t,
     (void (*function)(void*, uint64_t), void* data, int node, k::async_domain* domain)) {
  return start(function, data, domain);
}
KAPI(async_synchronize_full, Real, void, ()) { wait_for(kNoCookie, nullptr, true); }
KAPI(async_synchronize_full_domain, Real, void, (k::async_domain * domain)) {
  wait_for(kNoCookie, domain, !domain);
}
KAPI(async_synchronize_cookie, Real, void, (uint64_t cookie)) { wait_for(cookie, nullptr, false); }
KAPI(async_synchronize_cookie_domain, Real, void, (uint64_t cookie, k::async_domain* domain)) {
  wait_for(cookie, domain, !domain);
}
KAPI(current_is_async, Real, bool, ()) {
  return work_engine().current_identity() == reinterpret_cast<uint64_t>(&run);
}

}  // namespace

void async_exit() {
  state.calls.clear();
  state.next_cookie = 1;
}

}  // namespace ring3::kernel
