# The sign-off report of assay firmware check as one page of HTML that needs nothing else.

namespace eval firmware_html {
    variable style {
        body { font: 14px/1.4 sans-serif; margin: 2em; color: #222 } table { border-collapse: collapse; margin: 1em 0 }
        td, th { padding: 3px 10px; border-bottom: 1px solid #ddd; text-align: left } td.n { text-align: right; font-variant-numeric: tabular-nums }
        .pass { color: #176f2c } .fail, .blocked { color: #b00020; font-weight: bold } .bar { background: #eee; width: 120px } .bar div { background: #4c8; height: 10px }
        code { font-size: 13px }
    }
}

proc firmware_html::escape {text} {
    return [string map {& &amp; < &lt; > &gt; \" &quot;} $text]
}

proc firmware_html::row {cells} {
    return "<tr>[join [lmap cell $cells {format %s <td>$cell</td>}] {}]</tr>\n"
}

proc firmware_html::table {heads rows} {
    return "<table><tr>[join [lmap head $heads {format %s <th>$head</th>}] {}]</tr>\n[join $rows {}]</table>\n"
}

proc firmware_html::summary {report} {
    set rows {}
    dict for {key value} $report {
        set class [expr {$key eq "result" ? " class=\"$value\"" : ""}]
        lappend rows "<tr><td>[escape $key]</td><td$class>[escape $value]</td></tr>\n"
    }
    return [table {"" ""} $rows]
}

proc firmware_html::limits {figures broken} {
    set rows {}
    foreach {figure limit unit} $firmware::limits {
        set value [expr {[dict exists $figures $figure] ? [dict get $figures $figure] : "missing"}]
        set verdict [expr {[lsearch -exact -index 0 $broken $figure] >= 0 ? "fail" : "pass"}]
        lappend rows "<tr><td>$figure</td><td class=\"n\">$value</td><td>$limit [escape $unit]</td><td class=\"$verdict\">$verdict</td></tr>\n"
    }
    return [table {figure value limit verdict} $rows]
}

proc firmware_html::all_figures {figures} {
    return [table {figure value} [lmap {key value} $figures {format %s "<tr><td>$key</td><td class=\"n\">$value</td></tr>\n"}]]
}

proc firmware_html::coverage {files} {
    set rows {}
    dict for {file lines} $files {
        lassign [firmware::count_lines [dict create $file $lines] *] hit found
        set percent [format %.1f [firmware::percent $hit $found]]
        set missed [join [lmap line $lines {expr {[lindex $line 1] ? [continue] : [lindex $line 0]}}] " "]
        lappend rows "<tr><td><code>[escape $file]</code></td><td class=\"n\">$hit / $found</td><td class=\"n\">$percent %</td>\
            <td><div class=\"bar\"><div style=\"width:${percent}%\"></div></div></td><td><details><summary>lines not executed</summary>$missed</details></td></tr>\n"
    }
    return [table {file lines "" "" ""} $rows]
}

proc firmware_html::checks {checks} {
    set rows {}
    foreach check $checks {
        lassign $check name clause result detail
        lappend rows "<tr><td><code>[escape $name]</code></td><td>[escape $clause]</td><td class=\"$result\">$result</td><td>[escape $detail]</td></tr>\n"
    }
    return [table {check clause result detail} $rows]
}

proc firmware_html::write {path report checks figures broken files} {
    variable style
    set channel [open $path.new w]
    fconfigure $channel -encoding utf-8
    puts $channel "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Firmware sign-off</title><style>$style</style></head><body>"
    puts $channel "<h1>Firmware sign-off</h1>[summary $report]<h2>Limits</h2>[limits $figures $broken]<h2>Checks</h2>[checks $checks]"
    puts $channel "<h2>Source coverage</h2>[coverage $files]<h2>Figures</h2>[all_figures $figures]</body></html>"
    close $channel
    file rename -force $path.new $path
}
