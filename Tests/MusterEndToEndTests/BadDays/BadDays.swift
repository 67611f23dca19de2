import Testing

/// Days on which something breaks under the real programs: crashes, full and failing disks, copies put back, damage. After each the events
/// are accounted for. One after the other: most of them keep the machine busy.
@Suite(.serialized, .fewAtATime) enum BadDays {}
