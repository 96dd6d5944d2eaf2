/* Consoles of guests: the legacy calls and the debug console extension. Guests have no input. */
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/sbi.h"

enum dbcn_function { DBCN_WRITE, DBCN_READ, DBCN_WRITE_BYTE };

#define DBCN_MOST_BYTES 4096u

struct sbi_result guest_sbi_legacy_putchar(struct vcpu *v, uint64_t function, const uint64_t *a) {
    (void)function;
    vm_console_put(v->vm, (char)a[0]);
    return (struct sbi_result){SBI_SUCCESS, 0};
}

struct sbi_result guest_sbi_legacy_getchar(struct vcpu *v, uint64_t function, const uint64_t *a) {
    (void)v;
    (void)function;
    (void)a;
    return (struct sbi_result){SBI_FAILED, 0};
}

/* At most DBCN_MOST_BYTES a call: the extension lets us write less than asked. All of the buffer must be the guest's all the same. */
static struct sbi_result write(struct vm *vm, const uint64_t *a) {
    uint64_t bytes = a[0] < DBCN_MOST_BYTES ? a[0] : DBCN_MOST_BYTES;
    const char *text = vm_memory(vm, GPA(a[1]), a[0]);
    if (!text || a[2])
        return (struct sbi_result){SBI_INVALID_PARAM, 0};
    for (uint64_t i = 0; i < bytes; i++)
        vm_console_put(vm, text[i]);
    return (struct sbi_result){SBI_SUCCESS, (int64_t)bytes};
}

static struct sbi_result read(const struct vm *vm, const uint64_t *a) {
    bool is_ours = vm_memory(vm, GPA(a[1]), a[0]) && !a[2];
    return (struct sbi_result){is_ours ? SBI_SUCCESS : SBI_INVALID_PARAM, 0};
}

struct sbi_result guest_sbi_console(struct vcpu *v, uint64_t function, const uint64_t *a) {
    switch (function) {
    case DBCN_WRITE: return write(v->vm, a);
    case DBCN_READ: return read(v->vm, a);
    case DBCN_WRITE_BYTE: vm_console_put(v->vm, (char)a[0]); return (struct sbi_result){SBI_SUCCESS, 0};
    default: return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
    }
}
