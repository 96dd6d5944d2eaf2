# SVG plots of latency cells (interrupt_latency.tcl): distributions and stacked stages. A cell is a dict with path, load, over, caches,
# values, limit, stage.

namespace eval plots {
    variable colours {direct #2b6cb0 direct-idle #63b3ed classical-idle #fc8181 mismatch #b7791f broadcast-idle #2f855a broadcast-busy #6b46c1 classical #c53030}
    variable stage_colours {#2b6cb0 #4299e1 #90cdf4 #f6ad55 #c53030}
}

proc plots::open {width height title} {
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"$width\" height=\"$height\" font-family=\"sans-serif\" font-size=\"12\">
<rect width=\"100%\" height=\"100%\" fill=\"white\"/>
<text x=\"20\" y=\"22\" font-size=\"15\">$title</text>"
}

proc plots::text {x y text {extra ""}} { return "<text x=\"$x\" y=\"$y\" $extra>$text</text>" }

proc plots::name {cell} { return "[dict get $cell path], [dict get $cell load], [dict get $cell over]:1, [dict get $cell caches]" }

# 100 cycles to 10^8, logarithmic
proc plots::x_of {cycles left width} {
    return [format %.1f [expr {$left + $width * (log10(max($cycles, 100)) - 2) / 6.0}]]
}

# One small plot for each load, overcommit and caches: share of the interrupts below x cycles, a line a path; dashed: the limit.
proc plots::distributions {cells} {
    variable colours
    set groups [dict create]
    foreach cell $cells {
        dict lappend groups "[dict get $cell load], [dict get $cell over]:1, [dict get $cell caches]" $cell
    }
    set height [expr {60 + 170 * [dict size $groups]}]
    set out [list [open 900 $height "MSI-X to the guest's handler: share of interrupts within x cycles (logarithmic; dashed: limit of the direct path)"]]
    set top 40
    dict for {title members} $groups {
        lappend out [text 20 [expr {$top + 12}] $title]
        for {set decade 2} {$decade <= 8} {incr decade} {
            set x [x_of [expr {10 ** $decade}] 60 600]
            lappend out "<line x1=\"$x\" y1=\"[expr {$top + 20}]\" x2=\"$x\" y2=\"[expr {$top + 130}]\" stroke=\"#ddd\"/>" [text $x [expr {$top + 145}] 1e$decade "text-anchor=\"middle\""]
        }
        set row 0
        foreach cell $members {
            set colour [dict get $colours [dict get $cell path]]
            set sorted [lsort -integer [dict get $cell values]]
            set n [llength $sorted]
            set points {}
            for {set i 0} {$i < $n} {incr i} {
                lappend points "[x_of [lindex $sorted $i] 60 600],[format %.1f [expr {$top + 130 - 110.0 * ($i + 1) / $n}]]"
            }
            lappend out "<polyline fill=\"none\" stroke=\"$colour\" stroke-width=\"2\" points=\"[join $points]\"/>"
            lappend out "<text x=\"690\" y=\"[expr {$top + 40 + 16 * $row}]\" fill=\"$colour\">[dict get $cell path]: p50 [lab::percentile $sorted 500], p99 [lab::percentile $sorted 990]</text>"
            incr row
        }
        set x [x_of [dict get [lindex $members 0] limit] 60 600]
        lappend out "<line x1=\"$x\" y1=\"[expr {$top + 20}]\" x2=\"$x\" y2=\"[expr {$top + 130}]\" stroke=\"black\" stroke-dasharray=\"4\"/>"
        incr top 170
    }
    return "[join $out \n]\n</svg>"
}

# A bar a cell: medians of the stages, one after the other; the last one is drawn on a scale that fits the longest.
proc plots::stages {cells stages} {
    variable stage_colours
    set longest 1
    foreach cell $cells {
        set longest [expr {max($longest, [::tcl::mathop::+ {*}[dict values [dict get $cell stage]]])}]
    }
    set scale [expr {560.0 / log10(1 + $longest)}]
    set out [list [open 960 [expr {80 + 18 * [llength $cells]}] "Medians of the stages, stacked (length of the bar: logarithm of the sum, divided in proportion)"]]
    set x 300
    foreach stage $stages colour $stage_colours {
        lappend out "<rect x=\"$x\" y=\"34\" width=\"12\" height=\"12\" fill=\"$colour\"/>" [text [expr {$x + 16}] 45 $stage]
        incr x 90
    }
    set top 56
    foreach cell $cells {
        set sum [::tcl::mathop::+ {*}[dict values [dict get $cell stage]]]
        set x 300.0
        lappend out [text 290 [expr {$top + 12}] [name $cell] "text-anchor=\"end\""]
        foreach stage $stages colour $stage_colours {
            set width [expr {$scale * log10(1 + $sum) * [dict get $cell stage $stage] / max(1, $sum)}]
            lappend out [format {<rect x="%.1f" y="%d" width="%.1f" height="14" fill="%s"/>} $x $top $width $colour]
            set x [expr {$x + $width}]
        }
        lappend out [text [format %.0f [expr {$x + 6}]] [expr {$top + 12}] $sum]
        incr top 18
    }
    return "[join $out \n]\n</svg>"
}
