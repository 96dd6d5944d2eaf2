/* `assay snapshot`: looks into a snapshot volume's file. */
#ifndef HYPERVISOR_SNAPSHOT_NATIVE_SNAPSHOT_CLI_H
#define HYPERVISOR_SNAPSHOT_NATIVE_SNAPSHOT_CLI_H

/** @return exit status: 0; 1 for a snapshot that does not verify or a difference; 2 for bad usage or input. */
int snapshot_main(int argc, char **argv);

#endif
