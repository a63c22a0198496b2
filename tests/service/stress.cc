// SPDX-License-Identifier: GPL-2.0-only
// Many clients at once on one machine: each is a process that loads, lists and removes for a while,
// a module of its own and one that all fight over.
//
//     service_stress RING3 RELEASE MODULES [CLIENTS [SECONDS]]
//
// Every answer must be one that Linux could give, a client's own module must be listed while it is
// loaded, and at the end nothing is left. A client that hangs makes the test hang, which ctest
// ends.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "host/command.h"
#include "host/file.h"
#include "service/client.h"

namespace ring3::service {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& text) {
  fmt::print(stderr, "FAILED: {}\n", text);
  _exit(1);
}

// The module under another name: two letters of "stress_aa" changed wherever it stands.
std::vector<std::byte> renamed(std::vector<std::byte> bytes, const std::string& to) {
  const std::string from = "stress_aa";
  std::string_view text = as_text(bytes);
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + 1))
    std::memcpy(bytes.data() + at, to.data(), to.size());
  return bytes;
}

std::string name_of(int i) {
  return fmt::format("stress_{}{}", static_cast<char>('c' + i / 26),
                     static_cast<char>('a' + i % 26));
}

struct Counts {
  uint64_t loads = 0, lists = 0, removals = 0, refusals = 0;
};

// The errno of an answer; the connection and the task must be alive.
int call(const Result<Client::Answer>& answer, const std::string& what) {
  if (!answer) fail(what + ": " + answer.error().text);
  if (answer->signal) fail(fmt::format("{}: the task died by {}", what, answer->signal));
  return answer->error;
}

Counts work(const Place& place, const std::vector<std::byte>& template_bytes, int number,
            Clock::time_point until) {
  const std::string own = name_of(number), shared = "stress_zz";
  auto own_bytes = renamed(template_bytes, own), shared_bytes = renamed(template_bytes, shared);
  Counts counts;
  while (Clock::now() < until) {
    // A new connection each time round: those count, too.
    auto client = Client::connect(place);
    if (!client) fail(client.error().text);
    if (int error = call(client->init_module("stress", own_bytes, ""), "load " + own))
      fail(fmt::format("load {}: errno {}", own, error));
    counts.loads++;
    auto list = client->read_file("/proc/modules");
    if (!list) fail("/proc/modules: " + list.error().text);
    if (("\n" + *list).find("\n" + own + " ") == std::string::npos) fail(own + " is not listed");
    counts.lists++;
    int error = call(client->init_module("stress", shared_bytes, ""), "load " + shared);
    if (error && error != EEXIST && error != EBUSY)
      fail(fmt::format("{}: errno {}", shared, error));
    error ? counts.refusals++ : counts.loads++;
    error = call(client->delete_module("stress", shared, O_NONBLOCK), "remove " + shared);
    if (error && error != ENOENT && error != EBUSY && error != EAGAIN)
      fail(fmt::format("{}: errno {}", shared, error));
    error ? counts.refusals++ : counts.removals++;
    if (int left = call(client->delete_module("stress", own, O_NONBLOCK), "remove " + own))
      fail(fmt::format("remove {}: errno {}", own, left));
    counts.removals++;
  }
  return counts;
}

int run(char** argv, int clients, int seconds) {
  char runtime[] = "/tmp/ring3-stress-XXXXXX";
  if (!::mkdtemp(runtime)) fail("no folder in /tmp");
  ::setenv("XDG_RUNTIME_DIR", runtime, 1);
  auto boot = host::run_command({argv[1], "boot", "--quiet", "--kernel", argv[2]});
  if (!boot || boot->status) fail(boot ? boot->output : boot.error().text);
  auto place = place_of("default");
  if (!place) fail(place.error().text);
  auto bytes = host::read_file(std::string(argv[3]) + "/stress_aa.ko");
  if (!bytes) fail(bytes.error().text);
  auto until = Clock::now() + std::chrono::seconds(seconds);
  int ends[2];
  if (::pipe(ends) != 0) fail("pipe");
  for (int i = 0; i < clients; i++) {
    if (::fork() != 0) continue;
    Counts counts = work(*place, *bytes, i, until);
    _exit(::write(ends[1], &counts, sizeof(counts)) == sizeof(counts) ? 0 : 1);
  }
  ::close(ends[1]);
  Counts sum, one;
  int reports = 0;
  while (::read(ends[0], &one, sizeof(one)) == sizeof(one)) {
    sum.loads += one.loads;
    sum.lists += one.lists;
    sum.removals += one.removals;
    sum.refusals += one.refusals;
    reports++;
  }
  while (::wait(nullptr) > 0) {
  }
  auto client = Client::connect(*place);
  if (!client) fail(client.error().text);
  auto left = client->read_file("/proc/modules");
  auto status = client->status();
  if (!left || !status) fail("the machine does not answer at the end");
  bool good = reports == clients && left->empty() && sum.loads == sum.removals && !status->oopses;
  fmt::print(
      "{} of {} clients in {} s: {} loads, {} lists, {} removals, {} refused; left: '{}', "
      "{} oopses\n",
      reports, clients, seconds, sum.loads, sum.lists, sum.removals, sum.refusals, *left,
      status->oopses);
  if (auto ended = client->shutdown(false); !ended) fail(ended.error().text);
  (void)host::run_command({"rm", "-r", runtime});
  return good ? 0 : 1;
}

}  // namespace
}  // namespace ring3::service

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  return ring3::service::run(argv, argc > 4 ? std::atoi(argv[4]) : 200,
                             argc > 5 ? std::atoi(argv[5]) : 5);
}
