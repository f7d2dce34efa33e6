import CIntrinsics

/// Products of bf16 values by a processor's matrix unit, tiles of 16 × 32 by 32 × 16 values with
/// f32 sums.
///
/// docs/KERNELS-tiles.md says how they are made of tiles, and which are not.
package enum MatrixTiles {
  /// What computes the tiles.
  package enum Unit: Sendable, Hashable, CaseIterable {
    /// The processor's instructions.
    case processor
    /// The processor's vectors, where they multiply pairs of bf16 faster than f32.
    case vectors
    /// Plain code that does what the instructions are documented to do, for tests: it is slow.
    case simulation

    /// Whether it is ahead of every other way; vectors are behind products that multiply less.
    var leads: Bool { self != .vectors }
  }

  /// Whether processor and system have the instructions, and they computed a known product right.
  package static let isAvailable = request_matrix_tiles() != 0 && computesCheck(on: .processor)

  /// Whether the program was compiled for a processor that multiplies pairs of bf16 by vectors.
  package static let hasPairs = has_bfloat_dot() != 0

  /// Whether the processor's vectors are worth tiles of pairs, and computed a known product right.
  package static let hasVectors = has_fast_pair_vectors() != 0 && computesCheck(on: .vectors)

  /// What bf16 convolutions and products of the calling thread use; nil for the portable way.
  ///
  /// A test sets it with `$unit.withValue`.
  @TaskLocal
  package static var unit: Unit? =
    MatrixTiles.isAvailable ? .processor : MatrixTiles.hasVectors ? .vectors : nil

  /// What products of activations of a type use; nil for the portable way.
  static func unit(for type: ElementType) -> Unit? { type == .bf16 ? unit : nil }
}

extension MatrixTiles.Unit {
  fileprivate var kind: matrix_tile_kind {
    switch self {
    case .processor: INSTRUCTED_TILES
    case .vectors: VECTOR_TILES
    case .simulation: SIMULATED_TILES
    }
  }
}

/// A unit that is ready, within one piece of work of one thread.
struct ReadyTiles {
  private var unit: matrix_tile_unit

  /// `registers`: 64-byte aligned memory for the simulation, `simulated_tile_bytes` of it.
  init(_ unit: MatrixTiles.Unit, registers: UnsafeMutableRawPointer) {
    self.unit = matrix_tile_unit(kind: unit.kind, registers: registers)
    begin_matrix_tiles(&self.unit)
  }

  /// Gives the unit back.
  mutating func end() { end_matrix_tiles(&unit) }

  /// Computes a product of one or two tiles each of rows, as `product` wants, and of columns.
  mutating func multiply(_ product: inout matrix_tile_product, columns: Int) {
    multiply_matrix_tiles(&unit, &product, columns)
  }
}
