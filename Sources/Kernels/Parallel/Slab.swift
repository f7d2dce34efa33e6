#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// One block of memory that owns everything a run computes with: it is mapped once, before the
/// first step, and cut into slices by whoever planned it.
///
/// Pages are zero until written, so a slab's untouched parts cost no memory.
package final class Slab: @unchecked Sendable {
  /// Size in bytes, a multiple of `Slab.alignment`.
  package let byteCount: Int
  private let base: UnsafeMutableRawPointer

  /// Every slice starts at a multiple of this: a cache line, and one 512-bit vector.
  package static let alignment = 64

  /// Maps `byteCount` bytes, rounded up to the alignment; nil when the system has no such block.
  package init?(byteCount: Int) {
    let rounded = Slab.aligned(max(byteCount, 1))
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard
      let mapped = mmap(nil, rounded, PROT_READ | PROT_WRITE, flags, -1, 0), mapped != MAP_FAILED
    else { return nil }
    base = mapped
    self.byteCount = rounded
    // Huge pages halve the misses of the address translation on large activations.
    madvise(base, rounded, MADV_HUGEPAGE)
  }

  deinit {
    munmap(base, byteCount)
  }

  /// `byteCount` rounded up to the alignment.
  package static func aligned(_ byteCount: Int) -> Int {
    (byteCount + alignment - 1) / alignment * alignment
  }

  /// The slice of `count` floats at `offset` bytes.
  package func floats(at offset: Int, count: Int) -> Floats {
    check(offset, count * MemoryLayout<Float>.stride)
    return Floats(
      base: (base + offset).bindMemory(to: Float.self, capacity: count),
      count: count
    )
  }

  /// The slice of `count` bytes at `offset` bytes.
  package func bytes(at offset: Int, count: Int) -> Bytes {
    check(offset, count)
    return Bytes(base: (base + offset).bindMemory(to: UInt8.self, capacity: count), count: count)
  }

  private func check(_ offset: Int, _ length: Int) {
    require(
      offset >= 0 && length >= 0 && offset + length <= byteCount && offset % Slab.alignment == 0,
      "slice of \(length) bytes at \(offset) in a slab of \(byteCount)"
    )
  }
}

/// A run of f32 values in a slab: where a kernel reads or writes.
///
/// It does not own the memory: whoever holds the slab keeps it alive. It is the one type through
/// which modules above hand memory to kernels; what is at which index is said where it is used.
package struct Floats: @unchecked Sendable {
  package let base: UnsafeMutablePointer<Float>
  package let count: Int

  package init(base: UnsafeMutablePointer<Float>, count: Int) {
    self.base = base
    self.count = count
  }

  package subscript(index: Int) -> Float {
    get { base[index] }
    nonmutating set { base[index] = newValue }
  }

  /// The values `range`, in the same memory.
  package subscript(range: Range<Int>) -> Floats {
    require(
      range.lowerBound >= 0 && range.upperBound <= count,
      "slice \(range) of \(count) values"
    )
    return Floats(base: base + range.lowerBound, count: range.count)
  }

  package func fill(_ value: Float) {
    base.update(repeating: value, count: count)
  }

  package func copy(from source: Floats) {
    require(source.count == count, "copying \(source.count) values over \(count)")
    base.update(from: source.base, count: count)
  }
}

/// A run of bytes in a slab, for what is smaller than a float: indices of a pooling window.
package struct Bytes: @unchecked Sendable {
  package let base: UnsafeMutablePointer<UInt8>
  package let count: Int

  package init(base: UnsafeMutablePointer<UInt8>, count: Int) {
    self.base = base
    self.count = count
  }
}

/// A check that stays in unchecked builds: sizes are compared once an entry point, not a loop.
@inline(__always)
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fatalError(message()) }
}
