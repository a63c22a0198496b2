// SPDX-License-Identifier: GPL-2.0-only
// What the subcommands of `ring3 api` share: the table in order, and the words for its columns.
#pragma once

#include "session.h"

namespace ring3::tools {

// By --kernel (a folder or a release), else what the module was built for.
Result<std::unique_ptr<target::Target>> open_target(const std::string& kernel,
                                                    const ModuleFile* module);

// Every definition once, by name, file and line.
std::vector<const kapi::Record*> definitions();
const char* status_name(const kapi::Record& record);  // "real", "partial", "stub"
// From src/linux on, which is Linux's path: "kernel/time/timer.cc".
std::string linux_path(const kapi::Record& record);

// Writes DIR/README.md and a page for each folder of src/linux.
int write_api_docs(const std::string& directory);

}  // namespace ring3::tools
