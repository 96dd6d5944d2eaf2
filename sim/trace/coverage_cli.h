#ifndef ASSAY_SIM_TRACE_COVERAGE_CLI_H
#define ASSAY_SIM_TRACE_COVERAGE_CLI_H

/** assay coverage lines PART OUT.info FILE...: @p argv[0] is "coverage". @return 0, or 2 after one line on stderr. */
int coverage_main(int argc, char **argv);

#endif
