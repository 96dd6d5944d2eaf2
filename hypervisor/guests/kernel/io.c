#include "hypervisor/guests/kernel/kernel.h"
unsigned workload_io(void) { print("no io"); return 1; }
