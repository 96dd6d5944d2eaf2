# All night: every choice of backends and harts over new seeds (give another --seed each night), every test that takes a seed.
plan nightly
timeout 2000000000
build all unit-tests
foreach see {model rtl lockstep} {
    foreach bau {model rtl lockstep} {
        lappend backends [list see $see bau $bau]
    }
}
scenario testbench/system/first_io.tcl [list backends $backends harts {timed fast} parameters {{ops 200} {ops 2000}} seeds {random 3}]
foreach test {see see_lockstep see_unit_lockstep bau bau_lockstep task firmware fabric network port convert_tables hart_modes hart_translation hart_memory hart_traps hart_pmp} {
    unit $build/test/$test {seeds {random 10}}
}
foreach script {testbench/unit/hart/differential.tcl testbench/system/identity_test.tcl testbench/system/guest_faults_test.tcl testbench/unit/firmware/board_test.tcl
        testbench/interop/faulty_links_test.tcl} {
    script $script {seeds {random 3}}
}
