// SPDX-License-Identifier: GPL-2.0-only
// The commands of a scenario (tests/conformance/README.md), each as a tool that is run: words in,
// what it prints and its status out. Some are prefixes of other commands: `start TAG COMMAND` goes
// on beside the script, `without CAPABILITY COMMAND` lacks a right.
#pragma once

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "session.h"

namespace ring3::tools {

struct StepResult {
  std::string output;
  int status = 0;
  bool unknown = false;  // there is no such command, or not with so many words
};
using Words = std::vector<std::string>;

class Steps {
 public:
  // Modules are looked for in these folders, in turn.
  Steps(Session& session, std::vector<std::string> folders)
      : session_(session), folders_(std::move(folders)) {}
  ~Steps();

  StepResult perform(const Words& words, const Session::Caller& caller);
  StepResult perform(const Words& words) { return perform(words, {}); }

 private:
  using Caller = Session::Caller;
  struct Row;
  static const Row kRows[];
  struct Job {
    std::thread thread;
    StepResult result;
    kernel::KillSwitch kill;
  };

  std::string path_of(const std::string& name) const;
  StepResult insmod(const Words& words, const Caller& caller);
  StepResult rmmod(const Words& words, const Caller& caller);
  StepResult init_module(const Words& words, const Caller& caller);
  StepResult finit_module(const Words& words, const Caller& caller);
  StepResult delete_module(const Words& words, const Caller& caller);
  StepResult cat(const Words& words, const Caller& caller);
  StepResult grep(const Words& words, const Caller& caller);
  StepResult ls(const Words& words, const Caller& caller);
  StepResult write(const Words& words, const Caller& caller);
  StepResult sleep(const Words& words, const Caller& caller);
  StepResult device(const Words& words, const Caller& caller);
  StepResult start(const Words& words, const Caller& caller);
  StepResult join(const Words& words, const Caller& caller);
  StepResult kill(const Words& words, const Caller& caller);
  StepResult drop(const Words& words, const Caller& caller);
  StepResult answer(const char* call, const Session::Outcome& outcome) const;

  Session& session_;
  std::vector<std::string> folders_;
  std::map<std::string, Job> jobs_;
};

}  // namespace ring3::tools
