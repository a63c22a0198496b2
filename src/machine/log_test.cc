// SPDX-License-Identifier: GPL-2.0-only
#include "machine/log.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <chrono>
#include <thread>
#include <vector>

#include "machine/log_text.h"

namespace ring3::machine {
namespace {

uint64_t fake_ns = 0;
uint64_t fake_clock(void*) { return fake_ns; }

std::vector<LogRecord> all(const Log& log, uint64_t from = 0) {
  std::vector<LogRecord> records;
  Log::Cursor cursor{.sequence = from};
  for (LogRecord record; log.read(cursor, record);) records.push_back(record);
  return records;
}
std::vector<std::string> texts(const Log& log) {
  std::vector<std::string> result;
  for (const LogRecord& record : all(log)) result.push_back(record.text);
  return result;
}
using Texts = std::vector<std::string>;

Log::Entry open_line(std::string_view text, uint64_t caller = 1) {
  return {.text = text, .caller = caller, .newline = false};
}
Log::Entry more(std::string_view text, bool newline, uint64_t caller = 1) {
  return {.text = text, .caller = caller, .newline = newline, .continuation = true};
}

TEST(Log, GivesBackWhatWasWritten) {
  fake_ns = 1234567890;
  Log log({.clock = fake_clock});
  log.write(
      {.text = "first", .dictionary = "SUBSYSTEM=pci", .caller = 9, .level = 3, .facility = 1});
  log.write({.text = "second"});
  auto records = all(log);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].text, "first");
  EXPECT_EQ(records[0].dictionary, "SUBSYSTEM=pci");
  EXPECT_EQ(records[0].sequence, 0u);
  EXPECT_EQ(records[0].time_ns, 1234567890u);
  EXPECT_EQ(records[0].caller, 9u);
  EXPECT_EQ(records[0].level, 3);
  EXPECT_EQ(records[0].facility, 1);
  EXPECT_EQ(records[1].sequence, 1u);
  EXPECT_EQ(records[1].level, kLogWarning);
}

TEST(Log, DropsTheOldestAndCounts) {
  Log log({.bytes = 4096});
  for (int i = 0; i < 1000; i++) log.write({.text = "record " + std::to_string(i)});
  auto records = all(log);
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.back().text, "record 999");
  EXPECT_EQ(records.front().sequence, log.first());
  EXPECT_EQ(log.dropped(), 1000 - records.size());
  EXPECT_EQ(log.dropped(), log.first());
  for (size_t i = 0; i < records.size(); i++)
    EXPECT_EQ(records[i].text, "record " + std::to_string(records[i].sequence));
}

// Every length against every place in the ring: a record never straddles its end.
TEST(Log, KeepsRecordsOfAllLengthsWhole) {
  Log log({.bytes = 4096});
  std::string text;
  for (int i = 0; i < 5000; i++) {
    text.assign(i * 7 % 700, static_cast<char>('a' + i % 26));
    log.write({.text = text, .dictionary = i % 3 ? "" : "DEVICE=n1"});
    auto records = all(log);
    ASSERT_EQ(records.back().text, text);
    ASSERT_EQ(records.back().sequence, static_cast<uint64_t>(i));
    for (const LogRecord& record : records) {
      ASSERT_EQ(record.text.size(), record.sequence * 7 % 700);
      ASSERT_EQ(record.text.find_first_not_of(static_cast<char>('a' + record.sequence % 26)),
                std::string::npos);
    }
  }
}

TEST(Log, CutsATextThatIsTooLong) {
  Log log({.record_max = 100});
  log.write({.text = std::string(300, 'x')});
  EXPECT_EQ(texts(log), Texts{std::string(100, 'x')});
}

TEST(Log, HidesALineUntilItIsFinished) {
  Log log;
  log.write(open_line("begin"));
  EXPECT_TRUE(all(log).empty());
  log.write({.text = "next"});
  EXPECT_EQ(texts(log), (Texts{"begin", "next"}));
}

