// SPDX-License-Identifier: GPL-2.0-only
// Real modules through src/elf: every .ko, .ko.gz, .ko.xz and .ko.zst below the given folders (or
// the files given) must be read, unpacked and parsed, be a module, and look the same as through
// libelf, which shares no code with us. Prints what it saw and how long View::parse took.
//
//   elf_corpus /lib/modules/6.1.0-56-amd64
//   elf_corpus --time 200 some.ko      parse that often, say the mean
#include <fcntl.h>
#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "elf/view.h"

namespace {

using ring3::Bytes;
using ring3::elf::View;

// x86-64, every kernel so far: `enum module_state`, a list_head, then the name.
constexpr uint64_t kNameOffset = 24;

struct Totals {
  uint64_t files = 0, bytes = 0, sections = 0, symbols = 0, relocations = 0, versions = 0;
  uint64_t is_signed = 0, without_build_id = 0;
  std::map<std::string, uint64_t> packings;
  std::vector<double> microseconds;  // one parse each
};

std::string name_of(Elf* elf, size_t table, size_t offset) {
  const char* name = elf_strptr(elf, table, offset);
  return name ? name : "";
}

// The first difference between the view and libelf's, or nothing.
std::string compare_symbols(Elf* elf, Elf_Scn* scn, const GElf_Shdr& header, const View& view) {
  Elf_Data* data = elf_getdata(scn, nullptr);
  size_t count = header.sh_size / header.sh_entsize;
  if (count != view.symbols().size())
    return fmt::format("{} symbols, libelf sees {}", view.symbols().size(), count);
  for (size_t i = 0; i < count; i++) {
    GElf_Sym theirs;
    gelf_getsym(data, static_cast<int>(i), &theirs);
    const ring3::elf::Symbol& ours = view.symbols()[i];
    if (ours.name != name_of(elf, header.sh_link, theirs.st_name) || ours.info != theirs.st_info ||
        ours.other != theirs.st_other || ours.section != theirs.st_shndx ||
        ours.value != theirs.st_value || ours.size != theirs.st_size)
      return fmt::format("symbol {} ({}) differs", i, ours.name);
  }
  return "";
}

std::string compare_relocations(Elf_Scn* scn, const GElf_Shdr& header,
                                const ring3::elf::Relocations& ours) {
  Elf_Data* data = elf_getdata(scn, nullptr);
  size_t count = header.sh_size / header.sh_entsize;
  if (ours.section->index != elf_ndxscn(scn) || ours.target->index != header.sh_info ||
      ours.entries.size() != count)
    return fmt::format("{} differs", ours.section->name);
  for (size_t i = 0; i < count; i++) {
    GElf_Rela theirs;
    gelf_getrela(data, static_cast<int>(i), &theirs);
    const Elf64_Rela& entry = ours.entries[i];
    if (entry.r_offset != theirs.r_offset || entry.r_info != theirs.r_info ||
        entry.r_addend != theirs.r_addend)
      return fmt::format("{}: relocation {} differs", ours.section->name, i);
  }
  return "";
}

std::string compare(Bytes file, const View& view) {
  std::unique_ptr<Elf, int (*)(Elf*)> elf(
      elf_memory(reinterpret_cast<char*>(const_cast<std::byte*>(file.data())), file.size()),
      &elf_end);
  size_t count = 0, names = 0;
  if (!elf || elf_getshdrnum(elf.get(), &count) || elf_getshdrstrndx(elf.get(), &names))
    return fmt::format("libelf: {}", elf_errmsg(-1));
  if (count != view.sections().size())
    return fmt::format("{} sections, libelf sees {}", view.sections().size(), count);
  size_t next_relocations = 0;
  for (size_t i = 1; i < count; i++) {
    Elf_Scn* scn = elf_getscn(elf.get(), i);
    GElf_Shdr header;
    gelf_getshdr(scn, &header);
    const ring3::elf::Section& ours = view.sections()[i];
    if (ours.name != name_of(elf.get(), names, header.sh_name) || ours.type != header.sh_type ||
        ours.flags != header.sh_flags || ours.offset != header.sh_offset ||
        ours.size != header.sh_size || ours.align != header.sh_addralign ||
        ours.entsize != header.sh_entsize || ours.link != header.sh_link ||
        ours.info != header.sh_info)
      return fmt::format("section {} ({}) differs", i, ours.name);
    std::string difference;
    if (header.sh_type == SHT_SYMTAB) difference = compare_symbols(elf.get(), scn, header, view);
    if (header.sh_type == SHT_RELA) {
      GElf_Shdr target;
      gelf_getshdr(elf_getscn(elf.get(), header.sh_info), &target);
      if (target.sh_flags & SHF_ALLOC) {
        if (next_relocations == view.relocations().size())
          return fmt::format("{} is missing", ours.name);
        difference = compare_relocations(scn, header, view.relocations()[next_relocations++]);
      }
    }
    if (!difference.empty()) return difference;
  }
  if (next_relocations != view.relocations().size()) return "too many relocation sections";
  return "";
}

// What is wrong with this module, or nothing.
std::string look_at(const std::string& path, int repeat, Totals& totals) {
  auto file = ring3::elf::read_module_file(path);
  if (!file) return file.error().text;
  Bytes bytes = file->bytes;
  auto signature = ring3::elf::find_signature(bytes);
  if (signature && !signature->pkcs7.data()) return "its signature does not fit the file";
  Bytes stripped = signature ? bytes.first(signature->elf_size) : bytes;

  if (auto whole = View::parse(bytes); !whole) return whole.error().text;
  auto start = std::chrono::steady_clock::now();
  for (int i = 1; i < repeat; i++) (void)View::parse(stripped);
  auto view = View::parse(stripped);
  std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  if (!view) return view.error().text;
  if (auto checked = view->check_module(kNameOffset); !checked) return checked.error().text;
  if (view->name(kNameOffset) != view->name(~0ull)) return "modinfo and struct module disagree";
  auto in_struct = ring3::string_at(view->this_module()->bytes, kNameOffset);
  if (in_struct != view->modinfo("name")) return "modinfo's name is not struct module's";
  if (!view->modinfo("vermagic")) return "no vermagic";
  const ring3::elf::Section* versions = view->find("__versions");
  if (!versions || view->versions().size() * 64 != versions->size || view->versions().empty())
    return "__versions is not a whole number of entries";
  for (const ring3::elf::Version& version : view->versions())
    if (version.name.empty()) return "__versions has an entry without name";
  if (std::string difference = compare(stripped, *view); !difference.empty()) return difference;

  totals.files++;
  totals.bytes += stripped.size();
  totals.sections += view->sections().size();
  totals.symbols += view->symbols().size();
  for (const auto& relocations : view->relocations())
    totals.relocations += relocations.entries.size();
  totals.versions += view->versions().size();
  totals.is_signed += signature.has_value();
  totals.without_build_id += view->build_id().empty();
  totals.packings[file->compression.empty() ? "plain" : file->compression]++;
  totals.microseconds.push_back(took.count() / repeat);
  return "";
}

bool is_module(const std::string& path) {
  for (const char* end : {".ko", ".ko.gz", ".ko.xz", ".ko.zst"})
    if (path.ends_with(end)) return true;
  return false;
}

std::vector<std::string> modules_at(const std::string& place) {
  std::vector<std::string> paths;
  std::error_code error;
  if (!std::filesystem::is_directory(place, error)) return {place};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place, error))
    if (entry.is_regular_file(error) && is_module(entry.path().string()))
      paths.push_back(entry.path().string());
  return paths;
}

