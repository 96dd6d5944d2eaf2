rtl/lib/lib_assert.sv  *  "assertions: not in a coverage build"
rtl/*                  "default: *"  "the default branch that style asks of each case: unreachable by construction"
hypervisor/core/log.*  "*panic(*"    "a broken invariant of the hypervisor itself: no input reaches it"
models/*               "*CHECK(*"    "a broken invariant: aborts"
