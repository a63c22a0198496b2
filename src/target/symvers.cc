// SPDX-License-Identifier: GPL-2.0-only
#include "target/symvers.h"

#include <fmt/format.h>

#include "base/text.h"

namespace ring3::target {
namespace {

constexpr int kMaxWarnings = 5;  // a foreign file has a warning for each of its lines otherwise

bool parse_line(std::string_view line, SymversLine& out) {
  std::string_view fields[5];
  int count = 0;
  for (std::string_view rest = line; count < 5; count++) {
    size_t tab = rest.find('\t');
    fields[count] = rest.substr(0, tab);
    if (tab == std::string_view::npos) {
      count++;
      break;
    }
    rest.remove_prefix(tab + 1);
  }
  if (count < 4 || fields[1].empty()) return false;
  auto crc = parse_number(fields[0]);
  if (!crc || *crc > UINT32_MAX) return false;

  std::string_view kind;
  if (fields[3].starts_with("EXPORT_")) {
    out.module = fields[2];
    kind = fields[3];
    out.name_space = fields[4];
  } else if (count == 5 && fields[4].starts_with("EXPORT_")) {
    out.name_space = fields[2];
    out.module = fields[3];
    kind = fields[4];
  } else {
    return false;
  }
  out.name = fields[1];
  out.crc = static_cast<uint32_t>(*crc);
  // EXPORT_SYMBOL_GPL_FUTURE only announced the restriction; it did not yet hold.
  out.gpl_only = kind.ends_with("_GPL");
  return true;
}

}  // namespace

Result<std::vector<SymversLine>> parse_symvers(std::string_view text, const std::string& file_name,
                                               Diagnostics& diagnostics) {
  std::vector<SymversLine> lines;
  lines.reserve(text.size() / 64);
  int number = 0, bad = 0;
  for_each_line(text, [&](std::string_view line) {
    number++;
    if (line.empty()) return;
    SymversLine parsed;
    if (parse_line(line, parsed)) {
      lines.push_back(parsed);
    } else if (++bad <= kMaxWarnings) {
      diagnostics.warning(fmt::format("{}:{}: not an export (crc, name, module, kind): '{}'",
                                      file_name, number, line.substr(0, 80)));
    }
  });
  if (lines.empty())
    return Error{EINVAL, fmt::format("{}: no exported symbol in {} lines; is it the Module.symvers "
                                     "of a built kernel?",
                                     file_name, number)};
  return lines;
}

}  // namespace ring3::target
