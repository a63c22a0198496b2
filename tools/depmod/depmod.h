// SPDX-License-Identifier: GPL-2.0-only
// The command depmod, for its own program and for the one that has all commands.
#pragma once

int depmod_main(int argc, char** argv);
