proc regress::testplan_main {options} { refuse "not yet" }
proc regress::signoff_main {options} { refuse "not yet" }
