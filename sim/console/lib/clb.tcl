# clb, lockstep: the CLBs of the harts (rtl/clb/README.md).

namespace eval clb {
    namespace export stat
    namespace ensemble create
}

# clb stat ?HART? -> dict of dicts by hart, or one hart's
proc clb::stat {{hart ""}} {
    set all [assay::clb_stat]
    if {$hart eq ""} {
        return $all
    }
    if {![dict exists $all $hart]} {
        assay::bad_input "clb stat: no CLB of \"$hart\"; there are: [dict keys $all]"
    }
    return [dict get $all $hart]
}

proc clb::percent {part whole} {
    return [format %.2f%% [expr {100.0 * $part / max(1, $whole)}]]
}

# The share of block lookups and near branches that the CLB answers from the native cache.
proc clb::hit_rate {stat} {
    dict with stat {
        return [expr {double($hits + $near) / max(1, $hits + $near + $misses + $uncached)}]
    }
}

# Lines for people: hit rates by level, conversions, evictions, invalidations by cause, cycles by category.
proc clb::table {} {
    set lines {}
    dict for {hart stat} [assay::clb_stat] {
        dict with stat {
            lappend lines [format "  %-34s %s: %s cycles compared, %s mismatches (%s idle)" "block clb of $hart" $backend [report::grouped $cycles_compared] \
                $mismatches [report::grouped $cycles_idle]]
            set lookups [expr {$hits + $near + $misses + $uncached}]
            lappend lines [format "    %-32s %s of %s lookups, then conversion buffer %s; first level completes %s" "hit rates" \
                [percent [expr {$hits + $near}] $lookups] [report::grouped $lookups] [percent $buffer_hits $misses] [percent $first_level [expr {$first_level + $second_level}]]]
            lappend lines [format "    %-32s %s blocks, %s uncached, %s slow path; evicted %s, written back %s" "conversions" [report::grouped $conversions] \
                [report::grouped $uncached] [report::grouped $slow_path] [report::grouped $evictions] [report::grouped $written_back]]
            lappend lines [format "    %-32s far branches %s, blocks retrained %s" "mispredictions" [report::grouped $mispredictions] [report::grouped $retrained]]
            lappend lines [format "    %-32s %s of the hits outside of the present block" "chains" [percent $chained $hits]]
            lappend lines [format "    %-32s %s" "invalidated blocks by cause" [join [lmap cause {store other dma flush} {string cat "$cause " [dict get $stat invalidated.$cause]}] ", "]]
            lappend lines [format "    %-32s %s" "cycles" [join [lmap phase {execute redirect lookup buffer convert install scan} {
                string cat "$phase " [report::grouped [dict get $stat cycles.$phase]]}] ", "]]
        }
    }
    return $lines
}

namespace eval lockstep {
    namespace export clb
    namespace ensemble create
}

# lockstep clb from=CYCLE to=CYCLE ?hart=N?
proc lockstep::clb {args} {
    set window [dict create hart 0]
    foreach setting $args {
        if {![regexp {^(from|to|hart)=(\d+)$} $setting -> name value]} {
            assay::bad_input "lockstep clb: \"$setting\" is none of from=CYCLE, to=CYCLE, hart=NUMBER"
        }
        dict set window $name $value
    }
    foreach name {from to} {
        if {![dict exists $window $name]} {
            assay::bad_input "lockstep clb: $name= is missing"
        }
    }
    assay::clb_window [dict get $window hart] [dict get $window from] [dict get $window to]
}

namespace eval stat {
    namespace export clb
    namespace ensemble create
}

# stat clb: the table of all CLBs, for people
proc stat::clb {} {
    return [join [clb::table] \n]
}
