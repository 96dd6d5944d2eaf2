#include "sim/vfio_user/device.h"

#include <errno.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "models/board/memory_map.h"

enum {
	COMMAND_MEMORY = 1 << 1,
	BAR_FLAGS = 0x4, /* memory, 64 bits wide */
	BAR_LOW_MASK = ~(DEVICE_BAR_BYTES - 1),
	MSIX_CONTROL = SEE_CFG_MSIX + 2,
	MSIX_WRITABLE = 0xc000,
	MSIX_ENABLE = 0x8000,
	VECTOR_MASKED = 1,
	FLR = 1 << 15,
	SRIOV_BYTES = 0x40,
	RESET_CYCLES = 2000000, /* far more than the firmware needs to answer a reset */
};

static const uint32_t RUNG = UINT32_MAX; /* in a doorbell's place: nothing new */

/* --- set-up ------------------------------------------------------------------------------------------------------ */

static void set_up(struct device *device)
{
	struct root_port *port = &device->port;

	root_port_config_write(port, device->bdf, SEE_CFG_BAR0, 4, (uint32_t)HOST_PCIE64_BASE);
	root_port_config_write(port, device->bdf, SEE_CFG_BAR0 + 4, 4, (uint32_t)(HOST_PCIE64_BASE >> 32));
	root_port_config_write(port, device->bdf, SEE_CFG_COMMAND, 2, device->command | COMMAND_MEMORY);
	device_program_vectors(device);
}

static void message(void *ctx, unsigned vector)
{
	struct device *device = ctx;
	if (vector < SEE_NUM_VECTORS)
		device_trigger(device, VFIO_PCI_MSIX_IRQ_INDEX, vector);
}

static void wire(void *ctx, bool level)
{
	struct device *device = ctx;
	device->wire_level = level;
	if (level && !device->wire_masked)
		device_trigger(device, VFIO_PCI_INTX_IRQ_INDEX, 0);
}

