/*
 * The management mailbox: wire format between the board's console and the hypervisor.
 *
 * The mailbox is a region of host RAM that the device tree reserves (`/reserved-memory/mailbox@...`, compatible
 * "assay,mailbox"). All words are little-endian. One request is in flight at a time.
 *
 *   offset 0            struct mailbox_request   written by the console, read by the hypervisor
 *   offset 0x1000       struct mailbox_reply     written by the hypervisor, read by the console
 *   offset 0x100000     staging area: guest images, up to the end of the region (31 MiB of a 32 MiB region)
 *
 * Protocol:
 *   1. The console waits until `reply.magic` is MAILBOX_REPLY_MAGIC (the hypervisor is up; it writes that word when its
 *      management loop starts), writes the image into the staging area if there is one, fills the request's other words and
 *      writes `request.sequence` last, one more than before and never 0.
 *   2. PLIC source 38 is up while `request.sequence != reply.taken`. The hypervisor copies the request, then writes
 *      `reply.taken = request.sequence`.
 *   3. The hypervisor does the work, fills the reply and writes `reply.sequence = request.sequence` last.
 *      The console polls that word. Until then the console must leave request and staging area alone.
 *
 * A malformed request is answered with an error and never harms the hypervisor. Freestanding header, shared by both sides.
 */
#ifndef HYPERVISOR_MAILBOX_WIRE_H
#define HYPERVISOR_MAILBOX_WIRE_H

#include <stddef.h>
#include <stdint.h>

#define MAILBOX_REQUEST_MAGIC 0x5152424du /* "MBRQ" */
#define MAILBOX_REPLY_MAGIC 0x5052424du   /* "MBRP" */

#define MAILBOX_REQUEST_OFFSET 0x0u
#define MAILBOX_REPLY_OFFSET 0x1000u
#define MAILBOX_STAGING_OFFSET 0x100000u

#define MAILBOX_NAME_BYTES 32
#define MAILBOX_ARGS_BYTES 1024
#define MAILBOX_TEXT_BYTES 3840
#define MAILBOX_WORDS 8

/*
 * Operations. `a[i]` is request.argument[i], `v[i]` reply.value[i]; unnamed words are 0.
 * A VM is named by its number, which vm_create answers and which is the N of "[vmN]" on the console.
 */
