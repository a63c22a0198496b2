// SPDX-License-Identifier: GPL-2.0-only
#include "device_step.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>

#include "linux/include/fs.h"
#include "linux/include/time.h"
#include "linux/include/uaccess.h"
#include "machine/machine.h"

namespace ring3::tools {
namespace {

using kernel::FilePointer;

// The memory of a program: a page with a buffer, and four bytes at the end of another.
class Memory final : public machine::UserMemory {
 public:
  static constexpr uint64_t kBuffer = 0x10000, kEdge = 0x20ffc;
  size_t read(void* to, UserAddress from, size_t size) const override {
    size = available(from.value, size);
    if (size) std::memcpy(to, at(from.value), size);
    return size;
  }
  size_t write(UserAddress to, const void* from, size_t size) const override {
    size = available(to.value, size);
    if (size) std::memcpy(at(to.value), from, size);
    return size;
  }
  char* at(uint64_t address) const {
    return address < kEdge ? buffer_ + (address - kBuffer) : edge_ + (address - kEdge);
  }

 private:
  size_t available(uint64_t address, size_t size) const {
    uint64_t begin = address < kEdge ? kBuffer : kEdge;
    uint64_t end = begin + (begin == kBuffer ? sizeof(buffer_) : sizeof(edge_));
    return address < begin || address >= end ? 0 : std::min<uint64_t>(size, end - address);
  }
  mutable char buffer_[4096] = {};
  mutable char edge_[4] = {'e', 'd', 'g', 'e'};
};

class Program {
 public:
  explicit Program(std::string& output) : output_(output), user_(memory_) {}
  int run(const Words& words);

 private:
  void perform(const std::string& line);
  void show(const char* call, long result, const char* bytes = nullptr);
  void io_control(unsigned command, const std::string& argument);
  UserAddress place(const std::string& word) const {
    return {word == "@fault" ? 8 : word == "@edge" ? Memory::kEdge : Memory::kBuffer};
  }

  std::string& output_;
  Memory memory_;
  kernel::UserCall user_;
  k::file* file_ = nullptr;
};

void Program::show(const char* call, long result, const char* bytes) {
  output_ += fmt::format("{}: ", call);
  if (result < 0) {
    output_ += fmt::format("{}\n", std::strerror(static_cast<int>(-result)));
    return;
  }
  output_ += fmt::format("{}", result);
  if (bytes) output_ += ' ';
  for (long i = 0; bytes && i < result; i++)
    output_ += bytes[i] >= ' ' && bytes[i] < 127
                   ? std::string(1, bytes[i])
                   : fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes[i]));
  output_ += '\n';
}

void Program::io_control(unsigned command, const std::string& argument) {
  if (!argument.starts_with('@'))
    return show("ioctl",
                kernel::sys_ioctl(file_, command, std::strtoul(argument.c_str(), nullptr, 0)));
  UserAddress to = place(argument);
  char* small = memory_.at(Memory::kBuffer);
  if (to.value == Memory::kBuffer) std::strncpy(small, argument.c_str() + 1, 15);
  show("ioctl", kernel::sys_ioctl(file_, command, to.value));
  if (to.value == Memory::kBuffer) show("  buffer", 16, small);
}

void Program::perform(const std::string& line) {
  char call[16] = "", words[3][80] = {"", "", ""};
  std::sscanf(line.c_str(), "%15s %79s %79s %79s", call, words[0], words[1], words[2]);
  long a = std::strtol(words[0], nullptr, 0), b = std::strtol(words[1], nullptr, 0);
  size_t size = static_cast<size_t>(a);
  std::string name = call;
  char* buffer = memory_.at(Memory::kBuffer);
  bool fills = name == "read" || name == "pread";
  std::memset(buffer, fills ? '.' : 0, 4096);
  if (name == "read") {
    UserAddress to = place(words[1]);
    show(call, kernel::sys_read(file_, to, size), to.value == 8 ? nullptr : memory_.at(to.value));
  } else if (name == "pread") {
    show(call, kernel::sys_pread(file_, place(words[2]), size, b), *words[2] ? nullptr : buffer);
  } else if (name == "write") {
    std::string text = line.substr(std::min<size_t>(6, line.size()));
    UserAddress from = place(text);
    bool own = from.value == Memory::kBuffer;
    if (own) std::ranges::copy(text, buffer);
    show(call, kernel::sys_write(file_, from, own ? text.size() : 8));
  } else if (name == "pwrite") {
    std::string_view text = words[1];
    std::ranges::copy(text, buffer);
    show(call, kernel::sys_pwrite(file_, {Memory::kBuffer}, text.size(), a));
  } else if (name == "lseek") {
    show(call, kernel::sys_lseek(file_, a, static_cast<unsigned>(b)));
  } else if (name == "ioctl") {
    io_control(static_cast<unsigned>(std::strtoul(words[0], nullptr, 0)), words[1]);
  } else if (name == "poll") {
    int events = kernel::poll_file(file_, static_cast<unsigned>(a), static_cast<int>(b));
    output_ += fmt::format("poll: {} {:x}\n", events > 0 ? 1 : events, std::max(events, 0));
  } else if (name == "fsync" || name == "fdatasync") {
    show(call, kernel::vfs_fsync(file_, name == "fdatasync"));
  } else if (name == "sleep") {
    uint64_t length = static_cast<uint64_t>(std::strtod(words[0], nullptr) * 1e9);
    uint64_t now = machine::Machine::instance()->clock().now_ns();
    kernel::sleep_until(now + length, machine::kInterruptible);
  } else {
    output_ += fmt::format("{}: no such call\n", call);
  }
}

int Program::run(const Words& words) {
  unsigned major = 0, minor = 0;
  if (std::sscanf(words[0].c_str(), "%u:%u", &major, &minor) != 2) return 2;
  auto has = [&](char c) { return words[1].find(c) != std::string::npos; };
  unsigned flags = kernel::kOpenLarge | (has('r') ? has('w') ? 2 : 0 : 1);
  if (has('n')) flags |= kernel::kOpenNonblock;
  if (has('a')) flags |= kernel::kOpenAppend;
  int error = 0;
  file_ =
      kernel::open_character_device(kernel::device_number(major, minor), flags, "device", &error);
  if (!file_) {
    output_ += fmt::format("open: {}\n", std::strerror(-error));
    return 1;
  }
  for (size_t i = 2; i < words.size(); i++) perform(words[i]);
  if (int failed = kernel::filp_close(file_, nullptr))
    output_ += fmt::format("close: {}\n", std::strerror(-failed));
  return 0;
}

}  // namespace

StepResult call_device(Session& session, const Words& words, const Session::Caller& caller) {
  StepResult result;
  auto outcome = session.call(
      "device", [&] { return Program(result.output).run(words); }, caller);
  result.status = outcome.died ? 128 + outcome.signal : outcome.error;
  if (outcome.died) result.output += result.status == 128 + 9 ? "Killed\n" : "Segmentation fault\n";
  return result;
}

}  // namespace ring3::tools
