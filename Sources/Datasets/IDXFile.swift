import Foundation

/// One IDX file of unsigned bytes, read and checked: the format of MNIST and its relatives.
///
/// Layout: bytes 0 0, a type byte (8: unsigned byte), the number of dimensions, each dimension as a
/// big-endian 32-bit number, then the elements, row-major. The file may be compressed with gzip
/// whatever its name says.
struct IDXFile {
  let path: String
  /// Outermost first: count, height, width and, where there are four, channels.
  let dimensions: [Int]
  let elements: ArraySlice<UInt8>

  /// Reads the file.
  ///
  /// - Throws: `DatasetError`, also where the file holds something else than `content`.
  init(path: String, content: IDXContent) throws {
    var bytes = try Self.contents(of: path)
    if Gzip.isCompressed(bytes) { bytes = try Gzip.decompressed(bytes, path: path) }
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, bytes[3] > 0 else {
      throw DatasetError.notIDX(path: path)
    }
    guard bytes[2] == 8 else {
      throw DatasetError.wrongElementType(path: path, type: bytes[2])
    }
    let dimensionCount = Int(bytes[3])
    guard (content == .images ? 3...4 : 1...1).contains(dimensionCount) else {
      throw DatasetError.wrongDimensions(path: path, found: dimensionCount, wanted: content)
    }
    let start = 4 + 4 * dimensionCount
    guard bytes.count >= start else {
      throw DatasetError.truncated(path: path, expected: start, actual: bytes.count)
    }
    let dimensions = stride(from: 4, to: start, by: 4).map { offset in
      bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    let expected = Self.size(start: start, dimensions: dimensions)
    guard bytes.count >= expected else {
      throw DatasetError.truncated(path: path, expected: expected, actual: bytes.count)
    }
    guard bytes.count == expected else {
      throw DatasetError.extraBytes(path: path, extra: bytes.count - expected)
    }
    guard expected > start else { throw DatasetError.empty(path: path) }
    self.path = path
    self.dimensions = dimensions
    elements = bytes[start...]
  }

  /// The size a file must have; `Int.max` where no file can be that long.
  private static func size(start: Int, dimensions: [Int]) -> Int {
    var product = 1
    for dimension in dimensions {
      let (result, overflow) = product.multipliedReportingOverflow(by: dimension)
      if overflow { return .max }
      product = result
    }
    let (sum, overflow) = product.addingReportingOverflow(start)
    return overflow ? .max : sum
  }

  private static func contents(of path: String) throws -> [UInt8] {
    do {
      return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw DatasetError.unreadable(path: path, reason: error.localizedDescription)
    }
  }
}
