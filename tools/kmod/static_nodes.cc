// SPDX-License-Identifier: GPL-2.0-only
// kmod static-nodes: the device files that exist before their modules are loaded (opening one loads
// the module), from modules.devname of the kernel: "fuse fuse c10:229".
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <set>

#include "base/text.h"
#include "host/file.h"
#include "host/folder.h"
#include "kernel.h"
#include "messages.h"
#include "tools.h"

namespace ring3::kmod {
namespace {

const Option kOptions[] = {
    {'f', "format", "FORMAT", "human (the default), tmpfiles or devname"},
    {'o', "output", "FILE", "write to FILE"},
    {'h', "help", nullptr, "print this"},
};

struct Node {
  std::string_view module, device;
  char type;  // c or b
  unsigned major, minor;
};

std::optional<Node> parse(std::string_view line) {
  Node node;
  node.module = take_field(line, ' ');
  node.device = take_field(line, ' ');
  if (node.module.empty() || node.device.empty() || line.empty()) return std::nullopt;
  node.type = line.front();
  line.remove_prefix(1);
  std::string_view major = take_field(line, ':');
  auto a = parse_number(major), b = parse_number(line);
  if ((node.type != 'c' && node.type != 'b') || !a || !b) return std::nullopt;
  node.major = static_cast<unsigned>(*a);
  node.minor = static_cast<unsigned>(*b);
  return node;
}

void write_human(std::string& out, const Node& node) {
  out += fmt::format(
      "Module: {}\n\tDevice node: /dev/{}\n\t\tType: {} device\n\t\tMajor: {}\n"
      "\t\tMinor: {}\n",
      node.module, node.device, node.type == 'c' ? "character" : "block", node.major, node.minor);
}

void write_devname(std::string& out, const Node& node) {
  out +=
      fmt::format("{} {} {}{}:{}\n", node.module, node.device, node.type, node.major, node.minor);
}

void write_tmpfiles(std::string& out, const Node& node) {
  size_t slash = node.device.rfind('/');
  if (slash != std::string_view::npos)
    out += fmt::format("d /dev/{} 0755 - - -\n", node.device.substr(0, slash));
  out +=
      fmt::format("{}! /dev/{} 0600 - - - {}:{}\n", node.type, node.device, node.major, node.minor);
}

constexpr std::pair<std::string_view, void (*)(std::string&, const Node&)> kFormats[] = {
    {"human", write_human}, {"tmpfiles", write_tmpfiles}, {"devname", write_devname}};

bool write_to(const std::string& path, const std::string& text) {
  if (path.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return true;
  }
  auto written = host::write_file_atomically(path, as_bytes(text));
  if (!written)
    messages().error(
        fmt::format("could not create {}: {}", path, std::strerror(written.error().code)));
  return written.ok();
}

int run(int argc, char** argv) {
  auto write = kFormats[0].second;
  std::string output;
  bool stop = false;
  int first = parse_options(kStaticNodes, argc, argv, [&](int id, const char* argument) {
    if (id == 'o') output = argument;
    stop = id == 'h';
    if (id == 'h') print_help(kStaticNodes);
    if (id != 'f') return !stop;
    for (const auto& [name, function] : kFormats)
      if (name == argument) {
        write = function;
        return true;
      }
    fmt::print(stderr, "Unknown format: '{}'.\n", argument);
    print_help(kStaticNodes);
    return false;
  });
  if (first < 0) return stop ? 0 : 1;
  std::string path = fmt::format("/lib/modules/{}/modules.devname", open_kernel()->release());
  std::string out;
  bool good = true;
  auto text = host::read_text(path);
  if (text) {
    for_each_line(*text, [&](std::string_view line) {
      if (line.empty() || line.front() == '#') return;
      if (auto node = parse(line)) {
        write(out, *node);
      } else {
        fmt::print(stderr, "Error: invalid devname entry: {}\n", line);
        good = false;
      }
    });
  } else if (text.error().code == ENOENT) {
    fmt::print(stderr, "Warning: {} not found - ignoring\n", path);
  } else {
    fmt::print(stderr, "Error: could not open {} - {}\n", path, std::strerror(text.error().code));
    return 1;
  }
  return write_to(output, out) && good ? 0 : 1;
}

}  // namespace

const Tool kStaticNodes{
    "static-nodes",
    "print the device files whose opening loads a module",
    {"[OPTION...]"},
    kOptions,
    "The files are those that modules.devname of the running kernel lists. The format tmpfiles is "
    "that of tmpfiles.d(5), human is for people, devname is the list's own.",
    Operands::kNone,
    run};

}  // namespace ring3::kmod
