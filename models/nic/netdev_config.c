/* Configuration space of a function (PCI Express Base 4.0 chapter 7, VIRTIO 1.1 section 4.1). */
#include <string.h>

#include "models/nic/netdev.h"

enum {
	VENDOR = 0x1af4,
	DEVICE = 0x1041, /* network device, modern */
	CAP_EXPRESS = 0x40,
	CAP_MSIX = 0x7c,
	CAP_COMMON = 0x88,
	CAP_NOTIFY = 0x98,
	CAP_ISR = 0xac,
	CAP_DEVICE = 0xbc,
	CAP_ACCESS = 0xcc,
	CAP_PLACE = 0xe0,
	EXPRESS_DEVCTL = CAP_EXPRESS + 8,
	EXPRESS_FLR = 1 << 15,
};

/* --- configuration space ---------------------------------------------------------------------------------------------- */


static void put_virtio(uint8_t *space, uint8_t at, uint8_t next, uint8_t length, uint8_t type, uint32_t offset, uint32_t bytes)
{
	space[at] = 9; /* vendor specific */
	space[at + 1] = next;
	space[at + 2] = length;
	space[at + 3] = type;
	netdev_put_le(space + at + 8, 4, offset);
	netdev_put_le(space + at + 12, 4, bytes);
}

static void fill_space(const struct netdev_function *function, unsigned f, uint8_t space[256])
{
	memset(space, 0, 256);
	netdev_put_le(space, 4, DEVICE << 16 | VENDOR);
	netdev_put_le(space + 4, 2, function->command);
	netdev_put_le(space + 6, 2, 0x10u | (function->isr ? 8u : 0));
	netdev_put_le(space + 8, 4, 0x02000001); /* Ethernet controller, revision 1 */
	space[0x0e] = f % 8 == 0 ? 0x80 : 0;    /* more functions may follow */
	netdev_put_le(space + 0x10, 4, function->bar);
	netdev_put_le(space + 0x2c, 4, DEVICE << 16 | VENDOR);
	space[0x34] = CAP_EXPRESS;
	space[0x3c] = function->interrupt_line;
	space[0x3d] = 1; /* INTA */
	space[CAP_EXPRESS] = 0x10;
	space[CAP_EXPRESS + 1] = CAP_MSIX;
	netdev_put_le(space + CAP_EXPRESS + 2, 2, 0x0002);         /* version 2, endpoint */
	netdev_put_le(space + CAP_EXPRESS + 4, 4, 1u << 28 | 0x8001); /* function level reset; role-based errors; 256 bytes of payload */
	netdev_put_le(space + CAP_EXPRESS + 0x0c, 4, 0x43);
	netdev_put_le(space + CAP_EXPRESS + 0x12, 2, 0x43);
	space[CAP_MSIX] = 0x11;
	space[CAP_MSIX + 1] = CAP_COMMON;
	netdev_put_le(space + CAP_MSIX + 2, 2, function->msix_control);
	netdev_put_le(space + CAP_MSIX + 4, 4, NETDEV_BAR_MSIX);
	netdev_put_le(space + CAP_MSIX + 8, 4, NETDEV_BAR_PENDING);
	put_virtio(space, CAP_COMMON, CAP_NOTIFY, 16, 1, NETDEV_BAR_COMMON, 0x38);
	put_virtio(space, CAP_NOTIFY, CAP_ISR, 20, 2, NETDEV_BAR_NOTIFY, 4 * NETDEV_QUEUES);
	netdev_put_le(space + CAP_NOTIFY + 16, 4, 4); /* multiplier */
	put_virtio(space, CAP_ISR, CAP_DEVICE, 16, 3, NETDEV_BAR_ISR, 1);
	put_virtio(space, CAP_DEVICE, CAP_ACCESS, 16, 4, NETDEV_BAR_DEVICE, 12);
	put_virtio(space, CAP_ACCESS, CAP_PLACE, 20, 5, function->access_offset, function->access_length);
	space[CAP_ACCESS + 4] = function->access_bar;
	put_virtio(space, CAP_PLACE, 0, 16, 9, NETDEV_BAR_PLACE, 4 * NETDEV_PLACE_REGISTERS);
}

