/* Page states and the G-stage together: 2 MiB leaves that are made read-only as a whole, split at the first write into them and put together again. */
#include <stdlib.h>
#include <string.h>

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/bau_hold.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/snapshot/protect.h"
#include "hypervisor/snapshot/session.h"
#include "testbench/gtest/test.h"

enum { FRAMES = 3, PAGES = 512 * FRAMES };

static int pages_out, pages_left = 1 << 30;
static unsigned shootdowns, saved[PAGES];
static enum page_state saved_from[PAGES];

void *memory_page_alloc(void)
{
	if (!pages_left)
		return NULL;
	pages_left--;
	pages_out++;
	return memset(aligned_alloc(PAGE_BYTES, PAGE_BYTES), 0, PAGE_BYTES);
}

void memory_page_free(void *page)
{
	pages_out--;
	free(page);
}

void *memory_root_alloc(void)
{
	return memset(aligned_alloc(ROOT_BYTES, ROOT_BYTES), 0, ROOT_BYTES);
}

void memory_root_free(void *root)
{
	free(root);
}

void *memory_frames_alloc(uint32_t frames)
{
	return memset(aligned_alloc(FRAME_BYTES, frames * FRAME_BYTES), 0, frames * FRAME_BYTES);
}

void memory_frames_free(void *frames, uint32_t count)
{
	(void)count;
	free(frames);
}

void gstage_shootdown(uint32_t vmid)
{
	(void)vmid;
	shootdowns++;
}

void bau_forget_translations(uint32_t vmid)
{
	(void)vmid;
}

void bau_hold_set_handler(bau_hold_handler *handler)
{
	(void)handler;
}

void event_emit(enum event_software code, uint16_t function, uint32_t id, uint64_t value)
{
	(void)code, (void)function, (void)id, (void)value;
}

bool snapshot_session_has_room(void)
{
	return true;
}

void snapshot_session_save(struct vm *vm, uint32_t page, enum page_state was, enum page_reason reason)
{
	(void)vm, (void)reason;
	saved[page]++;
	saved_from[page] = was;
}

static struct vm vm;

static gpa_t at(uint32_t page)
{
	return GPA(VM_RAM_BASE + page * PAGE_BYTES);
}

static bool is_writable(uint32_t page)
{
	int level;
	const uint64_t *leaf = gstage_leaf(&vm.gstage, at(page), &level);
	return leaf && (gstage_leaf_access(*leaf) & GSTAGE_WRITE);
}

static bool is_large(uint32_t page)
{
	int level = 0;
	return gstage_leaf(&vm.gstage, at(page), &level) && level == 1;
}

static void set_up(void)
{
	memset(&vm, 0, sizeof vm);
	memset(saved, 0, sizeof saved);
	pages_left = 1 << 30;
	vm.memory_bytes = FRAMES * FRAME_BYTES;
	vm.memory = memory_frames_alloc(FRAMES);
	gstage_create(&vm.gstage);
	gstage_map(&vm.gstage, GPA(VM_RAM_BASE), (hpa_t)vm.memory, vm.memory_bytes, GSTAGE_RAM);
	snapshot_pages_create(&vm);
}

static void tear_down(void)
{
	snapshot_pages_destroy(&vm);
	gstage_destroy(&vm.gstage);
	free(vm.memory);
}

TEST(snapshot_protect, splits_what_is_written_and_puts_it_together_again)
{
	set_up();
	int tables = pages_out;
	unsigned before = shootdowns;
	snapshot_protect(&vm, false);
	ASSERT_EQ(shootdowns, before + 1);
	for (uint32_t page = 0; page < PAGES; page++)
		ASSERT_TRUE(is_large(page) && !is_writable(page) && vm.pages->state[page] == PAGE_PENDING);
	ASSERT_TRUE(snapshot_write_fault(&vm, GPA(at(600).value + 8), PAGE_BY_WRITE));
	ASSERT_EQ(pages_out, tables + 1);
	for (uint32_t page = 0; page < PAGES; page++) {
		ASSERT_EQ(is_large(page), page / 512 != 1);
		ASSERT_EQ(is_writable(page), page == 600);
		ASSERT_EQ(saved[page], page == 600);
	}
	snapshot_write_fault(&vm, at(600), PAGE_BY_DEVICE);
	ASSERT_EQ(saved[600], 1);
	ASSERT_FALSE(snapshot_write_fault(&vm, at(PAGES), PAGE_BY_WRITE));
	snapshot_unprotect(&vm);
	for (uint32_t page = 0; page < PAGES; page++)
		ASSERT_TRUE(is_large(page) && is_writable(page) && vm.pages->state[page] == PAGE_WRITABLE);
	ASSERT_EQ(pages_out, tables);
	tear_down();
}

