/* The kernel of a running VM, seen from outside through its second stage and its own page table, and the watches on its functions.
 *
 * Nothing runs in the guest, and looking changes nothing that a run computes. What was found stands until the guest is another one
 * (rebooted, or gone): before each use the memory is compared with what it was found in.
 */
#ifndef ASSAY_SIM_CONSOLE_GUEST_H
#define ASSAY_SIM_CONSOLE_GUEST_H

#include "hypervisor/discover/session.h"
#include "sim/kernel/board.h"

enum { GUEST_MAX = 17, GUEST_HOOKS = 16, GUEST_NAME_BYTES = 64, GUEST_NATIVE = 16 /**< number of what runs without a second stage */ };

struct guest {
	struct board *board;
	unsigned number;		 /**< of the VM, or GUEST_NATIVE */
	uint64_t hgatp;			 /**< 0: no second stage */
	struct discover_physical host;	 /**< RAM of the board */
	struct paging second;		 /**< over host; unused without a second stage */
	struct discover_physical memory; /**< of the guest */
	struct paging paging;
	struct session session;
	bool open, known;
};

enum guest_hook_kind { GUEST_HOOK_CALL, GUEST_HOOK_SWITCH };

struct guest_hook {
	struct guest *guest; /**< NULL: free */
	enum guest_hook_kind kind;
	uint64_t va;
	char name[GUEST_NAME_BYTES];
	uint64_t hits;
};

struct guests {
	struct board *board;
	struct guest guest[GUEST_MAX];
	struct guest_hook hook[GUEST_HOOKS];
	uint64_t last_task[HOST_MAX_HARTS]; /**< whose name was logged last on that hart */
};

struct guests *guests_create(struct board *board);
void guests_destroy(struct guests *guests);

/** Names the second stage of a VM, or that there is none (@p hgatp 0).
 * @param base,bytes  its guest-physical RAM
 * @return the guest, discovered if it was not, or if it is not the same kernel any more; NULL with a reason in *why. */
struct guest *guests_look(struct guests *guests, unsigned number, uint64_t hgatp, uint64_t base, uint64_t bytes, const char **why);

/** From now on every call of @p function in that guest logs an event (guest.hook) with the process that made it, every switch of
 * processes one with the name (guest.process).
 * @param function  a target or an exported function; for GUEST_HOOK_SWITCH it is found by itself
 * @return 0, or -1 with a reason in *why. */
int guests_hook(struct guests *guests, struct guest *guest, enum guest_hook_kind kind, const char *function, const char **why);

/** @return 0, or -1 if there is no such hook. */
int guests_unhook(struct guests *guests, const struct guest *guest, enum guest_hook_kind kind, const char *function);

/** Forgets the guest and its hooks. */
void guests_forget(struct guests *guests, struct guest *guest);

#endif
