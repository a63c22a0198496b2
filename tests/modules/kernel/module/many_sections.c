// SPDX-License-Identifier: GPL-2.0-only
/* Two hundred sections of its own, as -ffunction-sections makes them; each one is used. */
#include <linux/module.h>

#define PART(n)                                                                                    \
	static int number##n __section(".data.number" #n) = n;                                     \
	static noinline __section(".text.part" #n) int part##n(int value)                          \
	{                                                                                          \
		return value + number##n;                                                          \
	}

PART(100)
PART(101)
PART(102) PART(103) PART(104) PART(105) PART(106) PART(107) PART(108) PART(109) PART(110) PART(111)
    PART(112) PART(113) PART(114) PART(115) PART(116) PART(117) PART(118) PART(119) PART(120)
	PART(121) PART(122) PART(123) PART(124) PART(125) PART(126) PART(127) PART(128) PART(129)
	    PART(130) PART(131) PART(132) PART(133) PART(134) PART(135) PART(136) PART(137)
		PART(138) PART(139) PART(140) PART(141) PART(142) PART(143) PART(144) PART(145)
		    PART(146) PART(147) PART(148) PART(149) PART(150) PART(151) PART(152) PART(153)
			PART(154) PART(155) PART(156) PART(157) PART(158) PART(159) PART(160)
			    PART(161) PART(162) PART(163) PART(164) PART(165) PART(166) PART(167)
				PART(168) PART(169) PART(170) PART(171) PART(172) PART(173)
				    PART(174) PART(175) PART(176) PART(177) PART(178) PART(179)
					PART(180) PART(181) PART(182) PART(183) PART(184) PART(185)
					    PART(186) PART(187) PART(188) PART(189) PART(190)
						PART(191) PART(192) PART(193) PART(194) PART(195)
						    PART(196) PART(197) PART(198) PART(199)

							static int __init many_sections_init(void)
{
	int sum = 0;

	sum = part100(sum);
	sum = part101(sum);
	sum = part102(sum);
	sum = part103(sum);
	sum = part104(sum);
	sum = part105(sum);
	sum = part106(sum);
	sum = part107(sum);
	sum = part108(sum);
	sum = part109(sum);
	sum = part110(sum);
	sum = part111(sum);
	sum = part112(sum);
	sum = part113(sum);
	sum = part114(sum);
	sum = part115(sum);
	sum = part116(sum);
	sum = part117(sum);
	sum = part118(sum);
	sum = part119(sum);
	sum = part120(sum);
	sum = part121(sum);
	sum = part122(sum);
	sum = part123(sum);
	sum = part124(sum);
	sum = part125(sum);
	sum = part126(sum);
	sum = part127(sum);
	sum = part128(sum);
	sum = part129(sum);
	sum = part130(sum);
	sum = part131(sum);
	sum = part132(sum);
	sum = part133(sum);
	sum = part134(sum);
	sum = part135(sum);
	sum = part136(sum);
	sum = part137(sum);
	sum = part138(sum);
	sum = part139(sum);
	sum = part140(sum);
	sum = part141(sum);
	sum = part142(sum);
	sum = part143(sum);
	sum = part144(sum);
	sum = part145(sum);
	sum = part146(sum);
	sum = part147(sum);
	sum = part148(sum);
	sum = part149(sum);
	sum = part150(sum);
	sum = part151(sum);
	sum = part152(sum);
	sum = part153(sum);
	sum = part154(sum);
	sum = part155(sum);
	sum = part156(sum);
	sum = part157(sum);
	sum = part158(sum);
	sum = part159(sum);
	sum = part160(sum);
	sum = part161(sum);
	sum = part162(sum);
	sum = part163(sum);
	sum = part164(sum);
	sum = part165(sum);
	sum = part166(sum);
	sum = part167(sum);
	sum = part168(sum);
	sum = part169(sum);
	sum = part170(sum);
	sum = part171(sum);
	sum = part172(sum);
	sum = part173(sum);
	sum = part174(sum);
	sum = part175(sum);
	sum = part176(sum);
	sum = part177(sum);
	sum = part178(sum);
	sum = part179(sum);
	sum = part180(sum);
	sum = part181(sum);
	sum = part182(sum);
	sum = part183(sum);
	sum = part184(sum);
	sum = part185(sum);
	sum = part186(sum);
	sum = part187(sum);
	sum = part188(sum);
	sum = part189(sum);
	sum = part190(sum);
	sum = part191(sum);
	sum = part192(sum);
	sum = part193(sum);
	sum = part194(sum);
	sum = part195(sum);
	sum = part196(sum);
	sum = part197(sum);
	sum = part198(sum);
	sum = part199(sum);
	pr_info("many_sections: %d\n", sum);
	return 0;
}

static void __exit many_sections_exit(void)
{
}

module_init(many_sections_init);
module_exit(many_sections_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
