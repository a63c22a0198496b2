// SPDX-License-Identifier: GPL-2.0-only
// Module.symvers: whatever the text is, the answer is a list whose names lie in it and are none of
// the separators, or an error that says which file.
#include <cstdlib>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "target/symvers.h"

namespace {

using namespace ring3;

#define PROMISED(condition)         \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (0)

bool inside(std::string_view part, const std::vector<char>& whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<char> text(data, data + size);  // in memory of its own size
  IgnoreDiagnostics ignore;
  auto lines = target::parse_symvers({text.data(), text.size()}, "fuzz", ignore);
  if (!lines) {
    PROMISED(lines.error().text.find("fuzz") != std::string::npos);
    return 0;
  }
  PROMISED(!lines->empty());
  for (const target::SymversLine& line : *lines) {
    PROMISED(!line.name.empty());
    for (std::string_view field : {line.name, line.module, line.name_space}) {
      PROMISED(inside(field, text));
      PROMISED(field.find_first_of("\t\n") == field.npos);
    }
  }
  return 0;
}
