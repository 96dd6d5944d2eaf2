/* `assay discover` as a program of its own. */
#include "hypervisor/discover/discover_cli.h"

int main(int argc, char **argv)
{
	return discover_main(argc, argv);
}
