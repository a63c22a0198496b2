// SPDX-License-Identifier: GPL-2.0-only
// A machine's log answers as the real kernels do: tests/tools/dmesg/kmsg.script, whose answers
// kmsg_record.py wrote down.
#include "machine/kmsg.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/text.h"
#include "machine/syslog.h"

namespace ring3::machine {
namespace {

std::string file_of(const std::string& name) {
  return std::string(RING3_SOURCE_DIR "/tests/tools/dmesg/") + name;
}

std::vector<std::string> lines_of(const std::string& name) {
  std::ifstream file(file_of(name));
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// As kmsg_guest.c reads and shows texts; the comments there say what is what.
std::string unescape(std::string_view text) {
  std::string result;
  for (size_t at = 0; at < text.size();) {
    char byte = text[at++];
    size_t times = 1;
    if (byte == '\\') {
      byte = text[at++];
      bool repeat = byte == 'R', hex = byte == 'x';
      if (repeat) {
        byte = text[at++];
        if (byte == '\\') hex = text[at++] == 'x';
      }
      if (hex) {
        byte = static_cast<char>(std::stoi(std::string(text.substr(at, 2)), nullptr, 16));
        at += 2;
      } else if (!repeat) {
        byte = byte == 'n' ? '\n' : byte == 't' ? '\t' : byte;
      }
      if (repeat) {
        size_t end = text.find(';', at);
        times = std::stoul(std::string(text.substr(at, end - at)));
        at = end + 1;
      }
    }
    result.append(times, byte);
  }
  return result;
}

std::string shown(std::string_view text) {
  constexpr size_t kRun = 20;
  std::string result;
  for (size_t i = 0; i < text.size();) {
    auto byte = static_cast<unsigned char>(text[i]);
    size_t run = std::min(text.find_first_not_of(text[i], i), text.size()) - i;
    std::string one = byte == '\n'               ? "\\n"
                      : byte < ' ' || byte > 126 ? fmt::format("\\x{:02x}", byte)
                                                 : std::string(1, text[i]);
    bool counted = run > kRun && byte != '\n';
    result += counted ? fmt::format("{}{{{}}}", one, run) : one;
    i += counted ? run : 1;
  }
  return result;
}

class Script {
 public:
  explicit Script(KmsgLimits limits, size_t record_max)
      : limits_(limits),
        log_(LogOptions{.record_max = record_max}),
        syslog_(log_, console_level_, minimum_level_, false) {}

  std::vector<std::string> run() {
    for (const std::string& line : lines_of("kmsg.script"))
      if (!line.empty() && line[0] != '#') command(line);
    return std::move(out_);
  }

 private:
  template <class T>
  static std::string number(const Result<T>& result, int64_t value) {
    return result ? fmt::format("{}", value) : fmt::format("errno {}", result.error().code);
  }

  void write(std::string_view text) {
    auto size = kmsg_write(log_, text, kLogWarning, 1, limits_);
    out_.push_back("write " + number(size, size ? *size : 0));
  }

  void read(size_t size) {
    auto record = reader_->read(size);
    std::string line = fmt::format("read {}: ", size);
    if (!record) return out_.push_back(line + number(record, 0));
    std::string_view text = *record;
    std::string_view level = take_field(text, ','), sequence = take_field(text, ',');
    take_field(text, ',');
    int64_t place = std::stoll(std::string(sequence));
    if (first_ < 0) first_ = place;
    line += mask_ ? fmt::format("{},*,", level) : fmt::format("{},{},", level, place - first_);
    line += std::string(take_field(text, ';')) + ";";
    size_t run = 0;
    while (text.substr(run * 4).starts_with("\\x80")) run++;
    if (run > 2 && record->size() >= 2047 && record->size() <= 2048) {
      line += fmt::format("cut to {} bytes", record->size());
      text.remove_prefix(text.size() - 1);
    } else if (run > 2) {
      line += fmt::format("(\\x80){{{}}}", run);
      text.remove_prefix(run * 4);
    }
    out_.push_back(line + shown(text));
  }

  void syslog(int action, int64_t length) {
    auto answer = syslog_.call(action, length);
    std::string line = fmt::format("syslog {} {}: ", action, length);
    line += number(answer, answer ? answer->result : 0);
    if (answer && answer->result > 0 && action >= kSyslogRead && action <= kSyslogReadClear)
      line += " " + shown(answer->text);
    out_.push_back(line);
  }

  void cut() {
    int64_t all = syslog_.call(kSyslogReadAll, 1 << 20)->result, last = -1;
    for (int64_t size = 1; size <= all; size++) {
      auto answer = syslog_.call(kSyslogReadAll, size);
      if (answer->result == last) continue;
      last = answer->result;
      out_.push_back(fmt::format("cut {}: {} {}", size, last, shown(answer->text)));
    }
  }

  void command(const std::string& line) {
    std::string_view rest = line;
    std::string_view word = take_field(rest, ' ');
    std::string_view numbers = rest;
    auto next = [&] { return std::atoll(std::string(take_field(numbers, ' ')).c_str()); };
    if (word == "write") return write(unescape(rest));
    if (word == "cut") return cut();
    if (word == "mask") {
      mask_ = true;
    } else if (word == "open") {
      reader_ = std::make_unique<KmsgReader>(log_, limits_);
      out_.emplace_back("open ok");
    } else if (word == "levels") {
      out_.push_back(fmt::format("levels {}", console_level_));
    } else if (word == "drain") {
      while (syslog_.call(kSyslogSizeUnread, 0)->result > 0)
        (void)syslog_.call(kSyslogRead, 1 << 20);
      out_.emplace_back("drain 0");
    } else {
      int64_t one = next(), two = next();
      if (word == "read") {
        read(static_cast<size_t>(one));
      } else if (word == "syslog") {
        syslog(static_cast<int>(one), two);
      } else if (word == "seek") {
        auto place = reader_->seek(two, static_cast<int>(one));
        out_.push_back(fmt::format("seek {} {}: {}", one, two, number(place, place ? *place : 0)));
      } else if (word == "flood") {
        std::string text(static_cast<size_t>(two), 'y');
        for (int64_t i = 0; i < one; i++) (void)kmsg_write(log_, text, kLogWarning, 1, limits_);
        out_.emplace_back("flood");
      } else {
        ADD_FAILURE() << line;
      }
    }
  }

  const KmsgLimits limits_;
  int console_level_ = 7;
  const int minimum_level_ = 1;
  Log log_;
  Syslog syslog_;
  std::unique_ptr<KmsgReader> reader_;
  std::vector<std::string> out_;
  int64_t first_ = -1;
  bool mask_ = false;
};

void compare(KmsgLimits limits, size_t record_max, const char* file) {
  auto lines = Script(limits, record_max).run(), wanted = lines_of(file);
  ASSERT_EQ(lines.size(), wanted.size());
  for (size_t i = 0; i < lines.size(); i++) EXPECT_EQ(lines[i], wanted[i]) << "line " << i + 1;
}

// The limits are those that kmsg_limits() (src/linux/kernel/printk) has for the two kernels.
TEST(Kmsg, AnswersAs61) { compare({992, 8192}, 992, "kmsg-6.1.expected"); }
TEST(Kmsg, AnswersAs612) { compare({1024, 2048}, 1024, "kmsg-6.12.expected"); }

TEST(Kmsg, ADictionaryIsOfTheSameRecord) {
  Log log;
  log.write({.text = "text", .dictionary = "SUBSYSTEM=pci\nDEVICE=+pci:0"});
  KmsgReader reader(log, {});
  auto record = reader.read(8192);
  ASSERT_TRUE(record);
  EXPECT_EQ(*record, "4,0,0,-;text\n SUBSYSTEM=pci\n DEVICE=+pci:0\n");
  EXPECT_EQ(reader.read(8192).error().code, EAGAIN);
  EXPECT_EQ(reader.next(), 1u);
}

}  // namespace
}  // namespace ring3::machine
