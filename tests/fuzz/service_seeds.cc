// SPDX-License-Identifier: GPL-2.0-only
// Writes the seeds of service_fuzzer: one message of each kind, as tools and machines send them.
//
//     service_seeds FOLDER
#include <fmt/format.h>

#include <fstream>

#include "service/content.h"
#include "service/message.h"

using namespace ring3::service;

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: service_seeds FOLDER\n");
    return 2;
  }
  auto write = [&](const std::string& name, char kind, const std::string& bytes) {
    std::ofstream(fmt::format("{}/{}", argv[1], name), std::ios::binary) << kind << bytes;
  };
  write("head", 0, encode_head({Operation::kReply, 40}));
  for (auto at = static_cast<uint16_t>(Operation::kInitModule);
       at <= static_cast<uint16_t>(Operation::kLast); at++) {
    Request request{static_cast<Operation>(at), "modprobe", "/sys/module/x", "a=1 b=\"c d\"", 3, 1};
    std::string operation = {static_cast<char>(at), 0};
    write(fmt::format("request_{}", at), 1, operation + encode(request).substr(kHeadSize));
  }
  write("reply", 2, encode(Reply{2, 9, "no such file", "content"}).substr(kHeadSize));
  write("entries", 3,
        encode({Entry{"holders", Entry::Kind::kDirectory, 0755, ""},
                Entry{"x", Entry::Kind::kLink, 0777, "../../x"}}));
  LogPart part{.next = 3, .dropped = 1, .first = 1, .end = 3, .cleared = 1, .ended = true};
  part.records = {{1, 2, 6, 0, false, "one\ntwo", "SUBSYSTEM=pci"}, {2, 3, 3, 1, true, "x", ""}};
  write("log", 4, encode(part));
  write("status", 5, encode(Status{"one", "6.1.0-56-amd64", 7, 2, 3, 4, 5, 6, 7, true, 4}));
}
