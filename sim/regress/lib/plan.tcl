# Plans: Tcl files that say which jobs a regression has.
#
#   plan NAME                       names the plan; the default is its file's name
#   build TARGET ...                make TARGET ... before everything else
#   window CYCLES                   scenarios keep snapshots every CYCLES cycles, so that a failure comes with waves of its window
#   timeout CYCLES                  simulated cycles after which a scenario fails (default 2000000000)
#   stall SECONDS                   wall time without progress after which a worker is given up (default 1200)
#   scenario FILE.tcl {key value ...}   assay run FILE.tcl, for each of backends x harts x parameters x seeds
#   unit PROGRAM {...}              a GoogleTest program, for each seed
#   script FILE.tcl {...}           a script test (status 77: skipped), for each seed
#   command NAME {WORD ...} {...}   any program, for each seed (in ASSAY_SEED)
# keys: name, seeds ({1 2 3} or {random N}), backends ({{see model bau model} ...}), harts, parameters ({{ops 100} ...}), timeout, resources
#   (names; two jobs that name the same one never run at once), filter (of a GoogleTest program), arguments.
# $build is the build directory; Tcl's own commands may be used, but neither files nor programs.

namespace eval plan {
    variable jobs
    variable settings
    variable patience 5 ;# seconds to read a plan: one that does not end would not hear Ctrl-C either
}

# A derived seed: FNV-1a over the words, so that it depends on nothing but them.
proc plan::derive_seed {args} {
    set hash 0xcbf29ce484222325
    foreach byte [split [encoding convertto utf-8 [join $args \x1f]] ""] {
        set hash [expr {(($hash ^ [scan $byte %c]) * 0x100000001b3) & 0xffffffffffffffff}]
    }
    return [expr {$hash >> 32}]
}

proc plan::options {what body allowed} {
    variable settings
    if {[catch {dict size $body}]} {
        error "$what: the options are not pairs of key and value"
    }
    dict for {key value} $body {
        if {$key ni $allowed} {
            error "$what: unknown key \"$key\"; it takes [join $allowed {, }]"
        }
    }
    return [dict merge [dict create name "" seeds 1 backends {{}} harts timed parameters {{}} timeout [dict get $settings timeout] resources {} filter "" arguments {}] $body]
}

proc plan::seeds_of {name seeds} {
    variable settings
    set reseed [dict get $settings reseed]
    if {$reseed == 0 && [lindex $seeds 0] ne "random"} {
        foreach seed $seeds {
            if {![string is wideinteger -strict $seed]} {
                error "$name: seeds are numbers or {random N}, not \"$seed\""
            }
        }
        return $seeds
    }
    set count [expr {$reseed ? $reseed : [lindex $seeds 1]}]
    if {![string is integer -strict $count] || $count < 1} {
        error "$name: seeds {random N} needs a number"
    }
    set derived {}
    for {set i 0} {$i < $count} {incr i} {
        lappend derived [derive_seed [dict get $settings seed] $name $i]
    }
    return $derived
}

proc plan::add {name kind argv seed options} {
    variable jobs
    if {[dict exists $jobs $name]} {
        error "two jobs are called \"$name\": give one another name"
    }
    dict set jobs $name [dict create name $name kind $kind argv $argv seed $seed timeout [dict get $options timeout] resources [dict get $options resources]]
}

proc plan::backend_name {backends} {
    return [expr {[llength $backends] ? [join [lmap {block kind} $backends {string cat $block = $kind}] ,] : "default"}]
}

proc plan::scenario {file {body {}}} {
    variable settings
    set o [options "scenario $file" $body {name seeds backends harts parameters timeout resources arguments}]
    if {![file readable $file]} {
        error "scenario $file: cannot be read"
    }
    set base [expr {[dict get $o name] ne "" ? [dict get $o name] : [file rootname [file tail $file]]}]
    foreach backends [dict get $o backends] {
        foreach hart [dict get $o harts] {
            foreach parameters [dict get $o parameters] {
                set name [join [concat [list $base [backend_name $backends] $hart] [lmap {key value} $parameters {string cat $key = $value}]] /]
                set argv [list [dict get $settings build]/assay run $file --hart $hart {*}[dict get $o arguments]]
                foreach {block kind} $backends {
                    lappend argv --$block $kind
                }
                foreach {key value} $parameters {
                    lappend argv --set $key=$value
                }
                foreach seed [seeds_of $name [dict get $o seeds]] {
                    add $name/seed=$seed scenario $argv $seed $o
                }
            }
        }
    }
}

proc plan::simple {kind what argv body allowed} {
    set o [options "$kind $what" $body $allowed]
    set base [expr {[dict get $o name] ne "" ? [dict get $o name] : $kind eq "command" ? $what : [file rootname [file tail $what]]}]
    if {$kind eq "unit" && [dict get $o filter] ne ""} {
        lappend argv --gtest_filter=[dict get $o filter]
    }
    foreach seed [seeds_of $base [dict get $o seeds]] {
        add $base/seed=$seed $kind [concat $argv [dict get $o arguments]] $seed $o
    }
}

proc plan::unit {program {body {}}} { simple unit $program [list $program] $body {name seeds filter resources arguments} }
proc plan::command {name argv {body {}}} { simple command $name $argv $body {seeds resources} }

proc plan::script {file {body {}}} {
    if {![file readable $file]} {
        error "script $file: cannot be read"
    }
    simple script $file [list tclsh8.6 $file] $body {name seeds resources arguments}
}

proc plan::set_number {key value} {
    variable settings
    if {![string is wideinteger -strict $value] || $value < 0} {
        error "$key takes a number, not \"$value\""
    }
    dict set settings $key $value
}

proc plan::set_name {name} { variable settings; dict set settings name $name }

proc plan::build {args} {
    variable settings
    dict lappend settings build_targets {*}$args
}

# -> {settings jobs}; jobs: dict from name to job
proc plan::load {path options} {
    variable jobs [dict create]
    variable patience
    variable settings [dict create name [file rootname [file tail $path]] timeout 2000000000 stall 1200 window 0 build_targets {} \
        build [dict get $options build] seed [dict get $options seed] reseed [dict get $options reseed]]
    if {![file isfile $path] || ![file readable $path]} {
        regress::refuse "plan $path: cannot be read"
    }
    set interp [interp create -safe]
    foreach {name target} {plan set_name build build scenario scenario unit unit script script command command} {
        $interp alias $name plan::$target
    }
    foreach key {timeout stall window} {
        $interp alias $key plan::set_number $key
    }
    $interp eval [list set build [dict get $options build]]
    interp limit $interp time -seconds [expr {[clock seconds] + $patience}]
    set code [catch {$interp invokehidden source $path} message result]
    interp delete $interp
    if {$code && $message eq "time limit exceeded"} {
        regress::refuse "plan $path: is not read to its end within $patience seconds"
    }
    if {$code} {
        set line 0
        regexp {\(file "[^\n]*" line (\d+)\)} [dict get $result -errorinfo] -> line
        regress::refuse "plan $path:$line: [lindex [split $message \n] 0]"
    }
    if {[dict size $jobs] == 0} {
        regress::refuse "plan $path: names no job"
    }
    return [list $settings $jobs]
}
