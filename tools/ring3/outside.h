// SPDX-License-Identifier: GPL-2.0-only
// What a running machine has done outside of itself: a file opened, a program started. A process
// that kept its rights does it directly; one that gave them up asks its broker.
#pragma once

#include <string>
#include <vector>

#include "service/broker.h"

namespace ring3::tools {

class Outside {
 public:
  virtual ~Outside() = default;
  // A descriptor for reading that the caller closes, or -1.
  virtual int open(const std::string& path) = 0;
  // A number for the program, or a negative errno.
  virtual int start(const service::Broker::Program& program) = 0;
  virtual int wait(int program) = 0;   // the status as wait(2) gives it; ends the number's life
  virtual void kill(int program) = 0;  // wait() then returns soon
};

class HostOutside final : public Outside {
 public:
  int open(const std::string& path) override;
  int start(const service::Broker::Program& program) override;
  int wait(int program) override;
  void kill(int program) override;
};

class BrokerOutside final : public Outside {
 public:
  explicit BrokerOutside(service::Broker broker) : broker_(std::move(broker)) {}
  int open(const std::string& path) override;
  int start(const service::Broker::Program& program) override;
  int wait(int program) override;
  void kill(int program) override;

 private:
  service::Broker broker_;
};

}  // namespace ring3::tools
