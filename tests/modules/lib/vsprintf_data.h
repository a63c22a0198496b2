/* SPDX-License-Identifier: GPL-2.0-only */
/* Plain bytes that vsprintf_cases.h formats, the same for the kernel and for the unit test. */
static u8 ipv6[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe, 0, 0, 0x42};
static u8 ipv6zero[16], ipv6loop[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
static u8 ipv6mapped[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 168, 1, 20};
static u8 ipv6gaps[16] = {0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 3};
static u8 ipv6one[16] = {0, 1, 0, 2, 0, 3, 0, 0, 0, 4, 0, 5, 0, 6, 0, 7};
static u8 ipv6isatap[16] = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x5e, 0xfe, 10, 0, 0, 1};
static u8 uuid16[16] = {0xa1, 0xb2, 0xc3, 0xd4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static u8 bytes64[64] = {1, 2, 3, 0xfe, 0xff};
static unsigned long bits[2] = {0x80000000000000f1UL, 0x800000003UL};
static unsigned long bitsfull[1] = {~0UL};
static u64 phys = 0xfee00000;
static u32 fourcc = 0x3231564e, fourccbig = 0x80000000 | 0x3231564e, fourccodd = 0x01204120;
