// SPDX-License-Identifier: GPL-2.0-only
// What replies carry: each form comes back as it went, and is refused when it is cut anywhere but
// between its items.
#include "service/content.h"

#include <gtest/gtest.h>

#include <set>

#include "service/wire.h"

namespace ring3::service {
namespace {

using namespace std::string_literals;

const std::vector<Entry> kEntries = {{"module", Entry::Kind::kDirectory, 0755, ""},
                                     {"with a\nline", Entry::Kind::kRegular, 0444, ""},
                                     {"", Entry::Kind::kLink, 07777, "../../module/x"}};

LogPart sample_part() {
  LogPart part;
  part.next = 7;
  part.dropped = 2;
  part.first = 3;
  part.end = 9;
  part.cleared = 4;
  part.ended = true;
  part.records = {{5, 123'456'789, 4, 0, false, "one\ntwo", "SUBSYSTEM=pci\nDEVICE=+pci:1"},
                  {6, ~0ull, 7, 23, true, "\0\x1b\xff"s, ""}};
  return part;
}

Status sample_status() {
  return {"one", "6.1.0-56-amd64", 4711, 2, ~0ull, 3, 4, 1ull << 12, 5, true, 6};
}

TEST(Content, EntriesComeBack) {
  std::string bytes = encode(kEntries);
  auto got = decode_entries(as_bytes(bytes));
  ASSERT_TRUE(got);
  ASSERT_EQ(got->size(), kEntries.size());
  for (size_t i = 0; i < kEntries.size(); i++) {
    EXPECT_EQ((*got)[i].name, kEntries[i].name);
    EXPECT_EQ((*got)[i].kind, kEntries[i].kind);
    EXPECT_EQ((*got)[i].mode, kEntries[i].mode);
    EXPECT_EQ((*got)[i].target, kEntries[i].target);
  }
  auto none = decode_entries({});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST(Content, EntriesThatAreCutAreRefused) {
  const std::string bytes = encode(kEntries);
  std::set<size_t> whole = {0};
  for (const Entry& entry : kEntries) whole.insert(*whole.rbegin() + encode({{entry}}).size());
  for (size_t size = 0; size <= bytes.size(); size++) {
    auto got = decode_entries(as_bytes(bytes).first(size));
    EXPECT_EQ(got.has_value(), whole.contains(size)) << size;
  }
}

TEST(Content, AnEntryOfAnUnknownKindIsRefused) {
  std::string bytes = encode({kEntries[0]});
  bytes[4 + kEntries[0].name.size()] = 3;
  EXPECT_FALSE(decode_entries(as_bytes(bytes)));
}

TEST(Content, APartOfTheLogComesBack) {
  const LogPart sent = sample_part();
  std::string bytes = encode(sent);
  auto got = decode_log_part(as_bytes(bytes));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->next, sent.next);
  EXPECT_EQ(got->dropped, sent.dropped);
  EXPECT_EQ(got->first, sent.first);
  EXPECT_EQ(got->end, sent.end);
  EXPECT_EQ(got->cleared, sent.cleared);
  EXPECT_TRUE(got->ended);
  ASSERT_EQ(got->records.size(), sent.records.size());
  for (size_t i = 0; i < sent.records.size(); i++) {
    const Record &a = got->records[i], &b = sent.records[i];
    EXPECT_EQ(a.sequence, b.sequence);
    EXPECT_EQ(a.time_ns, b.time_ns);
    EXPECT_EQ(a.level, b.level);
    EXPECT_EQ(a.facility, b.facility);
    EXPECT_EQ(a.continuation, b.continuation);
    EXPECT_EQ(a.text, b.text);
    EXPECT_EQ(a.dictionary, b.dictionary);
  }
}

TEST(Content, ACutPartOfTheLogIsRefused) {
  LogPart part = sample_part();
  const std::string bytes = encode(part);
  std::set<size_t> whole = {bytes.size()};
  for (; !part.records.empty(); whole.insert(encode(part).size())) part.records.pop_back();
  for (size_t size = 0; size <= bytes.size(); size++) {
    auto got = decode_log_part(as_bytes(bytes).first(size));
    EXPECT_EQ(got.has_value(), whole.contains(size)) << size;
  }
}

TEST(Content, AStatusComesBack) {
  const Status sent = sample_status();
  std::string bytes = encode(sent);
  auto got = decode_status(as_bytes(bytes));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->name, sent.name);
  EXPECT_EQ(got->release, sent.release);
  EXPECT_EQ(got->process, sent.process);
  EXPECT_EQ(got->cpus, sent.cpus);
  EXPECT_EQ(got->uptime_ns, sent.uptime_ns);
  EXPECT_EQ(got->modules, sent.modules);
  EXPECT_EQ(got->clients, sent.clients);
  EXPECT_EQ(got->taints, sent.taints);
  EXPECT_EQ(got->oopses, sent.oopses);
  EXPECT_TRUE(got->confined);
  EXPECT_EQ(got->landlock, sent.landlock);
}

TEST(Content, AStatusThatIsCutOrLongerIsRefused) {
  const std::string bytes = encode(sample_status());
  for (size_t size = 0; size < bytes.size(); size++)
    EXPECT_FALSE(decode_status(as_bytes(bytes).first(size))) << size;
  EXPECT_FALSE(decode_status(as_bytes(bytes + "x")));
}

// A text's length that points far outside, in each of the forms.
TEST(Content, LengthsAreNotBelieved) {
  std::string huge = Writer().number(0xfffffff0u).take();
  EXPECT_FALSE(decode_entries(as_bytes(huge + "name")));
  EXPECT_FALSE(decode_status(as_bytes(huge + "name")));
  LogPart part = sample_part();
  part.records.resize(1);
  part.records[0].text.clear();
  part.records[0].dictionary.clear();
  std::string bytes = encode(part);
  bytes.replace(bytes.size() - 8, 4, huge);
  EXPECT_FALSE(decode_log_part(as_bytes(bytes)));
}

}  // namespace
}  // namespace ring3::service
