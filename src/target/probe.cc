// SPDX-License-Identifier: GPL-2.0-only
// Nobody can list which headers compile in every kernel, or which exports they declare; the
// compiler can. Each include and each export stands on a line of its own, the lines that a message
// names are blanked, and it is compiled again until it passes. Before that, exports that the
// preprocessed headers never mention are left out: gcc looks for a similar name for every
// undeclared one, which takes minutes for a thousand of them.
#include "target/probe.h"

#include <fmt/format.h>

#include <set>
#include <unordered_set>

#include "base/text.h"
#include "host/command.h"
#include "host/file.h"
#include "target/config.h"
#include "target/probe_headers.h"

namespace ring3::target {
namespace {

constexpr int kAttempts = 8;
constexpr std::string_view kSource = "ring3_probe.c";

constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

std::vector<std::string> include_lines() {
  std::vector<std::string> lines;
  for (const char* header : kProbeHeaders) {
    lines.push_back(fmt::format("#if __has_include(<{}>)", header));
    lines.push_back(fmt::format("#include <{}>", header));
    lines.push_back("#endif");
  }
  return lines;
}

void add_export_lines(const std::vector<std::string_view>& exports, std::string_view preprocessed,
                      std::vector<std::string>& lines) {
  std::unordered_set<std::string_view> mentioned;
  for (size_t at = 0; at < preprocessed.size();) {
    size_t begin = preprocessed.find_first_of(kNameCharacters, at);
    if (begin == std::string_view::npos) break;
    at = std::min(preprocessed.find_first_not_of(kNameCharacters, begin), preprocessed.size());
    mentioned.insert(preprocessed.substr(begin, at - begin));
  }
  std::vector<std::string_view> names;
  for (std::string_view name : exports)
    if (mentioned.contains(name)) names.push_back(name);
  // Some exports are hidden behind macros of the same name; the function is meant.
  for (std::string_view name : names) lines.push_back(fmt::format("#undef {}", name));
  lines.push_back(fmt::format("struct {} {{", kProbeStruct));
  for (std::string_view name : names) lines.push_back(fmt::format("\ttypeof(&{}) {};", name, name));
  lines.push_back("};");
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// The lines (from 1) of our source that the compiler's messages name, also as the line that
// included the header at fault.
std::set<size_t> lines_at_fault(std::string_view output) {
  std::set<size_t> lines;
  for (size_t at = output.find(kSource); at != std::string_view::npos;
       at = output.find(kSource, at + 1)) {
    std::string_view rest = output.substr(at + kSource.size());
    if (!rest.starts_with(":")) continue;
    rest.remove_prefix(1);
    if (auto line = parse_number(rest.substr(0, rest.find_first_not_of("0123456789"))))
      lines.insert(*line);
  }
  return lines;
}

std::string first_complaint(std::string_view output) {
  std::string_view found;
  for_each_line(output, [&](std::string_view line) {
    bool complains = line.find("rror") != std::string_view::npos ||
                     line.find("not found") != std::string_view::npos;
    if (found.empty() && complains) found = line;
  });
  return std::string(found.empty() ? output.substr(0, output.find('\n')) : found);
}

Result<host::CommandResult> run_tool(const std::vector<std::string>& arguments,
                                     std::string_view package) {
  auto result = host::run_command(arguments);
  if (!result && result.error().code == ENOENT)
    return Error{ENOENT,
                 fmt::format("there is no '{}'; install the package {}", arguments[0], package)};
  return result;
}

// Runs `make GOAL` until the compiler has nothing to say about `lines`.
Result<void> make_until_it_passes(const KernelTree& tree, const std::string& folder,
                                  std::vector<std::string> make, std::vector<std::string>& lines) {
  for (int attempt = 0;; attempt++) {
    TRY(host::write_file_atomically(fmt::format("{}/{}", folder, kSource),
                                    as_bytes(joined(lines))));
    auto built = TRY(run_tool(make, "make"));
    if (built.status == 0) return {};
    size_t dropped = 0;
    for (size_t line : lines_at_fault(built.output)) {
      if (line == 0 || line > lines.size()) continue;
      // The frame of the struct and of the conditions stays.
      std::string& text = lines[line - 1];
      if (!text.starts_with("#include") && !text.starts_with("\t")) continue;
      text.clear();
      dropped++;
    }
    if (dropped == 0 || attempt == kAttempts)
      return Error{EINVAL, fmt::format("the probe does not compile in '{}': {}", tree.kdir(),
                                       first_complaint(built.output))};
  }
}

}  // namespace

Result<std::vector<std::byte>> build_probe(KernelTree& tree,
                                           const std::vector<std::string_view>& exports) {
  // What the headers hold is too many files to watch; these change with every configuration and
  // every build.
  for (const char* file : {"include/generated/autoconf.h", "include/generated/utsversion.h",
                           "include/generated/bounds.h", "include/generated/asm-offsets.h"})
    tree.uses(tree.kdir() + "/" + file);
  // Before the compiler is bothered.
  TRY(run_tool({"pahole", "--version"}, "dwarves"));

  auto folder = TRY(host::TemporaryFolder::create("ring3-probe-"));
  std::string base = folder.path() + "/";
  std::string_view makefile =
      "obj-m := ring3_probe.o\n"
      "ccflags-y += -g -fno-eliminate-unused-debug-types -w\n";
  TRY(host::write_file_atomically(base + "Makefile", as_bytes(makefile)));

  std::vector<std::string> make = {"make", "-C", tree.kdir(), "M=" + folder.path()};
  Config config(tree.read(tree.kdir() + "/.config").value_or(""));
  if (config.yes("CONFIG_CC_IS_CLANG")) {
    make.push_back("LLVM=1");
    make.push_back("KCFLAGS=-ferror-limit=0");
  }

  std::vector<std::string> lines = include_lines();
  make.push_back("ring3_probe.i");
  TRY(make_until_it_passes(tree, folder.path(), make, lines));
  auto preprocessed = TRY(host::read_file(base + "ring3_probe.i"));
  add_export_lines(exports, as_text(preprocessed), lines);
  make.back() = "ring3_probe.o";
  TRY(make_until_it_passes(tree, folder.path(), make, lines));

  std::string btf = base + "probe.btf";
  auto encoded =
      TRY(run_tool({"pahole", "--btf_encode_detached=" + btf, base + "ring3_probe.o"}, "dwarves"));
  auto content = host::read_file(btf);
  if (encoded.status != 0 || !content)
    return Error{EINVAL, fmt::format("pahole makes no BTF of the probe of '{}': {}", tree.kdir(),
                                     first_complaint(encoded.output))};
  return content;
}

}  // namespace ring3::target