enum mailbox_op {
    /* Answers v[0] = protocol version (MAILBOX_VERSION), v[1] = harts, v[2] = free guest memory in bytes. */
    MAILBOX_PING = 1,
    /*
     * Makes a stopped VM. request.name = its name (not empty, unique), a[0] = vCPUs (1..16), a[1] = memory in bytes (multiple of 2 MiB,
     * 4 MiB at least), a[2] = image's offset from the start of the staging area, a[3] = image's size in bytes (ELF or raw; raw
     * images are loaded 2 MiB above the VM's RAM base and entered there). a[3] = 0 takes the guest kernel that is built into the hypervisor.
     * A Linux Image is such a raw image. a[4], a[5] = offset of an initial RAM disk from the image's start, not before the image's part of
     * a[3] bytes that comes first, and its size; a[5] = 0: none. Both lie within the a[3] bytes, and what is before the disk is the image.
     * request.text = the guest's /chosen/bootargs. Answers v[0] = VM number. The staging area is free again once this is answered.
     */
    MAILBOX_VM_CREATE = 2,
    /* a[0] = VM, a[1] = VF (1-based). The VM must be stopped, VFs enabled, the VF free. The guest sees it as 00:01.0. */
    MAILBOX_VM_ASSIGN_VF = 3,
    /* a[0] = VM. Starts vCPU 0 at the image's entry. A VM starts once: to run it again, destroy and create it. */
    MAILBOX_VM_START = 4,
    /* a[0] = VM. Stops all vCPUs where they are; the VM then can only be destroyed. */
    MAILBOX_VM_STOP = 5,
    /* a[0] = VM, a[1] = MAILBOX_DESTROY_FORCE: a task that has it is ended first. Stops it if it runs, resets its VF, frees its memory and its number. */
    MAILBOX_VM_DESTROY = 6,
    /* Text: one line a VM, `vmN name=... state=... vcpus=... memory=... vf=...`. v[0] = number of VMs. */
    MAILBOX_VM_LIST = 7,
    /* a[0] = VM. Text: one `key value` a line, keys of enum vm_statistic's names; v[0] = state (enum mailbox_vm_state), v[1] = all exits. */
    MAILBOX_VM_STAT = 8,
    /* a[0] = number of VFs (1..16). Resets the PF, enables it and creates the VFs. Once. v[0] = PF routing id, v[1] = first VF's. */
    MAILBOX_PF_ENABLE = 9,
    /* a[0] = VF (1-based), a[1] = volume id or MAILBOX_NO_VOLUME to detach. */
    MAILBOX_VOLUME_ATTACH = 10,
    /* Text: the firmware's own list (vendor command 0xC4), printable characters only. v[0] = bytes. */
    MAILBOX_VOLUME_LIST = 11,
    /* a[0] = VF (1-based), a[1] = most commands a second, a[2] = most KiB a second; 0: no limit. */
    MAILBOX_VOLUME_LIMIT = 12,
    /* a[0] = VM, a[1] = vCPU, a[2] = hart. The vCPU goes to that hart at its next exit. */
    MAILBOX_VCPU_MIGRATE = 14,
    /* a[0] = VM, a[1] = vCPU, a[2] = 0 unpinned, 1 pinned to its hart, 2 pinned and the hart runs nothing else that is not pinned. */
    MAILBOX_VCPU_PIN = 15,
    /* a[0] = VM with a VF that has not started, a[1] = enum mailbox_path: how its device's interrupts come. */
    MAILBOX_VM_PATH = 16,
    /* a[0] = VM. Text: one line a vCPU, `vcpu N hart=H state=... pinned=... pc=...`. */
    MAILBOX_VCPU_LIST = 17,
    /* Text: one line a hart, `hart N guests=yes reserved=no`, and the BAU's counters, `count.direct N`. */
    MAILBOX_MACHINE = 18,
    /*
     * a[0] = number of VFs (0..16), once the PF is enabled, while VMs may run. Between two numbers above 0 there is a time without VFs: each VM that has one loses
     * it as if it had been pulled out (its registers and its configuration space read all ones, its DMA has ended), and gets it back, reset, with a
     * number that holds it. Volumes stay attached. Refused while a task has a VM with a VF.
     */
    MAILBOX_PF_SET_VFS = 20,
    /* a[0] = 1: from now on the BAU's caches are emptied all the time, 0: not. For measurements. */
    MAILBOX_BAU_COLD = 19,
    /* Text: one line a task, `task 7 snapshot vm0 state=running progress=62`, with error= or result= at the end; the oldest are forgotten.
     * v[0] = how many. */
    MAILBOX_TASK_LIST = 40,
    /* a[0] = task. Begins its end; what it did is undone first. */
    MAILBOX_TASK_CANCEL = 41,
    /* a[0] = VM that does not run. v[0] = number of a task whose result will be the CRC32C of the VM's memory. */
    MAILBOX_VM_CHECKSUM = 42,
    /* a[0] = volume id, a[1] = 1: make an empty snapshot volume of it. The volume stands behind the PF afterwards; snapshots go there. */
    MAILBOX_SNAPSHOT_VOLUME = 32,
    /*
     * a[0] = VM, a[1] = pages of the RAM queue (4..4096, 0: 256), a[2] = OR of enum mailbox_snapshot_flag, a[3] = compress while the queue is
     * filled less than this (percent), a[4] = ... or while less memory than this is free (bytes),
     * a[5] = milliseconds without any progress after which the volume counts as lost (0: 2000), a[6] = pages (0..32)
     * that a hart which runs guests walks in 120 us, while no idle hart helps and the volume could take more. request.name = the snapshot's name.
     * Answered when the VM runs on after the instant; the rest is a task. v[0] = snapshot's id, v[1] = cycles for which the vCPUs were
     * held, v[2] = task.
     */
    MAILBOX_SNAPSHOT_START = 33,
    /* v[0] = enum mailbox_snapshot_phase, v[1] = percent, v[2] = id. Text: a "key value" a line of the snapshot under way, or of the last. */
    MAILBOX_SNAPSHOT_STATUS = 34,
    /* a[0] = MiB (1..1024). Writes that much to the volume's free room as fast as the PF's queue takes it. v[0] = nanoseconds. */
    MAILBOX_SNAPSHOT_BENCH = 35,
    /* Text: one line a snapshot of the volume. v[0] = how many. */
    MAILBOX_SNAPSHOT_LIST = 36,
    /* a[0] = id. Removes it, unless another builds on it. */
    MAILBOX_SNAPSHOT_REMOVE = 37,
    /*
     * a[0] = id, a[1] = VM that becomes what the snapshot holds (it may run; same memory, vCPUs and device), or MAILBOX_NEW_VM: a fresh VM of
     * request.name is made; a[2] = its VF (0: none). v[0] = VM, v[1] = task. On an error, then or of the task, the VM is as it was, or there is
     * none. A VM that runs goes on until all is loaded.
     */
    MAILBOX_VM_RESTORE = 38,
    /* v[0] = phase (none, loading, done, failed), v[1] = percent, v[2] = id. Text: a "key value" a line of the restore under way, or of the last. */
    MAILBOX_RESTORE_STATUS = 39,
    /* a[0] = VM. v[0] = hgatp of its second stage, v[1] = its RAM's guest-physical base, v[2] = the RAM's bytes: what it takes to read its memory. */
    MAILBOX_VM_MEMORY = 48,
    /* a[0] = VM, a[1] = network function (0-based). The VM must be stopped, the function there and free. The guest sees it as 00:02.0. */
    MAILBOX_VM_ASSIGN_NET = 50,
    /** Firmware of the NIC: argument 0 slot (0: the one that does not run), 1 commit action, 3 bytes of the image in the staging area. Reply 0: NVMe status. */
    MAILBOX_NIC_UPDATE = 60,
    MAILBOX_OPS = 64
};