/* What the guest has given back has no leaf; its 2 MiB stay split for as long. */
TEST(snapshot_protect, keeps_a_table_for_what_was_given_back)
{
	int level;
	set_up();
	ASSERT_TRUE(snapshot_page_give_back(&vm, at(5)));
	ASSERT_EQ(gstage_leaf(&vm.gstage, at(5), &level), NULL);
	snapshot_protect(&vm, false);
	ASSERT_EQ(vm.pages->at_instant[5], PAGE_ABSENT);
	ASSERT_TRUE(!is_large(4) && !is_writable(4) && is_large(512));
	snapshot_write_fault(&vm, at(5), PAGE_BY_WRITE);
	ASSERT_TRUE(is_writable(5) && saved[5] == 0);
	ASSERT_TRUE(snapshot_page_give_back(&vm, at(6)));
	ASSERT_EQ(saved[6], 1);
	snapshot_unprotect(&vm);
	ASSERT_TRUE(!is_large(4) && is_writable(4) && is_large(512));
	tear_down();
}

/* Without memory for a table the whole 2 MiB are saved at once. */
TEST(snapshot_protect, saves_all_of_a_leaf_that_cannot_be_split)
{
	set_up();
	snapshot_protect(&vm, false);
	pages_left = 0;
	snapshot_write_fault(&vm, at(700), PAGE_BY_WRITE);
	for (uint32_t page = 0; page < PAGES; page++) {
		ASSERT_EQ(saved[page], page / 512 == 1);
		ASSERT_EQ(is_writable(page), page / 512 == 1);
	}
	tear_down();
}

TEST(snapshot_protect, keeps_a_leaving_page_for_its_writer)
{
	set_up();
	snapshot_protect(&vm, false);
	ASSERT_TRUE(snapshot_page_claim(vm.pages, 8, PAGE_PENDING));
	ASSERT_FALSE(snapshot_page_claim(vm.pages, 8, PAGE_PENDING));
	snapshot_page_leaves(vm.pages, 8, 3);
	ASSERT_TRUE(snapshot_page_claim(vm.pages, 9, PAGE_PENDING));
	snapshot_page_leaves(vm.pages, 9, 4);
	snapshot_write_fault(&vm, at(8), PAGE_BY_WRITE);
	ASSERT_TRUE(saved[8] == 1 && saved_from[8] == PAGE_LEAVING && is_writable(8));
	ASSERT_FALSE(snapshot_page_left(vm.pages, 8));
	ASSERT_TRUE(snapshot_page_left(vm.pages, 9));
	ASSERT_EQ(vm.pages->state[9], PAGE_CLEAN);
	snapshot_write_fault(&vm, at(9), PAGE_BY_WRITE);
	ASSERT_TRUE(saved[9] == 0 && is_writable(9));
	tear_down();
}

/* An incremental snapshot has only what was written since; what nobody has touched stays the parent's. */
TEST(snapshot_protect, keeps_clean_pages_for_the_next)
{
	set_up();
	snapshot_protect(&vm, false);
	for (uint32_t page = 0; page < PAGES; page++) {
		snapshot_page_claim(vm.pages, page, PAGE_PENDING);
		snapshot_page_saved(vm.pages, page);
	}
	snapshot_write_fault(&vm, at(1), PAGE_BY_WRITE);
	snapshot_protect(&vm, true);
	for (uint32_t page = 0; page < PAGES; page++)
		ASSERT_EQ(vm.pages->at_instant[page], page == 1 ? PAGE_PENDING : PAGE_CLEAN);
	ASSERT_FALSE(is_writable(1));
	tear_down();
}
