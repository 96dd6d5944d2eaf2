# The pages: index.html, one page a file and kind, coverage.json, functional.tsv.

namespace eval pages {
    variable style {<style>body{font:14px sans-serif;margin:2em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:2px 8px;text-align:left}th{background:#eee}
.hit{background:#dfd}.part{background:#ffd}.miss{background:#fdd}.out{color:#999}pre{margin:0;font-size:12px}td.n{text-align:right;color:#777}</style>}
}

proc pages::escape {text} { string map {& &amp; < &lt; > &gt; \" &quot;} $text }

proc pages::write {path text} {
    set channel [open $path w]
    fconfigure $channel -encoding utf-8
    puts $channel $text
    close $channel
}

proc pages::percent {hits total} { expr {$total ? 100.0 * $hits / $total : 100.0} }
proc pages::shown {hits total} { expr {$total ? [format "%.1f %%" [percent $hits $total]] : "none"} }

# Writes one file's page; -> {hit points, points, excluded points}
proc pages::write_file {directory kind file lines exclusions} {
    variable style
    set name [string map {/ _ " " _} $kind-$file].html
    set hits 0
    set total 0
    set out 0
    set rows ""
    set number 0
    set source [expr {[file readable $file] ? [split [counters::read_text $file] \n] : {}}]
    foreach text $source {
        incr number
        set class ""
        set count ""
        set reason ""
        if {[dict exists $lines $number]} {
            lassign [dict get $lines $number] h t
            set count $h/$t
            set reason [expr {$h < $t ? [counters::excluded $exclusions $file $text] : ""}]
            if {$reason ne ""} {
                set class out
                incr out [expr {$t - $h}]
                incr hits $h
                incr total $h
            } else {
                set class [expr {$h == 0 ? "miss" : $h < $t ? "part" : "hit"}]
                incr hits $h
                incr total $t
            }
        }
        append rows "<tr class=\"$class\" title=\"[escape $reason]\"><td class=\"n\">$number</td><td class=\"n\">$count</td><td><pre>[escape $text]</pre></td></tr>\n"
    }
    write $directory/$name "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>[escape $file]</title>$style</head><body><h1>[escape "$file: $kind, [shown $hits $total]"]</h1><table>$rows</table></body></html>"
    return [list $hits $total $out $name]
}

proc pages::json {totals functional complete} {
    set parts [list [format {  "complete": %d} $complete]]
    dict for {kind counts} $totals {
        lassign $counts hits total out
        lappend parts [format {  "%s": {"hit": %d, "total": %d, "excluded": %d, "percent": %.1f}} [string map {" " _} [string tolower $kind]] $hits $total $out [percent $hits $total]]
    }
    set hits [tcl::mathop::+ 0 {*}[lmap row $functional {lindex $row 2}]]
    set total [tcl::mathop::+ 0 {*}[lmap row $functional {lindex $row 3}]]
    lappend parts [format {  "functional": {"hit": %d, "total": %d, "excluded": 0, "percent": %.1f}} $hits $total [percent $hits $total]]
    return "{\n[join $parts ",\n"]\n}"
}

proc pages::functional_table {functional} {
    set rows ""
    foreach row $functional {
        lassign $row name what hits total bins
        set shown {}
        foreach {bin count} $bins {
            lappend shown "<span class=\"[expr {$count ? "hit" : "miss"}]\">[escape $bin]: $count</span>"
        }
        append rows "<tr><td>[escape $name]</td><td>[escape $what]</td><td>$hits/$total</td><td>[join $shown { }]</td></tr>\n"
    }
    return "<table><tr><th>point</th><th>what</th><th>bins</th><th>counts</th></tr>\n$rows</table>"
}

# `complete`: all runs were taken, not a part of them.
proc pages::write_all {directory kinds exclusions functional complete} {
    variable style
    set totals [dict create]
    set details ""
    foreach {kind files} $kinds {
        set sums {0 0 0}
        set rows ""
        foreach file [lsort [dict keys $files]] {
            lassign [write_file $directory $kind $file [dict get $files $file] $exclusions] hits total out name
            set sums [lmap sum $sums more [list $hits $total $out] {expr {$sum + $more}}]
            append rows "<tr><td><a href=\"$name\">[escape $file]</a></td><td>$hits/$total</td><td>[shown $hits $total]</td><td>$out</td></tr>\n"
        }
        dict set totals $kind $sums
        append details "<h2>[escape $kind]</h2><table><tr><th>file</th><th>points</th><th></th><th>excluded</th></tr>\n$rows</table>\n"
        puts [format "%-16s %7d of %7d  %6.1f %%  (%d excluded)" $kind {*}[lrange $sums 0 1] [percent {*}[lrange $sums 0 1]] [lindex $sums 2]]
    }
    set summary ""
    dict for {kind sums} $totals {
        lassign $sums hits total out
        append summary "<tr><td>[escape $kind]</td><td>$hits/$total</td><td>[shown $hits $total]</td><td>$out</td></tr>\n"
    }
    set reasons ""
    foreach {file text reason} $exclusions {
        append reasons "<tr><td>[escape $file]</td><td>[escape $text]</td><td>[escape $reason]</td></tr>\n"
    }
    write $directory/index.html "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Coverage</title>$style</head><body><h1>Coverage</h1>
<table><tr><th>what</th><th>points</th><th></th><th>excluded</th></tr>\n$summary</table>\n<h2>Functional</h2>\n[functional_table $functional]\n$details
<h2>Exclusions</h2><table><tr><th>files</th><th>lines</th><th>reason</th></tr>\n$reasons</table></body></html>"
    write $directory/coverage.json [json $totals $functional $complete]
    write $directory/functional.tsv [join [lmap row $functional {join [list [lindex $row 0] [lindex $row 2] [lindex $row 3]] \t}] \n]
    set hits [tcl::mathop::+ 0 {*}[lmap row $functional {lindex $row 2}]]
    set total [tcl::mathop::+ 0 {*}[lmap row $functional {lindex $row 3}]]
    puts [format "%-16s %7d of %7d  %6.1f %%" functional $hits $total [percent $hits $total]]
    puts "see $directory/index.html"
}
