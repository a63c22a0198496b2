// SPDX-License-Identifier: GPL-2.0-only
// Three hundred structs drawn at random from each kernel, member by member, against what pahole
// prints for them: our reading of BTF and the flattened, cached form of it, judged by another tool.
#include <bpf/btf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
// g++ 12 sees uninitialized members in <regex> under -fsanitize=address.
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <regex>

#include "base/text.h"
#include "host/file.h"
#include "target/boot_image.h"
#include "target/btf.h"
#include "target/elf_section.h"
#include "target/test_targets.h"

namespace ring3::target {
namespace {

// The file that pahole is given: raw BTF.
std::vector<std::byte> raw_btf(const Target& target) {
  std::string path(target.btf_source().substr(target.btf_source().find('/')));
  auto file = host::read_file(path).take();
  if (auto section = find_section(file, ".BTF", path))
    return std::vector<std::byte>(section->begin(), section->end());
  auto image = parse_boot_image(file, path).take();
  auto kernel = unpack_boot_image(image, path).take();
  Bytes section = *find_section(kernel, ".BTF", path);
  return std::vector<std::byte>(section.begin(), section.end());
}

// The tags of which there is one, in the order of their ids.
std::vector<std::string> unique_structs(const Btf& btf) {
  std::map<std::string_view, int> count;
  std::vector<std::string> names;
  for (TypeId id = 1; id < btf.type_count(); id++)
    if (btf.kind(id) == BTF_KIND_STRUCT || btf.kind(id) == BTF_KIND_UNION) count[btf.name(id)]++;
  for (TypeId id = 1; id < btf.type_count(); id++)
    if (btf.kind(id) == BTF_KIND_STRUCT && count[btf.name(id)] == 1 && btf_vlen(btf.type(id)))
      names.emplace_back(btf.name(id));
  return names;
}

struct Expected {
  std::map<std::string, uint64_t> bits;  // path -> offset in bits
  uint64_t size = 0;
};

// pahole prints nested anonymous types in place, with offsets from the outermost: their members
// belong to it, unless the nested type has a name as a member (then they lie below that).
std::map<std::string, Expected> parse_pahole(const std::string& output) {
  static const std::regex member(
      R"(^\t+.*?(?:\(\*+\s*(?:const )?(\w+)(?:\[\d*\])*\)\(.*|(\w+)(?:\[\d*\])*)(?::\d+)?(?:\s*__attribute__\(\(.*\)\))*;\s*/\*\s*(\d+)(?:: ?(\d+))?\s+\d+ \*/.*$)");
  static const std::regex size(R"(^\t/\* size: (\d+),.*$)");
  std::map<std::string, Expected> structs;
  std::vector<std::map<std::string, uint64_t>> frames;
  std::string name;
  Expected current;
  for_each_line(output, [&](std::string_view view) {
    std::string line(view);
    std::smatch match;
    if (line.starts_with("struct ") && line.ends_with("{")) {
      name = line.substr(7, line.find(' ', 7) - 7);
      frames.assign(1, {});
      current = {};
    } else if (line.starts_with("}")) {
      current.bits = frames.front();
      structs[name] = current;
    } else if (line.starts_with("\t") && line.ends_with("{")) {
      frames.emplace_back();
    } else if (std::regex_match(line, match, size)) {
      if (frames.size() == 1) current.size = std::stoull(match[1]);
    } else if (line.find_first_not_of('\t') != std::string::npos &&
               line[line.find_first_not_of('\t')] == '}') {
      auto inner = std::move(frames.back());
      frames.pop_back();
      if (std::regex_match(line, match, member)) {
        std::string outer = match[2];
        frames.back()[outer] = std::stoull(match[3]) * 8;
        if (line.find('[') == std::string::npos)
          for (const auto& [path, bits] : inner) frames.back()[outer + "." + path] = bits;
      } else {
        frames.back().insert(inner.begin(), inner.end());
      }
    } else if (std::regex_match(line, match, member)) {
      std::string path = match[1].matched ? match[1] : match[2];
      uint64_t bit = match[4].matched ? std::stoull(match[4]) : 0;
      frames.back()[path] = std::stoull(match[3]) * 8 + bit;
    }
  });
  return structs;
}

TEST(Pahole, agrees_on_three_hundred_structs) {
  for (const char* release : kReleases) {
    const Target& target = installed(release);
    std::vector<std::byte> blob = raw_btf(target);
    auto btf = Btf::parse(blob, release);
    ASSERT_TRUE(btf.ok());
    std::vector<std::string> names = unique_structs(**btf);
    std::shuffle(names.begin(), names.end(), std::mt19937(20240229));
    names.resize(300);
    auto folder = host::TemporaryFolder::create("ring3-pahole-").take();
    std::string path = folder.path() + "/btf", list = folder.path() + "/names";
    ASSERT_TRUE(host::write_file_atomically(path, blob).ok());
    std::string text;
    for (const std::string& name : names) text += name + "\n";
    ASSERT_TRUE(host::write_file_atomically(list, as_bytes(text)).ok());
    auto printed = host::run_command({"pahole", "-F", "btf", "-C", "file://" + list, path});
    ASSERT_TRUE(printed.ok() && printed->status == 0) << printed->output.substr(0, 300);

    size_t members = 0;
    std::map<std::string, Expected> structs = parse_pahole(printed->output);
    EXPECT_GE(structs.size(), 295u);
    for (const auto& [name, expected] : structs) {
      EXPECT_EQ(expected.size, target.size_of(name)) << name;
      for (const auto& [member, bits] : expected.bits) {
        auto found = target.field(name, member);
        ASSERT_TRUE(found) << release << " " << name << "." << member;
        EXPECT_EQ(bits, found->offset * 8 + found->bit_offset) << name << "." << member;
        members++;
      }
    }
    EXPECT_GT(members, 1500u) << release;
  }
}

}  // namespace
}  // namespace ring3::target
