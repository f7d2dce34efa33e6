import Foundation
import Terminal
import Testing

/// Compares what is drawn with a text file under Snapshots.
///
/// DESCENT_RECORD_SNAPSHOTS=1 writes the files anew; look at the difference before keeping it.
func expectSnapshot(
  _ canvas: Canvas,
  named name: String,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let file = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Snapshots/\(name).txt")
  let drawn = canvas.text()
  if ProcessInfo.processInfo.environment["DESCENT_RECORD_SNAPSHOTS"] == "1" {
    try drawn.write(to: file, atomically: true, encoding: .utf8)
    return
  }
  let kept = try String(contentsOf: file, encoding: .utf8)
  #expect(
    drawn == kept,
    "\(name) is drawn otherwise than in its snapshot:\n\(drawn)",
    sourceLocation: sourceLocation
  )
}
