// What starting a process takes of the system and Swift does not see: extensions of glibc and Linux.
#ifndef MUSTER_PROCESS_H
#define MUSTER_PROCESS_H

// Nothing is included here: types that come along would be this module's own to Swift, and not those of the C library.

/// In a session of its own: a flag of `posix_spawnattr_setflags`.
short muster_spawn_setsid(void);
/// Closes that descriptor and all above it; `actions` is a `posix_spawn_file_actions_t`.
int muster_spawn_add_closefrom(void *actions, int from);
int muster_spawn_add_chdir(void *actions, const char *directory);

/// A pipe that no program started meanwhile inherits.
int muster_pipe(int ends[2]);
/// A smaller one where the system does not allow it.
void muster_pipe_set_size(int end, int bytes);
/// A file in memory, without a name.
int muster_memory_file(const char *label);

#endif