int device_open(struct device *device, struct board *board, struct dma *dma, unsigned bdf)
{
	*device = (struct device){.bdf = bdf, .wire_fd = -1, .port = {.message = message, .wire = wire, .ctx = device}};
	for (unsigned i = 0; i < SEE_NUM_VECTORS; i++)
		device->vector_fd[i] = -1;
	device->doorbell_file = memfd_create("doorbells", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (device->doorbell_file < 0 || ftruncate(device->doorbell_file, DEVICE_BAR_BYTES) != 0)
		return errno;
	device->doorbells = mmap(NULL, DEVICE_DOORBELL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, device->doorbell_file, DEVICE_DOORBELLS);
	if (device->doorbells == MAP_FAILED)
		return errno;
	memset(device->doorbells, 0xff, DEVICE_DOORBELL_BYTES);
	root_port_connect(&device->port, board, dma);
	device_reset(device, false);
	return 0;
}

void device_close(struct device *device)
{
	device_reset(device, true);
	root_port_disconnect(&device->port);
	munmap(device->doorbells, DEVICE_DOORBELL_BYTES);
	close(device->doorbell_file);
}

static void forget_eventfds(struct device *device)
{
	for (unsigned i = 0; i < SEE_NUM_VECTORS; i++)
		device_set_eventfd(device, VFIO_PCI_MSIX_IRQ_INDEX, i, -1);
	device_set_eventfd(device, VFIO_PCI_INTX_IRQ_INDEX, 0, -1);
	device->wire_masked = false;
}

void device_reset(struct device *device, bool forget_interrupts)
{
	uint32_t control = root_port_config_read(&device->port, device->bdf, SEE_CFG_DEVCTL, 2);

	if (forget_interrupts)
		forget_eventfds(device);
	root_port_config_write(&device->port, device->bdf, SEE_CFG_DEVCTL, 2, control | FLR);
	board_run(device->port.board, RESET_CYCLES);
	device->command = 0;
	device->bar[0] = device->bar[1] = 0;
	device->msix_control = 0;
	device->wire_level = false;
	memset(device->table, 0, sizeof device->table);
	memset(device->doorbells, 0xff, DEVICE_DOORBELL_BYTES);
	set_up(device);
}

/* --- configuration space ----------------------------------------------------------------------------------------- */

uint64_t device_region_bytes(unsigned region)
{
	return region == VFIO_PCI_BAR0_REGION_INDEX ? DEVICE_BAR_BYTES : region == VFIO_PCI_CONFIG_REGION_INDEX ? DEVICE_CONFIG_BYTES : 0;
}

static bool is_bar(uint64_t offset)
{
	return offset >= SEE_CFG_BAR0 && offset < SEE_CFG_BAR0 + 8;
}

static uint32_t bar_word(const struct device *device, unsigned word)
{
	return word ? device->bar[1] : (device->bar[0] & (uint32_t)BAR_LOW_MASK) | BAR_FLAGS;
}

static void put_byte(uint32_t *word, unsigned byte, uint8_t value)
{
	*word = (*word & ~(0xffu << byte * 8)) | (uint32_t)value << byte * 8;
}

/* The register that holds byte @p offset, as the client sees it. */
static uint32_t config_word(struct device *device, unsigned offset)
{
	offset &= ~3u;
	if (is_bar(offset))
		return bar_word(device, (offset - SEE_CFG_BAR0) / 4);
	uint32_t value = root_port_config_read(&device->port, device->bdf, offset, 4);
	if (offset == SEE_CFG_COMMAND)
		return (value & ~(uint32_t)COMMAND_MEMORY) | (device->command & COMMAND_MEMORY);
	if (offset == SEE_CFG_MSIX)
		return (value & ~((uint32_t)MSIX_WRITABLE << 16)) | (uint32_t)device->msix_control << 16;
	return value;
}

/* Virtual functions are this side's business: one function is given away. */
static bool is_kept(unsigned offset)
{
	return offset >= SEE_CFG_SRIOV && offset < SEE_CFG_SRIOV + SRIOV_BYTES;
}

static void write_config(struct device *device, unsigned offset, uint8_t value)
{
	if (is_bar(offset)) {
		put_byte(&device->bar[(offset - SEE_CFG_BAR0) / 4], offset % 4, value);
	} else if (offset == MSIX_CONTROL + 1) {
		device->msix_control = (uint16_t)(value << 8 & MSIX_WRITABLE);
	} else if (offset == SEE_CFG_DEVCTL + 1 && value & FLR >> 8) {
		device_reset(device, false);
	} else if (offset == SEE_CFG_COMMAND || offset == SEE_CFG_COMMAND + 1) {
		put_byte(&device->command, offset - SEE_CFG_COMMAND, value);
		root_port_config_write(&device->port, device->bdf, SEE_CFG_COMMAND, 2, device->command | COMMAND_MEMORY);
	} else if (!is_kept(offset)) {
		root_port_config_write(&device->port, device->bdf, offset, 1, value);
	}
}

/* --- BAR 0 ------------------------------------------------------------------------------------------------------- */

static bool in_table(uint64_t offset)
{
	return offset >= SEE_MSIX_TABLE && offset < SEE_MSIX_TABLE + DEVICE_TABLE_BYTES;
}

/* The largest naturally aligned access at @p offset. */
static unsigned access_bytes(uint64_t offset, unsigned left)
{
	unsigned size = 8;
	while (size > left || offset % size)
		size /= 2;
	return size;
}

static void read_bar(struct device *device, uint64_t offset, uint8_t *bytes, unsigned size)
{
	uint64_t value = 0;

	if (in_table(offset))
		memcpy(&value, device->table + (offset - SEE_MSIX_TABLE), size);
	else
		value = root_port_read(&device->port, HOST_PCIE64_BASE + offset, size);
	memcpy(bytes, &value, size);
}

static void write_bar(struct device *device, uint64_t offset, const uint8_t *bytes, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, bytes, size);
	if (in_table(offset))
		memcpy(device->table + (offset - SEE_MSIX_TABLE), bytes, size);
	else
		root_port_write(&device->port, HOST_PCIE64_BASE + offset, size, value);
}

static void read_config(struct device *device, unsigned offset, uint8_t *bytes, unsigned count)
{
	uint32_t word = config_word(device, offset);

	for (unsigned i = 0; i < count; i++) {
		if (i && (offset + i) % 4 == 0)
			word = config_word(device, offset + i);
		bytes[i] = (uint8_t)(word >> (offset + i) % 4 * 8);
	}
}

