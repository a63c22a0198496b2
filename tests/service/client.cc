// SPDX-License-Identifier: GPL-2.0-only
// The module tools in their smallest form, for tests of the machine as a service:
//
//     service_client NAME insmod FILE [PARAMETER...] | insmod-bytes FILE | rmmod MODULE | cat PATH
//                         | ls PATH | readlink PATH | write PATH TEXT | dmesg | follow | syslog
//                         ACTION LENGTH | garbage | half
//
// Exit status: the errno of the call; 128 + signal where the task died; 99 where the machine did.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "host/file.h"
#include "host/socket.h"
#include "service/machine_kernel.h"

namespace ring3::service {
namespace {

constexpr int kMachineDied = 99;

int failed(const Error& error) {
  fmt::print(stderr, "service_client: {}\n", error.text);
  return error.code == EPIPE ? kMachineDied : error.code;
}

template <class T>
int status_of(const Result<T>& result) {
  return result ? 0 : failed(result.error());
}

int print(const Result<std::string>& text) {
  if (text) fmt::print("{}", *text);
  return status_of(text);
}

int insmod(MachineKernel& kernel, const std::string& path, const std::string& args, bool bytes) {
  if (bytes) {
    auto file = host::read_file(path);
    return file ? status_of(kernel.init_module(*file, args)) : failed(file.error());
  }
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  return status_of(kernel.finit_module(fd, args, 0));
}

int dmesg(Client& client, bool follow) {
  for (uint64_t next = 0;;) {
    auto part = client.read_log(next, follow ? -1 : 0);
    if (!part) return failed(part.error());
    for (const Record& record : part->records) fmt::print("<{}>{}\n", record.level, record.text);
    std::fflush(stdout);
    next = part->next;
    if (part->ended || (!follow && part->records.empty())) return 0;
  }
}

// What is no message, and the beginning of one: the machine must only end this connection.
int garbage(const Place& place, bool half) {
  auto socket = host::connect_to(place.socket);
  if (!socket) return failed(socket.error());
  std::string bytes = half ? encode(Request{Operation::kRead, "x", "/proc/modules"}) : "GET / HTTP";
  bytes.resize(half ? bytes.size() / 2 : 64, 'x');
  (void)host::send_all(socket->get(), as_bytes(bytes));
  return 0;
}

int run(const std::string& name, const std::vector<std::string>& words) {
  auto place = place_of(name);
  if (!place) return failed(place.error());
  const std::string& command = words[0];
  if (command == "garbage" || command == "half") return garbage(*place, command == "half");
  auto kernel = open_machine(name, "service_client");
  if (!kernel) return failed(kernel.error());
  Client& client = (*kernel)->client();
  if (command == "dmesg" || command == "follow") return dmesg(client, command == "follow");
  std::string rest;
  for (size_t i = 2; i < words.size(); i++) rest += (i > 2 ? " " : "") + words[i];
  if (command.starts_with("insmod"))
    return insmod(**kernel, words.at(1), rest, command != "insmod");
  if (command == "rmmod") return status_of((*kernel)->delete_module(words.at(1), 04000));
  if (command == "cat") return print((*kernel)->read_file(words.at(1)));
  if (command == "readlink") return print(client.read_link(words.at(1)));
  if (command == "write") return status_of(client.write_file(words.at(1), rest));
  if (command == "ls") {
    auto names = (*kernel)->list_folder(words.at(1));
    if (names)
      for (const std::string& entry : *names) fmt::print("{}\n", entry);
    return status_of(names);
  }
  if (command == "syslog") {
    auto answer = client.syslog(std::atoi(words.at(1).c_str()), std::atoll(words.at(2).c_str()));
    if (answer) fmt::print("{}\n{}", answer->result, answer->text);
    return status_of(answer);
  }
  return 2;
}

}  // namespace
}  // namespace ring3::service

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  return ring3::service::run(argv[1], {argv + 2, argv + argc});
}
