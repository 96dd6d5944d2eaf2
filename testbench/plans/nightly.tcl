# All night (some two hours on two cores): every choice of backends and harts over new seeds (give another --seed each night), every test that takes a seed.
plan nightly
timeout 2000000000
build all unit-tests
# Each pair of choices of two blocks meets once: the third follows from the other two.
set kinds {model rtl lockstep}
foreach see {0 1 2} {
    foreach bau {0 1 2} {
        lappend backends [list see [lindex $kinds $see] bau [lindex $kinds $bau] port [lindex $kinds [expr {($see + $bau) % 3}]]]
    }
}
scenario testbench/system/first_io.tcl [list backends $backends harts {timed fast} parameters {{ops 200} {ops 2000}} seeds {random 3}]
foreach clb {model lockstep} {
    scenario testbench/system/first_io.tcl [list name clb backends [list [list see model bau model port model clb $clb]] parameters {{ops 200}} seeds {random 3}]
}
foreach test {see see_lockstep see_unit_lockstep bau bau_lockstep port port_lockstep clb clb_lockstep a64 a64_lockstep task firmware fabric network convert_tables
        hart_modes hart_translation hart_memory hart_traps hart_pmp} {
    unit $build/test/$test {seeds {random 10}}
}
foreach script {testbench/unit/hart/differential.tcl testbench/system/identity_test.tcl testbench/system/guest_faults_test.tcl testbench/system/joint_test.tcl
        testbench/unit/firmware/board_test.tcl testbench/interop/faulty_links_test.tcl} {
    script $script {seeds {random 3}}
}
