/// A screen without a terminal: it keeps what was shown and hands out keys from a queue.
package final class BufferScreen: Screen {
  package private(set) var size: Size
  package var colorDepth: ColorDepth
  /// What was shown last; nil before the first time.
  package private(set) var lastCanvas: Canvas?
  /// How often something was shown.
  package private(set) var presentCount = 0
  /// Cells that a terminal would have had to be sent, over all presents.
  package private(set) var changedCells = 0
  /// Keys that `nextKey` will answer, first one first.
  package private(set) var queuedKeys: [Key] = []

  package init(size: Size, colorDepth: ColorDepth = .full, keys: [Key] = []) {
    self.size = size
    self.colorDepth = colorDepth
    queuedKeys = keys
  }

  /// Adds keys behind those that wait.
  package func queue(_ keys: [Key]) {
    queuedKeys += keys
  }

  /// Gives the screen a new size, which the user of the screen hears as a key.
  package func resize(to newSize: Size) {
    size = newSize
    queuedKeys.append(.resize)
  }

  package func present(_ canvas: Canvas) {
    presentCount += 1
    if let lastCanvas, lastCanvas.size == canvas.size {
      changedCells += zip(lastCanvas.cells, canvas.cells).count { $0 != $1 }
    } else {
      changedCells += canvas.cells.count
    }
    lastCanvas = canvas
  }

  /// The next queued key.
  ///
  /// Never waits.
  package func nextKey(waiting seconds: Double) -> Key? {
    queuedKeys.isEmpty ? nil : queuedKeys.removeFirst()
  }

  /// What stands on the screen, as `Canvas.text()` tells it.
  package var text: String { lastCanvas?.text() ?? "" }
}
