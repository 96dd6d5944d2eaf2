/* Memory of a differential program; shared by the generator and its run-time support. Physical addresses. */
#ifndef ASSAY_TESTBENCH_UNIT_HART_DIFF_LAYOUT_H
#define ASSAY_TESTBENCH_UNIT_HART_DIFF_LAYOUT_H

#define DIFF_BASE 0x80000000	/* run-time support (runtime.S), then the parameters */
#define DIFF_SUPERVISOR_HANDLER 0x80000180	/* where traps to S-, HS- and VS-mode go */
#define DIFF_FINISH 0x80001000	/* where the body ends */
#define DIFF_PARAMETERS 0x80002000
#define DIFF_BODY 0x80004000	/* slots */
#define DIFF_SLOT_BYTES 256
#define DIFF_DATA 0x80100000	/* data of programs without translation */
#define DIFF_DATA_BYTES 0x2000
#define DIFF_PAGES 0x80110000	/* pages behind the test window */
#define DIFF_PAGE_COUNT 32
#define DIFF_TABLES 0x80140000	/* page tables */
#define DIFF_TABLE_BYTES 0xc000	/* what the signature covers */
#define DIFF_LOG 0x80200000
#define DIFF_SUPERPAGE 0x80400000	/* what the window's megapages lead to, well or badly aligned */
#define DIFF_IMAGE_BYTES 0x150000
#define DIFF_RECORD_WORDS 20

/* Virtual: the window of test pages, and the alias under which user mode sees this code. */
#define DIFF_WINDOW 0x140000000	/* nothing there on either machine when translation is off */
#define DIFF_USER_ALIAS 0x40000000	/* added to DIFF_BASE */

/* Parameters, 64-bit words. */
#define DIFF_PARAMETER_LOG_H 0		/* log the hypervisor's registers */
#define DIFF_PARAMETER_SUMS 8		/* regions to sum up at the end: 0 data, 1 also pages and tables */
#define DIFF_PARAMETER_REGISTERS 16	/* initial x1..x31 */

#endif
