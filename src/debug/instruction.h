// SPDX-License-Identifier: GPL-2.0-only
// As much of an x86-64 decoder as a report needs: the address that an instruction's memory operand
// means (Intel SDM volume 2, chapter 2: prefixes, REX, ModRM, SIB, displacement).
#pragma once

#include <cstdint>
#include <optional>

#include "host/registers.h"

namespace ring3::debug {

// The address of the operand in memory; nothing when the instruction has none that we know.
std::optional<uint64_t> memory_operand(const uint8_t* code, const host::Registers& registers);

// Registers by the processor's number (0 rax, 1 rcx, 2 rdx, 3 rbx, 4 rsp, ...).
uint64_t& register_by_number(host::Registers& registers, unsigned number);

}  // namespace ring3::debug
