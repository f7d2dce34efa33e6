import Foundation

/// IDX files as MNIST has them, with images that are easy to tell apart.
struct ImageFiles {
  var side = 12
  var train = 240
  var test = 60
  var classes = 3

  static let trainImages = "train-images-idx3-ubyte"
  static let trainLabels = "train-labels-idx1-ubyte"
  static let testImages = "t10k-images-idx3-ubyte"
  static let testLabels = "t10k-labels-idx1-ubyte"

  /// Writes the four files into a folder of the workspace and returns its path.
  func write(to workspace: Workspace, folder: String = "images") throws -> String {
    let files = [
      (ImageFiles.trainImages, images(train)), (ImageFiles.trainLabels, labels(train)),
      (ImageFiles.testImages, images(test)), (ImageFiles.testLabels, labels(test)),
    ]
    for (name, data) in files { _ = try workspace.write(data, to: folder + "/" + name) }
    return workspace.directory + "/" + folder
  }

  /// A header of so many dimensions, and the bytes.
  private func file(_ dimensions: [Int], _ bytes: [UInt8]) -> Data {
    var data = Data([0, 0, 8, UInt8(dimensions.count)])
    for count in dimensions {
      for shift in [24, 16, 8, 0] { data.append(UInt8((count >> shift) & 255)) }
    }
    return data + Data(bytes)
  }

  func labels(_ count: Int) -> Data {
    file([count], (0..<count).map { UInt8($0 % classes) })
  }

  /// Each class has a bright band at a height of its own, over noise.
  func images(_ count: Int) -> Data {
    var noise: UInt32 = 1
    var bytes: [UInt8] = []
    for index in 0..<count {
      for row in 0..<side {
        for _ in 0..<side {
          noise = noise &* 1_664_525 &+ 1_013_904_223
          let isBright = row * classes / side == index % classes
          bytes.append(UInt8(noise >> 26) + (isBright ? 120 : 0))
        }
      }
    }
    return file([count, side, side], bytes)
  }
}
