import CMalloc

/// How glibc keeps the server's memory; set before the first connection is there.
///
/// NIOSSL has two buffers for each connection, of 32 and 16 KiB, and fills a page or two of each. Cut out of memory that documents have
/// used and left, all their pages count; mapped apart, only those that were filled. What a document takes is given back at once, too.
enum ServerAllocator {
    /// From so many bytes on memory is mapped apart: half of the smaller buffer. glibc maps only what finds no room in memory that is free,
    /// and with the buffer's own size two chunks of a document (8 KiB) that were freed side by side are such room.
    static let mappedFrom: Int32 = 8 * 1024
    /// Mappings at once: two for each of 15,000 connections, and 10,000 for everything else. The system allows a process 65,530; past this
    /// figure memory comes as if nothing were set here.
    private static let maximumMappings: Int32 = 40_000

    static func prepare() {
        mallopt(M_MMAP_THRESHOLD, mappedFrom)
        mallopt(M_MMAP_MAX, maximumMappings)
    }
}
