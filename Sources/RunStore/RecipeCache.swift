import Dispatch
import Synchronization
import Telemetry

/// Recipes that were decoded before, so that a list that is read again and again decodes each once.
///
/// Decoding the JSON of 10,000 recipes takes far longer than reading their rows.
final class RecipeCache: Sendable {
  /// One recipe, and how often its run had been started: only a start changes a recipe.
  private struct Entry {
    let starts: Int
    let recipe: Recipe
  }

  private let entries = Mutex<[RunID: Entry]>([:])

  /// Gives each row its recipe.
  func fill(_ rows: inout [RunRow]) throws {
    let known = entries.withLock { $0 }
    var missing: [Int] = []
    for index in rows.indices {
      if let entry = known[rows[index].summary.id], entry.starts == rows[index].starts {
        rows[index].summary.description.recipe = entry.recipe
      } else {
        missing.append(index)
      }
    }
    guard !missing.isEmpty else { return }
    let recipes = try Self.decoded(missing.map { rows[$0].recipeText })
    for (index, recipe) in zip(missing, recipes) {
      rows[index].summary.description.recipe = recipe
    }
    entries.withLock { entries in
      for index in missing {
        let row = rows[index]
        entries[row.summary.id] = Entry(
          starts: row.starts,
          recipe: row.summary.description.recipe
        )
      }
    }
  }

  /// Decodes the texts, many in one call and several calls at once.
  private static func decoded(_ texts: [String]) throws -> [Recipe] {
    let size = 1_000
    let parts = (texts.count + size - 1) / size
    let results = Mutex([Result<[Recipe], any Error>](repeating: .success([]), count: parts))
    DispatchQueue.concurrentPerform(iterations: parts) { part in
      let range = part * size..<min((part + 1) * size, texts.count)
      let array = "[\(texts[range].joined(separator: ","))]"
      let result = Result { try StoredJSON.value([Recipe].self, from: array) }
      results.withLock { $0[part] = result }
    }
    return try results.withLock { $0 }.flatMap { try $0.get() }
  }
}
