#include "CFileStatus.h"

#include <errno.h>
#include <sys/stat.h>

int muster_file_status_read(const char *path, int follows_links, struct muster_file_status *result) {
    struct stat status;
    if ((follows_links ? stat(path, &status) : lstat(path, &status)) != 0) {
        return errno;
    }
    result->device = (uint64_t)status.st_dev;
    result->inode = (uint64_t)status.st_ino;
    result->mode = (uint32_t)status.st_mode;
    result->owner = (uint32_t)status.st_uid;
    result->size = (int64_t)status.st_size;
    result->modified_seconds = (int64_t)status.st_mtim.tv_sec;
    result->modified_nanoseconds = (int64_t)status.st_mtim.tv_nsec;
    return 0;
}