TEST(Log, JoinsContinuationsOfTheSameCaller) {
  Log log;
  log.write({.text = "a", .dictionary = "DEVICE=x", .caller = 1, .newline = false});
  log.write(more("b", false));
  EXPECT_TRUE(all(log).empty());
  log.write(more("c", true));
  auto records = all(log);
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].text, "abc");
  EXPECT_EQ(records[0].dictionary, "DEVICE=x");
  EXPECT_EQ(records[0].sequence, 0u);
}

TEST(Log, StartsARecordForAContinuationOfAnotherCaller) {
  Log log;
  log.write(open_line("one", 1));
  log.write(more("two", true, 2));
  auto records = all(log);
  EXPECT_EQ(texts(log), (Texts{"one", "two"}));
  EXPECT_FALSE(records[0].continuation);
  EXPECT_TRUE(records[1].continuation);
}

TEST(Log, StartsARecordForAContinuationAfterANewline) {
  Log log;
  log.write({.text = "one", .caller = 1});
  log.write(more("two", true));
  EXPECT_EQ(texts(log), (Texts{"one", "two"}));
}

TEST(Log, StartsARecordForAContinuationThatDoesNotFit) {
  Log log({.record_max = 64});
  log.write(open_line(std::string(60, 'x')));
  log.write(more("12345", true));
  EXPECT_EQ(texts(log), (Texts{std::string(60, 'x'), "12345"}));
}

TEST(Log, JoinsAcrossTheRingsEnd) {
  for (int shift = 0; shift < 200; shift++) {
    Log log({.bytes = 4096});
    log.write({.text = std::string(shift * 8 % 1000, '-')});
    for (int i = 0; i < 40; i++) {
      log.write({.text = "line", .dictionary = "DEVICE=b12:3", .caller = 1, .newline = false});
      for (int j = 0; j < 8; j++) log.write(more(" and more of it", false));
      log.write(more(".", true));
      auto records = all(log);
      ASSERT_EQ(records.back().text.size(), 4 + 8 * 15 + 1u);
      ASSERT_EQ(records.back().text.substr(0, 12), "line and mor");
      ASSERT_EQ(records.back().text.back(), '.');
      ASSERT_EQ(records.back().dictionary, "DEVICE=b12:3");
    }
  }
}

TEST(Log, FinishLineShowsWhatIsOpen) {
  Log log;
  log.write(open_line("tail"));
  log.finish_line();
  EXPECT_EQ(texts(log), Texts{"tail"});
  log.write(more("more", true));
  EXPECT_EQ(texts(log), (Texts{"tail", "more"}));
}

TEST(Log, ReadsFromAnySequence) {
  Log log;
  for (int i = 0; i < 10; i++) log.write({.text = std::to_string(i)});
  EXPECT_EQ(all(log, 7).front().text, "7");
  EXPECT_TRUE(all(log, 10).empty());
  Log::Cursor cursor{.sequence = 10};
  LogRecord record;
  EXPECT_FALSE(log.read(cursor, record));
  log.write({.text = "ten"});
  ASSERT_TRUE(log.read(cursor, record));
  EXPECT_EQ(record.text, "ten");
}

TEST(Log, AReaderThatWasOvertakenSeesTheGap) {
  Log log({.bytes = 4096});
  log.write({.text = "first"});
  Log::Cursor cursor;
  LogRecord record;
  ASSERT_TRUE(log.read(cursor, record));
  for (int i = 0; i < 500; i++) log.write({.text = "filler"});
  ASSERT_TRUE(log.read(cursor, record));
  EXPECT_EQ(record.sequence, log.first());
  EXPECT_GT(record.sequence, 1u);
}

TEST(Log, SinkGetsFinishedRecordsInOrderAndMayLog) {
  struct Sink {
    Log* log = nullptr;
    Texts got;
  } sink;
  Log log({.sink =
               [](void* context, const LogRecordView& record) {
                 Sink* self = static_cast<Sink*>(context);
                 self->got.emplace_back(record.text);
                 if (record.text == "one") self->log->write({.text = "from the sink"});
               },
           .sink_context = &sink});
  sink.log = &log;
  log.write(open_line("open"));
  EXPECT_TRUE(sink.got.empty());
  log.write({.text = "one"});
  log.write({.text = "two"});
  EXPECT_EQ(sink.got, (Texts{"open", "one", "from the sink", "two"}));
}

