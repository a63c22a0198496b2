// SPDX-License-Identifier: GPL-2.0-only
// The forms in which modinfo prints a module: lines, one field, NUL-separated, JSON. Without
// options the fields are those of kmod 30, byte for byte. The build identifier, which kmod got
// after its version 34, is no field of .modinfo: -F build-id and --json have it, the list does not.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "info.h"

namespace ring3::kmod {

struct PrintOptions {
  std::string field;  // empty: all
  char separator = '\n';
  bool json = false;
};

// parm and parmtype of one parameter.
struct Parameter {
  std::string_view name, description, type;
  bool described = false, typed = false;
};
// The last one first, which is the order in which modinfo has always shown them. Entries without a
// colon are reported.
std::vector<Parameter> parameters(const ModuleInfo& info);

class Printer {
 public:
  explicit Printer(const PrintOptions& options);
  ~Printer();

  bool only_filename() const { return options_.field == "filename" && !options_.json; }
  // The file's name, which is printed even when the file cannot be read.
  void begin(const ModuleInfo& info);
  // `file` is for what has to be asked for; null: there is none.
  void entries(const ModuleInfo& info, index::ModuleFile* file);
  void finish();
  void flush();  // so that an error comes between the modules that it is about

 private:
  struct Json;
  void line(std::string_view key, std::string_view value);
  void value(std::string_view text);
  void one_field(const ModuleInfo& info, index::ModuleFile* file);

  PrintOptions options_;
  std::string out_;
  std::unique_ptr<Json> json_;
};

}  // namespace ring3::kmod
