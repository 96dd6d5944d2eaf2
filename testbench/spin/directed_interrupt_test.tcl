# Spin on the model of the directed-interrupt protocol. Environment and exit status: spin.tcl.
source [file join [file dirname [file normalize [info script]]] spin.tcl]

set spin::model [file join [file dirname [file normalize [info script]]] directed_interrupt.pml]
set spin::complete protocol
spin::main {
    protocol            rest  holds   {MESSAGES=2 PREEMPTIONS=1}
    protocol_ends       cycle holds   {MESSAGES=2 PREEMPTIONS=0}
    migration_ends      cycle holds   {MESSAGES=1 PREEMPTIONS=2}
    busy_harts          rest  holds   {MESSAGES=1 PREEMPTIONS=2 BUSY_HARTS}
    one_notified        rest  holds   {MESSAGES=1 PREEMPTIONS=2 HARTS=1}
    spare_reread        rest  holds   {MESSAGES=1 PREEMPTIONS=2 NO_REREAD}
    early_look          rest  holds   {MESSAGES=1 PREEMPTIONS=2 EARLY_LOOK}
    check_before_set    rest  lost    {MESSAGES=2 PREEMPTIONS=1 CHECK_BEFORE_SET}
    no_reread           rest  lost    {MESSAGES=1 PREEMPTIONS=2 EARLY_LOOK NO_REREAD}
    no_rescan           rest  lost    {MESSAGES=2 PREEMPTIONS=1 NO_RESCAN}
    always_signal       cycle endless {MESSAGES=1 PREEMPTIONS=0 ALWAYS_SIGNAL}
}
