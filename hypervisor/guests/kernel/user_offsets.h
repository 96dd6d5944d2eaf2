/* Where struct user_frame keeps what assembly touches; user.h asserts it. */
#ifndef HYPERVISOR_GUESTS_KERNEL_USER_OFFSETS_H
#define HYPERVISOR_GUESTS_KERNEL_USER_OFFSETS_H

#define USER_X 0
#define USER_PC 256
#define USER_CAUSE 264
#define USER_VALUE 272
#define USER_KERNEL_SP 280

#endif
