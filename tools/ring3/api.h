// SPDX-License-Identifier: GPL-2.0-only
// What the subcommands of `ring3 api` share.
#pragma once

#include "session.h"

namespace ring3::tools {

// By --kernel (a folder or a release), else what the module was built for.
Result<std::unique_ptr<target::Target>> open_target(const std::string& kernel,
                                                    const ModuleFile* module);

struct CensusArguments {
  std::string kernel, directory;
  bool json = false, quick = false;
};
int census(const CensusArguments& arguments);

}  // namespace ring3::tools