void device_read(struct device *device, unsigned region, uint64_t offset, uint8_t *bytes, unsigned count)
{
	unsigned size;

	if (region == VFIO_PCI_CONFIG_REGION_INDEX && count) {
		read_config(device, (unsigned)offset, bytes, count);
		return;
	}
	for (unsigned done = 0; done < count; done += size) {
		size = access_bytes(offset + done, count - done);
		read_bar(device, offset + done, bytes + done, size);
	}
}

void device_write(struct device *device, unsigned region, uint64_t offset, const uint8_t *bytes, unsigned count)
{
	unsigned size = 1;

	for (unsigned done = 0; done < count; done += size) {
		if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
			write_config(device, (unsigned)offset + done, bytes[done]);
		} else {
			size = access_bytes(offset + done, count - done);
			write_bar(device, offset + done, bytes + done, size);
		}
	}
}

bool device_poll_doorbells(struct device *device)
{
	bool rung = false;

	for (unsigned i = 0; i < DEVICE_DOORBELL_BYTES / 4; i++) {
		if (device->doorbells[i] == RUNG)
			continue;
		uint32_t value = __atomic_exchange_n(&device->doorbells[i], RUNG, __ATOMIC_SEQ_CST);
		root_port_write(&device->port, HOST_PCIE64_BASE + DEVICE_DOORBELLS + 4 * i, 4, value);
		rung = true;
	}
	return rung;
}

/* --- interrupts -------------------------------------------------------------------------------------------------- */

unsigned device_irq_count(unsigned index)
{
	return index == VFIO_PCI_MSIX_IRQ_INDEX ? SEE_NUM_VECTORS : index == VFIO_PCI_INTX_IRQ_INDEX ? 1 : 0;
}

static int *eventfd_of(struct device *device, unsigned index, unsigned number)
{
	return index == VFIO_PCI_MSIX_IRQ_INDEX ? &device->vector_fd[number] : &device->wire_fd;
}

void device_set_eventfd(struct device *device, unsigned index, unsigned number, int fd)
{
	int *place = eventfd_of(device, index, number);
	if (*place >= 0)
		close(*place);
	*place = fd;
	if (index == VFIO_PCI_INTX_IRQ_INDEX && fd >= 0)
		device_mask(device, index, 0, false);
}

static void write_vector(struct device *device, unsigned vector, bool masked)
{
	uint64_t entry = HOST_PCIE64_BASE + SEE_MSIX_TABLE + 16 * vector;

	root_port_write(&device->port, entry, 8, ROOT_PORT_MESSAGES + 4 * vector);
	root_port_write(&device->port, entry + 8, 8, (uint64_t)(masked ? VECTOR_MASKED : 0) << 32 | vector);
}

void device_program_vectors(struct device *device)
{
	bool any = false;

	for (unsigned i = 0; i < SEE_NUM_VECTORS; i++) {
		any |= device->vector_fd[i] >= 0;
		write_vector(device, i, device->vector_fd[i] < 0);
	}
	root_port_config_write(&device->port, device->bdf, MSIX_CONTROL, 2, any ? MSIX_ENABLE : 0);
}

/* An eventfd is full after 2^64 - 2 interrupts that nobody has read: the client's loss. */
void device_trigger(struct device *device, unsigned index, unsigned number)
{
	int fd = *eventfd_of(device, index, number);
	uint64_t one = 1;

	if (fd < 0)
		return;
	device->interrupts++;
	if (index == VFIO_PCI_INTX_IRQ_INDEX)
		device->wire_masked = true; /* VFIO_IRQ_INFO_AUTOMASKED */
	if (write(fd, &one, sizeof one) != sizeof one)
		device_set_eventfd(device, index, number, -1);
}

void device_mask(struct device *device, unsigned index, unsigned number, bool masked)
{
	if (index != VFIO_PCI_INTX_IRQ_INDEX)
		return;
	device->wire_masked = masked;
	if (!masked && device->wire_level)
		device_trigger(device, index, number);
}
