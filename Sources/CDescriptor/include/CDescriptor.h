// Handing an open file to another process: its macros are not seen by Swift.
#ifndef MUSTER_DESCRIPTOR_H
#define MUSTER_DESCRIPTOR_H

/// Sends a descriptor, with one byte 0, over a Unix socket. - Returns: 0, or -1 with errno.
int muster_send_descriptor(int socket, int descriptor);

#endif