// Parsed, but no module (an object file): only the time counts.
int time_only(const std::string& path, int repeat) {
  auto file = ring3::elf::read_module_file(path);
  if (!file) return fmt::print(stderr, "{}\n", file.error().text), 1;
  auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < repeat; i++) {
    auto view = View::parse(file->bytes);
    if (!view) return fmt::print(stderr, "{}: {}\n", path, view.error().text), 1;
  }
  std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
  fmt::print("{}: {} bytes, parsed in {:.1f} us (mean of {})\n", path, file->bytes.size(),
             took.count() / repeat, repeat);
  return 0;
}

int look_at_all(const std::string& place) {
  Totals totals;
  int failures = 0;
  for (const std::string& path : modules_at(place)) {
    std::string problem = look_at(path, 1, totals);
    if (problem.empty()) continue;
    fmt::print(stderr, "FAILED {}: {}\n", path, problem);
    failures++;
  }
  if (totals.files == 0) {
    fmt::print(stderr, "FAILED {}: no modules there\n", place);
    return 1;
  }
  std::string packings;
  for (const auto& [packing, count] : totals.packings)
    packings += fmt::format(" {} {}", count, packing);
  auto& times = totals.microseconds;
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (double time : times) sum += time;
  fmt::print(
      "{}: {} modules ({} ), {} failed\n"
      "  {} bytes, {} sections, {} symbols, {} relocations, {} versions, {} signed, {} without a "
      "build id\n"
      "  View::parse: mean {:.1f} us, median {:.1f} us, 99% below {:.1f} us, slowest {:.1f} us\n",
      place, totals.files, packings, failures, totals.bytes, totals.sections, totals.symbols,
      totals.relocations, totals.versions, totals.is_signed, totals.without_build_id,
      sum / static_cast<double>(times.size()), times[times.size() / 2],
      times[times.size() * 99 / 100], times.back());
  return failures ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  elf_version(EV_CURRENT);
  std::vector<std::string> places(argv + 1, argv + argc);
  int repeat = 0;
  if (places.size() > 2 && places[0] == "--time") {
    repeat = std::max(1, std::stoi(places[1]));
    places.erase(places.begin(), places.begin() + 2);
  }
  if (places.empty()) {
    fmt::print(stderr, "usage: elf_corpus [--time COUNT] FOLDER-OR-FILE...\n");
    return 2;
  }
  int result = 0;
  for (const std::string& place : places)
    result |= repeat ? time_only(place, repeat) : look_at_all(place);
  return result;
}
