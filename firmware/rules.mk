# The NIC's firmware: lwIP from its Debian source package, the RISC-V image, the host build that tests use.

LWIP_DIR := $(B)/src/lwip
LWIP_STAMP := $(LWIP_DIR)/.version

# What the NIC and the embedded targets use of lwIP: IPv4, TCP, UDP, ICMP, ARP, raw API.
LWIP_SOURCES := $(addprefix src/core/,def.c inet_chksum.c init.c ip.c mem.c memp.c netif.c pbuf.c raw.c stats.c \
    tcp.c tcp_in.c tcp_out.c timeouts.c udp.c ipv4/etharp.c ipv4/icmp.c ipv4/ip4.c ipv4/ip4_addr.c ipv4/ip4_frag.c) \
    src/netif/ethernet.c

$(LWIP_STAMP): .ci/fetch-sources
	$(call say,FETCH,$@)
	$(Q).ci/fetch-sources $(B)/src && touch $@

# lwip_library NAME, DIRECTORY of lwipopts.h, [EXTRA CFLAGS]: $(B)/lib/libNAME.a for the host.
# Users compile with $(call lwip_cflags,DIRECTORY) and name $(LWIP_STAMP) as order-only prerequisite.
# lwIP is not ours to fix: its warnings are off.
lwip_cflags = -I$(1) -Ifirmware/lwip/include -isystem $(LWIP_DIR)/src/include
define lwip_library
$(B)/lib/lib$(1).a: $(patsubst %.c,$(B)/obj/lwip-$(1)/%.o,$(LWIP_SOURCES))
	$$(call say,AR,$$@)
	$$(Q)mkdir -p $$(@D) && rm -f $$@ && $$(AR) rcs $$@ $$^
$(B)/obj/lwip-$(1)/%.o: $(LWIP_STAMP) $(wildcard $(2)/lwipopts.h) firmware/lwip/include/arch/cc.h
	$$(call say,CC,$$@)
	$$(Q)mkdir -p $$(@D) && $$(CC) -std=gnu11 $$(OPT) -g -w -D_GNU_SOURCE $(call lwip_cflags,$(2)) $(3) -c -o $$@ $(LWIP_DIR)/$$*.c
endef
