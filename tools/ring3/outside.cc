// SPDX-License-Identifier: GPL-2.0-only
#include "outside.h"

#include "host/command.h"
#include "host/process.h"
#include "host/socket.h"

namespace ring3::tools {

int HostOutside::open(const std::string& path) {
  auto file = host::open_for_reading(path);
  return file ? file->release() : -1;
}

int HostOutside::start(const service::Broker::Program& program) {
  auto process = host::start_program(program.path, program.arguments, program.environment);
  return process ? *process : -process.error().code;
}

int HostOutside::wait(int program) { return host::wait_program(program); }
void HostOutside::kill(int program) { host::kill_program(program); }

int BrokerOutside::open(const std::string& path) {
  auto file = broker_.open(path);
  return file ? file->release() : -1;
}

// The number is the descriptor of the socket that the program's status comes over.
int BrokerOutside::start(const service::Broker::Program& program) {
  auto handle = broker_.start(program);
  return handle ? handle->release() : -handle.error().code;
}

int BrokerOutside::wait(int program) { return service::Broker::wait(host::Handle(program)); }
void BrokerOutside::kill(int program) { host::shut_down(program); }

}  // namespace ring3::tools
