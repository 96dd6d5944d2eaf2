# Spin on the model of the snapshots' page protocol (hypervisor/snapshot/protect.h). Environment and exit status: spin.tcl.
source [file join [file dirname [file normalize [info script]]] spin.tcl]

set spin::model [file join [file dirname [file normalize [info script]]] page.pml]
spin::main {
    protocol        rest  holds   {WRITES=1}
    cancelled       rest  holds   {WRITES=1 CANCEL}
    helped          rest  holds   {WRITES=1 HELPER}
    helped_cancel   rest  holds   {WRITES=1 HELPER CANCEL}
    in_place        rest  holds   {WRITES=1 IN_PLACE HELPER}
    in_place_cancel rest  holds   {WRITES=1 IN_PLACE HELPER CANCEL}
    torn            rest  lost    {WRITES=1 IN_PLACE HELPER TORN}
    early_end       rest  lost    {WRITES=1 HELPER CANCEL EARLY_END}
    no_shootdown    rest  lost    {WRITES=1 NO_SHOOTDOWN}
    open_first      rest  lost    {WRITES=2 OPEN_FIRST}
    no_claim        rest  lost    {WRITES=1 NO_CLAIM}
    drop_when_full  rest  stuck   {WRITES=2 DROP_WHEN_FULL}
    deaf_wait       rest  stuck   {WRITES=1 CANCEL DEAF_WAIT}
    not_held        rest  lost    {WRITES=1 NOT_HELD}
}
