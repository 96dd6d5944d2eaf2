#ifndef ASSAY_SIM_REGRESS_REGRESS_CLI_H
#define ASSAY_SIM_REGRESS_REGRESS_CLI_H

/** assay regress ...: @p argv[0] is "regress".
 * @param publish told now and then what the run is doing (for `assay status`), and NULL at the end
 * @return the exit status: 0 all passed, 1 something failed or was interrupted, 2 bad usage or input. */
int regress_main(int argc, char **argv, void (*publish)(const char *text));

#endif
