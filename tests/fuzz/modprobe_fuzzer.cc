// SPDX-License-Identifier: GPL-2.0-only
// What modprobe reads as text: configuration, the kernel's command line, text indexes. The first
// byte says which. Names that come out are looked up again, and the plan of an insertion ends.
#include <cstdlib>
#include <string_view>

#include "index/config.h"
#include "index/index_file.h"
#include "index/plan.h"

namespace {

using namespace ring3::index;

void configuration(std::string_view text) {
  Config config;
  ring3::CollectDiagnostics log;
  parse_config(config, text, "fuzz.conf", log);
  Lookup lookup("/nonexistent", config, log);
  for (const ConfigAlias& alias : config.aliases) lookup.resolve(alias.pattern);
  for (const ConfigSoftdep& dep : config.softdeps) {
    if (dep.text().size() > text.size() + sizeof("pre: post: ")) std::abort();
    insertion_plan(lookup, {dep.pattern, "", false}, false);
  }
  for (const ConfigCommand& command : config.install) config.install_command(command.pattern);
}

void command_line(std::string_view text) {
  Config config;
  ring3::CollectDiagnostics log;
  parse_command_line(config, text, "/proc/cmdline", log);
  for (const ConfigOptions& options : config.options)
    if (options.text.size() > text.size() + 1) std::abort();
}

void text_index(IndexKind kind, std::string_view text) {
  std::vector<std::string> keys;
  for (const IndexEntry& entry : parse_text_index(kind, text, keys))
    if (entry.value.size() > text.size() || entry.key.size() > text.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      configuration(text);
      break;
    case 1:
      command_line(text);
      break;
    case 2:
      text_index(IndexKind::kDep, text);
      break;
    default:
      text_index(IndexKind::kAlias, text);
  }
  return 0;
}
