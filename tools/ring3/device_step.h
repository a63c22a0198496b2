// SPDX-License-Identifier: GPL-2.0-only
// `device MAJOR:MINOR FLAGS CALL...` of the scenario language: what
// tests/conformance/guest/device.c does on Linux, by the machine's own functions. The program's
// memory is this process's, with addresses that are not there.
#pragma once

#include "steps.h"

namespace ring3::tools {

StepResult call_device(Session& session, const Words& words, const Session::Caller& caller);

}  // namespace ring3::tools
