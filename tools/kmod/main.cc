// SPDX-License-Identifier: GPL-2.0-only
// The program kmod, and through links insmod, rmmod, lsmod, modprobe, modinfo, dmesg and depmod.
// `ring3 modprobe ...` is the same code.
#include "tools.h"

int main(int argc, char** argv) { return ring3::kmod::kmod_main(argc, argv); }
