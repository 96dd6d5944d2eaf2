# Spin on the model of the task state machine (sim/regress/task.h). Environment and exit status: spin.tcl.
source [file join [file dirname [file normalize [info script]]] spin.tcl]

set spin::model [file join [file dirname [file normalize [info script]]] task.pml]
set spin::optimise -O0 ;# compiling the unrolled dispatcher takes longer than searching
spin::main {
    one_worker          rest  holds   {WORKERS=1 DISTURBANCES=2}
    two_workers         rest  holds   {WORKERS=2 DISTURBANCES=2}
    hold_and_wait       rest  lost    {WORKERS=1 DISTURBANCES=0 HOLD_AND_WAIT}
    child_needs_worker  rest  lost    {WORKERS=1 DISTURBANCES=0 CHILD_NEEDS_WORKER}
    unordered           rest  lost    {WORKERS=2 DISTURBANCES=1 UNORDERED}
    overtake            rest  lost    {WORKERS=2 DISTURBANCES=0 OVERTAKE}
    keep_on_timeout     rest  lost    {WORKERS=1 DISTURBANCES=1 KEEP_ON_TIMEOUT}
    accept_late         rest  lost    {WORKERS=1 DISTURBANCES=1 ACCEPT_LATE}
    parent_first        rest  lost    {WORKERS=1 DISTURBANCES=1 PARENT_FIRST}
    progress_falls      rest  lost    {WORKERS=1 DISTURBANCES=0 PROGRESS_FALLS}
}
