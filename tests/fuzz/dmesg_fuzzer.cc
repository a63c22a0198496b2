// SPDX-License-Identifier: GPL-2.0-only
// Logs as dmesg reads them from files: /dev/kmsg's records, and syslog(2)'s lines.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "index/log_record.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace ring3::index;
  // A copy of its own: what stands behind the last byte belongs to nobody.
  std::vector<char> bytes(data, data + size);
  std::string_view text(bytes.data(), bytes.size());
  size_t total = 0;
  KmsgText records(text);
  while (auto record = records.next()) {
    total += record->size();
    if (auto parsed = parse_kmsg(*record)) total -= parsed->text.size();  // never longer
  }
  if (total > size) std::abort();
  for (bool priority : {false, true}) {
    total = 0;
    SyslogText lines(text, priority);
    while (auto record = lines.next()) total += record->text.size();
    if (total > size) std::abort();
  }
  return 0;
}
