import CZlib
import Foundation

/// A directory of its own for one test, removed with the value.
final class ScratchDirectory {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "descent-data-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return file
  }
}

/// The bytes of an IDX file.
func idxFile(type: UInt8 = 8, dimensions: [Int], elements: [UInt8]) -> [UInt8] {
  let sizes = dimensions.flatMap { size in
    stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: size >> $0) }
  }
  return [0, 0, type, UInt8(dimensions.count)] + sizes + elements
}

/// The bytes as one gzip member.
func gzipped(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  deflateInit2_(
    &stream,
    6,
    Z_DEFLATED,
    16 + MAX_WBITS,
    8,
    Z_DEFAULT_STRATEGY,
    ZLIB_VERSION,
    CInt(MemoryLayout<z_stream>.size)
  )
  defer { deflateEnd(&stream) }
  var source = bytes
  var target = [UInt8](repeating: 0, count: bytes.count + 1_000)
  let count = source.withUnsafeMutableBufferPointer { source in
    target.withUnsafeMutableBufferPointer { target in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      stream.next_out = target.baseAddress
      stream.avail_out = UInt32(target.count)
      deflate(&stream, Z_FINISH)
      return target.count - Int(stream.avail_out)
    }
  }
  return Array(target[..<count])
}

/// Sixty 2x3 training images and twelve test images of three classes; pixels count up.
func writeSmallSet(in scratch: ScratchDirectory, compress: Bool = false, dot: Bool = false) throws {
  for (prefix, count) in [("train", 60), ("t10k", 12)] {
    let pixels = (0..<count * 6).map { UInt8(truncatingIfNeeded: $0) }
    let labels = (0..<count).map { UInt8($0 % 3) }
    let files = [
      ("images", 3, idxFile(dimensions: [count, 2, 3], elements: pixels)),
      ("labels", 1, idxFile(dimensions: [count], elements: labels)),
    ]
    for (content, rank, bytes) in files {
      let name = "\(prefix)-\(content)\(dot ? "." : "-")idx\(rank)-ubyte"
      try scratch.write(
        compress ? gzipped(bytes) : bytes,
        to: compress ? name + ".gz" : name
      )
    }
  }
}
