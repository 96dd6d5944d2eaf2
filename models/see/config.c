/* Configuration space: value = ROM ^ stored bits, so that a cleared store is the reset state; section 9. */
#include "models/see/internal.h"

#include <string.h>

static const uint32_t INTERRUPT_STATUS = 1 << 19;

struct config_dw {
	uint16_t offset;
	uint32_t rom, mask;
};

static const struct config_dw pf_space[] = {
	{0x000, SEE_PF_DEVICE_ID << 16 | SEE_VENDOR_ID, 0},
	{0x004, 0x00100000, 0x00000546},
	{0x008, SEE_CLASS_REVISION, 0},
	{0x00c, 0, 0x000000ff},
	{0x010, 0x00000004, 0xffffc000},
	{0x014, 0, 0xffffffff},
	{0x02c, 0x0001u << 16 | SEE_VENDOR_ID, 0},
	{0x034, 0x00000040, 0},
	{0x03c, 0x00000100, 0x000000ff},
	{0x040, 0x00035001, 0},
	{0x044, 0x00000008, 0x00000003},
	{0x050, 0x00086011, 0xc0000000},
	{0x054, SEE_MSIX_TABLE, 0},
	{0x058, SEE_MSIX_PBA, 0},
	{0x060, 0x00020010, 0},
	{0x064, 0x10008001, 0},
	{0x068, 0x00002810, 0x00007fff},
	{0x06c, 0x00000084, 0},
	{0x070, 0x00840000, 0},
	{0x100, 0x14020001, 0},
	{0x108, 0, 0x003ff030},
	{0x10c, 0x00462030, 0x003ff030},
	{0x114, 0x00002000, 0x000031c1},
	{0x140, 0x00010010, 0},
	{0x148, 0, 0x00000009},
	{0x14c, 0x00100010, 0},
	{0x150, 0, 0x0000ffff},
	{0x154, 0x00010008, 0},
	{0x158, SEE_VF_DEVICE_ID << 16, 0},
	{0x15c, 0x00000001, 0},
	{0x160, 0x00000001, 0},
	{0x164, 0x00000004, 0xffffc000},
	{0x168, 0, 0xffffffff},
};

static const struct config_dw vf_space[] = {
	{0x000, 0xffffffff, 0},
	{0x004, 0x00100000, 0x00000004},
	{0x008, SEE_CLASS_REVISION, 0},
	{0x02c, 0x0001u << 16 | SEE_VENDOR_ID, 0},
	{0x034, 0x00000040, 0},
	{0x040, 0x00035001, 0},
	{0x044, 0x00000008, 0x00000003},
	{0x050, 0x00086011, 0xc0000000},
	{0x054, SEE_MSIX_TABLE, 0},
	{0x058, SEE_MSIX_PBA, 0},
	{0x060, 0x00020010, 0},
	{0x064, 0x10008001, 0},
	{0x06c, 0x00000084, 0},
	{0x100, 0x00020001, 0},
	{0x10c, 0x00462030, 0},
	{0x114, 0x00002000, 0},
};

static const struct config_dw nothing = {0, 0, 0};

static const struct config_dw *find(unsigned fn, unsigned dw)
{
	const struct config_dw *space = fn ? vf_space : pf_space;
	unsigned entries = (unsigned)(fn ? sizeof(vf_space) / sizeof(*vf_space) : sizeof(pf_space) / sizeof(*pf_space));
	for (unsigned i = 0; i < entries; i++)
		if (space[i].offset == dw * 4)
			return &space[i];
	return &nothing;
}

static uint32_t value(const struct see *s, unsigned fn, unsigned offset)
{
	return find(fn, offset / 4)->rom ^ s->functions[fn].cfg[offset / 4];
}

uint32_t see_config_read(const struct see *s, unsigned fn, unsigned dw)
{
	if (dw >= 128)
		return 0;
	bool interrupts = fn == 0 && dw == SEE_CFG_COMMAND / 4 && see_intx_status(s);
	return value(s, fn, dw * 4) | (interrupts ? INTERRUPT_STATUS : 0);
}

static void follow_pf(struct see *s)
{
	uint32_t control = value(s, 0, SEE_CFG_SRIOV_CONTROL);
	s->mse = value(s, 0, SEE_CFG_COMMAND) >> 1 & 1;
	s->intx_off = value(s, 0, SEE_CFG_COMMAND) >> 10 & 1;
	s->bar0 = ((uint64_t)value(s, 0, SEE_CFG_BAR0 + 4) << 32 | value(s, 0, SEE_CFG_BAR0)) >> 14;
	s->vf_en = control & 1;
	s->vf_mse = control >> 3 & 1;
	s->numvfs = (uint16_t)value(s, 0, SEE_CFG_SRIOV_NUMVFS);
	s->vf_bar = ((uint64_t)value(s, 0, SEE_CFG_SRIOV_BAR0 + 4) << 32 | value(s, 0, SEE_CFG_SRIOV_BAR0)) >> 14;
}

/* The flops that the other units see follow the stored bits. */
static void follow(struct see *s, unsigned fn)
{
	struct see_function *f = &s->functions[fn];
	uint32_t msix = value(s, fn, SEE_CFG_MSIX);
	s->bme = (s->bme & ~(1u << fn)) | (value(s, fn, SEE_CFG_COMMAND) >> 2 & 1) << fn;
	f->msix_en = (uint8_t)(msix >> 31);
	f->msix_fmask = msix >> 30 & 1;
	if (fn == 0)
		follow_pf(s);
}

static uint32_t vf_set(const struct see *s)
{
	return ((1u << vfs(s)) - 1) << 1;
}

void see_config_write(struct see *s, unsigned fn, unsigned dw, uint32_t data, unsigned be)
{
	if (dw >= 128)
		return;
	const struct config_dw *entry = find(fn, dw);
	uint32_t m = entry->mask & (uint32_t)byte_mask(be & 15);
	uint32_t had_vfs = vf_set(s);
	if (fn == 0 && dw == SEE_CFG_SRIOV_NUMVFS / 4 && s->vf_en)
		m = 0;
	uint32_t old = entry->rom ^ s->functions[fn].cfg[dw];
	s->functions[fn].cfg[dw] = ((old & ~m) | (data & m)) ^ entry->rom;
	bool was_enabled = s->vf_en;
	follow(s, fn);
	if (dw == SEE_CFG_DEVCTL / 4 && data & 1u << 15 && be & 2)
		s->flr_req |= 1u << fn | (fn == 0 ? had_vfs : 0);
	if (was_enabled && !s->vf_en)
		s->flr_req |= had_vfs;
}

void see_config_reset(struct see *s, unsigned fn)
{
	memset(s->functions[fn].cfg, 0, sizeof(s->functions[fn].cfg));
	follow(s, fn);
}