#define MAILBOX_VERSION 1u
#define MAILBOX_NO_VOLUME 0xffffffffull
#define MAILBOX_NEW_VM 0xffffffffull
#define MAILBOX_DESTROY_FORCE 1ull

enum mailbox_snapshot_flag {
    MAILBOX_SNAPSHOT_PACK = 1,         /* compress always */
    MAILBOX_SNAPSHOT_RAW = 2,          /* compress never; neither: by load and memory */
    MAILBOX_SNAPSHOT_INCREMENTAL = 4,  /* only what changed since the VM's last snapshot */
    MAILBOX_SNAPSHOT_STOP = 16,        /* hold the VM until all is saved: the baseline of measurements */
    MAILBOX_SNAPSHOT_KEEP = 8          /* go on noting what changes, so that the next may be incremental */
};

enum mailbox_snapshot_phase {
    MAILBOX_SNAPSHOT_NONE = 0,
    MAILBOX_SNAPSHOT_SAVING = 1,
    MAILBOX_SNAPSHOT_ENDING = 2, /* failed; its last writes are still on their way */
    MAILBOX_SNAPSHOT_COMPLETE = 3,
    MAILBOX_SNAPSHOT_FAILED = 4
};

enum mailbox_path {
    MAILBOX_PATH_DIRECT = 0,    /* the hart's guest interrupt, without the hypervisor as long as the vCPU runs */
    MAILBOX_PATH_BROADCAST = 1, /* every message goes to the hypervisor, which raises the guest interrupt */
    MAILBOX_PATH_CLASSICAL = 2, /* every message goes to the hypervisor, which raises a line of the virtual PLIC */
    MAILBOX_PATH_MISMATCH = 3,  /* as direct, but the harts never say that they run the vCPU: each signal is a receiver mismatch */
    MAILBOX_PATH_INTX = 4,      /* as classical, for drivers that know neither MSI-X nor the BAU: the VF shows INTA, PLIC source 12 */
    MAILBOX_PATHS
};

enum mailbox_vm_state {
    MAILBOX_VM_CREATED = 0, /* never ran */
    MAILBOX_VM_RUNNING = 1,
    MAILBOX_VM_STOPPED = 2, /* by vm_stop */
    MAILBOX_VM_SHUTDOWN = 3, /* the guest asked for it through SBI */
    MAILBOX_VM_CRASHED = 4,  /* the guest did what has no architectural answer */
    MAILBOX_VM_PAUSED = 5    /* held still by the hypervisor for a moment */
};

/* reply.status. Negative values are errors; reply.text then holds one line that says what and why. */
enum mailbox_status {
    MAILBOX_OK = 0,
    MAILBOX_BAD_OP = -1,       /* unknown op or bad magic */
    MAILBOX_BAD_ARGUMENT = -2, /* a value out of range */
    MAILBOX_NO_SUCH_VM = -3,
    MAILBOX_NO_MEMORY = -4, /* memory, VMs or vCPUs exhausted */
    MAILBOX_BAD_STATE = -5, /* not possible in the VM's or device's present state */
    MAILBOX_BAD_IMAGE = -6, /* not an RV64 ELF that fits the VM's memory */
    MAILBOX_NO_DEVICE = -7, /* no PF, no BAU or no such VF */
    MAILBOX_DEVICE_ERROR = -8, /* the PF answered an NVMe error: v[0] = status field (SCT << 8 | SC) */
    MAILBOX_TIMEOUT = -9,      /* the PF did not answer in time */
    MAILBOX_BUSY = -20         /* a task has it to itself: reply.text is "busy: task 7 snapshot vm0 62 %" */
};

struct mailbox_request {
    uint32_t magic;    /* MAILBOX_REQUEST_MAGIC */
    uint32_t sequence; /* written last */
    uint32_t op;       /* enum mailbox_op */
    uint32_t reserved; /* 0 */
    uint64_t argument[MAILBOX_WORDS];
    char name[MAILBOX_NAME_BYTES]; /* NUL-terminated */
    char text[MAILBOX_ARGS_BYTES]; /* NUL-terminated */
};

struct mailbox_reply {
    uint32_t magic;    /* MAILBOX_REPLY_MAGIC from the moment when requests are served */
    uint32_t taken;    /* sequence of the last request that was copied: lowers the doorbell */
    uint32_t sequence; /* sequence of the last request that was answered; written last */
    int32_t status;    /* enum mailbox_status */
    uint64_t value[MAILBOX_WORDS];
    uint32_t text_bytes; /* without the NUL */
    uint32_t reserved;   /* 0 */
    char text[MAILBOX_TEXT_BYTES]; /* NUL-terminated */
};

_Static_assert(sizeof(struct mailbox_request) == 1136, "mailbox request layout");
_Static_assert(offsetof(struct mailbox_request, argument) == 16, "mailbox request layout");
_Static_assert(sizeof(struct mailbox_reply) == 3928, "mailbox reply layout");
_Static_assert(offsetof(struct mailbox_reply, text) == 88, "mailbox reply layout");

#endif
