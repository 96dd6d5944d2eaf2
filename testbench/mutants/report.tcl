# What became of the mutants: BLOCK.tsv (a line each), BLOCK.json (the figures, and each that lives with its diff), BLOCK.html (the same to read), and the survivors
# on the terminal. A record is a dict: number, result (killed, explained, survives), place, operator, what (stage and difference, or the reason), diff.

namespace eval mutate_report {
    variable style {<style>body{font:14px sans-serif;margin:2em;max-width:70em}table{border-collapse:collapse}td,th{border:1px solid #ccc;padding:2px 8px;text-align:left;vertical-align:top}
th{background:#eee}.survives{background:#fdd}.explained{background:#ffd}pre{font-size:12px;background:#f6f6f6;padding:6px;margin:4px 0}.cut{color:#a00}.put{color:#070}</style>}
}

proc mutate_report::html {text} { string map {& &amp; < &lt; > &gt; \" &quot;} $text }
proc mutate_report::json {text} { string cat \" [string map {\\ \\\\ \" \\\" \n \\n \t \\t} $text] \" }

# explained.tcl: BLOCK FILE:TEXT-PATTERN REASON, or BLOCK FILE:TEXT-PATTERN => OPERATOR-PATTERN REASON: a survivor in a source line that matches is no loss.
proc mutate_report::explanation {list block file text operator} {
    foreach {owner pattern reason} $list {
        lassign [split [string map {" => " \x01} $pattern] \x01] line change
        if {$owner eq $block && [string match $line $file:$text] && ($change eq "" || [string match $change $operator])} {
            return $reason
        }
    }
    return ""
}

# Explanations of BLOCK that no line of the sources (dict FILE TEXT) matches any more.
proc mutate_report::stale {list block sources} {
    set lines [concat {*}[lmap {file text} $sources {lmap line [split $text \n] {string cat $file: [string trim $line]}}]]
    return [lmap {owner pattern reason} $list {
        if {$owner ne $block || [lsearch -glob $lines [lindex [split [string map {" => " \x01} $pattern] \x01] 0]] >= 0} {
            continue
        }
        string cat $pattern
    }]
}


# The changed lines of a patch.
proc mutate_report::changed_lines {diff} {
    return [join [lsearch -all -inline -regexp [split $diff \n] {^[-+](?![-+][-+])}] \n]
}

proc mutate_report::tsv {records} {
    set table "number\tresult\tplace\toperator\twhat\n"
    foreach record $records {
        dict with record {append table "$number\t$result\t$place\t$operator\t$what\n"}
    }
    return $table
}

proc mutate_report::json_text {figures records} {
    set living {}
    foreach record $records {
        if {[dict get $record result] ne "killed"} {
            lappend living "  {\"number\": [dict get $record number], [join [lmap key {result place operator what diff} {string cat "[json $key]: [json [dict get $record $key]]"}] ", "]}"
        }
    }
    dict with figures {
        return [format "{\"block\": \"%s\", \"seed\": %s, \"mutants\": %d, \"killed\": %d, \"explained\": %d, \"survivors\": %d, \"score\": %.1f, \"living\": \[\n%s\n\]}\n" \
            $block $seed $mutants $killed $explained $survives $score [join $living ",\n"]]
    }
}

proc mutate_report::html_diff {diff} {
    return [join [lmap line [split [string trim $diff \n] \n] {
        set class [expr {[regexp {^-(?!--)} $line] ? "cut" : [regexp {^\+(?!\+\+)} $line] ? "put" : ""}]
        string cat "<span class=\"$class\">[html $line]</span>"
    }] \n]
}

# Those that live first, each with its diff and how to run it; then by which stage and port the others died.
proc mutate_report::html_text {figures records command} {
    variable style
    set living ""
    set dead ""
    foreach record $records {
        dict with record {
            if {$result eq "killed"} {
                append dead "<tr><td>$number</td><td>[html $place]</td><td>[html $operator]</td><td>[html $what]</td></tr>\n"
            } else {
                append living "<h3 class=\"$result\">$number: [html $place]: [html $operator]</h3>\n[expr {$what eq "" ? "" : "<p>Explained: [html $what].</p>"}]<pre>[html_diff $diff]</pre>\n<p>Runs as <code>ASSAY_MUTANT=$number [html $command]</code></p>\n"
            }
        }
    }
    dict with figures {
        set title [format "Mutants of %s, seed %s: %d, %d killed, %d explained, %d survive: %.1f %%" $block $seed $mutants $killed $explained $survives $score]
    }
    return "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>[html $title]</title>$style</head><body><h1>[html $title]</h1>
<h2>Alive</h2>\n[expr {$living eq "" ? "<p>None.</p>" : $living}]<h2>Killed</h2>\n<table><tr><th>number</th><th>place</th><th>change</th><th>found by</th></tr>\n$dead</table></body></html>\n"
}
