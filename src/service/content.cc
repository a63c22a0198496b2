// SPDX-License-Identifier: GPL-2.0-only
#include "service/content.h"

#include "service/message.h"
#include "service/wire.h"

namespace ring3::service {

std::string encode(const std::vector<Entry>& entries) {
  Writer writer;
  for (const Entry& entry : entries)
    writer.text(entry.name)
        .number(static_cast<uint8_t>(entry.kind))
        .number(entry.mode)
        .text(entry.target);
  return writer.take();
}

std::optional<std::vector<Entry>> decode_entries(Bytes bytes) {
  Reader reader(bytes);
  std::vector<Entry> entries;
  while (!reader.empty()) {
    Entry entry;
    entry.name = reader.text(kReplyLimit);
    auto kind = reader.number<uint8_t>();
    entry.mode = reader.number<uint16_t>();
    entry.target = reader.text(kReplyLimit);
    if (reader.failed() || kind > static_cast<uint8_t>(Entry::Kind::kLink)) return {};
    entry.kind = static_cast<Entry::Kind>(kind);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string encode(const LogPart& part) {
  Writer writer;
  writer.number(part.next)
      .number(part.dropped)
      .number(part.first)
      .number(part.end)
      .number(part.cleared)
      .number(static_cast<uint8_t>(part.ended));
  for (const Record& record : part.records)
    writer.number(record.sequence)
        .number(record.time_ns)
        .number(record.level)
        .number(record.facility)
        .number(static_cast<uint8_t>(record.continuation))
        .text(record.text)
        .text(record.dictionary);
  return writer.take();
}

std::optional<LogPart> decode_log_part(Bytes bytes) {
  Reader reader(bytes);
  LogPart part;
  part.next = reader.number<uint64_t>();
  part.dropped = reader.number<uint64_t>();
  part.first = reader.number<uint64_t>();
  part.end = reader.number<uint64_t>();
  part.cleared = reader.number<uint64_t>();
  part.ended = reader.number<uint8_t>() != 0;
  while (!reader.empty()) {
    Record record;
    record.sequence = reader.number<uint64_t>();
    record.time_ns = reader.number<uint64_t>();
    record.level = reader.number<uint8_t>();
    record.facility = reader.number<uint8_t>();
    record.continuation = reader.number<uint8_t>() != 0;
    record.text = reader.text(kReplyLimit);
    record.dictionary = reader.text(kReplyLimit);
    if (reader.failed()) return {};
    part.records.push_back(std::move(record));
  }
  if (reader.failed()) return {};
  return part;
}

std::string encode(const Status& status) {
  return Writer()
      .text(status.name)
      .text(status.release)
      .number(status.process)
      .number(status.cpus)
      .number(status.uptime_ns)
      .number(status.modules)
      .number(status.clients)
      .number(status.taints)
      .number(status.oopses)
      .number(static_cast<uint8_t>(status.confined))
      .number(status.landlock)
      .take();
}

std::optional<Status> decode_status(Bytes bytes) {
  Reader reader(bytes);
  Status status;
  status.name = reader.text(kReplyLimit);
  status.release = reader.text(kReplyLimit);
  status.process = reader.number<uint64_t>();
  status.cpus = reader.number<uint64_t>();
  status.uptime_ns = reader.number<uint64_t>();
  status.modules = reader.number<uint64_t>();
  status.clients = reader.number<uint64_t>();
  status.taints = reader.number<uint64_t>();
  status.oopses = reader.number<uint64_t>();
  status.confined = reader.number<uint8_t>() != 0;
  status.landlock = reader.number<uint64_t>();
  if (!reader.complete()) return {};
  return status;
}

}  // namespace ring3::service
