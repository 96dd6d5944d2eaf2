# Runs unit tests of the models and of the simulator under ASan and UBSan (a build of their own), and under Valgrind (the ordinary one).
# usage: tclsh8.6 testbench/signoff/clean.tcl BUILD JOBS asan_ubsan|valgrind      (through `make clean-check`)
# Result: BUILD/clean/TOOL.json for the sign-off. Exit status 0 if all programs are clean, 1 if not, 2 if something cannot be built.
# The hypervisor's native tests are built with both sanitizers always (hypervisor/rules.mk); tests with Verilated RTL or hidden lwIP are left out.

namespace eval clean {
    variable sanitized {see bau port board convert_tables hart_modes hart_translation hart_memory hart_traps hart_pmp sim_kernel task}
    variable valgrinded {bau port board convert_tables task hart_pmp hart_traps}
    variable flags "-fsanitize=address,undefined -fno-sanitize=alignment -fno-sanitize-recover=all"
}

proc clean::fail {text} {
    puts stderr "clean: $text"
    exit 2
}

# -> command of each program. Warnings are left to the ordinary build: with sanitizers the compiler knows less and warns of more.
proc clean::commands {build jobs tool} {
    variable sanitized
    variable valgrinded
    variable flags
    if {$tool eq "valgrind"} {
        if {[auto_execok valgrind] eq ""} {
            fail "valgrind is not installed"
        }
        return [concat {*}[lmap name $valgrinded {list $name [list valgrind -q --error-exitcode=9 $build/test/$name]}]]
    }
    set tree $build/clean/tree
    file mkdir $tree
    if {[catch {exec make -j$jobs B=$tree WARN=-Wall "OPT=-O1 $flags" "LDFLAGS=$flags" {*}[lmap name $sanitized {string cat $tree/test/ $name}] >& $build/clean/build.log}]} {
        fail "the sanitized build failed, see $build/clean/build.log"
    }
    return [concat {*}[lmap name $sanitized {list $name [list env ASAN_OPTIONS=detect_leaks=0 $tree/test/$name]}]]
}

proc clean::main {build jobs tool} {
    file mkdir $build/clean
    file delete $build/clean/$tool.json ;# what fails on the way was not measured
    set plan "plan clean-$tool\nstall 3600\n"
    foreach {name command} [commands $build $jobs $tool] {
        append plan [list command $name $command] \n
    }
    set channel [open $build/clean/$tool.tcl w]
    puts $channel $plan
    close $channel
    set failed [catch {exec $build/assay regress $build/clean/$tool.tcl -j $jobs --directory $build/clean/$tool 2>@1} output]
    puts $output
    if {![regexp {(\d+) passed, (\d+) failed} $output -> passed bad]} {
        fail "the runs did not end well"
    }
    set channel [open $build/clean/$tool.json w]
    puts $channel "{\"passed\": $passed, \"failed\": $bad}"
    close $channel
    return $failed
}

exit [clean::main {*}$argv]
