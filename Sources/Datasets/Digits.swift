/// The built-in data set: 1,797 handwritten digits of 8x8 grey pixels.
///
/// Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
/// Learning Repository, 1998, doi 10.24432/C50P49, licence CC BY 4.0: the test part, as also
/// distributed with scikit-learn. Each pixel counts the ink dots of a 4x4 field: 0 ... 16. The set
/// has no splits of its own: 20 % are drawn for testing, by seed.
enum Digits {
  /// Loads the set from the program itself.
  static func load(validationShare: Double, seed: UInt64) throws -> ImageSet {
    let path = "digits.csv.gz"
    let text = try Gzip.decompressed(PackageResources.digits_csv_gz, path: path)
    var pixels: [UInt8] = []
    var labels: [Int32] = []
    for line in text.split(separator: UInt8(ascii: "\n")) {
      let values = line.split(separator: UInt8(ascii: ",")).map(number)
      precondition(values.count == 65, "a row of the built-in digits is 64 pixels and a label")
      pixels += values[..<64].map { UInt8($0) }
      labels.append(Int32(values[64]))
    }
    return try ImageSet(
      name: "digits",
      shape: (8, 8, 1),
      classNames: (0..<10).map(String.init),
      pixels: .bytes(pixels),
      scale: 16,
      labels: labels,
      testShare: 0.2,
      validationShare: validationShare,
      seed: seed
    )
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int {
    digits.reduce(0) { 10 * $0 + Int($1) - Int(UInt8(ascii: "0")) }
  }
}
