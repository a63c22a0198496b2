// SPDX-License-Identifier: GPL-2.0-only
// The text, string and printk families against the installed kernels: every definition is some
// target's export with that target's prototype, and no export that we define is left unbound.
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "kapi/binding.h"
#include "kapi/kapi.h"
#include "linux/include/testing.h"
#include "target/test_targets.h"

namespace ring3::kernel {
namespace {

bool ours(std::string_view file) {
  for (const char* folder : {"/src/linux/lib/", "/src/linux/kernel/printk/", "core_print.cc"})
    if (file.find(folder) != std::string_view::npos) return true;
  return false;
}

bool fits(const kapi::Record& record, const target::Export& exported) {
  if (!record.prototype || exported.prototype.empty() || exported.prototype == "v()") return true;
  return same_type(record.prototype, exported.prototype);
}

TEST(TextAbi, EveryDefinitionIsSomeTargetsExport) {
  for (auto at = kapi::records_begin(); at != kapi::records_end(); ++at) {
    const kapi::Record& record = **at;
    if (!ours(record.file)) continue;
    std::string seen;
    bool good = false;
    for (const char* release : target::kReleases) {
      auto exported = target::installed(release).find_export(record.name);
      if (!exported) continue;
      good |= fits(record, *exported);
      seen += std::string("\n  ") + release + " " + std::string(exported->prototype);
    }
    EXPECT_TRUE(good) << record.name << " (" << record.file << ":" << record.line << ") is "
                      << (record.prototype ? record.prototype : "data")
                      << (seen.empty() ? ", which no installed kernel exports" : seen);
  }
}

TEST(TextAbi, EveryTargetBindsThem) {
  for (const char* release : target::kReleases) {
    const target::Target& target = target::installed(release);
    auto binding = kapi::Binding::create(target);
    ASSERT_TRUE(binding) << binding.error().text;
    for (const kapi::Mismatch& mismatch : (*binding)->mismatches())
      if (ours(mismatch.record->file)) ADD_FAILURE() << release << ": " << mismatch.text;
  }
}

}  // namespace
}  // namespace ring3::kernel
