// SPDX-License-Identifier: GPL-2.0-only
#include "service/broker.h"

#include <fmt/format.h>

#include <cstring>

#include "host/command.h"
#include "host/descriptor.h"
#include "host/file.h"
#include "host/process.h"
#include "host/socket.h"
#include "service/wire.h"

namespace ring3::service {
namespace {

constexpr size_t kPacketLimit = 192 * 1024, kTextLimit = 128 * 1024;
constexpr uint32_t kManyTexts = 4096;
enum Task : uint8_t { kOpen = 1, kStart = 2 };

void write_texts(Writer& writer, const std::vector<std::string>& texts) {
  writer.number(static_cast<uint32_t>(texts.size()));
  for (const std::string& text : texts) writer.text(text);
}

std::vector<std::string> read_texts(Reader& reader) {
  std::vector<std::string> texts;
  auto count = reader.number<uint32_t>();
  for (uint32_t i = 0; i < count && i < kManyTexts && !reader.failed(); i++)
    texts.push_back(reader.text(kTextLimit));
  return texts;
}

void answer(int socket, int number, int descriptor = -1) {
  std::string bytes = Writer().number(static_cast<uint32_t>(number)).take();
  (void)host::send_all(socket, as_bytes(bytes), descriptor);
}

Result<int> read_answer(int socket, host::Handle& descriptor) {
  std::byte bytes[4];
  TRY(host::receive_all(socket, bytes, sizeof(bytes), descriptor));
  return static_cast<int>(*read_at<uint32_t>(bytes, 0));
}

void open_for_machine(int socket, const std::string& path) {
  if (!broker_opens(path)) return answer(socket, EPERM);
  auto file = host::open_for_reading(path);
  if (!file) return answer(socket, file.error().code);
  auto info = host::readable_file(file->get());
  if (!info || !info->regular) return answer(socket, EPERM);
  answer(socket, 0, file->get());
}

// In a process of its own: starts the program, says so, waits for its end or for the machine to
// lose interest.
int run_program(int socket, const Broker::Program& program) {
  auto process = host::start_program(program.path, program.arguments, program.environment);
  auto end = process ? host::watch_process(*process) : Result<host::Handle>(process.error());
  answer(socket, end ? 0 : end.error().code);
  if (!process) return 1;
  host::EventPoll events;
  events.add(socket, 0, host::EventPoll::kReadable);  // nothing is ever sent: it was closed
  if (end) events.add(end->get(), 1, host::EventPoll::kReadable);
  for (uint64_t tag : events.wait(-1))
    if (tag == 0) host::kill_program(*process);
  answer(socket, host::wait_program(*process));
  return 0;
}

void serve(int socket, const std::string& request, bool programs) {
  Reader reader(as_bytes(request));
  auto task = reader.number<uint8_t>();
  Broker::Program program;
  program.path = reader.text(kTextLimit);
  program.arguments = read_texts(reader);
  program.environment = read_texts(reader);
  if (!reader.complete()) return answer(socket, EINVAL);
  if (task == kOpen) return open_for_machine(socket, program.path);
  if (task != kStart) return answer(socket, EINVAL);
  if (!programs) return answer(socket, EPERM);
  // The copy of the copy is nobody's child to wait for.
  auto copy = host::run_in_copy(
      [&] { return host::run_in_copy([&] { return run_program(socket, program); }) ? 0 : 1; });
  if (copy)
    host::reap(*copy);
  else
    answer(socket, copy.error().code);
}

// The machine is gone, or nearly: its end of our socket closes before its lock does. If no other
// has come meanwhile, its own socket goes as well.
void clean_up(const Place& place, const host::Handle& machine) {
  constexpr int kPatienceMs = 10'000;
  if (is_running(place) && machine) host::wait_readable(machine.get(), kPatienceMs);
  if (auto lock = host::lock_file(place.lock)) host::remove_file(place.socket);
}

int broker_main(const host::Handle& socket, const Place& place, bool programs) {
  auto machine = host::watch_process(host::parent_process());
  for (;;) {
    host::Handle reply;
    auto packet = host::receive_packet(socket.get(), kPacketLimit, reply);
    if (!packet || packet->empty()) break;
    if (reply) serve(reply.get(), std::string(as_text(*packet)), programs);
  }
  clean_up(place, machine ? machine.take() : host::Handle());
  return 0;
}

}  // namespace

bool broker_opens(const std::string& path) {
  if (!path.starts_with('/') || path.find("/../") != std::string::npos) return false;
  for (std::string_view end : {".ko", ".ko.gz", ".ko.xz", ".ko.zst"})
    if (path.ends_with(end)) return true;
  return path.starts_with("/usr/lib/debug/");
}

Result<Broker> Broker::fork_off(const Place& place, bool programs) {
  auto pair = TRY(host::socket_pair(true));
  TRY(host::run_in_copy([&] {
    host::close_all_but(pair.theirs.get());  // a lock that is held, above all
    return broker_main(pair.theirs, place, programs);
  }));
  return Broker(std::move(pair.ours));
}

// The socket on which the answers come.
Result<host::Handle> Broker::ask(const std::string& request) const {
  auto pair = TRY(host::socket_pair(false));
  if (request.size() > kPacketLimit) return Error{E2BIG, "more than the broker takes"};
  TRY(host::send_all(socket_.get(), as_bytes(request), pair.theirs.get()));
  return std::move(pair.ours);
}

Result<host::Handle> Broker::open(const std::string& path) const {
  Writer request;
  request.number(static_cast<uint8_t>(kOpen)).text(path);
  write_texts(request, {});
  write_texts(request, {});
  auto answers = TRY(ask(request.take()));
  host::Handle file;
  int error = TRY(read_answer(answers.get(), file));
  if (error || !file)
    return Error{error ? error : EIO, fmt::format("{}: {}", path, std::strerror(error))};
  return file;
}

Result<host::Handle> Broker::start(const Program& program) const {
  Writer request;
  request.number(static_cast<uint8_t>(kStart)).text(program.path);
  write_texts(request, program.arguments);
  write_texts(request, program.environment);
  auto answers = TRY(ask(request.take()));
  host::Handle nothing;
  if (int error = TRY(read_answer(answers.get(), nothing)))
    return Error{error, fmt::format("cannot run '{}': {}", program.path, std::strerror(error))};
  return answers;
}

int Broker::wait(const host::Handle& program) {
  host::Handle nothing;
  auto status = read_answer(program.get(), nothing);
  constexpr int kKilled = 9;
  return status ? *status : kKilled;
}

}  // namespace ring3::service
