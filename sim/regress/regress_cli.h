#ifndef ASSAY_SIM_REGRESS_REGRESS_CLI_H
#define ASSAY_SIM_REGRESS_REGRESS_CLI_H

/** assay regress ...: @p argv[0] is "regress". @return the exit status: 0 all passed, 1 something failed or was interrupted, 2 bad usage or input. */
int regress_main(int argc, char **argv);

#endif
