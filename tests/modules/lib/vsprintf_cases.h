/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What vsnprintf is asked, one call a line. This list is compiled twice: into the module
 * vsprintf.ko, which the real kernel answers (vsprintf-6.1.expected), and into
 * src/linux/lib/vsprintf_test.cc, where ours must answer the same. The includer gives
 *   CASE(fmt, ...)         format into 256 bytes and print the return value and the text
 *   SIZED(size, fmt, ...)  the same into a buffer of `size` bytes
 * and the pointers: stringp, errp, the kernel objects below.
 */
static void run_cases(void)
{
	/* integers */
	CASE("%d", 0);
	CASE("%d %i %u", 1, -1, -1);
	CASE("%d %d", INT_MAX, INT_MIN);
	CASE("[%5d][%-5d][%05d]", 42, 42, 42);
	CASE("[%5d][%-5d][%05d]", -42, -42, -42);
	CASE("[%+d][% d][%+d][% d]", 7, 7, -7, -7);
	CASE("[%+5d][% 5d][%+05d][% 05d]", 7, 7, 7, 7);
	CASE("[%.0d][%.0d][%.d][%5.0d]", 0, 1, 0, 0);
	CASE("[%.3d][%8.3d][%-8.3d][%08.3d]", 5, 5, 5, 5);
	CASE("[%.3d][%8.3d][%-8.3d][%08.3d]", -5, -5, -5, -5);
	CASE("[%.*d][%.*d]", 4, 9, -4, 9);
	CASE("[%*d][%*d][%-*d]", 6, 9, -6, 9, 6, 9);
	CASE("[%*.*d]", 8, 3, 9);
	CASE("[%x][%X][%#x][%#X][%#x]", 0xbeef, 0xbeef, 0xbeef, 0xbeef, 0);
	CASE("[%#10x][%#-10x][%#010x][%010x]", 0xab, 0xab, 0xab, 0xab);
	CASE("[%#.6x][%#12.6x]", 0xab, 0xab);
	CASE("[%o][%#o][%#o][%#5o][%#05o]", 8, 8, 0, 8, 8);
	CASE("[%#d][%#u][%+u][% u][%+x]", 5, 5, 5, 5, 5);
	CASE("[%x][%o]", -1, -1);
	CASE("%hhd %hhu %hhx", 0x1ff, 0x1ff, 0x1ff);
	CASE("%hd %hu %hx", 0x1ffff, 0x1ffff, 0x1ffff);
	CASE("%ld %lu %lx", LONG_MIN, ULONG_MAX, ULONG_MAX);
	CASE("%lld %llu %llx %Ld", LLONG_MIN, ULLONG_MAX, ULLONG_MAX, LLONG_MAX);
	CASE("%zd %zu %zx", (ssize_t)-3, (size_t)77, (size_t)0xfeed);
	CASE("%td %tx", (ptrdiff_t)-9, (ptrdiff_t)0x99);
	CASE("%llo", 01777777777777777777777ULL);
	CASE("%08llx %016llx", 0x1234567890abcdefULL, 0x1234ULL);
	CASE("[%-+5d][%- 5d][%0-5d][%-05d]", 3, 3, 3, 3);
	CASE("%02x:%02X:%2x", 10, 10, 10);
	CASE("%u %u %u %u", 9, 99, 12345, 4294967295u);
	CASE("%lld", 1234567890123456789LL);
	CASE("%+lld % lld", 1234567890123456789LL, 1234567890123456789LL);
	/* characters, per cent, text */
	CASE("[%c][%5c][%-5c][%05c]", 'a', 'b', 'c', 'd');
	CASE("[%c]", 0);
	CASE("[%c]", 0x1c1);
	CASE("%%|%5%|%-5%|");
	CASE("");
	CASE("plain");
	CASE("[%s][%10s][%-10s][%010s]", "text", "text", "text", "text");
	CASE("[%.2s][%.0s][%.s][%.10s]", "text", "text", "text", "text");
	CASE("[%10.2s][%-10.2s][%*.*s]", "text", "text", 8, 3, "text");
	CASE("[%*s][%.*s]", -8, "text", -1, "text");
	CASE("[%s][%10s][%-10s][%.3s]", nullp, nullp, nullp, nullp);
	CASE("[%s][%s]", (char *)5, (char *)4095);
	CASE("[%s]", (char *)errp);
	CASE("[%12s][%-12s]", (char *)errp, (char *)errp);
	CASE("[%s]", "\xc3\xa9\x01\x7f");
	CASE("[%ls]", "text");
	/* refused: the rest of the format is dropped */
	CASE("a%nb", &number);
	CASE("a%kb", 1);
	CASE("a%fb", 1);
	CASE("a%");
	CASE("a%5");
	CASE("a%l");
	CASE("a%jd", 1L);
	CASE("%d a%qd", 4, 1);
	CASE("a%hhhd", 1);
	CASE("a%llld", 1L);
	/* the buffer's end */
	SIZED(0, "hello");
	SIZED(1, "hello");
	SIZED(3, "hello");
	SIZED(5, "hello");
	SIZED(6, "hello");
	SIZED(6, "%s %d", "hello", 5);
	SIZED(4, "%10d", 5);
	SIZED(4, "%-10d|", 5);
	SIZED(8, "%#018llx", 0x1234ULL);
	SIZED(5, "%pI4", ipv4);
	SIZED(5, "%*ph", 4, ipv4);
	SIZED(5, "%pUb", uuid16);
	/* bare pointers */
	CASE("[%p][%10p][%-20p|%20p]", NULL, NULL, NULL, NULL);
	CASE("[%p][%30p]", errp, errp);
	CASE("[%px][%px]", NULL, (void *)0x1234abcd);
	CASE("[%#px][%20px][%-20px][%5px]", (void *)0x1234abcd, (void *)0x1234abcd,
	     (void *)0x1234abcd, (void *)0x1234abcd);
	CASE("[%#20px][%020px]", (void *)0x1234abcd, (void *)0x1234abcd);
	CASE("[%px]", errp);
	CASE("[%pK][%pK]", NULL, errp);
	CASE("[%.5p]", NULL);
	CASE("[%pQ]", NULL);
	CASE("[%pZZZ9]x", NULL);
	/* errors */
	CASE("[%pe][%pe][%pe]", errp, (void *)-12L, (void *)-4000L);
	CASE("[%10pe][%-10pe][%10pe]", errp, (void *)-12L, (void *)-4000L);
	CASE("[%pe]", NULL);
	CASE("[%pe][%pe][%pe][%pe]", (void *)-1L, (void *)-11L, (void *)-35L, (void *)-95L);
	CASE("[%pe][%pe][%pe][%pe]", (void *)-512L, (void *)-517L, (void *)-524L, (void *)-131L);
	CASE("[%pe][%pe][%pe][%pe]", (void *)-121L, (void *)-125L, (void *)-133L, (void *)-134L);
	CASE("[%pe][%pe][%pe]", (void *)-41L, (void *)-58L, (void *)-523L);
	/* network */
	CASE("[%pM][%pMR][%pMF][%pm][%pmR]", mac, mac, mac, mac, mac);
	CASE("[%20pM][%-20pM][%pMX]", mac, mac, mac);
	CASE("[%pM][%pm]", NULL, NULL);
	CASE("[%pI4][%pi4][%pI4h][%pI4n][%pI4b][%pI4l]", ipv4, ipv4, ipv4, ipv4, ipv4, ipv4);
	CASE("[%pi4h][%pi4l][%pi4b]", ipv4, ipv4, ipv4);
	CASE("[%20pI4][%-20pI4][%20pi4][%pI4]", ipv4, ipv4, ipv4, ipv4small);
	CASE("[%pI4][%pI6]", NULL, NULL);
	CASE("[%pI6][%pi6][%pI6c]", ipv6, ipv6, ipv6);
	CASE("[%pI6c][%pI6c][%pI6c]", ipv6zero, ipv6loop, ipv6mapped);
	CASE("[%pI6c][%pI6c][%pI6c]", ipv6gaps, ipv6one, ipv6isatap);
	CASE("[%45pI6c][%-45pI6c]", ipv6, ipv6);
	CASE("[%pI7][%pI]", ipv4, ipv4);
	CASE("[%pIS][%pISp][%piS][%piSp]", sockaddr4, sockaddr4, sockaddr4, sockaddr4);
	CASE("[%pISh][%pISl][%pISc][%pISpc]", sockaddr4, sockaddr4, sockaddr4, sockaddr4);
	CASE("[%pIS][%pISc]", sockaddr6, sockaddr6);
	CASE("[%pISp][%pISpc][%pISpfsc][%pISf]", sockaddr6, sockaddr6, sockaddr6, sockaddr6);
	CASE("[%piS][%piSc][%piSpc]", sockaddr6, sockaddr6, sockaddr6);
	CASE("[%pIS]", sockaddrx);
	/* UUIDs */
	CASE("[%pUb][%pUB][%pUl][%pUL][%pU]", uuid16, uuid16, uuid16, uuid16, uuid16);
	CASE("[%40pUb][%-40pUb][%pU]", uuid16, uuid16, NULL);
	/* bytes */
	CASE("[%ph][%4ph][%*ph]", mac, mac, 6, mac);
	CASE("[%*phC][%*phD][%*phN]", 6, mac, 6, mac, 6, mac);
	CASE("[%0ph][%70ph]", mac, bytes64);
	CASE("[%1ph][%64phN]", mac, bytes64);
	CASE("[%*ph][%4ph]", -3, mac, NULL);
	/* bitmaps */
	CASE("[%*pb][%*pbl]", 8, bits, 8, bits);
	CASE("[%*pb][%*pbl]", 64, bits, 64, bits);
	CASE("[%*pb][%*pbl]", 100, bits, 100, bits);
	CASE("[%*pb][%*pbl]", 0, bits, 0, bits);
	CASE("[%*pb][%*pbl]", 37, bitsfull, 37, bitsfull);
	CASE("[%pb][%*pbl]", bits, 3, NULL);
	/* addresses */
	CASE("[%pa][%pad][%pap]", &phys, &phys, &phys);
	CASE("[%20pa][%pa]", &phys, NULL);
	/* resources */
	CASE("[%pr]", res_mem);
	CASE("[%pR]", res_mem);
	CASE("[%pr][%pR]", res_io, res_io);
	CASE("[%pr][%pR]", res_irq, res_irq);
	CASE("[%pr][%pR]", res_dma, res_dma);
	CASE("[%pr][%pR]", res_bus, res_bus);
	CASE("[%pr][%pR]", res_none, res_none);
	CASE("[%pr][%pR]", res_unset, res_unset);
	CASE("[%pr][%pR]", res_disabled, res_disabled);
	CASE("[%pr][%pR]", res_mem64, res_mem64);
	CASE("[%60pr][%pR]", res_io, NULL);
	/* names of files */
	CASE("[%pd][%pd1][%pd2][%pd3][%pd4]", dentry_c, dentry_c, dentry_c, dentry_c, dentry_c);
	CASE("[%pd][%pd2]", dentry_root, dentry_root);
	CASE("[%10pd][%-10pd][%.2pd]", dentry_b, dentry_b, dentry_c);
	CASE("[%pD][%pD2][%pD4]", file_c, file_c, file_c);
	CASE("[%pd][%pD]", NULL, NULL);
	/* time */
	CASE("[%ptR][%ptRd][%ptRt]", rtc, rtc, rtc);
	CASE("[%ptRr][%ptRdr][%ptRtr]", rtc, rtc, rtc);
	CASE("[%ptRs][%ptRds][%ptRts][%ptRdts]", rtc, rtc, rtc, rtc);
	CASE("[%ptT][%ptTd][%ptTt][%ptTs]", &time64, &time64, &time64, &time64);
	CASE("[%ptTdr][%ptTtr][%ptTrs]", &time64, &time64, &time64);
	CASE("[%ptR][%ptT]", rtc_bad, &time64neg);
	CASE("[%30ptR][%pt][%ptX]", rtc, rtc, rtc);
	CASE("[%ptR]", NULL);
	/* escaped text */
	CASE("[%*pE]", 12, "a\tb\n\x01\"\\\x7f\xff z");
	CASE("[%*pEa][%*pEc]", 4, "a\t\x01z", 4, "a\t\x01z");
	CASE("[%*pEh][%*pEn]", 4, "a\t\x01z", 4, "a\0\x01z");
	CASE("[%*pEo][%*pEp]", 4, "a\t\x01z", 4, "a\t\x01z");
	CASE("[%*pEs][%*pEhp]", 4, "a\t\x01z", 4, "a\t\x01z");
	CASE("[%pE][%3pE]", "a\t\x01z", NULL);
	/* flags */
	CASE("[%pGg]", &gfp);
	CASE("[%pGv]", &vmflags);
	CASE("[%pGg][%pGg]", &gfpzero, &gfpodd);
	CASE("[%pGx]", &gfp);
	/* four characters */
	CASE("[%p4cc]", &fourcc);
	CASE("[%p4cc][%p4cc]", &fourccbig, &fourccodd);
	CASE("[%p4]", &fourcc);
	/* a format in a format */
	CASE("[%pV]", vaf);
	CASE("[%pV]", NULL);
	/* device tree, clocks and others that are not there */
	CASE("[%pOF][%pO]", NULL, NULL);
	CASE("[%pfw][%pf]", NULL, NULL);
	CASE("[%pC][%pCn]", NULL, NULL);
	CASE("[%pNF][%pN]", &features, &features);
	CASE("[%pg]", NULL);
	CASE("[%pks][%pus][%pk]", "kernel text", NULL, "x");
	/* symbols without a symbol */
	CASE("[%pS][%ps][%pB]", (void *)0x1234, (void *)0x1234, (void *)0x1234);
	CASE("[%20pS][%pSR][%pSb]", (void *)0x1234, (void *)0x1234, (void *)0x1234);
	CASE("[%pS][%ps]", NULL, NULL);
	CASE("[%pF]", NULL);
	CASE("[%pA]", NULL);
	CASE("[%pT]", NULL);
}
