proc regress::signoff_main {options} { refuse "not yet" }
