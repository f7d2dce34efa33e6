import Testing

/// The built program, driven as a person or a script drives it.
///
/// One test at a time: the machine's
/// processors are shared by everything that runs.
@Suite(.serialized)
enum EndToEnd {}
