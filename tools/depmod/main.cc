// SPDX-License-Identifier: GPL-2.0-only
#include "depmod.h"

int main(int argc, char** argv) { return depmod_main(argc, argv); }
