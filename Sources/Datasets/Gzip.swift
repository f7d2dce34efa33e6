import CZlib
import Foundation

/// Decompression of gzip files.
enum Gzip {
  /// Whether the bytes start like a gzip member.
  static func isCompressed(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: [0x1f, 0x8b])
  }

  /// The decompressed content of all members; `path` is for errors.
  ///
  /// - Throws: `DatasetError.damagedGzip` and `.truncatedGzip`.
  static func decompressed(_ compressed: [UInt8], path: String) throws -> [UInt8] {
    var stream = z_stream()
    // 16 added to the window bits means: gzip's frame, with its checksum.
    let status = inflateInit2_(
      &stream,
      16 + MAX_WBITS,
      ZLIB_VERSION,
      CInt(MemoryLayout<z_stream>.size)
    )
    guard status == Z_OK else {
      throw DatasetError.damagedGzip(path: path, reason: "zlib cannot start (\(status))")
    }
    defer { inflateEnd(&stream) }
    return try compressed.withUnsafeBufferPointer { source in
      try inflateMembers(of: source, with: &stream, path: path)
    }
  }

  private static func inflateMembers(
    of source: UnsafeBufferPointer<UInt8>,
    with stream: inout z_stream,
    path: String
  ) throws -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(source.count * 4)
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
    stream.avail_in = UInt32(source.count)
    while true {
      let (status, written) = piece.withUnsafeMutableBufferPointer { room in
        stream.next_out = room.baseAddress
        stream.avail_out = UInt32(room.count)
        return (inflate(&stream, Z_NO_FLUSH), room.count - Int(stream.avail_out))
      }
      output += piece[0..<written]
      switch status {
      case Z_OK: continue
      case Z_STREAM_END:
        if stream.avail_in == 0 { return output }
        // Another member follows: gzip files may be put one after another.
        guard inflateReset(&stream) == Z_OK else {
          throw DatasetError.damagedGzip(path: path, reason: "zlib cannot go on")
        }
      case Z_BUF_ERROR:
        throw DatasetError.truncatedGzip(path: path)
      default:
        let reason = stream.msg.map { String(cString: $0) } ?? "zlib error \(status)"
        throw DatasetError.damagedGzip(path: path, reason: reason)
      }
    }
  }
}
