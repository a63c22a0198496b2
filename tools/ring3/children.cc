// SPDX-License-Identifier: GPL-2.0-only
// Each child has a pipe; an answer is its length in 8 bytes and the text.
#include "children.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>

namespace ring3::tools {
namespace {

using Clock = std::chrono::steady_clock;

struct Span {
  size_t next, end;
};

struct Child {
  pid_t pid;
  int pipe;
  Span items;
  std::string received;  // of the next answer
  Clock::time_point deadline;
};

void write_all(int pipe, const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size) {
    ssize_t written = write(pipe, at, size);
    if (written < 0) _exit(1);
    at += written;
    size -= static_cast<size_t>(written);
  }
}

[[noreturn]] void be_child(int pipe, Span items, const std::function<std::string(size_t)>& work) {
  int null = open("/dev/null", O_RDWR);
  for (int descriptor = 0; descriptor <= 2; descriptor++) dup2(null, descriptor);
  for (; items.next < items.end; items.next++) {
    std::string answer = work(items.next);
    uint64_t size = answer.size();
    write_all(pipe, &size, sizeof(size));
    write_all(pipe, answer.data(), answer.size());
  }
  _exit(0);
}

class Herd {
 public:
  Herd(size_t items, const Children& children, const std::function<std::string(size_t)>& work)
      : settings_(children), work_(work), answers_(items) {
    for (size_t at = 0; at < items; at += children.items_each)
      waiting_.push_back({at, std::min(at + children.items_each, items)});
  }

  std::vector<Answer> run() {
    std::fflush(nullptr);
    while (!waiting_.empty() || !children_.empty()) {
      while (!waiting_.empty() && children_.size() < settings_.at_once && start()) {
      }
      if (children_.empty()) break;  // the host makes no processes: the rest stays unanswered
      wait();
    }
    return std::move(answers_);
  }

 private:
  bool start() {
    Span items = waiting_.front();
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) return false;
    pid_t pid = fork();
    if (pid < 0) {
      close(ends[0]);
      close(ends[1]);
      return false;
    }
    if (pid == 0) be_child(ends[1], items, work_);
    close(ends[1]);
    waiting_.pop_front();
    children_.push_back({pid, ends[0], items, "", next_deadline()});
    return true;
  }

  Clock::time_point next_deadline() const { return Clock::now() + settings_.patience; }

  void wait() {
    std::vector<pollfd> polled;
    auto deadline = next_deadline();
    for (const Child& child : children_) {
      polled.push_back({child.pipe, POLLIN, 0});
      deadline = std::min(deadline, child.deadline);
    }
    auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    poll(polled.data(), polled.size(), std::max(0, static_cast<int>(rest.count()) + 1));
    for (size_t i = polled.size(); i-- > 0;) {
      Child& child = children_[i];
      bool ended = polled[i].revents && !receive(child);
      bool late = !ended && Clock::now() > child.deadline;
      if (ended || late) {
        finish(child, late);
        children_.erase(children_.begin() + static_cast<ptrdiff_t>(i));
      }
    }
  }

  // False at the end of the pipe.
  bool receive(Child& child) {
    char buffer[1 << 16];
    ssize_t size = read(child.pipe, buffer, sizeof(buffer));
    if (size <= 0) return false;
    child.received.append(buffer, static_cast<size_t>(size));
    uint64_t length;
    while (child.received.size() >= sizeof(length)) {
      std::memcpy(&length, child.received.data(), sizeof(length));
      if (child.received.size() - sizeof(length) < length) break;
      answers_[child.items.next++] = {Answer::Fate::kAnswered,
                                      child.received.substr(sizeof(length), length)};
      child.received.erase(0, sizeof(length) + length);
      child.deadline = next_deadline();
    }
    return true;
  }

  void finish(Child& child, bool late) {
    if (late) kill(child.pid, SIGKILL);
    int status = 0;
    waitpid(child.pid, &status, 0);
    close(child.pipe);
    Span& items = child.items;
    if (items.next == items.end) return;
    answers_[items.next++] = {late ? Answer::Fate::kLate : Answer::Fate::kDied, "",
                              WIFSIGNALED(status) ? WTERMSIG(status) : 0};
    if (items.next < items.end) waiting_.push_back(items);
  }

  Children settings_;
  const std::function<std::string(size_t)>& work_;
  std::vector<Answer> answers_;
  std::deque<Span> waiting_;
  std::vector<Child> children_;
};

}  // namespace

std::vector<Answer> in_children(size_t items, const Children& children,
                                const std::function<std::string(size_t)>& work) {
  return Herd(items, children, work).run();
}

}  // namespace ring3::tools
