# One picture of waves with the events of the run, and the GTKWave view of the same signals.

namespace eval view {}

# Writes NAME.png and NAME.gtkw: `signals` of the wave file from cycle `from` to `to`, with the events of the log that match `only`.
proc view::draw {build waves log name title signals from to only} {
    exec $build/assay wave draw $waves $name.png {*}$signals --from $from --to $to --events $log --only $only --title $title >@stdout 2>@stderr
    set channel [open $name.gtkw w]
    puts $channel "\[dumpfile\] \"[file normalize $waves]\"\n\[timestart\] $from\n@200\n-$title\n@22\n[join $signals \n]"
    close $channel
}
