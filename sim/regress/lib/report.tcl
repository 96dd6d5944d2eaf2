# Reports of a run: JUnit XML (testbench/regress/junit.xsd), HTML with buckets, trend and plots, and the buckets on standard output.

namespace eval report {}

proc report::escape {text} {
    regsub -all {[^\t\n\r\x20-\ud7ff]} $text "?" text
    return [string map {& &amp; < &lt; > &gt; \" &quot;} $text]
}

proc report::time {seconds} { clock format $seconds -gmt 1 -format %Y-%m-%dT%H:%M:%S }

# --- JUnit

proc report::junit_case {row} {
    upvar 1 $row job
    set kind [dict get $job(spec) kind]
    set open [format {    <testcase name="%s" classname="%s" time="%.3f"} [escape $job(name)] [escape $kind] [expr {$job(wall_ms) / 1000.0}]]
    switch $job(status) {
        pass { return "$open/>\n" }
        skip { return "$open>\n      <skipped message=\"[escape $job(message)]\"/>\n    </testcase>\n" }
    }
    set element [expr {$job(status) eq "error" ? "error" : "failure"}]
    return "$open>\n      <$element message=\"[escape $job(message)]\" type=\"[escape $job(signature)]\">[escape "reproduce: $job(reproduce)"]</$element>\n    </testcase>\n"
}

proc report::junit {run} {
    set cases ""
    set seconds 0
    array set count {pass 0 fail 0 error 0 skip 0}
    ::db eval {SELECT * FROM job WHERE run = $run ORDER BY id} job {
        incr count($job(status))
        set seconds [expr {$seconds + $job(wall_ms) / 1000.0}]
        append cases [junit_case job]
    }
    lassign [::db eval {SELECT plan, started, seed, revision FROM run WHERE id = $run}] plan started seed revision
    set totals [format {tests="%d" failures="%d" errors="%d" skipped="%d" time="%.3f"} [expr {$count(pass) + $count(fail) + $count(error) + $count(skip)}] \
        $count(fail) $count(error) $count(skip) $seconds]
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites $totals>\n  <testsuite name=\"[escape $plan]\" $totals timestamp=\"[time $started]\" hostname=\"[escape [info hostname]]\">
    <properties>\n      <property name=\"seed\" value=\"$seed\"/>\n      <property name=\"revision\" value=\"[escape $revision]\"/>\n      <property name=\"run\" value=\"$run\"/>
    </properties>\n$cases  </testsuite>\n</testsuites>\n"
}

# --- buckets

# -> list of {signature count first-job first-message first-reproduction jobs}
proc report::buckets {run} {
    set buckets {}
    ::db eval {SELECT signature, count(*) AS n, min(id) AS first, group_concat(name, ', ') AS names FROM job WHERE run = $run AND status IN ('fail', 'error')
            GROUP BY signature ORDER BY n DESC, first} row {
        lassign [::db eval {SELECT name, message, reproduce FROM job WHERE run = $run AND id = $row(first)}] name message reproduce
        lappend buckets [list $row(signature) $row(n) $name $message $reproduce $row(names)]
    }
    return $buckets
}

proc report::print_buckets {run} {
    foreach bucket [buckets $run] {
        lassign $bucket signature count name message reproduce
        puts [format "%4d x %s" $count $signature]
        puts "       first: $name: [string range $message 0 159]"
        puts "       reproduce: $reproduce"
    }
}

# --- HTML

# A line plot as SVG of {label value} points.
proc report::plot {title points {unit ""}} {
    set width 460
    set height 130
    set values [lmap point $points {lindex $point 1}]
    if {[llength $values] == 0} {
        return ""
    }
    set top [tcl::mathfunc::max 1e-9 {*}$values]
    set step [expr {[llength $points] > 1 ? double($width - 60) / ([llength $points] - 1) : 0}]
    set path {}
    set marks ""
    set x 50
    foreach point $points {
        lassign $point label value
        set y [expr {$height - 25 - ($height - 45) * $value / $top}]
        lappend path [format %.1f,%.1f $x $y]
        append marks [format {<circle cx="%.1f" cy="%.1f" r="2.5"><title>%s: %s %s</title></circle>} $x $y [escape $label] $value $unit]
        set x [expr {$x + $step}]
    }
    return "<svg width=\"$width\" height=\"$height\" class=\"plot\"><text x=\"4\" y=\"13\">[escape $title]</text><text x=\"4\" y=\"34\" class=\"axis\">[format %.4g $top] $unit</text><text x=\"4\" y=\"[expr {$height - 22}]\" class=\"axis\">0</text><polyline points=\"[join $path { }]\"/>$marks</svg>\n"
}

proc report::trend {plan} {
    set passed {}
    set seconds {}
    set rates {}
    ::db eval {SELECT run.id, run.finished - run.started AS took, avg(job.status IN ('pass', 'skip')) * 100 AS passed, avg(nullif(job.rate, 0)) / 1e6 AS rate
            FROM run JOIN job ON job.run = run.id WHERE run.plan = $plan AND run.finished IS NOT NULL GROUP BY run.id ORDER BY run.id DESC LIMIT 40} row {
        lappend passed [list "run $row(id)" [format %.1f $row(passed)]]
        lappend seconds [list "run $row(id)" $row(took)]
        if {$row(rate) ne ""} {
            lappend rates [list "run $row(id)" [format %.3f $row(rate)]]
        }
    }
    return "[plot "passed" [lreverse $passed] %][plot "wall time" [lreverse $seconds] s][plot "simulated speed" [lreverse $rates] Mcycles/s]"
}

proc report::style {} {
    return {<style>body{font:14px sans-serif;margin:2em;max-width:1200px}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:3px 8px;text-align:left;vertical-align:top}
th{background:#eee}.pass{background:#dfd}.fail,.error,.red{background:#fdd}.skip{background:#ffd}code{font-size:12px}svg.plot{border:1px solid #ddd;margin:4px}
svg.plot polyline{fill:none;stroke:#36c;stroke-width:1.5}svg.plot circle{fill:#36c}svg text{font:12px sans-serif}svg .axis{fill:#777;font-size:10px}</style>}
}

proc report::page {title body} {
    return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>[escape $title]</title>[style]</head>\n<body><h1>[escape $title]</h1>\n$body</body></html>\n"
}

proc report::table {header rows} {
    return "<table><tr><th>[join [lmap cell $header {escape $cell}] </th><th>]</th></tr>\n[join $rows \n]\n</table>\n"
}

proc report::row {class cells} { return "<tr class=\"$class\"><td>[join $cells </td><td>]</td></tr>" }

proc report::html {run directory} {
    lassign [::db eval {SELECT plan, started, finished, seed, revision FROM run WHERE id = $run}] plan started finished seed revision
    set rows {}
    ::db eval {SELECT * FROM job WHERE run = $run ORDER BY status IN ('pass', 'skip'), id} job {
        set log [expr {$job(directory) eq "" ? "" : "<a href=\"jobs/[file tail $job(directory)]/log\">log</a>"}]
        set detail [expr {$job(status) in {fail error} ? "[escape $job(message)]<br><code>[escape $job(reproduce)]</code>" : [escape $job(message)]}]
        lappend rows [row $job(status) [list $job(status) [escape $job(name)] [format %.1f [expr {$job(wall_ms) / 1000.0}]] $job(cycles) $log $detail]]
    }
    set groups [lmap bucket [buckets $run] {row fail [list [lindex $bucket 1] [escape [lindex $bucket 0]] "<code>[escape [lindex $bucket 4]]</code>" [escape [lindex $bucket 5]]]}]
    set body "<p>run $run, started [time $started] UTC, [expr {$finished - $started}] s, seed $seed, revision [escape $revision]</p>\n<h2>Trend</h2>\n[trend $plan]"
    if {[llength $groups]} {
        append body "<h2>Failures by signature</h2>\n[table {jobs signature reproduce names} $groups]"
    }
    return [page "Regression $plan" "$body<h2>Jobs</h2>\n[table {result job seconds cycles log what} $rows]"]
}

# -> the files written
proc report::write_all {run directory} {
    regress::write_file $directory/junit.xml [junit $run]
    regress::write_file $directory/report.html [html $run $directory]
    return [list $directory/junit.xml $directory/report.html]
}
