// SPDX-License-Identifier: GPL-2.0-only
#include "service/machine_kernel.h"

#include <fmt/format.h>

#include "host/file.h"
#include "host/kmsg_file.h"
#include "host/process.h"

namespace ring3::service {
namespace {

Result<void> outcome(Result<Client::Answer> answer) {
  if (!answer) return answer.error();
  if (answer->signal) host::end_by_signal(answer->signal);
  if (answer->error) return Error{answer->error, std::move(answer->text)};
  return {};
}

// Asks for the records in stretches, and hands them out one by one.
class MachineLog final : public index::LogReader {
 public:
  MachineLog(Client& client, uint64_t sequence) : client_(client), sequence_(sequence) {}

  Result<std::optional<index::KernelRecord>> next() override {
    constexpr uint64_t kSecond = 1'000'000'000;
    if (at_ == part_.records.size()) {
      // One that said its last word does not answer any more.
      if (part_.ended) return Error{ENODATA, ""};
      TRY(more(0));
    }
    if (at_ == part_.records.size()) {
      if (part_.ended) return Error{ENODATA, ""};
      return std::optional<index::KernelRecord>();
    }
    Record& record = part_.records[at_++];
    return std::optional(
        index::KernelRecord{.sequence = record.sequence,
                            .facility = record.facility,
                            .level = record.level,
                            .seconds = static_cast<int64_t>(record.time_ns / kSecond),
                            .microseconds = static_cast<int64_t>(record.time_ns % kSecond / 1000),
                            .text = std::move(record.text)});
  }

  void wait() override {
    constexpr int kPatienceMs = 1000;
    if (at_ == part_.records.size() && !part_.ended) (void)more(kPatienceMs);
  }

 private:
  Result<void> more(int wait_ms) {
    auto part = client_.read_log(sequence_, wait_ms);
    if (!part) {
      part_.ended = part.error().code == EPIPE;
      return part_.ended ? Error{ENODATA, ""} : part.error();
    }
    part_ = part.take();
    at_ = 0;
    sequence_ = part_.next;
    return {};
  }

  Client& client_;
  uint64_t sequence_;
  LogPart part_;
  size_t at_ = 0;
};

}  // namespace

std::string MachineKernel::release() {
  auto status = client_.status();
  return status ? status->release : std::string();
}

Result<void> MachineKernel::init_module(Bytes image, const std::string& args) {
  return outcome(client_.init_module(tool_, image, args));
}

Result<void> MachineKernel::finit_module(int fd, const std::string& args, unsigned flags) {
  // The machine wants the path for the source lines in its reports.
  std::string path = host::read_link(fmt::format("/proc/self/fd/{}", fd));
  return outcome(client_.finit_module(tool_, fd, args, static_cast<int>(flags), path));
}

Result<void> MachineKernel::delete_module(const std::string& name, unsigned flags) {
  return outcome(client_.delete_module(tool_, name, flags));
}

Result<std::string> MachineKernel::read_file(const std::string& path) {
  return client_.read_file(path);
}

Result<std::vector<std::string>> MachineKernel::list_folder(const std::string& path) {
  std::vector<std::string> names;
  for (Entry& entry : TRY(client_.list(path))) names.push_back(std::move(entry.name));
  return names;
}

bool MachineKernel::exists(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return false;
  auto entries = client_.list(slash ? path.substr(0, slash) : "/");
  if (!entries) return false;
  for (const Entry& entry : *entries)
    if (entry.name == path.substr(slash + 1)) return true;
  return false;
}

void MachineKernel::mark_log() {
  if (auto part = client_.read_log(~0ull, 0)) mark_ = part->end;
}

std::vector<index::LogLine> MachineKernel::log_since_mark() {
  std::vector<index::LogLine> lines;
  for (;;) {
    auto part = client_.read_log(mark_, 0);
    if (!part || part->records.empty()) return lines;
    for (Record& record : part->records) lines.push_back({record.level, std::move(record.text)});
    mark_ = part->next;
  }
}

Result<std::unique_ptr<index::LogReader>> MachineKernel::open_log(index::LogStart start) {
  LogPart now = TRY(client_.read_log(~0ull, 0));
  uint64_t first = start == index::LogStart::kEnd ? now.end : now.cleared;
  return std::unique_ptr<index::LogReader>(std::make_unique<MachineLog>(client_, first));
}

Result<index::SyslogResult> MachineKernel::syslog(int action, int64_t length) {
  auto answer = TRY(client_.syslog(action, length));
  return index::SyslogResult{answer.result, std::move(answer.text)};
}

// The machine's clock runs from its start on.
Result<int64_t> MachineKernel::log_epoch() {
  auto status = TRY(client_.status());
  return host::time_of_day_us() - static_cast<int64_t>(status.uptime_ns / 1000);
}

Result<std::unique_ptr<MachineKernel>> open_machine(const std::string& said,
                                                    const std::string& tool,
                                                    const std::string& kernel) {
  Place place = TRY(place_of(machine_name(said)));
  return std::make_unique<MachineKernel>(TRY(Client::connect_or_start(place, kernel)), tool);
}

}  // namespace ring3::service
