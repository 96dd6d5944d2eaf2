# Workers: one process group a job, on this machine or through Slurm's srun. A job's standard output and error go to DIRECTORY/log.

namespace eval worker {
    variable prefix {}
}

# Says in one line what is missing for a backend.
proc worker::prepare {backend} {
    variable prefix {}
    if {$backend eq "local"} {
        return
    }
    foreach tool {srun sinfo} {
        if {[auto_execok $tool] eq ""} {
            regress::refuse "backend slurm: $tool is missing (Debian's slurm-client)"
        }
    }
    if {[catch {exec timeout 20 sinfo --noheader --format=%D --states=idle,mixed,allocated 2>@1} nodes] || [string trim $nodes] eq ""} {
        regress::refuse "backend slurm: no node takes jobs: [lindex [split [string trim $nodes] \n] 0]"
    }
    set prefix [list srun --quiet --ntasks=1 --cpus-per-task=1 --job-name=assay --]
}

# Starts ARGV; environment: list of NAME=VALUE. -> process id. The log's first line is the command.
proc worker::start {argv environment directory} {
    variable prefix
    file mkdir $directory
    return [spawn::start [concat $prefix $argv] $environment $directory/log]
}

# Whether the process PID is still the worker of the job in DIRECTORY: process ids are used again.
proc worker::is_alive {pid directory} {
    if {[catch {
        set channel [open /proc/$pid/environ rb]
        set environment [read $channel]
        close $channel
    }]} {
        return 0
    }
    return [expr {[string first "ASSAY_JOB=[file normalize $directory]\0" $environment] >= 0}]
}

# A log without what srun says in it.
proc worker::log_text {log} {
    if {[catch {regress::read_file $log} text]} {
        return ""
    }
    return [string trim [regsub -all -line {^srun: .*$} $text ""]]
}

# What a log says last.
proc worker::last_line {log} {
    return [string trim [lindex [split [log_text $log] \n] end]]
}
