// SPDX-License-Identifier: GPL-2.0-only
#include "interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <cstring>

namespace ring3::dmesg {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};
const char* last_words = "";

sigset_t signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (int signal : kSignals) ::sigaddset(&set, signal);
  return set;
}

// Runs where nothing is half printed; what was printed has been flushed.
void finish(int signal) {
  (void)!::write(STDOUT_FILENO, last_words, std::strlen(last_words));
  ::raise(signal);  // by default now: SA_RESETHAND
}

void block(int how) {
  sigset_t set = signals();
  ::sigprocmask(how, &set, nullptr);
}

}  // namespace

void finish_on_signals(const char* ending) {
  last_words = ending;
  block(SIG_BLOCK);
  for (int signal : kSignals) {
    struct sigaction action {
    }, old{};
    // Whoever had it ignored (nohup) wants that.
    if (::sigaction(signal, nullptr, &old) == 0 && old.sa_handler == SIG_IGN) continue;
    action.sa_handler = finish;
    action.sa_mask = signals();
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(signal, &action, nullptr);
  }
}

Interruptible::Interruptible() { block(SIG_UNBLOCK); }
Interruptible::~Interruptible() { block(SIG_BLOCK); }

}  // namespace ring3::dmesg