/* The window of VIRTIO_PCI_CAP_PCI_CFG: BAR0 through configuration space. */
static bool window_valid(const struct netdev_function *function)
{
	uint32_t length = function->access_length;

	return function->access_bar == 0 && (length == 1 || length == 2 || length == 4) &&
	       function->access_offset <= NETDEV_BAR_BYTES - length && function->access_offset % length == 0;
}

static void config_write_field(struct netdev_state *net, unsigned f, unsigned at, unsigned bytes, uint32_t value)
{
	struct netdev_function *function = &net->function[f];
	uint8_t space[256];
	uint32_t word;

	fill_space(function, f, space);
	netdev_put_le(space + at, bytes, value);
	word = (uint32_t)netdev_le(space + (at & ~3u), 4);
	switch (at & ~3u) {
	case 0x04:
		function->command = word & (NETDEV_COMMAND_MEMORY | NETDEV_COMMAND_MASTER | NETDEV_COMMAND_INTX_OFF | 0x140);
		netdev_update_intx(net, f);
		break;
	case 0x10: function->bar = word & ~(NETDEV_BAR_BYTES - 1u); break;
	case 0x3c: function->interrupt_line = (uint8_t)word; break;
	case EXPRESS_DEVCTL:
		if (word & EXPRESS_FLR)
			netdev_reset_function(net, f);
		break;
	case CAP_MSIX:
		function->msix_control = (uint16_t)((word >> 16 & (NETDEV_MSIX_ENABLE | NETDEV_MSIX_MASK_ALL)) | (NETDEV_VECTORS - 1));
		netdev_update_intx(net, f);
		netdev_unmask(net, f);
		break;
	case CAP_ACCESS + 4: function->access_bar = (uint8_t)word; break;
	case CAP_ACCESS + 8: function->access_offset = word; break;
	case CAP_ACCESS + 12: function->access_length = word; break;
	case CAP_ACCESS + 16:
		if (window_valid(function))
			netdev_bar_write(net, f, function->access_offset, function->access_length, value);
		break;
	default: break;
	}
}

static uint32_t config_read_word(struct netdev_state *net, unsigned f, unsigned at)
{
	struct netdev_function *function = &net->function[f];
	uint8_t space[256];

	if (at >= sizeof(space))
		return 0;
	if (at == CAP_ACCESS + 16 && window_valid(function))
		return netdev_bar_read(net, f, function->access_offset, function->access_length);
	fill_space(function, f, space);
	return (uint32_t)netdev_le(space + at, 4);
}

/* The run of enabled bytes of a DW. */
unsigned netdev_enabled_run(unsigned enables, unsigned *first)
{
	unsigned count = 0;

	for (*first = 0; *first < 4 && !(enables >> *first & 1); ++*first)
		;
	while (*first + count < 4 && (enables >> (*first + count) & 1))
		count++;
	return count;
}

void netdev_config_request(struct netdev_state *net, const struct tlp *tlp)
{
	unsigned id = tlp_dw(tlp, 2) >> 16, f = id - NETDEV_FIRST_RID, at = tlp_dw(tlp, 2) & 0xffc, first, count;
	bool write = tlp_type(tlp) == TLP_CFGWR0;
	struct tlp *answer = netdev_push(net);

	memset(answer, 0, sizeof(*answer));
	tlp_make_completion(answer, id, tlp_requester(tlp), tlp_tag(tlp), TLP_SC, 4, 0, write ? 0 : 1);
	count = netdev_enabled_run(tlp_byte_enables(tlp) & 0xf, &first);
	if (!write)
		answer->beat[TLP_HEADER_BEATS] = config_read_word(net, f, at);
	else if (count > 0 && at < 256)
		config_write_field(net, f, at + first, count, (uint32_t)tlp->beat[TLP_HEADER_BEATS] >> (8 * first));
}

