#define _GNU_SOURCE
#include "CProcess.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

short muster_spawn_setsid(void) { return POSIX_SPAWN_SETSID; }

int muster_spawn_add_closefrom(void *actions, int from) {
    return posix_spawn_file_actions_addclosefrom_np(actions, from);
}

int muster_spawn_add_chdir(void *actions, const char *directory) {
    return posix_spawn_file_actions_addchdir_np(actions, directory);
}

int muster_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

void muster_pipe_set_size(int end, int bytes) { fcntl(end, F_SETPIPE_SZ, bytes); }

int muster_memory_file(const char *label) { return memfd_create(label, MFD_CLOEXEC); }