TEST(Log, WaitReturnsWhenTheRecordIsThere) {
  Log log;
  std::thread writer([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    log.write({.text = "late"});
  });
  EXPECT_TRUE(log.wait(0));
  EXPECT_EQ(texts(log), Texts{"late"});
  writer.join();
  std::thread stopper([&] { log.stop_waiting(); });
  EXPECT_FALSE(log.wait(1));
  stopper.join();
}

TEST(Log, ManyWritersLoseNothing) {
  constexpr int kWriters = 4, kEach = 5000;
  Log log({.bytes = 4 << 20});
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; w++)
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; i++)
        log.write({.text = std::to_string(w) + " " + std::to_string(i),
                   .caller = static_cast<uint64_t>(w)});
    });
  for (auto& writer : writers) writer.join();
  int next[kWriters] = {};
  for (const LogRecord& record : all(log)) {
    int w = record.text[0] - '0';
    EXPECT_EQ(record.text, std::to_string(w) + " " + std::to_string(next[w]++));
  }
  for (int count : next) EXPECT_EQ(count, kEach);
}

// A signal that interrupts a write on its own thread must neither deadlock nor lose its line.
TEST(Log, SignalHandlersMayWrite) {
  static Log* log;
  static std::atomic<int> handled;
  Log own({.bytes = 8 << 20});
  log = &own;
  handled = 0;
  struct sigaction action {};
  struct sigaction old {};
  action.sa_handler = [](int) {
    log->write({.text = "signal"});
    handled++;
  };
  sigaction(SIGUSR2, &action, &old);
  std::atomic<bool> done = false;
  pthread_t target = pthread_self();
  std::thread sender([&] {
    while (!done) {
      pthread_kill(target, SIGUSR2);
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
  });
  int written = 0;
  while (handled < 200) {
    own.write({.text = "main"});
    written++;
    if (written > 40000) own.mark_cleared();  // keep going until enough signals came
  }
  done = true;
  sender.join();
  own.write({.text = "main"});
  int signals = handled;
  sigaction(SIGUSR2, &old, nullptr);
  int seen = 0;
  for (const LogRecord& record : all(own)) seen += record.text == "signal";
  if (own.dropped() == 0) {
    EXPECT_EQ(seen, signals);
  }
  EXPECT_GT(seen, 0);
}

TEST(LogText, LinesAsDmesgPrintsThem) {
  LogRecordView record{{.time_ns = 12'345'678'900, .level = 6}, "one\ntwo", ""};
  std::string out;
  append_lines(out, record);
  EXPECT_EQ(out, "[   12.345678] one\n[   12.345678] two\n");
  out.clear();
  append_lines(out, record, {.time = false});
  EXPECT_EQ(out, "one\ntwo\n");
  out.clear();
  record.facility = 1;
  append_lines(out, record, {.raw = true});
  EXPECT_EQ(out, "<14>[   12.345678] one\n<14>[   12.345678] two\n");
}

TEST(LogText, Json) {
  LogRecordView record{{.sequence = 7, .time_ns = 123'456'000, .level = 4},
                       "say \"hi\"\n\\\xc3",
                       "SUBSYSTEM=pci\nDEVICE=+pci:x"};
  std::string out;
  append_json(out, record);
  EXPECT_EQ(out, R"({"pri":4,"time":0.123456,"seq":7,"msg":"say \"hi\"\n\\\u00c3",)"
                 R"("SUBSYSTEM":"pci","DEVICE":"+pci:x"})");
}

TEST(LogText, Kmsg) {
  LogRecordView record{
      {.sequence = 339, .time_ns = 5'140'900'123, .level = 6, .continuation = true},
      "a\\b\tc",
      "SUBSYSTEM=acpi\nDEVICE=+acpi:PNP0A03:00"};
  std::string out;
  append_kmsg(out, record);
  EXPECT_EQ(out, "6,339,5140900,c;a\\x5cb\\x09c\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n");
}

}  // namespace
}  // namespace ring3::machine
