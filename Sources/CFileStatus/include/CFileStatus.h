// What lstat and stat tell, as a type of our own: in Swift the type `stat` of the C library belongs to whichever module imported its
// header first, and with strict visibility of members a file may see it or not by what else was compiled beside it.
#ifndef MUSTER_FILE_STATUS_H
#define MUSTER_FILE_STATUS_H

#include <stdint.h>

struct muster_file_status {
    uint64_t device;
    uint64_t inode;
    uint32_t mode;
    uint32_t owner;
    int64_t size;
    int64_t modified_seconds;
    int64_t modified_nanoseconds;
};

// 0, or the number of the error.
int muster_file_status_read(const char *path, int follows_links, struct muster_file_status *result);

#endif
