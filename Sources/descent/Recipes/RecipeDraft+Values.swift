import Telemetry

/// Reading single settings, every value checked.
extension RecipeDraft {
  /// What a setting says that may also be `none`; nil for that, and where nothing is said.
  func text(_ key: RecipeKey) -> String? {
    self[key].flatMap { $0 == "none" ? nil : $0 }
  }

  /// A whole number above zero.
  ///
  /// - Throws: `UsageError.notPositive`.
  func count(_ key: RecipeKey) throws -> Int? {
    guard let text = text(key) else { return nil }
    guard let value = Int(text), value > 0 else {
      throw UsageError.notPositive(option: label(key), value: text)
    }
    return value
  }

  /// A number above zero.
  ///
  /// - Throws: `UsageError.notPositive`.
  func positive(_ key: RecipeKey) throws -> Double? {
    guard let text = text(key) else { return nil }
    guard let value = Double(text), value > 0, value.isFinite else {
      throw UsageError.notPositive(option: label(key), value: text)
    }
    return value
  }

  /// A number from zero on.
  ///
  /// - Throws: `UsageError.outOfRange`.
  func number(_ key: RecipeKey) throws -> Double? {
    guard let text = text(key) else { return nil }
    guard let value = Double(text), value >= 0, value.isFinite else {
      throw UsageError.outOfRange(option: label(key), value: text, range: "0 or more")
    }
    return value
  }

  /// A number from zero to below one.
  ///
  /// - Throws: `UsageError.outOfRange`.
  func share(_ key: RecipeKey) throws -> Double? {
    guard let text = text(key) else { return nil }
    guard let value = Double(text), value >= 0, value < 1 else {
      throw UsageError.outOfRange(option: label(key), value: text, range: "from 0 to below 1")
    }
    return value
  }

  /// - Throws: `UsageError.unreadable`.
  func truth(_ key: RecipeKey) throws -> Bool? {
    guard let text = self[key] else { return nil }
    guard let value = Bool(text) else { throw unreadable(key, "true or false") }
    return value
  }

  /// One of an enumeration's words.
  ///
  /// - Throws: `UsageError.unreadable` with all of them.
  func word<Word: RawRepresentable & CaseIterable>(
    _ key: RecipeKey,
    as _: Word.Type = Word.self
  ) throws -> Word? where Word.RawValue == String {
    guard let text = self[key] else { return nil }
    guard let word = Word(rawValue: text) else {
      let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
      throw unreadable(key, "one of \(known)")
    }
    return word
  }

  /// A value that an initializer reads.
  ///
  /// - Throws: `UsageError.unreadable`.
  func value<Value>(
    _ key: RecipeKey,
    wanted: String,
    _ read: (String) -> Value?
  ) throws -> Value? {
    guard let text = text(key) else { return nil }
    guard let value = read(text) else { throw unreadable(key, wanted) }
    return value
  }

  func unreadable(_ key: RecipeKey, _ wanted: String) -> UsageError {
    .unreadable(option: label(key), value: self[key] ?? "", wanted: wanted)
  }
}
