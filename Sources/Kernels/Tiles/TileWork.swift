/// How much a product of tiles multiplies, and how much of it was asked for.
struct TileWork {
  /// Results with fewer rows than this are not worth the packing of the right operand.
  static let leastPixels = 96

  /// Rows of the result, or of the operands where their transpose is multiplied.
  let pixels: Int
  /// Multiply-adds that were asked for.
  let asked: Int
  /// What the matrix unit does: whole tiles.
  let inTiles: Int
  /// What vectors do: whole pairs and whole vectors of columns, no row too many.
  let inVectors: Int

  /// False for few rows, and where too much would be multiplied that was not asked for: the matrix
  /// unit is fast enough for four times as much, vectors for half as much again.
  func isWorthwhile(on unit: MatrixTiles.Unit) -> Bool {
    if pixels < TileWork.leastPixels { return false }
    return unit.leads ? inTiles <= 4 * asked : 2 * inVectors <= 3 * asked
  }
}
