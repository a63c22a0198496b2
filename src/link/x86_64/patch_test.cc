// SPDX-License-Identifier: GPL-2.0-only
// LENGTH: one hand-made section for each kind of patch, all read by the same fixture.
// Every patch, from the bytes that a compiler makes to those that it leaves, and what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "link/test_support.h"
#include "link/x86_64/instruction.h"
#include "link/x86_64/jump_label.h"

namespace ring3::link {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr uint32_t kAlways = 3 * 32 + 21;

// A module with .text, and tables whose entries point into it.
struct Patched : TestModule {
  explicit Patched(std::string_view text_hex, uint64_t alt_instr_size = 12) {
    use_thunks(alt_instr_size);
    text = elf.text(".text", code(text_hex));
    text_symbol = local(text);
  }
  uint32_t local(uint32_t section) {
    return elf.symbol("", static_cast<uint16_t>(section), 0, 0,
                      ELF64_ST_INFO(STB_LOCAL, STT_SECTION));
  }
  // A branch to `name` whose displacement stands at text+offset.
  void branch(uint64_t offset, std::string_view name) {
    elf.rela(text, offset, R_X86_64_PLT32, elf.undefined(name), -4);
  }
  // A table of s32, each relative to itself, that lead to text+offset.
  uint32_t sites(std::string name, std::initializer_list<int64_t> offsets) {
    uint32_t table = elf.rodata(std::move(name), std::string(offsets.size() * 4, '\0'));
    uint64_t at = 0;
    for (int64_t offset : offsets) {
      elf.rela(table, at, R_X86_64_PC32, text_symbol, offset);
      at += 4;
    }
    return table;
  }
  std::string patched() {
    EXPECT_TRUE(link()) << error.text;
    return image ? hex(bytes(".text")) : "";
  }
  void expect_refused(std::string_view section) {
    EXPECT_FALSE(link());
    EXPECT_EQ(error.code, ENOEXEC);
    EXPECT_THAT(error.text, HasSubstr("hello: section " + std::string(section)));
  }
  uint32_t text = 0;
  uint32_t text_symbol = 0;
};

// ---- .return_sites

TEST(ReturnSites, BecomePlainReturns) {
  Patched module("90 e9 00000000 90");
  module.branch(2, "__x86_return_thunk");
  module.sites(".return_sites", {1});
  EXPECT_EQ(module.patched(), "90c3cccccccc90");
  EXPECT_THAT(module.log.warnings, IsEmpty());
}

TEST(ReturnSites, StayWhenPatchingIsOffOrThereIsNoThunk) {
  for (bool patch : {false, true}) {
    Patched module("e9 00000000");
    module.branch(1, "__x86_return_thunk");
    module.sites(".return_sites", {0});
    module.options.patch = patch;
    if (patch) module.options.return_thunk = {};
    EXPECT_EQ(module.patched().substr(0, 2), "e9");
  }
}

TEST(ReturnSites, WhatIsNoReturnIsToldAndLeft) {
  Patched module("e9 00000000 c3 90909090");
  module.branch(1, "somewhere_else");
  module.sites(".return_sites", {0, 5});
  EXPECT_EQ(module.patched().substr(10), "c390909090");
  ASSERT_EQ(module.log.warnings.size(), 2u);
  EXPECT_THAT(module.log.warnings[1], HasSubstr(".return_sites entry 1"));
}

TEST(ReturnSites, OutsideOfTextAreRefused) {
  for (int64_t offset : {int64_t{-1}, int64_t{6}, int64_t{100}, int64_t{-0x1000'0000}}) {
    Patched module("90909090909090909090");
    module.sites(".return_sites", {offset});
    module.expect_refused(".return_sites entry 0");
  }
}

TEST(ReturnSites, APartOfAnEntryIsRefused) {
  Patched module("c3");
  module.elf.rodata(".return_sites", "12345");
  module.expect_refused(".return_sites has 5 bytes");
}

// ---- .retpoline_sites

TEST(RetpolineSites, EveryRegister) {
  static constexpr const char* kRegisters[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp",
                                               "rsi", "rdi", "r8",  "r9",  "r10", "r11",
                                               "r12", "r13", "r14", "r15"};
  for (int reg = 0; reg < 16; reg++) {
    Patched module("e8 00000000 e9 00000000");
    std::string thunk = std::string("__x86_indirect_thunk_") + kRegisters[reg];
    module.branch(1, thunk);
    module.branch(6, thunk);
    module.sites(".retpoline_sites", {0, 5});
    char call[32], jump[32];
    if (reg < 8) {
      std::snprintf(call, sizeof(call), "0f1f00ff%02x", 0xd0 + reg);
      std::snprintf(jump, sizeof(jump), "ff%02xcc6690", 0xe0 + reg);
    } else {
      std::snprintf(call, sizeof(call), "669041ff%02x", 0xd0 + reg - 8);
      std::snprintf(jump, sizeof(jump), "41ff%02xcc90", 0xe0 + reg - 8);
    }
    EXPECT_EQ(module.patched(), std::string(call) + jump);
  }
}

TEST(RetpolineSites, WithCsPrefix) {
  Patched module("2e e8 00000000 2e e9 00000000");
  module.branch(2, "__x86_indirect_thunk_r11");
  module.branch(8, "__x86_indirect_thunk_r11");
  module.sites(".retpoline_sites", {0, 6});
  EXPECT_EQ(module.patched(), "0f1f0041ffd341ffe3cc6690");
}

TEST(RetpolineSites, ConditionalTailCalls) {
  Patched module("0f84 00000000 2e 0f87 00000000");
  module.branch(2, "__x86_indirect_thunk_rax");
  module.branch(9, "__x86_indirect_thunk_r8");
  module.sites(".retpoline_sites", {0, 6});
  EXPECT_EQ(module.patched(),
            "7504ffe06690"
            "760541ffe06690");
}

TEST(RetpolineSites, OtherTargetsAreToldAndLeft) {
  Patched module("e8 00000000");
  module.branch(1, "kfree");
  module.sites(".retpoline_sites", {0});
  EXPECT_EQ(module.patched().substr(0, 2), "e8");
  EXPECT_EQ(module.log.warnings.size(), 1u);
}

TEST(RetpolineSites, OutsideOfTextAreRefused) {
  Patched module("e8 00000000");
  module.sites(".retpoline_sites", {1});
  module.expect_refused(".retpoline_sites entry 0");
}

TEST(RetpolineSites, AConditionalJumpCutByTheEndOfTextIsLeft) {
  Patched module("0f84 000000");
  module.sites(".retpoline_sites", {0});
  EXPECT_EQ(module.patched(), "0f84000000");
  EXPECT_EQ(module.log.warnings.size(), 1u);
}

// ---- __mcount_loc, __patchable_function_entries

struct Fentry : Patched {
  explicit Fentry(int64_t offset = 1, std::string_view table = "__mcount_loc")
      : Patched("90 e8 00000000 90") {
    branch(2, "__fentry__");
    uint32_t sites = elf.rodata(std::string(table), std::string(8, '\0'));
    elf.rela(sites, 0, R_X86_64_64, text_symbol, offset);
  }
};

TEST(FentrySites, BecomeNops) {
  Fentry module;
  EXPECT_EQ(module.patched(), "900f1f44000090");
}

TEST(FentrySites, StayForATracer) {
  Fentry module;
  module.options.keep_fentry = true;
  EXPECT_EQ(module.patched().substr(0, 4), "90e8");
}

TEST(FentrySites, WhatIsNoCallIsToldAndLeft) {
  Fentry module(0);
  EXPECT_EQ(module.patched().substr(0, 4), "90e8");
  EXPECT_EQ(module.log.warnings.size(), 1u);
}

TEST(FentrySites, OutsideOfTextAreRefused) {
  Fentry module(3);
  module.expect_refused("__mcount_loc entry 0");
  Fentry padding(7, "__patchable_function_entries");
  padding.expect_refused("__patchable_function_entries entry 0");
}

// ---- .altinstructions

struct Alternatives : Patched {
  Alternatives(std::string_view text, std::string_view replacement, uint64_t entry_size)
      : Patched(text, entry_size), entry_size(entry_size) {
    replacements = elf.text(".altinstr_replacement", code(replacement));
    replacement_symbol = local(replacements);
  }
  // Must come before link(); `flags` in the layout of 6.12.
  void add(int64_t place, int64_t replacement, uint16_t cpuid, uint16_t flags, uint8_t length,
           uint8_t replacement_length) {
    entries.push_back({place, replacement});
    char entry[14] = {};
    if (entry_size == 12) cpuid = static_cast<uint16_t>(cpuid | (flags & 1 ? 0x8000 : 0));
    std::memcpy(entry + 8, &cpuid, 2);
    std::memcpy(entry + 10, &flags, 2);
    entry[entry_size - 2] = static_cast<char>(length);
    entry[entry_size - 1] = static_cast<char>(replacement_length);
    content.append(entry, entry_size);
  }
  void finish() {
    uint32_t table = elf.rodata(".altinstructions", content);
    for (size_t i = 0; i < entries.size(); i++) {
      elf.rela(table, i * entry_size, R_X86_64_PC32, text_symbol, entries[i].first);
      elf.rela(table, i * entry_size + 4, R_X86_64_PC32, replacement_symbol, entries[i].second);
    }
  }
  uint64_t entry_size;
  uint32_t replacements = 0;
  uint32_t replacement_symbol = 0;
  std::string content;
  std::vector<std::pair<int64_t, int64_t>> entries;
};

class AltInstructions : public testing::TestWithParam<uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, AltInstructions, testing::Values(12, 14));

TEST_P(AltInstructions, AreAppliedForFeaturesThatAreThere) {
  Alternatives module("9090909090 9090909090", "f30fb8c7 0faee8", GetParam());
  module.add(0, 0, 4 * 32 + 23, 0, 5, 4);
  module.add(5, 4, 3 * 32 + 18, 0, 5, 3);
  module.finish();
  module.options.cpu_features = {kAlways, 4 * 32 + 23};
  EXPECT_EQ(module.patched(),
            "f30fb8c790"
            "9090909090");
}

TEST_P(AltInstructions, NotIsAppliedOnlyForFeaturesNamedAsMissing) {
  for (bool named : {false, true}) {
    Alternatives module("ff1500000000 90", "fa", GetParam());
    module.add(0, 0, 8 * 32 + 16, 1, 6, 1);
    module.finish();
    if (named) module.options.missing_cpu_features = {8 * 32 + 16};
    EXPECT_EQ(module.patched(), named ? "fa0f1f44000090" : "ff150000000090");
  }
}

TEST_P(AltInstructions, RelativeCallsAreMoved) {
  Alternatives module("90 9090909090", "e8 00000000", GetParam());
  module.elf.rela(module.replacements, 1, R_X86_64_PLT32, module.elf.undefined("clear_page_erms"),
                  -4);
  module.add(1, 0, kAlways, 0, 5, 5);
  module.finish();
  ASSERT_TRUE(module.link()) << module.error.text;
  auto branch = x86_64::read_branch({reinterpret_cast<uint8_t*>(module.address(".text") + 1), 5},
                                    module.address(".text") + 1);
  ASSERT_TRUE(branch);
  EXPECT_EQ(branch->target, module.resolver.address("clear_page_erms").value);
}

// verw mds_verw_sel(%rip): the operand is relative although the instruction is no branch.
TEST_P(AltInstructions, RelativeOperandsAreMoved) {
  Alternatives module("90 90909090909090", "0f002d 00000000", GetParam());
  module.elf.rela(module.replacements, 3, R_X86_64_PC32, module.elf.undefined("mds_verw_sel"), -4);
  module.add(1, 0, kAlways, 0, 7, 7);
  module.finish();
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.address(".text") + 8 +
                static_cast<uint64_t>(int64_t{module.value<int32_t>(".text", 4)}),
            module.resolver.address("mds_verw_sel").value);
}

TEST_P(AltInstructions, AbsoluteOperandsAndInnerJumpsStay) {
  Alternatives module("90 90909090909090909090 9090", "48b8 0000000000000000 eb00", GetParam());
  module.elf.rela(module.replacements, 2, R_X86_64_64, module.elf.symbol("abs", SHN_ABS, 0x1234));
  module.add(1, 0, kAlways, 0, 12, 12);
  module.finish();
  EXPECT_EQ(module.patched(), "9048b83412000000000000eb00");
}

// A thunk call in the replacement was patched already: it is no displacement any more.
TEST_P(AltInstructions, AReplacementThatAnotherPatchChangedIsCopiedAsItIs) {
  Alternatives module("9090909090", "e8 00000000", GetParam());
  module.elf.rela(module.replacements, 1, R_X86_64_PLT32,
                  module.elf.undefined("__x86_indirect_thunk_rax"), -4);
  uint32_t sites = module.elf.rodata(".retpoline_sites", std::string(4, '\0'));
  module.elf.rela(sites, 0, R_X86_64_PC32, module.replacement_symbol, 0);
  module.add(0, 0, kAlways, 0, 5, 5);
  module.finish();
  EXPECT_EQ(module.patched(), "0f1f00ffd0");
}

TEST_P(AltInstructions, AnEmptyReplacementIsNops) {
  Alternatives module("e900000000", "", GetParam());
  module.add(0, 0, kAlways, 0, 5, 0);
  module.finish();
  EXPECT_EQ(module.patched(), "0f1f440000");
}

TEST_P(AltInstructions, LaterEntriesGoOverEarlierOnes) {
  Alternatives module("9090909090", "0faee8 0faef0", GetParam());
  module.add(0, 0, kAlways, 0, 5, 3);
  module.add(0, 3, kAlways, 0, 5, 3);
  module.finish();
  EXPECT_EQ(module.patched(), "0faef06690");
}

TEST_P(AltInstructions, WhatDoesNotLieInTextIsRefused) {
  struct Row {
    int64_t place, replacement;
    uint8_t length, replacement_length;
  };
  for (const Row& row : {Row{-1, 0, 5, 3}, Row{0, 0x100000, 5, 3}, Row{0, 14, 5, 3},
                         Row{0, 0, 2, 3}, Row{0, 0, 255, 3}}) {
    // .text begins the region; the replacement ends it, 16 bytes on.
    Alternatives module("9090909090", "0faee8", GetParam());
    module.add(row.place, row.replacement, 7, 0, row.length, row.replacement_length);
    module.finish();
    module.expect_refused(".altinstructions entry 0");
  }
}

TEST(AltInstructionsLayout, AnUnknownEntrySizeIsRefusedAndNoSizeIsNoPatch) {
  Alternatives module("9090909090", "0faee8", 12);
  module.add(0, 0, kAlways, 0, 5, 3);
  module.finish();
  module.options.alt_instr_size = 16;
  EXPECT_FALSE(module.link());
  EXPECT_THAT(module.error.text, HasSubstr("struct alt_instr has 16 bytes"));
  module.options.alt_instr_size = 0;
  EXPECT_EQ(module.patched(), "9090909090");
}

struct DirectCall : Alternatives {
  explicit DirectCall(std::string_view place = "ff15 00000000")
      : Alternatives(place, "e8 00000000", 14) {
    elf.rela(replacements, 1, R_X86_64_PLT32, elf.undefined("BUG_func"), -4);
    elf.rela(text, 2, R_X86_64_PC32, elf.undefined("pv_ops"), -4);
    add(0, 0, kAlways, 2, 6, 5);
    finish();
  }
  void set_slot(uint64_t target) { *resolver.address("pv_ops").as<uint64_t>() = target; }
};

TEST(DirectCalls, ReachTheSlotsTarget) {
  DirectCall module;
  uint64_t target = module.resolver.address("native_save_fl").value;
  module.set_slot(target);
  ASSERT_TRUE(module.link()) << module.error.text;
  uint64_t place = module.address(".text");
  auto branch = x86_64::read_branch({reinterpret_cast<uint8_t*>(place), 6}, place);
  ASSERT_TRUE(branch);
  EXPECT_EQ(branch->target, target);
  EXPECT_EQ(branch->length, 5);
  EXPECT_EQ(module.bytes(".text")[5], '\x90');
}

TEST(DirectCalls, KeepACallThatCannotBeDirect) {
  for (int why = 0; why < 3; why++) {
    DirectCall module;
    if (why == 0) module.resolver.may_read = false;
    if (why == 1) module.set_slot(0);
    if (why == 2) module.set_slot(0x5555'5555'5555);
    EXPECT_EQ(module.patched().substr(0, 4), "ff15") << why;
  }
}

TEST(DirectCalls, OverSomethingElseAreRefused) {
  DirectCall module("9090 00000000");
  module.expect_refused(".altinstructions entry 0");
}

// ---- .parainstructions

struct Paravirt : Patched {
  Paravirt(int64_t offset, uint8_t length) : Patched("ff1500000000 90") {
    std::string entry(16, '\0');
    entry[9] = static_cast<char>(length);
    uint32_t table = elf.rodata(".parainstructions", entry);
    elf.rela(table, 0, R_X86_64_64, text_symbol, offset);
  }
};

TEST(Parainstructions, AreCheckedAndLeft) {
  Paravirt module(0, 6);
  EXPECT_EQ(module.patched(), "ff150000000090");
}

TEST(Parainstructions, OutsideOfTextOrTooShortAreRefused) {
  Paravirt(2, 6).expect_refused(".parainstructions entry 0");
  Paravirt(-8, 6).expect_refused(".parainstructions entry 0");
  Paravirt(0, 5).expect_refused(".parainstructions entry 0");
}

// ---- __jump_table

// One entry at text+0 with its target at text+target. The key is `enabled`.
struct JumpTable : Patched {
  JumpTable(std::string_view place, int64_t target, bool branch, int32_t enabled,
            bool own_key = false)
      : Patched(place) {
    uint32_t table = elf.data("__jump_table", std::string(16, '\0'));
    elf.rela(table, 0, R_X86_64_PC32, text_symbol, 0);
    elf.rela(table, 4, R_X86_64_PC32, text_symbol, target);
    uint32_t key;
    if (own_key) {
      std::string content(16, '\0');
      std::memcpy(content.data(), &enabled, 4);
      key = local(elf.data(".data.key", content));
    } else {
      key = elf.undefined("key");
      std::memcpy(resolver.address("key").as<void>(), &enabled, 4);
    }
    elf.rela(table, 8, R_X86_64_PC64, key, branch ? 1 : 0);
  }
};

TEST(JumpTable, PlacesFollowTheirKey) {
  struct Row {
    const char* before;
    int64_t target;
    bool branch;
    int32_t enabled;
    const char* after;
  };
  for (const Row& row : {
           Row{"0f1f440000 90909090", 8, false, 0, "0f1f44000090909090"},
           Row{"0f1f440000 90909090", 8, false, 1, "e90300000090909090"},
           Row{"0f1f440000 90909090", 8, false, -1, "e90300000090909090"},
           Row{"0f1f440000 90909090", 8, true, 0, "e90300000090909090"},
           Row{"0f1f440000 90909090", 8, true, 7, "0f1f44000090909090"},
           Row{"e903000000 90909090", 8, false, 0, "0f1f44000090909090"},
           Row{"6690 90909090", 4, false, 1, "eb0290909090"},
           Row{"6690 90909090", 4, true, 1, "669090909090"},
           Row{"eb02 90909090", 4, false, 0, "669090909090"},
           Row{"eb02 90909090", 4, true, 0, "eb0290909090"},
       }) {
    for (bool own : {false, true}) {
      JumpTable module(row.before, row.target, row.branch, row.enabled, own);
      EXPECT_EQ(module.patched(), row.after) << row.before;
    }
  }
}

TEST(JumpTable, AKeyThatMayNotBeReadLeavesThePlace) {
  JumpTable module("0f1f440000 90909090", 8, false, 1);
  module.resolver.may_read = false;
  EXPECT_EQ(module.patched(), "0f1f44000090909090");
}

TEST(JumpTable, ReadsEntriesAsTheKernelLaysThemOut) {
  JumpTable module("0f1f440000 90909090", 8, true, 1);
  ASSERT_TRUE(module.link()) << module.error.text;
  x86_64::JumpEntry entry = x86_64::read_jump_entry(module.image->section("__jump_table").data());
  EXPECT_EQ(entry.code, module.address(".text"));
  EXPECT_EQ(entry.target, module.address(".text") + 8);
  EXPECT_EQ(entry.key, module.resolver.address("key").value);
  EXPECT_TRUE(entry.branch);
  EXPECT_FALSE(entry.init);
}

TEST(JumpTable, CodeInInitTextIsMarked) {
  TestModule module;
  module.use_thunks();
  uint32_t init = module.elf.text(".init.text", code("0f1f440000"));
  uint32_t symbol = module.elf.symbol("init", static_cast<uint16_t>(init));
  uint32_t table = module.elf.data("__jump_table", std::string(16, '\0'));
  module.elf.rela(table, 0, R_X86_64_PC32, symbol, 0);
  module.elf.rela(table, 4, R_X86_64_PC32, symbol, 0);
  module.elf.rela(table, 8, R_X86_64_PC64, module.elf.undefined("key"));
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_TRUE(x86_64::read_jump_entry(module.image->section("__jump_table").data()).init);
}

TEST(JumpTable, DamageIsRefused) {
  JumpTable("9090909090", 0, false, 0).expect_refused("__jump_table entry 0");  // no place
  JumpTable("0f1f440000", 5, false, 0).expect_refused("__jump_table entry 0");  // target outside
  JumpTable far("6690" + std::string(600, '9'), 250, false, 1);  // too far for 2 bytes
  far.expect_refused("__jump_table entry 0");
}

// ---- .static_call_sites

struct StaticCall : Patched {
  StaticCall(std::string_view place, uint64_t displacement_at, bool tail) : Patched(place) {
    branch(displacement_at, "__SCT__might_resched");
    uint32_t table = elf.data(".static_call_sites", std::string(8, '\0'));
    elf.rela(table, 0, R_X86_64_PC32, text_symbol, 0);
    elf.rela(table, 4, R_X86_64_PC32, elf.undefined("__SCK__might_resched"), tail ? 1 : 0);
  }
  void goes_to(StaticCallTarget target) {
    options.static_call = [this, target](KernelAddress key) -> std::optional<StaticCallTarget> {
      EXPECT_EQ(key, resolver.address("__SCK__might_resched"));
      return target;
    };
  }
  uint64_t branch_target() {
    uint64_t place = address(".text");
    auto found =
        x86_64::read_branch({reinterpret_cast<uint8_t*>(place), bytes(".text").size()}, place);
    return found ? found->target : 0;
  }
};

TEST(StaticCalls, GoThroughTheTrampolineUnlessToldOtherwise) {
  StaticCall module("e8 00000000", 1, false);
  ASSERT_TRUE(module.link()) << module.error.text;
  EXPECT_EQ(module.branch_target(), module.resolver.address("__SCT__might_resched").value);
  StaticCall asked("e8 00000000", 1, false);
  asked.options.static_call = [](KernelAddress) { return std::nullopt; };
  ASSERT_TRUE(asked.link()) << asked.error.text;
  EXPECT_EQ(asked.branch_target(), asked.resolver.address("__SCT__might_resched").value);
}

TEST(StaticCalls, CallTheirFunctionDirectly) {
  for (auto [place, at, tail] :
       {std::tuple{"e8 00000000", 1, false}, std::tuple{"e9 00000000", 1, true},
        std::tuple{"0f84 00000000", 2, true}}) {
    StaticCall module(place, static_cast<uint64_t>(at), tail);
    KernelAddress function = module.resolver.address("__cond_resched");
    module.goes_to({StaticCallTarget::kFunction, function});
    ASSERT_TRUE(module.link()) << module.error.text;
    EXPECT_EQ(module.branch_target(), function.value) << place;
  }
}

TEST(StaticCalls, ToNothingAndToZero) {
  struct Row {
    const char* place;
    bool tail;
    StaticCallTarget::Kind kind;
    const char* after;
  };
  for (const Row& row : {Row{"e8 00000000", false, StaticCallTarget::kNothing, "0f1f440000"},
                         Row{"e9 00000000", true, StaticCallTarget::kNothing, "c3cccccccc"},
                         Row{"e8 00000000", false, StaticCallTarget::kReturnsZero, "66664831c0"}}) {
    StaticCall module(row.place, 1, row.tail);
    module.goes_to({row.kind, {}});
    EXPECT_EQ(module.patched(), row.after);
  }
}

TEST(StaticCalls, WhatTheTrampolineMustDoIsLeftToIt) {
  StaticCall tail("e9 00000000", 1, true);
  tail.goes_to({StaticCallTarget::kReturnsZero, {}});
  EXPECT_EQ(tail.patched().substr(0, 2), "e9");
  StaticCall far("e8 00000000", 1, false);
  far.goes_to({StaticCallTarget::kFunction, {0x5555'5555'5555}});
  ASSERT_TRUE(far.link()) << far.error.text;
  EXPECT_EQ(far.branch_target(), far.resolver.address("__SCT__might_resched").value);
}

TEST(StaticCalls, OtherInstructionsAreToldAndLeft) {
  StaticCall call("e8 00000000", 1, true);
  call.goes_to({StaticCallTarget::kNothing, {}});
  EXPECT_EQ(call.patched().substr(0, 2), "e8");
  EXPECT_EQ(call.log.warnings.size(), 1u);
}

TEST(StaticCalls, OutsideOfTextAreRefused) {
  Patched module("e8 00000000");
  uint32_t table = module.elf.data(".static_call_sites", std::string(8, '\0'));
  module.elf.rela(table, 0, R_X86_64_PC32, module.text_symbol, 1);
  module.expect_refused(".static_call_sites entry 0");
}

}  // namespace
}  // namespace ring3::link
