// SPDX-License-Identifier: GPL-2.0-only
// Writes the seeds of params_fuzzer: command lines, one for each thing that the reader knows.
//
//   params_seeds tests/corpus/params
#include <fmt/format.h>

#include "host/file.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: params_seeds FOLDER\n");
    return 2;
  }
  const std::pair<const char*, std::string_view> seeds[] = {
      {"plain", "n=3 flag"},
      {"quoted_value", "n=\"two words\" flag=1"},
      {"quoted_whole", "\"two-words=a b\" n=1"},
      {"rest", "n=1 -- more arguments"},
      {"special", "dyndbg=+p async_probe unknown=1 module.unknown=2"},
      {"errors", "n=e n=s n=i n=p n constant=1"},
      {"danger", "danger=1 \t  danger"},
      {"open_quote", "n=\"never closed flag"},
      {"odd", "= == =\" \" n= \"=\" \"n\"=1"},
  };
  for (const auto& [name, text] : seeds) {
    auto written = ring3::host::write_file_atomically(fmt::format("{}/{}", argv[1], name),
                                                      ring3::as_bytes(text));
    if (written) continue;
    fmt::print(stderr, "{}\n", written.error().text);
    return 1;
  }
  return 0;
}
